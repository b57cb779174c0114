"""Deeds on dues."""

from gongjian.desks.dues.actions.assessing import assess, carry_over, confirm, enter_income, return_income, see_income
from gongjian.desks.dues.actions.charging import charge_month
from gongjian.desks.dues.actions.collecting import collect, give, reverse
from gongjian.desks.dues.actions.moving import confirm_movement, enter_movement, hand_over, undo_movement
from gongjian.desks.dues.actions.online import order_dues, order_gift
from gongjian.desks.dues.actions.publishing import note_finding, publish
from gongjian.desks.dues.actions.relieving import (
    answer_consent,
    ask_consent,
    ask_relief,
    decide_relief,
    end_relief,
)

__all__ = [
    "answer_consent",
    "ask_consent",
    "ask_relief",
    "assess",
    "carry_over",
    "charge_month",
    "collect",
    "confirm",
    "confirm_movement",
    "decide_relief",
    "end_relief",
    "enter_income",
    "enter_movement",
    "give",
    "hand_over",
    "note_finding",
    "order_dues",
    "order_gift",
    "publish",
    "return_income",
    "reverse",
    "see_income",
    "undo_movement",
]
