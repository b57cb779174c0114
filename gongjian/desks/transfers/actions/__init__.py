"""Deeds of 组织关系: asking, letters, receiving, batches, members away, decisions on 党籍."""

from gongjian.desks.transfers.actions.asking import (
    Comer,
    agree,
    ask,
    call_off,
    correct,
    key_in,
    send_back,
    start,
    withdraw,
)
from gongjian.desks.transfers.actions.batch import Wanted, issue_many, start_many
from gongjian.desks.transfers.actions.letters import complete, extend, issue, reissue, remind
from gongjian.desks.transfers.actions.papers import issue_paper
from gongjian.desks.transfers.actions.receiving import accept, judge, object_to, receive, refuse
from gongjian.desks.transfers.actions.standing import approve, decide, drop, finish, propose, reject
from gongjian.desks.transfers.actions.staying import (
    answer_about_transfer,
    change_stay,
    contact,
    declare_lost,
    found_again,
    leave_home,
    report,
    return_home,
)

__all__ = [
    "Comer",
    "Wanted",
    "accept",
    "agree",
    "answer_about_transfer",
    "approve",
    "ask",
    "call_off",
    "change_stay",
    "complete",
    "contact",
    "correct",
    "decide",
    "declare_lost",
    "drop",
    "extend",
    "finish",
    "found_again",
    "issue",
    "issue_many",
    "issue_paper",
    "judge",
    "key_in",
    "leave_home",
    "object_to",
    "propose",
    "receive",
    "refuse",
    "reissue",
    "reject",
    "remind",
    "report",
    "return_home",
    "send_back",
    "start",
    "start_many",
    "withdraw",
]
