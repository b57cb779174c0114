"""The working calendar of a pack (工作日历): exceptions to the national table, and the hours of a working day."""

from datetime import date
from functools import cached_property

from gongjian.ground.policy.planning_schema import Hour
from gongjian.ground.policy.values import Day, FreeText, Shape, Text, Truth


class CalendarDay(Shape):
    """日历例外: decides before every table whether the day is a working day."""

    date: Day
    working: Truth
    title: Text
    basis: FreeText = ""


class WorkingHours(Shape):
    """办公时段: from one time of a working day to another."""

    opens: Hour
    closes: Hour


class Calendar(Shape):
    """工作日历: exceptions to the national table; confirmed_until: last day of a year whose notice was entered here.

    hours: the hours of a working day in their order, by which time limits in working time go.
    """

    hours: tuple[WorkingHours, ...]
    days: tuple[CalendarDay, ...] = ()
    confirmed_until: Day | None = None
    basis: FreeText = ""

    @cached_property
    def exceptions(self) -> dict[date, bool]:
        """Day → whether people work on it."""
        return {entry.date: entry.working for entry in self.days}
