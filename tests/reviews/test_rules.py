"""Rules of the appraisal, each with its row of DOMAIN; and that the pack decides."""

import pytest

from gongjian.desks.reviews import rules
from gongjian.ground import policy


@pytest.mark.parametrize(("kind", "graded"), [("formal", True), ("probationary", False)])
def test_who_gets_a_grade(kind, graded):
    """DOMAIN 1.3 Grades: probationary members take part but get no grade."""
    assert rules.is_graded(kind) is graded


@pytest.mark.parametrize(
    ("members", "most"), [(1, 0), (2, 0), (3, 1), (5, 1), (6, 2), (7, 2), (8, 2), (9, 3), (40, 13), (50, 16)]
)
def test_excellent_is_at_most_a_third(members, most):
    """DOMAIN 1.3 Grades: 优秀 generally ≤1/3 of members; exactly a third is within it."""
    assert rules.cap(members, 3) == most
    assert most * 3 <= members < (most + 1) * 3


CASES = [
    # grades, base, taking part, over
    (["excellent"] * 3 + ["qualified"] * 6, "graded", 9, 0),
    (["excellent"] * 4 + ["qualified"] * 5, "graded", 9, 1),
    (["excellent"] * 4 + ["qualified"] * 5, "all", 12, 0),  # three probationary members count where the pack says so
    (["excellent"] * 4 + ["qualified"] * 5, "graded", 12, 1),
    (["excellent", ""], "graded", 2, 1),  # who gets no grade is no base
]


@pytest.mark.parametrize(("grades", "base", "taking_part", "over"), CASES)
def test_over_the_cap(grades, base, taking_part, over):
    """DOMAIN 1.3 Grades, the soft cap: of which members the third is taken is a setting."""
    given = [rules.Given(n, grade, "理由") for n, grade in enumerate(grades)]
    found = rules.check(given, capped=["excellent"], needs_reason=[], one_in=3, base=base, taking_part=taking_part)
    assert found.over == over


def test_what_is_missing():
    given = [
        rules.Given(1, None, ""), rules.Given(2, "excellent", " "), rules.Given(3, "", ""), rules.Given(4, "qualified", ""),
        rules.Given(5, "excellent", "好"),
    ]  # fmt: skip
    found = rules.check(given, capped=["excellent"], needs_reason=["excellent"], one_in=3, base="graded", taking_part=5)
    assert (found.undecided, found.without_reason) == ((1,), (2, 3))
    assert rules.counts(["excellent", None, "x", "qualified"], ["excellent", "qualified", "basic"]) == {
        "excellent": 1, "qualified": 1, "basic": 0,
    }  # fmt: skip


@pytest.mark.django_db
def test_the_pack_holds_the_rule_and_its_source(pack):
    """DOMAIN 1.3: grades 优秀/合格/基本合格/不合格; a third; 民主测评 is secret and passes nothing."""
    found = pack.reviews
    assert [grade.title for grade in found.grades] == ["优秀", "合格", "基本合格", "不合格"]
    assert found.excellent_one_in == 3
    assert [grade.id for grade in found.grades if grade.capped] == ["excellent"]
    assert [grade.id for grade in found.grades if grade.follow_up] == ["basic", "unqualified"]
    assert "支部工作条例" in found.basis
    rule = pack.voting_rule("review")
    assert (rule.secret, rule.pass_base, rule.results_for) == (True, "none", "organisers")
    assert policy.current().duty("appraisal_of_members_yearly").strength == "soft"
