"""How states of this room look: tone, icon and word."""

from django.utils.translation import gettext_lazy as _

from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground.ui.looks import Look

AUDIENCE_WORDS = dict(Activity.AUDIENCES)
REASON_WORDS = dict(Attendance.REASONS)

STATE = {
    "planned": Look("info", "calendar", _("已安排")),
    "notified": Look("info", "bell", _("已通知")),
    "open": Look("warn", "qrcode", _("签到中")),
    "held": Look("info", "users-group", _("已召开")),
    "signed_off": Look("good", "signature", _("已签字确认")),
    "cancelled": Look("quiet", "calendar-off", _("已取消")),
}
ATTENDANCE = {
    "expected": Look("quiet", "clock", _("待签到")),
    "present": Look("good", "user-check", _("已到")),
    "excused": Look("info", "user-minus", _("请假")),
    "absent": Look("bad", "user-x", _("未到")),
}
CELL = {
    "kept": Look("good", "circle-check", _("已完成")),
    "made_good": Look("good", "rotate", _("已补开")),
    "planned": Look("info", "calendar", _("已安排")),
    "partly": Look("warn", "progress", _("还差")),
    "missing": Look("bad", "alert-circle", _("缺")),
    "open": Look("warn", "calendar-plus", _("待安排")),
    "none": Look("quiet", "minus", _("不适用")),
}
JOINING = {
    "invited": Look("pending", "hourglass", _("待确认")),
    "confirmed": Look("good", "circle-check", _("已确认")),
    "declined": Look("quiet", "minus", _("已谢绝")),
    "withdrawn": Look("quiet", "arrow-back-up", _("已退出")),
    "counted": Look("good", "signature", _("已计入")),
    "empty": Look("warn", "alert-triangle", _("无人到会，不计")),
    "cancelled": Look("quiet", "calendar-off", _("活动已取消")),
}
REPLY = {
    "come": Look("good", "user-check", _("会来")),
    "online": Look("info", "device-mobile", _("线上参加")),
    "away": Look("warn", "user-minus", _("来不了")),
}
SERIES = {
    "running": Look("info", "repeat", _("进行中")),
    "ended": Look("quiet", "calendar-off", _("已结束")),
}
DEVICE_ROW = {
    "pairing": Look("warn", "hourglass", _("等待配对")),
    "joined": Look("good", "device-mobile", _("已配对")),
    "over": Look("quiet", "clock-pause", _("授权已过期")),
    "closed": Look("quiet", "ban", _("已停用")),
}
FOLLOW_UP = {
    "open": Look("info", "progress", _("办理中")),
    "late": Look("bad", "clock-exclamation", _("已逾期")),
    "done": Look("warn", "hourglass", _("待确认")),
    "confirmed": Look("good", "circle-check", _("已确认")),
    "struck": Look("quiet", "ban", _("已撤销")),
}
VOTE = {
    "passed": Look("good", "circle-check", _("通过")),
    "rejected": Look("bad", "circle-x", _("未通过")),
}
