"""How states of an election look."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

STATE = {
    "preparing": Look("quiet", "pencil", _("筹备")),
    "asked": Look("warn", "hourglass", _("已请示")),
    "allowed": Look("info", "circle-check", _("已批准选举")),
    "proposed": Look("warn", "hourglass", _("已报候选人")),
    "accepted": Look("info", "circle-check", _("已批复候选人")),
    "meeting": Look("warn", "users-group", _("选举大会")),
    "elected": Look("info", "user-check", _("委员已选出")),
    "complete": Look("info", "checks", _("已选出")),
    "reported": Look("warn", "send", _("已报结果")),
    "confirmed": Look("good", "signature", _("已批复")),
    "cancelled": Look("quiet", "ban", _("已取消")),
}
SHIFT = {
    "asked": Look("warn", "hourglass", _("待批准")),
    "approved": Look("good", "circle-check", _("已批准")),
    "refused": Look("bad", "ban", _("未批准")),
}
