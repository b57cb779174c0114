"""The way of an order: the page with the cashier's link and code, asking again, closing, refunding; and the webhook."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from gongjian.engines.payments import actions, queries
from gongjian.engines.payments.looks import ORDER
from gongjian.engines.payments.rules import yuan
from gongjian.engines.payments.takers import takers
from gongjian.ground.kernel.access import needs, public, signed_in
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page

LONGEST_NOTICE = 20_000


@csrf_exempt
@require_POST
@public
def notify(request: HttpRequest, config: str) -> HttpResponse:
    """The provider's webhook: whoever holds the key may speak here, nobody else is heard."""
    body = request.body
    if len(body) > LONGEST_NOTICE:
        return HttpResponse("too large", status=413, content_type="text/plain")
    try:
        actions.receive(config_name=config, headers=request.headers, body=body)
    except actions.BadNotice:
        return HttpResponse("bad signature", status=403, content_type="text/plain")
    return HttpResponse("success", content_type="text/plain")


@signed_in
def order(request: HttpRequest, order: str) -> HttpResponse:
    """An order: what it is for, how to pay it, how it stands. The payer comes back here from the cashier."""
    found = queries.get_for(request.actor, order)
    taker = takers.get(found.subject_kind)
    mine = found.payer_id == request.actor.person
    return page(
        request, "payments/order.html",
        {"order": found, "looks": ORDER, "mine": mine, "back": taker.url(found) if taker else "", "amount": yuan(found.amount),
         "paid": yuan(found.paid_amount) if found.paid_amount is not None else "",
         "open": found.state in ("created", "waiting"),
         "stray": found.taken_at is None and found.state in ("paid", "disputed")
         and request.actor.may_at("payments.refund", found.org)},
    )  # fmt: skip


@signed_in
@require_POST
def check(request: HttpRequest, order: str) -> HttpResponse:
    """Ask the provider now."""
    found = queries.get_for(request.actor, order)
    state = actions.settle_one(found)
    if state in ("created", "waiting"):
        messages.info(request, _("支付平台还没有收到付款。已经付款的，请过一会儿再看。"))
    return redirect("payments:order", found.number)


@signed_in
@require_POST
def close(request: HttpRequest, order: str) -> HttpResponse:
    """Do not pay it after all."""
    found = queries.get_for(request.actor, order)
    if found.payer_id != request.actor.person:
        raise NotFound(_("没有找到这个订单，或者它不在您的可见范围内。"))
    with attempt(request) as done:
        if actions.settle_one(found, give_up=True) in ("created", "waiting"):
            raise Refused(_("支付平台暂时没有应答，请过一会儿再试。"))
    if done:
        messages.success(request, _("订单已关闭，没有扣款。") if found.state == "closed" else _("这笔订单已经付款。"))
    return redirect("payments:order", found.number)


@needs("payments.refund")
@require_POST
def refund(request: HttpRequest, order: str) -> HttpResponse:
    """Pay back what nobody posted."""
    found = queries.get_for(request.actor, order)
    with attempt(request, success=_("已发起退款，原路退回。")):
        actions.refund_stray(order=found, reason=request.POST.get("reason", ""), by=request.actor)
    return redirect("payments:order", found.number)


@needs("payments.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Orders in scope, and what somebody has to look at."""
    listing = Listing(
        request,
        queries.visible_to(request.actor).select_related("org", "payer"),
        columns=[
            Column("number", _("订单号"), link=lambda row: f"/payments/orders/{row.number}/", phone="meta"),
            Column("payer.name", _("付款人"), phone="title"),
            Column("org.name", _("收款组织"), phone="meta"),
            Column("title", _("内容"), phone="meta"),
            Column("amount", _("金额（元）"), value=lambda row: yuan(row.amount), phone="meta"),
            Column("created_at", _("下单时间"), kind="datetime", sort=True, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=ORDER, phone="meta"),
            Column("trouble", _("待处理"), phone="meta"),
        ],
        search=("number", "payer__name", "title"), order=("-created_at", "-id"), export="xlsx,csv", name=_("支付订单"),
        empty=_("还没有网上支付的订单"), empty_hint=_("党员在手机上交纳以后出现在这里。"),
    )  # fmt: skip
    checks = list(queries.bill_checks()[:7]) if request.actor.may("payments.refund") else []
    for one in checks:
        one.amount = yuan(one.total)
    return listing.response(
        "payments/list.html", {"troubled": list(queries.troubled(request.actor)[:20]), "checks": checks}
    )
