"""接口的共同部分: what every room's `api.py` uses — a problem's shape, pages by key, and where the room's router is found.

A room's `api.py` holds `router = Router(tags=["组织"])` with full paths such as `/organisations`; each operation carries
`@needs("orgs.view")` below the router's decorator. outlets/openapi puts the routers together under `/api/v1`.
"""

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

from django.db.models import Q, QuerySet
from django.http import JsonResponse
from ninja import Field, Schema

from gongjian.ground.kernel.errors import GongjianError, Invalid

Item = TypeVar("Item")
MAX_LIMIT = 500


class Problem(Schema):
    """问题 (problem+json, RFC 9457): what went wrong, in the reader's words."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    field: str | None = None
    errors: list[dict[str, Any]] = []


class Paged(Schema, Generic[Item]):
    """一页: the items, and the cursor of the next page (null at the end)."""

    items: list[Item]
    next: str | None = Field(None, description="下一页的游标；没有下一页时为 null")


def problem(error: GongjianError, errors: Iterable[dict] = ()) -> JsonResponse:
    """An error as problem+json with its own status."""
    body = Problem(title=error.message, status=error.status, code=error.code, field=error.field, errors=list(errors))
    return JsonResponse(body.model_dump(), status=error.status, content_type="application/problem+json")


def paged(
    queryset: QuerySet, *, cursor: str | None, limit: int, show: Callable[[Any], dict], key: str = "id",
    newest_first: bool = False,
) -> dict:  # fmt: skip
    """One page of a queryset by key: the cost does not grow with the page's number. `key` is unique.

    `show` turns a row into the item. Raises Invalid for a cursor that this API did not give out.
    """
    limit = max(1, min(limit, MAX_LIMIT))
    if cursor:
        try:
            after = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=="))[key]
            queryset = queryset.filter(Q(**{f"{key}__lt" if newest_first else f"{key}__gt": after}))
        except (ValueError, KeyError, TypeError, UnicodeError):
            raise Invalid("游标无效，请从第一页重新开始。", field="cursor") from None
    rows = list(queryset.order_by(f"-{key}" if newest_first else key)[: limit + 1])
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        last = rows[-1].get(key) if isinstance(rows[-1], dict) else getattr(rows[-1], key)
        following = base64.urlsafe_b64encode(json.dumps({key: last}, default=str).encode()).decode().rstrip("=")
    return {"items": [show(row) for row in rows], "next": following}
