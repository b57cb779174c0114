"""What all deeds on orders need: the order as it stands now, its steps, its clocks, and whom to tell."""

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.orders import queries, rules
from gongjian.desks.orders.models import Order, Step
from gongjian.desks.orders.permissions import Abilities, abilities
from gongjian.engines.deadlines import actions as deadlines
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.orders_schema import Orders
from gongjian.records.notices.actions import tell
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


def pack_at(moment: dt.datetime) -> Orders:
    """The rules that hold at a moment."""
    return policy.on(clock.day_of(moment)).orders


def able(order: Order, by: Actor, deed: str, moment: dt.datetime) -> Abilities:
    """What the actor can do; Forbidden if `deed` is not among it for who they are. Whether the state allows it, the move says."""
    can = abilities(order, by, moment, pack_at(moment).visible_days)
    if not getattr(can, deed) and not (can.keeps or can.does or can.accept or can.approve):
        raise Forbidden(_("这件点单不归您办理。"))
    return can


def words(text: str, field: str, *, least: int = 2, most: int = 500) -> str:
    """A note as others may read it: contacts hidden. Raises Invalid if it is too short."""
    text = rules.mask_contacts(text.strip())[0]
    if len(text) < least:
        raise Invalid(_("请写几个字说明情况。"), field=field)
    if len(text) > most:
        raise Invalid(_("请不超过 %(most)d 个字。") % {"most": most}, field=field)
    return text


def step(
    order: Order, deed: str, by: Actor, at: dt.datetime, *, note: str = "", person: int | None = None, shown: bool = True
) -> None:  # fmt: skip
    """Write down what happened; `shown` to who asked as well."""
    Step.objects.create(order=order, deed=deed, at=at, by=by.person, person=person, note=note, open=shown)


def ref(order: Order) -> Ref:
    """The order as a Ref: what its facts, its clocks and its pictures name."""
    return Ref.of("order", order.pk)


def told_kind(order: Order) -> str:
    """The kind as facts name it: a confidential one is not named for ever."""
    return "confidential" if order.confidential else order.kind


def end_clocks(order: Order, at: dt.datetime, *, met: bool) -> None:
    """Both clocks end: met, or nobody waits any more."""
    for row in (order.contact_clock, order.clock):
        if row is not None:
            (deadlines.meet if met else deadlines.drop)(deadline=row, at=at)


def page_of(order: Order) -> str:
    """Where those who work on it find it."""
    return reverse("orders:order", args=[order.pk])


def notify(order: Order, who: Iterable[int | None], title: str, key: str, at: dt.datetime, body: str = "") -> None:
    """Tell those who work on it; nobody twice."""
    found = {person for person in who if person}
    if found:
        tell(
            people=found, kind="order", title=title, body=body or queries.title_of(order), link=page_of(order),
            key=f"order:{order.pk}:{key}", at=at,
        )  # fmt: skip


def desk_of(order: Order) -> list[int]:
    """Who dispatches for the community."""
    return people.officers_who_may(order.org, "orders.dispatch")


def on_the_ground(order: Order, org: Organisation) -> bool:
    """Whether a living organisation lies below the order's community, or sits on its ground."""
    return org.is_alive and (
        org.path.startswith(order.org.path) or org.territory_path.startswith(order.org.territory_path)
    )


def takes(order: Order, person: Person) -> bool:
    """Whether somebody can be given orders of this community: an officer of it, or a member of a branch on its ground."""
    member = people.membership_of(person.pk)
    if member is not None and on_the_ground(order, member.org):
        return True
    return any(row.person_id == person.pk for row in people.officers_of(order.org_id))
