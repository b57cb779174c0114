"""What waits for somebody here: minutes to write, sign-offs, notices, replies, invitations, excuses, follow-ups, lessons.

At most eight queries for who leads a branch or committee, two for a member.
"""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from gongjian.desks.activities import lessons
from gongjian.desks.activities.models import Activity, Attendance, FollowUp, Minutes
from gongjian.desks.activities.planning_todos import invitations, replies
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, FOLLOW_UP_DONE, FOLLOW_UP_OPEN, HELD, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo

SOON = dt.timedelta(days=7)
SOON_BY_OTHERS = dt.timedelta(days=30)  # what a clerk has planned waits for the convener
MOST = 20


def _homes(actor: Actor, *codes: str) -> set[int]:
    """Organisations where the actor holds one of these permissions by a grant of their own, not from above."""
    return {grant.org for grant in actor.grants for code in codes if code in grant.permissions and actor.may(code)}


def _at(homes: set[int], prefix: str = "") -> Q:
    """Of these organisations and of their groups."""
    return Q(**{f"{prefix}org__in": homes}) | Q(**{f"{prefix}org__parent__in": homes, f"{prefix}org__kind": "group"})


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor in organisational life, the oldest first within each sort."""
    found = _own(actor) + replies(actor, day)
    homes = _homes(actor, "activities.hold", "activities.sign_off", "activities.plan")
    if homes:
        found += invitations(homes) + _meetings(actor, homes, day)
    homes = _homes(actor, "activities.check_in")
    if homes:
        found += _excuses(homes)
    homes = _homes(actor, "activities.follow_up")
    if homes:
        found += _to_confirm(homes)
    owed = lessons.owed_by(actor, day)
    if owed:
        year_end = clock.period_bounds(clock.year_of(day))[1]
        title = _("今年还要讲 %(n)d 次党课") % {"n": owed}
        hint = policy.on(day).meetings.secretary_lessons.basis
        found.append(Todo(title, "/activities/plan/", hint=hint, due_on=year_end, button=_("去安排")))
    return found[:MOST]


def _own(actor: Actor) -> list[Todo]:
    if not actor.person:
        return []
    rows = (
        FollowUp.objects.filter(owner=actor.person, state=FOLLOW_UP_OPEN).select_related("activity").order_by("due_on")
    )
    return [
        Todo(one.text, f"/activities/follow-ups/{one.pk}/", hint=_("“%(title)s”议定由您负责") % {"title": one.activity.title},
             due_on=one.due_on, button=_("报告办结"))
        for one in rows[:MOST]
    ]  # fmt: skip


def _meetings(actor: Actor, homes: set[int], day: dt.date) -> list[Todo]:
    now = clock.now()
    needs_minutes = {kind.id for kind in policy.current().activity_kinds if kind.minutes_required}
    rows = (
        Activity.objects.filter(_at(homes))
        .filter(
            Q(state=HELD) | Q(state=PLANNED, starts_at__gte=now, starts_at__lt=now + SOON)
            | Q(state=PLANNED, starts_at__gte=now, starts_at__lt=now + SOON_BY_OTHERS) & ~Q(created_by=actor.person)
        )
        .annotate(written=Exists(Minutes.objects.filter(activity=OuterRef("pk")))).select_related("org").order_by("starts_at")
    )  # fmt: skip
    found = []
    for one in rows[:MOST]:
        start = clock.day_of(one.starts_at)
        when = f"{start.month}月{start.day}日"
        if one.state == PLANNED:
            if _convenes(actor, one):
                by_other = one.created_by != actor.person
                hint = (_("%(day)s · 别人已安排好，等您发通知") if by_other else _("%(day)s · 还没有通知参加人")) % {
                    "day": when
                }
                send_by = max(day, start - dt.timedelta(days=policy.current().planning.send_days_before))
                found.append(Todo(one.title, f"/activities/{one.pk}/", hint=hint, due_on=send_by, button=_("去通知")))
        elif one.kind in needs_minutes and not one.written:
            if actor.may_at("activities.hold", one.org):
                hint = _("%(day)s · 开过了，还没有会议记录") % {"day": when}
                found.append(Todo(one.title, f"/activities/{one.pk}/minutes/", hint=hint, button=_("写记录")))
        elif actor.may_at("activities.sign_off", one.org):
            hint = _("%(day)s · 等待签字确认，确认后才计入达标和积分") % {"day": when}
            found.append(Todo(one.title, f"/activities/{one.pk}/sign-off/", hint=hint, button=_("去签字")))
    return found


def _convenes(actor: Actor, activity: Activity) -> bool:
    """Whether the actor plans here and has a role that convenes this kind; asks no database."""
    kind = next((kind for kind in policy.current().activity_kinds if kind.id == activity.kind), None)
    return (
        kind is not None
        and actor.may_at("activities.plan", activity.org)
        and any(grant.role in kind.convener_roles and grant.covers(activity.org) for grant in actor.grants)
    )


def _excuses(homes: set[int]) -> list[Todo]:
    rows = (
        Attendance.objects.filter(_at(homes, "activity__"), activity__state__in=BEFORE_SIGN_OFF, excuse_state="asked")
        .select_related("activity", "person").order_by("activity__starts_at", "id")
    )  # fmt: skip
    return [
        Todo(
            _("%(name)s 请假：%(title)s") % {"name": one.person.name, "title": one.activity.title},
            f"/activities/{one.activity_id}/", hint=" · ".join(filter(None, (str(one.get_excuse_reason_display()), one.excuse))),
            due_on=clock.day_of(one.activity.starts_at), button=_("去审批"),
        )
        for one in rows[:10]
    ]  # fmt: skip


def _to_confirm(homes: set[int]) -> list[Todo]:
    rows = FollowUp.objects.filter(_at(homes), state=FOLLOW_UP_DONE).select_related("owner").order_by("done_on", "id")
    return [
        Todo(one.text, f"/activities/follow-ups/{one.pk}/", hint=_("%(name)s 报告已经办结") % {"name": one.owner.name},
             button=_("去确认"))
        for one in rows[:10]
    ]  # fmt: skip
