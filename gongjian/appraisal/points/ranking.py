"""Scores and their distributions (得分与分布), folded set-wise behind the postings.

Each score is counted once at every node of its organisation's line along 隶属, from the branch to the city. What was
counted under one line is taken away under the same line: `Line` keeps it until the fact of a move has been told.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Q

from gongjian.appraisal.points.membership import Belongings, last_day
from gongjian.appraisal.points.models import Line, Score
from gongjian.appraisal.points.rules import BUCKET, Subject, bucket_of
from gongjian.ground import policy
from gongjian.ground.kernel.db import write_many
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records.orgs.models import Organisation

MOVING = ("organisation.moved", "organisation.merged", "organisation.split", "organisation.dissolved")


class Stand(NamedTuple):
    """A row of Score without its key."""

    grp: str
    total: int
    points: int
    org: int | None


@lru_cache(maxsize=20_000)
def scopes_of(path: str) -> tuple[int, ...]:
    """The nodes of a line, from the root."""
    return tuple(int(part) for part in path.split("/") if part)


class Place(NamedTuple):
    """位置: how many stand above a score, have it as well, and have one at all, at one node."""

    above: int
    ties: int
    of: int


def places(scopes: Iterable[int], period: str, grp: str, points: int) -> dict[int, Place]:
    """Where a score stands at each of these nodes, by one statement over few rows however many members there are.

    Whole buckets above, from the one table, and what of the score's own bucket lies at it and above, from the other.
    """
    scopes, bucket = list(scopes), bucket_of(points)
    if not scopes:
        return {}
    marks = ", ".join(["%s"] * len(scopes))
    here = f"scope IN ({marks}) AND period = %s AND grp = %s"
    sql = f"""
        SELECT scope, SUM(higher), SUM(level), SUM(whole) FROM (
            SELECT scope, CASE WHEN bucket > %s THEN n ELSE 0 END AS higher, 0 AS level, n AS whole FROM points_bucket WHERE {here}
            UNION ALL
            SELECT scope, CASE WHEN score > %s THEN n ELSE 0 END, CASE WHEN score = %s THEN n ELSE 0 END, 0
            FROM points_histogram WHERE {here} AND score >= %s AND score < %s
        ) AS counted GROUP BY scope"""
    named = [*scopes, period, grp]
    with connection.cursor() as cursor:
        cursor.execute(sql, [bucket, *named, points, points, *named, points, (bucket + 1) * BUCKET])
        return {scope: Place(int(above), int(ties), int(of)) for scope, above, ties, of in cursor.fetchall()}


class Counts:
    """Changes to the distributions, summed up before they are written in the order of their keys."""

    def __init__(self) -> None:
        self._scores: dict[tuple[int, str, str, int], int] = defaultdict(int)

    def count(self, path: str, period: str, grp: str, points: int, n: int) -> None:
        """Count `n` more (or fewer) with this score at every node of a line."""
        for scope in scopes_of(path):
            self._scores[(scope, period, grp, points)] += n

    def write(self) -> None:
        """Add them up in the tables; rows in one order, so that two writers could never block each other."""
        buckets: dict[tuple[int, str, str, int], int] = defaultdict(int)
        for (scope, period, grp, points), n in self._scores.items():
            buckets[(scope, period, grp, bucket_of(points))] += n
        for table, column, counts in (
            ("points_histogram", "score", self._scores),
            ("points_bucket", "bucket", buckets),
        ):
            write_many(
                table, ("scope", "period", "grp", column, "n"),
                [(*key, n) for key, n in sorted(counts.items()) if n],
                then=f"ON CONFLICT (scope, period, grp, {column}) DO UPDATE SET n = {table}.n + excluded.n",
            )  # fmt: skip


class Ranking:
    """The scores of a batch, read once, changed, written once."""

    def __init__(self, belongings: Belongings) -> None:
        self._belongings = belongings
        self._counts = Counts()
        self._lines: dict[int, Line] = {}
        self._floors: dict[str, int] = {}

    def fold(self, points: dict[tuple[Subject, str], int], moved_orgs: Iterable[int]) -> None:
        """Add points to scores by (subject, period), and follow members and organisations that moved."""
        dissolved = self._follow(set(moved_orgs))
        before = self._stands(points, dissolved)
        wanted = {key: points.get(key, 0) for key in (*points, *before)}
        homes = {key: self._home(*key) for key in wanted}
        self._learn({stand.org for stand in before.values()} | set(homes.values()))
        rows = []
        for (subject, period), more in sorted(wanted.items()):
            old = before.get((subject, period))
            total = (old.total if old else 0) + more
            new = Stand(self._group(subject, old), total, self._shown(period, total), homes[subject, period])
            line = self._lines.get(new.org)
            if subject[0] == "organisation" and line and line.dissolved_on and line.dissolved_on <= last_day(period):
                new = new._replace(org=None)
            if new == old:
                continue
            if old is not None and old.org in self._lines:
                self._counts.count(self._lines[old.org].path, period, old.grp, old.points, -1)
            if new.org in self._lines:
                self._counts.count(self._lines[new.org].path, period, new.grp, new.points, 1)
            rows.append((*subject, period, *new))
        write_many(
            "points_score", ("subject_kind", "subject", "period", "grp", "total", "points", "org"), rows,
            then="ON CONFLICT (subject_kind, subject, period) DO UPDATE SET grp = excluded.grp,"
            " total = excluded.total, points = excluded.points, org = excluded.org",
        )  # fmt: skip
        self._counts.write()

    def _home(self, subject: Subject, period: str) -> int | None:
        return subject[1] if subject[0] == "organisation" else self._belongings.branch(subject[1], period)

    def _group(self, subject: Subject, old: Stand | None) -> str:
        if subject[0] == "person":
            return "person"
        line = self._lines.get(subject[1])
        return line.kind if line else (old.grp if old else "")

    def _shown(self, period: str, total: int) -> int:
        if len(period) != 4:
            return total
        if period not in self._floors:
            self._floors[period] = policy.on(last_day(period)).points.frame.floor
        return max(total, self._floors[period])

    def _stands(self, points: dict, dissolved: set[int]) -> dict[tuple[Subject, str], Stand]:
        """The scores that may change: those that get points, all of members who moved, all of dissolved organisations."""
        condition = Q()
        subjects: dict[str, set[int]] = defaultdict(set)
        for subject, _period in points:
            subjects[subject[0]].add(subject[1])
        for kind, ids in sorted(subjects.items()):
            periods = {period for subject, period in points if subject[0] == kind}
            condition |= Q(subject_kind=kind, subject__in=ids, period__in=periods)
        for kind, ids in (("person", self._belongings.changed), ("organisation", dissolved)):
            if ids:
                condition |= Q(subject_kind=kind, subject__in=ids)
        if not condition:
            return {}
        rows = Score.objects.filter(condition).values_list(
            "subject_kind", "subject", "period", "grp", "total", "points", "org"
        )
        return {((row[0], row[1]), row[2]): Stand(*row[3:]) for row in rows}

    def _learn(self, orgs: set[int | None]) -> None:
        """The lines of organisations; one that is new here is counted by its line of now."""
        unknown = {org for org in orgs if org is not None} - set(self._lines)
        if not unknown:
            return
        self._lines.update({line.org: line for line in Line.objects.filter(pk__in=unknown)})
        rows = Organisation.objects.filter(pk__in=unknown - set(self._lines)).order_by("pk")
        fresh = [Line(*row) for row in rows.values_list("pk", "kind", "path", "dissolved_on")]
        self._keep(fresh)

    def _keep(self, lines: list[Line]) -> None:
        self._lines.update({line.org: line for line in lines})
        write_many(
            "points_line", ("org", "kind", "path", "dissolved_on"),
            [(line.org, line.kind, line.path, line.dissolved_on) for line in lines],
            then="ON CONFLICT (org) DO UPDATE SET kind = excluded.kind, path = excluded.path,"
            " dissolved_on = excluded.dissolved_on",
        )  # fmt: skip

    def _follow(self, moved: set[int]) -> set[int]:
        """Count everything below organisations that moved under their lines of now; returns those newly dissolved."""
        if not moved:
            return set()
        condition = Q(pk__in=moved)
        for path in Organisation.objects.filter(pk__in=moved).values_list("path", flat=True):
            condition |= subtree_q(path)
        now = {
            row[0]: row
            for row in Organisation.objects.filter(condition).values_list("pk", "kind", "path", "dissolved_on")
        }
        before = {line.org: line for line in Line.objects.filter(pk__in=now)}
        changed = [
            Line(*now[org])
            for org, line in sorted(before.items())
            if now[org][1:] != (line.kind, line.path, line.dissolved_on)
        ]
        rescoped = {line.org: line for line in changed if line.path != before[line.org].path}
        if rescoped:
            counted = Score.objects.filter(org__in=rescoped).values_list("org", "grp", "period", "points")
            for org, grp, period, points, n in counted.annotate(n=Count("subject")).order_by("org"):
                self._counts.count(before[org].path, period, grp, points, -n)
                self._counts.count(rescoped[org].path, period, grp, points, n)
        self._keep(changed)
        return {line.org for line in changed if line.dissolved_on != before[line.org].dissolved_on}
