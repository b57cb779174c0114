"""Tables of voting. What secrecy rests on: docs/subjects/ballots.md."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.engines.voting.states import OPEN, STATES
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Poll(models.Model):
    """投票: one vote on one question or several names, by one of the pack's rules, on a roll fixed at its opening.

    `items` and `options` are lists of {"id", "label"}; `seats` bounds how many names a ballot may mark. `quorum`, `base`
    and `opinions` are the pack's rule as it was at the opening. `outcome` is what was counted at the close. `key` says
    which vote it is: told twice, it is opened once.
    """

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField("所属事项", max_length=40)
    subject_id = models.CharField(max_length=40)
    title = models.CharField("议题", max_length=200)
    rule = models.CharField("表决规则", max_length=40)
    quorum = models.CharField("到会要求", max_length=20)
    base = models.CharField("通过基数", max_length=10)
    opinions = models.BooleanField("书面意见计票", default=False)
    items = models.JSONField("表决事项")
    options = models.JSONField("选项")
    seats = models.PositiveSmallIntegerField("应选人数", null=True)
    write_ins = models.BooleanField("可另选他人", default=False)
    secret = models.BooleanField("无记名")
    electronic = models.BooleanField("手机投票", default=True)
    needs_presence = models.BooleanField("到会才能投票", default=True)
    state = models.CharField("状态", max_length=10, choices=STATES, default=OPEN)
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField("开始时间")
    opened_by = models.BigIntegerField("组织人", null=True)
    closed_at = models.DateTimeField("宣布时间", null=True)
    outcome = models.JSONField("结果", null=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True, default="")
    key = models.CharField(max_length=120, null=True, unique=True)

    class Meta:
        verbose_name = "投票"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="poll_subject"),
            models.Index(fields=["org", "-opened_at"], name="poll_org"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def item_ids(self) -> list[str]:
        """Ids of what is voted on, in their order."""
        return [item["id"] for item in self.items]

    @property
    def option_ids(self) -> list[str]:
        """Ids of the answers, in their order."""
        return [option["id"] for option in self.options]


class PollVoter(models.Model):
    """投票名册: who should attend, has a vote, is there, and has handed in; never what, and never when.

    `way` is how the one ballot was given: the conditional UPDATE that fills it decides that nobody votes twice.
    """

    WAYS = (("", ""), ("phone", _("手机投票")), ("paper", _("纸质票")), ("opinion", _("书面意见")))

    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="voters")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    has_vote = models.BooleanField("有表决权")
    counted = models.BooleanField("计入应到")
    why = models.CharField("说明", max_length=200, blank=True, default="")
    present = models.BooleanField("到会", default=False)
    way = models.CharField("投票方式", max_length=10, choices=WAYS, blank=True, default="")

    class Meta:
        verbose_name = "投票名册"
        indexes = [models.Index(fields=["person", "poll"], name="pollvoter_person")]
        constraints = [
            models.UniqueConstraint(fields=["poll", "person"], name="pollvoter_once"),
            models.CheckConstraint(condition=Q(way="") | Q(has_vote=True), name="pollvoter_has_vote"),
        ]

    def __str__(self) -> str:
        return f"{self.poll_id}:{self.person_id}"


class PollBallot(models.Model):
    """选票: a random key, and while the poll is open and secret a sealed text of even length.

    A secret ballot knows no person and no time. At the close all of a secret poll's ballots are opened, shuffled,
    deleted and written again with new keys in one transaction, so that no order of rows leads back to the roll.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="ballots")
    secret = models.BooleanField()
    opinion = models.BooleanField("书面意见", default=False)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.TextField(blank=True, default="")
    choices = models.JSONField("选择", null=True)

    class Meta:
        verbose_name = "选票"
        constraints = [
            models.CheckConstraint(condition=Q(secret=False) | Q(person__isnull=True), name="pollballot_secret"),
            models.CheckConstraint(
                condition=(Q(sealed="") & Q(choices__isnull=False)) | (~Q(sealed="") & Q(choices__isnull=True)),
                name="pollballot_sealed_or_open",
            ),
            models.UniqueConstraint(
                fields=["poll", "person"], condition=Q(person__isnull=False), name="pollballot_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PollPaper(models.Model):
    """纸质票计票: what the tellers counted of the paper ballots; corrected until the result is declared."""

    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, related_name="paper")
    collected = models.PositiveIntegerField("收回")
    invalid = models.PositiveIntegerField("无效")
    tallies = models.JSONField("各项得票", default=dict)
    write_ins = models.JSONField("另选他人", default=dict)
    tellers = models.CharField("监票人、计票人", max_length=200, blank=True, default="")
    recorded_by = models.BigIntegerField("录入人", null=True)
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = "纸质票计票"

    def __str__(self) -> str:
        return str(self.poll_id)
