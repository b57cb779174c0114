"""点单的状态: raised → (offered | dispatched →) accepted → finished; back to raised when it comes back, and again."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

RAISED, OFFERED, DISPATCHED, ACCEPTED = "raised", "offered", "dispatched", "accepted"
FINISHED, WITHDRAWN, DECLINED = "finished", "withdrawn", "declined"
STATES = (
    (RAISED, _("待派单")),
    (OFFERED, _("等人接单")),
    (DISPATCHED, _("已派单")),
    (ACCEPTED, _("办理中")),
    (FINISHED, _("已办结")),
    (WITHDRAWN, _("已撤回")),
    (DECLINED, _("不予受理")),
)
OPEN = (RAISED, OFFERED, DISPATCHED, ACCEPTED)
OUT = (OFFERED, DISPATCHED, ACCEPTED)

# Moves without a permission are made by whoever was given the order or holds its link: actions.py asks who that is.
FLOW = Flow(
    kind="order",
    states=STATES,
    moves=(
        Move("dispatch", _("派单"), (RAISED, OFFERED), DISPATCHED, "orders.dispatch", "order.dispatched"),
        Move("assign", _("派单"), (RAISED, OFFERED), ACCEPTED, "orders.dispatch", "order.dispatched"),
        Move("offer", _("请党员接单"), (RAISED,), OFFERED, "orders.dispatch", "order.offered"),
        Move("recall", _("收回"), OUT, RAISED, "orders.dispatch", "order.recalled"),
        Move("accept", _("接单"), (OFFERED, DISPATCHED), ACCEPTED, "", "order.accepted"),
        Move("hand_back", _("退单"), (DISPATCHED, ACCEPTED), RAISED, "", "order.handed_back"),
        Move("finish", _("办结"), (RAISED, DISPATCHED, ACCEPTED), FINISHED, "", "order.finished"),
        Move("decline", _("不予受理"), (RAISED,), DECLINED, "orders.dispatch", "order.declined"),
        Move("withdraw", _("撤回"), OPEN, WITHDRAWN, "", "order.withdrawn"),
        Move("reopen", _("重新办理"), (FINISHED,), ACCEPTED, "", "order.reopened"),
        Move("reopen_at_desk", _("重新办理"), (FINISHED,), RAISED, "", "order.reopened"),
    ),
)
