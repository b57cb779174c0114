"""Rules of the burden meter (负担计的算法): from counts to what one holder of a role was asked. Pure."""

import datetime as dt
from typing import NamedTuple

MEASURES = ("messages", "fields", "uploads", "minutes")


class Load(NamedTuple):
    """一个角色一周的负担: totals of all holders in the order of MEASURES, and how many holders there are."""

    messages: int
    fields: int
    uploads: int
    minutes: int
    people: int

    def each(self, measure: str) -> float:
        """On average for one holder, with one decimal; 0.0 where nobody holds the role."""
        return round(getattr(self, measure) / self.people, 1) if self.people else 0.0


class Source(NamedTuple):
    """一个来源: a deed or a kind of message, and what it asked of all holders in the week."""

    what: str
    code: str
    times: int
    messages: int
    fields: int
    uploads: int
    minutes: int


def sources(counts: dict[tuple[str, str], int], deeds: dict[str, tuple[int, int]]) -> list[Source]:
    """Counts of a role's week by (what, code), as sources; `deeds` gives each deed's fields and minutes.

    The one that asks most of people's time first, then most fields, then most messages. A deed that the pack no longer
    knows asks nothing.
    """
    found = []
    for (what, code), n in counts.items():
        fields, minutes = deeds.get(code, (0, 0)) if what == "deed" else (0, 0)
        if what in ("message", "deed", "upload"):
            found.append(
                Source(what, code, n, n * (what == "message"), n * fields, n * (what == "upload"), n * minutes)
            )
    return sorted(found, key=lambda one: (-one.minutes, -one.fields, -one.messages, -one.times, one.code))


def load_of(found: list[Source], people: int) -> Load:
    """The sum of a role's sources."""
    return Load(
        sum(one.messages for one in found), sum(one.fields for one in found), sum(one.uploads for one in found),
        sum(one.minutes for one in found), people,
    )  # fmt: skip


def weeks_back(day: dt.date, number: int) -> list[dt.date]:
    """The Mondays of the last whole weeks before the day's own, oldest first."""
    monday = day - dt.timedelta(days=day.weekday())
    return [monday - dt.timedelta(weeks=n) for n in range(number, 0, -1)]
