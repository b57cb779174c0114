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
        FactKind("activity.joint_invited", _("邀请联合开展"), _("邀请一个组织联合开展；组织为被邀请的组织，含类型与发起组织")),
        FactKind("activity.joint_declined", _("谢绝联合开展"), _("被邀请的组织谢绝；含原因")),
        FactKind("activity.replied", _("回复通知"), _("某人回复会不会来；含类型与答复，不是请假")),
        FactKind("activity.reminded", _("提醒未读"), _("提醒还没有看通知的人；数量为人数")),
        FactKind("activity.series_set", _("安排系列活动"), _("按规律安排一个系列；含类型、规律与起止日期，数量为次数")),
        FactKind("activity.series_changed", _("修改系列活动"), _("修改一个系列还没有开的各次；含类型、范围，数量为次数")),
        FactKind("activity.series_ended", _("结束系列活动"), _("系列到某天为止，已开的保留；含类型、日期与原因，数量为取消的次数")),
        FactKind("activity.record_corrected", _("归档后更正"), _("签字确认之后更正到会人数；含更正前后的人数与原因")),
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
    ),
    menu=(
        MenuEntry(_("组织生活"), "activities:list", icon="calendar-event", needs="activities.view", order=40),
        MenuEntry(_("活动"), "activities:mine", icon="calendar-event", needs="activities.attend", order=20, face="phone"),
    ),
    jobs=(Job("activities.remind", "gongjian.desks.activities.jobs.remind", _("提醒没有看通知的人"), at="08:30"),),
    sheets=("gongjian.desks.activities.sheets.PAST_ACTIVITIES", "gongjian.desks.activities.year_sheet.YEAR_PLAN"),
    todos="gongjian.desks.activities.planning_todos.todos",
)  # fmt: skip
