"""成批写入: rows straight into a table, by COPY on PostgreSQL and in one statement many times over on SQLite.

For taking over or making up whole cities. It asks nothing and answers nothing: no conflicts, no defaults, no signals.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

from gongjian.ground.kernel.db import is_postgres, require_transaction

BLOCK = 20_000
# fields whose values `pour` takes as Python holds them: asking each field for each value was four fifths of the time
PLAIN = (
    models.AutoField, models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField, models.DateField,
    models.DateTimeField, models.ForeignKey, models.IntegerField, models.OneToOneField, models.PositiveIntegerField,
    models.PositiveSmallIntegerField, models.SmallIntegerField, models.TextField,
)  # fmt: skip


def pour(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Insert rows into a table, in their order; returns how many. Inside a transaction.

    Times are aware, JSON is given as text. A row that breaks a constraint raises IntegrityError and spoils the
    transaction. Names are the caller's own text, never a reader's.
    """
    require_transaction()
    count = 0
    source = iter(rows)
    with connection.cursor() as cursor:
        while block := list(islice(source, BLOCK)):
            count += len(block)
            if is_postgres():
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    for row in block:
                        copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",
                    [tuple(map(_plain, row)) for row in block],
                )
    return count


def _plain(value: Any) -> Any:
    """A value as Django keeps it in SQLite: times as text in UTC, days as text."""
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC).replace(tzinfo=None)
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else value


def pour_objects(objects: Iterable[models.Model]) -> int:
    """Insert unsaved objects of one model, which carry their own primary keys; returns how many."""
    source = iter(objects)
    first = next(source, None)
    if first is None:
        return 0
    fields = first._meta.concrete_fields
    columns = [connection.ops.quote_name(field.column) for field in fields]

    as_they_are = attrgetter(*(field.attname for field in fields), "pk")  # one more: of a single name it makes no tuple
    others = [(at, field) for at, field in enumerate(fields) if type(field) not in PLAIN]

    def values(obj: models.Model) -> list[Any]:
        row = list(as_they_are(obj)[:-1])
        for at, field in others:
            row[at] = field.get_db_prep_save(row[at], connection)
        return row

    def all_rows() -> Iterator[list[Any]]:
        yield values(first)
        yield from map(values, source)

    return pour(first._meta.db_table, columns, all_rows())


def continue_numbers(*of: type[models.Model]) -> None:
    """Let the automatic primary keys of these models go on behind those that were poured."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(of)):
            cursor.execute(statement)
