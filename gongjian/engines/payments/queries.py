"""Reads of orders; every one knows who asks."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.engines.payments.models import BillCheck, Order
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q


def visible_to(actor: Actor) -> QuerySet[Order]:
    """One's own orders, and those of organisations whose orders one may see."""
    condition = scope_q(actor, "payments.view", prefix="org__")
    if actor.person and actor.token_scopes is None:
        condition |= Q(payer=actor.person)
    return Order.objects.filter(condition)


def get_for(actor: Actor, number: str) -> Order:
    """One order by its number; NotFound otherwise."""
    found = visible_to(actor).select_related("org", "payer").filter(number=number).first()
    if found is None:
        raise NotFound(_("没有找到这个订单，或者它不在您的可见范围内。"))
    return found


def troubled(actor: Actor) -> QuerySet[Order]:
    """Money that came and is not posted, oldest first: for those who may refund it."""
    return (
        Order.objects.filter(scope_q(actor, "payments.refund", prefix="org__"))
        .filter(Q(state="disputed") | (Q(state="paid", taken_at__isnull=True) & ~Q(trouble="")))
        .select_related("org", "payer").order_by("paid_at", "id")
    )  # fmt: skip


def bill_checks() -> QuerySet[BillCheck]:
    """Comparisons with the provider's bills, newest first."""
    return BillCheck.objects.order_by("-day", "config")
