from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, Permission

MANIFEST = Manifest(
    room="voting",
    title=_("表决"),
    facts=(
        FactKind("poll.opened", _("开始投票"), _("开始一次投票，名册随之确定；含表决规则、是否无记名、应到人数")),
        FactKind("poll.stopped", _("停止投票"), _("停止投票，开始计票")),
        FactKind("poll.resumed", _("继续投票"), _("宣布结果之前恢复投票；含原因")),
        FactKind("poll.paper_counted", _("录入纸质票"), _("监票人、计票人清点纸质票；含收回、无效票数")),
        FactKind("poll.closed", _("宣布投票结果"), _("含应到、实到、发出、收回、有效票数；票数明细在投票里")),
        FactKind("poll.voided", _("投票作废"), _("含原因")),
        FactKind("poll.took_part", _("参加投票"), _("某人交了票，时间一律为宣布结果之时；不含投了什么")),
    ),
    permissions=(
        Permission("voting.view", _("查看投票"), _("所辖组织的投票和结果")),
        Permission("voting.run", _("组织投票"), _("开始投票、登记到会、发纸质票、计票、宣布结果")),
        Permission("voting.vote", _("参加投票"), _("在自己有表决权的投票中投票")),
    ),
    todos="gongjian.engines.voting.queries.todos",
)
