"""Reading a file by a `Sheet` (读取): finds the header, says what is wrong, returns values; writes nothing anywhere."""

import datetime as dt
import difflib
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from gongjian.ground.sheets.cells import CellError, parser_of, plain_text
from gongjian.ground.sheets.loading import Loaded, Table, load
from gongjian.ground.sheets.packed import FileError
from gongjian.ground.sheets.shapes import (
    EXPLAINS,
    Column,
    Limits,
    Problem,
    Reading,
    Row,
    Sheet,
    fold_title,
    letter_of,
    shown,
)

_HEADER_WITHIN = 20  # rows from the top in which the header is looked for
LIMITS = Limits()


def read(
    fileobj: Any,
    sheet: Sheet,
    filename: str = "",
    limits: Limits = LIMITS,
    *,
    today: dt.date | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reading:
    """Read an .xlsx, .xls or CSV file (bytes or a binary file) by `sheet`.

    Never raises for what is in the file: everything wrong is in `problems`. `filename` is only for messages; the kind
    of file is told by its content. `today` is the last possible birth date. `progress(done, all)` is called every
    2,000 rows.
    """
    reading = Reading(sheet, cap=limits.problems)
    try:
        loaded = load(fileobj, limits)
        table, header = _choose(loaded, sheet, reading)
    except FileError as error:
        reading.add(Problem(0, "", str(error), filename))
        return reading
    reading.notes.extend(loaded.notes)
    reading.header_row = header + 1
    reading.tab = table.name
    places = _match_header(table, header, sheet, reading)
    if places:
        _read_rows(table, header, places, reading, limits, today or dt.date.today(), progress)
    return reading


# --- the header ------------------------------------------------------------


def _names(sheet: Sheet) -> dict[str, Column]:
    names: dict[str, Column] = {}
    for column in sheet.columns:
        names[fold_title(column.title)] = column
    for column in sheet.columns:
        for alias in (*column.aliases, column.key):
            names.setdefault(fold_title(alias), column)
    return names


def _choose(loaded: Loaded, sheet: Sheet, reading: Reading) -> tuple[Table, int]:
    """The worksheet and the row (from 0) of its header: the tab that fits best, the sheet's own title first."""
    names = _names(sheet)
    best: tuple[int, Table, int] | None = None
    others = 0
    tabs = sorted(loaded.tabs, key=lambda tab: (not tab[1], tab[0] != sheet.title[:31]))
    for name, visible, get in tabs:
        if best and (not visible or best[1].name == sheet.title[:31]):
            break
        table = get()
        for number, row in enumerate(table.rows[:_HEADER_WITHIN]):
            score = len({names[key].key for cell in row if (key := fold_title(cell)) in names})
            if score and (best is None or score > best[0]):
                best = (score, table, number)
        others += visible and name != (best[1].name if best else "") and len(table.rows) > 1
    if best is None:
        wanted = "、".join(column.title for column in sheet.columns[:6])
        raise FileError(
            _("前 %(rows)d 行里没有找到表头；表头应有“%(titles)s”等标题，请用本页的模板填写")
            % {"rows": _HEADER_WITHIN, "titles": wanted}
        )
    if others:
        reading.notes.append(_("文件有几个工作表，只读取了“%(name)s”") % {"name": best[1].name})
    return best[1], best[2]


def _match_header(table: Table, header: int, sheet: Sheet, reading: Reading) -> list[tuple[int, Column]]:
    """Which position is which column; wrong, missing, duplicate and renamed headers become problems."""
    names = _names(sheet)
    places: dict[str, int] = {}
    unknown: list[tuple[int, str]] = []
    for position, cell in enumerate(table.rows[header]):
        text = plain_text(cell)
        column = names.get(fold_title(text))
        letter = letter_of(position)
        if not text:
            _nameless(table, header, position, reading)
        elif column is None:
            unknown.append((position, text))
        elif column.key in places:
            first = letter_of(places[column.key])
            reading.add(
                Problem(
                    header + 1,
                    column.title,
                    _("标题重复：%(first)s 列和 %(letter)s 列都是“%(title)s”，请删去一列")
                    % {"first": first, "letter": letter, "title": column.title},
                    text,
                    letter,
                    column.key,
                )
            )
        else:
            places[column.key] = position
    reading.letters = {column.key: letter_of(places[column.key]) for column in sheet.columns if column.key in places}
    absent = [column for column in sheet.columns if column.key not in places]
    folded = {fold_title(column.title): column for column in absent}
    extra = []
    for position, text in unknown:
        near = difflib.get_close_matches(fold_title(text)[:60], list(folded), 1, 0.6)
        near = near or [
            name for name in folded if min(len(name), len(fold_title(text))) >= 2 and (name in text or text in name)
        ]
        if near:
            column = folded.pop(near[0])
            absent.remove(column)
            reading.add(
                Problem(
                    header + 1,
                    text[:60],
                    _("没有“%(found)s”这一列，是不是“%(title)s”？请把标题改回“%(title)s”")
                    % {"found": text[:60], "title": column.title},
                    text[:60],
                    letter_of(position),
                    column.key,
                )
            )
        else:
            extra.append(_("%(letter)s 列“%(title)s”") % {"letter": letter_of(position), "title": text[:60]})
    for column in absent:
        if column.required or column.key in sheet.key_columns:
            reading.add(
                Problem(header + 1, column.title, _("缺少“%(title)s”这一列") % {"title": column.title}, key=column.key)
            )
    if extra:
        reading.notes.append(_("这些列不在模板里，没有读取：%(columns)s") % {"columns": "、".join(extra[:20])})
    return [(places[column.key], column) for column in sheet.columns if column.key in places]


def _nameless(table: Table, header: int, position: int, reading: Reading) -> None:
    covered = any(top <= header <= bottom and left < position <= right for (top, left), (bottom, right) in table.merged)
    for number, row in enumerate(table.rows[header + 1 :], header + 2):
        if position < len(row) and plain_text(row[position]):
            message = (
                _("表头是合并单元格，盖住了 %(letter)s 列；请取消合并，给每一列写上标题")
                if covered
                else _("%(letter)s 列没有标题，但第 %(row)d 行有内容；请写上标题或删去这一列")
            )
            letter = letter_of(position)
            reading.add(Problem(header + 1, "", message % {"letter": letter, "row": number}, "", letter))
            return


# --- the rows ------------------------------------------------------------


def _is_explanation(row: list[Any], places: list[tuple[int, Column]]) -> bool:
    filled = [(plain_text(row[place]), column) for place, column in places if place < len(row) and row[place] != ""]
    marked = sum(text.startswith(EXPLAINS) or text == column.explanation for text, column in filled)
    return bool(filled) and marked * 2 >= len(filled)


def _blank(cells: list[Any]) -> bool:
    """Whether a row holds nothing but spaces; 0 and FALSE are something."""
    return not any(cell not in ("", None) and (not isinstance(cell, str) or plain_text(cell)) for cell in cells)


def _fill_merged(table: Table, header: int) -> int:
    """Give every row of a cell merged downwards the value that is shown for it; returns how many cells were merged."""
    merged = 0
    for (top, left), (bottom, _right) in table.merged:
        if top <= header or bottom <= top or top >= len(table.rows) or left >= len(table.rows[top]):
            continue
        value = table.rows[top][left]
        if value == "":
            continue
        merged += 1
        for row in table.rows[top + 1 : bottom + 1]:
            if not _blank(row):  # an empty row inside stays empty
                row.extend([""] * (left + 1 - len(row)))
                row[left] = value
    return merged


def _read_rows(
    table: Table,
    header: int,
    places: list[tuple[int, Column]],
    reading: Reading,
    limits: Limits,
    today: dt.date,
    progress: Callable[[int, int], None] | None,
) -> None:
    if merged := _fill_merged(table, header):
        reading.notes.append(_("有 %(count)d 处上下合并的单元格，合并的内容已填到它盖住的每一行") % {"count": merged})
    rows = table.rows
    start = header + 1
    while start < len(rows) and _blank(rows[start]):
        start += 1
    if start < len(rows) and _is_explanation(rows[start], places):
        start += 1
    look = table.look
    if look.formulas:
        reading.notes.append(_("文件里有公式，没有重新计算，读的是上次保存的结果"))
    parsers = [(place, column, column.key, parser_of(column, today), column.required) for place, column in places]
    blank = dict.fromkeys((column.key for column in reading.sheet.columns), None)
    faulty_rows = {row for row, _column in look.faulty}
    kept = reading.rows
    total = len(rows)
    for number, cells in enumerate(rows[start:], start + 1):
        if progress and number % 2000 == 0:
            progress(number, total)
        if _blank(cells) and number not in faulty_rows:
            continue
        if len(kept) >= limits.rows:
            message = _("行数太多：每个文件最多 %(rows)d 行，从这一行起没有读取；请拆成几个文件")
            reading.add(Problem(number, "", message % {"rows": limits.rows}))
            break
        values = blank.copy()
        width = len(cells)
        for place, column, key, parse, required in parsers:
            cell = cells[place] if place < width else ""
            try:
                if number in faulty_rows and (number, place) in look.faulty:
                    raise CellError(_fault(look.faulty[number, place]))
                value = parse(cell)
                if value is None:
                    if required:
                        raise CellError(_("没有填写"))
                else:
                    values[key] = value
            except CellError as error:
                reading.add(Problem(number, column.title, str(error), shown(cell, column), reading.letters[key], key))
        kept.append(Row(number, values))
    if not kept:
        reading.add(Problem(0, "", _("表头下面没有内容")))
    hidden = [number for number in look.hidden if number > header + 1]
    if hidden:
        reading.notes.append(
            _("有 %(count)d 行被隐藏或筛选掉了，也一并读取：第 %(rows)s 行")
            % {"count": len(hidden), "rows": "、".join(map(str, hidden[:10])) + ("…" if len(hidden) > 10 else "")}
        )
    _find_doubles(reading)


def _fault(error: str) -> str:
    if error:
        return _("这里是公式算错的结果 %(error)s，请改成正确的内容") % {"error": error[:20]}
    return _("这里是公式，但文件里没有它的结果；请在 Excel 中打开并保存一次，或者直接填写内容")


def _find_doubles(reading: Reading) -> None:
    """Rows with one key, and values given twice in a column that holds each once: named with both rows."""
    sheet = reading.sheet
    groups: list[tuple[str, ...]] = [sheet.key_columns] if sheet.key_columns else []
    groups += [(column.key,) for column in sheet.columns if column.unique and (column.key,) != sheet.key_columns]
    for keys in groups:
        if any(key not in reading.letters for key in keys):
            continue
        titles = "”“".join(sheet.by_key[key].title for key in keys)
        seen: dict[tuple[Any, ...], int] = {}
        for row in reading.rows:
            value = tuple(row.values[key] for key in keys)
            if None in value:
                continue
            first = seen.setdefault(value, row.number)
            if first != row.number:
                message = _("与第 %(row)d 行重复：“%(titles)s”相同") % {"row": first, "titles": titles}
                reading.problem(row, keys[0], message)
