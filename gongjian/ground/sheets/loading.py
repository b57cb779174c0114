"""From a file of any kind to tables of cells (载入): what it is is told by its content, not by its name."""

import csv
import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from gongjian.ground.sheets.packed import FileError, Look, Package, look_at, open_package
from gongjian.ground.sheets.shapes import Limits

Cells = list[list[Any]]
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_OLD_READER = Path(__file__).with_name("oldexcel.py")


@dataclass
class Table:
    """The cells of one worksheet (单元格表); rows[0] is row 1 of the file."""

    name: str
    rows: Cells
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    look: Look = field(default_factory=lambda: Look(False, [], {}))


@dataclass
class Loaded:
    """A file opened (已打开的文件): `tabs` lists name, visible and how to get the cells."""

    kind: str  # "xlsx" | "xls" | "csv"
    tabs: list[tuple[str, bool, Callable[[], Table]]]
    notes: list[str] = field(default_factory=list)
    package: Package | None = None


def load(fileobj: Any, limits: Limits) -> Loaded:
    """Open bytes or a binary file; raises FileError with the reason."""
    data = fileobj if isinstance(fileobj, bytes) else fileobj.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise FileError(_("文件太大：最多 %(size)d MB，请拆成几个文件") % {"size": limits.file_bytes // 1048576})
    if not data.strip(b"\0 \t\r\n"):
        raise FileError(_("文件是空的"))
    if data[:4] == b"PK\3\4":
        return _load_xlsx(data, limits)
    if data[:8] == _OLE:
        return _load_xls(data, limits)
    return _load_csv(data, limits)


def _load_xlsx(data: bytes, limits: Limits) -> Loaded:
    package = open_package(data, limits)
    loaded = Loaded("xlsx", [], package=package)
    if package.linked:
        loaded.notes.append(_("文件引用了别的工作簿，引用没有打开，只读了保存在本文件里的内容"))
    if package.macros:
        loaded.notes.append(_("文件里有宏，没有运行也没有保留"))
    shared = next((part for name, part in package.parts.items() if name.endswith("sharedStrings.xml")), b"")
    try:
        book = CalamineWorkbook.from_filelike(package.repacked())
    except (CalamineError, ValueError, OSError):
        raise FileError(_("文件已损坏，打不开；请在 Excel 中打开后另存为 .xlsx 再上传")) from None

    def tab_reader(name: str, path: str) -> Callable[[], Table]:
        def get() -> Table:
            look = look_at(package.parts[path], shared, limits)
            try:
                sheet = book.get_sheet_by_name(name)
                return Table(name, sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or [], look)
            except (CalamineError, ValueError, OSError):
                raise FileError(_("工作表“%(name)s”已损坏，读不出来") % {"name": name}) from None

        return get

    loaded.tabs = [(tab.name, tab.visible, tab_reader(tab.name, tab.path)) for tab in package.tabs]
    return loaded


def _load_xls(data: bytes, limits: Limits) -> Loaded:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise FileError(_("文件加了密码，请去掉密码再上传"))
    if "WordDocument".encode("utf-16-le") in data:
        raise FileError(_("这是 Word 文档，不是表格；请上传 .xlsx、.xls 或 .csv 文件"))
    damaged = _("这个旧版 .xls 文件读不出来；请在 Excel 中打开后另存为 .xlsx 再上传")
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_OLD_READER)], input=data, capture_output=True, timeout=90, check=False
        )
    except subprocess.TimeoutExpired:
        raise FileError(damaged) from None
    if done.returncode:
        raise FileError(damaged)
    loaded = Loaded("xls", [])
    for tab in json.loads(done.stdout, object_hook=_revive):
        merged = [((a[0], a[1]), (b[0], b[1])) for a, b in tab["merged"]]
        table = Table(tab["name"], tab["rows"], merged)
        loaded.tabs.append((tab["name"], tab["visible"], partial(_same, table)))
    return loaded


def _same(table: Table) -> Table:
    return table


def _revive(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        (kind, text), *_rest = value.items()
        if kind == "date":
            return dt.date.fromisoformat(text)
        if kind == "datetime":
            return dt.datetime.fromisoformat(text)
        if kind == "time":
            return text
    return value


def _load_csv(data: bytes, limits: Limits) -> Loaded:
    head = data[:2048].lstrip(b"\xef\xbb\xbf\r\n\t ").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<head")):
        raise FileError(_("这其实是网页格式的表格（只是名字像 Excel）；请在 Excel 中打开后另存为 .xlsx 再上传"))
    if head.startswith(b"<?xml"):
        raise FileError(_("这其实是 XML 格式的表格；请在 Excel 中打开后另存为 .xlsx 再上传"))
    if head.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"rar!", b"7z\xbc\xaf", b"{\\rtf")):
        raise FileError(_("这不是表格；请上传 .xlsx、.xls 或 .csv 文件"))
    text = decode(data)
    if "\0" in text:
        raise FileError(_("这不是表格；请上传 .xlsx、.xls 或 .csv 文件"))
    first = text[:20000]
    delimiter = max(",\t;，", key=first.count)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    loaded = Loaded("csv", [])
    if text.startswith("sep="):  # a line for Excel alone; it stays a row so that numbers agree with a text editor
        loaded.notes.append(_("文件第一行只是写给 Excel 的分隔符说明，已跳过"))
    rows: Cells = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append(row)
            cells += len(row)
            if len(row) > limits.columns:
                raise FileError(
                    _("第 %(row)d 行有 %(found)d 列，最多读 %(columns)d 列")
                    % {"row": len(rows), "found": len(row), "columns": limits.columns}
                )
            if len(rows) > limits.rows + 100 or cells > limits.cells:
                raise FileError(_("行数太多：每个文件最多 %(rows)d 行，请拆成几个文件") % {"rows": limits.rows})
    except csv.Error:
        raise FileError(
            _("第 %(row)d 行附近有一个格子特别长，多半是英文双引号没有成对，请检查") % {"row": len(rows) + 1}
        ) from None
    loaded.tabs = [("", True, lambda: Table("", rows))]
    return loaded


def decode(data: bytes) -> str:
    """The text of a CSV file: UTF-8 or UTF-16 with their marks, UTF-8 without, else GB 18030 (which contains GBK)."""
    if data[:3] == b"\xef\xbb\xbf":
        encodings = ["utf-8-sig"]
    elif data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings = ["utf-16"]
    elif data[1:200:2].count(0) > data[:200:2].count(0) + 10:
        encodings = ["utf-16-le"]
    elif data[:200:2].count(0) > data[1:200:2].count(0) + 10:
        encodings = ["utf-16-be"]
    else:
        # text that happens to be valid UTF-8 beyond ASCII is UTF-8: GBK never is by chance over a few characters
        encodings = ["utf-8", "gb18030"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
    raise FileError(
        _("第 %(line)d 行附近有认不出的文字编码；请在 Excel 中另存为“CSV UTF-8”或 .xlsx 再上传") % {"line": line}
    )
