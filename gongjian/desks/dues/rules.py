"""党费的规则: base, rate, rounding, months, shares. Pure functions over values and the pack; money in whole fen.

The bracket's rate applies to the whole base, never piece by piece (中组发〔2008〕3号; DOMAIN 3.1).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import NamedTuple

from gongjian.ground.kernel.clock import add_months, month_of, period_bounds, quarter_of, year_of
from gongjian.ground.policy.dues_schema import Component, Dues, DuesCategory, RateTable

MOST = 100_000_000_00  # fen; nobody earns more in a month, and a slip of the finger is told


class Wrong(ValueError):
    """What was entered cannot be right; `field` names the component."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Part(NamedTuple):
    """一项收入: what was entered (fen) and what it does to the base."""

    id: str
    title: str
    effect: str
    fen: int
    about: str


class Computed(NamedTuple):
    """核定结果: `base` (fen a month, exact), the rate in per cent, the sum before rounding, what is due each month, and
    in words why."""

    base: Fraction
    rate: Decimal | None
    exact: Fraction
    amount: int
    capped: bool
    parts: tuple[Part, ...]
    why: tuple[str, ...]


# --- money ------------------------------------------------------------------------------------------------------
def fen(yuan: Decimal | int) -> int:
    """Yuan as whole fen, half up; 0.2 → 20."""
    return int((Decimal(yuan) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan(amount: int) -> str:
    """Whole fen as yuan with two decimals: 123456 → 1234.56."""
    sign = "-" if amount < 0 else ""
    return f"{sign}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def half_up(exact: Fraction, step: int) -> int:
    """Round to a multiple of `step` fen, half up (DOMAIN 3.3.10: no national rule, a setting)."""
    return int((2 * exact + step) // (2 * step)) * step


def share(amount: int, percent: int) -> int:
    """So many per cent of a sum, in whole fen, half up."""
    return half_up(Fraction(amount * percent, 100), 1)


# --- assessment -------------------------------------------------------------------------------------------------
def rate_for(table: RateTable, base: Fraction) -> tuple[Decimal, str]:
    """The rate (per cent) for a whole base in fen, and its bracket in words. 以下包括本数: a bound belongs below."""
    low: int | None = None
    for bracket in table.brackets:
        if bracket.upto is None or base <= bracket.upto * 100:
            words = (
                f"{bracket.upto}元以下（含）" if low is None and bracket.upto is not None
                else f"{low}元以上" if bracket.upto is None
                else f"{low}元以上至{bracket.upto}元（含）"
            )  # fmt: skip
            return bracket.rate, words
        low = bracket.upto
    raise Wrong("比例表没有最后一档。")


def base_of(components: Sequence[Component], entered: Mapping[str, int], divide_by: int) -> tuple[Fraction, list[Part]]:
    """The monthly base in fen and its parts. Raises Wrong for what is negative, unknown, or comes to nothing."""
    known = {part.id for part in components}
    for name, amount in entered.items():
        if name not in known:
            raise Wrong("没有这一项收入。", name)
        if amount < 0 or amount > MOST:
            raise Wrong("金额不对，请核对。", name)
    parts = [
        Part(item.id, item.title, item.effect, entered.get(item.id, 0), item.about) for item in components
        if item.effect != "ignore" or entered.get(item.id, 0)
    ]  # fmt: skip
    signs = {"add": 1, "subtract": -1, "ignore": 0}
    total = sum(signs[part.effect] * part.fen for part in parts)
    if total <= 0:
        raise Wrong("计入的收入减去代扣的部分应大于零；没有这类收入的，请选别的类别。")
    return Fraction(total, divide_by), parts


def monthly(dues: Dues, category: DuesCategory, entered: Mapping[str, int]) -> Computed:
    """What one pays each month: DOMAIN 3.1 and 3.2. `entered`: component id → fen (nothing for a fixed amount)."""
    step = fen(dues.rounding.to)
    if category.method != "brackets":
        amount = fen(category.amount or 0)
        words = f"“{category.title}”每月定额 {yuan(amount)} 元。"
        if category.method == "range":
            words = f"“{category.title}”每月 {category.at_least}—{category.at_most} 元，本地定为 {yuan(amount)} 元。"
        return Computed(Fraction(0), None, Fraction(amount), amount, False, (), (words,))
    base, parts = base_of(dues.components_of(category), entered, category.divide_by)
    rate, bracket = rate_for(dues.tables[category.table], base)
    exact = base * Fraction(rate) / 100
    amount, capped = half_up(exact, step), False
    why = [
        _said_base(base, parts, category.divide_by),
        f"基数在“{bracket}”一档，比例 {_percent(rate)}，适用于整个基数。",
    ]
    why.append(f"{_said(base)} × {_percent(rate)} = {_said(exact)} 元，四舍五入为 {yuan(amount)} 元。")
    most = dues.monthly.at_most * 100
    if most and amount > most:
        amount, capped = most, True
        why.append(f"月交纳党费一般不超过 {dues.monthly.at_most} 元，按 {yuan(most)} 元；自愿多交不限。")
    return Computed(base, rate, exact, amount, capped, tuple(parts), tuple(why))


def _said(value: Fraction) -> str:
    """Fen as yuan, with more digits only where there are more."""
    cents = value / 100
    text = f"{Decimal(cents.numerator) / Decimal(cents.denominator):.4f}"
    return text[:-2] if text.endswith("00") else text


def _percent(rate: Decimal) -> str:
    return f"{rate.normalize():f}%"


def _said_base(base: Fraction, parts: Sequence[Part], divide_by: int) -> str:
    plus = " + ".join(f"{part.title} {yuan(part.fen)}" for part in parts if part.effect == "add" and part.fen)
    minus = "".join(f" − {part.title} {yuan(part.fen)}" for part in parts if part.effect == "subtract" and part.fen)
    over = f"，除以 {divide_by} 个月" if divide_by > 1 else ""
    return f"计算基数：{plus}{minus}{over} = {_said(base)} 元。"


def span_of(category: DuesCategory, month: str, dues: Dues) -> tuple[str, str]:
    """First and last month that an assessment beginning in a month may hold for: to the end of its year, quarter, month."""
    first = period_bounds(month)[0]
    period = {"year": year_of, "quarter": quarter_of, "month": month_of}[category.assessed_per](first)
    return month, month_of(period_bounds(period)[1])


def may_start(dues: Dues, *, month: str, today: dt.date, had: bool, branch: bool) -> str:
    """Why an assessment may not begin in a month, or "". DOMAIN 3.3.1: the texts conflict, the pack decides.

    `had`: there is one for this month already; `branch`: the branch itself re-assesses.
    """
    if not dt.date(today.year - 1, 1, 1) <= period_bounds(month)[0] <= add_months(today.replace(day=1), 3):
        return "核定的月份应在去年一月到三个月以后之间。"
    if had and dues.assessing.fixed_for == "year" and not branch:
        return "年初核定，年内一般不变；收入变动较大的，请支部重新核定。"
    return ""


# --- months -----------------------------------------------------------------------------------------------------
class Stay(NamedTuple):
    """在一个支部的一段: from a day (inside) to a day (outside, None: still there)."""

    org: int
    starts: dt.date
    ends: dt.date | None


def first_due_month(joined_on: dt.date, dues: Dues) -> str:
    """Probationary members pay from the day the branch meeting admits them; the first month is that month (DOMAIN 3.1)."""
    month = month_of(joined_on)
    return month if dues.monthly.probationary_from == "admission_month" else month_of(add_months(joined_on, 1))


def holder(stays: Iterable[Stay], month: str, rule: str) -> int | None:
    """Which branch a month's dues belong to: the one that holds the relation (DOMAIN 3.3.6); in a month with a move the
    first or the last of them, as the pack says. None if no branch held it."""
    first, last = period_bounds(month)
    inside = sorted(
        (stay for stay in stays if stay.starts <= last and (stay.ends is None or stay.ends > first)),
        key=lambda stay: stay.starts,
    )
    if not inside:
        return None
    return inside[0].org if rule == "first_day" else inside[-1].org


def ahead_until(day: dt.date, ahead: str) -> str:
    """The last month that may be paid on a day: this month, or the end of this quarter or year (DOMAIN 3.3.3, 3.3.4)."""
    if ahead == "month":
        return month_of(day)
    period = quarter_of(day) if ahead == "quarter" else year_of(day)
    return month_of(period_bounds(period)[1])


def months_between(first: str, last: str) -> list[str]:
    """All months from the first to the last, both inside; none if the last lies before."""
    found, day = [], period_bounds(first)[0]
    while month_of(day) <= last:
        found.append(month_of(day))
        day = add_months(day, 1)
    return found


def on_time(month: str, paid_on: dt.date) -> bool:
    """Whether a month was paid by its last day."""
    return paid_on <= period_bounds(month)[1]


def older_than(month: str, day: dt.date, months: int) -> bool:
    """Whether a month ended more than so many months ago: what late payment generally no longer covers (DOMAIN 3.3.3)."""
    return day > add_months(period_bounds(month)[1], months)


def longest_gap(unpaid: Iterable[str], *, before: str) -> list[str]:
    """The longest run of consecutive unpaid months that are over (before a month), the latest of equal ones."""
    best: list[str] = []
    run: list[str] = []
    for month in sorted(unpaid):
        if month >= before:
            continue
        follows = run and month_of(add_months(period_bounds(run[-1])[0], 1)) == month
        run = [*run, month] if follows else [month]
        if len(run) >= len(best):
            best = run
    return best


def needs_finding(unpaid: Iterable[str], *, today: dt.date, dues: Dues) -> bool:
    """Whether people have to look into it (DOMAIN 3.3.7): so many months in a row, all over. The system decides nothing."""
    return len(longest_gap(unpaid, before=month_of(today))) >= dues.paying.finding_months


def is_large(amount: int, dues: Dues) -> bool:
    """大额党费: a single voluntary payment of so much (DOMAIN 3.3.2; whether the number itself counts is a setting)."""
    bound = dues.large.from_yuan * 100
    return amount >= bound if dues.large.inclusive else amount > bound


def relief_months(starts: str, ends: str) -> int:
    """How many months an approval covers."""
    return len(months_between(starts, ends))


def masked_name(name: str) -> str:
    """张伟 → 张*; 欧阳震华 → 欧**华 would tell too much: only the first character stays."""
    return name[:1] + "*" * max(1, len(name) - 1)


def serial(year: int, number: int) -> str:
    """The number on a receipt: 2026-000123."""
    return f"{year}-{number:06d}"


_DIGITS, _UNITS, _GROUPS = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟"), ("", "万", "亿")


def capital(amount: int) -> str:
    """A sum in fen as receipts write it: 123405 → 壹仟贰佰叁拾肆元零伍分."""
    whole, jiao, last = amount // 100, amount // 10 % 10, amount % 10
    text, gap, group = "", False, 0
    for place in range(len(str(whole)) - 1, -1, -1):
        digit = whole // 10**place % 10
        if digit:
            text += ("零" if gap else "") + _DIGITS[digit] + _UNITS[place % 4]
            gap, group = False, 1
        else:
            gap = bool(text)
        if place % 4 == 0 and place and group:
            text += _GROUPS[place // 4]
            group = 0
    text = f"{text}元" if text else ""
    if not jiao and not last:
        return f"{text}整" if text else "零元整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif text:
        text += "零"
    return text + (f"{_DIGITS[last]}分" if last else "整")
