"""Judging a whole city: one statement a duty against one query an organisation, as a ratio in one run.

python bench/standards.py [organisations]     (SQLite in a scratch folder; GONGJIAN_DATABASE=… for PostgreSQL)

Both ways judge every duty of the pack in its current period from the same occurrences, and must agree.
"""

import datetime as dt
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
SCRATCH = tempfile.TemporaryDirectory(prefix="gongjian-bench-")
os.environ.setdefault("GONGJIAN_HOME", SCRATCH.name)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")
os.environ["GONGJIAN_RELAY"] = "manual"

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from gongjian.appraisal.standards import judging, rules  # noqa: E402
from gongjian.appraisal.standards.models import Occurrence, Standing  # noqa: E402
from gongjian.ground import policy  # noqa: E402
from gongjian.ground.kernel.clock import period_of  # noqa: E402
from gongjian.ground.policy import rules as meaning  # noqa: E402
from gongjian.records.orgs.models import Organisation  # noqa: E402

TODAY = dt.date(2026, 11, 26)


def build(count: int, pack) -> None:
    """Branches with a year of meetings: most keep their duties, some slip."""
    dice = random.Random(20261126)
    orgs = Organisation.objects.bulk_create(
        [
            Organisation(
                code=f"B{n}", name=f"支部{n}", kind="branch", level="branch", founded_on=dt.date(2020, 1, 1),
                formal_count=dice.randint(3, 30), group_count=dice.choice((0, 0, 2)), path=f"/{n}/", territory_path=f"/{n}/",
            )
            for n in range(count)
        ],
        batch_size=2000,
    )  # fmt: skip
    rows, number = [], 0
    for org in orgs:
        for duty in pack.duties:
            for period in rules.periods_between(dt.date(2026, 1, 1), TODAY, duty.per):
                if dice.random() < 0.85:
                    number += 1
                    first = judging.period_bounds(period)[0]
                    rows.append(
                        Occurrence(
                            matched=rules.match_key(duty), object_kind="activity", object_id=str(number), org=org,
                            on=first + dt.timedelta(days=dice.randint(0, 25)), state="done",
                        )
                    )  # fmt: skip
    Occurrence.objects.bulk_create(rows, batch_size=5000)


def set_wise(pack) -> None:
    """What the sweep does."""
    for duty in pack.duties:
        judging.judge(pack=pack, duty=duty, periods=[period_of(TODAY, duty.per)], today=TODAY)


def one_by_one(pack) -> dict:
    """One query an organisation for its occurrences, judged by the pack's meaning; nothing is written."""
    keys = {rules.match_key(duty): duty for duty in pack.duties}
    found = {}
    for org in Organisation.objects.all().iterator():
        events = defaultdict(list)
        for matched, on, state, counts_for in Occurrence.objects.filter(org=org, on__year=TODAY.year).values_list(
            "matched", "on", "state", "counts_for"
        ):
            events[matched].append(meaning.Event(on, state, counts_for or None))
        view = meaning.OrgView(org.kind, org.formal_count, org.group_count, org.founded_on, org.dissolved_on)
        for key, duty in keys.items():
            standing = meaning.standing_of(pack, duty, view, events[key], TODAY)
            if standing is not None:
                found[org.pk, duty.id] = standing.state
    return found


def main() -> None:
    """Run both in one transaction that is rolled back, and print the ratio."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 4000
    call_command("migrate", verbosity=0)
    pack = policy.current()
    with transaction.atomic():
        build(count, pack)
        began = time.perf_counter()
        set_wise(pack)
        first = time.perf_counter() - began
        began = time.perf_counter()
        set_wise(pack)
        again = time.perf_counter() - began
        began = time.perf_counter()
        slow = one_by_one(pack)
        single = time.perf_counter() - began
        fast = {(org, duty): state for org, duty, state in Standing.objects.values_list("org", "duty", "state")}
        agree = fast == slow
        transaction.set_rollback(True)
    print(f"{connection.vendor}: {count} organisations, {len(fast)} standings, both ways agree: {agree}")
    print(f"one statement a duty, writing all: {first:.2f} s; again, nothing to write: {again:.2f} s")
    print(f"one query an organisation, writing nothing: {single:.2f} s")
    print(f"ratio: {single / again:.1f} (judging alone), {single / first:.1f} (against writing every row)")
    if not agree:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
