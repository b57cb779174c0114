"""Reads of standings; every one knows who asks."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Left, StrIndex, Substr
from django.urls import reverse
from django.utils.http import urlencode

from gongjian.appraisal.standards import rules
from gongjian.appraisal.standards.models import Case, Excuse, Moratorium, Occurrence, Standing, Sweep
from gongjian.appraisal.standards.wording import advice, period_title, short_day
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.rules import has_committee
from gongjian.ground.policy.schema import Duty, Pack
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation

PERS = ("month", "quarter", "year")
STATES = ("short", "at_risk", "on_track", "kept", "made_good", "waived", "on_hold")
AT_REST = ("waived", "on_hold")  # nothing is asked: neither kept nor missed, and in no share
BRANCH_LEVEL = "branch"


def visible_to(actor: Actor, *, permission: str = "standards.view") -> QuerySet[Standing]:
    """Standings of the organisations over which the actor holds `permission`."""
    return Standing.objects.filter(scope_q(actor, permission, prefix="org__"))


def cases_visible_to(actor: Actor) -> QuerySet[Case]:
    """Cases of the organisations that the actor sees."""
    return Case.objects.filter(scope_q(actor, "standards.view", prefix="org__"))


def get_org(actor: Actor, ident: int | str) -> Organisation:
    """An organisation whose standing the actor may see; NotFound otherwise."""
    return orgs.get_for(actor, ident, permission="standards.view")


def roots(actor: Actor) -> list[Organisation]:
    """The organisations at the top of what the actor sees, highest first."""
    found = Organisation.objects.filter(pk__in={g.org for g in actor.grants if "standards.view" in g.permissions})
    rows = sorted(found, key=lambda org: (org.path.count("/"), org.pk))
    tops: list[Organisation] = []
    for org in rows:
        if not any(org.path.startswith(top.path) for top in tops):
            tops.append(org)
    return tops


def now_q(today: dt.date) -> Q:
    """What concerns people now: the current periods, and what was missed in the ones before and can be made good."""
    current = [clock.period_of(today, per) for per in PERS]
    before = [clock.previous_period(period) for period in current]
    return Q(period__in=current) | Q(period__in=before, state="short")


def below(found: QuerySet[Standing], org: Organisation) -> QuerySet[Standing]:
    """Those of an organisation and all that belong to it or sit in it (隶属 or 属地)."""
    return found.filter(
        subtree_q(org.path, prefix="org__") | subtree_q(org.territory_path, prefix="org__", field="territory_path")
    )


def counts(found: QuerySet[Standing]) -> dict[str, int]:
    """How many standings are in each state; organisations that fall short or are at risk as `orgs`."""
    by_state = dict(found.order_by().values_list("state").annotate(Count("id")))
    lacking = found.filter(state__in=("short", "at_risk")).order_by().values("org").distinct().count()
    total = sum(number for state, number in by_state.items() if state not in AT_REST)
    fine = by_state.get("kept", 0) + by_state.get("made_good", 0)
    return {state: by_state.get(state, 0) for state in STATES} | {
        "total": total, "fine": fine, "lacking_orgs": lacking,
        "share": round(100 * fine / total) if total else 0,
    }  # fmt: skip


@dataclass
class Child:
    """下级的情况: an organisation directly below, and how many standings in its subtree are in each state.

    Without an organisation: the guests, who sit here (属地) and belong elsewhere (隶属).
    """

    org: Organisation | None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All standings in the subtree that ask for something."""
        return sum(number for state, number in self.counts.items() if state not in AT_REST)

    @property
    def fine(self) -> int:
        """Kept or made good."""
        return self.counts.get("kept", 0) + self.counts.get("made_good", 0)


def by_child(found: QuerySet[Standing], org: Organisation) -> list[Child]:
    """Counts by the organisations directly below along 隶属, those that lack most first, and guests at the end.

    Three queries, whatever the size of the tree.
    """
    rest = Substr("org__path", len(org.path) + 1)
    grouped = (
        found.filter(subtree_q(org.path, prefix="org__")).exclude(org=org).order_by()
        .annotate(child=Left(rest, StrIndex(rest, Value("/")) - 1, output_field=CharField()))
        .values_list("child", "state").annotate(number=Count("id"))
    )  # fmt: skip
    children: dict[int, Child] = {}
    table: dict[int, dict[str, int]] = {}
    for child, state, number in grouped:
        table.setdefault(int(child), {})[state] = number
    for pk, row in Organisation.objects.in_bulk(table).items():
        children[pk] = Child(row, table[pk])
    guests = dict(
        found.exclude(subtree_q(org.path, prefix="org__")).order_by().values_list("state").annotate(Count("id"))
    )
    ordered = sorted(
        children.values(), key=lambda c: (-c.counts.get("short", 0), -c.counts.get("at_risk", 0), c.org.code)
    )
    return [*ordered, Child(None, guests)] if guests else ordered


@dataclass
class Item:
    """一项规定动作的现状: a standing with its duty, what is forecast, what is done about it, and where to go."""

    standing: Standing
    duty: Duty
    forecast: rules.Forecast | None = None
    case: Case | None = None
    plan: dict[str, Any] = field(default_factory=dict)

    @property
    def period_title(self) -> str:
        """The period in words."""
        return period_title(self.standing.period)

    @property
    def advice(self) -> str:
        """What is missing, by when, and which days offer themselves; nothing when enough is held or planned."""
        return advice(self.duty, self.standing.period, self.forecast) if self.forecast else ""

    @property
    def days(self) -> list[tuple[str, str]]:
        """The proposed days: as a reader says them, and as the plan's form takes them."""
        base = {key: value for key, value in self.plan.items() if key != "on"}
        proposals = self.forecast.proposals if self.forecast else ()
        return [(short_day(day), urlencode(base | {"on": day.isoformat()})) for day in proposals]

    @property
    def plan_query(self) -> str:
        """What the plan's form is told, as the query of an address."""
        return urlencode(self.plan)

    @property
    def is_lacking(self) -> bool:
        """Whether it falls short or is at risk."""
        return self.standing.state in ("short", "at_risk")

    @property
    def url(self) -> str:
        """The page with the records behind it."""
        return reverse("standards:cell", args=[self.standing.org_id, self.standing.duty, self.standing.period])


def item_of(row: Standing, *, pack: Pack, today: dt.date, case: Case | None = None) -> Item | None:
    """A standing with its duty and forecast; None when the pack has no such duty any more."""
    duty = next((duty for duty in pack.duties if duty.id == row.duty), None)
    if duty is None:
        return None
    found = rules.forecast(
        duty=duty, period=row.period, required=row.required, done=row.done, planned=row.planned, today=today, pack=pack
    )
    late = today > row.due_on
    query = {"org": row.org_id, "kind": rules.activity_kind(duty)} | (
        {"counts_for": row.period, "for": row.period} if late else {}
    )
    if found and found.proposals:
        query["on"] = found.proposals[0].isoformat()
    return Item(row, duty, found, case, query)


def items(actor: Actor, org: Organisation, today: dt.date | None = None) -> list[Item]:
    """What an organisation has to do now, what lacks first; three queries."""
    today = today or clock.today()
    pack = policy.on(today)
    rows = visible_to(actor).filter(now_q(today), org=org).select_related("org")
    cases = {(case.duty, case.period): case for case in Case.objects.filter(org=org).exclude(state="closed")}
    found = [item_of(row, pack=pack, today=today, case=cases.get((row.duty, row.period))) for row in rows]
    order = {state: place for place, state in enumerate(STATES)}
    return sorted(
        (item for item in found if item), key=lambda i: (order[i.standing.state], i.standing.due_on, i.duty.order)
    )


def summary(actor: Actor, org: Organisation, today: dt.date | None = None) -> dict[str, Any]:
    """For the organisation's page and home pages: its own items, and the counts over all below it."""
    today = today or clock.today()
    found = below(visible_to(actor).filter(now_q(today)), org)
    own = items(actor, org, today)
    return {"org": org, "items": own, "lacking": [item for item in own if item.is_lacking], "counts": counts(found)}


def attention(actor: Actor, limit: int = 5, today: dt.date | None = None) -> dict[str, Any]:
    """What asks for this actor's attention now: how many fall short or are at risk, and the most pressing of them."""
    today = today or clock.today()
    pack = policy.on(today)
    found = visible_to(actor).filter(now_q(today))
    rows = found.filter(state__in=("short", "at_risk")).select_related("org").order_by("due_on", "org__path", "duty")
    pressing = [item for item in (item_of(row, pack=pack, today=today) for row in rows[:limit]) if item]
    return {"counts": counts(found), "items": pressing, "url": reverse("standards:overview")}


# ---- a year of one organisation -----------------------------------------------------------------------------------


@dataclass
class Square:
    """一格: a duty in a period; without a standing it is to come, or nothing is asked."""

    period: str
    label: str
    span: int
    state: str = ""
    url: str = ""
    title: str = ""


@dataclass
class Row:
    """一行: a duty through the year."""

    duty: Duty
    squares: list[Square]


def grid(actor: Actor, org: Organisation, year: int, today: dt.date | None = None) -> list[Row]:
    """Duties by months of a year; quarters and years span theirs. Duties that never asked anything are left out."""
    today = today or clock.today()
    pack = policy.on(today)
    standings = {(row.duty, row.period): row for row in visible_to(actor).filter(org=org, due_on__year=year)}
    rows = []
    for duty in sorted(pack.duties, key=lambda duty: duty.order):
        if org.kind not in duty.applies_to:
            continue
        squares = []
        periods = rules.periods_between(dt.date(year, 1, 1), dt.date(year, 12, 31), duty.per)
        for period in periods:
            label = {"month": period[-2:].lstrip("0"), "quarter": "Q" + period[-1:], "year": period[:4]}[duty.per]
            square = Square(period, label, 12 // len(periods), title=period_title(period))
            row = standings.get((duty.id, period))
            if row is not None:
                square.state, square.url = row.state, reverse("standards:cell", args=[org.pk, duty.id, period])
            elif clock.period_bounds(period)[0] > today:
                square.state = "coming"
            squares.append(square)
        if any(square.url for square in squares) or _asks(pack, duty, org):
            rows.append(Row(duty, squares))
    return rows


def _asks(pack: Pack, duty: Duty, org: Organisation) -> bool:
    if duty.needs == "committee":
        return has_committee(pack, org)
    return duty.needs != "groups" or org.group_count > 0


def years(actor: Actor, org: Organisation, today: dt.date) -> list[int]:
    """The years that have standings, and this one, newest first."""
    found = {day.year for day in visible_to(actor).filter(org=org).dates("due_on", "year")}
    return sorted(found | {today.year}, reverse=True)


# ---- the records behind a cell --------------------------------------------------------------------------------------


@dataclass
class Behind:
    """背后的记录: what counted or was planned for a standing, each with the facts that told of it."""

    occurrence: Occurrence
    facts: list[Fact]


def cell(actor: Actor, ident: int, duty_id: str, period: str, today: dt.date | None = None) -> Item:
    """One standing with all that belongs to it; NotFound if there is none that the actor may see."""
    today = today or clock.today()
    row = visible_to(actor).filter(org=ident, duty=duty_id, period=period).select_related("org").first()
    case = Case.objects.filter(org=ident, duty=duty_id, period=period).select_related("escalated_to").first()
    found = row and item_of(row, pack=policy.on(today), today=today, case=case)
    if not found:
        raise NotFound("没有这一项达标记录，或者它不在您的可见范围内。")
    return found


def records_behind(item: Item) -> list[Behind]:
    """The meetings that a standing rests on (called-off ones too) with their facts, oldest first; two queries.

    Call it only with an item got by `cell`.
    """
    duty, row = item.duty, item.standing
    first, last = clock.period_bounds(row.period)
    holders = Q(org=row.org_id)
    if duty.held_by == "own_or_groups":
        holders |= Q(org__kind="group", org__parent=row.org_id)
    found = list(
        Occurrence.objects.filter(holders, matched=rules.match_key(duty))
        .filter(Q(counts_for=row.period) | Q(counts_for="", on__range=(first, last)))
        .select_related("org").order_by("on", "id")
    )  # fmt: skip
    told: dict[tuple[str, str], list[Fact]] = {}
    if found:
        facts = Fact.objects.filter(
            kind__in=rules.fact_kinds((duty,)), object_kind__in={o.object_kind for o in found},
            object_id__in={o.object_id for o in found},
        )  # fmt: skip
        for fact in facts.order_by("id"):
            told.setdefault((fact.object_kind, fact.object_id), []).append(fact)
    return [Behind(row, told.get((row.object_kind, row.object_id), [])) for row in found]


def history_of(item: Item) -> list[Fact]:
    """What was done about a standing — reminders, falling short, reporting, making good — newest first."""
    row = item.standing
    kinds = (
        "reminder.sent", "reminder.acknowledged", "standing.fell_short", "standing.escalated", "standing.made_good",
        "excuse.asked", "excuse.approved", "excuse.refused", "excuse.withdrawn",
    )  # fmt: skip
    found = Fact.objects.filter(kind__in=kinds, org=row.org_id, object_kind="standing",
                                object_id=f"{row.org_id}/{row.period}").order_by("-id")  # fmt: skip
    return [fact for fact in found if fact.data.get("duty") == row.duty]


def last_sweep() -> Sweep | None:
    """When the city was last judged as a whole."""
    return Sweep.objects.order_by("-at", "-id").first()


def with_case(found: QuerySet[Standing]) -> QuerySet[Standing]:
    """Rows ready for a list: the organisation beside each standing."""
    return found.select_related("org").annotate(org_path=F("org__path"))


def put_cases(rows: list[Standing]) -> None:
    """Lay each row's open case beside it as `.case`; one query for a page of rows."""
    found = Case.objects.filter(org__in={row.org_id for row in rows}).exclude(state="closed")
    cases = {(case.org_id, case.duty, case.period): case for case in found}
    for row in rows:
        row.case = cases.get((row.org_id, row.duty, row.period))


# ---- what lets a duty rest ------------------------------------------------------------------------------------------


def excuses_visible_to(actor: Actor) -> QuerySet[Excuse]:
    """Excuses of the organisations that the actor sees."""
    return Excuse.objects.filter(scope_q(actor, "standards.view", prefix="org__")).select_related("org")


def excuse_for(actor: Actor, ident: int) -> Excuse:
    """One excuse that the actor may see; NotFound otherwise."""
    found = excuses_visible_to(actor).select_related("org__parent", "org__territory").filter(pk=ident).first()
    if found is None:
        raise NotFound("没有找到这份情况说明，或者它不在您的可见范围内。")
    return found


def excuses_of(item: Item) -> list[Excuse]:
    """The excuses about one standing, newest first. Call it only with an item got by `cell`."""
    row = item.standing
    return list(Excuse.objects.filter(org=row.org_id, duty=row.duty, period=row.period).order_by("-id"))


def excuses_waiting(actor: Actor) -> QuerySet[Excuse]:
    """Those without an answer below what the actor decides over, their own requests left out; the oldest first."""
    found = Excuse.objects.filter(
        scope_q(actor, "standards.decide", prefix="org__parent__")
        | scope_q(actor, "standards.decide", prefix="org__territory__"),
        state="asked",
    )
    return (
        found.exclude(asked_by=actor.person).select_related("org__parent", "org__territory").order_by("asked_at", "id")
    )


def moratoria_visible_to(actor: Actor) -> QuerySet[Moratorium]:
    """Moratoria of the organisations that the actor sees, and those above that cover what they see."""
    own = Organisation.objects.filter(pk__in={g.org for g in actor.grants if "standards.view" in g.permissions})
    over = {number for org in own for number in org.ancestor_ids}
    return Moratorium.objects.filter(scope_q(actor, "standards.view", prefix="org__") | Q(org__in=over)).select_related(
        "org"
    )


def moratorium_for(actor: Actor, ident: int) -> Moratorium:
    """One moratorium that the actor may see; NotFound otherwise."""
    found = moratoria_visible_to(actor).filter(pk=ident).first()
    if found is None:
        raise NotFound("没有找到这份暂缓，或者它不在您的可见范围内。")
    return found


def moratoria_waiting(actor: Actor) -> QuerySet[Moratorium]:
    """Those that wait for somebody else's approval, where the actor may give it."""
    found = Moratorium.objects.filter(scope_q(actor, "standards.suspend", prefix="org__"), state="declared")
    return found.exclude(declared_by=actor.person).select_related("org").order_by("declared_at", "id")


def case_for(actor: Actor, ident: int, duty: str, period: str) -> Case:
    """The case behind a standing that the actor may see; NotFound otherwise."""
    found = (
        cases_visible_to(actor)
        .filter(org=ident, duty=duty, period=period)
        .select_related("org", "escalated_to")
        .first()
    )
    if found is None:
        raise NotFound("这一项没有督办，或者它不在您的可见范围内。")
    return found


def places_to_suspend(actor: Actor) -> list[Organisation]:
    """Where the actor may declare a moratorium: their own organisation and the levels below it down to communities."""
    levels = ("city", "district", "street", "community")
    found = orgs.visible_to(actor, permission="standards.suspend").filter(level__in=levels, dissolved_on__isnull=True)
    return list(found.order_by("path")[:500])
