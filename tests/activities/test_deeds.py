"""Each deed of organisational life, in order, and what it refuses."""

import datetime as dt

import pytest
from django.db import transaction

from gongjian.desks.activities import actions, queries
from gongjian.desks.activities.models import Activity, Attendance, Decision
from gongjian.engines.flow.moves import Flow, Move
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.facts.queries import about_object
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people
from tests.activities.conftest import at, code_of

pytestmark = pytest.mark.django_db


def kinds(activity) -> list[str]:
    return list(about_object(Ref.of("activity", activity.pk)).values_list("kind", flat=True))


def fact(activity, kind) -> Fact:
    return about_object(Ref.of("activity", activity.pk)).filter(kind=kind).last()


def statuses(activity) -> dict[str, str]:
    return dict(Attendance.objects.filter(activity=activity).values_list("person__name", "status"))


# --- plan -------------------------------------------------------------------------------------------------------
def test_a_plan_is_filled_from_the_pack(make, city, cast, pack):
    activity = make()
    kind = pack.activity_kind("theme_day")
    assert activity.title == "11月主题党日"
    assert activity.minutes_long == kind.default_minutes
    assert activity.agenda == list(kind.agenda)
    assert activity.learning_minutes == kind.learning_minutes
    assert set(statuses(activity)) == {person.name for person in city.people["branch"]}
    assert Attendance.objects.get(activity=activity, role="chair").person == cast.secretary.person
    planned = fact(activity, "activity.planned")
    assert (planned.org, planned.by) == (city.branch.pk, cast.secretary.person.pk)
    assert planned.data == {"activity_kind": "theme_day", "on": "2026-11-16", "counts_for": None}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("committee_meeting", {"陈静", "李明", "王芳"}),  # 支部工作条例 12: the committee
        (
            "branch_assembly",
            {"陈静", "李明", "王芳", "张伟", "刘洋", "黄丽", "周强", "吴敏", "徐磊"},
        ),  # 11: all members
    ],
)
def test_who_should_come(make, kind, names):
    assert set(statuses(make(kind=kind))) == names


def test_a_group_meets_in_its_group(make, city, cast):
    people.move_member(
        person=cast.member.person, to=city.branch, group=city.group, by=cast.system, on=dt.date(2026, 11, 1)
    )
    assert statuses(make(kind="group_meeting", org=city.group)) == {"张伟": "expected"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "joint_meeting"}, "kind"),  # no branch holds one
        ({"kind": "no_such"}, "kind"),
        ({"ends_at": at("2026-11-16 09:00")}, "ends_at"),
        ({"ends_at": at("2026-11-18 09:00")}, "ends_at"),
        ({"starts_at": at("2029-01-01 09:00")}, "starts_at"),
        ({"starts_at": at("2010-01-01 09:00")}, "starts_at"),  # before the branch was founded
        ({"audience": "everybody"}, "audience"),
        ({"counts_for": "2026-11"}, "counts_for"),  # not over yet
        ({"counts_for": "2026Q3"}, "counts_for"),  # the duty is monthly
        ({"counts_for": "2015-05"}, "counts_for"),  # the branch did not exist
        ({"counts_for": "nonsense"}, "counts_for"),
    ],
)
def test_a_plan_that_cannot_be(make, fields, field):
    with pytest.raises(Invalid) as refusal:
        make(**fields)
    assert refusal.value.field == field
    assert not Activity.objects.exists()
    assert not Fact.objects.filter(kind="activity.planned").exists()


def test_a_late_meeting_names_the_period_it_makes_good(make, city, cast):
    activity = make("signed_off", counts_for="2026-10")
    assert fact(activity, "activity.planned").data["counts_for"] == "2026-10"
    assert fact(activity, "activity.signed_off").data["counts_for"] == "2026-10"
    assert "2026-10" not in queries.periods_to_make_good(city.branch, "theme_day", dt.date(2026, 11, 16))
    with pytest.raises(Invalid, match="2026-10"):  # it is made good already
        make(counts_for="2026-10")


def test_the_same_source_plans_once(make):
    assert make(source="api:1").pk == make(source="api:1").pk
    assert Activity.objects.count() == 1


def test_only_who_may_plans(make, city, cast):
    for who in (cast.member, cast.outsider, cast.neighbour, cast.resident, cast.auditor):
        with pytest.raises(Forbidden):
            make(by=who.actor)
    assert make(by=cast.community.actor).created_by == cast.community.person.pk


# --- change, reschedule, cancel -----------------------------------------------------------------------------------
def test_rescheduling_tells_those_who_were_notified(make, cast):
    activity = make("notified")
    told = Notice.objects.filter(person=cast.member.person).count()
    actions.reschedule(
        activity=activity, starts_at=at("2026-11-18 15:00"), by=cast.secretary.actor, reason="场地临时占用"
    )
    activity.refresh_from_db()
    assert (activity.starts_at, activity.minutes_long) == (at("2026-11-18 15:00"), 90)
    assert fact(activity, "activity.rescheduled").data == {
        "activity_kind": "theme_day", "from": "2026-11-16", "on": "2026-11-18", "counts_for": None,
        "reason": "场地临时占用", "late": True,
    }  # fmt: skip
    assert Notice.objects.filter(person=cast.member.person).count() == told + 1
    assert "11月18日（周三）15:00" in Notice.objects.filter(person=cast.member.person).latest("pk").body
    with pytest.raises(Refused, match="没有变"):
        actions.reschedule(activity=activity, starts_at=at("2026-11-18 15:00"), by=cast.secretary.actor)


def test_cancelling_needs_a_reason_and_nobody_there(make, cast):
    activity = make("open")
    with pytest.raises(Invalid):
        actions.cancel(activity=activity, reason=" ", by=cast.secretary.actor)
    actions.check_in_many(activity=activity, people=[cast.member.person.pk], by=cast.secretary.actor)
    with pytest.raises(Refused, match="已经有人签到"):
        actions.cancel(activity=activity, reason="停电", by=cast.secretary.actor)
    actions.withdraw(activity=activity, person=cast.member.person.pk, reason="点错了", by=cast.secretary.actor)
    actions.cancel(activity=activity, reason="停电", by=cast.secretary.actor)
    activity.refresh_from_db()
    assert activity.state == "cancelled"
    assert fact(activity, "activity.cancelled").data["reason"] == "停电"
    assert Notice.objects.filter(title__startswith="【取消】", person=cast.member.person).count() == 1


def test_notice_goes_once_to_everyone_on_the_list(make, cast):
    activity = make("notified")
    assert Notice.objects.filter(key__startswith=f"activity:{activity.pk}:notified:").count() == 9
    with pytest.raises(Refused, match="已通知"):
        actions.notify(activity=activity, by=cast.secretary.actor)
    assert kinds(activity).count("activity.notified") == 1


def test_the_list_follows_the_branch_until_it_opens(make, city, cast):
    activity = make()
    new = people.register(by=cast.system, org=city.branch, name="新来")
    people.admit(person=new, org=city.branch, by=cast.system, kind="probationary", joined_on=dt.date(2026, 11, 1))
    people.move_member(person=city.people["branch"][8], to=city.sister, by=cast.system, on=dt.date(2026, 11, 1))
    actions.notify(activity=activity, by=cast.secretary.actor)
    assert "新来" in statuses(activity)
    assert "徐磊" not in statuses(activity)


def test_hand_made_changes_of_the_list(make, city, cast):
    activity = make("notified")
    guest, gone = city.people["sister"][1], city.people["branch"][8]
    with pytest.raises(Invalid):  # the secretary of a branch does not see the members of another
        actions.add_participants(activity=activity, people=[guest.pk], by=cast.secretary.actor)
    assert actions.add_participants(activity=activity, people=[guest.pk], by=cast.community.actor) == 1
    with pytest.raises(Invalid):
        actions.leave_out(activity=activity, person=gone.pk, reason="", by=cast.secretary.actor)
    actions.leave_out(activity=activity, person=gone.pk, reason="长期卧病，上级同意", by=cast.secretary.actor)
    assert statuses(activity)["马兰"] == "expected"
    assert "徐磊" not in statuses(activity)
    assert fact(activity, "activity.left_out").person == gone.pk
    assert Notice.objects.filter(person=guest).count() == 1


# --- check-in ---------------------------------------------------------------------------------------------------
def test_checking_in_twice_is_checking_in_once(make, cast):
    activity = make("open")
    first = actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code_of(activity))
    again = actions.check_in(activity_id=activity.pk, by=cast.member.actor, code="")
    assert (first.first, again.first) == (True, False)
    assert (first.activity, first.person, first.at) == (again.activity, again.person, again.at)
    attended = fact(activity, "activity.attended")
    assert kinds(activity).count("activity.attended") == 1
    assert attended.person == cast.member.person.pk
    assert attended.quantity == 45  # a theme day counts 45 minutes of learning in the pack
    assert attended.data == {
        "activity_kind": "theme_day", "on": "2026-11-16", "method": "code", "role": "attendee", "learning_minutes": 45,
    }  # fmt: skip
    assert attended.source == f"attend:{activity.pk}:{cast.member.person.pk}:1"


def test_checking_in_costs_few_statements(make, cast, queries):
    activity, actor = make("open"), cast.member.actor
    code = code_of(activity)
    with queries(5):  # savepoint, activity, attendance, fact, release
        actions.check_in(activity_id=activity.pk, by=actor, code=code)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("planned", "还没有开始"),
        ("notified", "还没有开始"),
        ("held", "已经结束"),
        ("signed_off", "已经归档"),
        ("cancelled", "已取消"),
    ],
)
def test_check_in_only_while_it_is_open(make, cast, state, message):
    activity = make(state)
    with pytest.raises(Refused, match=message):
        actions.check_in(activity_id=activity.pk, by=cast.colleague.actor, code=code_of(activity))


def test_a_photographed_code_stops_working_a_minute_later(make, cast, clock):
    activity = make("open")
    clock.set("2026-11-16 09:20:00")
    code = code_of(activity)
    clock.set("2026-11-16 09:20:59")
    assert actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code).first
    clock.set("2026-11-16 09:21:00")
    with pytest.raises(Invalid, match="过期"):
        actions.check_in(activity_id=activity.pk, by=cast.colleague.actor, code=code)


def test_guessing_ends_after_ten_wrong_codes(make, cast):
    activity = make("open")
    for _n in range(10):
        with pytest.raises(Invalid):
            actions.check_in(activity_id=activity.pk, by=cast.member.actor, code="000000x")
    with pytest.raises(Refused, match="次数太多"):
        actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code_of(activity))
    actions.check_in_many(activity=activity, people=[cast.member.person.pk], by=cast.secretary.actor)
    assert statuses(activity)["张伟"] == "present"


def test_who_is_not_on_the_list(make, city, cast):
    """Where all members meet, one who joined since comes in; where a committee meets, nobody else does."""
    activity = make("open")
    new = people.register(by=cast.system, org=city.branch, name="新来")
    people.admit(person=new, org=city.branch, by=cast.system, kind="probationary", joined_on=dt.date(2026, 11, 1))
    assert actions.check_in(activity_id=activity.pk, by=actor_of_person(new), code=code_of(activity)).first
    for stranger in (cast.neighbour, cast.outsider, cast.resident):
        with pytest.raises(NotFound):
            actions.check_in(activity_id=activity.pk, by=stranger.actor, code=code_of(activity))
    committee = make("planned", kind="committee_meeting")
    actions.open_check_in(activity=committee, by=cast.secretary.actor)
    with pytest.raises(Refused, match="不在这次活动的名单"):
        actions.check_in(activity_id=committee.pk, by=cast.member.actor, code=code_of(committee))


def test_a_resident_joins_what_is_open(make, city, cast):
    """Volunteering is open to residents of the community; they come and check in, and count as 应到 because they came."""
    activity = make("planned", kind="volunteer_service")
    assert statuses(activity) == {}
    with pytest.raises(NotFound):
        actions.check_in(activity_id=activity.pk, by=cast.outsider.actor, code=code_of(activity))
    actions.open_check_in(activity=activity, by=cast.secretary.actor)
    assert queries.open_nearby(cast.resident.actor).get() == activity
    assert actions.check_in(activity_id=activity.pk, by=cast.resident.actor, code=code_of(activity)).first
    with pytest.raises(NotFound):
        actions.check_in(activity_id=activity.pk, by=cast.outsider.actor, code=code_of(activity))
    assert fact(activity, "activity.attended").quantity == 120  # no learning: the time itself counts
    assert queries.tally(activity)["expected"] == 1


def test_the_list_notes_the_meetings_time_not_the_time_of_noting(make, cast, clock):
    activity = make("held")
    clock.set("2026-11-20 10:00")
    assert actions.check_in_many(activity=activity, people=[cast.colleague.person.pk], by=cast.secretary.actor) == 1
    assert actions.check_in_many(activity=activity, people=[cast.colleague.person.pk], by=cast.secretary.actor) == 0
    assert fact(activity, "activity.attended").at == activity.ends_at


def test_withdrawing_corrects_and_the_next_check_in_is_a_new_fact(make, cast):
    activity = make("open")
    person = cast.member.person.pk
    actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code_of(activity))
    first = fact(activity, "activity.attended")
    actions.withdraw(activity=activity, person=person, reason="替人签到", by=cast.secretary.actor)
    assert fact(activity, "activity.attendance_withdrawn").corrects == first.pk
    with pytest.raises(Refused):
        actions.withdraw(activity=activity, person=person, reason="再撤一次", by=cast.secretary.actor)
    assert actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code_of(activity)).first
    assert fact(activity, "activity.attended").source.endswith(":2")


def test_open_not_before_its_time(make, cast, clock):
    activity = make("notified")
    clock.set("2026-11-16 08:39")
    with pytest.raises(Refused, match="30 分钟"):
        actions.open_check_in(activity=activity, by=cast.secretary.actor)
    clock.set("2026-11-16 08:40")
    actions.open_check_in(activity=activity, by=cast.secretary.actor)
    with pytest.raises(Refused, match="还没有开始"):
        actions.hold(activity=activity, by=cast.secretary.actor)


# --- excuses ----------------------------------------------------------------------------------------------------
def test_an_excuse_is_asked_and_approved(make, cast):
    activity = make("notified")
    actions.ask_excuse(activity=activity, reason="work", by=cast.member.actor)
    actions.ask_excuse(activity=activity, reason="work", by=cast.member.actor)
    assert kinds(activity).count("activity.excuse_asked") == 1
    assert Notice.objects.filter(person=cast.secretary.person, title__startswith="【请假】").count() == 1
    actions.decide_excuse(activity=activity, person=cast.member.person.pk, approve=True, by=cast.secretary.actor)
    assert fact(activity, "activity.excused").data == {
        "activity_kind": "theme_day", "on": "2026-11-16", "reason": "work",
    }  # fmt: skip
    assert statuses(activity)["张伟"] == "excused"
    with pytest.raises(Refused):
        actions.ask_excuse(activity=activity, reason="ill", by=cast.member.actor)


def test_an_excuse_refused_may_be_asked_again(make, cast):
    activity = make("notified")
    actions.ask_excuse(activity=activity, reason="other", by=cast.member.actor)
    actions.decide_excuse(activity=activity, person=cast.member.person.pk, approve=False, by=cast.secretary.actor)
    assert statuses(activity)["张伟"] == "expected"
    actions.ask_excuse(activity=activity, reason="ill", by=cast.member.actor)
    assert kinds(activity).count("activity.excuse_asked") == 2


def test_nobody_but_those_who_may_decides(make, cast):
    activity = make("notified")
    actions.ask_excuse(activity=activity, reason="work", by=cast.member.actor)
    with pytest.raises(Forbidden):
        actions.decide_excuse(activity=activity, person=cast.member.person.pk, approve=True, by=cast.colleague.actor)
    with pytest.raises(NotFound):
        actions.decide_excuse(activity=activity, person=cast.member.person.pk, approve=True, by=cast.outsider.actor)


# --- hold, minutes, sign off --------------------------------------------------------------------------------------
def test_the_whole_way(make, city, cast):
    activity = make("signed_off")
    assert kinds(activity) == [
        "activity.planned", "activity.notified", "activity.check_in_opened", "activity.attended", "activity.attended",
        "activity.held", "activity.minutes_recorded", "activity.signed_off",
    ]  # fmt: skip
    signed = fact(activity, "activity.signed_off")
    assert (signed.at, signed.org) == (activity.starts_at, city.branch.pk)
    assert signed.data == {
        "activity_kind": "theme_day", "on": "2026-11-16", "counts_for": None, "present": 2, "expected": 9,
        "hours_minutes": 90,
    }  # fmt: skip
    assert (activity.expected_count, activity.present_count, activity.signed_by) == (9, 2, cast.secretary.person.pk)
    assert sorted(statuses(activity).values()) == ["absent"] * 7 + ["present"] * 2


def test_no_sign_off_without_minutes_or_people(make, cast):
    activity = make("held")
    with pytest.raises(Refused, match="会议记录"):
        actions.sign_off(activity=activity, by=cast.secretary.actor)
    for person in (cast.secretary.person, cast.member.person):
        actions.withdraw(activity=activity, person=person.pk, reason="没有来", by=cast.secretary.actor)
    actions.record_minutes(activity=activity, by=cast.secretary.actor, text="无")
    with pytest.raises(Refused, match="没有一个人签到"):
        actions.sign_off(activity=activity, by=cast.secretary.actor)


def test_minutes_by_point_with_decisions(make, cast):
    activity = make("held")
    rows = [{"text": "修楼道灯", "owner": cast.member.person.pk, "due_on": dt.date(2026, 12, 1)}, {"text": " "}]
    actions.record_minutes(activity=activity, by=cast.secretary.actor, notes=["宣誓完毕"], decisions=rows)
    actions.record_minutes(activity=activity, by=cast.secretary.actor, notes=["宣誓完毕", "学了"], decisions=rows)
    minutes = queries.minutes_of(activity)
    assert [note["note"] for note in minutes.notes] == ["宣誓完毕", "学了", "", "", ""]
    assert Decision.objects.get().owner == cast.member.person
    assert fact(activity, "activity.minutes_recorded").data["decisions"] == 1
    with pytest.raises(Invalid):
        actions.record_minutes(activity=activity, by=cast.secretary.actor)
    with pytest.raises(Invalid, match="责任人"):
        actions.record_minutes(
            activity=activity, by=cast.secretary.actor, decisions=[{"text": "x", "owner": cast.outsider.person.pk}]
        )


def test_reopening_before_the_sign_off_only(make, cast):
    activity = make("held")
    actions.reopen(activity=activity, reason="漏签", by=cast.secretary.actor)
    assert statuses(activity)["刘洋"] == "expected"
    signed = make("signed_off", kind="party_lesson", starts_at=at("2026-11-17 09:10"))
    with pytest.raises(Refused, match="已签字确认"):
        actions.reopen(activity=signed, reason="漏签", by=cast.secretary.actor)


def test_after_the_sign_off_a_correction_is_new_facts(make, cast):
    activity = make("signed_off")
    before = kinds(activity)
    with pytest.raises(Refused):
        actions.check_in_many(activity=activity, people=[cast.colleague.person.pk], by=cast.secretary.actor)
    actions.correct_attendance(
        activity=activity, person=cast.colleague.person.pk, present=True, reason="当天漏签", by=cast.secretary.actor
    )
    actions.correct_attendance(
        activity=activity, person=cast.member.person.pk, present=False, reason="其实没来", by=cast.secretary.actor
    )
    activity.refresh_from_db()
    assert activity.present_count == 2
    assert kinds(activity)[: len(before)] == before
    assert kinds(activity)[len(before) :] == [
        "activity.attended", "activity.record_corrected", "activity.attendance_withdrawn", "activity.record_corrected",
    ]  # fmt: skip
    with pytest.raises(Forbidden):
        actions.correct_attendance(
            activity=activity, person=cast.member.person.pk, present=True, reason="我来了", by=cast.member.actor
        )


# --- states -----------------------------------------------------------------------------------------------------
DEEDS = {
    "notify": lambda a, by: actions.notify(activity=a, by=by),
    "open": lambda a, by: actions.open_check_in(activity=a, by=by),
    "hold": lambda a, by: actions.hold(activity=a, by=by),
    "reopen": lambda a, by: actions.reopen(activity=a, reason="漏签", by=by),
    "sign_off": lambda a, by: actions.sign_off(activity=a, by=by),
    "cancel": lambda a, by: actions.cancel(activity=a, reason="停电", by=by),
}
POSSIBLE = {
    "planned": {"notify", "open", "cancel"},
    "notified": {"open", "cancel"},
    "open": {"hold", "cancel"},
    "recorded": {"reopen", "sign_off"},
    "signed_off": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("state", POSSIBLE)
def test_the_table_of_states(make, cast, clock, state, deed):
    activity = make(state)
    clock.set(activity.ends_at)
    if deed in POSSIBLE[state]:
        DEEDS[deed](activity, cast.secretary.actor)
        activity.refresh_from_db()
        assert activity.version > 1
    else:
        before = (activity.state, activity.version, Fact.objects.count())
        with pytest.raises(Refused):
            DEEDS[deed](activity, cast.secretary.actor)
        activity.refresh_from_db()
        assert (activity.state, activity.version, Fact.objects.count()) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_members_move_nothing(make, cast, deed):
    activity = make({"reopen": "held", "sign_off": "recorded", "hold": "open"}.get(deed, "planned"))
    with pytest.raises(Forbidden):
        DEEDS[deed](activity, cast.member.actor)
    with pytest.raises(NotFound):
        DEEDS[deed](activity, cast.outsider.actor)


def test_a_flow_with_unknown_states_is_refused():
    with pytest.raises(ValueError, match="nowhere"):
        Flow("x", (("a", "A"),), (Move("go", "走", (), "a", "activities.plan", "activity.held"),))
    with pytest.raises(ValueError, match="unknown states"):
        Flow("x", (("a", "A"),), (Move("go", "走", ("a",), "b", "activities.plan", "activity.held"),))


def test_facts_are_written_with_the_deed_or_not_at_all(make, cast):
    activity = make("recorded")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        assert actions.sign_off(activity=activity, by=cast.secretary.actor).version // 0
    activity.refresh_from_db()
    assert activity.state == "held"
    assert "activity.signed_off" not in kinds(activity)
