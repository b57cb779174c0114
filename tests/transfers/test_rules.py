"""Rules with numbers, each in a table that names DOMAIN's row, and changed with the pack."""

import datetime as dt

import pytest

from gongjian.desks.transfers import rules
from gongjian.ground.policy import folders
from gongjian.ground.policy.calendar import next_working_day

PACK = folders.read_pack(folders.find("guilin"))[0]
TABLE = PACK.transfers
D = dt.date


def altered(shape, **changes):
    return shape.model_copy(update=changes)


@pytest.mark.parametrize(("upward", "position"), [
    # 2.2.7: grassroots committees with the power to approve probationary members deal directly with the whole country
    (["community_committee", "street_committee", "district_committee", "city_committee"], 1),
    (["unit_committee", "district_committee", "city_committee"], 0),
    (["general_branch", "unit_committee", "city_committee"], 1),
    (["unit_committee", "unit_committee", "city_committee"], 0),
    (["district_committee", "city_committee"], 0),
    ([], None),
])  # fmt: skip
def test_which_committee_writes_letters(upward, position):
    assert rules.committee_of(upward, TABLE.committees) == position


def test_a_pack_may_let_the_community_write_letters():
    table = altered(TABLE.committees, direct=(*TABLE.committees.direct, "community_committee"))
    assert rules.committee_of(["community_committee", "street_committee"], table) == 0


@pytest.mark.parametrize(("direction", "days"), [("city", 10), ("out", 30), ("in", 30)])  # 2.2.8
def test_usual_validity(direction, days):
    assert rules.usual_days(direction, TABLE.validity) == days
    assert rules.usual_days(direction, altered(TABLE.validity, city_days=15, outside_days=15)) == 15


@pytest.mark.parametrize(("days", "strength", "answer"), [
    (90, "warn", None), (91, "warn", False), (90, "block", None), (91, "block", True),  # 2.2.8: normally ≤ 3 months
])  # fmt: skip
def test_the_cap_warns_or_blocks(days, strength, answer):
    found = rules.check_days(days, altered(TABLE.validity, cap_strength=strength))
    assert (found and found.blocks) is answer


def test_the_cap_comes_from_the_pack():
    assert rules.check_days(61, altered(TABLE.validity, cap_days=60)) is not None
    assert TABLE.validity.cap_strength == "warn"  # “一般” only warns


@pytest.mark.parametrize(("issued", "days", "last"), [
    (D(2026, 11, 16), 10, D(2026, 11, 26)),  # 民法典 201: counting begins the day after
    (D(2026, 11, 18), 10, D(2026, 11, 30)),  # 民法典 203: the 28th is a Saturday
    (D(2026, 9, 21), 10, D(2026, 10, 8)),  # National Day
])  # fmt: skip
def test_the_last_day_of_a_letter(issued, days, last):
    def working(day):
        return next_working_day(day, PACK)

    assert rules.last_day(issued, days, TABLE.validity, working) == last
    assert not rules.expired(last, last)
    assert rules.expired(last, last + dt.timedelta(days=1))


def test_a_pack_may_let_letters_end_on_holidays():
    table = altered(TABLE.validity, holiday_moves_end=False)
    assert rules.last_day(D(2026, 11, 18), 10, table, lambda day: D(2099, 1, 1)) == D(2026, 11, 28)


@pytest.mark.parametrize(("day", "reached"), [
    (D(2026, 11, 22), []), (D(2026, 11, 23), ["soon"]), (D(2026, 11, 26), ["soon"]), (D(2026, 11, 27), ["soon", "late"]),
    (D(2026, 12, 3), ["soon", "late"]), (D(2026, 12, 4), ["soon", "late", "overdue"]),
])  # fmt: skip
def test_the_ladder(day, reached):
    assert [rung.id for rung in rules.rungs_reached(day, D(2026, 11, 26), TABLE.ladder)] == reached


@pytest.mark.parametrize(("months", "proof", "paper"), [
    # 2.2.11: ≤3 months and no need to prove identity → none; ≤6 months → letter of proof. 2.2.12: beyond → card
    (1, False, "none"), (3, False, "none"), (3, True, "proof"), (4, False, "proof"), (6, False, "proof"), (7, False, "card"),
    (60, True, "card"),
])  # fmt: skip
def test_the_paper_for_an_absence(months, proof, paper):
    assert rules.document_for(months, TABLE.mobile, needs_proof=proof) == paper


@pytest.mark.parametrize(("rule", "start", "first"), [
    (lambda day: rules.must_transfer_from(day, TABLE.mobile), D(2026, 5, 16), D(2026, 11, 16)),  # 2.2.6 ≥6 months
    (lambda day: rules.must_transfer_from(day, TABLE.mobile), D(2026, 8, 31), D(2027, 2, 28)),  # 民法典 202
    (lambda day: rules.contact_due(day, TABLE.mobile, abroad=True), D(2026, 5, 16), D(2026, 11, 16)),  # 2.2.3 half a year
    (lambda day: rules.contact_due(day, TABLE.mobile, abroad=False), D(2026, 5, 16), D(2026, 8, 16)),  # product default
    (lambda day: rules.stop_possible_from(day, TABLE.standing), D(2026, 5, 16), D(2026, 11, 16)),  # 2.2.2 ≥6 months
    (lambda day: rules.removal_possible_from(day, TABLE.standing), D(2024, 11, 16), D(2026, 11, 16)),  # 2.2.2 two years
    (lambda day: rules.abroad_stop_possible_from(day, TABLE.standing), D(2021, 11, 16), D(2026, 11, 17)),  # 2.2.3 over 5
    (lambda day: rules.correction_ends_by(day, TABLE.standing), D(2026, 11, 16), D(2027, 11, 16)),  # 2.2.15 ≤1 year
    (lambda day: rules.barred_until(day, TABLE.standing), D(2026, 2, 28), D(2031, 2, 28)),  # 2.2.4 five years
])  # fmt: skip
def test_days_that_count(rule, start, first):
    assert rule(start) == first


@pytest.mark.parametrize(("rule", "field", "value", "first"), [
    (rules.stop_possible_from, "lost_months", 12, D(2027, 5, 16)),
    (rules.removal_possible_from, "remove_after_stop_years", 3, D(2029, 5, 16)),
    (rules.abroad_stop_possible_from, "study_abroad_years", 3, D(2029, 5, 17)),
    (rules.correction_ends_by, "correction_months", 6, D(2026, 11, 16)),
    (rules.barred_until, "rejoin_bar_years", 3, D(2029, 5, 16)),
])  # fmt: skip
def test_the_pack_moves_those_days(rule, field, value, first):
    assert rule(D(2026, 5, 16), altered(TABLE.standing, **{field: value})) == first


def test_the_pack_moves_what_is_due_of_members_away():
    table = altered(TABLE.mobile, must_transfer_months=3, contact_months=1)
    assert rules.must_transfer_from(D(2026, 5, 16), table) == D(2026, 8, 16)
    assert rules.contact_due(D(2026, 5, 16), table, abroad=False) == D(2026, 6, 16)


@pytest.mark.parametrize(("start", "day", "months"), [
    (D(2026, 5, 16), D(2026, 11, 15), 5), (D(2026, 5, 16), D(2026, 11, 16), 6), (D(2026, 8, 31), D(2027, 2, 28), 6),
])  # fmt: skip
def test_complete_months(start, day, months):
    assert rules.months_between(start, day) == months


def test_each_number_says_where_it_comes_from():
    assert all(
        [TABLE.committees.basis, TABLE.validity.basis, TABLE.pace.basis, TABLE.ladder_basis, TABLE.refusal_basis]
    )
    assert all(one.basis and one.text for one in (*TABLE.signals, *TABLE.proceedings))
