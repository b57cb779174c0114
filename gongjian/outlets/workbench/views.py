"""Home pages, search, notices, and the two pages for those who are not logged in."""

from django.contrib import messages
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.desks.activities.looks import STATE
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.access import public, signed_in
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.outlets.workbench.queries import area, branch, city, faces, health, me
from gongjian.outlets.workbench.queries import search as searching
from gongjian.records.access.demo import demo_logins
from gongjian.records.notices import actions as notices_actions
from gongjian.records.notices import queries as notices

RETRY_AFTER = 30  # seconds
TEMPLATES = {
    "health": "workbench/health.html",
    "city": "workbench/city.html",
    "area": "workbench/area.html",
    "branch": "workbench/branch.html",
    "me": "workbench/me.html",
}
ABOUT_AN_ORG = {"city": city.home, "area": area.home, "branch": branch.home}


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home page of the highest role, or of the one asked for; what this is for those who are not logged in."""
    actor = request.actor
    if not actor.is_authenticated:
        return page(request, "workbench/landing.html", {"demo": bool(demo_logins())})
    found = faces.faces_of(actor)
    face = faces.face_asked(found, request.GET.get("face", ""))
    names = faces.titles(found)
    words = {"health": _("系统状况"), "me": _("我的首页")}
    switch = [(one.key, words.get(one.kind) or names[one.key], f"?face={one.key}") for one in found]
    if face.kind in ABOUT_AN_ORG:
        context = ABOUT_AN_ORG[face.kind](actor, face.org)
    else:
        context = health.home(actor) if face.kind == "health" else me.home(actor)
    context |= {"switch": switch if len(switch) > 1 else [], "face": face.key, "states": STATE}
    return page(request, TEMPLATES[face.kind], context)


@signed_in
@require_safe
def todos(request: HttpRequest) -> HttpResponse:
    """等您办的事: what waits for the actor in all rooms; a home page fetches it as a part, so that it opens at once."""
    found = registry.todos(request.actor, clock.today())
    context = {"todos": found, "now_on": clock.today()}
    if request.htmx:
        return fragment(request, "workbench/todos.html", context)
    return page(request, "workbench/todo_page.html", context)


@signed_in
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    """我的: what is held about oneself, one's notices, one's account."""
    actor = request.actor
    return page(
        request, "workbench/record.html",
        {"person": actor.person, "latest": me.latest_of(actor), "switch": len(faces.faces_of(actor)) > 1,
         "unread": notices.unread_count(actor)},
    )  # fmt: skip


@signed_in
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Organisations, people and activities at once."""
    return page(
        request, "workbench/search.html", {**searching.search(request.actor, request.GET.get("q", "")), "states": STATE}
    )


@signed_in
@require_safe
def notices_page(request: HttpRequest) -> HttpResponse:
    """One's own notices, newest first; unread ones can be marked one by one or all."""
    size = 30
    before = request.GET.get("before", "")
    rows = notices.of(request.actor)
    if before.isdecimal() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before)).order_by("-id")
    found = list(rows[: size + 1])
    more = found[size - 1].pk if len(found) > size else 0
    return page(
        request, "workbench/notices.html",
        {"notices": found[:size], "unread": notices.unread_count(request.actor), "more": more, "later": bool(before)},
    )  # fmt: skip


@signed_in
@require_POST
def read_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Mark a notice as read and go where it leads; somebody else's is neither marked nor told."""
    row = notices.of(request.actor).filter(pk=notice_id).first()
    if row is not None:
        notices_actions.mark_read(by=request.actor, ids=[row.pk])
    here = row is not None and row.link.startswith("/") and not row.link.startswith(("//", "/\\"))
    return HttpResponseRedirect(row.link if here else reverse("workbench:notices"))


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all one's notices as read."""
    count = notices_actions.mark_read(by=request.actor)
    messages.success(request, _("已全部标为已读（%(count)d 条）。") % {"count": count})
    return HttpResponseRedirect(reverse("workbench:notices"))


@public
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """For monitors: whether the database answers and how far the relay is behind; no more than that."""
    try:
        response = JsonResponse(health.pulse())
    except DatabaseError:
        response = JsonResponse({"status": "down", "database": "away"}, status=503)
        response["Retry-After"] = str(RETRY_AFTER)
    response["Cache-Control"] = "no-store"
    return response
