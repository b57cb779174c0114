"""试算的办理: parts are taken up, judged and put together by as many processes as there are; a killed one is made up for.

A process holds a part while its heartbeat goes on. It writes the part's result only while its claim still stands, so a
part taken up again can never count twice, and a cancelled trial gets nothing more.
"""

import datetime as dt
import logging
import os
import secrets
import subprocess
import sys
import threading
from contextlib import nullcontext

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from gongjian.ground.kernel import clock
from gongjian.ground.policy import folders
from gongjian.ground.policy.schema import Pack
from gongjian.outlets.trial import rules, scoring, standing
from gongjian.outlets.trial.models import Lack, Part, Trial
from gongjian.outlets.trial.states import BUSY, CANCELLED, DONE, FAILED, RUNNING, WAITING

log = logging.getLogger(__name__)
PROCESSES = 2
PERSONS = 2000  # in one part: some seconds of work, and some hundred megabytes at most
EVERY = 3.0  # seconds between two heartbeats
LOST_AFTER = dt.timedelta(seconds=30)  # without a heartbeat
ATTEMPTS = 3
CHILD = "import django; django.setup(); from gongjian.outlets.trial import working; working.work_off(parent={parent})"


class Stopped(Exception):
    """The part is no longer ours: the trial was cancelled, or another process has taken it up."""


def parts_for(trial: Trial, most_person: int, most_org: int) -> list[Part]:
    """A trial cut into parts: the standings first, because they cannot be divided, then the points."""
    spans = [("standings", 0, 0, 10_000), ("organisation", 0, most_org + 1, 5000)]
    spans += [
        ("person", low, min(low + PERSONS, most_person + 1), PERSONS) for low in range(0, most_person + 1, PERSONS)
    ]
    return [
        Part(trial=trial, place=place, kind=kind, low=low, high=high, weight=weight)
        for place, (kind, low, high, weight) in enumerate(spans)
    ]


def _lost() -> QuerySet[Part]:
    """Parts whose process was killed."""
    return Part.objects.filter(state="working", trial__state__in=BUSY, heartbeat__lt=clock.now() - LOST_AFTER)


def _all_but_put_together() -> QuerySet[Trial]:
    """Trials whose last process was killed between its part and the end."""
    return Trial.objects.filter(state=RUNNING).exclude(parts__state__in=("waiting", "working"))


def waiting() -> bool:
    """Whether there is anything to work on."""
    waits = Part.objects.filter(state="waiting", trial__state__in=BUSY)
    return waits.exists() or _lost().exists() or _all_but_put_together().exists()


def claim() -> Part | None:
    """Take up the part that waits longest; two processes never get the same."""
    for part in Part.objects.filter(state="waiting", trial__state__in=BUSY).order_by("trial", "place")[:20]:
        now, token = clock.now(), secrets.token_hex(16)
        if Part.objects.filter(pk=part.pk, state="waiting").update(
            state="working", claim=token, heartbeat=now, attempts=F("attempts") + 1
        ):
            Trial.objects.filter(pk=part.trial_id, state=WAITING).update(state=RUNNING, started_at=now)
            return Part.objects.select_related("trial").get(pk=part.pk)
    return None


def take_up_lost() -> None:
    """Put back what a killed process left; a trial whose part was lost ATTEMPTS times has failed."""
    for trial in _all_but_put_together():
        finish(trial)
    for part in _lost():
        if part.attempts >= ATTEMPTS:
            _fail(part, _("多次中断，没有算成。请稍后重试，或联系管理员。"))
        else:
            Part.objects.filter(pk=part.pk, claim=part.claim, state="working").update(state="waiting", claim="")


def _fail(part: Part, reason: str) -> None:
    Trial.objects.filter(pk=part.trial_id, state__in=BUSY).update(
        state=FAILED, failure=reason, finished_at=clock.now()
    )  # fmt: skip
    Part.objects.filter(trial=part.trial_id).delete()


class Heart:
    """心跳: a thread with a connection of its own tells that the part's process lives, also inside a long statement.

    Calling it says whether we may go on: it raises Stopped once the part is not ours any more, or nobody waits for us.
    """

    def __init__(self, part: Part, parent: int) -> None:
        self._part, self._parent = part, parent
        self._over, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name="gongjian-trial-heartbeat", daemon=True)

    def __enter__(self) -> "Heart":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def __call__(self) -> None:
        """Raise Stopped if we have to."""
        if self._lost.is_set():
            raise Stopped

    def _beat(self) -> None:
        mine = Part.objects.filter(pk=self._part.pk, claim=self._part.claim, state="working", trial__state=RUNNING)
        while not self._over.wait(EVERY):
            try:
                if os.getppid() != self._parent:  # killed: whoever starts next goes on
                    release(self._part)
                    self._lost.set()
                elif not mine.update(heartbeat=clock.now()):
                    self._lost.set()
            except DatabaseError:
                log.warning("a heartbeat of part %s could not be told", self._part.pk, exc_info=True)
        connection.close()


def release(part: Part) -> None:
    """Give a part back unfinished, without counting it as an attempt."""
    Part.objects.filter(pk=part.pk, claim=part.claim, state="working").update(
        state="waiting", claim="", attempts=F("attempts") - 1
    )


def packs_of(trial: Trial) -> tuple[Pack, Pack]:
    """The two packs that are compared."""
    return folders.parse(trial.before), folders.parse(trial.after)


def work(part: Part, parent: int = 0) -> None:
    """Judge a claimed part and keep its result; the last one puts all together."""
    trial, lines = part.trial, []
    try:
        # Without a parent we work within a test or a tool, where nobody takes parts away.
        with Heart(part, parent) if parent else nullcontext(scoring.no_beat) as beat:
            packs = packs_of(trial)
            if part.kind == "standings":
                result, lines = standing.both(packs, trial.year, trial.day, trial.upto, beat)
            else:
                judge = scoring.persons if part.kind == "person" else scoring.organisations
                result = judge(scoring.Span(part.kind, part.low, part.high, trial.year, trial.upto), packs, beat)
    except Stopped:
        log.info("part %s of trial %s is not ours any more", part.place, part.trial_id)
        return
    except Exception:
        log.exception("part %s of trial %s failed", part.place, part.trial_id)
        _fail(part, _("试算时程序出错，已记入日志，请联系管理员。"))
        return
    with transaction.atomic():
        mine = Part.objects.filter(pk=part.pk, claim=part.claim, state="working", trial__state=RUNNING)
        if not mine.update(state="done", result=result):
            return
        if part.kind == "standings":
            names = ("org_id", "duty", "short_before", "short_after", "good_before", "good_after")
            rows = [Lack(trial=trial, **dict(zip(names, line, strict=True))) for line in lines]
            Lack.objects.bulk_create(rows, batch_size=500)
    finish(trial)


def finish(trial: Trial) -> bool:
    """Put the parts together once all are done; whether it was we who did."""
    with transaction.atomic():
        held = Trial.objects.select_for_update().filter(pk=trial.pk, state=RUNNING).first()
        if held is None or Part.objects.filter(trial=trial).exclude(state="done").exists():
            return False
        parts = Part.objects.filter(trial=trial).order_by("place").values_list("result", flat=True)
        held.results = {**rules.merged(parts), "titles": rules.titles_of(*packs_of(held))}
        held.state, held.finished_at = DONE, clock.now()
        held.save(update_fields=["results", "state", "finished_at"])
        Part.objects.filter(trial=trial).delete()
    return True


def work_off(parent: int = 0) -> int:
    """Until nothing waits; returns how many parts were judged. `parent`: stop when that process is gone."""
    if parent:
        os.nice(5)  # whoever clicks comes first
    take_up_lost()
    found = 0
    while (part := claim()) is not None:
        work(part, parent)
        found += 1
    if parent:
        connection.close()
    return found


def work_beside() -> bool:
    """Let processes of their own work everything off, and wait for them: judging needs a whole core each.

    Returns whether all of them ended well.
    """
    # Settings come from the environment; a database that a test has put in place of it is not found by a child.
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    code = CHILD.format(parent=os.getpid())
    count = min(PROCESSES, os.cpu_count() or 1)
    children = [subprocess.Popen([sys.executable, "-c", code], env=env) for _number in range(count)]
    ended = [child.wait() for child in children]
    if any(ended):
        log.warning("processes that judged parts of a trial ended with %s", ended)
    return not any(ended)


def cancel(trial: Trial) -> bool:
    """Stop a trial; what it had found so far is deleted. False if it was over already."""
    if not Trial.objects.filter(pk=trial.pk, state__in=BUSY).update(state=CANCELLED, finished_at=clock.now()):
        return False
    Part.objects.filter(trial=trial).delete()
    Lack.objects.filter(trial=trial).delete()
    return True
