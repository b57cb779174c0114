"""Files that mean harm or are broken (SAFETY, Input): refused in words or read without the harm, never an exception."""

import io
import random
import re
import tracemalloc
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.ground.sheets import KINDS, Column, Limits, Sheet, problems_xlsx, read
from tests.sheets.conftest import HEAD, PEOPLE, ZHANG, saved, xlsx

GOOD = xlsx([HEAD[:2], ["张三", ZHANG]])
SHEET_XML = "xl/worksheets/sheet1.xml"


def changed(data: bytes, **parts: bytes) -> bytes:
    """A workbook with parts replaced or added; "__" in a name stands for "/"."""
    parts = {name.replace("__", "/"): content for name, content in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, None) or old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def sheet_xml(data: bytes = GOOD) -> bytes:
    return zipfile.ZipFile(io.BytesIO(data)).read(SHEET_XML)


def with_sheet(xml: bytes) -> bytes:
    return changed(GOOD, **{SHEET_XML: xml})


def refused(data: bytes, limits: Limits | None = None) -> str:
    reading = read(data, PEOPLE, "file.xlsx", limits or Limits())
    assert reading.rows == []
    (problem,) = reading.problems
    assert problem.row == 0
    return problem.message


def test_a_zip_bomb_by_ratio_and_one_by_size() -> None:
    zeros = changed(GOOD, **{"xl/worksheets/sheet9.xml": b" " * 40_000_000})
    tracemalloc.start()
    assert "压缩炸弹" in refused(zeros)
    assert "解压后超过 1 MB" in refused(zeros, Limits(unpacked_bytes=1024 * 1024))
    assert tracemalloc.get_traced_memory()[1] < 150_000_000
    tracemalloc.stop()


def test_a_zip_that_lies_about_its_size() -> None:
    data = bytearray(changed(GOOD, **{"xl/worksheets/sheet9.xml": b" " * 40_000_000}))
    place = data.rfind(b"PK\x01\x02")
    data[place + 24 : place + 28] = (100).to_bytes(4, "little")
    assert "压缩炸弹" in refused(bytes(data))


@pytest.mark.parametrize("part", [SHEET_XML, "xl/workbook.xml", "xl/sharedStrings.xml"])
def test_an_entity_bomb(part: str) -> None:
    bomb = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a;" * 10) for n in range(10))
        + b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData/></worksheet>'
    )
    assert "XML 实体" in refused(changed(GOOD, **{part: bomb}))


def test_far_cells() -> None:
    for cell in (b"XFD1048576", b"A1048576", b"B999999"):
        xml = sheet_xml().replace(b"</sheetData>", b'<row r="1"><c r="%s"><v>1</v></c></row></sheetData>' % cell)
        assert f"单元格 {cell.decode()} 太远" in refused(with_sheet(xml))
    xml = sheet_xml().replace(b"</row>", b"<c r='ZZ1'><v>1</v></c></row>", 1)
    assert "ZZ 列还有内容" in refused(with_sheet(xml))


def test_sixteen_thousand_columns() -> None:
    assert "最多读 256 列" in refused(xlsx([HEAD[:2] + [f"c{n}" for n in range(16000)]]))
    implied = sheet_xml().replace(b"</sheetData>", b"<row>" + b"<c><v>1</v></c>" * 16000 + b"</row></sheetData>")
    assert "太宽" in refused(with_sheet(implied))


def test_a_far_area_that_is_only_wide_and_deep() -> None:
    row = b'<row r="200000"><c r="IV200000"><v>1</v></c></row></sheetData>'
    assert "范围太大" in refused(with_sheet(sheet_xml().replace(b"</sheetData>", row)))


def test_one_long_text_in_very_many_cells() -> None:
    strings = (
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>'
        + b"x" * 30000
        + b"</t></si></sst>"
    )
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 60000))
    xml = re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData>" + rows + b"</sheetData>", sheet_xml())
    assert "文字太多" in refused(changed(GOOD, **{SHEET_XML: xml, "xl/sharedStrings.xml": strings}))


def test_formulas_are_not_run_and_their_results_are_read() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("人员")
    page.write_row(0, 0, ["姓名", "身份证号", "学时"])
    page.write_row(1, 0, ["张三", ZHANG])
    page.write_formula(1, 2, "=20+2", None, 22)
    page.write_formula(2, 0, "=NA()", None, "#N/A")
    page.write_string(2, 1, ZHANG)
    book.close()
    reading = read(out.getvalue(), PEOPLE)
    assert reading.rows[0].values["hours"] == 22
    assert any("公式" in note for note in reading.notes)
    assert "公式算错的结果 #N/A" in reading.problems[0].message
    assert (reading.problems[0].row, reading.problems[0].letter) == (3, "A")


def test_a_formula_without_a_result_is_named() -> None:
    reading = read(xlsx([HEAD[:2], ["=WEBSERVICE(1)", ZHANG]]), PEOPLE)
    assert "没有它的结果" in reading.problems[0].message
    marked = openpyxl.load_workbook(
        io.BytesIO(problems_xlsx(xlsx([HEAD[:2], ["=1+1", ZHANG]]), reading.problems, "人员"))
    )
    assert all(cell.data_type != "f" for page in marked for row in page for cell in row)


def test_external_links_and_macros_are_left_alone() -> None:
    data = changed(
        GOOD,
        **{
            "xl/externalLinks/externalLink1.xml": b"<externalLink/>",
            "xl/vbaProject.bin": b"macro",
            "xl/drawings/drawing1.xml": b"<!DOCTYPE x><x/>",
        },
    )
    reading = read(data, PEOPLE)
    assert reading.ok
    assert ["引用" in note or "宏" in note for note in reading.notes] == [True, True]
    names = zipfile.ZipFile(io.BytesIO(problems_xlsx(data, [], "人员"))).namelist()
    assert not [name for name in names if "external" in name or "vba" in name]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "文件是空的"),
        (b"\xef\xbb\xbf  \r\n", "没有找到表头"),
        (b"PK\x03\x04 no zip", "文件已损坏"),
        (b"<html><table><tr><td>", "网页格式的表格"),
        (b"<?xml version='1.0'?><Workbook/>", "XML 格式的表格"),
        (b"%PDF-1.4", "这不是表格"),
        (b"\x89PNG\r\n\x1a\n", "这不是表格"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧版 .xls 文件读不出来"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "加了密码"),
        (b"\xff\xff\xff\xff\n\xff", "认不出的文字编码"),
        ('姓名,身份证号\n"'.encode() + b"x" * 200_000, "双引号没有成对"),
        ("姓名,身份证号\n".encode() + b"," * 300, "最多读 256 列"),
    ],
)
def test_what_is_no_table(data: bytes, says: str) -> None:
    assert says in refused(data)
    assert problems_xlsx(data, read(data, PEOPLE).problems)[:4] == b"PK\x03\x04"


def test_other_packages() -> None:
    for name, says in (("content.xml", ".ods"), ("xl/workbook.bin", ".xlsb"), ("word/document.xml", "不是 Excel")):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("mimetype", "x")
            archive.writestr(name, "x")
        assert says in refused(out.getvalue())


def test_a_large_file() -> None:
    assert "文件太大" in refused(b"x" * 2000, Limits(file_bytes=1000))


@pytest.mark.parametrize("text", ["张\x07三", "a\x00b"])
def test_control_characters_in_cells(text: str) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet("人员")
    page.write_row(0, 0, HEAD[:2])
    page.write_string(1, 0, text)  # goes out as _x0007_
    page.write_string(1, 1, ZHANG)
    book.close()
    (problem,) = read(out.getvalue(), PEOPLE).problems
    assert "控制字符" in problem.message
    assert (problem.row, problem.letter) == (2, "A")


@given(st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_damaged_workbooks_never_raise(seed: int) -> None:
    chance = random.Random(seed)
    parts = {SHEET_XML: bytearray(sheet_xml())}
    for _n in range(chance.randint(1, 6)):
        parts[SHEET_XML][chance.randrange(len(parts[SHEET_XML]))] = chance.randrange(256)
    read(with_sheet(bytes(parts[SHEET_XML])), PEOPLE)
    data = bytearray(GOOD)
    for _n in range(chance.randint(1, 6)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    read(bytes(data), PEOPLE)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read(data, PEOPLE)


def test_a_workbook_of_many_kinds_of_cells_never_raises() -> None:
    cells = [True, -1, 1e300, 1e-300, "", "'", "=", "￿", "9" * 400, "0x10", "∞", "NaN", "１e５", "\u202e", None]
    book = openpyxl.Workbook()
    book.active.append(HEAD)
    for cell in cells:
        book.active.append([cell] * len(HEAD))
    for row in book.active.iter_rows(min_row=2):
        for cell in row:
            cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    reading = read(saved(book), PEOPLE)
    assert reading.problems
    assert all(problem.row for problem in reading.problems)


@pytest.mark.parametrize("piece", [b"<c ", b"<row ", b"<c r", b'<c r="A1" t="e"', b"<x:", b"<row r = ", b"<f "])
def test_xml_made_to_keep_patterns_busy(piece: bytes) -> None:
    # two million starts of a tag that never ends: read or refused, but over within moments, not hours
    read(with_sheet(sheet_xml().replace(b"</sheetData>", piece * (2_000_000 // len(piece)) + b"</sheetData>")), PEOPLE)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"choice"}))
@pytest.mark.parametrize(
    "text", ["2024" + " " * 30000 + "x" * 501, "1" * 32000, "1E" + "1" * 30000, "（" * 30000, "1," * 16000]
)
def test_long_cells_made_to_keep_patterns_busy(kind: str, text: str) -> None:
    reading = read(xlsx([["值", "x"], [text, "1"]]), Sheet("t", "人员", (Column("v", "值", kind=kind),)))
    assert [problem.row for problem in reading.problems] == [2]
    assert len(reading.problems[0].message) < 200
