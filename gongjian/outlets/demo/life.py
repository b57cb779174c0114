"""一年: what the branches of a demo city did in the last year and have planned, as branches really behave.

Most keep their duties; some are sometimes late and make it good, some slip in the last months, some have pulled
themselves together, a few sleep. The duties are the pack's; only this file decides who keeps them.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from gongjian.ground.kernel import clock
from gongjian.ground.policy.schema import ActivityKind, Duty
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import BRANCHES, Tree, demo_branch
from gongjian.records.orgs.models import Organisation

HELD, PLANNED, CANCELLED = "held", "planned", "cancelled"
LATE_AGAIN = {"diligent": 0.9, "ordinary": 0.6, "slipping": 0.2, "recovering": 0.8, "dormant": 0.1}
PLANS_AHEAD = {"diligent": 0.75, "ordinary": 0.4, "slipping": 0.15, "recovering": 0.6, "dormant": 0.0}


@dataclass(slots=True)
class Meeting:
    """一次活动: who holds what when; `fate` is held, planned (still to come) or cancelled."""

    org: Organisation
    kind: ActivityKind
    starts_at: dt.datetime
    minutes: int
    fate: str
    counts_for: str | None = None
    chosen: tuple[int, ...] = ()


def steadiness(temper: str, progress: float) -> float:
    """How likely a branch of this temper keeps a duty in time, `progress` (0 to 1) into the year."""
    if temper == "slipping":
        return 0.97 if progress < 0.72 else 0.4
    if temper == "recovering":
        return 0.45 if progress < 0.5 else 0.985
    return {"diligent": 0.993, "ordinary": 0.94, "dormant": 0.22}[temper]


def beginning(tree: Tree) -> dt.date:
    """The first day of the year that is told: the first of a month, so many months ago."""
    return clock.add_months(tree.today.replace(day=1), -tree.size.months)


def joining(tree: Tree, org: Organisation) -> dt.date:
    """The first day that an organisation tells of: when its district took the platform into use."""
    districts = tree.districts
    district = org if org.kind == "district_committee" else tree.ancestor(org, "district_committee")
    place = districts.index(district) if district in districts else 0
    return clock.add_months(beginning(tree), tree.size.rollout * place // max(1, len(districts) - 1))


def first_whole_quarter(tree: Tree) -> dt.date:
    """The first day from which on all districts tell whole quarters; earlier periods are not judged for all of them."""
    start = max(joining(tree, org) for org in tree.districts)
    first, last = clock.period_bounds(clock.quarter_of(start))
    return first if first == start else last + dt.timedelta(days=1)


def year_of_life(crowd: Crowd) -> list[Meeting]:
    """All meetings, by time."""
    tree = crowd.tree
    found: list[Meeting] = []
    own = demo_branch(tree)
    for branch in tree.of(*BRANCHES):
        if branch is own:
            tree.tempers[branch.pk] = "diligent"
        # each branch has luck of its own, so that a change in one does not shake the others
        rng = random.Random(f"{tree.rng.random()}:{branch.code}")
        meetings = list(_of_branch(tree, branch, rng))
        found += _scripted(tree, meetings) if branch is own else meetings
    found += _joint_meetings(crowd)
    found += _service(crowd)
    found.sort(key=lambda meeting: (meeting.starts_at, meeting.org.pk, meeting.kind.id))
    return found


def _periods(tree: Tree, per: str) -> list[str]:
    first = clock.period_of(beginning(tree), per)
    last = clock.period_of(tree.today, per)
    found = [first]
    while found[-1] != last:
        found.append(clock.next_period(found[-1]))
    return found


def holders(tree: Tree, branch: Organisation, duty: Duty) -> list[Organisation]:
    """Who in a branch holds what a duty asks: nobody, the branch, or each of its groups."""
    if branch.kind not in duty.applies_to:
        return []
    if duty.needs == "committee" and branch.committee_count < 3:
        return []
    if duty.needs == "groups":
        return [org for org in tree.below[branch.pk] if org.kind == "group"]
    return [branch]


def _of_branch(tree: Tree, branch: Organisation, rng: random.Random) -> Iterator[Meeting]:
    temper = tree.tempers[branch.pk]
    start, today = joining(tree, branch), tree.today
    usual_day, hour = rng.choice((5, 10, 15, 20, 25)), rng.choice((9, 15, 15, 16, 19, 20))
    for duty in tree.pack.duties_on(today):
        kind = tree.pack.activity_kind(_first(duty.done_by.where["activity_kind"]))
        for org in holders(tree, branch, duty):
            for period in _periods(tree, duty.per):
                first, last = clock.period_bounds(period)
                if last < start or (first < start and duty.per != "year") or last < branch.founded_on:
                    continue
                for _time in range(duty.times):
                    day = _day(duty, max(first, start), last, usual_day, rng)
                    progress = (min(day, today) - start).days / max(1, (today - start).days)
                    yield from _kept_or_not(tree, branch, org, kind, period, day, last, hour, temper, progress, rng)
    yield from _lessons(tree, branch, max(start, branch.founded_on), hour, rng)


def _lessons(tree: Tree, branch: Organisation, start: dt.date, hour: int, rng: random.Random) -> Iterator[Meeting]:
    """Study sessions that no duty asks for, spread over the year."""
    if not tree.size.lessons or tree.tempers[branch.pk] == "dormant":
        return
    kind, gap = tree.pack.activity_kind("study"), 365 / tree.size.lessons
    days = (tree.today - start).days - 1
    for number in range(int(days / gap)):
        day = start + dt.timedelta(days=int(number * gap + rng.random() * gap))
        yield _meeting(branch, kind, day, hour, rng, HELD)


def _first(value: object) -> str:
    return value if isinstance(value, str) else next(iter(value))  # type: ignore[call-overload]


def _kept_or_not(
    tree: Tree, branch: Organisation, org: Organisation, kind: ActivityKind, period: str, day: dt.date, last: dt.date,
    hour: int, temper: str, progress: float, rng: random.Random,
) -> Iterator[Meeting]:  # fmt: skip
    """One duty in one period: kept, called off first and then kept, made good later, or missed."""
    if rng.random() < steadiness(temper, progress):
        if day >= tree.today:
            if rng.random() < PLANS_AHEAD[temper] and (day - tree.today).days < 45:
                yield _meeting(org, kind, max(day, tree.today + dt.timedelta(days=1)), hour, rng, PLANNED)
            return
        if rng.random() < 0.01:
            yield _meeting(org, kind, max(day - dt.timedelta(days=2), branch.founded_on), hour, rng, CANCELLED)
        yield _meeting(org, kind, day, hour, rng, HELD)
    elif last < tree.today and rng.random() < LATE_AGAIN[temper]:
        late = last + dt.timedelta(days=rng.randint(3, 24))
        if late < tree.today:
            yield _meeting(org, kind, late, hour, rng, HELD, counts_for=period)


def _day(duty: Duty, first: dt.date, last: dt.date, usual_day: int, rng: random.Random) -> dt.date:
    """When a duty is usually kept: the branch's own day of the month, rather late in a quarter, in a year's usual months."""
    if duty.per == "month":
        wanted = (
            usual_day if duty.id.startswith("theme_day") else min(27, max(2, usual_day + rng.choice((-4, -2, 2, 5))))
        )
        return min(last, max(first, first.replace(day=1) + dt.timedelta(days=wanted - 1)))
    if duty.per == "year" and duty.usual_months:
        months = [month for month in duty.usual_months if (first.year, month) >= (first.year, first.month)]
        start = dt.date(first.year, rng.choice(months or duty.usual_months), 1)
        return min(last, max(first, start + dt.timedelta(days=rng.randint(4, 26))))
    span = (last - first).days
    return first + dt.timedelta(days=round(span * min(0.95, max(0.03, rng.betavariate(3, 2.4)))))


def _meeting(
    org: Organisation, kind: ActivityKind, day: dt.date, hour: int, rng: random.Random, fate: str, *,
    counts_for: str | None = None, chosen: tuple[int, ...] = (),
) -> Meeting:  # fmt: skip
    minute = rng.choice((0, 0, 30))
    return Meeting(org, kind, clock.at_time(day, hour, minute), kind.default_minutes, fate, counts_for, chosen)


def _scripted(tree: Tree, meetings: list[Meeting]) -> list[Meeting]:
    """The demo branch: a good record, and something to do. Left open are this month's committee meeting and theme day
    (tonight's is made by the real deeds), this quarter's assembly, this year's talks; last month's committee met not."""
    today = tree.today
    last_month = clock.previous_period(clock.month_of(today))
    open_now = {
        ("committee_meeting", clock.month_of(today)), ("committee_meeting", last_month),
        ("theme_day", clock.month_of(today)), ("branch_assembly", clock.quarter_of(today)),
        ("heart_to_heart", clock.year_of(today)), ("appraisal_of_members", clock.year_of(today)),
    }  # fmt: skip

    def stays(meeting: Meeting) -> bool:
        periods = (meeting.counts_for,) if meeting.counts_for else clock.periods_of(meeting.starts_at)
        return not any((meeting.kind.id, period) in open_now for period in periods)

    return [meeting for meeting in meetings if stays(meeting)]


def _joint_meetings(crowd: Crowd) -> Iterator[Meeting]:
    """Joint meetings at four levels: the city and districts half-yearly and quarterly, streets and communities quarterly."""
    tree, rng = crowd.tree, random.Random(f"joint:{crowd.tree.rng.random()}")
    kind = tree.pack.activity_kind("joint_meeting")
    below: dict[int, list[int]] = {}
    for org in tree.of("city_committee", "district_committee", "street_committee"):
        below[org.pk] = [crowd.holder(lower) for lower in tree.below[org.pk] if lower.kind.endswith("committee")
                         and any(row.post == "secretary" for row in crowd.posts[lower.pk])]  # fmt: skip
    for org in tree.of("city_committee", "district_committee", "joint_committee"):
        day = beginning(tree) + dt.timedelta(days=rng.randint(10, 70))
        people = {row.person_id for row in crowd.posts[org.pk]} | set(below.get(org.pk, ())[:20])
        while day < tree.today:
            yield _meeting(org, kind, day, rng.choice((9, 10, 15)), rng, HELD, chosen=tuple(sorted(people)))
            day += dt.timedelta(days=180 if org.level == "city" else rng.randint(84, 95))


def _service(crowd: Crowd) -> Iterator[Meeting]:
    """Volunteer service in communities on weekends, open to members and residents."""
    tree, rng = crowd.tree, random.Random(f"service:{crowd.tree.rng.random()}")
    kind = tree.pack.activity_kind("volunteer_service")
    near: dict[int, list[int]] = {}
    for branch in tree.of(*BRANCHES):
        home = tree.ancestor(branch, "community_committee")
        if home is not None:
            near.setdefault(home.pk, []).extend(row.person_id for row in crowd.members[branch.pk] if not row.mobile)
    for row in crowd.relations:
        near.setdefault(row.org_id, []).append(row.person_id)
    for home in tree.of("community_committee"):
        people = near.get(home.pk, [])
        if len(people) < 4:
            continue
        day = beginning(tree) + dt.timedelta(days=rng.randint(5, 60))
        while day < tree.today:
            day += dt.timedelta(days=(5 - day.weekday()) % 7)
            if day >= tree.today:
                break
            came = rng.sample(people, min(len(people), rng.randint(3, 12)))
            yield _meeting(home, kind, day, 9, rng, HELD, chosen=tuple(sorted(came)))
            day += dt.timedelta(days=rng.randint(50, 75))
