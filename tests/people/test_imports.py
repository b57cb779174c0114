"""导入: a file of 5,000 people with every kind of error, refused with each named; corrected it goes in; again: nothing."""

import datetime as dt
import io

import openpyxl
import pytest

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.ground.sheets import read, write_csv, write_xlsx
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import ImportTrace, Organisation
from gongjian.records.orgs.sheets import ORGANISATIONS
from gongjian.records.people import actions
from gongjian.records.people.models import Appointment, Membership, Person
from gongjian.records.people.sheets import APPOINTMENTS, PEOPLE

pytestmark = pytest.mark.django_db


def person_row(number: int, **changes) -> dict:
    """A right row."""
    birth = dt.date(1950, 1, 1) + dt.timedelta(days=number)  # another day for each, so no two numbers are the same
    return {
        "name": f"{'赵钱孙李周吴郑王'[number % 8]}{'建国志强秀英桂兰'[number % 8]}{'一二三四五六七八九十'[number % 10]}",
        "identity": make_demo_identity(number % 499, birth, "male" if number % 2 else "female"),
        "kind": "正式党员", "org_code": "T005", "joined_on": dt.date(2016, 1, 1), "formal_on": dt.date(2017, 1, 1),
        "phone": f"138{number:08d}", "address": f"榕荫路{number}号", "ethnic": "壮族", "education": "本科",
    } | changes  # fmt: skip


def reading(binding, rows):
    return read(io.BytesIO(write_xlsx(binding.sheet, rows)), binding.sheet)


def sheet_of(binding, rows, *, by=SYSTEM):
    """Read a file of these rows and check it: (rows, problems)."""
    found = reading(binding, rows)
    return found.rows, [*found.problems, *binding.check(found.rows, by=by)]


def counts() -> tuple:
    return Person.objects.count(), Membership.objects.count(), Appointment.objects.count(), Fact.objects.count()


# row number in the list → (what is wrong in it, column, part of the message)
WRONG = {
    3: ({"name": None}, "姓名", "没有填写"),
    5: ({"identity": "450399199001010011"}, "身份证号", "校验"),
    7: ({"org_code": "T999"}, "所在组织代码", "没有这个组织"),
    9: ({"formal_on": None}, "转正日期", "正式党员须填写"),
    11: ({"joined_on": dt.date(2018, 1, 1)}, "转正日期", "早于入党日期"),
    13: ({"joined_on": dt.date(2031, 1, 1), "formal_on": dt.date(2032, 1, 1)}, "入党日期", "不能晚于今天"),
    15: ({"org_code": "T003"}, "所在组织代码", "党员的组织关系只能在"),
    17: ({"kind": "预备党员"}, "转正日期", "预备党员没有转正日期"),
    19: ({"phone": "12345"}, "联系电话", ""),
    21: ({"ethnic": "火星族"}, "民族", ""),
    23: ({"birth_date": dt.date(1901, 1, 1)}, "出生日期", "与身份证号不一致"),
    25: ({"group_code": "T006"}, "党小组代码", "不属于"),
    27: ({"kind": None}, "人员类别", "请填写人员类别"),
    29: ({"joined_on": dt.date(1960, 1, 1), "formal_on": dt.date(1961, 1, 1)}, "入党日期", "不满 18 岁"),
    31: ({"joined_on": None}, "入党日期", "须填写入党日期"),
    33: ({"education": "聪明"}, "学历", ""),
    35: ({"mobile": "也许"}, "是否流动党员", ""),
    37: ({"name": "很" * 80}, "姓名", ""),
}


@pytest.mark.slow
def test_five_thousand_people(city, clock):
    rows = [person_row(number) for number in range(5000)]
    bad = [dict(row) for row in rows]
    for number, (changes, _column, _message) in WRONG.items():
        bad[number] |= changes
    bad[25]["org_code"] = "T007"
    bad[41]["identity"] = bad[40]["identity"]  # twice in the file
    before = counts()
    _rows, problems = sheet_of(PEOPLE, bad)
    for number, (_changes, column, message) in WRONG.items():
        here = [p for p in problems if p.row == number + 3 and p.column == column]
        assert here, f"row {number}: nothing said about {column}: {[str(p) for p in problems if p.row == number + 3]}"
        assert any(message in p.message for p in here), [p.message for p in here]
    assert any(p.row in (43, 44) and p.column == "身份证号" for p in problems)
    assert {p.row for p in problems} <= {number + 3 for number in WRONG} | {43, 44}
    assert counts() == before

    good, problems = sheet_of(PEOPLE, rows)
    assert not problems, [str(p) for p in problems[:5]]
    steps = []
    result = PEOPLE.apply(good, by=SYSTEM, batch="b1", progress=lambda done, all_: steps.append((done, all_)))
    assert tuple(result) == (5000, 0, 0)
    assert steps[-1] == (5000, 5000)
    assert Person.objects.count() == before[0] + 5000
    city.refresh()
    assert city.branch.member_count == 5009 == Membership.objects.filter(org=city.branch, ends_on=None).count()
    assert Fact.objects.filter(kind="member.admitted", source__startswith="import:b1:").count() == 5000
    kept = counts()
    again, problems = sheet_of(PEOPLE, rows)
    assert not problems
    assert tuple(PEOPLE.apply(again, by=SYSTEM, batch="b2")) == (0, 0, 5000)
    assert counts() == kept


def test_only_differences_are_written_and_taken_back(city, clock):
    first, problems = sheet_of(PEOPLE, [person_row(n) for n in range(5)])
    assert not problems
    PEOPLE.apply(first, by=SYSTEM, batch="b1")
    changed = [person_row(n) for n in range(5)]
    changed[1]["phone"] = "13900000001"
    changed[2]["address"] = "渡口路9号"
    changed[3]["work_unit"] = "第一中学"
    changed[4]["state"] = "停止党籍"
    rows, problems = sheet_of(PEOPLE, changed)
    assert not problems
    assert tuple(PEOPLE.apply(rows, by=SYSTEM, batch="b2")) == (0, 4, 1)
    told = {
        fact.person: fact.data["fields"]
        for fact in Fact.objects.filter(kind="person.corrected", source__startswith="import:b2:")
    }
    assert sorted(map(tuple, told.values())) == [("address",), ("phone",), ("work_unit",)]
    assert Membership.objects.filter(state="stopped").count() == 1
    assert tuple(PEOPLE.undo("b2", by=SYSTEM)) == (0, 4, 0)
    assert Membership.objects.filter(state="stopped").count() == 0
    assert tuple(PEOPLE.apply(first, by=SYSTEM, batch="b3")) == (0, 0, 5)  # all is as the first file says
    with pytest.raises(NotFound):
        PEOPLE.undo("b2", by=SYSTEM)


def test_a_file_is_taken_back_while_nothing_is_built_on_it(city, clock):
    before = Person.objects.count()
    rows, _ = sheet_of(PEOPLE, [person_row(n) for n in range(20)])
    PEOPLE.apply(rows, by=SYSTEM, batch="b1")
    assert tuple(PEOPLE.undo("b1", by=SYSTEM)) == (20, 0, 0)
    assert Person.objects.count() == before
    assert city.refresh().branch.member_count == 9
    withdrawn = Fact.objects.filter(kind="person.withdrawn")
    assert withdrawn.count() == 20
    assert all(fact.corrects for fact in withdrawn)

    PEOPLE.apply(rows, by=SYSTEM, batch="b2")
    person = Person.objects.get(name=rows[0].values["name"], identity_hash__isnull=False)
    actions.correct(person=person, by=SYSTEM, work_unit="别处")
    with pytest.raises(Refused, match="不能撤回"):
        PEOPLE.undo("b2", by=SYSTEM)
    assert Person.objects.count() == before + 20


def test_a_cadre_of_another_district_cannot_import_here(city, cast, clock):
    file = [person_row(n) for n in range(3)]
    _rows, problems = sheet_of(PEOPLE, file, by=cast.outsider.actor)
    assert [p.column for p in problems] == ["所在组织代码"] * 3
    rows, _ = sheet_of(PEOPLE, file)
    with pytest.raises(Refused):
        PEOPLE.apply(rows, by=cast.outsider.actor, batch="b1")
    PEOPLE.apply(rows, by=SYSTEM, batch="b2")
    # somebody known elsewhere is named without saying where
    _rows, problems = sheet_of(PEOPLE, [person_row(0, org_code="T013")], by=cast.street.actor)
    assert problems
    with pytest.raises(Forbidden):
        PEOPLE.undo("b2", by=cast.outsider.actor)


def test_transfer_is_not_done_by_a_file(city, clock):
    rows, _ = sheet_of(PEOPLE, [person_row(0)])
    PEOPLE.apply(rows, by=SYSTEM, batch="b1")
    _rows, problems = sheet_of(PEOPLE, [person_row(0, org_code="T006")])
    assert ["转接" in p.message for p in problems] == [True]


def test_organisations_in_any_order(city, clock):
    row = {"founded_on": dt.date(2020, 1, 1)}
    rows = [
        row | {"code": "N3", "name": "新支部第一小组", "kind": "党小组", "parent_code": "N2"},
        row | {"code": "N2", "name": "新支部", "kind": "党支部", "parent_code": "N1", "territory_code": "T004"},
        row | {"code": "N1", "name": "新总支", "kind": "党总支", "parent_code": "T003"},
    ]
    found, problems = sheet_of(ORGANISATIONS, rows)
    assert not problems, [str(p) for p in problems]
    assert tuple(ORGANISATIONS.apply(found, by=SYSTEM, batch="o1")) == (3, 0, 0)
    made = {org.code: org for org in Organisation.objects.filter(code__startswith="N")}
    assert made["N3"].path == f"{made['N2'].path}{made['N3'].pk}/"
    assert made["N2"].territory_path == f"{city.community.territory_path}{made['N2'].pk}/"
    assert made["N3"].territory_path == f"{made['N2'].territory_path}{made['N3'].pk}/"
    assert made["N2"].group_count == 1
    assert tuple(ORGANISATIONS.apply(found, by=SYSTEM, batch="o2")) == (0, 0, 3)
    exported = {row["code"]: row for row in ORGANISATIONS.export(SYSTEM, {})}
    assert exported["N2"]["parent_code"] == "N1"
    again, problems = sheet_of(ORGANISATIONS, list(exported.values()))
    assert not problems, [str(p) for p in problems]
    assert tuple(ORGANISATIONS.apply(again, by=SYSTEM, batch="o3"))[:2] == (0, 0)
    assert tuple(ORGANISATIONS.undo("o1", by=SYSTEM)) == (3, 0, 0)
    assert not Organisation.objects.filter(code__startswith="N").exists()


def test_organisations_with_every_kind_of_error(city, cast, clock):
    row = {"founded_on": dt.date(2020, 1, 1), "name": "甲"}
    rows = [
        row | {"code": "A1", "kind": "党支部", "parent_code": "A2"},
        row | {"code": "A2", "kind": "党总支", "parent_code": "A1"},
        row | {"code": "A3", "kind": "兴趣小组", "parent_code": "T003"},
        row | {"code": "A4", "kind": "党小组", "parent_code": "T003"},
        row | {"code": "A5", "kind": "党支部", "parent_code": "T404"},
        row | {"code": "A6", "kind": "党支部"},
        row | {"code": "A7", "kind": "党支部", "parent_code": "T004", "founded_on": dt.date(2010, 1, 1)},
        row | {"code": "A8", "kind": "党支部", "parent_code": "T004", "founded_on": dt.date(2030, 1, 1)},
        row | {"code": "T005", "kind": "党支部", "parent_code": "T003", "founded_on": dt.date(2015, 6, 1)},
        row | {"code": "T013", "kind": "党支部", "founded_on": dt.date(2015, 6, 1)},
    ]
    before = Organisation.objects.count()
    _rows, problems = sheet_of(ORGANISATIONS, rows, by=cast.street.actor)
    said = {(p.row - 3, p.column) for p in problems}
    assert said >= {
        (0, "隶属组织代码"), (2, "组织类型"), (3, "组织类型"), (4, "隶属组织代码"), (5, "隶属组织代码"), (6, "成立日期"),
        (7, "成立日期"), (8, "隶属组织代码"), (9, "组织代码"),
    }  # fmt: skip
    assert Organisation.objects.count() == before
    assert not ImportTrace.objects.exists()


def test_appointments(city, clock):
    people, _ = sheet_of(PEOPLE, [person_row(n, org_code="T006") for n in range(3)])
    PEOPLE.apply(people, by=SYSTEM, batch="b1")
    base = [
        {
            "name": person_row(n)["name"],
            "identity": person_row(n)["identity"],
            "org_code": "T006",
            "starts_on": dt.date(2024, 3, 1),
        }
        for n in range(3)
    ]
    wrong = [
        base[0] | {"post": "书记"}, base[1] | {"post": "书记"}, base[2] | {"post": "大王"},
        base[2] | {"post": "第一书记"}, base[0] | {"post": "副书记", "name": "别人"},
        base[1] | {"post": "副书记", "ends_on": dt.date(2020, 1, 1)}, base[1] | {"post": "组织委员", "org_code": "X"},
    ]  # fmt: skip
    _rows, problems = sheet_of(APPOINTMENTS, wrong)
    assert {(p.row - 3, p.column) for p in problems} == {
        (1, "职务"), (2, "职务"), (3, "职务"), (4, "姓名"), (5, "免职日期"), (6, "组织代码"),
    }  # fmt: skip
    rows, problems = sheet_of(APPOINTMENTS, [base[0] | {"post": "书记"}, base[1] | {"post": "组织委员"}])
    assert not problems
    assert tuple(APPOINTMENTS.apply(rows, by=SYSTEM, batch="a1")) == (2, 0, 0)
    assert tuple(APPOINTMENTS.apply(rows, by=SYSTEM, batch="a2")) == (0, 0, 2)
    assert city.refresh().sister.committee_count == 2
    ended, _ = sheet_of(APPOINTMENTS, [base[0] | {"post": "书记", "ends_on": dt.date(2026, 1, 1)}])
    assert tuple(APPOINTMENTS.apply(ended, by=SYSTEM, batch="a3")) == (0, 1, 0)
    assert Fact.objects.filter(kind="appointment.ended", source__startswith="import:a3:").count() == 1
    assert tuple(APPOINTMENTS.undo("a3", by=SYSTEM)) == (0, 1, 0)
    with pytest.raises(Refused, match="新的任免"):  # the withdrawal of a3 is recorded after it
        APPOINTMENTS.undo("a1", by=SYSTEM)


def test_the_export_is_masked_and_reads_back(city, cast, clock):
    rows, _ = sheet_of(PEOPLE, [person_row(n) for n in range(3)])
    PEOPLE.apply(rows, by=SYSTEM, batch="b1")
    exported = list(PEOPLE.export(cast.street.actor, {"org": city.branch.pk}))
    assert len(exported) == 12
    assert all("*" in row["identity"] for row in exported if row["identity"])
    assert person_row(0)["identity"].encode() not in write_csv(PEOPLE.sheet, exported)
    assert not list(PEOPLE.export(cast.outsider.actor, {"org": city.branch.pk}))
    book = openpyxl.load_workbook(io.BytesIO(write_xlsx(PEOPLE.sheet, exported)))
    assert book.active.max_row == 14
