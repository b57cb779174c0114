"""Joint activities: invited, confirmed, held once, and counted once for each organisation's own duty."""

import datetime as dt

import pytest

from gongjian.appraisal.points.models import Score
from gongjian.appraisal.standards.models import Standing
from gongjian.desks.activities import actions, queries
from gongjian.desks.activities.models import Attendance, Participation
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts import names
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def joint(make, city, cast):
    """`joint("confirmed", state="notified")`: a theme day of the branch with its sister, brought so far."""

    def build(answer: str = "confirmed", state: str = "planned", **fields):
        activity = make(state, **fields)
        actions.invite(activity=activity, orgs=[city.sister], by=cast.secretary.actor)
        joining = Participation.objects.get()
        if answer == "confirmed":
            actions.join_in(joining=joining, by=cast.neighbour.actor)
        activity.refresh_from_db()
        return activity, Participation.objects.select_related("org", "activity__org").get()

    return build


def hold(activity, city, cast, clock, *, guests: int):
    by = cast.secretary.actor
    clock.set(activity.starts_at + dt.timedelta(minutes=5))
    actions.open_check_in(activity=activity, by=by)
    people = [cast.secretary.person.pk, *(p.pk for p in city.people["sister"][:guests])]
    actions.check_in_many(activity=activity, by=by, people=people)
    clock.set(activity.ends_at)
    actions.hold(activity=activity, by=by)
    actions.record_minutes(activity=activity, by=by, text="一起学习。")
    actions.sign_off(activity=activity, by=by)


def standing(org):
    return Standing.objects.filter(org=org, duty="theme_day_monthly", period="2026-11").values_list("state", flat=True)[
        0
    ]


def told(joining) -> list[str]:
    return list(Fact.objects.filter(object_kind="participation", object_id=str(joining.pk)).order_by("pk").values_list(
        "kind", flat=True
    ))  # fmt: skip


def test_it_counts_once_for_each_and_points_once_for_each_person(joint, city, cast, clock, deliver):
    activity, joining = joint()
    listed = set(Attendance.objects.filter(activity=activity).values_list("person", flat=True))
    assert listed == {p.pk for branch in ("branch", "sister") for p in city.people[branch]}
    hold(activity, city, cast, clock, guests=2)
    deliver()
    joining.refresh_from_db()
    assert (joining.state, joining.expected_count, joining.present_count) == ("counted", 3, 2)
    assert (standing(city.branch), standing(city.sister)) == ("kept", "kept")
    signed = Fact.objects.filter(kind="activity.signed_off")
    assert {fact.org: fact.data["present"] for fact in signed} == {city.branch.pk: 3, city.sister.pk: 2}
    for person in city.people["sister"][:2]:
        assert Fact.objects.filter(kind="activity.attended", person=person.pk).count() == 1
        assert Score.objects.get(subject_kind="person", subject=person.pk, period="2026-11").points == 1
    own, guest = (
        Score.objects.get(subject_kind="organisation", subject=org.pk, period="2026-11").points
        for org in (city.branch, city.sister)
    )
    assert own == guest > 0


def test_a_correction_afterwards_moves_its_standing_and_points(joint, city, cast, clock, deliver):
    activity, joining = joint()
    hold(activity, city, cast, clock, guests=1)
    deliver()
    guest, by = city.people["sister"][0].pk, cast.secretary.actor
    one = {"activity": activity, "person": guest, "by": by, "reason": "记错了人"}
    actions.correct_attendance(**one, present=False)
    deliver()
    joining.refresh_from_db()
    assert (joining.state, joining.present_count) == ("empty", 0)
    assert standing(city.sister) != "kept"
    assert Score.objects.get(subject_kind="organisation", subject=city.sister.pk, period="2026-11").points == 0
    assert standing(city.branch) == "kept"
    actions.correct_attendance(**one, present=True)
    deliver()
    joining.refresh_from_db()
    assert (joining.state, joining.present_count) == ("counted", 1)
    assert standing(city.sister) == "kept"
    assert Score.objects.get(subject_kind="organisation", subject=city.sister.pk, period="2026-11").points > 0


def test_nobody_came_and_nothing_counts(joint, city, cast, clock, deliver):
    activity, joining = joint()
    hold(activity, city, cast, clock, guests=0)
    deliver()
    joining.refresh_from_db()
    assert (joining.state, joining.expected_count, joining.present_count) == ("empty", 3, 0)
    assert told(joining) == ["activity.joint_invited", "activity.planned", "activity.cancelled"]
    assert standing(city.sister) != "kept"


def test_it_makes_good_a_period_of_the_joining_branch_only(joint, city, cast, clock, deliver):
    activity, joining = joint("invited")
    with pytest.raises(Invalid):
        actions.join_in(joining=joining, by=cast.neighbour.actor, counts_for="2026-12")
    actions.join_in(joining=joining, by=cast.neighbour.actor, counts_for="2026-10")
    hold(activity, city, cast, clock, guests=1)
    deliver()
    facts = {fact.org: fact.data["counts_for"] for fact in Fact.objects.filter(kind="activity.signed_off")}
    assert facts == {city.branch.pk: None, city.sister.pk: "2026-10"}


def test_who_may_answer(joint, city, cast):
    _activity, joining = joint("invited")
    for who in (cast.member, cast.secretary):
        with pytest.raises(Forbidden):
            actions.join_in(joining=joining, by=who.actor)
    with pytest.raises(NotFound):
        actions.get_joining(cast.outsider.actor, joining.pk)
    with pytest.raises(NotFound):
        actions.get_joining(cast.resident.actor, joining.pk)
    assert Notice.objects.filter(person=cast.neighbour.person, title__startswith="【联合邀请】").count() == 1
    assert actions.join_in(joining=joining, by=cast.neighbour.actor).state == "confirmed"
    assert actions.join_in(joining=joining, by=cast.neighbour.actor).state == "confirmed"  # twice is once
    assert told(joining) == ["activity.joint_invited", "activity.planned"]


def test_what_cannot_be_invited(make, city, cast, pack):
    activity = make()
    by = cast.secretary.actor
    for org in (city.branch, city.group, city.root):
        with pytest.raises(Invalid):
            actions.invite(activity=activity, orgs=[org], by=by)
    assert actions.invite(activity=activity, orgs=[city.sister, city.unit_branch], by=by) == 2
    assert actions.invite(activity=activity, orgs=[city.sister], by=by) == 0
    with pytest.raises(Forbidden):
        actions.invite(activity=activity, orgs=[city.sister], by=cast.member.actor)
    actions.cancel(activity=activity, reason="停电", by=by)
    with pytest.raises(Refused):
        actions.invite(activity=activity, orgs=[city.sister], by=by)
    assert set(Participation.objects.values_list("state", flat=True)) == {"cancelled"}


def test_stepping_back_takes_their_people_off_the_list(joint, city, cast, deliver):
    activity, joining = joint(state="notified")
    guest = city.people["sister"][1]
    assert Notice.objects.filter(person=guest, title__startswith="【通知】").count() == 1
    actions.step_back(joining=joining, reason="另有安排", by=cast.neighbour.actor)
    assert not Attendance.objects.filter(activity=activity, person=guest).exists()
    assert Notice.objects.filter(person=guest, title__startswith="【不再参加】").count() == 1
    with pytest.raises(Refused):
        actions.step_back(joining=joining, reason="另有安排", by=cast.neighbour.actor)
    actions.invite(activity=activity, orgs=[city.sister], by=cast.secretary.actor)
    joining.refresh_from_db()
    actions.decline(joining=joining, reason="人手不够", by=cast.neighbour.actor)
    assert told(joining)[-3:] == ["activity.cancelled", "activity.joint_invited", "activity.joint_declined"]


def test_the_host_moves_it_for_all(joint, city, cast, deliver):
    activity, joining = joint(state="notified")
    actions.reschedule(
        activity=activity, starts_at=activity.starts_at + dt.timedelta(days=20), reason="场地", by=cast.secretary.actor
    )
    assert told(joining)[-1] == "activity.rescheduled"
    guest = city.people["sister"][1]
    assert "原因：场地" in Notice.objects.filter(person=guest, title__startswith="【改期】").get().body


def test_names_and_visibility(joint, city, cast):
    activity, joining = joint("invited", title="共建主题党日")
    assert names.names_of("activity", [activity.pk]) == {activity.pk: "共建主题党日"}
    assert names.names_of("participation", [joining.pk]) == {joining.pk: "共建主题党日（榕荫第二网格党支部）"}
    assert names.url_of("participation", joining.pk) == f"/activities/{activity.pk}/joint/"
    assert queries.visible_to(cast.neighbour.actor).filter(pk=activity.pk).exists()
    assert not queries.visible_to(cast.outsider.actor).filter(pk=activity.pk).exists()
    assert str(Ref.of("participation", joining.pk))


def test_the_pages(joint, city, cast, queries):
    activity, joining = joint("invited", title="共建主题党日")
    here = f"/activities/{activity.pk}/joint/"
    cast.neighbour.client.get("/activities/mine/")  # the log-in has statements of its own
    with queries(22):
        page = cast.neighbour.client.get(here).content.decode()
    assert "确认参加" in page
    assert "确认联合开展" in cast.neighbour.client.get("/todos/").content.decode()  # among what waits
    assert "确认参加" not in cast.secretary.client.get(here).content.decode()
    assert cast.outsider.client.get(here).status_code == 404
    answer = f"/activities/joint/{joining.pk}/answer/"
    assert cast.outsider.client.post(answer, {"what": "confirm"}).status_code in (403, 404)
    cast.neighbour.client.post(answer, {"what": "confirm"})
    joining.refresh_from_db()
    assert joining.state == "confirmed"
    page = cast.secretary.client.get(here).content.decode()
    assert "实到 0 / 应到 3" in page
    cast.secretary.client.post(f"{here}invite/", {"code": "T009"})
    assert Participation.objects.filter(org=city.unit_branch, state="invited").exists()
    page = cast.secretary.client.post(f"{here}invite/", {"code": "NONE"}, follow=True).content.decode()
    assert "没有代码为“NONE”的组织" in page
