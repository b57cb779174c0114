"""试算达标: standings of a past year by both packs, and what the daily sweep would have said and to whom.

What was held is read from the facts as the listener of the standards reads them (`listeners.changed`), what it means is
judged by `policy.rules.standing_of`. The sweep is played day by day, at six in the morning, with the facts that had
happened by then; only the days on which something can change are looked at. As in the standards themselves, how many
members and groups an organisation has is known only for today.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import NamedTuple

from gongjian.appraisal.standards import rules as duties_rules
from gongjian.appraisal.standards.listeners import changed
from gongjian.appraisal.standards.recipients import ARRANGE, URGE
from gongjian.appraisal.standards.rules import match_key, periods_between, reminders_due, report_after
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.clock import period_bounds, period_of
from gongjian.ground.policy import calendar
from gongjian.ground.policy.rules import SHORT, Event, OrgView, standing_of
from gongjian.ground.policy.schema import Duty, Pack
from gongjian.outlets.trial.scoring import Beat, no_beat
from gongjian.records.facts.stream import happened
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment

SWEEP_HOUR = 6  # when the daily sweep runs (standards/manifest.py)
FOR_EVER = dt.date.max
CHUNK = 5000
LACKING = ("at_risk", SHORT)


class Version(NamedTuple):
    """How an occurrence stood from one sweep (inside) to another (outside)."""

    since: dt.date
    until: dt.date
    event: Event


class Shape(NamedTuple):
    """What decides into which cell an occurrence falls: what is counted, in which periods, and whose it counts for."""

    key: str
    per: str
    held_by: str

    @classmethod
    def of(cls, duty: Duty) -> "Shape":
        """The shape of a duty: two packs' duties that count the same may still cut the year otherwise."""
        return cls(match_key(duty), duty.per, duty.held_by)


class Held(NamedTuple):
    """发生: by (shape, organisation, period) the events as they stand now, and as each sweep saw them."""

    now: dict[tuple[Shape, int, str], list[Event]]
    seen: dict[tuple[Shape, int, str], list[Version]]


class Told(NamedTuple):
    """督办经过: the days on which a cell would have been reminded of, found short and reported."""

    reminded: tuple[dt.date, ...] = ()
    fell: dt.date | None = None
    reported: dt.date | None = None


def _first_sweep(moment: dt.datetime) -> dt.date:
    """The day of the first sweep after a moment."""
    local = moment.astimezone(clock.SHANGHAI)
    return local.date() if local.hour < SWEEP_HOUR else local.date() + dt.timedelta(days=1)


def held(packs: tuple[Pack, ...], year: int, upto: int, views: dict[int, OrgView], beat: Beat = no_beat) -> Held:
    """What the duties of these packs count, put together from the facts in their order."""
    duties = {match_key(duty): duty for pack in packs for duty in pack.duties}
    by_kind: dict[str, list[tuple[str, Duty]]] = defaultdict(list)
    for key, duty in duties.items():
        for kind in duties_rules.fact_kinds((duty,)):
            by_kind[kind].append((key, duty))
    rows: dict[tuple[str, str, str], SimpleNamespace] = {}
    history: dict[tuple[str, str, str], list[tuple]] = defaultdict(list)
    since = clock.at_time(dt.date(year - 1, 1, 1))  # what was planned earlier still is history
    for number, fact in enumerate(happened(tuple(sorted(by_kind)), since=since, upto=upto)):
        if number % CHUNK == 0:
            beat()
        if fact.org not in views or not fact.object_kind:
            continue
        for key, duty in by_kind[fact.kind]:
            at = (key, fact.object_kind, fact.object_id)
            values = changed(rows.get(at), fact, duty)  # type: ignore[arg-type]
            if values is None:
                continue
            row = rows.setdefault(at, SimpleNamespace())
            vars(row).update(values)
            before = history[at][-1][0] if history[at] else dt.date.min
            history[at].append(
                (max(before, _first_sweep(fact.at)), row.org_id, Event(row.on, row.state, row.counts_for or None))
            )
    shapes: dict[str, set[Shape]] = defaultdict(set)
    for pack in packs:
        for duty in pack.duties:
            shapes[match_key(duty)].add(Shape.of(duty))
    return _by_cell(history, shapes)


def _by_cell(history: dict, shapes: dict[str, set[Shape]]) -> Held:
    parents = dict(Organisation.objects.filter(kind="group").values_list("pk", "parent_id"))
    found = Held(defaultdict(list), defaultdict(list))
    for (key, _kind, _ident), versions in history.items():
        for at, (since, org, event) in enumerate(versions):
            until = versions[at + 1][0] if at + 1 < len(versions) else FOR_EVER
            if event.state == "withdrawn":
                continue
            for shape in shapes[key]:
                period = event.counts_for or period_of(event.day, shape.per)
                holders = [org]
                if shape.held_by == "own_or_groups" and parents.get(org):
                    holders.append(parents[org])
                for holder in holders:
                    if until is FOR_EVER:
                        found.now[shape, holder, period].append(event)
                    if since < until:
                        found.seen[shape, holder, period].append(Version(since, until, event))
    return found


def periods_of(duty: Duty, year: int, today: dt.date) -> list[str]:
    """The year's periods that have begun."""
    last = min(dt.date(year, 12, 31), today)
    return periods_between(dt.date(year, 1, 1), last, duty.per) if last.year == year else []


def standings(pack: Pack, year: int, today: dt.date, views: dict[int, OrgView], events: Held) -> Iterator[tuple]:
    """(organisation, duty, period, its standing) for every cell of the year that the pack asks for."""
    for duty in pack.duties:
        shape, kinds = Shape.of(duty), set(duty.applies_to)
        for period in periods_of(duty, year, today):
            first = period_bounds(period)[0]
            for org, view in views.items():
                if view.kind not in kinds:
                    continue
                standing = standing_of(pack, duty, view, events.now.get((shape, org, period), ()), today, first)
                if standing is not None:
                    yield org, duty, period, standing


class Sweeps:
    """巡检的重演: what the daily sweeps up to `today` would have done about one cell; alike cells are played once."""

    def __init__(self, pack: Pack, today: dt.date) -> None:
        self._pack, self._today = pack, today
        self._known: dict[tuple, Told] = {}
        self._working: dict[dt.date, bool] = {}

    def of(self, duty: Duty, view: OrgView, period: str, versions: list[Version]) -> Told:
        """The cell's story. Its organisation is one that the duty asks in this period."""
        key = (
            duty.id,
            period,
            tuple(sorted(versions, key=lambda one: (one.since, one.until, one.event.day, one.event.state))),
        )
        if key not in self._known:
            self._known[key] = self._play(duty, view, period, versions)
        return self._known[key]

    def _is_working(self, day: dt.date) -> bool:
        if day not in self._working:
            self._working[day] = calendar.is_working_day(day, self._pack)
        return self._working[day]

    def _days(
        self, duty: Duty, due_on: dt.date, warn: dt.date, report: dt.date, versions: list[Version]
    ) -> list[dt.date]:
        """The sweeps at which anything can be different: the marks of the duty and of what was held, and for each the
        next working day, because only then people are told."""
        one = dt.timedelta(days=1)
        marks = {warn, due_on + one, report + one}
        marks |= {due_on - dt.timedelta(days=before) for before in duty.remind_days_before}
        for version in versions:
            marks |= {version.since, version.event.day + one}
            if version.until is not FOR_EVER:
                marks.add(version.until)
        days = {max(mark, warn) for mark in marks}
        for day in tuple(days):
            while not self._is_working(day) and day <= self._today:
                day += one
            days.add(day)
        return sorted(day for day in days if day <= self._today)

    def _play(self, duty: Duty, view: OrgView, period: str, versions: list[Version]) -> Told:
        first, due_on = period_bounds(period)
        warn = max(first, due_on - dt.timedelta(days=duty.warn_days_before))
        if sum(v.event.state == "done" and v.since <= warn and v.until is FOR_EVER for v in versions) >= duty.times:
            return Told()  # kept before anybody would have asked
        report = report_after(duty, due_on, self._pack)
        # A case is opened in its period or the next one; what shows later is history (standards/actions.py).
        opens_until = period_bounds(clock.next_period(period))[1]
        reminders, reminded, fell, reported, is_open = 0, [], None, None, False
        for day in self._days(duty, due_on, warn, report, versions):
            events = [v.event for v in versions if v.since <= day < v.until]
            standing = standing_of(self._pack, duty, view, events, day, first)
            if standing is None or standing.state not in LACKING:
                is_open = False
                continue
            is_open = is_open or day <= opens_until
            if not is_open:
                continue
            if standing.state == SHORT and fell is None:
                fell = day
            if not self._is_working(day):
                continue
            due = reminders_due(duty, due_on, day)
            if standing.state == "at_risk" and reminders < due:
                reminders = due
                reminded.append(day)
            if standing.state == SHORT and reported is None and day > report:
                reported = day
        return Told(tuple(reminded), fell, reported)


class Officers:
    """收信人: in which role people of an organisation are told, as their posts stood on a day."""

    def __init__(self, pack: Pack) -> None:
        roles = {role.id: role for role in pack.roles}
        posts = {post.id: post for post in pack.posts}
        self._by: dict[str, dict[int, list[tuple]]] = {ARRANGE: defaultdict(list), URGE: defaultdict(list)}
        rows = Appointment.objects.order_by("id").values_list(
            "org_id", "org__kind", "post", "person_id", "starts_on", "ends_on"
        )
        for org, kind, post_id, person, starts, ends in rows:
            post = posts.get(post_id)
            role = roles.get(post.confers.get(kind, "")) if post else None
            for permission, found in self._by.items():
                if role is not None and role.allows(permission):
                    found[org].append((starts, ends or FOR_EVER, person, role.id))
        self._paths = {
            org: [[int(part) for part in line.strip("/").split("/")][:-1] for line in lines]
            for org, *lines in Organisation.objects.values_list("pk", "path", "territory_path")
        }

    def roles(self, org: int, permission: str, day: dt.date) -> dict[int, str]:
        """Persons told there on that day, with the role by which they are."""
        found = self._by[permission].get(org, ())
        return {person: role for starts, ends, person, role in found if starts <= day < ends}

    def above(self, org: int, line: str, day: dt.date) -> int | None:
        """Who hears of an organisation's lack: as `recipients.level_above`."""
        path = self._paths[org][0 if line == "parent" else 1]
        return next((one for one in reversed(path) if self.roles(one, URGE, day)), path[-1] if path else None)


def messages(told: Iterable[tuple[int, Duty, Told]], officers: Officers) -> dict[str, dict]:
    """By month: things reminded of, found short, reported; and by role and month, how often somebody got a notice.

    As in the sweep, an organisation's people get one notice a day for all that it lacks, and the level above one a day
    for all that is reported to it.
    """
    months: dict[str, Counter] = defaultdict(Counter)
    own, up = set(), set()
    for org, duty, story in told:
        for day in story.reminded:
            months[clock.month_of(day)]["reminded"] += 1
            own.add((org, day))
        if story.fell is not None:
            months[clock.month_of(story.fell)]["fell"] += 1
            own.add((org, story.fell))
        if story.reported is not None:
            target = officers.above(org, duty.escalate_to, story.reported)
            if target is not None:
                months[clock.month_of(story.reported)]["reported"] += 1
                up.add((target, story.reported))
    notices: dict[str, Counter] = defaultdict(Counter)
    for found, permission in ((own, ARRANGE), (up, URGE)):
        for org, day in found:
            for role in officers.roles(org, permission, day).values():
                notices[role][clock.month_of(day)] += 1
    return {"months": months, "notices": notices}


def views_now() -> dict[int, OrgView]:
    """All organisations as duties see them today."""
    rows = Organisation.objects.values_list("pk", "kind", "formal_count", "group_count", "founded_on", "dissolved_on")
    return {row[0]: OrgView(*row[1:]) for row in rows}


def both(
    packs: tuple[Pack, Pack], year: int, today: dt.date, upto: int, beat: Beat = no_beat
) -> tuple[dict, list[tuple]]:
    """What comes of the year by both packs: the sums, and a line for each organisation and duty with a lack in either.

    A line: (organisation, duty, short before, short after, made good before, made good after), counted in periods.
    """
    views = views_now()
    events = held(packs, year, upto, views, beat)
    states: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    kinds: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    lines: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    found: dict[str, dict] = {"months": {}, "notices": {}}
    for at, pack in enumerate(packs):
        sweeps, officers = Sweeps(pack, today), Officers(pack)
        told = []
        for number, (org, duty, period, standing) in enumerate(standings(pack, year, today, views, events)):
            if number % CHUNK == 0:
                beat()
            states[duty.id][standing.state][at] += 1
            if standing.state in (SHORT, "made_good"):
                lines[org, duty.id][at + (0 if standing.state == SHORT else 2)] += 1
                kinds[views[org].kind][standing.state][at] += 1
            versions = events.seen.get((Shape.of(duty), org, period), [])
            story = sweeps.of(duty, views[org], period, versions)
            if story != Told():
                told.append((org, duty, story))
        for name, table in messages(told, officers).items():
            for row, counts in table.items():
                for column, n in counts.items():
                    found[name].setdefault(row, {}).setdefault(column, [0, 0])[at] += n
    summary = {
        "states": {duty: dict(found) for duty, found in states.items()},
        "kinds": {kind: dict(found) for kind, found in kinds.items()}, **found,
    }  # fmt: skip
    return {"standings": summary}, [(*key, *counts) for key, counts in sorted(lines.items())]
