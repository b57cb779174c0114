"""Deeds of organisational life, in three drawers: planning, attending, recording."""

from gongjian.desks.activities.actions.attending import (
    ask_excuse,
    check_in,
    check_in_many,
    decide_excuse,
    open_check_in,
    withdraw,
)
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
from gongjian.desks.activities.actions.recording import (
    correct_attendance,
    hold,
    record_minutes,
    reopen,
    sign_off,
)

__all__ = [
    "add_participants",
    "ask_excuse",
    "cancel",
    "change",
    "check_in",
    "check_in_many",
    "correct_attendance",
    "decide_excuse",
    "hold",
    "leave_out",
    "notify",
    "open_check_in",
    "plan",
    "record_minutes",
    "reopen",
    "reschedule",
    "set_role",
    "sign_off",
    "withdraw",
]
