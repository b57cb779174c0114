"""时限的规则: moments and spans in working time. Values in, values out: the calendar comes in as a function.

Sources: 民法典第二百零一条、第二百零三条 (counting begins the day after; the last day ends when business ends, and one that
is no working day gives way to the next); how many days a matter may take is the pack's (DOMAIN 6.4).
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import NamedTuple

Works = Callable[[dt.date], bool]
SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
FAR = 3660  # days: a sum that reaches further is a mistake, not a deadline


class Span(NamedTuple):
    """办公时段: from one time of a working day to another (not after midnight)."""

    opens: dt.time
    closes: dt.time


class Limit(NamedTuple):
    """时限: `amount` of a unit. working_day: whole working days; working_hour: hours of working time; hour: by the clock."""

    unit: str
    amount: int


def _spans(day: dt.date, hours: Sequence[Span], works: Works) -> list[tuple[dt.datetime, dt.datetime]]:
    if not works(day):
        return []
    return [
        (dt.datetime.combine(day, span.opens, SHANGHAI), dt.datetime.combine(day, span.closes, SHANGHAI))
        for span in hours
    ]


def working_between(start: dt.datetime, end: dt.datetime, hours: Sequence[Span], works: Works) -> dt.timedelta:
    """Working time from `start` to `end` (aware); negative if `end` comes first."""
    if end < start:
        return -working_between(end, start, hours, works)
    start, end = start.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    total, day = dt.timedelta(), start.date()
    while day <= end.date():
        for opens, closes in _spans(day, hours, works):
            total += max(dt.timedelta(), min(closes, end) - max(opens, start))
        day += dt.timedelta(days=1)
    return total


def add_working(start: dt.datetime, amount: dt.timedelta, hours: Sequence[Span], works: Works) -> dt.datetime:
    """The moment at which so much working time has passed since `start`.

    Nothing to add gives `start` itself; an amount that fills a day exactly ends when that day closes, not when the next
    opens. Raises OverflowError beyond ten years, or when nobody ever works.
    """
    moment, left = start.astimezone(SHANGHAI), amount
    day = moment.date()
    for _step in range(FAR):
        for opens, closes in _spans(day, hours, works):
            begins = max(opens, moment)
            if left and begins < closes:
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
        if not left:
            return moment
        day += dt.timedelta(days=1)
    raise OverflowError(amount)


def add_working_days(start: dt.datetime, count: int, hours: Sequence[Span], works: Works) -> dt.datetime:
    """When business closes on the last of so many working days, counted from the day after `start`.

    Nobody is late for a weekend or a holiday: days on which nobody works are not counted, and none is the last one.
    """
    day, left = start.astimezone(SHANGHAI).date(), count
    for _step in range(FAR):
        if not left:
            break
        day += dt.timedelta(days=1)
        left -= works(day)
    else:
        raise OverflowError(count)
    while not works(day):
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, hours[-1].closes, SHANGHAI)


def due_at(start: dt.datetime, limit: Limit, hours: Sequence[Span], works: Works) -> dt.datetime:
    """When a limit that begins at `start` runs out. Raises KeyError for an unknown unit."""
    return {
        "working_day": lambda: add_working_days(start, limit.amount, hours, works),
        "working_hour": lambda: add_working(start, dt.timedelta(hours=limit.amount), hours, works),
        "hour": lambda: start + dt.timedelta(hours=limit.amount),
    }[limit.unit]()


def left_at(moment: dt.datetime, due: dt.datetime, unit: str, hours: Sequence[Span], works: Works) -> dt.timedelta:
    """What is left of a limit: working time, or plain time where it goes by the clock; negative when it has run out."""
    return due - moment if unit == "hour" else working_between(moment, due, hours, works)


def due_again(moment: dt.datetime, left: dt.timedelta, unit: str, hours: Sequence[Span], works: Works) -> dt.datetime:
    """When a limit runs out that goes on at `moment` with so much left: the pause shifts it by the working time paused."""
    return moment + left if unit == "hour" else add_working(moment, left, hours, works)
