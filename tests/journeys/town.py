"""A real installation for tests: server processes as `gongjian` starts them, on a database of their own."""

import http.client
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from tests import databases

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "t" * 32  # of a form and its cookie, the same: what Django compares


class Town:
    """One installation: its environment, its processes, and commands run beside them."""

    def __init__(self, home: Path, database: str, *, worker: bool) -> None:
        self.home, self.worker = home, worker
        self.port = databases.free_port()
        self.processes: list[subprocess.Popen] = []
        self.environment = {
            **os.environ, "GONGJIAN_HOME": str(home), "GONGJIAN_DATABASE": database, "PYTHONPATH": str(ROOT),
            "GONGJIAN_STATIC_ROOT": str(home / "static"), "DJANGO_SETTINGS_MODULE": "gongjian.config.settings",
            "GONGJIAN_RELAY": "worker" if worker else "thread", "GONGJIAN_DEMO": "", "PORT": "",
        }  # fmt: skip
        home.mkdir(parents=True, exist_ok=True)
        self.log = (home / "log").open("ab")

    def run(self, *words: object) -> object:
        """A command of tests.journeys.crowd; its answer."""
        return json.loads(self._run("-m", "tests.journeys.crowd", *words))

    def gongjian(self, *words: object) -> str:
        """A command of the console; what it printed. Raises AssertionError with its complaint if it failed."""
        return self._run("-m", "gongjian.config.cli", *words)

    def _run(self, *words: object) -> str:
        done = subprocess.run(
            [sys.executable, *map(str, words)], env=self.environment, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
        return done.stdout

    def _start(self, *words: object) -> None:
        self.processes.append(
            subprocess.Popen(
                [sys.executable, "-m", "gongjian.config.cli", *map(str, words)], env=self.environment, cwd=ROOT,
                stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, start_new_session=True,
            )
        )  # fmt: skip

    def start(self) -> "Town":
        """Start the server (and the worker); returns when it answers."""
        self._start("serve", "--port", self.port)
        if self.worker:
            self._start("worker")
        deadline = time.monotonic() + 60
        while True:
            assert time.monotonic() < deadline, (self.home / "log").read_text(errors="replace")[-4000:]
            assert all(process.poll() is None for process in self.processes), (self.home / "log").read_text()[-4000:]
            try:
                Visitor(self.port).get("/accounts/login/")
                return self
            except OSError:
                time.sleep(0.1)

    def kill(self) -> None:
        """kill -9, the whole of each process's group at once: nobody gets to tidy up."""
        for process in self.processes:
            os.killpg(process.pid, signal.SIGKILL)
        for process in self.processes:
            process.wait(timeout=30)
        self.processes.clear()

    def close(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=30)
        self.processes.clear()
        self.log.close()


class Visitor:
    """A browser's connection to the server: kept open, with a session's cookie and the token of its forms."""

    def __init__(self, port: int, session: str = "") -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.as_(session)

    def as_(self, session: str) -> "Visitor":
        """Go on as somebody else over the same connection, as people behind one address do."""
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "X-CSRFToken": TOKEN}
        return self

    def get(self, path: str) -> tuple[int, str]:
        """Status and text of a page."""
        return self._ask("GET", path, "")

    def post(self, path: str, form: str) -> tuple[int, str]:
        """Status and text of the answer to a form (already encoded)."""
        return self._ask("POST", path, form)

    def _ask(self, method: str, path: str, body: str) -> tuple[int, str]:
        headers = dict(self.headers)
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, body=body or None, headers=headers)
        answer = self.line.getresponse()
        return answer.status, answer.read().decode()


class Burst:
    """Many members check in at once over `lines` connections; who got an answer, and who is left without one."""

    def __init__(self, town: Town, meeting: dict, *, lines: int = 24, path: str = "") -> None:
        self.town, self.meeting, self.lines = town, meeting, lines
        self.path = path or f"/activities/{meeting['activity']}/check-in/"
        self.acknowledged: set[int] = set()
        self.refused: dict[int, str] = {}
        self._code = ""

    def go(self, members: list[dict], *, kill_after: int | None = None) -> None:
        """Let these members check in; kill the town when so many more have been acknowledged."""
        waiting: queue.SimpleQueue = queue.SimpleQueue()
        for member in members:
            waiting.put(member)
        reached = threading.Event()
        goal = len(self.acknowledged) + (kill_after or 0)
        stopping = threading.Event()
        rotating = threading.Thread(target=self._rotate, args=(stopping,))
        self._read_code()
        rotating.start()

        def line() -> None:
            visitor = Visitor(self.town.port)
            while not reached.is_set():
                try:
                    member = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    status, text = visitor.as_(member["session"]).post(self.path, f"code={self._code}")
                except (OSError, http.client.HTTPException):
                    continue  # no answer: whether it was written, only the database knows
                if status == 302:
                    self.acknowledged.add(member["person"])
                else:
                    self.refused[member["person"]] = f"{status} {text[:300]}"
                if kill_after is not None and len(self.acknowledged) >= goal:
                    reached.set()

        threads = [threading.Thread(target=line) for _ in range(self.lines)]
        for thread in threads:
            thread.start()
        if kill_after is not None:
            assert reached.wait(120), (
                f"only {len(self.acknowledged)} acknowledged; refused: {list(self.refused.items())[:3]}"
            )
            self.town.kill()
        for thread in threads:
            thread.join(120)
        stopping.set()
        rotating.join(30)

    def _read_code(self) -> None:
        status, text = Visitor(self.town.port, self.meeting["organiser"]).get(
            f"/activities/{self.meeting['activity']}/screen/code/"
        )
        found = re.search(r"(?<!\d)(\d{3}) (\d{3})(?!\d)", text)
        assert status == 200, f"the organiser's screen: {status} {text[:500]}"
        assert found, f"no code on the organiser's screen: {text[:800]}"
        self._code = "".join(found.groups())

    def _rotate(self, stopping: threading.Event) -> None:
        """Keep the code that the members see up to date, as their eyes on the screen would."""
        while not stopping.wait(10):
            try:
                self._read_code()
            except OSError:
                continue
