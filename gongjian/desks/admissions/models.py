"""Tables of admissions. What they hold is sensitive: branch and higher committee, the person's guides, the person."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.admissions.states import DONE, STATES, UNDER_WAY
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Admission(models.Model):
    """发展档案: one person's way from the application to formal membership.

    `step` is the number of the step that comes next; `round` counts how often the steps of 转正 are gone through (two
    after an extension). `earliest_on` and `due_on` say when that step may and must be done, kept by every deed and by the
    daily job. `target` is the branch to which the file is on its way.
    """

    ENDS = (
        ("", ""), ("withdrew", _("本人撤回申请")), ("removed", _("支部取消资格")), ("failed", _("审查、表决或审批未通过")),
        ("cancelled", _("取消预备党员资格")), ("died", _("去世")), ("left", _("转往外地")), ("mistake", _("登记有误")),
    )  # fmt: skip

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Organisation, verbose_name="转往", null=True, on_delete=models.PROTECT, related_name="+")
    target_reason = models.CharField("转移原因", max_length=200, blank=True, default="")
    step = models.PositiveSmallIntegerField("下一步", default=1)
    stage = models.CharField("阶段", max_length=20)
    standing = models.CharField("身份", max_length=20)
    round = models.PositiveSmallIntegerField(default=1)
    extended_months = models.PositiveSmallIntegerField("延长预备期（月）", default=0)
    applied_on = models.DateField("申请日期")
    admitted_on = models.DateField("接收日期", null=True)
    full_on = models.DateField("预备期满", null=True)
    earliest_on = models.DateField("最早", null=True)
    due_on = models.DateField("期限", null=True)
    state = models.CharField("状态", max_length=12, choices=STATES, default=UNDER_WAY)
    end_kind = models.CharField("终止情形", max_length=12, choices=ENDS, blank=True, default="")
    end_reason = models.CharField("终止原因", max_length=300, blank=True, default="")
    ended_on = models.DateField("终止日期", null=True)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField("登记时间")
    source = models.CharField(max_length=120, null=True, unique=True)

    class Meta:
        verbose_name = "发展档案"
        indexes = [
            models.Index(fields=["org", "state", "step"], name="admission_org"),
            models.Index(fields=["state", "due_on"], name="admission_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state=UNDER_WAY), name="admission_one_under_way"),
            models.CheckConstraint(condition=~Q(state=DONE) | Q(full_on__isnull=False), name="admission_done_is_full"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.step}"


class StepRecord(models.Model):
    """步骤记录: one step done on a day, with what was filled in; what was withdrawn or done anew stays to be read.

    `on` is when it happened; `entered_later` marks what was done on paper before and told later, with its `evidence`.
    `warnings` are the conditions that a written `reason` overcame.
    """

    STATES = (("done", _("已办")), ("failed", _("未通过")), ("withdrawn", _("已撤回")), ("replaced", _("已重办")))

    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="records")
    step = models.CharField("步骤", max_length=40)
    number = models.PositiveSmallIntegerField("序号")
    round = models.PositiveSmallIntegerField(default=1)
    state = models.CharField("状态", max_length=12, choices=STATES, default="done")
    on = models.DateField("日期")
    values = models.JSONField("内容", default=dict)
    warnings = models.JSONField("提醒", default=list)
    reason = models.CharField("说明", max_length=500, blank=True, default="")
    entered_later = models.BooleanField("补录", default=False)
    evidence = models.CharField("凭据", max_length=300, blank=True, default="")
    recorded_by = models.BigIntegerField("录入人", null=True)
    recorded_at = models.DateTimeField("录入时间")
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    withdrawn_reason = models.CharField("撤回原因", max_length=300, blank=True, default="")
    fact = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "步骤记录"
        ordering = ["number", "round", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "number", "round"], condition=Q(state="done"), name="admission_step_once"
            ),
            models.CheckConstraint(
                condition=Q(entered_later=False) | ~Q(evidence=""), name="admission_late_has_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.admission_id}:{self.step}"


class Guide(models.Model):
    """联系人、介绍人: a formal member who accompanies the person, from the step that named them."""

    ROLES = (("contact", _("培养联系人")), ("introducer", _("入党介绍人")))

    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="guides")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField("角色", max_length=12, choices=ROLES)
    since = models.DateField("起")
    until = models.DateField("止（不含）", null=True)

    class Meta:
        verbose_name = "联系人、介绍人"
        indexes = [models.Index(fields=["person", "until"], name="guide_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "person", "role"], condition=Q(until__isnull=True), name="guide_once"
            ),
            models.CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="guide_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.admission_id}:{self.person_id}:{self.role}"


class Observation(models.Model):
    """考察记录: what the branch or a contact saw on a day (每半年一次), or a thought report that was received."""

    KINDS = (("observation", _("考察")), ("report", _("思想汇报")))

    admission = models.ForeignKey(Admission, on_delete=models.PROTECT, related_name="observations")
    kind = models.CharField("种类", max_length=12, choices=KINDS, default="observation")
    on = models.DateField("日期")
    text = models.TextField("内容", max_length=2000)
    entered_later = models.BooleanField("补录", default=False)
    evidence = models.CharField("凭据", max_length=300, blank=True, default="")
    noted_by = models.BigIntegerField("记录人", null=True)
    noted_at = models.DateTimeField("记录时间")
    withdrawn = models.BooleanField("已撤回", default=False)

    class Meta:
        verbose_name = "考察记录"
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["admission", "kind", "on"], condition=Q(withdrawn=False), name="observation_one_a_day"
            ),
            models.CheckConstraint(
                condition=Q(entered_later=False) | ~Q(evidence=""), name="observation_late_has_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.admission_id}:{self.on}"


class PoolReview(models.Model):
    """入党积极分子队伍分析: a committee's yearly look at all who are on the way (细则第十一条); counts as they were."""

    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年度")
    on = models.DateField("日期")
    text = models.TextField("分析与措施", max_length=5000)
    counts = models.JSONField("人数", default=dict)
    reviewed_by = models.BigIntegerField(null=True)
    reviewed_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = "入党积极分子队伍分析"
        constraints = [models.UniqueConstraint(fields=["org", "year"], name="pool_review_once")]

    def __str__(self) -> str:
        return f"{self.org_id}:{self.year}"
