"""选举规则: how many candidates, who is elected, what to do about ties and empty seats, terms. Values in, values out.

Source: 《中国共产党基层组织选举工作条例》 and 《关于党的基层组织任期的意见》 (DOMAIN 1.2, 1.5). Numbers come from the pack.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from gongjian.ground.kernel.clock import add_months


class Hint(NamedTuple):
    """提醒: what a text says with 一般, worth a second look; it blocks nothing."""

    code: str
    values: dict[str, Any] = {}


def candidates_needed(seats: int, percent: int, at_least: int) -> int:
    """How many candidates a contest with several seats needs at least: `percent` more, rounded up, `at_least` more."""
    return max(-(-seats * (100 + percent) // 100), seats + at_least) if seats else 0


class Decision(NamedTuple):
    """一轮的结果: who is elected, who is tied at the cut for how many seats, how many seats nobody reached."""

    winners: tuple[str, ...]
    tied: tuple[str, ...]
    open: int
    missing: int


def decide(votes: Mapping[str, int], needed: int, seats: int) -> Decision:
    """Who is elected: those with `needed` votes or more, by votes; equal votes at the cut are not elected but tied.

    `needed` 0 asks for no majority (a re-vote among the tied); nobody is elected with no vote at all.
    """
    reached = sorted((name for name in votes if votes[name] >= max(needed, 1)), key=lambda name: (-votes[name], name))
    if len(reached) <= seats:
        return Decision(tuple(reached), (), 0, seats - len(reached))
    cut = votes[reached[seats - 1]]
    if votes[reached[seats]] < cut:
        return Decision(tuple(reached[:seats]), (), 0, 0)
    winners = tuple(name for name in reached if votes[name] > cut)
    return Decision(winners, tuple(name for name in reached if votes[name] == cut), seats - len(winners), 0)


def merge_write_ins(
    votes: Mapping[str, int], written: Mapping[str, int], names: Mapping[str, Sequence[str]], mapped: Mapping[str, str]
) -> tuple[dict[str, int], dict[str, int]]:
    """(votes with the names written in, those that nobody could be found for).

    `names`: who bears a name, by id; a name with one bearer is that person. `mapped`: what people said of the others.
    A name of somebody who stands on the ballot is no other person, so it does not count.
    """
    merged, unknown = dict(votes), {}
    for name, number in written.items():
        bearers = names.get(name, ())
        person = mapped.get(name) or (bearers[0] if len(bearers) == 1 else "")
        if not person:
            unknown[name] = number
        elif person not in votes:
            merged[person] = merged.get(person, 0) + number
    return merged, unknown


def may_reduce(missing: int, at_most: int, agreed: int, due: int) -> str:
    """Whether seats may stay empty: "" or not_close (too many are missing) or not_agreed (not over half of electors)."""
    if not 0 < missing <= at_most:
        return "not_close"
    return "" if 2 * agreed > due else "not_agreed"


# --- terms (DOMAIN 1.2) -----------------------------------------------------------------------------------------
def term_end(started: dt.date | None, years: int | None, put_off_to: dt.date | None = None) -> dt.date | None:
    """The day on which a term is over; the approved day where it was put off; None without a term."""
    if started is None or not years:
        return None
    end = add_months(started, 12 * years)
    return max(end, put_off_to) if put_off_to else end


def remind_from(end: dt.date, months: int) -> dt.date:
    """From which day on the higher organisation reminds: about six months before the end."""
    return add_months(end, -months)


def within_shift(end: dt.date, until: dt.date, months: int) -> bool:
    """Whether putting off (or bringing forward) to a day stays within the months that the text allows."""
    return add_months(end, -months) <= until <= add_months(end, months)


def timing_hints(day: dt.date, end: dt.date | None, put_off: bool, months: int) -> list[Hint]:
    """What a day of election says of the term: too early (一般不超过一年), or late without an approved delay."""
    if end is None:
        return []
    if day < add_months(end, -months):
        return [Hint("early", {"end": end, "months": months})]
    if day > end:
        return [Hint("late_again" if put_off else "late", {"end": end})]
    return []


# --- congress (DOMAIN 1.5.1) ------------------------------------------------------------------------------------
def may_hold_congress(members: int, from_members: int) -> bool:
    """Whether an organisation is so large that a congress of delegates may be held with approval (500 and more)."""
    return members >= from_members


def delegates_finding(delegates: int, low: int, usual: int, most: int) -> str:
    """ "" usual; unusual: outside what the text calls usual (warn); too_many: beyond the limit (block)."""
    if delegates > most:
        return "too_many"
    return "" if low <= delegates <= usual else "unusual"
