"""中间件: who asks, and whether the view said who may come in."""

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from ninja.utils import check_csrf

from gongjian.ground.kernel import api, registry
from gongjian.ground.kernel.access import to_login
from gongjian.ground.kernel.actor import ANONYMOUS, Actor
from gongjian.ground.kernel.errors import Forbidden, GongjianError, TooLarge, Unauthenticated, WrongMethod
from gongjian.ground.ui.shortcuts import page
from gongjian.records.access.queries import actor_of, by_token, owes
from gongjian.records.notices.queries import unread_count

# Views of libraries that cannot carry our plate, by the module they come from, and who may enter.
FOREIGN = {
    "allauth.": "public",
    "django.views.static": "public",
    "ninja.": "public",
    "django.contrib.staticfiles": "public",
}
GROUPS = {
    "orgs": _("组织"), "life": _("组织生活"), "team": _("党员队伍"), "judging": _("督促与评价"), "keeping": _("记录与管理"),
}  # fmt: skip


class ActorMiddleware:
    """Puts the actor on the request, and what every page's frame shows: menu, unread notices."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = self._actor(request)
        # Lazy: an answer without a frame (a check-in, the API) asks for none of it.
        actor = request.actor
        request.menu = SimpleLazyObject(lambda: menu_of(request, actor, "desktop"))
        request.phone_menu = SimpleLazyObject(lambda: menu_of(request, actor, "phone"))
        request.more_menu = SimpleLazyObject(lambda: menu_of(request, actor, "more"))
        request.unread = SimpleLazyObject(lambda: unread_count(actor))
        request.is_demo = settings.DEMO
        if request.path.startswith("/api/"):
            return self._api_answer(request)
        return self.get_response(request)

    def _api_answer(self, request: HttpRequest) -> HttpResponse:
        """On the API a body beyond the limit is refused though nobody reads it, and a wrong method answers as a problem."""
        length = request.META.get("CONTENT_LENGTH") or ""
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length.isdecimal() and int(length) > most and request.content_type != "multipart/form-data":
            return api.problem(TooLarge(_("内容太大，请分成几次发送。")))
        response = self.get_response(request)
        if response.status_code == 405 and not response.headers.get("Content-Type", "").startswith("application/"):
            problem = api.problem(WrongMethod(_("这个地址不接受这种请求方法。")))
            problem["Allow"] = response.headers.get("Allow", "")
            return problem
        return response

    @staticmethod
    def _actor(request: HttpRequest) -> Actor:
        """By a bearer token on the API, else by the session."""
        kind, _sep, token = request.headers.get("Authorization", "").partition(" ")
        request.by_token = False
        if kind.lower() == "bearer" and request.path.startswith("/api/"):
            found = by_token(token.strip())
            request.by_token = found is not None
            return actor_of(found[0], token=found[1]) if found else ANONYMOUS
        return actor_of(request.user) if request.user.is_authenticated else ANONYMOUS

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        """A browser's session on the API needs the same token against forgery as a form.

        ninja's views say that they are exempt, so the view itself must not be shown to the check.
        """
        if request.path.startswith("/api/") and not request.by_token and request.user.is_authenticated:
            return check_csrf(request)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """An error meant for the reader becomes a page (or JSON for the API) with its own status."""
        if not isinstance(error, GongjianError):
            return None
        if request.path.startswith("/api/"):
            return api.problem(error)
        if isinstance(error, Unauthenticated):
            return to_login(request)
        return page(request, "ui/problem.html", {"error": error}, status=error.status)


def menu_of(request: HttpRequest, actor: Actor, face: str) -> list[dict]:
    """The menu entries that this actor may open, for a face; the first of a group carries the group's heading."""
    found: list[dict] = []
    group = ""
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
        heading = GROUPS.get(entry.group, "") if entry.group != group else ""
        group = entry.group
        found.append(
            {"label": entry.label, "url": url, "icon": entry.icon, "active": active, "heading": heading, "children": []}
        )
    return found


class AccountGateMiddleware:
    """Before anything else, what the account owes: a second factor that a role asks for, a password to be changed."""

    OPEN = ("/accounts/", "/static/", "/ui/", "/access/security/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.actor.kind == "person" and not request.path.startswith(self.OPEN):
            owed = owes(request.user, request.actor)
            if owed is not None:
                if request.path.startswith("/api/"):
                    return api.problem(Forbidden(owed.reason))
                messages.warning(request, owed.reason)
                return HttpResponseRedirect(reverse(owed.url))
        return self.get_response(request)


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
    while isinstance(view, partial):  # ninja's pages about itself
        view = view.func
    declared = getattr(view, "gongjian_access", None)
    if declared is not None:
        return declared
    module = getattr(getattr(view, "view_class", None), "__module__", None) or view.__module__
    return next((access for prefix, access in FOREIGN.items() if module.startswith(prefix)), None)
