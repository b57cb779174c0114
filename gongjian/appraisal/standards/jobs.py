"""The daily sweep (每日巡检), run by the worker at six in the morning."""

from gongjian.appraisal.standards import actions
from gongjian.ground.kernel.actor import SYSTEM


def daily() -> None:
    """Judge the whole city and handle the cases; run again the same day it changes nothing."""
    actions.sweep(by=SYSTEM)
