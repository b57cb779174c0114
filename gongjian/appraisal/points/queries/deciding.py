"""Reads for people's decisions: exemptions, the branch's year, verdicts."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.appraisal.points import classes
from gongjian.appraisal.points.models import Belonging, Exemption, Score, Used, Verdict
from gongjian.appraisal.points.queries import closing
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.points_schema import MemberClass
from gongjian.ground.policy.schema import Band
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


def year_or_refuse(text: str) -> str:
    """A year's text as it is; Invalid if it is none."""
    if len(text) != 4 or not text.isascii() or not text.isdigit() or not 2000 <= int(text) <= 2100:
        raise Invalid(_("年度应写作 2026。"), field="year")
    return text


def exemptions(actor: Actor) -> QuerySet[Exemption]:
    """Exemptions of branches where the actor handles them."""
    found = Exemption.objects.filter(scope_q(actor, "points.exempt", prefix="org__"))
    return found.select_related("person", "org")


def to_approve(actor: Actor) -> list[Exemption]:
    """Requests in the actor's own organisation that wait for another than who asked; at most ten."""
    near = {grant.org for grant in actor.grants if "points.exempt" in grant.permissions}
    found = exemptions(actor).filter(approved_by__isnull=True, refused_at__isnull=True, org__in=near)
    return list(found.exclude(requested_by=actor.person).exclude(person=actor.person).order_by("id")[:10])


def exemption_for(actor: Actor, ident: int) -> Exemption:
    """One exemption that the actor may handle; NotFound otherwise."""
    row = exemptions(actor).filter(pk=ident).first()
    if row is None:
        raise NotFound(_("没有找到这份豁免，或者它不在您的管理范围内。"))
    return row


def exemptions_of(person: int) -> list[Exemption]:
    """A person's approved exemptions, newest first."""
    return list(Exemption.objects.filter(person=person, approved_by__isnull=False).order_by("-starts_on")[:10])


class MemberYear(NamedTuple):
    """一名党员的一年: what a committee sees before it decides. Nothing in it is a proposal."""

    person: Person
    org_id: int
    described: MemberClass | None
    measured: classes.Measured
    band: Band | None
    points: int
    grade: str
    verdict: Verdict | None

    @property
    def scored(self) -> bool:
        """Whether a verdict is due at all."""
        return self.described is None or self.described.scored


def branches_for(actor: Actor) -> QuerySet[Organisation]:
    """Branches over which the actor writes verdicts."""
    found = orgs.visible_to(actor, permission="points.verdict")
    return found.filter(pk__in=Belonging.objects.values("org")).order_by("path")


def _in_branch(org: int, year: str) -> list[int]:
    day = closing.class_day(year)
    rows = Belonging.objects.filter(Q(to_day__isnull=True) | Q(to_day__gt=day), org=org, from_day__lte=day)
    return list(rows.values_list("person", flat=True))


def member_for(actor: Actor, person: int, year: str) -> MemberYear:
    """A member in the branch of whose year the actor may write the verdict; NotFound otherwise."""
    org = closing.branch_of(person, year_or_refuse(year))
    if org is not None and branches_for(actor).filter(pk=org).exists():
        for row in years_of([person], org, year):
            return row
    raise NotFound(_("没有找到这名党员，或者不由您作评定。"))


def branch_year(org: Organisation, year: str) -> list[MemberYear]:
    """All members of a branch with their year, in the order of their names, never of their points."""
    return years_of(_in_branch(org.pk, year), org.pk, year)


def years_of(people: list[int], org: int, year: str) -> list[MemberYear]:
    """The years of some members; six statements however many they are."""
    points = policy.on(closing.class_day(year)).points
    described = closing.classes_of(people, closing.class_day(year))
    mine = {"subject_kind": "person", "subject__in": people}
    scores = dict(Score.objects.filter(**mine, period=year).values_list("subject", "points"))
    parts: dict[int, dict[str, int]] = {person: {} for person in people}
    rows = Used.objects.filter(**mine, period=year, name__startswith="dimension:")
    for person, name, n in rows.values_list("subject", "name", "points"):
        parts[person][name.removeprefix("dimension:")] = n
    verdicts = {v.person_id: v for v in Verdict.objects.filter(person__in=people, year=year, replaced_at__isnull=True)}
    grades = grades_of(people, year)
    found = []
    for person in Person.objects.filter(pk__in=people).order_by("pinyin", "pk"):
        kind = described[person.pk]
        measured = classes.measure(points, kind, parts[person.pk], scores.get(person.pk, 0))
        scored = kind is None or kind.scored
        found.append(MemberYear(
            person, org, kind, measured, points.band(measured.hundredths) if scored else None, scores.get(person.pk, 0),
            grades.get(person.pk, ""), verdicts.get(person.pk),
        ))  # fmt: skip
    return found


def grades_of(people: list[int], year: str) -> dict[int, str]:
    """The grade of each member's appraisal (民主评议) of a year as facts told it, in words."""
    rows = Fact.objects.filter(person__in=people, kind__in=("review.graded", "review.corrected")).order_by("at", "id")
    titles = {grade.id: grade.title for grade in policy.current().reviews.grades}
    found = {}
    for person, data in rows.values_list("person", "data"):
        if str(data.get("year")) == year:
            found[person] = titles.get(data.get("grade", ""), "")
    return found


def verdicts_of(person: int, year: str) -> list[Verdict]:
    """All verdicts on a member's year, the one in force first."""
    return list(Verdict.objects.filter(person=person, year=year).order_by("-id"))
