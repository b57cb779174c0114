from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="orgs",
    title=_("组织"),
    facts=(
        FactKind("organisation.founded", _("组织成立"), _("成立一个组织；含名称、类型、隶属、属地")),
        FactKind("organisation.renamed", _("组织更名"), _("含原名称与新名称")),
        FactKind("organisation.moved", _("隶属或属地调整"), _("含原、新隶属与属地")),
        FactKind("organisation.merged", _("组织合并"), _("并入另一组织；含接收组织")),
        FactKind("organisation.split", _("组织拆分"), _("拆出一个新组织；含原组织")),
        FactKind("organisation.dissolved", _("组织撤销"), _("含撤销原因")),
        FactKind("organisation.corrected", _("组织资料更正"), _("含更正的字段")),
        FactKind("organisation.term_started", _("换届"), _("新一届任期开始；含年限")),
        FactKind("organisation.withdrawn", _("撤回导入的组织"), _("撤回一次导入所建的组织；更正其成立的事实")),
    ),
    permissions=(
        Permission("orgs.view", _("查看组织")),
        Permission("orgs.manage", _("管理组织"), _("成立、更名、调整、合并、拆分、撤销")),
    ),
    sheets=("gongjian.records.orgs.sheets.ORGANISATIONS",),
    menu=(MenuEntry(_("组织"), "orgs:list", icon="sitemap", needs="orgs.view", order=20, group="orgs"),),
)
