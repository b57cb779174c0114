"""What a text in a pack may be (取值): whole numbers, truth values, dates, identifiers, each with a plain refusal."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Protocol, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, GetCoreSchemaHandler, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

IDENTIFIER = re.compile(r"[a-z_][a-z0-9_]*\Z")
FACT_KIND = re.compile(r"[a-z_]+\.[a-z_]+\Z")
PERMISSION = re.compile(r"(\*|[a-z_]+\.(\*|[a-z_]+))\Z")
VERSION = re.compile(r"[0-9]+(\.[0-9]+)*\Z")
WHOLE = re.compile(r"[+-]?[0-9]{1,9}\Z", re.ASCII)


def _refuse(kind: str, value, allowed: str = ""):
    raise PydanticCustomError(kind, "{value}", {"value": str(value), "allowed": allowed})


def _text(value):
    if not isinstance(value, str):
        _refuse("text", value)
    if not value.strip():
        _refuse("empty", value)
    return value


def _free_text(value):
    return value if isinstance(value, str) else _refuse("text", value)


def _whole(low: int | None, high: int | None):
    def check(value):
        if not isinstance(value, str) or not WHOLE.match(value):
            _refuse("integer", value)
        number = int(value)
        if low is not None and number < low:
            _refuse("too_small", value, str(low))
        if high is not None and number > high:
            _refuse("too_large", value, str(high))
        return number

    return BeforeValidator(check)


def _truth(value):
    if value not in ("true", "false"):
        _refuse("boolean", value)
    return value == "true"


def _day(value):
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d\Z", value, re.ASCII):
        _refuse("date", value)
    try:
        return date.fromisoformat(value)
    except ValueError:
        return _refuse("date", value)


def _number(value):
    try:
        number = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        _refuse("number", value)
    return number


def _like(pattern: re.Pattern, kind: str):
    def check(value):
        if not isinstance(value, str) or not pattern.match(value):
            _refuse(kind, value)
        return value

    return BeforeValidator(check)


def _one_or_many(value):
    return [value] if isinstance(value, str) else value


# Editors read YAML their own way (571 for 0571), so their schema lets a text be a number as well.
_TEXT_SCHEMA = WithJsonSchema({"type": ["string", "number", "boolean"]})
_WHOLE_SCHEMA = WithJsonSchema({"type": ["integer", "string"], "pattern": "^[+-]?[0-9]+$"})

Text = Annotated[str, BeforeValidator(_text), _TEXT_SCHEMA]
FreeText = Annotated[str, BeforeValidator(_free_text), _TEXT_SCHEMA]
Whole = Annotated[int, _whole(None, None), _WHOLE_SCHEMA]
Natural = Annotated[int, _whole(0, None), _WHOLE_SCHEMA]
Positive = Annotated[int, _whole(1, None), _WHOLE_SCHEMA]
Month = Annotated[int, _whole(1, 12), _WHOLE_SCHEMA]
DayOfMonth = Annotated[int, _whole(1, 28), _WHOLE_SCHEMA]
Percent = Annotated[int, _whole(0, 100), _WHOLE_SCHEMA]
Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"enum": [True, False, "true", "false"]})]
Day = Annotated[date, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"})]
Number = Annotated[Decimal, BeforeValidator(_number), WithJsonSchema({"type": ["number", "string"]})]
Id = Annotated[
    str, _like(IDENTIFIER, "identifier"), WithJsonSchema({"type": "string", "pattern": "^[a-z_][a-z0-9_]*$"})
]
FactKindName = Annotated[
    str, _like(FACT_KIND, "fact_kind"), WithJsonSchema({"type": "string", "pattern": r"^[a-z_]+\.[a-z_]+$"})
]
PermissionCode = Annotated[
    str,
    _like(PERMISSION, "permission"),
    WithJsonSchema({"type": "string", "pattern": r"^(\*|[a-z_]+\.(\*|[a-z_]+))$"}),
]
VersionText = Annotated[str, _like(VERSION, "version"), WithJsonSchema({"type": ["string", "number"]})]
Where = dict[
    Text,
    Annotated[
        tuple[Text, ...],
        BeforeValidator(_one_or_many),
        WithJsonSchema({"type": ["string", "number", "boolean", "array"]}),
    ],
]


class _Named(Protocol):
    @property
    def id(self) -> str: ...


Entry = TypeVar("Entry", bound=_Named)


class Entries(tuple[Entry, ...]):
    """条目清单: entries in their order, and by id: `entries["branch"]`, `entries.get(id)`, `id in entries`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        inner = handler.generate_schema(tuple[get_args(source)[0], ...])  # type: ignore[misc]
        return core_schema.no_info_after_validator_function(cls, inner)

    def _index(self) -> dict[str, Entry]:
        found = self.__dict__.get("by_id")
        if found is None:
            found = self.__dict__["by_id"] = {entry.id: entry for entry in self}
        return found

    def get(self, id: str) -> Entry | None:
        """The entry of this id, or None."""
        return self._index().get(id)

    def ids(self) -> tuple[str, ...]:
        """All ids in the pack's order."""
        return tuple(self._index())

    def __getitem__(self, key: Any) -> Any:
        return self._index()[key] if isinstance(key, str) else super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        return key in self._index() if isinstance(key, str) else super().__contains__(key)


class Shape(BaseModel):
    """A shape in a pack (条目): unknown fields are refused and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
