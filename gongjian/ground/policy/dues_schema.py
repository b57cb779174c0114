"""The shape of a pack's dues (党费): rates, bases, how and when they are paid, and what becomes of the money.

Money is written in yuan (`0.2`, `1000`), rates in per cent of the whole base (`0.5`).
"""

from decimal import Decimal
from typing import Literal

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from gongjian.ground.policy.values import (
    DayOfMonth,
    Entries,
    FreeText,
    Id,
    Month,
    Natural,
    Number,
    Percent,
    Positive,
    Shape,
    Text,
    Truth,
)


def _wrong(value: object, allowed: str) -> PydanticCustomError:
    return PydanticCustomError("not_fitting", "{value}", {"value": str(value), "allowed": allowed})


class Bracket(Shape):
    """档: a base up to and with `upto` yuan pays `rate` per cent of the whole base; the last bracket has no bound."""

    upto: Positive | None = None
    rate: Number


class RateTable(Shape):
    """比例表: brackets in rising order; the last is open."""

    id: Id
    title: Text
    brackets: tuple[Bracket, ...]
    basis: Text

    @model_validator(mode="after")
    def _rising(self) -> "RateTable":
        bounds = [bracket.upto for bracket in self.brackets]
        inner = bounds[:-1]
        if not bounds or bounds[-1] is not None or None in inner or inner != sorted(set(inner)):
            raise _wrong("、".join(str(bound or "") for bound in bounds), "各档上限从小到大，最后一档不写上限")
        if any(bracket.rate < 0 or bracket.rate > 100 for bracket in self.brackets):
            raise _wrong("rate", "0 到 100 之间的百分数")
        return self


class Component(Shape):
    """收入项目: what it does to the base: counted in, taken off again, or left aside."""

    id: Id
    title: Text
    effect: Literal["add", "subtract", "ignore"]
    about: FreeText = ""


class DuesCategory(Shape):
    """交纳类别: which table or fixed amount, what the base is made of, and how long one assessment holds.

    method: brackets (by `table`), fixed (`amount` yuan a month), or range (`amount` inside `at_least` … `at_most`).
    divide_by: what is entered covers so many months (3: a quarter's income). assessed_per: one assessment holds for so
    long. conflict: where sources differ, said on the page.
    """

    id: Id
    title: Text
    method: Literal["brackets", "fixed", "range"]
    table: Id | None = None
    amount: Number | None = None
    at_least: Number | None = None
    at_most: Number | None = None
    divide_by: Positive = 1
    assessed_per: Literal["year", "quarter", "month"] = "year"
    components: tuple[Component, ...] = ()
    withheld: Truth = False
    about: Text
    conflict: FreeText = ""
    basis: Text

    @model_validator(mode="after")
    def _whole(self) -> "DuesCategory":
        if self.method == "brackets":
            if not self.table or not any(part.effect == "add" for part in self.components):
                raise _wrong(self.id, "按比例交纳的类别要写 table 和至少一项计入的收入")
            return self
        if self.amount is None or self.amount < 0:
            raise _wrong(self.id, "定额交纳的类别要写 amount")
        if self.method == "range" and (
            self.at_least is None or self.at_most is None or not self.at_least <= self.amount <= self.at_most
        ):
            raise _wrong(self.amount, f"{self.at_least} 到 {self.at_most} 之间")
        return self


class Rounding(Shape):
    """取整: half up to so many yuan (`0.01` or `0.1`)."""

    to: Number
    basis: Text

    @model_validator(mode="after")
    def _fen(self) -> "Rounding":
        if self.to not in (Decimal("0.01"), Decimal("0.1"), Decimal(1)):
            raise _wrong(self.to, "0.01、0.1、1")
        return self


class Assessing(Shape):
    """核定: fixed for the year unless the branch re-assesses, or from the month of the new pay (sources conflict)."""

    fixed_for: Literal["year", "pay_change"]
    conflict: Text
    basis: Text


class Monthly(Shape):
    """每月应交: the usual upper bound in yuan (0: none); which branch a month belongs to when a member moves in it."""

    at_most: Natural
    month_of_move: Literal["first_day", "last_day"]
    move_note: Text
    probationary_from: Literal["admission_month", "next_month"]
    basis: Text


class Large(Shape):
    """大额党费: a single voluntary payment from so many yuan on (with or without that very number)."""

    from_yuan: Positive
    inclusive: Truth
    note: Text
    basis: Text


class Paying(Shape):
    """交纳: how far ahead, whether the branch has to agree first, what late payments generally cover, until which day.

    pay_by_day: day of the month by which one should have paid; finding_months: from so many unpaid months in a row the
    branch has to look into it; late_months: a late payment generally covers so many.
    """

    ahead: Literal["month", "quarter", "year"]
    quarter_needs_consent: Truth
    other_needs_consent: Truth
    pay_by_day: DayOfMonth
    remind_days: tuple[DayOfMonth, ...]
    late_months: Positive
    finding_months: Positive
    late_text: Text
    finding_text: Text
    basis: Text


class Relief(Shape):
    """减免: most months one approval covers."""

    at_most_months: Positive
    text: Text
    basis: Text


class Remitting(Shape):
    """上缴与下拨: shares in per cent; who may hold dues accounts."""

    upward_percent: Percent
    returned_percent: Percent
    two_persons: Truth
    basis: Text


class Use(Shape):
    """使用范围: one purpose that dues may be spent on."""

    id: Id
    title: Text
    about: FreeText = ""


class Publishing(Shape):
    """公布: what members of the branch read once a year: sums only, or masked names with the months paid (no amounts)."""

    names: Literal["totals", "masked"]
    by_month: Month
    basis: Text


class Online(Shape):
    """网上交纳: whether it is offered, the name of the merchant configuration, and how long an order waits."""

    offered: Truth
    config: Id
    wait_minutes: Positive
    basis: Text


class Dues(Shape):
    """党费: all that the pack says about it."""

    tables: Entries[RateTable]
    categories: Entries[DuesCategory]
    withheld: tuple[Component, ...]
    rounding: Rounding
    assessing: Assessing
    monthly: Monthly
    large: Large
    paying: Paying
    relief: Relief
    remitting: Remitting
    uses: Entries[Use]
    uses_basis: Text
    publishing: Publishing
    online: Online

    @model_validator(mode="after")
    def _tables(self) -> "Dues":
        for category in self.categories:
            if category.table is not None and category.table not in self.tables:
                raise _wrong(category.table, "、".join(self.tables.ids()))
        return self

    def components_of(self, category: DuesCategory) -> tuple[Component, ...]:
        """What one of this category enters: its own items, and those withheld where they apply."""
        return (*category.components, *(self.withheld if category.withheld else ()))

    def category(self, id: str) -> DuesCategory | None:
        """The category of this id, None for one that is gone."""
        return self.categories.get(id)


__all__ = ["Component", "Dues", "DuesCategory", "RateTable"]
