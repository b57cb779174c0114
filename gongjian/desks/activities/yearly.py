"""年度建议: days on which a branch keeps all its duties. Pure: values in, values out.

What a duty still lacks in a period that is not over becomes a draft in it, whatever stands in the way: on the branch's
usual day if it can be, on a rest day if nothing else is left.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gongjian.ground.kernel.clock import months_in, period_bounds

MORNING = 8 * 60  # where the usual time is taken on every day that is left


class Habit(NamedTuple):
    """习惯: the weekday (1 is Monday), which of the month it is (1 to 4, 5 the last), and the time of day, in minutes."""

    weekday: int
    nth: int
    minute: int
    learnt: bool = False


class Need(NamedTuple):
    """所缺: so many of a kind that a duty still asks for in a period that is not over."""

    kind: str
    period: str
    missing: int
    minutes: int
    usual_months: tuple[int, ...] = ()
    order: int = 100


class Draft(NamedTuple):
    """草案: one meeting proposed, at a minute of a day; `with_others` if others of the branch are on the same day."""

    kind: str
    day: dt.date
    minute: int
    minutes: int
    with_others: bool = False


@dataclass
class Evenings:
    """连着开: kinds that are held one after another on one day, minutes between them, and when the last must end."""

    together: Sequence[Sequence[str]] = ()
    gap: int = 10
    latest_end: int = 21 * 60 + 30
    busy: dict[dt.date, list[tuple[int, int]]] = field(default_factory=dict)

    def place_of(self, kind: str) -> tuple[int, int] | None:
        """(which combination, place in it) of a kind."""
        for number, kinds in enumerate(self.together):
            if kind in kinds:
                return number, list(kinds).index(kind)
        return None


def habit_of(
    moments: Iterable[tuple[dt.date, int]], *, weekday: int, minute: int, least: int
) -> Habit:  # fmt: skip
    """The habit in (day, minute of the day) of meetings held; the given one where there are fewer than `least`."""
    held = list(moments)
    if len(held) < least:
        return Habit(weekday, 2, minute)
    common_day = _commonest(day.isoweekday() for day, _minute in held)
    on_it = [(day, at) for day, at in held if day.isoweekday() == common_day]
    return Habit(
        common_day, _commonest((day.day - 1) // 7 + 1 for day, _at in on_it), _commonest(at for _, at in on_it), True
    )


def _commonest(values: Iterable[int]) -> int:
    """The most frequent; of equals the smallest, so that the answer does not depend on the order."""
    return min(Counter(values).items(), key=lambda pair: (-pair[1], pair[0]))[0]


def usual_day(habit: Habit, month: str) -> dt.date:
    """The habit's day in a month; the last such weekday where the month has no fifth."""
    first, last = period_bounds(month)
    day = first + dt.timedelta(days=(habit.weekday - first.isoweekday()) % 7 + 7 * (habit.nth - 1))
    return day if day <= last else day - dt.timedelta(days=7)


def suggest(
    needs: Iterable[Need], *, today: dt.date, habit: Habit, works: Callable[[dt.date], bool], evenings: Evenings,
    planned: Iterable[tuple[str, dt.date]] = (), avoid: Collection[dt.date] = (),
) -> list[Draft]:  # fmt: skip
    """Drafts that fill every need, by day and time; needs of periods that are over are left out.

    `planned`: (kind, day) of what is arranged already, so that the same kind is not put on one day twice; `avoid`: days
    on which something else speaks against it. One draft serves every need of its kind in whose period it falls.
    """
    evenings = replace(evenings, busy={day: list(spans) for day, spans in evenings.busy.items()})
    drafts: list[Draft] = []
    days_of: dict[str, set[dt.date]] = {}
    for kind, day in planned:
        days_of.setdefault(kind, set()).add(day)
    load: Counter[str] = Counter()
    wanted: list[tuple[str, str, Need]] = []
    given: Counter[tuple[str, str]] = Counter()  # by kind and month
    filled: Counter[tuple[int, str]] = Counter()  # minutes by combination and month
    ordered = sorted(needs, key=lambda need: (len(months_in(need.period)), need.period, need.order, need.kind))
    for need in ordered:
        if period_bounds(need.period)[1] < today:
            continue
        open_months = [m for m in months_in(need.period) if period_bounds(m)[1] >= today]
        missing = need.missing - sum(given[need.kind, month] for month in open_months)
        for _n in range(max(0, missing)):
            joined = {m: _joins(need, m, filled, habit, evenings) for m in open_months}
            month = _month_for(need, open_months, load, given, today, joined)
            place = evenings.place_of(need.kind)
            if place:
                filled[place[0], month] += need.minutes + evenings.gap
            wanted.append((month, need.kind, need))
            given[need.kind, month] += 1
            load[month] += 1
    for month in sorted({month for month, _kind, _need in wanted}):
        here = [need for found, _kind, need in wanted if found == month]
        drafts += _month(month, here, today, habit, works, evenings, days_of, set(avoid))
    return sorted(drafts, key=lambda draft: (draft.day, draft.minute, draft.kind))


def _joins(need: Need, month: str, filled: Counter[tuple[int, str]], habit: Habit, evenings: Evenings) -> int:
    """How many minutes of the kind's combination are in a month already, if this fits behind them into one evening."""
    place = evenings.place_of(need.kind)
    there = filled[place[0], month] if place else 0
    return there if there and habit.minute + there + need.minutes <= evenings.latest_end else 0


def _month_for(
    need: Need, open_months: list[str], load: Counter[str], given: Counter[tuple[str, str]], today: dt.date,
    joined: dict[str, int],
) -> str:  # fmt: skip
    """Which month: a usual one if any is left, one that has not this kind yet, with what it is held together, not the last."""
    usual = [m for m in open_months if int(m[5:]) in need.usual_months] or open_months
    this_month = f"{today:%Y-%m}"

    def cost(month: str) -> tuple:
        # The running month may have too few days left; the last month of a period leaves no time to make good.
        hurried = month == this_month and today.day > 20
        last = len(usual) > 1 and month == usual[-1]
        return given[need.kind, month], hurried, -joined[month], load[month] + last, month

    return min(usual, key=cost)


def _month(
    month: str, here: list[Need], today: dt.date, habit: Habit, works: Callable[[dt.date], bool], evenings: Evenings,
    days_of: dict[str, set[dt.date]], avoid: set[dt.date],
) -> list[Draft]:  # fmt: skip
    """The drafts of one month: combinations on one evening in sequence, everything else on days of its own."""
    groups: dict[tuple[object, ...], list[Need]] = {}
    for at, need in enumerate(sorted(here, key=lambda need: (need.order, need.kind))):
        place = evenings.place_of(need.kind)
        key: tuple[object, ...] = ("evening", place[0]) if place else ("alone", at)
        # The same kind twice in a month is held on two days.
        while any(other.kind == need.kind for other in groups.get(key, ())):
            key = (*key, "again")
        groups.setdefault(key, []).append(need)
    drafts: list[Draft] = []
    used: set[dt.date] = set()
    order = sorted(groups, key=lambda key: (key[0] != "evening", str(key)))
    for key in order:
        members = sorted(groups[key], key=lambda need: (evenings.place_of(need.kind) or (0, 0))[1])
        while members:
            kinds = {need.kind for need in members}
            taken = set().union(*(days_of.get(kind, set()) for kind in kinds))
            days = _days(month, today, habit, works, used, avoid, taken)
            day, start = next(
                ((day, minute) for day in days if (minute := _free_from(day, habit.minute, members[0].minutes, evenings)) is not None),
                None,
            ) or next(
                ((day, minute) for day in days if (minute := _free_from(day, MORNING, members[0].minutes, evenings)) is not None),
                (days[0], habit.minute),
            )  # fmt: skip
            members, placed = _sequence(day, start, members, evenings)
            for draft in placed:
                evenings.busy.setdefault(day, []).append((draft.minute, draft.minute + draft.minutes))
                days_of.setdefault(draft.kind, set()).add(day)
            used.add(day)
            drafts += placed
    return drafts


def _sequence(
    day: dt.date, start: int, members: list[Need], evenings: Evenings
) -> tuple[list[Need], list[Draft]]:  # fmt: skip
    """As many as end in time on a day, one after another; what is left over, and the drafts. At least one."""
    placed: list[Draft] = []
    minute, left = start, list(members)
    while left:
        end = minute + left[0].minutes
        if placed and (end > evenings.latest_end or not _is_free(day, minute, end, evenings)):
            break
        need = left.pop(0)
        placed.append(Draft(need.kind, day, min(minute, 24 * 60 - 1), need.minutes))
        minute = end + evenings.gap
    together = len(placed) > 1
    return left, [draft._replace(with_others=together) for draft in placed]


def _is_free(day: dt.date, start: int, end: int, evenings: Evenings) -> bool:
    return all(end <= begun or start >= ended for begun, ended in evenings.busy.get(day, ()))


def _free_from(day: dt.date, minute: int, minutes: int, evenings: Evenings) -> int | None:
    """The usual time if it is free, else right after what is in the way if that still ends in time; None otherwise."""
    start = minute
    for _begun, ended in sorted(evenings.busy.get(day, ())):
        if _is_free(day, start, start + minutes, evenings):
            break
        start = max(start, ended + evenings.gap)
    fits = _is_free(day, start, start + minutes, evenings) and (
        start == minute or start + minutes <= evenings.latest_end
    )
    return start if fits else None


def _days(
    month: str, today: dt.date, habit: Habit, works: Callable[[dt.date], bool], used: set[dt.date], avoid: set[dt.date],
    taken: set[dt.date],
) -> list[dt.date]:  # fmt: skip
    """All days of a month from tomorrow (today, if it is the last one), the best first; `taken`: the same kind is there."""
    first, last = period_bounds(month)
    start = max(first, today + dt.timedelta(days=1))
    if start > last:
        return [last]
    usual = usual_day(habit, month)
    days = [start + dt.timedelta(days=n) for n in range((last - start).days + 1)]

    def cost(day: dt.date) -> tuple:
        return (
            day in taken, not works(day), day in used, day in avoid, day.isoweekday() != habit.weekday,
            abs((day - usual).days), day,
        )  # fmt: skip

    return sorted(days, key=cost)
