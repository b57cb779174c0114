"""The API: the same rights as the pages, one shape of errors, the same request once."""

import json

import pytest

from gongjian.desks.activities.models import Activity
from gongjian.records.facts.models import Fact
from tests.activities.conftest import code_of

pytestmark = pytest.mark.django_db


def post(player, address, body, **headers):
    return player.client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_reading(make, city, cast):
    activity = make("signed_off")
    make("planned", kind="party_lesson")
    answer = cast.secretary.client.get("/api/v1/activities?limit=1").json()
    assert [item["kind"] for item in answer["items"]] == ["party_lesson"]
    rest = cast.secretary.client.get(f"/api/v1/activities?limit=1&cursor={answer['next']}").json()
    assert (rest["items"][0]["id"], rest["items"][0]["present"], rest["next"]) == (activity.pk, 2, None)
    one = cast.member.client.get(f"/api/v1/activities/{activity.pk}").json()
    assert (one["state"], one["expected"], one["present"]) == ("signed_off", 9, 2)
    assert "secret" not in json.dumps(one)
    people = cast.secretary.client.get(f"/api/v1/activities/{activity.pk}/attendance?limit=500").json()["items"]
    assert sorted(person["status"] for person in people) == ["absent"] * 7 + ["present"] * 2
    assert cast.member.client.get(f"/api/v1/activities/{activity.pk}/attendance").status_code == 403


def test_planning_once_by_its_key(clock, city, cast):
    body = {"org": city.branch.pk, "kind": "theme_day", "starts_at": "2026-11-20T15:00:00"}
    first = post(cast.secretary, "/api/v1/activities", body, **{"Idempotency-Key": "k1"})
    again = post(cast.secretary, "/api/v1/activities", body, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Activity.objects.count() == 1
    assert first.json()["starts_at"].startswith(("2026-11-20T15:00:00+08", "2026-11-20T07:00:00"))
    refused = post(cast.secretary, "/api/v1/activities", body | {"kind": "joint_meeting"})
    assert (refused.status_code, refused.json()["field"]) == (422, "kind")
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert post(cast.outsider, "/api/v1/activities", body).status_code in (403, 404)


def test_checking_in_and_signing_off(make, cast):
    activity = make("open")
    here = f"/api/v1/activities/{activity.pk}/check-in"
    wrong = post(cast.member, here, {"code": "1"})
    assert (wrong.status_code, wrong.json()["field"]) == (422, "code")
    first = post(cast.member, here, {"code": code_of(activity)}, **{"Idempotency-Key": "c1"})
    again = post(cast.member, here, {"code": "anything"})
    assert (first.json()["first"], again.json()["first"]) == (True, False)
    assert first.json()["at"] == again.json()["at"]
    assert Fact.objects.filter(kind="activity.attended").count() == 1
    refused = post(cast.secretary, f"/api/v1/activities/{activity.pk}/sign-off", {})
    assert refused.status_code == 409
    recorded = make("recorded", kind="party_lesson")
    assert post(cast.secretary, f"/api/v1/activities/{recorded.pk}/sign-off", {}).json()["state"] == "signed_off"


def test_the_outsider_gets_nothing(make, cast):
    activity = make("open")
    for outsider in (cast.outsider, cast.neighbour):
        assert outsider.client.get("/api/v1/activities").json()["items"] == []
        for part in ("", "/attendance"):
            assert outsider.client.get(f"/api/v1/activities/{activity.pk}{part}").status_code == 404
        assert (
            post(outsider, f"/api/v1/activities/{activity.pk}/check-in", {"code": code_of(activity)}).status_code == 404
        )
        assert post(outsider, f"/api/v1/activities/{activity.pk}/sign-off", {}).status_code in (403, 404)
