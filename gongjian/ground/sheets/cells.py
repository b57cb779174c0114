"""From a cell to a value (单元格): one parser for each kind of column. Messages are in the reader's words."""

import datetime as dt
import difflib
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from gongjian.ground.kernel.identifiers import (
    IdentifierError,
    check_credit_code,
    check_division_code,
    check_identity_number,
    check_phone,
    drop_invisible,
)
from gongjian.ground.sheets.shapes import Column, fold_title, unescape

EXACT = 10**15  # spreadsheet numbers keep 15 digits; beyond, the last ones are gone
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_REMEMBERED = 2000
_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.I)


class CellError(ValueError):
    """A cell that cannot be read; its text is for the person who filled it in."""


def plain_text(value: Any) -> str:
    """Any cell as stripped text: numbers without ".0", dates as 2024-01-05, no invisible marks, unescaped."""
    if isinstance(value, str):
        text = value
        if not text.isascii():
            text = drop_invisible(text)
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        text = text.strip()
        return unescape(text) if text[:1] == "'" else text
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e21:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    return str(value)


def parser_of(column: Column, today: dt.date) -> Callable[[Any], Any]:
    """The function that reads this column's cells: returns the value, None for an empty cell, raises CellError."""
    parse = _PARSERS[column.kind](column, today)
    check = column.check

    memo: dict[Any, Any] = {}  # columns repeat themselves: dates, branches, choices

    def read_cell(value: Any) -> Any:
        if value is None or value == "":
            return None
        known = type(value) is str or type(value) is dt.date  # 1, 1.0 and True are one key of a dict
        if known and value in memo:
            return memo[value]
        given = value
        if isinstance(value, str):
            if value in _ERRORS:
                raise CellError(_("这里是公式算错的结果 %(error)s，请改成正确的内容") % {"error": value})
            if _CONTROL.search(value):
                raise CellError(_("含有看不见的控制字符，请删掉后重新输入"))
            value = plain_text(value)
            if not value:
                return None
        try:
            parsed = parse(value)
            if check and parsed is not None:
                parsed = check(parsed)
            if known and len(memo) < _REMEMBERED:
                memo[given] = parsed
            return parsed
        except IdentifierError as error:
            raise CellError(_(error.template) % error.params if error.params else _(error.template)) from None
        except CellError:
            raise
        except ValueError as error:
            if check is None:
                raise
            raise CellError(str(error)) from None

    return read_cell


def _half(value: Any) -> str:
    text = plain_text(value)
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _text(column: Column, today: dt.date) -> Callable[[Any], str]:
    limit = column.max_length

    def parse(value: Any) -> str:
        text = plain_text(value)
        if len(text) > limit:
            raise CellError(
                _("太长：最多 %(limit)d 个字，现在有 %(length)d 个字") % {"limit": limit, "length": len(text)}
            )
        return text

    return parse


def _name(column: Column, today: dt.date) -> Callable[[Any], str]:
    text_of = _text(column, today)

    def parse(value: Any) -> str:
        text = re.sub(r"[•・･‧●．]", "·", text_of(value))
        if any("\u4e00" <= char <= "\u9fff" for char in text):
            text = re.sub(r"\s+", "", text)  # 张　三 is set out to align with longer names
        if any(char.isdigit() for char in text):
            raise CellError(_("姓名里有数字，请核对"))
        return text

    return parse


def digits_kept(value: Any) -> str:
    """A code as text; says so when a spreadsheet has kept it as a number and lost its last digits."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= EXACT:
        raise CellError(_("被存成了数字，15 位以后的数字已经丢失；请把这一列的格式设为“文本”，再重新填写完整的号码"))
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        raise CellError(_("被存成了日期；请把这一列的格式设为“文本”，再重新填写"))
    text = re.sub(r"\s+", "", _half(value))
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(
            _("写成了科学计数法“%(text)s”，完整的号码已经丢失；请把这一列的格式设为“文本”，再重新填写")
            % {"text": text[:40]}
        )
    return text


def _code(column: Column, today: dt.date) -> Callable[[Any], str]:
    limit = column.max_length

    def parse(value: Any) -> str:
        text = digits_kept(value)
        if len(text) > limit:
            raise CellError(_("太长：最多 %(limit)d 个字") % {"limit": limit})
        return text

    return parse


def _identity(column: Column, today: dt.date) -> Callable[[Any], str]:
    return lambda value: check_identity_number(digits_kept(value), today=today).normalised


def _credit_code(column: Column, today: dt.date) -> Callable[[Any], str]:
    return lambda value: check_credit_code(digits_kept(value)).normalised


def _division(column: Column, today: dt.date) -> Callable[[Any], str]:
    return lambda value: check_division_code(digits_kept(value), level=column.level).code


def _phone(column: Column, today: dt.date) -> Callable[[Any], str]:
    return lambda value: check_phone(digits_kept(value)).normalised


_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def _number(value: Any) -> Decimal:
    if isinstance(value, (bool, dt.date, dt.time, dt.timedelta)):
        raise CellError(_("应填数字，这里是日期或是否"))
    if isinstance(value, float) and abs(value) >= EXACT:
        raise CellError(_("数字太大"))
    text = repr(value) if isinstance(value, float) else _half(value).replace(" ", "")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if len(text) > 40 or not re.fullmatch(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,2})?", text, re.ASCII | re.I):
        raise CellError(_("应填数字，不带单位和文字"))
    try:
        return Decimal(text)
    except InvalidOperation:
        raise CellError(_("应填数字，不带单位和文字")) from None


def _bounded(column: Column, number: Any) -> Any:
    if column.minimum is not None and number < column.minimum:
        raise CellError(_("不能小于 %(bound)s") % {"bound": column.minimum})
    if column.maximum is not None and number > column.maximum:
        raise CellError(_("不能大于 %(bound)s") % {"bound": column.maximum})
    return number


def _int(column: Column, today: dt.date) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        number = _number(value)
        if number != number.to_integral_value():
            raise CellError(_("应填整数，不带小数"))
        if abs(number) >= 10**18:
            raise CellError(_("数字太大"))
        return _bounded(column, int(number))

    return parse


def _decimal(column: Column, today: dt.date) -> Callable[[Any], Decimal]:
    def parse(value: Any) -> Decimal:
        number = _number(value)
        if abs(number) >= 10**18:
            raise CellError(_("数字太大"))
        return _bounded(column, number)

    return parse


# --- dates ------------------------------------------------------------

_DATE = re.compile(
    r"(\d{4})\s*(?:[-./年\\]|\s)\s*(\d{1,2})\s*(?:[-./月\\]|\s)\s*(\d{1,2})\s*[日号]?"
    r"(?:[T\s]*(?:(\d{1,2})[:时点](\d{1,2})?(?:[:分](\d{1,2}(?:\.\d+)?)?)?秒?)?(?:Z|\+08:?00)?)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*(?:[-./年]|\s)\s*(\d{1,2})\s*月?")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_EPOCH = dt.datetime(1899, 12, 30)  # serial 60 is a day that never was; later serials count from here
_HELP = "2024-01-05"


def _moment(value: Any) -> dt.datetime:
    """A date, date and time, serial number or text as a moment; refuses what could be read two ways."""
    if isinstance(value, dt.datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, dt.date):
        return dt.datetime(value.year, value.month, value.day)
    if isinstance(value, (dt.time, dt.timedelta, bool)):
        raise CellError(_("应填日期，如 %(example)s") % {"example": _HELP})
    text = _DASHES.sub("-", _half(value)).strip()
    if len(text) > 40:
        raise CellError(_("看不懂这个日期，请写成 %(example)s") % {"example": _HELP})
    if compact := _COMPACT.fullmatch(text):
        return _real(*compact.groups())
    if isinstance(value, (int, float)) or re.fullmatch(r"\d{5}(\.\d+)?", text):
        return _serial(float(value if not isinstance(value, str) else text))
    if match := _DATE.fullmatch(text):
        year, month, day, hour, minute, second = match.groups()
        moment = _real(year, month, day)
        if hour is None:
            return moment
        if int(hour) > 23 or int(minute or 0) > 59:
            raise CellError(_("时间“%(text)s”不存在") % {"text": text})
        return moment.replace(hour=int(hour), minute=int(minute or 0), second=min(int(float(second or 0)), 59))
    if _MONTH.fullmatch(text) or re.fullmatch(r"(19|20)\d{2}((0[1-9]|1[0-2]))?年?", text):
        raise CellError(_("日期不完整，请写到日，如 %(example)s") % {"example": _HELP})
    if re.fullmatch(r"\d{1,2}[-./]\d{1,2}[-./]\d{2,4}", text) or re.fullmatch(r"\d{2}\D\d{1,2}\D\d{1,2}\D?", text):
        raise CellError(
            _("分不清“%(text)s”的年月日，请先写四位年份，如 %(example)s") % {"text": text, "example": _HELP}
        )
    raise CellError(_("看不懂这个日期，请写成 %(example)s") % {"example": _HELP})


def _real(year: str, month: str, day: str) -> dt.datetime:
    try:
        moment = dt.datetime(int(year), int(month), int(day))
    except ValueError:
        raise CellError(
            _("日期不存在：%(year)s 年 %(month)d 月没有 %(day)d 日")
            % {"year": year, "month": int(month), "day": int(day)}
            if 1 <= int(month) <= 12
            else _("日期不存在：没有 %(month)d 月") % {"month": int(month)}
        ) from None
    return moment


def _serial(number: float) -> dt.datetime:
    if 1900 <= number <= 2100 or 190001 <= number <= 210012:
        raise CellError(_("日期不完整，请写到日，如 %(example)s") % {"example": _HELP})
    if not 1 <= number < 73051:  # up to the year 2099
        raise CellError(_("看不懂这个日期，请写成 %(example)s") % {"example": _HELP})
    days, part = divmod(number, 1)
    return _EPOCH + dt.timedelta(days=days + (1 if days < 60 else 0), seconds=round(part * 86400))


def _in_range(column: Column, moment: dt.datetime) -> dt.datetime:
    if not 1850 <= moment.year <= 2150:
        raise CellError(_("年份 %(year)d 看起来不对") % {"year": moment.year})
    _bounded(column, moment.date())
    return moment


def _date(column: Column, today: dt.date) -> Callable[[Any], dt.date]:
    return lambda value: _in_range(column, _moment(value)).date()


def _datetime(column: Column, today: dt.date) -> Callable[[Any], dt.datetime]:
    return lambda value: _in_range(column, _moment(value)).replace(second=0, microsecond=0)


def _month(column: Column, today: dt.date) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, dt.date):
            text = _half(value)[:40]
            match = _MONTH.fullmatch(text) or re.fullmatch(r"((?:19|20)\d{2})(0[1-9]|1[0-2])", text)
            if match:
                if not 1 <= int(match[2]) <= 12:
                    raise CellError(_("日期不存在：没有 %(month)d 月") % {"month": int(match[2])})
                value = dt.date(int(match[1]), int(match[2]), 1) if int(match[1]) else None
        return f"{_in_range(column, _moment(value)):%Y-%m}"

    return parse


# --- choices ------------------------------------------------------------

_YES = frozenset({"是", "有", "对", "√", "✓", "✔", "true", "yes", "y", "1"})
_NO = frozenset({"否", "无", "不是", "没有", "错", "×", "✗", "✘", "x", "false", "no", "n", "0"})


def _bool(column: Column, today: dt.date) -> Callable[[Any], bool]:
    def parse(value: Any) -> bool:
        if isinstance(value, bool):
            return value
        text = _half(value).casefold()
        if text in _YES:
            return True
        if text in _NO:
            return False
        raise CellError(_("请填“是”或“否”"))

    return parse


def _choice(column: Column, today: dt.date) -> Callable[[Any], str]:
    known: dict[str, str] = {}
    for option in column.options:
        for name in (option.label, option.value, *option.aliases):
            known.setdefault(fold_title(name), option.value)
    labels = [option.label for option in column.options]

    def parse(value: Any) -> str:
        text = plain_text(value)
        found = known.get(text) or known.get(fold_title(text))
        if found is None and text.isdigit():  # 01 that a spreadsheet made 1
            found = next((known[code] for code in (text.zfill(2), text.zfill(3)) if code in known), None)
        if found is not None:
            return found
        near = difflib.get_close_matches(text[:50], labels, 1, 0.5)
        if near:
            raise CellError(_("没有这个选项，是不是“%(near)s”？") % {"near": near[0]})
        options = "、".join(labels[:12]) + ("…" if len(labels) > 12 else "")
        raise CellError(_("没有这个选项，只能填：%(options)s") % {"options": options})

    return parse


_PARSERS: dict[str, Callable[[Column, dt.date], Callable[[Any], Any]]] = {
    "text": _text,
    "code": _code,
    "name": _name,
    "int": _int,
    "decimal": _decimal,
    "date": _date,
    "datetime": _datetime,
    "month": _month,
    "choice": _choice,
    "bool": _bool,
    "identity": _identity,
    "credit_code": _credit_code,
    "division": _division,
    "phone": _phone,
}
