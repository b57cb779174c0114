from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="orders",
    title=_("点单"),
    facts=(
        FactKind(
            "order.raised",
            _("居民点单"),
            _("居民提出一件事；含种类、受理类别、来源，不含内容和联系方式；登录后提出的带本人"),
        ),
        FactKind("order.contacted", _("联系居民"), _("首次联系上提出人；含是否在时限内")),
        FactKind("order.dispatched", _("派单"), _("社区把点单派给人或者组织；含派给谁的编号")),
        FactKind("order.offered", _("请党员接单"), _("点单向一个组织的党员公开征集；含组织编号")),
        FactKind("order.accepted", _("接单"), _("接单人认领；人员为接单人")),
        FactKind("order.handed_back", _("退单"), _("接单人办不了，退回社区；不含理由")),
        FactKind("order.recalled", _("收回派单"), _("社区收回已经派出的点单")),
        FactKind("order.help_called", _("请人帮忙"), _("接单人请另一位同志一起办；人员为被请的人")),
        FactKind("order.helped", _("协助办结"), _("一起办的点单办结；人员为帮忙的人")),
        FactKind("order.finished", _("点单办结"), _("人员为接单人；含种类、是否在时限内")),
        FactKind("order.rated", _("居民评价"), _("人员为接单人；含星级、是否解决，不含评语")),
        FactKind(
            "order.reopened", _("重新办理"), _("居民说没有解决或者打了最低分；更正原来的办结，办结得到的积分随之冲正")
        ),
        FactKind("order.withdrawn", _("撤回点单"), _("提出人撤回")),
        FactKind("order.declined", _("不予受理"), _("含原因的代码；告知居民另找什么渠道")),
        FactKind("order.called_back", _("电话回访"), _("含是否解决，不含谈话内容")),
        FactKind("order.contact_seen", _("查看联系方式"), _("经办人、接单人查看点单的姓名、电话和地址；提出人看得到")),
        FactKind(
            "order.contact_erased", _("删除联系方式"), _("保存期满，删除点单的姓名、电话、地址和原话；数量为件数")
        ),
    ),
    permissions=(
        Permission("orders.view", _("查看点单"), _("辖区的点单和三项指标；保密的只看到有这一件")),
        Permission(
            "orders.dispatch", _("受理和派单"), _("登记来电来访、联系居民、派单、收回、不予受理、暂停、申请延期、回访")
        ),
        Permission("orders.supervise", _("督办点单"), _("批准延期；时限到期时收到通知")),
        Permission("orders.take", _("接单"), _("接派给自己、所在组织的点单，或者公开征集的点单")),
        Permission("orders.own", _("本人的点单"), _("看自己登录后提出的点单，评价和撤回")),
    ),
    menu=(
        MenuEntry(_("居民点单"), "orders:desk", icon="inbox", needs="orders.view", order=46, group="life"),
        MenuEntry(_("接单"), "orders:jobs", icon="clipboard-list", needs="orders.take", order=20, face="more"),
        MenuEntry(_("点单"), "orders:start", icon="hand-stop", needs="orders.own", order=18, face="more"),
    ),
    jobs=(
        Job("orders.escalate", "gongjian.desks.orders.jobs.escalate", _("点单时限到期上报"), every=300),
        Job("orders.forget", "gongjian.desks.orders.jobs.forget", _("删除到期的点单联系方式"), at="03:40"),
    ),
    todos="gongjian.desks.orders.queries.todos",
    files=(("order", "gongjian.desks.orders.queries.may_touch_files"),),
)
