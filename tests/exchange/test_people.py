"""导入人员, through the whole of it: 5,000 rows with every kind of error, corrected, again, taken back."""

import datetime as dt

import pytest
from django.urls import reverse

from gongjian.outlets.exchange import actions, bindings, jobs, queries
from gongjian.outlets.exchange.models import ImportJob
from gongjian.records.facts.models import Fact
from gongjian.records.people.models import Membership, Person
from gongjian.records.people.sheets import PEOPLE
from tests.exchange.conftest import file_of
from tests.people.test_imports import WRONG, person_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(bindings, "_all", lambda: (PEOPLE,))


def counts():
    return Person.objects.count(), Membership.objects.count(), Fact.objects.exclude(kind__startswith="import.").count()


def send(player, rows):
    """Upload in the browser's way and let the worker work; the import as it then stands."""
    answer = player.client.post(reverse("exchange:new", args=["people"]), {"file": file_of(PEOPLE.sheet, rows)})
    assert answer.status_code == 302
    jobs.run()
    return ImportJob.objects.latest("pk")


@pytest.mark.slow
def test_five_thousand_people_refused_corrected_again_and_back(people, cast, clock, monkeypatch):
    monkeypatch.setattr(actions, "AT_ONCE_BYTES", 1)
    rows = [person_row(number) for number in range(5000)]
    bad = [dict(row) for row in rows]
    for number, (changes, _column, _message) in WRONG.items():
        bad[number] |= changes
    bad[25]["org_code"] = "T007"
    bad[41]["identity"] = bad[40]["identity"]
    before = counts()
    job = send(cast.street, bad)
    assert job.state == "refused"
    assert counts() == before
    told = {(problem.row - 3, problem.column): problem.message for problem in queries.problems_of(job)}
    for number, (_changes, column, message) in WRONG.items():
        assert message in told[number, column], (number, column)
    assert (41, "身份证号") in told
    page = cast.street.client.get(reverse("exchange:detail", args=[job.pk])).content.decode()
    assert "没有写入任何内容" in page
    marked = cast.street.client.get(reverse("exchange:marked", args=[job.pk]))
    assert marked.content[:2] == b"PK"

    job = send(cast.street, rows)
    assert (job.state, job.created, job.updated, job.unchanged) == ("checked", 5000, 0, 0)
    assert counts() == before, "checking writes nothing"
    cast.street.client.post(reverse("exchange:agree", args=[job.pk]))
    jobs.run()
    job.refresh_from_db()
    assert job.state == "applied"
    after = counts()
    assert after[0] == before[0] + 5000

    again = send(cast.street, rows)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 5000)
    cast.street.client.post(reverse("exchange:agree", args=[again.pk]))
    jobs.run()
    assert counts() == after, "the same file twice changes nothing"

    cast.street.client.post(reverse("exchange:undo", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "undone"
    assert counts()[:2] == before[:2]


def test_a_leader_of_another_district_cannot_bring_people_in_here(people, cast):
    before = counts()
    job = send(cast.outsider, [person_row(1)]) if cast.outsider.actor.may("people.manage") else None
    if job is None:
        answer = cast.outsider.client.get(reverse("exchange:new", args=["people"]))
        assert answer.status_code in (403, 404)
    else:
        assert job.state == "refused"
    assert counts() == before


def test_a_date_that_cannot_be_read_is_told_once(people, cast):
    job = send(cast.street, [person_row(1) | {"joined_on": "去年"}])
    assert job.state == "refused"
    cells = [(problem["row"], problem["key"]) for problem in job.problems]
    assert cells.count((3, "joined_on")) == 1


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_in_the_browser(people, cast, browser_page, shot, tmp_path, transactional_db, width):
    wrong, right = tmp_path / "wrong.xlsx", tmp_path / "right.xlsx"
    wrong.write_bytes(file_of(PEOPLE.sheet, [person_row(1) | {"formal_on": None}, person_row(2)]).getvalue())
    right.write_bytes(file_of(PEOPLE.sheet, [person_row(1), person_row(2)]).getvalue())
    page = browser_page(width, as_=cast.street)
    page.goto(reverse("exchange:list"))
    page.get_by_role("link", name="导入", exact=True).first.click()
    page.set_input_files("input[type=file]", wrong)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("行中发现 1 个问题").wait_for()
    assert "第 3 行" in page.content()
    shot(page, f"exchange-refused-{width}")
    page.get_by_role("link", name="改好了，重新上传").click()
    page.set_input_files("input[type=file]", right)
    page.get_by_role("button", name="上传并检查").click()
    page.get_by_text("2 行全部检查通过").wait_for()
    shot(page, f"exchange-checked-{width}")
    page.get_by_role("button", name="确认写入").first.click()
    page.get_by_role("button", name="确认写入").last.click()
    page.get_by_text("整份写入。").first.wait_for()
    assert (
        Membership.objects.filter(org=cast.member.person.memberships.get().org, joined_on=dt.date(2016, 1, 1)).count()
        == 2
    )
    shot(page, f"exchange-applied-{width}")
