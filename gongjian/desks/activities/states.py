"""活动的状态: planned → notified → open → held → signed_off; cancelled is an end as well.

议定事项的状态: open → done → confirmed; done and confirmed may go back to open; struck is an end as well.
"""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

PLANNED, NOTIFIED, OPEN, HELD, SIGNED_OFF, CANCELLED = (
    "planned", "notified", "open", "held", "signed_off", "cancelled",
)  # fmt: skip

STATES = (
    (PLANNED, _("已安排")),
    (NOTIFIED, _("已通知")),
    (OPEN, _("签到中")),
    (HELD, _("已召开")),
    (SIGNED_OFF, _("已签字确认")),
    (CANCELLED, _("已取消")),
)
# the line from notice to sign-off; 取消 lies beside it
LINE = STATES[:5]

FLOW = Flow(
    kind="activity",
    states=STATES,
    moves=(
        Move("notify", _("通知"), (PLANNED,), NOTIFIED, "activities.plan", "activity.notified"),
        Move(
            "open", _("开始签到"), (PLANNED, NOTIFIED), OPEN, "activities.check_in", "activity.check_in_opened"
        ),
        Move("hold", _("结束签到"), (OPEN,), HELD, "activities.hold", "activity.held"),
        Move("reopen", _("重新开放签到"), (HELD,), OPEN, "activities.hold", "activity.reopened"),
        Move("sign_off", _("签字确认"), (HELD,), SIGNED_OFF, "activities.sign_off", "activity.signed_off"),
        Move(
            "cancel", _("取消"), (PLANNED, NOTIFIED, OPEN), CANCELLED, "activities.cancel", "activity.cancelled"
        ),
    ),
)  # fmt: skip
UNDER_WAY = (PLANNED, NOTIFIED, OPEN)  # may still be changed as a plan
BEFORE_SIGN_OFF = (PLANNED, NOTIFIED, OPEN, HELD)

FOLLOW_UP_OPEN, FOLLOW_UP_DONE, FOLLOW_UP_CONFIRMED, FOLLOW_UP_STRUCK = "open", "done", "confirmed", "struck"
FOLLOW_UP_STATES = (
    (FOLLOW_UP_OPEN, _("办理中")),
    (FOLLOW_UP_DONE, _("已办结，待确认")),
    (FOLLOW_UP_CONFIRMED, _("已确认")),
    (FOLLOW_UP_STRUCK, _("已撤销")),
)
# That it is done is said by its owner, who need not hold a permission: actions/follow_up.py asks who it is.
FOLLOW_UP = Flow(
    kind="followup",
    states=FOLLOW_UP_STATES,
    moves=(
        Move(
            "confirm", _("确认办结"), (FOLLOW_UP_DONE,), FOLLOW_UP_CONFIRMED, "activities.follow_up", "followup.confirmed"
        ),
        Move(
            "reopen", _("退回重办"), (FOLLOW_UP_DONE, FOLLOW_UP_CONFIRMED), FOLLOW_UP_OPEN, "activities.follow_up",
            "followup.reopened",
        ),
        Move(
            "strike", _("撤销"), (FOLLOW_UP_OPEN, FOLLOW_UP_DONE), FOLLOW_UP_STRUCK, "activities.follow_up",
            "followup.struck",
        ),
    ),
)  # fmt: skip
UNFINISHED = (FOLLOW_UP_OPEN, FOLLOW_UP_DONE)
