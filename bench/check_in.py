"""How many check-ins a second are acknowledged after their commit, over HTTP, beside a plain view that commits one row.

    GONGJIAN_TEST_DB=sqlite|postgres python -m bench.check_in [people]

One run measures both on the same server, database and connections, so that the ratio says what the program costs
above Django and its database (PERFORMANCE.md); the machine's own speed falls out of it.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from tests import databases
from tests.journeys.town import Burst, Town


def main(people: int) -> None:
    """Print both rates and their ratio."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        cluster = None
        if databases.KIND == "postgres":
            cluster = databases.Cluster(Path(folder) / "postgres", databases.free_port(), durable=True).start()
        database = cluster.url() if cluster else f"sqlite:///{folder}/bench.sqlite3"
        town = Town(Path(folder) / "home", database, worker=cluster is not None)
        town.environment["GONGJIAN_SECRET_KEY"] = town.environment["GONGJIAN_FIELD_KEY"] = "a key for a measurement"
        town.environment["DJANGO_SETTINGS_MODULE"] = "bench.plain_settings"
        try:
            meeting = town.run("prepare", people)
            town.start()
            burst = Burst(town, meeting)
            warm, members = meeting["members"][:100], meeting["members"][100:]
            burst.go(warm)
            began = time.perf_counter()
            burst.go(members)
            check_in = len(members) / (time.perf_counter() - began)
            if burst.refused or len(burst.acknowledged) != people:
                raise SystemExit(f"refused: {list(burst.refused.values())[:3]}")
            behind = town.run("settle", 60)
            plain = Burst(town, meeting, path="/bench/plain/")
            plain.go(warm)
            began = time.perf_counter()
            plain.go(members)
            rate = len(members) / (time.perf_counter() - began)
            if plain.refused:
                raise SystemExit(f"refused: {list(plain.refused.values())[:3]}")
        finally:
            town.close()
            if cluster:
                cluster.stop()
    print(
        f"{databases.KIND}: check-in {check_in:.0f}/s, plain view with one row {rate:.0f}/s, ratio {check_in / rate:.2f}; "
        f"not yet delivered when all were acknowledged and 60 s later: {sum(behind.values())}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
