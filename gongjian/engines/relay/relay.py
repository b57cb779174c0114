"""传递: the loop that delivers, and what a listener is.

A listener's cursor moves in the same transaction as its writes, so a crash between the two cannot happen: each fact
takes effect exactly once. A listener's row lock keeps a second worker away from it; different listeners run side by side.
"""

import logging
from functools import cache

from django.db import transaction
from django.utils.module_loading import import_string

from gongjian.engines.relay.models import Cursor
from gongjian.ground.kernel import clock, registry
from gongjian.records.facts.stream import FactRow, last_number, number_pending, read

log = logging.getLogger(__name__)


class Listener:
    """听者: `name` is its cursor; `kinds` are exact kinds or prefixes ending in a dot (None: all)."""

    name: str
    title: str = ""
    kinds: tuple[str, ...] | None = None
    batch: int = 2000

    def handle(self, batch: list[FactRow]) -> None:
        """Take in a batch, in order, inside the transaction that moves the cursor; set-wise, please."""
        raise NotImplementedError  # each listener's own

    def reset(self) -> None:
        """Drop everything built from facts, so that a replay from zero comes out the same."""
        raise NotImplementedError  # each listener's own


@cache
def listeners() -> tuple[Listener, ...]:
    """All listeners that the rooms' manifests name, in the order of the floors."""
    return tuple(import_string(path)() for room in registry.rooms() for path in room.listeners)


def _step(listener: Listener) -> bool:
    """One batch for one listener; whether there may be more."""
    if Cursor.objects.filter(name=listener.name, seq__gte=last_number()).exists():
        return False  # a look without a lock: most of the time there is nothing to do
    with transaction.atomic():
        Cursor.objects.get_or_create(name=listener.name)
        cursor = Cursor.objects.select_for_update(skip_locked=True).filter(name=listener.name).first()
        if cursor is None:  # another worker holds it
            return False
        # Facts of other kinds are stepped over: the cursor goes to the stream's end when nothing of ours is left.
        end = last_number()
        if cursor.seq >= end:
            return False
        batch = read(cursor.seq, listener.batch, listener.kinds, upto=end)
        if batch:
            listener.handle(batch)
        full = len(batch) == listener.batch
        cursor.seq = batch[-1].seq if full else end
        cursor.error, cursor.failed_at = "", None
        cursor.save()
        return full


def deliver(*names: str) -> int:
    """Number what is committed and bring the named listeners (default: all) to the end; returns the stream's end.

    A listener that fails keeps its place and its error is written on its cursor; the others go on.
    """
    while number_pending():
        pass
    failed: Exception | None = None
    for listener in listeners():
        if names and listener.name not in names:
            continue
        try:
            while _step(listener):
                pass
        except Exception as error:
            log.exception("listener %s stopped", listener.name)
            Cursor.objects.filter(name=listener.name).update(error=repr(error)[:2000], failed_at=clock.now())
            failed = error
    if failed is not None:
        raise failed
    return last_number()


def replay(name: str) -> None:
    """Drop what a listener built and let it take in the whole stream again, in one transaction for the reset."""
    listener = next(entry for entry in listeners() if entry.name == name)
    with transaction.atomic():
        Cursor.objects.get_or_create(name=name)
        cursor = Cursor.objects.select_for_update().get(name=name)
        listener.reset()
        cursor.seq = 0
        cursor.save()
    deliver(name)


def lag() -> dict[str, int]:
    """How many numbers of the stream each listener has still to take in."""
    end = last_number()
    at = dict(Cursor.objects.values_list("name", "seq"))
    return {listener.name: end - at.get(listener.name, 0) for listener in listeners()}
