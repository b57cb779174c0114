"""Reads of grids, estates and buildings, and their coverage; every one knows who asks."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.places import rules
from gongjian.records.places.models import Place

COVERED = Q(organisation__isnull=False, organisation__dissolved_on__isnull=True)
TO_COVER = ("grid", "estate")


def visible_to(actor: Actor, *, permission: str = "places.view", ended: bool = False) -> QuerySet[Place]:
    """Places of communities over which the actor holds `permission`; ended ones only if asked for."""
    found = Place.objects.filter(scope_q(actor, permission, prefix="community__"))
    return found if ended else found.filter(ended_on__isnull=True)


def get_for(actor: Actor, ident: int | str, *, permission: str = "places.view", lock: bool = False) -> Place:
    """One place that the actor may see (ended ones too); NotFound otherwise."""
    found = visible_to(actor, permission=permission, ended=True)
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.select_related("community", "organisation", "parent").get(pk=ident)
    except (Place.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这个网格或小区，或者它不在您的可见范围内。") from None


def names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    return dict(Place.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def free_code(kind: str, community: Organisation, parent: Place | None) -> str:
    """The next free code below a place or community."""
    stem = parent.code if parent else (community.division_code or community.code)
    taken = set(Place.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return rules.next_code(kind, stem, taken)


def candidates(place: Place) -> QuerySet[Organisation]:
    """Organisations that can cover a place: those of its community that have members, and groups."""
    kinds = [kind.id for kind in policy.current().org_kinds if kind.has_members or kind.level == "group"]
    ground = place.community
    found = Organisation.objects.filter(
        Q(path__startswith=ground.path) | Q(territory_path__startswith=ground.territory_path),
        dissolved_on__isnull=True, kind__in=kinds,
    )  # fmt: skip
    return found.order_by("path")


def here(org: Organisation, actor: Actor) -> QuerySet[Place]:
    """Places on an organisation's ground, or covered by it."""
    below = Q(community__path__startswith=org.path) | Q(organisation=org)
    return visible_to(actor).filter(below).select_related("organisation", "community").order_by("kind", "code")


@dataclass
class Coverage:
    """覆盖情况: of one organisation's ground; counts of grids and estates and how many of them are covered."""

    org: Organisation
    totals: dict[str, int] = field(default_factory=lambda: dict.fromkeys(dict(Place.KINDS), 0))
    covered: dict[str, int] = field(default_factory=lambda: dict.fromkeys(dict(Place.KINDS), 0))

    @property
    def total(self) -> int:
        """Grids and estates together: what the figure counts."""
        return sum(self.totals[kind] for kind in TO_COVER)

    @property
    def done(self) -> int:
        """Those with a living organisation."""
        return sum(self.covered[kind] for kind in TO_COVER)

    @property
    def share(self) -> int | None:
        """Per cent."""
        return rules.share(self.done, self.total)


def coverage(actor: Actor) -> list[Coverage]:
    """Coverage of each visible community, street and district that has places on its ground, along 属地; 3 queries."""
    counted = (
        visible_to(actor)
        .order_by()
        .values("community", "kind")
        .annotate(total=Count("pk"), covered=Count("pk", filter=COVERED))
    )
    rows = list(counted)
    grounds = Organisation.objects.in_bulk({row["community"] for row in rows})
    above = {int(part) for org in grounds.values() for part in org.territory_path.strip("/").split("/")}
    shown = orgs.visible_to(actor, permission="places.view").filter(pk__in=above).order_by("territory_path")
    found = {org.pk: Coverage(org) for org in shown}
    for row in rows:
        for part in grounds[row["community"]].territory_path.strip("/").split("/"):
            if entry := found.get(int(part)):
                entry.totals[row["kind"]] += row["total"]
                entry.covered[row["kind"]] += row["covered"]
    return list(found.values())


def uncovered(actor: Actor, kinds: tuple[str, ...] = TO_COVER) -> QuerySet[Place]:
    """Grids and estates without a living organisation, by community."""
    found = visible_to(actor).filter(kind__in=kinds).exclude(COVERED)
    return found.select_related("community").order_by("community__path", "kind", "code")
