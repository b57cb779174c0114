"""工人: delivers facts and runs jobs until told to stop; a thread in the embedded mode, `gongjian worker` in production."""

import logging
import threading

from django.db import close_old_connections, connection

from gongjian.engines.relay.jobs import run_due
from gongjian.engines.relay.relay import deliver
from gongjian.records.facts import stream

log = logging.getLogger(__name__)

# Seconds between two rounds: in a burst facts gather meanwhile and are taken in as one batch. With a round after every
# commit, the relay's own commits took the time of those who wait for an answer (bench/check_in.py).
BREATH = 0.2


class Runner:
    """One loop: woken by a commit of its own process, or by its clock every `pause` seconds."""

    def __init__(self, pause: float = 0.2) -> None:
        self.pause = pause
        self.alarm = threading.Event()
        self.stopping = threading.Event()

    def wake(self) -> None:
        """Deliver as soon as possible."""
        self.alarm.set()

    def stop(self) -> None:
        """End the loop after what it is doing."""
        self.stopping.set()
        self.alarm.set()

    def loop(self) -> None:
        """Run until stopped; an error is logged, and the loop goes on after a breath."""
        pause = self.pause
        while not self.stopping.is_set():
            self.alarm.wait(pause)
            self.alarm.clear()
            if self.stopping.is_set():
                break
            try:
                close_old_connections()
                deliver()
                run_due()
                pause = self.pause
                self.stopping.wait(BREATH)
            except Exception:
                log.exception("the relay stumbled and will try again")
                pause = min(30.0, max(1.0, pause * 2))
        connection.close()


_runner: Runner | None = None
_lock = threading.Lock()


def start_thread() -> Runner:
    """Start the embedded worker once in this process, and let every commit wake it."""
    global _runner
    with _lock:
        if _runner is None:
            _runner = Runner(pause=1.0)
            stream.after_commit.append(_runner.wake)
            threading.Thread(target=_runner.loop, name="gongjian-relay", daemon=True).start()
            _runner.wake()
    return _runner
