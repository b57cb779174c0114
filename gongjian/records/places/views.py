"""Pages of grids, estates and buildings, and of their coverage."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.facts import queries as fact_queries
from gongjian.records.facts import words
from gongjian.records.orgs import queries as orgs
from gongjian.records.places import actions, queries, rules
from gongjian.records.places.forms import CoverForm, EndForm, PlaceFilter, PlaceForm

COVER_LOOKS = {
    "covered": Look("good", "circle-check", gettext_lazy("已覆盖")), "uncovered": Look("bad", "circle-x", gettext_lazy("未覆盖")),
    "none": Look("quiet", "minus", gettext_lazy("不计")),
}  # fmt: skip


def _cover(place) -> str:
    if place.organisation_id and place.organisation.dissolved_on is None:
        return "covered"
    return "uncovered" if place.kind in queries.TO_COVER else "none"


@needs("places.view")
def index(request: HttpRequest) -> HttpResponseBase:
    """Visible places with search, filters, paging and export."""
    found = queries.visible_to(request.actor).select_related("community", "organisation")
    listing = Listing(
        request, found, filterset=PlaceFilter, search=("name", "code", "community__name", "organisation__name"),
        order=("community__path", "code"), export="xlsx,csv", name=_("网格与小区"), search_hint=_("名称、编码、社区或党组织"),
        columns=[
            Column("name", _("名称"), link="places:detail", sort=True, phone="title"),
            Column("code", _("编码"), sort=True, phone="meta"),
            Column("kind", _("类别"), value=lambda place: place.get_kind_display(), phone="meta"),
            Column("community.name", _("社区"), phone="meta"),
            Column("households", _("户数"), kind="number", sort=True, phone="hide"),
            Column("cover", _("党组织覆盖"), kind="badge", value=_cover, looks=COVER_LOOKS, phone="meta"),
            Column("organisation.name", _("党组织"), phone="hide"),
            Column("setup", _("组建方式"), value=lambda place: place.get_setup_display(), phone="hide"),
        ],
        empty=_("还没有网格和小区"), empty_hint=_("从社区页面设立一个。"),
    )  # fmt: skip
    return listing.response("places/list.html", {"may_manage": request.actor.may("places.manage")})


@needs("places.view")
def coverage(request: HttpRequest) -> HttpResponse:
    """How many grids and estates have a Party organisation, by district, street and community; the others by name."""
    levels = {level.id: level for level in policy.current().levels}
    rows = queries.coverage(request.actor)
    top = rows[0] if rows else None
    open_list = queries.uncovered(request.actor)
    left = list(open_list[:100])
    shown = sorted(rows, key=lambda row: row.org.territory_path)
    for row in shown:
        level = levels.get(row.org.level)
        row.level = level.title if level else ""
        row.indent = max(row.org.territory_path.count("/") - shown[0].org.territory_path.count("/"), 0)
    return page(
        request, "places/coverage.html",
        {"rows": shown, "top": top, "left": left, "left_count": open_list.count(), "may_manage": request.actor.may("places.manage")},
    )  # fmt: skip


@needs("places.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One place."""
    actor = request.actor
    place = queries.get_for(actor, pk)
    pack = policy.current()
    below = list(queries.visible_to(actor).filter(parent=place).order_by("code")[:200])
    told = fact_queries.about_object(Ref.of("place", place.pk)).order_by("-id")[:20]
    facts = words.entries(list(told), about="organisation") if actor.may_at("facts.view", place.community) else []
    findings = []
    if place.organisation_id and place.setup == "alone":
        findings = rules.setup_findings(pack, "alone", formal_members=place.organisation.formal_count, units=None)
        if place.organisation.kind == "group":
            findings = []
    context = {
        "place": place, "below": below, "facts": facts, "state": _cover(place), "looks": COVER_LOOKS, "findings": findings,
        "line": orgs.line_of(place.community), "may_manage": place.ended_on is None and actor.may_at("places.manage", place.community),
        "what": [
            (_("类别"), place.get_kind_display()), (_("编码"), place.code), (_("所属"), place.parent.name if place.parent else ""),
            (_("户数"), place.households), (_("面积（平方米）"), place.area or ""), (_("设立日期"), place.since), (_("撤销日期"), place.ended_on or _("在用")),
        ],
    }  # fmt: skip
    return page(request, "places/detail.html", context)


@needs("places.manage")
def add(request: HttpRequest) -> HttpResponse:
    """Set up a place."""
    asked = request.GET.get("community", "")
    community = orgs.get_for(request.actor, asked, permission="places.manage") if asked else None
    form = PlaceForm(
        request.POST or None,
        actor=request.actor,
        community=community,
        initial={"kind": request.GET.get("kind", "grid")},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(
            request, form, success=_("已设立“%(name)s”，请登记由哪个党组织覆盖。") % {"name": data["name"]}
        ) as ok:
            code = data.pop("code") or queries.free_code(
                data["kind"], data["community"], data["parent"] if data["kind"] != "grid" else None
            )
            place = actions.add(by=request.actor, code=code, **data)
        if ok:
            return redirect("places:detail", place.pk)
    return page(request, "places/form.html", {"form": form, "title": _("设立网格、小区、楼栋或服务中心"), "back": ""})


@needs("places.manage")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a place."""
    place = queries.get_for(request.actor, pk, permission="places.manage")
    form = PlaceForm(request.POST or None, actor=request.actor, place=place)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已保存。")) as ok:
            actions.correct(place=place, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("places:detail", place.pk)
    return page(
        request,
        "places/form.html",
        {"form": form, "title": _("更正资料：%(name)s") % {"name": place.name}, "place": place},
    )


@needs("places.manage")
def cover(request: HttpRequest, pk: int) -> HttpResponse:
    """The guided way to an organisation for a place: which of the three ways, by whom, checked by the size rules."""
    place = queries.get_for(request.actor, pk, permission="places.manage")
    form = CoverForm(request.POST or None, place=place)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, success=_("已登记党组织覆盖。")) as ok:
            warnings = actions.cover(
                place=place, organisation=form.orgs[data["organisation"]], setup=data["setup"], by=request.actor,
                on=data["on"], units=data["units"],
            )  # fmt: skip
        if ok:
            for warning in warnings:
                messages.warning(request, warning)
            return redirect("places:detail", place.pk)
    return page(request, "places/cover.html", {"form": form, "place": place})


def _end(request: HttpRequest, pk: int, title: str, help: str, run) -> HttpResponse:
    place = queries.get_for(request.actor, pk, permission="places.manage")
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已办理。")) as ok:
            run(place=place, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("places:detail", place.pk)
    context = {"form": form, "title": f"{title}：{place.name}", "help": help, "place": place, "tone": "danger"}
    return page(request, "places/form.html", context)


@needs("places.manage")
def uncover(request: HttpRequest, pk: int) -> HttpResponse:
    """An organisation no longer covers a place."""
    return _end(request, pk, _("解除覆盖"), _("解除后这里计为未覆盖，请尽快登记新的覆盖党组织。"), actions.uncover)


@needs("places.manage")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a place."""
    return _end(request, pk, _("撤销"), _("撤销后不再计入覆盖情况；历史记录保留。"), actions.end)


@needs("places.view")
def panel(request: HttpRequest) -> HttpResponse:
    """The panel of an organisation's page."""
    org = orgs.get_for(request.actor, request.GET.get("org", ""), permission="places.view")
    rows = list(queries.here(org, request.actor)[:30])
    for row in rows:
        row.state = _cover(row)
    context = {
        "org": org, "rows": rows, "looks": COVER_LOOKS,
        "may_add": org.level == "community" and request.actor.may_at("places.manage", org),
    }  # fmt: skip
    if not request.htmx:
        return page(request, "places/panel_page.html", context)
    return fragment(request, "places/panel.html", context)
