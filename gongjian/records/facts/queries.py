"""Reads of facts. Timelines are about something the caller was allowed to get first, or go through `visible_to`."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts import names
from gongjian.records.facts.models import Fact, Seal, Stream

PERMISSION = "facts.view"


def about_person(person: int) -> QuerySet[Fact]:
    """What happened to a person, newest first."""
    return Fact.objects.filter(person=person).order_by("-at", "-id")


def about_org(orgs: int | Iterable[int] | QuerySet) -> QuerySet[Fact]:
    """What happened in an organisation, or in any of several (ids, or a query of ids), newest first."""
    condition = {"org": orgs} if isinstance(orgs, int) else {"org__in": orgs}
    return Fact.objects.filter(**condition).order_by("-at", "-id")


def about_object(ref: Ref) -> QuerySet[Fact]:
    """What happened to an object of some room, in the order it was recorded."""
    return Fact.objects.filter(object_kind=ref.kind, object_id=ref.id).order_by("id")


def visible_to(actor: Actor) -> QuerySet[Fact]:
    """Facts of organisations over which the actor holds `facts.view`, facts without an organisation about persons
    there, and facts about oneself."""
    if actor.kind == "system":
        return Fact.objects.all()
    # An API token without the scope reads nothing, not even about its owner.
    own = actor.person is not None and (actor.token_scopes is None or PERMISSION in actor.token_scopes)
    condition = Q(person=actor.person) if own else Q(pk__in=[])
    if actor.scopes(PERMISSION):
        orgs, people = (names.visible_ids(kind, actor, PERMISSION) for kind in ("organisation", "person"))
        if orgs is not None:
            condition |= Q(org__in=orgs)
        if people is not None:
            condition |= Q(org__isnull=True, person__in=people)
    return Fact.objects.filter(condition)


def get_for(actor: Actor, ident: int | str) -> Fact:
    """One fact that the actor may see; NotFound otherwise."""
    try:
        return visible_to(actor).get(pk=ident)
    except (Fact.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这条纪实，或者它不在您的可见范围内。") from None


def timeline(actor: Actor, kind: str, ident: int) -> QuerySet[Fact]:
    """The visible facts about a person, an organisation or another object; NotFound if it is not the actor's to see."""
    nothing = NotFound("没有找到这份纪实，或者它不在您的可见范围内。")
    try:
        if kind == "person":
            found = Q(person=ident)
            if ident != actor.person and not _within("person", actor, ident):
                raise nothing
        elif kind == "organisation":
            found = Q(org=ident)
            if not _within("organisation", actor, ident):
                raise nothing
        else:
            found = Q(object_kind=kind, object_id=str(ident))
            if not visible_to(actor).filter(found).exists():
                raise nothing
    except OverflowError:
        raise nothing from None
    return visible_to(actor).filter(found)


def _within(kind: str, actor: Actor, ident: int) -> bool:
    ids = names.visible_ids(kind, actor, PERMISSION)
    return ids is not None and ids.filter(pk=ident).exists()


def corrections_of(fact: Fact) -> list[Fact]:
    """Facts that correct this one, oldest first."""
    return list(Fact.objects.filter(corrects=fact.pk).order_by("id"))


def seal_of(fact: Fact) -> tuple[int | None, Seal | None]:
    """The fact's number in the stream (None: not numbered yet) and the seal that it lies under (None: not yet)."""
    number = Stream.objects.filter(fact=fact.pk).values_list("seq", flat=True).first()
    if number is None:
        return None, None
    return number, Seal.objects.filter(first_seq__lte=number, last_seq__gte=number).first()


def seals(limit: int = 30) -> list[Seal]:
    """The latest seals, newest first."""
    return list(Seal.objects.order_by("-number")[:limit])
