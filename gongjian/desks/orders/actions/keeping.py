"""What runs by itself: telling the level above what has run out, and erasing what need not be kept."""

import datetime as dt

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongjian.desks.orders.actions.shared import pack_at, page_of
from gongjian.desks.orders.models import Order, Sender, Step
from gongjian.engines.deadlines import actions as deadlines
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.files import actions as files
from gongjian.records.files import queries as shelf
from gongjian.records.notices.actions import tell_many
from gongjian.records.people import queries as people


@transaction.atomic
def escalate(*, by: Actor = SYSTEM, at: dt.datetime | None = None) -> int:
    """Tell the desk and who supervises it on the level above of each clock that ran out (到期上报); each clock once.

    Returns how many had run out. The deadline is measured on the organisation: no person is named.
    """
    moment = at or clock.now()
    gone = deadlines.note_run_out(kind="order", by=by, at=moment)
    if not gone:
        return 0
    orders = {
        str(row.pk): row
        for row in Order.objects.filter(pk__in=[int(row.subject_id) for row in gone]).select_related("org__parent")
    }
    who: dict[int, list[int]] = {}
    notices, steps = [], []
    for row in gone:
        order = orders.get(row.subject_id)
        if order is None:
            continue
        if order.org_id not in who:
            above = order.org.parent
            who[order.org_id] = people.officers_who_may(order.org, "orders.dispatch") + (
                people.officers_who_may(above, "orders.supervise") if above else []
            )
        title = _("没有按时联系居民：点单 %(number)s") if row.name == "contact" else _("没有按时办结：点单 %(number)s")
        notices += [
            {"person": person, "kind": "order", "title": title % {"number": order.number}, "body": order.org.name,
             "link": page_of(order), "key": f"deadline:{row.pk}"}
            for person in dict.fromkeys(who[order.org_id])
        ]  # fmt: skip
        steps.append(Step(order=order, deed="ran_out", at=row.due_at, open=False))
    Step.objects.bulk_create(steps)
    tell_many(notices, at=moment)
    return len(gone)


@transaction.atomic
def erase_old(*, by: Actor = SYSTEM, at: dt.datetime | None = None) -> int:
    """Erase name, phone, place and the words as they were of orders that ended long enough ago (个人信息保护法第十九条),
    take their pictures down, and forget who sent from where. Returns how many orders."""
    moment = at or clock.now()
    pack = pack_at(moment)
    Sender.objects.filter(at__lt=moment - dt.timedelta(days=2)).delete()
    old = Order.objects.filter(
        Q(finished_at__lt=moment - dt.timedelta(days=pack.contact_days)), erased_at__isnull=True
    ).order_by("id")[:1000]  # fmt: skip
    rows = list(old)
    if not rows:
        return 0
    Order.objects.filter(pk__in=[row.pk for row in rows]).update(
        contact_sealed="", said_sealed="", contact_masked="", erased_at=moment
    )
    kept = shelf.counts("order", [row.pk for row in rows])
    for ident in kept:
        for file in shelf.of(Ref("order", ident)):
            files.remove(by=by, file=file, reason=_("保存期满"), at=moment)
    facts.record(
        "order.contact_erased", by=by, at=moment, quantity=len(rows), data={"from": rows[0].number, "to": rows[-1].number}
    )  # fmt: skip
    return len(rows)
