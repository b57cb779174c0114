"""What a table looks like, and what comes out of reading one; constants and values only."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from gongjian.ground.kernel.identifiers import mask_identity, mask_phone

# kind → the Python value it reads to
KINDS = {
    "text": str,  # 文字
    "code": str,  # 编码: digits and letters, never a number; half width, no spaces
    "name": str,  # 姓名: spaces inside Chinese names go
    "int": int,  # 整数
    "decimal": "decimal.Decimal",  # 小数
    "date": "datetime.date",  # 日期
    "datetime": "datetime.datetime without zone, to the minute",  # 日期和时间
    "month": 'str "2026-11"',  # 月份
    "choice": str,  # 选项: the choice's value
    "bool": bool,  # 是否
    "identity": str,  # 公民身份号码, checked and normalised
    "credit_code": str,  # 统一社会信用代码, checked and normalised
    "division": str,  # 区划代码, checked
    "phone": str,  # 电话, checked and normalised
}


class Choice(NamedTuple):
    """One option of a column (选项): what is stored, what people write, and what else they may write."""

    value: str
    label: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Column:
    """One column (列). `title` is what stands in the header; `help` and `example` make the explaining row.

    `choices`: Choice values, (value, label) pairs or plain texts. `aliases`: other headers that mean this column.
    `unique`: no value twice in one file. `minimum`/`maximum`: bounds of int, decimal and date.
    `max_length`: characters of a text. `check`: a last look at the parsed value, pure; returns the value to keep or
    raises ValueError with a text for the reader. `level`: of a division code.
    """

    key: str
    title: str
    help: str = ""
    required: bool = False
    kind: str = "text"
    choices: tuple[Any, ...] = ()
    example: str = ""
    aliases: tuple[str, ...] = ()
    unique: bool = False
    minimum: Any = None
    maximum: Any = None
    max_length: int = 500
    width: int = 0  # characters; 0: by kind
    level: str = ""
    check: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"column {self.key}: kind {self.kind!r} is none of {', '.join(KINDS)}")
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"column {self.key}: choices and kind 'choice' belong together")

    @cached_property
    def options(self) -> tuple[Choice, ...]:
        """The choices, each as a Choice."""
        return tuple(
            choice
            if isinstance(choice, Choice)
            else Choice(choice, choice)
            if isinstance(choice, str)
            else Choice(str(choice[0]), str(choice[1]))
            for choice in self.choices
        )

    @property
    def explanation(self) -> str:
        """The text of the second header row, with the mark by which reading knows that row."""
        parts = [_("必填") if self.required else _("选填"), self.help.rstrip("。")]
        if self.kind == "choice" and len(self.options) <= 8:
            parts.append(_("可填：%(options)s") % {"options": "、".join(option.label for option in self.options)})
        if self.kind == "bool":
            parts.append(_("填“是”或“否”"))
        text = "。".join(part for part in parts if part) + "。"
        if self.example:
            text += _("例：%(example)s") % {"example": self.example}
        return EXPLAINS + text


EXPLAINS = "【说明】"  # begins each cell of the explaining row; a mark in the file, the same in every language


@dataclass(frozen=True)
class Sheet:
    """A table that can be imported and exported (表格). `key`: columns that together name a row, unique in a file."""

    id: str
    title: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] | str = ()
    intro: str = ""

    def __post_init__(self) -> None:
        keys = [column.key for column in self.columns]
        titles = [fold_title(column.title) for column in self.columns]
        if len(set(keys)) < len(keys) or len(set(titles)) < len(titles):
            raise ValueError(f"sheet {self.id}: two columns with one key or one title")
        if unknown := set(self.key_columns) - set(keys):
            raise ValueError(f"sheet {self.id}: key names unknown columns {unknown}")

    @property
    def key_columns(self) -> tuple[str, ...]:
        """Key columns as a tuple, whether one or several were given."""
        return (self.key,) if isinstance(self.key, str) else self.key

    @cached_property
    def by_key(self) -> Mapping[str, Column]:
        """Columns by key."""
        return {column.key: column for column in self.columns}


@dataclass(frozen=True)
class Limits:
    """How much of a file is read (读取上限)."""

    file_bytes: int = 40 * 1024 * 1024
    unpacked_bytes: int = 400 * 1024 * 1024
    ratio: int = 120  # unpacked to packed; real workbooks stay under 60
    ratio_from_bytes: int = 20 * 1024 * 1024  # below this size a ratio says nothing
    rows: int = 200_000
    columns: int = 256
    cells: int = 16_000_000  # rows × columns of the used area, which the reader holds at once
    problems: int = 1000  # kept; the rest is counted


class Row(NamedTuple):
    """One row read (行): its number as Excel shows it, and a value for each column (None when empty or absent)."""

    number: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong (问题). `row` 0: the whole file. `column`: its title, "" for a whole row; `letter` as in Excel.

    `value` is what stood there, shortened, with identity and phone numbers masked.
    """

    row: int
    column: str
    message: str
    value: str = ""
    letter: str = ""
    key: str = ""

    @property
    def where(self) -> str:
        """第 5 行 C 列“姓名”."""
        if not self.row:
            return _("整个文件")
        place = _("第 %(row)d 行") % {"row": self.row}
        if self.letter:
            place += _(" %(letter)s 列") % {"letter": self.letter}
        if self.column:
            place += _("“%(title)s”") % {"title": self.column}
        return place

    def __str__(self) -> str:
        return _("%(where)s：%(message)s") % {"where": self.where, "message": self.message}


@dataclass
class Reading:
    """What came out of a file (读取结果). Nothing may be written while `ok` is false."""

    sheet: Sheet
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    problem_count: int = 0  # all of them, also those beyond the cap
    notes: list[str] = field(default_factory=list)  # worth knowing, nothing to mend
    letters: dict[str, str] = field(default_factory=dict)  # column key → letter; which columns the file has
    header_row: int = 0
    tab: str = ""  # the worksheet that was read
    cap: int = 1000
    bad_rows: set[int] = field(default_factory=set)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem_count == 0

    @property
    def columns(self) -> tuple[str, ...]:
        """Keys of the columns that the file has: an absent column is something else than an empty cell."""
        return tuple(self.letters)

    @property
    def good_rows(self) -> list[Row]:
        """Rows without a problem so far, for further checks by the room."""
        return [row for row in self.rows if row.number not in self.bad_rows]

    def problem(self, row: int | Row, key: str, message: str, value: Any = "") -> None:
        """Add a problem at a row and a column key ("" for the whole row); rooms use it for their own checks."""
        number = row.number if isinstance(row, Row) else row
        column = self.sheet.by_key.get(key)
        if isinstance(row, Row) and column and value == "":
            value = row.values.get(key)
        self.add(
            Problem(
                number, column.title if column else "", message, shown(value, column), self.letters.get(key, ""), key
            )
        )

    def add(self, problem: Problem) -> None:
        """Add a problem, keeping at most `cap` and counting all."""
        self.problem_count += 1
        if problem.row:
            self.bad_rows.add(problem.row)
        if len(self.problems) < self.cap:
            self.problems.append(problem)


def shown(value: Any, column: Column | None = None) -> str:
    """A value as it may stand in a list of problems: short, protected numbers masked."""
    if value is None:
        return ""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)
    kind = column.kind if column else ""
    if kind == "identity":
        text = mask_identity(text) if len(text) >= 15 else text[:3] + "*" * max(len(text) - 3, 0)
    elif kind == "phone":
        text = mask_phone(text)
    return text if len(text) <= 60 else text[:57] + "…"


_TITLE_NOISE = re.compile(r"[\s*:：]|\((?:必填|选填|必填项|选填项|required|optional)\)")


def fold_title(title: object) -> str:
    """A header's text for comparing: half width, without spaces, stars, colons and （必填）."""
    return _TITLE_NOISE.sub("", unicodedata.normalize("NFKC", str(title)).casefold())


def letter_of(index: int) -> str:
    """Column letters of a position from 0: 0 → A, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def index_of(letters: str) -> int:
    """Position from 0 of column letters: A → 0, AA → 26."""
    number = 0
    for char in letters:
        number = number * 26 + ord(char) - 64
    return number - 1


# --- cells that a spreadsheet program would take for a formula -----------------------

_DANGEROUS = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")


def escape(text: str) -> str:
    """Text for a cell: what begins like a formula gets an apostrophe in front; plain numbers need none."""
    return "'" + text if _DANGEROUS.match(text) and not _PLAIN_NUMBER.fullmatch(text) else text


def unescape(text: str) -> str:
    """The text that `escape` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text) else text
