"""A sheet with every kind of column, and small makers of real files."""

import io
from collections.abc import Iterable
from typing import Any

import openpyxl
import pytest

from gongjian.ground.sheets import Choice, Column, Sheet

PEOPLE = Sheet(
    "people",
    "人员",
    (
        Column("name", "姓名", "和身份证上一致", True, "name", example="张三"),
        Column("identity", "公民身份号码", "18 位", True, "identity", aliases=("身份证号",)),
        Column("joined_on", "入党日期", kind="date"),
        Column("phone", "手机号", kind="phone"),
        Column("branch", "所在支部", kind="text"),
        Column("code", "编码", kind="code", unique=True),
        Column(
            "kind",
            "人员类别",
            kind="choice",
            choices=(Choice("formal", "正式党员", ("正式",)), ("probationary", "预备党员")),
        ),
        Column("mobile", "是否流动党员", kind="bool"),
        Column("hours", "学时", kind="int", minimum=0, maximum=1000),
    ),
    key="identity",
)
HEAD = [column.title for column in PEOPLE.columns]
ZHANG = "450399199001010079"


def xlsx(rows: Iterable[Iterable[Any]], **tabs: Iterable[Iterable[Any]]) -> bytes:
    """A workbook by openpyxl."""
    book = openpyxl.Workbook()
    page = book.active
    page.title = "人员"
    for row in rows:
        page.append(list(row))
    for name, content in tabs.items():
        other = book.create_sheet(name)
        for row in content:
            other.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def people() -> Sheet:
    return PEOPLE
