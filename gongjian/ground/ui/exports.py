"""导出: rows as CSV or Excel, streamed, with nothing in a cell that a spreadsheet would run as a formula."""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import xlsxwriter
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

EXCEL_ROWS = 1_048_575  # a sheet has 1,048,576 rows, the first is the heading
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def harmless(value: Any) -> Any:
    """A text that a spreadsheet could take for a formula gets an apostrophe in front (OWASP, CSV injection)."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return "'" + value
    return value


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
    if isinstance(value, (bool, int, float, date)):
        return value
    return harmless(str(value))


def _text(value: Any) -> Any:
    value = _plain(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, date) else value


class _Echo:
    def write(self, text: str) -> str:
        return text


def _csv_lines(titles: list[str], rows: Iterable[list]) -> Iterator[str]:
    out = csv.writer(_Echo())
    yield "\ufeff" + out.writerow([_text(title) for title in titles])
    for row in rows:
        yield out.writerow([_text(value) for value in row])


def as_attachment(response: HttpResponseBase, name: str) -> HttpResponseBase:
    """A file to be kept under this name, and by no cache on the way."""
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response["Cache-Control"] = "no-store"
    return response


def csv_response(name: str, titles: list[str], rows: Iterable[list]) -> HttpResponseBase:
    """Rows as CSV with a byte order mark (Excel then reads it as UTF-8), sent while they are read."""
    response = StreamingHttpResponse(_csv_lines(titles, rows), content_type="text/csv; charset=utf-8")
    return as_attachment(response, f"{name}.csv")


def xlsx_response(name: str, titles: list[str], rows: Iterable[list]) -> HttpResponseBase:
    """Rows as Excel, written in constant memory to a temporary file that goes away once it is sent."""
    out = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - FileResponse closes it
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    head = book.add_format({"bold": True, "bg_color": "#F3EFE8", "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "left"})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(titles) - 1, 0), 18)
    for column, title in enumerate(titles):
        sheet.write_string(0, column, str(_text(title)), head)
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(map(_plain, row)):
            if isinstance(value, bool):
                sheet.write_boolean(number, column, value)
            elif isinstance(value, datetime):
                sheet.write_datetime(number, column, value, moment)
            elif isinstance(value, date):
                sheet.write_datetime(number, column, datetime(value.year, value.month, value.day), day)
            elif isinstance(value, (int, float)) and abs(value) < 10**15:
                sheet.write_number(number, column, value)
            elif value != "":
                sheet.write_string(number, column, str(value)[:32767])  # Excel's limit of a cell
    book.close()
    out.seek(0)
    response = FileResponse(out, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return as_attachment(response, f"{name}.xlsx")
