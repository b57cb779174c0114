"""Deeds with orders. Money that came is written down before anybody posts it; each step is taken once however often told.

The provider is asked outside of transactions: a slow provider must not hold a lock.
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongjian.engines.payments import config
from gongjian.engines.payments.models import OPEN, Notification, Order
from gongjian.engines.payments.providers.base import Asked, BadNotice, Notice, ProviderAway, Standing
from gongjian.engines.payments.takers import takers
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Forbidden, GongjianError, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation

AWAY = "支付平台暂时没有应答，请过一会儿再试；没有扣款。"


def ref(order: Order) -> Ref:
    """The order as an object of facts."""
    return Ref.of("payment_order", order.pk)


def new_number(at: dt.datetime) -> str:
    """A number that nobody can guess and that sorts by day."""
    return f"{at.astimezone(clock.SHANGHAI):%Y%m%d}{secrets.token_hex(11)}"


def start(
    *, org: Organisation, payer: int, config_name: str, subject: Ref, key: str, title: str, amount: int,
    data: dict[str, Any], wait_minutes: int, base_url: str, by: Actor, at: dt.datetime | None = None,
) -> Order:  # fmt: skip
    """Ask somebody to pay (下单): `amount` fen. The same `key` and amount while an order is open gives that order again.

    `base_url` is where the provider reaches us. Callers have checked the rights. Raises Refused when the provider is away.
    """
    if by.person != payer:
        raise Forbidden(_("只能为自己下单。"))
    if amount <= 0:
        raise Invalid(_("没有要付的金额。"), field="amount")
    moment = at or clock.now()
    order = _open(org, payer, config_name, subject, key, title, amount, data, wait_minutes, moment)
    if order.state == "created":
        base = str(config.configurations()[config_name].get("base") or base_url).rstrip("/")
        asked = Asked(
            order.number, order.amount, order.title, f"{base}/payments/notify/{config_name}/",
            f"{base}/payments/orders/{order.number}/", order.expires_at,
        )  # fmt: skip
        try:
            opened = config.provider_of(config_name).create(asked)
        except ProviderAway as away:
            raise Refused(_(AWAY)) from away
        Order.objects.filter(pk=order.pk, state="created").update(
            state="waiting", trade_no=opened.trade_no, pay_url=opened.pay_url
        )
        order.refresh_from_db()
    return order


def _open(
    org: Organisation, payer: int, config_name: str, subject: Ref, key: str, title: str, amount: int, data: dict,
    wait_minutes: int, moment: dt.datetime,
) -> Order:  # fmt: skip
    for _attempt in range(3):
        known = Order.objects.filter(key=key, state__in=OPEN).first()
        if known is not None:
            if (known.amount, known.data) == (amount, data) and known.expires_at > moment:
                return known
            settle_one(known, give_up=True)  # what is owed has changed since: nobody may pay the old sum
            known.refresh_from_db()
            if known.state in OPEN:
                raise Refused(_(AWAY))
            if known.state == "paid":
                return known
        try:
            with transaction.atomic():
                return Order.objects.create(
                    number=new_number(moment), org=org, payer_id=payer, config=config_name, subject_kind=subject.kind,
                    subject_id=subject.id, key=key, title=title[:120], amount=amount, data=data, created_at=moment,
                    expires_at=moment + dt.timedelta(minutes=wait_minutes),
                )  # fmt: skip
        except IntegrityError:  # two taps at once
            continue
    raise Refused(_("刚刚有人改动过，请刷新页面后再试。"))


# --- what the provider tells ------------------------------------------------------------------------------------
def receive(*, config_name: str, headers: Mapping[str, str], body: bytes, at: dt.datetime | None = None) -> str:
    """Take in a notification; what became of it: applied, repeated, ignored, mismatch, unknown.

    Raises BadNotice for one that the key does not prove. Sent twice, or in another order than it happened, it has the
    effect of once: a payment that was made is never undone by an older attempt that failed.
    """
    notice = config.provider_of(config_name).read_notice(headers, body)
    outcome = _note(config_name, notice, at or clock.now())
    order = Order.objects.filter(number=notice.number, config=config_name).first()
    if order is not None and order.state == "paid":
        take(order)
    return outcome


@transaction.atomic
def _note(config_name: str, notice: Notice, moment: dt.datetime) -> str:
    repeated = Notification.objects.filter(config=config_name, event=notice.event).update(times=F("times") + 1)
    if repeated:
        return "repeated"
    order = Order.objects.select_for_update(of=("self",)).filter(number=notice.number, config=config_name).first()
    try:
        with transaction.atomic():
            row = Notification.objects.create(
                config=config_name,
                event=notice.event,
                kind=notice.kind,
                order=order,
                received_at=moment,
                outcome="ignored",
            )
    except IntegrityError:  # the same event on two connections at once
        return "repeated"
    if order is None:
        outcome = "unknown"
    elif notice.kind == "order.paid":
        outcome = _paid(order, notice.amount, notice.trade_no, notice.at)
    elif notice.kind == "refund.done":
        outcome = "applied" if _refunded(order, notice.at) else "ignored"
    else:
        outcome = "ignored"  # a failed or closed attempt: only asking tells how the order stands now
    if outcome != "ignored":
        Notification.objects.filter(pk=row.pk).update(outcome=outcome)
    return outcome


def _paid(order: Order, amount: int, trade_no: str, at: dt.datetime) -> str:
    """Write down that money came; once. Another amount than asked for is never posted: people look at it."""
    right = amount == order.amount
    changed = Order.objects.filter(pk=order.pk, state__in=(*OPEN, "closed")).update(
        state="paid" if right else "disputed", paid_at=at, paid_amount=amount, trade_no=trade_no or order.trade_no,
        trouble="" if right else _("支付平台报来的金额与订单不一致，没有入账；请核对后退款。"),
    )  # fmt: skip
    if not changed:
        return "ignored"
    what = {"at": at, "person": order.payer_id, "org": order.org_id, "obj": ref(order)}
    if right:
        facts.record("payment.received", by=SYSTEM, source=f"payment:{order.number}:paid", **what)
        return "applied"
    facts.record("payment.disputed", by=SYSTEM, source=f"payment:{order.number}:disputed", **what)
    return "mismatch"


def take(order: Order, *, at: dt.datetime | None = None) -> bool:
    """Let the owner post money that came; True when that happened now. What the owner refuses stays visible as trouble."""
    taker = takers.get(order.subject_kind)
    try:
        with transaction.atomic():
            mine = Order.objects.filter(pk=order.pk, state="paid", taken_at__isnull=True)
            if not mine.update(taken_at=at or clock.now(), trouble=""):
                return False
            if taker is None:
                raise Refused(_("没有人认领这笔钱，请办理退款。"))
            taker.take(Order.objects.select_related("org").get(pk=order.pk))
            return True
    except GongjianError as refusal:
        Order.objects.filter(pk=order.pk, state="paid", taken_at__isnull=True).update(trouble=refusal.message[:200])
        return False


# --- asking the provider ----------------------------------------------------------------------------------------
def settle_one(order: Order, *, give_up: bool = False, now: dt.datetime | None = None) -> str:
    """Ask how an order stands and write it down; the state afterwards. `give_up` or an expired one is closed."""
    moment = now or clock.now()
    if order.state in (*OPEN, "closed"):
        try:
            provider = config.provider_of(order.config)
            standing = provider.query(order.number)
            if standing.state in ("waiting", "unknown") and (give_up or order.expires_at <= moment):
                standing = provider.close(order.number) if standing.state == "waiting" else Standing("closed")
        except (ProviderAway, GongjianError):
            return order.state
        with transaction.atomic():
            if standing.state in ("paid", "refunded"):
                _paid(order, standing.amount, standing.trade_no, standing.paid_at or moment)
            elif standing.state == "closed":
                Order.objects.filter(pk=order.pk, state__in=OPEN).update(state="closed")
    order.refresh_from_db()
    if order.state == "paid" and order.taken_at is None:
        take(order, at=moment)
        order.refresh_from_db()
    if order.state == "refunding":
        push_refund(order)
        order.refresh_from_db()
    return order.state


# --- refunds ----------------------------------------------------------------------------------------------------
@transaction.atomic
def ask_refund(*, order: Order, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Decide that an order's money goes back the way it came (退款); the provider is told after the commit.

    The owner calls this inside its own reversal; for money that nobody posted, `refund_stray` is the deed.
    """
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明退款的原因。"), field="reason")
    done = Order.objects.filter(pk=order.pk, state__in=("paid", "disputed")).update(
        state="refunding", refund_number=f"R{order.number}"[:40], refund_reason=reason[:200]
    )
    if not done:
        raise Refused(_("这笔订单没有可退的款，或者已经在退款。"))
    facts.record(
        "payment.refund_asked", by=by, at=at, person=order.payer_id, org=order.org_id, obj=ref(order),
        data={"reason": reason[:200]}, source=f"payment:{order.number}:refund_asked",
    )  # fmt: skip
    transaction.on_commit(lambda: push_refund(Order.objects.get(pk=order.pk)), robust=True)


def refund_stray(*, order: Order, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Pay back money that was not posted: another amount, or paid in cash meanwhile."""
    by.require("payments.refund", order.org)
    if order.taken_at is not None:
        raise Refused(_("这笔钱已经入账，请到原来的业务里办理退款。"))
    ask_refund(order=order, reason=reason, by=by, at=at)


def push_refund(order: Order) -> bool:
    """Ask the provider to pay back; asked again by the job until it has. True when it is done."""
    if order.state != "refunding":
        return False
    try:
        done = config.provider_of(order.config).refund(
            order.number, order.refund_number, order.paid_amount or order.amount, order.refund_reason
        )
    except (ProviderAway, GongjianError):
        return False
    if done:
        with transaction.atomic():
            _refunded(order, clock.now())
    return done


def _refunded(order: Order, at: dt.datetime) -> bool:
    if not Order.objects.filter(pk=order.pk, state="refunding").update(state="refunded", refunded_at=at, trouble=""):
        return False
    facts.record(
        "payment.refunded", by=SYSTEM, at=at, person=order.payer_id, org=order.org_id, obj=ref(order),
        source=f"payment:{order.number}:refunded",
    )  # fmt: skip
    return True


__all__ = ["BadNotice", "ask_refund", "receive", "refund_stray", "settle_one", "start", "take"]
