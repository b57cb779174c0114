"""Reads of people; every one knows who asks."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.people.models import Appointment, Dated, Membership, Person, Relation


def visible_to(actor: Actor, *, permission: str = "people.view") -> QuerySet[Person]:
    """Persons with a current membership, appointment or relation in an organisation that the actor sees; and oneself."""
    if actor.kind == "system":
        return Person.objects.all()
    scope = scope_q(actor, permission, prefix="org__")
    current = Dated.current_q(clock.today())
    condition = Q(pk=actor.person) if actor.person and permission == "people.view" else Q(pk__in=[])
    if actor.scopes(permission):
        for model in (Membership, Appointment, Relation):
            condition |= Q(Exists(model.objects.filter(scope, current, person=OuterRef("pk"))))
    return Person.objects.filter(condition)


def get_for(actor: Actor, ident: int | str, *, permission: str = "people.view", lock: bool = False) -> Person:
    """One person that the actor may see; NotFound otherwise."""
    found = visible_to(actor, permission=permission)
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.get(pk=ident)
    except (Person.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这个人，或者他（她）不在您的可见范围内。") from None


def by_identity(actor: Actor, number: str) -> Person | None:
    """The visible person with this identity number, found by its keyed hash."""
    wanted = keyed_hash(normalise_digits(number).upper(), context="person.identity")
    return visible_to(actor).filter(identity_hash=wanted).first() if wanted else None


def membership_of(person: int, *, day: dt.date | None = None) -> Membership | None:
    """The membership of a person on a day (default: today)."""
    return (
        Membership.objects.filter(Dated.current_q(day or clock.today()), person_id=person)
        .select_related("org", "group")
        .first()
    )


def members_of(org: int, *, day: dt.date | None = None) -> QuerySet[Membership]:
    """Current memberships of a branch, by name; call it only for an organisation got by `orgs.queries.get_for`."""
    return (
        Membership.objects.filter(Dated.current_q(day or clock.today()), org_id=org)
        .select_related("person", "group")
        .order_by("person__name", "person_id")
    )


def officers_of(org: int, *, day: dt.date | None = None) -> QuerySet[Appointment]:
    """Who is in a post of an organisation on a day."""
    return (
        Appointment.objects.filter(Dated.current_q(day or clock.today()), org_id=org)
        .select_related("person")
        .order_by("id")
    )


def search(actor: Actor, text: str, *, limit: int = 20) -> list[Person]:
    """Visible persons by name, pinyin, initials, or a whole identity number or phone."""
    text = text.strip()
    if not text:
        return []
    digits = normalise_digits(text).upper()
    match = (
        Q(name__icontains=text)
        | Q(initials__startswith=text.lower())
        | Q(pinyin__startswith=text.lower().replace(" ", ""))
    )
    if len(digits) >= 11:
        match |= Q(identity_hash=keyed_hash(digits, context="person.identity"))
        match |= Q(phone_hash=keyed_hash(digits, context="person.phone"))
    return list(visible_to(actor).filter(match).order_by("name", "id")[:limit])
