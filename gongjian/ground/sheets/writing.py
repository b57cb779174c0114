"""Writing files (写出): the template that people fill in, and exports of the same shape that can be imported again.

Texts that begin like a formula are escaped on the way out; `read` takes the escape away again.
"""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from gongjian.ground.sheets.shapes import EXPLAINS, Column, Row, Sheet, escape, letter_of

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_CELL = 32767  # characters a cell can hold
_EARLIEST = dt.date(1900, 3, 1)  # spreadsheets count a 29 February 1900 that never was
_TEXT_KINDS = frozenset({"text", "code", "name", "identity", "credit_code", "division", "phone", "choice", "month"})
_WIDTHS = {"identity": 22, "credit_code": 22, "division": 18, "phone": 16, "date": 13, "datetime": 18, "name": 12}
_GREEN, _GREY = "#E8F1EE", "#F4F5F7"


def cell_text(value: Any, column: Column) -> str:
    """A value as text, as it stands in a CSV file before escaping."""
    if value is None:
        return ""
    if column.kind == "choice":
        return next((option.label for option in column.options if option.value == value), str(value))
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value, "f")
    text = _ILLEGAL.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > _CELL - 20:
        text = text[: _CELL - 20] + _("…（太长，已截断）")
    return text


def _values(row: Row | Mapping[str, Any]) -> Mapping[str, Any]:
    return row.values if isinstance(row, Row) else row


def write_csv(
    sheet: Sheet, rows: Iterable[Row | Mapping[str, Any]], out: Any = None, *, explain: bool = True
) -> bytes | None:
    """Write rows (dicts by column key) as CSV in UTF-8 with BOM, which Excel needs to see Chinese.

    Returns the bytes, or writes to `out` (a binary file) as it goes and returns None.
    """
    target = out if out is not None else io.BytesIO()
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=False)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([escape(column.title) for column in sheet.columns])
    if explain:
        writer.writerow([column.explanation for column in sheet.columns])
    columns = sheet.columns
    for row in rows:
        values = _values(row)
        writer.writerow([escape(cell_text(values.get(column.key), column)) for column in columns])
    text.flush()
    text.detach()
    return target.getvalue() if out is None else None


def write_xlsx(
    sheet: Sheet, rows: Iterable[Row | Mapping[str, Any]], out: Any = None, *, explain: bool = True
) -> bytes | None:
    """Write rows (dicts by column key) as .xlsx in constant memory, header and explaining row as in the template.

    Returns the bytes, or writes to `out` (a path or binary file) and returns None.
    """
    target = out if out is not None else io.BytesIO()
    book = _workbook(target, constant_memory=True)
    page = book.add_worksheet(tab_name(sheet.title))
    start = _head(book, page, sheet, explain)
    writers = [_writer(book, column) for column in sheet.columns]
    for number, row in enumerate(rows, start):
        values = _values(row)
        for place, (column, write) in enumerate(zip(sheet.columns, writers, strict=True)):
            value = values.get(column.key)
            if value is not None and value != "":
                write(page, number, place, value)
    book.close()
    return target.getvalue() if out is None else None


def write_template(sheet: Sheet, format: str = "xlsx") -> bytes:
    """The empty template: header, explaining row, lists to choose from, text format for codes, and a page of 说明."""
    if format == "csv":
        return write_csv(sheet, []) or b""
    if format != "xlsx":
        raise ValueError("a template is 'xlsx' or 'csv'")
    target = io.BytesIO()
    book = _workbook(target)
    page = book.add_worksheet(tab_name(sheet.title))
    start = _head(book, page, sheet, True)
    for place, column in enumerate(sheet.columns):
        page.write_comment(
            0, place, column.explanation.removeprefix(EXPLAINS), {"x_scale": 2, "y_scale": 1.2, "author": ""}
        )
    _guide(book, sheet)
    _lists(book, page, sheet, start)
    book.close()
    return target.getvalue()


def _workbook(target: Any, **options: Any) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(
        target,
        {
            **options,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": "微软雅黑", "font_size": 11},
        },
    )
    # a fixed moment, so that the same rows give the same bytes
    book.set_properties({"created": dt.datetime(2020, 1, 1)})
    return book


def tab_name(title: str) -> str:
    return re.sub(r"[\[\]:*?/\\']", "", title)[:31] or "Sheet1"


def _head(book: xlsxwriter.Workbook, page: Any, sheet: Sheet, explain: bool) -> int:
    """Header and explaining row; returns the first row for content (from 0)."""
    must = book.add_format({"bold": True, "bg_color": _GREEN, "bottom": 1, "font_color": "#B42318"})
    may = book.add_format({"bold": True, "bg_color": _GREEN, "bottom": 1})
    grey = book.add_format(
        {"font_color": "#667085", "bg_color": _GREY, "text_wrap": True, "valign": "top", "font_size": 9, "italic": True}
    )
    for place, column in enumerate(sheet.columns):
        width = column.width or max(_WIDTHS.get(column.kind, 14), 2 * len(column.title) + 4)
        page.set_column(place, place, width, _format(book, column))
    for place, column in enumerate(sheet.columns):
        title = f"{column.title} *" if column.required else column.title
        page.write_string(0, place, title, must if column.required else may)
    if explain:
        page.set_row(1, 66)
        for place, column in enumerate(sheet.columns):
            page.write_string(1, place, column.explanation, grey)
    page.freeze_panes(2 if explain else 1, 1)
    return 2 if explain else 1


def _format(book: xlsxwriter.Workbook, column: Column) -> Any:
    if column.kind in _TEXT_KINDS:
        return book.add_format({"num_format": "@"})
    if column.kind == "date":
        return book.add_format({"num_format": "yyyy-mm-dd"})
    if column.kind == "datetime":
        return book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    return None


def _exact(value: Any) -> bool:
    """Whether a number survives as a spreadsheet's number."""
    if not isinstance(value, (int, float, Decimal)):
        return False
    number = Decimal(str(value))
    return abs(number) < 10**15 and Decimal(repr(float(number))) == number


def _writer(book: xlsxwriter.Workbook, column: Column) -> Any:
    """The function that writes this column's values: real dates and numbers where a spreadsheet keeps them exactly."""
    shape = _format(book, column)

    def write(page: Any, row: int, place: int, value: Any) -> None:
        if isinstance(value, dt.datetime):
            if value.date() >= _EARLIEST:
                page.write_datetime(row, place, value.replace(tzinfo=None, second=0, microsecond=0), shape)
                return
        elif isinstance(value, dt.date):
            if value >= _EARLIEST:
                page.write_datetime(row, place, value, shape)
                return
        elif column.kind in ("int", "decimal") and not isinstance(value, bool) and _exact(value):
            page.write_number(row, place, value)
            return
        page.write_string(row, place, escape(cell_text(value, column)), shape)

    return write


def _guide(book: xlsxwriter.Workbook, sheet: Sheet) -> None:
    """The page 说明: every column in full, and how to fill the file in."""
    page = book.add_worksheet("说明")
    bold = book.add_format({"bold": True, "bg_color": _GREEN, "bottom": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    big = book.add_format({"bold": True, "font_size": 14})
    page.set_column(0, 0, 20)
    page.set_column(1, 1, 8)
    page.set_column(2, 2, 60)
    page.set_column(3, 3, 28)
    page.write_string(0, 0, _("%(title)s填写说明") % {"title": sheet.title}, big)
    lines = [
        sheet.intro,
        _("从第 3 行开始填写，一行一条；第 1 行是标题，第 2 行是说明，都请保留。"),
        _("日期写成 2024-01-05；号码、编码按文本填写，不要让 Excel 变成数字。"),
        _("上传后先检查，所有问题都会按行和列列出；确认以后才写入。"),
    ]
    row = 1
    for line in filter(None, lines):
        page.write_string(row, 0, escape(line))
        row += 1
    row += 1
    for place, title in enumerate((_("列"), _("必填"), _("怎样填写"), _("可填的内容"))):
        page.write_string(row, place, title, bold)
    for column in sheet.columns:
        row += 1
        page.write_string(row, 0, escape(column.title), wrap)
        page.write_string(row, 1, _("是") if column.required else "", wrap)
        page.write_string(row, 2, column.explanation.removeprefix(EXPLAINS), wrap)
        page.write_string(row, 3, escape("、".join(option.label for option in column.options)[:2000]), wrap)


def _lists(book: xlsxwriter.Workbook, page: Any, sheet: Sheet, start: int) -> None:
    """Data validation: lists for choices (kept on a hidden page, so that long ones work), bounds for whole numbers."""
    hidden = None
    used = 0
    last = 1_048_575
    for place, column in enumerate(sheet.columns):
        labels = [option.label for option in column.options]
        if column.kind == "bool":
            labels = [_("是"), _("否")]
        if labels:
            if hidden is None:
                hidden = book.add_worksheet("选项")
                hidden.hide()
            hidden.write_string(0, used, escape(column.title))
            for number, label in enumerate(labels, 1):
                hidden.write_string(number, used, escape(label))
            letter = letter_of(used)
            page.data_validation(
                start,
                place,
                last,
                place,
                {
                    "validate": "list",
                    "source": f"=选项!${letter}$2:${letter}${len(labels) + 1}",
                    "error_title": _("没有这个选项"),
                    "error_message": _("请从列表中选择。"),
                },
            )
            used += 1
        elif column.kind == "int" and column.minimum is not None and column.maximum is not None:
            page.data_validation(
                start,
                place,
                last,
                place,
                {
                    "validate": "integer",
                    "criteria": "between",
                    "minimum": column.minimum,
                    "maximum": column.maximum,
                    "error_title": _("数字不对"),
                    "error_message": _("请填 %(low)s 到 %(high)s 之间的整数。")
                    % {"low": column.minimum, "high": column.maximum},
                },
            )
