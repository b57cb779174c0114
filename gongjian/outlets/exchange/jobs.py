"""定时任务: works off waiting imports beside the relay, so that a long file never holds up the delivery of facts."""

import logging
import threading

from django.conf import settings
from django.db import close_old_connections, connection

from gongjian.outlets.exchange import actions
from gongjian.outlets.exchange.models import ImportJob
from gongjian.outlets.exchange.states import BUSY

log = logging.getLogger(__name__)
_busy = threading.Lock()


def run() -> None:
    """Take up what was left lying, and what waits; in a thread of its own except in tests."""
    if not ImportJob.objects.filter(state__in=BUSY).exists():
        return
    if settings.RELAY == "manual":
        work_off()
    elif not _busy.locked():
        threading.Thread(target=_in_thread, name="gongjian-exchange", daemon=True).start()


def _in_thread() -> None:
    if not _busy.acquire(blocking=False):
        return
    try:
        close_old_connections()
        work_off()
    except Exception:
        log.exception("imports stumbled and will be tried again")
    finally:
        connection.close()
        _busy.release()


def work_off() -> int:
    """Until nothing waits; returns how many imports were worked on."""
    actions.take_up_lost()
    found = 0
    while (job := actions.claim()) is not None:
        actions.work(job)
        found += 1
    return found


def tidy() -> None:
    """Delete files that nobody will need any more."""
    actions.tidy()
