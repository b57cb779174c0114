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
    was imported from.
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

    class Meta:
        verbose_name = "活动"
        indexes = [
            models.Index(fields=["org", "-starts_at", "-id"], name="activity_org"),
            models.Index(fields=["-starts_at", "-id"], name="activity_time"),
            models.Index(fields=["kind", "-starts_at"], name="activity_kind"),
        ]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_times")]

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
