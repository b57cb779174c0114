"""Rows of a whole database as values: taken once, poured back in as often as wanted.

Building the small city by its deeds costs ten times what pouring its rows costs, and nearly every test wants it.
"""

from dataclasses import dataclass, field

from django.apps import apps
from django.db import connection, transaction


def _tables() -> list[tuple[str, str]]:
    """(table, its key) of every model and join table; composite keys have no single column and come as `""`."""
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return sorted({(model._meta.db_table, getattr(model._meta.pk, "column", None) or "") for model in models})


@dataclass
class Rows:
    """`tables`: name → rows as the driver gave them; `columns`: name → their columns in the same order."""

    columns: dict[str, list[str]] = field(default_factory=dict)
    tables: dict[str, list[tuple]] = field(default_factory=dict)

    @classmethod
    def read(cls) -> "Rows":
        """All rows of all tables."""
        found = cls()
        with connection.cursor() as cursor:
            for table, key in _tables():
                cursor.execute(f'SELECT * FROM "{table}"' + (f' ORDER BY "{key}"' if key else ""))
                found.columns[table] = [column[0] for column in cursor.description]
                found.tables[table] = cursor.fetchall()
        return found

    def without(self, before: "Rows") -> "Rows | None":
        """Only what has come since `before`; None where something that stood then has changed or gone."""
        fresh = Rows()
        for table, rows in self.tables.items():
            known = {_hashable(row) for row in before.tables[table]}
            new = [row for row in rows if _hashable(row) not in known]
            if len(rows) - len(new) != len(known):
                return None
            if new:
                fresh.columns[table], fresh.tables[table] = self.columns[table], new
        return fresh

    def pour(self) -> None:
        """Put the rows into the database, keys included, and let new keys begin above them.

        What a trigger has already written of them (the list of facts without a number) is left as it is.
        """
        postgres = connection.vendor == "postgresql"
        with transaction.atomic(), connection.cursor() as cursor:
            for table, rows in self.tables.items():
                columns = self.columns[table]
                names = ", ".join(f'"{column}"' for column in columns)
                row = "(" + ", ".join(["%s"] * len(columns)) + ")"
                chunk = max(1, 900 // len(columns))
                for start in range(0, len(rows), chunk):
                    part = rows[start : start + chunk]
                    values = ", ".join([row] * len(part))
                    cursor.execute(
                        f'INSERT INTO "{table}" ({names}) VALUES {values} ON CONFLICT DO NOTHING',
                        [value for line in part for value in line],
                    )
            if postgres:
                self._continue_numbers(cursor)

    def _continue_numbers(self, cursor) -> None:
        keys = dict(_tables())
        wanted = [(table, keys[table]) for table in self.tables if keys[table] == "id"]
        cursor.execute(
            "SELECT t, pg_get_serial_sequence(quote_ident(t), 'id') FROM unnest(%s::text[]) AS t",
            [[table for table, _ in wanted]],
        )
        steps = [
            f"setval('{sequence}', GREATEST((SELECT last_value FROM {sequence}), (SELECT MAX(id) FROM \"{table}\")))"
            for table, sequence in cursor.fetchall()
            if sequence
        ]
        if steps:
            cursor.execute("SELECT " + ", ".join(steps))


def _hashable(row: tuple) -> tuple:
    return tuple(bytes(value) if isinstance(value, memoryview | bytearray) else value for value in row)
