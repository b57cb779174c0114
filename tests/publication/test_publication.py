"""公示: rows masked, working days counted, objections answered before it ends (民法典 201–203, 个人信息保护法 25)."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from gongjian.engines.publication import actions, queries, rules, todos
from gongjian.engines.publication.models import Objection, Publication
from gongjian.ground import policy
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("450399199001010016", "证件号码"), ("４５０３９９１９９００１０１００１６", "证件号码"), ("450399 19900101 001X", "证件号码"),
        ("450399900101001", "证件号码"), ("电话 138-0013-8000", "电话号码"), ("+8613800138000", "电话号码"),
        ("0773-2812345", "电话号码"), ("三单元402室", "住址门牌"), ("党龄 12 年，2026年11月", ""), ("积分 10086", ""),
        ("2026-11-16 至 2026-11-23", ""), ("第一中学语文教师", ""),
    ],
)  # fmt: skip
def test_what_a_text_gives_away(text, what):
    assert rules.leak(text) == what


@pytest.mark.parametrize(
    ("posted", "days", "last"),
    [
        ("2026-11-16", 5, "2026-11-23"),  # 民法典 201: the day of posting does not count
        ("2026-11-20", 5, "2026-11-27"),
        ("2026-09-28", 5, "2026-10-10"),  # National Day, with its make-up Saturday 10 October
        ("2026-11-16", 7, "2026-11-25"),
    ],
)
def test_working_days(post, clock, posted, days, last):
    clock.set(f"{posted} 09:00")
    assert post(working_days=days).ends_on == dt.date.fromisoformat(last)


def test_names_are_masked_and_a_pack_may_decide_otherwise(post, pack, monkeypatch):
    assert post("1").rows == [{"姓名": "欧阳**", "单位": "第一中学"}]
    assert post("1b", consent="本人书面同意").rows[0]["姓名"] == "欧阳**"
    other = pack.model_copy(
        update={"publication": pack.publication.model_copy(update={"names": "whole", "working_days": 7})}
    )
    monkeypatch.setattr(policy.store, "on", lambda _day: other)
    assert post("2").rows[0]["姓名"] == "欧阳**"  # no consent is noted
    agreed = post("3", consent="本人 2026-11-10 书面同意公开姓名")
    assert (agreed.rows[0]["姓名"], agreed.ends_on) == ("欧阳小明", dt.date(2026, 11, 25))


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"rows": []}, "空"), ({"rows": [{"姓名": "张三", "电话": "13800138000"}]}, "电话号码"),
        ({"title": "张三 13800138000"}, "电话号码"), ({"intro": "家住 3 单元 402室"}, "住址"), ({"title": " "}, "标题"),
        ({"rows": [{"姓名": "张三"}, {"名字": "李四"}]}, "不一致"), ({"starts_on": dt.date(2026, 11, 1)}, "倒签"),
    ],
)  # fmt: skip
def test_what_is_refused(post, fields, word):
    with pytest.raises(Invalid, match=word) as refusal:
        post(**fields)
    assert "138" not in str(refusal.value)
    assert not Publication.objects.exists()


def test_who_may_publish(post, cast):
    for name in ("member", "outsider", "neighbour", "resident"):
        with pytest.raises(Forbidden):
            post(by=getattr(cast, name).actor)


def test_told_twice_is_one_and_another_is_refused(post):
    assert post("9").pk == post("9").pk
    assert Fact.objects.filter(kind="publication.posted").count() == 1
    with pytest.raises(Refused, match="已经公示过"):
        post("9", rows=[{"姓名": "李四", "单位": "第一中学"}])


def test_who_sees_it_and_until_when(post, cast, clock, client):
    publication = post()
    seen = {name for name in ("secretary", "member", "resident", "neighbour", "outsider", "community", "auditor")
            if queries.visible_to(getattr(cast, name).actor).exists()}  # fmt: skip
    assert seen == {"secretary", "member", "resident", "community", "auditor"}
    assert cast.outsider.client.get(f"/publication/{publication.pk}/").status_code == 404
    here = f"/publication/p/{publication.slug}/"
    page = client.get(here)
    assert "欧阳**" in page.content.decode()
    assert "noindex" in page.headers["X-Robots-Tag"]
    clock.set("2026-11-23 23:00")  # the last day belongs to it whole
    assert "欧阳**" in client.get(here).content.decode()
    clock.set("2026-11-24 00:01")
    gone = client.get(here).content.decode()
    assert "已经撤下" in gone
    assert "欧阳" not in gone
    assert "发展对象" not in gone
    assert not queries.visible_to(cast.member.actor).exists()
    assert queries.visible_to(cast.secretary.actor).exists()
    assert client.get("/publication/p/none/").status_code == 404


def test_no_public_page_where_the_pack_says_so(post, pack, monkeypatch, client):
    other = pack.model_copy(update={"publication": pack.publication.model_copy(update={"public_page": False})})
    monkeypatch.setattr(policy.store, "on", lambda _day: other)
    assert client.get(f"/publication/p/{post().slug}/").status_code == 404


def test_an_objection_holds_the_end_up(post, cast, clock):
    publication, secretary = post(), cast.secretary.actor
    one = actions.object_to(publication=publication, text="他没有参加过培养教育", by=cast.member.actor)
    assert actions.object_to(publication=publication, text="他没有参加过培养教育", by=cast.member.actor).pk == one.pk
    phoned = actions.note_objection(
        publication=publication, channel="phone", teller="群众", text="材料中的工作单位不对", by=secretary
    )
    assert [row.pk for row in queries.objections_of(publication, cast.member.actor)] == [one.pk]
    assert len(queries.objections_of(publication, secretary)) == 2
    assert [todo.due_on for todo in todos.waiting(secretary, dt.date(2026, 11, 17))] == [dt.date(2026, 11, 23)] * 2
    assert todos.waiting(cast.member.actor, dt.date(2026, 11, 17)) == []
    with pytest.raises(Refused, match="2026-11-23 为止"):
        actions.close(publication=publication, by=secretary)
    clock.set("2026-11-24 09:00")
    with pytest.raises(Refused, match="2 条异议没有答复"):
        actions.close(publication=publication, by=secretary)
    with pytest.raises(NotFound):  # over, and so no longer seen
        actions.object_to(publication=publication, text="公示期满以后才说", by=cast.colleague.actor)
    with pytest.raises(Invalid, match="公示期到"):
        actions.note_objection(publication=publication, channel="visit", text="公示期满以后才说", by=secretary)
    with pytest.raises(NotFound):
        actions.answer(objection=one, answer="经核实并非如此", upheld=False, by=cast.outsider.actor)
    actions.answer(objection=one, answer="经核实，培训证书齐全。", upheld=False, by=secretary)
    actions.answer(objection=phoned, answer="经核实，已更正。", upheld=False, by=secretary)
    with pytest.raises(Refused, match="已经答复"):
        actions.answer(objection=one, answer="再答复一次试试", upheld=True, by=secretary)
    assert [todo.button for todo in todos.waiting(secretary, dt.date(2026, 11, 24))] == ["去结束"]
    assert actions.close(publication=publication, by=secretary).result == "answered"
    with pytest.raises(Refused):
        actions.close(publication=publication, by=secretary)
    told = Fact.objects.filter(kind__startswith="publication.")
    assert {fact.kind for fact in told} == {
        "publication.posted",
        "publication.objection_raised",
        "publication.objection_answered",
        "publication.closed",
    }
    assert not any("单位" in str(fact.data) for fact in told)


@pytest.mark.parametrize(("upheld", "result"), [([], "clear"), ([False], "answered"), ([False, True], "upheld")])
def test_results(upheld, result):
    assert rules.result_of(upheld) == result


def test_cancelled_with_a_reason_and_posted_again(post, cast):
    publication = post("4")
    with pytest.raises(Invalid, match="原因"):
        actions.cancel(publication=publication, reason=" ", by=cast.secretary.actor)
    actions.cancel(publication=publication, reason="姓名写错", by=cast.secretary.actor)
    assert queries.of(Ref("test", "4")) is None
    assert post("4").pk != publication.pk


def test_by_http_and_api(post, cast, clock, queries):
    publication = post()
    here = f"/publication/{publication.pk}/"
    cast.secretary.client.get(here)  # the first visit writes the session
    cast.member.client.get(here)
    with queries(20):
        page = cast.secretary.client.get(here).content.decode()
    assert "登记异议" in page
    with queries(30):
        assert "发展对象公示" in cast.member.client.get("/publication/").content.decode()
    assert cast.member.client.post(here, {"text": "他没有参加过培训"}).status_code == 302
    assert cast.member.client.post(here, {"text": "短"}).status_code == 409
    assert cast.member.client.get(here + "note/").status_code == 403
    assert cast.secretary.client.post(here + "note/", {
        "channel": "visit", "raised_on": "2026-11-16", "teller": "", "text": "来访说单位写错了",
    }).status_code == 302  # fmt: skip
    clock.set("2026-11-24 09:00")
    for row in Objection.objects.all():
        address = f"/publication/objections/{row.pk}/answer/"
        assert cast.secretary.client.post(address, {"answer": "经核实不属实", "upheld": "0"}).status_code == 302
        assert cast.member.client.get(address).status_code == 403
        assert cast.outsider.client.get(address).status_code in (403, 404)
    assert cast.secretary.client.post(here + "close/").status_code == 302
    publication.refresh_from_db()
    assert (publication.state, publication.result) == ("closed", "answered")
    answer = cast.secretary.client.get(f"/api/v1/publications/{publication.pk}").json()
    assert answer["result"] == "answered"
    assert cast.outsider.client.get(f"/api/v1/publications/{publication.pk}/objections").status_code == 404
    other = post("2")
    told = cast.resident.client.post(
        f"/api/v1/publications/{other.pk}/objections", {"text": "情况与事实不符"}, content_type="application/json"
    )
    assert (told.status_code, told.json()["state"]) == (200, "open")
    assert cast.secretary.client.post(f"/publication/{other.pk}/cancel/", {"reason": "内容有误"}).status_code == 302
    assert cast.secretary.client.post(f"/api/v1/publications/{other.pk}/close").status_code == 409


@pytest.mark.django_db(transaction=True)
def test_the_same_answer_by_two_at_once(post, cast):
    publication = post()
    objection = actions.object_to(publication=publication, text="情况与事实不符", by=cast.member.actor)
    actors, ready = [cast.secretary.actor, cast.community.actor], threading.Barrier(2)

    def run(actor):
        try:
            ready.wait(timeout=20)
            return actions.answer(objection=objection, answer="经核实不属实", upheld=False, by=actor)
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(run, actors))
    assert sum(isinstance(one, Refused) for one in answers) == 1
    assert Fact.objects.filter(kind="publication.objection_answered").count() == 1
