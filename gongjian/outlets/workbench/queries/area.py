"""The home page of a district, a street, a community or a unit: who falls short, who will, and what was reported."""

import datetime as dt
from typing import Any

from gongjian.appraisal.standards import queries as standards
from gongjian.appraisal.standards.wording import period_title
from gongjian.desks.activities import queries as activities
from gongjian.desks.activities.states import NOTIFIED, OPEN, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.scope import subtree_q
from gongjian.outlets.workbench.queries import sums
from gongjian.outlets.workbench.rules import share
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation

SHOWN = 6
LEVELS_WITH_PAGE = ("branch", "group")


def lacking(actor: Actor, org: Organisation, state: str, today: dt.date) -> list[standards.Item]:
    """The most pressing below an organisation that fall short (or will), each with what is forecast; two queries."""
    pack = policy.on(today)
    rows = standards.below(standards.visible_to(actor).filter(standards.now_q(today), state=state), org)
    rows = list(rows.select_related("org").order_by("due_on", "org__path", "duty")[:SHOWN])
    standards.put_cases(rows)
    found = [standards.item_of(row, pack=pack, today=today, case=row.case) for row in rows]
    return [item for item in found if item]


def escalated(actor: Actor, org: Organisation) -> list[dict[str, Any]]:
    """What was reported to this organisation and is not settled yet, the oldest first."""
    pack = policy.current()
    duties = {duty.id: duty for duty in pack.duties}
    rows = (
        standards.cases_visible_to(actor).filter(escalated_to=org, state="escalated").select_related("org")
        .order_by("escalated_at", "pk")[:SHOWN]
    )  # fmt: skip
    return [
        {"case": row, "short": duties[row.duty].short if row.duty in duties else row.duty,
         "period": period_title(row.period)}
        for row in rows
    ]  # fmt: skip


def children(actor: Actor, org: Organisation, today: dt.date) -> list[standards.Child]:
    """Those directly below with their counts, members and share; what lacks most first; three queries."""
    found = standards.by_child(standards.below(standards.visible_to(actor).filter(standards.now_q(today)), org), org)
    members = sums.members(org)
    for child in found:
        child.members = members.get(child.org.pk) or child.org.member_count
        child.share = share(child.fine, child.total)
        child.short, child.risk = child.counts.get("short", 0), child.counts.get("at_risk", 0)
        child.page = "org" if child.org.level in LEVELS_WITH_PAGE else "under"
    return found


def week(actor: Actor, org: Organisation) -> list[Any]:
    """Meetings of the next seven days below an organisation."""
    now = clock.now()
    return list(
        activities.visible_to(actor).filter(
            subtree_q(org.path, prefix="org__"), state__in=(PLANNED, NOTIFIED, OPEN), starts_at__gte=now,
            starts_at__lt=now + dt.timedelta(days=7),
        ).select_related("org").order_by("starts_at")[:SHOWN]
    )  # fmt: skip


def home(actor: Actor, ident: int) -> dict[str, Any]:
    """Everything on the page; NotFound for an organisation that the actor may not see."""
    org = orgs.get_for(actor, ident, permission="standards.view")
    today = clock.today()
    found = standards.below(standards.visible_to(actor).filter(standards.now_q(today)), org)
    below = children(actor, org, today)
    return {
        "org": org, "today": today, "counts": standards.counts(found), "short": lacking(actor, org, "short", today),
        "risk": lacking(actor, org, "at_risk", today), "children": below, "escalated": escalated(actor, org),
        "week": week(actor, org), "may_remind": actor.may_at("standards.remind", org),
        "may_plan": actor.may_at("activities.plan", org), "members": sum(child.members for child in below),
        "listed": {"query": ""},
    }  # fmt: skip
