"""Pages and the API: whole ways by form, who sees what, budgets of queries, the letter as PDF."""

import datetime as dt
import io
import json

import pytest
from django.urls import reverse

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.models import Letter, StandingCase, Stay, Transfer
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.identifiers import MALE, make_demo_identity
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from gongjian.records.people.queries import membership_of

pytestmark = pytest.mark.django_db
NUMBER = str(make_demo_identity(7, dt.date(1990, 5, 4), MALE))


def at(name, *args):
    return reverse(f"transfers:{name}", args=args)


def test_the_whole_way_by_form(clock, city, cast, far):
    member = cast.member.client
    asked = member.post(at("ask"), {"to": f"{city.other_branch.code} {city.other_branch.name}", "reason": "home"})
    transfer = Transfer.objects.get()
    assert asked.headers["Location"] == at("detail", transfer.pk)
    assert "渡口网格党支部" in member.get(at("mine")).content.decode()

    def do(who, deed, **data):
        answer = who.client.post(at("deed", transfer.pk, deed), data)
        assert answer.status_code == 302, answer.content.decode()
        transfer.refresh_from_db()
        return transfer.state

    assert do(cast.secretary, "agree", dues_until="2026-11") == "agreed"
    assert do(cast.street, "issue", days="10") == "issued"
    assert do(cast.street, "reissue", days="10", reason="本人遗失") == "issued"
    assert do(far.street, "receive", to=city.other_branch.pk) == "received"
    assert do(far.secretary, "accept") == "done"
    assert membership_of(cast.member.person.pk).org == city.other_branch
    # who was late is told so, and sent back to the file
    again = far.secretary.client.post(at("deed", transfer.pk, "accept"), follow=True).content.decode()
    assert "可能刚刚有人办过了" in again


def test_refusing_without_cause_by_form(make, far):
    transfer = make("issued")
    page = far.street.client.post(at("deed", transfer.pk, "refuse"), {"answer": "名额已满不收"}).content.decode()
    assert "不得无故拒转拒接" in page
    assert Transfer.objects.get().state == "issued"


@pytest.mark.parametrize(("who", "detail", "listed"), [
    ("member", 200, None), ("colleague", 404, None), ("resident", 404, None), ("secretary", 200, True),
    ("neighbour", 404, False), ("street", 200, True), ("community", 200, True), ("outsider", 200, True), ("city", 200, True),
    ("unit_secretary", 404, False),
])  # fmt: skip
def test_who_sees_a_transfer(make, cast, who, detail, listed):
    transfer = make("issued")
    client = getattr(cast, who).client
    assert client.get(at("detail", transfer.pk)).status_code == detail
    answer = client.get(at("list"))
    assert answer.status_code == (403 if listed is None else 200)
    if listed is not None:
        assert ("张伟" in answer.content.decode()) is listed
        exported = b"".join(client.get(at("list") + "?export=csv&tab=all").streaming_content).decode()
        assert ("张伟" in exported) is listed


def test_budgets(make, cast, far, queries, clock):
    transfer = make("issued")
    for who, url in (
        (cast.secretary, at("list")), (far.street, at("list") + "?tab=todo"), (far.street, at("detail", transfer.pk)),
        (cast.member, at("mine")), (cast.member, at("detail", transfer.pk)), (cast.secretary, at("ranks")),
        (cast.city, at("ranks")), (far.street, at("deed", transfer.pk, "receive")), (cast.secretary, at("signals")),
        (cast.secretary, at("start")), (cast.secretary, at("member", cast.colleague.person.pk)),
    ):  # fmt: skip
        who.client.get(url)
        with queries(30):
            assert who.client.get(url).status_code == 200, url


def test_suggestions_tell_names_only(city, cast):
    text = cast.member.client.get(at("destinations") + "?q=渡口").content.decode()
    assert city.other_branch.name in text
    assert cast.resident.client.get(at("destinations") + "?q=渡口").status_code == 403


def test_many_by_form_and_all_letters_in_one_go(clock, city, cast, far):
    ids = [person.pk for person in city.people["branch"][3:6]]
    answer = cast.secretary.client.post(
        at("batch"), {"people": ids, "to": city.other_branch.code, "reason": "school", "dues_until": "2026-11"}
    )
    assert answer.status_code == 302, answer.content.decode()
    cast.street.client.post(at("issue_many"))
    assert Letter.objects.count() == 3


def test_key_in_by_form(clock, city, comer, far):
    letter = comer()
    data = {name: getattr(letter, name) for name in ("name", "identity", "kind", "joined_on", "formal_on", "from_name",
            "serial", "issued_on", "expires_on", "reason")}  # fmt: skip
    answer = far.secretary.client.post(at("key_in"), data | {"to": city.other_branch.code})
    assert answer.status_code == 302, answer.content.decode()
    shown = far.secretary.client.get(at("detail", Transfer.objects.get().pk)).content.decode()
    assert letter.identity not in shown
    assert "添加文件" in shown


def text_of(answer) -> str:
    from pypdf import PdfReader

    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)


def test_the_letter_in_three_parts(make, cast, far):
    people.correct(person=cast.member.person, by=SYSTEM, identity=NUMBER, birth_date=None, sex="9")
    make("issued")
    letter = Letter.objects.get()
    text = text_of(cast.member.client.get(at("letter", letter.pk)))
    for part in ("存根", "组织关系介绍信", "回执", "骑缝章", letter.serial[-6:], "张伟"):
        assert part in text
    assert NUMBER not in text
    assert cast.neighbour.client.get(at("letter", letter.pk)).status_code == 404
    # in full only for a purpose, which the member sees
    assert cast.street.client.post(at("letter_full", letter.pk), {"purpose": ""}).status_code == 200
    assert not Fact.objects.filter(kind="person.unmasked").exists()
    full = cast.street.client.post(at("letter_full", letter.pk), {"purpose": "办理组织关系"})
    assert NUMBER in text_of(full)
    assert Fact.objects.get(kind="person.unmasked").person == cast.member.person.pk
    assert far.street.client.get(at("letter_full", letter.pk)).status_code == 403


def test_members_away_and_lost_by_form(clock, city, cast, far):
    person, client = cast.member.person.pk, cast.secretary.client

    def post(url, **data):
        answer = client.post(url, data)
        assert answer.status_code == 302, answer.content.decode()

    post(at("member_deed", person, "stay"), place="上海市", since="2026-05-01", host=city.other_branch.code)
    stay = Stay.objects.get()
    assert "外出已满六个月" in client.get(at("stay", stay.pk)).content.decode()
    post(at("stay_deed", stay.pk, "stays"), stays_because="年底返回")
    post(at("stay_deed", stay.pk, "change"), place="江苏省南京市", host=city.other_branch.code)
    assert "张伟" in far.secretary.client.get(at("guests")).content.decode()
    assert far.secretary.client.post(
        at("stay_deed", stay.pk, "report"), {"year": "2026", "opinion": "按时参加"}
    ).status_code == 302  # fmt: skip
    post(at("stay_deed", stay.pk, "return"), on="2026-11-10")
    post(at("member_deed", person, "lost"), since="2026-05-10")
    post(at("member_deed", person, "contact"), on="2026-06-10", way="phone", made="0")
    assert "张伟" in client.get(at("ranks")).content.decode()
    post(at("member_deed", person, "propose"), kind="stop", finding="家属、原单位都没有消息")
    case = StandingCase.objects.get()
    assert (
        'value="9"' in client.get(at("case_deed", case.pk, "decide")).content.decode()
    )  # who has a vote and is counted
    post(
        at("case_deed", case.pk, "decide"),
        meeting_on="2026-11-16",
        entitled="9",
        present="8",
        yes="7",
        no="0",
        abstain="1",
    )
    approve = at("case_deed", case.pk, "approve")
    assert client.post(approve, {"on": "2026-11-16", "number": "一号文"}).status_code == 302
    assert membership_of(person).state == "normal"
    assert cast.street.client.post(approve, {"on": "2026-11-16", "number": "一号文"}).status_code == 302
    assert membership_of(person).state == "stopped"


@pytest.mark.parametrize("who", ["street", "district", "community", "neighbour", "outsider", "colleague"])
def test_signals_and_cases_are_private(clock, city, cast, who):
    actions.declare_lost(person=cast.member.person, by=cast.secretary.actor, since=dt.date(2026, 5, 1))
    actions.contact(person=cast.member.person, by=cast.secretary.actor, on=dt.date(2026, 6, 1), way="phone", made=False)
    case = actions.propose(person=cast.member.person, by=cast.secretary.actor, kind="stop", finding="没有消息了")
    client = getattr(cast, who).client
    own = client.get(at("signals"))
    assert own.status_code == 403 or "榕荫第一网格党支部" not in own.content.decode()
    expected = 200 if who in ("street", "district", "community") else 404
    assert client.get(at("case", case.pk)).status_code == expected
    if who in ("street", "district"):
        assert "张伟" not in client.get(at("ranks")).content.decode()  # the level above sees numbers


def test_over_the_api(make, city, cast, far, clock):
    transfer = make("issued")

    def post(who, path, **body):
        return who.client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")

    seen = far.street.client.get("/api/v1/transfers?tab=arriving").json()["items"]
    assert [(one["id"], one["state"]) for one in seen] == [(transfer.pk, "issued")]
    refused = post(far.street, f"/transfers/{transfer.pk}/refuse", answer="不想收不想收")
    assert (refused.status_code, refused.json()["field"]) == (422, "cause")
    received = post(far.street, f"/transfers/{transfer.pk}/receive", to=city.other_branch.pk)
    assert received.json()["state"] == "received", received.content.decode()
    assert post(cast.neighbour, f"/transfers/{transfer.pk}/accept").status_code == 404
    assert post(far.secretary, f"/transfers/{transfer.pk}/accept").json()["state"] == "done"
    assert post(far.secretary, f"/transfers/{transfer.pk}/accept").status_code == 409
    made = post(cast.secretary, "/transfers", person=cast.colleague.person.pk, to=city.sister.pk, reason="work")
    assert made.status_code == 201
    stay = post(
        cast.secretary, "/mobile-members", person=city.people["branch"][5].pk, place="上海市", since="2026-05-01"
    )
    assert stay.status_code == 201, stay.content.decode()
    assert "上海" not in stay.content.decode()
    assert (
        post(cast.secretary, f"/mobile-members/of/{city.people['branch'][5].pk}/contact", way="phone").status_code
        == 204
    )
    assert post(cast.secretary, f"/mobile-members/{stay.json()['id']}/return").status_code == 200
