"""The meaning of a pack: properties that must hold whatever the deeds, and the boundaries of standing."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.ground.kernel.clock import period_bounds, period_of
from gongjian.ground.policy import folders
from gongjian.ground.policy.rules import (
    Deed,
    Event,
    OrgView,
    Tally,
    amount_of,
    matches,
    points_for,
    standing_of,
    term_ends_on,
)
from gongjian.ground.policy.schema import Match, Pack

CONTENT = folders.draft(folders.find("_base")).content


def with_deduction() -> Pack:
    """The base with a rule that takes points away, which the base has not."""
    rule = {
        "id": "absent",
        "title": "无故缺席",
        "fact": "activity.missed",
        "to": "person",
        "points": "-3",
        "dimension": "organisational_life",
        "evidence": "活动记录",
        "text": "无故缺席一次扣3分。",
        "from": "2019-01-01",
        "basis": "测试",
    }
    points = {**CONTENT["points"], "rules": [*CONTENT["points"]["rules"], rule]}
    return folders.parse({**CONTENT, "points": points})


PACK = with_deduction()
KINDS = ["theme_day", "branch_assembly", "party_lesson", "volunteer_service", "study", "appraisal_of_members"]


@st.composite
def streams(draw):
    """Deeds in the order told, some of them taking back an earlier one."""
    deeds, number = [], draw(st.integers(1, 60))
    for at in range(number):
        day = date(2026, 1, 1) + timedelta(days=draw(st.integers(0, 500)))
        choice = draw(st.integers(0, 9))
        person = draw(st.integers(1, 2))
        if choice == 0 and deeds:
            target = draw(st.integers(0, at - 1))
            deeds.append(Deed(at, "activity.attendance_withdrawn", day, person, 9, corrects=target))
        elif choice == 1:
            deeds.append(Deed(at, "activity.missed", day, person, 9))
        elif choice == 2:
            deeds.append(
                Deed(at, "activity.signed_off", day, None, 9, data={"activity_kind": draw(st.sampled_from(KINDS))})
            )
        else:
            data = {
                "activity_kind": draw(st.sampled_from(KINDS)),
                "role": draw(st.sampled_from(["attendee", "lecturer"])),
            }
            deeds.append(Deed(at, "activity.attended", day, person, 9, draw(st.integers(0, 400)), data))
    return deeds


@settings(max_examples=150, deadline=None)
@given(streams())
def test_no_bound_is_ever_passed(deeds):
    tally = Tally(PACK)
    by_rule, by_dimension, by_year = defaultdict(int), defaultdict(int), defaultdict(int)
    taken_back = False
    for deed in deeds:
        for award in tally.add(deed):
            taken_back |= award.reverses is not None
            rule, year = award.rule, period_of(award.day, "year")
            by_dimension[award.subject, rule.dimension, year] += award.points
            by_year[award.subject, year] += award.points
            if rule.at_most is not None:
                key = (award.subject, rule.id, period_of(award.day, rule.at_most.per))
                by_rule[key] += award.points
                assert 0 <= by_rule[key] <= rule.at_most.points
            assert by_dimension[award.subject, rule.dimension, year] <= PACK.points.dimension(rule.dimension).full
            assert by_year[award.subject, year] <= PACK.points.frame.cap
            if not taken_back:
                assert by_year[award.subject, year] >= PACK.points.frame.floor
    for (subject, year), total in by_year.items():
        assert tally.score(subject, int(year)) == max(total, PACK.points.frame.floor)


@settings(max_examples=100, deadline=None)
@given(streams())
def test_what_comes_later_never_changes_what_was_given(deeds):
    """The order of deeds is respected: a prefix of the stream gives a prefix of the awards."""
    everything = points_for(PACK, deeds, date(2030, 1, 1))
    for cut in (len(deeds) // 2, len(deeds) - 1):
        part = points_for(PACK, deeds[:cut], date(2030, 1, 1))
        assert everything[: len(part)] == part


@settings(max_examples=60, deadline=None)
@given(streams())
def test_taking_everything_back_leaves_nothing(deeds):
    tally = Tally(PACK)
    total = defaultdict(int)
    taking = [Deed(f"back {d.id}", "activity.attendance_withdrawn", d.day, corrects=d.id) for d in deeds]
    for deed in [*deeds, *taking]:
        for award in tally.add(deed):
            total[award.subject, award.rule.id] += award.points
    assert set(total.values()) <= {0}


def attended(number, day, kind="theme_day", minutes=60, **data):
    return Deed(number, "activity.attended", date.fromisoformat(day), 1, 9, minutes, {"activity_kind": kind, **data})


def test_first_told_is_first_served():
    """The later deed of the month gets nothing until the first is withdrawn; then its point comes back, and no more."""
    tally = Tally(PACK)
    assert [a.points for a in tally.add(attended(1, "2026-11-20"))] == [1]
    assert tally.add(attended(2, "2026-11-05")) == []
    assert tally.add(attended(3, "2026-11-06")) == []
    back = tally.add(Deed(4, "activity.attendance_withdrawn", date(2026, 11, 21), 1, 9, corrects=1))
    assert [(a.points, a.deed, a.reverses) for a in back] == [(-1, 4, 1), (1, 2, None)]
    assert tally.add(attended(5, "2026-11-25")) == []
    assert tally.add(Deed(6, "activity.attendance_withdrawn", date(2026, 11, 26), 1, 9, corrects=1)) == []
    back = tally.add(Deed(7, "activity.attendance_withdrawn", date(2026, 11, 27), 1, 9, corrects=2))
    assert [(a.points, a.deed, a.reverses) for a in back] == [(-1, 7, 2), (1, 3, None)]


def test_the_period_is_that_of_the_deed_not_of_the_telling():
    tally = Tally(PACK)
    assert tally.add(attended(1, "2026-12-01"))
    assert tally.add(attended(2, "2026-11-30"))  # told later, but another month


def test_a_deduction_stops_at_the_floor():
    tally = Tally(PACK)
    tally.add(attended(1, "2026-11-05"))
    missed = Deed(2, "activity.missed", date(2026, 11, 6), 1, 9)
    assert [a.points for a in tally.add(missed)] == [-1]
    assert tally.score(("person", 1), 2026) == 0


def test_deeds_after_the_day_do_not_count():
    deeds = [attended(1, "2026-11-05"), attended(2, "2026-12-05")]
    assert len(points_for(PACK, deeds, date(2026, 11, 30))) == 1


@pytest.mark.parametrize(("minutes", "points"), [(0, 0), (59, 0), (60, 1), (119, 1), (120, 2), (500, 2), (-60, 0)])
def test_points_per_quantity(minutes, points):
    assert amount_of(PACK.point_rule("attend_volunteer_service"), minutes) == points


@pytest.mark.parametrize(
    ("where", "data", "meant"),
    [
        ({}, {}, True),
        ({"a": "1"}, {"a": 1}, True),
        ({"a": "true"}, {"a": True}, True),
        ({"a": "1"}, {"a": True}, False),
        ({"a": "x"}, {}, False),
        ({"a": ["x", "y"]}, {"a": "y", "b": 2}, True),
        ({"a": "x", "b": "y"}, {"a": "x", "b": "z"}, False),
        ({"a": "x"}, {"a": None}, False),
    ],
)
def test_matching(where, data, meant):
    match = Match.model_validate({"fact": "activity.held", "where": where})
    assert matches(match, "activity.held", data) is meant
    assert not matches(match, "activity.planned", data)


# ---- standing -----------------------------------------------------------------------------------------------------

BRANCH = OrgView("branch", formal_count=9, group_count=2)


def state(duty, today, *events, org=BRANCH, on=None):
    found = standing_of(
        PACK,
        PACK.duty(duty),
        org,
        [Event(date.fromisoformat(day), what, *rest) for day, what, *rest in events],
        date.fromisoformat(today),
        date.fromisoformat(on) if on else None,
    )
    return found and found.state


@pytest.mark.parametrize(
    ("today", "expected"),
    [("2026-11-01", "on_track"), ("2026-11-15", "on_track"), ("2026-11-16", "at_risk"), ("2026-11-30", "at_risk")],
)
def test_the_warning_begins_fourteen_days_before_the_end(today, expected):
    assert state("theme_day_monthly", today) == expected


def test_a_plan_that_has_passed_is_no_plan():
    assert state("theme_day_monthly", "2026-11-28", ("2026-11-28", "planned")) == "on_track"
    assert state("theme_day_monthly", "2026-11-29", ("2026-11-28", "planned")) == "at_risk"
    assert state("theme_day_monthly", "2026-11-25", ("2026-12-02", "planned")) == "at_risk"
    assert state("theme_day_monthly", "2026-11-25", ("2026-11-28", "withdrawn")) == "at_risk"


def test_late_but_made_good():
    late = ("2026-12-08", "done", "2026-11")
    assert state("theme_day_monthly", "2026-12-09", late, on="2026-11-01") == "made_good"
    # what makes November good does not count for December as well
    assert state("theme_day_monthly", "2026-12-28", late, on="2026-12-01") == "at_risk"
    assert state("theme_day_monthly", "2026-12-09", ("2026-12-08", "planned", "2026-11"), on="2026-11-01") == "short"
    early = ("2026-11-30", "done")
    assert state("theme_day_monthly", "2027-01-01", early, late, on="2026-11-01") == "kept"


@pytest.mark.parametrize(
    ("org", "duty", "asked"),
    [
        (OrgView("branch", 6), "committee_meeting_monthly", False),
        (OrgView("branch", 7), "committee_meeting_monthly", True),
        (OrgView("branch", 7, 0), "group_meeting_monthly", False),
        (OrgView("branch", 7, 1), "group_meeting_monthly", True),
        (OrgView("temporary_branch", 9), "theme_day_monthly", False),
        (OrgView("street_committee", 9), "theme_day_monthly", False),
        (OrgView("branch", 9, 0, date(2026, 11, 1)), "theme_day_monthly", True),
        (OrgView("branch", 9, 0, date(2026, 11, 2)), "theme_day_monthly", False),
        (OrgView("branch", 9, 0, None, date(2026, 11, 30)), "theme_day_monthly", False),
        (OrgView("branch", 9, 0, None, date(2026, 12, 1)), "theme_day_monthly", True),
    ],
)
def test_who_is_asked(org, duty, asked):
    """DOMAIN 1.3: n/a without committee (below 7 formal), without groups, for a part of a period."""
    assert (state(duty, "2026-11-15", org=org) is not None) is asked


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.lists(st.dates(date(2026, 10, 1), date(2027, 2, 1)), max_size=5)
)
def test_standing_agrees_with_its_numbers(today, held):
    found = standing_of(
        PACK, PACK.duty("theme_day_monthly"), BRANCH, [Event(d, "done") for d in held], today, date(2026, 11, 1)
    )
    first, last = period_bounds("2026-11")
    assert found.done == sum(first <= d <= last for d in held)
    assert (found.state == "kept") == (found.done >= found.required)
    assert found.done or (found.state == "short") == (today > last)


def test_terms_end_on_the_same_day():
    assert term_ends_on(date(2024, 2, 29), 3) == date(2027, 2, 28)
    assert term_ends_on(date(2024, 3, 5), 5) == date(2029, 3, 5)
