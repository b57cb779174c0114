"""Which organisation's statistics somebody may see, and which people behind them."""

from collections.abc import Iterable

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people

MOST_CHOICES = 60


def org_for(actor: Actor, ident: str) -> Organisation:
    """The organisation asked for, if the actor sees its people; without one, the highest whose people one sees."""
    if ident:
        return orgs.get_for(actor, ident, permission="people.view")
    found = orgs.roots(actor, "people.view")
    if not found:
        raise NotFound(_("您的可见范围里没有组织。"))
    return found[0]


def choices(actor: Actor, org: Organisation) -> list[Organisation]:
    """Where one may go on from here: the organisations directly below."""
    return list(orgs.children(org).filter(scope_q(actor, "people.view"))[:MOST_CHOICES])


def line_for(actor: Actor, org: Organisation) -> list[Organisation]:
    """From the highest that one may count down to this one."""
    return [one for one in orgs.line_of(org) if actor.may_at("people.view", one)]


def in_scope(actor: Actor) -> Q:
    """Memberships of organisations whose people the actor sees."""
    return scope_q(actor, "people.view", prefix="org__")


def orgs_in_scope(actor: Actor) -> Q:
    """Organisations that the actor sees."""
    return scope_q(actor, "people.view", prefix="org__")


def visible_among(actor: Actor, ids: Iterable[int]) -> set[int]:
    """Those of these persons whose page the actor may open today."""
    return set(people.visible_to(actor).filter(pk__in=list(ids)).values_list("pk", flat=True))


def address_of(person: int) -> str:
    """A person's page."""
    return reverse("people:detail", args=[person])


def org_address(org: int) -> str:
    """An organisation's page."""
    return reverse("orgs:detail", args=[org])
