"""Reads of appeals: one's own, those one may review, and what they say together."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Avg, Count, Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.models import Appeal, Entry
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.rules import amount_of
from gongjian.ground.policy.schema import Pack, PointRule
from gongjian.records.facts.models import Fact

MISSING = "没有找到这件申诉，或者它不在您的可见范围内。"


def visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Appeals of branches over which the actor reviews."""
    found = Appeal.objects.filter(scope_q(actor, "points.review_appeals", prefix="org__"))
    return found.select_related("person", "org__parent", "close")


def get_for(actor: Actor, ident: int, *, lock: bool = False) -> Appeal:
    """One appeal that the actor may review; NotFound otherwise."""
    found = visible_to(actor).filter(pk=ident)
    row = (found.select_for_update(of=("self",)) if lock else found).first()
    if row is None:
        raise NotFound(MISSING)
    return row


def of_person(actor: Actor) -> QuerySet[Appeal]:
    """One's own appeals, newest first."""
    return Appeal.objects.filter(person=actor.person).select_related("org__parent", "close").order_by("-id")


def own(actor: Actor, ident: int) -> Appeal:
    """One of one's own appeals; NotFound otherwise."""
    row = of_person(actor).filter(pk=ident).first() if actor.person and actor.may("points.view_own") else None
    if row is None:
        raise NotFound(MISSING)
    return row


def same_as(row: Appeal) -> Appeal:
    """The appeal about the same thing that stands already."""
    found = Appeal.objects.filter(person=row.person_id, rule=row.rule).exclude(state="withdrawn")
    found = found.filter(fact=row.fact) if row.fact else found.filter(fact__isnull=True, on=row.on)
    return found.select_related("org__parent", "close").get()


def why_not(row: Appeal, actor: Actor) -> str:
    """Why this actor cannot decide it now, in words; "" if they can."""
    if row.state not in Appeal.OPEN:
        return _("申诉已经决定或者撤回。")
    if actor.person is None:
        return _("申诉由具体的人复核。")
    if actor.person == row.person_id:
        return _("申诉人不能复核自己的申诉。")
    if actor.person == row.scorer:
        return _("这条积分是您登记的，须由另一人复核。")
    if row.state == "second":
        if actor.person == row.first_by:
            return _("您作过初次复核，须由另一人复核。")
        if row.org.parent is None or not actor.may_at("points.review_appeals", row.org.parent):
            return _("这件申诉由上级党组织复核。")
    return ""


def missable_rules(day: dt.date) -> list[PointRule]:
    """The rules of a day by which a member may say that points are missing."""
    return [
        rule
        for rule in policy.on(day).point_rules(day)
        if rule.to == "person" and rule.points > 0 and "upheld" not in rule.where
    ]


def upheld_rule(pack: Pack, dimension: str, day: dt.date) -> PointRule | None:
    """The pack's rule by which points are given on an upheld appeal in a dimension."""
    for rule in pack.point_rules(day):
        if rule.fact == "points.awarded" and dimension in rule.where.get("upheld", ()):
            return rule
    return None


def entry_of(row: Appeal) -> Entry | None:
    """The appealed entry; None if something is missing."""
    if row.fact is None:
        return None
    return Entry.objects.filter(fact=row.fact, rule=row.rule, subject_kind="person", subject=row.person_id).first()


def remedies(row: Appeal) -> tuple[str, ...]:
    """How an appeal can be made good: `withdraw` the entry (a deduction, or one that is not theirs), `award` more."""
    if row.fact is None:
        return ("award",)
    entry = entry_of(row)
    return ("withdraw",) if entry is None or entry.deserved < 0 else ("award", "withdraw")


def most_to_award(row: Appeal) -> int:
    """How many points an upheld appeal may give: what one deed gives by the rule at most (less what the entry has), as far
    as the rule's own cap in the period leaves room, earlier awards on appeal counted."""
    rule = queries.rule_of(policy.on(row.on), row.rule)
    if rule is None or rule.points <= 0:
        return 0
    most = amount_of(rule, rule.quantity_at_most or rule.per_quantity or 1)
    entry = entry_of(row)
    if entry is not None and entry.withdrawn_by is None:
        most -= entry.given
    if rule.at_most is None:
        return most
    period = clock.period_of(row.on, rule.at_most.per)
    used = queries.used_by_rule("person", row.person_id, row.on).get((rule.id, period), 0)
    first, last = clock.period_bounds(period)
    given = Fact.objects.filter(
        person=row.person_id, kind="points.awarded", data__for_rule=rule.id,
        at__gte=clock.at_time(first), at__lt=clock.at_time(last + dt.timedelta(days=1)),
    ).exclude(pk__in=Fact.objects.filter(kind="points.reversed", person=row.person_id).values("corrects"))  # fmt: skip
    return min(most, rule.at_most.points - used - sum(given.values_list("quantity", flat=True)))


class ByRule(NamedTuple):
    """申诉统计的一行."""

    rule: str
    title: str
    all: int
    open: int
    upheld: int
    rejected: int
    share: int | None
    days: int | None
    in_time: int


def statistics(rows: QuerySet[Appeal]) -> tuple[ByRule, list[ByRule]]:
    """How appeals came out, all together and by rule: counts, upheld of those decided in percent, working days needed."""
    counts = (
        rows.order_by().values("rule").annotate(
            all=Count("pk"), open=Count("pk", filter=Q(state__in=Appeal.OPEN)),
            upheld=Count("pk", filter=Q(state="upheld")), rejected=Count("pk", filter=Q(state__in=("rejected", "final"))),
            days=Avg("working_days", filter=Q(working_days__isnull=False)), in_time=Count("pk", filter=Q(in_time=True)),
        ).order_by("-all", "rule")
    )  # fmt: skip
    pack = policy.current()
    lines, weighed = [], 0.0
    for row in counts:
        decided = row["upheld"] + row["rejected"]
        rule = queries.rule_of(pack, row["rule"])
        weighed += (row["days"] or 0) * decided
        lines.append(ByRule(
            row["rule"], rule.title if rule else row["rule"], row["all"], row["open"], row["upheld"], row["rejected"],
            row["upheld"] * 100 // decided if decided else None,
            None if row["days"] is None else round(row["days"]), row["in_time"],
        ))  # fmt: skip
    decided = sum(line.upheld + line.rejected for line in lines)
    upheld = sum(line.upheld for line in lines)
    whole = ByRule(
        "", _("合计"), sum(line.all for line in lines), sum(line.open for line in lines), upheld,
        sum(line.rejected for line in lines), upheld * 100 // decided if decided else None,
        round(weighed / decided) if decided else None, sum(line.in_time for line in lines),
    )  # fmt: skip
    return whole, lines


def waiting_for(actor: Actor) -> list[Appeal]:
    """Open appeals that this actor can decide now; the earliest deadline first, at most ten."""
    if actor.person is None or not actor.may("points.review_appeals"):
        return []
    found = visible_to(actor).filter(state__in=Appeal.OPEN).exclude(person=actor.person).exclude(scorer=actor.person)
    rows = [row for row in found.order_by("due_on", "id")[:40] if not why_not(row, actor)]
    near = {grant.org for grant in actor.grants if "points.review_appeals" in grant.permissions}
    # the branch first; the level above is asked when it is its turn, or when the branch is late
    return [
        row for row in rows
        if row.state == "second" or row.org_id in near or row.due_on < clock.today()
    ][:10]  # fmt: skip
