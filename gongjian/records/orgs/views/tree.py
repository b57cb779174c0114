"""The tree, today or as of any day."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.orgs import queries
from gongjian.records.orgs.forms import AsOfForm


def _day(request: HttpRequest) -> tuple[dt.date, AsOfForm]:
    form = AsOfForm(request.GET if request.GET.get("day") else None)
    day = form.cleaned_data["day"] if form.is_bound and form.is_valid() and form.cleaned_data["day"] else clock.today()
    if not form.is_bound:
        form = AsOfForm(initial={"day": day})
    return day, form


def _shown(nodes: list[queries.Node]) -> list[dict]:
    kinds = {kind.id: kind.short for kind in policy.current().org_kinds}
    return [
        {
            "org": node.org,
            "name": node.name,
            "kind": kinds.get(node.kind, node.kind),
            "code": node.code,
            "below": node.below,
        }
        for node in nodes
    ]


@needs("orgs.view")
def tree(request: HttpRequest) -> HttpResponse:
    """A subtree of two levels; deeper ones open in place with htmx, or as a page of their own without."""
    day, form = _day(request)
    tops = queries.roots(request.actor)
    asked = request.GET.get("root", "")
    root = queries.get_for(request.actor, asked) if asked else (tops[0] if tops else None)
    if root is None:
        raise NotFound(_("您的可见范围内还没有组织。"))
    nodes = queries.tree_as_of(day, root, depth=1)
    visible = set(
        queries.visible_to(request.actor, dissolved=True)
        .filter(pk__in=[org.pk for org in queries.ancestors(root)])
        .values_list("pk", flat=True)
    )
    context = {
        "day": day, "today": clock.today(), "form": form, "root": root, "tops": tops,
        "top": _shown(nodes[:1])[0] if nodes else None, "nodes": _shown(nodes[1:]),
        "above": [org for org in queries.ancestors(root) if org.pk in visible],
    }  # fmt: skip
    return page(request, "orgs/tree.html", context)


@needs("orgs.view")
def branches(request: HttpRequest) -> HttpResponse:
    """Those directly below an organisation on a day, as a part of the tree."""
    day, _form = _day(request)
    org = queries.get_for(request.actor, request.GET.get("root", ""))
    nodes = queries.tree_as_of(day, org, depth=1)
    return fragment(request, "orgs/branches.html", {"nodes": _shown(nodes[1:]), "day": day})
