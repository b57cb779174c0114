"""系列的规律: the days of a series, by RFC 5545 recurrence rules. Pure: values in, values out."""

import calendar as months
import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

from dateutil.rrule import MONTHLY, WEEKLY, rrule

WEEKLY_, WEEKDAY_OF_MONTH, DAY_OF_MONTH = "weekly", "weekday_of_month", "day_of_month"
KEEP, NEXT, PREVIOUS, SKIP = "keep", "next", "previous", "skip"
WEEKDAYS = "一二三四五六日"
NTH = {1: "第一个", 2: "第二个", 3: "第三个", 4: "第四个", -1: "最后一个"}


class Pattern(NamedTuple):
    """规律: every so many weeks on a weekday, the nth weekday of a month, or a day of the month.

    weekday: 1 is Monday; nth: 1 to 4, or -1 for the last; day: 1 to 31, in a shorter month its last day (as 民法典
    第二百零二条 cuts a period that ends on a day the month does not have); every: weeks or months between;
    on_days_off: what becomes of a day that falls on a rest day.
    """

    form: str
    every: int = 1
    weekday: int = 5
    nth: int = 1
    day: int = 1
    on_days_off: str = NEXT

    @property
    def problem(self) -> str:
        """Why it is no pattern: the name of the wrong field, or nothing."""
        if self.form not in (WEEKLY_, WEEKDAY_OF_MONTH, DAY_OF_MONTH):
            return "form"
        if self.on_days_off not in (KEEP, NEXT, PREVIOUS, SKIP):
            return "on_days_off"
        bounds = {"every": 1 <= self.every <= 12, "weekday": 1 <= self.weekday <= 7, "nth": self.nth in NTH,
                  "day": 1 <= self.day <= 31}  # fmt: skip
        return next((name for name, fine in bounds.items() if not fine), "")

    def __str__(self) -> str:
        often = "" if self.every == 1 else str(self.every)
        if self.form == WEEKLY_:
            return f"每{often}周周{WEEKDAYS[self.weekday - 1]}" if often else f"每周{WEEKDAYS[self.weekday - 1]}"
        each = f"每 {often} 个月" if often else "每月"
        if self.form == WEEKDAY_OF_MONTH:
            return f"{each}{NTH[self.nth]}周{WEEKDAYS[self.weekday - 1]}"
        return f"{each} {self.day} 日"


class Occurrence(NamedTuple):
    """一次: the day that the pattern names, and the day on which it is held."""

    on: dt.date
    held: dt.date


def pattern_days(pattern: Pattern, first: dt.date, until: dt.date) -> Iterator[dt.date]:
    """The days of the pattern from `first` to `until`, both inside, in order."""
    start, end = (dt.datetime.combine(day, dt.time()) for day in (first, until))
    if pattern.form == WEEKLY_:
        rule = rrule(WEEKLY, start, interval=pattern.every, byweekday=pattern.weekday - 1, until=end)
    else:
        # Months are counted from the first day's month, which belongs to the pattern even if its day is already past.
        begin = start.replace(day=1)
        if pattern.form == WEEKDAY_OF_MONTH:
            rule = rrule(
                MONTHLY, begin, interval=pattern.every, byweekday=pattern.weekday - 1, bysetpos=pattern.nth, until=end
            )
        else:
            # Of the days up to the wished one that the month has, the last.
            upto = tuple(range(min(28, pattern.day), pattern.day + 1))
            rule = rrule(MONTHLY, begin, interval=pattern.every, bymonthday=upto, bysetpos=-1, until=end)
    return (moment.date() for moment in rule if moment >= start)


def occurrences(
    pattern: Pattern, first: dt.date, until: dt.date, works: Callable[[dt.date], bool], *, most: int
) -> list[Occurrence]:
    """The days of the pattern with the days on which they are held: never two on one day, at most `most`.

    A rest day goes to the working day after or before it (a monthly one stays in its month: it is to count there), is
    kept, or is left out, as the pattern says. One for which no free day can be found near is left out.
    """
    found: list[Occurrence] = []
    taken: set[dt.date] = set()
    for on in pattern_days(pattern, first, until):
        held = _held(pattern, on, first, until, works, taken)
        if held is not None:
            taken.add(held)
            found.append(Occurrence(on, held))
        if len(found) >= most:
            break
    return found


def _held(
    pattern: Pattern, on: dt.date, first: dt.date, until: dt.date, works: Callable[[dt.date], bool], taken: set[dt.date]
) -> dt.date | None:  # fmt: skip
    if works(on) or pattern.on_days_off == KEEP:
        return on if on not in taken else None
    if pattern.on_days_off == SKIP:
        return None
    low, high = first, until
    if pattern.form != WEEKLY_:
        low = max(low, on.replace(day=1))
        high = min(high, on.replace(day=months.monthrange(on.year, on.month)[1]))
    else:
        # Nearer than to the neighbours of the pattern, so that weekly meetings do not change places.
        low, high = max(low, on - dt.timedelta(days=6)), min(high, on + dt.timedelta(days=6))
    forwards = [on + dt.timedelta(days=n) for n in range(1, (high - on).days + 1)]
    backwards = [on - dt.timedelta(days=n) for n in range(1, (on - low).days + 1)]
    order = forwards + backwards if pattern.on_days_off == NEXT else backwards + forwards
    return next((day for day in order if works(day) and day not in taken), None)
