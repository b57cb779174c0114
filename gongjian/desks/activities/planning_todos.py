"""待办: replies that somebody owes, and joint activities that wait for an answer; a query each."""

import datetime as dt

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries
from gongjian.desks.activities.models import Participation, Reply
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo


def replies(actor: Actor, day: dt.date) -> list[Todo]:
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


def invitations(homes: set[int]) -> list[Todo]:
    """Joint activities to which one of these organisations is invited, whose people the actor leads itself."""
    found = Participation.objects.filter(org__in=homes, state="invited", activity__state__in=(PLANNED, NOTIFIED))
    return [
        Todo(
            _("确认联合开展：%(title)s") % {"title": joining.activity.title},
            reverse("activities:joint", args=[joining.activity_id]), due_on=clock.day_of(joining.activity.starts_at),
            hint=_("%(org)s邀请") % {"org": joining.activity.org.name}, button=_("确认"),
        )
        for joining in found.select_related("activity__org").order_by("activity__starts_at")[:4]
    ]  # fmt: skip
