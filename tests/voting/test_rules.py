"""Rules of voting as tables; each line cites its row of DOMAIN."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.engines.voting import rules
from gongjian.ground.policy import folders

ITEMS, OPTIONS = ["a", "b", "c"], ["yes", "no", "abstain"]


# DOMAIN 1.4: 支部大会、支委会 半数以上 (exactly half is enough); 接收预备党员 超过半数; DOMAIN 1.5.2: 不少于五分之四 (2020),
# 超过五分之四 (1990)
@pytest.mark.parametrize(
    ("rule", "due", "needs"),
    [
        ("half_or_more", 20, 10), ("half_or_more", 9, 5), ("half_or_more", 1, 1),
        ("over_half", 20, 11), ("over_half", 9, 5), ("over_half", 2, 2),
        ("four_fifths", 20, 16), ("four_fifths", 9, 8), ("four_fifths", 25, 20), ("four_fifths", 7, 6),
        ("over_four_fifths", 20, 17), ("over_four_fifths", 9, 8), ("over_four_fifths", 25, 21),
        ("none", 20, 0),
    ],
)  # fmt: skip
def test_quorum(rule, due, needs):
    assert rules.quorum_needs(rule, due) == needs
    assert rules.quorum(rule, needs, due)
    assert needs == 0 or not rules.quorum(rule, needs - 1, due)


def test_nobody_entitled_is_no_meeting():
    assert not rules.quorum("half_or_more", 0, 0)


# DOMAIN 1.4: yes must EXCEED half of 应到会; 20 voters, 10 present: nothing can pass. DOMAIN 1.5.6: by setting, of 实到会
@pytest.mark.parametrize(
    ("yes", "due", "present", "base", "passed"),
    [
        (10, 20, 10, "due", False), (11, 20, 11, "due", True), (10, 20, 16, "present", True),
        (8, 20, 16, "present", False), (9, 20, 16, "present", True), (9, 20, 16, "due", False),
        (5, 9, 9, "due", True), (4, 9, 9, "due", False), (0, 9, 9, "none", True),
    ],
)  # fmt: skip
def test_majority(yes, due, present, base, passed):
    assert rules.passes(yes, due, present, base) is passed


# DOMAIN 1.5.5: a ballot marking no more than the seats is valid, more is not; 1.5.4: a no-voter may write in another name
@pytest.mark.parametrize(
    ("choices", "names", "seats", "problem"),
    [
        ({"a": "yes", "b": "yes", "c": "no"}, [], 2, ""),
        ({"a": "yes", "b": "yes", "c": "yes"}, [], 2, "too_many"),
        ({"a": "yes", "b": "no", "c": "no"}, ["赵六"], 2, ""),
        ({"a": "yes", "b": "yes", "c": "no"}, ["赵六"], 2, "too_many"),
        ({"a": "yes", "b": "abstain", "c": "abstain"}, ["赵六"], 2, "write_in"),
        ({"a": "maybe"}, [], 2, "unknown_option"),
        ({}, [], 2, ""),
    ],
)
def test_a_ballot(choices, names, seats, problem):
    ballot = rules.tidy_ballot(choices, names, ITEMS, OPTIONS)
    assert rules.ballot_problem(ballot, ITEMS, OPTIONS, seats=seats, write_ins=True) == problem


def test_an_unknown_item_is_seen_and_write_ins_need_leave():
    assert (
        rules.ballot_problem({"choices": {"z": "yes"}, "write_ins": []}, ITEMS, OPTIONS, seats=None, write_ins=False)
        == "unknown_item"
    )
    ballot = rules.tidy_ballot({"a": "no"}, ["赵六"], ITEMS, OPTIONS)
    assert rules.ballot_problem(ballot, ITEMS, OPTIONS, seats=None, write_ins=False) == "write_in"


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from(ITEMS), st.sampled_from(OPTIONS)),
    st.lists(st.text(max_size=40), max_size=5),
)
def test_sealed_ballots_have_an_even_length_and_come_back(choices, names):
    ballot = rules.tidy_ballot(choices, names, ITEMS, OPTIONS)
    text = rules.pack_ballot(ballot)
    assert len(text.encode()) % rules.BLOCK == 0
    assert rules.unpack_ballot(text) == ballot


def count(*, due=10, present=8, out=8, ballots=(), papers=None, opinions=0, quorum="four_fifths", base="due"):
    return rules.outcome(
        rule=rules.Rule(quorum, base), due=due, present=present, by_phone=0 if papers else out,
        on_paper=out if papers else 0, ballots=ballots, opinions=opinions,
        papers=papers or rules.Papers(), items=ITEMS, options=OPTIONS,
    )  # fmt: skip


def vote(*yes, no=()):
    return rules.tidy_ballot(dict.fromkeys(yes, "yes") | dict.fromkeys(no, "no"), (), ITEMS, OPTIONS)


# DOMAIN 1.5.5: collected ≤ handed out is valid, more is void and must be repeated
@pytest.mark.parametrize(("collected", "valid"), [(7, True), (8, True), (9, False)])
def test_more_ballots_than_were_handed_out_void_the_vote(collected, valid):
    result = count(papers=rules.Papers(collected, 0, {"a": {"yes": 6}}))
    assert result.ballots_ok is valid
    assert result.valid is valid
    assert result.passed == (("a",) if valid else ())


def test_phone_and_paper_and_opinions_are_added():
    ballots = [vote("a"), vote("a", no=("b",)), vote("b")]
    result = count(ballots=ballots, opinions=1, papers=rules.Papers(4, 1, {"a": {"yes": 2, "no": 1}}, {}), present=8)
    assert result.tallies["a"] == {"yes": 4, "no": 1, "abstain": 1}
    assert result.tallies["c"] == {"yes": 0, "no": 0, "abstain": 6}
    assert (result.collected, result.invalid, result.valid_ballots, result.opinions) == (6, 1, 5, 1)


def test_without_enough_people_nothing_passes():
    result = count(due=20, present=10, out=10, ballots=[vote("a")] * 10, quorum="half_or_more")
    assert result.present_ok
    assert result.needed == 11
    assert result.passed == ()
    assert not count(due=10, present=7, out=7, ballots=[vote("a")] * 7).valid


@pytest.mark.parametrize(
    ("papers", "problem"),
    [
        (rules.Papers(5, 6), "invalid_over_collected"),
        (rules.Papers(5, 1, {"a": {"yes": 4, "no": 1}}), "over_valid"),
        (rules.Papers(5, 1, {"z": {"yes": 1}}), "unknown_item"),
        (rules.Papers(5, 1, {"a": {"great": 1}}), "unknown_option"),
        (rules.Papers(2, 0, {"a": {"yes": 2}, "b": {"yes": 2}, "c": {"yes": 1}}), "too_many"),
        (rules.Papers(2, 0, {"a": {"yes": 2}}, {"赵六": 3}), "over_valid"),
        (rules.Papers(2, 0, {"a": {"yes": 2}, "b": {"yes": 2}}), ""),
    ],
)
def test_the_tellers_numbers(papers, problem):
    assert rules.papers_problem(papers, ITEMS, OPTIONS, seats=2, write_ins=True)[0] == problem


# DOMAIN 1.4, 1.5.2, 1.5.6: what the pack says by default
@pytest.mark.parametrize(
    ("rule", "quorum", "base", "opinions", "secret"),
    [
        ("branch_assembly", "half_or_more", "due", False, False),
        ("committee_meeting", "half_or_more", "due", False, False),
        ("admission", "over_half", "due", True, True),
        ("election", "four_fifths", "due", False, True),
        ("review", "half_or_more", "none", False, True),
    ],
)
def test_the_pack(rule, quorum, base, opinions, secret):
    described = folders.read_pack(folders.find("guilin"))[0].voting_rule(rule)
    assert (described.quorum, described.pass_base) == (quorum, base)
    assert (described.written_opinions, described.secret) == (opinions, secret)
    assert described.basis
