"""Plan, change, notify, cancel, and who is on the list."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db import IntegrityError, transaction

from gongjian.desks.activities import expecting, queries, rules
from gongjian.desks.activities.actions import joining
from gongjian.desks.activities.actions.joining import on_text, ref
from gongjian.desks.activities.clashes import place_taken
from gongjian.desks.activities.models import Activity, Attendance, Series, new_secret
from gongjian.desks.activities.permissions import require_convener
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, FLOW, NOTIFIED, OPEN, PLANNED, UNDER_WAY
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy.schema import ActivityKind, UnknownEntry
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.notices import queries as told
from gongjian.records.orgs.models import Organisation

FAR_AHEAD = dt.timedelta(days=430)  # from November on, the whole of the next year
LONGEST = dt.timedelta(hours=24)


def when_text(activity: Activity) -> str:
    """Day and hour as a notice says them."""
    start = activity.starts_at.astimezone(clock.SHANGHAI)
    return f"{start.month}月{start.day}日（周{'一二三四五六日'[start.weekday()]}）{start:%H:%M}"


def kind_for(org: Organisation, kind: str, day: dt.date) -> ActivityKind:
    """The pack's kind; Invalid if there is none or this organisation may not hold it."""
    try:
        found = policy.on(day).activity_kind(kind)
    except UnknownEntry:
        raise Invalid("政策包里没有这种活动。", field="kind") from None
    if org.kind not in found.holders:
        raise Invalid(f"“{org.name}”不能举办“{found.title}”。", field="kind")
    return found


def _check_times(starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> None:
    if ends_at <= starts_at:
        raise Invalid("结束时间应晚于开始时间。", field="ends_at")
    if ends_at - starts_at > LONGEST:
        raise Invalid("一次活动不超过 24 小时；多日活动请按天安排。", field="ends_at")
    if starts_at > now + FAR_AHEAD:
        raise Invalid("安排的日期太远，请核对年份。", field="starts_at")


def _check_place(
    org: Organisation, starts_at: dt.datetime, ends_at: dt.datetime, place: str, but: int | None = None
) -> None:
    """One organisation does not hold two things in one place at a time; all other conflicts only warn."""
    other = place_taken(org, starts_at, ends_at, place, but=but)
    if other is not None:
        raise Refused(
            f"“{place.strip()}”同一时间已安排“{other.title}”（{when_text(other)}），一个地点不能同时开两场。",
            field="place",
        )


def check_counts_for(org: Organisation, kind: ActivityKind, period: str | None, day: dt.date) -> None:
    """A late meeting may name a past period in which this organisation still owes one of this kind."""
    if period is None:
        return
    allowed = queries.periods_to_make_good(org, kind.id, day, count=12)
    if period not in allowed:
        raise Invalid(
            f"“{kind.title}”不能补到 {period}：应是已经过去、本组织有此规定动作而且还没有完成的一期。",
            field="counts_for",
        )


@transaction.atomic
def plan(
    *, org: Organisation, kind: str, starts_at: dt.datetime, by: Actor, ends_at: dt.datetime | None = None, title: str = "",
    place: str = "", agenda: Sequence[str] | None = None, audience: str | None = None, counts_for: str | None = None,
    learning_minutes: int | None = None, chosen: Iterable[int] = (), lecturer: int | None = None,
    at: dt.datetime | None = None, source: str | None = None, series: Series | None = None, series_on: dt.date | None = None,
) -> Activity:  # fmt: skip
    """Plan an activity (安排). What is left out comes from the pack's kind: title, length, agenda, who should come.

    A past time is allowed (补录). `chosen` are the persons of an audience that is chosen; `lecturer` stands on the list
    as 主讲. `source` names what told us: the same source again gives the first activity. Raises Invalid, Refused.
    """
    by.require("activities.plan", org)
    moment = at or clock.now()
    if source is not None:
        known = Activity.objects.filter(source=source).first()
        if known is not None:
            return known
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。", field="org")
    day = clock.day_of(starts_at)
    described = kind_for(org, kind, day)
    if day < org.founded_on:
        raise Invalid(f"日期早于组织成立日期 {org.founded_on}。", field="starts_at")
    ends_at = ends_at or starts_at + dt.timedelta(minutes=described.default_minutes)
    _check_times(starts_at, ends_at, moment)
    _check_place(org, starts_at, ends_at, place)
    check_counts_for(org, described, counts_for or None, day)
    audience = audience or described.expected
    if audience not in dict(Activity.AUDIENCES):
        raise Invalid("没有这种参加范围。", field="audience")
    activity = Activity(
        org=org, kind=kind, title=title.strip() or suggested_title(described, day), starts_at=starts_at, ends_at=ends_at,
        place=place.strip(), agenda=rules.seemly_agenda(described.agenda if agenda is None else agenda), audience=audience,
        counts_for=counts_for or None,
        learning_minutes=described.learning_minutes if learning_minutes is None else learning_minutes,
        created_by=by.person, created_at=moment, source=source, series=series, series_on=series_on,
    )  # fmt: skip
    try:
        with transaction.atomic():
            activity.save(force_insert=True)
    except IntegrityError:  # told twice at once
        return Activity.objects.get(source=source)
    refresh_list(activity)
    if chosen:
        _put_on_list(activity, set(chosen), by=by)
    if lecturer:
        _put_on_list(activity, {lecturer}, by=by, role="lecturer")
    facts.record(
        "activity.planned", by=by, at=moment, org=org.pk, obj=ref(activity),
        data={"activity_kind": kind, "on": on_text(activity), "counts_for": activity.counts_for},
        source=f"activity:{activity.pk}:planned",
    )  # fmt: skip
    return activity


def suggested_title(kind: ActivityKind, day: dt.date) -> str:
    """Such as “11月主题党日”."""
    return f"{day.month}月{kind.short}"


def refresh_list(activity: Activity) -> None:
    """Bring the list to who should come by rule on the day; whoever was put there by hand, answered or came stays."""
    day = clock.day_of(activity.starts_at)
    should = queries.expected_people(activity.org, activity.audience, day) | joining.people_joining(activity, day)
    chair = queries.chair_of(activity.org, queries.kind_of(activity).convener_posts, day)
    if chair and activity.audience != "open":
        should.add(chair)
    guests = {one.person.pk for one in expecting.guests_by_rule(activity)} - should
    listed = dict(Attendance.objects.filter(activity=activity).values_list("person", "guest"))
    Attendance.objects.filter(activity=activity, person__in={one for one in listed if listed[one]} & should).update(
        guest=False  # who was a guest has become a member here
    )
    should |= guests
    Attendance.objects.bulk_create(
        [
            Attendance(
                activity=activity,
                person_id=person,
                role="chair" if person == chair else "attendee",
                guest=person in guests,
            )
            for person in sorted(should - set(listed))
        ],
        ignore_conflicts=True,
    )
    stale = set(listed) - should
    if stale and activity.audience not in ("chosen", "open"):
        Attendance.objects.filter(
            activity=activity, person__in=stale, by_hand=False, status="expected", excuse_state="", rounds=0
        ).delete()


def _put_on_list(activity: Activity, people: set[int], *, by: Actor, role: str = "attendee") -> int:
    """Put persons on the list by hand; only those whom the organiser may name."""
    day = clock.day_of(activity.starts_at)
    known = set(queries.candidates(activity.org, day).filter(pk__in=people).values_list("pk", flat=True))
    rest = people - known
    if rest:
        known |= set(queries.nameable(by).filter(pk__in=rest).values_list("pk", flat=True))
    if people - known:
        raise Invalid("名单里有人不在您的可见范围内。", field="chosen")
    before = set(Attendance.objects.filter(activity=activity, person__in=people).values_list("person", flat=True))
    Attendance.objects.bulk_create(
        [Attendance(activity=activity, person_id=person, by_hand=True) for person in sorted(people)],
        ignore_conflicts=True,
    )
    Attendance.objects.filter(activity=activity, person__in=people).update(by_hand=True)
    if role != "attendee":
        Attendance.objects.filter(activity=activity, person__in=people).update(role=role)
    return len(people - before)


@transaction.atomic
def add_participants(
    *, activity: Activity, people: Iterable[int], by: Actor, role: str = "attendee", at: dt.datetime | None = None
) -> int:
    """Put persons on the list (增加参加人); returns how many are new. Told of it if the notice is out already."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.plan", activity.org)
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused("活动已经归档或取消，不能再改名单。")
    if role not in dict(Attendance.ROLES):
        raise Invalid("没有这种角色。", field="role")
    wanted = set(people)
    listed = set(Attendance.objects.filter(activity=activity, person__in=wanted).values_list("person", flat=True))
    _put_on_list(activity, wanted, by=by, role=role)
    new = wanted - listed
    facts.record_many(
        [
            {"kind": "activity.participant_added", "at": at, "person": person, "org": activity.org_id, "obj": ref(activity),
             "data": {"activity_kind": activity.kind, "role": role}}
            for person in sorted(new)
        ],
        by=by,
    )  # fmt: skip
    if activity.state in (NOTIFIED, OPEN):
        tell_of(activity, new, key="notified", at=at)
    return len(new)


@transaction.atomic
def set_role(*, activity: Activity, person: int, role: str, by: Actor) -> None:
    """Say who chairs or gives the lesson; one chair at a time. Before that person has checked in."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.plan", activity.org)
    if activity.state not in UNDER_WAY or role not in dict(Attendance.ROLES):
        raise Refused("现在不能改角色。")
    if role == "chair":
        Attendance.objects.filter(activity=activity, role="chair").exclude(status="present").update(role="attendee")
    if not Attendance.objects.filter(activity=activity, person=person).exclude(status="present").update(role=role):
        raise Refused("此人不在名单上，或已经签到。", field="person")


@transaction.atomic
def leave_out(*, activity: Activity, person: int, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Take a person off the list, with a reason (不计入应到: DOMAIN 1.4 asks the higher organisation's consent)."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.plan", activity.org)
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused("活动已经归档或取消，不能再改名单。")
    if len(reason.strip()) < 2:
        raise Invalid("请写明原因。", field="reason")
    gone, _rows = Attendance.objects.filter(activity=activity, person=person).exclude(status="present").delete()
    if not gone:
        raise Refused("此人不在名单上，或已经签到；已签到的请先撤回。", field="person")
    facts.record(
        "activity.left_out", by=by, at=at, person=person, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "reason": reason.strip()},
    )  # fmt: skip


@transaction.atomic
def reschedule(
    *, activity: Activity, starts_at: dt.datetime, by: Actor, ends_at: dt.datetime | None = None, place: str | None = None,
    reason: str = "", at: dt.datetime | None = None, apart: bool = True,
) -> Activity:  # fmt: skip
    """Move an activity to another time or place (改期); all who were notified are told, with the reason.

    Once the notice is out the reason is asked for; the codes of the old time hold no more; a move nearer to the
    beginning than the pack's hours is marked as late (临时改动). `apart`: one of a series is moved by itself. Raises
    Invalid, Refused.
    """
    activity = queries.get_for(by, activity.pk)
    by.require("activities.plan", activity.org)
    moment, reason = at or clock.now(), reason.strip()[:200]
    ends_at = ends_at or starts_at + (activity.ends_at - activity.starts_at)
    _check_times(starts_at, ends_at, moment)
    before, before_start, before_when = on_text(activity), activity.starts_at, when_text(activity)
    place = activity.place if place is None else place.strip()
    if (starts_at, ends_at, place) == (activity.starts_at, activity.ends_at, activity.place):
        raise Refused("时间和地点都没有变。", field="starts_at")
    if activity.state == NOTIFIED and len(reason) < 2:
        raise Invalid("已经发过通知，请写明改期的原因。", field="reason")
    day = clock.day_of(starts_at)
    check_counts_for(activity.org, kind_for(activity.org, activity.kind, day), activity.counts_for, day)
    _check_place(activity.org, starts_at, ends_at, place, activity.pk)
    late = activity.state == NOTIFIED and is_late(before_start, moment)
    touch(
        activity, (PLANNED, NOTIFIED), starts_at=starts_at, ends_at=ends_at, place=place, secret=new_secret(),
        late_change_at=moment if late else activity.late_change_at,
        series_apart=activity.series_apart or (apart and activity.series_id is not None),
    )  # fmt: skip
    refresh_list(activity)
    if before_start != starts_at:
        facts.record(
            "activity.rescheduled", by=by, at=moment, org=activity.org_id, obj=ref(activity),
            data={"activity_kind": activity.kind, "from": before, "on": on_text(activity), "counts_for": activity.counts_for,
                  "reason": reason, "late": late},
        )  # fmt: skip
        joining.follow_move(activity, before, by=by, at=moment)
    if activity.state == NOTIFIED:
        tell_of(
            activity, None, key=f"rescheduled:{activity.version}", at=moment, head="改期",
            more=f"{'临时改动，' if late else ''}原定{before_when}。原因：{reason}。",
        )  # fmt: skip
    return activity


def is_late(starts_at: dt.datetime, moment: dt.datetime) -> bool:
    """Whether a change at a moment is nearer to the (old) beginning than the pack's hours (临时改动)."""
    hours = policy.on(clock.day_of(starts_at)).planning.late_change_hours
    return moment > starts_at - dt.timedelta(hours=hours)


@transaction.atomic
def change(*, activity: Activity, by: Actor, title: str, agenda: Sequence[str], learning_minutes: int) -> Activity:
    """Change what does not concern time or people: title, agenda, learning time; until the meeting is over."""
    activity = queries.get_for(by, activity.pk)
    by.require("activities.plan", activity.org)
    if not title.strip():
        raise Invalid("请填写主题。", field="title")
    if not 0 <= learning_minutes <= activity.minutes_long:
        raise Invalid("学习时长不能超过活动时长。", field="learning_minutes")
    touch(
        activity,
        UNDER_WAY,
        title=title.strip()[:120],
        agenda=rules.seemly_agenda(agenda),
        learning_minutes=learning_minutes,
    )
    return activity


def told_of(activity: Activity) -> set[int]:
    """Everyone on the list, and whoever was told of it and has left the list since."""
    listed = set(Attendance.objects.filter(activity=activity).values_list("person", flat=True))
    return listed | told.told(f"activity:{activity.pk}:notified")


def tell_of(
    activity: Activity, people: set[int] | None, *, at: dt.datetime | None, key: str = "notified", head: str = "通知",
    more: str = "",
) -> int:  # fmt: skip
    """Tell of the activity, each once for a key; None: everyone on the list and whoever was told before."""
    if people is None:
        people = told_of(activity)
    where = f"，地点：{activity.place}" if activity.place else ""
    changed = not key.startswith("notified")
    return notices.tell(
        people=people, kind="activity_change" if changed else "activity", title=f"【{head}】{activity.title}", org=activity.org_id,
        body=f"{activity.org.name} 定于{when_text(activity)}举行“{activity.title}”{where}。{more}请点开回复，不能参加的请假。",
        link=f"/activities/{activity.pk}/", key=f"activity:{activity.pk}:{key}", at=at,
    )  # fmt: skip


@transaction.atomic
def notify(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> int:
    """Tell everyone on the list (通知), which is brought up to date first; returns how many were told."""
    activity = queries.get_for(by, activity.pk)
    moment = at or clock.now()
    require_convener(activity, by)
    FLOW.move(
        activity, "notify", by=by, at=moment, data={"activity_kind": activity.kind, "on": on_text(activity)},
        source=f"activity:{activity.pk}:notified",
    )  # fmt: skip
    refresh_list(activity)
    return tell_of(activity, None, key="notified", at=moment)


@transaction.atomic
def cancel(*, activity: Activity, reason: str, by: Actor, at: dt.datetime | None = None) -> Activity:
    """Call an activity off (取消), with a reason; those who were notified are told. Who has checked in is withdrawn first."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.cancel", activity.org)
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid("请写明取消的原因。", field="reason")
    if Attendance.objects.filter(activity=activity, status="present").exists():
        raise Refused("已经有人签到，不能取消；如确未召开，请先撤回签到。")
    was_told, moment = activity.state in (NOTIFIED, OPEN), at or clock.now()
    late = was_told and is_late(activity.starts_at, moment)
    FLOW.move(
        activity, "cancel", by=by, at=moment, source=f"activity:{activity.pk}:cancelled",
        changes={"cancel_reason": reason[:200], "late_change_at": moment if late else activity.late_change_at},
        data={"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for, "reason": reason,
              "late": late},
    )  # fmt: skip
    joining.follow_cancel(activity, reason, by=by, at=moment)
    if was_told:
        notices.tell(
            people=told_of(activity), kind="activity_change", org=activity.org_id,
            title=f"【取消】{'（临时）' if late else ''}{activity.title}",
            body=f"原定{when_text(activity)}的“{activity.title}”已取消。原因：{reason}", link=f"/activities/{activity.pk}/",
            key=f"activity:{activity.pk}:cancelled", at=at,
        )  # fmt: skip
    return activity
