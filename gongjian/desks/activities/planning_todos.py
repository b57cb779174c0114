"""待办: what waits for somebody in organisational life: replies to give, notices to send, invitations to answer."""

import datetime as dt

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries
from gongjian.desks.activities.models import Activity, Participation, Reply
from gongjian.desks.activities.permissions import may_convene
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.schema import UnknownEntry

SOON = dt.timedelta(days=30)


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor: at most twenty, in at most four queries."""
    if actor.kind != "person":
        return []
    return [*_replies(actor, day)[:8], *_invitations(actor)[:4], *_drafts(actor, day)[:8]]


def _replies(actor: Actor, day: dt.date) -> list[Todo]:
    """Notices that one has not answered."""
    if not actor.person:
        return []
    answered = Reply.objects.filter(activity=OuterRef("pk"), person=actor.person)
    found = queries.mine(actor).filter(state=NOTIFIED, starts_at__gte=clock.at_time(day), attendances__person=actor.person,
                                       attendances__status="expected", attendances__excuse_state="")  # fmt: skip
    rows = found.exclude(Exists(answered)).order_by("starts_at").distinct()[:8]
    return [
        Todo(
            _("回复会不会来：%(title)s") % {"title": activity.title}, reverse("activities:detail", args=[activity.pk]),
            due_on=clock.day_of(activity.starts_at), button=_("回复"),
            hint=_("%(time)s，%(place)s") % {"time": f"{activity.starts_at.astimezone(clock.SHANGHAI):%H:%M}",
                                             "place": activity.place or _("地点另行通知")},
        )
        for activity in rows
    ]  # fmt: skip


def _invitations(actor: Actor) -> list[Todo]:
    """Joint activities to which an organisation that the actor leads itself is invited."""
    held = {grant.org for grant in actor.grants if "activities.plan" in grant.permissions}
    if not held:
        return []
    found = Participation.objects.filter(org__in=held, state="invited", activity__state__in=(PLANNED, NOTIFIED))
    return [
        Todo(
            _("确认联合开展：%(title)s") % {"title": joining.activity.title},
            reverse("activities:joint", args=[joining.activity_id]), due_on=clock.day_of(joining.activity.starts_at),
            hint=_("%(org)s邀请") % {"org": joining.activity.org.name}, button=_("确认"),
        )
        for joining in found.select_related("activity__org").order_by("activity__starts_at")[:4]
    ]  # fmt: skip


def _drafts(actor: Actor, day: dt.date) -> list[Todo]:
    """Plans whose notice is due and which the actor may convene: by the pack's days ahead, drafts of others at once."""
    held = {grant.org for grant in actor.grants if "activities.plan" in grant.permissions}
    if not held:
        return []
    pack = policy.on(day)
    found = Activity.objects.filter(
        scope_q(actor, "activities.plan", prefix="org__"), org__in=held, state=PLANNED, starts_at__gte=clock.at_time(day),
        starts_at__lt=clock.at_time(day) + SOON,
    ).select_related("org").order_by("starts_at")  # fmt: skip
    shown = []
    for activity in found[:30]:
        try:
            kind = pack.activity_kind(activity.kind)
        except UnknownEntry:
            continue
        send_by = max(day, clock.day_of(activity.starts_at) - dt.timedelta(days=pack.planning.send_days_before))
        from_other = activity.created_by != actor.person
        if (send_by <= day or from_other) and _convenes(actor, activity, kind):
            hint = _("别人已安排好，等您确认") if from_other else _("还没有发通知")
            shown.append(Todo(
                _("发出通知：%(title)s") % {"title": activity.title}, reverse("activities:detail", args=[activity.pk]),
                due_on=send_by, button=_("去通知"), hint=hint,
            ))  # fmt: skip
    return shown


def _convenes(actor: Actor, activity: Activity, kind) -> bool:
    """By role where that is enough, which asks no database."""
    roles = any(grant.role in kind.convener_roles and grant.covers(activity.org) for grant in actor.grants)
    return roles or (not kind.convener_roles and may_convene(activity.org, kind, actor))
