"""走访的离线页: an empty shell kept on the phone, what a visitor needs as data, and the handing in."""

import datetime as dt
import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from gongjian.appraisal.assessments import actions, queries
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public
from gongjian.ground.kernel.api import problem
from gongjian.ground.kernel.errors import Forbidden, GongjianError, Invalid
from gongjian.ground.ui import offline
from gongjian.ground.ui.shortcuts import page

FILES = (
    "ui/vendor/tabler.min.css", "ui/gongjian.css", "assessments/assessments.css", "assessments/visit.js",
    "ui/icons.svg", "ui/logo.svg",
)  # fmt: skip


@public
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The page itself, the same for everybody; what is to be visited comes from the phone's own store."""
    addresses = {name: reverse(f"assessments:offline_{name}") for name in ("worker", "data", "hand_in")}
    return page(request, "assessments/offline.html", addresses | {"visits": reverse("assessments:visits")})


@public
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker of the shell."""
    return offline.worker("gongjian-visit-", reverse("assessments:offline"), FILES)


@needs("assessments.visit")
@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """What the visitor takes along: the lists with their levels, and where to go. No person is named in it."""
    actor = request.actor
    rows = queries.to_visit(actor)
    marks = queries.own_marks([row.pk for row in rows])
    lists: dict[str, dict] = {}
    visits = []
    for row in rows:
        entry = queries.entry_of(row)
        key = f"{entry.id}:{row.opened_on}"
        if key not in lists:
            lists[key] = _list(entry)
        visits.append({
            "id": row.pk, "list": key, "subject": row.subject, "org": row.org.name if row.place_id else "",
            "opened_on": row.opened_on.isoformat(), "url": reverse("assessments:detail", args=[row.pk]),
            "own": {mark.item: {"points": mark.points, "note": mark.note} for mark in marks.get(row.pk, [])},
        })  # fmt: skip
    answer = JsonResponse({
        "visitor": actor.person, "csrf": get_token(request), "now_ms": int(clock.now().timestamp() * 1000), "lists": lists,
        "visits": visits, "longest": policy.current().assessments.visit_note_chars,
    })  # fmt: skip
    answer["Cache-Control"] = "no-store"
    return answer


def _list(entry) -> dict:
    return {
        "title": entry.title, "short": entry.short,
        "dimensions": [
            {"title": dimension.title, "items": [
                {"id": item.id, "title": item.title, "text": item.text, "points": item.points,
                 "records": item.records is not None,
                 "levels": [{"points": level.points, "text": level.text} for level in item.levels]}
                for item in dimension.items
            ]}
            for dimension in entry.dimensions
        ],
    }  # fmt: skip


@needs("assessments.visit")
@require_POST
def hand_in(request: HttpRequest) -> HttpResponse:
    """Take one visit from a phone; told in JSON, so that the phone keeps what was refused."""
    try:
        told = _taken(request)
    except GongjianError as error:
        return problem(error)
    return JsonResponse({"new": told.new, "conflicts": told.conflicts})


def _taken(request: HttpRequest) -> actions.HandedIn:
    try:
        body = json.loads(request.body)
        day = dt.date.fromisoformat(body["visited_on"])
        given = {
            str(item): actions.Given(int(mark["points"]), str(mark.get("note") or ""))
            for item, mark in body["marks"].items()
        }
        key, note, ident, visitor = str(body["key"]), str(body.get("note") or ""), int(body["id"]), int(body["visitor"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(_("交回的内容读不懂，请刷新走访页。")) from None
    if visitor != request.actor.person:
        raise Forbidden(_("这是另一位同志的走访记录，请由本人登录后交回。"))
    return actions.hand_in_visit(
        assessment=queries.visit_for(request.actor, ident), key=key, given=given, visited_on=day, note=note,
        offline=True, by=request.actor,
    )  # fmt: skip
