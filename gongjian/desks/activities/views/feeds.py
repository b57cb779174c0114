"""Calendar feeds: the page of one's own addresses, and what a calendar program reads at them."""

from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.desks.activities import actions, feeds, planning_queries
from gongjian.ground.kernel.access import public, signed_in
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs


@signed_in
def overview(request: HttpRequest) -> HttpResponse:
    """One's own addresses: for oneself and for the organisations one belongs to or leads."""
    actor = request.actor
    own = planning_queries.feeds_of(actor)
    places = {org.pk: org for org in planning_queries.places_of(actor, own)}
    rows = []
    for org, title in ((0, _("我的活动")), *((pk, place.name) for pk, place in places.items())):
        feed = own.get(org)
        address = ""
        if feed is not None:
            address = request.build_absolute_uri(reverse("activities:feed", args=[actions.secret_of(feed)]))
        rows.append({"org": org, "title": title, "feed": feed, "address": address})
    return page(
        request, "activities/feeds.html",
        {"rows": rows, "frame": "ui/base.html" if actor.may("activities.plan") else "ui/phone.html"},
    )  # fmt: skip


@signed_in
@require_POST
def renew(request: HttpRequest) -> HttpResponse:
    """Make or renew an address."""
    text = request.POST.get("org", "0")
    with attempt(request, success=_("已生成新地址，旧地址即刻失效。")):
        org = None if text == "0" else orgs.get_for(request.actor, text, permission="activities.view")
        actions.renew_feed(by=request.actor, org=org)
    return redirect("activities:feeds")


@signed_in
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Give up an address."""
    with attempt(request, success=_("已停止订阅，这个地址不再有效。")):
        actions.stop_feed(by=request.actor, ident=request.POST.get("feed", ""))
    return redirect("activities:feeds")


@public
@require_safe
def read(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar program fetches. Whoever has the address reads it, so it tells no names of persons."""
    feed = feeds.find(secret)
    found = feeds.activities_of(feed) if feed is not None else None
    if found is None:
        return HttpResponseNotFound(_("这个日历地址已经失效，请到“日历订阅”里换新地址。"), content_type="text/plain; charset=utf-8")
    name, activities = found
    base = request.build_absolute_uri("/").rstrip("/")
    response = HttpResponse(feeds.calendar(name, activities, base=base), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
