"""Orders over the API: raised and followed without an account, dispatched and done with one."""

from axes.helpers import get_client_ip_address
from django.http import HttpRequest
from ninja import Router

from gongjian.desks.orders import actions, queries, rules
from gongjian.desks.orders.schemas import (
    CallIn,
    CommunityOut,
    ContactOut,
    DecideIn,
    ExtendIn,
    FollowOut,
    KindOut,
    OfferIn,
    OrderOut,
    PersonIn,
    RaisedOut,
    RaiseIn,
    RateIn,
    RatesOut,
    ReasonIn,
    TextIn,
    ToIn,
)
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public, signed_in
from gongjian.ground.kernel.actor import ANONYMOUS
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Invalid

router = Router(tags=["点单"])


def _order(order, actor) -> dict:
    can = queries.can(order, actor)
    due = [row.due_at for row in (order.contact_clock, order.clock) if row is not None and row.state == "running"]
    return {
        "id": order.pk, "number": order.number, "kind": order.kind, "intake": order.intake, "confidential": order.confidential,
        "urgent": order.urgent, "state": order.state, "org": order.org_id, "place": order.place.name if order.place else "",
        "text": order.text, "said": order.said.get("text", "") if can.reads else "",
        "contact_masked": order.contact_masked if can.reads else "", "doer": order.doer_id, "doer_org": order.doer_org_id,
        "raised_at": order.raised_at, "next_due": min(due, default=None), "finished_at": order.finished_at, "result": order.result,
        "stars": order.stars, "solved": order.solved,
    }  # fmt: skip


def _follow(order) -> dict:
    running = order.clock is not None and order.clock.state == "running"
    return {
        "number": order.number, "kind": order.kind, "community": rules.place_word(order.org.short_name or order.org.name),
        "state": order.state, "due_at": order.clock.due_at if running else None, "result": order.result, "stars": order.stars,
        "steps": queries.timeline(order, inside=False),
    }  # fmt: skip


# --- for everybody ----------------------------------------------------------------------------------------------
@router.get("/order-kinds", response=list[KindOut], summary="可以点什么单")
@public
def kinds(request: HttpRequest) -> list[dict]:
    """政策包里的种类和补充问题。"""
    return [
        {"id": one.id, "title": one.title, "intake": one.intake, "confidential": one.confidential,
         "questions": [question.model_dump() for question in one.questions]}
        for one in sorted(policy.current().orders.kinds, key=lambda one: one.order)
    ]  # fmt: skip


@router.get("/order-communities", response=list[CommunityOut], summary="按名称找社区")
@public
def communities(request: HttpRequest, q: str = "") -> list[dict]:
    """社区和村的名称，是公开的。"""
    return queries.find_communities(q[:60].replace("\x00", ""))


@router.post("/order-requests", response={201: RaisedOut}, summary="点单")
@public
def raise_order(request: HttpRequest, body: RaiseIn) -> tuple:
    """不用登录；登录后提的列在本人的点单里。同一个网络地址有次数限制。"""
    actor = request.actor
    order, token = actions.raise_order(
        kind=body.kind, org=queries.community(body.community), text=body.text, where=body.where, answers=body.answers,
        name=body.name, phone=body.phone, key=body.key, by=actor if actor.may("orders.own") else ANONYMOUS,
        address=get_client_ip_address(request) or "",
    )  # fmt: skip
    return 201, {"number": order.number, "token": token}


@router.get("/order-requests/{token}", response=FollowOut, summary="查进度")
@public
def follow(request: HttpRequest, token: str) -> dict:
    """凭私密链接里的串；不对的一律是同一个答复。"""
    return _follow(queries.by_token(token))


@router.post("/order-requests/{token}/rate", response=FollowOut, summary="评价")
@public
def rate(request: HttpRequest, token: str, body: RateIn) -> dict:
    """一到五星，解决了没有；一星或者没有解决的重新办理。"""
    order = queries.by_token(token)
    actions.rate(order=order, by=ANONYMOUS, token=token, stars=body.stars, solved=body.solved, text=body.text)
    return _follow(queries.by_token(token))


@router.post("/order-requests/{token}/withdraw", response=FollowOut, summary="撤回")
@public
def withdraw(request: HttpRequest, token: str) -> dict:
    """办结以前。"""
    actions.withdraw(order=queries.by_token(token), by=ANONYMOUS, token=token)
    return _follow(queries.by_token(token))


@router.post("/order-requests/{token}/supplement", response=FollowOut, summary="补充说明")
@public
def supplement(request: HttpRequest, token: str, body: TextIn) -> dict:
    """办结以前。"""
    actions.supplement(order=queries.by_token(token), by=ANONYMOUS, token=token, text=body.text)
    return _follow(queries.by_token(token))


# --- for those who work on it -----------------------------------------------------------------------------------
@router.get("/orders", response=Paged[OrderOut], summary="辖区的点单")
@needs("orders.view")
def list_orders(
    request: HttpRequest, state: str = "", kind: str = "", cursor: str | None = None, limit: int = 50
) -> dict:
    """新的在前。"""
    found = queries.visible_to(request.actor)
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return paged(found, cursor=cursor, limit=limit, show=lambda row: _order(row, request.actor), newest_first=True)


@router.get("/order-jobs", response=list[OrderOut], summary="我手上的和我可以接的")
@needs("orders.take")
def list_jobs(request: HttpRequest) -> list[dict]:
    """手上的在前；最多各五十件。"""
    rows = [*queries.jobs(request.actor)[:50], *queries.offers(request.actor)[:50]]
    return [_order(row, request.actor) for row in {row.pk: row for row in rows}.values()]


@router.get("/order-rates/{month}", response=list[RatesOut], summary="三项指标")
@needs("orders.view")
def rates(request: HttpRequest, month: str) -> list[dict]:
    """响应率、解决率、满意率，口径见政策包。"""
    try:
        if clock.per_of(month) != "month":
            raise ValueError(month)
    except ValueError:
        raise Invalid("月份写成 2026-11 这样。", field="month") from None
    return [
        {**row._asdict(), "answered_rate": row.answered_rate, "solved_rate": row.solved_rate, "satisfied_rate": row.satisfied_rate}
        for row in queries.rates(request.actor, month, clock.now())
    ]  # fmt: skip


@router.get("/orders/{order_id}", response=OrderOut, summary="一件点单")
@signed_in
def get_order(request: HttpRequest, order_id: int) -> dict:
    """辖区的、派给自己的、可以接的。"""
    return _order(queries.get_for(request.actor, order_id), request.actor)


def _done(request: HttpRequest, order_id: int) -> dict:
    """How it stands after a deed, whoever has it now."""
    return _order(queries.as_it_stands(order_id), request.actor)


@router.post("/orders/{order_id}/contact", response=ContactOut, summary="看联系方式")
@signed_in
def see_contact(request: HttpRequest, order_id: int) -> dict:
    """看过会留痕，居民看得到。"""
    return actions.see_contact(order=queries.get_for(request.actor, order_id), by=request.actor)


@router.post("/orders/{order_id}/contacted", response=OrderOut, summary="已联系居民")
@signed_in
def contacted(request: HttpRequest, order_id: int, body: TextIn) -> dict:
    """第一次算数。"""
    actions.contacted(order=queries.get_for(request.actor, order_id), note=body.text, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/dispatch", response=OrderOut, summary="派单")
@needs("orders.dispatch")
def dispatch(request: HttpRequest, order_id: int, body: ToIn) -> dict:
    """派给一个人，或者一个组织。"""
    order = queries.kept_for(request.actor, order_id)
    person = queries.person_for(body.person) if body.person else None
    org = queries.org_for(body.org) if body.org else None
    actions.dispatch(order=order, person=person, org=org, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/offer", response=OrderOut, summary="公开征集")
@needs("orders.dispatch")
def offer(request: HttpRequest, order_id: int, body: OfferIn) -> dict:
    """向一个组织的党员公开，谁先接归谁。"""
    order = queries.kept_for(request.actor, order_id)
    actions.offer(order=order, org=queries.org_for(body.org), by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/recall", response=OrderOut, summary="收回")
@needs("orders.dispatch")
def recall(request: HttpRequest, order_id: int) -> dict:
    """另外派。"""
    actions.recall(order=queries.kept_for(request.actor, order_id), by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/decline", response=OrderOut, summary="不予受理")
@needs("orders.dispatch")
def decline(request: HttpRequest, order_id: int, body: ReasonIn) -> dict:
    """原因见政策包 orders.refusals。"""
    actions.decline(
        order=queries.kept_for(request.actor, order_id), reason=body.reason, note=body.text, by=request.actor
    )
    return _done(request, order_id)


@router.post("/orders/{order_id}/accept", response=OrderOut, summary="接单")
@needs("orders.take")
def accept(request: HttpRequest, order_id: int) -> dict:
    """几个人一起接，只有一个接到。"""
    actions.accept(order=queries.get_for(request.actor, order_id), by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/hand-back", response=OrderOut, summary="退单")
@needs("orders.take")
def hand_back(request: HttpRequest, order_id: int, body: TextIn) -> dict:
    """写明原因。"""
    actions.hand_back(order=queries.get_for(request.actor, order_id), reason=body.text, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/help", response=OrderOut, summary="请人帮忙")
@needs("orders.take")
def call_in(request: HttpRequest, order_id: int, body: PersonIn) -> dict:
    """本社区范围内的党员或者社区的同志。"""
    order = queries.get_for(request.actor, order_id)
    actions.call_in(order=order, person=queries.person_for(body.person), by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/finish", response=OrderOut, summary="办结")
@signed_in
def finish(request: HttpRequest, order_id: int, body: TextIn) -> dict:
    """写明办了什么。"""
    actions.finish(order=queries.get_for(request.actor, order_id), note=body.text, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/pause", response=OrderOut, summary="暂停计时")
@needs("orders.dispatch")
def pause(request: HttpRequest, order_id: int, body: ReasonIn) -> dict:
    """原因见政策包 orders.pauses。"""
    actions.pause(order=queries.kept_for(request.actor, order_id), reason=body.reason, note=body.text, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/resume", response=OrderOut, summary="恢复计时")
@needs("orders.dispatch")
def resume(request: HttpRequest, order_id: int) -> dict:
    """到期时间按暂停的工作时间顺延。"""
    actions.resume(order=queries.kept_for(request.actor, order_id), by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/extension", response=OrderOut, summary="申请延期")
@needs("orders.dispatch")
def ask_extension(request: HttpRequest, order_id: int, body: ExtendIn) -> dict:
    """到期以前。"""
    actions.ask_extension(
        order=queries.kept_for(request.actor, order_id), days=body.days, reason=body.text, by=request.actor
    )
    return _done(request, order_id)


@router.post("/orders/{order_id}/extension/decision", response=OrderOut, summary="批准延期")
@needs("orders.supervise")
def decide_extension(request: HttpRequest, order_id: int, body: DecideIn) -> dict:
    """到期以前；不能批准自己申请的。"""
    actions.decide_extension(order=queries.get_for(request.actor, order_id), approved=body.approved, by=request.actor)
    return _done(request, order_id)


@router.post("/orders/{order_id}/call-back", response=OrderOut, summary="回访结果")
@needs("orders.dispatch")
def call_back(request: HttpRequest, order_id: int, body: CallIn) -> dict:
    """抽中回访的。"""
    actions.call_back(
        order=queries.kept_for(request.actor, order_id), solved=body.solved, note=body.text, by=request.actor
    )
    return _done(request, order_id)
