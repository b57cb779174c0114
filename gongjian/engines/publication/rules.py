"""规则: what may stand in a publication, and when it is over. Pure functions over values."""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from gongjian.ground.kernel.identifiers import drop_invisible, mask_name

LONGEST_CELL = 500
_GAPS = re.compile(r"(?<=[0-9])[\s\-–—_.·]+(?=[0-9xX])")
_IDENTITY = re.compile(r"(?<![0-9])(?:[0-9]{17}[0-9xX]|[0-9]{15})(?![0-9])")
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86)?1[0-9]{10}(?![0-9])")
_FIXED = re.compile(r"(?<![0-9])0[1-9][0-9]{8,10}(?![0-9])")
_DOOR = re.compile(r"[0-9A-Za-z一二三四五六七八九十]+(?:单元|室|号房)")


def _plain(text: str) -> str:
    """Half width, without invisible marks and without what people put between digits."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", drop_invisible(text)))


def leak(text: str) -> str:
    """What a text gives away that no publication may show (证件号码、电话、门牌), as a word; "" if nothing.

    《个人信息保护法》第二十五条、第二十八条. Found as well when written full-width or with gaps between the digits.
    """
    plain = _plain(text)
    if _IDENTITY.search(plain):
        return "证件号码"
    if _MOBILE.search(plain) or _FIXED.search(plain):
        return "电话号码"
    if _DOOR.search(unicodedata.normalize("NFKC", text)):
        return "住址门牌"
    return ""


def masked_rows(rows: Sequence[Mapping[str, str]], names: Iterable[str], *, whole: bool) -> list[dict[str, str]]:
    """Rows as they may be shown: name columns masked unless `whole`; every row with the columns of the first.

    Raises ValueError with a text for the reader: no rows, differing columns, a cell too long or one that gives away
    protected data (the text names the column, never the value).
    """
    if not rows:
        raise ValueError("公示内容是空的。")
    columns, hidden, found = list(rows[0]), set(names), []
    for row in rows:
        if list(row) != columns:
            raise ValueError("公示内容各行的栏目不一致。")
        shown = {}
        for column, value in row.items():
            text = str(value).strip()
            if len(text) > LONGEST_CELL:
                raise ValueError(f"“{column}”太长，最多 {LONGEST_CELL} 字。")
            if what := leak(text):
                raise ValueError(f"“{column}”里有{what}，公示内容不能带受保护的个人信息。")
            shown[column] = mask_name(text) if column in hidden and not whole else text
        found.append(shown)
    return found


def is_over(ends_on: dt.date, day: dt.date) -> bool:
    """Whether the period has run out: its last day belongs to it whole (民法典第二百零三条)."""
    return day > ends_on


def result_of(upheld: Iterable[bool]) -> str:
    """`clear` without objections, `upheld` if one was found right, else `answered`."""
    found = list(upheld)
    if not found:
        return "clear"
    return "upheld" if any(found) else "answered"
