"""A table of the tests' own, so that lists are tried without any business room."""

import pytest
from django.db import connection
from django.test import RequestFactory

from tests.ui.models import Thing


@pytest.fixture(scope="session")
def things_table(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            known = Thing._meta.db_table in connection.introspection.table_names(cursor)
        if not known:
            with connection.schema_editor() as editor:
                editor.create_model(Thing)
    yield
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        editor.delete_model(Thing)


@pytest.fixture
def things(things_table, db):
    return Thing


@pytest.fixture
def ask():
    """`ask("q=…")`: a GET request with that query."""

    def make(query: str = ""):
        request = RequestFactory().get(f"/things/?{query}")
        return request

    return make
