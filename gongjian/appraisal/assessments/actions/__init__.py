"""Deeds of assessments: open, self-assess, visit, settle, assess, tell, object, answer, conclude, lapse, cancel."""

from gongjian.appraisal.assessments.actions.basics import Given, ref
from gongjian.appraisal.assessments.actions.deciding import (
    accept,
    answer,
    assess,
    cancel,
    daily,
    object_to,
    reopen,
    revoke,
    tell,
)
from gongjian.appraisal.assessments.actions.opening import MOST_AT_ONCE, open_many, open_one
from gongjian.appraisal.assessments.actions.scoring import (
    HandedIn,
    by_hand,
    hand_in_visit,
    return_self,
    save_self,
    settle,
)

__all__ = [
    "MOST_AT_ONCE", "Given", "HandedIn", "accept", "answer", "assess", "by_hand", "cancel", "daily", "hand_in_visit",
    "object_to", "open_many", "open_one", "ref", "reopen", "return_self", "revoke", "save_self", "settle", "tell",
]  # fmt: skip
