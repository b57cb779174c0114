"""中间件: who asks, and whether the view said who may come in."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import NoReverseMatch, reverse

from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import ANONYMOUS
from gongjian.ground.kernel.errors import GongjianError
from gongjian.ground.ui.shortcuts import page
from gongjian.records.access.queries import actor_of
from gongjian.records.notices.queries import unread_count

# Views of libraries that cannot carry our plate, by the module they come from, and who may enter.
FOREIGN = {
    "allauth.": "public",
    "django.views.static": "public",
    "ninja.": "public",
    "django.contrib.staticfiles": "public",
}


class ActorMiddleware:
    """Puts the actor on the request, and what every page's frame shows: menu, unread notices."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        request.actor = actor_of(user) if user.is_authenticated else ANONYMOUS
        request.menu = menu_of(request, "desktop")
        request.phone_menu = menu_of(request, "phone")
        request.unread = unread_count(request.actor)
        request.is_demo = settings.DEMO
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An error meant for the reader becomes a page (or JSON for the API) with its own status."""
        if not isinstance(error, GongjianError):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse(
                {"type": "about:blank", "title": error.message, "status": error.status, "code": error.code, "field": error.field},
                status=error.status, content_type="application/problem+json",
            )  # fmt: skip
        return page(request, "ui/problem.html", {"error": error}, status=error.status)


def menu_of(request: HttpRequest, face: str) -> list[dict]:
    """The menu entries that this actor may open, for a face (`desktop` or `phone`)."""
    actor, found = request.actor, []
    if not actor.is_authenticated:
        return found
    for entry in registry.menu_entries():
        if entry.face != face or (entry.needs and not actor.may(entry.needs)):
            continue
        try:
            url = reverse(entry.url)
        except NoReverseMatch:
            continue
        active = request.path == url or (url != "/" and request.path.startswith(url))
        found.append({"label": entry.label, "url": url, "icon": entry.icon, "active": active, "children": []})
    return found


class DeclaredAccessMiddleware:
    """Refuses a view that does not say who may enter: rights fail closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> None:
        """Raise for an undeclared view before it runs."""
        if access_of(view) is None:
            raise RuntimeError(f"{view.__module__}.{getattr(view, '__name__', view)} does not declare who may enter")


def access_of(view: Callable) -> str | None:
    """Who may enter a view: its own plate, or the one written for its library."""
    declared = getattr(view, "gongjian_access", None)
    if declared is not None:
        return declared
    module = getattr(getattr(view, "view_class", None), "__module__", None) or view.__module__
    return next((access for prefix, access in FOREIGN.items() if module.startswith(prefix)), None)
