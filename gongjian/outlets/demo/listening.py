"""旁听: a second process in which the listeners take in facts while the first still writes them; two cores, half the time."""

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from django.db import connection

from gongjian.ground.kernel.db import is_postgres

BATCH = 20_000  # facts at a time: nobody waits for a single one now


def hurry() -> None:
    """Let this connection not wait for the disk at each commit: what a loss of power takes is the last stage, done again."""
    if is_postgres():
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")
    elif not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=NORMAL")


def _listen(over: Event) -> None:
    """Deliver until told that no more comes, and then to the end."""
    import django

    django.setup()
    from gongjian.engines import relay

    hurry()
    for listener in relay.listeners():
        listener.batch = BATCH
    parent = multiprocessing.parent_process()
    while not over.wait(0.5):
        if parent is None or not parent.is_alive():  # killed: whoever starts next begins anew
            return
        relay.deliver()
    relay.deliver()
    connection.close()


@contextmanager
def listening(wanted: bool) -> Iterator[None]:
    """Let a process listen beside us until the block is over and everything told in it is taken in.

    Should it fail, nothing is lost: the next delivery goes on where it stopped, or tells what is wrong.
    """
    if not wanted:
        yield
        return
    context = multiprocessing.get_context("spawn")
    over = context.Event()
    process = context.Process(target=_listen, args=(over,), name="gongjian-listening", daemon=True)
    process.start()
    try:
        yield
    except BaseException:
        process.terminate()
        raise
    finally:
        over.set()
        process.join()
