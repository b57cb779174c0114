"""Tables of elections."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.elections.states import PREPARING, SHIFT_STATES, STATES, UNDER_WAY
from gongjian.engines.voting.models import Poll
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Election(models.Model):
    """选举: one election of an organisation, at the end of a term or to fill a place, from request to approval."""

    KINDS = (("term", _("换届选举")), ("by", _("补选")))

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=6, choices=KINDS)
    reason = models.CharField("事由", max_length=300, blank=True, default="")
    meeting_on = models.DateField("选举大会日期")
    place = models.CharField("地点", max_length=120, blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=STATES, default=PREPARING)
    version = models.PositiveIntegerField(default=1)
    created_by = models.BigIntegerField("经办人", null=True)
    created_at = models.DateTimeField("筹备时间")
    allowed_note = models.CharField("批准选举的批复", max_length=200, blank=True, default="")
    accepted_note = models.CharField("候选人的批复", max_length=200, blank=True, default="")
    confirmed_note = models.CharField("结果的批复", max_length=200, blank=True, default="")
    confirmed_on = models.DateField("批复日期", null=True)
    return_reason = models.CharField("退回意见", max_length=300, blank=True, default="")
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True, default="")
    method_passed = models.BooleanField("选举办法已通过", default=False)
    held_on = models.DateField("大会召开日期", null=True)
    committee_on = models.DateField("委员会第一次会议日期", null=True)

    class Meta:
        verbose_name = "选举"
        indexes = [models.Index(fields=["org", "-created_at"], name="election_org")]
        constraints = [
            models.UniqueConstraint(fields=["org"], condition=Q(state__in=UNDER_WAY), name="election_one_under_way")
        ]

    def __str__(self) -> str:
        return f"{self.org_id}:{self.kind}:{self.meeting_on}"


class Contest(models.Model):
    """选举项目: one post to be elected: how many seats, by the members' meeting or by the committee's first meeting."""

    ELECTORATES = (("members", _("党员大会")), ("committee", _("委员会第一次全体会议")))

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="contests")
    position = models.PositiveSmallIntegerField("次序")
    post = models.CharField("职务", max_length=40)
    seats = models.PositiveSmallIntegerField("应选人数")
    reduced_from = models.PositiveSmallIntegerField("原定人数", null=True)
    agreed_to_reduce = models.PositiveSmallIntegerField("同意减少名额的人数", null=True)
    electorate = models.CharField("由谁选举", max_length=10, choices=ELECTORATES)

    class Meta:
        verbose_name = "选举项目"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["election", "post"], name="contest_once")]

    def __str__(self) -> str:
        return f"{self.election_id}:{self.post}"


class Candidate(models.Model):
    """候选人: somebody who stands in a contest, or was written in and elected; `duty` is the post for 分工."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="candidates")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_in = models.BooleanField("另选", default=False)
    elected_in = models.PositiveSmallIntegerField("第几轮当选", null=True)
    votes = models.PositiveIntegerField("当选得票", null=True)
    duty = models.CharField("分工", max_length=40, blank=True, default="")

    class Meta:
        verbose_name = "候选人"
        constraints = [models.UniqueConstraint(fields=["contest", "person"], name="candidate_once")]

    def __str__(self) -> str:
        return f"{self.contest_id}:{self.person_id}"


class Round(models.Model):
    """轮次: one ballot of a contest: the first, a repetition of a void one, among the tied, or for empty seats."""

    PURPOSES = (
        ("first", _("首次投票")),
        ("repeat", _("重新投票")),
        ("tie", _("票数相等再次投票")),
        ("fill", _("另行选举")),
    )

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveSmallIntegerField("轮次")
    purpose = models.CharField("事由", max_length=8, choices=PURPOSES)
    seats = models.PositiveSmallIntegerField("本轮应选")
    poll = models.OneToOneField(Poll, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField("确认时间", null=True)
    result = models.JSONField("结果", null=True)
    annulled = models.CharField("撤销原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "轮次"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["contest", "number"], name="round_once")]

    def __str__(self) -> str:
        return f"{self.contest_id}:{self.number}"


class Teller(models.Model):
    """监票人、计票人: from the electors who do not stand, approved by the meeting."""

    ROLES = (("chief", _("总监票人")), ("teller", _("监票人")), ("counter", _("计票人")))

    election = models.ForeignKey(Election, on_delete=models.PROTECT, related_name="tellers")
    electorate = models.CharField("会议", max_length=10, choices=Contest.ELECTORATES)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField("职责", max_length=8, choices=ROLES)

    class Meta:
        verbose_name = "监票人、计票人"
        constraints = [models.UniqueConstraint(fields=["election", "electorate", "person"], name="teller_once")]

    def __str__(self) -> str:
        return f"{self.election_id}:{self.person_id}"


class TermShift(models.Model):
    """延期换届: the request to hold the election up to so many months after the term's end, and its answer."""

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    term_end = models.DateField("任期届满")
    until = models.DateField("延期至")
    reason = models.CharField("事由", max_length=300)
    state = models.CharField("状态", max_length=10, choices=SHIFT_STATES, default="asked")
    version = models.PositiveIntegerField(default=1)
    asked_at = models.DateTimeField("请示时间")
    asked_by = models.BigIntegerField("经办人", null=True)
    answer = models.CharField("批复", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "延期换届"
        constraints = [
            models.UniqueConstraint(fields=["org"], condition=Q(state="asked"), name="termshift_one_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.org_id}:{self.until}"
