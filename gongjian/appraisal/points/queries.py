"""Reads of points. A person's points are that person's; others need a right over the branch that holds them now."""

from collections.abc import Iterable
from typing import NamedTuple

from gongjian.appraisal.points.models import Bucket, Histogram, Line, Score
from gongjian.appraisal.points.rules import BUCKET, bucket_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


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
    """The rank at every node from the city down to the branch: four statements, however many members there are."""
    score = Score.objects.filter(subject_kind=kind, subject=subject, period=period).first()
    if score is None or score.org is None:
        return []
    line = Line.objects.filter(pk=score.org).first()
    scopes = [int(part) for part in line.path.strip("/").split("/")] if line else []
    if kind == "organisation":
        scopes = [scope for scope in scopes if scope != subject]
    mine = {"scope__in": scopes, "period": period, "grp": score.grp}
    bucket = bucket_of(score.points)
    above = dict.fromkeys(scopes, 0)
    ties, of = dict(above), dict(above)
    for scope, at, n in Bucket.objects.filter(**mine).values_list("scope", "bucket", "n"):
        of[scope] += n
        above[scope] += n if at > bucket else 0
    own = Histogram.objects.filter(**mine, score__gte=score.points, score__lt=(bucket + 1) * BUCKET)
    for scope, points, n in own.values_list("scope", "score", "n"):
        if points == score.points:
            ties[scope] = n
        else:
            above[scope] += n
    found = Organisation.objects.in_bulk(scopes)
    return [Rank(found[s], above[s] + 1, of[s], ties[s]) for s in scopes if s in found and of[s]]
