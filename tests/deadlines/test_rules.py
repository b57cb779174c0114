"""Clocks in working time, as tables and properties: counting by 民法典第二百零一、二百零三条, hours and days by the pack."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.engines.deadlines import rules
from gongjian.engines.deadlines.rules import Limit, Span

HOURS = (Span(dt.time(9), dt.time(12)), Span(dt.time(13, 30), dt.time(17, 30)))
DAY = dt.timedelta(hours=7)
NATIONAL = {dt.date(2026, 10, n) for n in range(1, 8)}


def works(day: dt.date) -> bool:
    return (day.weekday() < 5 and day not in NATIONAL) or day == dt.date(2026, 10, 10)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=rules.SHANGHAI)


@pytest.mark.parametrize(
    ("start", "unit", "amount", "due"),
    [
        ("2026-11-16 10:00", "working_day", 1, "2026-11-17 17:30"),  # counting begins the day after
        ("2026-11-16 23:00", "working_day", 1, "2026-11-17 17:30"),
        ("2026-11-20 16:00", "working_day", 1, "2026-11-23 17:30"),  # Friday → Monday
        ("2026-11-21 10:00", "working_day", 1, "2026-11-23 17:30"),  # raised on a Saturday
        ("2026-09-30 10:00", "working_day", 3, "2026-10-10 17:30"),  # over the holiday; the make-up Saturday counts
        ("2026-11-16 10:00", "working_day", 0, "2026-11-16 17:30"),
        ("2026-11-21 10:00", "working_day", 0, "2026-11-23 17:30"),  # the last day is no day off
        ("2026-11-16 10:00", "working_hour", 2, "2026-11-16 12:00"),
        ("2026-11-16 11:00", "working_hour", 2, "2026-11-16 14:30"),  # over noon
        ("2026-11-20 17:00", "working_hour", 2, "2026-11-23 10:30"),
        ("2026-11-21 03:00", "working_hour", 7, "2026-11-23 17:30"),
        ("2026-11-20 23:30", "hour", 2, "2026-11-21 01:30"),  # an emergency knows no weekend
    ],
)
def test_due(start, unit, amount, due):
    assert rules.due_at(at(start), Limit(unit, amount), HOURS, works) == at(due)


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("2026-11-16 08:00", "2026-11-16 20:00", 420),
        ("2026-11-16 11:30", "2026-11-16 14:00", 60),
        ("2026-11-20 17:00", "2026-11-23 09:30", 60),
        ("2026-11-21 00:00", "2026-11-22 23:59", 0),
        ("2026-11-23 09:30", "2026-11-20 17:00", -60),
    ],
)
def test_working_between(start, end, minutes):
    assert rules.working_between(at(start), at(end), HOURS, works) == dt.timedelta(minutes=minutes)


def test_a_calendar_without_working_days_is_told_and_not_waited_for():
    with pytest.raises(OverflowError):
        rules.add_working(at("2026-11-16 10:00"), DAY, HOURS, lambda day: False)
    with pytest.raises(OverflowError):
        rules.add_working_days(at("2026-11-16 10:00"), 1, HOURS, lambda day: False)


moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 12, 31)).map(
    lambda m: m.replace(tzinfo=rules.SHANGHAI)
)
spans = st.integers(0, 60 * 24 * 30).map(lambda n: dt.timedelta(minutes=n))
units = st.sampled_from(("working_day", "working_hour", "hour"))


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(0, 60 * 60).map(lambda n: dt.timedelta(minutes=n)))
def test_adding_is_undone_by_measuring(start, amount):
    end = rules.add_working(start, amount, HOURS, works)
    assert end >= start
    assert rules.working_between(start, end, HOURS, works) == amount


@settings(max_examples=60, deadline=None)
@given(moments, st.integers(1, 15))
def test_a_weekend_makes_nothing_late(start, days):
    """No limit in working days runs out on a day on which nobody works, nor between closing and the next opening."""
    due = rules.due_at(start, Limit("working_day", days), HOURS, works)
    assert works(due.date())
    assert due.time() == HOURS[-1].closes
    off = due + dt.timedelta(minutes=1)
    friday_night, monday = off, rules.add_working(off, dt.timedelta(minutes=1), HOURS, works)
    assert rules.working_between(friday_night, monday, HOURS, works) == dt.timedelta(minutes=1)


@settings(max_examples=80, deadline=None)
@given(moments, units, st.integers(1, 10), spans, spans)
def test_a_pause_shifts_by_the_working_time_that_it_lasted(start, unit, amount, until_pause, pause):
    due = rules.due_at(start, Limit(unit, amount), HOURS, works)
    stopped = start + until_pause
    if stopped > due:
        return
    resumed = stopped + pause
    left = rules.left_at(stopped, due, unit, HOURS, works)
    later = rules.due_again(resumed, left, unit, HOURS, works)
    if unit == "hour":
        assert later - due == pause
    else:
        assert rules.working_between(resumed, later, HOURS, works) == left
        stood = rules.working_between(stopped, resumed, HOURS, works)
        assert rules.working_between(due, later, HOURS, works) == stood or later <= due  # a pause of no working time
        assert stood or rules.working_between(later, due, HOURS, works) == dt.timedelta()


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(1, 10), st.integers(1, 10))
def test_more_days_are_never_due_earlier(start, days, more):
    one, other = (rules.due_at(start, Limit("working_day", n), HOURS, works) for n in (days, days + more))
    assert one < other
