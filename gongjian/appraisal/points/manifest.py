from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Panel, Permission

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
        FactKind("points.closed", _("结账"), _("一个时段结账；含时段、是否公示、截止日，数量为支部数")),
        FactKind("points.reopened", _("重开结账"), _("某支部的一个时段重新打开；含时段与原因")),
        FactKind("points.appealed", _("积分申诉"), _("某人对一条积分或者漏记提出申诉；含规则、日期、时段，不含内容")),
        FactKind("points.appeal_decided", _("申诉决定"), _("含审级、是否成立、用时；不含理由")),
        FactKind("points.appeal_escalated", _("提请上级复核"), _("本人不服支部复核，提请上级党组织复核")),
        FactKind("points.appeal_withdrawn", _("撤回申诉"), _("本人在决定之前撤回")),
        FactKind("points.exemption_requested", _("登记豁免"), _("某党员一段时间不评定；含起止，不含情形")),
        FactKind("points.exempted", _("批准豁免"), _("由另一人批准；含起止，不含情形")),
        FactKind("points.exemption_refused", _("不予豁免"), _("由另一人决定；不含理由")),
        FactKind("points.exemption_ended", _("豁免提前结束"), _("含结束日期")),
        FactKind("points.verdict_given", _("年度评定"), _("支部委员会对某人的年度评定；含年度、评定，不含理由")),
        FactKind("points.verdict_corrected", _("更正年度评定"), _("含更正前后的评定，不含原因")),
    ),
    permissions=(
        Permission("points.view_own", _("查看本人积分"), _("本人的积分、依据与名次")),
        Permission("points.view_person", _("查看党员积分"), _("查看所辖某一名党员的积分与依据")),
        Permission("points.view_orgs", _("查看组织积分"), _("查看所辖组织的积分与排名")),
        Permission("points.manage", _("管理积分"), _("按规则加分、扣分，撤回已计积分")),
        Permission("points.review_appeals", _("复核积分申诉"), _("所辖支部的申诉；记分人和申诉人本人不能复核")),
        Permission("points.exempt", _("办理评定豁免"), _("登记或者批准；须由两个人办理")),
        Permission("points.verdict", _("年度评定"), _("代表支部委员会写下评定和理由")),
        Permission("points.named_lists", _("办理实名榜单"), _("登记或批准公布实名榜单的依据")),
    ),
    menu=(
        MenuEntry(_("积分"), "points:organisations", icon="medal", needs="points.view_orgs", order=51, group="judging"),
        MenuEntry(_("积分"), "points:mine", icon="medal", needs="points.view_own", order=40, face="phone"),
    ),
    panels=(Panel("workbench.member", "points:panel_mine", "points.view_own", _("我的积分"), order=30),),
    jobs=(Job("points.close", "gongjian.appraisal.points.jobs.close_and_remind", _("积分结账和申诉提醒"), at="03:30"),),
    todos="gongjian.appraisal.points.todos.waiting",
    listeners=("gongjian.appraisal.points.listeners.PointsListener",),
)
