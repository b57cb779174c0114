from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="dashboards",
    title=_("数据"),
    permissions=(Permission("figures.view", _("查看指标"), _("指标的口径、数值和背后的记录")),),
    menu=(
        MenuEntry(_("指标"), "dashboards:figures", icon="chart-bar", needs="figures.view", order=52, group="judging"),
    ),
)
