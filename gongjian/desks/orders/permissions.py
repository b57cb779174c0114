"""Who: what an actor may read of an order and do with it now; asked by pages and API alike, and by the actions again."""

import datetime as dt
from typing import NamedTuple

from gongjian.desks.orders.models import Order
from gongjian.desks.orders.states import ACCEPTED, DISPATCHED, FINISHED, OFFERED, OPEN, OUT, RAISED
from gongjian.ground.kernel.actor import Actor
from gongjian.records.access.queries import MEMBER_ROLE


class Abilities(NamedTuple):
    """能看什么、能做什么."""

    keeps: bool  # dispatches orders of this community
    does: bool  # has accepted it, or was called in
    reads: bool  # the words as they were said
    contact: bool  # may ask for name, phone and place
    dispatch: bool
    offer: bool
    recall: bool
    accept: bool
    hand_back: bool
    call_in: bool
    finish: bool
    decline: bool
    contacted: bool
    pause: bool
    resume: bool
    extend: bool
    approve: bool
    call_back: bool


def offered_to(order: Order, actor: Actor) -> bool:
    """Whether the order, given to an organisation, is open to this actor: they take orders there or somewhere below it.

    An offer reaches everybody below the organisation; an order that is given to one is for those who belong there.
    """
    if order.doer_org_id is None:
        return False
    org = order.doer_org
    for grant in actor.grants:
        if "orders.take" not in grant.permissions:
            continue
        if grant.org == org.pk or (
            order.state == OFFERED and grant.line == "parent" and grant.path.startswith(org.path)
        ):
            return actor.may("orders.take")
    return False


def may_accept(order: Order, actor: Actor) -> bool:
    """Whether this actor could take it now."""
    if order.state == DISPATCHED and order.doer_id is not None:
        return order.doer_id == actor.person and actor.may("orders.take")
    return order.state in (OFFERED, DISPATCHED) and actor.person is not None and offered_to(order, actor)


def may_answer(order: Order, actor: Actor) -> bool:
    """Whether the actor can send back what nobody has accepted: given to themselves, or to an organisation they are an
    officer of — a member of it can take it, but not say no for all."""
    if order.doer_id is not None:
        return may_accept(order, actor)
    officer = any(grant.org == order.doer_org_id and grant.role != MEMBER_ROLE for grant in actor.grants)
    return officer and may_accept(order, actor)


def is_doer(order: Order, actor: Actor) -> bool:
    """Whether this actor has accepted it, or was called in."""
    if actor.person is None or not (actor.token_scopes is None or "orders.take" in actor.token_scopes):
        return False
    mine = order.doer_id == actor.person and order.state in (ACCEPTED, FINISHED)
    return mine or (
        order.state in (ACCEPTED, FINISHED) and any(row.person_id == actor.person for row in order.helpers.all())
    )


def still_shown(order: Order, now: dt.datetime, visible_days: int) -> bool:
    """Whether name and place still show to who did it: until so many days after the end."""
    return order.finished_at is None or now < order.finished_at + dt.timedelta(days=visible_days)


def abilities(order: Order, actor: Actor, now: dt.datetime, visible_days: int) -> Abilities:
    """What this actor can read and do now."""
    keeps = actor.may_at("orders.dispatch", order.org)
    does = is_doer(order, actor)
    leads = does and order.doer_id == actor.person
    shown = does and still_shown(order, now, visible_days)
    state, clock = order.state, order.clock
    running = bool(clock and clock.state == "running" and clock.due_at and clock.due_at >= now)
    erased = order.erased_at is not None
    return Abilities(
        keeps=keeps, does=does, reads=keeps or shown, contact=(keeps or shown) and bool(order.contact_sealed) and not erased,
        dispatch=keeps and state in (RAISED, OFFERED), offer=keeps and state == RAISED and not order.confidential,
        recall=keeps and state in OUT, accept=may_accept(order, actor),
        hand_back=(leads and state == ACCEPTED) or (state == DISPATCHED and may_answer(order, actor)),
        call_in=leads and state == ACCEPTED,
        finish=(leads and state == ACCEPTED) or (keeps and state in (RAISED, DISPATCHED, ACCEPTED)),
        decline=keeps and state == RAISED,
        contacted=(keeps or leads) and state in OPEN and bool(order.contact_clock and order.contact_clock.state == "running"),
        pause=keeps and state in OPEN and running,
        resume=keeps and bool(clock and clock.state == "paused"),
        extend=keeps and state in OPEN and running,
        approve=actor.may_at("orders.supervise", order.org),
        call_back=keeps and state == FINISHED and order.sampled and order.called_at is None,
    )  # fmt: skip
