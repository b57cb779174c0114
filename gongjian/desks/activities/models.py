"""Tables of organisational life."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.activities.states import PLANNED, STATES
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


def new_secret() -> str:
    """A secret of 256 bits for an activity's codes."""
    return secrets.token_hex(32)


class Activity(models.Model):
    """活动: one meeting, lesson or day of organisational life, from the plan to the sign-off.

    `kind` is one of the pack's; `audience` says who should come; `counts_for` names the past period that a late meeting
    makes good (补开), empty for one that counts where it falls. Counts are fixed at the sign-off. `source` names what it
    was imported from. Of a series: `series_on` is the pattern's day, `series_apart` says that this one was changed by
    itself. `late_change_at`: when it was moved or called off so near to its beginning that the pack calls it late.
    """

    AUDIENCES = (
        ("members", _("全体党员")),
        ("committee", _("委员")),
        ("group", _("党小组党员")),
        ("chosen", _("指定人员")),
        ("open", _("自愿参加")),
    )

    org = models.ForeignKey(Organisation, verbose_name="举办组织", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("类型", max_length=40)
    title = models.CharField("主题", max_length=120)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    place = models.CharField("地点", max_length=120, blank=True, default="")
    agenda = models.JSONField("议程", default=list, blank=True)
    audience = models.CharField("参加范围", max_length=12, choices=AUDIENCES)
    counts_for = models.CharField("补哪一期", max_length=7, null=True, blank=True)
    learning_minutes = models.PositiveIntegerField("学习时长（分钟）", default=0)
    state = models.CharField("状态", max_length=12, choices=STATES, default=PLANNED)
    version = models.PositiveIntegerField(default=1)
    expected_count = models.PositiveIntegerField("应到", null=True)
    present_count = models.PositiveIntegerField("实到", null=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True, default="")
    created_by = models.BigIntegerField("安排人", null=True)
    created_at = models.DateTimeField("安排时间")
    signed_by = models.BigIntegerField("签字人", null=True)
    signed_at = models.DateTimeField("签字时间", null=True)
    secret = models.CharField(max_length=64, default=new_secret)
    source = models.CharField(max_length=120, null=True, unique=True)
    series = models.ForeignKey("Series", null=True, on_delete=models.PROTECT, related_name="activities")
    series_on = models.DateField("系列中的日子", null=True)
    series_apart = models.BooleanField("单独改过", default=False)
    reminders = models.PositiveSmallIntegerField("已提醒次数", default=0)
    reminded_on = models.DateField("上次提醒", null=True)
    late_change_at = models.DateTimeField("临时改动", null=True)

    class Meta:
        verbose_name = "活动"
        indexes = [
            models.Index(fields=["org", "-starts_at", "-id"], name="activity_org"),
            models.Index(fields=["-starts_at", "-id"], name="activity_time"),
            models.Index(fields=["kind", "-starts_at"], name="activity_kind"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_times"),
            models.UniqueConstraint(fields=["series", "series_on"], name="activity_series_day"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def minutes_long(self) -> int:
        """How long it takes, in whole minutes."""
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


class Attendance(models.Model):
    """到会: whether one person should come, came, or was excused.

    `rounds` counts check-ins: a withdrawn one and the next have facts of their own. `by_hand`: put on the list by a
    person, so that a change of the branch does not take it away. `wrong_codes` bounds guessing.
    """

    STATUSES = (("expected", _("待签到")), ("present", _("已到")), ("excused", _("请假")), ("absent", _("未到")))
    ROLES = (("attendee", _("参加")), ("chair", _("主持")), ("lecturer", _("主讲")))
    METHODS = (("code", _("扫码")), ("list", _("名单")), ("import", _("导入")))
    EXCUSES = (("", ""), ("asked", _("待审批")), ("approved", _("已准假")), ("refused", _("未准假")))
    REASONS = (
        ("work", _("工作原因")), ("ill", _("身体原因")), ("away", _("外出")), ("family", _("家庭原因")), ("other", _("其他")),
    )  # fmt: skip

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    status = models.CharField("到会", max_length=12, choices=STATUSES, default="expected")
    role = models.CharField("角色", max_length=12, choices=ROLES, default="attendee")
    method = models.CharField("签到方式", max_length=12, choices=METHODS, blank=True, default="")
    checked_in_at = models.DateTimeField("签到时间", null=True)
    rounds = models.PositiveSmallIntegerField(default=0)
    excuse_reason = models.CharField("请假原因", max_length=12, choices=REASONS, blank=True, default="")
    excuse = models.CharField("请假说明", max_length=200, blank=True, default="")
    excuse_state = models.CharField("请假审批", max_length=12, choices=EXCUSES, blank=True, default="")
    reviewer = models.BigIntegerField("审批人", null=True)
    by_hand = models.BooleanField(default=False)
    wrong_codes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "到会"
        indexes = [models.Index(fields=["person", "activity"], name="attendance_person")]
        constraints = [
            models.UniqueConstraint(fields=["activity", "person"], name="attendance_once"),
            models.CheckConstraint(
                condition=~Q(status="present") | (Q(checked_in_at__isnull=False) & Q(rounds__gt=0)), name="attendance_present"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.activity_id}:{self.person_id}:{self.status}"


class Minutes(models.Model):
    """会议记录: what was said to each point of the agenda, and in sum."""

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="minutes")
    notes = models.JSONField("逐项记录", default=list)
    text = models.TextField("概述", blank=True, default="")
    recorded_by = models.BigIntegerField("记录人", null=True)
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = "会议记录"

    def __str__(self) -> str:
        return str(self.activity_id)


class Decision(models.Model):
    """决定事项: one decision of a meeting, who sees to it and by when."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField("序号")
    text = models.CharField("内容", max_length=500)
    owner = models.ForeignKey(Person, verbose_name="责任人", null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("完成时限", null=True)

    class Meta:
        verbose_name = "决定事项"
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["minutes", "position"], name="decision_position")]

    def __str__(self) -> str:
        return self.text


# --- planning: series, replies, joint meetings --------------------------------------------------------------------
class Series(models.Model):
    """系列活动: the same meeting again and again by a pattern; each is an activity of its own.

    What was held stays when the series is changed or ended. `minute` is the time of day in minutes.
    """

    FORMS = (("weekly", _("按星期")), ("weekday_of_month", _("每月第几个星期几")), ("day_of_month", _("每月固定日期")))
    DAYS_OFF = (
        ("next", _("顺延到工作日")), ("previous", _("提前到工作日")), ("keep", _("照常")), ("skip", _("不开")),
    )  # fmt: skip
    STATES = (("running", _("进行中")), ("ended", _("已结束")))

    org = models.ForeignKey(Organisation, verbose_name="举办组织", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("类型", max_length=40)
    title = models.CharField("主题", max_length=120, blank=True, default="")
    form = models.CharField("规律", max_length=20, choices=FORMS)
    every = models.PositiveSmallIntegerField("间隔", default=1)
    weekday = models.PositiveSmallIntegerField("星期", default=5)
    nth = models.SmallIntegerField("第几个", default=1)
    day = models.PositiveSmallIntegerField("日期", default=1)
    on_days_off = models.CharField("遇休息日", max_length=10, choices=DAYS_OFF, default="next")
    starts_on = models.DateField("自")
    until = models.DateField("至")
    minute = models.PositiveSmallIntegerField("开始时间")
    minutes = models.PositiveSmallIntegerField("时长（分钟）")
    place = models.CharField("地点", max_length=120, blank=True, default="")
    agenda = models.JSONField("议程", default=list, blank=True)
    state = models.CharField("状态", max_length=10, choices=STATES, default="running")
    version = models.PositiveIntegerField(default=1)
    created_by = models.BigIntegerField("安排人", null=True)
    created_at = models.DateTimeField("安排时间")
    source = models.CharField(max_length=120, null=True, unique=True)

    class Meta:
        verbose_name = "系列活动"
        indexes = [models.Index(fields=["org", "-id"], name="series_org")]

    def __str__(self) -> str:
        return self.title or self.kind


class Reply(models.Model):
    """回复: whether somebody on the list says that they will come; no excuse, which needs approval (准假)."""

    ANSWERS = (("come", _("会来")), ("away", _("来不了")), ("online", _("线上参加")))

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="replies")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("回复", max_length=10, choices=ANSWERS)
    note = models.CharField("留言", max_length=100, blank=True, default="")
    at = models.DateTimeField("回复时间")

    class Meta:
        verbose_name = "回复"
        constraints = [models.UniqueConstraint(fields=["activity", "person"], name="reply_once")]

    def __str__(self) -> str:
        return f"{self.activity_id}:{self.person_id}:{self.answer}"


class Participation(models.Model):
    """联合开展: an organisation that joins another's activity; at the sign-off it counts for its own duty.

    Counts are of its own people, fixed at the sign-off. `rounds` counts invitations
    taken up, so that joining again after a withdrawal has facts of its own.
    """

    STATES = (
        ("invited", _("待确认")), ("confirmed", _("已确认")), ("declined", _("已谢绝")), ("withdrawn", _("已退出")),
        ("counted", _("已计入")), ("empty", _("无人到会，不计")), ("cancelled", _("活动已取消")),
    )  # fmt: skip

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="participations")
    org = models.ForeignKey(Organisation, verbose_name="联合组织", on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=STATES, default="invited")
    counts_for = models.CharField("补哪一期", max_length=7, null=True, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True, default="")
    rounds = models.PositiveSmallIntegerField(default=0)
    expected_count = models.PositiveIntegerField("应到", null=True)
    present_count = models.PositiveIntegerField("实到", null=True)
    invited_by = models.BigIntegerField("邀请人", null=True)
    invited_at = models.DateTimeField("邀请时间")
    answered_by = models.BigIntegerField("答复人", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)

    class Meta:
        verbose_name = "联合开展"
        indexes = [models.Index(fields=["org", "state"], name="participation_org")]
        constraints = [models.UniqueConstraint(fields=["activity", "org"], name="participation_once")]

    def __str__(self) -> str:
        return f"{self.activity_id}:{self.org_id}:{self.state}"
