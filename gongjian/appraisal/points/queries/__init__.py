"""Reads of points. A person's points are that person's; others need a right over the branch that holds them now."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from gongjian.appraisal.points.models import Entry, Line, NamedListBasis, Score, Used
from gongjian.appraisal.points.queries import closing
from gongjian.appraisal.points.ranking import places, scopes_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.rules import amount_of
from gongjian.ground.policy.schema import Pack, PointRule
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Appointment, Dated, Person


class Rank(NamedTuple):
    """名次: at one node of the tree; those with the same score share it. `of` counts those who have a score."""

    org: Organisation
    rank: int
    of: int
    ties: int


def period_or_refuse(text: str) -> str:
    """A period's text as it is; Invalid if it is none."""
    try:
        clock.period_bounds(text)
    except ValueError:
        raise Invalid("时段应写作 2026-11、2026Q4 或 2026。", field="period") from None
    return text


# ---- whose ----------------------------------------------------------------------------------------------------------


def person_for(actor: Actor, ident: int) -> Person:
    """Oneself, or a person over whose branch the actor holds points.view_person; NotFound otherwise."""
    if actor.person is not None and int(ident) == actor.person:
        actor.require("points.view_own")
        return Person.objects.get(pk=actor.person)
    return people.get_for(actor, ident, permission="points.view_person")


def organisation_for(actor: Actor, ident: int) -> Organisation:
    """An organisation over which the actor holds points.view_orgs; NotFound otherwise."""
    return orgs.get_for(actor, ident, permission="points.view_orgs")


# ---- scores ---------------------------------------------------------------------------------------------------------


def scores_of(kind: str, subject: int, periods: Iterable[str]) -> dict[str, int]:
    """Points by period; 0 where there are none."""
    periods = list(periods)
    rows = Score.objects.filter(subject_kind=kind, subject=subject, period__in=periods)
    return {**dict.fromkeys(periods, 0), **dict(rows.values_list("period", "points"))}


def ranks_of(kind: str, subject: int, period: str) -> list[Rank]:
    """The rank at every node from the city down to the branch: few statements, however many members there are.

    A closed period answers with the ranks that were frozen.
    """
    over = clock.period_bounds(period)[1] < clock.today()
    frozen = closing.frozen_of(kind, subject, period) if over else None
    if frozen is not None:
        scopes = [scope for scope in scopes_of(frozen.path) if kind == "person" or scope != subject]
        kept, found = closing.frozen_places(frozen, scopes), Organisation.objects.in_bulk(scopes)
        return [Rank(found[s], kept[s].place, kept[s].of, kept[s].ties) for s in scopes if s in found and s in kept]
    score = Score.objects.filter(subject_kind=kind, subject=subject, period=period).first()
    if score is None or score.org is None:
        return []
    line = Line.objects.filter(pk=score.org).first()
    scopes = list(scopes_of(line.path)) if line else []
    if kind == "organisation":
        scopes = [scope for scope in scopes if scope != subject]
    counted = places(scopes, period, score.grp, score.points)
    found = Organisation.objects.in_bulk(scopes)
    return [
        Rank(found[s], counted[s].above + 1, counted[s].of, counted[s].ties)
        for s in scopes
        if s in found and s in counted and counted[s].of
    ]


def total_of(kind: str, subject: int, year: str) -> dict[str, int]:
    """What a subject has in a year, by dimension (id → points)."""
    rows = Used.objects.filter(subject_kind=kind, subject=subject, period=year, name__startswith="dimension:")
    return {name.removeprefix("dimension:"): points for name, points in rows.values_list("name", "points")}


def used_by_rule(kind: str, subject: int, day: dt.date) -> dict[tuple[str, str], int]:
    """What a subject has by each rule in the periods of a day: (rule id, period) → points."""
    rows = Used.objects.filter(
        subject_kind=kind, subject=subject, period__in=clock.periods_of(day), name__startswith="rule:"
    )
    return {(name.removeprefix("rule:"), period): n for name, period, n in rows.values_list("name", "period", "points")}


# ---- rules ----------------------------------------------------------------------------------------------------------


class RuleView(NamedTuple):
    """规则: as it is published, with what has been earned by it in its period."""

    rule: PointRule
    dimension: str
    period: str
    used: int


PER = {"month": gettext_lazy("每月"), "quarter": gettext_lazy("每季度"), "year": gettext_lazy("每年")}


def rule_views(kind: str, subject: int | None, day: dt.date) -> list[RuleView]:
    """The rules in force for persons or organisations, with what the subject has by each in the rule's own period."""
    pack = policy.on(day)
    used = used_by_rule(kind, subject, day) if subject is not None else {}
    found = []
    for rule in pack.point_rules(day):
        if rule.to == kind:
            period = clock.period_of(day, rule.at_most.per if rule.at_most else "year")
            dimension = pack.points.dimension(rule.dimension).title
            found.append(RuleView(rule, dimension, period, used.get((rule.id, period), 0)))
    return found


def manual_rules(day: dt.date) -> list[PointRule]:
    """The rules by which a manager may add or take points by hand."""
    return [
        rule
        for rule in policy.on(day).point_rules(day)
        if rule.to == "person" and rule.fact in ("points.awarded", "points.deducted") and "upheld" not in rule.where
    ]


class Help(NamedTuple):
    """对我最有帮助: a rule with room left, how many points one more deed gives and how many are still to be had, and the
    day of the next activity of one's branch that it is about (None: none is planned)."""

    rule: PointRule
    dimension: str
    once: int
    left: int
    per: str
    next_on: dt.date | None


def still_open(person: int, day: dt.date) -> list[Help]:
    """What would help a member most: rules with room left under their own cap, the dimension's and the year's, the most first.

    Left out: what is not a member's own doing (facts about the membership, appeals), and activities that only a committee
    is expected at for who sits on none. Of equals the one whose next activity comes first.
    """
    pack, year = policy.on(day), clock.year_of(day)
    in_year = total_of("person", person, year)
    room = pack.points.frame.cap - sum(in_year.values())
    described = closing.classes_of([person], day)[person]
    counted = {c.dimension for c in described.counts} if described and described.counts else None
    posts = Appointment.objects.filter(Dated.current_q(day), person_id=person).values_list("post", flat=True)
    of_committee = any(post.committee for post in pack.posts if post.id in set(posts))
    planned = planned_in(closing.branch_of(person, clock.month_of(day)), day)
    found = []
    for view in rule_views("person", person, day):
        rule = view.rule
        mine = rule.fact in ("activity.attended", "dues.paid", "points.awarded") and "upheld" not in rule.where
        if rule.points <= 0 or not mine or (counted is not None and rule.dimension not in counted):
            continue
        kinds = [kind for kind in pack.activity_kinds if kind.id in rule.where.get("activity_kind", ())]
        if kinds and all(kind.expected == "committee" for kind in kinds) and not of_committee:
            continue
        left = min(room, pack.points.dimension(rule.dimension).full - in_year.get(rule.dimension, 0))
        if rule.at_most is not None:
            left = min(left, rule.at_most.points - view.used)
        if left <= 0:
            continue
        days = [planned[kind.id] for kind in kinds if kind.id in planned]
        once = amount_of(rule, rule.quantity_at_most or rule.per_quantity or 1)
        per = rule.at_most.per if rule.at_most else "year"
        found.append(Help(rule, view.dimension, min(once, left), left, str(PER[per]), min(days, default=None)))
    return sorted(found, key=lambda help: (-help.left, help.next_on or dt.date.max))


PLANS_DAYS_BACK = 120  # how long before its day an activity is planned at most, for reading plans from facts


def planned_in(org: int | None, day: dt.date) -> dict[str, dt.date]:
    """The next planned day of each kind of activity in a branch, from the facts of planning; one statement."""
    if org is None:
        return {}
    rows = Fact.objects.filter(
        org=org, kind__in=("activity.planned", "activity.rescheduled", "activity.cancelled", "activity.held"),
        at__gte=clock.at_time(day - dt.timedelta(days=PLANS_DAYS_BACK)),
    ).order_by("at", "id")  # fmt: skip
    plans: dict[str, tuple[str, dt.date]] = {}
    for kind, ident, data in rows.values_list("kind", "object_id", "data"):
        plans.pop(ident, None)
        try:
            on = dt.date.fromisoformat(str(data.get("on", "")))
        except ValueError:
            continue
        if kind in ("activity.planned", "activity.rescheduled") and on >= day:
            plans[ident] = (str(data.get("activity_kind", "")), on)
    found: dict[str, dt.date] = {}
    for activity_kind, on in plans.values():
        found[activity_kind] = min(on, found.get(activity_kind, on))
    return found


# ---- entries --------------------------------------------------------------------------------------------------------


def entries_of(kind: str, subject: int, period: str | None = None) -> QuerySet[Entry]:
    """Entries of a subject, newest deed first, in a period or of all time; get the subject by `…_for` first."""
    found = Entry.objects.filter(subject_kind=kind, subject=subject)
    if period:
        found = found.filter(day__range=clock.period_bounds(period_or_refuse(period)))
    return found.order_by("-day", "-seq", "rule")


def entries_about(fact: int) -> list[Entry]:
    """Entries that a fact gave."""
    return list(Entry.objects.filter(fact=fact).order_by("subject_kind", "subject", "rule"))


def rule_of(pack: Pack, ident: str) -> PointRule | None:
    """A rule of a pack by its id, in force or not; None if the pack does not know it."""
    try:
        return pack.point_rule(ident)
    except policy.UnknownEntry:
        return None


# ---- organisations --------------------------------------------------------------------------------------------------


def organisations(actor: Actor, period: str, kind: str = "") -> QuerySet[Organisation]:
    """Organisations over which the actor holds points.view_orgs, with their `points` in a period; the most first."""
    mine = Score.objects.filter(subject_kind="organisation", subject=OuterRef("pk"), period=period).values("points")
    found = orgs.visible_to(actor, permission="points.view_orgs").select_related("parent")
    if kind:
        found = found.filter(kind=kind)
    return found.annotate(points=Coalesce(Subquery(mine, output_field=IntegerField()), Value(0)))


def kinds_visible(actor: Actor) -> list[str]:
    """The kinds of organisations in the actor's scope that earn points by some rule."""
    found = orgs.visible_to(actor, permission="points.view_orgs").order_by("kind").values_list("kind", flat=True)
    return list(found.distinct())


def places_in(found: QuerySet[Organisation]) -> dict[int, int]:
    """Points → rank within a list of organisations annotated by `organisations`."""
    counts = found.order_by().values("points").annotate(n=Count("pk")).order_by("-points")
    ranks, above = {}, 0
    for row in counts:
        ranks[row["points"]] = above + 1
        above += row["n"]
    return ranks


# ---- lists of named persons -------------------------------------------------------------------------------------------


def bases_for(actor: Actor, org: Organisation) -> list[NamedListBasis]:
    """The recorded bases whose scope holds an organisation, newest first, for those who may handle them."""
    found = NamedListBasis.objects.filter(
        scope_q(actor, "points.named_lists", prefix="org__"), org__in=[*org.ancestor_ids, org.pk]
    )
    return list(found.select_related("org").order_by("-id"))


def basis_for(actor: Actor, ident: int) -> NamedListBasis:
    """One basis that the actor may handle; NotFound otherwise."""
    try:
        return NamedListBasis.objects.select_related("org").get(
            scope_q(actor, "points.named_lists", prefix="org__"), pk=ident
        )
    except NamedListBasis.DoesNotExist:
        raise NotFound("没有找到这份依据，或者它不在您的管理范围内。") from None


def basis_in_force(org: Organisation, day: dt.date) -> NamedListBasis | None:
    """The basis on which a list of named persons of this organisation exists on a day; None: there is no list.

    Both locks must be open: the pack allows such lists, and an approved basis of this organisation or one above it
    has begun and has neither expired nor been ended (DESIGN 5; 国办函〔2026〕12号).
    """
    ranks = policy.on(day).points.ranks
    if not ranks.named_lists:
        return None
    return (
        NamedListBasis.objects.filter(
            org__in=[*org.ancestor_ids, org.pk], approved_by__isnull=False, ended_at__isnull=True,
            starts_on__lte=day, expires_on__gt=day,
        )
        .select_related("org")
        .order_by("-id")
        .first()
    )  # fmt: skip


class Named(NamedTuple):
    """榜上一人: only ever made for an organisation with a basis in force."""

    rank: int
    person: Person
    points: int


def named_list(org: Organisation, period: str, day: dt.date, limit: int = 100) -> list[Named]:
    """The members below an organisation with their points; NotFound without a basis in force."""
    if basis_in_force(org, day) is None:
        raise NotFound("没有有效的公布依据，实名榜单不存在。")
    below = Line.objects.filter(subtree_q(org.path)).values("org")
    rows = Score.objects.filter(subject_kind="person", period=period, org__in=below).order_by("-points", "subject")
    rows = list(rows.values_list("subject", "points")[:limit])
    found, persons = [], Person.objects.in_bulk([subject for subject, _points in rows])
    for place, (subject, points) in enumerate(rows, 1):
        rank = found[-1].rank if found and found[-1].points == points else place
        found.append(Named(rank, persons[subject], points))
    return found


def managed_branch(actor: Actor, person: int) -> Organisation | None:
    """The branch of a person if the actor manages points there; None otherwise."""
    member = people.membership_of(person)
    return member.org if member and actor.may_at("points.manage", member.org) else None


def name_of_persons(ids: Iterable[int | None]) -> dict[int, str]:
    """Names by id, of those who recorded or approved something."""
    return dict(Person.objects.filter(pk__in={i for i in ids if i}).values_list("pk", "name"))
