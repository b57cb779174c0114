"""Pages of figures: the list of all, and one with its definition and the rows behind it."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.lists import Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.dashboards import queries
from gongjian.outlets.dashboards.measures import Asked
from gongjian.records.orgs import queries as orgs


def _asked(request: HttpRequest) -> Asked:
    node = queries.node_for(request.actor, request.GET.get("org"))
    return Asked(request.actor, node, queries.day_for(request.GET.get("on")))


def _children(asked: Asked) -> list:
    return list(
        orgs.children(asked.node).filter(pk__in=orgs.visible_to(asked.actor, permission="figures.view").values("pk"))
        .exclude(level__in=("branch", "group"))[:60]
    )  # fmt: skip


@needs("figures.view")
def figures(request: HttpRequest) -> HttpResponse:
    """指标: published definition, value, day, and the way to the rows."""
    asked = _asked(request)
    found = queries.figures(asked)
    return page(request, "dashboards/figures.html", {
        "asked": asked, "is_root": asked.node.parent_id is None, "children": _children(asked),
        "computed": [entry for entry in found if entry.measure], "waiting": [e for e in found if not e.measure],
        "ancestors": [org for org in orgs.ancestors(asked.node) if request.actor.may_at("figures.view", org)],
        "met": sum(entry.verdict == "met" for entry in found), "all": sum(bool(entry.published) for entry in found),
    })  # fmt: skip


@needs("figures.view")
def rows(request: HttpRequest, ident: str) -> HttpResponse:
    """一项指标背后的记录."""
    measure = queries.measure_for(ident)
    asked = _asked(request)
    figure = next((line for line in policy.on(asked.day).figures if line.id == ident), None)
    queryset = measure.rows(asked)
    part = request.GET.get("part", "")
    if measure.among is not None and part in ("yes", "no"):
        condition = measure.among(asked)
        queryset = queryset.filter(condition if part == "yes" else ~condition)
    listing = Listing(
        request, queryset, columns=measure.columns, search=measure.search, order=measure.order,
        export="xlsx,csv", name=str(measure.label), empty=_("没有记录"),
    )  # fmt: skip
    return listing.response("dashboards/rows.html", {
        "measure": measure, "asked": asked, "entry": queries.shown(measure, figure, asked), "part": part,
        "is_root": asked.node.parent_id is None,
    })  # fmt: skip
