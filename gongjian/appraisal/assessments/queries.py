"""Reads of assessments; every one knows who asks."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from gongjian.appraisal.assessments import evidence, rules
from gongjian.appraisal.assessments.models import Assessment, ItemResult, Mark, Objection, Visit
from gongjian.appraisal.assessments.permissions import VISIT, may_visit
from gongjian.appraisal.assessments.states import CANCELLED, FINAL, OBJECTED, OWN, SELF, TOLD, UNDER_WAY, VISITING
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.assessments_schema import ListItem, StandardList
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.places.models import Place

VIEW = "assessments.view"
NOTHING = "没有找到这次考评，或者它不在您的可见范围内。"


def entry_of(found: Assessment) -> StandardList:
    """The list by which an assessment is made: as the pack had it on the day it was opened."""
    return policy.on(found.opened_on).assessments.lists[found.list]


def entry_named(ident: str, day: dt.date | None = None) -> StandardList:
    """A list of today's pack; NotFound for an unknown one."""
    pack = policy.on(day) if day else policy.current()
    found = pack.assessments.lists.get(ident)
    if found is None:
        raise NotFound("没有这份标准清单。")
    return found


def visible_to(actor: Actor) -> QuerySet[Assessment]:
    """Assessments of organisations over which the actor may see them, or fills in the self-assessment."""
    found = scope_q(actor, VIEW, prefix="org__") | scope_q(actor, OWN, prefix="org__")
    return Assessment.objects.filter(found)


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Assessment:
    """One assessment that the actor may see; NotFound otherwise. With `lock` its row is held."""
    found = visible_to(actor)
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.select_related("org", "place").get(pk=ident)
    except (Assessment.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None


def names(ids: Iterable[int]) -> dict[int, str]:
    """What assessments are called where facts are told: list and subject; one query."""
    rows = Assessment.objects.filter(pk__in=list(ids)).select_related("org", "place")
    return {row.pk: f"{entry_of(row).short} {row.subject}" for row in rows}


# --- subjects ---------------------------------------------------------------------------------------------------
def subjects_of(entry: StandardList) -> QuerySet[Any]:
    """Everything a list is for, today: living organisations of its kinds, or places of its kind."""
    if entry.of == "organisation":
        return Organisation.objects.filter(kind__in=entry.org_kinds, dissolved_on__isnull=True)
    return Place.objects.filter(kind=entry.of, ended_on__isnull=True, community__dissolved_on__isnull=True)


def subjects_for(actor: Actor, entry: StandardList, *, permission: str = VIEW) -> QuerySet[Any]:
    """Those of them that the actor sees: a place by its community, or by the organisation that covers it."""
    if entry.of == "organisation":
        return subjects_of(entry).filter(scope_q(actor, permission))
    condition = scope_q(actor, permission, prefix="community__") | scope_q(actor, permission, prefix="organisation__")
    return subjects_of(entry).filter(condition).select_related("community", "organisation")


def subject_for(actor: Actor, entry: StandardList, ident: int | str) -> Any:
    """One organisation or place of a list that the actor sees; NotFound otherwise."""
    try:
        return subjects_for(actor, entry).get(pk=ident)
    except (Organisation.DoesNotExist, Place.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到，或者它不在您的可见范围内。") from None


def org_of(subject: Any) -> Organisation:
    """Who answers for a subject: itself, the organisation that covers the place, or its community."""
    if isinstance(subject, Organisation):
        return subject
    cover = subject.organisation
    return cover if cover is not None and cover.is_alive else subject.community


def about(entry: StandardList, subject: Any) -> Q:
    """Condition on assessments: of this list and subject."""
    if entry.of == "organisation":
        return Q(list=entry.id, place__isnull=True, org=subject)
    return Q(list=entry.id, place=subject)


def own_assessments(entry: StandardList) -> QuerySet[Assessment]:
    """For subqueries on subjects: the assessments of the outer row by this list."""
    if entry.of == "organisation":
        return Assessment.objects.filter(list=entry.id, place__isnull=True, org=OuterRef("pk"))
    return Assessment.objects.filter(list=entry.id, place=OuterRef("pk"))


def below(entry: StandardList, found: QuerySet, org: Organisation) -> QuerySet:
    """Subjects on an organisation's ground or in its subtree."""
    prefix = "" if entry.of == "organisation" else "community__"
    return found.filter(
        subtree_q(org.path, prefix=prefix) | subtree_q(org.territory_path, prefix=prefix, field="territory_path")
    )


def put_assessments(entry: StandardList, day: dt.date, rows: list[Any]) -> None:
    """Give rows of the list of subjects what the page shows: `result`, `running`, `checks` (met, asked); few queries."""
    keys = [row.pk for row in rows]
    where = {"place__isnull": True, "org__in": keys} if entry.of == "organisation" else {"place__in": keys}
    result: dict[int, Assessment] = {}
    running: dict[int, Assessment] = {}
    for one in Assessment.objects.filter(list=entry.id, state__in=(*UNDER_WAY, FINAL), **where):
        key = one.org_id if entry.of == "organisation" else one.place_id
        (result if one.state == FINAL else running)[key] = one
    pack = policy.on(day)
    found = evidence.bodies(entry, pack, subjects_of(entry).filter(pk__in=keys))
    looked = evidence.look(entry, pack, found, day)
    for row in rows:
        row.result, row.running, row.answers = result.get(row.pk), running.get(row.pk), org_of(row)
        here = [found.get(row.pk, rules.NOT_ASKED).met for found in looked.values()]
        row.met, row.asked = sum(met is True for met in here), sum(met is not None for met in here)


# --- the overview of a list -------------------------------------------------------------------------------------
@dataclass
class Lack:
    """缺得多的一条: an item, how many of how many lack it, and whether that is read from records now."""

    item: ListItem
    number: int
    of: int
    now: bool

    @property
    def share(self) -> int:
        """Per cent."""
        return self.number * 100 // self.of if self.of else 0


class Summary(NamedTuple):
    """一份清单的总览."""

    total: int
    valid: int
    running: int
    due: int
    bands: list[tuple[Any, int]]
    dimensions: list[tuple[Any, int | None]]
    lacks: list[Lack]


def summary(entry: StandardList, found: QuerySet, day: dt.date) -> Summary:
    """Coverage, bands, dimensions and what lacks most, of these subjects; about ten statements, however many they are.

    Items from records are read now, for all subjects; items by hand from the results that are valid.
    """
    pack = policy.on(day)
    subjects = found.order_by().values("pk")
    mine = Assessment.objects.filter(list=entry.id)
    mine = (
        mine.filter(place__isnull=True, org__in=subjects)
        if entry.of == "organisation"
        else mine.filter(place__in=subjects)
    )
    final = mine.filter(state=FINAL)
    by_band = dict(final.order_by().values_list("band").annotate(Count("pk")))
    due = final.filter(recheck_on__lte=day).count()
    results = ItemResult.objects.filter(assessment__in=final, points__isnull=False).order_by()
    sums = {
        name: got * 100 // of
        for name, got, of in results.values_list("dimension").annotate(Sum("points"), Sum("full"))
        if of
    }
    by_hand = {
        item: (lacking, of)
        for item, of, lacking in results.exclude(source="records")
        .values_list("item")
        .annotate(of=Count("pk"), short=Count("pk", filter=Q(points__lt=F("full"))))
    }
    everyone = evidence.bodies(entry, pack, found)
    looked = evidence.look(entry, pack, everyone, day)
    lacks = []
    for item in entry.items:
        if item.id in looked:
            asked = [one.met for one in looked[item.id].values() if one.met is not None]
            lacks.append(Lack(item, sum(not met for met in asked), len(asked), True))
        elif item.id in by_hand:
            lacks.append(Lack(item, *by_hand[item.id], False))
    return Summary(
        total=len(everyone), valid=sum(by_band.values()), running=mine.filter(state__in=UNDER_WAY).count(), due=due,
        bands=[(band, by_band.get(band.id, 0)) for band in entry.bands],
        dimensions=[(dimension, sums.get(dimension.id)) for dimension in entry.dimensions],
        lacks=sorted((lack for lack in lacks if lack.number), key=lambda lack: (-lack.share, -lack.number))[:8],
    )  # fmt: skip


def lacking(entry: StandardList, found: QuerySet, item: str, day: dt.date) -> QuerySet | None:
    """Of these subjects those that lack an item from records today, or by their valid result; None: no such item."""
    wanted = entry.item(item)
    if wanted is None:
        return None
    if wanted.records is None:
        short = ItemResult.objects.filter(item=item, points__lt=F("full"), assessment=OuterRef("pk"))
        return found.filter(Exists(own_assessments(entry).filter(Exists(short), state=FINAL)))
    pack = policy.on(day)
    looked = evidence.look(entry, pack, evidence.bodies(entry, pack, found), day)[item]
    return found.filter(pk__in=[key for key, one in looked.items() if one.met is False])


# --- one assessment ---------------------------------------------------------------------------------------------
@dataclass
class Row:
    """一条的现状: an item with its marks or what records say, and what it gets."""

    item: ListItem
    full: int
    points: int | None = None
    source: str = ""
    note: str = ""
    conflict: bool = False
    applies: bool = True
    own: Mark | None = None
    visits: list[Mark] = field(default_factory=list)
    settled: Mark | None = None
    found: rules.Found | None = None
    facts: list[dict] = field(default_factory=list)

    @property
    def missing(self) -> bool:
        """Nobody has scored it yet, or visits differ."""
        return self.applies and self.points is None

    def level(self, points: int | None) -> str:
        """The description of the level with these points."""
        return next((level.text for level in self.item.levels if level.points == points), "")

    @property
    def words(self) -> str:
        """The description of what it got."""
        return self.level(self.points)


def look_at(found: Assessment, day: dt.date) -> dict[str, rules.Found]:
    """What records say of the subject of an assessment on a day, with the facts named."""
    entry, pack = entry_of(found), policy.on(day)
    subject = (
        Place.objects.filter(pk=found.place_id) if found.place_id else Organisation.objects.filter(pk=found.org_id)
    )
    key = found.place_id or found.org_id
    looked = evidence.look(entry, pack, evidence.bodies(entry, pack, subject), day, naming=True)
    return {item: here.get(key, rules.NOT_ASKED) for item, here in looked.items()}


def now(entry: StandardList, subject: Any, day: dt.date) -> dict[str, rules.Found]:
    """What records say of one subject by today's list."""
    pack = policy.on(day)
    bodies = evidence.bodies(entry, pack, subjects_of(entry).filter(pk=subject.pk))
    looked = evidence.look(entry, pack, bodies, day)
    return {item: here.get(subject.pk, rules.NOT_ASKED) for item, here in looked.items()}


def rows_of(found: Assessment, day: dt.date) -> list[Row]:
    """Every item of an assessment: as decided once it is assessed, else as marks and records stand on a day."""
    entry = entry_of(found)
    kept = {row.item: row for row in ItemResult.objects.filter(assessment=found)}
    marks: dict[str, list[Mark]] = {}
    for mark in Mark.objects.filter(assessment=found).select_related("visit__visitor").order_by("id"):
        marks.setdefault(mark.item, []).append(mark)
    looked = look_at(found, day) if not kept or found.state in (SELF, VISITING) else {}
    frozen = bool(kept) and found.state not in (SELF, VISITING)
    rows = []
    for item in entry.items:
        here = marks.get(item.id, [])
        row = Row(
            item, item.points, visits=[mark for mark in here if mark.source == "visit"],
            own=next((mark for mark in here if mark.source == "self"), None),
            settled=next((mark for mark in here if mark.source == "settled"), None),
        )  # fmt: skip
        result = kept.get(item.id)
        if frozen and result is not None:
            row.points, row.source, row.note = result.points, result.source, result.note
            row.applies = result.points is not None
            if result.source == "records":
                row.found = _stored(result)
        elif item.records is not None:
            row.found, row.source = looked.get(item.id, rules.NOT_ASKED), "records"
            row.points, row.applies = evidence.points_of(item, row.found), row.found.met is not None
        else:
            judged = rules.judged(here)
            row.points, row.source, row.note, row.conflict = judged
        rows.append(row)
    return rows


def _stored(result: ItemResult) -> rules.Found:
    kept = result.evidence
    met = None if result.points is None else result.points > 0
    return rules.Found(met, kept.get("value"), kept.get("needed"), tuple(kept.get("facts", ())))


def facts_behind(actor: Actor, found: Assessment, rows: Sequence[Row]) -> dict[int, Fact]:
    """The facts that items rest on, by id, where the actor may read the organisation's facts; one query."""
    wanted = {pk for row in rows if row.found for pk in row.found.facts}
    if not wanted or not actor.may_at("facts.view", found.org):
        return {}
    return Fact.objects.in_bulk(wanted)


def visits_of(found: Assessment) -> list[Visit]:
    """The visits of an assessment, oldest first."""
    return list(Visit.objects.filter(assessment=found).select_related("visitor").order_by("id"))


def objections_of(found: Assessment) -> list[Objection]:
    """Its objections, oldest first."""
    return list(Objection.objects.filter(assessment=found).order_by("id"))


def objected_since_told(found: Assessment, objections: Iterable[Objection]) -> bool:
    """Whether the result that stands was objected to already: one objection for each time it is told."""
    return found.told_at is not None and any(one.raised_at >= found.told_at for one in objections)


def history(entry: StandardList, subject: Any) -> list[Assessment]:
    """All assessments of a subject by a list, newest first."""
    return list(Assessment.objects.filter(about(entry, subject)).select_related("org", "place").order_by("-id")[:50])


def of_org(actor: Actor, org: Organisation) -> list[Assessment]:
    """Newest assessments of an organisation and of the places it answers for, for its panel."""
    rows = visible_to(actor).filter(org=org).exclude(state=CANCELLED)
    return list(rows.select_related("org", "place").order_by("-id")[:12])


def person_names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id."""
    return people.names({ident for ident in ids if ident})


# --- visits -----------------------------------------------------------------------------------------------------
def to_visit(actor: Actor, limit: int = 100) -> list[Assessment]:
    """What the actor may visit now: assessments that wait for a visit, of organisations below theirs, by name."""
    if actor.person is None:
        return []
    rows = Assessment.objects.filter(scope_q(actor, VISIT, prefix="org__"), state=VISITING)
    pack = policy.current()
    found = rows.select_related("org", "place__community").order_by("org__territory_path", "id")[:limit]
    return [row for row in found if may_visit(actor, row.org, pack)]


def visits_made(rows: Sequence[Assessment]) -> dict[int, int]:
    """How many visits each of these has."""
    return dict(
        Visit.objects.filter(assessment__in=[row.pk for row in rows]).order_by().values_list("assessment").annotate(
            Count("pk")
        )
    )  # fmt: skip


def visit_for(actor: Actor, ident: int | str) -> Assessment:
    """One assessment that waits for a visit which the actor may make; NotFound otherwise."""
    try:
        found = Assessment.objects.filter(scope_q(actor, VISIT, prefix="org__")).select_related("org", "place").get(
            pk=ident
        )  # fmt: skip
    except (Assessment.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None
    if not may_visit(actor, found.org, policy.current()):
        raise NotFound(NOTHING)
    return found


def own_marks(ids: Sequence[int]) -> dict[int, list[Mark]]:
    """The self-assessments of these assessments, by assessment."""
    found: dict[int, list[Mark]] = {}
    for mark in Mark.objects.filter(assessment__in=ids, source="self"):
        found.setdefault(mark.assessment_id, []).append(mark)
    return found


# --- for residents ----------------------------------------------------------------------------------------------
def public_result(place: int) -> list[tuple[Assessment, StandardList, dict[str, int | None]]]:
    """Valid results of a place by the lists whose pack shows them to residents, with dimensions; NotFound if none."""
    rows = Assessment.objects.filter(place=place, state=FINAL).select_related("org", "place").order_by("id")
    today = policy.current().assessments.lists
    shown = [row for row in rows if (entry := today.get(row.list)) is not None and entry.public]
    if not shown:
        raise NotFound("这里没有公开的考评结果。")
    results = list(ItemResult.objects.filter(assessment__in=shown))
    found = []
    for row in shown:
        mine = [(one.dimension, one.points, one.full) for one in results if one.assessment_id == row.pk]
        found.append((row, entry_of(row), rules.by_dimension(mine)))
    return found


# --- what waits -------------------------------------------------------------------------------------------------
def waiting(actor: Actor, day: dt.date) -> list[Assessment]:
    """What waits in this room for somebody, at most twenty: own self-assessments and results, objections, re-checks."""
    own, above = scope_q(actor, OWN, prefix="org__"), scope_q(actor, "assessments.assess", prefix="org__")
    grants = {grant.org for grant in actor.grants if OWN in grant.permissions}
    rows = Assessment.objects.filter(
        Q(own, org__in=grants, state__in=(SELF, TOLD))
        | Q(above, state=OBJECTED)
        | Q(above, state=FINAL, recheck_on__lte=day)
    )
    return list(rows.select_related("org", "place").order_by("opened_at", "id")[:20])


def is_own(actor: Actor, found: Assessment) -> bool:
    """Whether the actor fills in for the organisation itself."""
    return actor.may_at(OWN, found.org)


# --- choices ----------------------------------------------------------------------------------------------------
def grounds(actor: Actor) -> list[tuple[str, str]]:
    """Districts, streets and communities that the actor sees, as choices by the line of ground; at most 500."""
    territorial = [kind.id for kind in policy.current().org_kinds if kind.territorial]
    found = Organisation.objects.filter(
        scope_q(actor, VIEW), level__in=("district", "street", "community"), dissolved_on__isnull=True,
        kind__in=territorial,
    )  # fmt: skip
    rows = found.order_by("territory_path").values_list("pk", "short_name", "name", "level")[:500]
    indent = {"district": "", "street": "　", "community": "　　"}
    return [(str(pk), indent[level] + (short or name)) for pk, short, name, level in rows]
