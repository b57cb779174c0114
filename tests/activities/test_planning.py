"""Conveners, conflicts, moves, replies and reminders, what goes over in a merger, and what waits for whom."""

import datetime as dt

import pytest

from gongjian.desks.activities import actions, jobs
from gongjian.desks.activities.clashes import Span, clashes
from gongjian.desks.activities.models import Activity, Attendance, Participation, Reply
from gongjian.desks.activities.todos import todos
from gongjian.ground import policy
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.access import actions as access
from gongjian.records.facts import names
from gongjian.records.facts.models import Fact
from gongjian.records.facts.queries import about_object
from gongjian.records.notices import actions as notices
from gongjian.records.notices.models import Notice
from gongjian.records.orgs import actions as orgs
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


def with_planning(monkeypatch, pack, **changes):
    """The pack with other numbers: what a city changes, the outcome follows."""
    other = pack.model_copy(update={"planning": pack.planning.model_copy(update=changes)})
    monkeypatch.setattr(policy, "current", lambda: other, raising=False)
    monkeypatch.setattr(policy, "on", lambda _day: other, raising=False)


# --- who convenes -----------------------------------------------------------------------------------------------
@pytest.fixture
def clerk(city, cast):
    """支部党务工作者: may plan, is no convener of theme days (支部工作条例: the secretary convenes)."""
    access.give(
        person=cast.member.person,
        role="branch_clerk",
        org=city.branch,
        by=cast.system,
        on=dt.date(2026, 11, 1),
        reason="测试",
    )
    return cast.member


@pytest.mark.parametrize(
    ("kind", "may"), [("theme_day", False), ("branch_assembly", False), ("study", True), ("oath_renewal", True)]
)
def test_a_clerk_plans_and_only_a_convener_calls(make, clerk, cast, kind, may):
    activity = make(kind=kind, by=clerk.actor, starts_at=at("2026-11-18 15:00"))
    if may:
        assert actions.notify(activity=activity, by=clerk.actor) == 9
        return
    with pytest.raises(Refused, match="支部书记"):
        actions.notify(activity=activity, by=clerk.actor)
    with pytest.raises(Refused, match="召集"):
        actions.open_check_in(activity=activity, by=clerk.actor, at=at("2026-11-18 15:00"))
    assert any("等您发通知" in todo.hint for todo in todos(cast.secretary.actor, TODAY))
    page = clerk.client.get(f"/activities/plan/?org={activity.org_id}&kind={kind}").content.decode()
    assert "请书记通知" in page
    assert "安排并通知" not in page
    assert actions.notify(activity=activity, by=cast.secretary.actor) == 9


# --- conflicts --------------------------------------------------------------------------------------------------
def codes(org, cast, kind="theme_day", when="2026-11-18 15:00", place="", **fields) -> list[str]:
    start = at(when)
    return [
        c.code
        for c in clashes(org, Span(kind, start, start + dt.timedelta(hours=1), place), cast.secretary.actor, **fields)
    ]


def test_what_speaks_against_a_plan(make, city, cast):
    assert codes(city.branch, cast) == []
    assert codes(city.branch, cast, when="2026-11-21 15:00") == ["rest_day"]
    own = make(kind="study", starts_at=at("2026-11-18 15:30"), place="会议室")
    assert codes(city.branch, cast) == ["own"]
    assert codes(city.branch, cast, place="会议室") == ["place_taken", "own"]
    assert codes(city.branch, cast, place="会议室", but=own.pk) == []
    actions.cancel(activity=own, reason="停电", by=cast.secretary.actor)
    assert codes(city.branch, cast, place="会议室") == []
    make(starts_at=at("2026-11-25 15:00"))
    assert codes(city.branch, cast) == ["twice"]


def test_make_up_days_are_working_days(city, cast):
    """国务院办公厅 2026 年放假通知: 14 February 2026, a Saturday, is worked; 16 February, a Monday, is not."""
    assert "rest_day" not in codes(city.branch, cast, when="2026-02-14 15:00")
    assert "rest_day" in codes(city.branch, cast, when="2026-02-16 15:00")


def test_others_count_without_telling_their_titles(make, city, cast):
    """A member who sits in two bodies, the same room, the community's own meeting."""
    make(org=city.community, by=cast.community.actor, kind="joint_meeting", starts_at=at("2026-11-18 15:00"), title="秘密联席会",
         chosen=[city.people["branch"][4].pk, city.people["branch"][5].pk], place="社区二楼")  # fmt: skip
    make(org=city.sister, by=cast.neighbour.actor, starts_at=at("2026-11-18 15:00"), title="隔壁的事", place="会议室")
    start = at("2026-11-18 15:00")
    found = clashes(
        city.branch, Span("theme_day", start, start + dt.timedelta(hours=1), "会议室"), cast.secretary.actor
    )
    assert [clash.code for clash in found] == ["above", "place", "people"]
    assert "应到的 9 人中有 2 人" in found[-1].text
    assert not any("秘密" in clash.text or "隔壁的事" in clash.text for clash in found)
    above = clashes(city.branch, Span("theme_day", start, start + dt.timedelta(hours=1)), cast.community.actor)
    assert any("秘密联席会" in clash.text for clash in above)


def test_only_the_same_place_twice_by_the_same_organisation_blocks(make, city, cast):
    make(starts_at=at("2026-11-18 15:00"), place="会议室")
    with pytest.raises(Refused) as refusal:
        make(kind="study", starts_at=at("2026-11-18 16:00"), place="会议室")
    assert refusal.value.field == "place"
    other = make(kind="study", starts_at=at("2026-11-18 16:30"), place="会议室")  # one ends as the other begins
    with pytest.raises(Refused):
        actions.reschedule(activity=other, starts_at=at("2026-11-18 15:10"), by=cast.secretary.actor)
    make(org=city.sister, by=cast.neighbour.actor, starts_at=at("2026-11-18 15:00"), place="会议室")


def test_the_form_takes_the_day_of_the_link(city, cast):
    address = f"/activities/plan/?org={city.branch.pk}&kind=theme_day"
    page = cast.secretary.client.get(address + "&on=2026-12-09").content.decode()
    assert 'value="2026-12-09"' in page
    assert "12月主题党日" in page
    assert cast.secretary.client.get(address + "&on=nonsense").status_code == 200


# --- moves ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("hours", "late"), [(24, False), (47, True)])
def test_a_late_move_is_marked(make, cast, clock, monkeypatch, pack, hours, late):
    """product default 24 hours; a pack that says 47 makes the same move late."""
    activity = make("notified", starts_at=at("2026-11-18 08:00"))  # in 47 hours less a moment
    with_planning(monkeypatch, pack, late_change_hours=hours)
    secret = activity.secret
    actions.reschedule(activity=activity, starts_at=at("2026-11-19 08:00"), by=cast.secretary.actor, reason="停电")
    activity.refresh_from_db()
    assert (activity.late_change_at is not None) is late
    assert activity.secret != secret  # codes of the old time hold no more
    assert about_object(Ref.of("activity", activity.pk)).filter(kind="activity.rescheduled").get().data["late"] is late
    notice = Notice.objects.get(person=cast.member.person, title__startswith="【改期】")
    assert "原因：停电" in notice.body
    assert ("临时改动" in notice.body) is late
    page = cast.member.client.get(f"/activities/{activity.pk}/").content.decode()
    assert ("临时改动" in page) is late


def test_the_reason_is_asked_for_once_the_notice_is_out(make, city, cast):
    activity = make()
    actions.reschedule(activity=activity, starts_at=at("2026-11-19 15:00"), by=cast.secretary.actor)
    actions.notify(activity=activity, by=cast.secretary.actor)
    with pytest.raises(Invalid) as refusal:
        actions.reschedule(activity=activity, starts_at=at("2026-11-20 15:00"), by=cast.secretary.actor)
    assert refusal.value.field == "reason"
    here = f"/activities/{activity.pk}/change/"
    values = {
        "title": "改",
        "day": "2026-11-20",
        "hour": "15:00",
        "minutes": "90",
        "place": "",
        "agenda": "",
        "learning_minutes": "0",
    }
    assert "请写明改期的原因" in cast.secretary.client.post(here, values).content.decode()
    assert cast.secretary.client.post(here, values | {"reason": "场地"}).status_code == 302


def test_who_left_the_list_is_told_too(make, city, cast):
    activity = make("notified", starts_at=at("2026-11-20 15:00"))
    actions.leave_out(activity=activity, person=cast.member.person.pk, reason="长期生病", by=cast.secretary.actor)
    actions.cancel(activity=activity, reason="停电", by=cast.secretary.actor)
    assert Notice.objects.filter(person=cast.member.person, title__startswith="【取消】").count() == 1


# --- replies ----------------------------------------------------------------------------------------------------
def test_a_reply_is_no_excuse(make, cast):
    activity = make("notified", starts_at=at("2026-11-20 15:00"))
    for _twice in range(2):
        actions.reply(activity=activity, answer="away", note="出差", by=cast.member.actor)
    assert Fact.objects.filter(kind="activity.replied").count() == 1
    row = Attendance.objects.get(activity=activity, person=cast.member.person)
    assert (row.status, row.excuse_state) == ("expected", "")
    actions.reply(activity=activity, answer="come", by=cast.member.actor)
    assert Reply.objects.get().answer == "come"
    assert Fact.objects.filter(kind="activity.replied").count() == 2


def test_what_is_no_reply(make, cast, monkeypatch, pack):
    activity = make("notified", starts_at=at("2026-11-20 15:00"))
    with pytest.raises(Invalid):
        actions.reply(activity=activity, answer="maybe", by=cast.member.actor)
    with pytest.raises(Refused, match="名单"):
        actions.reply(activity=activity, answer="come", by=cast.community.actor)
    with_planning(monkeypatch, pack, replies=("come", "away"))
    with pytest.raises(Invalid):  # a city that does not ask for this
        actions.reply(activity=activity, answer="online", by=cast.member.actor)
    actions.cancel(activity=activity, reason="停电", by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.reply(activity=activity, answer="come", by=cast.member.actor)


def test_the_organiser_sees_replies_and_reminds_the_unread(make, cast, queries, clock):
    activity = make("notified", starts_at=at("2026-11-20 15:00"))
    here = f"/activities/{activity.pk}/"
    cast.member.client.post(here + "reply/", {"answer": "come"})
    assert cast.colleague.client.post(here + "reply/", {"answer": "away"}).headers["Location"] == here + "excuse/"
    secretary = cast.secretary
    read = Notice.objects.filter(person=secretary.person).values_list("pk", flat=True)
    notices.mark_read(by=secretary.actor, ids=list(read))
    secretary.client.get(here)
    with queries(24):
        page = secretary.client.get(here + "replies/").content.decode()
    assert "提醒未读的 6 人" in page  # nine, less two who answered and one who has read
    secretary.client.post(here + "remind/")
    assert Notice.objects.filter(title__startswith="【提醒】").count() == 6
    assert "今天已经提醒过" in secretary.client.post(here + "remind/", follow=True).content.decode()
    clock.forward(days=1)
    assert actions.remind_unread(activity=activity, by=secretary.actor) == 6
    clock.forward(days=1)
    with pytest.raises(Refused, match="已经提醒 2 次"):
        actions.remind_unread(activity=activity, by=secretary.actor)
    assert cast.member.client.get(here + "replies/").status_code == 403
    assert cast.outsider.client.get(here + "replies/").status_code == 404
    assert cast.outsider.client.post(here + "reply/", {"answer": "come"}).status_code == 404


def test_who_presses_understood_is_not_reminded(make, cast, queries, clock):
    """A visit writes nothing; 知道了 marks what leads to the page as read, and so does an answer or an opened reminder."""
    activity = make("notified", starts_at=at("2026-11-20 15:00"))
    here = f"/activities/{activity.pk}/"
    client, person = cast.member.client, cast.member.person
    with queries(30):
        assert "知道了" in client.get(here).content.decode()
    assert person.pk in actions.not_yet_read(activity)
    assert "知道了" not in client.post(here + "seen/", follow=True).content.decode()
    assert person.pk not in actions.not_yet_read(activity)
    assert not Notice.objects.filter(person=person, read_at__isnull=True).exists()
    assert actions.have_seen(activity=activity, by=cast.member.actor) == 0
    cast.colleague.client.post(here + "reply/", {"answer": "come"})
    assert not Notice.objects.filter(person=cast.colleague.person, read_at__isnull=True).exists()
    assert actions.remind_unread(activity=activity, by=cast.secretary.actor) == 7  # nine less these two
    reminder = Notice.objects.get(person=cast.secretary.person, title__startswith="【提醒】")
    notices.mark_read(by=cast.secretary.actor, ids=[reminder.pk])
    activity.refresh_from_db()
    assert len(actions.not_yet_read(activity)) == 6
    api = f"/api/v1/activities/{activity.pk}/seen"
    assert cast.secretary.client.post(api).json() == {"number": 1}
    for address in (here + "seen/", api):
        assert cast.outsider.client.post(address).status_code == 404
        assert cast.secretary.client.get(address).status_code == 405
    assert len(actions.not_yet_read(activity)) == 6


def test_the_phone_shows_sixty_days_and_the_rest_behind_a_line(make, cast, queries):
    make("notified", starts_at=at("2026-11-20 15:00"), title="近的")
    make(starts_at=at("2027-01-15 15:00"), title="第六十天")
    far = make(starts_at=at("2027-01-16 15:00"), title="远的")
    cast.member.client.get("/activities/mine/")
    with queries(16):
        page = cast.member.client.get("/activities/mine/").content.decode()
    first, _line, later = page.partition("以后的 1 次")
    assert "近的" in first
    assert "第六十天" in first
    assert far.title not in first
    assert far.title in later


def test_the_morning_job_reminds_on_the_packs_days(make, cast, clock, monkeypatch, pack):
    make("notified", starts_at=at("2026-11-20 15:00"))
    assert jobs.remind() == 0  # four days ahead
    clock.set("2026-11-18 08:30")
    assert jobs.remind() == 9
    assert jobs.remind() == 0
    clock.set("2026-11-19 08:30")
    assert jobs.remind() == 9
    with_planning(monkeypatch, pack, reminders_at_most=1)
    make("notified", kind="study", starts_at=at("2026-11-21 15:00"))
    assert jobs.remind() == 9
    clock.set("2026-11-20 08:30")
    assert jobs.remind() == 0


def test_what_waits_for_whom(make, cast, queries):
    make("notified", starts_at=at("2026-11-20 15:00"))
    make(kind="study", starts_at=at("2026-11-18 15:00"))
    far = make(kind="party_lesson", starts_at=at("2026-11-30 15:00"), title="还早")
    secretary = cast.secretary.actor
    with queries(6):
        mine = todos(secretary, TODAY)
    assert [todo.title for todo in mine] == ["回复会不会来：11月主题党日", "11月集中学习"]
    assert mine[1].due_on == TODAY
    assert [todo.title for todo in todos(cast.member.actor, TODAY)] == ["回复会不会来：11月主题党日"]
    assert todos(cast.outsider.actor, TODAY) == []
    assert far.title not in str(mine)


# --- succession, names ------------------------------------------------------------------------------------------
def test_plans_go_over_when_branches_merge(make, city, cast, deliver):
    planned = make("notified", org=city.sister, by=cast.neighbour.actor, starts_at=at("2026-11-20 15:00"))
    held = make(org=city.sister, by=cast.neighbour.actor, kind="study")
    actions.open_check_in(activity=held, by=cast.neighbour.actor)
    actions.check_in_many(activity=held, people=[city.people["sister"][1].pk], by=cast.neighbour.actor)
    series = actions.set_series(
        org=city.sister, kind="party_lesson", pattern=actions.Pattern("day_of_month", 3, day=20), starts_on=dt.date(2027, 1, 1),
        until=dt.date(2027, 6, 30), hour=dt.time(15), by=cast.neighbour.actor,
    )  # fmt: skip
    hosted = make(org=city.unit_branch, by=cast.unit_secretary.actor, starts_at=at("2026-11-25 15:00"))
    actions.invite(activity=hosted, orgs=[city.sister], by=cast.unit_secretary.actor)
    actions.join_in(joining=Participation.objects.get(), by=cast.neighbour.actor)
    orgs.merge(org=city.sister, into=city.branch, by=cast.system, on=TODAY, reason="调整设置")
    planned.refresh_from_db(), held.refresh_from_db(), series.refresh_from_db()
    assert (planned.org_id, held.org_id, series.org_id) == (city.branch.pk, city.sister.pk, city.branch.pk)
    assert Attendance.objects.filter(activity=planned).count() == 12
    assert Participation.objects.get().org_id == city.branch.pk
    assert Fact.objects.filter(kind="activity.planned", object_id=str(planned.pk)).latest("pk").org == city.branch.pk
    deliver()


def test_plans_end_with_a_dissolved_organisation(make, city, cast):
    activity = make(org=city.group, kind="group_meeting", starts_at=at("2026-11-20 15:00"))
    orgs.dissolve(org=city.group, by=cast.system, on=TODAY, reason="党小组调整")
    activity.refresh_from_db()
    assert (activity.state, activity.cancel_reason) == ("cancelled", "党小组调整")


def test_facts_know_the_titles(make, cast):
    activity = make(title="学习二十届四中全会精神")
    assert names.names_of("activity", [activity.pk]) == {activity.pk: "学习二十届四中全会精神"}
    assert names.url_of("activity", activity.pk) == f"/activities/{activity.pk}/"
    assert activity.pk in set(
        names.visible_ids("activity", cast.secretary.actor, "activities.view").values_list("pk", flat=True)
    )
    assert not names.visible_ids("activity", cast.outsider.actor, "activities.view").exists()


def test_a_calendar_shows_what_a_branch_joins(make, city, cast):
    activity = make(title="联合主题党日")
    actions.invite(activity=activity, orgs=[city.sister], by=cast.secretary.actor)
    address = f"/activities/month/?org={city.sister.pk}"
    assert "联合主题党日" not in cast.neighbour.client.get(address).content.decode()
    actions.join_in(joining=Participation.objects.get(), by=cast.neighbour.actor)
    assert "联合主题党日" in cast.neighbour.client.get(address).content.decode()


def test_only_who_may_moves(make, cast):
    activity = make("notified")
    for who in (cast.member, cast.auditor):
        with pytest.raises(Forbidden):
            actions.remind_unread(activity=activity, by=who.actor)
    assert Activity.objects.get().reminders == 0
