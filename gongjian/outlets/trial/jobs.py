"""定时任务: lets waiting trials be worked off beside the relay, and deletes old ones."""

import datetime as dt
import logging
import threading
import time

from django.conf import settings
from django.db import close_old_connections, connection
from django.db.models import Q

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.outlets.trial import working
from gongjian.outlets.trial.models import Trial
from gongjian.outlets.trial.states import BUSY

log = logging.getLogger(__name__)
_busy = threading.Lock()
PAUSE = 30  # seconds


def run() -> None:
    """Begin with what waits, and with what a killed process left; within the call only in tests."""
    if not working.waiting():
        return
    if settings.RELAY == "manual":
        working.work_off()
    elif not _busy.locked():
        threading.Thread(target=_in_thread, name="gongjian-trial", daemon=True).start()


def _in_thread() -> None:
    if not _busy.acquire(blocking=False):
        return
    try:
        close_old_connections()
        if not working.work_beside():
            time.sleep(PAUSE)  # what cannot even start would be tried again every second
    except Exception:
        log.exception("trials stumbled and will be tried again")
    finally:
        connection.close()
        _busy.release()


def tidy() -> int:
    """Delete trials that ended longer ago than the pack keeps them; returns how many."""
    before = clock.now() - dt.timedelta(days=policy.current().trials.keep_days)
    old = Trial.objects.filter(~Q(state__in=BUSY), finished_at__lt=before)
    count = old.count()
    old.delete()
    return count
