from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="points",
    title=_("积分"),
    facts=(
        FactKind("points.awarded", _("手工加分"), _("由管理者按规则加分；含规则、事由、依据材料")),
        FactKind("points.deducted", _("手工扣分"), _("由管理者按规则扣分；含规则、事由、依据材料")),
        FactKind("points.reversed", _("积分撤回"), _("撤回某一事实已计的全部积分；含事由，并指明所更正的事实")),
        FactKind("points.list_requested", _("申请实名榜单"), _("含范围、依据、公布起止")),
        FactKind("points.list_approved", _("批准实名榜单"), _("由另一人批准；含范围与失效日")),
        FactKind("points.list_ended", _("终止实名榜单"), _("提前终止；含事由")),
    ),
    permissions=(
        Permission("points.view_own", _("查看本人积分"), _("本人的积分、依据与名次")),
        Permission("points.view_person", _("查看党员积分"), _("查看所辖某一名党员的积分与依据")),
        Permission("points.view_orgs", _("查看组织积分"), _("查看所辖组织的积分与排名")),
        Permission("points.manage", _("管理积分"), _("按规则加分、扣分，撤回已计积分")),
        Permission("points.named_lists", _("办理实名榜单"), _("登记或批准公布实名榜单的依据")),
    ),
    menu=(
        MenuEntry(_("积分"), "points:organisations", icon="medal", needs="points.view_orgs", order=51, group="judging"),
        MenuEntry(_("积分"), "points:mine", icon="medal", needs="points.view_own", order=40, face="phone"),
    ),
    panels=(Panel("workbench.member", "points:panel_mine", "points.view_own", _("我的积分"), order=30),),
    listeners=("gongjian.appraisal.points.listeners.PointsListener",),
)
