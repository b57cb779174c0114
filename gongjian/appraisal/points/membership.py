"""Who was a member of which branch, as the facts have told it so far (所属支部)."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

from gongjian.appraisal.points.models import Belonging
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.db import write_many
from gongjian.records.facts.stream import FactRow

TELLING = ("member.admitted", "member.moved", "member.left")


class Stay(NamedTuple):
    """A time in a branch: from a day to a day that is not included; None: it lasts."""

    from_day: dt.date
    to_day: dt.date | None
    org: int

    def covers(self, day: dt.date) -> bool:
        """Whether it includes this day."""
        return self.from_day <= day and (self.to_day is None or day < self.to_day)


@cache
def last_day(period: str) -> dt.date:
    """The last day of a period; there are few periods and many who ask."""
    return clock.period_bounds(period)[1]


class Belongings:
    """The stays of the persons of a batch, read once, changed fact by fact, written once.

    Only facts decide, never today's tables: a deed told before the admission gives nothing, live and in a replay.
    """

    def __init__(self, persons: Iterable[int]) -> None:
        self._stays: dict[int, list[Stay]] = defaultdict(list)
        rows = Belonging.objects.filter(person__in=set(persons)).order_by("person", "from_day")
        for person, org, from_day, to_day in rows.values_list("person", "org", "from_day", "to_day"):
            self._stays[person].append(Stay(from_day, to_day, org))
        self.changed: set[int] = set()

    def tell(self, fact: FactRow) -> None:
        """Take in a fact about a membership."""
        if fact.person is None or fact.kind not in TELLING:
            return
        told = fact.data.get("joined_on" if fact.kind == "member.admitted" else "on")
        day = dt.date.fromisoformat(told) if told else clock.day_of(fact.at)
        stays = [stay for stay in self._stays[fact.person] if stay.from_day < day]
        stays = [Stay(s.from_day, day, s.org) if s.to_day is None or s.to_day > day else s for s in stays]
        if fact.kind != "member.left":
            org = fact.data.get("to") if fact.kind == "member.moved" else None
            stays.append(Stay(day, None, org or fact.org))
        self._stays[fact.person] = stays
        self.changed.add(fact.person)

    def is_member(self, person: int, day: dt.date) -> bool:
        """Whether the person was a member on a day."""
        return any(stay.covers(day) for stay in self._stays.get(person, ()))

    def branch(self, person: int, period: str) -> int | None:
        """In whose lists a person stands in a period: the branch held on its last day (now, while it runs); None: none."""
        last = last_day(period)
        return next((stay.org for stay in reversed(self._stays.get(person, ())) if stay.covers(last)), None)

    def write(self) -> None:
        """Keep what changed."""
        if not self.changed:
            return
        Belonging.objects.filter(person__in=self.changed).delete()
        rows = [(p, s.org, s.from_day, s.to_day) for p in sorted(self.changed) for s in self._stays[p]]
        write_many("points_belonging", ("person", "org", "from_day", "to_day"), rows)
