"""Pages of points: my own, an organisation's, the list of organisations, the published rules, and deeds by hand."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.points import actions, queries
from gongjian.appraisal.points.explaining import explain
from gongjian.appraisal.points.filters import OrganisationFilter, period_choices
from gongjian.appraisal.points.forms import BasisForm, GiveForm, ReasonForm
from gongjian.appraisal.points.queries import closing
from gongjian.appraisal.points.views.shared import nav
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.people import queries as people

MOST = 200
PER_WORDS = {"month": "本月", "quarter": "本季度", "year": "本年"}


def _asked_period(request: HttpRequest, default: str = "month") -> str:
    """The period in the address; this month (or what `default` names) without one. Invalid for nonsense."""
    text = request.GET.get("period", "")
    return queries.period_or_refuse(text) if text else clock.period_of(clock.today(), default)


def _sheet(kind: str, subject: int, period: str, *, ranked: bool = True) -> dict[str, Any]:
    """What a sheet of points shows: scores, dimensions, ranks and entries of a period, all evaluated."""
    today = clock.today()
    pack = policy.on(today)
    now = clock.periods_of(today)
    scores = queries.scores_of(kind, subject, {*now, period})
    address = {clock.per_of(p): p for p in now}
    in_year = queries.total_of(kind, subject, period[:4])
    entries = list(queries.entries_of(kind, subject, period)[: MOST + 1])
    return {
        "period": period,
        "period_words": dict(period_choices()).get(period, period),
        "score": scores[period],
        "tabs": [(p, f"{PER_WORDS[per]} {scores[p]}", f"?period={p}") for per, p in address.items()],
        "scores": [{"label": PER_WORDS[per], "points": scores[p], "period": p} for per, p in address.items()],
        "dimensions": [
            {"title": d.title, "points": in_year.get(d.id, 0), "full": d.full, "about": d.about, "bonus": d.bonus}
            for d in pack.points.dimensions
        ],
        "year": period[:4],
        "frame": pack.points.frame,
        "ranks": queries.ranks_of(kind, subject, period) if ranked else [],
        "guard": pack.points.ranks,
        "entries": explain(entries[:MOST]),
        "more": len(entries) > MOST,
        "most": MOST,
    }


@needs("points.view_own")
def mine(request: HttpRequest) -> HttpResponse:
    """我的积分."""
    person = request.actor.person
    period = _asked_period(request)
    today = clock.today()
    appealable = closing.open_for_appeals(person, today)
    first, last = clock.period_bounds(period)
    return page(
        request, "points/mine.html",
        {**_sheet("person", person, period), "open_rules": queries.still_open(person, today),
         "posted": [row for row in appealable if row.posted],
         "may_appeal": any(
             first <= day <= last for row in appealable for day in clock.period_bounds(row.period)
         )},
    )  # fmt: skip


@needs("points.view_own")
def panel_mine(request: HttpRequest) -> HttpResponse:
    """A part of one's home page: points of this month and year, and the rank in one's own branch."""
    person, now = request.actor.person, clock.periods_of(clock.today())
    ranks = queries.ranks_of("person", person, now[2])
    return fragment(
        request, "points/panel_mine.html",
        {"scores": queries.scores_of("person", person, now), "month": now[0], "year": now[2],
         "month_points": queries.scores_of("person", person, now)[now[0]],
         "year_points": queries.scores_of("person", person, now)[now[2]], "rank": ranks[-1] if ranks else None},
    )  # fmt: skip


@public
def rules(request: HttpRequest) -> HttpResponse:
    """积分规则, as everyone may read them."""
    today = clock.today()
    pack = policy.on(today)
    groups = [
        {"title": title, "rules": queries.rule_views(kind, None, today)}
        for kind, title in (("person", _("党员怎样得分")), ("organisation", _("组织怎样得分")))
    ]
    return page(
        request, "points/rules.html", {"pack": pack, "points": pack.points, "groups": groups, "per": queries.PER}
    )


@needs("points.view_person")
def person(request: HttpRequest, ident: int) -> HttpResponse:
    """One member's points, for those who may see them."""
    found = queries.person_for(request.actor, ident)
    period = _asked_period(request, "year")
    member = people.membership_of(found.pk)
    return page(
        request, "points/person.html",
        {**_sheet("person", found.pk, period, ranked=False), "person": found, "member": member,
         "exempts": bool(member) and request.actor.may_at("points.exempt", member.org) and request.actor.person != found.pk,
         "manages": queries.managed_branch(request.actor, found.pk) is not None and request.actor.person != found.pk},
    )  # fmt: skip


@needs("points.manage")
def give(request: HttpRequest, ident: int) -> HttpResponse:
    """Add or take points by hand."""
    found = people.get_for(request.actor, ident, permission="points.manage")
    form = GiveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已登记，积分随后计入。")) as ok:
            actions.give(person=found.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return HttpResponseRedirect(reverse("points:person", args=[found.pk]))
    return page(
        request, "points/form.html",
        {"form": form, "title": _("为%(name)s加分或扣分") % {"name": found.name}, "button": _("登记"),
         "hint": _("只能按政策包公布的规则办理；登记后不能修改，只能撤回。"), "back": reverse("points:person", args=[found.pk])},
    )  # fmt: skip


@needs("points.manage")
def reverse_fact(request: HttpRequest, fact: int) -> HttpResponse:
    """Take back what a fact gave."""
    entries = queries.entries_about(fact)
    if not entries:
        raise NotFound(_("没有找到这条积分记录，或者它不在您的管理范围内。"))
    form = ReasonForm(request.POST or None)
    back = reverse("points:organisations")
    shown = []
    for entry in entries:
        if entry.subject_kind == "person":
            people.get_for(request.actor, entry.subject, permission="points.manage")
            back = reverse("points:person", args=[entry.subject])
        else:
            queries.organisation_for(request.actor, entry.subject)
            back = reverse("points:organisation", args=[entry.subject])
        shown.append(entry)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已撤回，积分随后更正。")) as ok:
            actions.reverse(fact=fact, by=request.actor, **form.cleaned_data)
        if ok:
            return HttpResponseRedirect(back)
    return page(
        request, "points/form.html",
        {"form": form, "title": _("撤回积分"), "button": _("撤回"), "back": back, "entries": explain(shown),
         "hint": _("撤回由一条更正事实完成，原记录保留；因封顶没有计入的其他积分会自动补上。")},
    )  # fmt: skip


@needs("points.view_orgs")
def organisations(request: HttpRequest) -> HttpResponse:
    """组织积分: those in one's scope, the most first."""
    period = _asked_period(request, "year")
    kind = request.GET.get("kind", "")
    found = queries.organisations(request.actor, period)
    titles = {entry.id: entry.title for entry in policy.current().org_kinds}
    places = queries.places_in(found.filter(kind=kind) if kind else found)
    listing = Listing(
        request, found, filterset=OrganisationFilter, search=("name", "pinyin", "initials", "code"),
        order=("-points", "path"), export="csv,xlsx", name=_("组织积分"), search_hint=_("名称、拼音或代码"),
        columns=[
            Column("rank", _("名次"), value=lambda org: places.get(org.points), kind="number", phone="meta"),
            Column("name", _("组织"), link=lambda org: reverse("points:organisation", args=[org.pk]), phone="title",
                   sort=True),
            Column("kind", _("类型"), value=lambda org: titles.get(org.kind, org.kind)),
            Column("parent.name", _("上级组织"), phone="hide"),
            Column("member_count", _("党员"), kind="number", phone="hide", sort=True),
            Column("points", _("积分"), kind="number", sort=True),
        ],
        empty=_("您的范围内还没有组织"), empty_hint=_("组织开展活动并签字确认后，积分会自动出现在这里。"),
    )  # fmt: skip
    words = dict(period_choices()).get(period, period)
    return listing.response(
        "points/organisations.html", {"period": period, "period_words": words, "nav": nav(request.actor)}
    )


@needs("points.view_orgs")
def organisation(request: HttpRequest, ident: int) -> HttpResponse:
    """One organisation's points."""
    org = queries.organisation_for(request.actor, ident)
    period = _asked_period(request, "year")
    return page(
        request, "points/organisation.html",
        {**_sheet("organisation", org.pk, period), "org": org,
         "list_in_force": queries.basis_in_force(org, clock.today()) is not None,
         "manages": request.actor.may_at("points.manage", org)},
    )  # fmt: skip


@needs("points.view_orgs")
def named(request: HttpRequest, ident: int) -> HttpResponse:
    """实名榜单: says why there is none, or on what basis there is one."""
    org = queries.organisation_for(request.actor, ident)
    period, today = _asked_period(request, "year"), clock.today()
    basis = queries.basis_in_force(org, today)
    bases = queries.bases_for(request.actor, org)
    names = queries.name_of_persons(i for b in [*bases, basis] if b for i in (b.requested_by, b.approved_by))
    for row in [*bases, *([basis] if basis else [])]:
        row.requester, row.approver = names.get(row.requested_by, ""), names.get(row.approved_by, "")
        row.is_over = row.ended_at is not None or row.expires_on <= today
        row.mine = row.requested_by == request.actor.person
    return page(
        request, "points/named.html",
        {"org": org, "basis": basis, "bases": bases, "period": period, "ranks": policy.on(today).points.ranks,
         "rows": queries.named_list(org, period, today) if basis else [],
         "may_request": request.actor.may_at("points.named_lists", org)},
    )  # fmt: skip


@needs("points.named_lists")
def request_basis(request: HttpRequest, ident: int) -> HttpResponse:
    """Record the basis of a list."""
    org = queries.organisation_for(request.actor, ident)
    form = BasisForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("依据已登记，等待另一人批准。")) as ok:
            actions.request_list(org=org.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return HttpResponseRedirect(reverse("points:named", args=[org.pk]))
    return page(
        request, "points/form.html",
        {"form": form, "title": _("登记实名榜单依据"), "button": _("登记"), "back": reverse("points:named", args=[org.pk]),
         "hint": policy.current().points.ranks.guard},
    )  # fmt: skip


@needs("points.named_lists")
def approve_basis(request: HttpRequest, ident: int) -> HttpResponse:
    """Approve a basis that another recorded."""
    basis = queries.basis_for(request.actor, ident)
    if request.method == "POST":
        with attempt(request, success=_("已批准，榜单在公布期内可以查看。")):
            actions.approve_list(basis=basis.pk, by=request.actor)
    return HttpResponseRedirect(reverse("points:named", args=[basis.org_id]))


@needs("points.named_lists")
def end_basis(request: HttpRequest, ident: int) -> HttpResponse:
    """End a basis before its time."""
    basis = queries.basis_for(request.actor, ident)
    form = ReasonForm(request.POST or None)
    back = reverse("points:named", args=[basis.org_id])
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已终止，榜单不再提供。")) as ok:
            actions.end_list(basis=basis.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return HttpResponseRedirect(back)
    return page(
        request, "points/form.html",
        {"form": form, "title": _("提前终止实名榜单"), "button": _("终止"), "back": back, "hint": basis.basis},
    )  # fmt: skip
