"""评议的状态: rating → voting → deciding → closed; cancelled is an end as well (支部工作条例: 自评、互评、测评、评定)."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

RATING, VOTING, DECIDING, CLOSED, CANCELLED = "rating", "voting", "deciding", "closed", "cancelled"
STATES = (
    (RATING, _("自评互评")),
    (VOTING, _("民主测评")),
    (DECIDING, _("评定等次")),
    (CLOSED, _("已评定")),
    (CANCELLED, _("已取消")),
)
LINE = STATES[:4]
UNDER_WAY = (RATING, VOTING, DECIDING)
FLOW = Flow(
    kind="review",
    states=STATES,
    moves=(
        # again from a later state only where the poll before was annulled: the deed looks
        Move("ballot", _("开始民主测评"), UNDER_WAY, VOTING, "reviews.run", "review.ballot_opened"),
        Move("decide", _("进入评定"), (VOTING,), DECIDING, "reviews.run", "review.ballot_counted"),
        Move("close", _("评定并告知"), (DECIDING,), CLOSED, "reviews.decide", "review.closed"),
        Move("cancel", _("取消"), UNDER_WAY, CANCELLED, "reviews.run", "review.cancelled"),
    ),
)
