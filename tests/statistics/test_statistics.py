"""Yearly statistics: bands at their bounds, any day, changes that add up, cells that open their people, one budget."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.statistics import counting
from gongjian.records.people import actions as people
from gongjian.records.people.models import Membership, Person

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


def table_of(org, name, day=TODAY, pack=None):
    tables = {table.id: table for table in counting.member_tables(org, day, pack or policy.on(day))}
    return {row.id: (row.formal, row.probationary) for row in tables[name].rows}


def person_of(city, org, name="新人", *, joined="2020-01-01", formal="2021-01-01", starts=None, **particulars):
    person = people.register(by=SYSTEM, org=org, name=name)
    Person.objects.filter(pk=person.pk).update(**particulars)
    day = dt.date.fromisoformat
    people.admit(
        person=person, org=org, by=SYSTEM, kind="formal" if formal else "probationary", joined_on=day(joined),
        formal_on=day(formal) if formal else None, starts_on=day(starts) if starts else None,
    )  # fmt: skip
    return person


# DOMAIN 8.4: ≤30; 31–35; 36–40; 41–45; 46–50; 51–55; 56–60; ≥61, on 16 November 2026
AGES = (
    ("1995-11-17", "to_30"), ("1995-11-16", "from_31"), ("1990-11-17", "from_31"), ("1990-11-16", "from_36"),
    ("1985-11-16", "from_41"), ("1980-11-16", "from_46"), ("1975-11-17", "from_46"), ("1975-11-16", "from_51"),
    ("1970-11-16", "from_56"), ("1965-11-17", "from_56"), ("1965-11-16", "from_61"), ("1926-11-16", "from_61"),
    (None, "unknown"),
)  # fmt: skip
STANDING = (
    ("2026-11-16", "to_5"), ("2020-11-17", "to_5"), ("2020-11-16", "from_6"), ("1975-11-16", "from_51"), ("1975-11-17", "from_41"),
)  # fmt: skip


def test_bands_at_their_bounds(clock, city):
    """Completed years: on the day itself a year is completed (民法典 1259: 以上、以下 include the number)."""
    day = dt.date.fromisoformat
    for number, (born, _band) in enumerate(AGES):
        person_of(city, city.sister, name=f"龄{number}", birth_date=born and day(born))
    for number, (joined, _band) in enumerate(STANDING):
        person_of(city, city.other_branch, name=f"党{number}", joined=joined, formal=joined)
    cells = counting.members(city.root, TODAY, policy.on(TODAY))
    ages = dict(cells.filter(person__name__startswith="龄").values_list("person__name", "by_age"))
    assert ages == {f"龄{number}": band for number, (_born, band) in enumerate(AGES)}
    standing = dict(cells.filter(person__name__startswith="党").values_list("person__name", "by_standing"))
    assert standing == {f"党{number}": band for number, (_joined, band) in enumerate(STANDING)}


def test_other_dimensions(clock, city):
    person_of(city, city.sister, sex="2", ethnic="08", education="14")
    person_of(city, city.sister, sex="1", ethnic="01", education="61", formal=None, joined="2026-03-01")
    assert table_of(city.sister, "sex") == {"1": (0, 1), "2": (1, 0), "unknown": (3, 0)}
    assert table_of(city.sister, "ethnic") == {"han": (0, 1), "minority": (1, 0), "unknown": (3, 0)}
    education = table_of(city.sister, "education")
    assert (education["postgraduate"], education["secondary"], education["unknown"]) == ((1, 0), (0, 1), (3, 0))
    assert table_of(city.community, "level") == {"branch": (13, 1)}


def test_as_of_any_day(clock, city):
    person = person_of(city, city.sister, joined="2024-05-01", formal="2025-05-02")
    assert table_of(city.sister, "sex", dt.date(2024, 4, 30))["unknown"] == (3, 0)
    assert table_of(city.sister, "sex", dt.date(2025, 5, 1))["unknown"] == (3, 1)  # not yet formal
    assert table_of(city.sister, "sex", dt.date(2025, 5, 2))["unknown"] == (4, 0)
    people.move_member(person=person, to=city.other_branch, by=SYSTEM, on=dt.date(2026, 2, 1))
    assert table_of(city.sister, "sex")["unknown"] == (3, 0)
    assert table_of(city.sister, "sex", dt.date(2026, 1, 31))["unknown"] == (4, 0)
    Membership.objects.filter(org=city.sister).update(state="stopped")
    assert table_of(city.sister, "sex") == {"1": (0, 0), "2": (0, 0)}


def test_the_year_adds_up(clock, city):
    """admitted, became formal, moved in and out, died, left: what was, plus and minus, is what is."""
    ours = city.people["branch"]
    person_of(city, city.branch, joined="2026-05-01", formal=None)  # admitted
    person_of(city, city.branch, joined="2025-06-01", formal="2026-06-01")  # became formal
    person_of(city, city.branch, joined="2010-06-01", formal="2011-06-01", starts="2026-03-03")  # from outside
    move = {"by": SYSTEM, "on": dt.date(2026, 4, 1)}
    people.move_member(person=ours[5], to=city.sister, **move)  # stays in the community
    people.move_member(person=ours[6], to=city.other_branch, **move)
    people.move_member(person=city.people["other_branch"][1], to=city.branch, **move)
    people.leave(person=ours[7], by=SYSTEM, on=dt.date(2026, 7, 1), reason="除名")
    Person.objects.filter(pk=ours[8].pk).update(died_on=dt.date(2026, 8, 1))  # and nobody has ended the membership
    for org, moved_in, moved_out in ((city.branch, 1, 2), (city.community, 1, 1), (city.root, 0, 0)):
        report = counting.report_of(org, TODAY, policy.on(TODAY))
        flows = {flow.id: flow.number for flow in report.year.flows}
        assert flows == {
            "admitted": 1, "moved_in": moved_in, "registered": 1, "died": 1, "moved_out": moved_out, "left": 1,
        }, org  # fmt: skip
        assert (report.year.became_formal, report.problems, report.year.difference) == (1, [], 0)
        for flow, number in flows.items():
            assert counting.pick_flow(org, TODAY, flow).count() == number


def test_overlapping_records_are_told(clock, city):
    person = city.people["sister"][2]
    Membership.objects.filter(person=person).update(ends_on=dt.date(2026, 6, 1))
    Membership.objects.create(
        person=person, org=city.other_branch, kind="formal", joined_on=dt.date(2015, 7, 1), formal_on=dt.date(2016, 7, 1),
        starts_on=dt.date(2026, 6, 1),
    )  # fmt: skip
    Membership.objects.create(
        person=person, org=city.sister, kind="formal", joined_on=dt.date(2015, 7, 1), formal_on=dt.date(2016, 7, 1),
        starts_on=dt.date(2026, 6, 1), ends_on=dt.date(2027, 1, 1),
    )  # fmt: skip
    report = counting.report_of(city.root, TODAY, policy.on(TODAY))
    assert report.year.after == report.year.before + 1
    assert report.problems


def test_cells_hold_what_they_say_and_open_their_people(clock, city, cast):
    person_of(city, city.sister, sex="2", birth_date=dt.date(1990, 1, 1), education="21")
    client = cast.community.client
    report = counting.report_of(city.community, TODAY, policy.on(TODAY))
    for table in report.tables:
        for row in table.rows:
            for kind in ("formal", "probationary", ""):
                number = getattr(row, kind or "total")
                found = counting.pick(city.community, TODAY, policy.on(TODAY), table=table.id, row=row.id, kind=kind)
                assert found.count() == number
    page = client.get("/statistics/").content.decode()
    assert "各表合计互相核对一致" in page
    cell = client.get(f"/statistics/members/?org={city.community.pk}&table=sex&row=2&kind=formal").content.decode()
    assert "新人" in cell
    assert "女 · 正式党员" in cell
    assert 'name="table" value="sex"' in cell  # a search stays in the cell
    assert client.get(f"/statistics/members/?org={city.community.pk}&table=nonsense&row=2").status_code == 200
    assert client.get(f"/statistics/members/?org={city.community.pk}&flow=nonsense").status_code == 404
    orgs = client.get(f"/statistics/organisations/?org={city.community.pk}&table=kind&row=branch").content.decode()
    assert "榕荫第二网格党支部" in orgs
    assert "渡口" not in orgs


def test_only_whose_people_one_may_see(clock, city, cast):
    for who in ("outsider", "member", "resident", "neighbour"):
        client = getattr(cast, who).client
        for path in ("", "excel/", "members/", "organisations/"):
            assert client.get(f"/statistics/{path}?org={city.branch.pk}").status_code in (403, 404)
        assert client.get(f"/api/v1/statistics?org={city.branch.pk}").status_code in (403, 404)
    for day in ("2026-11-17", "nonsense", "1900-01-01"):
        assert cast.community.client.get(f"/statistics/?day={day}").status_code == 422


def test_excel_and_api_say_the_same(clock, city, cast):
    person_of(city, city.sister, name="=cmd()", sex="2")
    client = cast.community.client
    answer = client.get(f"/statistics/excel/?org={city.community.pk}")
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content)))
    assert book.sheet_names == ["党员", "组织", "本年增减", "说明"]
    rows = book.get_sheet_by_name("党员").to_python()
    assert [row[:4] for row in rows if row[0] == "女"] == [["女", 1.0, 0.0, 1.0]]
    told = client.get(f"/api/v1/statistics?org={city.community.pk}").json()
    assert told["members"]["total"] == 13 == next(row[3] for row in rows if row[0] == "合计")
    women = client.get(f"/api/v1/statistics/members?org={city.community.pk}&table=sex&row=2").json()["items"]
    assert [one["name"] for one in women] == ["=cmd()"]
    export = client.get(f"/statistics/members/?org={city.community.pk}&table=sex&row=2&export=csv")
    assert "'=cmd()" in b"".join(export.streaming_content).decode()


def test_the_packs_bands_decide(clock, city):
    person_of(city, city.sister, birth_date=dt.date(1995, 11, 16))  # 31 today
    pack = policy.on(TODAY)
    bands = list(pack.statistics.ages)
    bands[0], bands[1] = bands[0].model_copy(update={"until": 31}), bands[1].model_copy(update={"since": 32})
    wider = pack.model_copy(update={"statistics": pack.statistics.model_copy(update={"ages": tuple(bands)})})
    assert table_of(city.sister, "age")["from_31"] == (1, 0)
    assert table_of(city.sister, "age", pack=wider)["to_30"] == (1, 0)


def test_as_many_statements_at_any_size(clock, city, cast):
    def statements(org):
        with CaptureQueriesContext(connection) as captured:
            counting.report_of(org, TODAY, policy.on(TODAY))
        return len([query for query in captured.captured_queries if "policy_" not in query["sql"]])

    small = statements(city.sister)
    persons = Person.objects.bulk_create(
        Person(name=f"党员{n}", registered_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), sex="1", birth_date=dt.date(1950 + n % 55, 1, 1))
        for n in range(2000)
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(person=person, org=(city.branch, city.sister)[n % 2], kind="formal", joined_on=dt.date(2015, 1, 1),
                   formal_on=dt.date(2016, 1, 1), starts_on=dt.date(2015, 1, 1))
        for n, person in enumerate(persons)
    )  # fmt: skip
    assert statements(city.root) == small <= 7
    cast.city.client.get("/statistics/members/")  # logs in
    with CaptureQueriesContext(connection) as captured:
        assert cast.city.client.get("/statistics/").status_code == 200
    assert len(captured) <= 30, "\n".join(query["sql"][:150] for query in captured.captured_queries)
