"""The queue in front of SQLite's write lock: nobody loses a write, and a turn always ends."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction

from gongjian.engines.relay.models import Cursor
from gongjian.ground.kernel.sqlite import base

pytestmark = [pytest.mark.sqlite_only, pytest.mark.django_db(transaction=True)]


def free() -> bool:
    """Whether no thread holds the turn of the test's database."""
    turn = base._turns.get(str(connection.settings_dict["NAME"]))
    return turn is None or not turn.locked()


def test_sixteen_threads_count_to_the_end():
    Cursor.objects.create(name="count", seq=0)
    errors = []

    def add():
        try:
            for _time in range(10):
                with transaction.atomic():
                    row = Cursor.objects.get(name="count")
                    row.seq += 1
                    row.save()
        except Exception as problem:
            errors.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=add) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert Cursor.objects.get(name="count").seq == 160
    assert free()


def test_a_turn_ends_with_a_refused_transaction():
    with pytest.raises(IntegrityError), transaction.atomic():
        Cursor.objects.bulk_create([Cursor(name="never"), Cursor(name="never")])
    assert free()
    assert not Cursor.objects.filter(name="never").exists()


def test_a_turn_ends_with_its_connection():
    def leave():
        connection.set_autocommit(False)
        Cursor.objects.create(name="left")
        connection.close()

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert free()
    assert not Cursor.objects.filter(name="left").exists()
