"""How states of this room look: tone, icon and word."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

STATE = {
    "rating": Look("info", "edit", _("自评互评")),
    "voting": Look("warn", "checkbox", _("民主测评")),
    "deciding": Look("warn", "scale", _("评定等次")),
    "closed": Look("good", "circle-check", _("已评定")),
    "cancelled": Look("quiet", "ban", _("已取消")),
}
