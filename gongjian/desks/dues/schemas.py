"""Shapes of the API. Amounts in whole fen."""

import datetime as dt

from ninja import Field, Schema


class ChargeOut(Schema):
    """应交."""

    month: str
    org: int
    amount: int = Field(description="应交（分）")
    paid: bool
    receipt: str | None = Field(None, description="收据号")


class OwnDuesOut(Schema):
    """我的党费."""

    org: int
    category: str | None
    monthly: int | None = Field(description="每月应交（分）")
    why: list[str] = Field(description="为什么是这个数")
    charges: list[ChargeOut]


class IncomeIn(Schema):
    """填报收入：项目代码到金额（分）."""

    category: str = Field(max_length=40)
    starts: str = Field(max_length=7, description="起始月份，如 2026-01")
    entered: dict[str, int] = {}


class AssessIn(IncomeIn):
    """支部核定."""

    org: int
    person: int


class AssessmentOut(Schema):
    """核定；不含收入."""

    id: int
    person: int
    category: str
    starts: str
    ends: str
    amount: int
    state: str


class RowOut(Schema):
    """收缴表的一行."""

    person: int
    name: str
    amount: int
    state: str = Field(description="paid、due、exempt、unassessed")
    receipt: str | None
    late_months: list[str]


class CollectIn(Schema):
    """收缴：党员到月份."""

    org: int
    months: dict[int, list[str]]
    method: str = Field("cash", max_length=12)
    paid_on: dt.date | None = None
    through: str = Field("", max_length=60)


class PaymentOut(Schema):
    """交纳."""

    id: int
    person: int
    kind: str
    method: str
    amount: int
    months: list[str]
    receipt: str
    paid_on: dt.date
    reversed: bool


class ReasonIn(Schema):
    """原因."""

    reason: str = Field(max_length=200)


class PayIn(Schema):
    """网上交纳：月份，或者自愿多交的金额（分）."""

    months: list[str] = []
    gift: int | None = None


class OrderOut(Schema):
    """支付订单."""

    number: str
    amount: int
    state: str
    pay_url: str


class ReliefIn(Schema):
    """申请减免."""

    org: int
    person: int
    starts: str = Field(max_length=7)
    ends: str = Field(max_length=7)
    amount: int
    reason: str = Field(max_length=500)
    studied_on: dt.date


class DecisionIn(Schema):
    """批复."""

    approve: bool
    answer: str = Field("", max_length=200)


class ReliefOut(Schema):
    """减免；不含原因."""

    id: int
    org: int
    person: int
    starts: str
    ends: str
    amount: int
    state: str


class MovementIn(Schema):
    """登记往来；支部上缴不填金额，由系统按未上缴的合计算."""

    kind: str = Field(max_length=12, description="hand_over（支部上缴）、remit、large、return、spend")
    org: int
    amount: int = 0
    to: int | None = None
    use: str = Field("", max_length=40)
    note: str = Field("", max_length=200)


class MovementOut(Schema):
    """党费往来."""

    id: int
    kind: str
    org: int
    to: int | None
    amount: int
    cash: int
    use: str
    on: dt.date
    state: str
    receipt: str | None


class LateOut(Schema):
    """未交的党员."""

    person: int
    name: str
    months: list[str]
    amount: int
    needs_finding: bool = Field(description="连续未交达到须由支部核实的月数；系统不作决定")


class YearOut(Schema):
    """一年的收缴使用情况（分）."""

    sums: dict[str, int]
    uses: dict[str, int]
    published: bool
