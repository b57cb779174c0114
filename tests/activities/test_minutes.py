"""Minutes: drafts, two people at once, versions, phrases, what was decided last time; particulars and the chair."""

import datetime as dt

import pytest

from gongjian.desks.activities import actions, dossier, queries
from gongjian.desks.activities.actions.minuting import Overtaken
from gongjian.desks.activities.models import Attendance, Decision, FollowUp, Meeting, MinutesDraft, MinutesRevision
from gongjian.ground import policy
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from tests.activities.test_races import at_once

pytestmark = pytest.mark.django_db


def fields(activity, **more) -> dict:
    return {"seen": "0", "decision_0": "", "point_0": str(len(activity.agenda) - 1), **more}


def test_a_draft_survives_and_changes_nothing(make, cast):
    activity = make("held")
    here, client = f"/activities/{activity.pk}/minutes/", cast.secretary.client
    answer = client.post(here + "draft/", fields(activity, note_1="学了一半", decision_0="修灯"))
    assert "草稿已存" in answer.content.decode()
    assert queries.minutes_of(activity) is None
    assert not Fact.objects.filter(kind="activity.minutes_recorded").exists()
    page = client.get(here).content.decode()
    assert "学了一半" in page
    assert 'value="修灯"' in page
    assert "学了一半" not in cast.community.client.get(here).content.decode()  # a draft is one's own
    assert "草稿已放弃" in client.post(here, {"do": "drop"}, follow=True).content.decode()
    assert not MinutesDraft.objects.exists()


def test_the_page_without_javascript(make, cast, queries):
    activity = make("held")
    here, client = f"/activities/{activity.pk}/minutes/", cast.secretary.client
    client.post(here, fields(activity, note_0="到齐了。", do="add:0", decision_0="第一项"))
    client.post(here, fields(activity, note_0="到齐了。", do="say:0-0", decision_0="第一项"))
    with queries(30):
        page = client.get(here).content.decode()
    assert "到齐了。重温了入党誓词。" in page
    client.post(here, fields(activity, do="keep", text="存一下"))
    answer = client.post(here, fields(activity, note_0="完", decision_0="修灯", owner_0=str(cast.member.person.pk),
                                      due_0="2026-11-30", then="sign_off"))  # fmt: skip
    assert answer.headers["Location"].endswith("/sign-off/")
    one = Decision.objects.get()
    assert (one.text, one.owner, one.due_on, one.point) == ("修灯", cast.member.person, dt.date(2026, 11, 30), 4)
    assert not MinutesDraft.objects.exists()
    assert cast.member.client.get(here).status_code == 403
    assert cast.outsider.client.get(here).status_code in (403, 404)


def test_wrong_input_stays(make, cast):
    activity = make("held")
    answer = cast.secretary.client.post(
        f"/activities/{activity.pk}/minutes/", fields(activity, note_0="写了", decision_0="修灯", due_0="明天")
    )
    page = answer.content.decode()
    assert "还不能保存" in page
    assert "写了" in page
    assert queries.minutes_of(activity) is None


def test_two_people_at_once_lose_nothing(make, cast):
    activity = make("held")
    here = f"/activities/{activity.pk}/minutes/"
    first, second = cast.secretary.client, cast.community.client
    first.post(here + "draft/", fields(activity, note_0="书记写的"))
    assert "陈静 也在写这份记录" in second.get(here).content.decode()
    first.post(here, fields(activity, note_0="书记写的", note_1="学习", decision_0="修灯", then=""))
    told = second.post(here + "draft/", fields(activity, note_0="社区写的", decision_0="扫楼道")).content.decode()
    assert "刚刚有人保存了记录" in told
    answer = second.post(here, fields(activity, note_0="社区写的", decision_0="扫楼道", then=""), follow=True)
    page = answer.content.decode()
    assert "别人也保存过这份记录" in page
    assert "书记写的\n社区写的" in page
    assert 'value="修灯"' in page
    assert 'value="扫楼道"' in page
    assert 'name="seen" value="1"' in page
    assert [one.text for one in Decision.objects.all()] == ["修灯"]


def test_every_saved_version_is_kept(make, cast):
    activity = make("held")
    by = cast.secretary.actor
    for text in ("第一遍", "第二遍"):
        actions.record_minutes(activity=activity, by=by, text=text)
    assert [one.payload["text"] for one in MinutesRevision.objects.order_by("number")] == ["第一遍", "第二遍"]
    with pytest.raises(Overtaken):
        actions.record_minutes(activity=activity, by=by, text="旧的", seen=1)
    assert queries.minutes_of(activity).text == "第二遍"


@pytest.mark.django_db(transaction=True)
def test_two_save_in_the_same_moment(make, cast):
    activity = make("held")
    by, other = cast.secretary.actor, cast.community.actor
    answers = at_once([
        lambda: actions.record_minutes(activity=activity, by=by, text="甲", seen=0),
        lambda: actions.record_minutes(activity=activity, by=other, text="乙", seen=0),
    ])  # fmt: skip
    assert sum(isinstance(answer, Overtaken) for answer in answers) == 1
    assert MinutesRevision.objects.count() == 1


def test_decisions_keep_who_they_are(make, cast):
    activity = make("held")
    by = cast.secretary.actor
    actions.record_minutes(activity=activity, by=by, decisions=[{"text": "甲"}, {"text": "乙"}])
    first, second = Decision.objects.order_by("position")
    actions.record_minutes(
        activity=activity, by=by, decisions=[{"text": "丙", "point": 0}, {"text": "乙", "point": 99}, {"id": first.pk, "text": "甲改"}]
    )  # fmt: skip
    rows = list(Decision.objects.order_by("position").values_list("pk", "text", "point"))
    assert [row[1:] for row in rows] == [("丙", 0), ("乙", None), ("甲改", None)]
    assert (rows[1][0], rows[2][0]) == (second.pk, first.pk)


def test_the_next_meeting_begins_with_what_was_decided(make, cast, clock):
    done = make("open", kind="committee_meeting")
    by = cast.secretary.actor
    decided = [{"text": "修楼道灯", "owner": cast.member.person.pk, "due_on": dt.date(2026, 11, 20)}]
    actions.record_minutes(activity=done, by=by, text="开了", decisions=decided)
    people = Attendance.objects.filter(activity=done).values_list("person", flat=True)
    actions.check_in_many(activity=done, by=by, people=people)
    actions.hold(activity=done, by=by)
    actions.sign_off(activity=done, by=by)
    clock.set("2026-11-25 09:00")
    cast.secretary.__dict__.pop("client", None)
    following = actions.plan(org=done.org, kind="committee_meeting", by=by, starts_at=clock.now)
    actions.open_check_in(activity=following, by=by)
    page = cast.secretary.client.get(f"/activities/{following.pk}/minutes/").content.decode()
    assert "以前的议定事项" in page
    assert "1. 修楼道灯（张伟）：已逾期（时限11月20日）" in page  # prefilled under 通报上次会议决定落实情况
    actions.report_done(follow_up=FollowUp.objects.get(), note="换了灯泡", by=cast.member.actor)
    page = cast.secretary.client.get(f"/activities/{following.pk}/minutes/").content.decode()
    assert "待确认（11月25日办结）" in page


def test_drafts_have_bounds(make, cast):
    activity = make("held")
    with pytest.raises(Invalid, match="草稿太长"):
        actions.save_draft(activity=activity, content={"text": "长" * 60_001}, by=cast.secretary.actor)
    with pytest.raises(Forbidden):
        actions.save_draft(activity=activity, content={}, by=cast.member.actor)
    with pytest.raises(NotFound):
        actions.save_draft(activity=activity, content={}, by=cast.outsider.actor)
    filed = make("signed_off", kind="party_lesson")
    with pytest.raises(Refused):
        actions.save_draft(activity=filed, content={}, by=cast.secretary.actor)


# --- the chair, the lesson, the oath ------------------------------------------------------------------------------
def test_the_chair_is_delegated_to_the_committee(make, city, cast):
    """DOMAIN 1.3, Records: the secretary convenes and chairs; may delegate to the deputy or a committee member."""
    activity = make("notified")
    by, deputy = cast.secretary.actor, city.people["branch"][1]
    with pytest.raises(Invalid, match="只能委托"):
        actions.delegate_chair(activity=activity, person=cast.member.person.pk, reason="出差", by=by)
    with pytest.raises(Forbidden):
        actions.delegate_chair(activity=activity, person=deputy.pk, reason="出差", by=cast.member.actor)
    for _n in range(2):
        actions.delegate_chair(activity=activity, person=deputy.pk, reason="出差", by=by)
    assert Attendance.objects.get(activity=activity, role="chair").person == deputy
    meeting = Meeting.objects.get()
    assert (meeting.delegate, meeting.delegated_by) == (deputy, cast.secretary.person.pk)
    assert Fact.objects.filter(kind="activity.chair_delegated", person=deputy.pk).count() == 1


def test_who_may_chair_is_the_packs(make, city, cast, pack, monkeypatch):
    activity = make("notified")
    chairing = pack.meetings.chairing.model_copy(update={"delegate_posts": ("deputy_secretary",)})
    other = pack.model_copy(update={"meetings": pack.meetings.model_copy(update={"chairing": chairing})})
    monkeypatch.setattr(policy, "on", lambda day: other)
    with pytest.raises(Invalid):
        actions.delegate_chair(
            activity=activity, person=city.people["branch"][1].pk, reason="出差", by=cast.secretary.actor
        )


def test_a_group_meeting_is_chaired_by_its_leader(clock, city, cast):
    """DOMAIN 1.3, Records: the group leader chairs group meetings."""
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records.people import actions as people

    leader = city.people["branch"][5]
    people.appoint(person=leader, org=city.group, post="group_leader", by=SYSTEM, on=dt.date(2026, 1, 1))
    activity = actions.plan(org=city.group, kind="group_meeting", by=cast.secretary.actor, starts_at=clock.now)
    assert Attendance.objects.get(activity=activity, role="chair").person == leader


def test_a_lesson_counts_for_listeners_and_teacher(make, cast, clock):
    """DOMAIN 1.3, 党课: a teacher, a topic; the lesson's minutes are learning for whoever gives and hears it."""
    activity = make("notified", kind="party_lesson")
    by = cast.secretary.actor
    actions.set_particulars(activity=activity, by=by, topic="学习新党章", lecturer=cast.member.person.pk)
    with pytest.raises(Invalid, match="不用填"):
        actions.set_particulars(activity=activity, by=by, oath_leader=cast.member.person.pk)
    clock.set(activity.starts_at)
    actions.open_check_in(activity=activity, by=by)
    actions.check_in_many(activity=activity, by=by, people=[cast.member.person.pk, cast.colleague.person.pk])
    rows = Fact.objects.filter(kind="activity.attended").order_by("person")
    assert {(one.data["role"], one.quantity) for one in rows} == {("lecturer", 60), ("attendee", 60)}
    with pytest.raises(Refused, match="已经签到"):
        actions.set_particulars(activity=activity, by=by, lecturer=cast.secretary.person.pk)


def test_what_a_kind_asks_for_is_doubted_before_the_signature(make, cast):
    oath = make("recorded", kind="oath_renewal")
    by = cast.secretary.actor
    assert any("领誓人" in text for text in dossier.doubts(oath, by))
    actions.set_particulars(activity=oath, by=by, oath_leader=cast.member.person.pk)
    assert not any("领誓人" in text for text in dossier.doubts(oath, by))
    life = make("recorded", kind="organisational_life_meeting")
    assert any("问题清单" in text for text in dossier.doubts(life, by))
    assert "签字前再看一眼" in cast.secretary.client.get(f"/activities/{life.pk}/sign-off/").content.decode()


def test_problems_become_follow_ups(make, cast):
    """组织生活会: each problem with its measure, owner and date."""
    activity = make("held", kind="organisational_life_meeting")
    here, client = f"/activities/{activity.pk}/minutes/", cast.secretary.client
    assert "整改措施" in client.get(here).content.decode()
    client.post(here, fields(activity, text="开了", problem_0="学习不经常", decision_0="每周二晚集中学习",
                             owner_0=str(cast.member.person.pk), due_0="2026-12-31"))  # fmt: skip
    assert Decision.objects.get().problem == "学习不经常"
    actions.sign_off(activity=queries.get_for(cast.secretary.actor, activity.pk), by=cast.secretary.actor)
    assert FollowUp.objects.get().text == "每周二晚集中学习"


def test_the_forms_of_particulars(make, city, cast):
    lesson = make("notified", kind="party_lesson")
    here, client = f"/activities/{lesson.pk}/", cast.secretary.client
    assert "主讲人" in client.get(here).content.decode()
    client.post(here + "particulars/", {"topic": "新党章", "lecturer": cast.member.person.pk})
    client.post(here + "delegate/", {"person": city.people["branch"][1].pk, "reason": "到区里开会"})
    page = client.get(here).content.decode()
    assert "新党章" in page
    assert "到区里开会" in page
    assert cast.member.client.post(here + "particulars/", {"topic": "x"}).status_code == 403
    assert cast.member.client.post(here + "delegate/", {}).status_code == 403


def test_everyone_at_once(make, cast, city):
    activity = make("open")
    here, client = f"/activities/{activity.pk}/everyone/", cast.secretary.client
    actions.ask_excuse(activity=activity, reason="work", by=cast.member.actor)
    page = client.get(here).content.decode()
    assert page.count(" checked") == 8  # all nine but who asked to be excused
    people = [person.pk for person in city.people["branch"][:8]]
    answer = client.post(here, {"person": people, "then": "hold"})
    assert answer.headers["Location"].endswith("/minutes/")
    activity.refresh_from_db()
    assert (activity.state, Attendance.objects.filter(activity=activity, status="present").count()) == ("held", 8)
    assert cast.member.client.get(here).status_code == 403
    assert (
        "签到还没有开始"
        in client.get(f"/activities/{make('planned', kind='study').pk}/everyone/", follow=True).content.decode()
    )
