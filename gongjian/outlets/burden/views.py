"""Pages: the burden of the city by role, the rows behind one source, and one's own week."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.policy.store import over_budget
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.burden import queries

WORDS = {
    "messages": lazy("消息（条）"),
    "fields": lazy("必填项（个）"),
    "uploads": lazy("上传（份）"),
    "minutes": lazy("用时（分钟）"),
}


def _week(text: str) -> dt.date:
    shown = queries.weeks_shown()
    return next((monday for monday in shown if monday.isoformat() == text), shown[-1])


@needs("burden.view")
def city(request: HttpRequest) -> HttpResponse:
    """负担计: each role's week against the budget, its trend, and what asks most."""
    queries.check_city(request.actor)
    week, pack = _week(request.GET.get("week", "")), policy.current()
    return page(request, "burden/city.html", {
        "week": week, "until": week + dt.timedelta(days=6), "weeks": list(reversed(queries.weeks_shown())),
        "roles": queries.city(week), "words": {key: str(word) for key, word in WORDS.items()}, "burden": pack.burden,
        "over": over_budget(pack),
    })  # fmt: skip


@needs("burden.view")
def rows(request: HttpRequest, week: str, what: str, code: str) -> HttpResponse:
    """The rows behind a source: the facts of a deed, or a kind of message by day; never who."""
    queries.check_city(request.actor)
    monday = _week(week)
    if monday.isoformat() != week:
        raise NotFound(queries.NOTHING)
    about = {"title": queries.title_of(what, code), "week": monday, "until": monday + dt.timedelta(days=6)}
    if what == "message":
        return page(request, "burden/days.html", {**about, "days": queries.days_of(monday, code)})
    listing = Listing(
        request, queries.rows_of(monday, what, code),
        columns=[
            Column("at", _("时间"), kind="datetime", phone="title"),
            Column("org_name", _("组织"), value=lambda row: row.org_name),
        ],
        order=("-at", "-id"), export="xlsx,csv", name=about["title"], prepare=queries.org_names, empty=_("没有记录"),
    )  # fmt: skip
    return listing.response("burden/rows.html", about)


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """本周系统向我要了什么."""
    found = queries.mine(request.actor)
    gauges = [
        (str(WORDS[measure]), getattr(found.load, measure), getattr(found.budget, measure) if found.budget else None)
        for measure in queries.TITLES
    ]
    return page(request, "burden/mine.html", {"mine": found, "gauges": gauges, "basis": policy.current().burden.basis})
