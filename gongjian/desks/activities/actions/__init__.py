"""Deeds of organisational life, in drawers: planning, attending, chairing, minuting, deciding, recording, following."""

from gongjian.desks.activities.actions.attending import (
    ask_excuse,
    check_in,
    check_in_many,
    decide_excuse,
    open_check_in,
    withdraw,
)
from gongjian.desks.activities.actions.chairing import delegate_chair, set_particulars
from gongjian.desks.activities.actions.deciding import propose, record_vote, start_poll, take_results
from gongjian.desks.activities.actions.follow_up import (
    confirm,
    extend,
    hand_over,
    remind,
    report_done,
    send_back,
    strike,
)
from gongjian.desks.activities.actions.minuting import drop_draft, record_minutes, save_draft
from gongjian.desks.activities.actions.planning import (
    add_participants,
    cancel,
    change,
    leave_out,
    notify,
    plan,
    reschedule,
    set_role,
)
from gongjian.desks.activities.actions.recording import correct_attendance, hold, reopen, sign_off

__all__ = [
    "add_participants",
    "ask_excuse",
    "cancel",
    "change",
    "check_in",
    "check_in_many",
    "confirm",
    "correct_attendance",
    "decide_excuse",
    "delegate_chair",
    "drop_draft",
    "extend",
    "hand_over",
    "hold",
    "leave_out",
    "notify",
    "open_check_in",
    "plan",
    "propose",
    "record_minutes",
    "record_vote",
    "remind",
    "reopen",
    "report_done",
    "reschedule",
    "save_draft",
    "send_back",
    "set_particulars",
    "set_role",
    "sign_off",
    "start_poll",
    "strike",
    "take_results",
    "withdraw",
]
