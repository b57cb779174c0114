"""Rules of elections as tables; each cites its row of DOMAIN."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.desks.elections import rules, strokes
from gongjian.ground.policy import folders
from gongjian.ground.policy.rules import size_findings


@pytest.fixture(scope="module")
def guilin():
    return folders.read_pack(folders.find("guilin"))[0]


# DOMAIN 1.5.3: ≥20 % more, rounded up, at least one: 3→4, 5→6, 7→9, 9→11
@pytest.mark.parametrize(("seats", "needed"), [(1, 2), (3, 4), (5, 6), (6, 8), (7, 9), (9, 11), (10, 12), (11, 14)])
def test_candidates(guilin, seats, needed):
    rule = guilin.elections.candidates
    assert rules.candidates_needed(seats, rule.surplus_percent, rule.surplus_at_least) == needed


def test_another_surplus_needs_other_candidates():
    assert rules.candidates_needed(5, 40, 1) == 7
    assert rules.candidates_needed(3, 0, 2) == 5


# DOMAIN 1.5.7: more than the seats → by votes; equal at the cut → tied; fewer → missing
@pytest.mark.parametrize(
    ("votes", "needed", "seats", "winners", "tied", "open_", "missing"),
    [
        ({"a": 8, "b": 7, "c": 6, "d": 5}, 5, 3, ("a", "b", "c"), (), 0, 0),
        ({"a": 8, "b": 6, "c": 6, "d": 5}, 5, 2, ("a",), ("b", "c"), 1, 0),
        ({"a": 6, "b": 6, "c": 6, "d": 6}, 5, 3, (), ("a", "b", "c", "d"), 3, 0),
        ({"a": 8, "b": 6, "c": 6, "d": 6}, 5, 3, ("a",), ("b", "c", "d"), 2, 0),
        ({"a": 8, "b": 6, "c": 4, "d": 4}, 5, 3, ("a", "b"), (), 0, 1),
        ({"a": 4, "b": 4}, 5, 1, (), (), 0, 1),
        ({"a": 4, "b": 3}, 0, 1, ("a",), (), 0, 0),
        ({"a": 4, "b": 4}, 0, 1, (), ("a", "b"), 1, 0),
        ({"a": 0}, 0, 1, (), (), 0, 1),
    ],
)
def test_who_is_elected(votes, needed, seats, winners, tied, open_, missing):
    assert rules.decide(votes, needed, seats) == rules.Decision(winners, tied, open_, missing)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.text("abcdefgh", min_size=1, max_size=1), st.integers(0, 20)),
    st.integers(0, 12),
    st.integers(1, 6),
)
def test_never_more_than_the_seats_and_never_fewer_votes_than_a_loser(votes, needed, seats):
    found = rules.decide(votes, needed, seats)
    assert len(found.winners) + found.open + found.missing == seats
    assert not found.tied or len(found.tied) > found.open
    losers = set(votes) - set(found.winners) - set(found.tied)
    reached = [votes[name] for name in losers if votes[name] >= max(needed, 1)]
    assert all(votes[winner] >= most for winner in found.winners for most in reached)


# DOMAIN 1.5.7: seats are reduced when close to the number and more than half of the electors agree
@pytest.mark.parametrize(
    ("missing", "agreed", "due", "answer"),
    [(1, 5, 9, ""), (1, 4, 9, "not_agreed"), (1, 5, 10, "not_agreed"), (2, 9, 9, "not_close"), (0, 9, 9, "not_close")],
)
def test_reducing_seats(guilin, missing, agreed, due, answer):
    assert rules.may_reduce(missing, guilin.elections.filling.reduce_missing_at_most, agreed, due) == answer


# DOMAIN 1.5.4: who votes no may write in another
def test_names_written_in():
    votes, written = {"1": 4, "2": 3}, {"赵六": 3, "王五": 2, "钱七": 1}
    names = {"赵六": ["9"], "王五": ["7", "8"], "李一": ["1"]}
    merged, unknown = rules.merge_write_ins(votes, written, names, {})
    assert merged == {"1": 4, "2": 3, "9": 3}
    assert unknown == {"王五": 2, "钱七": 1}
    assert rules.merge_write_ins(votes, written, names, {"王五": "8"})[0]["8"] == 2
    assert rules.merge_write_ins(votes, {"李一": 2}, names, {})[0] == votes  # stands already


# DOMAIN 1.2: branch 3 years, grassroots committee and community 5; six months' notice; at most one year either way
@pytest.mark.parametrize(
    ("kind", "years"),
    [("branch", 3), ("general_branch", 3), ("unit_committee", 5), ("community_committee", 5), ("village_committee", 5)],
)
def test_terms(guilin, kind, years):
    assert guilin.org_kind(kind).term_years == years
    assert guilin.settings.terms.remind_months_before == 6
    assert guilin.settings.terms.may_move_months == 12


def test_the_end_of_a_term_and_its_delay():
    end = rules.term_end(dt.date(2024, 3, 1), 3)
    assert end == dt.date(2027, 3, 1)
    assert rules.remind_from(end, 6) == dt.date(2026, 9, 1)
    assert rules.within_shift(end, dt.date(2028, 3, 1), 12)
    assert not rules.within_shift(end, dt.date(2028, 3, 2), 12)
    assert rules.term_end(dt.date(2024, 3, 1), 3, dt.date(2027, 9, 1)) == dt.date(2027, 9, 1)
    assert rules.term_end(None, 3) is None
    assert [hint.code for hint in rules.timing_hints(dt.date(2026, 2, 28), end, False, 12)] == ["early"]
    assert [hint.code for hint in rules.timing_hints(dt.date(2027, 3, 2), end, False, 12)] == ["late"]
    assert rules.timing_hints(dt.date(2026, 3, 1), end, False, 12) == []


# DOMAIN 1.5.1: from 500 members a congress; 100–200 delegates, at most 300
@pytest.mark.parametrize(("members", "may"), [(499, False), (500, True)])
def test_a_congress(guilin, members, may):
    assert rules.may_hold_congress(members, guilin.elections.congress.from_members) is may


@pytest.mark.parametrize(
    ("delegates", "found"),
    [(99, "unusual"), (100, ""), (200, ""), (201, "unusual"), (300, "unusual"), (301, "too_many")],
)
def test_delegates(guilin, delegates, found):
    rule = guilin.elections.congress
    assert (
        rules.delegates_finding(delegates, rule.delegates_from, rule.delegates_usual, rule.delegates_at_most) == found
    )


# DOMAIN 1.1.8, 1.1.11: <7 formal: no committee; ≥7: 3–5, generally ≤7; 总支 5–7, max 9; 基层委员会 5–9
@pytest.mark.parametrize(
    ("kind", "formal", "seats", "severities"),
    [
        ("branch", 6, 0, []), ("branch", 6, 3, ["block"]), ("branch", 7, 3, []), ("branch", 7, 2, ["warn", "block"]),
        ("branch", 20, 5, []), ("branch", 20, 7, ["warn"]), ("general_branch", 60, 7, []),
        ("general_branch", 60, 9, ["warn"]), ("general_branch", 60, 10, ["warn", "block"]),
        ("unit_committee", 120, 9, []), ("unit_committee", 120, 10, ["warn"]),
    ],
)  # fmt: skip
def test_seats(guilin, kind, formal, seats, severities):
    found = size_findings(guilin.org_kind(kind), {"committee_size": seats, "formal_members": formal})
    assert sorted(rule.severity for rule in found) == sorted(severities)


# DOMAIN 1.5.4: 姓氏笔画: surnames in the order of a published list in stroke order; within one count by 起笔
SURNAMES = "习马王刘许孙李汪张范孟赵胡俞栗郭韩"


def test_surnames_of_a_published_list_come_out_as_published():
    assert sorted(sorted(SURNAMES), key=strokes.key) == list(SURNAMES)


def test_of_one_surname_the_further_characters_decide():
    names = ["刘云山", "刘延海", "刘奇峰", "孙春林", "孙政明", "李克文", "李建中", "李源清"]
    assert sorted(sorted(names), key=strokes.key) == names


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("丁一", "王二"), ("王五", "毛三"), ("毛三", "方四"), ("方四", "孔五"), ("王五", "王一平"), ("李四", "汪洋"),
        ("汪洋", "张三"), ("陈九", "欧阳修"), ("欧阳修", "欧阳一一"), ("许一", "孙二"),
    ],
)  # fmt: skip
def test_strokes(first, second):
    assert strokes.key(first) < strokes.key(second)


def test_of_one_surname_the_pack_says_who_is_first():
    assert strokes.key("王德") < strokes.key("王一平")
    assert strokes.key("王德", short_first=False) > strokes.key("王一平", short_first=False)
    assert strokes.known("欧阳修")
    assert not strokes.known("𠮷田")
    assert strokes.key("𠮷田") > strokes.key("龚自珍")
