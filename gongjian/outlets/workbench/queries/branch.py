"""A branch secretary's home page: what is due this month, what waits, how the branch does."""

import datetime as dt
from typing import Any

from django.db.models import Count, Sum

from gongjian.appraisal.points import queries as points
from gongjian.appraisal.standards import queries as standards
from gongjian.desks.activities import queries as activities
from gongjian.desks.activities.states import NOTIFIED, OPEN, PLANNED, SIGNED_OFF
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.scope import subtree_q
from gongjian.outlets.workbench.rules import share
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation


def _own(actor: Actor, org: Organisation):
    """Activities of the branch and of its groups."""
    return activities.visible_to(actor).filter(subtree_q(org.path, prefix="org__")).select_related("org")


def next_meetings(actor: Actor, org: Organisation) -> dict[str, Any]:
    """What is on today, and what comes after; counts of those expected and here beside each; two queries."""
    today = clock.today()
    found = list(
        _own(actor, org).filter(state__in=(PLANNED, NOTIFIED, OPEN), ends_at__gte=clock.now() - dt.timedelta(hours=12))
        .order_by("starts_at")[:6]
    )  # fmt: skip
    activities.put_counts(found)
    on_today = [a for a in found if clock.day_of(a.starts_at) <= today]
    return {"on_today": on_today, "upcoming": [a for a in found if a not in on_today][:4]}


def doing(actor: Actor, org: Organisation) -> dict[str, Any]:
    """How the branch does: members, attendance of the last three months, points and rank among its like."""
    today = clock.today()
    month, _quarter, year = clock.periods_of(today)
    since = clock.at_time(clock.add_months(today.replace(day=1), -3))
    held = _own(actor, org).filter(state=SIGNED_OFF, starts_at__gte=since).exclude(audience="open")
    sums = held.aggregate(n=Count("pk"), present=Sum("present_count"), expected=Sum("expected_count"))
    scores = points.scores_of("organisation", org.pk, (month, year))
    ranks = points.ranks_of("organisation", org.pk, year)
    return {
        "meetings": sums["n"], "attendance": share(sums["present"] or 0, sums["expected"] or 0),
        "month_points": scores[month], "year_points": scores[year], "rank": ranks[-1] if ranks else None,
        "rank_city": ranks[0] if ranks else None,
    }  # fmt: skip


def term_ends(org: Organisation) -> dt.date | None:
    """When the committee's term ends; None where there is none."""
    if org.term_started_on is None or not org.term_years:
        return None
    return clock.add_months(org.term_started_on, 12 * org.term_years)


def home(actor: Actor, ident: int) -> dict[str, Any]:
    """Everything on a branch's home page; NotFound for one that the actor may not see."""
    org = orgs.get_for(actor, ident, permission="standards.view")
    today = clock.today()
    items = standards.items(actor, org, today)
    ends = term_ends(org)
    remind = policy.current().settings.terms.remind_months_before
    month = [item for item in items if item.standing.due_on <= clock.period_bounds(clock.month_of(today))[1]]
    return {
        "org": org, "today": today, "lacking": [item for item in items if item.is_lacking],
        "under_way": [item for item in items if item.standing.state == "on_track"],
        "fine": [item for item in items if item.standing.state in ("kept", "made_good")],
        "month_done": sum(item.standing.state in ("kept", "made_good") for item in month), "month_all": len(month),
        "may_plan": actor.may_at("activities.plan", org),
        "doing": doing(actor, org), **next_meetings(actor, org),
        "term_ends": ends if ends and ends <= clock.add_months(today, remind) else None,
    }  # fmt: skip
