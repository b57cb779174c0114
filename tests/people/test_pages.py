"""Pages of people: deeds by form, search, exports, one's own record, and what the outsider sees (nothing)."""

import datetime as dt
import io
import json

import openpyxl
import pytest

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions
from gongjian.records.people.filters import born_between
from gongjian.records.people.models import Person

pytestmark = pytest.mark.django_db
NUMBER = make_demo_identity(7, dt.date(1980, 5, 6), "male")
NAMES = ("陈静", "李明", "吴敏", "张伟", "孙涛")


def body(answer) -> str:
    return (
        b"".join(answer.streaming_content).decode("utf-8-sig", "replace")
        if answer.streaming
        else answer.content.decode()
    )


@pytest.fixture
def known(city, clock):
    """A member with every protected field."""
    person = city.people["branch"][7]
    actions.correct(person=person, by=SYSTEM, identity=NUMBER, phone="13800001234", address="榕荫路8号502室")
    person.refresh_from_db()
    return person


@pytest.mark.parametrize("text", ["吴敏", "wumin", "wm", NUMBER, "13800001234"])
def test_search(city, cast, known, text):
    assert "吴敏" in body(cast.street.client.get("/people/", {"q": text, "export": "csv"}))
    assert "吴敏" not in body(cast.outsider.client.get("/people/", {"q": text, "export": "csv"}))
    assert not cast.outsider.client.get("/api/v1/people", {"q": text}).json()["items"]
    assert [row["id"] for row in cast.street.client.get("/api/v1/people", {"q": text}).json()["items"]] == [known.pk]


def test_half_a_number_finds_nobody(city, cast, known):
    assert "吴敏" not in body(cast.street.client.get("/people/", {"q": NUMBER[:14], "export": "csv"}))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_goes_out_masked(city, cast, known, kind):
    answer = cast.street.client.get(f"/people/?export={kind}")
    content = b"".join(answer.streaming_content)
    if kind == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.values
        content = str(list(rows)).encode()
    assert "138****1234" in content.decode("utf-8-sig")
    assert b"13800001234" not in content
    assert NUMBER.encode() not in content


def test_the_full_list_asks_a_purpose_and_tells_each(city, cast, known):
    client = cast.secretary.client
    assert client.post("/people/export/", {"purpose": ""}).status_code == 200
    assert not Fact.objects.filter(kind="person.exported").exists()
    answer = client.post("/people/export/", {"purpose": "年度核对材料"})
    rows = [list(map(str, row)) for row in openpyxl.load_workbook(io.BytesIO(answer.content)).active.values]
    assert any(NUMBER in row and "13800001234" in row for row in rows)
    assert Fact.objects.filter(kind="person.exported").count() == 9
    for who in (cast.member, cast.outsider, cast.resident):
        assert who.client.get("/people/export/").status_code == 403
        assert who.client.post("/people/export/", {"purpose": "年度核对材料"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/people/", "/people/?q=吴", "/people/?kind=formal", "/people/?export=csv", "/api/v1/people", "/people/requests/"],
)
def test_the_outsider_sees_nobody_in_lists(city, cast, known, address):
    answer = cast.outsider.client.get(address)
    said = body(answer) if answer.status_code == 200 else ""
    assert answer.status_code in (200, 403)
    assert not [name for name in NAMES if name in said]


@pytest.mark.parametrize(
    "address",
    ["/people/{}/", "/people/{}/look/phone/", "/people/{}/correct/", "/people/{}/leave/", "/facts/person/{}/",
     "/api/v1/people/{}"],
)  # fmt: skip
def test_the_outsider_opens_nobody(city, cast, known, address):
    for who in (cast.outsider, cast.resident, cast.member):
        answer = who.client.get(address.format(known.pk))
        assert answer.status_code in (403, 404)
        assert "吴敏" not in answer.content.decode()
    answer = cast.outsider.client.get(f"/people/?org={city.branch.pk}")
    assert answer.status_code == 404


def test_looking_needs_a_post_with_a_purpose(city, cast, known):
    address = f"/people/{known.pk}/look/phone/"
    client = cast.secretary.client
    assert "13800001234" not in client.get(address).content.decode()
    assert "13800001234" not in client.post(address, {"purpose": "看"}).content.decode()
    assert not Fact.objects.filter(kind="person.unmasked").exists()
    answer = client.post(address, {"purpose": "通知开会"})
    assert "13800001234" in answer.content.decode()
    assert answer["Cache-Control"] == "no-store"
    assert Fact.objects.get(kind="person.unmasked").data == {"field": "phone", "purpose": "通知开会"}
    assert cast.outsider.client.post(address, {"purpose": "通知开会"}).status_code == 404
    answer = client.post(
        f"/api/v1/people/{known.pk}/unmask", json.dumps({"field": "identity", "purpose": "核对证件"}), "application/json",
        headers={"X-CSRFToken": "x"},
    )  # fmt: skip
    assert answer.status_code in (200, 403)


def test_ones_own_record(city, cast, clock):
    actions.correct(person=cast.member.person, by=SYSTEM, phone="13900005678", address="榕荫路9号")
    client = cast.member.client
    page = client.get("/people/me/").content.decode()
    assert "139****5678" in page
    assert "13900005678" not in page
    assert client.get("/people/me/data/").status_code == 405
    data = json.loads(client.post("/people/me/data/").content)
    assert data["person"]["phone"] == "13900005678"
    assert data["memberships"][0]["organisation"] == "榕荫第一网格党支部"
    assert {"member.admitted", "person.corrected"} <= {fact["kind"] for fact in data["facts"]}
    assert Fact.objects.filter(kind="person.unmasked", person=cast.member.person.pk).count() == 3
    answer = client.post("/people/me/correct/", {"field": "phone", "wanted": "应当是新的号码"})
    assert answer["Location"] == "/people/me/"
    said = cast.secretary.client.get("/people/requests/").content.decode()
    assert "应当是新的号码" in said
    from gongjian.records.people.models import CorrectionRequest

    row = CorrectionRequest.objects.get()
    assert (
        cast.neighbour.client.post(f"/people/requests/{row.pk}/answer/", {"answer": "好", "accepted": "1"}).status_code
        == 404
    )
    answer = cast.secretary.client.post(f"/people/requests/{row.pk}/answer/", {"answer": "已核实", "accepted": "1"})
    assert answer["Location"] == f"/people/{cast.member.person.pk}/correct/"


def test_register_and_every_deed_by_form(city, cast, clock):
    client = cast.community.client
    answer = client.post(
        "/people/new/", {"org": "T005", "role": "probationary", "name": "新党员", "identity": NUMBER, "sex": "9"}
    )
    assert "请填写入党日期" in answer.content.decode()
    assert not Person.objects.filter(name="新党员").exists()
    given = {
        "org": "T005",
        "role": "probationary",
        "name": "新党员",
        "identity": NUMBER,
        "sex": "9",
        "joined_on": "2025-10-01",
    }
    answer = client.post("/people/new/", given)
    person = Person.objects.get(name="新党员")
    assert answer["Location"] == f"/people/{person.pk}/"
    answer = client.post("/people/new/", given | {"name": "重复"})
    assert "已经登记过" in answer.content.decode()
    assert not Person.objects.filter(name="重复").exists()
    for name, data in (
        ("formal", {"on": "2026-10-01"}),
        ("correct", {"name": "新党员", "sex": "1", "birth_date": "1980-05-06", "phone": "13700001111"}),
        ("state", {"state": "normal", "mobile": "on", "mobile_to": "外省", "on": "2026-11-01", "reason": "务工"}),
        ("appoint", {"org": "T005", "post": "committee_member", "on": "2026-11-01"}),
        ("relate", {"org": "T004", "kind": "volunteer", "on": "2026-11-01"}),
        ("move", {"to": "T006", "on": "2026-11-02"}),
        ("leave", {"on": "2026-11-03", "kind": "transferred", "reason": "转出本市", "confirmed": "on"}),
        ("admit", {"org": "T006", "kind": "formal", "joined_on": "2025-10-01", "formal_on": "2026-10-01"}),
    ):
        answer = client.post(f"/people/{person.pk}/{name}/", data)
        assert answer.status_code == 302, (name, answer.content.decode()[:3000])
    post = person.appointments.get()
    assert client.post(f"/people/appointments/{post.pk}/end/", {"on": "2026-11-05"}).status_code == 302
    relation = person.relations.get()
    assert client.post(f"/people/relations/{relation.pk}/end/", {"on": "2026-11-05"}).status_code == 302
    assert cast.outsider.client.post(f"/people/appointments/{post.pk}/end/", {"on": "2026-11-05"}).status_code in (
        403,
        404,
    )


@pytest.mark.parametrize(
    ("born", "today", "inside"),
    [("1996-11-16", "2026-11-16", True), ("1995-11-17", "2026-11-16", True), ("1995-11-16", "2026-11-16", False)],
)
def test_age_bands_count_completed_years(born, today, inside):
    low, high = born_between(0, 30, dt.date.fromisoformat(today))
    assert (low <= dt.date.fromisoformat(born) <= high) is inside


def test_pages_keep_their_budget(city, cast, known, queries):
    client = cast.street.client
    for address, most in (("/people/", 24), (f"/people/{known.pk}/", 36)):
        client.get(address)
        with queries(most):
            assert client.get(address).status_code == 200
