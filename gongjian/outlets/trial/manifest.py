from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="trial",
    title=_("政策试算"),
    facts=(
        FactKind("policy_draft.submitted", _("提交政策草案"), _("政策草案提交批准；含版本号和拟生效日期")),
        FactKind("policy_draft.returned", _("退回政策草案"), _("政策草案没有批准，退回修改；理由记在草案上")),
        FactKind(
            "policy_draft.published", _("发布政策"),
            _("政策草案经批准登记为政策包新版本；含版本号、生效日期和提交人，经办人就是批准人"),
        ),
        FactKind("policy_draft.dropped", _("作废政策草案"), _("政策草案不再使用")),
    ),
    permissions=(
        Permission("trial.view", _("查看政策试算"), _("查看全市的政策草案和试算结果；只有人数，没有个人名单")),
        Permission("trial.draft", _("起草和试算政策"), _("起草政策草案，用过去一年的记录试算，提交批准")),
        Permission("trial.approve", _("批准发布政策"), _("批准或者退回别人提交的政策草案")),
    ),
    menu=(MenuEntry(_("政策试算"), "trial:list", icon="scale", needs="trial.view", order=55, group="judging"),),
    todos="gongjian.outlets.trial.todos.waiting",
    jobs=(
        Job("trial.run", "gongjian.outlets.trial.jobs.run", _("政策试算"), every=1),
        Job("trial.tidy", "gongjian.outlets.trial.jobs.tidy", _("清理旧的试算"), at="03:40"),
    ),
)  # fmt: skip
