"""Forecasts: what is missing, the last feasible day, days to propose; when to remind and when to report."""

import datetime as dt

import pytest

from gongjian.appraisal.standards import rules
from gongjian.ground.policy import calendar

pytestmark = pytest.mark.django_db


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def ask(pack, duty: str, period: str, today: str, *, done: int = 0, planned: int = 0, required: int = 1):
    return rules.forecast(
        duty=pack.duty(duty), period=period, required=required, done=done, planned=planned, today=day(today), pack=pack
    )


@pytest.mark.parametrize(
    ("today", "days"),
    [
        # Thursday: Friday, Monday, and the last day
        ("2026-11-26", ["2026-11-27", "2026-11-30"]),
        ("2026-11-16", ["2026-11-17", "2026-11-18", "2026-11-19"]),
        ("2026-11-20", ["2026-11-23", "2026-11-24", "2026-11-25"]),
        # the last working day itself: only today is left
        ("2026-11-30", ["2026-11-30"]),
    ],
)
def test_working_days_are_proposed(pack, today, days):
    found = ask(pack, "theme_day_monthly", "2026-11", today)
    assert found.missing == 1
    assert [proposal.isoformat() for proposal in found.proposals] == days
    assert found.last_day == day("2026-11-30")
    assert not found.late


def test_only_days_off_left(pack):
    """31 October 2026 is a Saturday: the last working day was the 30th, and on the 30th the 31st is proposed."""
    found = ask(pack, "theme_day_monthly", "2026-10", "2026-10-30")
    assert found.last_day == day("2026-10-30")
    assert found.proposals == (day("2026-10-31"),)
    assert found.days_left == 1


def test_a_yearly_meeting_is_proposed_in_its_usual_months(pack):
    """DOMAIN 1.3: 组织生活会 generally in the fourth quarter; 1–7 October are days off."""
    found = ask(pack, "organisational_life_meeting_yearly", "2026", "2026-05-06")
    assert all(proposal >= day("2026-10-01") for proposal in found.proposals)
    assert all(calendar.is_working_day(proposal, pack) for proposal in found.proposals)
    assert ask(pack, "organisational_life_meeting_yearly", "2026", "2026-11-16").proposals[0] == day("2026-11-17")


def test_what_is_late_is_to_be_made_good(pack):
    found = ask(pack, "theme_day_monthly", "2026-11", "2026-12-01", planned=1)
    assert found.late
    assert found.missing == 1, "a plan that was not held counts no more"
    assert [proposal.isoformat() for proposal in found.proposals] == ["2026-12-02", "2026-12-03", "2026-12-04"]


def test_nothing_is_missing(pack):
    assert ask(pack, "theme_day_monthly", "2026-11", "2026-11-16", planned=1) is None
    assert ask(pack, "theme_day_monthly", "2026-11", "2026-11-16", done=2) is None
    assert ask(pack, "theme_day_monthly", "2026-11", "2026-11-16", done=1, planned=1, required=4).missing == 2


@pytest.mark.parametrize(
    ("today", "due"), [("2026-11-15", 0), ("2026-11-16", 1), ("2026-11-27", 1), ("2026-11-28", 2), ("2026-12-31", 2)]
)
def test_reminders_follow_the_marks_of_the_pack(pack, today, due):
    duty = pack.duty("theme_day_monthly")
    assert duty.remind_days_before == (14, 2)
    assert rules.reminders_due(duty, day("2026-11-30"), day(today)) == due


@pytest.mark.parametrize(
    ("due_on", "limit"),
    [
        ("2026-11-30", "2026-12-07"),  # Tuesday to Monday, a weekend between
        ("2025-12-31", "2026-01-08"),  # 1–3 January off, Sunday the 4th made up
    ],
)
def test_reporting_waits_five_working_days(pack, due_on, limit):
    duty = pack.duty("theme_day_monthly")
    assert duty.escalate_after_working_days == 5
    found = rules.report_after(duty, day(due_on), pack)
    assert calendar.working_days_between(day(due_on), found, pack) == 5
    assert calendar.is_working_day(found, pack)
    assert found == day(limit)


def test_what_is_counted_has_one_name(pack):
    first, second = pack.duty("theme_day_monthly"), pack.duty("branch_assembly_quarterly")
    renamed = first.model_copy(update={"id": "another", "per": "quarter"})
    assert rules.match_key(first) == rules.match_key(renamed)
    assert rules.match_key(first) != rules.match_key(second)
    assert all(len(rules.match_key(duty)) <= 300 for duty in pack.duties)
    assert rules.fact_kinds((first,)) == (
        "activity.cancelled",
        "activity.planned",
        "activity.rescheduled",
        "activity.signed_off",
    )
    assert rules.activity_kind(first) == "theme_day"


def test_periods():
    assert rules.periods_between(day("2026-11-30"), day("2027-01-01"), "month") == ["2026-11", "2026-12", "2027-01"]
    assert rules.periods_between(day("2026-11-30"), day("2027-01-01"), "quarter") == ["2026Q4", "2027Q1"]
    assert rules.previous("2026-01", "month") == "2025-12"
    assert rules.previous("2026Q1", "quarter") == "2025Q4"


@pytest.mark.parametrize(
    ("duty", "period", "starts_on", "ends_on", "rests"),
    [
        ("theme_day_monthly", "2026-02", "2026-02-15", "2026-03-10", True),  # 14 of 28 days: half is enough
        ("theme_day_monthly", "2026-02", "2026-02-16", "2026-03-10", False),
        ("theme_day_monthly", "2026-01", "2026-02-01", "2026-02-28", False),
        ("branch_assembly_quarterly", "2026Q1", "2026-02-01", "2026-02-28", False),  # 28 of 90 days
        ("branch_assembly_quarterly", "2026Q1", "2026-01-20", "2026-03-20", True),
    ],
)
def test_a_moratorium_lets_a_period_rest(pack, duty, starts_on, period, ends_on, rests):
    """At least `moratorium_percent` of the period's days (product default: half)."""
    found = pack.duty(duty)
    assert found.moratorium_percent == 50
    assert rules.rests(found, period, day(starts_on), day(ends_on)) is rests


def test_it_goes_up_again_after_working_days(pack):
    """Ten working days after Tuesday 8 December 2026 (counting begins the day after, 民法典第二百零一条)."""
    assert rules.report_again_after(pack.duty("theme_day_monthly"), day("2026-12-08"), pack) == day("2026-12-22")
