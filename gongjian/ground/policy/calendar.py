"""Working days (工作日): the pack's own table first, then the State Council's notices, then plain weekends.

The notices are the data of `chinesecalendar`; they come out each November for the year after, so the table has an end
that `known_until` tells.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar

from gongjian.ground.policy.schema import Pack
from gongjian.ground.policy.store import current

FAR = 3660  # ten years of days: a sum that reaches further is a mistake, not a deadline


@lru_cache(maxsize=1)
def _table() -> tuple[dict[date, bool], date, date]:
    """Exceptions of the notices (day → works), and the first and last day they speak for."""
    days = dict.fromkeys(chinese_calendar.holidays, False) | dict.fromkeys(chinese_calendar.workdays, True)
    return days, date(min(days).year, 1, 1), date(max(days).year, 12, 31)


def is_working_day(day: date, pack: Pack | None = None) -> bool:
    """Whether people work on this day. With a pack given, no database is asked."""
    given = (pack or current()).calendar.exceptions.get(day)
    if given is None:
        given = _table()[0].get(day)
    return day.weekday() < 5 if given is None else given


def add_working_days(day: date, count: int, pack: Pack | None = None) -> date:
    """The last day of a time limit of so many working days: counting starts the day after (民法典第二百零一条).

    count 0 gives the day itself; a negative count goes back. Raises OverflowError beyond ten years.
    """
    pack = pack or current()
    step = timedelta(days=1 if count > 0 else -1)
    left, walked = abs(count), 0
    while left:
        day += step
        walked += 1
        if walked > FAR:
            raise OverflowError(count)
        if is_working_day(day, pack):
            left -= 1
    return day


def next_working_day(day: date, pack: Pack | None = None) -> date:
    """This day if it is a working day, else the next one (民法典第二百零三条)."""
    pack = pack or current()
    while not is_working_day(day, pack):
        day += timedelta(days=1)
    return day


def working_days_between(start: date, end: date, pack: Pack | None = None) -> int:
    """Working days after `start` up to and including `end`; negative if `end` comes first."""
    if end < start:
        return -working_days_between(end, start, pack)
    pack = pack or current()
    return sum(is_working_day(start + timedelta(days=i), pack) for i in range(1, (end - start).days + 1))


def known_until(pack: Pack | None = None) -> date:
    """The last day for which holidays and make-up days are known, not guessed."""
    given = (pack or current()).calendar.confirmed_until
    return max(given, _table()[2]) if given else _table()[2]


def warning(today: date, pack: Pack | None = None) -> tuple[str, date] | None:
    """For `doctor`: ("ended" | "ending", last known day) when it is past or less than 45 days away, else None."""
    last = known_until(pack)
    if today > last:
        return "ended", last
    return ("ending", last) if (last - today).days < 45 else None
