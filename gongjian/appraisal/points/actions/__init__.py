"""Deeds of points: by hand, closing and reopening periods, appeals, exemptions and yearly verdicts."""

from gongjian.appraisal.points.actions.appeals import decide, escalate, raise_appeal, withdraw
from gongjian.appraisal.points.actions.by_hand import approve_list, end_list, give, request_list, reverse
from gongjian.appraisal.points.actions.closing import close_branch, close_due, close_period, remind, reopen
from gongjian.appraisal.points.actions.deciding import (
    approve_exemption,
    end_exemption,
    give_verdict,
    refuse_exemption,
    request_exemption,
)  # fmt: skip

__all__ = [
    "approve_exemption", "approve_list", "close_branch", "close_due", "close_period", "decide", "end_exemption", "end_list", "escalate",
    "give", "give_verdict", "raise_appeal", "refuse_exemption", "remind", "reopen", "request_exemption", "request_list",
    "reverse", "withdraw",
]  # fmt: skip
