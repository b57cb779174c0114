"""No fact is skipped and none takes effect twice, however transactions interleave and wherever a process dies."""

import threading

import pytest
from django.db import connection, connections, transaction

from gongjian.engines.relay import relay
from gongjian.engines.relay.models import Cursor
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records import facts
from gongjian.records.facts.models import Fact

KIND = "organisation.renamed"


class Recorder(relay.Listener):
    """Keeps what it was told, in the database, so that a rollback forgets it as it forgets the cursor."""

    name = "recorder"
    kinds = (KIND,)
    batch = 3

    def __init__(self):
        self.die_after = None
        self.handled = 0

    def handle(self, batch):
        for fact in batch:
            facts.record(
                "organisation.corrected", by=SYSTEM, source=f"heard:{fact.source}:{fact.seq}", data={"of": fact.source}
            )
        self.handled += 1
        if self.die_after == self.handled:
            raise KeyboardInterrupt("killed between the writes and the cursor")

    def reset(self):
        """Facts stay; it has nothing of its own."""

    @staticmethod
    def heard():
        rows = Fact.objects.filter(kind="organisation.corrected").order_by("id")
        return [row.data["of"] for row in rows]


@pytest.fixture
def recorder(monkeypatch):
    listener = Recorder()
    monkeypatch.setattr(relay, "listeners", lambda: (listener,))
    return listener


def tell(source):
    facts.record(KIND, by=SYSTEM, source=source)


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_a_transaction_that_commits_late_is_not_skipped(recorder):
    """The first takes its id, waits, and commits after a later one was delivered."""
    began, go, done = threading.Event(), threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic():
                tell("early-id")
                began.set()
                go.wait(20)
        finally:
            connections.close_all()
            done.set()

    thread = threading.Thread(target=slow)
    thread.start()
    assert began.wait(20)
    with transaction.atomic():
        tell("late-id")
    relay.deliver()
    assert recorder.heard() == ["late-id"]
    go.set()
    assert done.wait(20)
    thread.join(20)
    early, late = (Fact.objects.get(source=source) for source in ("early-id", "late-id"))
    assert early.pk < late.pk  # the trap is really set: the smaller id came later
    relay.deliver()
    assert recorder.heard() == ["late-id", "early-id"]
    relay.deliver()
    assert len(recorder.heard()) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_many_writers_and_two_relays_at_once(recorder):
    """Eight writers that hold their transactions open in turn, two relays beside them: each fact exactly once."""
    errors, finished = [], threading.Event()

    def write(number):
        try:
            for n in range(6):
                with transaction.atomic():
                    tell(f"w{number}-{n}-a")
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [0.002 * ((number * 7 + n * 3) % 5)])
                    tell(f"w{number}-{n}-b")
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    def carry():
        try:
            while not finished.is_set():
                relay.deliver()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    carriers = [threading.Thread(target=carry) for _ in range(2)]
    for thread in [*writers, *carriers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    finished.set()
    for thread in carriers:
        thread.join(60)
    assert not errors
    relay.deliver()
    heard = recorder.heard()
    assert len(heard) == len(set(heard)) == 8 * 6 * 2
    assert set(heard) == {f"w{w}-{n}-{half}" for w in range(8) for n in range(6) for half in "ab"}


@pytest.mark.django_db(transaction=True)
def test_a_kill_between_the_writes_and_the_cursor(recorder):
    """What a batch wrote and the cursor's move are one transaction: killed in between, both are undone."""
    for n in range(7):
        with transaction.atomic():
            tell(f"s{n}")
    recorder.die_after = 2
    with pytest.raises(KeyboardInterrupt):
        relay.deliver()
    assert recorder.heard() == ["s0", "s1", "s2"]
    at = Cursor.objects.get(name="recorder").seq
    recorder.die_after = None
    relay.deliver()
    assert recorder.heard() == [f"s{n}" for n in range(7)]
    assert Cursor.objects.get(name="recorder").seq > at


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_deed_is_never_told(recorder):
    with transaction.atomic():
        tell("undone")
        transaction.set_rollback(True)
    with transaction.atomic():
        tell("done")
    relay.deliver()
    assert recorder.heard() == ["done"]
