from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="elections",
    title=_("换届选举"),
    facts=(
        FactKind("election.prepared", _("筹备选举"), _("含种类、职数、大会日期")),
        FactKind("election.changed", _("修改选举方案"), _("批准之前修改职数、日期等")),
        FactKind("election.asked", _("请示选举"), _("向上级请示召开大会进行选举；含职数、日期")),
        FactKind("election.allowed", _("批准选举"), _("上级批准进行选举；含批复文号")),
        FactKind("election.returned", _("上级退回"), _("请示、候选人或结果退回；含环节与意见")),
        FactKind("election.proposed", _("报候选人预备人选"), _("含各职务候选人数")),
        FactKind("election.accepted", _("批复候选人"), _("上级同意候选人预备人选；含批复文号")),
        FactKind("election.tellers_approved", _("通过监票人、计票人"), _("会议通过；含人数")),
        FactKind("election.convened", _("召开选举大会"), _("选举办法已通过；含日期")),
        FactKind("election.round_opened", _("开始一轮投票"), _("含职务、轮次、事由、应选人数")),
        FactKind("election.round_settled", _("确认一轮结果"), _("含职务、轮次、当选、相等、缺额人数")),
        FactKind("election.round_annulled", _("撤销一轮结果"), _("报告之前更正；含原因")),
        FactKind("election.seats_reduced", _("减少名额"), _("经半数以上选举人同意；含原定、现定、同意人数")),
        FactKind("election.elected", _("选出委员"), _("大会选出委员，接着由委员会选举书记、副书记")),
        FactKind("election.completed", _("全部选出"), _("应选职务全部选出")),
        FactKind("election.reopened", _("重新选举"), _("结果被撤销或退回，回到选举环节")),
        FactKind("election.reported", _("报选举结果"), _("委员报备案，书记、副书记报批准；含日期")),
        FactKind("election.report_withdrawn", _("撤回结果报告"), _("批复之前撤回")),
        FactKind("election.confirmed", _("批复选举结果"), _("新一届任职随之生效；含批复文号、日期")),
        FactKind("election.cancelled", _("取消选举"), _("含原因")),
        FactKind("election.shift_asked", _("请示延期换届"), _("含届满日期、拟延期至")),
        FactKind("election.shift_approved", _("批准延期换届"), _("含延期至的日期")),
        FactKind("election.shift_refused", _("不批准延期换届"), _("含意见")),
    ),
    permissions=(
        Permission("elections.view", _("查看选举"), _("所辖组织的选举过程和结果")),
        Permission("elections.run", _("组织选举"), _("筹备、请示、报候选人、召开大会、报结果")),
        Permission("elections.approve", _("审批下级选举"), _("批准下级选举、批复候选人和结果、延期")),
    ),
    menu=(MenuEntry(_("换届选举"), "elections:list", icon="checkbox", needs="elections.view", order=41, group="life"),),
    jobs=(Job("elections.remind", "gongjian.desks.elections.jobs.remind", _("提醒任期届满"), at="07:40"),),
    todos="gongjian.desks.elections.todos.todos",
)
