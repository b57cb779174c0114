"""The daily look (每日更新): dates of all files, and a reminder to those who must act."""

from gongjian.desks.admissions import actions, todos
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM


def remind() -> None:
    """Work out all dates anew, then remind once of each that has run out; run again the same day it changes nothing."""
    actions.refresh(by=SYSTEM)
    todos.remind(clock.today())
