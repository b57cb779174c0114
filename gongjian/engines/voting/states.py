"""投票的状态: open → counting → closed; void is an end as well."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

OPEN, COUNTING, CLOSED, VOID = "open", "counting", "closed", "void"
STATES = ((OPEN, _("投票中")), (COUNTING, _("计票中")), (CLOSED, _("已宣布结果")), (VOID, _("已作废")))
FLOW = Flow(
    kind="poll",
    states=STATES,
    moves=(
        Move("stop", _("停止投票"), (OPEN,), COUNTING, "voting.run", "poll.stopped"),
        Move("resume", _("继续投票"), (COUNTING,), OPEN, "voting.run", "poll.resumed"),
        Move("close", _("宣布结果"), (OPEN, COUNTING), CLOSED, "voting.run", "poll.closed"),
        Move("void", _("作废"), (OPEN, COUNTING, CLOSED), VOID, "voting.run", "poll.voided"),
    ),
)
NOT_CLOSED = (OPEN, COUNTING)
