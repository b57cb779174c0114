"""Every condition of DOMAIN 4 (and 1.4) as a table, each row citing its article; changing the pack changes the outcome."""

import datetime as dt

import pytest

from gongjian.desks.admissions import queries, rules
from gongjian.desks.admissions.rules import Case, Done, Named, Shown
from gongjian.ground import policy
from gongjian.ground.policy.folders import find


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture(scope="module")
def whole():
    return policy.read_pack(find("guilin"))[0]


def ask(pack, step, on, *, values=None, only="", **case):
    """Findings of a step, or of one of its conditions: (id, strength)."""
    table = pack.admissions
    case["done"] = {
        name: Done(day(text)) if isinstance(text, str) else text for name, text in case.get("done", {}).items()
    }
    found = rules.findings(table.steps[step], day(on), values or {}, Case(**case), table, queries.tools_of(pack))
    return {one.id: one for one in found if not only or one.id == only}


def changed(pack, step, condition, **fields):
    """The pack with one condition of one step set otherwise, as a city would."""
    table = pack.admissions
    described = table.steps[step]
    conditions = type(described.conditions)(
        one.model_copy(update=fields) if one.id == condition else one for one in described.conditions
    )
    steps = type(table.steps)(
        one.model_copy(update={"conditions": conditions}) if one.id == step else one for one in table.steps
    )
    return pack.model_copy(update={"admissions": table.model_copy(update={"steps": steps})})


# --- 1 申请: DOMAIN 4 stage 1, 细则第五条 ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("birth", "on", "fits"),
    [
        ("2008-11-16", "2026-11-16", True), ("2008-11-17", "2026-11-16", False), ("2008-02-29", "2026-02-28", True),
        ("2008-03-01", "2026-02-28", False), ("1970-01-01", "2026-11-16", True),
    ],
)  # fmt: skip
def test_eighteen_years(whole, birth, on, fits):
    assert (ask(whole, "application", on, birth_date=day(birth)) == {}) is fits
    older = changed(whole, "application", "adult", years=19)
    assert ask(older, "application", on, birth_date=day("2007-11-17")) != {}


@pytest.mark.parametrize(
    ("until", "on", "fits"),
    [  # DOMAIN 2.2.4: left on 2026-11-16 with a bar of five years
        (None, "2026-11-17", True), ("2031-11-16", "2026-11-17", False), ("2031-11-16", "2031-11-15", False),
        ("2031-11-16", "2031-11-16", True),
    ],
)  # fmt: skip
def test_no_application_while_barred_from_rejoining(whole, until, on, fits):
    found = ask(whole, "application", on, birth_date=day("1980-05-06"), barred_until=until and day(until))
    assert (found == {}) is fits
    if not fits:
        told = found["not_barred"]
        assert told.strength == "block"
        assert "2031-11-16 之前不得重新入党" in told.text
        assert "党纪处分条例" in told.text
        warned = changed(whole, "application", "not_barred", strength="warn")
        told = ask(warned, "application", on, birth_date=day("1980-05-06"), barred_until=day(until))["not_barred"]
        assert told.strength == "warn"


def test_without_a_birth_date_nobody_is_of_age(whole):
    assert ask(whole, "application", "2026-11-16")["adult"].strength == "block"


# --- 2 谈话: 细则第七条, one month; 民法典 201–203 for its end ------------------------------------------------------------
@pytest.mark.parametrize(
    ("applied", "talked", "late"),
    [
        ("2026-10-16", "2026-11-16", False), ("2026-10-16", "2026-11-17", True),
        ("2026-01-31", "2026-02-28", False),  # the month's last day, a make-up working day (2026-02-28 is a Saturday of work)
        ("2026-03-21", "2026-04-21", False), ("2026-04-02", "2026-05-06", False),  # 2 May is a holiday: till 6 May
        ("2026-04-02", "2026-05-07", True), ("2026-10-14", "2026-11-16", False),
    ],
)  # fmt: skip
def test_a_talk_within_a_month(whole, applied, talked, late):
    found = ask(whole, "talk", talked, done={"application": applied})
    assert (found != {}) is late
    assert all(one.strength == "warn" and "第七条" in one.text for one in found.values())


def test_a_city_may_ask_for_the_talk_sooner(whole):
    sooner = changed(whole, "talk", "talk_in_time", months=None, days=14)
    assert ask(sooner, "talk", "2026-11-16", done={"application": "2026-10-16"})


# --- 5 联系人, 9 介绍人: 细则第九条、第十四条 -----------------------------------------------------------------------------
A, B, C = Named("甲"), Named("乙"), Named("丙")
YOUNG, BARRED = Named("丁", False), Named("戊", True, "留党察看，党员权利没有恢复")


@pytest.mark.parametrize(
    ("step", "field", "people", "fits"),
    [
        ("contacts", "contacts", [], False), ("contacts", "contacts", [A], True), ("contacts", "contacts", [A, B], True),
        ("contacts", "contacts", [A, B, C], False), ("contacts", "contacts", [A, YOUNG], False),
        ("introducers", "introducers", [A], False), ("introducers", "introducers", [A, B], True),
        ("introducers", "introducers", [A, B, C], False), ("introducers", "introducers", [A, YOUNG], False),
        ("introducers", "introducers", [A, BARRED], False),
    ],
)  # fmt: skip
def test_contacts_and_introducers(whole, step, field, people, fits):
    assert (ask(whole, step, "2026-11-16", named={field: people}) == {}) is fits


def test_a_city_may_want_two_contacts(whole):
    two = changed(whole, "contacts", "one_or_two", least=2)
    assert ask(two, "contacts", "2026-11-16", named={"contacts": [A]})


# --- 6 培养教育: 细则第十一条 each half-year, 第十三条 a full year ------------------------------------------------------------
@pytest.mark.parametrize(
    ("since", "on", "fits"),
    [
        ("2025-11-16", "2026-11-16", True), ("2025-11-16", "2026-11-15", False), ("2024-02-29", "2025-02-28", True),
        ("2024-02-29", "2025-02-27", False), ("2025-08-31", "2026-08-31", True),
    ],
)  # fmt: skip
def test_a_full_year_as_activist(whole, since, on, fits):
    for step in ("education", "candidate"):
        found = ask(whole, step, on, only="a_year", done={"activist": since})
        assert (found == {}) is fits
        assert all(one.strength == "block" and "第十三条" in one.text for one in found.values())
    longer = changed(whole, "candidate", "a_year", months=18)
    assert ask(longer, "candidate", on, only="a_year", done={"activist": since})


@pytest.mark.parametrize(
    ("observed", "missing"),
    [
        (["2026-05-16", "2026-11-16"], 0), (["2025-12-01", "2026-10-01"], 0), (["2026-05-17", "2026-06-01"], 1),
        (["2026-02-01"], 1), ([], 2), (["2025-11-16"], 2),  # the day itself is not a half-year of education
    ],
)  # fmt: skip
def test_an_observation_each_half_year(whole, observed, missing):
    days = [day(text) for text in observed]
    assert len(rules.missed(day("2025-11-16"), 6, day("2026-11-16"), days)) == missing
    found = ask(whole, "education", "2026-11-16", only="each_half_year", done={"activist": "2025-11-16"}, observed=days)
    assert (found != {}) is (missing > 0)
    assert all(one.strength == "warn" and "第十一条" in one.text for one in found.values())


def test_when_the_next_observation_is_due():
    start = day("2026-01-31")
    assert rules.observation_due(start, 6, [], day("2026-07-31")) == day("2026-07-31")
    assert rules.observation_due(start, 6, [], day("2026-08-01")) == day(
        "2026-07-31"
    )  # overdue until somebody observes
    assert rules.observation_due(start, 6, [day("2026-08-05")], day("2026-08-06")) == day("2027-07-31")
    assert rules.observation_due(start, 6, [day("2026-07-01")], day("2026-08-06")) == day("2027-01-31")


# --- 公示: local rules, at least 5 working days (DOMAIN 4); posting day not counted (民法典 201) ----------------------------
@pytest.mark.parametrize(
    ("shown", "on", "word"),
    [
        (None, "2026-11-24", "还没有公示"), (("2026-11-16", "2026-11-23"), "2026-11-24", ""),
        (("2026-11-16", "2026-11-23"), "2026-11-23", "期满后才能办"),
        (("2026-11-16", "2026-11-20"), "2026-11-24", "不足 5 个工作日"),
        (("2026-11-13", "2026-11-20"), "2026-11-24", "须重新公示"),
        (("2026-11-16", "2026-11-23", False), "2026-11-24", "结束公示"),
        (("2026-11-16", "2026-11-23", True, True), "2026-11-24", "异议成立"),
    ],
)  # fmt: skip
def test_publication(whole, shown, on, word):
    given = Shown(day(shown[0]), day(shown[1]), *shown[2:]) if shown else None
    places = (("activist", "activist_filed"), ("candidate", "candidate_filed"), ("pre_review", "branch_meeting"),
              ("formal_application", "formal_meeting"))  # fmt: skip
    for before, step in places:
        ids = [c.id for c in whole.admissions.steps[step].conditions if c.kind == "publication"]
        found = ask(whole, step, on, only=ids[0], done={before: "2026-11-16"}, shown=given)
        assert (word in found[ids[0]].text) if word else found == {}
    longer = changed(whole, "candidate_filed", "candidate_shown", working_days=7)
    five = Shown(day("2026-11-16"), day("2026-11-23"))
    assert ask(longer, "candidate_filed", "2026-11-24", done={"candidate": "2026-11-16"}, shown=five)


# --- 10 政审: local, one year -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("on", "fits"), [("2026-11-16", True), ("2026-11-17", False)])
def test_a_political_review_holds_for_a_year(whole, on, fits):
    for step in ("branch_check", "pre_review", "branch_meeting"):
        assert (ask(whole, step, on, only="review_fresh", done={"political_review": "2025-11-16"}) == {}) is fits
    two_years = changed(whole, "pre_review", "review_fresh", months=24)
    assert not ask(two_years, "pre_review", on, only="review_fresh", done={"political_review": "2025-11-16"})


# --- 11 培训: 细则第十七条, three days or 24 hours ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("days", "hours", "fits"),
    [(3, 0, True), (0, 24, True), (2, 23, False), (2, 24, True), (None, None, False), (5, 40, True)],
)
def test_training(whole, days, hours, fits):
    values = {"taken": "trained", "days": days, "hours": hours}
    assert (ask(whole, "training", "2026-11-16", values=values) == {}) is fits
    harder = changed(whole, "training", "enough", days=5, hours=40)
    assert (ask(harder, "training", "2026-11-16", values=values) == {}) is (days == 5)


def test_without_training_only_in_a_special_case(whole):
    found = ask(whole, "training", "2026-11-16", values={"taken": "exempt"})
    assert {one.id: one.strength for one in found.values()} == {"trained": "warn"}


# --- 3, 7, 12 支委会: DOMAIN 1.4, half of the committee -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("due", "present", "fits"), [(3, 2, True), (3, 1, False), (4, 2, True), (5, 2, False), (0, 0, False), (3, 4, False)]
)
def test_half_of_the_committee(whole, due, present, fits):
    values = {"committee_due": due, "committee_present": present}
    assert (ask(whole, "activist", "2026-11-16", values=values) == {}) is fits


# --- 15 支部大会: 细则第十九条、第二十一条 --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("due", "present", "yes", "written", "fits"),
    [
        (20, 11, 11, 0, True), (20, 10, 10, 0, False),  # present must exceed half: ten of twenty is no meeting
        (20, 11, 10, 0, False), (20, 20, 10, 0, False),  # yes must exceed half of those who should attend
        (9, 5, 5, 0, True), (9, 4, 4, 4, False),  # written opinions are votes, not people who are there
        (9, 5, 5, 1, True), (9, 5, 4, 0, False), (1, 1, 1, 0, True), (9, 5, 7, 1, False), (9, 9, 0, 9, False),
    ],
)  # fmt: skip
def test_the_vote(whole, due, present, yes, written, fits):
    values = {"due": due, "present": present, "yes": yes, "no": 0, "abstain": 0, "written": written}
    for step in ("branch_meeting", "formal_meeting"):
        assert (ask(whole, step, "2026-11-16", values=values, only="passes") == {}) is fits


def test_a_written_opinion_makes_the_majority(whole):
    values = {"due": 9, "present": 5, "yes": 5, "no": 1, "abstain": 0, "written": 1}
    assert not ask(whole, "branch_meeting", "2026-11-16", values=values, only="passes")
    assert ask(whole, "branch_meeting", "2026-11-16", values={**values, "yes": 4}, only="passes")


def test_another_rule_of_voting_changes_the_outcome(whole):
    ordinary = changed(whole, "branch_meeting", "passes", rule="branch_assembly")
    values = {"due": 20, "present": 10, "yes": 10, "no": 0, "abstain": 0}
    assert "至少要 11 票" in ask(ordinary, "branch_meeting", "2026-11-16", values=values, only="passes")["passes"].text
    assert "到会" in ask(whole, "branch_meeting", "2026-11-16", values=values, only="passes")["passes"].text


@pytest.mark.parametrize(("on", "late"), [("2026-11-16", False), ("2026-11-17", True)])
def test_a_meeting_within_a_month_of_the_pre_review(whole, on, late):
    found = ask(whole, "branch_meeting", on, only="soon", done={"pre_review": "2026-10-16"})
    assert {one.strength for one in found.values()} == ({"warn"} if late else set())  # 一般: a warning


@pytest.mark.parametrize(
    ("leaving", "warned"),
    [(None, False), ("2027-02-16", True), ("2027-02-17", False), ("2026-11-16", True), ("2026-11-01", True)],
)
def test_who_leaves_within_three_months(whole, leaving, warned):
    values = {"leaving_on": day(leaving)} if leaving else {}
    found = ask(whole, "branch_meeting", "2026-11-16", values=values, only="not_leaving")
    assert {one.strength for one in found.values()} == ({"warn"} if warned else set())
    strict = changed(whole, "branch_meeting", "not_leaving", strength="block")
    assert {
        one.strength for one in ask(strict, "branch_meeting", "2026-11-16", values=values, only="not_leaving").values()
    } == ({"block"} if warned else set())


# --- 17 审批: 细则第二十五条, three months, at most six ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("on", "strength"),
    [
        ("2026-11-16", None), ("2026-11-17", "warn"), ("2027-02-15", "warn"), ("2027-02-16", "block"),
        ("2027-06-01", "block"),
    ],
)  # fmt: skip
def test_approval_within_three_and_never_after_six_months(whole, on, strength):
    """From 14 August 2026: 14 November is a Saturday, so till Monday 16; six months end on 14 February 2027, a Sunday."""
    found = ask(whole, "approval", on, only="in_time", done={"branch_meeting": "2026-08-14"})
    assert [one.strength for one in found.values()] == ([strength] if strength else [])
    shorter = changed(whole, "approval", "in_time", months=1, last_months=3)
    if strength == "warn":
        found = ask(shorter, "approval", on, only="in_time", done={"branch_meeting": "2026-08-14"})
        assert found["in_time"].strength == "block"


# --- 23 转正: 细则第三十一条 ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("admitted", "extended", "full"),
    [
        ("2025-11-16", 0, "2026-11-16"), ("2024-02-29", 0, "2025-02-28"), ("2025-11-16", 6, "2027-05-16"),
        ("2025-08-31", 6, "2027-02-28"), ("2024-02-29", 12, "2026-02-28"),
    ],
)  # fmt: skip
def test_when_a_probation_is_full(whole, admitted, extended, full):
    months = whole.admissions.probation_months
    assert rules.full_on(day(admitted), months, extended) == day(full)
    done, eve = {"branch_meeting": admitted}, (day(full) - dt.timedelta(days=1)).isoformat()
    assert ask(whole, "formal_meeting", eve, only="probation_full", done=done, extended=extended)
    assert not ask(whole, "formal_meeting", full, only="probation_full", done=done, extended=extended)
    table = whole.admissions.model_copy(update={"probation_months": 24})
    longer = whole.model_copy(update={"admissions": table})
    assert ask(longer, "formal_meeting", full, only="probation_full", done=done, extended=extended)


@pytest.mark.parametrize(
    ("months", "before", "fits"),
    [(6, 0, True), (12, 0, True), (5, 0, False), (13, 0, False), (6, 6, False), (0, 0, False)],
)
def test_one_extension_of_half_a_year_to_a_year(whole, months, before, fits):
    values = {"outcome": "extend", "extend_months": months}
    assert (ask(whole, "formal_meeting", "2026-11-16", values=values, only="extension", extended=before) == {}) is fits
    assert not ask(whole, "formal_meeting", "2026-11-16", values={"outcome": "formal"}, only="extension")


@pytest.mark.parametrize(("on", "late"), [("2026-11-16", False), ("2026-11-17", True)])
def test_formal_approval_within_three_months(whole, on, late):
    found = ask(whole, "formal_approval", on, only="in_time", done={"formal_meeting": "2026-08-14"})
    assert [one.strength for one in found.values()] == (["warn"] if late else [])


@pytest.mark.parametrize(("on", "late"), [("2026-11-23", False), ("2026-11-24", True)])
def test_papers_within_a_week(whole, on, late):
    assert (ask(whole, "archive", on, done={"formal_approval": "2026-11-16"}) != {}) is late


def test_new_members_are_trained_in_their_probation(whole):
    """DOMAIN 2.1: ≥1 集中培训 by a higher organisation during probation."""
    assert ask(whole, "probation", "2026-11-16")["trained"].strength == "warn"
    assert not ask(whole, "probation", "2026-11-16", values={"trained_on": day("2026-03-01")})


# --- the table itself ------------------------------------------------------------------------------------------------------
def test_five_stages_and_twenty_five_steps(whole):
    table = whole.admissions
    assert (len(table.stages), len(table.steps)) == (5, 25)
    by_stage = [[step.number for step in table.steps if step.stage == stage.id] for stage in table.stages]
    assert by_stage == [[1, 2], [3, 4, 5, 6], [7, 8, 9, 10, 11], [12, 13, 14, 15, 16, 17, 18], [*range(19, 26)]]
    assert all("细则" in step.basis for step in table.steps)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("  - {id: talk, number: 7}", "连续编号"), ("  - {id: talk, stage: nowhere}", "没有登记"),
        ("  - id: talk\n    conditions:\n      - {id: new, kind: age, basis: 无}", "缺少：years"),
        ("  - id: talk\n    conditions:\n      - {id: new, kind: after, of: approval, months: 1, basis: 无}", "不在它前面"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_in_words(tmp_path, change, word):
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        'id: other\ntitle: 试\nversion: "1"\neffective_from: 2026-01-01\nextends: _base\n', encoding="utf-8"
    )
    text = "\n".join("  " + line for line in change.split("\n"))
    (folder / "admissions.yaml").write_text(f"admissions:\n  steps:\n{text}\n", encoding="utf-8")
    assert word in "\n".join(str(problem) for problem in policy.check(folder))
