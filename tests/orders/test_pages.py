"""The pages and the API for the whole cast: who sees what, who is sent away, and how often the database is asked."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from gongjian.desks.orders import actions
from gongjian.desks.orders.models import Order
from gongjian.records.places.models import Place

pytestmark = pytest.mark.django_db
SECRET = ("蒋大妈", "13912345678", "三号楼一单元门口")


def text_of(response) -> str:
    return re.sub(r"<script.*?</script>|<style.*?</style>", "", response.content.decode(), flags=re.S)


@pytest.fixture
def order(ask):
    return ask()[0]


def test_a_resident_without_an_account(city, cast, clock, again):
    estate = Place.objects.create(
        kind="estate", code="E1", name="桂花苑", community=city.community, organisation=city.branch
    )
    visitor = Client()
    assert "公共设施报修" in text_of(visitor.get("/orders/"))
    found = text_of(visitor.get("/orders/communities/?q=rongyin"))
    assert "榕荫社区 · 柳岸街道" in found
    assert "桂花苑" in text_of(visitor.get("/orders/places/?community=榕荫社区"))
    form = text_of(visitor.get(f"/orders/new/repair/?c={city.community.code}"))
    key = re.search(r'name="key" value="(\w+)"', form)[1]
    given = {
        "community": "榕荫社区 · 柳岸街道", "place": estate.pk, "text": "三号楼门口的路灯坏了", "where": SECRET[2], "phone": SECRET[1],
        "name": SECRET[0], "key": key, "q_danger": "会",
    }  # fmt: skip
    sent = visitor.post("/orders/new/repair/", given)
    assert sent.status_code == 302, text_of(sent)
    assert visitor.post("/orders/new/repair/", {**given, "seen": "1"})["Location"] == sent["Location"], (
        "sent twice is one order"
    )
    order = Order.objects.get()
    link = sent["Location"].partition("?")[0]
    assert order.number not in link
    seen = visitor.get(link)
    assert order.number in text_of(seen)
    assert "139****5678" in text_of(seen)
    assert SECRET[1] not in text_of(seen)
    assert "no-store" in seen["Cache-Control"]
    warned = text_of(
        visitor.post(
            "/orders/similar/",
            {"community": city.community.code, "kind": "repair", "text": "三号楼路灯坏了打13912345678"},
        )
    )
    assert "附近几天有人提过" in warned
    assert "自动遮住" in warned
    assert "桂花苑" in warned
    assert "蒋" not in warned
    shown = visitor.post("/orders/new/repair/", {**given, "key": "k" * 32})
    assert shown.status_code == 422
    assert "附近几天有人提过" in text_of(shown)
    for wrong in (f"/orders/f/{order.number}/", "/orders/f/" + "0" * 32 + "/", f"/orders/f/{'0' * 32}/rate/"):
        assert visitor.get(wrong).status_code in (404, 405)
    one, other = (visitor.get(f"/orders/f/{token}/") for token in ("0" * 32, order.number))
    assert re.sub(r"csrf\w+\W+\w+\W+\w+", "", text_of(one)).count("抄错") == text_of(other).count("抄错") == 1
    actions.dispatch(order=again(order), person=cast.member.person, by=cast.community.actor)
    actions.accept(order=again(order), by=cast.member.actor)
    actions.finish(order=again(order), note="换好了，亮了。", by=cast.member.actor)
    assert "换好了" in text_of(visitor.get(link))
    assert cast.member.person.name not in text_of(visitor.get(link))
    assert visitor.post(link + "rate/", {"stars": "5"}).status_code == 422
    assert visitor.post(link + "rate/", {"stars": "5", "solved": "1"}).status_code == 302
    assert again(order).stars == 5
    wrong_file = visitor.post(
        "/orders/new/repair/", {**given, "key": "m" * 32, "seen": "1", "photo": SimpleUploadedFile("a.jpg", b"<html>")}
    )
    assert wrong_file.status_code == 422
    assert "不在可以上传的类型里" in text_of(wrong_file)
    assert Order.objects.count() == 1


def test_the_whole_cast(city, cast, order, again, ask):
    page, jobs = f"/orders/o/{order.pk}/", "/orders/jobs/"
    sees = {"community": 200, "street": 200, "district": 200, "city": 200}
    for name in ("secretary", "member", "colleague", "neighbour", "unit_secretary", "resident", "outsider"):
        sees[name] = 404
    for name, status in sees.items():
        answer = getattr(cast, name).client.get(page)
        assert answer.status_code == status, name
        assert not [secret for secret in SECRET if secret in text_of(answer)], name
    assert Client().get(page).status_code == 302
    for name, status in (("member", 200), ("resident", 403), ("city", 403), ("community", 200)):
        assert getattr(cast, name).client.get(jobs).status_code == status, name
    for name, status in (("community", 200), ("outsider", 200), ("member", 403), ("resident", 403)):
        answer = getattr(cast, name).client.get("/orders/desk/")
        assert answer.status_code == status, name
        assert (order.number in text_of(answer)) is (name == "community"), name
    export = b"".join(cast.community.client.get("/orders/desk/?export=csv").streaming_content).decode("utf-8-sig")
    assert order.number in export
    assert not [secret for secret in SECRET if secret in export]
    assert cast.outsider.client.post(page + "dispatch/", {"org": city.branch.pk}).status_code == 404
    assert cast.district.client.post(page + "dispatch/", {"org": city.branch.pk}).status_code == 403
    assert cast.district.client.post(page + "contact/").status_code == 403
    assert SECRET[1] in text_of(cast.community.client.post(page + "contact/"))
    sent = cast.community.client.post(page + "dispatch/", {"org": city.branch.pk, "queue": "1"})
    assert sent["Location"].startswith("/orders/desk/queue/")
    member = cast.member.client
    assert SECRET[2] not in text_of(member.get(page))
    assert member.post(page + "accept/").status_code == 302
    assert SECRET[1] in text_of(member.post(page + "contact/"))
    assert cast.colleague.client.get(page).status_code == 404, "taken by another, and not theirs to see"
    assert member.post(page + "hand_back/", {"text": ""}).status_code == 422
    assert member.post(page + "hand_back/", {"text": "孩子病了"})["Location"] == jobs
    assert member.get(page).status_code == 404
    hidden, _token = ask("家里断了收入，孩子学费交不上", kind="hardship")
    for name in ("district", "city"):
        assert "学费" not in text_of(getattr(cast, name).client.get(f"/orders/o/{hidden.pk}/")), name
    assert "学费" in text_of(cast.community.client.get(f"/orders/o/{hidden.pk}/"))
    assert "学费" not in text_of(cast.community.client.get("/orders/desk/"))


def test_budgets_of_queries_do_not_grow(city, cast, ask, queries):
    for n in range(12):
        ask(f"第{n}件事：楼道灯坏了", kind="repair" if n % 2 else "errand")
    order = Order.objects.order_by("id").first()
    actions.offer(order=Order.objects.get(pk=order.pk), org=city.community, by=cast.community.actor)
    desk, member = cast.community, cast.member
    for who in (desk, member):
        who.client.get("/")
    for who, path, most in (
        (desk, "/orders/desk/", 24), (desk, "/orders/desk/rates/", 20), (desk, f"/orders/o/{order.pk + 1}/?queue=1", 40),
        (member, "/orders/jobs/", 22), (member, f"/orders/o/{order.pk}/", 26), (desk, "/orders/desk/note/", 20),
    ):  # fmt: skip
        with queries(most):
            assert who.client.get(path).status_code == 200, path
    with queries(18):
        assert len(desk.client.get("/api/v1/orders").json()["items"]) == 12
    with queries(4):
        assert __import__("gongjian.desks.orders.queries", fromlist=["todos"]).todos(
            desk.actor, __import__("datetime").date(2026, 11, 16)
        )


def test_the_desk_writes_down_a_call_and_the_board_shows_its_rows(city, cast, again):
    desk = cast.community.client
    given = {
        "community": "榕荫社区",
        "text": "老人说电视没有信号，想请人看看",
        "channel": "phone",
        "key": "n" * 32,
        "phone": "13900000001",
    }
    done = desk.post("/orders/desk/note/?kind=elder", given)
    assert done.status_code == 200, text_of(done)
    assert "/orders/f/" in text_of(done)
    order = Order.objects.get()
    assert (order.kind, order.channel, order.noted_by_id) == ("elder", "phone", cast.community.person.pk)
    assert cast.member.client.get("/orders/desk/note/").status_code == 403
    page = f"/orders/o/{order.pk}/"
    desk.post(page + "contacted/")
    desk.post(page + "finish/", {"text": "打电话教他换了线，好了。"})
    board = text_of(desk.get("/orders/desk/rates/?month=" + f"{order.raised_at:%Y-%m}"))
    assert "100" in board
    rows = text_of(desk.get(f"/orders/desk/?measure=answered:1&month={order.raised_at:%Y-%m}"))
    assert order.number in rows
    assert order.number not in text_of(desk.get("/orders/desk/?measure=answered:0"))
    assert desk.get("/orders/desk/?month=2026-99&clock=nonsense&state=none").status_code == 200
    assert "扫一扫" in text_of(desk.get(f"/orders/desk/poster/{city.community.pk}/"))
    assert cast.outsider.client.get(f"/orders/desk/poster/{city.community.pk}/").status_code in (403, 404)


def test_one_who_is_logged_in_finds_their_own(city, cast):
    resident = cast.resident.client
    key = re.search(r'name="key" value="(\w+)"', text_of(resident.get("/orders/new/suggestion/")))[1]
    sent = resident.post("/orders/new/suggestion/", {"community": "榕荫社区", "text": "小广场装个长椅吧", "key": key})
    assert sent.status_code == 302
    order = Order.objects.get()
    assert order.raised_by_id == cast.resident.person.pk
    assert "长椅" in text_of(resident.get("/orders/mine/"))
    assert resident.get(f"/orders/mine/{order.pk}/").status_code == 200
    assert cast.member.client.get(f"/orders/mine/{order.pk}/").status_code == 404
    assert cast.member.client.post(f"/orders/mine/{order.pk}/withdraw/").status_code == 404
    resident.post(f"/orders/mine/{order.pk}/withdraw/")
    assert Order.objects.get().state == "withdrawn"


def test_the_api_does_the_same(city, cast, again):
    def post(who, path, body=None):
        client = who.client if who else Client()
        return client.post(f"/api/v1{path}", json.dumps(body or {}), content_type="application/json")

    visitor = Client()
    assert "repair" in {row["id"] for row in visitor.get("/api/v1/order-kinds").json()}
    assert visitor.get("/api/v1/order-communities?q=榕荫").json()[0]["name"] == "榕荫社区"
    body = {
        "kind": "errand",
        "community": "榕荫社区",
        "text": "帮老人买降压药",
        "phone": "13912345678",
        "key": "a" * 32,
    }
    made = post(None, "/order-requests", body)
    assert made.status_code == 201, made.content
    assert post(None, "/order-requests", body).json() == made.json()
    token = made.json()["token"]
    order = Order.objects.get()
    assert visitor.get(f"/api/v1/order-requests/{token}").json()["state"] == "raised"
    gone = [visitor.get(f"/api/v1/order-requests/{text}") for text in ("0" * 32, order.number)]
    assert {answer.status_code for answer in gone} == {404}
    assert gone[0].json() == gone[1].json()
    base = f"/orders/{order.pk}"
    assert post(None, base + "/accept").status_code == 401
    assert post(cast.outsider, base + "/dispatch", {"org": city.branch.pk}).status_code in (403, 404)
    assert cast.outsider.client.get(f"/api/v1{base}").status_code == 404
    assert cast.outsider.client.get("/api/v1/orders").json()["items"] == []
    assert post(cast.community, base + "/offer", {"org": city.community.pk}).json()["state"] == "offered"
    assert [row["id"] for row in cast.member.client.get("/api/v1/order-jobs").json()] == [order.pk]
    assert "13912345678" not in cast.member.client.get(f"/api/v1{base}").content.decode()
    assert post(cast.member, base + "/accept").json()["doer"] == cast.member.person.pk
    assert post(cast.colleague, base + "/accept").status_code == 404
    assert post(cast.member, base + "/contact").json()["phone"] == "13912345678"
    assert post(cast.member, base + "/help", {"person": cast.outsider.person.pk}).status_code == 422
    assert post(cast.member, base + "/finish", {"text": "药送到了，老人签收。"}).json()["state"] == "finished"
    rated = post(None, f"/order-requests/{token}/rate", {"stars": 1, "solved": False})
    assert rated.json()["state"] == "accepted"
    assert cast.community.client.get(f"/api/v1/order-rates/{order.raised_at:%Y-%m}").json()[0]["rated"] == 1
    assert cast.community.client.get("/api/v1/order-rates/never").status_code == 422
