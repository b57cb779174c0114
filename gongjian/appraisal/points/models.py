from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.ground.kernel.db import PathField
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

SUBJECTS = (("person", "党员"), ("organisation", "组织"))


class Entry(models.Model):
    """积分明细: what one deed was worth to somebody by one rule, and what of it stands. Folded from facts."""

    fact = models.BigIntegerField("事实")
    seq = models.BigIntegerField("流水号")
    rule = models.CharField("规则", max_length=64)
    subject_kind = models.CharField("对象", max_length=12, choices=SUBJECTS)
    subject = models.BigIntegerField("对象编号")
    day = models.DateField("日期")
    year = models.CharField("年度", max_length=4)
    dimension = models.CharField("维度", max_length=64)
    pack = models.CharField("政策包版本", max_length=40)
    deserved = models.IntegerField("应计")
    given = models.IntegerField("实计")
    withdrawn_by = models.BigIntegerField("撤回的事实", null=True)

    class Meta:
        verbose_name = "积分明细"
        indexes = [
            models.Index(fields=["subject_kind", "subject", "-day", "-seq"], name="entry_subject"),
            models.Index(
                fields=["subject_kind", "subject", "year"],
                name="entry_short",
                condition=Q(deserved__gt=F("given"), withdrawn_by__isnull=True),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["fact", "rule", "subject_kind", "subject"], name="entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.given}/{self.deserved}"


class Used(models.Model):
    """已用额度: what a subject has by a rule, by a dimension or of all in a period; the bounds are measured on it."""

    pk = models.CompositePrimaryKey("subject_kind", "subject", "name", "period")
    subject_kind = models.CharField(max_length=12)
    subject = models.BigIntegerField()
    name = models.CharField(max_length=80)
    period = models.CharField(max_length=7)
    points = models.IntegerField("积分")

    class Meta:
        verbose_name = "已用额度"

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject} {self.name} {self.period}"


class Score(models.Model):
    """得分: a subject's points in a month, quarter or year, and the organisation in whose lists they are ranked.

    `total` is the exact sum, `points` what is shown and ranked (a year's not below the floor); `grp` says with whom it
    is compared: `person`, or the kind of organisation.
    """

    pk = models.CompositePrimaryKey("subject_kind", "subject", "period")
    subject_kind = models.CharField("对象", max_length=12, choices=SUBJECTS)
    subject = models.BigIntegerField("对象编号")
    period = models.CharField("时段", max_length=7)
    grp = models.CharField("组别", max_length=40)
    total = models.IntegerField("合计")
    points = models.IntegerField("得分")
    org = models.BigIntegerField("排名所在组织", null=True)

    class Meta:
        verbose_name = "得分"
        indexes = [models.Index(fields=["org", "period", "grp", "points"], name="score_org")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject} {self.period}: {self.points}"


class Histogram(models.Model):
    """得分分布: how many of a group have exactly this score in a period, below one node of the tree."""

    pk = models.CompositePrimaryKey("scope", "period", "grp", "score")
    scope = models.BigIntegerField("范围")
    period = models.CharField("时段", max_length=7)
    grp = models.CharField("组别", max_length=40)
    score = models.IntegerField("得分")
    n = models.IntegerField("人数")

    class Meta:
        verbose_name = "得分分布"

    def __str__(self) -> str:
        return f"{self.scope} {self.period} {self.grp} {self.score}: {self.n}"


class Bucket(models.Model):
    """得分分段: the same in buckets of 64 scores, so that a rank is a sum over few rows."""

    pk = models.CompositePrimaryKey("scope", "period", "grp", "bucket")
    scope = models.BigIntegerField("范围")
    period = models.CharField("时段", max_length=7)
    grp = models.CharField("组别", max_length=40)
    bucket = models.IntegerField("分段")
    n = models.IntegerField("人数")

    class Meta:
        verbose_name = "得分分段"

    def __str__(self) -> str:
        return f"{self.scope} {self.period} {self.grp} [{self.bucket}]: {self.n}"


class Belonging(models.Model):
    """所属支部: from which day to which (not included) a person was a member, and of which branch, as facts told it."""

    person = models.BigIntegerField("党员")
    org = models.BigIntegerField("支部")
    from_day = models.DateField("起")
    to_day = models.DateField("止（不含）", null=True)

    class Meta:
        verbose_name = "所属支部"
        constraints = [models.UniqueConstraint(fields=["person", "from_day"], name="belonging_one_a_day")]

    def __str__(self) -> str:
        return f"{self.person}@{self.org}"


class Line(models.Model):
    """隶属线: the line of an organisation by which its scores are counted now in the distributions."""

    org = models.BigIntegerField(primary_key=True)
    kind = models.CharField("类型", max_length=40)
    path = PathField(max_length=255)
    dissolved_on = models.DateField("撤销日期", null=True)

    class Meta:
        verbose_name = "隶属线"

    def __str__(self) -> str:
        return self.path


class NamedListBasis(models.Model):
    """实名榜单依据: the recorded legal basis without which no list of named persons exists. It expires by itself."""

    org = models.ForeignKey(Organisation, verbose_name="范围", on_delete=models.PROTECT, related_name="+")
    basis = models.TextField("依据")
    starts_on = models.DateField("公布起始日")
    expires_on = models.DateField("失效日（不含）")
    requested_by = models.BigIntegerField("提出人")
    requested_at = models.DateTimeField("提出时间")
    approved_by = models.BigIntegerField("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    ended_at = models.DateTimeField("终止时间", null=True)

    class Meta:
        verbose_name = "实名榜单依据"
        indexes = [models.Index(fields=["org", "expires_on"], name="named_list_org")]
        constraints = [
            models.CheckConstraint(condition=Q(expires_on__gt=F("starts_on")), name="named_list_dates"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("requested_by")), name="named_list_two_persons"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.expires_on}"


# ---- what people decide on top of the folded points: none of it is built from facts, a replay leaves it as it is ----------


class Close(models.Model):
    """结账: a branch's period is finished, its scores are frozen; `open_until` is the last day of posting and appeals.

    `seq` is the last fact of the stream that had been taken in. Reopened with a reason it is history, and the next close
    of the same period is a row of its own.
    """

    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    period = models.CharField("时段", max_length=7)
    closed_on = models.DateField("结账日期")
    closed_at = models.DateTimeField("结账时间")
    closed_by = models.BigIntegerField("结账人", null=True)
    seq = models.BigIntegerField("截至流水号")
    open_until = models.DateField("公示和申诉截止")
    posted = models.BooleanField("公示", default=False)
    reopened_at = models.DateTimeField("重开时间", null=True)
    reopened_by = models.BigIntegerField("重开人", null=True)
    reason = models.CharField("重开原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "结账"
        indexes = [models.Index(fields=["period", "org"], name="close_period")]
        constraints = [
            models.UniqueConstraint(
                fields=["org", "period"], condition=Q(reopened_at__isnull=True), name="close_once_a_period"
            ),
            models.CheckConstraint(condition=Q(open_until__gte=F("closed_on")), name="close_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.org_id} {self.period}"


class Frozen(models.Model):
    """结账得分: a subject's score in a period as it was closed, and the line along which it is ranked there for good."""

    pk = models.CompositePrimaryKey("subject_kind", "subject", "period")
    subject_kind = models.CharField("对象", max_length=12, choices=SUBJECTS)
    subject = models.BigIntegerField("对象编号")
    period = models.CharField("时段", max_length=7)
    grp = models.CharField("组别", max_length=40)
    points = models.IntegerField("得分")
    org = models.BigIntegerField("排名所在组织")
    path = PathField(max_length=255)

    class Meta:
        verbose_name = "结账得分"
        indexes = [models.Index(fields=["org", "period"], name="frozen_org")]

    def __str__(self) -> str:
        return f"{self.subject_kind}:{self.subject} {self.period}: {self.points}"


class FrozenPlace(models.Model):
    """结账名次: the rank that a score had at a node when a period was closed, with how many shared it and of how many."""

    pk = models.CompositePrimaryKey("scope", "period", "grp", "score")
    scope = models.BigIntegerField("范围")
    period = models.CharField("时段", max_length=7)
    grp = models.CharField("组别", max_length=40)
    score = models.IntegerField("得分")
    place = models.IntegerField("名次")
    ties = models.IntegerField("同分")
    of = models.IntegerField("人数", db_column="of_all")

    class Meta:
        verbose_name = "结账名次"

    def __str__(self) -> str:
        return f"{self.scope} {self.period} {self.score}: {self.place}"


REASON = "points.exemption"


class Exemption(models.Model):
    """豁免: a member whose year is not judged for some time, asked for by one person and approved by another.

    Why is sealed: it may speak of an illness. `kind` is all that pages beyond the two show.
    """

    KINDS = (("age", _("年满规定年龄")), ("health", _("身体原因")), ("care", _("照护家人")), ("other", _("其他情形")))

    person = models.ForeignKey(Person, verbose_name="党员", on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("情形", max_length=12, choices=KINDS)
    reason_sealed = models.TextField(blank=True, default="")
    starts_on = models.DateField("起")
    ends_on = models.DateField("止（含）")
    requested_by = models.BigIntegerField("登记人")
    requested_at = models.DateTimeField("登记时间")
    approved_by = models.BigIntegerField("批准人", null=True)
    approved_at = models.DateTimeField("批准时间", null=True)
    refused_at = models.DateTimeField("不予批准", null=True)
    ended_on = models.DateField("提前结束", null=True)
    decided_reason = models.CharField("理由", max_length=200, blank=True, default="")
    fact = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "豁免"
        indexes = [models.Index(fields=["org", "-id"], name="exemption_org")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="exemption_dates"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | (~Q(approved_by=F("requested_by")) & ~Q(approved_by=F("person"))),
                name="exemption_two_persons",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(approved_by__isnull=True, refused_at__isnull=True),
                name="exemption_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.starts_on}–{self.ends_on}"

    @property
    def reason(self) -> str:
        """Why, readable."""
        return decrypt(self.reason_sealed, context=REASON)

    @reason.setter
    def reason(self, text: str) -> None:
        self.reason_sealed = encrypt(text, context=REASON)


class Appeal(models.Model):
    """申诉: a member says that an entry of a closed period is wrong, or that one is missing.

    `fact` and `rule` name the entry; without a fact it is about something that `rule` should have given on day `on`.
    `scorer` is who recorded what is appealed. Whoever decides is never the scorer nor the appellant, and the second
    instance is another person than the first: the table refuses it.
    """

    STATES = (
        ("first", _("支部复核中")), ("rejected", _("未成立")), ("second", _("上级复核中")), ("upheld", _("成立")),
        ("final", _("上级维持")), ("withdrawn", _("已撤回")),
    )  # fmt: skip
    OPEN = ("first", "second")

    person = models.ForeignKey(Person, verbose_name="申诉人", on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    close = models.ForeignKey(Close, on_delete=models.PROTECT, related_name="+")
    fact = models.BigIntegerField("事实", null=True)
    rule = models.CharField("规则", max_length=64)
    on = models.DateField("日期", db_column="on_day")
    text = models.CharField("申诉理由", max_length=1000)
    evidence = models.CharField("证据", max_length=300, blank=True, default="")
    scorer = models.BigIntegerField("记分人", null=True)
    state = models.CharField("状态", max_length=12, choices=STATES, default="first")
    raised_at = models.DateTimeField("提出时间")
    due_on = models.DateField("复核期限")
    first_by = models.BigIntegerField("复核人", null=True)
    first_at = models.DateTimeField("复核时间", null=True)
    first_reasons = models.CharField("复核理由", max_length=1000, blank=True, default="")
    escalate_until = models.DateField("可提请上级复核至", null=True)
    escalated_at = models.DateTimeField("提请时间", null=True)
    escalated_text = models.CharField("提请理由", max_length=1000, blank=True, default="")
    second_by = models.BigIntegerField("上级复核人", null=True)
    second_at = models.DateTimeField("上级复核时间", null=True)
    second_reasons = models.CharField("上级复核理由", max_length=1000, blank=True, default="")
    decided_at = models.DateTimeField("决定时间", null=True)
    working_days = models.PositiveSmallIntegerField("用时（工作日）", null=True)
    in_time = models.BooleanField("按期", null=True)
    correction = models.BigIntegerField("更正事实", null=True)

    class Meta:
        verbose_name = "申诉"
        indexes = [
            models.Index(fields=["org", "-id"], name="appeal_org"),
            models.Index(fields=["person", "-id"], name="appeal_person"),
            models.Index(fields=["due_on"], name="appeal_due", condition=Q(state__in=("first", "second"))),
        ]
        constraints = [
            models.CheckConstraint(
                condition=(Q(first_by__isnull=True) | ~Q(first_by=F("person")))
                & (Q(second_by__isnull=True) | ~Q(second_by=F("person"))),
                name="appeal_not_own",
            ),
            models.CheckConstraint(
                condition=Q(scorer__isnull=True)
                | (
                    (Q(first_by__isnull=True) | ~Q(first_by=F("scorer")))
                    & (Q(second_by__isnull=True) | ~Q(second_by=F("scorer")))
                ),
                name="appeal_not_scorer",
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True) | Q(first_by__isnull=True) | ~Q(second_by=F("first_by")),
                name="appeal_two_instances",
            ),
            models.UniqueConstraint(
                fields=["person", "fact", "rule"], condition=Q(fact__isnull=False) & ~Q(state="withdrawn"),
                name="appeal_once_an_entry",
            ),
            models.UniqueConstraint(
                fields=["person", "on", "rule"], condition=Q(fact__isnull=True) & ~Q(state="withdrawn"),
                name="appeal_once_a_missing",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id} {self.rule} {self.state}"


class Verdict(models.Model):
    """年度评定: what a committee decided about a member's year, with reasons; a correction is a row of its own."""

    person = models.ForeignKey(Person, verbose_name="党员", on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    year = models.CharField("年度", max_length=4)
    verdict = models.CharField("评定", max_length=64)
    reasons = models.CharField("理由", max_length=500)
    points = models.IntegerField("当时得分")
    given_by = models.BigIntegerField("评定人")
    given_at = models.DateTimeField("评定时间")
    fact = models.BigIntegerField("事实")
    correction = models.CharField("更正原因", max_length=200, blank=True, default="")
    replaced_at = models.DateTimeField("被更正", null=True)

    class Meta:
        verbose_name = "年度评定"
        indexes = [models.Index(fields=["org", "year"], name="verdict_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "year"], condition=Q(replaced_at__isnull=True), name="verdict_one_a_year"
            ),
            models.CheckConstraint(condition=~Q(given_by=F("person")), name="verdict_not_own"),
            models.CheckConstraint(condition=~Q(reasons=""), name="verdict_has_reasons"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.year}: {self.verdict}"
