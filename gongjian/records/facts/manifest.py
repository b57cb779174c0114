from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="facts",
    title=_("事实"),
    permissions=(
        Permission("facts.view", _("查看纪实"), _("查看所辖组织和人员的全流程纪实")),
        Permission("facts.verify", _("核验封存"), _("核验事实的封存链是否完好")),
    ),
    menu=(MenuEntry(_("纪实"), "facts:list", icon="history", needs="facts.view", order=70, group="keeping"),),
)
