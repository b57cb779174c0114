"""绑定: a room joins a sheet to what checks, writes, takes back and exports its rows. The exchange room calls only these."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.sheets.shapes import Problem, Row, Sheet, shown

Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


class Result(NamedTuple):
    """导入结果: how many rows were created, updated, and already as the file says."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class SheetBinding:
    """表格绑定.

    check(rows, *, by) -> every problem, by row and column; nothing is written.
    apply(rows, *, by, at, batch, progress) -> Result; all or nothing, and the same rows again change nothing. It
    checks again itself and raises Refused when something has become wrong since.
    undo(batch, *, by, at) -> Result (`updated` counts what was put back, `created` what was removed); Refused when
    something has been built on it. None: this sheet's imports cannot be undone.
    export(actor, filters) -> dicts of the sheet's columns, for the rows that the actor sees.
    `columns` of a reading say which columns the file has: absent columns are left as they are.
    """

    sheet: Sheet
    permission: str
    check: Callable[..., list[Problem]]
    apply: Callable[..., Result]
    undo: Callable[..., Result] | None
    export: Callable[[Actor, Mapping[str, Any]], Iterator[dict[str, Any]]]
    title: str = ""
    order: int = 100


class Complaints:
    """问题收集: gathers problems by row and the column's title."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.found: list[Problem] = []

    def add(self, row: Row, key: str, message: str, value: Any = "") -> None:
        """Note what is wrong in a row's column (`key` "" for the whole row)."""
        column = self.sheet.by_key.get(key)
        from_row = row.values.get(key) if value == "" and key else value
        shown = shown_value(from_row, column)
        self.found.append(Problem(row.number, column.title if column else "", message, shown, key=key))

    def bad_rows(self) -> set[int]:
        """Numbers of the rows that have a problem."""
        return {problem.row for problem in self.found}


def shown_value(value: Any, column: Any) -> str:
    """A value as a problem shows it: shortened, numbers of people masked."""
    return shown(value, column) if value not in (None, "") else ""


def moment_of(at: dt.datetime | None) -> dt.datetime:
    """The time of an import: now unless it is given."""
    return at or clock.now()


def in_chunks(rows: Sequence[Any] | Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of at most `size`, in order."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
