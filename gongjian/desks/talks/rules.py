"""谈心谈话与政治生日的规则: what a talk counts for, who is missing, whom to talk with next, when an anniversary is.

Source: 支部工作条例 on 谈心谈话 (DOMAIN 1.3): among committee members, between them and members, among members, at least
once a year each. Values in, values out.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

COMMITTEE, MIXED, MEMBERS = "committee", "committee_and_members", "members"
LINES = (COMMITTEE, MIXED, MEMBERS)
Pair = frozenset[int]


class Missing(NamedTuple):
    """还缺的谈话: on which line, whose, and with whom (None: with anybody of that line)."""

    line: str
    person: int
    other: int | None


def line_of(first_in_committee: bool, second_in_committee: bool) -> str:
    """Which of the three lines a talk of two persons is on."""
    return {2: COMMITTEE, 1: MIXED, 0: MEMBERS}[first_in_committee + second_in_committee]


def pairs_of(committee: Collection[int], members: Collection[int], line: str) -> list[tuple[int, int]]:
    """All pairs of a line, smaller id first; `members` are those who are not in the committee."""
    if line == MIXED:
        return sorted((min(a, b), max(a, b)) for a in committee for b in members)
    group = sorted(committee if line == COMMITTEE else members)
    return [(a, b) for n, a in enumerate(group) for b in group[n + 1 :]]


def missing(
    committee: Collection[int],
    members: Collection[int],
    talks: Mapping[Pair, int],
    reach: Mapping[str, str],
    times: int = 1,
) -> list[Missing]:
    """What a year still lacks. `talks`: pair → how many this year. A line with nobody to talk with lacks nothing.

    pairs: each pair `times` times. each: everybody `times` times with anybody of the line; on the mixed line that is
    every member with somebody of the committee (a secretary of forty need not talk with each of them himself).
    """
    found = []
    for line in LINES:
        pairs = pairs_of(committee, members, line)
        if reach[line] == "pairs":
            found += [Missing(line, a, b) for a, b in pairs if talks.get(frozenset((a, b)), 0) < times]
            continue
        owed = set(members) if line != COMMITTEE else set(committee)
        owed &= {person for pair in pairs for person in pair}
        had = dict.fromkeys(owed, 0)
        for a, b in pairs:
            for person in (a, b):
                if person in had:
                    had[person] += talks.get(frozenset((a, b)), 0)
        found += [Missing(line, person, None) for person in sorted(owed) if had[person] < times]
    return found


def next_for(
    person: int, committee: Collection[int], members: Collection[int], talks: Mapping[Pair, int],
    last: Mapping[Pair, dt.date], lacking: Iterable[Missing], *, most: int = 3,
) -> list[int]:  # fmt: skip
    """Whom this person may well talk with next: first those with whom (or whose) a talk is missing, the longest ago first."""
    inside = person in committee
    wanted: dict[int, int] = {}
    for gap in lacking:
        if gap.other is not None and person in (gap.person, gap.other):
            wanted[gap.other if person == gap.person else gap.person] = 0
        elif gap.line == MIXED and inside and gap.other is None and gap.person != person:
            wanted.setdefault(gap.person, 1)
        elif gap.person == person and gap.other is None:
            others = committee if gap.line == MIXED else [one for one in members if one != person]
            for other in committee if gap.line == COMMITTEE else others:
                if other != person:
                    wanted.setdefault(other, 2)
        elif gap.line == MEMBERS and not inside and gap.other is None:
            wanted.setdefault(gap.person, 3)
    never = dt.date.min
    order = sorted(
        wanted,
        key=lambda other: (
            wanted[other], talks.get(frozenset((person, other)), 0), last.get(frozenset((person, other)), never), other
        ),
    )  # fmt: skip
    return order[:most]


def anniversary(since: dt.date, year: int) -> dt.date:
    """The anniversary of a day in a year; of 29 February, in years without one, 28 February."""
    try:
        return since.replace(year=year)
    except ValueError:
        return dt.date(year, 2, 28)


def coming(since: dt.date, today: dt.date, days_before: int) -> dt.date | None:
    """The anniversary that is at most so many days ahead (today included); None if there is none, or no full year yet."""
    for year in (today.year, today.year + 1):
        day = anniversary(since, year)
        if year > since.year and today <= day <= today + dt.timedelta(days=days_before):
            return day
    return None
