"""Replies to a notice (回复), and reminding those who have not read it."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.joining import on_text, ref
from gongjian.desks.activities.actions.planning import when_text
from gongjian.desks.activities.models import Activity, Attendance, Reply
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.notices import queries as told


@transaction.atomic
def reply(*, activity: Activity, answer: str, by: Actor, note: str = "", at: dt.datetime | None = None) -> Reply:
    """Say whether one will come (回复); may be changed until it begins. The same answer again changes nothing.

    Who answers has read the notice. It is no excuse: who cannot come asks for that besides, and it is granted or not.
    """
    activity = queries.get_for(by, activity.pk)
    allowed = policy.on(clock.day_of(activity.starts_at)).planning.replies
    if answer not in allowed:
        raise Invalid("请选择会不会来。", field="answer")
    if activity.state not in (PLANNED, NOTIFIED):
        raise Refused("活动已经开始或取消，不用再回复。")
    if queries.row_of(activity, by.person) is None:
        raise Refused("您不在这次活动的名单上，不用回复。")
    moment, note = at or clock.now(), note.strip()[:100]
    notices.mark_read(by=by, link=page_of(activity))
    before = Reply.objects.filter(activity=activity, person=by.person).first()
    if before is not None and (before.answer, before.note) == (answer, note):
        return before
    given, _new = Reply.objects.update_or_create(
        activity=activity, person_id=by.person, defaults={"answer": answer, "note": note, "at": moment}
    )
    if before is None or before.answer != answer:
        facts.record(
            "activity.replied", by=by, at=moment, person=by.person, org=activity.org_id, obj=ref(activity),
            data={"activity_kind": activity.kind, "answer": answer},
        )  # fmt: skip
    return given


def page_of(activity: Activity) -> str:
    """Where the notices of an activity lead."""
    return f"/activities/{activity.pk}/"


def have_seen(*, activity: Activity, by: Actor) -> int:
    """Say that one has seen the notice (知道了), without an answer; returns how many notices are read by it.

    Looking at the page alone writes nothing, so it is said with a button. Twice is once.
    """
    return notices.mark_read(by=by, link=page_of(queries.get_for(by, activity.pk)))


def not_yet_read(activity: Activity) -> set[int]:
    """Ids of those on the list who were told, have opened neither notice nor reminder and have not answered either."""
    listed = set(
        Attendance.objects.filter(activity=activity, status="expected", excuse_state="").values_list(
            "person", flat=True
        )
    )
    answered = set(Reply.objects.filter(activity=activity).values_list("person", flat=True))
    unread = told.not_read(f"activity:{activity.pk}:notified", listed - answered)
    again = [f"activity:{activity.pk}:remind:{number}" for number in range(1, activity.reminders + 1)]
    return unread - told.have_read(again, unread)


@transaction.atomic
def remind_unread(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> int:
    """Remind those who have not read the notice (提醒未读): once a day, at most the pack's number; returns how many.

    Raises Refused when it is not notified, has been reminded of today, or often enough.
    """
    if by.kind != "system":
        activity = queries.get_for(by, activity.pk)
        by.require("activities.plan", activity.org)
    moment = at or clock.now()
    today = clock.day_of(moment)
    most = policy.on(clock.day_of(activity.starts_at)).planning.reminders_at_most
    people = not_yet_read(activity)
    if activity.state == NOTIFIED and not people:
        return 0
    done = Activity.objects.filter(
        Q(reminded_on__isnull=True) | Q(reminded_on__lt=today), pk=activity.pk, state=NOTIFIED, reminders__lt=most,
        starts_at__gt=moment,
    ).update(reminders=F("reminders") + 1, reminded_on=today)  # fmt: skip
    if not done:
        activity.refresh_from_db()
        if activity.state != NOTIFIED or activity.starts_at <= moment:
            raise Refused("只有已通知、还没有开始的活动才能提醒。")
        if activity.reminders >= most:
            raise Refused(f"已经提醒 {most} 次，不再重复打扰；可以打电话。")
        raise Refused("今天已经提醒过了，明天再提醒。")
    activity.refresh_from_db(fields=("reminders", "reminded_on"))
    number = notices.tell(
        people=people, kind="activity", title=f"【提醒】{activity.title}",
        body=f"{activity.org.name} {when_text(activity)}的“{activity.title}”，请点开回复会不会来。",
        link=page_of(activity), key=f"activity:{activity.pk}:remind:{activity.reminders}", at=moment,
    )  # fmt: skip
    facts.record(
        "activity.reminded", by=by, at=moment, org=activity.org_id, obj=ref(activity), quantity=max(1, number),
        data={"activity_kind": activity.kind, "on": on_text(activity), "number": activity.reminders},
        source=f"activity:{activity.pk}:remind:{activity.reminders}",
    )  # fmt: skip
    return number


def remind_all(*, at: dt.datetime | None = None) -> int:
    """Every morning: remind of all meetings that are the pack's numbers of days away; returns how many persons."""
    moment = at or clock.now()
    today = clock.day_of(moment)
    number = 0
    for ahead in policy.current().planning.remind_days_before:
        begin = clock.at_time(today + dt.timedelta(days=ahead))
        coming = Activity.objects.filter(
            state=NOTIFIED, starts_at__gte=begin, starts_at__lt=begin + dt.timedelta(days=1)
        )
        for activity in coming.filter(Q(reminded_on__isnull=True) | Q(reminded_on__lt=today)).select_related("org"):
            most = policy.on(clock.day_of(activity.starts_at)).planning.reminders_at_most
            if activity.reminders < most:
                try:
                    number += remind_unread(activity=activity, by=SYSTEM, at=moment)
                except Refused:  # somebody has just reminded by hand
                    continue
    return number
