"""Opening .xlsx files that strangers send (工作簿): unpacked under limits, stripped of all but the cells.

A workbook is a zip of XML. Before any reader sees it, this file unpacks it itself, counting bytes as they come out
rather than believing what the zip declares, drops drawings, macros, links and everything else that is not cells,
refuses document types (where entity bombs live) and cells so far out that a dense table of them would fill the memory.
"""

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass, field

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from django.utils.translation import gettext as _

from gongjian.ground.sheets.shapes import Limits, index_of, letter_of


class FileError(ValueError):
    """A file that cannot be read at all; its text says why and what to do."""


_DROPPED = re.compile(
    r"(?:^|/)(?:externalLinks|drawings|media|embeddings|activeX|ctrlProps|pivot\w*|queryTables|customXml|docProps|charts"
    r"|chartsheets|macrosheets|printerSettings|persons|threadedComments|diagrams|tables|webextensions)/"
    r"|(?:^|/)(?:comments\d*|connections|vbaProject|calcChain|metadata)\.",
    re.I,
)
_SHEET_RELS = re.compile(r"worksheets/_rels/", re.I)
_MAX_PARTS = 2000


@dataclass
class Part:
    """One worksheet inside the package (工作表)."""

    name: str
    path: str
    visible: bool


@dataclass
class Package:
    """A workbook unpacked and stripped (已拆包的工作簿)."""

    parts: dict[str, bytes]
    tabs: list[Part] = field(default_factory=list)
    linked: bool = False  # it pointed to other workbooks
    macros: bool = False

    def repacked(self) -> io.BytesIO:
        """The stripped workbook as a zip without compression, for the readers."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
            for name, content in self.parts.items():
                archive.writestr(name, content)
        out.seek(0)
        return out


def open_package(data: bytes, limits: Limits) -> Package:
    """Unpack and strip a workbook; raises FileError for bombs and for what is no workbook."""
    damaged = _("文件已损坏，打不开；请在 Excel 中打开后另存为 .xlsx 再上传")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, NotImplementedError, OSError):
        raise FileError(damaged) from None
    if len(infos) > _MAX_PARTS:
        raise FileError(_("文件的内部结构不正常（部件太多），没有读取"))
    names = {info.filename.replace("\\", "/") for info in infos}
    if "mimetype" in names and any(name == "content.xml" for name in names):
        raise FileError(_("这是 .ods 表格，请另存为 .xlsx 再上传"))
    if any(name.endswith("workbook.bin") for name in names):
        raise FileError(_("这是 .xlsb 二进制工作簿，请另存为 .xlsx 再上传"))
    if not any(name.endswith("workbook.xml") for name in names):
        raise FileError(_("这不是 Excel 表格；请上传 .xlsx、.xls 或 .csv 文件"))
    package = Package({})
    left = limits.unpacked_bytes
    for info in infos:
        name = info.filename.replace("\\", "/").lstrip("/")
        package.linked = package.linked or "externalLinks/" in name
        package.macros = package.macros or name.endswith("vbaProject.bin")
        content = _unpack(data, info, left)
        if content is None:
            raise FileError(
                _("文件解压后超过 %(size)d MB，没有读取；请拆成几个文件") % {"size": limits.unpacked_bytes // 1048576}
            )
        left -= len(content)
        used = limits.unpacked_bytes - left
        if used > limits.ratio_from_bytes and used > limits.ratio * len(data):
            raise FileError(_("文件压缩得异常紧（可能是压缩炸弹），没有读取"))
        if not name.endswith((".xml", ".rels")) or _DROPPED.search(name) or _SHEET_RELS.search(name):
            continue
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content or b"\0" in content[:200]:
            raise FileError(_("文件里有不该出现的定义（XML 实体），没有读取"))
        package.parts[name] = content
    try:
        package.tabs = _tabs(package.parts)
    except (ParseError, DefusedXmlException, KeyError, ValueError):
        raise FileError(damaged) from None
    if not package.tabs:
        raise FileError(_("文件里没有工作表"))
    return package


def _unpack(data: bytes, info: zipfile.ZipInfo, left: int) -> bytes | None:
    """The bytes of one entry, None when more than `left` come out. Declared sizes are not believed."""
    damaged = _("文件已损坏，打不开；请在 Excel 中打开后另存为 .xlsx 再上传")
    if info.flag_bits & 1:
        raise FileError(_("文件加了密码，请去掉密码再上传"))
    head = data[info.header_offset : info.header_offset + 30]
    if len(head) < 30 or head[:4] != b"PK\3\4":
        raise FileError(damaged)
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    start = info.header_offset + 30 + name_length + extra_length
    body = data[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        return body if len(body) <= left else None
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise FileError(damaged)
    engine = zlib.decompressobj(-15)
    try:
        content = engine.decompress(body, left + 1)
    except zlib.error:
        raise FileError(damaged) from None
    if len(content) > left:
        return None
    if not engine.eof or zlib.crc32(content) != info.CRC:
        raise FileError(damaged)
    return content


def _tabs(parts: dict[str, bytes]) -> list[Part]:
    book = next(name for name in parts if name.endswith("workbook.xml"))
    folder = book[: -len("workbook.xml")]
    targets = {}
    for relation in fromstring(parts[f"{folder}_rels/workbook.xml.rels"]):
        target = relation.get("Target", "")
        targets[relation.get("Id", "")] = target.lstrip("/") if target.startswith("/") else folder + target
    tabs = []
    for element in fromstring(parts[book]).iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        identity = next((value for key, value in element.attrib.items() if key.endswith("}id")), "")
        path = targets.get(identity, "")
        if path in parts:
            tabs.append(Part(element.get("name", ""), path, element.get("state", "visible") == "visible"))
    return tabs


# --- looking at a worksheet's XML before it becomes a table -----------------------

# no pattern runs past the next "<": on a file of nothing but "<c <c <c" it would start anew at each and never end
_CELL_REF = re.compile(rb"<(?:\w+:)?c(?=\s)[^<>]*?\sr\s*=\s*[\"']([A-Z]{1,3})\d")
_FULL_REF = re.compile(
    rb"<(?:\w+:)?c(?=\s)[^<>]*?\sr\s*=\s*[\"']([A-Z]{1,3})(\d+)[\"'](?P<rest>[^<>]*)>(?P<value><(?:\w+:)?[vif])?"
)
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")
_ROW_REF = re.compile(rb"<(?:\w+:)?row\s[^<>]*?\br\s*=\s*[\"'](\d+)")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\s[^<>]*\bhidden\s*=\s*[\"'](?:1|true)[\"']")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FAULTY = re.compile(
    rb"<(?:\w+:)?c\s(?=[^<>]*\sr=\"|r=\")(?P<head>[^<>]*)>"
    rb"(?:<(?:\w+:)?f(?:/>|[^<>]*/>|[^<>]*>[^<]*</(?:\w+:)?f>))?"
    rb"(?:<(?:\w+:)?v>(?P<value>[^<]*)</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?</(?:\w+:)?c>"
)


@dataclass
class Look:
    """What the XML of a worksheet tells beyond its values."""

    formulas: bool
    hidden: list[int]
    faulty: dict[tuple[int, int], str]  # (row from 1, column from 0) → the error, "" for a formula never computed


def look_at(xml: bytes, shared: bytes, limits: Limits) -> Look:
    """Refuse far cells and blown-up strings; find formulas without results, errors and hidden rows."""
    columns = set(_CELL_REF.findall(xml))
    widest = max(map(_column, columns), default=0) + 1
    far = _far_pattern(limits.rows + 100)
    if match := far.search(xml):
        raise FileError(
            _("单元格 %(cell)s 太远：每个文件最多 %(rows)d 行；请删掉下方多余的行，或拆成几个文件")
            % {"cell": match[1].decode(), "rows": limits.rows}
        )
    if widest > limits.columns:
        cell = max(columns, key=_column).decode()
        raise FileError(
            _("%(cell)s 列还有内容：最多读 %(columns)d 列（到 %(last)s 列）；请删掉右边多余的列")
            % {"cell": cell, "columns": limits.columns, "last": letter_of(limits.columns - 1)}
        )
    cells = len(_CELL.findall(xml))
    if cells > sum(1 for _match in _CELL_REF.finditer(xml)):  # cells without a place are counted along their row
        implied = max((len(_CELL.findall(row)) for row in re.split(rb"<(?:\w+:)?row[\s>]", xml)), default=0)
        widest = max(widest, 0) + implied
        if widest > limits.columns or len(re.findall(rb"<(?:\w+:)?row[\s>/]", xml)) > limits.rows + 100:
            raise FileError(_("表格太宽或太长，没有读取"))
    deepest = max(map(int, (number[:9] for number in _ROW_REF.findall(xml))), default=1)
    if widest * min(deepest, limits.rows + 100) > limits.cells or (
        widest > 80 and widest * max(int(m[2]) for m in _FULL_REF.finditer(xml)) > limits.cells
    ):
        raise FileError(
            _("表格的范围太大（%(columns)d 列 × %(rows)d 行），请删掉多余的行和列")
            % {"columns": widest, "rows": deepest}
        )
    _weigh_strings(xml, shared, cells, limits)
    hidden = []
    for match in _HIDDEN.finditer(xml):
        if place := re.search(rb"\br\s*=\s*[\"'](\d+)", match[0]):
            hidden.append(int(place[1]))
    formulas = _FORMULA.search(xml) is not None
    return Look(formulas, hidden, _faulty(xml) if formulas or b't="e"' in xml else {})


def _column(letters: bytes) -> int:
    return index_of(letters.decode())


def _far_pattern(rows: int) -> re.Pattern[bytes]:
    """Cell references in a row beyond `rows`, as a pattern: a search is much cheaper than reading every number."""
    digits = str(rows)
    longer = rb"\d{%d,}" % (len(digits) + 1)
    ways = [longer]
    for place, digit in enumerate(digits):
        if digit != "9":
            rest = len(digits) - place - 1
            ways.append(digits[:place].encode() + b"[%d-9]" % (int(digit) + 1) + (rb"\d{%d}" % rest if rest else b""))
    return re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3}(?:" + b"|".join(ways) + rb"))[\"']")


def _weigh_strings(xml: bytes, shared: bytes, cells: int, limits: Limits) -> None:
    """Refuse a few long shared strings used by very many cells: each use becomes a copy."""
    if not shared:
        return
    lengths = [len(entry) for entry in re.split(rb"<(?:\w+:)?si[\s>/]", shared)[1:]]
    if max(lengths, default=0) * cells <= limits.unpacked_bytes:
        return
    total = 0
    for match in re.finditer(rb"<(?:\w+:)?v>(\d{1,9})</", xml):
        place = int(match[1])
        total += lengths[place] if place < len(lengths) else 0
        if total > limits.unpacked_bytes * 2:
            raise FileError(_("文件解压后的文字太多，没有读取；请拆成几个文件"))


def _faulty(xml: bytes) -> dict[tuple[int, int], str]:
    found = {}
    for match in _FAULTY.finditer(xml):
        head = match["head"]
        error = b't="e"' in head
        if not error and (match["value"] or not _FORMULA.search(match[0])):
            continue
        if not error and b't="str"' in head and match["value"] is not None:
            continue  # a formula whose result is an empty text
        if place := re.search(rb"(?:^|\s)r=\"([A-Z]{1,3})(\d{1,7})\"", head):
            found[int(place[2]), _column(place[1])] = (
                (match["value"] or b"").decode("utf-8", "replace") if error else ""
            )
    return found
