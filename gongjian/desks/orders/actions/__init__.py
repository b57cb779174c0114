"""Deeds on orders: what residents do, what the community's desk does, what who does it does, what runs by itself."""

from gongjian.desks.orders.actions.asking import raise_order, rate, supplement, withdraw
from gongjian.desks.orders.actions.desk import (
    ask_extension,
    call_back,
    contacted,
    decide_extension,
    decline,
    dispatch,
    offer,
    pause,
    recall,
    resume,
)
from gongjian.desks.orders.actions.doing import accept, call_in, finish, hand_back, see_contact
from gongjian.desks.orders.actions.keeping import erase_old, escalate

__all__ = [
    "accept", "ask_extension", "call_back", "call_in", "contacted", "decide_extension", "decline", "dispatch", "erase_old",
    "escalate", "finish", "hand_back", "offer", "pause", "raise_order", "rate", "recall", "resume", "see_contact", "supplement",
    "withdraw",
]  # fmt: skip
