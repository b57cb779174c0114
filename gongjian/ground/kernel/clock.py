"""时钟: the present, and calendar periods as text.

All periods are cut in Asia/Shanghai, the one legal time of the country. A period is written `2026-11` (month),
`2026Q4` (quarter) or `2026` (year): the text sorts, reads and compares without a calendar at hand.
"""

import datetime as dt
import re

from django.utils import timezone

SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
_PERIOD = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])|Q([1-4]))?$")


def now() -> dt.datetime:
    """The present moment, aware."""
    return timezone.now()


def today() -> dt.date:
    """The present day in Asia/Shanghai."""
    return day_of(timezone.now())


def day_of(moment: dt.datetime | dt.date) -> dt.date:
    """The calendar day in Asia/Shanghai of a moment; a date is returned as it is."""
    if isinstance(moment, dt.datetime):
        return moment.astimezone(SHANGHAI).date()
    return moment


def at_time(day: dt.date, hour: int = 0, minute: int = 0) -> dt.datetime:
    """An aware moment on a day of Asia/Shanghai."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def month_of(moment: dt.datetime | dt.date) -> str:
    """The month of a moment, as `2026-11`."""
    day = day_of(moment)
    return f"{day.year:04d}-{day.month:02d}"


def quarter_of(moment: dt.datetime | dt.date) -> str:
    """The quarter of a moment, as `2026Q4`."""
    day = day_of(moment)
    return f"{day.year:04d}Q{(day.month + 2) // 3}"


def year_of(moment: dt.datetime | dt.date) -> str:
    """The year of a moment, as `2026`."""
    return f"{day_of(moment).year:04d}"


def period_of(moment: dt.datetime | dt.date, per: str) -> str:
    """The period of a moment; `per` is `month`, `quarter` or `year`."""
    return {"month": month_of, "quarter": quarter_of, "year": year_of}[per](moment)


def periods_of(moment: dt.datetime | dt.date) -> tuple[str, str, str]:
    """The month, the quarter and the year of a moment."""
    return month_of(moment), quarter_of(moment), year_of(moment)


def per_of(period: str) -> str:
    """`month`, `quarter` or `year`, by the form of a period's text; ValueError if it is none."""
    found = _PERIOD.match(period)
    if not found:
        raise ValueError(period)
    return "month" if found[2] else "quarter" if found[3] else "year"


def period_bounds(period: str) -> tuple[dt.date, dt.date]:
    """First and last day (both inside) of a period; ValueError if the text is no period."""
    found = _PERIOD.match(period)
    if not found:
        raise ValueError(period)
    year = int(found[1])
    if found[2]:
        first, months = dt.date(year, int(found[2]), 1), 1
    elif found[3]:
        first, months = dt.date(year, 3 * int(found[3]) - 2, 1), 3
    else:
        first, months = dt.date(year, 1, 1), 12
    return first, add_months(first, months) - dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same-numbered day some months on, or that month's last day if there is none (民法典 202 条)."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    next_first = dt.date(year + month // 12, month % 12 + 1, 1)
    return dt.date(year, month, min(day.day, (next_first - dt.timedelta(days=1)).day))


def previous_period(period: str) -> str:
    """The period of the same length just before."""
    first, _ = period_bounds(period)
    return period_of(first - dt.timedelta(days=1), per_of(period))


def next_period(period: str) -> str:
    """The period of the same length just after."""
    _, last = period_bounds(period)
    return period_of(last + dt.timedelta(days=1), per_of(period))


def months_in(period: str) -> list[str]:
    """The months of a period, in order."""
    first, last = period_bounds(period)
    found, day = [], first
    while day <= last:
        found.append(month_of(day))
        day = add_months(day, 1)
    return found
