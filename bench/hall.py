"""A hall of three hundred in three minutes: phones scan as they come in, one device hands in as it goes, one at the end.

    GONGJIAN_TEST_DB=sqlite|postgres python -m bench.hall [people] [seconds]

Two thirds check in on their own phones over the time given, one third on two devices, of which one has no network until
the end; both devices met some of the others as well. The organiser's screen asks for code and count all the while.
Prints how long people waited, and what the batches took; whether everybody was counted once is checked.
"""

import json
import os
import random
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests import databases
from tests.journeys.town import Burst, Town, Visitor


class Device:
    """One device at a door: pairs, notes, hands in."""

    def __init__(self, town: Town, meeting: dict, title: str) -> None:
        self.line = Visitor(town.port, meeting["organiser"])
        made = self._ask(f"/api/v1/activities/{meeting['activity']}/devices", {"title": title})
        self.line.headers = {}
        self.token = self._ask("/api/v1/check-in-devices/join", {"secret": made["secret"], "clock_ms": self._now()})[
            "token"
        ]
        self.rows: list[dict] = []
        self.sent = 0
        self.took: list[tuple[int, float]] = []

    @staticmethod
    def _now() -> int:
        return int(time.time() * 1000)

    def _ask(self, path: str, body: dict) -> dict:
        self.line.line.close()  # between two batches the server may have let the line go
        self.line.line.request(
            "POST", path, json.dumps(body), {**self.line.headers, "Content-Type": "application/json"}
        )
        answer = self.line.line.getresponse()
        text = answer.read().decode()
        if answer.status >= 400:
            raise SystemExit(f"{path}: {answer.status} {text[:300]}")
        return json.loads(text)

    def note(self, person: int) -> None:
        """One tap."""
        self.rows.append(
            {"number": len(self.rows) + 1, "person": person, "name": "党员", "deed": "in", "at_ms": self._now()}
        )

    def hand_in(self) -> None:
        """What has not been handed in yet, in one batch."""
        rows = self.rows[self.sent :]
        began = time.perf_counter()
        answer = self._ask(
            "/api/v1/check-in-devices/batch", {"token": self.token, "clock_ms": self._now(), "rows": rows}
        )
        self.took.append((len(rows), time.perf_counter() - began))
        if set(answer["rows"].values()) - {"applied"}:
            raise SystemExit(f"a batch was not taken in whole: {answer['rows']}")
        self.sent = len(self.rows)
        self.present = len(answer["present"])


def main(people: int, seconds: float) -> None:
    """Print the waiting times and the count."""
    rng = random.Random(300)
    with tempfile.TemporaryDirectory(prefix="gongjian-hall-", dir="/tmp") as folder:
        os.chmod(folder, 0o755)
        cluster = None
        if databases.KIND == "postgres":
            cluster = databases.Cluster(Path(folder) / "postgres", databases.free_port(), durable=True).start()
        database = cluster.url() if cluster else f"sqlite:///{folder}/hall.sqlite3"
        town = Town(Path(folder) / "home", database, worker=cluster is not None)
        town.environment["GONGJIAN_SECRET_KEY"] = town.environment["GONGJIAN_FIELD_KEY"] = "a key for a measurement"
        try:
            meeting = town.run("prepare", people)
            town.start()
            waited, counts, device = _let_in(town, meeting, seconds, rng)
        finally:
            town.close()
            if cluster:
                cluster.stop()
    waited.sort()

    def at(share: float) -> str:
        return f"{1000 * waited[min(len(waited) - 1, int(share * len(waited)))]:.0f} ms"

    batches = "; ".join(f"{rows} rows {1000 * took:.0f} ms" for rows, took in device)
    print(
        f"{databases.KIND}: {people} people in {seconds:.0f} s, counted {counts}; own phones waited {at(0.5)} (median), "
        f"{at(0.95)} (95 %), {at(1)} (longest); batches: {batches}"
    )
    if counts != people:
        raise SystemExit(f"{counts} of {people} counted")


def _let_in(
    town: Town, meeting: dict, seconds: float, rng: random.Random
) -> tuple[list[float], int, list[tuple[int, float]]]:  # fmt: skip
    members = meeting["members"][:]
    rng.shuffle(members)
    third = len(members) // 6
    door, back, own = members[:third], members[third : 2 * third], members[2 * third :]
    devices = [Device(town, meeting, title) for title in ("门口", "后门")]
    moments = sorted(rng.uniform(0, seconds) for _member in own)
    waited: list[float] = []
    screen = Burst(town, meeting)
    screen._read_code()
    over, began = threading.Event(), time.monotonic()

    def show() -> None:
        line = Visitor(town.port, meeting["organiser"])
        while not over.wait(3):
            line.get(f"/activities/{meeting['activity']}/screen/count/")
            screen._read_code()

    def stand_at_door() -> None:
        for number, member in enumerate([*door, *own[: third // 4]]):
            time.sleep(max(0, began + seconds * number / (third * 1.3) - time.monotonic()))
            devices[0].note(member["person"])
            if len(devices[0].rows) - devices[0].sent >= 10:
                devices[0].hand_in()

    def scan(member: dict, moment: float) -> None:
        time.sleep(max(0, began + moment - time.monotonic()))
        line = Visitor(town.port, member["session"])
        started = time.perf_counter()
        status, text = line.post(screen.path, f"code={screen._code}")
        waited.append(time.perf_counter() - started)
        if status != 302:
            raise SystemExit(f"refused: {status} {text[:200]}")

    threads = [threading.Thread(target=show), threading.Thread(target=stand_at_door)]
    threads += [threading.Thread(target=scan, args=pair) for pair in zip(own, moments, strict=True)]
    for thread in threads:
        thread.start()
    for member in [*back, *door[: third // 4], *own[: third // 4]]:
        devices[1].note(member["person"])
    for thread in threads[1:]:
        thread.join()
    over.set()
    threads[0].join()
    for device in devices:
        device.hand_in()
    return waited, devices[1].present, [one for device in devices for one in device.took]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300, float(sys.argv[2]) if len(sys.argv) > 2 else 180.0)
