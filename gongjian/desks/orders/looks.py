"""How states of orders look."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

STATE = {
    "raised": Look("warn", "inbox", _("待派单")),
    "offered": Look("info", "users-group", _("等人接单")),
    "dispatched": Look("info", "send", _("已派单")),
    "accepted": Look("info", "user-check", _("办理中")),
    "finished": Look("good", "circle-check", _("已办结")),
    "withdrawn": Look("quiet", "arrow-back-up", _("已撤回")),
    "declined": Look("quiet", "ban", _("不予受理")),
}
# for who asked: what it means for them
TOLD = {
    "raised": Look("info", "inbox", _("社区收到了，正在安排")),
    "offered": Look("info", "users-group", _("正在找人帮您办")),
    "dispatched": Look("info", "send", _("已经安排，等对方接单")),
    "accepted": Look("info", "user-check", _("有人接单，正在办")),
    "finished": Look("good", "circle-check", _("办好了，请您评价")),
    "withdrawn": Look("quiet", "arrow-back-up", _("您已撤回")),
    "declined": Look("warn", "ban", _("不予受理")),
}
