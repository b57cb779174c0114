"""What a pack means (政策的含义): points of deeds and standing of organisations, as pure functions over values.

No database, no present moment. The rooms `points` and `standards` do the same over tables and are tested against
these.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from gongjian.ground.kernel.clock import add_months, period_bounds, period_of
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.ground.policy.schema import Duty, Figure, Match, OrgKind, Pack, PointRule, SizeRule

# ---- periods ----------------------------------------------------------------------------------------------------


def term_ends_on(started: date, years: int) -> date:
    """任期届满之日: the same-numbered day so many years after the term began."""
    return add_months(started, 12 * years)


# ---- matching ---------------------------------------------------------------------------------------------------


def as_text(value) -> str:
    """A value of a fact's data as a pack writes it: true and false in lower case, None as nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def matches(match: Match, kind: str, data: Mapping) -> bool:
    """Whether a fact of this kind with this data is meant: every key of `where` equals one of its values."""
    return kind == match.fact and all(
        key in data and as_text(data[key]) in allowed for key, allowed in match.where.items()
    )


# ---- points -----------------------------------------------------------------------------------------------------


class Deed(NamedTuple):
    """A fact as points see it (一条事实). `day` is the day of the deed in Asia/Shanghai; `corrects` an earlier id."""

    id: object
    kind: str
    day: date
    person: int | None = None
    org: int | None = None
    quantity: int = 1
    data: Mapping = {}
    corrects: object = None


class Award(NamedTuple):
    """Points given or taken back (一笔积分): the rule, points after every bound, who, and the deed that caused it.

    `reverses` names the deed whose points this takes back.
    """

    rule: PointRule
    points: int
    subject: tuple[str, int]
    deed: object
    day: date
    reverses: object = None


def amount_of(rule: PointRule, quantity: int) -> int:
    """What one deed is worth before any cap: points, or points for each full per_quantity of its quantity."""
    if rule.per_quantity is None:
        return rule.points
    if rule.quantity_at_most is not None:
        quantity = min(quantity, rule.quantity_at_most)
    return max(quantity, 0) // rule.per_quantity * rule.points


class Tally:
    """Points deed by deed, in the order they are told (积分流水).

    Bounds, each within the period of the deed's own day: the rule's cap, the dimension's `full` in a year, the
    frame's cap in a year; a deduction stops at the frame's floor. What was told first is served first. Taking a deed
    back is exact, so a total may pass below the floor; `score` shows it at the floor. The room that it makes goes at
    once to deeds of the same year that a bound had cut, in the order they were told (docs/subjects/ranks.md).
    """

    def __init__(self, pack: Pack):
        self.pack = pack
        self._rules: dict[str, list[PointRule]] = defaultdict(list)
        for rule in pack.points.rules:
            self._rules[rule.fact].append(rule)
        self._full = {dimension.id: dimension.full for dimension in pack.points.dimensions}
        self.by_rule: dict[tuple, int] = defaultdict(int)
        self.by_dimension: dict[tuple, int] = defaultdict(int)
        self.by_year: dict[tuple, int] = defaultdict(int)
        self._given: dict[object, list[Award]] = {}
        self._short: dict[tuple, list[Award]] = defaultdict(list)

    def add(self, deed: Deed) -> list[Award]:
        """Tell one deed; returns what it gives and takes back, without the entries that caps brought to nothing."""
        awards = []
        if deed.corrects is not None:
            awards += self._take_back(deed)
        new, cut = [], []
        for rule in self._rules.get(deed.kind, ()):
            if not rule.in_force(deed.day) or not matches(rule, deed.kind, deed.data):
                continue
            who = deed.person if rule.to == "person" else deed.org
            if who is None:
                continue
            subject = (rule.to, who)
            deserved = amount_of(rule, deed.quantity)
            points = self._bounded(rule, subject, deed.day, deserved)
            if deserved > points:
                cut.append(Award(rule, deserved - points, subject, deed.id, deed.day))
            if points:
                new.append(self._book(Award(rule, points, subject, deed.id, deed.day)))
        for missing in sorted(cut, key=lambda missing: missing.rule.id):
            self._short[missing.subject, period_of(deed.day, "year")].append(missing)
        if new:
            self._given[deed.id] = new
        return awards + new

    def _take_back(self, deed: Deed) -> list[Award]:
        """Take back what the corrected deed gave, and give what its room allows to those that were cut."""
        awards, freed = [], {}
        for given in self._given.pop(deed.corrects, ()):
            awards.append(self._book(given._replace(points=-given.points, deed=deed.id, reverses=deed.corrects)))
            if given.points > 0:
                freed[given.subject, period_of(given.day, "year")] = True
        for key, short in self._short.items():
            self._short[key] = [missing for missing in short if missing.deed != deed.corrects]
        for key in freed:
            still = []
            for missing in self._short[key]:
                points = self._bounded(missing.rule, missing.subject, missing.day, missing.points)
                if points:
                    back = self._book(missing._replace(points=points))
                    awards.append(back)
                    self._given.setdefault(missing.deed, []).append(back)
                if points < missing.points:
                    still.append(missing._replace(points=missing.points - points))
            self._short[key] = still
        return awards

    def score(self, subject: tuple[str, int], year: int) -> int:
        """年度得分: the year's total, not below the floor."""
        return max(self.by_year[(subject, f"{year:04d}")], self.pack.points.frame.floor)

    def _bounded(self, rule: PointRule, subject: tuple, day: date, points: int) -> int:
        year = period_of(day, "year")
        if points < 0:
            return min(0, max(points, self.pack.points.frame.floor - self.by_year[(subject, year)]))
        rooms = [
            self._full[rule.dimension] - self.by_dimension[(subject, rule.dimension, year)],
            self.pack.points.frame.cap - self.by_year[(subject, year)],
        ]
        if rule.at_most is not None:
            period = period_of(day, rule.at_most.per)
            rooms.append(rule.at_most.points - self.by_rule[(subject, rule.id, period)])
        return max(0, min(points, *rooms))

    def _book(self, award: Award) -> Award:
        year = period_of(award.day, "year")
        if award.rule.at_most is not None:
            self.by_rule[(award.subject, award.rule.id, period_of(award.day, award.rule.at_most.per))] += award.points
        self.by_dimension[(award.subject, award.rule.dimension, year)] += award.points
        self.by_year[(award.subject, year)] += award.points
        return award


def points_for(pack: Pack, facts: Iterable[Deed], on: date) -> list[Award]:
    """All awards of these facts, told in this order, for deeds up to and including the day `on`."""
    tally = Tally(pack)
    return [award for deed in facts if deed.day <= on for award in tally.add(deed)]


# ---- standards --------------------------------------------------------------------------------------------------

KEPT, ON_TRACK, AT_RISK, SHORT, MADE_GOOD = "kept", "on_track", "at_risk", "short", "made_good"
WAIVED, ON_HOLD = "waived", "on_hold"


class OrgView(NamedTuple):
    """An organisation as duties see it (组织概况)."""

    kind: str
    formal_count: int = 0
    group_count: int = 0
    founded_on: date | None = None
    dissolved_on: date | None = None


class Event(NamedTuple):
    """Something held, planned or called off (一次活动): state is done, planned or withdrawn."""

    day: date
    state: str
    counts_for: str | None = None


class Standing(NamedTuple):
    """达标情况 of one organisation for one duty in one period."""

    duty: str
    period: str
    required: int
    done: int
    planned: int
    state: str


def has_committee(pack: Pack, org: OrgView) -> bool:
    """Whether a committee is due: from so many formal members on (支部工作条例: 7 formal members for a branch)."""
    threshold = pack.org_kind(org.kind).committee_from_formal
    return threshold is not None and org.formal_count >= threshold


def applies(pack: Pack, duty: Duty, org: OrgView, period: str) -> bool:
    """Whether the duty asks anything of this organisation in this period.

    Not where there is no committee or no group to meet, nor for a part of a period after founding, before dissolving,
    or before or after the duty was in force.
    """
    first, last = period_bounds(period)
    if org.kind not in duty.applies_to:
        return False
    if duty.from_ > first or (duty.until is not None and duty.until < last):
        return False
    if duty.founding == "skip" and org.founded_on is not None and org.founded_on > first:
        return False
    if org.founded_on is not None and org.founded_on > last:
        return False
    if org.dissolved_on is not None and org.dissolved_on <= last:
        return False
    if duty.needs == "committee":
        return has_committee(pack, org)
    if duty.needs == "groups":
        return org.group_count > 0
    return True


def standing_of(
    pack: Pack,
    duty: Duty,
    org: OrgView,
    occurrences: Iterable[Event],
    today: date,
    on: date | None = None,
    *,
    waived: bool = False,
    on_hold: bool = False,
) -> Standing | None:
    """The standing for the period of `on` (default: today's), seen on `today`; None where the duty does not apply.

    kept: done within the period · made_good: done, but part of it late · short: the period is over · on_track: enough
    is planned from today to its end, or there is still time · at_risk: the last warn_days_before days have begun and
    not enough is planned. What is held counts as held; else waived: the level above has let it off · on_hold: a moratorium
    lets the period rest.
    """
    period = period_of(on or today, duty.per)
    if not applies(pack, duty, org, period):
        return None
    first, last = period_bounds(period)
    done = in_time = planned = 0
    for event in occurrences:
        counts = event.counts_for == period if event.counts_for else first <= event.day <= last
        if not counts:
            continue
        if event.state == "done":
            done += 1
            in_time += event.day <= last
        elif event.state == "planned" and today <= event.day <= last:
            planned += 1
    if done >= duty.times:
        state = KEPT if in_time >= duty.times else MADE_GOOD
    elif waived:
        state = WAIVED
    elif on_hold:
        state = ON_HOLD
    elif today > last:
        state = SHORT
    elif done + planned >= duty.times or today < last - timedelta(days=duty.warn_days_before):
        state = ON_TRACK
    else:
        state = AT_RISK
    return Standing(duty.id, period, duty.times, done, planned, state)


# ---- sizes and figures ------------------------------------------------------------------------------------------


def size_findings(kind: OrgKind, counts: Mapping[str, int], level: str = "") -> list[SizeRule]:
    """The size rules that these counts break. `counts` by measure; a measure that is absent is not judged.

    counts["formal_members"] also decides which rules apply (formal_from, formal_below).
    """
    formal = counts.get("formal_members")
    broken = []
    for rule in kind.size_rules:
        count = counts.get(rule.measure)
        if count is None or (rule.at_level is not None and rule.at_level != level):
            continue
        if rule.formal_from is not None and (formal is None or formal < rule.formal_from):
            continue
        if rule.formal_below is not None and (formal is None or formal >= rule.formal_below):
            continue
        too_few = rule.at_least is not None and count < rule.at_least
        too_many = rule.at_most is not None and count > rule.at_most
        if too_few or too_many or (rule.odd and count % 2 == 0):
            broken.append(rule)
    return broken


def verdict_of(figure: Figure, measured) -> str:
    """met, missed or unavailable: a measured value against the published one, as the figure's op says."""
    if measured is None:
        return "unavailable"
    if figure.range is not None:
        met = figure.range[0] <= measured <= figure.range[1]
    elif figure.op == ">=":
        met = measured >= figure.value
    elif figure.op == "~":
        met = abs(measured - figure.value) <= (figure.tolerance or 0)
    else:
        met = measured == figure.value
    return "met" if met else "missed"


# ---- standard lists ----------------------------------------------------------------------------------------------


class Assessed(NamedTuple):
    """考评结论: points, the points that apply, per cent rounded down (so that 100 means all), and the band's id."""

    points: int
    full: int
    percent: int
    band: str


def assessed(entry: StandardList, earned: Mapping[str, int | None]) -> Assessed:
    """What a standard list says of these points by item; None where an item does not apply, which then counts nowhere.

    Raises KeyError if an item is missing. Where nothing applies the result is 0 of 0 and 0 per cent.
    """
    points = full = 0
    for item in entry.items:
        got = earned[item.id]
        if got is not None:
            points, full = points + min(got, item.points), full + item.points
    percent = points * 100 // full if full else 0
    reached = [band for band in entry.bands if band.at_least <= percent]
    return Assessed(points, full, percent, max(reached, key=lambda band: band.at_least).id)
