"""事实流: recording facts, and giving them the one order in which they are told to listeners.

Why numbers are given afterwards: identity values commit out of order, so a cursor that reads `id > last` skips the
facts of a transaction that began early and committed late. A trigger notes every new fact in `facts_pending`, in the
fact's own transaction; one numberer at a time moves what it can see (that is: what is committed) into `facts_stream`.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction

from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.bulk import pour
from gongjian.ground.kernel.db import is_postgres, json_rows, require_transaction
from gongjian.ground.kernel.ids import new_id
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact, Numbering, Pending

COLUMNS = (
    "kind", "at", "recorded_at", "by_person", "person", "org", "object_kind", "object_id", "quantity", "data", "source",
    "corrects",
)  # fmt: skip

TYPES = {
    "kind": "text", "at": "time", "recorded_at": "time", "by_person": "int", "person": "int", "org": "int",
    "object_kind": "text", "object_id": "text", "quantity": "int", "data": "json", "source": "text", "corrects": "int",
}  # fmt: skip
AT_ONCE = 10_000  # facts in one statement: some megabytes of JSON

# Called once after the commit of a transaction that recorded something; an engine above puts its alarm clock here.
after_commit: list[Callable[[], None]] = []


def _plain(value: Any, path: str = "data") -> None:
    """Refuse what would not come out of both databases as it went in, and so break the seal: floats, dates, lone surrogates."""
    if isinstance(value, str):
        value.encode("utf-8")
        if "\x00" in value:
            raise ValueError(f"{path}: a text of a fact holds no NUL")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path}: keys are texts")
            _plain(item, f"{path}.{key}")
    elif isinstance(value, (list, tuple)):
        for item in value:
            _plain(item, path)
    elif value is not None and not isinstance(value, (bool, int)):
        raise TypeError(f"{path}: {type(value).__name__} is not allowed in a fact's data")


def _row(
    kind: str,
    *,
    by: Actor,
    at: dt.datetime | None = None,
    person: int | None = None,
    org: int | None = None,
    obj: Ref | None = None,
    quantity: int = 1,
    data: dict | None = None,
    source: str | None = None,
    corrects: int | None = None,
    recorded_at: dt.datetime | None = None,
) -> tuple:
    registry.check_fact_kind(kind)
    data = data or {}
    _plain(data)
    recorded = recorded_at or clock.now()
    moment = at or recorded
    if moment.tzinfo is None:
        raise ValueError("a fact's time is aware")
    text = json.dumps(data, ensure_ascii=False)
    return (
        kind, _utc(moment), _utc(recorded), by.person, person, org, obj.kind if obj else "", obj.id if obj else "",
        quantity, text, source or f"{kind}:{new_id()}", corrects,
    )  # fmt: skip


def _utc(moment: dt.datetime) -> dt.datetime | str:
    moment = moment.astimezone(dt.UTC)
    return (
        moment
        if is_postgres()
        else moment.replace(tzinfo=None).isoformat(" ", "microseconds" if moment.microsecond else "seconds")
    )


def _poke() -> None:
    for call in after_commit:
        call()


def record(kind: str, **what: Any) -> Fact:
    """Record one fact and return it; the same `source` told again returns the first one and writes nothing.

    Keywords: by (Actor), at (aware time of the deed; default now), person, org (ids), obj (Ref), quantity, data
    (texts, whole numbers, booleans, lists and dicts of them), source (unique text), corrects (id of the fact that this
    one corrects). Must run inside the transaction of the deed. Raises UnknownFactKind for an undeclared kind.
    """
    require_transaction()
    row = _row(kind, **what)
    marks = ", ".join(["%s"] * len(COLUMNS))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO facts_fact ({', '.join(COLUMNS)}) VALUES ({marks}) ON CONFLICT (source) DO NOTHING RETURNING id",
            row,
        )
        found = cursor.fetchone()
    if found is None:
        return Fact.objects.get(source=row[COLUMNS.index("source")])
    transaction.on_commit(_poke)
    values = dict(zip(COLUMNS, row, strict=True))
    return Fact(
        id=found[0],
        by=values.pop("by_person"),
        data=json.loads(values.pop("data")),
        **{**values, "at": what.get("at") or clock.now()},
    )


def record_many(rows: Iterable[dict], *, by: Actor) -> int:
    """Record many facts set-wise (each a dict of `record`'s keywords with `kind`); returns how many were new.

    Told again with the same sources, nothing is written.
    """
    require_transaction()
    new = 0
    chunk: list[tuple] = []

    def flush() -> int:
        if not chunk:
            return 0
        names = ", ".join(COLUMNS)
        sql = f"INSERT INTO facts_fact ({names}) SELECT {names} FROM {json_rows(TYPES)} WHERE TRUE ON CONFLICT (source) DO NOTHING"
        with connection.cursor() as cursor:
            cursor.execute(sql, [json.dumps(chunk, ensure_ascii=False, default=dt.datetime.isoformat)])
            count = cursor.rowcount
        chunk.clear()
        return count

    for row in rows:
        row = dict(row)
        chunk.append(_row(row.pop("kind"), by=row.pop("by", by), **row))
        if len(chunk) == AT_ONCE:
            new += flush()
    new += flush()
    if new:
        transaction.on_commit(_poke)
    return new


def record_fresh(rows: Iterable[dict], *, by: Actor) -> int:
    """Record many facts that were surely never told before, as fast as the database takes them; returns how many.

    As `record_many`, but a source that is there already raises IntegrityError: for taking over or making up a city.
    """
    require_transaction()

    def prepared() -> Iterator[tuple]:
        for row in rows:
            row = dict(row)
            yield _row(row.pop("kind"), by=row.pop("by", by), **row)

    count = pour("facts_fact", COLUMNS, prepared())
    if count:
        transaction.on_commit(_poke)
    return count


class FactRow(NamedTuple):
    """事实流中的一条: a fact with its number in the stream; `at` and `recorded_at` are aware."""

    seq: int
    id: int
    kind: str
    at: dt.datetime
    recorded_at: dt.datetime
    by: int | None
    person: int | None
    org: int | None
    object_kind: str
    object_id: str
    quantity: int
    data: dict
    source: str
    corrects: int | None


def number_pending(limit: int = 50_000) -> int:
    """Give numbers to committed facts that have none, oldest id first; returns how many. One numberer at a time."""
    if not Pending.objects.exists():
        return 0
    with transaction.atomic():
        Numbering.objects.get_or_create(id=1)
        Numbering.objects.select_for_update().get(id=1)
        with connection.cursor() as cursor:
            # A bound and a range, not IN (… LIMIT …): the planner takes this table for empty, as it mostly is, and
            # joined 100,000 ids row by row for minutes.
            cursor.execute("SELECT fact FROM facts_pending ORDER BY fact LIMIT 1 OFFSET %s", [limit - 1])
            bound = (cursor.fetchone() or [2**62])[0]
            if is_postgres():
                cursor.execute(
                    """WITH taken AS (DELETE FROM facts_pending WHERE fact <= %s RETURNING fact)
                       INSERT INTO facts_stream (fact) SELECT fact FROM taken ORDER BY fact""",
                    [bound],
                )
                return cursor.rowcount
            cursor.execute(
                "INSERT INTO facts_stream (fact) SELECT fact FROM facts_pending WHERE fact <= %s ORDER BY fact", [bound]
            )
            count = cursor.rowcount
            cursor.execute("DELETE FROM facts_pending WHERE fact <= %s", [bound])
            return count


def read(after: int, limit: int, kinds: tuple[str, ...] | None = None, upto: int | None = None) -> list[FactRow]:
    """Up to `limit` facts with numbers above `after` (and at most `upto`), in order.

    `kinds` are exact kinds, or prefixes that end in a dot. The stream is read window by window: each statement touches
    a bounded range of numbers, so that no state of the statistics makes the database join the tables as a whole.
    """
    end = last_number() if upto is None else upto
    test, parameters = _kind_test(kinds)
    window = max(limit, 1000)
    found: list[FactRow] = []
    while after < end and len(found) < limit:
        top = min(end, after + window)
        with connection.cursor() as cursor:
            cursor.execute(
                f"""SELECT s.seq, f.id, f.kind, f.at, f.recorded_at, f.by_person, f.person, f.org, f.object_kind,
                           f.object_id, f.quantity, f.data, f.source, f.corrects
                    FROM facts_stream s JOIN facts_fact f ON f.id = s.fact
                    WHERE s.seq > %s AND s.seq <= %s{test} ORDER BY s.seq LIMIT %s""",
                [after, top, *parameters, limit - len(found)],
            )
            found += map(_fact_row, cursor.fetchall())
        after, window = top, min(2 * window, 100_000)
    return found


def happened(kinds: tuple[str, ...], *, since: dt.datetime, upto: int, step: int = 5000) -> Iterator[FactRow]:
    """The facts of these exact kinds that happened at or after a moment, numbered up to `upto`, in the stream's order.

    For what looks at few kinds of a long stream: the kinds' index is read, not the stream; `step` facts at a time.
    """
    if not kinds:
        return
    test, parameters = _kind_test(kinds)
    with connection.chunked_cursor() as cursor:
        cursor.execute(
            f"""SELECT s.seq, f.id, f.kind, f.at, f.recorded_at, f.by_person, f.person, f.org, f.object_kind,
                       f.object_id, f.quantity, f.data, f.source, f.corrects
                FROM facts_fact f JOIN facts_stream s ON s.fact = f.id
                WHERE f.at >= %s AND s.seq <= %s{test} ORDER BY s.seq""",
            [connection.ops.adapt_datetimefield_value(since), upto, *parameters],
        )
        while rows := cursor.fetchmany(step):
            yield from map(_fact_row, rows)


def _kind_test(kinds: tuple[str, ...] | None) -> tuple[str, list[str]]:
    if kinds is None:
        return "", []
    exact = [kind for kind in kinds if not kind.endswith(".")]
    tests, parameters = ([f"f.kind IN ({', '.join(['%s'] * len(exact))})"] if exact else []), [*exact]
    for prefix in (kind for kind in kinds if kind.endswith(".")):
        tests.append("(f.kind >= %s AND f.kind < %s)")
        parameters += [prefix, prefix[:-1] + "/"]
    return " AND (" + (" OR ".join(tests) or "1 = 0") + ")", parameters


def _fact_row(row: tuple) -> FactRow:
    values = list(row)
    for index in (3, 4):
        moment = values[index]
        if isinstance(moment, str):  # SQLite keeps times as text in UTC
            moment = dt.datetime.fromisoformat(moment)
        values[index] = moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
    if isinstance(values[11], str):
        values[11] = json.loads(values[11])
    return FactRow(*values)


def last_number() -> int:
    """The highest number in the stream, 0 if it is empty."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(seq), 0) FROM facts_stream")
        return cursor.fetchone()[0]


def walk(first: int, last: int, step: int = 5000) -> Iterator[FactRow]:
    """All facts numbered from `first` to `last`, in order, in bounded memory."""
    after = first - 1
    while rows := read(after, step, upto=last):
        yield from rows
        after = rows[-1].seq
