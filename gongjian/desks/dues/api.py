"""Dues over the API: the same permissions as the pages. Money in whole fen."""

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.dues import actions, queries, rules
from gongjian.desks.dues.schemas import (
    AssessIn,
    AssessmentOut,
    ChargeOut,
    CollectIn,
    DecisionIn,
    IncomeIn,
    LateOut,
    MovementIn,
    MovementOut,
    OrderOut,
    OwnDuesOut,
    PayIn,
    PaymentOut,
    ReasonIn,
    ReliefIn,
    ReliefOut,
    RowOut,
    YearOut,
)
from gongjian.desks.dues.views.shared import month_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import NotFound

router = Router(tags=["党费"])


def _receipt(row) -> str | None:
    return rules.serial(row.receipt_year, row.receipt_no) if row is not None and row.receipt_no else None


def _payment(row) -> dict:
    return {
        "id": row.pk, "person": row.person_id, "kind": row.kind, "method": row.method, "amount": row.amount,
        "months": row.months, "receipt": _receipt(row), "paid_on": row.paid_on, "reversed": row.reversed_at is not None,
    }  # fmt: skip


def _assessment(row) -> dict:
    fields = ("person_id", "category", "starts", "ends", "amount", "state")
    return {"id": row.pk, **{name.removesuffix("_id"): getattr(row, name) for name in fields}}


def _relief(row) -> dict:
    fields = ("org_id", "person_id", "starts", "ends", "amount", "state")
    return {"id": row.pk, **{name.removesuffix("_id"): getattr(row, name) for name in fields}}


def _movement(row) -> dict:
    return {
        "id": row.pk, "kind": row.kind, "org": row.org_id, "to": row.to_id, "amount": row.amount, "cash": row.cash,
        "use": row.use, "on": row.on, "state": row.state, "receipt": _receipt(row),
    }  # fmt: skip


@router.get("/dues/mine", response=OwnDuesOut, summary="我的党费")
@needs("dues.pay_own")
def own_dues(request: HttpRequest) -> dict:
    """自己每月应交多少、为什么、哪些月份交了。"""
    actor = request.actor
    membership = queries.own_membership(actor)
    if membership is None:
        raise NotFound("目前没有组织关系。")
    row = queries.assessment_of(actor.person, clock.month_of(clock.today()))
    charges = queries.charges_of(actor.person, since=f"{clock.today().year - 1}-01")
    return {
        "org": membership.org_id, "category": row.category if row else None, "monthly": row.amount if row else None,
        "why": list(queries.explain(row).why) if row else [],
        "charges": [
            ChargeOut(
                month=charge.month, org=charge.org_id, amount=charge.amount, paid=charge.payment_id is not None,
                receipt=_receipt(charge.payment) if charge.payment_id else None,
            )
            for charge in charges
        ],
    }  # fmt: skip


@router.post("/dues/mine/income", response={201: AssessmentOut}, summary="填报收入")
@needs("dues.pay_own")
def enter_income(request: HttpRequest, body: IncomeIn) -> tuple[int, dict]:
    """本人填报，送支部核定；再填一次换掉还没有核定的。"""
    row = actions.enter_income(category=body.category, entered=body.entered, starts=body.starts, by=request.actor)
    return 201, _assessment(row)


@router.post("/dues/mine/orders", response={201: OrderOut}, summary="网上交纳")
@needs("dues.pay_own")
def order_own(request: HttpRequest, body: PayIn) -> tuple[int, dict]:
    """下单；到 `pay_url` 的收银台付款，付款后自动入账。"""
    base = request.build_absolute_uri("/")
    if body.gift is not None:
        order = actions.order_gift(amount=body.gift, by=request.actor, base_url=base)
    else:
        order = actions.order_dues(months=body.months, by=request.actor, base_url=base)
    return 201, {"number": order.number, "amount": order.amount, "state": order.state, "pay_url": order.pay_url}


@router.get("/dues/branches/{org}/months/{month}", response=list[RowOut], summary="一个支部一个月的收缴")
@needs("dues.collect")
def month_rows(request: HttpRequest, org: int, month: str) -> list[dict]:
    """每名党员一行：应交、状态、收据、以前未交的月份。"""
    branch = queries.branch_for(request.actor, org, "dues.collect")
    return [
        {"person": row.person.pk, "name": row.person.name, "amount": row.amount, "state": row.state,
         "receipt": _receipt(row.payment), "late_months": list(row.arrears)}
        for row in queries.month_rows(branch, month_of(month))
    ]  # fmt: skip


@router.get("/dues/branches/{org}/late", response=list[LateOut], summary="未交的党员")
@needs("dues.collect")
def late(request: HttpRequest, org: int) -> list[dict]:
    """已经过去的月份没有交的党员；由支部了解情况，系统不作决定。"""
    branch = queries.branch_for(request.actor, org, "dues.collect")
    return [
        {"person": one.person.pk, "name": one.person.name, "months": list(one.months), "amount": one.amount,
         "needs_finding": one.needs_finding}
        for one in queries.late_members(branch, clock.today())
    ]  # fmt: skip


@router.post("/dues/assessments", response={201: AssessmentOut}, summary="核定")
@needs("dues.assess")
def assess(request: HttpRequest, body: AssessIn) -> tuple[int, dict]:
    """支部填报并核定。"""
    org = queries.branch_for(request.actor, body.org, "dues.assess")
    row = actions.assess(
        person=body.person, org=org, category=body.category, entered=body.entered, starts=body.starts, by=request.actor
    )
    return 201, _assessment(row)


@router.post("/dues/assessments/{assessment}/confirm", response=AssessmentOut, summary="核定本人的填报")
@needs("dues.assess")
def confirm(request: HttpRequest, assessment: int) -> dict:
    """确认党员本人填报的收入。"""
    row = queries.assessment_for(request.actor, assessment)
    return _assessment(actions.confirm(assessment=row, by=request.actor))


@router.get("/dues/payments", response=Paged[PaymentOut], summary="交纳记录")
@needs("dues.collect")
def list_payments(
    request: HttpRequest, org: int | None = None, person: int | None = None, cursor: str | None = None, limit: int = 50
) -> dict:
    """所收支部的交纳记录，最近的在前。"""
    found = queries.payments_in(request.actor)
    for name, value in (("org", org), ("person", person)):
        if value is not None:
            found = found.filter(**{name: value})
    return paged(found, cursor=cursor, limit=limit, show=_payment, newest_first=True)


@router.post("/dues/payments", response={201: list[PaymentOut]}, summary="收缴")
@needs("dues.collect")
def collect(request: HttpRequest, body: CollectIn) -> tuple[int, list[dict]]:
    """登记已收的现金或转账；已经交过的月份不会重复收。"""
    org = queries.branch_for(request.actor, body.org, "dues.collect")
    rows = actions.collect(
        org=org, wanted=body.months, by=request.actor, method=body.method, paid_on=body.paid_on, through=body.through
    )
    return 201, [_payment(row) for row in rows]


@router.post("/dues/payments/{payment}/reverse", response=PaymentOut, summary="冲正")
@needs("dues.collect")
def reverse(request: HttpRequest, payment: int, body: ReasonIn) -> dict:
    """作废收据，月份恢复为未交；网上交的原路退回。"""
    row = queries.payment_for(request.actor, payment)
    return _payment(actions.reverse(payment=row, reason=body.reason, by=request.actor))


@router.get("/dues/reliefs", response=Paged[ReliefOut], summary="减免")
@needs("dues.view")
def list_reliefs(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """上报的和待批复的减免。"""
    return paged(queries.reliefs_for(request.actor), cursor=cursor, limit=limit, show=_relief, newest_first=True)


@router.post("/dues/reliefs", response={201: ReliefOut}, summary="申请减免")
@needs("dues.assess")
def ask_relief(request: HttpRequest, body: ReliefIn) -> tuple[int, dict]:
    """支部研究后报上一级党委。"""
    org = queries.branch_for(request.actor, body.org, "dues.assess")
    given = body.model_dump(exclude={"org"})
    return 201, _relief(actions.ask_relief(org=org, by=request.actor, **given))


@router.post("/dues/reliefs/{relief}/decision", response=ReliefOut, summary="批复减免")
@needs("dues.approve")
def decide_relief(request: HttpRequest, relief: int, body: DecisionIn) -> dict:
    """上一级党委批准或者不批准。"""
    row = queries.relief_for(request.actor, relief)
    return _relief(actions.decide_relief(relief=row, approve=body.approve, answer=body.answer, by=request.actor))


@router.get("/dues/movements", response=Paged[MovementOut], summary="党费往来")
@needs("dues.view")
def list_movements(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """上缴、下拨和支出。"""
    return paged(queries.movements_for(request.actor), cursor=cursor, limit=limit, show=_movement, newest_first=True)


@router.post("/dues/movements", response={201: MovementOut}, summary="登记往来")
@needs("dues.remit")
def enter_movement(request: HttpRequest, body: MovementIn) -> tuple[int, dict]:
    """登记上缴、下拨或者支出，等另一人确认。"""
    actor = request.actor
    org = queries.branch_for(actor, body.org, "dues.remit")
    if body.kind == "hand_over":
        return 201, _movement(actions.hand_over(org=org, by=actor, note=body.note))
    to = queries.branch_for(actor, body.to) if body.to is not None else None
    row = actions.enter_movement(
        kind=body.kind, org=org, amount=body.amount, to=to, use=body.use, note=body.note, by=actor
    )
    return 201, _movement(row)


@router.post("/dues/movements/{movement}/confirm", response=MovementOut, summary="确认往来")
@needs("dues.confirm")
def confirm_movement(request: HttpRequest, movement: int) -> dict:
    """由登记人以外的人确认；确认后入账。"""
    row = queries.movement_for(request.actor, movement)
    return _movement(actions.confirm_movement(movement=row, by=request.actor))


@router.post("/dues/movements/{movement}/undo", response=MovementOut, summary="撤回往来")
@needs("dues.view")
def undo_movement(request: HttpRequest, movement: int, body: ReasonIn) -> dict:
    """确认前撤回，确认后冲正。"""
    row = queries.movement_for(request.actor, movement)
    return _movement(actions.undo_movement(movement=row, reason=body.reason, by=request.actor))


@router.get("/dues/organisations/{org}/years/{year}", response=YearOut, summary="一年的收缴使用情况")
@needs("dues.view")
def year_of(request: HttpRequest, org: int, year: int) -> dict:
    """收缴、上缴、下拨、支出的合计；不含个人。"""
    found = queries.branch_for(request.actor, org)
    return {
        "sums": queries.year_of_branch(found, year),
        "uses": {ident: total for ident, _title, total in queries.uses_of(found, year)},
        "published": queries.announcement_of(found.pk, year) is not None,
    }  # fmt: skip
