"""Sums by the organisations directly below a node, each in one grouping."""

import datetime as dt

from django.db.models import CharField, Count, F, QuerySet, Sum, Value
from django.db.models.functions import Left, StrIndex, Substr

from gongjian.appraisal.points.models import Histogram
from gongjian.appraisal.standards.models import Standing
from gongjian.desks.activities.models import Activity
from gongjian.desks.activities.states import SIGNED_OFF
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records.orgs.models import Organisation


def by_child(found: QuerySet, node: Organisation, path: str) -> QuerySet:
    """Rows below a node, annotated by the id (as text) of the organisation directly below that they belong to."""
    rest = Substr(path, len(node.path) + 1)
    inside = found.filter(subtree_q(node.path, prefix=path.removesuffix("path"))).exclude(**{path: node.path})
    return inside.order_by().annotate(child=Left(rest, StrIndex(rest, Value("/")) - 1, output_field=CharField()))


def members(node: Organisation) -> dict[int, int]:
    """Members of the branches below each child."""
    rows = by_child(Organisation.objects.filter(dissolved_on__isnull=True, level="branch"), node, "path")
    return {int(child): n or 0 for child, n in rows.values_list("child").annotate(n=Sum("member_count"))}


def standings(node: Organisation, periods: list[str]) -> dict[tuple[int, str], dict[str, int]]:
    """How many standings in each state, by child and period."""
    rows = by_child(Standing.objects.filter(period__in=periods), node, "org__path")
    found: dict[tuple[int, str], dict[str, int]] = {}
    for child, period, state, n in rows.values_list("child", "period", "state").annotate(n=Count("id")):
        found.setdefault((int(child), period), {})[state] = n
    return found


def attendance(node: Organisation, month: str) -> dict[int, tuple[int, int]]:
    """(present, expected) at the meetings of a month that are signed off, by child; open activities expect nobody."""
    first, last = clock.period_bounds(month)
    held = Activity.objects.filter(
        state=SIGNED_OFF, starts_at__gte=clock.at_time(first), starts_at__lt=clock.at_time(last + dt.timedelta(days=1))
    ).exclude(audience="open")
    rows = by_child(held, node, "org__path").values_list("child").annotate(Sum("present_count"), Sum("expected_count"))
    return {int(child): (present or 0, expected or 0) for child, present, expected in rows}


def points(orgs: list[int], period: str) -> dict[int, int]:
    """All points of members below each of these organisations: a sum over their distributions."""
    rows = Histogram.objects.filter(scope__in=orgs, period=period, grp="person").order_by()
    return {scope: n or 0 for scope, n in rows.values_list("scope").annotate(n=Sum(F("score") * F("n")))}
