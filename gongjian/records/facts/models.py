from django.db import models
from django.db.models import Q


class Fact(models.Model):
    """事实: one thing that happened. Append-only; no foreign keys, so that nothing can pull it along."""

    kind = models.CharField("种类", max_length=60)
    at = models.DateTimeField("发生时间")
    recorded_at = models.DateTimeField("记录时间")
    by = models.BigIntegerField("经办人", null=True, db_column="by_person")
    person = models.BigIntegerField("当事人", null=True)
    org = models.BigIntegerField("组织", null=True)
    object_kind = models.CharField("对象种类", max_length=40, default="")
    object_id = models.CharField("对象编号", max_length=40, default="")
    quantity = models.BigIntegerField("数量", default=1)
    data = models.JSONField("内容", default=dict)
    source = models.CharField("来源", max_length=120, unique=True)
    corrects = models.BigIntegerField("更正的事实", null=True)

    class Meta:
        verbose_name = "事实"
        indexes = [
            models.Index(fields=["person", "-at", "-id"], name="fact_person", condition=Q(person__isnull=False)),
            models.Index(fields=["org", "-at", "-id"], name="fact_org", condition=Q(org__isnull=False)),
            models.Index(fields=["object_kind", "object_id", "id"], name="fact_object", condition=~Q(object_kind="")),
            models.Index(fields=["kind", "-at", "-id"], name="fact_kind"),
            models.Index(fields=["-at", "-id"], name="fact_at"),
            models.Index(fields=["corrects"], name="fact_corrects", condition=Q(corrects__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Pending(models.Model):
    """待编号的事实: filled by a trigger on every new fact, emptied when the stream numbers it."""

    fact = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.fact)


class Stream(models.Model):
    """事实流: the one order in which all listeners see the facts; a number is given only after the fact's commit."""

    seq = models.BigAutoField(primary_key=True)
    fact = models.BigIntegerField(unique=True)

    def __str__(self) -> str:
        return f"{self.seq}:{self.fact}"


class Numbering(models.Model):
    """编号锁: one row; whoever holds its lock numbers facts or seals them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)

    def __str__(self) -> str:
        return "numbering"


class Seal(models.Model):
    """封存: the facts of a span of the stream under one Merkle root, chained to the seal before."""

    number = models.BigIntegerField(primary_key=True)
    day = models.DateField("封存日")
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    count = models.IntegerField("事实数")
    root = models.CharField("默克尔根", max_length=64)
    previous = models.CharField("上一封存", max_length=64)
    digest = models.CharField("封存值", max_length=64, unique=True)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = "封存"

    def __str__(self) -> str:
        return f"{self.number} {self.day}"
