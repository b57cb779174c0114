"""One small city a module, built inside a transaction that is rolled back when the module is over."""

import pytest


@pytest.fixture(scope="module")
def small(django_db_setup, django_db_blocker):
    """The crowd of a small city that stands in the database, delivered, swept and sealed."""
    from django.db import transaction

    from gongjian.ground import policy
    from gongjian.outlets.demo.build import build
    from gongjian.outlets.demo.sizes import SMALL

    with django_db_blocker.unblock():
        with transaction.atomic():
            yield build(SMALL)
            transaction.set_rollback(True)
        policy.forget()


@pytest.fixture
def town(small, db):
    """The same for one test, which may change it: its own changes are rolled back first."""
    return small
