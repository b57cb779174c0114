"""Rules of talks and anniversaries, each with its row of DOMAIN."""

import datetime as dt

import pytest

from gongjian.desks.talks import rules

PAIRS = {"committee": "pairs", "committee_and_members": "each", "members": "each"}
ALL_PAIRS = dict.fromkeys(rules.LINES, "pairs")
COMMITTEE, MEMBERS = [1, 2, 3], [4, 5, 6]


def talked(*pairs) -> dict:
    return {frozenset(pair): 1 for pair in pairs}


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        (True, True, "committee"),
        (True, False, "committee_and_members"),
        (False, True, "committee_and_members"),
        (False, False, "members"),
    ],
)
def test_which_line_a_talk_is_on(first, second, line):
    """DOMAIN 1.3 谈心谈话: among committee members, between committee members and members, between members."""
    assert rules.line_of(first, second) == line


CASES = [
    # nobody has talked: three pairs of the committee, three members with the committee, three among themselves
    ({}, PAIRS, 1, 9),
    (talked((1, 2), (1, 3), (2, 3)), PAIRS, 1, 6),
    (talked((1, 2), (1, 3), (2, 3), (1, 4), (1, 5), (2, 6)), PAIRS, 1, 3),
    (talked((1, 2), (1, 3), (2, 3), (1, 4), (1, 5), (2, 6), (4, 5), (5, 6)), PAIRS, 1, 0),
    (
        talked((1, 2), (1, 3), (2, 3), (1, 4), (1, 5), (2, 6), (4, 5), (5, 6)),
        ALL_PAIRS,
        1,
        7,
    ),  # 6 of 9 and 1 of 3 pairs
]


@pytest.mark.parametrize(("talks", "reach", "times", "count"), CASES)
def test_what_a_year_lacks(talks, reach, times, count):
    """DOMAIN 1.3 谈心谈话: generally ≥1 per year each; whether each pair or each person is the pack's."""
    assert len(rules.missing(COMMITTEE, MEMBERS, talks, reach, times)) == count


def test_twice_a_year_asks_for_more():
    talks = CASES[3][0]
    lacking = rules.missing(COMMITTEE, MEMBERS, talks, PAIRS, 2)
    assert {gap.person for gap in lacking if gap.line == "members"} == {4, 6}, "5 has talked with two"
    assert sum(gap.line == "committee" for gap in lacking) == 3


@pytest.mark.parametrize(("committee", "members"), [([], [4, 5]), ([1], []), ([1], [4]), ([], []), ([], [4])])
def test_a_line_with_nobody_to_talk_with_lacks_nothing(committee, members):
    lacking = rules.missing(committee, members, {}, PAIRS)
    assert not [gap for gap in lacking if gap.line == "committee"]
    if not committee or not members:
        assert not [gap for gap in lacking if gap.line == "committee_and_members"]
    if len(members) < 2:
        assert not [gap for gap in lacking if gap.line == "members"]


def test_the_next_talk_is_one_that_is_missing():
    lacking = rules.missing(COMMITTEE, MEMBERS, talked((1, 2)), PAIRS)
    order = rules.next_for(1, COMMITTEE, MEMBERS, talked((1, 2)), {}, lacking)
    assert order == [3, 4, 5], "the committee's pair first, then members whom nobody of it has talked with"
    everything = {frozenset((a, b)): 1 for a in range(1, 7) for b in range(1, 7) if a < b}
    assert (
        rules.next_for(1, COMMITTEE, MEMBERS, everything, {}, rules.missing(COMMITTEE, MEMBERS, everything, PAIRS))
        == []
    )
    lacking = rules.missing(COMMITTEE, MEMBERS, {}, PAIRS)
    assert 4 not in rules.next_for(4, COMMITTEE, MEMBERS, {}, {}, lacking, most=10), "nobody talks with themselves"


@pytest.mark.parametrize(("since", "year", "day"), [
    (dt.date(2016, 7, 1), 2026, dt.date(2026, 7, 1)), (dt.date(2020, 2, 29), 2026, dt.date(2026, 2, 28)),
    (dt.date(2020, 2, 29), 2028, dt.date(2028, 2, 29)),
])  # fmt: skip
def test_when_an_anniversary_is(since, year, day):
    assert rules.anniversary(since, year) == day


@pytest.mark.parametrize(("since", "today", "days", "found"), [
    (dt.date(2016, 7, 1), dt.date(2026, 6, 24), 7, dt.date(2026, 7, 1)),
    (dt.date(2016, 7, 1), dt.date(2026, 6, 23), 7, None),
    (dt.date(2016, 7, 1), dt.date(2026, 7, 1), 7, dt.date(2026, 7, 1)),
    (dt.date(2016, 7, 1), dt.date(2026, 7, 2), 7, None),
    (dt.date(2016, 1, 3), dt.date(2026, 12, 28), 7, dt.date(2027, 1, 3)),
    (dt.date(2026, 7, 1), dt.date(2026, 7, 1), 7, None),  # no full year yet
    (dt.date(2016, 7, 1), dt.date(2026, 7, 1), 0, dt.date(2026, 7, 1)),
])  # fmt: skip
def test_when_a_card_is_prepared(since, today, days, found):
    assert rules.coming(since, today, days) == found


@pytest.mark.django_db
def test_the_pack_holds_the_rule_and_its_source(pack):
    """DOMAIN 1.3 谈心谈话: generally ≥1 per year each (soft); the unclear reach is a setting that says so."""
    assert pack.talks.times_per_year == 1
    assert "支部工作条例" in pack.talks.basis
    assert "没有写明" in pack.talks.conflict
    duty = pack.duty("heart_to_heart_yearly")
    assert [match.fact for match in duty.also_done_by] == ["talk.held"]
