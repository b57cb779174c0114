"""Tables of dues. Money in whole fen; months as text, `2026-11`."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Assessment(models.Model):
    """党费核定: what one member pays each month from one month to another, and why.

    What was entered is sealed (`entered_sealed`, JSON of component → fen) and opened only for the member and whoever
    assesses; `amount` is what the branch collects. A waiting one was entered and is not confirmed yet.
    """

    STATES = (
        ("waiting", _("待核定")),
        ("confirmed", _("已核定")),
        ("replaced", _("已更换")),
        ("returned", _("已退回")),
    )

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="支部", on_delete=models.PROTECT, related_name="+")
    category = models.CharField("类别", max_length=40)
    starts = models.CharField("起（月）", max_length=7)
    ends = models.CharField("止（月，含）", max_length=7)
    entered_sealed = models.TextField(blank=True, default="")
    amount = models.BigIntegerField("每月应交（分）")
    state = models.CharField("状态", max_length=12, choices=STATES, default="waiting")
    entered_by = models.BigIntegerField(null=True)
    entered_at = models.DateTimeField("填报时间")
    confirmed_by = models.BigIntegerField(null=True)
    confirmed_at = models.DateTimeField("核定时间", null=True)
    note = models.CharField("说明", max_length=200, blank=True, default="")
    pack = models.CharField("政策包版本", max_length=60, blank=True, default="")
    carried = models.BooleanField("沿用上年", default=False)

    class Meta:
        verbose_name = "党费核定"
        indexes = [
            models.Index(fields=["person", "state", "starts"], name="assessment_person"),
            models.Index(fields=["org", "state"], name="assessment_org"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="waiting"), name="assessment_one_waiting"),
            models.UniqueConstraint(
                fields=["person", "starts"], condition=Q(state="confirmed"), name="assessment_one_a_start"
            ),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")) & Q(amount__gte=0), name="assessment_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.starts}"


class Relief(models.Model):
    """党费减免: the branch has studied a hardship, the next higher committee approves a lower amount for some months."""

    STATES = (("asked", _("待批准")), ("approved", _("已批准")), ("refused", _("未批准")), ("ended", _("已终止")))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="支部", on_delete=models.PROTECT, related_name="+")
    starts = models.CharField("起（月）", max_length=7)
    ends = models.CharField("止（月，含）", max_length=7)
    amount = models.BigIntegerField("减为每月（分）", default=0)
    reason_sealed = models.TextField(blank=True, default="")
    studied_on = models.DateField("支部研究日期")
    asked_by = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField("上报时间")
    state = models.CharField("状态", max_length=12, choices=STATES, default="asked")
    decided_by = models.BigIntegerField(null=True)
    decided_on = models.DateField("批复日期", null=True)
    answer = models.CharField("批复", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "党费减免"
        indexes = [models.Index(fields=["org", "state"], name="relief_org")]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="asked"), name="relief_one_asked"),
            models.CheckConstraint(condition=Q(ends__gte=F("starts")) & Q(amount__gte=0), name="relief_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.starts}"


class Consent(models.Model):
    """交纳约定: the branch agrees that a member pays by the quarter, or through a relative or another member."""

    KINDS = (("quarter", _("按季度交纳")), ("other", _("由他人代交")))
    STATES = (("asked", _("待同意")), ("given", _("已同意")), ("refused", _("未同意")))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("约定", max_length=12, choices=KINDS)
    through = models.CharField("代交人", max_length=60, blank=True, default="")
    starts = models.CharField("起（月）", max_length=7)
    ends = models.CharField("止（月，含）", max_length=7)
    state = models.CharField("状态", max_length=12, choices=STATES, default="asked")
    reason = models.CharField("原因", max_length=200, blank=True, default="")
    asked_at = models.DateTimeField()
    given_by = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "交纳约定"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "starts"], condition=~Q(state="refused"), name="consent_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}"


class Payment(models.Model):
    """交纳: money that one member handed over at once, with its receipt; never edited, taken back by a reversal."""

    KINDS = (("dues", _("党费")), ("voluntary", _("自愿多交")), ("large", _("大额党费")))
    METHODS = (("cash", _("现金")), ("online", _("网上")), ("transfer", _("转账")))

    org = models.ForeignKey(Organisation, verbose_name="支部", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=12, choices=KINDS, default="dues")
    method = models.CharField("方式", max_length=12, choices=METHODS)
    amount = models.BigIntegerField("金额（分）")
    months = models.JSONField("月份", default=list)
    through = models.CharField("代交人", max_length=60, blank=True, default="")
    paid_on = models.DateField("交纳日期")
    recorded_by = models.BigIntegerField("经手人", null=True)
    recorded_at = models.DateTimeField("登记时间")
    receipt_year = models.PositiveSmallIntegerField("收据年份")
    receipt_no = models.PositiveIntegerField("收据号")
    order = models.CharField("支付订单号", max_length=40, null=True, unique=True)
    fact = models.BigIntegerField(null=True)
    remitted = models.ForeignKey(
        "Movement", verbose_name="上缴", null=True, on_delete=models.PROTECT, related_name="payments"
    )
    reversed_at = models.DateTimeField("冲正时间", null=True)
    reversed_by = models.BigIntegerField(null=True)
    reverse_reason = models.CharField("冲正原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "交纳"
        indexes = [
            models.Index(fields=["org", "-paid_on"], name="duespayment_org"),
            models.Index(fields=["person", "-paid_on"], name="duespayment_person"),
            models.Index(fields=["remitted"], name="duespayment_remitted"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["org", "receipt_year", "receipt_no"], name="duespayment_receipt"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="duespayment_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.receipt_year}-{self.receipt_no:06d}"


class Charge(models.Model):
    """应交: what one member owes for one month, to the branch that holds the relation in it; settled by one payment."""

    org = models.ForeignKey(Organisation, verbose_name="支部", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    month = models.CharField("月份", max_length=7)
    amount = models.BigIntegerField("应交（分）")
    assessment = models.ForeignKey(Assessment, null=True, on_delete=models.PROTECT, related_name="+")
    relief = models.ForeignKey(Relief, null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(Payment, null=True, on_delete=models.PROTECT, related_name="charges")

    class Meta:
        verbose_name = "应交党费"
        indexes = [
            models.Index(fields=["org", "month"], name="charge_org_month"),
            models.Index(fields=["month"], condition=Q(payment__isnull=True), name="charge_unpaid"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person", "month"], name="charge_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="charge_amount"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.month}"


class ReceiptBook(models.Model):
    """收据本: the last receipt number that an organisation gave out in a year; numbers have no hole and no double."""

    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "收据本"
        constraints = [models.UniqueConstraint(fields=["org", "year"], name="receiptbook_once")]

    def __str__(self) -> str:
        return f"{self.org_id}:{self.year}:{self.last}"


class Movement(models.Model):
    """党费往来: money from one organisation to another (上缴, 下拨) or out for a purpose (支出).

    Entered by one person and confirmed by another (会计与出纳分设); only the confirmation moves money.
    """

    KINDS = (("remit", _("上缴")), ("large", _("大额党费上缴")), ("return", _("下拨")), ("spend", _("支出")))
    STATES = (
        ("entered", _("待确认")),
        ("confirmed", _("已确认")),
        ("withdrawn", _("已撤回")),
        ("reversed", _("已冲正")),
    )

    kind = models.CharField("种类", max_length=12, choices=KINDS)
    org = models.ForeignKey(Organisation, verbose_name="出账组织", on_delete=models.PROTECT, related_name="+")
    to = models.ForeignKey(Organisation, verbose_name="入账组织", null=True, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField("金额（分）")
    cash = models.BigIntegerField("其中现金（分）", default=0)
    use = models.CharField("用途", max_length=40, blank=True, default="")
    note = models.CharField("说明", max_length=200, blank=True, default="")
    on = models.DateField("日期")
    state = models.CharField("状态", max_length=12, choices=STATES, default="entered")
    entered_by = models.BigIntegerField("登记人", null=True)
    entered_at = models.DateTimeField("登记时间")
    confirmed_by = models.BigIntegerField("确认人", null=True)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    receipt_year = models.PositiveSmallIntegerField(null=True)
    receipt_no = models.PositiveIntegerField(null=True)
    fact = models.BigIntegerField(null=True)
    undo_reason = models.CharField("撤回原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "党费往来"
        indexes = [
            models.Index(fields=["org", "-on"], name="movement_org"),
            models.Index(fields=["to", "state"], name="movement_to"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0) & Q(cash__gte=0), name="movement_amount"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(entered_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                name="movement_two_persons",
            ),
            models.UniqueConstraint(
                fields=["to", "receipt_year", "receipt_no"], condition=Q(receipt_no__isnull=False), name="movement_receipt"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind}:{self.amount}"


class Announcement(models.Model):
    """党费公布: what an organisation told its members about a year's dues, as it stood then; a later one replaces it."""

    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("年份")
    version = models.PositiveSmallIntegerField(default=1)
    content = models.JSONField("内容")
    published_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField("公布时间")

    class Meta:
        verbose_name = "党费公布"
        constraints = [models.UniqueConstraint(fields=["org", "year", "version"], name="announcement_once")]

    def __str__(self) -> str:
        return f"{self.org_id}:{self.year}"


class Finding(models.Model):
    """欠交核实: what the branch found out about months that stay unpaid; written by people, decides nothing by itself."""

    OUTCOMES = (
        ("reason", _("有正当理由")), ("deadline", _("已批评教育，限期改正")), ("procedure", _("按程序研究")),
    )  # fmt: skip

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    upto = models.CharField("截至月份", max_length=7)
    outcome = models.CharField("核实结果", max_length=12, choices=OUTCOMES)
    text_sealed = models.TextField(blank=True, default="")
    deadline = models.DateField("限期", null=True)
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField("核实时间")

    class Meta:
        verbose_name = "欠交核实"
        constraints = [models.UniqueConstraint(fields=["person", "upto"], name="finding_once")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.upto}"
