"""选举的状态: a line from the request to the approved result; no step can be skipped."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

PREPARING, ASKED, ALLOWED, PROPOSED, ACCEPTED, MEETING, ELECTED, COMPLETE, REPORTED, CONFIRMED, CANCELLED = (
    "preparing", "asked", "allowed", "proposed", "accepted", "meeting", "elected", "complete", "reported", "confirmed",
    "cancelled",
)  # fmt: skip
STATES = (
    (PREPARING, _("筹备")),
    (ASKED, _("已请示")),
    (ALLOWED, _("已批准选举")),
    (PROPOSED, _("已报候选人")),
    (ACCEPTED, _("已批复候选人")),
    (MEETING, _("选举大会")),
    (ELECTED, _("委员已选出")),
    (COMPLETE, _("已选出")),
    (REPORTED, _("已报结果")),
    (CONFIRMED, _("已批复")),
    (CANCELLED, _("已取消")),
)
LINE = STATES[:10]
RUN, APPROVE = "elections.run", "elections.approve"
UNDER_WAY = tuple(state for state, _word in STATES[:9])
FLOW = Flow(
    kind="election",
    states=STATES,
    moves=(
        # 选举工作条例: an election is held with the approval of the higher organisation
        Move("ask", _("请示"), (PREPARING,), ASKED, RUN, "election.asked"),
        Move("allow", _("批准选举"), (ASKED,), ALLOWED, APPROVE, "election.allowed"),
        Move("return_request", _("退回请示"), (ASKED,), PREPARING, APPROVE, "election.returned"),
        # 候选人预备人选报上级党组织审查同意
        Move("propose", _("报候选人"), (ALLOWED,), PROPOSED, RUN, "election.proposed"),
        Move("accept", _("批复候选人"), (PROPOSED,), ACCEPTED, APPROVE, "election.accepted"),
        Move("return_candidates", _("退回候选人"), (PROPOSED,), ALLOWED, APPROVE, "election.returned"),
        Move("convene", _("召开选举大会"), (ACCEPTED,), MEETING, RUN, "election.convened"),
        Move("elect", _("选出委员"), (MEETING,), ELECTED, RUN, "election.elected"),
        Move("complete", _("全部选出"), (MEETING, ELECTED), COMPLETE, RUN, "election.completed"),
        Move("reopen_meeting", _("重新选举"), (ELECTED, COMPLETE), MEETING, RUN, "election.reopened"),
        Move("reopen_committee", _("重新选举书记、副书记"), (COMPLETE,), ELECTED, RUN, "election.reopened"),
        # 委员报上级备案，书记、副书记报上级批准
        Move("report", _("报结果"), (COMPLETE,), REPORTED, RUN, "election.reported"),
        Move("withdraw_report", _("撤回报告"), (REPORTED,), COMPLETE, RUN, "election.report_withdrawn"),
        Move("return_result", _("退回结果"), (REPORTED,), COMPLETE, APPROVE, "election.returned"),
        Move("confirm", _("批复结果"), (REPORTED,), CONFIRMED, APPROVE, "election.confirmed"),
        Move("cancel", _("取消"), UNDER_WAY, CANCELLED, RUN, "election.cancelled"),
    ),
)

SHIFT_STATES = (("asked", _("待批准")), ("approved", _("已批准")), ("refused", _("未批准")))
SHIFT_FLOW = Flow(
    kind="term_shift",
    states=SHIFT_STATES,
    moves=(
        Move("approve", _("批准延期"), ("asked",), "approved", APPROVE, "election.shift_approved"),
        Move("refuse", _("不批准延期"), ("asked",), "refused", APPROVE, "election.shift_refused"),
    ),
)
