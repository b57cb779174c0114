"""Pages of appeals: on the phone for the member, on the desk for who reviews."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.appraisal.points import actions, queries
from gongjian.appraisal.points.explaining import explain
from gongjian.appraisal.points.filters import AppealFilter
from gongjian.appraisal.points.forms import AppealForm, DecideForm, EscalateForm
from gongjian.appraisal.points.queries import appeals, closing
from gongjian.appraisal.points.views.shared import nav
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import page

LOOKS = {
    "first": Look("warn", "hourglass", _("支部复核中")),
    "rejected": Look("quiet", "ban", _("未成立")),
    "second": Look("warn", "arrow-up", _("上级复核中")),
    "upheld": Look("good", "circle-check", _("成立")),
    "final": Look("quiet", "flag", _("上级维持")),
    "withdrawn": Look("quiet", "arrow-back-up", _("已撤回")),
}


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _title(rule: str, day) -> str:
    found = queries.rule_of(policy.on(day), rule)
    return found.title if found else rule


# ---- the member's, on the phone -------------------------------------------------------------------------------------


@needs("points.view_own")
def mine(request: HttpRequest) -> HttpResponse:
    """我的申诉."""
    rows = list(appeals.of_person(request.actor)[:50])
    for row in rows:
        row.title = _title(row.rule, row.on)
    open_periods = closing.open_for_appeals(request.actor.person, clock.today())
    return page(
        request, "points/appeals_mine.html",
        {"rows": rows, "looks": LOOKS, "open_periods": open_periods, "frame": policy.on(clock.today()).points.frame},
    )  # fmt: skip


@needs("points.view_own")
def raise_appeal(request: HttpRequest) -> HttpResponse:
    """申诉: against an entry named in the address, or about something missing."""
    fact, rule = _number(request.GET.get("fact", "")), request.GET.get("rule", "")
    entry = None
    if fact is not None:
        entry = next(
            (e for e in queries.entries_about(fact)
             if e.rule == rule and (e.subject_kind, e.subject) == ("person", request.actor.person)), None
        )  # fmt: skip
        if entry is None:
            raise NotFound(_("没有找到您的这条积分。"))
    form = AppealForm(request.POST or None, about_entry=entry is not None)
    if request.method == "POST" and form.is_valid():
        about = {"fact": fact, "rule": rule} if entry is not None else {}
        with attempt(request, form, _("申诉已提出，决定后会通知您。")) as ok:
            row = actions.raise_appeal(by=request.actor, **about, **form.cleaned_data)
        if ok:
            return redirect("points:my_appeal", row.pk)
    return page(
        request, "points/appeal_raise.html",
        {"form": form, "entries": explain([entry]) if entry else [],
         "open_periods": closing.open_for_appeals(request.actor.person, clock.today()),
         "frame": policy.on(clock.today()).points.frame},
    )  # fmt: skip


@needs("points.view_own")
def my_appeal(request: HttpRequest, ident: int) -> HttpResponse:
    """One of one's own appeals, with the way to the level above while it is open."""
    row = appeals.own(request.actor, ident)
    today = clock.today()
    may = row.state == "rejected" and row.org.parent_id is not None and today <= row.escalate_until
    form = EscalateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已提请上级复核。")) as ok:
            actions.escalate(appeal=row.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("points:my_appeal", row.pk)
    return page(
        request, "points/appeal_mine.html",
        {"appeal": row, "title": _title(row.rule, row.on), "looks": LOOKS, "form": form, "may_escalate": may,
         "entries": _entries(row), "open": row.state in row.OPEN},
    )  # fmt: skip


def _entries(row) -> list:
    entry = appeals.entry_of(row)
    return explain([entry]) if entry else []


@needs("points.view_own")
@require_POST
def withdraw(request: HttpRequest, ident: int) -> HttpResponse:
    """Take one's own appeal back."""
    row = appeals.own(request.actor, ident)
    with attempt(request, success=_("申诉已撤回。")):
        actions.withdraw(appeal=row.pk, by=request.actor)
    return redirect("points:my_appeal", row.pk)


# ---- the reviewer's, on the desk ---------------------------------------------------------------------------------------


@needs("points.review_appeals")
def overview(request: HttpRequest) -> HttpResponse:
    """申诉: those in one's scope, and how they came out."""
    found = appeals.visible_to(request.actor)
    listing = Listing(
        request, found, filterset=AppealFilter, search=("org__name", "org__pinyin", "person__name", "person__pinyin"),
        order=("-pk",), export="csv,xlsx", name=_("积分申诉"), search_hint=_("支部或者申诉人"),
        columns=[
            Column("rule", _("关于"), value=lambda row: _title(row.rule, row.on), link="points:appeal", phone="title"),
            Column("person.name", _("申诉人")),
            Column("org.name", _("党支部"), phone="meta"),
            Column("state", _("状态"), kind="badge", looks=LOOKS),
            Column("raised_at", _("提出时间"), kind="datetime", phone="hide"),
            Column("due_on", _("复核期限"), kind="date", sort=True, phone="meta"),
            Column("working_days", _("用时（工作日）"), kind="number", phone="hide"),
        ],
        empty=_("没有申诉"), empty_hint=_("党员在公示期内提出的申诉会出现在这里。"),
    )  # fmt: skip
    whole, lines = appeals.statistics(found)
    return listing.response("points/appeals.html", {"nav": nav(request.actor), "whole": whole, "lines": lines})


@needs("points.review_appeals")
def detail(request: HttpRequest, ident: int) -> HttpResponse:
    """One appeal with the entry it is about, and the decision."""
    row = appeals.get_for(request.actor, ident)
    problem = appeals.why_not(row, request.actor)
    remedies, most = appeals.remedies(row), appeals.most_to_award(row)
    form = DecideForm(request.POST or None, remedies=remedies, most=max(most, 0))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("决定已记录，并通知申诉人。")) as ok:
            actions.decide(
                appeal=row.pk, upheld=data["upheld"] == "yes", remedy=data["remedy"], points=data.get("points"),
                reasons=data["reasons"], by=request.actor,
            )  # fmt: skip
        if ok:
            return redirect(reverse("points:appeal", args=[row.pk]))
    names = queries.name_of_persons((row.scorer, row.first_by, row.second_by))
    rule = queries.rule_of(policy.on(row.on), row.rule)
    return page(
        request, "points/appeal.html",
        {"appeal": row, "title": rule.title if rule else row.rule, "rule": rule, "looks": LOOKS, "form": form, "problem": problem,
         "entries": _entries(row), "scorer": names.get(row.scorer, ""), "first": names.get(row.first_by, ""),
         "second": names.get(row.second_by, ""), "overdue": row.state in row.OPEN and row.due_on < clock.today()},
    )  # fmt: skip
