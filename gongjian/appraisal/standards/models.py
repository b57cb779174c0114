from django.db import models
from django.db.models import Q

from gongjian.records.orgs.models import Organisation


class Occurrence(models.Model):
    """发生记录: one thing that a duty counts — held, planned or called off — kept from facts by the listener.

    `matched` names what is counted (see `rules.match_key`): duties that count the same thing share its occurrences.
    """

    STATES = (("planned", "已计划"), ("done", "已完成"), ("withdrawn", "已取消"))

    matched = models.CharField("计入的事项", max_length=300)
    object_kind = models.CharField("对象种类", max_length=40)
    object_id = models.CharField("对象编号", max_length=40)
    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    on = models.DateField("日期", db_column="on_day")
    counts_for = models.CharField("计入周期", max_length=7, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=STATES)

    class Meta:
        verbose_name = "发生记录"
        constraints = [
            models.UniqueConstraint(fields=["matched", "object_kind", "object_id"], name="occurrence_once"),
        ]
        indexes = [
            models.Index(fields=["matched", "on"], name="occurrence_on", condition=Q(counts_for="")),
            models.Index(fields=["matched", "counts_for"], name="occurrence_for", condition=~Q(counts_for="")),
            models.Index(fields=["org", "matched", "on"], name="occurrence_org"),
        ]

    def __str__(self) -> str:
        return f"{self.object_kind}:{self.object_id} {self.on} {self.state}"


class Watched(models.Model):
    """已跟踪的事项: what the listener has collected from the stream's beginning; anything new asks for a replay."""

    matched = models.CharField(max_length=300, primary_key=True)

    def __str__(self) -> str:
        return self.matched


class Standing(models.Model):
    """达标情况: where an organisation stands with a duty in a period; no row where the duty asks nothing of it.

    All columns follow from the occurrences, the organisation, the pack and the day on which it was judged.
    """

    STATES = (
        ("kept", "已达标"), ("on_track", "进行中"), ("at_risk", "预警"), ("short", "不达标"), ("made_good", "已补"),
        ("waived", "已免除"), ("on_hold", "暂缓"),
    )  # fmt: skip
    OPEN = ("on_track", "at_risk", "short")

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    duty = models.CharField("规定动作", max_length=60)
    period = models.CharField("周期", max_length=7)
    required = models.PositiveSmallIntegerField("应完成")
    done = models.PositiveIntegerField("已完成")
    planned = models.PositiveIntegerField("已计划")
    state = models.CharField("状态", max_length=10, choices=STATES)
    since = models.DateField("自")
    due_on = models.DateField("截止日")
    made_good_on = models.DateField("补开日期", null=True)
    pack_version = models.CharField("政策包版本", max_length=40)

    class Meta:
        verbose_name = "达标情况"
        constraints = [models.UniqueConstraint(fields=["org", "duty", "period"], name="standing_one")]
        indexes = [
            models.Index(fields=["duty", "period", "state"], name="standing_duty"),
            models.Index(fields=["state", "due_on", "org"], name="standing_state"),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.duty} {self.period} {self.state}"

    @property
    def missing(self) -> int:
        """How many are neither held nor planned."""
        return max(0, self.required - self.done - self.planned)


class Case(models.Model):
    """督办: what is done about a standing that is at risk or short; it closes itself when the duty is kept."""

    STATES = (("open", "督促中"), ("escalated", "已上报"), ("closed", "已办结"))

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    duty = models.CharField("规定动作", max_length=60)
    period = models.CharField("周期", max_length=7)
    due_on = models.DateField("截止日")
    state = models.CharField("状态", max_length=10, choices=STATES, default="open")
    opened_at = models.DateTimeField("立案时间")
    reminded_at = models.DateTimeField("最近督促", null=True)
    reminders = models.PositiveSmallIntegerField("自动提醒次数", default=0)
    urged = models.PositiveSmallIntegerField("人工督促次数", default=0)
    urged_at = models.DateTimeField("最近人工督促", null=True)
    fell_short_at = models.DateTimeField("转为不达标", null=True)
    escalated_at = models.DateTimeField("上报时间", null=True)
    escalated_to = models.ForeignKey(
        Organisation, verbose_name="上报给", null=True, on_delete=models.PROTECT, related_name="+"
    )
    steps = models.PositiveSmallIntegerField("上报级数", default=0)
    known_at = models.DateTimeField("本组织知悉", null=True)
    known_by = models.BigIntegerField("本组织知悉人", null=True)
    known_above_at = models.DateTimeField("上级知悉", null=True)
    known_above_by = models.BigIntegerField("上级知悉人", null=True)
    closed_at = models.DateTimeField("办结时间", null=True)
    closed_how = models.CharField("办结方式", max_length=16, blank=True, default="")

    class Meta:
        verbose_name = "督办"
        constraints = [models.UniqueConstraint(fields=["org", "duty", "period"], name="case_one")]
        indexes = [models.Index(fields=["state", "due_on"], name="case_state")]

    def __str__(self) -> str:
        return f"{self.org_id} {self.duty} {self.period} {self.state}"


class Excuse(models.Model):
    """情况说明（申请免除）: an organisation asks the level above to be let off a duty in one period; nobody decides their own."""

    STATES = (("asked", "待批"), ("approved", "已批准"), ("refused", "未批准"), ("withdrawn", "已撤回"))

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    duty = models.CharField("规定动作", max_length=60)
    period = models.CharField("周期", max_length=7)
    reason = models.TextField("情况说明")
    state = models.CharField("状态", max_length=10, choices=STATES, default="asked")
    asked_by = models.BigIntegerField("申请人", null=True)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.BigIntegerField("批复人", null=True)
    decided_at = models.DateTimeField("批复时间", null=True)
    answer = models.TextField("批复意见", blank=True, default="")
    ended_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "情况说明"
        indexes = [models.Index(fields=["state", "-asked_at"], name="excuse_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["org", "duty", "period"], condition=Q(state__in=("asked", "approved")), name="excuse_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("asked_by")), name="excuse_two_persons"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.duty} {self.period} {self.state}"


class Moratorium(models.Model):
    """暂缓: in an emergency duties rest below an organisation from one day to another; one declares, another approves."""

    STATES = (("declared", "待批"), ("approved", "已批准"), ("refused", "未批准"))

    org = models.ForeignKey(Organisation, verbose_name="范围", on_delete=models.PROTECT, related_name="+")
    duties = models.JSONField("规定动作", default=list)
    starts_on = models.DateField("起")
    ends_on = models.DateField("止（含）")
    basis = models.TextField("依据")
    state = models.CharField("状态", max_length=10, choices=STATES, default="declared")
    declared_by = models.BigIntegerField("提出人", null=True)
    declared_at = models.DateTimeField("提出时间")
    decided_by = models.BigIntegerField("批准人", null=True)
    decided_at = models.DateTimeField("批复时间", null=True)
    answer = models.TextField("批复意见", blank=True, default="")
    ended_by = models.BigIntegerField("提前结束人", null=True)
    ended_at = models.DateTimeField("提前结束时间", null=True)

    class Meta:
        verbose_name = "暂缓"
        indexes = [models.Index(fields=["state", "ends_on"], name="moratorium_state")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="moratorium_dates"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=models.F("declared_by")),
                name="moratorium_two_persons",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.starts_on}–{self.ends_on} {self.state}"


class Sweep(models.Model):
    """巡检: each time the whole city was judged, and what came of it."""

    at = models.DateTimeField("时间")
    day = models.DateField("巡检日")
    changed = models.PositiveIntegerField("变动", default=0)
    opened = models.PositiveIntegerField("新增督办", default=0)
    reminded = models.PositiveIntegerField("提醒", default=0)
    escalated = models.PositiveIntegerField("上报", default=0)
    closed = models.PositiveIntegerField("办结", default=0)
    by = models.BigIntegerField("发起人", null=True, db_column="by_person")

    class Meta:
        verbose_name = "巡检"
        indexes = [models.Index(fields=["-at"], name="sweep_at")]

    def __str__(self) -> str:
        return f"{self.day}"


class Turn(models.Model):
    """巡检锁: one row; whoever holds its lock judges or handles cases, so that two sweeps take turns."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    def __str__(self) -> str:
        return "turn"
