"""Working days: the notices of the State Council, the pack's exceptions, and the end of what is known."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.ground.policy import calendar, folders

PACK = folders.read_pack(folders.find("_base"))[0]


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),  # 国庆节
        ("2026-10-10", True),  # 国庆节调休, a Saturday
        ("2026-02-14", True),  # 春节调休, a Saturday
        ("2026-02-16", False),  # 春节
        ("2026-11-20", True),
        ("2026-11-21", False),  # an ordinary Saturday
        ("2031-10-01", True),  # beyond every notice: an ordinary Wednesday
        ("2031-10-04", False),
    ],
)
def test_notices_then_weekends(day, works):
    assert calendar.is_working_day(date.fromisoformat(day), PACK) is works


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # Friday → Monday
        ("2026-09-30", 1, "2026-10-08"),  # over the National Day holiday
        ("2026-09-30", 3, "2026-10-10"),  # the make-up Saturday counts
        ("2026-11-23", 0, "2026-11-23"),
        ("2026-11-23", -1, "2026-11-20"),
    ],
)
def test_limits_in_working_days(start, count, end):
    """民法典 201: counting starts the day after."""
    start, end = date.fromisoformat(start), date.fromisoformat(end)
    assert calendar.add_working_days(start, count, PACK) == end
    assert calendar.working_days_between(start, end, PACK) == count


def test_next_working_day():
    """民法典 203: a last day that is a holiday moves to the day after the holiday."""
    assert calendar.next_working_day(date(2026, 10, 1), PACK) == date(2026, 10, 8)
    assert calendar.next_working_day(date(2026, 10, 8), PACK) == date(2026, 10, 8)


def test_the_end_of_the_table_is_told():
    last = calendar.known_until(PACK)
    assert (last.month, last.day) == (12, 31)
    assert calendar.warning(last - timedelta(days=100), PACK) is None
    assert calendar.warning(last - timedelta(days=44), PACK) == ("ending", last)
    assert calendar.warning(last, PACK) == ("ending", last)
    assert calendar.warning(last + timedelta(days=1), PACK) == ("ended", last)


def test_no_endless_walk():
    with pytest.raises(OverflowError):
        calendar.add_working_days(date(2026, 1, 1), 10**9, PACK)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_adding_and_counting_agree(start, count):
    end = calendar.add_working_days(start, count, PACK)
    assert calendar.is_working_day(end, PACK)
    assert calendar.working_days_between(start, end, PACK) == count
    assert calendar.working_days_between(end, start, PACK) == -count
