from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="admissions",
    title=_("发展党员"),
    facts=(
        FactKind("admission.started", _("收到入党申请"), _("登记一份入党申请；含申请日期")),
        FactKind("admission.step_done", _("办完一步"), _("含步骤编号、日期、是否补录、是否逾期，不含内容")),
        FactKind("admission.step_failed", _("一步未通过"), _("含步骤编号与日期")),
        FactKind("admission.step_withdrawn", _("撤回一步"), _("更正一条办完一步的事实；含步骤编号")),
        FactKind("admission.observed", _("培养考察"), _("记一次考察或者思想汇报；含日期")),
        FactKind("admission.observation_withdrawn", _("撤回考察记录"), _("含日期")),
        FactKind("admission.move_offered", _("转出发展档案"), _("含转往的支部")),
        FactKind("admission.moved", _("接收发展档案"), _("含原支部与新支部；培养教育时间连续计算")),
        FactKind("admission.move_declined", _("退回发展档案"), _("转往的支部没有接收，或者原支部收回")),
        FactKind("admission.finished", _("发展完成"), _("转正并归档；含预备期满日期")),
        FactKind("admission.ended", _("发展终止"), _("含情形，不含原因")),
        FactKind("admission.pool_reviewed", _("积极分子队伍分析"), _("含年度与各阶段人数")),
    ),
    permissions=(
        Permission("admissions.view", _("查看发展档案"), _("本支部及上级党委")),
        Permission("admissions.keep", _("办理发展党员"), _("支部的各步骤、考察、转移、终止")),
        Permission("admissions.approve", _("审批发展党员"), _("上级党委的备案、预审、谈话、审批")),
        Permission("admissions.own", _("查看自己的入党进度"), _("本人的进度；联系人、介绍人看所联系的人")),
    ),
    menu=(MenuEntry(_("发展党员"), "admissions:list", icon="user-plus", needs="admissions.view", order=31, group="team"),),
    jobs=(
        Job("admissions.remind", "gongjian.desks.admissions.jobs.remind", _("更新发展党员期限并提醒"), at="07:30"),
    ),
    listeners=("gongjian.desks.admissions.listeners.Following",),
    sheets=("gongjian.desks.admissions.sheets.ADMISSIONS",),
    todos="gongjian.desks.admissions.todos.waiting",
    files=(("admission", "gongjian.desks.admissions.permissions.file_gate"),),
)  # fmt: skip
