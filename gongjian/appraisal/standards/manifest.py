from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="standards",
    title=_("达标"),
    facts=(
        FactKind("reminder.sent", _("督促提醒"), _("提醒某组织落实一项规定动作；含事项、周期、自动或人工、收到的人数")),
        FactKind("standing.fell_short", _("转为不达标"), _("周期结束仍未完成；含事项、周期、应完成和已完成次数")),
        FactKind("standing.escalated", _("上报上级"), _("逾期未补，报上一级党组织；含事项、周期、接收的组织")),
        FactKind("standing.made_good", _("补开达标"), _("周期结束后补开，已补齐；含事项、周期、补开日期")),
    ),
    permissions=(
        Permission("standards.view", _("查看达标"), _("所辖组织的规定动作完成情况、预警和督办")),
        Permission("standards.remind", _("督促"), _("向所辖组织发出督促提醒")),
        Permission("standards.sweep", _("立即巡检"), _("不等每天早上的自动巡检，马上重新判定")),
    ),
    menu=(
        MenuEntry(
            _("达标督促"), "standards:overview", icon="checklist", needs="standards.view", order=50, group="judging"
        ),
    ),
    panels=(Panel("orgs.detail", "standards:panel_org", "standards.view", _("达标情况"), order=30),),
    listeners=("gongjian.appraisal.standards.listeners.StandardsListener",),
    jobs=(Job("standards.sweep", "gongjian.appraisal.standards.jobs.daily", _("达标巡检"), at="06:00"),),
)
