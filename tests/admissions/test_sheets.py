"""Import of people under way: the same conditions as by hand, all or nothing, twice is once, undone while untouched."""

import datetime as dt

import pytest

from gongjian.desks.admissions import actions, sheets
from gongjian.desks.admissions.models import Admission, StepRecord
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.ground.sheets import Row
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons
from gongjian.records.people.models import Person

pytestmark = pytest.mark.django_db


def row(number=3, **fields):
    """A good row up to the training, in a file of today (16 November 2026)."""
    d = dt.date
    given = {
        "org_code": "T005", "name": "覃小山", "identity": make_demo_identity(number, d(1995, 3, 3), "male"), "phone": None,
        "work_unit": "第一中学", "evidence": "2024年发展党员台账第3页", "applied_on": d(2024, 3, 1), "talked_on": d(2024, 3, 20),
        "activist_on": d(2024, 9, 2), "way": "members", "committee_due": 3, "committee_present": 3,
        "activist_shown_on": d(2024, 9, 3), "activist_shown_until": d(2024, 9, 10), "activist_filed_on": d(2024, 9, 12),
        "contacts_on": d(2024, 9, 13), "contacts": "张伟、刘洋", "observed_on": "2025-02-01、2025-08-01",
        "education_on": d(2025, 9, 2), "candidate_on": d(2025, 9, 5), "candidate_shown_on": d(2025, 9, 8),
        "candidate_shown_until": d(2025, 9, 15), "candidate_filed_on": d(2025, 9, 16), "introducers_on": d(2026, 3, 2),
        "introducers": "张伟、刘洋", "reviewed_on": d(2026, 4, 1), "trained_on": d(2026, 5, 8), "training_days": 3,
        "training_hours": None, "reason": None,
    }  # fmt: skip
    return Row(number, {**given, **fields})


def test_a_good_row(clock, city, cast):
    by, rows = cast.street.actor, [row(3), row(4, name="石小溪", candidate_on=None, candidate_filed_on=None,
        introducers_on=None, reviewed_on=None, trained_on=None)]  # fmt: skip
    assert sheets.check(rows, by=by) == []
    assert not Admission.objects.exists()
    assert not Person.objects.filter(name="覃小山").exists()
    assert not Fact.objects.filter(kind__startswith="admission.").exists()
    assert sheets.apply(rows, by=by, batch="b1").created == 2
    first, second = Admission.objects.order_by("id")
    assert (first.step, first.standing, second.step, second.standing) == (12, "candidate", 7, "activist")
    assert all(StepRecord.objects.values_list("entered_later", flat=True))
    assert sheets.apply(rows, by=by, batch="b2").unchanged == 2
    exported = list(sheets.export(by, {}))
    assert exported[0]["trained_on"] == dt.date(2026, 5, 8)
    assert "*" in exported[0]["identity"]
    assert list(sheets.export(cast.outsider.actor, {})) == []
    sheets.undo("b1", by=by)
    assert set(Admission.objects.values_list("state", "end_kind")) == {("ended", "mistake")}
    with pytest.raises(NotFound):
        sheets.undo("b1", by=by)


def test_an_import_that_was_gone_on_with_is_not_undone(clock, city, cast):
    by = cast.street.actor
    sheets.apply([row()], by=by, batch="b1")
    actions.do_step(
        admission=Admission.objects.get(), step="branch_check", on=dt.date(2026, 11, 16), by=cast.secretary.actor,
        values={"verdict": "passed", "committee_due": 3, "committee_present": 3},
    )  # fmt: skip
    with pytest.raises(Refused, match="又办过"):
        sheets.undo("b1", by=by)


@pytest.mark.parametrize(
    ("fields", "column", "word"),
    [
        ({"org_code": "T013"}, "org_code", "不在您可以审批的范围"),
        ({"identity": make_demo_identity(1, dt.date(2009, 3, 3), "male")}, "applied_on", "不满 18 岁"),
        ({"talked_on": dt.date(2024, 5, 20)}, "talked_on", "一个月内"),
        ({"talked_on": None}, "activist_on", "不能跳过"),
        ({"activist_shown_until": dt.date(2024, 9, 5)}, "activist_filed_on", "不足 5 个工作日"),
        ({"contacts": "张三"}, "contacts_on", "没有"),
        ({"candidate_on": dt.date(2025, 8, 30), "education_on": dt.date(2025, 8, 29)}, "education_on", "满 12 个月"),
        ({"observed_on": "2025-02-01"}, "education_on", "缺 1 次"),
        ({"observed_on": "二月"}, "observed_on", "日期应写成"),
        ({"introducers": "张伟"}, "introducers_on", "应有 2 名"),
        ({"training_days": 2, "training_hours": 16}, "trained_on", "不到 3 天"),
        ({"committee_present": 1}, "activist_on", "没有达到半数"),
        ({"applied_on": dt.date(2027, 1, 1)}, "applied_on", "不能晚于今天"),
    ],
)  # fmt: skip
def test_wrong_rows_name_their_column(clock, city, cast, fields, column, word):
    problems = sheets.check([row(**fields)], by=cast.street.actor)
    assert [(problem.key in (column, column.replace("_on", "")), word in problem.message) for problem in problems] == [
        (True, True)
    ]
    with pytest.raises(Refused, match=word):
        sheets.apply([row(4, name="石小溪"), row(**fields)], by=cast.street.actor, batch="b")
    assert not Admission.objects.exists()


def test_probationary_members_from_before_are_taken_over(clock, city, cast):
    """系统启用以前接收的: the file goes on with step 19 and the probation counts from the day of joining."""
    person = people.register(by=SYSTEM, org=city.branch, name="罗小河", birth_date=dt.date(1999, 1, 1))
    people.admit(person=person, org=city.branch, by=SYSTEM, kind="probationary", joined_on=dt.date(2025, 11, 20))
    by = cast.secretary.actor
    with pytest.raises(Invalid, match="凭据"):
        actions.adopt(person=person, by=by, evidence="")
    with pytest.raises(NotFound):
        actions.adopt(person=person, by=cast.neighbour.actor, evidence="党委批复〔2025〕3号")
    with pytest.raises(NotFound):
        actions.adopt(person=cast.member.person, by=by, evidence="党委批复〔2025〕3号")
    admission = actions.adopt(person=person, by=by, evidence="党委批复〔2025〕3号")
    assert actions.adopt(person=person, by=by, evidence="党委批复〔2025〕3号").pk == admission.pk
    assert (admission.step, admission.full_on) == (19, dt.date(2026, 11, 20))
    with pytest.raises(Refused, match="没有可以撤回"):
        actions.withdraw_step(admission=admission, reason="登记有误，撤回", by=by)
    page = cast.secretary.client.get("/admissions/adopt/").content.decode()
    assert "都已经建档" in page
    today = dt.date(2026, 11, 16)
    for step, values in (("joined", {}), ("oath", {"place": "纪念馆"}),
                         ("probation", {"summary": "能履行义务", "trained_on": today}), ("formal_application", {})):  # fmt: skip
        actions.do_step(admission=admission, step=step, on=today, values=values, by=by)
    admission.refresh_from_db()
    assert admission.step == 23
    assert persons.membership_of(person.pk).kind == "probationary"
