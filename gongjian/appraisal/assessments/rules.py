"""考评的规则: what a check says of an organisation or place, and what several visits say together. Pure functions."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gongjian.ground.kernel.clock import add_months


class Body(NamedTuple):
    """被考评的对象: what records know of an organisation, or of a place and the organisation that answers for it.

    Counts are of the organisation; `covered`, `area` (m²) and `households` (of the ground it serves) of the place.
    """

    key: int
    org: int
    kind: str
    has_members: bool
    members: int
    formal: int
    committee: int
    groups: int
    term_ends: dt.date | None
    covered: bool = True
    area: int = 0
    households: int = 0


class Found(NamedTuple):
    """一条核对: met, not met or (None) not asked of it; the value, what was needed, and the facts behind it."""

    met: bool | None
    value: int | str | None = None
    needed: int | str | None = None
    facts: tuple[int, ...] = ()


NOT_ASKED = Found(None)


def window(day: dt.date, months: int) -> tuple[dt.date, dt.date]:
    """The last so many months up to and with a day, by the calendar (民法典 202 条): from the day after, so far back."""
    return add_months(day, -months) + dt.timedelta(days=1), day


def counted(needed: int, number: int, facts: Sequence[int] = ()) -> Found:
    """At least so many."""
    return Found(number >= needed, number, needed, tuple(facts))


def kept(allowed: int, short: int, asked: bool, facts: Sequence[int] = ()) -> Found:
    """A duty that fell short at most so many times; nothing where the duty is not asked of this organisation."""
    return Found(short <= allowed, short, allowed, tuple(facts)) if asked else NOT_ASKED


def members(body: Body, measure: str, at_least: int | None, at_most: int | None) -> Found:
    """The number of (formal) members lies within its bounds, which belong to it; only where there are members."""
    if not body.has_members:
        return NOT_ASKED
    value = body.formal if measure == "formal_members" else body.members
    fits = (at_least is None or value >= at_least) and (at_most is None or value <= at_most)
    needed = f"{at_least or ''}–{at_most or ''}" if at_most is not None else at_least
    return Found(fits, value, needed)


def committee(body: Body, from_formal: int | None) -> Found:
    """A committee where one is due (支部工作条例: 正式党员7人以上); below that number none is asked."""
    if from_formal is None or body.formal < from_formal:
        return NOT_ASKED
    return Found(body.committee > 0, body.committee, 1)


def term(body: Body, day: dt.date) -> Found:
    """The term has not run out: the day on which it is full still belongs to it (民法典 202、203 条)."""
    if body.term_ends is None:
        return NOT_ASKED
    return Found(day <= body.term_ends, body.term_ends.isoformat(), day.isoformat())


def area(body: Body, at_least: int, per_100_households: int) -> Found:
    """Square metres: a least size and so many for each hundred households, rounded up (DOMAIN 6.9: 30 m² / 百户)."""
    needed = max(at_least, -(-per_100_households * body.households // 100))
    return Found(body.area >= needed, body.area, needed)


class Judged(NamedTuple):
    """一条人工评分的现状: points if it is decided, else None; `conflict` if visits differ and nobody settled it."""

    points: int | None
    source: str
    note: str
    conflict: bool = False


def judged(marks: Iterable[Any]) -> Judged:
    """What an item's marks say together: what was settled, else what all visits agree on.

    A self-assessment alone decides nothing: somebody must have looked. Marks have `source`, `points`, `note`.
    """
    found = list(marks)
    settled = next((mark for mark in found if mark.source == "settled"), None)
    if settled is not None:
        return Judged(settled.points, "settled", settled.note)
    visits = [mark for mark in found if mark.source == "visit"]
    if not visits:
        return Judged(None, "", "")
    note = "；".join(dict.fromkeys(mark.note for mark in visits if mark.note))[:500]
    if len({mark.points for mark in visits}) > 1:
        return Judged(None, "visit", note, conflict=True)
    return Judged(visits[0].points, "visit", note)


def by_dimension(rows: Iterable[tuple[str, int | None, int]]) -> dict[str, int | None]:
    """Per cent (rounded down) of each dimension from (dimension, points or None, full); None where nothing applies."""
    sums: dict[str, tuple[int, int]] = {}
    for dimension, points, full in rows:
        got, of = sums.setdefault(dimension, (0, 0))
        if points is not None:
            sums[dimension] = (got + points, of + full)
    return {name: got * 100 // of if of else None for name, (got, of) in sums.items()}


def high_enough(rank_of: Mapping[str, int], level: str, lowest: str) -> bool:
    """Whether a level (1: the city) stands at or above the lowest that may assess."""
    return level in rank_of and lowest in rank_of and rank_of[level] <= rank_of[lowest]
