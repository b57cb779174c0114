"""公示的状态: running → closed; cancelled is an end as well, with a reason."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

RUNNING, CLOSED, CANCELLED = "running", "closed", "cancelled"
STATES = ((RUNNING, _("公示中")), (CLOSED, _("已结束")), (CANCELLED, _("已取消")))

FLOW = Flow(
    kind="publication",
    states=STATES,
    moves=(
        Move("close", _("结束公示"), (RUNNING,), CLOSED, "publication.manage", "publication.closed"),
        Move("cancel", _("取消公示"), (RUNNING,), CANCELLED, "publication.manage", "publication.cancelled"),
    ),
)
