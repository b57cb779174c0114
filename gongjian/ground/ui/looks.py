"""状态的样子: how a state is shown: tone, icon and word, never a colour alone."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

TONES = ("good", "info", "warn", "bad", "quiet", "accent")


class Look(NamedTuple):
    """How a state looks: a tone of `TONES`, an icon of the sprite and a word for the reader."""

    tone: str
    icon: str
    word: Any


# Words that several rooms use; a room whose state reads differently passes its own mapping to `{% badge %}`.
KNOWN: dict[str, Look] = {
    # standards
    "kept": Look("good", "circle-check", _("已达标")),
    "on_track": Look("info", "progress", _("进行中")),
    "at_risk": Look("warn", "alert-triangle", _("预警")),
    "short": Look("bad", "circle-x", _("不达标")),
    "made_good": Look("good", "rotate", _("已补")),
    "waived": Look("quiet", "shield-check", _("已免除")),
    "on_hold": Look("quiet", "player-pause", _("暂缓")),
    "not_applicable": Look("quiet", "minus", _("不适用")),
    "excused": Look("quiet", "user-minus", _("请假")),
    # activities
    "draft": Look("quiet", "pencil", _("草稿")),
    "planned": Look("info", "calendar", _("已计划")),
    "notified": Look("info", "bell", _("已通知")),
    "held": Look("info", "users-group", _("已召开")),
    "recorded": Look("info", "notes", _("已记录")),
    "signed_off": Look("good", "signature", _("已签认")),
    "cancelled": Look("quiet", "calendar-off", _("已取消")),
    "rescheduled": Look("warn", "calendar-time", _("已改期")),
    "attended": Look("good", "user-check", _("已到")),
    "absent": Look("bad", "user-x", _("未到")),
    "late": Look("warn", "clock-exclamation", _("迟到")),
    # requests and reviews
    "waiting": Look("warn", "hourglass", _("待办理")),
    "pending": Look("warn", "hourglass", _("待审核")),
    "submitted": Look("info", "send", _("已提交")),
    "approved": Look("good", "circle-check", _("已通过")),
    "rejected": Look("bad", "ban", _("未通过")),
    "returned": Look("warn", "arrow-back-up", _("已退回")),
    "withdrawn": Look("quiet", "arrow-back-up", _("已撤回")),
    "overdue": Look("bad", "clock-exclamation", _("已逾期")),
    "escalated": Look("bad", "arrow-up", _("已上报")),
    "open": Look("info", "circle-dot", _("进行中")),
    "closed": Look("quiet", "lock", _("已关闭")),
    "done": Look("good", "check", _("已完成")),
    # people and organisations
    "active": Look("good", "circle-check", _("正常")),
    "normal": Look("good", "circle-check", _("正常")),
    "suspended": Look("warn", "player-pause", _("已停用")),
    "stopped": Look("bad", "ban", _("已停止")),
    "ended": Look("quiet", "flag", _("已结束")),
    "dissolved": Look("quiet", "archive", _("已撤销")),
    "formal": Look("accent", "user-check", _("正式党员")),
    "probationary": Look("info", "user-question", _("预备党员")),
    # long work, imports, switches
    "queued": Look("quiet", "clock", _("排队中")),
    "running": Look("info", "loader-2", _("处理中")),
    "failed": Look("bad", "alert-circle", _("失败")),
    "ok": Look("good", "check", _("正常")),
    "checked": Look("info", "list-check", _("已检查")),
    "applied": Look("good", "checks", _("已写入")),
    "undone": Look("quiet", "arrow-back-up", _("已撤销")),
    "on": Look("good", "check", _("已开启")),
    "off": Look("quiet", "minus", _("已关闭")),
    "yes": Look("good", "check", _("是")),
    "no": Look("quiet", "minus", _("否")),
}


def look_of(state: Any, looks: Mapping[str, Any] | None = None) -> Look:
    """The look of a state: a `Look` or (tone, icon, word) as it is, else from `looks`, else from the known words.

    A state that nobody knows is shown as it is written, quietly: a page must not fail over a new word.
    """
    if isinstance(state, (tuple, list)) and len(state) == 3:
        return Look(*state)
    key = str(getattr(state, "value", state))
    found = (looks or {}).get(key) or KNOWN.get(key)
    if found is None:
        return Look("quiet", "point", getattr(state, "label", None) or key)
    return Look(*found)
