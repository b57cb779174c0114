"""网上交纳: a member orders, pays at the provider's cashier, and the money is posted once when it has come."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.actions.charging import charge_month
from gongjian.desks.dues.actions.collecting import MOST_GIFT, Draft, enter, hold_charges
from gongjian.desks.dues.models import Charge
from gongjian.engines.payments import actions as payments
from gongjian.engines.payments import config
from gongjian.engines.payments.models import Order
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.orgs.models import Organisation


def offered(org: Organisation) -> str:
    """The name of the merchant's configuration by which an organisation's members pay online; "" where it is not offered."""
    online = queries.dues_on().online
    return config.name_for(org, online.config) if online.offered else ""


def _ready(org: Organisation) -> str:
    name = offered(org)
    if not name:
        raise Refused(_("本支部还没有开通网上交纳，请向支部交现金。"))
    return name


def order_dues(*, months: Sequence[str], by: Actor, base_url: str, at: dt.datetime | None = None) -> Order:
    """A member wants to pay these months online. They are one's own, unpaid, and of one branch; ahead as the pack allows."""
    by.require("dues.pay_own")
    if not by.person:
        raise Forbidden(_("只有党员本人可以交纳。"))
    moment = at or clock.now()
    today = clock.day_of(moment)
    dues, this_month = queries.dues_on(today), clock.month_of(today)
    months = sorted(set(months))
    if not months:
        raise Invalid(_("请选择要交的月份。"), field="months")
    ahead = [month for month in months if month > this_month]
    if ahead and ahead[-1] > rules.ahead_until(today, dues.paying.ahead):
        raise Refused(_("党费最多交到本季度末：没有规定可以按年预交。"), field="months")
    if ahead and dues.paying.quarter_needs_consent and not queries.has_consent(by.person, "quarter", this_month):
        raise Refused(_("按季度交纳须经支部同意，请先申请。"), field="months")
    with transaction.atomic():
        for month in ahead:
            charge_month(month, people=[by.person], by=by, at=moment)
    rows = list(
        Charge.objects.filter(person=by.person, month__in=months, payment__isnull=True, amount__gt=0)
        .select_related("org").order_by("month")
    )  # fmt: skip
    if [row.month for row in rows] != months:
        raise Refused(_("有的月份已经交过，或者还没有核定，请刷新页面后再试。"), field="months")
    if len({row.org_id for row in rows}) > 1:
        raise Refused(_("这些月份的党费属于不同的支部，请分开交。"), field="months")
    org = rows[0].org
    span = months[0] if len(months) == 1 else f"{months[0]}—{months[-1]}"
    return payments.start(
        org=org, payer=by.person, config_name=_ready(org), subject=Ref.of("dues", by.person), key=f"dues:{by.person}",
        title=_("党费 %(span)s") % {"span": span}, amount=sum(row.amount for row in rows), data={"months": months},
        wait_minutes=dues.online.wait_minutes, base_url=base_url, by=by, at=moment,
    )  # fmt: skip


def order_gift(*, amount: int, by: Actor, base_url: str, at: dt.datetime | None = None) -> Order:
    """A member wants to give more (自愿多交) online, in fen."""
    by.require("dues.pay_own")
    mine = queries.own_membership(by)
    if mine is None:
        raise Refused(_("目前没有组织关系，不能交纳党费。"))
    if not 0 < amount <= MOST_GIFT:
        raise Invalid(_("金额不对，请核对。"), field="amount")
    return payments.start(
        org=mine.org, payer=by.person, config_name=_ready(mine.org), subject=Ref.of("dues", by.person),
        key=f"dues:{by.person}:gift", title=_("自愿多交党费"), amount=amount, data={"gift": True},
        wait_minutes=queries.dues_on().online.wait_minutes, base_url=base_url, by=by, at=at,
    )  # fmt: skip


def take_dues(order: Order) -> None:
    """Post the money of an order that was paid; inside the transaction that marks it as taken. Raises Refused if the months
    were paid another way meanwhile: then people pay it back."""
    day = clock.day_of(order.paid_at)
    if order.data.get("gift"):
        kind = "large" if rules.is_large(order.amount, queries.dues_on(day)) else "voluntary"
        drafts = [Draft(order.payer_id, (), order.amount, kind, order=order.number)]
    else:
        months = order.data["months"]
        rows = hold_charges(order.org_id, {order.payer_id: months}).get(order.payer_id, [])
        if [row.month for row in rows] != months or sum(row.amount for row in rows) != order.amount:
            raise Refused(_("这些月份已经用别的方式交过，或者应交金额变了；请核对后退款。"))
        drafts = [Draft(order.payer_id, tuple(rows), order.amount, order=order.number)]
    enter(order.org, drafts, method="online", paid_on=day, by=SYSTEM, at=clock.now())


def where_next(order: Order) -> str:
    """Where the payer goes on."""
    return reverse("dues:mine")
