from django.db import models
from django.db.models import F, Q

from gongjian.ground.kernel.db import PathField
from gongjian.records.orgs.models import Organisation

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
