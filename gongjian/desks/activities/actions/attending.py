"""Check-in by code and by list, its withdrawal, and excuses. Checking in is the hot path: four statements, no lock shared."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from gongjian.desks.activities import expecting, queries, rules
from gongjian.desks.activities.actions.planning import on_text, ref, refresh_list
from gongjian.desks.activities.models import Activity, Attendance, DeviceRow
from gongjian.desks.activities.permissions import require_convener
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, FLOW, HELD, OPEN, PLANNED, UNDER_WAY
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.db import is_postgres, json_rows, json_time
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices import actions as notices
from gongjian.records.people.models import Person


class WrongCode(Invalid):
    """签到码不对: neither the present code nor the one before."""


class CheckedIn(NamedTuple):
    """签到结果: when one was checked in; `first` is False when that had happened before."""

    activity: int
    person: int
    at: dt.datetime
    first: bool


def _shared(ids: Iterable[int]) -> dict[int, Activity]:
    """Activities, held so that nobody closes their check-in meanwhile, while others may check in beside us."""
    sql = f"SELECT * FROM activities_activity WHERE id IN (SELECT given_id FROM {json_rows({'given_id': 'int'})}) ORDER BY id"
    if is_postgres():
        sql += " FOR SHARE"
    try:
        # Both databases' identity numbers end here; what is beyond them names nothing.
        given = json.dumps([[ident] for ident in sorted({int(ident) for ident in ids}) if 0 < ident < 2**63])
        return {found.pk: found for found in Activity.objects.raw(sql, [given])}
    except (ValueError, OverflowError, TypeError):
        return {}


def door_of(activity: Activity) -> rules.Door:
    """What of an activity decides about a code, by the pack of its day."""
    settings = policy.on(clock.day_of(activity.starts_at)).settings.check_in
    return rules.Door(
        activity.state == OPEN, activity.secret, activity.ends_at + dt.timedelta(minutes=settings.close_minutes_after),
        settings.rotation_seconds, settings.grace_seconds,
    )  # fmt: skip


def source_of(activity: int, person: int, rounds: int) -> str:
    """The source of the fact that somebody attended: the same check-in told again is the same fact."""
    return f"attend:{activity}:{person}:{rounds}"


def attended(activity: Activity, person: int, role: str, method: str, rounds: int, at: dt.datetime) -> dict:
    """Keywords of an `activity.attended` fact."""
    return {
        "at": at, "person": person, "org": activity.org_id, "obj": ref(activity),
        "quantity": rules.learning_quantity(activity.learning_minutes, activity.minutes_long),
        "data": {"activity_kind": activity.kind, "on": on_text(activity), "method": method, "role": role,
                 "learning_minutes": activity.learning_minutes},
        "source": source_of(activity.pk, person, rounds),
    }  # fmt: skip


@transaction.atomic
def open_check_in(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> Activity:
    """Open the check-in (开始签到) and fix the list as of now. Not earlier than the pack's minutes before the start."""
    activity = queries.get_for(by, activity.pk)
    moment = at or clock.now()
    settings = policy.on(clock.day_of(activity.starts_at)).settings.check_in
    early = activity.starts_at - dt.timedelta(minutes=settings.open_minutes_before)
    if moment < early and by.may_at("activities.check_in", activity.org):
        raise Refused(f"还没到签到时间：开始前 {settings.open_minutes_before} 分钟才能签到。如果活动提前了，请先改期。")
    if activity.state == PLANNED:  # never notified: opening it is convening it
        require_convener(activity, by)
    FLOW.move(activity, "open", by=by, at=moment, data={"activity_kind": activity.kind, "on": on_text(activity)})
    refresh_list(activity)
    _apply_waiting(activity, by=by, at=moment)
    return activity


def check_in(
    *, activity_id: int, by: Actor, code: str = "", seen: bool = False, at: dt.datetime | None = None
) -> CheckedIn:
    """Check oneself in by the rotating code (签到); again gives the same answer and no second fact.

    `seen`: the page had already seen a valid code a moment ago (the way through the log-in takes time). Raises Invalid
    for a code that does not hold, Refused if the check-in is not open or one is not expected, NotFound for outsiders.
    Wrong codes are counted outside the deed's transaction, which they would roll back.
    """
    if not by.person:
        raise Forbidden("请先登录。")
    moment = at or clock.now()
    try:
        with transaction.atomic():
            return _check_in(activity_id, by, code, seen, moment)
    except WrongCode:
        Attendance.objects.filter(activity=activity_id, person=by.person).update(wrong_codes=F("wrong_codes") + 1)
        raise


def _check_in(activity_id: int, by: Actor, code: str, seen: bool, moment: dt.datetime) -> CheckedIn:
    activity = next(iter(_shared([activity_id]).values()), None)
    if activity is None:
        raise NotFound("没有找到这个活动，或者它不在您的可见范围内。")
    person = by.person
    told = rules.knock(door_of(activity), code, seen, moment)
    done: dict[tuple[int, int], tuple[str, int]] = {}
    if told == "in":
        done = _mark_present([(activity.pk, person)], moment)
        if not done and _join(activity, by):
            done = _mark_present([(activity.pk, person)], moment)
    if done:
        ((role, rounds),) = done.values()
        facts.record("activity.attended", by=by, **attended(activity, person, role, "code", rounds, moment))
        return CheckedIn(activity.pk, person, moment, True)
    return _why_not(activity, by, told in ("in", "late"), moment)


def _mark_present(pairs: Sequence[tuple[int, int]], at: dt.datetime) -> dict[tuple[int, int], tuple[str, int]]:
    """Turn the rows of these (activity, person) to 已到 by code where they are not so yet; (role, rounds) of those that were
    turned. One statement decides, for one as for many; rows are held in one order, so that two such never block each other.
    """
    sql = f"""
        WITH held AS (
            SELECT a.id FROM activities_attendance a
            JOIN {json_rows({"activity": "int", "person": "int"})} ON a.activity_id = given.activity AND a.person_id = given.person
            WHERE a.status <> 'present' AND a.wrong_codes < %s ORDER BY a.id{" FOR NO KEY UPDATE OF a" if is_postgres() else ""}
        )
        UPDATE activities_attendance SET status = 'present', method = 'code', checked_in_at = %s, rounds = rounds + 1
        WHERE id IN (SELECT id FROM held) AND status <> 'present'
        RETURNING activity_id, person_id, role, rounds"""
    with connection.cursor() as cursor:
        moment = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(sql, [json.dumps(pairs), rules.MOST_WRONG_CODES, moment])
        return {(activity, person): (role, rounds) for activity, person, role, rounds in cursor.fetchall()}


class Knock(NamedTuple):
    """敲门: one person who wants to check in at an activity by a code, or by one that was `seen` a moment ago."""

    activity: int
    person: int
    code: str
    seen: bool


@transaction.atomic(savepoint=False)  # within the fast road's transaction: two statements less for each batch
def check_in_together(*, knocks: Sequence[Knock], at: dt.datetime | None = None) -> list[CheckedIn | None]:
    """Check many in who ask in the same moment, each with what `check_in` asks for, in four statements and one commit.

    The answers are in order; None: not by this way. Whoever gets None asks `check_in`, which writes down a wrong code,
    lets somebody join, or says what is wrong. Only who is on the list and comes for the first time is checked in here.
    """
    moment = at or clock.now()
    activities = _shared({knock.activity for knock in knocks})
    doors = {activity.pk: door_of(activity) for activity in activities.values()}
    asked = [
        knock.activity in doors and rules.knock(doors[knock.activity], knock.code, knock.seen, moment) == "in"
        for knock in knocks
    ]
    pairs = sorted({knock[:2] for knock, heard in zip(knocks, asked, strict=True) if heard})
    done = _mark_present(pairs, moment) if pairs else {}
    facts.record_many(
        (
            {"kind": "activity.attended", "by": Actor(kind="person", person=person),
             **attended(activities[activity], person, role, "code", rounds, moment)}
            for (activity, person), (role, rounds) in sorted(done.items())
        ),
        by=SYSTEM,
    )  # fmt: skip
    found: list[CheckedIn | None] = []
    for knock, heard in zip(knocks, asked, strict=True):
        came = heard and done.pop(knock[:2], None)  # twice in one batch: the second asks the ordinary way
        found.append(CheckedIn(knock.activity, knock.person, moment, True) if came else None)
    return found


def _join(activity: Activity, by: Actor) -> bool:
    """Let somebody in who is not on the list: of the same branch where all members meet, anyone who sees an open one."""
    if Attendance.objects.filter(activity=activity.pk, person=by.person).exists():
        return False
    if activity.audience in ("members", "group"):
        day = clock.day_of(activity.starts_at)
        allowed = queries.members_expected(activity.org, day).filter(person=by.person).exists()
    elif activity.audience == "open":
        allowed = queries.visible_to(by).filter(pk=activity.pk).exists()
    else:
        allowed = False
    if allowed:
        Attendance.objects.bulk_create(
            [Attendance(activity_id=activity.pk, person_id=by.person)], ignore_conflicts=True
        )
    return allowed


def _why_not(activity: Activity, by: Actor, fits: bool, moment: dt.datetime) -> CheckedIn:
    row = queries.row_of(activity, by.person)
    if row is not None and row.status == "present":
        if fits and row.method == "device" and activity.state == OPEN:
            # One's own scan stands for itself, also when the device takes back what it noted.
            Attendance.objects.filter(pk=row.pk, method="device").update(method="code")
        return CheckedIn(activity.pk, by.person, row.checked_in_at, False)
    if row is None:
        queries.get_for(by, activity.pk)  # an outsider learns nothing, not even that there is such a meeting
    if activity.state != OPEN:
        words = {"held": "签到已经结束", "signed_off": "活动已经归档", "cancelled": "活动已取消"}
        raise Refused(f"{words.get(activity.state, '签到还没有开始')}，请与组织者联系。")
    if row is not None and row.wrong_codes >= rules.MOST_WRONG_CODES:
        raise Refused("输错次数太多，请组织者按名单为您签到。", field="code")
    if not fits:
        raise WrongCode("签到码不对或已经过期，请看组织者屏幕上的新码。", field="code")
    if row is None:
        raise Refused("您不在这次活动的名单上，请与组织者联系。")
    raise Refused("签到时间已过，请组织者按名单为您签到。")


@transaction.atomic
def check_in_many(
    *, activity: Activity, people: Iterable[int], by: Actor, at: dt.datetime | None = None
) -> int:  # fmt: skip
    """Check several persons in by the organiser's list (名单签到); returns how many are new. Only who is on the list.

    What is noted after the meeting counts at the meeting's end, not when it was noted.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    if activity.state not in (OPEN, HELD):
        raise Refused("签到还没有开始，或活动已经归档。")
    return mark_present_by_list(activity, set(people), by=by, at=at or clock.now(), method="list")


def mark_present_by_list(activity: Activity, people: set[int], *, by: Actor, at: dt.datetime, method: str) -> int:
    """Turn the rows of several persons to 已到 and record it, set-wise; the activity's row is held by the caller."""
    when = min(max(at, activity.starts_at), activity.ends_at)
    rows = list(Attendance.objects.select_for_update().filter(activity=activity, person__in=people).order_by("pk"))
    if len(rows) < len(people):
        raise Invalid("有人不在名单上，请先把他（她）加入名单。", field="people")
    fresh = [row for row in rows if row.status != "present"]
    Attendance.objects.filter(pk__in=[row.pk for row in fresh]).update(
        status="present", method=method, checked_in_at=when, rounds=F("rounds") + 1
    )
    facts.record_many(
        [
            {"kind": "activity.attended", **attended(activity, row.person_id, row.role, method, row.rounds + 1, when)}
            for row in fresh
        ],
        by=by,
    )
    return len(fresh)


@transaction.atomic
def withdraw(*, activity: Activity, person: int, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Take a check-in back (撤回签到), before the sign-off; the first fact stays and a new one corrects it."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    if activity.state not in (OPEN, HELD):
        raise Refused("签到还没有开始，或活动已经归档。")
    take_back(activity, person, reason, by=by, at=at)


def take_back(activity: Activity, person: int, reason: str, *, by: Actor, at: dt.datetime | None) -> None:
    """The withdrawal itself; the activity's row is held and the permission checked by the caller."""
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid("请写明撤回的原因。", field="reason")
    row = Attendance.objects.select_for_update().filter(activity=activity, person=person, status="present").first()
    if row is None:
        raise Refused("此人没有签到。", field="person")
    Attendance.objects.filter(pk=row.pk).update(
        status="expected" if activity.state == OPEN else "absent", method="", checked_in_at=None
    )
    # What devices said of this person until now is answered by this withdrawal; a later tap speaks anew.
    DeviceRow.objects.filter(device__activity=activity, person=person, state="applied").update(
        state="void", reason=reason[:200]
    )
    first = Fact.objects.get(source=source_of(activity.pk, person, row.rounds))
    facts.record(
        "activity.attendance_withdrawn", by=by, at=at, person=person, org=activity.org_id, obj=ref(activity),
        quantity=first.quantity, corrects=first.pk, source=f"withdraw:{activity.pk}:{person}:{row.rounds}",
        data={"activity_kind": activity.kind, "on": on_text(activity), "reason": reason},
    )  # fmt: skip


@transaction.atomic
def leave_out_by_rule(
    *, activity: Activity, people: Iterable[int], approval: str, by: Actor, at: dt.datetime | None = None
) -> int:
    """Take those off the list whom the rules allow (不计入应到), with the meeting's approval; returns how many.

    DOMAIN 1.4: the circumstance is registered, the higher organisation agreed where that is asked, and the meeting
    approves: `approval` says how. What the circumstance is stands in the register and never in a fact.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused(_("活动已经归档或取消，不能再改名单。"))
    approval = approval.strip()
    if len(approval) < 2:
        raise Invalid(_("请写明会议怎样通过的，如“支部党员大会举手通过”。"), field="approval")
    wanted = set(people)
    if not wanted:
        raise Invalid(_("请选择不计入应到的人。"), field="people")
    if wanted - expecting.may_be_left_out(activity):
        raise Refused(_("有人没有登记可以不计入的情形，或者上级还没有同意，仍应计入。"), field="people")
    rows = Attendance.objects.filter(activity=activity, person__in=wanted).exclude(status="present")
    gone = sorted(rows.values_list("person", flat=True))
    rows.delete()
    facts.record_many(
        [
            {"kind": "activity.left_out", "at": at, "person": person, "org": activity.org_id, "obj": ref(activity),
             "data": {"activity_kind": activity.kind, "reason": f"按登记的情形；{approval[:200]}"}}
            for person in gone
        ],
        by=by,
    )  # fmt: skip
    return len(gone)


# --- what devices say -----------------------------------------------------------------------------------------------
class Settled(NamedTuple):
    """合并结果: how many came to be present, how many no longer are, and whose time was put right."""

    came: int
    gone: int
    moved: int


def settle(activity: Activity, people: set[int], *, by: Actor, at: dt.datetime) -> Settled:
    """Bring the rows of these persons to what all devices together say (合并): present once, at the earliest time.

    Set-wise, in a constant number of statements; the activity's row is held by the caller. What was checked in by code
    or list stands whatever a device takes back; only its time may turn out to be earlier.
    """
    taps = DeviceRow.objects.filter(device__activity=activity, state="applied", person__isnull=False)
    said = rules.standing(
        tap for tap in taps.order_by("device", "number").values_list("device", "person", "deed", "at") if tap[1] in people
    )  # fmt: skip
    rows = [row for row in Attendance.objects.filter(activity=activity).order_by("pk") if row.person_id in said]
    came = [row for row in rows if row.status != "present" and said[row.person_id] is not None]
    here = [row for row in rows if row.status == "present"]
    first = {
        fact.source: fact
        for fact in Fact.objects.filter(source__in=[source_of(activity.pk, row.person_id, row.rounds) for row in here])
    }
    gone, moved = [], []
    for row in here:
        fact, told = first.get(source_of(activity.pk, row.person_id, row.rounds)), said[row.person_id]
        if row.method == "device" and told is None:
            gone.append(row)
            continue
        own = None if row.method == "device" or fact is None else fact.at
        when = min(time for time in (told, own, row.checked_in_at if told is None and own is None else None) if time)
        if when != row.checked_in_at:
            moved.append((row, when))
    absent = "expected" if activity.state == OPEN else "absent"
    _set_rows(
        [[row.pk, "present", "device", json_time(said[row.person_id]), row.rounds + 1] for row in came]
        + [[row.pk, absent, "", None, row.rounds] for row in gone]
        + [[row.pk, "present", row.method, json_time(when), row.rounds] for row, when in moved]
    )
    about = {"org": activity.org_id, "obj": ref(activity)}
    told = {"activity_kind": activity.kind, "on": on_text(activity)}
    facts.record_many([
        *({"kind": "activity.attended",
           **attended(activity, row.person_id, row.role, "device", row.rounds + 1, said[row.person_id])} for row in came),
        *({"kind": "activity.attendance_withdrawn", "at": at, "person": row.person_id, **about,
           "quantity": fact.quantity, "corrects": fact.pk, "source": f"withdraw:{activity.pk}:{row.person_id}:{row.rounds}",
           "data": {**told, "reason": "设备上撤回"}}
          for row in gone if (fact := first.get(source_of(activity.pk, row.person_id, row.rounds)))),
        *({"kind": "activity.time_corrected", "at": at, "person": row.person_id, **about,
           "corrects": fact.pk if (fact := first.get(source_of(activity.pk, row.person_id, row.rounds))) else None,
           "data": {**told, "from": row.checked_in_at.isoformat(), "to": when.isoformat()}} for row, when in moved),
    ], by=by)  # fmt: skip
    return Settled(len(came), len(gone), len(moved))


def _set_rows(rows: list[list]) -> None:
    """Write [id, status, method, time, rounds] of many rows by one statement."""
    given = json_rows({"pk": "int", "status": "text", "method": "text", "at": "time", "rounds": "int"})
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE activities_attendance SET status = given.status, method = given.method, checked_in_at = given.at,
                       rounds = given.rounds FROM {given} WHERE activities_attendance.id = given.pk""",
            [json.dumps(rows)],
        )


def _apply_waiting(activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    """Taps that were handed in before the check-in was open count now; who is not on the list waits for a person."""
    waiting = DeviceRow.objects.filter(device__activity=activity, state="waiting")
    people = set(waiting.values_list("person", flat=True))
    if not people:
        return
    listed = set(Attendance.objects.filter(activity=activity, person__in=people).values_list("person", flat=True))
    names = dict(Person.objects.filter(pk__in=people - listed).values_list("pk", "name"))
    for person, name in names.items():
        waiting.filter(person=person).update(state="stranger", person=None, name=name)
    waiting.filter(person__in=listed).update(state="applied")
    settle(activity, listed, by=by, at=at)


# --- excuses ----------------------------------------------------------------------------------------------------
@transaction.atomic
def ask_excuse(*, activity: Activity, reason: str, by: Actor, text: str = "", at: dt.datetime | None = None) -> None:
    """Ask to be excused (请假) for one of the listed reasons; the conveners are told. Asking twice is asking once."""
    activity = queries.get_for(by, activity.pk)
    if reason not in dict(Attendance.REASONS):
        raise Invalid("请选择请假原因。", field="reason")
    if activity.state not in UNDER_WAY:
        raise Refused("活动已经结束或取消，不能请假。")
    asked = Attendance.objects.filter(
        Q(activity=activity, person=by.person, status="expected"), ~Q(excuse_state="asked")
    ).update(excuse_state="asked", excuse_reason=reason, excuse=text.strip()[:200])  # fmt: skip
    if not asked:
        row = queries.row_of(activity, by.person)
        if row is None:
            raise Refused("您不在这次活动的名单上，不用请假。")
        if row.excuse_state == "asked":
            return
        raise Refused("您已经签到。" if row.status == "present" else "您已经准假。")
    facts.record(
        "activity.excuse_asked", by=by, at=at, person=by.person, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "reason": reason},
    )  # fmt: skip
    chair = Attendance.objects.filter(activity=activity, role="chair").values_list("person", flat=True).first()
    people = {person for person in (chair, activity.created_by) if person and person != by.person}
    notices.tell(
        people=people, kind="activity", title=f"【请假】{by.name}：{activity.title}",
        body=f"{by.name}因{dict(Attendance.REASONS)[reason]}请假，请审批。", link=f"/activities/{activity.pk}/",
        key=f"activity:{activity.pk}:excuse:{by.person}", at=at,
    )  # fmt: skip


@transaction.atomic
def decide_excuse(*, activity: Activity, person: int, approve: bool, by: Actor, at: dt.datetime | None = None) -> None:
    """Approve or refuse an excuse that was asked for, or (approving) grant one that was told by word of mouth."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused("活动已经归档或取消，不能再办请假。")
    if person == by.person and not by.may_at("activities.sign_off", activity.org):
        raise Refused("自己的请假请由别人审批。", field="person")
    rows = Attendance.objects.filter(activity=activity, person=person, status__in=("expected", "absent"))
    if approve:
        done = rows.update(status="excused", excuse_state="approved", reviewer=by.person)
    else:
        done = rows.filter(excuse_state="asked").update(excuse_state="refused", reviewer=by.person)
    if not done:
        raise Refused("没有待审批的请假，或此人已经签到。", field="person")
    row = queries.row_of(activity, person)
    reason = row.excuse_reason or "other"
    what = {
        "by": by, "at": at, "person": person, "org": activity.org_id, "obj": ref(activity),
        "data": {"activity_kind": activity.kind, "on": on_text(activity), "reason": reason},
    }  # fmt: skip
    if approve:
        facts.record("activity.excused", **what)
    else:
        facts.record("activity.excuse_refused", **what)
    word = "已准假" if approve else "未准假，请按时参加"
    notices.tell(
        people=[person], kind="activity", title=f"【{'准假' if approve else '未准假'}】{activity.title}",
        body=f"“{activity.title}”的请假{word}。", link=f"/activities/{activity.pk}/",
        key=f"activity:{activity.pk}:excuse-answer:{activity.version}:{row.rounds}:{row.excuse_state}", at=at,
    )  # fmt: skip
