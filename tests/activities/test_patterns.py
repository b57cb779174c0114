"""Days of a series: by table, and for any pattern never two on one day and always on the pattern."""

import calendar
import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.desks.activities.patterns import Pattern, occurrences, pattern_days

D = dt.date.fromisoformat


@pytest.mark.parametrize(
    ("pattern", "first", "until", "days"),
    [
        (Pattern("weekly", 2, 5), "2026-11-16", "2026-12-31", ["2026-11-20", "2026-12-04", "2026-12-18"]),
        (Pattern("weekday_of_month", 1, 3, 3), "2026-09-01", "2026-11-30", ["2026-09-16", "2026-10-21", "2026-11-18"]),
        (Pattern("weekday_of_month", 1, 5, -1), "2026-01-31", "2026-03-31", ["2026-02-27", "2026-03-27"]),
        (Pattern("weekday_of_month", 3, 1, 1), "2026-01-20", "2026-12-31", ["2026-04-06", "2026-07-06", "2026-10-05"]),
        (Pattern("day_of_month", 1, day=15), "2026-11-16", "2027-01-31", ["2026-12-15", "2027-01-15"]),
        # 民法典第二百零二条: where the month has no such day, its last one
        (
            Pattern("day_of_month", 1, day=31),
            "2026-01-01",
            "2026-04-30",
            ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"],
        ),
        (Pattern("day_of_month", 1, day=30), "2028-02-01", "2028-03-31", ["2028-02-29", "2028-03-30"]),
    ],
)
def test_days_of_a_pattern(pattern, first, until, days):
    assert list(pattern_days(pattern, D(first), D(until))) == [D(day) for day in days]


def monday_to_friday(day: dt.date) -> bool:
    return day.weekday() < 5


@pytest.mark.parametrize(
    ("rule", "held"),
    [
        ("next", ["2026-08-17", "2026-11-16"]), ("previous", ["2026-08-14", "2026-11-13"]),
        ("keep", ["2026-08-15", "2026-11-15"]), ("skip", []),
    ],
)  # fmt: skip
def test_a_rest_day(rule, held):
    """15 August 2026 is a Saturday, 15 November a Sunday."""
    pattern = Pattern("day_of_month", 3, day=15, on_days_off=rule)
    found = occurrences(pattern, D("2026-08-01"), D("2026-11-30"), monday_to_friday, most=60)
    assert [one.held for one in found] == [D(day) for day in held]


def test_a_monthly_one_stays_in_its_month():
    """31 October 2026 is a Saturday: the working day after it would count for November."""
    pattern = Pattern("day_of_month", 1, day=31, on_days_off="next")
    found = occurrences(pattern, D("2026-10-01"), D("2026-11-29"), monday_to_friday, most=60)
    assert [one.held for one in found] == [D("2026-10-30")]


PATTERNS = st.builds(
    Pattern, st.sampled_from(["weekly", "weekday_of_month", "day_of_month"]), st.integers(1, 4), st.integers(1, 7),
    st.sampled_from([1, 2, 3, 4, -1]), st.integers(1, 31), st.sampled_from(["keep", "next", "previous", "skip"]),
)  # fmt: skip


@given(
    pattern=PATTERNS, first=st.dates(D("2025-01-01"), D("2028-12-31")), length=st.integers(0, 420),
    off=st.sets(st.integers(0, 440), max_size=200),
)  # fmt: skip
def test_never_two_on_one_day_and_always_on_the_pattern(pattern, first, length, off):
    until = first + dt.timedelta(days=length)
    rest = {first + dt.timedelta(days=n) for n in off}

    def works(day: dt.date) -> bool:
        return day.weekday() < 5 and day not in rest

    found = occurrences(pattern, first, until, works, most=500)
    held = [one.held for one in found]
    assert len(set(held)) == len(held)
    assert len({one.on for one in found}) == len(found)
    assert all(first <= day <= until for day in held)
    for on, day in found:
        assert on == day or pattern.on_days_off in ("next", "previous")
        assert pattern.on_days_off == "keep" or works(day)
        if works(on):
            assert on == day or day in held
        if pattern.form == "day_of_month":
            assert on.day == min(pattern.day, calendar.monthrange(on.year, on.month)[1])
        else:
            assert on.isoweekday() == pattern.weekday
        if pattern.form == "weekday_of_month":
            later = on + dt.timedelta(days=7)
            assert (later.month != on.month) if pattern.nth == -1 else ((on.day - 1) // 7 + 1 == pattern.nth)
        if pattern.form != "weekly":
            assert (on.year, on.month) == (day.year, day.month)  # it is to count for its month
    if pattern.form == "weekly":
        days = [one.on for one in found]
        assert all((b - a).days % (7 * pattern.every) == 0 for a, b in itertools.pairwise(days))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"form": "daily"}, "form"), ({"every": 0}, "every"), ({"weekday": 8}, "weekday"), ({"nth": 5}, "nth"),
     ({"day": 32}, "day"), ({"on_days_off": "never"}, "on_days_off"), ({}, "")],
)  # fmt: skip
def test_what_is_no_pattern(change, field):
    assert Pattern("weekly")._replace(**change).problem == field
