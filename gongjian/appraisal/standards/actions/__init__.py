"""Deeds of this room: the sweep and urging (handling), and what lets a duty rest (relieving)."""

from gongjian.appraisal.standards.actions.handling import acknowledge, remind, sweep
from gongjian.appraisal.standards.actions.relieving import (
    ask_excuse,
    decide_excuse,
    decide_moratorium,
    declare_moratorium,
    end_moratorium,
    may_decide,
    withdraw_excuse,
)

__all__ = [
    "acknowledge", "ask_excuse", "decide_excuse", "decide_moratorium", "declare_moratorium", "end_moratorium",
    "may_decide", "remind", "sweep", "withdraw_excuse",
]  # fmt: skip
