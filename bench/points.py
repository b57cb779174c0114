"""How fast facts become points, and what a rank costs beside a plain COUNT(*), on one synthetic city.

    python bench/points.py [--members 5000] [--facts 40000]

Uses a database of its own in a temporary folder (SQLite), or the one in GONGJIAN_DATABASE, which must be empty. Trust
the ratios of one run, not the times of two.
"""

import argparse
import datetime as dt
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
PER_BRANCH, BRANCHES_PER_STREET = 20, 25
KINDS = (("theme_day", 90), ("study", 100), ("party_lesson", 60), ("volunteer_service", 120), ("branch_assembly", 90))


def prepare() -> None:
    """Settings for a throw-away database, then Django."""
    home = tempfile.mkdtemp(prefix="gongjian-bench-")
    os.environ.setdefault("GONGJIAN_HOME", home)
    os.environ["GONGJIAN_RELAY"] = "manual"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def build(members: int) -> tuple[list[int], dict[int, int]]:
    """A city of streets, branches and members, written set-wise; returns the persons and each one's branch."""
    from django.db import transaction

    from gongjian.ground.kernel import clock
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records import facts
    from gongjian.records.orgs.models import Organisation
    from gongjian.records.people.models import Person

    founded, number = dt.date(2015, 1, 1), 0

    def make(kinds: list[tuple[str, str, Organisation | None]]) -> list[Organisation]:
        nonlocal number
        rows = []
        for kind, level, parent in kinds:
            number += 1
            rows.append(Organisation(code=f"O{number}", name=f"组织{number}", kind=kind, level=level, parent=parent,
                                     founded_on=founded))  # fmt: skip
        rows = Organisation.objects.bulk_create(rows)
        for row in rows:
            row.path = row.territory_path = (row.parent.path if row.parent else "/") + f"{row.pk}/"
        Organisation.objects.bulk_update(rows, ["path", "territory_path"], batch_size=200)
        return rows

    with transaction.atomic():
        (city,) = make([("city_committee", "city", None)])
        districts = make([("district_committee", "district", city)] * 6)
        branches = max(1, members // PER_BRANCH)
        wanted = max(6, branches // BRANCHES_PER_STREET)
        streets = make([("street_committee", "street", districts[n % 6]) for n in range(wanted)])
        found = make([("branch", "branch", streets[n % len(streets)]) for n in range(branches)])
        persons = Person.objects.bulk_create(
            [Person(name=f"党员{n}", registered_at=clock.now()) for n in range(members)], batch_size=500
        )
        home = {person.pk: found[n % branches].pk for n, person in enumerate(persons)}
        facts.record_many(
            (
                {"kind": "member.admitted", "person": person, "org": org, "source": f"bench:member:{person}",
                 "data": {"kind": "formal", "joined_on": "2016-07-01"}}
                for person, org in home.items()
            ),
            by=SYSTEM,
        )  # fmt: skip
    return list(home), home


def tell(home: dict[int, int], count: int, seed: int = 7) -> None:
    """Attendances of a year, as branches hold their meetings: one in five members stays away."""
    from django.db import transaction

    from gongjian.ground.kernel import clock
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records import facts

    choose = random.Random(seed)
    members: dict[int, list[int]] = {}
    for person, org in home.items():
        members.setdefault(org, []).append(person)
    rows, meeting = [], 0
    while len(rows) < count:
        meeting += 1
        org = choose.choice(list(members))
        kind, minutes = choose.choice(KINDS)
        at = clock.at_time(dt.date(2026, choose.randint(1, 12), choose.randint(1, 28)), 19)
        rows += [
            {"kind": "activity.attended", "person": person, "org": org, "at": at, "quantity": minutes,
             "data": {"activity_kind": kind, "method": "code", "role": "attendee"}, "source": f"attend:{meeting}:{person}:1"}
            for person in members[org]
            if choose.random() < 0.8
        ]  # fmt: skip
    with transaction.atomic():
        facts.record_many(rows[:count], by=SYSTEM)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=5000)
    parser.add_argument("--facts", type=int, default=40_000)
    asked = parser.parse_args()
    prepare()
    from django.db import connection

    from gongjian.appraisal.points import queries
    from gongjian.appraisal.points.models import Histogram, Line, Score
    from gongjian.appraisal.points.ranking import scopes_of
    from gongjian.engines.ledger.models import Posting
    from gongjian.engines.relay import relay
    from gongjian.ground.kernel.scope import subtree_q
    from gongjian.records.facts.stream import number_pending
    from gongjian.records.orgs.models import Organisation

    persons, home = build(asked.members)
    relay.deliver("points")
    tell(home, asked.facts)
    while number_pending():
        pass
    began = time.perf_counter()
    relay.deliver("points")
    took = time.perf_counter() - began
    print(f"database           {connection.vendor}")
    print(f"members            {asked.members:,} in {Organisation.objects.count():,} organisations")
    print(f"facts folded       {asked.facts:,} in {took:.1f} s = {asked.facts / took:,.0f}/s")
    print(f"postings           {Posting.objects.count():,}")
    print(f"rows of histogram  {Histogram.objects.count():,}")

    sample = random.Random(1).sample(persons, 200)
    lines = dict(Line.objects.values_list("org", "path"))
    mine = list(Score.objects.filter(subject_kind="person", subject__in=sample, period="2026"))
    began = time.perf_counter()
    ranks = {score.subject: queries.ranks_of("person", score.subject, "2026") for score in mine}
    fast = (time.perf_counter() - began) / len(mine)
    began = time.perf_counter()
    counted = {}
    for score in mine:
        counted[score.subject] = []
        for scope in scopes_of(lines[score.org]):
            path = lines[score.org].split(f"/{scope}/")[0] + f"/{scope}/"
            peers = Score.objects.filter(
                period="2026", grp="person", org__in=Line.objects.filter(subtree_q(path)).values("org")
            )
            counted[score.subject].append(peers.filter(points__gt=score.points).count() + 1)
    slow = (time.perf_counter() - began) / len(mine)
    assert counted == {subject: [rank.rank for rank in found] for subject, found in ranks.items()}
    print(f"my rank            {fast * 1e3:.2f} ms at all levels, from the distributions")
    print(f"COUNT(*)           {slow * 1e3:.2f} ms at all levels, the same ranks; {slow / fast:.1f} times the cost")

    began = time.perf_counter()
    relay.replay("points")
    print(f"replay             {(time.perf_counter() - began):.1f} s for the whole stream")


if __name__ == "__main__":
    main()
