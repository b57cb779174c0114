"""Deeds on admissions; each in one transaction, recorded with its fact."""

from gongjian.desks.admissions.actions.moving import accept_move, decline_move, end, offer_move
from gongjian.desks.admissions.actions.observing import observe, review_pool, withdraw_observation
from gongjian.desks.admissions.actions.showing import open_poll, publish
from gongjian.desks.admissions.actions.starting import adopt, refresh, start
from gongjian.desks.admissions.actions.stepping import do_step, redo_step, withdraw_step

__all__ = [
    "accept_move",
    "adopt",
    "decline_move",
    "do_step",
    "end",
    "observe",
    "offer_move",
    "open_poll",
    "publish",
    "redo_step",
    "refresh",
    "review_pool",
    "start",
    "withdraw_observation",
    "withdraw_step",
]
