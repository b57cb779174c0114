"""What a deed is worth (怎样积分), deed by deed in the order they are told. Pure: no Django, no clock, no database.

1. A deed earns by every rule of the pack of its own day that means it. To a person only if they were a member on that
   day, as far as had been told by then.
2. Bounds, each within the period of the deed's own day: the rule's cap, the dimension's `full` in a year, the frame's
   cap in a year; a deduction stops at the frame's floor. What was told first is served first.
3. A fact that corrects an earlier one takes back exactly what that deed had given. The room that this makes goes at once
   to deeds of the same person and year that a bound had cut, in the order they were told, each up to what it had lost
   and as far as every bound allows. What the floor had spared somebody is never asked for later.
4. The year's score is shown at the floor if exact taking back passes below it.

So points depend on the stream alone, never on how it was cut into batches: a replay comes out the same.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

from gongjian.ground.policy.rules import amount_of, as_text, matches, period_of
from gongjian.ground.policy.schema import Pack, PointRule

BUCKET = 64

Subject = tuple[str, int]  # ("person" or "organisation", id)


class Deed(NamedTuple):
    """A fact as points see it: `seq` its number in the stream, `day` the day of the deed in Asia/Shanghai."""

    seq: int
    id: int
    kind: str
    day: date
    person: int | None
    org: int | None
    quantity: int
    data: Mapping
    corrects: int | None


@dataclass(slots=True)
class Entry:
    """积分明细: what a deed was worth to a subject by one rule (`deserved`) and what it has now (`given`)."""

    fact: int
    seq: int
    rule: str
    subject: Subject
    day: date
    dimension: str
    pack: str
    deserved: int
    given: int
    withdrawn_by: int | None = None

    @property
    def year(self) -> str:
        """The year whose score it counts in."""
        return f"{self.day.year:04d}"

    @property
    def missing(self) -> int:
        """What a bound took off and may still come back: never for a deduction, nor once taken back."""
        return max(0, self.deserved - self.given) if self.withdrawn_by is None else 0


class Move(NamedTuple):
    """Points given or taken: `points` signed, `cut` what a bound left out; a reversal takes back the whole entry."""

    entry: Entry
    cause: int
    points: int
    cut: int
    reversal: bool


class Room(NamedTuple):
    """A sum that a bound is measured on: by rule (`rule:…`), by dimension (`dimension:…`) or of all (`all`)."""

    subject: Subject
    name: str
    period: str


@cache
def _period(day: date, per: str) -> str:
    """`period_of`, worked out once for each of a year's few days: every entry asks it five times."""
    return period_of(day, per)


def rules_by_kind(pack: Pack) -> dict[str, list[PointRule]]:
    """The pack's point rules by the kind of fact they are about."""
    found: dict[str, list[PointRule]] = defaultdict(list)
    for rule in pack.points.rules:
        found[rule.fact].append(rule)
    return found


class Judge:
    """评分: judges deeds one by one on top of what is already known.

    `pack_on(day)` gives the pack of a day, `is_member(person, day)` says who could earn. Fill `used` with the sums and
    `entries` with the entries that the coming deeds may touch (`know`), then `add` each deed; what changed is in
    `moves`, `touched` and `used`.
    """

    def __init__(self, pack_on: Callable[[date], Pack], is_member: Callable[[int, date], bool]) -> None:
        self._pack_on, self._is_member = pack_on, is_member
        self._meant: dict[tuple, list[PointRule]] = {}
        self._rules: dict[tuple[str, str], dict[str, list[PointRule]]] = {}
        self.used: dict[Room, int] = defaultdict(int)
        self.by_fact: dict[int, list[Entry]] = defaultdict(list)
        self.short: dict[tuple[Subject, str], list[Entry]] = defaultdict(list)
        self.moves: list[Move] = []
        self.touched: dict[tuple[int, str, Subject], Entry] = {}

    def know(self, entries: Iterable[Entry]) -> None:
        """Take in entries given earlier."""
        for entry in entries:
            held = self.by_fact[entry.fact]
            if any((other.rule, other.subject) == (entry.rule, entry.subject) for other in held):
                continue
            held.append(entry)
            if entry.missing:
                self.short[(entry.subject, entry.year)].append(entry)

    def earning(self, deed: Deed) -> list[tuple[Pack, PointRule, Subject]]:
        """The rules by which a deed could earn and for whom, whether they are members or not."""
        pack = self._pack_on(deed.day)
        found: list[tuple[Pack, PointRule, Subject]] = []
        for rule in self._meaning(pack, deed):
            who = deed.person if rule.to == "person" else deed.org
            if who is not None and rule.in_force(deed.day):
                found.append((pack, rule, (rule.to, who)))
        return found

    def _meaning(self, pack: Pack, deed: Deed) -> list[PointRule]:
        """The pack's rules that mean such a deed; worked out once for deeds alike in all that the rules ask."""
        version = (pack.id, pack.version)
        if version not in self._rules:
            self._rules[version] = rules_by_kind(pack)
        rules = self._rules[version].get(deed.kind, ())
        asked = dict.fromkeys(key for rule in rules for key in rule.where)
        key = (*version, deed.kind, *(as_text(deed.data[name]) if name in deed.data else None for name in asked))
        if key not in self._meant:
            self._meant[key] = [rule for rule in rules if matches(rule, deed.kind, deed.data)]
        return self._meant[key]

    def add(self, deed: Deed, earning: list[tuple[Pack, PointRule, Subject]] | None = None) -> None:
        """Judge one deed; `earning` if it has been worked out before."""
        if deed.corrects is not None:
            self._take_back(deed)
        for pack, rule, subject in self.earning(deed) if earning is None else earning:
            if subject[0] == "person" and not self._is_member(subject[1], deed.day):
                continue
            deserved = amount_of(rule, deed.quantity)
            if not deserved:
                continue
            given = self._bounded(pack, rule, subject, deed.day, deserved)
            entry = Entry(deed.id, deed.seq, rule.id, subject, deed.day, rule.dimension, pack.version, deserved, given)
            self.by_fact[deed.id].append(entry)
            if entry.missing:
                self.short[(subject, entry.year)].append(entry)
            self._book(entry, deed.id, given, abs(deserved - given))

    def _take_back(self, deed: Deed) -> None:
        freed = []
        for entry in self.by_fact.get(deed.corrects, ()) if deed.corrects is not None else ():
            if entry.withdrawn_by is not None:
                continue
            entry.withdrawn_by = deed.id
            self._book(entry, deed.id, -entry.given, 0, reversal=True)
            if entry.given > 0:
                freed.append((entry.subject, entry.year))
        for key in dict.fromkeys(freed):
            for entry in sorted(self.short[key], key=lambda entry: (entry.seq, entry.rule)):
                if not entry.missing:
                    continue
                pack = self._pack_on(entry.day)
                rule = next((rule for rule in pack.points.rules if rule.id == entry.rule), None)
                back = self._bounded(pack, rule, entry.subject, entry.day, entry.missing) if rule else 0
                if back:
                    entry.given += back
                    self._book(entry, deed.id, back, entry.missing)

    def _bounded(self, pack: Pack, rule: PointRule, subject: Subject, day: date, points: int) -> int:
        """What all bounds leave of `points`."""
        year = _period(day, "year")
        total = self.used[Room(subject, "all", year)]
        if points < 0:
            return min(0, max(points, pack.points.frame.floor - total))
        full = pack.points.dimension(rule.dimension).full
        rooms = [full - self.used[Room(subject, f"dimension:{rule.dimension}", year)], pack.points.frame.cap - total]
        if rule.at_most is not None:
            period = _period(day, rule.at_most.per)
            rooms.append(rule.at_most.points - self.used[Room(subject, f"rule:{rule.id}", period)])
        return max(0, min(points, *rooms))

    def _book(self, entry: Entry, cause: int, points: int, cut: int, *, reversal: bool = False) -> None:
        for room in rooms_of(entry):
            self.used[room] += points
        self.touched[(entry.fact, entry.rule, entry.subject)] = entry
        self.moves.append(Move(entry, cause, points, cut, reversal))


def rooms_of(entry: Entry) -> list[Room]:
    """The sums that an entry counts in: its rule's by month, quarter and year (whichever a cap asks), its dimension's
    and the whole by year."""
    subject, year = entry.subject, entry.year
    return [
        Room(subject, "all", year),
        Room(subject, f"dimension:{entry.dimension}", year),
        *(Room(subject, f"rule:{entry.rule}", _period(entry.day, per)) for per in ("month", "quarter", "year")),
    ]


def bucket_of(points: int) -> int:
    """The bucket of 64 scores that a score lies in; below zero the buckets go on downwards."""
    return points // BUCKET
