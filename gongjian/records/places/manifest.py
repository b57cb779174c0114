from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="places",
    title=_("阵地"),
    facts=(
        FactKind("place.added", _("设立网格或小区"), _("含类别、编码、名称")),
        FactKind("place.corrected", _("网格或小区资料更正"), _("含更正的字段")),
        FactKind("place.covered", _("党组织覆盖"), _("网格或小区由哪个党组织覆盖，以何种方式组建")),
        FactKind("place.uncovered", _("党组织覆盖解除"), _("含原党组织")),
        FactKind("place.ended", _("撤销网格或小区"), _("含原因")),
    ),
    permissions=(
        Permission("places.view", _("查看网格与小区")),
        Permission("places.manage", _("管理网格与小区")),
    ),
    menu=(MenuEntry(_("网格与小区"), "places:list", icon="map-pin", needs="places.view", order=21, group="orgs"),),
    panels=(Panel("orgs.detail", "places:panel", needs="places.view", title=_("网格与小区"), order=20),),
)
