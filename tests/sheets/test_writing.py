"""What goes out comes in again the same, nothing goes out as a formula, and the person's own file comes back marked."""

import csv
import datetime as dt
import io
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.ground.sheets import KINDS, Column, Sheet, problems_xlsx, read, write_csv, write_template, write_xlsx
from gongjian.ground.sheets.shapes import escape, unescape
from tests.sheets.conftest import HEAD, PEOPLE, ZHANG, xlsx

WIDE = Sheet(
    "wide",
    "各种列",
    tuple(
        Column(kind, f"列{kind}", kind=kind, choices=("甲", "=乙") if kind == "choice" else (), max_length=2000)
        for kind in KINDS
    ),
)
# what text a column can hold: nothing that reading strips from both ends, no control characters, no error values
texts = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Cf", "Cn", "Zl", "Zp")) | st.sampled_from("=+-@'＝_x\n\t"),
    max_size=30,
)
clean = texts.map(str.strip).filter(lambda t: t and not t.startswith("#") and not t.startswith("【说明】"))
birth = st.dates(dt.date(1900, 3, 1), dt.date(2025, 1, 1))
rows = st.fixed_dictionaries(
    {},
    optional={
        "text": clean,
        "code": st.text("0123456789ABC-/", min_size=1, max_size=25),
        "name": st.text("张王李欧阳·小明", min_size=1, max_size=6),
        "int": st.integers(-(10**15) + 1, 10**15 - 1),
        "decimal": st.decimals(-(10**9), 10**9, places=3),
        "date": st.dates(dt.date(1850, 1, 1), dt.date(2150, 12, 31)),
        "datetime": st.datetimes(dt.datetime(1900, 3, 1), dt.datetime(2150, 1, 1)).map(
            lambda moment: moment.replace(second=0, microsecond=0)
        ),
        "month": birth.map(lambda day: f"{day:%Y-%m}"),
        "choice": st.sampled_from(["甲", "=乙"]),
        "bool": st.booleans(),
        "identity": st.builds(make_demo_identity, st.integers(0, 498), birth, st.sampled_from(["male", "female"])),
        "credit_code": st.just("91350100M000100Y43"),
        "division": st.sampled_from(["45", "4503", "450302001", "450302001001003"]),
        "phone": st.sampled_from(["13800000000", "0773-2800000", "0773-2800000-12"]),
    },
).filter(bool)


@pytest.mark.parametrize("write", [write_xlsx, write_csv])
@given(content=st.lists(rows, min_size=1, max_size=5), explain=st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_the_same(write, content, explain) -> None:
    reading = read(write(WIDE, content, explain=explain), WIDE)
    assert reading.problems == []
    assert [{k: v for k, v in row.values.items() if v is not None} for row in reading.rows] == content
    assert reading.notes == []
    again = read(write(WIDE, reading.rows, explain=explain), WIDE)
    assert again.rows == reading.rows


@given(st.text("'=+-@\t\r＝12a.", max_size=8))
def test_escaping_can_be_undone(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "'=1"])
def test_nothing_goes_out_as_a_formula(text: str) -> None:
    sheet = Sheet("t", "表", (Column("a", "内容"),))
    for row in csv.reader(io.StringIO(write_csv(sheet, [{"a": text}], explain=False).decode("utf-8-sig"))):
        assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    page = openpyxl.load_workbook(io.BytesIO(write_xlsx(sheet, [{"a": text}], explain=False))).active
    assert page["A2"].data_type != "f"
    assert page["A2"].value.startswith("'")


def test_plain_numbers_keep_their_sign() -> None:
    sheet = Sheet("t", "表", (Column("a", "数", kind="decimal"), Column("b", "文")))
    text = write_csv(sheet, [{"a": Decimal("-1.5"), "b": "+86"}], explain=False).decode("utf-8-sig")
    assert text.splitlines()[1] == "-1.5,+86"


def test_the_template_says_how_to_fill_it_in_and_is_read_as_empty() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(PEOPLE)))
    page = book["人员"]
    assert [cell.value for cell in page[1]][:3] == ["姓名 *", "公民身份号码 *", "入党日期"]
    assert page["A2"].value == "【说明】必填。和身份证上一致。例：张三"
    assert "可填：正式党员、预备党员" in page["G2"].value
    assert page["A1"].comment.text.startswith("必填")
    assert page.column_dimensions["B"].width >= 18
    lists = {str(area): rule.formula1 for rule in page.data_validations.dataValidation for area in rule.sqref.ranges}
    assert lists["G3:G1048576"] == "选项!$A$2:$A$3"
    assert lists["I3:I1048576"] == "0"
    assert [cell.value for cell in book["选项"]["A"]] == ["人员类别", "正式党员", "预备党员"]
    assert book["选项"].sheet_state == "hidden"
    assert "说明" in book.sheetnames
    for template in (write_template(PEOPLE), write_template(PEOPLE, "csv")):
        reading = read(template, PEOPLE)
        assert [problem.message for problem in reading.problems] == ["表头下面没有内容"]
        assert reading.columns == tuple(column.key for column in PEOPLE.columns)
    assert write_template(PEOPLE, "csv").startswith(b"\xef\xbb\xbf")


def test_a_filled_in_template_is_read_from_the_third_row() -> None:
    book = openpyxl.load_workbook(io.BytesIO(write_template(PEOPLE)))
    page = book["人员"]
    page["A3"], page["B3"], page["C3"] = "张三", ZHANG, "2015年7月1日"
    out = io.BytesIO()
    book.save(out)
    reading = read(out.getvalue(), PEOPLE)
    assert reading.problems == []
    assert reading.rows[0].number == 3
    assert reading.rows[0].values["joined_on"] == dt.date(2015, 7, 1)


def test_the_same_rows_give_the_same_bytes() -> None:
    content = [{"name": "张三", "identity": ZHANG}]
    assert write_xlsx(PEOPLE, content) == write_xlsx(PEOPLE, iter(content))


def test_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    sheet = Sheet("t", "表", (Column("a", "内容", max_length=40000),))
    reading = read(write_xlsx(sheet, [{"a": "长" * 40000}]), sheet)
    assert reading.rows[0].values["a"].endswith("…（太长，已截断）")


def test_the_persons_own_file_comes_back_marked() -> None:
    original = xlsx([[*HEAD[:3], "备注"], ["张三", ZHANG, "2024-2-30", "=留下"], ["", ZHANG, "", ""]])
    reading = read(original, PEOPLE)
    book = openpyxl.load_workbook(io.BytesIO(problems_xlsx(original, reading.problems, reading.tab)))
    page = book["人员"]
    assert "没有 30 日" in page["C2"].comment.text
    assert page["C2"].fill.start_color.rgb.endswith("FDE2E0")
    assert page["A3"].comment.text == "没有填写"
    assert page["A2"].value == "张三"
    assert page["A2"].comment is None
    assert all(cell.data_type != "f" for row in page for cell in row)
    assert [row[0].value for row in book["问题清单"]][1:] == [str(problem.row) for problem in reading.problems]


@pytest.mark.parametrize("data", ["姓名,身份证号,备注\n,1,=1+1\n".encode("gbk"), b"\x00\x01\x02broken"])
def test_marked_files_of_other_kinds(data: bytes) -> None:
    reading = read(data, PEOPLE)
    assert not reading.ok
    book = openpyxl.load_workbook(io.BytesIO(problems_xlsx(data, reading.problems, reading.tab)))
    assert book["问题清单"].max_row == reading.problem_count + 1
    for page in book:
        assert all(cell.data_type != "f" for row in page for cell in row)
    if len(book.sheetnames) == 2:
        assert book.worksheets[0]["A2"].comment.text == "没有填写"
        assert book.worksheets[0]["C2"].value == "'=1+1"
