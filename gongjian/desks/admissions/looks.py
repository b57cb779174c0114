"""How states of admissions look."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

STATE = {
    "under_way": Look("info", "progress", _("进行中")),
    "done": Look("good", "circle-check", _("已完成")),
    "ended": Look("quiet", "ban", _("已终止")),
}
WHEN = {
    "overdue": Look("bad", "clock-exclamation", _("已逾期")),
    "soon": Look("warn", "clock", _("快到期")),
    "early": Look("quiet", "clock-pause", _("未到时间")),
    "ready": Look("info", "clock-play", _("可以办")),
}
