from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="activities",
    title=_("组织生活"),
    facts=(
        FactKind("activity.planned", _("安排活动"), _("安排一次活动；含类型、日期、补哪一期")),
        FactKind("activity.rescheduled", _("活动改期"), _("含类型、原日期与新日期")),
        FactKind("activity.notified", _("发出通知"), _("通知应到人员；数量为通知人数")),
        FactKind("activity.check_in_opened", _("开始签到"), _("开放签到，名单随之确定")),
        FactKind("activity.cancelled", _("取消活动"), _("含类型、日期与原因")),
        FactKind("activity.attended", _("参加活动"), _("某人到会；数量为分钟；含类型、日期、签到方式与角色")),
        FactKind("activity.attendance_withdrawn", _("撤回签到"), _("更正一条到会事实；含原因")),
        FactKind("activity.excuse_asked", _("申请请假"), _("某人申请不参加某次活动；含原因类别")),
        FactKind("activity.excused", _("准假"), _("某人经批准不参加某次活动；含类型与原因类别")),
        FactKind("activity.excuse_refused", _("不准假"), _("请假未获批准")),
        FactKind("activity.participant_added", _("增加参加人"), _("把某人列入应到名单；含原因")),
        FactKind("activity.left_out", _("不计入应到"), _("某人不计入本次应到；含原因")),
        FactKind("activity.held", _("活动召开"), _("活动开过，签到结束；含类型与日期")),
        FactKind("activity.reopened", _("重新开放签到"), _("签字确认之前重新开放签到；含原因")),
        FactKind("activity.minutes_recorded", _("会议记录"), _("记录内容与决定事项；含决定条数")),
        FactKind(
            "activity.signed_off", _("签字确认"),
            _("活动归档，时间为活动时间；含类型、日期、补哪一期、应到、实到、时长分钟"),
        ),
        FactKind("activity.record_corrected", _("归档后更正"), _("签字确认之后更正到会人数；含更正前后的人数与原因")),
        FactKind("activity.chair_delegated", _("委托主持"), _("书记委托某人主持一次会议")),
        FactKind("activity.vote_recorded", _("表决"), _("一项决定的表决结果；含规则、应到会、实到会、赞成、反对、弃权、是否通过")),
        FactKind("followup.opened", _("议定事项"), _("会议决定列入督办，某人负责；含时限")),
        FactKind("followup.done", _("报告办结"), _("责任人报告办结；含是否在时限内")),
        FactKind("followup.confirmed", _("确认办结"), _("确认一件议定事项已经办结")),
        FactKind("followup.reopened", _("退回重办"), _("议定事项退回责任人重办")),
        FactKind("followup.handed_over", _("转交"), _("议定事项转给另一人负责；含原责任人编号")),
        FactKind("followup.extended", _("延期"), _("议定事项延长时限；含原时限")),
        FactKind("followup.struck", _("撤销"), _("议定事项不再办理")),
    ),
    permissions=(
        Permission("activities.view", _("查看活动"), _("所辖组织的活动")),
        Permission("activities.view_open", _("查看开放活动"), _("辖区内向居民开放的活动")),
        Permission("activities.attend", _("参加活动"), _("本人签到、请假")),
        Permission("activities.plan", _("安排活动"), _("安排、改期、通知、调整应到名单")),
        Permission("activities.check_in", _("办理签到"), _("开放签到、按名单签到、审批请假")),
        Permission("activities.hold", _("召开与记录"), _("结束签到、做会议记录")),
        Permission("activities.sign_off", _("签字确认"), _("确认活动真实、归档，以及归档后更正")),
        Permission("activities.cancel", _("取消活动"), _("取消尚未召开的活动")),
        Permission("activities.follow_up", _("督办议定事项"), _("确认办结、退回、转交、延期、撤销")),
    ),
    menu=(
        MenuEntry(_("组织生活"), "activities:list", icon="calendar-event", needs="activities.view", order=40),
        MenuEntry(_("活动"), "activities:mine", icon="calendar-event", needs="activities.attend", order=20, face="phone"),
    ),
    jobs=(
        Job("activities.follow_ups", "gongjian.desks.activities.actions.following.remind", _("议定事项到期提醒"), at="07:30"),
    ),
    todos="gongjian.desks.activities.todos.todos",
    sheets=("gongjian.desks.activities.sheets.PAST_ACTIVITIES",),
)  # fmt: skip
