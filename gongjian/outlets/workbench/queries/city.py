"""The city leader's home page: five questions, each answered in a sentence, with the cases below it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from gongjian.appraisal.standards import queries as standards
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.scope import subtree_q
from gongjian.outlets.workbench.queries import sums
from gongjian.outlets.workbench.queries.branch import term_ends
from gongjian.outlets.workbench.rules import per_head, share
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation

WORSE_BY = 1  # percentage points below which a change is not called one
CASES = 6


@dataclass
class Part:
    """城区一行: an organisation directly below the city, measured per head so that large and small compare fairly."""

    org: Organisation
    members: int
    now: dict[str, int] = field(default_factory=dict)
    kept: int | None = None  # percent of standings kept in the last closed month
    kept_before: int | None = None
    came: int | None = None  # percent present in the last closed month
    came_before: int | None = None
    points: float | None = None  # for each member, this year

    @property
    def short(self) -> int:
        """Standings that fall short now."""
        return self.now.get("short", 0)

    @property
    def risk(self) -> int:
        """Standings at risk now."""
        return self.now.get("at_risk", 0)

    @property
    def lacking(self) -> int:
        """Both."""
        return self.short + self.risk

    @property
    def lacking_share(self) -> int:
        """Percent of all that is asked now: so that a large district does not come first for being large."""
        return share(self.lacking, sum(self.now.values())) or 0

    def fell(self, name: str) -> int:
        """By how many percentage points a share fell since the month before; 0 where it did not, or cannot be told."""
        now, before = getattr(self, name), getattr(self, f"{name}_before")
        return max(0, before - now) if now is not None and before is not None else 0


def parts(actor: Actor, node: Organisation, today: dt.date) -> list[Part]:
    """Every organisation directly below, with what is compared; seven statements however large the city."""
    last = clock.previous_period(clock.month_of(today))
    before = clock.previous_period(last)
    members = sums.members(node)
    now = {child.org.pk: child for child in standards.by_child(
        standards.visible_to(actor).filter(standards.now_q(today)), node)}  # fmt: skip
    rows = orgs.children(node).filter(pk__in=set(members) | set(now))
    closed = sums.standings(node, [last, before])
    came, came_before = sums.attendance(node, last), sums.attendance(node, before)
    year = clock.year_of(today)
    found = list(rows)
    points = sums.points([org.pk for org in found], year)

    def kept(org: int, period: str) -> int | None:
        states = closed.get((org, period), {})
        return share(states.get("kept", 0) + states.get("made_good", 0),
                     sum(n for state, n in states.items() if state not in standards.AT_REST))  # fmt: skip

    return [
        Part(
            org=org, members=members.get(org.pk, 0), now=now[org.pk].counts if org.pk in now else {},
            kept=kept(org.pk, last), kept_before=kept(org.pk, before), came=share(*came.get(org.pk, (0, 0))),
            came_before=share(*came_before.get(org.pk, (0, 0))),
            points=per_head(points.get(org.pk, 0), members.get(org.pk, 0)),
        )
        for org in found
    ]  # fmt: skip


def worse(found: list[Part]) -> list[dict[str, Any]]:
    """What got worse from one closed month to the next, the steepest fall first."""
    cases = [
        {"part": part, "what": name, "by": part.fell(name), "now": getattr(part, name),
         "before": getattr(part, f"{name}_before")}
        for part in found
        for name in ("kept", "came")
        if part.fell(name) >= WORSE_BY
    ]  # fmt: skip
    return sorted(cases, key=lambda case: (-case["by"], case["part"].org.code))[:CASES]


def best(found: list[Part]) -> list[Part]:
    """Who does well: by the share kept, then who came, then points for each member; only who has been judged."""
    judged = [part for part in found if part.kept is not None]
    return sorted(judged, key=lambda part: (-(part.kept or 0), -(part.came or 0), -(part.points or 0)))[:3]


def promises(actor: Actor, node: Organisation, today: dt.date) -> dict[str, Any]:
    """What was to be mended by a day: open cases, how many past it, and committees whose term ends soon; three queries."""
    cases = standards.cases_visible_to(actor).filter(subtree_q(node.path, prefix="org__")).exclude(state="closed")
    counts = cases.aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today)), up=Count("pk", filter=Q(state="escalated"))
    )
    oldest = list(cases.filter(due_on__lt=today).select_related("org").order_by("due_on", "pk")[:CASES])
    duties = {duty.id: duty.short for duty in policy.current().duties}
    for case in oldest:
        case.short, case.days = duties.get(case.duty, case.duty), (today - case.due_on).days
    soon = clock.add_months(today, policy.current().settings.terms.remind_months_before)
    terms = [
        org
        for org in orgs.visible_to(actor).filter(
            subtree_q(node.path), term_started_on__isnull=False, term_years__isnull=False,
            term_started_on__lte=clock.add_months(soon, -12),
        ).only("pk", "name", "term_started_on", "term_years")
        if (ends := term_ends(org)) and ends <= soon
    ]  # fmt: skip
    return {**counts, "oldest": oldest, "terms": len(terms), "terms_late": sum(term_ends(o) < today for o in terms)}


def need(actor: Actor, node: Organisation, found: list[Part]) -> dict[str, Any]:
    """Where one is needed: what was reported up to here, and where most falls short; one query."""
    reported = standards.cases_visible_to(actor).filter(escalated_to=node, state="escalated").count()
    lacking = sorted(
        (part for part in found if part.lacking), key=lambda part: (-part.lacking_share, -part.short, part.org.code)
    )
    return {
        "reported": reported, "short": sum(part.short for part in found), "risk": sum(part.risk for part in found),
        "first": lacking[0] if lacking else None, "cases": lacking[:CASES],
    }  # fmt: skip


def home(actor: Actor, ident: int) -> dict[str, Any]:
    """Everything on the page; NotFound for an organisation that the actor may not see."""
    node = orgs.get_for(actor, ident, permission="standards.view")
    today = clock.today()
    found = parts(actor, node, today)
    last = clock.previous_period(clock.month_of(today))
    return {
        "org": node, "today": today, "parts": sorted(found, key=lambda part: part.org.code), "need": need(actor, node, found),
        "worse": worse(found), "best": best(found), "promises": promises(actor, node, today), "last": last,
        "before": clock.previous_period(last), "year": clock.year_of(today), "month": clock.month_of(today),
        "members": sum(part.members for part in found),
    }  # fmt: skip
