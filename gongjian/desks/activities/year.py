"""年度计划: what a branch's duties ask in a year, what stands there, and the days proposed for the rest.

The duties come from the pack, what is held or planned from this room's own tables, and what other rooms have done for a
duty from their facts (elsewhere.py); so the page needs nothing of the rooms above, and what it shows is true at once,
before any listener has run.
Standards judge the same by facts; `policy.rules` is the one rule for both.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Q

from gongjian.desks.activities import queries
from gongjian.desks.activities.clashes import busy_minutes
from gongjian.desks.activities.elsewhere import Elsewhere, kept_elsewhere, within
from gongjian.desks.activities.models import Activity, Participation
from gongjian.desks.activities.states import CANCELLED, SIGNED_OFF
from gongjian.desks.activities.yearly import Draft, Evenings, Habit, Need, habit_of, suggest
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.clock import period_bounds
from gongjian.ground.policy.calendar import is_working_day
from gongjian.ground.policy.rules import Event, OrgView, standing_of
from gongjian.ground.policy.schema import ActivityKind, Duty, Pack
from gongjian.records.orgs.models import Organisation

PERIODS = {"month": 12, "quarter": 4, "year": 1}
KEPT, MADE_GOOD, PLANNED, MISSING, PARTLY, OPEN, NONE = (
    "kept", "made_good", "planned", "missing", "partly", "open", "none",
)  # fmt: skip


@dataclass(frozen=True)
class Held:
    """一次: something held or planned that counts for the organisation: its own, its group's, or one it joins."""

    activity: Activity
    kind: str
    day: dt.date
    state: str
    counts_for: str
    by_group: bool = False
    joint: bool = False


@dataclass
class Cell:
    """一格: one duty in one period. `days` are the activities that count for it, `elsewhere` what else does."""

    period: str
    span: int
    state: str
    required: int = 0
    done: int = 0
    planned: int = 0
    days: list[Held] = field(default_factory=list)
    elsewhere: list[Elsewhere] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many are neither held nor planned."""
        return max(0, self.required - self.done - self.planned)


@dataclass
class Row:
    """一行: a duty, the kind that is planned for it, and its cells through the year."""

    duty: Duty
    kind: ActivityKind
    cells: list[Cell]


def view_of(org: Organisation) -> OrgView:
    """The organisation as duties see it."""
    return OrgView(org.kind, org.formal_count, org.group_count, org.founded_on, org.dissolved_on)


def duties_of(org: Organisation, pack: Pack) -> list[tuple[Duty, ActivityKind]]:
    """The duties of this kind of organisation that are kept by holding an activity of some kind, with that kind."""
    kinds = {kind.id: kind for kind in pack.activity_kinds}
    found = []
    for duty in sorted(pack.duties, key=lambda duty: duty.order):
        if org.kind not in duty.applies_to or set(duty.done_by.where) != {"activity_kind"}:
            continue
        able = [kinds[name] for name in duty.done_by.where["activity_kind"] if org.kind in kinds[name].holders]
        if duty.done_by.fact == "activity.signed_off" and able:
            found.append((duty, able[0]))
    return found


def held_in(org: Organisation, year: int) -> list[Held]:
    """All that is held or planned in a year or makes good one of its periods, by day; three queries."""
    first, last = clock.at_time(dt.date(year, 1, 1)), clock.at_time(dt.date(year + 1, 1, 1))
    in_it = Q(starts_at__gte=first, starts_at__lt=last) | Q(counts_for__startswith=f"{year:04d}")
    own = Activity.objects.filter(in_it).filter(Q(org=org) | Q(org__parent=org, org__kind="group"))
    found = [
        Held(a, a.kind, clock.day_of(a.starts_at), "done" if a.state == SIGNED_OFF else "planned", a.counts_for or "",
             by_group=a.org_id != org.pk)
        for a in own.exclude(state=CANCELLED).select_related("org")
    ]  # fmt: skip
    joined = Participation.objects.filter(org=org, state__in=("confirmed", "counted")).filter(
        Q(activity__starts_at__gte=first, activity__starts_at__lt=last) | Q(counts_for__startswith=f"{year:04d}")
    )
    found += [
        Held(j.activity, j.activity.kind, clock.day_of(j.activity.starts_at), "done" if j.state == "counted" else "planned",
             j.counts_for or "", joint=True)
        for j in joined.select_related("activity__org")
    ]  # fmt: skip
    return sorted(found, key=lambda held: (held.day, held.activity.starts_at, held.activity.pk))


def periods_of_year(year: int, per: str) -> list[str]:
    """The periods of a length in a year."""
    if per == "month":
        return [f"{year:04d}-{month:02d}" for month in range(1, 13)]
    return [f"{year:04d}Q{n}" for n in range(1, 5)] if per == "quarter" else [f"{year:04d}"]


def grid(org: Organisation, year: int, today: dt.date, held: list[Held] | None = None) -> list[Row]:
    """The year: a row for each duty, a cell for each of its periods."""
    pack, found = policy.current(), held_in(org, year) if held is None else held
    rows, duties = [], duties_of(org, pack)
    told = kept_elsewhere(org, [duty for duty, _kind in duties], dt.date(year, 1, 1))
    for duty, kind in duties:
        kinds = duty.done_by.where["activity_kind"]
        mine = [h for h in found if h.kind in kinds and (duty.held_by == "own_or_groups" or not h.by_group)]
        others = told.get(duty.id, [])
        cells = [_cell(pack, duty, org, period, mine, others, today) for period in periods_of_year(year, duty.per)]
        if any(cell.state != NONE for cell in cells):
            rows.append(Row(duty, kind, cells))
    return rows


def _cell(
    pack: Pack, duty: Duty, org: Organisation, period: str, mine: list[Held], told: list[Elsewhere], today: dt.date
) -> Cell:  # fmt: skip
    first, last = period_bounds(period)
    span = 12 // PERIODS[duty.per]
    days = [h for h in mine if (h.counts_for == period if h.counts_for else first <= h.day <= last)]
    others = within(told, period)
    events = [Event(h.day, h.state, h.counts_for or None) for h in days]
    events += [Event(one.day, "done", one.counts_for or None) for one in others]
    standing = standing_of(pack, duty, view_of(org), events, today, on=first)
    if standing is None:
        return Cell(period, span, NONE, days=days, elsewhere=others)
    cell = Cell(period, span, OPEN, standing.required, standing.done, standing.planned, days, others)
    if standing.done >= standing.required:
        cell.state = standing.state
    elif today > last:
        cell.state = MISSING
    elif not cell.missing:
        cell.state = PLANNED
    elif standing.done or standing.planned:
        cell.state = PARTLY
    return cell


def needs_of(rows: list[Row], today: dt.date) -> list[Need]:
    """What the cells still lack in periods that are not over."""
    return [
        Need(row.kind.id, cell.period, cell.missing, row.kind.default_minutes,
             tuple(row.duty.usual_months or row.kind.usual_months), row.kind.order)
        for row in rows
        for cell in row.cells
        if cell.state not in (NONE, KEPT, MADE_GOOD) and cell.missing and period_bounds(cell.period)[1] >= today
    ]  # fmt: skip


def habit_from(org: Organisation, today: dt.date) -> Habit:
    """The branch's usual day and hour, learnt from what it signed off in the past year; else the pack's."""
    planning = policy.current().planning
    since = clock.at_time(today - dt.timedelta(days=365))
    moments = Activity.objects.filter(
        org=org, state=SIGNED_OFF, counts_for__isnull=True, starts_at__gte=since, starts_at__lt=clock.at_time(today)
    ).exclude(audience="chosen")
    held = [moment.astimezone(clock.SHANGHAI) for moment in moments.values_list("starts_at", flat=True)]
    return habit_of(
        ((moment.date(), moment.hour * 60 + moment.minute) for moment in held), weekday=planning.usual_weekday,
        minute=minutes_of(planning.usual_hour), least=planning.learn_from,
    )  # fmt: skip


def minutes_of(hour: str) -> int:
    """15:30 → 930."""
    return int(hour[:2]) * 60 + int(hour[3:])


def proposal(org: Organisation, year: int, today: dt.date) -> tuple[list[Draft], Habit]:
    """Drafts with which the organisation keeps every duty of the year that can still be kept; eight queries."""
    pack = policy.current()
    planning, held = pack.planning, held_in(org, year)
    rows = grid(org, year, today, held)
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    habit = habit_from(org, today)
    members = queries.expected_people(org, "members", max(today, first))
    evenings = Evenings(
        planning.evenings, planning.gap_minutes, minutes_of(planning.latest_end),
        busy_minutes(org, max(first, today), last, members) if today <= last else {},
    )  # fmt: skip
    drafts = suggest(
        needs_of(rows, today), today=today, habit=habit, works=lambda day: is_working_day(day, pack), evenings=evenings,
        planned=[(h.kind, h.day) for h in held],
    )  # fmt: skip
    return drafts, habit


def usual_place(org: Organisation) -> str:
    """Where it mostly meets: the commonest place of its last twenty meetings, else its address."""
    places: dict[str, int] = defaultdict(int)
    for place in (
        Activity.objects.filter(org=org).exclude(place="").order_by("-starts_at").values_list("place", flat=True)[:20]
    ):
        places[place] += 1
    return max(places, key=lambda place: places[place]) if places else org.address
