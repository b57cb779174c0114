"""The versions of packs that were loaded."""

from django.db import models


class PackVersion(models.Model):
    """政策包版本: what held from a day on, kept whole so that an old decision can be read with the rules of its day.

    Append-only: a trigger refuses UPDATE and DELETE.
    """

    pack = models.CharField(max_length=64)
    version = models.CharField(max_length=32)
    effective_from = models.DateField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()
    loaded_by = models.BigIntegerField(null=True)  # a person's id; None = from the command line
    approver = models.CharField(
        "批准人", max_length=60, null=True
    )  # who answers for a broken burden budget; None = kept
    approved_because = models.CharField("批准理由", max_length=300, null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pack", "version"], name="policy_packversion_once")]
        indexes = [models.Index(fields=["pack", "effective_from", "id"], name="policy_packversion_day")]

    def __str__(self):
        return f"{self.pack} {self.version}"
