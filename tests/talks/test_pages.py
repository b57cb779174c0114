"""Pages and API of talks and cards for the cast, within a budget of queries."""

import datetime as dt
import io
import json

import pytest
from pypdf import PdfReader

from gongjian.desks.talks import actions
from gongjian.desks.talks import queries as reads
from gongjian.desks.talks.models import Card, Talk
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.people.models import Membership

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


@pytest.fixture
def card(cast, clock):
    """A card of today for the member."""
    Membership.objects.filter(person=cast.member.person).update(joined_on=dt.date(2014, 11, 16))
    actions.wish(card=True, listed=True, by=cast.member.actor)
    actions.prepare_cards(by=SYSTEM)
    return Card.objects.get()


def text_of(answer) -> str:
    assert answer.status_code == 200, answer
    return answer.content.decode()


def test_a_member_notes_a_talk_on_the_phone(cast, clock):
    client, other = cast.member.client, cast.colleague.person.pk
    assert "记一次谈话" in text_of(client.get("/talks/mine/"))
    given = {"other": other, "on": "2026-11-16", "form": "face", "note": "谈了值班的事"}
    assert client.post("/talks/record/", given)["Location"] == "/talks/mine/"
    made = Talk.objects.get()
    assert "谈了值班的事" in text_of(client.get(f"/talks/{made.pk}/"))
    assert "谈了值班的事" in text_of(cast.colleague.client.get(f"/talks/{made.pk}/"))
    seen = text_of(cast.secretary.client.get("/talks/"))
    assert "刘洋" in seen
    assert "值班" not in seen
    assert cast.secretary.client.get(f"/talks/{made.pk}/").status_code == 404
    assert cast.outsider.client.get("/talks/").status_code in (403, 404)
    assert cast.member.client.get("/talks/").status_code == 403
    client.post(f"/talks/{made.pk}/", {"note": "改了"})
    assert "改了" in text_of(client.get(f"/talks/{made.pk}/"))
    assert client.post(f"/talks/{made.pk}/withdraw/")["Location"] == "/talks/mine/"
    assert client.get(f"/talks/{made.pk}/").status_code == 404


def test_budgets_of_queries(cast, card, queries):
    made = actions.record(other=cast.colleague.person.pk, on=TODAY, form="face", by=cast.member.actor)
    for who, paths in (
        (cast.secretary, ("/talks/", "/talks/cards/", f"/talks/cards/{card.pk}/")),
        (cast.member, ("/talks/mine/", "/talks/record/", "/talks/birthday/", f"/talks/{made.pk}/")),
    ):
        who.client.get("/")  # the first page of a session writes the session
        for path in paths:
            with queries(30):
                assert who.client.get(path).status_code == 200, path
    actor = cast.secretary.actor
    with queries(4):
        assert reads.todos(actor, TODAY)


def test_a_card_from_wish_to_paper(cast, card):
    secretary = cast.secretary.client
    assert "张伟" in text_of(secretary.get("/talks/cards/"))
    assert cast.colleague.client.get("/talks/cards/").status_code == 403
    assert cast.neighbour.client.get(f"/talks/cards/{card.pk}/").status_code == 404
    assert cast.member.client.get(f"/talks/cards/{card.pk}/").status_code == 404
    sent = secretary.post(f"/talks/cards/{card.pk}/", {"words": "十二年如一日，谢谢您。", "deed": "send"})
    assert sent["Location"] == "/talks/cards/"
    assert "十二年如一日" in text_of(cast.member.client.get(f"/talks/cards/{card.pk}/"))
    answer = cast.member.client.get(f"/talks/cards/{card.pk}/card.pdf")
    assert "入党 12 周年" in PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().replace("\n", "")
    assert cast.colleague.client.get(f"/talks/cards/{card.pk}/card.pdf").status_code == 404
    seen = text_of(cast.colleague.client.get("/talks/birthday/"))
    assert "张伟" in seen, "agreed to be listed"
    assert "党龄 12" not in seen
    cast.member.client.post("/talks/birthday/", {"card": "on"})
    assert "张伟" not in text_of(cast.colleague.client.get("/talks/birthday/"))


def test_the_api_does_the_same(cast, card):
    def post(who, path, body=None):
        return who.client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")

    given = {"other": cast.colleague.person.pk, "on": "2026-11-16", "note": "私密"}
    made = post(cast.member, "/talks", given)
    assert made.status_code == 201, made.content
    assert post(cast.member, "/talks", given).json()["id"] == made.json()["id"]
    assert post(cast.outsider, "/talks", given).status_code in (403, 404)
    assert cast.colleague.client.get("/api/v1/talks").json()["items"][0]["note"] == "私密"
    assert cast.secretary.client.get("/api/v1/talks").json()["items"] == []
    rows = cast.secretary.client.get("/api/v1/talks/matrix").json()
    assert next(row for row in rows if row["name"] == "张伟")["talked"] == 1
    assert "私密" not in json.dumps(rows, ensure_ascii=False)
    assert cast.member.client.get("/api/v1/talks/matrix").status_code == 403
    assert post(cast.secretary, f"/talks/{made.json()['id']}/withdraw").status_code == 404
    assert post(cast.colleague, f"/talks/{made.json()['id']}/withdraw").status_code == 204
    assert post(cast.colleague, "/birthday-wish", {"card": True}).status_code == 204
    listed = cast.secretary.client.get("/api/v1/birthday-cards").json()["items"]
    assert [one["id"] for one in listed] == [card.pk]
    assert post(cast.member, f"/birthday-cards/{card.pk}/send").status_code == 403
    assert (
        post(cast.secretary, f"/birthday-cards/{card.pk}/words", {"words": "祝您一切都好。"}).json()["words"]
        == "祝您一切都好。"
    )
    assert post(cast.secretary, f"/birthday-cards/{card.pk}/send").json()["sent_at"]
