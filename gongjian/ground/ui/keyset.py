"""翻页: pages by key instead of by number, so that page 5,000 costs what page 1 does and no row is seen twice.

The order always ends in the primary key. Empty values come last in every direction, on both databases.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Q, QuerySet


class BadCursor(ValueError):
    """The address carries a page mark that is not ours, or not of this order."""


@dataclass(frozen=True)
class Key:
    """One part of an order: a field path, its direction, and whether it can be empty."""

    field: str
    descending: bool
    nullable: bool
    alias: str


def _nullable(queryset: QuerySet, path: str) -> bool:
    """Whether a field path can yield NULL (a join through an optional key counts; an annotation always may)."""
    model, seen = queryset.model, False
    if path.split("__")[0] in queryset.query.annotations:
        return True
    for part in path.split("__"):
        try:
            field = model._meta.pk if part == "pk" else model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        seen = seen or getattr(field, "null", True)
        model = getattr(field, "related_model", None) or model
    return seen


class Keyset:
    """A queryset in a stable order that can be read page by page, forwards and backwards."""

    def __init__(self, queryset: QuerySet, order: tuple[str, ...]):
        fields = [part.lstrip("-") for part in order]
        pk = queryset.model._meta.pk.name
        if not {"pk", "id", pk} & set(fields):
            order = (*order, "pk")
        keys, taken = [], set()
        for part in order:
            field = part.lstrip("-")
            if field not in taken:
                taken.add(field)
                keys.append(Key(field, part.startswith("-"), _nullable(queryset, field), f"_key{len(keys)}"))
        self.keys = tuple(keys)
        self.queryset = queryset.annotate(**{key.alias: F(key.field) for key in keys}).order_by(*self._ordering(False))

    def _ordering(self, backwards: bool) -> list:
        out = []
        for key in self.keys:
            down = key.descending != backwards
            nulls = {"nulls_first" if backwards else "nulls_last": True} if key.nullable else {}
            out.append(F(key.alias).desc(**nulls) if down else F(key.alias).asc(**nulls))
        return out

    def mark(self, row: Any) -> str:
        """The place of a row in the order, as a text for an address."""
        get = row.get if isinstance(row, dict) else lambda name: getattr(row, name)
        values = [get(key.alias) for key in self.keys]
        plain = [v if v is None or isinstance(v, (bool, int)) else str(v) for v in values]
        text = json.dumps([[key.field for key in self.keys], plain], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _values(self, mark: str) -> list:
        try:
            fields, plain = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
            if fields != [key.field for key in self.keys] or len(plain) != len(fields):
                raise BadCursor(mark)
            annotations = self.queryset.query.annotations
            return [
                None if value is None else annotations[key.alias].output_field.to_python(value)
                for key, value in zip(self.keys, plain, strict=True)
            ]
        except (ValueError, TypeError, ValidationError, OverflowError, RecursionError) as problem:
            raise BadCursor(mark) from problem

    def _beyond(self, values: list, backwards: bool) -> Q:
        """Rows after (or before) the given place."""
        out, equal = Q(pk__in=[]), Q()
        for key, value in zip(self.keys, values, strict=True):
            if value is None:
                # Empty values are last: nothing of this key comes after them, everything filled comes before.
                step = Q(**{f"{key.alias}__isnull": False}) if backwards else Q(pk__in=[])
                same = Q(**{f"{key.alias}__isnull": True})
            else:
                down = key.descending != backwards
                step = Q(**{f"{key.alias}__{'lt' if down else 'gt'}": value})
                if key.nullable and not backwards:
                    step |= Q(**{f"{key.alias}__isnull": True})
                same = Q(**{key.alias: value})
            out |= equal & step
            equal &= same
        return out

    def read(self, size: int, after: str = "", before: str = "") -> tuple[list, bool, bool]:
        """One page: (rows, is there a page before, is there a page after). Raises `BadCursor`."""
        if before:
            found = self.queryset.filter(self._beyond(self._values(before), True)).order_by(*self._ordering(True))
            rows = list(found[: size + 1])
            return rows[:size][::-1], len(rows) > size, True
        if after:
            rows = list(self.queryset.filter(self._beyond(self._values(after), False))[: size + 1])
            return rows[:size], True, len(rows) > size
        rows = list(self.queryset[: size + 1])
        return rows[:size], False, len(rows) > size
