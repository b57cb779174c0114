"""Trying a policy out on a year, against the plain replay of the same facts by the listeners, as a ratio in one run.

    python bench/trial.py [--members 3000] [--facts 60000]      a synthetic city in a throw-away database
    GONGJIAN_HOME=… python bench/trial.py --there 2026          a year of the city that is there (a demo's; only read)

A trial judges both packs and both points and standings in two processes; the replay folds points and standings once and
writes them. On a city that is there nothing is replayed (its tables stay as they are): only seconds are told, with the
processor time of both processes, because on a busy machine that alone says what two free cores would need.
"""

import argparse
import os
import resource
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from bench import points as city


def draft():
    """Points by two rules and a dimension, a duty's frequency: what makes everything be judged twice."""
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.outlets.trial import actions, queries

    made = actions.begin(title="bench", by=SYSTEM)
    for part, ident, fields in (
        ("rules", "attend_volunteer_service", {"at_most.points": "10"}), ("rules", "attend_theme_day", {"at_most.points": "3"}),
        ("dimensions", "service", {"full": "25"}), ("duties", "theme_day_monthly", {"times": "2"}),
    ):  # fmt: skip
        values = {**queries.entry_of(made, part, ident)["values"], **fields}
        made = actions.change(draft=made, part=part, ident=ident, values=values, by=SYSTEM)
    return made


def used() -> float:
    """Processor seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def run(year: int) -> tuple[float, float, int]:
    """Try the draft over a year in processes of its own; seconds, processor seconds, facts that were looked at."""
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.outlets.trial import actions, working
    from gongjian.outlets.trial.models import Trial

    made = draft()
    trial = actions.try_out(draft=made, year=year, by=SYSTEM)
    began, spent = time.perf_counter(), used()
    working.work_beside()
    took, spent = time.perf_counter() - began, used() - spent
    state = Trial.objects.get(pk=trial.pk).state
    if state != "done":
        raise SystemExit(f"the trial is {state}")
    actions.drop(draft=made, by=SYSTEM)
    return took, spent, trial.upto


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, default=3000)
    parser.add_argument("--facts", type=int, default=60_000)
    parser.add_argument("--there", type=int, help="the year to try in the city of GONGJIAN_HOME")
    asked = parser.parse_args()
    if asked.there:
        os.environ["GONGJIAN_RELAY"] = "manual"
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")
        import django

        django.setup()
    else:
        city.prepare()
        _persons, home = city.build(asked.members)
        city.tell(home, asked.facts)
    from django.db import connection

    from gongjian.engines import relay
    from gongjian.records.facts.stream import number_pending

    while number_pending():
        pass
    took, spent, facts = run(asked.there or 2026)
    print(f"database           {connection.vendor}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"facts in stream    {facts:,}")
    print(f"trial              {took:.1f} s, {spent:.1f} s of processor time, {spent / 2:.1f} s on two free cores")
    if asked.there:
        return
    relay.deliver()
    began, used_before = time.perf_counter(), used()
    for name in ("points", "standards"):
        relay.replay(name)
    plain, plain_spent = time.perf_counter() - began, used() - used_before
    print(f"plain replay       {plain:.1f} s, {plain_spent:.1f} s of processor time (one pack, written)")
    print(f"ratio              {plain / took:.2f} in seconds, {plain_spent / spent:.2f} in processor time")


if __name__ == "__main__":
    main()
