"""Deeds of elections, in three drawers: preparing, electing, answering."""

from gongjian.desks.elections.actions.answering import (
    accept_candidates,
    allow,
    answer_shift,
    ask_shift,
    confirm,
    report,
    return_candidates,
    return_request,
    return_result,
    withdraw_report,
)
from gongjian.desks.elections.actions.electing import (
    annul_round,
    convene,
    reduce_seats,
    replace_candidates,
    seat_tellers,
    set_duties,
    settle_round,
    start_round,
)
from gongjian.desks.elections.actions.preparing import ask, cancel, change, prepare, propose, set_candidates

__all__ = [
    "accept_candidates",
    "allow",
    "annul_round",
    "answer_shift",
    "ask",
    "ask_shift",
    "cancel",
    "change",
    "confirm",
    "convene",
    "prepare",
    "propose",
    "reduce_seats",
    "replace_candidates",
    "report",
    "return_candidates",
    "return_request",
    "return_result",
    "seat_tellers",
    "set_candidates",
    "set_duties",
    "settle_round",
    "start_round",
    "withdraw_report",
]
