"""Deeds that start together, each in a thread with a connection of its own."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from gongjian.ground.kernel.errors import Refused


def at_once(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run deeds in threads that start together; what each returned, or the Refused it met."""
    ready = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        try:
            ready.wait(timeout=20)
            return deed()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))
