"""Pages: a list's overview and items, a subject, an assessment with what each item rests on, scoring, visits, residents."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from gongjian.appraisal.assessments import actions, forms, queries, wording
from gongjian.appraisal.assessments.filters import SubjectFilter
from gongjian.appraisal.assessments.permissions import abilities, may_assess
from gongjian.appraisal.assessments.states import ASSESSED, CANCELLED, LINE, SELF, VISITING
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public, signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ids import new_id
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.facts import words
from gongjian.records.files import queries as files
from gongjian.records.orgs import queries as orgs


# --- lists ------------------------------------------------------------------------------------------------------
@needs("assessments.view")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The first list of the pack."""
    lists = policy.current().assessments.lists
    if not lists:
        return page(request, "assessments/nothing.html")
    return redirect("assessments:list", lists[0].id)


def _listing(request: HttpRequest, entry: Any) -> Listing:
    request.entry = entry  # type: ignore[attr-defined]  # the filters' choices are those of the list
    today, place = clock.today(), entry.of != "organisation"
    bands = wording.bands(entry)

    def result(row: Any) -> Any:
        return bands[row.result.band] if row.result else None

    where = [
        Column("community.name", _("社区")), Column("answers.name", _("党组织"), phone="hide"),
    ] if place else [Column("parent.name", _("隶属"))]  # fmt: skip
    return Listing(
        request, queries.subjects_for(request.actor, entry) if place
        else queries.subjects_for(request.actor, entry).select_related("parent"),
        filterset=SubjectFilter, export="xlsx,csv", name=entry.short, search_hint=_("名称或拼音"),
        search=("name", "code", "community__name") if place else ("name", "pinyin", "initials"),
        order=("community__path", "code", "id") if place else ("path", "id"),
        prepare=lambda rows: queries.put_assessments(entry, today, rows),
        empty=_("没有要考评的对象"), empty_hint=_("这份清单面向的组织、小区或服务中心，在您的范围内一个也没有。"),
        columns=[
            Column("name", _("名称"), sort=True,
                   link=lambda row: reverse("assessments:subject", args=[entry.id, row.pk])),
            *where,
            Column("result", _("结论"), kind="badge", value=result, looks={}),
            Column("percent", _("得分率（%）"), kind="number", value=lambda row: row.result.percent if row.result else None),
            Column("recheck_on", _("复查日"), kind="date", value=lambda row: row.result.recheck_on if row.result else None,
                   phone="hide"),
            Column("running", _("进度"), value=lambda row: row.running.get_state_display() if row.running else "",
                   link=lambda row: reverse("assessments:detail", args=[row.running.pk]) if row.running else ""),
            Column("records", _("记录可核"), value=lambda row: f"{row.met} / {row.asked}", help=_("今天达到 / 适用")),
        ],
    )  # fmt: skip


@needs("assessments.view")
@require_safe
def under(request: HttpRequest, standard: str) -> HttpResponse:
    """A list over all that the actor sees: coverage, bands, dimensions, what lacks most, and each subject."""
    entry = queries.entry_named(standard)
    actor, today = request.actor, clock.today()
    listing = _listing(request, entry)
    if listing.is_export:
        return listing.response()
    found = queries.subjects_for(actor, entry)
    if ground := request.GET.get("below", ""):
        try:
            found = queries.below(entry, found, orgs.get_for(actor, ground, permission=queries.VIEW))
        except NotFound:
            found = found.none()
    address = reverse("assessments:list", args=[entry.id])
    extra = f"&below={ground}" if ground.isdecimal() else ""
    context = {
        "entry": entry, "summary": queries.summary(entry, found, today), "address": address, "extra": extra,
        "lists": [(one.id, one.short, reverse("assessments:list", args=[one.id])) for one in policy.current().assessments.lists],
        "may_open": bool(listing.count) and actor.may("assessments.assess"), "query": request.GET.urlencode(),
        "fields": {"query": request.GET.urlencode()}, "most": actions.MOST_AT_ONCE,
    }  # fmt: skip
    return listing.response("assessments/list.html", context)


@needs("assessments.view")
@require_safe
def items(request: HttpRequest, standard: str) -> HttpResponse:
    """The list as published: items, points, how each is evidenced, on what basis."""
    entry = queries.entry_named(standard)
    pack = policy.current()
    level = pack.levels.get(entry.assessed_by)
    full = sum(item.points for item in entry.items)
    shown = [
        {"dimension": dimension, "full": sum(item.points for item in dimension.items),
         "items": [{"item": item, "how": wording.check(item.records, pack)} for item in dimension.items]}
        for dimension in entry.dimensions
    ]  # fmt: skip
    return page(
        request, "assessments/items.html",
        {"entry": entry, "dimensions": shown, "full": full, "pack": pack, "assessed_by": level.title if level else "",
         "kinds": "、".join(pack.org_kinds[kind].title for kind in entry.org_kinds if kind in pack.org_kinds)},
    )  # fmt: skip


@needs("assessments.assess")
@require_POST
def open_listed(request: HttpRequest, standard: str) -> HttpResponse:
    """Begin assessing all that the list shows under its filters and for which the actor may."""
    entry, pack, actor = queries.entry_named(standard), policy.current(), request.actor
    query = request.POST.get("query", "")
    request.GET = QueryDict(query)  # the list is read by the very filters under which the reader saw it
    rows = list(_listing(request, entry).keyset.queryset[: actions.MOST_AT_ONCE + 1])
    able = [row for row in rows if may_assess(actor, entry, queries.org_of(row), pack)]
    if rows and not able:
        messages.error(request, _("名单里的都不由您这一级考评。"))
    else:
        with attempt(request) as ok:
            number = actions.open_many(standard=entry.id, subjects=able, by=actor)
        if ok:
            said = _("已对 %(n)d 个开始考评。") if number else _("名单里的都已经在考评了。")
            messages.success(request, said % {"n": number} if number else said)
    address = reverse("assessments:list", args=[entry.id])
    return redirect(f"{address}?{query}" if query else address)


@needs("assessments.view")
@require_safe
def subject(request: HttpRequest, standard: str, subject_id: int) -> HttpResponse:
    """One organisation or place: its results by a list, and what records say of it today."""
    entry, actor, today = queries.entry_named(standard), request.actor, clock.today()
    found = queries.subject_for(actor, entry, subject_id)
    queries.put_assessments(entry, today, [found])
    rows = queries.history(entry, found)
    for row in rows:
        told = row.state not in (SELF, VISITING, ASSESSED)
        row.look = wording.bands(queries.entry_of(row)).get(row.band) if told else None
    looked = queries.now(entry, found, today)
    pack = policy.current()
    return page(
        request, "assessments/subject.html",
        {
            "entry": entry, "subject": found, "rows": rows, "org": found.answers, "line": orgs.line_of(found.answers),
            "now": [{"item": item, "found": looked[item.id], "how": wording.check(item.records, pack),
                     "said": wording.found(item.records, looked[item.id])} for item in entry.items if item.id in looked],
            "met": found.met, "asked": found.asked, "states": wording.STATES,
            "may_open": found.running is None and may_assess(actor, entry, found.answers, pack),
        },
    )  # fmt: skip


@needs("assessments.assess")
@require_POST
def open_one(request: HttpRequest, standard: str, subject_id: int) -> HttpResponse:
    """Begin assessing one."""
    entry = queries.entry_named(standard)
    found = queries.subject_for(request.actor, entry, subject_id)
    with attempt(request, success=_("已开始考评。")) as ok:
        made = actions.open_one(standard=entry.id, subject=found, by=request.actor)
    return redirect("assessments:detail", made.pk) if ok else redirect("assessments:subject", standard, subject_id)


# --- one assessment ---------------------------------------------------------------------------------------------
@signed_in
@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An assessment: where it stands, each item with its scores and what it rests on, visits, objections, deeds."""
    actor, today = request.actor, clock.today()
    found = queries.get_for(actor, pk)
    entry, pack = queries.entry_of(found), policy.current()
    rows = queries.rows_of(found, today)
    objections, visits = queries.objections_of(found), queries.visits_of(found)
    can = abilities(
        found, actor, entry, pack, objected=queries.objected_since_told(found, objections)
    )  # fmt: skip
    behind = queries.facts_behind(actor, found, rows)
    told = {fact["url"]: fact for fact in words.entries(list(behind.values()), about="organisation")} if behind else {}
    for row in rows:
        row.said = wording.found(row.item.records, row.found) if row.found else ""
        row.how = wording.check(row.item.records, pack)
        if row.found:
            row.facts = [told[url] for pk in row.found.facts if (url := reverse("facts:detail", args=[pk])) in told]
    scored = found.state not in (SELF, VISITING) and found.percent is not None
    sums = queries.rules.by_dimension((wording.dimension_of(entry, row.item), row.points, row.full) for row in rows)
    parts = [
        {"dimension": dimension, "percent": sums.get(dimension.id) if scored else None,
         "rows": [row for row in rows if wording.dimension_of(entry, row.item) == dimension.id]}
        for dimension in entry.dimensions
    ]  # fmt: skip
    people = queries.person_names(
        [found.opened_by, found.self_by, found.assessed_by, *(one.raised_by for one in objections),
         *(one.answered_by for one in objections)]
    )  # fmt: skip
    for one in objections:
        one.raised_name, one.answered_name = people.get(one.raised_by, ""), people.get(one.answered_by, "")
    return page(
        request, "assessments/detail.html",
        {
            "found": found, "entry": entry, "can": can, "parts": parts, "visits": visits, "objections": objections,
            "line": LINE if found.state not in (CANCELLED,) else (), "states": wording.STATES, "scored": scored,
            "stage": {"objected": "told", "lapsed": "final"}.get(found.state, found.state),
            "look": wording.bands(entry).get(found.band), "conflicts": [row for row in rows if row.conflict],
            "missing": [row for row in rows if row.missing and not row.conflict], "deeds": wording.deeds(can),
            "open_objection": next((one for one in objections if one.answered_at is None), None),
            "shelf": files.on_shelf(actor, Ref.of("assessment", found.pk)), "people": people,
            "what": wording.particulars(found, people), "before_telling": found.state == ASSESSED and not can.assess,
            "subject_url": reverse("assessments:subject", args=[found.list, found.place_id or found.org_id])
            if actor.may_at("assessments.view", found.org) and found.list in pack.assessments.lists else "",
        },
    )  # fmt: skip


DEEDS = {
    "return_self": (actions.return_self, True, gettext_lazy("已退回自评。")), "assess": (actions.assess, False, gettext_lazy("已评定，请核对后告知。")),
    "reopen": (actions.reopen, True, gettext_lazy("已回到走访核查。")), "tell": (actions.tell, False, gettext_lazy("已告知，异议期开始。")),
    "accept": (actions.accept, False, gettext_lazy("结果已生效。")), "revoke": (actions.revoke, True, gettext_lazy("结果已撤销。")),
    "cancel": (actions.cancel, True, gettext_lazy("考评已取消。")),
}  # fmt: skip


@signed_in
@require_POST
def deed(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """One step of the flow; some ask for a reason."""
    found = queries.get_for(request.actor, pk)
    if deed not in DEEDS:
        return HttpResponseNotFound()
    act, asks, success = DEEDS[deed]
    form = forms.ReasonForm(request.POST)
    if asks and not form.is_valid():
        messages.error(request, _("请写明原因（2 至 200 字）。"))
    else:
        with attempt(request, success=success):
            act(assessment=found, by=request.actor, **(form.cleaned_data if asks else {}))
    return redirect("assessments:detail", pk)


@needs("assessments.self")
def own(request: HttpRequest, pk: int) -> HttpResponse:
    """Self-assessment: keep it, or hand it in."""
    found = queries.get_for(request.actor, pk)
    request.actor.require("assessments.self", found.org)
    if found.state != SELF:
        return redirect("assessments:detail", pk)
    entry = queries.entry_of(found)
    marks = {
        mark.item: actions.Given(mark.points, mark.note) for mark in queries.own_marks([found.pk]).get(found.pk, [])
    }
    form = forms.ScoreForm(
        request.POST if request.method == "POST" else None, entry=entry, marks=marks,
        longest=policy.current().assessments.visit_note_chars,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        hand_in = request.POST.get("deed") == "hand_in"
        with attempt(request, form, _("自评已交出，等上级走访核查。") if hand_in else _("已保存，还没有交出。")) as ok:
            actions.save_self(assessment=found, given=form.given, by=request.actor, hand_in=hand_in)
        if ok:
            return redirect("assessments:detail" if hand_in else "assessments:self", pk)
    return page(
        request, "assessments/self.html",
        {"found": found, "entry": entry, "form": form, "parts": wording.form_parts(entry, form)},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("assessments.visit")
def visit(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit with a network: the same as on the offline page, in a plain form."""
    found = queries.visit_for(request.actor, pk)
    if found.state != VISITING:
        return redirect("assessments:visits")
    entry = queries.entry_of(found)
    form = forms.VisitForm(
        request.POST if request.method == "POST" else None, entry=entry, initial={"key": f"page-{new_id()}"},
        longest=policy.current().assessments.visit_note_chars,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form) as ok:
            told = actions.hand_in_visit(
                assessment=found, key=data["key"], given=form.given, visited_on=data["visited_on"], note=data["note"],
                by=request.actor,
            )  # fmt: skip
        if ok:
            messages.success(request, _("走访已交回。"))
            if told.conflicts:
                messages.warning(
                    request, _("和别人的评分不一致，等评定的同志商定：%(i)s") % {"i": "、".join(told.conflicts)}
                )
            return redirect("assessments:visits")
    own = {mark.item: mark for mark in queries.own_marks([found.pk]).get(found.pk, [])}
    return page(
        request, "assessments/visit.html",
        {"found": found, "entry": entry, "form": form, "parts": wording.form_parts(entry, form, own)},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("assessments.visit")
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """On the phone: where to go, online or without network."""
    rows = queries.to_visit(request.actor)
    made = queries.visits_made(rows)
    for row in rows:
        row.entry, row.visited = queries.entry_of(row), made.get(row.pk, 0)
    return page(request, "assessments/visits.html", {"rows": rows})


@needs("assessments.assess")
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide an item on which visits differ, or that nobody scored."""
    found = queries.get_for(request.actor, pk)
    form = forms.SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选一档，并写明商定的理由。"))
    else:
        with attempt(request, success=_("已商定。")):
            actions.settle(assessment=found, by=request.actor, **form.cleaned_data)
    return redirect(reverse("assessments:detail", args=[pk]) + "#todo")


@needs("assessments.self")
@require_POST
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to a result."""
    found = queries.get_for(request.actor, pk)
    form = forms.ObjectForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("理由请写 5 至 1000 字：哪一条、实际是什么情况。"))
    else:
        with attempt(request, success=_("异议已提交，上级会核实后答复。")):
            actions.object_to(assessment=found, text=form.cleaned_data["text"], by=request.actor)
    return redirect("assessments:detail", pk)


@needs("assessments.assess")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an objection."""
    found = queries.get_for(request.actor, pk)
    form = forms.AnswerForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请写明核实的情况（5 至 1000 字），并选结论。"))
    else:
        with attempt(request, success=_("已答复。")):
            actions.answer(
                assessment=found, text=form.cleaned_data["text"], upheld=form.cleaned_data["upheld"] == "1",
                by=request.actor,
            )  # fmt: skip
    return redirect("assessments:detail", pk)


# --- elsewhere --------------------------------------------------------------------------------------------------
@needs("assessments.view")
@require_safe
def panel_org(request: HttpRequest) -> HttpResponse:
    """A part for the organisation's page: its newest assessments, and those of the places it answers for."""
    org = orgs.get_for(request.actor, request.GET.get("org", ""), permission=queries.VIEW)
    rows = queries.of_org(request.actor, org)
    for row in rows:
        row.entry = queries.entry_of(row)
        row.look = wording.bands(row.entry).get(row.band)
    pack = policy.current()
    own = [entry for entry in pack.assessments.lists if org.kind in entry.org_kinds]
    return fragment(
        request, "assessments/panel_org.html", {"org": org, "rows": rows, "own": own, "states": wording.STATES}
    )


@public
@require_safe
def open_page(request: HttpRequest, place_id: int) -> HttpResponse:
    """The result of an estate or centre for residents, where the pack shows it: bands and dimensions, nothing else."""
    rows = queries.public_result(place_id)
    shown = [
        {"row": row, "entry": entry, "look": wording.bands(entry).get(row.band),
         "parts": [(dimension.title, parts.get(dimension.id)) for dimension in entry.dimensions]}
        for row, entry, parts in rows
    ]  # fmt: skip
    return page(request, "assessments/public.html", {"shown": shown, "place": rows[0][0].place})
