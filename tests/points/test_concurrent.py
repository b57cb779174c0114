"""Check-ins that commit out of order, with the points listener running beside them."""

import threading

import pytest
from django.db import connection, connections, transaction

from gongjian.appraisal.points.models import Entry
from gongjian.engines.relay import relay
from tests.points.conftest import attended, deliver
from tests.points.test_folding import picture
from tests.points.test_properties import check_books, check_counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_interleaved_commits_reach_the_points_once(town):
    """Sixteen members check in at once, some transactions long; points equal a replay."""
    finished, errors = threading.Event(), []

    def check_in(number, person):
        try:
            for day in range(1, 6):
                with transaction.atomic():
                    attended(person, day=f"2026-{1 + (number + day) % 11:02d}-{day:02d}", kind="lecture")
                    with connection.cursor() as cursor:
                        cursor.execute("SELECT pg_sleep(%s)", [0.003 * ((number * 5 + day) % 7)])
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    def carry():
        try:
            while not finished.is_set():
                deliver()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=check_in, args=pair) for pair in enumerate(town.members)]
    carriers = [threading.Thread(target=carry) for _ in range(2)]
    for thread in [*writers, *carriers]:
        thread.start()
    for thread in writers:
        thread.join(60)
    finished.set()
    for thread in carriers:
        thread.join(60)
    assert not errors
    deliver()
    assert Entry.objects.filter(rule="attend").count() == 16 * 5
    check_counts()
    check_books()
    live = picture()
    relay.replay("points")
    assert picture() == live
