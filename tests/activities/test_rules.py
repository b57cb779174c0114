"""Rules as tables; each line cites what it is from."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gongjian.desks.activities import rules
from gongjian.engines.voting import rules as voting

SECRET = "ab" * 32


# 支部工作条例 11, 12: 半数以上 (exactly half is enough); to pass, yes must exceed half of 应到会 (DOMAIN 1.4)
@pytest.mark.parametrize(
    ("present", "entitled", "reached", "passable"),
    [
        (9, 20, False, False),
        (10, 20, True, False),
        (11, 20, True, True),
        (4, 9, False, False),
        (5, 9, True, True),
        (0, 1, False, False),
    ],
)
def test_quorum(present, entitled, reached, passable):
    assert voting.quorum_reached(present, entitled) is reached
    assert voting.enough_to_pass(present, entitled) is passable


# 选举工作条例 5: probationary members and suspended ones have no vote
@pytest.mark.parametrize(
    ("kind", "state", "votes"),
    [
        ("formal", "normal", True),
        ("probationary", "normal", False),
        ("formal", "suspended", False),
        ("formal", "stopped", False),
    ],
)
def test_votes(kind, state, votes):
    assert voting.votes(kind, state) is votes


# DOMAIN 1.4: who may be left out of 应到会
@pytest.mark.parametrize(
    ("state", "mobile", "lost", "named"),
    [
        ("normal", False, None, False),
        ("suspended", False, None, True),
        ("normal", True, None, True),
        ("normal", False, 30, True),
    ],
)
def test_who_may_be_left_out(state, mobile, lost, named):
    assert bool(voting.may_be_left_out(state=state, mobile=mobile, lost_for_days=lost)) is named


# rotation 30 s, grace 30 s: a code holds for its own half minute and for the next
@pytest.mark.parametrize(
    ("age", "holds"),
    [(0, True), (29.9, True), (30, True), (59.9, True), (60, False), (61, False), (-1, False), (3600, False)],
)
def test_how_long_a_code_holds(age, holds):
    shown_at = 1_800_000_000  # begins a step
    for make in (rules.digits_of, rules.token_of):
        code = make(SECRET, rules.step_of(shown_at, 30))
        assert rules.code_fits(SECRET, code, shown_at + age, 30, 30) is holds


@pytest.mark.parametrize(
    ("rotation", "grace", "age", "holds"),
    [(15, 0, 14, True), (15, 0, 15, False), (20, 60, 79, True), (20, 60, 80, False)],
)
def test_other_rotations(rotation, grace, age, holds):
    shown_at = 1_800_000_000
    code = rules.token_of(SECRET, rules.step_of(shown_at, rotation))
    assert rules.code_fits(SECRET, code, shown_at + age, rotation, grace) is holds


@pytest.mark.parametrize("code", ["", " ", "１２３４５６", "abc", "x" * 500, "\x00", "12345é"])
def test_nonsense_is_no_code(code):
    assert not rules.code_fits(SECRET, code, 1_800_000_000, 30, 30)


def test_digits_may_be_typed_with_a_gap():
    digits = rules.digits_of(SECRET, 60_000_000)
    assert rules.code_fits(SECRET, f" {digits[:3]} {digits[3:]} ", 1_800_000_000, 30, 30)


@given(st.integers(0, 10**9), st.binary(min_size=32, max_size=32))
def test_codes_of_another_meeting_never_fit(step, secret):
    other = secret.hex() if secret.hex() != SECRET else "cd" * 32
    assert not rules.code_fits(SECRET, rules.token_of(other, step), step * 30, 30, 30)


@pytest.mark.parametrize(
    ("period", "per", "day", "founded", "fits"),
    [
        ("2026-10", "month", "2026-11-01", "2015-06-01", True),
        ("2026-10", "month", "2026-10-31", "2015-06-01", False),  # not over
        ("2026-11", "month", "2026-11-20", "2015-06-01", False),
        ("2026Q3", "quarter", "2026-10-01", "2026-09-30", True),
        ("2026Q3", "quarter", "2026-10-01", "2026-10-01", False),  # founded after it
        ("2026Q3", "month", "2026-11-01", "2015-06-01", False),
        ("2025", "year", "2026-01-01", "2015-06-01", True),
        ("2026-13", "month", "2027-01-01", "2015-06-01", False),
        ("", "month", "2027-01-01", "2015-06-01", False),
    ],
)
def test_what_a_late_meeting_can_make_good(period, per, day, founded, fits):
    assert rules.can_make_good(
        period, per=per, day=dt.date.fromisoformat(day), founded_on=dt.date.fromisoformat(founded)
    ) is fits  # fmt: skip


def test_past_periods():
    assert rules.past_periods(dt.date(2026, 1, 31), "month", 2) == ["2025-12", "2025-11"]
    assert rules.past_periods(dt.date(2026, 2, 1), "quarter", 2) == ["2025Q4", "2025Q3"]


@pytest.mark.parametrize(
    ("statuses", "audience", "counts"),
    [
        (["present", "absent", "excused"], "members", (3, 1)),  # the excused should have come too
        (["present", "expected"], "open", (1, 1)),  # coming is free
        ([], "members", (0, 0)),
    ],
)
def test_counts(statuses, audience, counts):
    assert rules.counts(statuses, audience) == counts


def test_agenda_as_typed():
    assert rules.seemly_agenda(["1. 学习", "", "二、讨论", "  2）表决 ", "x" * 200]) == [
        "学习",
        "二、讨论",
        "表决",
        "x" * 120,
    ]
