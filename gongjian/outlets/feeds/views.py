"""The feed itself, and the page where people open, renew and close theirs."""

import datetime as dt
import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import public, signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.feeds import actions, queries
from gongjian.outlets.feeds.calendars import calendar_of
from gongjian.records.orgs import queries as orgs

KEPT_SECONDS = 900


@public
@require_safe
def feed(request: HttpRequest, secret: str) -> HttpResponse:
    """A calendar by its private address; a wrong, old or closed one is not found."""
    found = queries.by_secret(secret)
    if found is None:
        raise NotFound(_("没有这个地址，或者已经更换、停用。"))
    day = clock.today()
    activities, excused = queries.activities_of(found, day)
    body = calendar_of(
        activities, name=_("%(org)s的活动") % {"org": found.org.name} if found.org else _("我的组织生活"), excused=excused,
        refresh=dt.timedelta(hours=policy.on(day).feeds.refresh_hours),
        address_of=lambda ident: request.build_absolute_uri(reverse("activities:detail", args=[ident])),
    )  # fmt: skip
    answer = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="gongjian.ics"'
    answer["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    answer["Referrer-Policy"] = "no-referrer"
    answer["X-Robots-Tag"] = "noindex"
    etag = '"' + hashlib.sha256(body).hexdigest()[:32] + '"'
    answer["ETag"] = etag
    return get_conditional_response(request, etag=etag, response=answer)


def _page(request: HttpRequest, made: dict | None = None) -> HttpResponse:
    actor = request.actor
    feeds = queries.feeds_of(actor)
    known = {one.org_id for one in feeds}
    return page(request, "feeds/mine.html", {
        "feeds": feeds, "made": made, "own": None in known,
        "more": [org for org in queries.orgs_to_follow(actor) if org.pk not in known],
    })  # fmt: skip


def _address(request: HttpRequest, found: queries.Feed, secret: str) -> dict:
    address = request.build_absolute_uri(reverse("feeds:feed", args=[secret]))
    return {"feed": found, "address": address, "webcal": "webcal" + address[address.index(":") :]}


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """One's feeds, and how to put them on a phone."""
    return _page(request)


@signed_in
@require_POST
@never_cache
def open_feed(request: HttpRequest) -> HttpResponse:
    """Open one; its address stands on the answer and nowhere else."""
    asked = request.POST.get("org", "")
    org = orgs.get_for(request.actor, asked, permission="activities.view") if asked else None
    with attempt(request) as done:
        found, secret = actions.open_feed(by=request.actor, org=org)
    return _page(request, _address(request, found, secret)) if done else redirect("feeds:mine")


@signed_in
@require_POST
@never_cache
def renew(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Another address."""
    found = queries.feed_for(request.actor, feed_id)
    with attempt(request) as done:
        secret = actions.renew_feed(feed=found, by=request.actor)
    return _page(request, _address(request, found, secret)) if done else redirect("feeds:mine")


@signed_in
@require_POST
def close(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Close it."""
    found = queries.feed_for(request.actor, feed_id)
    with attempt(request, success=_("订阅已停用，旧地址不再有效。")):
        actions.close_feed(feed=found, by=request.actor)
    return redirect("feeds:mine")
