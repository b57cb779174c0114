"""转接与党籍处理的状态, and the tables of moves.

A transfer goes member → branch → committee → letter → committee → branch; DOMAIN 2.2.7 to 2.2.10.
"""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

ASKED, AGREED, ISSUED, KEYED, RECEIVED, RETURNED, REFUSED, OBJECTED, DONE, WITHDRAWN, CLOSED = (
    "asked", "agreed", "issued", "keyed", "received", "returned", "refused", "objected", "done", "withdrawn", "closed",
)  # fmt: skip
STATES = (
    (ASKED, _("已申请，待支部确认")),
    (AGREED, _("支部已确认，待党委开信")),
    (ISSUED, _("介绍信已开出")),
    (KEYED, _("外来介绍信已录入")),
    (RECEIVED, _("党委已接收，待支部接收")),
    (RETURNED, _("退回补正")),
    (REFUSED, _("不予接收")),
    (OBJECTED, _("已提出异议")),
    (DONE, _("已办结")),
    (WITHDRAWN, _("已撤回")),
    (CLOSED, _("没有接收，已终止")),
)
OPEN = (ASKED, AGREED, ISSUED, KEYED, RECEIVED, RETURNED, REFUSED, OBJECTED)
BEFORE_LETTER = (ASKED, AGREED)  # the new organisation does not see it yet
# the line that a person follows, by direction: each state stands at the step that is to be done next
LINES = {
    "city": (
        (ASKED, _("转出支部")), (AGREED, _("转出党委开信")), (ISSUED, _("转入党委")), (RECEIVED, _("转入支部")), (DONE, _("办结")),
    ),
    "out": ((ASKED, _("转出支部")), (AGREED, _("转出党委开信")), (ISSUED, _("等市外回执")), (DONE, _("办结"))),
    "in": ((KEYED, _("转入党委核对")), (RECEIVED, _("转入支部")), (DONE, _("办结"))),
}  # fmt: skip

FLOW = Flow(
    kind="transfer",
    states=STATES,
    moves=(
        Move("agree", _("支部确认"), (ASKED,), AGREED, "transfers.confirm", "transfer.agreed"),
        Move("issue", _("开出介绍信"), (AGREED,), ISSUED, "transfers.issue", "transfer.issued"),
        # between two branches of one committee no letter travels
        Move("pass_on", _("党委同意调整"), (AGREED,), RECEIVED, "transfers.issue", "transfer.received"),
        Move("receive", _("党委接收"), (ISSUED, KEYED), RECEIVED, "transfers.issue", "transfer.received"),
        Move("accept", _("支部接收"), (RECEIVED,), DONE, "transfers.confirm", "transfer.accepted"),
        Move("complete", _("登记回执"), (ISSUED,), DONE, "transfers.issue", "transfer.completed"),
        Move("send_back", _("退回补正"), (AGREED, ISSUED, KEYED), RETURNED, "transfers.issue", "transfer.sent_back"),
        Move("send_back_branch", _("退回补正"), (ASKED, RECEIVED), RETURNED, "transfers.confirm", "transfer.sent_back"),
        Move("correct", _("补正后提交"), (RETURNED,), AGREED, "transfers.confirm", "transfer.corrected"),
        Move("correct_in", _("补正后提交"), (RETURNED,), KEYED, "transfers.confirm", "transfer.corrected"),
        # 2.2.7: 不得无故拒转拒接: each refusal names its cause, and can be objected to
        Move("refuse", _("不予接收"), (AGREED, ISSUED, KEYED), REFUSED, "transfers.issue", "transfer.refused"),
        Move("refuse_branch", _("不予接收"), (ASKED, RECEIVED), REFUSED, "transfers.confirm", "transfer.refused"),
        # a letter from outside goes back to where it came from
        Move("turn_away", _("退回市外"), (KEYED,), CLOSED, "transfers.issue", "transfer.refused"),
        Move("turn_away_branch", _("退回市外"), (RECEIVED,), CLOSED, "transfers.confirm", "transfer.refused"),
        Move("object", _("提出异议"), (REFUSED,), OBJECTED, "transfers.ask", "transfer.objected"),
        Move("object_branch", _("提出异议"), (REFUSED,), OBJECTED, "transfers.confirm", "transfer.objected"),
        Move("order", _("责令接收"), (OBJECTED,), ISSUED, "transfers.decide", "transfer.ordered"),
        Move("order_out", _("责令办理"), (OBJECTED,), AGREED, "transfers.decide", "transfer.ordered"),
        Move("uphold", _("维持不接收"), (OBJECTED,), CLOSED, "transfers.decide", "transfer.upheld"),
        Move(
            "withdraw", _("本人撤回"), (ASKED, AGREED, ISSUED, RECEIVED, RETURNED, REFUSED), WITHDRAWN, "transfers.ask",
            "transfer.withdrawn",
        ),
        Move(
            "call_off", _("停止办理"), (ASKED, AGREED, ISSUED, KEYED, RECEIVED, RETURNED, REFUSED), WITHDRAWN,
            "transfers.confirm", "transfer.withdrawn",
        ),
    ),
)  # fmt: skip

PROPOSED, DECIDED, NOT_PASSED, APPROVED, NOT_APPROVED, DROPPED, FINISHED = (
    "proposed", "decided", "not_passed", "approved", "not_approved", "dropped", "finished",
)  # fmt: skip
CASE_STATES = (
    (PROPOSED, _("待支部大会决定")),
    (DECIDED, _("支部大会已决定，待上级批准")),
    (NOT_PASSED, _("支部大会没有通过")),
    (APPROVED, _("上级已批准")),
    (NOT_APPROVED, _("上级没有批准")),
    (DROPPED, _("不再提出")),
    (FINISHED, _("限期改正已了结")),
)
CASE_OPEN = (PROPOSED, DECIDED)

# 2.2.2, 2.2.14, 2.2.15: people propose, the branch meeting decides, the higher organisation approves
CASES = Flow(
    kind="standing_case",
    states=CASE_STATES,
    moves=(
        Move("decide", _("登记支部大会决定"), (PROPOSED,), DECIDED, "transfers.care", "standing.decided"),
        Move("fail", _("登记支部大会决定"), (PROPOSED,), NOT_PASSED, "transfers.care", "standing.not_passed"),
        Move("approve", _("批准"), (DECIDED,), APPROVED, "transfers.approve", "standing.approved"),
        Move("reject", _("不批准"), (DECIDED,), NOT_APPROVED, "transfers.approve", "standing.not_approved"),
        Move("drop", _("不再提出"), (PROPOSED, DECIDED), DROPPED, "transfers.care", "standing.dropped"),
        Move("finish", _("了结限期改正"), (APPROVED,), FINISHED, "transfers.care", "standing.finished"),
    ),
)  # fmt: skip
