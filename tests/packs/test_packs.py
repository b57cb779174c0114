"""The packs that ship, and a city made of nothing but a folder."""

from datetime import date
from pathlib import Path

import jsonschema_rs
import pytest

from gongjian.ground.policy import calendar, editors, folders
from gongjian.ground.policy.problems import PackProblems
from gongjian.ground.policy.reading import read
from gongjian.ground.policy.rules import Deed, OrgView, points_for, size_findings, standing_of, verdict_of

CITY = Path(__file__).parent / "cities" / "testville"
SHIPPED = ["_base", "guilin"]


@pytest.fixture(scope="module")
def guilin():
    return folders.read_pack(folders.find("guilin"))[0]


@pytest.fixture(scope="module")
def base():
    return folders.read_pack(folders.find("_base"))[0]


@pytest.fixture(scope="module")
def city():
    return folders.read_pack(CITY)[0]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_pack_has_no_problem(name):
    assert [str(problem) for problem in folders.check(folders.find(name))] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_editors_schema_takes_the_shipped_files(name):
    schemas = editors.json_schema()
    for path in sorted(folders.find(name).glob("*.yaml")):
        node, problems = read(path, path.name)
        assert problems == []
        jsonschema_rs.validate(schemas[path.stem], node.plain())
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert first == f"# yaml-language-server: $schema=../schema/{path.stem}.json"


def test_editors_schema_refuses_what_the_check_refuses():
    schemas = editors.json_schema()
    duty = {"duties": [{"id": "x", "per": "week"}]}
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schemas["duties"], duty)
    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.validate(schemas["roles"], {"roles": [{"id": "x", "colour": "red"}]})


def test_the_written_schema_is_the_present_one(tmp_path):
    """`gongjian pack schema` was run after the last change of the shape."""
    for path in editors.write(tmp_path):
        kept = folders.packs_folder() / "schema" / path.name
        assert kept.read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), path.name


def test_size_rules_of_branches(base):
    """支部工作条例: formal members, all members, committee; the numbers belong to what is allowed."""
    branch = base.org_kind("branch")

    def broken(**counts):
        return {rule.id for rule in size_findings(branch, counts)}

    assert broken(formal_members=3, all_members=50) == set()
    assert broken(formal_members=2, all_members=9) == {"branch_formal"}
    assert broken(formal_members=49, all_members=51) == {"branch_members"}
    assert broken(formal_members=6, committee_size=0) == set()
    assert broken(formal_members=6, committee_size=3) == {"branch_committee_below_seven"}
    assert broken(formal_members=7, committee_size=0) == {"branch_committee_due", "branch_committee_seats"}
    assert broken(formal_members=7, committee_size=3) == set()
    assert broken(formal_members=20, committee_size=6) == {"branch_committee_seats"}
    severity = {rule.id: rule.severity for rule in branch.size_rules}
    assert severity["branch_formal"] == "block"
    assert severity["branch_members"] == "warn"


@pytest.mark.parametrize(
    ("kind", "counts", "level", "ids"),
    [
        ("joint_branch", {"covered_units": 5}, "", set()),
        ("joint_branch", {"covered_units": 6}, "", {"joint_branch_units"}),
        ("joint_branch", {"formal_members_of_unit": 3}, "", {"joint_branch_unit_formal"}),
        ("general_branch", {"committee_size": 9}, "", {"general_branch_seats"}),
        ("general_branch", {"committee_size": 10}, "", {"general_branch_seats", "general_branch_seats_limit"}),
        ("unit_committee", {"committee_size": 9, "all_members": 100}, "", set()),
        ("joint_committee", {"committee_size": 8}, "", {"joint_committee_odd"}),
        ("joint_committee", {"part_time_members": 2}, "street", {"joint_committee_part_time_street"}),
        ("joint_committee", {"part_time_members": 2}, "community", set()),
    ],
)
def test_size_rules_of_other_kinds(base, kind, counts, level, ids):
    """DOMAIN 1.1.2, 1.1.11, 6.2."""
    assert {rule.id for rule in size_findings(base.org_kind(kind), counts, level)} == ids


@pytest.mark.parametrize(
    ("kind", "years"),
    [
        ("unit_committee", 5),
        ("general_branch", 3),
        ("branch", 3),
        ("community_committee", 5),
        ("village_committee", 5),
        ("temporary_branch", None),
    ],
)
def test_terms(base, kind, years):
    """《关于党的基层组织任期的意见》(2018), DOMAIN 1.2; a temporary branch has no term (1.1.6)."""
    assert base.org_kind(kind).term_years == years


def test_every_kind_of_organisation_and_activity_is_there(base):
    assert set(base.org_kinds.ids()) >= {
        "city_committee",
        "district_committee",
        "street_committee",
        "town_committee",
        "community_committee",
        "village_committee",
        "unit_committee",
        "general_branch",
        "branch",
        "joint_branch",
        "temporary_branch",
        "mobile_branch",
        "group",
        "joint_committee",
        "alliance",
        "trade_committee",
    }
    assert set(base.activity_kinds.ids()) >= {
        "branch_assembly",
        "committee_meeting",
        "group_meeting",
        "party_lesson",
        "theme_day",
        "organisational_life_meeting",
        "appraisal_of_members",
        "heart_to_heart",
        "oath_renewal",
        "membership_anniversary",
        "joint_meeting",
        "volunteer_service",
        "study",
    }


def test_second_factor_for_admin_and_auditor_only(base):
    assert {role.id for role in base.roles if role.second_factor} == {"admin", "auditor"}


def test_auditor_and_admin_see_no_protected_fields(base):
    """Separated administrators (GB/T 22239-2019 8.1.4): who manages accounts or audits does not look into people."""
    for name in ("admin", "auditor"):
        assert not base.role(name).allows("people.view_protected")


def test_named_rankings_are_off(base):
    """国办函〔2026〕12号."""
    assert base.points.ranks.named_lists is False
    assert "国办函〔2026〕12号" in base.points.ranks.guard


def test_default_frame(base):
    """DOMAIN 5: 25/20/15/30/10, bonus at most 10, floor 0, cap 110."""
    assert [(d.id, d.full) for d in base.points.dimensions if not d.bonus] == [
        ("organisational_life", 25),
        ("learning", 20),
        ("duties", 15),
        ("service", 30),
        ("appraisal", 10),
    ]
    assert [d.full for d in base.points.dimensions if d.bonus] == [10]
    assert (base.points.frame.floor, base.points.frame.cap, base.points.frame.posting_days) == (0, 110, 7)


@pytest.mark.parametrize(
    ("duty", "per", "needs", "strength"),
    [
        ("branch_assembly_quarterly", "quarter", "none", "soft"),
        ("committee_meeting_monthly", "month", "committee", "soft"),
        ("group_meeting_monthly", "month", "groups", "soft"),
        ("party_lesson_quarterly", "quarter", "none", "soft"),
        ("theme_day_monthly", "month", "none", "hard"),
        ("organisational_life_meeting_yearly", "year", "none", "hard"),
        ("appraisal_of_members_yearly", "year", "none", "soft"),
        ("heart_to_heart_yearly", "year", "none", "soft"),
    ],
)
def test_duties_of_organisational_life(base, duty, per, needs, strength):
    """DOMAIN 1.3."""
    found = base.duty(duty)
    assert (found.per, found.times, found.needs, found.strength) == (per, 1, needs, strength)
    assert found.basis


def test_figures_are_those_of_the_source(guilin):
    assert len(guilin.figures) == 48
    assert str(guilin.figure("urban_organization_share").value) == "52.4"
    assert guilin.figure("reserve_talent_per_community").range == (3, 5)
    assert all(any("一" <= letter <= "鿿" for letter in figure.about) for figure in guilin.figures)


def test_verdicts(guilin):
    exact, least = guilin.figure("street_joint_committees"), guilin.figure("brands")
    near, between = guilin.figure("urban_member_share"), guilin.figure("reserve_talent_per_community")
    assert verdict_of(exact, 13) == "met"
    assert verdict_of(exact, 12) == "missed"
    assert verdict_of(least, 301) == "met"
    assert verdict_of(least, 299) == "missed"
    assert verdict_of(near, near.value + near.tolerance) == "met"
    assert verdict_of(near, near.value + 2 * near.tolerance) == "missed"
    assert verdict_of(between, 3) == verdict_of(between, 5) == "met"
    assert verdict_of(between, 6) == "missed"
    assert verdict_of(exact, None) == "unavailable"


# ---- a new city by a pack alone -----------------------------------------------------------------------------------


def test_a_new_city_needs_no_code(city, base):
    assert city.word("city") == "试验市"
    assert city.word("grid") == base.word("grid")
    assert city.duties.get("party_lesson_quarterly") is None
    assert city.duty("theme_day_monthly").times == 2
    assert city.duty("theme_day_monthly").basis == base.duty("theme_day_monthly").basis
    assert city.settings.learning.hour_minutes == 60
    assert city.settings.learning.member_hours_per_year == 32
    assert city.points.frame.posting_days == 10
    talk = Deed(id=1, kind="activity.attended", day=date(2026, 8, 3), person=5, data={"activity_kind": "night_talk"})
    assert [(a.rule.id, a.points) for a in points_for(city, [talk], date(2026, 8, 31))] == [("attend_night_talk", 3)]
    org = OrgView("branch", 5)
    assert (
        standing_of(city, city.duty("night_talk_monthly"), org, [], date(2026, 9, 1), date(2026, 8, 9)).state == "short"
    )


def test_texts_stay_what_was_written(city):
    """`no`, 0571 and 3.10 are texts: YAML's guesses would make false, 377 and 3.1 of them."""
    assert city.words["no"] == "否"
    assert city.words["area_code"] == "0571"
    assert city.version == "3.10"


def test_rules_and_duties_have_their_days(city):
    def rule_on(day):
        return "attend_night_talk" in {rule.id for rule in city.point_rules(on=day)}

    def duty_on(day):
        return "night_talk_monthly" in {duty.id for duty in city.duties_on(day)}

    assert [rule_on(date(2026, 6, 30)), rule_on(date(2026, 7, 1))] == [False, True]
    assert [rule_on(date(2026, 12, 31)), rule_on(date(2027, 1, 1))] == [True, False]
    assert [duty_on(date(2026, 6, 30)), duty_on(date(2026, 7, 1))] == [False, True]
    assert [duty_on(date(2027, 6, 30)), duty_on(date(2027, 7, 1))] == [True, False]


def test_the_citys_own_days_come_first(city):
    assert not calendar.is_working_day(date(2026, 11, 20), city)
    assert calendar.is_working_day(date(2026, 11, 21), city)
    assert calendar.known_until(city) == date(2027, 12, 31)


def test_packs_folder_can_be_given(monkeypatch):
    monkeypatch.setenv("GONGJIAN_PACKS", str(CITY.parent))
    assert folders.cities() == ["testville"]
    with pytest.raises(PackProblems):  # its base is not there
        folders.read_pack(folders.find("testville"))
