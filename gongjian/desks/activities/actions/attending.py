"""Check-in by code and by list, its withdrawal, and excuses. Checking in is the hot path: four statements, no lock shared."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F, Q

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.actions.planning import on_text, ref, refresh_list
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.desks.activities.permissions import require_convener
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, FLOW, HELD, OPEN, PLANNED, UNDER_WAY
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices import actions as notices


class WrongCode(Invalid):
    """签到码不对: neither the present code nor the one before."""


class CheckedIn(NamedTuple):
    """签到结果: when one was checked in; `first` is False when that had happened before."""

    activity: int
    person: int
    at: dt.datetime
    first: bool


def _shared(activity_id: int) -> Activity:
    """The activity, held so that nobody closes the check-in meanwhile, while others may check in beside us."""
    sql = "SELECT * FROM activities_activity WHERE id = %s"
    if is_postgres():
        sql += " FOR SHARE"
    try:
        found = list(Activity.objects.raw(sql, [int(activity_id)]))
    except (ValueError, OverflowError, TypeError):
        found = []
    if not found:
        raise NotFound("没有找到这个活动，或者它不在您的可见范围内。")
    return found[0]


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
    activity = _shared(activity_id)
    person = by.person
    done = None
    if activity.state == OPEN:
        settings = policy.on(clock.day_of(activity.starts_at)).settings.check_in
        fits = seen or rules.code_fits(
            activity.secret, code, moment.timestamp(), settings.rotation_seconds, settings.grace_seconds
        )
        if fits and moment <= activity.ends_at + dt.timedelta(minutes=settings.close_minutes_after):
            done = _mark_present(activity.pk, person, "code", moment)
            if done is None and _join(activity, by):
                done = _mark_present(activity.pk, person, "code", moment)
    else:
        fits = False
    if done is not None:
        role, rounds = done
        facts.record("activity.attended", by=by, **attended(activity, person, role, "code", rounds, moment))
        return CheckedIn(activity.pk, person, moment, True)
    return _why_not(activity, by, fits, moment)


def _mark_present(activity: int, person: int, method: str, at: dt.datetime) -> tuple[str, int] | None:
    """Turn a row to 已到 if it is not so yet; (role, rounds), or None if there is no such row. One statement decides."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE activities_attendance
               SET status = 'present', method = %s, checked_in_at = %s, rounds = rounds + 1
               WHERE activity_id = %s AND person_id = %s AND status <> 'present' AND wrong_codes < %s
               RETURNING role, rounds""",
            [method, connection.ops.adapt_datetimefield_value(at), activity, person,
             rules.MOST_WRONG_CODES if method == "code" else 32_767],
        )  # fmt: skip
        return cursor.fetchone()


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
    first = Fact.objects.get(source=source_of(activity.pk, person, row.rounds))
    facts.record(
        "activity.attendance_withdrawn", by=by, at=at, person=person, org=activity.org_id, obj=ref(activity),
        quantity=first.quantity, corrects=first.pk, source=f"withdraw:{activity.pk}:{person}:{row.rounds}",
        data={"activity_kind": activity.kind, "on": on_text(activity), "reason": reason},
    )  # fmt: skip


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
