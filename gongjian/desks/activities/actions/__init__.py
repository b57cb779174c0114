"""Deeds of organisational life: planning (with series, years, joint activities and replies), attending, recording."""

from gongjian.desks.activities.actions.attending import (
    ask_excuse,
    check_in,
    check_in_many,
    decide_excuse,
    open_check_in,
    withdraw,
)
from gongjian.desks.activities.actions.joint import decline, get_joining, invite, join_in, step_back
from gongjian.desks.activities.actions.planning import (
    FAR_AHEAD,
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
from gongjian.desks.activities.actions.replies import not_yet_read, remind_all, remind_unread, reply
from gongjian.desks.activities.actions.series import (
    change_series,
    days_of,
    end_series,
    generate,
    get_series,
    pattern_of,
    repeat_otherwise,
    series_of,
    set_series,
    to_come,
)
from gongjian.desks.activities.actions.yearplan import plan_year
from gongjian.desks.activities.clashes import place_taken
from gongjian.desks.activities.patterns import Pattern

__all__ = [
    "FAR_AHEAD",
    "Pattern",
    "add_participants",
    "ask_excuse",
    "cancel",
    "change",
    "change_series",
    "check_in",
    "check_in_many",
    "correct_attendance",
    "days_of",
    "decide_excuse",
    "decline",
    "end_series",
    "generate",
    "get_joining",
    "get_series",
    "hold",
    "invite",
    "join_in",
    "leave_out",
    "not_yet_read",
    "notify",
    "open_check_in",
    "pattern_of",
    "place_taken",
    "plan",
    "plan_year",
    "record_minutes",
    "remind_all",
    "remind_unread",
    "reopen",
    "repeat_otherwise",
    "reply",
    "reschedule",
    "series_of",
    "set_role",
    "set_series",
    "sign_off",
    "step_back",
    "to_come",
    "withdraw",
]
