"""Tables of clocks, their pauses and their extensions."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.records.orgs.models import Organisation


class Deadline(models.Model):
    """时限: by when something of an object must be done. While it is paused `due_at` is empty and `left` holds what is left.

    `ran_out_at`: when it was noticed that nobody had done it in time; what is done later stays late (`met_at` > due).
    """

    UNITS = (("working_day", _("个工作日")), ("working_hour", _("个工作小时")), ("hour", _("小时（按钟表）")))
    STATES = (("running", _("计时中")), ("paused", _("已暂停")), ("met", _("已办")), ("dropped", _("不再计时")))

    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField("对象种类", max_length=40)
    subject_id = models.CharField("对象编号", max_length=40)
    name = models.CharField("时限", max_length=20)
    unit = models.CharField("单位", max_length=12, choices=UNITS)
    amount = models.PositiveIntegerField("数量")
    state = models.CharField("状态", max_length=8, choices=STATES, default="running")
    started_at = models.DateTimeField("起算")
    due_at = models.DateTimeField("到期", null=True)
    left = models.DurationField("剩余", null=True, db_column="time_left")
    met_at = models.DateTimeField("办成时间", null=True)
    ran_out_at = models.DateTimeField("发现到期", null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "时限"
        indexes = [
            models.Index(fields=["subject_kind", "due_at"], condition=Q(state="running"), name="deadline_running"),
            models.Index(fields=["subject_kind", "subject_id"], name="deadline_subject"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="paused", due_at__isnull=True, left__isnull=False)
                | (~Q(state="paused") & Q(due_at__isnull=False)),
                name="deadline_paused_has_left",
            ),
            models.CheckConstraint(condition=Q(due_at__isnull=True) | Q(due_at__gte=F("started_at")), name="deadline_order"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "name"], condition=Q(state__in=("running", "paused")),
                name="deadline_one_open",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject_id}:{self.name}"

    @property
    def in_time(self) -> bool | None:
        """Whether it was met in time; None while nobody can tell."""
        if self.met_at is None:
            return False if self.ran_out_at else None
        return self.due_at is not None and self.met_at <= self.due_at


class Pause(models.Model):
    """暂停: a clock stood still for a reason, from one moment to another (open while it stands)."""

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="pauses")
    reason = models.CharField("原因", max_length=40)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    since = models.DateTimeField("从")
    until = models.DateTimeField("到", null=True)
    by = models.BigIntegerField("经办人", null=True)

    class Meta:
        verbose_name = "暂停"
        constraints = [
            models.UniqueConstraint(fields=["deadline"], condition=Q(until__isnull=True), name="pause_one_open")
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}: {self.reason}"


class Extension(models.Model):
    """延期: more working days, asked with a reason and decided by somebody else before the limit runs out."""

    STATES = (("asked", _("待批")), ("approved", _("已批准")), ("refused", _("未批准")))

    deadline = models.ForeignKey(Deadline, on_delete=models.CASCADE, related_name="extensions")
    days = models.PositiveSmallIntegerField("工作日")
    reason = models.CharField("理由", max_length=200)
    state = models.CharField("状态", max_length=8, choices=STATES, default="asked")
    asked_by = models.BigIntegerField("申请人", null=True)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.BigIntegerField("批准人", null=True)
    decided_at = models.DateTimeField("批准时间", null=True)

    class Meta:
        verbose_name = "延期"
        constraints = [
            models.UniqueConstraint(fields=["deadline"], condition=Q(state="asked"), name="extension_one_asked")
        ]

    def __str__(self) -> str:
        return f"{self.deadline_id}: +{self.days}"
