"""Reads of closed periods, what is posted, and corrections told after a close."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongjian.appraisal.points import classes
from gongjian.appraisal.points.models import Belonging, Close, Entry, Frozen, FrozenPlace
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.identifiers import mask_name
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.points_schema import MemberClass
from gongjian.records.facts.models import Fact, Stream
from gongjian.records.people.models import Person

MISSING = "没有找到这次结账，或者它不在您的可见范围内。"


def branches_to_close(period: str) -> list[int]:
    """Branches that had members on the last day of a period and are not closed for it, by id."""
    last = clock.period_bounds(period)[1]
    there = Belonging.objects.filter(Q(to_day__isnull=True) | Q(to_day__gt=last), from_day__lte=last)
    closed = Close.objects.filter(period=period).values("org")
    return list(there.exclude(org__in=closed).order_by("org").values_list("org", flat=True).distinct())


def reopened_before(moment: dt.datetime) -> list[Close]:
    """Closes reopened before a moment that have no later close of the same period."""
    rows = Close.objects.filter(reopened_at__lt=moment).order_by("id")
    standing = set(
        Close.objects.filter(
            reopened_at__isnull=True, org__in=rows.values("org"), period__in=rows.values("period")
        ).values_list("org", "period")
    )
    return [row for row in rows if (row.org_id, row.period) not in standing]


def last_close(org: int, period: str) -> Close | None:
    """The newest close of a branch's period, reopened or not."""
    return Close.objects.filter(org=org, period=period).select_related("org").order_by("-id").first()


def visible_to(actor: Actor) -> QuerySet[Close]:
    """Closes of branches over which the actor holds points.view_orgs; the newest of each period and branch only."""
    found = Close.objects.filter(scope_q(actor, "points.view_orgs", prefix="org__")).select_related("org__parent")
    return found.exclude(pk__in=_overtaken())


def _overtaken() -> list[int]:
    """Reopened closes that a later one has taken the place of: few, for reopening is rare."""
    later = Close.objects.filter(org=OuterRef("org"), period=OuterRef("period"), pk__gt=OuterRef("pk"))
    return list(Close.objects.filter(Exists(later), reopened_at__isnull=False).values_list("pk", flat=True))


def periods_closed() -> list[str]:
    """The periods that have been closed, newest first; the last two years' worth."""
    return list(FrozenPlace.objects.order_by("-period").values_list("period", flat=True).distinct()[:36])


def close_for(actor: Actor, ident: int) -> Close:
    """One close that the actor may see; NotFound otherwise."""
    found = Close.objects.filter(scope_q(actor, "points.view_orgs", prefix="org__"), pk=ident)
    row = found.select_related("org__parent").first()
    if row is None:
        raise NotFound(MISSING)
    return row


def of_branch(org: int, period: str) -> Close | None:
    """The close in force of a branch's period; None while it runs or was reopened."""
    return Close.objects.filter(org=org, period=period, reopened_at__isnull=True).select_related("org").first()


def branch_of(person: int, period: str) -> int | None:
    """In whose lists a person stands in a period, as facts have told it."""
    last = min(clock.period_bounds(period)[1], clock.today())
    row = (
        Belonging.objects.filter(Q(to_day__isnull=True) | Q(to_day__gt=last), person=person, from_day__lte=last)
        .order_by("-from_day").first()
    )  # fmt: skip
    return row.org if row else None


def frozen_of(kind: str, subject: int, period: str) -> Frozen | None:
    """A subject's frozen score of a period; None while it runs, or was reopened."""
    row = Frozen.objects.filter(subject_kind=kind, subject=subject, period=period).first()
    if row is None or (kind == "person" and of_branch(row.org, period) is None):
        return None
    return row


class Placed(NamedTuple):
    """结账名次."""

    place: int
    ties: int
    of: int


def frozen_places(row: Frozen, scopes: Iterable[int]) -> dict[int, Placed]:
    """The frozen rank of a score at each node; for a score that was closed anew, where it would have stood then."""
    scopes = list(scopes)
    rows = FrozenPlace.objects.filter(scope__in=scopes, period=row.period, grp=row.grp, score__lte=row.points)
    found: dict[int, tuple[int, Placed]] = {}
    for scope, score, place, ties, of in rows.values_list("scope", "score", "place", "ties", "of"):
        if scope not in found or score > found[scope][0]:
            # nobody stood between the next lower score and this one, so as many are above
            found[scope] = (score, Placed(place, ties if score == row.points else 1, of))
    return {scope: placed for scope, (_score, placed) in found.items()}


# ---- classes ----------------------------------------------------------------------------------------------------------


def classes_of(persons: Iterable[int], day: dt.date) -> dict[int, MemberClass | None]:
    """The class of each person on a day, read from facts about them; one statement."""
    points = policy.on(day).points
    told: dict[int, list[classes.Told]] = {person: [] for person in persons}
    rows = Fact.objects.filter(person__in=list(told), kind__in=classes.TELLING).order_by("at", "id")
    for person, kind, at, object_id, data in rows.values_list("person", "kind", "at", "object_id", "data"):
        told[person].append(classes.Told(kind, clock.day_of(at), object_id, data))
    return {person: classes.class_of(points, classes.state_on(found, day)) for person, found in told.items()}


def class_day(period: str) -> dt.date:
    """The day whose class counts for a period: its last one, or today while it runs."""
    return min(clock.period_bounds(period)[1], clock.today())


# ---- posting ----------------------------------------------------------------------------------------------------------


class PostedRow(NamedTuple):
    """公示的一行: a masked name and points; `mine` is the reader's own. Never in the order of points."""

    name: str
    points: int
    mine: bool


def posted_rows(close: Close, reader: int | None) -> list[PostedRow]:
    """What a branch posts of a period: members whose class is scored, masked, in the order of the roll, without ranks."""
    rows = dict(
        Frozen.objects.filter(subject_kind="person", org=close.org_id, period=close.period).values_list(
            "subject", "points"
        )
    )
    names = Person.objects.filter(pk__in=rows).order_by("pinyin", "pk").values_list("pk", "name")
    of = classes_of(rows, class_day(close.period))
    found = [
        PostedRow(name if person == reader else mask_name(name), rows[person], person == reader)
        for person, name in names
        if of[person] is None or of[person].scored
    ]
    return sorted(found, key=lambda row: not row.mine)


def posted_for(person: int) -> list[Close]:
    """Posted closes that a person may look at: of the branch held now, and those in whose lists they stand; newest first."""
    now = branch_of(person, clock.month_of(clock.today()))
    mine = set(Frozen.objects.filter(subject_kind="person", subject=person).values_list("org", "period"))
    orgs = {org for org, _period in mine} | ({now} if now else set())
    found = Close.objects.filter(org__in=orgs, posted=True, reopened_at__isnull=True).select_related("org")
    rows = found.order_by("-closed_on", "-id")[:24]
    return [row for row in rows if row.org_id == now or (row.org_id, row.period) in mine]


def open_for_appeals(person: int, day: dt.date) -> list[Close]:
    """Closed periods in whose lists a person stands and of which they may appeal today."""
    mine = Frozen.objects.filter(subject_kind="person", subject=person).values_list("org", "period")
    pairs = set(mine.order_by("-period")[:40])
    found = Close.objects.filter(
        org__in={org for org, _p in pairs}, open_until__gte=day, closed_on__lte=day, reopened_at__isnull=True
    ).select_related("org")
    return [row for row in found.order_by("-posted", "-period") if (row.org_id, row.period) in pairs]


# ---- corrections --------------------------------------------------------------------------------------------------------


class Correction(NamedTuple):
    """结账后的更正: an entry of an earlier period that was told or taken back after that period's close."""

    entry: Entry
    period: str
    late: bool


def corrections_of(person: int, period: str) -> list[Correction]:
    """What the statement of a period says about earlier ones: entries of days before it, told or taken back after the
    close of the period before and not after its own close.

    The periods compared are of the same length, so that each correction stands in exactly one statement of each length.
    """
    first = clock.period_bounds(period)[0]
    branches = list(Belonging.objects.filter(person=person).values_list("org", flat=True))
    closes = {
        row.period: row.seq
        for row in Close.objects.filter(
            org__in=branches, period__in=(period, clock.previous_period(period)), reopened_at__isnull=True
        )
    }
    since, until = closes.get(clock.previous_period(period)), closes.get(period)
    if since is None:
        return []
    mine = Entry.objects.filter(subject_kind="person", subject=person, day__lt=first)
    rows = list(mine.filter(Q(seq__gt=since) | Q(withdrawn_by__isnull=False)).order_by("day", "seq", "rule"))
    told = dict(
        Stream.objects.filter(fact__in={r.withdrawn_by for r in rows if r.withdrawn_by}).values_list("fact", "seq")
    )

    def within(seq: int | None) -> bool:
        return seq is not None and seq > since and (until is None or seq <= until)

    per = clock.per_of(period)
    found = []
    for row in rows:
        late, back = within(row.seq), within(told.get(row.withdrawn_by))
        if late != back:  # told and taken back between the same two closes: nothing has changed
            found.append(Correction(row, clock.period_of(row.day, per), late))
    return found
