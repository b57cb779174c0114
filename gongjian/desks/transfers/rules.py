"""规则: how long, when due, who may. Pure functions over values; no database, no clock.

Months and years are complete ones and end on the same-numbered day (民法典 202 条); 以上 includes the number.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from gongjian.ground.kernel.clock import add_months
from gongjian.ground.policy.transfers_schema import Committees, Mobile, Rung, Standing, Validity


class Finding(NamedTuple):
    """发现: what a rule says of a value; `blocks` False is a warning that a person may overrule."""

    text: str
    blocks: bool


# --- who issues letters (DOMAIN 2.2.7) ---------------------------------------------------------------------------
def committee_of(kinds_upward: Sequence[str], rules: Committees) -> int | None:
    """The position of the committee that acts for a branch among the kinds above it, nearest first; None without one.

    A committee that may deal with the whole country goes before the Party organisations above it (2.2.7).
    """
    for wanted in (rules.direct, rules.above):
        found = next((number for number, kind in enumerate(kinds_upward) if kind in wanted), None)
        if found is not None:
            return found
    return None


# --- letters (DOMAIN 2.2.8, 2.2.9) -------------------------------------------------------------------------------
def usual_days(direction: str, rules: Validity) -> int:
    """Days of validity that the form proposes: inside the city, or outside."""
    return rules.city_days if direction == "city" else rules.outside_days


def check_days(days: int, rules: Validity) -> Finding | None:
    """Whether so many days from the letter's date on are too many (2.2.8: normally at most three months)."""
    if days <= rules.cap_days:
        return None
    return Finding(f"有效期一般不超过 {rules.cap_days} 天，现在是 {days} 天。", rules.cap_strength == "block")


def last_day(issued_on: dt.date, days: int, rules: Validity, next_working_day: Callable[[dt.date], dt.date]) -> dt.date:
    """The last day of a letter: counting begins the day after its date, an end on a holiday moves (民法典 201、203 条)."""
    end = issued_on + dt.timedelta(days=days)
    return next_working_day(end) if rules.holiday_moves_end else end


def expired(last: dt.date, day: dt.date) -> bool:
    """Whether a letter no longer holds: its last day belongs to it."""
    return day > last


def serial_text(prefix: str, year: int, number: int) -> str:
    """The serial as it stands on all three parts: 柳岸街道 2026 第 0007 号."""
    return f"{prefix}〔{year}〕第{number:04d}号"


def rungs_reached(day: dt.date, due_on: dt.date, ladder: Iterable[Rung]) -> list[Rung]:
    """The rungs of the ladder whose day has come, in order of their days."""
    late = (day - due_on).days
    return sorted((rung for rung in ladder if late >= rung.days), key=lambda rung: rung.days)


# --- members away (DOMAIN 2.2.6, 2.2.11, 2.2.12, 2.2.13) ----------------------------------------------------------
def must_transfer_from(since: dt.date, rules: Mobile) -> dt.date:
    """From this day on a member away at a fairly fixed place must transfer (2.2.6: six months or more)."""
    return add_months(since, rules.must_transfer_months)


def document_for(months: int, rules: Mobile, *, needs_proof: bool = False) -> str:
    """The paper for an absence of so many months: none, a letter of proof, the card (2.2.11, 2.2.12).

    Up to three months nothing is needed unless the member must prove to be one.
    """
    fitting = [one for one in rules.documents if one.months == 0 or months <= one.months]
    if needs_proof:
        fitting = [one for one in fitting if one.id != "none"] or fitting
    return min(fitting, key=lambda one: one.months or 10**6).id if fitting else ""


def contact_due(last: dt.date, rules: Mobile, *, abroad: bool) -> dt.date:
    """The day by which contact is due after the last one (2.2.3: abroad at least every half year)."""
    return add_months(last, rules.contact_abroad_months if abroad else rules.contact_months)


# --- 党籍 (DOMAIN 2.2.2 to 2.2.4, 2.2.14, 2.2.15) ------------------------------------------------------------
def stop_possible_from(lost_since: dt.date, rules: Standing) -> dt.date:
    """From this day on 停止党籍 may be proposed: lost for six months or more (2.2.2)."""
    return add_months(lost_since, rules.lost_months)


def removal_possible_from(stopped_on: dt.date, rules: Standing) -> dt.date:
    """From this day on 除名 may be proposed: two years after 停止党籍 (2.2.2)."""
    return add_months(stopped_on, 12 * rules.remove_after_stop_years)


def abroad_stop_possible_from(left_on: dt.date, rules: Standing) -> dt.date:
    """The first day after more than five years of study abroad (2.2.3: 超过 does not include the number)."""
    return add_months(left_on, 12 * rules.study_abroad_years) + dt.timedelta(days=1)


def correction_ends_by(on: dt.date, rules: Standing) -> dt.date:
    """The last possible day of a 限期改正 that begins on a day (2.2.15: at most a year)."""
    return add_months(on, rules.correction_months)


def barred_until(left_on: dt.date, rules: Standing) -> dt.date:
    """The first day on which who left with a bar may be admitted again (2.2.4: five years)."""
    return add_months(left_on, 12 * rules.rejoin_bar_years)


def months_between(start: dt.date, day: dt.date) -> int:
    """Complete months from a day to another."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return max(0, months if add_months(start, months) <= day else months - 1)
