"""DOMAIN 1.1 and 1.2, line by line: who may be a branch, how big, with what committee, for how long."""

import datetime as dt

import pytest

from gongjian.records.orgs.rules import Size, blocks, elects_committee, may_found, size_findings, term_on

# (rule of DOMAIN, kind, measures, {rule: severity}) — bounds belong to what is allowed (以上、以下包括本数)
TABLE = [
    # 1.1.1 凡是有正式党员3人以上的, 都应当成立党支部; probationary members do not count
    ("1.1.1", "branch", {"formal_members": 3, "all_members": 3}, {}),
    ("1.1.1", "branch", {"formal_members": 2, "all_members": 9}, {"branch_formal": "block"}),
    ("1.1.1", "branch", {"formal_members": 0, "all_members": 0}, {"branch_formal": "block"}),
    # 1.1.2 不足3人的成立联合党支部, 覆盖单位一般不超过5个
    ("1.1.2", "joint_branch", {"covered_units": 5}, {}),
    ("1.1.2", "joint_branch", {"covered_units": 6}, {"joint_branch_units": "warn"}),
    ("1.1.2", "joint_branch", {"formal_members_of_unit": 2}, {}),
    ("1.1.2", "joint_branch", {"formal_members_of_unit": 3}, {"joint_branch_unit_formal": "block"}),
    # 1.1.3 党支部党员人数一般不超过50人 (all members, not only formal)
    ("1.1.3", "branch", {"formal_members": 40, "all_members": 50, "committee_size": 5}, {}),
    ("1.1.3", "branch", {"formal_members": 40, "all_members": 51, "committee_size": 5}, {"branch_members": "warn"}),
    # 1.1.8 不足7人设1名书记, 不设委员会; 7人以上设委员会3至5人
    ("1.1.8", "branch", {"formal_members": 6, "committee_size": 0}, {}),
    ("1.1.8", "branch", {"formal_members": 6, "committee_size": 3}, {"branch_committee_below_seven": "block"}),
    (
        "1.1.8", "branch", {"formal_members": 7, "committee_size": 0},
        {"branch_committee_due": "block", "branch_committee_seats": "warn"},
    ),
    ("1.1.8", "branch", {"formal_members": 7, "committee_size": 3}, {}),
    ("1.1.8", "branch", {"formal_members": 7, "committee_size": 5}, {}),
    ("1.1.8", "branch", {"formal_members": 30, "committee_size": 6}, {"branch_committee_seats": "warn"}),
    # 1.1.10 总支 50 to 100, exactly 50 and 100 ambiguous: no complaint
    ("1.1.10", "general_branch", {"all_members": 50}, {}),
    ("1.1.10", "general_branch", {"all_members": 100}, {}),
    ("1.1.10", "general_branch", {"all_members": 49}, {"general_branch_members": "warn"}),
    ("1.1.10", "unit_committee", {"all_members": 99}, {"unit_committee_members": "warn"}),
    ("1.1.10", "unit_committee", {"all_members": 100}, {}),
    # 1.1.11 总支委员会5至7人, 最多不超过9人; 基层委员会5至9人
    ("1.1.11", "general_branch", {"committee_size": 8}, {"general_branch_seats": "warn"}),
    (
        "1.1.11", "general_branch", {"committee_size": 10},
        {"general_branch_seats_limit": "block", "general_branch_seats": "warn"},
    ),
    ("1.1.11", "unit_committee", {"committee_size": 9}, {}),
    ("1.1.11", "unit_committee", {"committee_size": 4}, {"unit_committee_seats": "warn"}),
    # 6.2 大工委 part-time 3–5 at the street, total odd
    ("6.2", "joint_committee", {"level": "street", "part_time_members": 3, "committee_size": 9}, {}),
    (
        "6.2", "joint_committee", {"level": "street", "part_time_members": 2, "committee_size": 9},
        {"joint_committee_part_time_street": "warn"},
    ),
    ("6.2", "joint_committee", {"level": "community", "part_time_members": 1, "committee_size": 7}, {}),
    (
        "6.2", "joint_committee", {"level": "community", "part_time_members": 6, "committee_size": 8},
        {"joint_committee_part_time_community": "warn", "joint_committee_odd": "warn"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("cited", "kind", "measures", "expected"), TABLE)
@pytest.mark.django_db
def test_sizes(pack, cited, kind, measures, expected):
    found = size_findings(pack, Size(kind=kind, **measures))
    assert {finding.rule: finding.severity for finding in found} == expected
    assert all(finding.basis and finding.message for finding in found)
    assert [f.rule for f in blocks(found)] == [rule for rule, severity in expected.items() if severity == "block"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "formal", "elected"),
    [("branch", 6, False), ("branch", 7, True), ("joint_branch", 7, True), ("unit_committee", 0, True),
     ("temporary_branch", 20, False), ("group", 9, False), ("nonsense", 9, False)],
)  # fmt: skip
def test_who_elects_a_committee(pack, kind, formal, elected):
    assert elects_committee(pack, kind, formal) is elected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "years"),
    [("unit_committee", 5), ("general_branch", 3), ("branch", 3), ("community_committee", 5), ("village_committee", 5),
     ("temporary_branch", None), ("street_committee", None)],
)  # fmt: skip
def test_terms_of_the_opinion_of_2018(pack, kind, years):
    """DOMAIN 1.2: 基层委员会5年, 总支部和支部3年, 村和社区5年; 临时党支部和派出机关没有任期."""
    assert pack.org_kind(kind).term_years == years


@pytest.mark.parametrize(
    ("day", "state", "left"),
    [("2026-08-31", "far", 182), ("2026-09-01", "near", 181), ("2027-03-01", "near", 0), ("2027-03-02", "over", -1)],
)
def test_the_reminder_comes_six_months_before(day, state, left):
    """DOMAIN 1.2: 上级提前约6个月提醒; 民法典 202: the same-numbered day."""
    term = term_on(dt.date.fromisoformat(day), dt.date(2024, 3, 1), 3, 6)
    assert (term.ends, term.state, term.days_left) == (dt.date(2027, 3, 1), state, left)


def test_a_term_that_began_on_a_leap_day():
    assert term_on(dt.date(2027, 1, 1), dt.date(2024, 2, 29), 3, 6).ends == dt.date(2027, 2, 28)
    assert term_on(dt.date(2027, 1, 1), None, 3, 6) is None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "above", "may"),
    [("branch", "community_committee", True), ("branch", "branch", False), ("group", "branch", True),
     ("group", "street_committee", False), ("city_committee", None, True), ("branch", None, False),
     ("joint_committee", "street_committee", True)],
)  # fmt: skip
def test_what_stands_below_what(pack, kind, above, may):
    assert may_found(pack, kind, above) is may
