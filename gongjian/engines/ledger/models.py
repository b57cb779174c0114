from django.db import models
from django.db.models import F, Q


class Book(models.Model):
    """账簿: all postings of one unit since it was opened; one open book per unit.

    A listener that is replayed closes its book and opens the next: the ledger itself is never emptied (ADR 0004).
    """

    unit = models.CharField("单位", max_length=20)
    number = models.PositiveIntegerField("册次")
    opened_at = models.DateTimeField("启用时间")
    closed_at = models.DateTimeField("停用时间", null=True)
    reason = models.CharField("事由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "账簿"
        constraints = [
            models.UniqueConstraint(fields=["unit", "number"], name="book_number"),
            models.UniqueConstraint(fields=["unit"], condition=Q(closed_at__isnull=True), name="book_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"


class Account(models.Model):
    """账户: what one owner holds for one purpose in one book. It has no balance of its own: that is its postings' sum."""

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+")
    owner_kind = models.CharField("户主种类", max_length=20)
    owner_id = models.BigIntegerField("户主")
    purpose = models.CharField("用途", max_length=40)

    class Meta:
        verbose_name = "账户"
        constraints = [
            models.UniqueConstraint(fields=["book", "owner_kind", "owner_id", "purpose"], name="account_once"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_kind}:{self.owner_id}:{self.purpose}"


class Posting(models.Model):
    """分录: one balanced entry, an amount out of one account (debit) into another (credit); append-only.

    `fact` is the deed it is about, `cause` the fact whose telling wrote it (another one for a reversal), `rule` and
    `pack` the rule and the version of the pack, `cut` what a bound took off the amount, `reverses` the posting that
    this one takes back.
    """

    book = models.ForeignKey(Book, on_delete=models.PROTECT, related_name="+")
    debit = models.ForeignKey(Account, verbose_name="借方", on_delete=models.PROTECT, related_name="+")
    credit = models.ForeignKey(Account, verbose_name="贷方", on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField("数额")
    at = models.DateTimeField("时间")
    fact = models.BigIntegerField("事实", null=True)
    cause = models.BigIntegerField("起因", null=True)
    rule = models.CharField("规则", max_length=64, default="")
    pack = models.CharField("政策包版本", max_length=40, default="")
    cut = models.BigIntegerField("封顶扣减", default=0)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "分录"
        indexes = [models.Index(fields=["book", "fact"], name="posting_fact")]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(condition=Q(cut__gte=0), name="posting_cut_not_negative"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="posting_two_accounts"),
            models.UniqueConstraint(
                fields=["book", "fact", "cause", "rule", "debit", "credit"],
                condition=Q(reverses__isnull=True, fact__isnull=False),
                name="posting_once_per_fact",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit_id} → {self.credit_id}: {self.amount}"
