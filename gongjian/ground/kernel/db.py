"""数据库: what SQLite and PostgreSQL say differently, and guards that live in the database itself."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import RunPython


class PathField(models.CharField):
    """路径: ids from the root, compared byte by byte on both databases, so that a subtree is one index range."""

    def db_parameters(self, connection: Any) -> dict:
        """The column's type, with the collation that orders by bytes."""
        found = super().db_parameters(connection)
        return {**found, "collation": "C" if connection.vendor == "postgresql" else "BINARY"}


def is_postgres() -> bool:
    """Whether the database at hand is PostgreSQL."""
    return connection.vendor == "postgresql"


def require_transaction() -> None:
    """Raise unless a transaction is open: a fact is written together with its deed or not at all."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("a fact must be recorded inside the deed's transaction")


def vendor_sql(
    *, sqlite: list[str], postgresql: list[str], undo_sqlite: list[str] = (), undo_postgresql: list[str] = ()
) -> RunPython:
    """A migration operation that runs each database's own statements."""

    def run(statements: dict[str, list[str]]):
        def apply(apps: object, editor: BaseDatabaseSchemaEditor) -> None:
            for statement in statements[editor.connection.vendor]:
                editor.execute(statement, params=None)

        return apply

    return RunPython(
        run({"sqlite": list(sqlite), "postgresql": list(postgresql)}),
        run({"sqlite": list(undo_sqlite), "postgresql": list(undo_postgresql)}),
    )


def append_only(table: str) -> RunPython:
    """A migration operation: a trigger refuses UPDATE and DELETE on the table, whoever asks (SAFETY.md)."""
    message = f"{table} is append-only"
    return vendor_sql(
        sqlite=[
            f"""CREATE TRIGGER {table}_no_{deed} BEFORE {deed.upper()} ON {table}
                BEGIN SELECT RAISE(ABORT, '{message}'); END"""
            for deed in ("update", "delete")
        ],
        postgresql=[
            f"""CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
            f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION {table}_refuse()""",
        ],
        undo_sqlite=[f"DROP TRIGGER {table}_no_{deed}" for deed in ("update", "delete")],
        undo_postgresql=[f"DROP TRIGGER {table}_append_only ON {table}", f"DROP FUNCTION {table}_refuse()"],
    )


# Below the limit of parameters of either database (SQLite 32,766; PostgreSQL 65,535).
PARAMETERS = 30_000
MANY = 500  # rows from which on a table of one's own pays on PostgreSQL


def write_many(table: str, columns: Sequence[str], rows: Iterable[Sequence], *, then: str = "") -> int:
    """Insert rows set-wise, in their order, in statements as large as both databases take; returns how many were written.

    `then` is what follows the values, such as an ON CONFLICT clause. Names and `then` are the caller's own text, never
    a reader's. Aware times are given as they are.
    """
    rows = list(rows)
    if is_postgres() and len(rows) >= MANY and connection.in_atomic_block:
        return _copy_many(table, columns, rows, then)
    adapt = connection.ops.adapt_datetimefield_value
    size = max(1, min(2000, PARAMETERS // len(columns)))
    one = "(" + ", ".join(["%s"] * len(columns)) + ")"
    rows = [[adapt(value) if isinstance(value, dt.datetime) else value for value in row] for row in rows]
    written = 0
    with connection.cursor() as cursor:
        for start in range(0, len(rows), size):
            block = rows[start : start + size]
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(block))} {then}",
                [value for row in block for value in row],
            )
            written += cursor.rowcount
    return written


def _copy_many(table: str, columns: Sequence[str], rows: list[Sequence], then: str) -> int:
    """The same through COPY into a table of the transaction's own: looking for the placeholders of a long statement
    costs psycopg three times what PostgreSQL needs to run it."""
    names, beside = ", ".join(columns), f"many_{table}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE {beside} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")
        with cursor.copy(f"COPY {beside} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {beside} ORDER BY ctid {then}")
        written = cursor.rowcount
        cursor.execute(f"DROP TABLE {beside}")
    return written


_OUT_OF_JSON = {"int": "bigint", "text": "text", "time": "timestamptz", "json": "jsonb"}


def json_rows(columns: Mapping[str, str], name: str = "given") -> str:
    """SQL of a derived table whose rows come out of one parameter, a JSON list of lists: a statement of the same length
    for three rows and for three thousand, which no limit of parameters cuts.

    `columns` are names in order with their type: int, text, time (ISO 8601 with zone, see `json_time`) or json (as text).
    Names are the caller's own. In SQLite a time stays Django's text.
    """
    if is_postgres():
        picked = ", ".join(
            f"(pair.value ->> {at})::{_OUT_OF_JSON[kind]} AS {column}"
            for at, (column, kind) in enumerate(columns.items())
        )
        return f"(SELECT {picked} FROM jsonb_array_elements(%s::jsonb) WITH ORDINALITY AS pair(value, place) ORDER BY place) AS {name}"
    picked = ", ".join(f"json_extract(value, '$[{at}]') AS {column}" for at, column in enumerate(columns))
    return f"(SELECT {picked} FROM json_each(%s) WHERE TRUE) AS {name}"


def json_time(moment: dt.datetime | None) -> str | None:
    """An aware time as `json_rows` takes it: ISO 8601 on PostgreSQL, on SQLite as Django writes it."""
    if moment is None:
        return None
    if is_postgres():
        return moment.isoformat()
    return str(connection.ops.adapt_datetimefield_value(moment))
