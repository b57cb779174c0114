"""Deeds of organisational life, in three drawers: planning, attending, recording."""

from gongjian.desks.activities.actions.attending import (
    ask_excuse,
    check_in,
    check_in_many,
    decide_excuse,
    open_check_in,
    withdraw,
)
from gongjian.desks.activities.actions.devices import (
    close_device,
    hand_in,
    join,
    leave_out_rows,
    name_stranger,
    open_device,
    renew_device,
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
    correct_by_devices,
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
    "close_device",
    "correct_attendance",
    "correct_by_devices",
    "decide_excuse",
    "hand_in",
    "hold",
    "join",
    "leave_out",
    "leave_out_rows",
    "name_stranger",
    "notify",
    "open_check_in",
    "open_device",
    "plan",
    "record_minutes",
    "renew_device",
    "reopen",
    "reschedule",
    "set_role",
    "sign_off",
    "withdraw",
]
