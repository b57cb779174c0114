"""Duties as pure functions (规定动作的推算): what is missing, by when it can still be held, when to remind and report.

How a standing is judged is `policy.rules.standing_of`; judging.py does the same over tables and is tested against it.
"""

import datetime as dt
from typing import NamedTuple

from gongjian.ground.kernel.clock import period_bounds, period_of
from gongjian.ground.policy import calendar
from gongjian.ground.policy.schema import Duty, Match, Pack

PROPOSALS = 3


def _text(match: Match) -> str:
    where = ",".join(f"{key}={'|'.join(sorted(match.where[key]))}" for key in sorted(match.where))
    return f"{match.fact}?{where}" if where else match.fact


def match_key(duty: Duty) -> str:
    """What a duty counts, as text: duties that count the same facts share one key, however they are called."""
    parts = [_text(duty.done_by), *sorted(_text(match) for match in duty.also_done_by), _text(duty.planned_by)]
    parts += sorted(_text(match) for match in duty.withdrawn_by)
    return ";".join(parts)


def rescheduling_kind(duty: Duty) -> str:
    """The fact kind that moves a plan of this duty to another day: the plan's noun, rescheduled."""
    return duty.planned_by.fact.partition(".")[0] + ".rescheduled"


def fact_kinds(duties: tuple[Duty, ...]) -> tuple[str, ...]:
    """All fact kinds that these duties look at, in order."""
    kinds: set[str] = set()
    for duty in duties:
        kinds |= {duty.done_by.fact, duty.planned_by.fact, rescheduling_kind(duty)}
        kinds |= {match.fact for match in (*duty.also_done_by, *duty.withdrawn_by)}
    return tuple(sorted(kinds))


class Forecast(NamedTuple):
    """预测: what is missing, the last working day on which it can be held in time, and days to propose.

    `late` means that the period is over: the proposed days are for making good, and `last_day` is in the past.
    """

    missing: int
    last_day: dt.date
    days_left: int
    proposals: tuple[dt.date, ...]
    late: bool


def last_feasible_day(period: str, pack: Pack) -> dt.date:
    """The last working day of a period (its last day, should it have none)."""
    first, last = period_bounds(period)
    day = last if calendar.is_working_day(last, pack) else calendar.add_working_days(last, -1, pack)
    return day if day >= first else last


def forecast(
    *, duty: Duty, period: str, required: int, done: int, planned: int, today: dt.date, pack: Pack
) -> Forecast | None:
    """What an organisation has still to arrange; None when enough is held or planned.

    Proposed are the next working days from tomorrow (today, if it is the last one left), in the duty's usual months
    while these are still to come. When only days off are left, they are proposed: better held on a Sunday than not.
    """
    late = today > period_bounds(period)[1]
    missing = required - done - (0 if late else planned)
    if missing <= 0:
        return None
    last_day = last_feasible_day(period, pack)
    end = period_bounds(period)[1]
    start = today + dt.timedelta(days=1)
    if not late and duty.usual_months and today.month < min(duty.usual_months):
        start = max(start, dt.date(int(period[:4]), min(duty.usual_months), 1))
    days: list[dt.date] = []
    day = start
    while len(days) < PROPOSALS and (late or day <= end):
        if calendar.is_working_day(day, pack):
            days.append(day)
        day += dt.timedelta(days=1)
    if not late and not days:
        days = [start] if start <= end else [today]
    return Forecast(missing, last_day, max(0, (end - today).days), tuple(days), late)


def reminders_due(duty: Duty, due_on: dt.date, today: dt.date) -> int:
    """How many automatic reminders an organisation should have had by now: one for each mark of the pack passed."""
    return sum(today >= due_on - dt.timedelta(days=before) for before in duty.remind_days_before)


def report_after(duty: Duty, due_on: dt.date, pack: Pack) -> dt.date:
    """The last day for making good before it goes to the level above: so many working days after the period's end.

    Counting starts the day after the end (民法典第二百零一条).
    """
    return calendar.add_working_days(due_on, duty.escalate_after_working_days, pack)


def report_again_after(duty: Duty, since: dt.date, pack: Pack) -> dt.date | None:
    """The last day before it goes up another level, counted from the last report or its acknowledgement; None: never."""
    days = duty.escalate_again_after_working_days
    return None if days is None else calendar.add_working_days(since, days, pack)


def rests(duty: Duty, period: str, starts_on: dt.date, ends_on: dt.date) -> bool:
    """Whether a moratorium from one day to another (both included) lets a period of the duty rest.

    It does when it holds on at least `moratorium_percent` of the period's days: three days of a quarter do not free the
    quarter, and an emergency in the middle of a month does not leave that month to be made up.
    """
    first, last = period_bounds(period)
    days = (min(last, ends_on) - max(first, starts_on)).days + 1
    return days > 0 and 100 * days >= duty.moratorium_percent * ((last - first).days + 1)


def previous(period: str, per: str) -> str:
    """The period of the same length just before."""
    return period_of(period_bounds(period)[0] - dt.timedelta(days=1), per)


def periods_between(first: dt.date, last: dt.date, per: str) -> list[str]:
    """The periods that hold any day from `first` to `last`, in order."""
    found, day = [], first
    while day <= last:
        period = period_of(day, per)
        found.append(period)
        day = period_bounds(period)[1] + dt.timedelta(days=1)
    return found


def activity_kind(duty: Duty) -> str:
    """The kind of activity that a plan for this duty is of, for the link to the plan's form; nothing if any will do."""
    return next(iter(duty.planned_by.where.get("activity_kind", ())), "")
