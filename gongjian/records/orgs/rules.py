"""规则: how big an organisation should be and how long its term lasts, by the pack's rules; pure functions.

The numbers are the pack's (《中国共产党支部工作条例（试行）》、《关于党的基层组织任期的意见》2018): none stands here.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from gongjian.ground.kernel.clock import add_months


class Finding(NamedTuple):
    """规模核查结果: `warn` where the text says 一般, `block` where it says 应当 or 必须; what is so, and the source."""

    rule: str
    severity: str
    message: str
    basis: str


@dataclass(frozen=True, slots=True)
class Size:
    """规模: what the size rules look at; None where it is not known and so nothing is judged.

    `level` is that of the organisation that a joint committee belongs to.
    """

    kind: str
    level: str = ""
    formal_members: int | None = None
    all_members: int | None = None
    covered_units: int | None = None
    formal_members_of_unit: int | None = None
    committee_size: int | None = None
    part_time_members: int | None = None


MEASURES = {
    "formal_members": "正式党员",
    "all_members": "党员",
    "covered_units": "覆盖单位",
    "formal_members_of_unit": "单位正式党员",
    "committee_size": "委员",
    "part_time_members": "兼职委员",
}
COUNTERS = {"covered_units": "个"}


def size_findings(pack: Any, size: Size) -> list[Finding]:
    """What the pack's size rules find wrong, blocks first; bounds belong to what is allowed."""
    kind = next((kind for kind in pack.org_kinds if kind.id == size.kind), None)
    if kind is None:
        return []
    found = []
    for rule in kind.size_rules:
        value = getattr(size, rule.measure)
        if value is None or (rule.at_level and rule.at_level != size.level):
            continue
        if rule.formal_from is not None and (size.formal_members is None or size.formal_members < rule.formal_from):
            continue
        if rule.formal_below is not None and (size.formal_members is None or size.formal_members >= rule.formal_below):
            continue
        low = rule.at_least is not None and value < rule.at_least
        high = rule.at_most is not None and value > rule.at_most
        if low or high or (rule.odd and value % 2 == 0 and value > 0):
            now = f"现有{MEASURES[rule.measure]} {value} {COUNTERS.get(rule.measure, '人')}。"
            found.append(Finding(rule.id, rule.severity, now + rule.text, rule.basis))
    return sorted(found, key=lambda finding: finding.severity)


def blocks(findings: Iterable[Finding]) -> list[Finding]:
    """Those that forbid."""
    return [finding for finding in findings if finding.severity == "block"]


def elects_committee(pack: Any, kind: str, formal_members: int) -> bool:
    """Whether an organisation of this kind elects a committee (支部工作条例: 正式党员7人以上)."""
    found = next((entry for entry in pack.org_kinds if entry.id == kind), None)
    if found is None or found.committee_from_formal is None:
        return False
    return formal_members >= found.committee_from_formal


def term_end(started: dt.date | None, years: int | None) -> dt.date | None:
    """The day on which a term is full: the same-numbered day so many years on (民法典 202 条); None without a term."""
    return add_months(started, 12 * years) if started and years else None


def reminder_day(ends: dt.date, months_before: int) -> dt.date:
    """From this day on the higher organisation reminds of the coming end (任期意见: 届满前6个月左右)."""
    return add_months(ends, -months_before)


class Term(NamedTuple):
    """任期: its end, days left (negative: overdue), and how urgent it is: far, near or over."""

    ends: dt.date
    days_left: int
    state: str


def term_on(day: dt.date, started: dt.date | None, years: int | None, months_before: int) -> Term | None:
    """How a term stands on a day; None for an organisation without a term."""
    ends = term_end(started, years)
    if ends is None:
        return None
    left = (ends - day).days
    state = "over" if left < 0 else "near" if day >= reminder_day(ends, months_before) else "far"
    return Term(ends, left, state)


def may_found(pack: Any, kind: str, parent_kind: str | None) -> bool:
    """Whether the pack lets an organisation of this kind stand below one of that kind (None: the root)."""
    found = next((entry for entry in pack.org_kinds if entry.id == kind), None)
    if found is None:
        return False
    return not found.parents if parent_kind is None else parent_kind in found.parents
