"""Classes of members (党员类别) and how a year is measured for them. Pure: facts in, values out.

A class is read from what facts have told: the posts held, probationary or formal, mobile, exempted. It is that of the last
day of the period, or of today while the period runs, as with the branch in whose lists one stands (docs/subjects/ranks.md).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gongjian.ground.policy.points_schema import MemberClass
from gongjian.ground.policy.schema import Points

TELLING = (
    "member.admitted", "member.became_formal", "member.state_changed", "member.left", "mobile.registered", "mobile.returned",
    "appointment.started", "appointment.ended", "appointment.withdrawn", "points.exempted", "points.exemption_ended",
)  # fmt: skip


class Told(NamedTuple):
    """A fact as classes see it: its kind, its day, its object as text, its data."""

    kind: str
    day: dt.date
    object: str
    data: Mapping


class State(NamedTuple):
    """What a person is on a day."""

    probationary: bool
    mobile: bool
    exempt: bool
    posts: frozenset[str]


def state_on(told: Iterable[Told], day: dt.date) -> State:
    """What a person is on a day by the facts about them, given in the order in which they happened."""
    probationary = mobile = False
    posts: dict[str, str] = {}
    exempt: dict[str, tuple[dt.date, dt.date]] = {}
    for fact in told:
        since = _date(fact.data.get("on") or fact.data.get("since")) or fact.day
        if fact.kind.startswith("points."):
            if fact.kind == "points.exempted":
                exempt[fact.object] = (_date(fact.data["from"]) or fact.day, _date(fact.data["until"]) or dt.date.max)
            elif fact.object in exempt:
                exempt[fact.object] = (exempt[fact.object][0], since - dt.timedelta(days=1))
            continue
        if since > day:
            continue
        if fact.kind == "member.admitted":
            probationary, mobile = fact.data.get("kind") == "probationary", False
        elif fact.kind == "member.became_formal":
            probationary = False
        elif fact.kind == "member.left":
            mobile = False
        elif fact.kind in ("mobile.registered", "mobile.returned"):
            mobile = fact.kind == "mobile.registered"
        elif fact.kind == "member.state_changed":
            mobile = {"True": True, "False": False}.get(fact.data.get("after", {}).get("mobile", ""), mobile)
        elif fact.kind == "appointment.started":
            posts[fact.object] = fact.data.get("post", "")
        else:
            posts.pop(fact.object, None)
    return State(
        probationary, mobile, any(first <= day <= last for first, last in exempt.values()), frozenset(posts.values())
    )


def _date(text: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


def class_of(points: Points, state: State) -> MemberClass | None:
    """The first class of the pack that fits; None if the pack has no classes or none fits."""
    for described in points.classes:
        open_to_all = not (described.posts or described.kinds or described.mobile or described.exempt)
        fits = (
            (described.exempt and state.exempt)
            or (described.mobile and state.mobile)
            or ("probationary" if state.probationary else "formal") in described.kinds
            or bool(state.posts & set(described.posts))
        )
        if open_to_all or fits:
            return described
    return None


class Measured(NamedTuple):
    """年度得分的口径: points that count for a class, of how many (without bonus), and each dimension with its full."""

    points: int
    of: int
    parts: tuple[tuple[str, int, int], ...]

    @property
    def hundredths(self) -> int:
        """Points on a scale of a hundred, for the bands; rounded down, bonus on top."""
        return self.points * 100 // self.of if self.of else 0


def measure(
    points: Points, described: MemberClass | None, in_year: Mapping[str, int], total: int | None = None
) -> Measured:
    """A year's points by dimension as a class counts them; a class that names no dimension counts all of the frame.

    `total` is the year's score as it is shown (not below the floor); it is used where all dimensions count as they are.
    """
    counts = {c.dimension: c.full for c in described.counts} if described and described.counts else None
    parts = []
    for dimension in points.dimensions:
        if counts is None or dimension.id in counts:
            full = (counts or {}).get(dimension.id) or dimension.full
            parts.append((dimension.id, min(in_year.get(dimension.id, 0), full), full))
    bonus = {dimension.id for dimension in points.dimensions if dimension.bonus}
    summed = max(points.frame.floor, sum(got for _id, got, _full in parts))
    return Measured(
        summed if counts is not None or total is None else total,
        sum(full for ident, _got, full in parts if ident not in bonus), tuple(parts),
    )  # fmt: skip
