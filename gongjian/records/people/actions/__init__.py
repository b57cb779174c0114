"""Deeds on people; each in one transaction, recorded with its fact."""

from gongjian.records.people.actions.circumstances import (
    consent_circumstance,
    end_circumstance,
    note_circumstance,
)
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.actions.membership import (
    admit,
    become_formal,
    leave,
    move_member,
    restore,
    set_state,
    stop,
)
from gongjian.records.people.actions.particulars import PLAIN, correct, export_protected, protect, register, unmask
from gongjian.records.people.actions.posts import (
    appoint,
    end_appointment,
    end_guest,
    end_relation,
    hand_over_relation,
    host_guest,
    relate,
)
from gongjian.records.people.actions.requests import answer_correction, ask_correction

__all__ = [
    "PLAIN",
    "admit",
    "answer_correction",
    "appoint",
    "ask_correction",
    "become_formal",
    "consent_circumstance",
    "correct",
    "end_appointment",
    "end_circumstance",
    "end_guest",
    "end_relation",
    "export_protected",
    "hand_over_relation",
    "host_guest",
    "leave",
    "move_member",
    "note_circumstance",
    "protect",
    "recount",
    "register",
    "relate",
    "restore",
    "set_state",
    "stop",
    "unmask",
]
