"""How states of this room look."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

ROW = {
    "paid": Look("good", "circle-check", _("已交")),
    "due": Look("warn", "clock", _("未交")),
    "exempt": Look("quiet", "minus", _("免交")),
    "unassessed": Look("bad", "question-mark", _("未核定")),
}
ASSESSMENT = {
    "waiting": Look("warn", "hourglass", _("待核定")),
    "confirmed": Look("good", "circle-check", _("已核定")),
    "replaced": Look("quiet", "repeat", _("已更换")),
    "returned": Look("warn", "arrow-back-up", _("已退回")),
}
RELIEF = {
    "asked": Look("warn", "hourglass", _("待批准")),
    "approved": Look("good", "circle-check", _("已批准")),
    "refused": Look("bad", "ban", _("未批准")),
    "ended": Look("quiet", "flag", _("已终止")),
}
CONSENT = {
    "asked": Look("warn", "hourglass", _("待同意")),
    "given": Look("good", "circle-check", _("已同意")),
    "refused": Look("bad", "ban", _("未同意")),
}
MOVEMENT = {
    "entered": Look("warn", "hourglass", _("待确认")),
    "confirmed": Look("good", "circle-check", _("已确认")),
    "withdrawn": Look("quiet", "arrow-back-up", _("已撤回")),
    "reversed": Look("bad", "rotate", _("已冲正")),
}
