from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest, MenuEntry

MANIFEST = Manifest(
    room="workbench",
    title=_("工作台"),
    menu=(
        MenuEntry(_("首页"), "workbench:home", icon="home", order=1),
        MenuEntry(_("首页"), "workbench:home", icon="home", order=1, face="phone"),
    ),
)
