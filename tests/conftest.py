"""What all tests share. The databases are chosen in tests/databases.py, the people are made in tests/cast.py."""

import datetime as dt
from contextlib import contextmanager
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tests import databases

pytest_plugins = ["tests.browser", "tests.cast"]

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    databases.start_shared()
    databases.let_flush_pass_guards()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    databases.stop_shared()


def pytest_report_header(config):
    return f"database: {databases.KIND}"


def pytest_collection_modifyitems(config, items):
    """Leave out what the chosen database does not concern.

    On SQLite everything runs. On PostgreSQL only what reaches a database: rules, templates and the house's own tests give
    the same answer there, and browser and slow tests run once.
    """

    def belongs(item) -> bool:
        marks = {mark.name for mark in item.iter_markers()}
        if databases.KIND == "sqlite":
            return "postgres_only" not in marks
        if marks & {"both_databases", "postgres_only"}:
            return True
        reaches = marks & {"django_db"} or set(item.fixturenames) & {"db", "transactional_db", "durable_postgres"}
        return bool(reaches) and not marks & {"browser", "slow", "sqlite_only"}

    left_out = [item for item in items if not belongs(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if belongs(item)]


class Clock:
    """A clock that a test moves; it keeps ticking in between. Times without a zone are Shanghai's."""

    def __init__(self, traveller) -> None:
        self._traveller = traveller

    def set(self, moment: dt.datetime | str) -> dt.datetime:
        """Go to a moment: a datetime, or text such as "2026-11-16 09:00"."""
        if isinstance(moment, str):
            moment = dt.datetime.fromisoformat(moment)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=SHANGHAI)
        self._traveller.move_to(moment, tick=True)
        return moment

    def forward(self, **amount) -> None:
        """Go on by days=, hours=, minutes= …"""
        self._traveller.shift(dt.timedelta(**amount))

    @property
    def now(self) -> dt.datetime:
        return dt.datetime.now(SHANGHAI)


@pytest.fixture
def clock():
    """The time is Monday 16 November 2026, 09:00 in Shanghai, until the test says otherwise."""
    with time_machine.travel(dt.datetime(2026, 11, 16, 9, tzinfo=SHANGHAI), tick=True) as traveller:
        yield Clock(traveller)


@pytest.fixture
def queries():
    """`with queries(12): …` fails when more statements than that reach the database, and lists them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    @contextmanager
    def budget(most: int):
        with CaptureQueriesContext(connection) as captured:
            yield captured
        if len(captured) > most:
            listing = "\n".join(query["sql"][:300] for query in captured.captured_queries)
            pytest.fail(f"{len(captured)} statements, at most {most} allowed:\n{listing}")

    return budget


@pytest.fixture
def deliver():
    """`deliver()` hands every recorded fact to every listener, as the worker does in production."""
    from gongjian.engines import relay

    return relay.deliver


@pytest.fixture
def durable_postgres(tmp_path_factory):
    """A PostgreSQL cluster of this test's own that waits for the disk; `.url(name)`, `.stop()`."""
    from pathlib import Path
    from tempfile import mkdtemp

    folder = Path(mkdtemp(prefix="gongjian-durable-", dir="/tmp"))
    folder.chmod(0o755)
    cluster = databases.Cluster(folder / "postgres", databases.free_port(), durable=True)
    try:
        yield cluster.start()
    finally:
        cluster.stop()
        folder.rmdir()
