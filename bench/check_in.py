"""How many check-ins a second are acknowledged after their commit, over HTTP, beside a plain view that commits one row.

    GONGJIAN_TEST_DB=sqlite|postgres python -m bench check_in

A burst over 64 connections, each person with a session of their own and the rotating code of the screen. The same run
measures, on the same server and database, a plain Django view that commits one row by the ORM, raw commits of one row
(pgbench with 64 clients; SQLite: one thread), and a device that hands in what it noted offline. Afterwards everyone
acknowledged must be there once, by the list and by the facts.
"""

import json
import os
import sqlite3
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from bench.load import Told, form, send
from bench.measured import Figure, Measured
from tests import databases
from tests.journeys.town import TOKEN, Burst, Town, Visitor

SCALES = (1, 10, 100)
RAW_SECONDS = 4
BATCH = 5000  # as many as a device may hand in at once


@contextmanager
def town():
    """A server as it runs in production, on a database that waits for its disk."""
    with tempfile.TemporaryDirectory(prefix="gongjian-bench-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        cluster = None
        if databases.KIND == "postgres":
            cluster = databases.Cluster(Path(folder) / "postgres", databases.free_port(), durable=True).start()
        database = cluster.url() if cluster else f"sqlite:///{folder}/bench.sqlite3"
        made = Town(Path(folder) / "home", database, worker=cluster is not None)
        made.environment["GONGJIAN_SECRET_KEY"] = made.environment["GONGJIAN_FIELD_KEY"] = "a key for a measurement"
        made.environment["DJANGO_SETTINGS_MODULE"] = "bench.plain_settings"
        made.environment["GONGJIAN_HOSTS"] = "127.0.0.1"
        try:
            yield made, cluster
        finally:
            made.close()
            if cluster:
                cluster.stop()


def processor_seconds(there: Town, cluster) -> float:
    """What the server, the worker and the database have used of the processors so far: a crowded machine does not bend it."""
    sessions = {process.pid for process in there.processes} | ({cluster.process.pid} if cluster else set())
    ticks = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            row = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(row[3]) in sessions:
            ticks += sum(map(int, row[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def burst(there: Town, meeting: dict, members: list[dict], path: str) -> Told:
    """These members post the code that is on the screen."""
    eyes = Burst(there, meeting)
    eyes._read_code()
    over = threading.Event()
    looking = threading.Thread(target=eyes._rotate, args=(over,), daemon=True)
    looking.start()

    def request(member: dict):
        return lambda: form(path, member["session"], TOKEN, f"code={eyes._code}", there.port)

    try:
        return send(there.port, [(member["person"], request(member)) for member in members])
    finally:
        over.set()


def raw(cluster, folder: Path) -> float:
    """Commits of one row a second, with nothing around them."""
    if cluster is None:
        with tempfile.TemporaryDirectory(prefix="gongjian-raw-", dir=folder) as beside:
            line = sqlite3.connect(Path(beside) / "raw.sqlite3", isolation_level=None)
            line.execute("PRAGMA journal_mode=WAL")
            line.execute("PRAGMA synchronous=FULL")
            line.execute("CREATE TABLE raw_row (id INTEGER PRIMARY KEY, person INTEGER, at TEXT)")
            count, began = 0, time.perf_counter()
            while time.perf_counter() - began < RAW_SECONDS:
                line.execute("INSERT INTO raw_row (person, at) VALUES (1, '2026-11-16 09:00:00')")
                count += 1
            return count / (time.perf_counter() - began)
    script = cluster.folder.parent / "raw.sql"
    script.write_text("INSERT INTO raw_row (person, at) VALUES (1, now());\n", encoding="utf-8")
    port = ["-h", "127.0.0.1", "-p", str(cluster.port), "-U", databases.OWNER]
    make = "CREATE TABLE IF NOT EXISTS raw_row (id bigserial PRIMARY KEY, person bigint, at timestamptz)"
    subprocess.run([databases._binary("psql"), *port, "-qc", make, "postgres"], check=True)
    told = subprocess.run(
        [databases._binary("pgbench"), *port, "-n", "-c", "64", "-j", "1", "-T", str(RAW_SECONDS), "-f", script, "postgres"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return float(told.split("tps = ")[1].split()[0])


def hand_in(there: Town, meeting: dict, members: list[dict]) -> float:
    """Facts a second when one device hands in what it noted of these members while it had no network."""
    line = Visitor(there.port, meeting["organiser"])

    def ask(path: str, body: dict) -> dict:
        line.line.close()
        line.line.request("POST", path, json.dumps(body), {**line.headers, "Content-Type": "application/json"})
        answer = line.line.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            raise SystemExit(f"{path}: {answer.status} {text[:300]}")
        return json.loads(text)

    now = int(time.time() * 1000)
    made = ask(f"/api/v1/activities/{meeting['activity']}/devices", {"title": "门口"})
    line.headers = {}
    token = ask("/api/v1/check-in-devices/join", {"secret": made["secret"], "clock_ms": now})["token"]
    rows = [
        {"number": number, "person": member["person"], "name": "党员", "deed": "in", "at_ms": now}
        for number, member in enumerate(members, 1)
    ]
    took = 0.0
    for start in range(0, len(rows), BATCH):
        part, began = rows[start : start + BATCH], time.perf_counter()
        answer = ask("/api/v1/check-in-devices/batch", {"token": token, "clock_ms": now, "rows": part})
        took += time.perf_counter() - began
        if set(answer["rows"].values()) - {"applied"}:
            raise SystemExit("a batch was not taken in whole")
    return len(rows) / took


def measure(scale: int) -> Measured:
    """A burst of 200 × scale people, half as many more for the device, and what they are measured against."""
    people = 200 * scale
    with town() as (there, cluster):
        meeting = there.run("prepare", -(-people * 3 // 2 // 50) * 50)
        there.start()
        coming, noted = meeting["members"][:people], meeting["members"][people:]
        plain = coming[:4000]
        path = f"/activities/{meeting['activity']}/check-in/"
        for warm in ("/bench/plain/", "/nowhere/"):
            burst(there, meeting, coming[:64], warm)
        used = [processor_seconds(there, cluster)]
        before = burst(there, meeting, plain[: len(plain) // 2], "/bench/plain/")
        used.append(processor_seconds(there, cluster))
        raw_before = raw(cluster, there.home)
        used.append(processor_seconds(there, cluster))
        told = burst(there, meeting, coming, path)
        used.append(processor_seconds(there, cluster))
        behind = there.run("settle", 0)
        after = burst(there, meeting, plain[len(plain) // 2 :], "/bench/plain/")
        raw_after = raw(cluster, there.home)
        if told.refusals or before.refusals or after.refusals or len(told.answered) != people:
            raise SystemExit(f"refused: {told.refusals or before.refusals or after.refusals}")
        late = there.run("settle", 120)
        batch = hand_in(there, meeting, noted)
        seen = there.run("look", meeting["activity"])
        everyone = {member["person"] for member in meeting["members"]}
        if set(seen["present"]) != everyone or set(seen["facts"]) != everyone or seen["told_twice"]:
            raise SystemExit("what was acknowledged is not what is there")
    plain_cost = 1e6 * (used[1] - used[0]) / len(before.answered)
    cost = 1e6 * (used[3] - used[2]) / len(told.answered)
    plain_rate = (before.rate(302) + after.rate(302)) / 2
    return Measured(
        title="Check-ins acknowledged after their commit, 64 connections",
        size=f"a burst of {people:,} people, {databases.KIND}",
        figures=[
            Figure("plain view, one row by the ORM", plain_rate, "/s"),
            Figure("raw commits of one row", (raw_before + raw_after) / 2, "/s"),
            Figure("check-ins", told.rate(302), "/s", against="plain view, one row by the ORM", goal=2.5),
            Figure("check-ins beside raw commits", told.rate(302), "/s", against="raw commits of one row", goal=0.5),
            Figure("processor time of a plain view, with the database", plain_cost, "µs"),
            Figure(
                "processor time of a check-in, with the database and the relay",
                cost,
                "µs",
                against="processor time of a plain view, with the database",
                goal=0.4,
                at_most=True,
            ),
            Figure("facts in a device's batch", batch, "/s", goal=20_000),
            Figure("wait, median", told.at(302, 0.5), "ms"),
            Figure("wait, 99 of 100", told.at(302, 0.99), "ms"),
            Figure("not yet delivered at the last answer", float(max(behind.values())), "facts"),
            Figure("not yet delivered two minutes later", float(max(late.values())), "facts", goal=0, at_most=True),
        ],
        note="Nobody lost: list and facts were compared afterwards. The load generator shares the two cores.",
    )
