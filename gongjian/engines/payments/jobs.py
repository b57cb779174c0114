"""What is asked of the provider without anybody waiting: orders without a result, refunds, the bill of the day before."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongjian.engines.payments import actions, config
from gongjian.engines.payments.models import OPEN, BillCheck, Order
from gongjian.engines.payments.providers.base import ProviderAway
from gongjian.ground.kernel import clock

PATIENCE = dt.timedelta(seconds=45)  # a notification usually comes within seconds
AT_ONCE = 200


def settle(now: dt.datetime | None = None) -> int:
    """Ask after orders that got no notification, post what was paid and not posted, push refunds; returns how many moved.

    This is what repairs a process killed between the payment and the posting.
    """
    moment = now or clock.now()
    waiting = Q(state__in=OPEN, created_at__lt=moment - PATIENCE)
    unposted = Q(state="paid", taken_at__isnull=True, trouble="")
    rows = Order.objects.filter(waiting | unposted | Q(state="refunding")).order_by("created_at")[:AT_ONCE]
    moved = 0
    for order in rows:
        before = (order.state, order.taken_at)
        actions.settle_one(order, now=moment)
        moved += (order.state, order.taken_at) != before
    return moved


def check_bills(day: dt.date | None = None) -> int:
    """Compare the provider's bill of a day (default: yesterday) with our orders; returns how many differences remain."""
    day = day or clock.today() - dt.timedelta(days=1)
    left = 0
    for name in config.configurations():
        try:
            lines = config.provider_of(name).bill(day)
        except ProviderAway:
            continue
        left += len(_check(name, day, lines).differences)
    return left


def _check(name: str, day: dt.date, lines: list) -> BillCheck:
    orders = {row.number: row for row in Order.objects.filter(config=name, number__in=[line.number for line in lines])}
    differences, repaired, total = [], 0, 0
    paid = set()
    for line in lines:
        total += line.amount if line.kind == "pay" else -line.amount
        order = orders.get(line.number)
        if order is None:
            differences.append({"number": line.number, "what": _("平台有这笔款，系统里没有订单")})
            continue
        if line.kind != "pay":
            continue
        paid.add(order.number)
        if order.state in (*OPEN, "closed"):
            actions.settle_one(order)
            repaired += order.state == "paid"
        if line.amount != order.amount:
            differences.append({"number": line.number, "what": _("平台金额与订单不一致")})
    first, after = clock.at_time(day), clock.at_time(day + dt.timedelta(days=1))
    ours = Order.objects.filter(config=name, paid_at__gte=first, paid_at__lt=after).values_list("number", flat=True)
    differences += [
        {"number": number, "what": _("系统记为已付款，平台账单里没有")} for number in ours if number not in paid
    ]
    with transaction.atomic():
        check, _new = BillCheck.objects.update_or_create(
            config=name, day=day,
            defaults={"lines": len(lines), "total": total, "repaired": repaired, "differences": differences,
                      "checked_at": clock.now()},
        )  # fmt: skip
    return check
