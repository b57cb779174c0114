"""My rank at all levels beside a read by primary key, at 300,000 and at 3,000,000 members (python -m bench ranks).

Scores and distributions of a synthetic city are written set-wise, as the fold would leave them: five levels, a year's
period. The ranks of a sample are checked against a plain COUNT over all scores.
"""

import os
import random
import statistics
import tempfile
import time
from pathlib import Path

from bench.measured import Figure, Measured
from tests import databases

SCALES = (1, 10, 100)
PERIOD = "2026"
STREETS, BRANCH = 200, 20  # streets of the city; members of a branch
SAMPLE = 300


def _django(folder: str):
    """Settings for a throw-away database, then Django; the cluster if there is one."""
    os.chmod(folder, 0o755)
    cluster = None
    if databases.KIND == "postgres":
        cluster = databases.Cluster(Path(folder) / "postgres", databases.free_port(), durable=True).start()
    os.environ["GONGJIAN_HOME"] = f"{folder}/home"
    os.environ["GONGJIAN_DATABASE"] = cluster.url() if cluster else f"sqlite:///{folder}/bench.sqlite3"
    os.environ["GONGJIAN_RELAY"] = "manual"
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongjian.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return cluster


def _build(members: int) -> dict[int, tuple[int, int]]:
    """The tree, the scores and their distributions; a sample's (score, branch) by member."""
    from collections import Counter

    from django.db import transaction

    from gongjian.appraisal.points.ranking import Counts
    from gongjian.ground.kernel.bulk import pour
    from gongjian.records.orgs.models import Organisation

    dice, number = random.Random(300), 0

    def made(kind: str, level: str, parents: list) -> list:
        nonlocal number
        rows = []
        for parent in parents:
            number += 1
            rows.append(Organisation(code=f"O{number}", name=f"组织{number}", kind=kind, level=level, parent=parent,
                                     founded_on="2015-01-01", path=f"/{number}/", territory_path=f"/{number}/"))  # fmt: skip
        for row, parent in zip(Organisation.objects.bulk_create(rows, batch_size=1000), parents, strict=True):
            row.path = row.territory_path = (parent.path if parent else "/") + f"{row.pk}/"
        Organisation.objects.bulk_update(rows, ["path", "territory_path"], batch_size=500)
        return rows

    with transaction.atomic():
        (city,) = made("city_committee", "city", [None])
        districts = made("district_committee", "district", [city] * 17)
        streets = made("street_committee", "street", [districts[n % 17] for n in range(STREETS)])
        communities = made("community_committee", "community", [street for street in streets for _n in range(5)])
        # Branches of one community in ten are made; the others' members are counted above them all the same.
        wanted = max(1, members // BRANCH)
        real = made("branch", "branch", [communities[n % len(communities)] for n in range(min(wanted, 2000))])
        lines = [(row.pk, row.kind, row.path, None) for row in real]
        pour("points_line", ("org", "kind", "path", "dissolved_on"), lines)
        counts, tallied = Counts(), Counter()
        sample, rows = {}, []
        for member in range(1, members + 1):
            home = real[member % len(real)]
            points = max(-50, int(dice.gauss(180, 70)))
            tallied[home.path, points] += 1
            rows.append(("person", member, PERIOD, "person", points, points, home.pk))
            if member % (members // SAMPLE) == 0:
                sample[member] = (points, home.pk)
        pour("points_score", ("subject_kind", "subject", "period", "grp", "total", "points", "org"), rows)
        for (path, points), n in tallied.items():
            counts.count(path, PERIOD, "person", points, n)
        counts.write()
    return sample


def measure(scale: int) -> Measured:
    """30,000 × scale members: the median of my rank and of reads by primary key, taken in turn."""
    members = 30_000 * scale
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-", dir="/tmp") as folder:
        cluster = _django(folder)
        try:
            return _measure(members)
        finally:
            from django.db import connection

            connection.close()
            if cluster:
                cluster.stop()


def _measure(members: int) -> Measured:
    from django.db import connection

    from gongjian.appraisal.points import queries
    from gongjian.appraisal.points.models import Histogram, Score
    from gongjian.records.orgs.models import Organisation

    sample = _build(members)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    city = Organisation.objects.get(parent=None).pk
    reads, ranks, slow = [], [], []
    for turn, (member, (points, home)) in enumerate(list(sample.items()) * 3):
        began = time.perf_counter()
        Organisation.objects.get(pk=home)
        between = time.perf_counter()
        found = queries.ranks_of("person", member, PERIOD)
        ended = time.perf_counter()
        reads.append(between - began)
        ranks.append(ended - between)
        if turn < 5:
            began = time.perf_counter()
            above = Score.objects.filter(period=PERIOD, grp="person", points__gt=points).count()
            slow.append(time.perf_counter() - began)
            if (found[0].org.pk, found[0].rank, found[0].of, len(found)) != (city, above + 1, members, 5):
                raise SystemExit(f"wrong rank of {member}: {found[0]}, counted {above + 1}")
    yard = "read by primary key"
    return Measured(
        title="My rank at all five levels", size=f"{members:,} members, {connection.vendor}",
        figures=[
            Figure(yard, 1000 * statistics.median(reads), "ms"),
            Figure("my rank at five levels", 1000 * statistics.median(ranks), "ms", against=yard, goal=5, at_most=True),
            Figure("COUNT(*) at the city alone", 1000 * statistics.median(slow), "ms", against=yard),
        ],
        note=f"{Histogram.objects.count():,} rows of the distribution; all through the ORM, as pages ask.",
    )  # fmt: skip
