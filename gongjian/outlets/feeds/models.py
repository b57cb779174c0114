from django.db import models
from django.db.models import Q

from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Feed(models.Model):
    """日历订阅: a private address that gives one person's activities, or an organisation's, to a calendar.

    Only the address's hash is kept: it is shown when it is made, and a new one is made in its place. `org` is empty for
    the person's own activities.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField("生成时间")
    closed_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "日历订阅"
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(org__isnull=True, closed_at__isnull=True), name="feed_own_once"
            ),
            models.UniqueConstraint(
                fields=["person", "org"], condition=Q(closed_at__isnull=True), name="feed_of_org_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.org_id or ''}"
