"""规则: what a step of the pack's table asks, checked on a day. Pure functions over values; no database, no clock.

Source of each condition is its own `basis` in the pack (DOMAIN 4, 1.4): every finding ends with it.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gongjian.engines.voting import rules as voting
from gongjian.ground.kernel.clock import add_months
from gongjian.ground.policy.admissions_schema import AdmissionCondition, Admissions, AdmissionStep

Values = Mapping[str, Any]


class Done(NamedTuple):
    """办过的一步: its day and what was recorded."""

    on: dt.date
    values: Values = {}


class Named(NamedTuple):
    """一名被指定的人: whether a formal member on that day, and why he or she may not (留党察看), "" if nothing."""

    name: str
    formal: bool = True
    barred: str = ""


class Shown(NamedTuple):
    """一次公示: posted on a day, its last day, whether it was ended properly, whether an objection was upheld."""

    posted_on: dt.date
    last_on: dt.date
    ended: bool = True
    upheld: bool = False


class Calendar(NamedTuple):
    """工作日: the next working day from a day on, and the last day of so many working days after one."""

    next_working: Callable[[dt.date], dt.date]
    after_working: Callable[[dt.date, int], dt.date]


class VoteRule(NamedTuple):
    """表决规则 of voting.yaml: quorum and what the yes-votes must exceed half of."""

    quorum: str
    base: str


@dataclass(frozen=True)
class Case:
    """一名发展对象的情况, as far as rules look at it. `named`: people by field; `extended`: months of a longer probation.

    `barred_until`: the first day on which one who left the Party with a bar may apply again (DOMAIN 2.2.4).
    """

    birth_date: dt.date | None = None
    done: Mapping[str, Done] = field(default_factory=dict)
    observed: Sequence[dt.date] = ()
    named: Mapping[str, Sequence[Named]] = field(default_factory=dict)
    shown: Shown | None = None
    extended: int = 0
    barred_until: dt.date | None = None


class Finding(NamedTuple):
    """一处不符: which condition, how strong, and why in words with the article."""

    id: str
    strength: str
    text: str


class Window(NamedTuple):
    """什么时候办: not before, no later than, and the article that says the latter."""

    earliest: dt.date | None
    due: dt.date | None
    basis: str


# --- days ----------------------------------------------------------------------------------------------------------
def limit(condition: AdmissionCondition, case: Case, calendar: Calendar) -> dt.date | None:
    """The last day of a `within`: the same-numbered day, or the month's last; moved on if it is no working day (民法典 201–203)."""
    start = case.done.get(condition.of or "")
    if start is None:
        return None
    day = (
        add_months(start.on, condition.months)
        if condition.months
        else start.on + dt.timedelta(days=condition.days or 0)
    )
    return calendar.next_working(day)


def last_limit(condition: AdmissionCondition, case: Case, calendar: Calendar) -> dt.date | None:
    """The day after which a `within` refuses whatever the reason (不得超过)."""
    start = case.done.get(condition.of or "")
    if start is None or condition.last_months is None:
        return None
    return calendar.next_working(add_months(start.on, condition.last_months))


def full_on(admitted_on: dt.date, months: int, extended: int = 0) -> dt.date:
    """The day on which a probation is full (预备期满): a year from the admitting meeting, then the extension."""
    end = add_months(admitted_on, months)
    return add_months(end, extended) if extended else end


def spans(start: dt.date, months: int, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """Spans of so many months after a day that are over on another: (after, up to and including)."""
    found, n = [], 1
    while (end := add_months(start, months * n)) <= until:
        found.append((add_months(start, months * (n - 1)), end))
        n += 1
    return found


def missed(start: dt.date, months: int, until: dt.date, observed: Sequence[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Spans without an observation (每半年考察一次)."""
    return [(a, b) for a, b in spans(start, months, until) if not any(a < day <= b for day in observed)]


def next_observation(start: dt.date, months: int, observed: Sequence[dt.date], today: dt.date) -> dt.date:
    """The end of the earliest present or coming span without an observation."""
    n = 1
    while True:
        begin, end = add_months(start, months * (n - 1)), add_months(start, months * n)
        if end >= today and not any(begin < day <= end for day in observed):
            return end
        n += 1


def observation_due(start: dt.date, months: int, observed: Sequence[dt.date], today: dt.date) -> dt.date:
    """By when to observe: a span that went by without it stands as overdue until somebody observes again."""
    gaps = missed(start, months, today, observed)
    if gaps and not any(day > gaps[-1][1] for day in observed):
        return gaps[-1][1]
    return next_observation(start, months, observed, today)


def of_age(birth: dt.date, years: int, on: dt.date) -> bool:
    """Whether somebody is so many years old on a day: on the birthday itself (年满)."""
    return add_months(birth, 12 * years) <= on


# --- conditions ----------------------------------------------------------------------------------------------------
def _number(values: Values, name: str) -> int:
    value = values.get(name)
    return value if isinstance(value, int) else 0


def _age(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    if case.birth_date is None:
        return f"没有出生日期，看不出是否年满 {c.years} 岁，请先补登身份证号或者出生日期。"
    if not of_age(case.birth_date, c.years or 0, on):
        return f"申请时不满 {c.years} 岁（{add_months(case.birth_date, 12 * (c.years or 0))} 才满）。"
    return ""


def _rejoin(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    if case.barred_until is None or on >= case.barred_until:
        return ""
    return f"曾被开除、除名或者劝退，{case.barred_until} 之前不得重新入党。"


def _after(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    start = case.done[c.of or ""].on
    earliest = add_months(start, c.months or 0)
    if on < earliest:
        return f"从“{pack.steps[c.of].title}”（{start}）算起要满 {c.months} 个月，{earliest} 才满。"
    return ""


def _within(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    latest, title = limit(c, case, tools.calendar), pack.steps[c.of].title
    if latest is None or on <= latest:
        return ""
    span = f"{c.months} 个月" if c.months else f"{c.days} 天"
    return f"应在“{title}”（{case.done[c.of or ''].on}）之后 {span}内办，最迟 {latest}，已经逾期。"


def _fresh(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    start = case.done[c.of or ""].on
    until = add_months(start, c.months or 0)
    if on > until:
        return f"“{pack.steps[c.of].title}”（{start}）只在 {c.months} 个月内有效，到 {until} 为止，请重新办理。"
    return ""


def _full(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    start = case.done[c.of or ""].on
    end = full_on(start, pack.probation_months, case.extended)
    if on < end and values.get("outcome") != "cancel":
        more = f"，延长 {case.extended} 个月" if case.extended else ""
        return f"预备期从 {start} 算起{more}，{end} 才满，在这之前不能讨论转正。"
    return ""


def _given(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    return "" if values.get(c.field or "") not in (None, "", []) else f"没有填写“{tools.title(c.field)}”。"


def _chosen(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    return "" if values.get(c.field or "") in c.values else f"“{tools.title(c.field)}”不符合通常要求。"


def _amount(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    days, hours = _number(values, "days"), _number(values, "hours")
    if days >= (c.days or 0) or hours >= (c.hours or 0):
        return ""
    return f"只有 {days} 天、{hours} 学时，不到 {c.days} 天，也不到 {c.hours} 学时。"


def _leaving(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    day = values.get(c.field or "")
    if not isinstance(day, dt.date) or day > add_months(on, c.months or 0):
        return ""
    return f"本人 {day} 离开工作、学习单位，在支部大会之后 {c.months} 个月以内。"


def _persons(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    people = case.named.get(c.field or "", ())
    least, most = c.least or 0, c.most or 0
    if not least <= len(people) <= most:
        wanted = f"{least} 名" if least == most else f"{least} 至 {most} 名"
        return f"“{tools.title(c.field)}”应有 {wanted}正式党员，现在是 {len(people)} 名。"
    wrong = [f"{one.name}不是正式党员" for one in people if not one.formal]
    wrong += [f"{one.name}：{one.barred}" for one in people if one.formal and one.barred]
    return "；".join(wrong) + "。" if wrong else ""


def _observed(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    gaps = missed(case.done[c.of or ""].on, c.months or 6, on, case.observed)
    if not gaps:
        return ""
    told = "、".join(f"{a} 至 {b}" for a, b in gaps)
    return f"每 {c.months} 个月应考察一次，缺 {len(gaps)} 次（{told}）。"


def _publication(
    c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools"
) -> str:
    days, start, shown = c.working_days or 0, case.done[c.of or ""].on, case.shown
    if shown is None:
        return f"还没有公示，须公示不少于 {days} 个工作日。"
    if shown.posted_on < start:
        return f"公示日期 {shown.posted_on} 早于“{pack.steps[c.of].title}”（{start}），须重新公示。"
    needed = tools.calendar.after_working(shown.posted_on, days)
    if shown.last_on < needed:
        return f"公示不足 {days} 个工作日：{shown.posted_on} 公示的，应到 {needed} 为止。"
    if shown.upheld:
        return "公示期间有异议成立，不能继续办理。"
    if on <= shown.last_on:
        return f"公示到 {shown.last_on} 为止，期满后才能办。"
    return "" if shown.ended else "公示期已满，请先答复全部异议并结束公示。"


def _committee(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    due, present = _number(values, "committee_due"), _number(values, "committee_present")
    if due < 1 or present > due:
        return f"应到 {due} 人、实到 {present} 人，数字有误。"
    if not voting.quorum("half_or_more", present, due):
        return f"应到 {due} 人，实到 {present} 人，没有达到半数，会议无效。"
    return ""


def _vote(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    due, present, written = (_number(values, name) for name in ("due", "present", "written"))
    yes, no, abstain = (_number(values, name) for name in ("yes", "no", "abstain"))
    if due < 1 or present > due or present + written > due:
        return f"应到 {due} 人、实到 {present} 人、书面意见 {written} 份，数字有误。"
    if yes + no + abstain > present + written:
        return f"票数合计 {yes + no + abstain}，多于到会人数与书面意见之和 {present + written}。"
    rule = tools.votes[c.rule or ""]
    if not voting.quorum(rule.quorum, present, due):
        least = voting.quorum_needs(rule.quorum, due)
        return f"应到会有表决权 {due} 人，实到 {present} 人，至少要 {least} 人到会，表决无效。"
    if not voting.passes(yes, due, present, rule.base):
        return f"赞成 {yes} 票，至少要 {voting.votes_needed(rule.base, due, present)} 票，没有通过。"
    return ""


def _extension(c: AdmissionCondition, on: dt.date, values: Values, case: Case, pack: Admissions, tools: "Tools") -> str:
    if case.extended:
        return "预备期已经延长过一次，只能转为正式党员或者取消预备党员资格。"
    months = _number(values, "extend_months")
    if not (c.least or 0) <= months <= (c.most or 0):
        return f"延长 {months} 个月，应在 {c.least} 至 {c.most} 个月之间。"
    return ""


CHECKS: Mapping[str, Callable[..., str]] = {
    "age": _age, "rejoin": _rejoin, "after": _after, "within": _within, "fresh": _fresh, "full": _full, "given": _given, "chosen": _chosen,
    "amount": _amount, "leaving": _leaving, "persons": _persons, "observed": _observed, "publication": _publication,
    "committee": _committee, "vote": _vote, "extension": _extension,
}  # fmt: skip


@dataclass(frozen=True)
class Tools:
    """What the checks need besides the case: the calendar, the rules of voting, and the titles of the step's fields."""

    calendar: Calendar
    votes: Mapping[str, VoteRule]
    step: AdmissionStep | None = None

    def title(self, name: str | None) -> str:
        """The title of a field."""
        found = self.step.fields.get(name or "") if self.step else None
        return found.title if found else str(name)


def applies(condition: AdmissionCondition, values: Values) -> bool:
    """Whether a condition's `only` holds for what is filled in."""
    return all(values.get(name) == wanted for name, wanted in condition.only.items())


def findings(
    step: AdmissionStep, on: dt.date, values: Values, case: Case, pack: Admissions, tools: Tools
) -> list[Finding]:
    """What stands against a step on a day: first those that block. An earlier step that was not done blocks by itself."""
    tools = Tools(tools.calendar, tools.votes, step)
    found: list[Finding] = []
    for condition in step.conditions:
        if not applies(condition, values):
            continue
        if condition.of and condition.of not in case.done:
            title = pack.steps[condition.of].title
            found.append(Finding(condition.id, "block", f"还没有办“{title}”。（{condition.basis}）"))
            continue
        text, strength = CHECKS[condition.kind](condition, on, values, case, pack, tools), condition.strength
        last = last_limit(condition, case, tools.calendar) if condition.kind == "within" else None
        if last is not None and on > last:
            text = (
                f"超过“{pack.steps[condition.of].title}”之后 {condition.last_months} 个月（到 {last} 为止），"
                "原来的决议不能再用，须撤回后重新讨论。"
            )
            strength = "block"
        if text:
            found.append(Finding(condition.id, strength, f"{text}（{condition.basis}）"))
    return sorted(found, key=lambda one: one.strength != "block")


def window(step: AdmissionStep, case: Case, pack: Admissions, calendar: Calendar, today: dt.date) -> Window:
    """When a step can be done and by when it must be, as far as the table says."""
    earliest: list[dt.date] = []
    due: list[tuple[dt.date, str]] = []
    for condition in step.conditions:
        start = case.done.get(condition.of or "")
        if start is None:
            continue
        if condition.kind == "after":
            earliest.append(add_months(start.on, condition.months or 0))
        elif condition.kind == "full":
            earliest.append(full_on(start.on, pack.probation_months, case.extended))
        elif condition.kind == "within":
            latest = limit(condition, case, calendar)
            if latest is not None:
                due.append((latest, condition.basis))
        elif condition.kind == "observed":
            due.append((observation_due(start.on, condition.months or 6, case.observed, today), condition.basis))
        elif condition.kind == "publication":
            shown = case.shown
            begin = shown.last_on if shown else calendar.after_working(start.on, condition.working_days or 0)
            earliest.append(begin + dt.timedelta(days=1))
    last = min(due) if due else (None, "")
    return Window(max(earliest) if earliest else None, *last)
