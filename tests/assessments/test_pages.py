"""The pages and the API, for those who may and those who may not."""

import json

import pytest

from gongjian.appraisal.assessments import actions
from gongjian.appraisal.assessments.models import Assessment, Visit
from gongjian.appraisal.assessments.todos import todos
from tests.assessments.conftest import BRANCHES, CENTRES, ESTATES, scores

pytestmark = pytest.mark.django_db


def chosen(standard: str, **other: int) -> dict[str, str]:
    """Full scores as a form posts them."""
    return {f"p_{item}": str(mark.points) for item, mark in scores(standard, **other).items()}


def test_an_assessment_by_its_pages(city, cast, ground, queries):
    street, secretary = cast.street.client, cast.secretary.client
    here = f"/assessments/lists/{ESTATES}/"
    assert street.get("/assessments/").url == here
    with queries(28):
        first = street.get(here).content.decode()
    assert "榕荫家园" in first
    assert "有党组织覆盖" in first  # 缺得最多：柳岸新村没有覆盖
    only = street.get(here + "?lacks=covered").content.decode()
    assert "柳岸新村" in only
    assert "榕荫家园" not in only
    assert "没有要考评的对象" in cast.outsider.client.get(here).content.decode()
    assert cast.member.client.get(here).status_code == 403
    assert street.get(f"/assessments/lists/{ESTATES}/items/").status_code == 200
    assert street.get(here + f"{ground.covered.pk}/").status_code == 200
    assert cast.outsider.client.get(here + f"{ground.covered.pk}/").status_code == 404
    assert secretary.post(here + f"{ground.covered.pk}/open/").status_code == 403

    street.post(here + "open/", {"query": ""})
    assert Assessment.objects.filter(state="self").count() == 2
    one = Assessment.objects.get(place=ground.covered)
    page = f"/assessments/{one.pk}/"
    for stranger in (cast.outsider, cast.neighbour, cast.member, cast.resident):
        assert stranger.client.get(page).status_code == 404
    waiting = [todo.title for todo in todos(cast.secretary.actor, one.opened_on)]
    assert waiting == ["自评：小区“六化” 榕荫家园"]
    part = chosen(ESTATES) | {"deed": "hand_in"}
    part.pop("p_money")
    assert "还有 1 条没有评：工作经费有着落" in secretary.post(page + "self/", part).content.decode()
    assert secretary.post(page + "self/", chosen(ESTATES) | {"deed": "hand_in"}).url == page

    assert "榕荫家园" in street.get("/assessments/visits/").content.decode()
    form = {"key": "page-000001", "visited_on": "2026-11-16", "note": "看过了"} | chosen(ESTATES)
    assert street.post(page + "visit/", form).url == "/assessments/visits/"
    assert street.post(page + "visit/", form).url == "/assessments/visits/"
    assert Visit.objects.count() == 1
    given = cast.district.client.get("/assessments/offline/data/").json()
    assert [visit["subject"] for visit in given["visits"]] == ["榕荫家园"]
    body = {
        "id": one.pk, "visitor": cast.district.person.pk, "key": "phone-000001", "visited_on": "2026-11-16",
        "marks": {"room": {"points": 0, "note": "锁着门"}},
    }  # fmt: skip
    hand_in = "/assessments/offline/hand-in/"

    def sent(client, **changes):
        return client.post(hand_in, json.dumps(body | changes), content_type="application/json")

    assert sent(cast.district.client).json() == {"new": True, "conflicts": ["有开展活动的场所"]}
    assert sent(cast.district.client).json()["new"] is False
    assert sent(cast.city.client).status_code == 403  # 不是本人
    assert sent(cast.district.client, marks="?").status_code == 422
    assert sent(cast.outsider.client, visitor=cast.outsider.person.pk).status_code == 404
    now = street.get(page).content.decode()
    assert "走访的评分不一致" in now
    assert "锁着门" in now
    street.post(page + "settle/", {"item": "room", "points": "8", "note": "当天管理员请假"})
    with queries(32):
        assert "评定" in street.get(page).content.decode()
    street.post(page + "assess/")
    assert "92" not in secretary.get(page).content.decode().split("经过")[0].split("<h2>")[0]
    street.post(page + "tell/")
    told = secretary.get(page).content.decode()
    assert "没有异议，确认" in told
    assert "达标" in told
    secretary.post(page + "object/", {"text": "志愿服务没有算全，请看台账"})
    street.post(page + "answer/", {"text": "台账也没有记录，维持", "upheld": "0"})
    one.refresh_from_db()
    assert one.state == "final"
    overview = street.get(here).content.decode()
    assert "92" in overview
    assert street.get(here + "?export=xlsx").status_code == 200
    assert "小区“六化”" in street.get(f"/assessments/panels/org/?org={city.branch.pk}").content.decode()
    assert cast.resident.client.get(f"/assessments/results/{ground.covered.pk}/").status_code == 404  # 默认不公开
    street.post(page + "revoke/", {"reason": ""})
    one.refresh_from_db()
    assert one.state == "final"  # 要写原因
    street.post(page + "revoke/", {"reason": "材料不实"})
    one.refresh_from_db()
    assert (one.state, one.lapse_how) == ("lapsed", "revoked")


def test_the_api(city, cast, ground):
    def call(who, method, path, body=None):
        do = getattr(who.client, method)
        told = do(f"/api/v1{path}", json.dumps(body), content_type="application/json") if body is not None else do(f"/api/v1{path}")  # fmt: skip
        return told.status_code, told.json() if told.content else None

    street = cast.street
    assert {one["id"] for one in call(street, "get", "/assessments/lists")[1]} == {ESTATES, CENTRES, BRANCHES}
    assert call(street, "post", "/assessments", {"standard": CENTRES, "subjects": [ground.centre.pk]}) == (201, {"number": 1})  # fmt: skip
    assert call(cast.outsider, "post", "/assessments", {"standard": CENTRES, "subjects": [ground.centre.pk]})[0] == 404
    (one,) = call(street, "get", f"/assessments?standard={CENTRES}")[1]["items"]
    path = f"/assessments/{one['id']}"
    assert call(cast.outsider, "get", path)[0] == 404
    marks = [{"item": item, "points": mark.points} for item, mark in scores(CENTRES).items()]
    visit = {"key": "api-00000001", "visited_on": "2026-11-16", "marks": marks}
    assert call(street, "post", path + "/visits", visit) == (200, {"new": True, "conflicts": []})
    assert call(street, "post", path + "/visits", visit)[1]["new"] is False
    assert call(street, "post", path + "/steps/nothing", {})[0] == 404
    assert call(street, "post", path + "/steps/assess", {})[1]["percent"] == 85
    assert call(cast.community, "get", path)[1]["percent"] is None  # 告知之前看不到
    assert all(row["points"] is None for row in call(cast.community, "get", path + "/items")[1])
    assert call(street, "post", path + "/steps/tell", {})[1]["state"] == "told"
    assert call(cast.community, "get", path)[1]["percent"] == 85
    assert call(cast.community, "post", path + "/steps/accept", {})[1]["state"] == "final"
    lacking = {row["item"]: row["value"] for row in call(street, "get", path + "/items")[1] if row["points"] == 0}
    assert lacking == {"covered": "0"}
    assert call(street, "post", path + "/steps/revoke", {"reason": ""})[0] == 422


def test_a_pack_may_show_residents_an_estate(city, cast, ground, monkeypatch):
    from gongjian.ground import policy

    street = cast.street.actor
    one = actions.open_one(standard=CENTRES, subject=ground.centre, by=street)
    actions.hand_in_visit(assessment=one, key="visit-2001", given=scores(CENTRES), visited_on=one.opened_on, by=street)
    actions.assess(assessment=one, by=street)
    actions.tell(assessment=one, by=street)
    actions.accept(assessment=one, by=cast.community.actor)
    pack = policy.current()
    shown = pack.assessments.lists[CENTRES].model_copy(update={"public": True})
    lists = type(pack.assessments.lists)([shown])
    open_pack = pack.model_copy(update={"assessments": pack.assessments.model_copy(update={"lists": lists})})
    monkeypatch.setattr(policy, "current", lambda: open_pack)
    page = cast.resident.client.get(f"/assessments/results/{ground.centre.pk}/").content.decode()
    assert "85%" in page
    assert "唐街" not in page
