from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="dues",
    title=_("党费"),
    facts=(
        FactKind("dues.assessed", _("核定党费"), _("核定某人每月应交的党费；含类别和起止月份，不含收入和金额")),
        FactKind("dues.income_entered", _("填报收入"), _("本人或支部填报党费计算基数；不含内容")),
        FactKind("dues.income_seen", _("查看收入构成"), _("谁为了核定查看了某人填报的收入；本人可见")),
        FactKind("dues.charged", _("生成应交党费"), _("某支部某月的应交党费已生成；数量为人数，含月份")),
        FactKind("dues.paid", _("交纳党费"), _("某人交纳；数量为月数，含月份、方式、收据号、是否按时，不含金额")),
        FactKind("dues.large_paid", _("交纳大额党费"), _("自愿一次多交、达到大额党费标准；含收据号")),
        FactKind("dues.refunded", _("冲正党费"), _("更正一笔交纳；数量为月数，含原因和作废的收据号")),
        FactKind("dues.consented", _("同意按季交纳或者代交"), _("支部同意某人按季度交纳，或者由亲属、其他党员代交；含起止月份")),
        FactKind("dues.relief_asked", _("申请减免党费"), _("支部研究后报上级批准；含起止月份")),
        FactKind("dues.relief_decided", _("批复党费减免"), _("上级党委批准或者不批准；含是否采纳")),
        FactKind("dues.relief_ended", _("终止党费减免"), _("从某月起恢复正常交纳")),
        FactKind("dues.entered", _("登记上缴、下拨或者支出"), _("一笔党费往来由一人登记；含种类、金额（分）")),
        FactKind("dues.confirmed", _("确认上缴、下拨或者支出"), _("由另一人确认；含种类、金额（分）、收据号")),
        FactKind("dues.withdrawn", _("撤回上缴、下拨或者支出"), _("确认之前撤回，或者确认之后冲正；含种类和原因")),
        FactKind("dues.published", _("公布党费"), _("公布一年的党费收缴使用情况；含年份，不含姓名")),
        FactKind("dues.finding_noted", _("核实欠交情况"), _("支部核实了一名党员长期欠交的情况；不含内容")),
    ),
    permissions=(
        Permission("dues.pay_own", _("交纳党费"), _("填报自己的收入，看自己的党费，网上交纳")),
        Permission("dues.view", _("查看党费收缴"), _("所辖支部的收缴合计、上缴和公布，不看个人收入")),
        Permission("dues.collect", _("收缴党费"), _("本支部每月收缴、开收据、更正、催交")),
        Permission("dues.assess", _("核定党费"), _("查看填报的收入并核定；只给核定的人")),
        Permission("dues.approve", _("批准党费减免"), _("批准下级支部报来的减免")),
        Permission("dues.remit", _("登记党费往来"), _("登记上缴、下拨和支出")),
        Permission("dues.confirm", _("确认党费往来"), _("确认别人登记的上缴、下拨和支出")),
    ),
    menu=(
        MenuEntry(_("党费"), "dues:home", icon="coin", needs="dues.view", order=33, group="team"),
        MenuEntry(_("党费"), "dues:mine", icon="coin", needs="dues.pay_own", order=40, face="more"),
    ),
    jobs=(
        Job("dues.charge", "gongjian.desks.dues.jobs.charge", _("生成本月应交党费"), at="00:40"),
        Job("dues.remind", "gongjian.desks.dues.jobs.remind", _("提醒交纳党费"), at="09:00"),
    ),
    sheets=("gongjian.desks.dues.sheets.INCOMES",),
    todos="gongjian.desks.dues.todos.todos",
)  # fmt: skip
