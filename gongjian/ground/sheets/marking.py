"""The person's own file back, with what is wrong coloured and explained in place (标出问题的文件)."""

import io
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import openpyxl
import xlsxwriter
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from gongjian.ground.sheets.loading import Loaded, load
from gongjian.ground.sheets.packed import FileError, look_at
from gongjian.ground.sheets.shapes import Column, Limits, Problem, escape, index_of
from gongjian.ground.sheets.writing import cell_text, tab_name

_RED = "FDE2E0"
_SMALL = 6 * 1024 * 1024  # worksheet XML; larger files come back plain, since keeping their looks needs much memory
_PLAIN = Column("any", "any", max_length=32767)


def problems_xlsx(original: Any, problems: Iterable[Problem], tab: str = "", limits: Limits | None = None) -> bytes:
    """An .xlsx of the uploaded file (bytes or binary file) with problem cells coloured and explained, and 问题清单.

    `tab` is the worksheet that was read (`Reading.tab`). Formulas come back as their results. A file that could not be
    opened gives the list alone.
    """
    limits = limits or Limits()
    found = list(problems)
    try:
        loaded = load(original, limits)
    except FileError:
        return _plain(None, found, tab)
    if loaded.package is not None:
        part = next((part for part in loaded.package.tabs if part.name == tab), loaded.package.tabs[0])
        xml = loaded.package.parts[part.path]
        if len(xml) <= _SMALL:
            try:
                look_at(xml, b"", limits)
                return _marked(loaded, found, part.name)
            except (FileError, KeyError, ValueError, TypeError, AttributeError, IndexError):
                pass  # a workbook that openpyxl does not understand: its cells come back without their looks
    return _plain(loaded, found, tab)


def _by_cell(problems: list[Problem]) -> dict[tuple[int, int], list[str]]:
    """Messages by (row from 1, column from 1); a problem of a whole row stands at its first cell."""
    cells: dict[tuple[int, int], list[str]] = defaultdict(list)
    for problem in problems:
        if problem.row:
            cells[problem.row, index_of(problem.letter) + 1 if problem.letter else 1].append(problem.message)
    return cells


def _list_rows(problems: list[Problem]) -> list[list[str]]:
    head = [_("行"), _("列"), _("标题"), _("问题"), _("原来的内容")]
    return [
        head,
        *(
            [
                str(problem.row or _("整个文件")),
                problem.letter,
                escape(problem.column),
                escape(problem.message),
                escape(problem.value),
            ]
            for problem in problems
        ),
    ]


def _marked(loaded: Loaded, problems: list[Problem], tab: str) -> bytes:
    assert loaded.package is not None
    book = openpyxl.load_workbook(loaded.package.repacked(), data_only=True, keep_links=False, keep_vba=False)
    page = book[tab]
    red = PatternFill("solid", start_color=_RED, end_color=_RED)
    for (row, place), messages in _by_cell(problems).items():
        cell = page.cell(row, place)
        top = next(
            (page.cell(area.min_row, area.min_col) for area in page.merged_cells.ranges if cell.coordinate in area),
            cell,
        )
        top.fill = red
        text = "\n".join(messages)
        top.comment = Comment(f"{top.comment.text}\n{text}" if top.comment else text, "", height=90, width=300)
    title = next(name for name in (_("问题清单"), "问题清单 2", "问题清单 3") if name not in book.sheetnames)
    listing = book.create_sheet(title)
    for line in _list_rows(problems):
        listing.append(line)
    for cells in listing.iter_rows():
        for cell in cells:
            cell.data_type = "s"  # never a formula
    for letter, width in zip("ABCDE", (10, 8, 20, 60, 30), strict=True):
        listing.column_dimensions[letter].width = width
    listing.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(loaded: Loaded | None, problems: list[Problem], tab: str) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    red = book.add_format({"bg_color": f"#{_RED}", "num_format": "@"})
    text = book.add_format({"num_format": "@"})
    bold = book.add_format({"bold": True})
    if loaded is not None:
        name, _visible, get = next((entry for entry in loaded.tabs if entry[0] == tab), loaded.tabs[0])
        cells = _by_cell(problems)
        rows: dict[int, list[int]] = defaultdict(list)
        for row, place in cells:
            rows[row].append(place)
        page = book.add_worksheet(tab_name(name or _("原表")))
        for number, values in enumerate(get().rows, 1):
            width = max([len(values), *rows.get(number, [])])
            for place in range(1, width + 1):
                value = values[place - 1] if place <= len(values) else ""
                wrong = cells.get((number, place)) if number in rows else None
                content = escape(cell_text(value, _PLAIN))
                if wrong:
                    page.write_string(number - 1, place - 1, content, red)
                    page.write_comment(number - 1, place - 1, "\n".join(wrong), {"x_scale": 2})
                elif content:
                    page.write_string(number - 1, place - 1, content, text)
    listing = book.add_worksheet("问题清单")
    for place, width in enumerate((10, 8, 20, 60, 30)):
        listing.set_column(place, place, width)
    for number, line in enumerate(_list_rows(problems)):
        for place, content in enumerate(line):
            listing.write_string(number, place, content, bold if number == 0 else None)
    book.close()
    return out.getvalue()
