"""Tables of the yearly appraisal. Remarks and reasons stand here, never in a fact."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.reviews.states import RATING, STATES
from gongjian.engines.voting.models import Poll
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Review(models.Model):
    """民主评议: one branch's appraisal of one year. `meeting` is a Ref of the meeting it belongs to, as text."""

    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    year = models.CharField("年度", max_length=4)
    state = models.CharField("状态", max_length=10, choices=STATES, default=RATING)
    version = models.PositiveIntegerField(default=1)
    rating_until = models.DateField("自评互评截止")
    meeting = models.CharField("所属会议", max_length=80, blank=True, default="")
    poll = models.ForeignKey(Poll, verbose_name="测评投票", null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("开始时间")
    opened_by = models.BigIntegerField("组织人", null=True)
    closed_at = models.DateTimeField("评定时间", null=True)
    over_cap_reason = models.CharField("优秀超过上限的理由", max_length=300, blank=True, default="")
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "民主评议"
        indexes = [models.Index(fields=["org", "-year"], name="review_org")]
        constraints = [
            models.UniqueConstraint(fields=["org", "year"], condition=~Q(state="cancelled"), name="review_once_a_year")
        ]

    def __str__(self) -> str:
        return _("%(year)s年度民主评议") % {"year": self.year}


class ReviewMember(models.Model):
    """参加评议的党员: self-rating, and the verdict as it stands.

    `home` is the branch of somebody who takes part where they live or work (流动党员): the result is reported there.
    `elsewhere` names the review of another branch in which this member takes part instead. `grade` None: not decided;
    "": no grade this year, the reason says why.
    """

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="members")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("人员类别", max_length=12)
    graded = models.BooleanField("评定等次")
    home = models.ForeignKey(
        Organisation, verbose_name="组织关系所在支部", null=True, on_delete=models.PROTECT, related_name="+"
    )
    elsewhere = models.ForeignKey(Review, null=True, on_delete=models.PROTECT, related_name="+")
    self_grade = models.CharField("自评等次", max_length=40, blank=True, default="")
    self_text = models.TextField("自评", blank=True, default="")
    self_at = models.DateTimeField("自评时间", null=True)
    grade = models.CharField("评定等次", max_length=40, null=True)
    reason = models.CharField("评定理由", max_length=500, blank=True, default="")
    decided_by = models.BigIntegerField("评定人", null=True)
    decided_at = models.DateTimeField("评定时间", null=True)
    fact = models.BigIntegerField(null=True)
    acknowledged_at = models.DateTimeField("本人知悉时间", null=True)
    follow_up_by = models.DateField("谈话期限", null=True)
    followed_up_on = models.DateField("谈话日期", null=True)
    followed_up_by = models.BigIntegerField("谈话人", null=True)

    class Meta:
        verbose_name = "参加评议的党员"
        indexes = [models.Index(fields=["person", "review"], name="reviewmember_person")]
        constraints = [
            models.UniqueConstraint(fields=["review", "person"], name="reviewmember_once"),
            models.CheckConstraint(condition=Q(graded=True) | Q(grade__isnull=True), name="reviewmember_graded"),
        ]

    def __str__(self) -> str:
        return f"{self.review_id}:{self.person_id}"


class PeerRating(models.Model):
    """党员互评: what one member says of another; changed until the ballot begins."""

    about = models.ForeignKey(ReviewMember, on_delete=models.PROTECT, related_name="peers")
    by = models.ForeignKey(Person, db_column="by_person", on_delete=models.PROTECT, related_name="+")
    grade = models.CharField("互评等次", max_length=40, blank=True, default="")
    text = models.CharField("意见", max_length=300, blank=True, default="")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "党员互评"
        constraints = [models.UniqueConstraint(fields=["about", "by"], name="peerrating_once")]

    def __str__(self) -> str:
        return f"{self.about_id}:{self.by_id}"


class Verdict(models.Model):
    """评定记录: each verdict that a member was told, the first and every correction; never changed."""

    member = models.ForeignKey(ReviewMember, on_delete=models.PROTECT, related_name="verdicts")
    grade = models.CharField("等次", max_length=40, blank=True, default="")
    reason = models.CharField("理由", max_length=500, blank=True, default="")
    correction = models.CharField("更正原因", max_length=200, blank=True, default="")
    given_by = models.BigIntegerField("评定人", null=True)
    given_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "评定记录"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.member_id}:{self.grade}"
