from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="standards",
    title=_("达标"),
    facts=(
        FactKind("reminder.sent", _("督促提醒"), _("提醒某组织落实一项规定动作；含事项、周期、自动或人工、收到的人数")),
        FactKind("standing.fell_short", _("转为不达标"), _("周期结束仍未完成；含事项、周期、应完成和已完成次数")),
        FactKind("standing.escalated", _("上报上级"), _("逾期未补，报上一级党组织；含事项、周期、接收的组织")),
        FactKind("reminder.acknowledged", _("知悉督促"), _("被督促的组织或者上级表示已知悉；含事项、周期、哪一级")),
        FactKind("excuse.asked", _("申请免除"), _("因故不能完成，向上级说明情况；含事项、周期，不含说明的文字")),
        FactKind("excuse.approved", _("批准免除"), _("上级批准当期免除；含事项、周期")),
        FactKind("excuse.refused", _("不批准免除"), _("仍须完成；含事项、周期")),
        FactKind("excuse.withdrawn", _("撤回免除"), _("申请人撤回，或者上级撤销；含事项、周期")),
        FactKind("moratorium.declared", _("提出暂缓"), _("突发情况下提出一定范围暂缓；含事项、起止日")),
        FactKind("moratorium.approved", _("批准暂缓"), _("由另一人批准；含事项、起止日")),
        FactKind("moratorium.refused", _("不批准暂缓"), _("各组织照常完成；含事项、起止日")),
        FactKind("moratorium.ended", _("提前结束暂缓"), _("含事项、新的止日")),
        FactKind("standing.made_good", _("补开达标"), _("周期结束后补开，已补齐；含事项、周期、补开日期")),
    ),
    permissions=(
        Permission("standards.view", _("查看达标"), _("所辖组织的规定动作完成情况、预警和督办")),
        Permission("standards.remind", _("督促"), _("向所辖组织发出督促提醒")),
        Permission("standards.excuse", _("申请免除"), _("为本组织说明情况，申请免除当期的规定动作")),
        Permission("standards.decide", _("批复免除"), _("批复下级的情况说明，撤销已批准的")),
        Permission("standards.suspend", _("办理暂缓"), _("突发情况下提出或者批准一定范围暂缓")),
        Permission("standards.sweep", _("立即巡检"), _("不等每天早上的自动巡检，马上重新判定")),
    ),
    menu=(
        MenuEntry(
            _("达标督促"), "standards:overview", icon="checklist", needs="standards.view", order=50, group="judging"
        ),
    ),
    todos="gongjian.appraisal.standards.todos.waiting",
    panels=(Panel("orgs.detail", "standards:panel_org", "standards.view", _("达标情况"), order=30),),
    listeners=("gongjian.appraisal.standards.listeners.StandardsListener",),
    jobs=(Job("standards.sweep", "gongjian.appraisal.standards.jobs.daily", _("达标巡检"), at="06:00"),),
)
