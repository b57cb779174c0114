"""Reads of facts: always about somebody or something that the caller was allowed to get first."""

from collections.abc import Iterable

from django.db.models import QuerySet

from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact


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
