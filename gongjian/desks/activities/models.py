"""Tables of organisational life."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.activities.states import FOLLOW_UP_OPEN, FOLLOW_UP_STATES, PLANNED, STATES
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
    person, so that a change of the branch does not take it away. `guest`: 流动党员 of another branch, who may attend and is
    counted neither in 应到 nor in 实到 (DOMAIN 2.2.12). `wrong_codes` bounds guessing.
    """

    STATUSES = (("expected", _("待签到")), ("present", _("已到")), ("excused", _("请假")), ("absent", _("未到")))
    ROLES = (("attendee", _("参加")), ("chair", _("主持")), ("lecturer", _("主讲")))
    METHODS = (("code", _("扫码")), ("list", _("名单")), ("device", _("离线设备")), ("import", _("导入")))
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
    guest = models.BooleanField("组织关系在外", default=False)
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
    """会议记录: what was said to each point of the agenda, and in sum. `version` counts how often it was saved."""

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="minutes")
    notes = models.JSONField("逐项记录", default=list)
    text = models.TextField("概述", blank=True, default="")
    recorded_by = models.BigIntegerField("记录人", null=True)
    recorded_at = models.DateTimeField("记录时间")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "会议记录"

    def __str__(self) -> str:
        return str(self.activity_id)


class Decision(models.Model):
    """决定事项: one decision of a meeting, who sees to it and by when.

    `point` is the place in the agenda (from 0) under which it was taken; `problem` is what it mends (问题清单).
    """

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="decisions")
    position = models.PositiveSmallIntegerField("序号")
    text = models.CharField("内容", max_length=500)
    owner = models.ForeignKey(Person, verbose_name="责任人", null=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("完成时限", null=True)
    point = models.PositiveSmallIntegerField("议程项", null=True)
    problem = models.CharField("问题", max_length=300, blank=True, default="")

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


class Meeting(models.Model):
    """会议要素: what only some kinds of meeting have: the topic of a lesson, who leads the oath, who chairs instead.

    `delegate` chairs in the place of whoever convenes (委托主持); who gave that away, when and why stands beside it.
    """

    activity = models.OneToOneField(Activity, on_delete=models.PROTECT, related_name="meeting")
    topic = models.CharField("题目", max_length=120, blank=True, default="")
    oath_leader = models.ForeignKey(
        Person, verbose_name="领誓人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    delegate = models.ForeignKey(
        Person, verbose_name="受托主持人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    delegated_by = models.BigIntegerField("委托人", null=True)
    delegated_at = models.DateTimeField("委托时间", null=True)
    delegation_reason = models.CharField("委托原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "会议要素"

    def __str__(self) -> str:
        return str(self.activity_id)


class MinutesDraft(models.Model):
    """记录草稿: what one person has typed and not yet saved; `seen` is the version of the minutes it started from."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+")
    editor = models.BigIntegerField("记录人")
    payload = models.JSONField("内容", default=dict)
    seen = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "记录草稿"
        constraints = [models.UniqueConstraint(fields=["activity", "editor"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.activity_id}:{self.editor}"


class MinutesRevision(models.Model):
    """记录版本: the minutes as they were saved each time, so that nothing written is lost when somebody saves over it."""

    minutes = models.ForeignKey(Minutes, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField("版本")
    payload = models.JSONField("内容")
    saved_by = models.BigIntegerField("记录人", null=True)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "记录版本"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["minutes", "number"], name="revision_once")]

    def __str__(self) -> str:
        return f"{self.minutes_id}:{self.number}"


class Vote(models.Model):
    """表决: what a decision's vote came to, with the numbers it was judged by.

    `due` is how many with a vote should attend (应到会), `present` how many of them were checked in at that moment,
    `written` how many counted by a written opinion (in yes, no and abstain already). `poll` names a secret ballot.
    """

    METHODS = (("hands", _("举手表决")), ("poll", _("无记名投票")))

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="vote")
    method = models.CharField("方式", max_length=8, choices=METHODS, default="hands")
    rule = models.CharField("表决规则", max_length=40)
    due = models.PositiveIntegerField("应到会")
    present = models.PositiveIntegerField("实到会")
    written = models.PositiveIntegerField("书面意见", default=0)
    yes = models.PositiveIntegerField("赞成")
    no = models.PositiveIntegerField("反对", default=0)
    abstain = models.PositiveIntegerField("弃权", default=0)
    passed = models.BooleanField("通过")
    poll = models.BigIntegerField("投票", null=True, unique=True)
    recorded_by = models.BigIntegerField("记录人", null=True)
    recorded_at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = "表决"
        constraints = [
            models.CheckConstraint(condition=Q(present__lte=F("due")), name="vote_present"),
            models.CheckConstraint(condition=~Q(passed=True) | Q(yes__gt=0), name="vote_passed"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}: {self.yes}/{self.no}/{self.abstain}"


class FollowUp(models.Model):
    """议定事项: a decision that somebody sees to by a day, from the sign-off until it is confirmed or struck."""

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    activity = models.ForeignKey(Activity, verbose_name="会议", on_delete=models.PROTECT, related_name="follow_ups")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="follow_up")
    text = models.CharField("内容", max_length=500)
    owner = models.ForeignKey(Person, verbose_name="责任人", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("完成时限")
    state = models.CharField("状态", max_length=12, choices=FOLLOW_UP_STATES, default=FOLLOW_UP_OPEN)
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField("议定时间")
    done_on = models.DateField("办结日期", null=True)
    confirmed_by = models.BigIntegerField("确认人", null=True)

    class Meta:
        verbose_name = "议定事项"
        indexes = [
            models.Index(fields=["org", "state", "due_on"], name="followup_org"),
            models.Index(fields=["owner", "state", "due_on"], name="followup_owner"),
            models.Index(fields=["state", "due_on"], name="followup_due"),
        ]

    def __str__(self) -> str:
        return self.text


class FollowUpStep(models.Model):
    """办理经过: what became of a follow-up, step by step, in the words of those who did it."""

    KINDS = (
        ("opened", _("议定")), ("done", _("办结")), ("confirmed", _("确认")), ("reopened", _("退回重办")),
        ("handed_over", _("转交")), ("extended", _("延期")), ("struck", _("撤销")),
    )  # fmt: skip

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField("步骤", max_length=12, choices=KINDS)
    note = models.CharField("说明", max_length=500, blank=True, default="")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("完成时限")
    by = models.BigIntegerField("经办人", null=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "办理经过"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.follow_up_id}:{self.kind}"


# --- check-in without network --------------------------------------------------------------------------------------
class Device(models.Model):
    """签到设备: a phone or tablet that may note check-ins of one activity without network and hand them in later.

    It is paired once by a secret of some minutes, then holds a token; of both only hashes are kept. `skew_ms` is by how
    much its clock was ahead of ours when it was paired, `skew_last_ms` when it last handed in.
    """

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="devices")
    title = models.CharField("设备名称", max_length=40)
    opened_by = models.BigIntegerField("准备人", null=True)
    opened_at = models.DateTimeField("准备时间")
    pair_hash = models.CharField(max_length=64, null=True, unique=True)
    pair_until = models.DateTimeField(null=True)
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    joined_at = models.DateTimeField("配对时间", null=True)
    skew_ms = models.BigIntegerField("时钟偏差（毫秒）", default=0)
    skew_last_ms = models.BigIntegerField("最近一次时钟偏差（毫秒）", null=True)
    handed_at = models.DateTimeField("最近交回时间", null=True)
    extended_until = models.DateTimeField("延长到", null=True)
    closed_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "签到设备"

    def __str__(self) -> str:
        return self.title


class DeviceRow(models.Model):
    """设备签到记录: one tap on a device, as it was handed in; device and number name it once and for all.

    `told_at` is what the device's clock said, `at` the same by our clock and inside the activity's window. A person who
    is not on the list has only a `name`. Rows are never deleted; one that does not count is `void`, with the reason.
    """

    DEEDS = (("in", _("签到")), ("out", _("撤回")))
    STATES = (
        ("applied", _("已计入")), ("waiting", _("等待开放签到")), ("stranger", _("名单外，待确认")),
        ("late", _("归档后交回，待更正")), ("void", _("不计入")),
    )  # fmt: skip

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="rows")
    number = models.PositiveIntegerField("行号")
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=60, blank=True, default="")
    deed = models.CharField("动作", max_length=4, choices=DEEDS)
    told_at = models.DateTimeField("设备时间")
    at = models.DateTimeField("签到时间")
    received_at = models.DateTimeField("交回时间")
    state = models.CharField("状态", max_length=10, choices=STATES)
    reason = models.CharField("原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "设备签到记录"
        indexes = [models.Index(fields=["state", "device"], name="device_row_state")]
        constraints = [
            models.UniqueConstraint(fields=["device", "number"], name="device_row_once"),
            models.CheckConstraint(condition=Q(person__isnull=False) | ~Q(name=""), name="device_row_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.device_id}:{self.number}"
