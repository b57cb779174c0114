"""What the community's desk does: speak with who asked, give the order to somebody, clocks, calling back."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.orders import rules
from gongjian.desks.orders.actions.asking import reopen
from gongjian.desks.orders.actions.shared import (
    able,
    end_clocks,
    notify,
    on_the_ground,
    pack_at,
    step,
    takes,
    told_kind,
    words,
)
from gongjian.desks.orders.models import Helper, Order
from gongjian.desks.orders.states import FINISHED, FLOW, OPEN
from gongjian.engines.deadlines import actions as deadlines
from gongjian.engines.deadlines.models import Extension
from gongjian.engines.deadlines.queries import asked
from gongjian.engines.flow.moves import touch
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


@transaction.atomic
def contacted(*, order: Order, by: Actor, note: str = "", at: dt.datetime | None = None) -> Order:
    """Note that one has spoken with who asked (首次联系); the first time counts, again changes nothing."""
    moment = at or clock.now()
    if not (able(order, by, "contacted", moment).contacted or by.may_at("orders.dispatch", order.org)):
        raise Refused(_("已经联系过了，或者这件点单已经结束。"))
    if order.contact_clock is None or order.contact_clock.state != "running":
        return order
    note = rules.mask_contacts(note.strip())[0][:300]
    touch(order, OPEN)
    deadlines.meet(deadline=order.contact_clock, at=moment)
    facts.record(
        "order.contacted", by=by, at=moment, org=order.org_id, obj=Ref.of("order", order.pk),
        source=f"order:{order.pk}:contacted", data={"order_kind": told_kind(order), "in_time": bool(order.contact_clock.in_time)},
    )  # fmt: skip
    step(order, "contacted", by, moment, note="" if order.confidential else note)
    return order


@transaction.atomic
def dispatch(
    *, order: Order, by: Actor, person: Person | None = None, org: Organisation | None = None, at: dt.datetime | None = None
) -> Order:  # fmt: skip
    """Give an order to a person or to an organisation on the community's ground (派单); they say yes first.

    Where the pack asks for no acceptance, and when one gives it to oneself, it is in hand at once.
    """
    moment = at or clock.now()
    if (person is None) == (org is None):
        raise Invalid(_("请选择派给谁：一个人，或者一个组织。"))
    by.require("orders.dispatch", order.org)
    kind = pack_at(moment).kinds.get(order.kind)
    if person is not None and not takes(order, person):
        raise Invalid(_("只能派给本社区的工作人员，或者本社区各支部的党员。"), field="person")
    if org is not None and not on_the_ground(order, org):
        raise Invalid(_("只能派给本社区范围内的组织。"), field="org")
    if org is not None and order.confidential:
        raise Invalid(_("保密的点单只能派给一个人。"), field="org")
    at_once = person is not None and (person.pk == by.person or (kind is not None and not kind.acceptance))
    FLOW.move(
        order, "assign" if at_once else "dispatch", by=by, at=moment, person=person.pk if person and not order.confidential else None,
        changes={"doer": person, "doer_org": org, "dispatched_by": by.person},
        data={"order_kind": told_kind(order), "organisation": org.pk if org else None, "to_person": person is not None},
        source=f"order:{order.pk}:dispatched:{order.version}",
    )  # fmt: skip
    step(order, "dispatched", by, moment, person=person.pk if person else None)
    who = [person.pk] if person else people.officers_who_may(org, "orders.take")
    notify(
        order, [one for one in who if one != by.person], _("社区派给您一件点单 %(number)s") % {"number": order.number},
        f"dispatched{order.version}", moment,
    )  # fmt: skip
    return order


@transaction.atomic
def offer(*, order: Order, org: Organisation, by: Actor, at: dt.datetime | None = None) -> Order:
    """Offer an order to all members below an organisation on the ground (公开征集): the first who says yes has it."""
    moment = at or clock.now()
    by.require("orders.dispatch", order.org)
    if order.confidential:
        raise Refused(_("保密的点单不能公开征集。"))
    if not on_the_ground(order, org):
        raise Invalid(_("只能向本社区范围内的组织征集。"), field="org")
    FLOW.move(
        order, "offer", by=by, at=moment, changes={"doer": None, "doer_org": org, "dispatched_by": by.person},
        data={"order_kind": told_kind(order), "organisation": org.pk}, source=f"order:{order.pk}:offered:{order.version}",
    )  # fmt: skip
    step(order, "offered", by, moment)
    return order


@transaction.atomic
def recall(*, order: Order, by: Actor, at: dt.datetime | None = None) -> Order:
    """Take an order back that was given to somebody (收回), to give it to another; they are told."""
    moment = at or clock.now()
    doer = order.doer_id
    FLOW.move(
        order, "recall", by=by, at=moment, changes={"doer": None, "doer_org": None}, data={"order_kind": told_kind(order)},
        source=f"order:{order.pk}:recalled:{order.version}",
    )  # fmt: skip
    Helper.objects.filter(order=order).delete()
    step(order, "recalled", by, moment)
    notify(
        order,
        [doer],
        _("社区收回了点单 %(number)s，不用再办") % {"number": order.number},
        f"recalled{order.version}",
        moment,
    )
    return order


@transaction.atomic
def decline(*, order: Order, reason: str, by: Actor, note: str = "", at: dt.datetime | None = None) -> Order:
    """Do not take an order up (不予受理), for one of the pack's reasons; who asked reads it and where to go instead."""
    moment = at or clock.now()
    found = pack_at(moment).refusals.get(reason)
    if found is None:
        raise Invalid(_("请选择不予受理的原因。"), field="reason")
    note = rules.mask_contacts(note.strip())[0][:300]
    FLOW.move(
        order, "decline", by=by, at=moment, changes={"finished_at": moment},
        data={"order_kind": told_kind(order), "reason": reason}, source=f"order:{order.pk}:declined",
    )  # fmt: skip
    end_clocks(order, moment, met=False)
    step(order, "declined", by, moment, note=f"{found.title}。{note}" if note else f"{found.title}。")
    return order


# --- clocks -------------------------------------------------------------------------------------------------------
def _keeps(order: Order, by: Actor) -> None:
    by.require("orders.dispatch", order.org)
    if order.clock is None or order.state not in OPEN:
        raise Refused(_("这件点单已经结束。"))


@transaction.atomic
def pause(*, order: Order, reason: str, by: Actor, note: str = "", at: dt.datetime | None = None) -> Order:
    """Let the order's clock stand (暂停计时), for one of the pack's reasons; who asked sees it."""
    moment = at or clock.now()
    _keeps(order, by)
    found = pack_at(moment).pauses.get(reason)
    if found is None:
        raise Invalid(_("请选择暂停的原因。"), field="reason")
    note = rules.mask_contacts(note.strip())[0][:200]
    deadlines.pause(deadline=order.clock, reason=reason, note=note, by=by, at=moment)
    step(order, "paused", by, moment, note=f"{found.title}。{note}" if note else f"{found.title}。")
    return order


@transaction.atomic
def resume(*, order: Order, by: Actor, at: dt.datetime | None = None) -> Order:
    """Let the order's clock go on (恢复计时)."""
    moment = at or clock.now()
    _keeps(order, by)
    deadlines.resume(deadline=order.clock, by=by, at=moment)
    step(order, "resumed", by, moment)
    return order


@transaction.atomic
def ask_extension(*, order: Order, days: int, reason: str, by: Actor, at: dt.datetime | None = None) -> Extension:
    """Ask the level above for more working days (申请延期), before the limit, no more than the pack allows."""
    moment = at or clock.now()
    _keeps(order, by)
    most = pack_at(moment).extension_days
    if not 1 <= days <= most:
        raise Invalid(_("一次最多延 %(most)d 个工作日。") % {"most": most}, field="days")
    row = deadlines.ask_extension(
        deadline=order.clock, days=days, reason=rules.mask_contacts(reason)[0], by=by, at=moment
    )
    step(order, "extension_asked", by, moment, note=row.reason, shown=False)
    above = order.org.parent
    if above is not None:
        who = people.officers_who_may(above, "orders.supervise")
        notify(
            order,
            who,
            _("点单 %(number)s 申请延期 %(days)d 个工作日") % {"number": order.number, "days": days},
            f"extension{row.pk}",
            moment,
        )
    return row


@transaction.atomic
def decide_extension(*, order: Order, approved: bool, by: Actor, at: dt.datetime | None = None) -> Order:
    """Approve or refuse the extension that waits (批准延期): who supervises, never who asked."""
    moment = at or clock.now()
    by.require("orders.supervise", order.org)
    row = asked(order.clock) if order.clock else None
    if row is None:
        raise Refused(_("没有在等批准的延期。"))
    deadlines.decide_extension(extension=row, approved=approved, by=by, at=moment)
    note = _("延长 %(days)d 个工作日") % {"days": row.days} if approved else ""
    step(order, "extended" if approved else "extension_refused", by, moment, note=note, shown=approved)
    title = _("点单 %(number)s 延期获批") if approved else _("点单 %(number)s 延期没有获批")
    notify(order, [row.asked_by], title % {"number": order.number}, f"extension{row.pk}:decided", moment)
    return order


@transaction.atomic
def call_back(*, order: Order, solved: bool, by: Actor, note: str = "", at: dt.datetime | None = None) -> Order:
    """Note what who asked says on the phone (电话回访) of an order in the sample; “not solved” brings it back."""
    moment = at or clock.now()
    by.require("orders.dispatch", order.org)
    if by.person is not None and by.person == order.doer_id:
        raise Forbidden(_("自己办的由别人回访。"))
    if not order.sampled or order.called_at is not None:
        raise Refused(_("这件没有抽中回访，或者已经回访过了。"))
    note = words(note, "note", least=0, most=300)
    touch(order, (FINISHED,), called_at=moment, solved=solved)
    facts.record(
        "order.called_back", by=by, at=moment, org=order.org_id, obj=Ref.of("order", order.pk),
        source=f"order:{order.pk}:called_back:{order.reopened}", data={"order_kind": told_kind(order), "solved": solved},
    )  # fmt: skip
    step(order, "called_back", by, moment, note="" if order.confidential else note, shown=False)
    pack = pack_at(moment)
    if rules.reopens(None, solved, below=0, times=order.reopened, at_most=pack.reopen_at_most):
        reopen(order=order, by=by, at=moment, why=_("回访时居民说没有解决"))
    return order
