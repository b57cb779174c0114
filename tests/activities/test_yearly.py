"""Proposed days: whatever the duties, the day of the year and what stands in the way, every duty is kept."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.desks.activities.yearly import Evenings, Habit, Need, habit_of, suggest, usual_day
from gongjian.ground.kernel.clock import period_bounds

D = dt.date.fromisoformat
SECOND_FRIDAY = Habit(5, 2, 19 * 60)
KINDS = ("theme_day", "party_lesson", "branch_assembly", "committee_meeting", "group_meeting", "heart_to_heart")
TOGETHER = (("branch_assembly", "party_lesson", "theme_day"),)


def works(day: dt.date) -> bool:
    return day.weekday() < 5


def proposed(*needs: Need, today: str = "2026-12-01", busy=None, **other):
    evenings = Evenings(TOGETHER, 10, 21 * 60 + 30, busy or {})
    return suggest(needs, today=D(today), habit=SECOND_FRIDAY, works=works, evenings=evenings, **other)


def month(kind: str, period: str = "2026-12", minutes: int = 60, missing: int = 1, order: int = 100) -> Need:
    return Need(kind, period, missing, minutes, (), order)


def test_the_usual_day():
    assert usual_day(SECOND_FRIDAY, "2026-12") == D("2026-12-11")
    assert usual_day(Habit(1, 5, 0), "2026-12") == D("2026-12-28")  # no fifth Monday: the last
    (draft,) = proposed(month("theme_day"))
    assert (draft.day, draft.minute) == (D("2026-12-11"), 19 * 60)


def test_what_is_held_on_one_evening_comes_in_order():
    """As branches do: the assembly, then the lesson, then the theme day, ten minutes between."""
    drafts = proposed(
        month("theme_day", minutes=45), Need("party_lesson", "2026Q4", 1, 45), Need("branch_assembly", "2026Q4", 1, 40)
    )
    assert [(d.kind, d.minute) for d in drafts] == [
        ("branch_assembly", 1140), ("party_lesson", 1190), ("theme_day", 1245),
    ]  # fmt: skip
    assert {d.day for d in drafts} == {D("2026-12-11")}
    assert all(d.with_others for d in drafts)


def test_what_does_not_fit_into_the_evening_goes_to_another_day():
    drafts = proposed(month("theme_day", minutes=90), month("party_lesson", minutes=60))
    assert len({d.day for d in drafts}) == 2


def test_what_is_in_the_way_is_gone_round():
    (later,) = proposed(month("theme_day"), busy={D("2026-12-11"): [(18 * 60, 20 * 60)]})
    assert (later.day, later.minute) == (D("2026-12-11"), 20 * 60 + 10)
    (other,) = proposed(month("theme_day"), busy={D("2026-12-11"): [(18 * 60, 21 * 60 + 30)]})
    assert other.day != D("2026-12-11")
    (avoided,) = proposed(month("theme_day"), avoid={D("2026-12-11")})
    assert avoided.day != D("2026-12-11")


def test_what_goes_together_is_put_into_one_month():
    """民主评议 may be combined with 组织生活会 (DOMAIN 1.3); assembly and lesson of a quarter with the theme day."""
    evenings = Evenings((("life", "appraisal"),), 10, 21 * 60 + 30)
    needs = [Need("life", "2027", 1, 60, (10, 11, 12), 1), Need("appraisal", "2027", 1, 60, (10, 11, 12), 2)]
    drafts = suggest(needs, today=D("2026-12-20"), habit=SECOND_FRIDAY, works=works, evenings=evenings)
    assert len({d.day for d in drafts}) == 1
    long = [need._replace(minutes=120) for need in needs]  # too long for one evening: two of them
    assert (
        len({d.day for d in suggest(long, today=D("2026-12-20"), habit=SECOND_FRIDAY, works=works, evenings=evenings)})
        == 2
    )


def test_usual_months_come_first():
    """支部工作条例: the organisational-life meeting generally in the fourth quarter."""
    (draft,) = proposed(Need("organisational_life_meeting", "2027", 1, 150, (10, 11, 12)), today="2026-12-20")
    assert draft.day.month in (10, 11)
    (late,) = proposed(Need("study", "2026", 1, 60, (3,)), today="2026-12-20")  # its months are gone: still this year
    assert D("2026-12-20") < late.day <= D("2026-12-31")


@pytest.mark.parametrize("today", ["2026-12-30", "2026-12-31"])
def test_the_last_days(today):
    (draft,) = proposed(month("theme_day"), today=today)
    assert draft.day == D("2026-12-31")


def test_when_only_rest_days_are_left():
    (draft,) = proposed(month("theme_day", "2026-11"), today="2026-11-27")  # a Friday; the 30th is a Monday
    assert draft.day == D("2026-11-30")
    (weekend,) = proposed(month("theme_day", "2027-01"), today="2027-01-29")  # the 30th and 31st: a weekend
    assert weekend.day in (D("2027-01-30"), D("2027-01-31"))


def test_habits_are_learnt_from_enough_meetings():
    held = [(D("2026-09-09"), 1140), (D("2026-10-14"), 1140), (D("2026-11-11"), 1170)]  # second Wednesdays
    assert habit_of(held, weekday=5, minute=900, least=3) == Habit(3, 2, 1140, True)
    assert habit_of(held[:2], weekday=5, minute=900, least=3) == Habit(5, 2, 900)


PERIODS = st.sampled_from([*(f"2026-{n:02d}" for n in range(1, 13)), "2026Q1", "2026Q2", "2026Q3", "2026Q4", "2026"])
NEEDS = st.lists(
    st.builds(
        Need, st.sampled_from(KINDS), PERIODS, st.integers(1, 4), st.sampled_from([30, 60, 90, 150]),
        st.lists(st.integers(1, 12), max_size=3, unique=True).map(tuple), st.integers(1, 9),
    ),
    max_size=25, unique_by=lambda need: (need.kind, need.period),
)  # fmt: skip
SPANS = st.dictionaries(
    st.dates(D("2026-01-01"), D("2026-12-31")),
    st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 239)).map(lambda s: (s[0], s[0] + s[1])), max_size=3),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(
    needs=NEEDS, today=st.dates(D("2025-12-25"), D("2026-12-31")), busy=SPANS,
    habit=st.builds(Habit, st.integers(1, 7), st.integers(1, 5), st.integers(0, 1439)),
    off=st.sets(st.dates(D("2026-01-01"), D("2026-12-31")), max_size=150),
)  # fmt: skip
def test_every_duty_is_kept_for_any_mix_of_kinds(needs, today, busy, habit, off):
    drafts = suggest(
        needs, today=today, habit=habit, works=lambda day: day.weekday() < 5 and day not in off,
        evenings=Evenings(TOGETHER, 10, 21 * 60 + 30, busy), avoid=off,
    )  # fmt: skip
    for need in needs:
        first, last = period_bounds(need.period)
        if last >= today:
            assert sum(d.kind == need.kind and first <= d.day <= last for d in drafts) >= need.missing
    for draft in drafts:
        assert draft.day >= today
        assert draft.day > today or (today + dt.timedelta(days=1)).day == 1  # today only if it is the month's last day
        assert 0 <= draft.minute < 24 * 60
    # nothing superfluous: each kind no more often than its needs together ask
    for kind in KINDS:
        assert sum(d.kind == kind for d in drafts) <= sum(n.missing for n in needs if n.kind == kind)
