"""停摆: what a reader gets while the database is away — not a fault of the program but an hour to come back.

Django turns an exception into an answer at every layer of middleware, so one that is raised before any view (reading
the session, the actor) never reaches an outer middleware as an exception. The handler of errors sees them all.
"""

import sys

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error

RETRY_AFTER = 30  # seconds
BUSY = ("locked", "deadlock", "too many", "timeout")


def is_away(error: BaseException | None) -> bool:
    """Whether an error means that the database cannot answer now; a wrong statement is a fault and is not meant."""
    if not isinstance(error, (OperationalError, InterfaceError)):
        return False
    if any(word in str(error).lower() for word in BUSY):
        return True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return True
    return False


def handler500(request: HttpRequest) -> HttpResponse:
    """503 with Retry-After while the database is away; else the usual page of a fault."""
    if not is_away(sys.exc_info()[1]):
        return server_error(request)
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "系统暂时不能使用，请稍后再试。", "status": 503, "code": "unavailable"}
        response: HttpResponse = JsonResponse(body, status=503, content_type="application/problem+json")
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
