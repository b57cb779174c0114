"""页面: the one way in which a view answers with HTML. Rendering may not ask the database."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.conf import settings
from django.core import mail
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = logging.getLogger("gongjian.ui")


class SqlWhileRendering(RuntimeError):
    """A template asked the database. Evaluate what the page shows in the view (`list(…)`, `select_related`)."""


def forbidden() -> bool:
    """Whether SQL in a template raises: by the setting, else wherever somebody develops or tests."""
    given = getattr(settings, "FORBID_SQL_IN_TEMPLATES", None)
    if given is None:
        return settings.DEBUG or hasattr(mail, "outbox")  # Django lays out this outbox only for test runs
    return bool(given)


@contextmanager
def without_sql(template: str) -> Iterator[None]:
    """Inside, an SQL statement raises `SqlWhileRendering`, or in production is logged once for each rendering."""
    strict = forbidden()
    told = False

    def watch(execute, sql, params, many, context):
        nonlocal told
        if strict:
            raise SqlWhileRendering(f"{template}: {sql[:300]}")
        if not told:
            told = True
            log.warning("sql while rendering %s: %s", template, sql[:300])
        return execute(sql, params, many, context)

    with ExitStack() as stack:
        for connection in connections.all(initialized_only=True):
            stack.enter_context(connection.execute_wrapper(watch))
        yield


def settle(request: HttpRequest) -> None:
    """Load what every frame shows and Django would fetch late: session, user, menu, unread count."""
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        session.get("_auth_user_id")
    user = getattr(request, "user", None)
    if user is not None:
        _ = user.is_authenticated
    for lazy in ("actor", "menu", "phone_menu", "unread"):
        value = getattr(request, lazy, None)
        if value is not None:
            bool(value)  # wakes a SimpleLazyObject


def page(request: HttpRequest, template: str, context: dict | None = None, status: int = 200) -> HttpResponse:
    """Answer with a whole page. Everything in `context` must be evaluated: no SQL runs while rendering."""
    settle(request)
    with without_sql(template):
        return HttpResponse(render_to_string(template, context, request), status=status)


def fragment(request: HttpRequest, template: str, context: dict | None = None, status: int = 200) -> HttpResponse:
    """Answer htmx with a part of a page; the same rule as `page`, never kept by caches as if it were the page."""
    response = page(request, template, context, status)
    response["Vary"] = ", ".join(filter(None, [response.get("Vary", ""), "HX-Request"]))
    return response
