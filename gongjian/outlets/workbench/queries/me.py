"""One's own home page: what is next, points and why, duties, notices."""

import datetime as dt
from typing import Any

from gongjian.appraisal.points import queries as points
from gongjian.appraisal.points.explaining import explain
from gongjian.desks.activities import queries as activities
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.desks.activities.states import OPEN, SIGNED_OFF
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.records.notices import queries as notices
from gongjian.records.people import queries as people

REASONS = 3  # the latest points explained on the page


def coming(actor: Actor) -> dict[str, Any]:
    """What is next for oneself: the one whose check-in is open first of all, with one's own row beside each."""
    pack = policy.current()
    found = list(activities.coming_for(actor)[:6])
    rows = activities.own_rows(actor, found)
    kinds = {kind.id: kind.title for kind in pack.activity_kinds}
    for activity in found:
        activity.row = rows.get(activity.pk)
        activity.kind_title = kinds.get(activity.kind, activity.kind)
    waiting = [a for a in found if a.state == OPEN and a.row and a.row.status in ("expected", "absent")]
    return {"open": waiting, "coming": [a for a in found if a not in waiting][:3]}


def own_points(actor: Actor) -> dict[str, Any]:
    """Points of the month and year, the rank in one's own branch, and the latest points with their reasons."""
    today = clock.today()
    month, _quarter, year = clock.periods_of(today)
    scores = points.scores_of("person", actor.person, (month, year))
    ranks = points.ranks_of("person", actor.person, year)
    return {
        "month": scores[month], "year": scores[year], "rank": ranks[-1] if ranks else None,
        "why": explain(points.entries_of("person", actor.person)[:REASONS]),
    }  # fmt: skip


def own_duties(actor: Actor, today: dt.date) -> list[dict[str, Any]]:
    """Meetings of this month on whose list one is; what was decided that one should see to stands among the todos."""
    _first, last = clock.period_bounds(clock.month_of(today))
    rows = (
        Attendance.objects.filter(
            person=actor.person, status="expected", activity__starts_at__gte=clock.at_time(today),
            activity__starts_at__lt=clock.at_time(last + dt.timedelta(days=1)),
        )
        .exclude(activity__state__in=("cancelled", SIGNED_OFF, "held")).exclude(activity__audience="open")
        .select_related("activity").order_by("activity__starts_at")
    )  # fmt: skip
    return [
        {"title": row.activity.title, "day": clock.day_of(row.activity.starts_at), "activity": row.activity_id}
        for row in rows[:8]
    ]


def home(actor: Actor) -> dict[str, Any]:
    """Everything on one's own home page."""
    today = clock.today()
    membership = people.membership_of(actor.person) if actor.person else None
    nearby = list(activities.open_nearby(actor)[:5]) if actor.person else []
    context: dict[str, Any] = {
        "today": today, "membership": membership, "nearby": nearby, "news": list(notices.of(actor)[:3]),
        "organises": actor.may("activities.plan"), "attended": 0,
    }  # fmt: skip
    if actor.person:
        context |= coming(actor)
        context["attended"] = Attendance.objects.filter(
            person=actor.person, status="present", activity__starts_at__gte=clock.at_time(today.replace(month=1, day=1))
        ).count()
    if membership is not None:
        context |= {"points": own_points(actor), "duties": own_duties(actor, today)}
    return context


def latest_of(actor: Actor, count: int = 5) -> list[Activity]:
    """The last activities one took part in."""
    return list(activities.mine(actor).filter(state=SIGNED_OFF).order_by("-starts_at")[:count])
