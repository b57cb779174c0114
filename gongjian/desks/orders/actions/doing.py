"""What who does it does: take it, look where to go, hand it back, call somebody in, finish."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.orders import permissions, rules
from gongjian.desks.orders.actions.shared import (
    able,
    desk_of,
    end_clocks,
    notify,
    pack_at,
    step,
    takes,
    told_kind,
    words,
)
from gongjian.desks.orders.models import Helper, Order, Step
from gongjian.desks.orders.states import ACCEPTED, FLOW
from gongjian.engines.flow.moves import touch
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.people.models import Person


@transaction.atomic
def accept(*, order: Order, by: Actor, at: dt.datetime | None = None) -> Order:
    """Take an order (接单). Of several at once exactly one has it: the UPDATE that still finds it free."""
    moment = at or clock.now()
    if order.state == ACCEPTED and order.doer_id == by.person and by.person is not None:
        return order
    if not permissions.may_accept(order, by):
        if order.state == ACCEPTED:
            raise Refused(_("已经有人接了。"))
        raise Forbidden(_("这件点单没有派给您。"))
    try:
        FLOW.move(
            order, "accept", by=by, at=moment, person=by.person, changes={"doer_id": by.person},
            data={"order_kind": told_kind(order), "organisation": order.doer_org_id},
            source=f"order:{order.pk}:accepted:{order.version}",
        )  # fmt: skip
    except Refused:
        row = Order.objects.get(pk=order.pk)
        if row.state == ACCEPTED and row.doer_id == by.person:
            return row
        raise Refused(_("手慢了一步，已经有人接了。")) from None
    step(order, "accepted", by, moment, person=by.person)
    notify(
        order,
        [order.dispatched_by],
        _("点单 %(number)s 有人接了") % {"number": order.number},
        f"accepted{order.version}",
        moment,
    )
    return order


@transaction.atomic
def see_contact(*, order: Order, by: Actor, at: dt.datetime | None = None) -> dict[str, str]:
    """Name, phone and place of who asked (查看联系方式): for the desk and for who does it; who asked sees that one looked.

    Once a day is noted once. Raises Forbidden for anybody else, and after the order is over for some days.
    """
    moment = at or clock.now()
    can = permissions.abilities(order, by, moment, pack_at(moment).visible_days)
    if not can.contact:
        raise Forbidden(_("联系方式只给社区经办人和接单的人看；办结几天后、保存期满后就不再显示。"))
    day = clock.day_of(moment)
    _row, new = Step.objects.get_or_create(
        key=f"seen:{order.pk}:{by.person}:{day}",
        defaults={
            "order": order,
            "deed": "contact_seen",
            "at": moment,
            "by": by.person,
            "note": _("接单的人") if can.does else _("社区经办人"),
        },
    )
    if new:
        facts.record(
            "order.contact_seen", by=by, at=moment, person=None if order.confidential else order.raised_by_id, org=order.org_id,
            obj=Ref.of("order", order.pk), source=f"order:{order.pk}:seen:{by.person}:{day}", data={},
        )  # fmt: skip
    return order.contact


@transaction.atomic
def hand_back(*, order: Order, reason: str, by: Actor, at: dt.datetime | None = None) -> Order:
    """Give an order back to the desk (退单), with a reason: what was given to one, or what one has taken."""
    moment = at or clock.now()
    if not able(order, by, "hand_back", moment).hand_back:
        raise Refused(_("这件点单现在不在您手上。"))
    note = words(reason, "reason", most=300)
    was = order.doer_id
    FLOW.move(
        order, "hand_back", by=by, at=moment, person=by.person, changes={"doer": None, "doer_org": None},
        data={"order_kind": told_kind(order)}, source=f"order:{order.pk}:handed_back:{order.version}",
    )  # fmt: skip
    others = list(Helper.objects.filter(order=order).values_list("person", flat=True))
    Helper.objects.filter(order=order).delete()
    step(order, "handed_back", by, moment, note=note, shown=False)
    notify(
        order,
        desk_of(order),
        _("点单 %(number)s 被退回：%(why)s") % {"number": order.number, "why": note[:60]},
        f"back{order.version}",
        moment,
    )
    notify(
        order,
        [one for one in others if one != was],
        _("点单 %(number)s 已退回社区") % {"number": order.number},
        f"back{order.version}:help",
        moment,
    )
    return order


@transaction.atomic
def call_in(*, order: Order, person: Person, by: Actor, at: dt.datetime | None = None) -> Helper:
    """Ask somebody of the community to help (请人帮忙): they see what the doer sees. Twice is once."""
    moment = at or clock.now()
    can = able(order, by, "call_in", moment)
    if not can.call_in:
        raise Refused(_("接单以后才能请人一起办。"))
    if person.pk == by.person:
        raise Invalid(_("请选择另一位同志。"), field="person")
    if not takes(order, person):
        raise Invalid(_("只能请本社区的工作人员，或者本社区各支部的党员。"), field="person")
    try:
        with transaction.atomic():
            row = Helper.objects.create(order=order, person=person, called_by=by.person, called_at=moment)
    except IntegrityError:
        return Helper.objects.get(order=order, person=person)
    touch(order, (ACCEPTED,))
    facts.record(
        "order.help_called", by=by, at=moment, person=person.pk, org=order.org_id, obj=Ref.of("order", order.pk),
        source=f"order:{order.pk}:help:{person.pk}:{order.version}", data={"order_kind": told_kind(order)},
    )  # fmt: skip
    step(order, "help_called", by, moment, person=person.pk, shown=False)
    notify(
        order,
        [person.pk],
        _("%(name)s请您一起办点单 %(number)s") % {"name": by.name, "number": order.number},
        f"help{order.version}",
        moment,
    )
    return row


@transaction.atomic
def finish(*, order: Order, note: str, by: Actor, at: dt.datetime | None = None) -> Order:
    """Say that it is done, and what was done (办结): who took it, or the desk. Who asked reads the note and rates it.

    A share of them by the pack, and every one that had been reopened, is called back.
    """
    moment = at or clock.now()
    if not able(order, by, "finish", moment).finish:
        raise Refused(_("这件点单现在不能办结。"))
    text = words(note, "note", least=4, most=500)
    pack = pack_at(moment)
    sampled = order.reopened > 0 or rules.called_back(order.number, pack.call_back_percent)
    contact = order.contact_clock
    end_clocks(order, moment, met=True)
    in_time = bool(order.clock and order.clock.in_time)
    fact = FLOW.move(
        order, "finish", by=by, at=moment, person=order.doer_id,
        changes={"finished_at": moment, "result": text, "sampled": sampled, "rated_at": None, "called_at": None},
        data={"order_kind": told_kind(order), "intake": order.intake, "in_time": in_time, "contact_in_time": bool(contact and contact.in_time)},
        source=f"order:{order.pk}:finished:{order.reopened}",
    )  # fmt: skip
    Order.objects.filter(pk=order.pk).update(finished_fact=fact.pk)
    order.finished_fact = fact.pk
    helpers = list(Helper.objects.filter(order=order).values_list("person", flat=True))
    facts.record_many(
        [
            {
                "kind": "order.helped", "at": moment, "person": person, "org": order.org_id, "obj": Ref.of("order", order.pk),
                "data": {"order_kind": told_kind(order)}, "source": f"order:{order.pk}:helped:{person}:{order.reopened}",
            }
            for person in helpers
        ],
        by=by,
    )  # fmt: skip
    step(order, "finished", by, moment, note=text)
    notify(
        order,
        [order.raised_by_id],
        _("您的点单 %(number)s 办好了，请您评价") % {"number": order.number},
        f"finished{order.reopened}",
        moment,
    )
    return order
