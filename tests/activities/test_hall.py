"""The hall's edges: how old a code may be, the list by name, who may be left out and why, and the same over the API."""

import datetime as dt
import re

import pytest
from pydantic import ValidationError

from gongjian.desks.activities import actions, expecting, rules
from gongjian.desks.activities.models import Attendance, Device
from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy.settings_schema import CODE_LIVES, CheckIn
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from gongjian.records.people.models import Membership
from tests.activities.conftest import at, code_of

pytestmark = pytest.mark.django_db


def test_no_code_is_taken_a_minute_after_it_was_first_shown(make, cast, clock):
    """By the pack's own numbers, at every second: photographed and passed on, it is dead."""
    settings = policy.current().settings.check_in
    secret, shown = "ab" * 32, 1_800_000_000
    code = rules.token_of(secret, rules.step_of(shown, settings.rotation_seconds))
    ages = [
        age for age in range(200) if rules.code_fits(secret, code, shown + age, settings.rotation_seconds, settings.grace_seconds)
    ]  # fmt: skip
    assert max(ages) < 60
    activity = make("open")
    begun = clock.set("2026-11-16 09:30:00")
    photographed = code_of(activity, begun)
    clock.set(begun + dt.timedelta(seconds=60))
    page = cast.member.client.get(f"/activities/{activity.pk}/check-in/?c={photographed}").content.decode()
    assert "这个码已经过期" in page
    answer = cast.member.client.post(f"/activities/{activity.pk}/check-in/", {"code": photographed})
    assert answer.status_code == 409
    assert not Attendance.objects.filter(activity=activity, status="present").exists()


@pytest.mark.parametrize(
    ("rotation", "grace", "fine"), [(30, 30, True), (45, 15, True), (30, 31, False), (60, 0, True), (61, 0, False)]
)
def test_a_pack_cannot_let_codes_live_longer(rotation, grace, fine):
    values = policy.current().settings.check_in.model_dump() | {"rotation_seconds": rotation, "grace_seconds": grace}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}
    assert CODE_LIVES == 60
    if fine:
        assert CheckIn.model_validate(texts).rotation_seconds == rotation
    else:
        with pytest.raises(ValidationError):
            CheckIn.model_validate(texts)


@pytest.mark.parametrize(
    ("taps", "found"),
    [
        ([(1, 7, "in", 5), (2, 7, "in", 3)], {7: 3}),
        ([(1, 7, "in", 5), (1, 7, "in", 9)], {7: 5}),
        ([(1, 7, "in", 3), (1, 7, "out", 4), (1, 7, "in", 9)], {7: 9}),
        ([(1, 7, "in", 3), (1, 7, "out", 4), (2, 7, "in", 9)], {7: 9}),
        ([(1, 7, "in", 3), (2, 7, "out", 4)], {7: 3}),
        ([(1, 7, "in", 3), (1, 7, "out", 4)], {7: None}),
        ([], {}),
    ],
)
def test_what_devices_say_together(taps, found):
    moment = at("2026-11-16 09:00")
    said = rules.standing((device, person, deed, moment + dt.timedelta(minutes=n)) for device, person, deed, n in taps)
    assert said == {who: n if n is None else moment + dt.timedelta(minutes=n) for who, n in found.items()}


def test_why_each_is_expected_and_who_may_be_left_out(make, city, cast, clock):
    """DOMAIN 1.4: registered, the higher organisation agreed, the meeting approved."""
    first = city.people["branch"]
    new = people.register(by=SYSTEM, org=city.branch, name="尹新")
    people.admit(person=new, org=city.branch, by=SYSTEM, kind="probationary", joined_on=dt.date(2026, 5, 1))
    Membership.objects.filter(person=first[6]).update(state="suspended")
    Membership.objects.filter(person=first[7]).update(mobile=True)
    noted = {"by": SYSTEM, "starts_on": dt.date(2026, 5, 1), "evidence": "诊断证明"}
    people.note_circumstance(person=first[8], kind="unable_to_care", **noted)
    people.note_circumstance(
        person=first[5], kind="unable_to_care", consented_by="街道党工委", consented_on=dt.date(2026, 6, 1), **noted
    )
    activity = make("open")
    why = expecting.reasons_for(activity)
    assert "预备党员" in why[new.pk]
    assert "没有表决权" in why[new.pk]
    assert "权利暂停" in why[first[6].pk]
    assert "流动党员" in why[first[7].pk]
    assert "上级还没有同意" in why[first[8].pk]
    assert "可以不计入应到" in why[first[5].pk]
    assert why[first[3].pk] == "正式党员；有表决权"
    assert expecting.may_be_left_out(activity) == {first[5].pk}
    by = cast.secretary.actor
    with pytest.raises(Refused):
        actions.leave_out_by_rule(activity=activity, people=[first[8].pk], approval="大会举手通过", by=by)
    with pytest.raises(Invalid):
        actions.leave_out_by_rule(activity=activity, people=[first[5].pk], approval=" ", by=by)
    page = cast.secretary.client.get(f"/activities/{activity.pk}/hall-list/").content.decode()
    assert "可以不计入应到的人" in page
    here = f"/activities/{activity.pk}/hall-list/leave-out/"
    cast.secretary.client.post(here, {"person": [first[5].pk], "approval": "支部党员大会举手通过"})
    assert not Attendance.objects.filter(activity=activity, person=first[5]).exists()
    fact = Fact.objects.get(kind="activity.left_out", person=first[5].pk)
    assert "举手通过" in fact.data["reason"]
    assert "自理" not in str(fact.data)  # which illness stands in the register only


def test_the_list_by_name(make, city, cast, queries):
    activity = make("open")
    client, here = cast.secretary.client, f"/activities/{activity.pk}/hall-list/"
    client.get(here)
    with queries(25):
        assert client.get(here).content.decode().count('class="hall-row') == 9 + 1  # nine people and the list itself
    for text in ("张伟", "zhangw", "zw"):
        found = re.findall(r'id="p(\d+)"', client.get(here + f"?q={text}").content.decode())
        assert found == [str(cast.member.person.pk)]
    row = client.post(f"{here}{cast.member.person.pk}/", headers={"hx-request": "true"}).content.decode()
    assert "撤销" in row
    assert "实到 1" in row
    client.post(f"{here}{cast.member.person.pk}/", {"undo": "1"})
    assert Attendance.objects.get(activity=activity, person=cast.member.person).status == "expected"
    group = [person.pk for person in city.people["branch"][:4]]
    client.post(here + "group/", {"person": group, "query": "status=present"})
    assert Attendance.objects.filter(activity=activity, status="present").count() == 4
    for who in ("member", "outsider", "resident"):
        assert getattr(cast, who).client.get(here).status_code in (403, 404)


def test_over_the_api(make, city, cast, client):
    activity = make("open")
    api, here = cast.secretary.client, f"/api/v1/activities/{activity.pk}"
    ours = city.people["branch"]

    def post(who, path, body):
        return who.post(path, body, content_type="application/json")

    assert post(api, here + "/present", {"people": [ours[2].pk]}).json() == {"number": 1}
    assert post(api, f"{here}/present/{ours[2].pk}/withdraw", {"reason": "认错了"}).status_code == 204
    assert post(cast.colleague.client, here + "/excuse", {"reason": "work"}).status_code == 204
    assert post(api, f"{here}/excuse/{cast.colleague.person.pk}", {"approve": True}).status_code == 204
    assert {one["name"] for one in api.get(here + "/expected").json()} == {person.name for person in ours}
    made = post(api, here + "/devices", {"title": "门口"})
    assert made.status_code == 201
    joined = post(client, "/api/v1/check-in-devices/join", {"secret": made.json()["secret"], "clock_ms": 1})
    assert {frozenset(one) for one in joined.json()["people"]} == {
        frozenset({"id", "name", "pinyin", "initials", "hint"})
    }
    rows = [
        {"number": 1, "person": ours[3].pk, "name": ours[3].name, "deed": "in", "at_ms": 1},
        {"number": 2, "name": "某某", "deed": "in", "at_ms": 2},
    ]
    batch = {"token": joined.json()["token"], "clock_ms": 3, "rows": rows}
    answer = post(client, "/api/v1/check-in-devices/batch", batch).json()
    assert answer["rows"] == {"1": "applied", "2": "stranger"}
    assert answer["present"] == [ours[3].pk]
    waiting = api.get(here + "/device-rows").json()
    assert post(api, f"{here}/device-rows/{waiting[0]['id']}", {"reason": "走错门"}).status_code == 204
    for broken in ('{"token": "x", "clock_ms": 1, "rows": [{"numb', "[]", '{"token": "x"}'):
        refused = client.post("/api/v1/check-in-devices/batch", broken, content_type="application/json")
        assert 400 <= refused.status_code < 500
    assert post(client, "/api/v1/check-in-devices/batch", batch | {"token": "x"}).status_code == 403
    device = Device.objects.get()
    assert post(cast.outsider.client, f"{here}/devices/{device.pk}/close", {}).status_code in (403, 404)
    assert post(api, f"{here}/devices/{device.pk}/close", {}).status_code == 204
    assert post(client, "/api/v1/check-in-devices/batch", batch).status_code == 403


def test_the_shell_and_its_worker_hold_nobodys_data(make, cast, client):
    make("open")
    page = client.get("/activities/hall/")
    assert page.status_code == 200
    assert "张伟" not in page.content.decode()
    assert "csrfmiddlewaretoken" not in page.content.decode()
    worker = client.get("/activities/hall/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    for name in re.findall(r'"(/static/[^"]+)"', worker.content.decode()):
        assert client.get(name).status_code == 200, name
