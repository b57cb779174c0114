"""Every quirk of files that people really send (DESIGN 8): read right, or named by row and column."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.ground.sheets import Column, Limits, Reading, Sheet, read
from tests.sheets.conftest import HEAD, PEOPLE, ZHANG, saved, xlsx

LI = make_demo_identity(4, dt.date(1990, 1, 1), "male")
TODAY = dt.date(2026, 11, 2)


def one(column: Column, cell: object) -> Reading:
    return read(xlsx([[column.title, "x"], [cell, "1"]]), Sheet("t", "人员", (column, Column("x", "x"))), today=TODAY)


@pytest.mark.parametrize(
    "cell",
    ["2024-1-5", "2024年1月5日", "2024.01.05", "20240105", "2024/1/5", "２０２４－０１－０５", 20240105, 45296, "45296",
     dt.date(2024, 1, 5), dt.datetime(2024, 1, 5, 8, 30), "2024-01-05 00:00:00", " 2024 年 1 月 5 日 ", "2024—1—5"],
)  # fmt: skip
def test_dates_as_people_write_them(cell: object) -> None:
    reading = one(Column("d", "日期", kind="date"), cell)
    assert reading.problems == []
    assert reading.rows[0].values["d"] == dt.date(2024, 1, 5)


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("2024-2-30", "2024 年 2 月没有 30 日"),
        ("2024-13-1", "没有 13 月"),
        ("2024", "请写到日"),
        (2024, "请写到日"),
        ("2024年5月", "请写到日"),
        (202405, "请写到日"),
        ("5/1/2024", "分不清"),
        ("24.1.5", "分不清"),
        ("明天", "看不懂"),
        ("1024-01-05", "年份 1024"),
        (True, "应填日期"),
        (-3, "看不懂"),
    ],
)
def test_dates_that_are_none(cell: object, says: str) -> None:
    reading = one(Column("d", "日期", kind="date"), cell)
    (problem,) = reading.problems
    assert says in problem.message
    assert (problem.row, problem.letter, problem.column) == (2, "A", "日期")


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("text", "  两头\u3000有空格 \u200b", "两头 有空格".replace(" ", "\u3000")),
        ("text", 12.0, "12"),
        ("text", 12.5, "12.5"),
        ("code", "００１２ ３", "00123"),
        ("code", 123, "123"),
        ("name", "张　三", "张三"),
        ("name", "阿依•买买提", "阿依·买买提"),
        ("int", "１,２３４", 1234),
        ("int", "12.0", 12),
        ("decimal", "1.50", Decimal("1.5")),
        ("decimal", 0.1, Decimal("0.1")),
        ("bool", "√", True),
        ("bool", False, False),
        ("bool", 0, False),
        ("month", "2024年5月", "2024-05"),
        ("month", dt.date(2024, 5, 1), "2024-05"),
        ("datetime", "2024年1月5日 8:30", dt.datetime(2024, 1, 5, 8, 30)),
        ("datetime", dt.datetime(2024, 1, 5, 20, 15), dt.datetime(2024, 1, 5, 20, 15)),
        ("phone", 13800000000, "13800000000"),
        ("phone", "0773－2800000", "0773-2800000"),
        ("credit_code", "91350100m000100y43", "91350100M000100Y43"),
        ("division", 450302001000, "450302001"),
    ],
)
def test_values(kind: str, cell: object, value: object) -> None:
    reading = one(Column("v", "值", kind=kind), cell)
    assert reading.problems == []
    assert reading.rows[0].values["v"] == value


@pytest.mark.parametrize(
    ("kind", "cell", "says"),
    [
        ("identity", 450399199001010079, "15 位以后的数字已经丢失"),
        ("identity", "4.50399E+17", "科学计数法"),
        ("identity", "450399900101007", "15 位的旧身份证号"),
        ("code", 1234567890123456789, "已经丢失"),
        ("code", dt.date(2024, 1, 5), "被存成了日期"),
        ("int", "12人", "不带单位"),
        ("int", 1.5, "不带小数"),
        ("int", "9" * 400, "应填数字"),
        ("int", "1e99", "太大"),
        ("bool", "也许", "请填“是”或“否”"),
        ("name", "张3", "姓名里有数字"),
        ("text", "长" * 600, "最多 500 个字，现在有 600 个字"),
        ("text", "#REF!", "公式算错"),
        ("phone", "2800000", "请加区号"),
    ],
)
def test_values_that_are_wrong(kind: str, cell: object, says: str) -> None:
    reading = one(Column("v", "值", kind=kind), cell)
    (problem,) = reading.problems
    assert says in problem.message
    assert problem.row == 2


def test_a_choice_by_label_value_or_alias_and_what_was_meant() -> None:
    head = ["姓名", "公民身份号码", "人员类别"]
    reading = read(
        xlsx([head, ["甲", ZHANG, "正式"], ["乙", LI, " probationary "], ["丙", "", "预备党圆"], ["丁", "", "其他"]]),
        PEOPLE,
    )
    assert [row.values["kind"] for row in reading.rows] == ["formal", "probationary", None, None]
    said = [problem.message for problem in reading.problems if problem.key == "kind"]
    assert said == ["没有这个选项，是不是“预备党员”？", "没有这个选项，只能填：正式党员、预备党员"]


def test_rows_are_numbered_as_excel_shows_them() -> None:
    rows = [["人员登记表"], [], HEAD[:2], [], ["张三", ZHANG], [" ", None], [None, LI]]
    reading = read(xlsx(rows), PEOPLE)
    assert reading.header_row == 3
    assert [row.number for row in reading.rows] == [5, 7]
    (problem,) = reading.problems
    assert str(problem) == "第 7 行 A 列“姓名”：没有填写"
    assert [row.number for row in reading.good_rows] == [5]


def test_all_problems_of_all_rows_are_told_and_the_cap_keeps_the_count() -> None:
    rows = [HEAD[:2], *(["", f"{n}"] for n in range(50))]
    reading = read(xlsx(rows), PEOPLE, limits=Limits(problems=10))
    assert (len(reading.problems), reading.problem_count, reading.ok) == (10, 100, False)


def test_doubles_name_both_rows() -> None:
    reading = read(
        xlsx([["姓名", "身份证号", "编码"], ["甲", ZHANG, "1"], ["乙", LI, "１"], ["丙", ZHANG, ""]]), PEOPLE
    )
    assert [str(problem) for problem in reading.problems] == [
        "第 4 行 B 列“公民身份号码”：与第 2 行重复：“公民身份号码”相同",
        "第 3 行 C 列“编码”：与第 2 行重复：“编码”相同",
    ]


@pytest.mark.parametrize(
    ("head", "says"),
    [
        (["姓名"], "缺少“公民身份号码”这一列"),
        (["姓名", "公民身份证号码"], "是不是“公民身份号码”"),
        (["姓名", "身份证号", "姓名"], "A 列和 C 列都是“姓名”"),
        (["姓名", "身份证号", ""], "C 列没有标题，但第 2 行有内容"),
        (["甲", "乙"], "没有找到表头"),
    ],
)
def test_headers_that_are_wrong(head: list[str], says: str) -> None:
    reading = read(xlsx([head, ["张三", ZHANG, "多"]]), PEOPLE)
    assert any(says in problem.message for problem in reading.problems), reading.problems


def test_headers_in_any_order_with_stars_and_spaces_and_extra_columns() -> None:
    reading = read(xlsx([["备注二", " 身 份 证 号（必填）", "姓名 *"], ["x", ZHANG, "张三"]]), PEOPLE)
    assert reading.ok
    assert reading.letters == {"name": "C", "identity": "B"}
    assert "A 列“备注二”" in reading.notes[0]
    assert reading.columns == ("name", "identity")


def test_the_right_worksheet_is_found() -> None:
    reading = read(xlsx([["别的"], ["x"]], 名单=[HEAD[:2], ["张三", ZHANG]]), PEOPLE)
    assert (reading.ok, reading.tab) == (True, "名单")


def test_cells_merged_downwards_count_for_every_row() -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["姓名", "身份证号", "所在支部"], ["甲", ZHANG, "第一支部"], ["乙", LI]):
        page.append(row)
    page.merge_cells("C2:C3")
    reading = read(saved(book), PEOPLE)
    assert [row.values["branch"] for row in reading.rows] == ["第一支部", "第一支部"]
    assert "合并" in reading.notes[0]


def test_a_header_merged_over_two_columns_is_named() -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["姓名", "身份证号", ""], ["甲", ZHANG, "又一个"]):
        page.append(row)
    page.merge_cells("B1:C1")
    assert "合并单元格，盖住了 C 列" in read(saved(book), PEOPLE).problems[0].message


def test_hidden_rows_are_read_and_told() -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["姓名", "身份证号"], ["甲", ZHANG], ["乙", LI]):
        page.append(row)
    page.row_dimensions[3].hidden = True
    reading = read(saved(book), PEOPLE)
    assert len(reading.rows) == 2
    assert reading.notes == ["有 1 行被隐藏或筛选掉了，也一并读取：第 3 行"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_csv_of_every_encoding(encoding: str, delimiter: str, newline: str) -> None:
    lines = [
        delimiter.join(["姓名", "身份证号", "所在支部"]),
        delimiter.join(["张三", ZHANG, '"两行\n的 ""支部"""']),
        "",
    ]
    data = newline.join(lines).encode(encoding)
    reading = read(data, PEOPLE)
    assert reading.problems == []
    assert reading.rows[0].values["branch"] == '两行\n的 "支部"'


def test_a_file_object_and_an_old_xls() -> None:
    with open(Path(__file__).parent / "data" / "old.xls", "rb") as file:
        reading = read(file, PEOPLE, "old.xlsx")
    assert [row.values["name"] for row in reading.rows] == ["张三", "李四"]
    assert reading.rows[0].values["joined_on"] == dt.date(2015, 7, 1)
    assert reading.rows[0].values["identity"] == ZHANG


def test_problem_values_hide_numbers_of_people() -> None:
    wrong = ZHANG[:17] + "0"
    reading = read(xlsx([["姓名", "身份证号", "手机号"], ["张三", wrong, "12800000000"]]), PEOPLE)
    assert [problem.value for problem in reading.problems] == ["450***********0070", "128****0000"]


def test_rooms_add_their_own_problems() -> None:
    reading = read(xlsx([HEAD[:2], ["张三", ZHANG]]), PEOPLE)
    reading.problem(reading.rows[0], "name", "没有这个人")
    assert str(reading.problems[0]) == "第 2 行 A 列“姓名”：没有这个人"
    assert reading.problems[0].value == "张三"
    assert not reading.ok


def test_too_many_rows() -> None:
    rows = [HEAD[:2], *([f"甲{'乙' * n}", ZHANG] for n in range(5))]
    reading = read(io.BytesIO(xlsx(rows)), PEOPLE, limits=Limits(rows=3))
    assert any("最多 3 行，从这一行起没有读取" in problem.message and problem.row == 5 for problem in reading.problems)
