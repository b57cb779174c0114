"""How states of orders look."""

from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.looks import Look

ORDER = {
    "created": Look("quiet", "clock", _("待下单")),
    "waiting": Look("info", "hourglass", _("待付款")),
    "paid": Look("good", "circle-check", _("已付款")),
    "closed": Look("quiet", "circle-x", _("已关闭")),
    "disputed": Look("bad", "alert-circle", _("金额不符")),
    "refunding": Look("warn", "rotate", _("退款中")),
    "refunded": Look("quiet", "arrow-back-up", _("已退款")),
}
