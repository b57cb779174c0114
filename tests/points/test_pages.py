"""Pages and API: what each of the cast sees, and that the outsider sees none of it."""

import datetime as dt

import pytest

from gongjian.appraisal.points import actions, queries
from gongjian.appraisal.points.models import Entry, NamedListBasis, Score
from gongjian.ground import policy
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from tests.points.conftest import deliver, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(cast, city, clock, monkeypatch):
    """A theme day in the first branch, one in the other district, both signed off."""
    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)
    for branch, persons in (("branch", city.people["branch"][:5]), ("other_branch", city.people["other_branch"])):
        org = getattr(city, branch)
        for person in persons:
            tell("activity.attended", person=person.pk, org=org.pk, quantity=90, obj=Ref("activity", branch),
                 data={"activity_kind": "theme_day", "method": "code", "role": "attendee"})  # fmt: skip
        tell("activity.signed_off", org=org.pk, data={"activity_kind": "theme_day", "counts_for": "2026-11"})
    member = city.people["branch"][3]
    tell("activity.attended", person=member.pk, org=city.branch.pk, quantity=100, data={"activity_kind": "study"})
    deliver()
    return city


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_my_page_says_what_each_point_is_for(told, cast):
    body = text(cast.member.client.get("/points/mine/"))
    for words in (
        "参加主题党日",
        "参加一次主题党日得1分，每月最多1分。",
        "产品默认值",
        "政策包",
        "第 1 名，共 5",
        "参加支部党员大会",
    ):
        assert words in body, words
    assert "第 1 名，共 8" in body  # the city, the other district included


def test_my_rank_with_ties(told, cast):
    body = text(cast.colleague.client.get("/points/mine/"))
    assert "第 2 名（并列），共 5" in body


def test_what_could_still_be_done(told, cast, pack):
    """Not what is used up in its period, nor a committee's meetings for who sits on none."""
    open_to_member = {view.rule.id for view in queries.still_open(cast.member.person.pk, dt.date(2026, 11, 16))}
    assert {"attend_branch_assembly", "attend_party_lesson", "attend_volunteer_service"} <= open_to_member
    assert "task_done" in open_to_member  # what the branch entrusts somebody with counts as well
    assert not {"attend_theme_day", "attend_study", "attend_committee_meeting", "became_formal"} & open_to_member
    assert not any(rule.startswith("upheld_") for rule in open_to_member)
    open_to_secretary = {view.rule.id for view in queries.still_open(cast.secretary.person.pk, dt.date(2026, 11, 16))}
    assert "attend_committee_meeting" in open_to_secretary


def test_nobody_sees_anothers_points_without_the_right(told, cast):
    ident = cast.member.person.pk
    for player in (cast.admin, cast.auditor):  # their pages ask a second factor first
        with pytest.raises((Forbidden, NotFound)):
            queries.person_for(player.actor, ident)
    for player in (cast.colleague, cast.resident, cast.outsider, cast.neighbour):
        assert player.client.get(f"/points/persons/{ident}/").status_code in (403, 404), player
        answer = player.client.get(f"/api/v1/people/{ident}/points")
        assert answer.status_code in (403, 404), player
    assert "参加集中学习" in text(cast.secretary.client.get(f"/points/persons/{ident}/"))
    assert "第 " not in text(cast.secretary.client.get(f"/points/persons/{ident}/"))  # the rank is the member's own


def test_the_outsider_sees_none_of_the_first_district(told, cast):
    listed = text(cast.outsider.client.get("/points/?kind=branch"))
    assert told.other_branch.name in listed
    assert told.branch.name not in listed
    exported = b"".join(cast.outsider.client.get("/points/?export=csv").streaming_content).decode("utf-8-sig")
    assert told.other_branch.name in exported
    assert told.branch.name not in exported
    for path in (f"/points/organisations/{told.branch.pk}/", f"/points/organisations/{told.branch.pk}/named/"):
        assert cast.outsider.client.get(path).status_code == 404
    assert cast.outsider.client.get(f"/api/v1/organisations/{told.branch.pk}/points").status_code == 404
    found = cast.outsider.client.get("/api/v1/points/organisations?limit=500").json()["items"]
    assert {item["name"] for item in found} == {
        o.name for o in (told.other_district, told.other_street, told.other_community, told.other_branch)
    }
    fact = Entry.objects.filter(subject=cast.member.person.pk).first().fact
    assert cast.outsider.client.get(f"/points/facts/{fact}/reverse/").status_code in (403, 404)


def test_organisations_are_listed_and_opened(told, cast):
    body = text(cast.street.client.get("/points/?kind=branch"))
    assert body.index(told.branch.name) < body.index(told.sister.name)
    body = text(cast.street.client.get(f"/points/organisations/{told.branch.pk}/"))
    for words in ("开展主题党日", "组织开展一次主题党日并签字确认，得1分", "在同类组织中的名次"):
        assert words in body
    assert cast.street.client.get("/points/?period=nonsense").status_code == 422


def test_everyone_reads_the_rules(cast, client, pack):
    body = text(client.get("/points/rules/"))
    for rule in pack.points.rules:
        assert rule.title in body
        assert rule.text in body
    assert pack.points.ranks.guard in body


def test_the_panel_of_my_home_page(told, cast):
    body = text(cast.member.client.get("/points/mine/panel/"))
    assert "本月积分" in body
    assert "第 1 名，共 5 人" in body


def test_the_api_says_the_same(told, cast):
    found = cast.member.client.get("/api/v1/points/mine").json()
    assert (found["month"], found["quarter"], found["year"]) == (3, 3, 3)
    assert {d["id"]: d["points"] for d in found["dimensions"] if d["points"]} == {
        "organisational_life": 1,
        "learning": 2,
    }
    ranks = cast.member.client.get("/api/v1/points/mine/ranks?period=2026").json()
    assert [(r["org_name"], r["rank"], r["of"]) for r in (ranks[0], ranks[-1])] == [
        (told.root.name, 1, 8), (told.branch.name, 1, 5),
    ]  # fmt: skip
    first = cast.member.client.get(f"/api/v1/people/{cast.member.person.pk}/points?limit=1").json()
    second = cast.member.client.get(
        f"/api/v1/people/{cast.member.person.pk}/points?limit=1&cursor={first['next']}"
    ).json()
    assert {first["items"][0]["rule"], second["items"][0]["rule"]} == {"attend_theme_day", "attend_study"}
    assert second["next"] is None
    assert cast.member.client.get("/api/v1/points/mine/ranks?period=x").status_code == 422


# ---- by hand ---------------------------------------------------------------------------------------------------------


def test_points_by_hand_follow_a_rule_and_can_be_taken_back(told, cast):
    person = cast.member.person
    page = f"/points/persons/{person.pk}/give/"
    form = {"rule": "task_done", "on": "2026-11-12", "reason": "完成社区交办的入户任务", "evidence": "任务记录 3 号"}
    assert "完成支部交办的任务" in text(cast.secretary.client.get(page))
    assert cast.secretary.client.post(page, form).status_code == 302
    deliver()
    entry = Entry.objects.get(rule="task_done")
    assert (entry.subject, entry.given, entry.day) == (person.pk, 2, dt.date(2026, 11, 12))
    assert "完成社区交办的入户任务" in text(cast.member.client.get("/points/mine/"))
    undo = f"/points/facts/{entry.fact}/reverse/"
    assert "完成支部交办的任务" in text(cast.secretary.client.get(undo))
    assert cast.secretary.client.post(undo, {"reason": "登记错了人"}).status_code == 302
    deliver()
    assert Score.objects.get(subject_kind="person", subject=person.pk, period="2026").points == 3
    assert "登记错了人" in text(cast.member.client.get("/points/mine/"))
    with pytest.raises(Refused):
        actions.reverse(fact=entry.fact, by=cast.secretary.actor, reason="再来一次")


@pytest.mark.parametrize(
    ("change", "word"),
    [({"rule": "attend_study"}, "手工计分规则"), ({"on": dt.date(2027, 1, 1)}, "晚于今天"), ({"reason": "好"}, "事由"),
     ({"evidence": ""}, "依据材料")],
)  # fmt: skip
def test_points_by_hand_are_refused(told, cast, change, word):
    what = {"rule": "task_done", "on": dt.date(2026, 11, 12), "reason": "完成任务一项", "evidence": "记录", **change}
    with pytest.raises(Refused, match=word):
        actions.give(person=cast.member.person.pk, by=cast.secretary.actor, **what)


def test_who_may_not_give_points(told, cast):
    what = {"rule": "task_done", "on": dt.date(2026, 11, 12), "reason": "完成任务一项", "evidence": "记录"}
    for player in (cast.outsider, cast.neighbour, cast.member, cast.admin):
        with pytest.raises(Forbidden):
            actions.give(person=cast.colleague.person.pk, by=player.actor, **what)
    with pytest.raises(Forbidden, match="自己"):
        actions.give(person=cast.secretary.person.pk, by=cast.secretary.actor, **what)
    fact = Entry.objects.filter(subject=cast.secretary.person.pk).first().fact
    with pytest.raises(Forbidden, match="自己"):
        actions.reverse(fact=fact, by=cast.secretary.actor, reason="试一试看")
    with pytest.raises(NotFound):
        actions.reverse(fact=fact, by=cast.neighbour.actor, reason="试一试看")


# ---- lists of named persons --------------------------------------------------------------------------------------------


def test_there_is_no_list_of_named_persons_and_the_page_says_why(told, cast, pack):
    assert not pack.points.ranks.named_lists
    body = text(cast.street.client.get(f"/points/organisations/{told.branch.pk}/named/"))
    assert "国办函〔2026〕12号" in body
    assert cast.member.person.name not in body
    with pytest.raises(NotFound):
        queries.named_list(told.branch, "2026", dt.date(2026, 11, 16))


@pytest.fixture
def allowed(pack, monkeypatch):
    """A pack that allows such lists, once there is a basis."""
    ranks = pack.points.ranks.model_copy(update={"named_lists": True})
    open_pack = pack.model_copy(update={"points": pack.points.model_copy(update={"ranks": ranks})})
    monkeypatch.setattr(policy, "on", lambda day: open_pack, raising=False)
    monkeypatch.setattr(policy, "current", lambda: open_pack, raising=False)


WHAT = {
    "basis": "某市表彰办法（某发〔2026〕1号）第五条",
    "starts_on": dt.date(2026, 11, 16),
    "expires_on": dt.date(2026, 12, 1),
}


def test_the_pack_must_allow_it_first(told, cast):
    with pytest.raises(Refused, match="国办函"):
        actions.request_list(org=told.street.pk, by=cast.street.actor, **WHAT)
    assert not NamedListBasis.objects.exists()


def test_a_list_needs_a_basis_of_two_persons_and_expires(told, cast, allowed, clock, city):
    page = f"/points/organisations/{told.branch.pk}/named/"
    row = actions.request_list(org=told.street.pk, by=cast.street.actor, **WHAT)
    assert cast.member.person.name not in text(cast.street.client.get(page))
    with pytest.raises(Refused, match="另一人"):
        actions.approve_list(basis=row.pk, by=cast.street.actor)
    with pytest.raises(NotFound):
        actions.approve_list(basis=row.pk, by=cast.outsider.actor)
    approve = f"/points/named/{row.pk}/approve/"
    assert cast.district.client.post(approve).status_code == 302
    body = text(cast.street.client.get(page))
    assert cast.member.person.name in body
    assert "某市表彰办法" in body
    assert "公布期：2026-11-16 至 2026-12-01" in body
    clock.set("2026-12-01 00:00")
    cast.street.client.force_login(cast.street.user)
    assert cast.member.person.name not in text(cast.street.client.get(page))


def test_a_list_can_be_ended_before_its_time(told, cast, allowed):
    row = actions.request_list(org=told.street.pk, by=cast.street.actor, **WHAT)
    actions.approve_list(basis=row.pk, by=cast.district.actor)
    assert queries.basis_in_force(told.branch, dt.date(2026, 11, 20)) == row
    actions.end_list(basis=row.pk, by=cast.street.actor, reason="依据已废止")
    assert queries.basis_in_force(told.branch, dt.date(2026, 11, 20)) is None


def test_asking_a_page_costs_few_statements(told, cast, queries):
    client = cast.member.client
    client.get("/points/mine/")
    with queries(30):
        client.get("/points/mine/")
    street = cast.street.client
    street.get("/points/")
    with queries(25):
        street.get("/points/")
