"""Pages of exemptions and yearly verdicts."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.appraisal.points import actions, queries
from gongjian.appraisal.points.forms import EndForm, ExemptionForm, ReasonForm, VerdictForm
from gongjian.appraisal.points.queries import deciding
from gongjian.appraisal.points.views.shared import nav
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import page
from gongjian.records.people import queries as people

LOOKS = {
    "waiting": Look("warn", "hourglass", _("待批准")),
    "approved": Look("good", "circle-check", _("已批准")),
    "refused": Look("quiet", "ban", _("不予豁免")),
    "over": Look("quiet", "flag", _("已结束")),
}


def _state(row, today) -> str:
    if row.refused_at:
        return "refused"
    if not row.approved_by:
        return "waiting"
    return "over" if (row.ended_on or row.ends_on) < today else "approved"


@needs("points.exempt")
def exemptions(request: HttpRequest) -> HttpResponse:
    """豁免: those of one's branches."""
    today = clock.today()
    listing = Listing(
        request, deciding.exemptions(request.actor), search=("person__name", "person__pinyin", "org__name"), order=("-pk",),
        export="csv,xlsx", name=_("评定豁免"), search_hint=_("姓名或者支部"),
        columns=[
            Column("person.name", _("党员"), link="points:exemption", phone="title"),
            Column("org.name", _("党支部"), phone="meta"),
            Column("state", _("状态"), value=lambda row: _state(row, today), kind="badge", looks=LOOKS),
            Column("kind", _("情形"), value=lambda row: row.get_kind_display(), export=False),
            Column("starts_on", _("起"), kind="date", phone="meta"),
            Column("ends_on", _("止（含）"), kind="date", phone="meta"),
        ],
        empty=_("没有豁免"),
        empty_hint=_("从党员的积分页登记，由另一人批准；参加活动照样记分，只是不评定、不公示。"),
    )  # fmt: skip
    return listing.response("points/exemptions.html", {"nav": nav(request.actor)})


@needs("points.exempt")
def exemption(request: HttpRequest, ident: int) -> HttpResponse:
    """One exemption: approve, refuse or end it."""
    row = deciding.exemption_for(request.actor, ident)
    names = queries.name_of_persons((row.requested_by, row.approved_by))
    state = _state(row, clock.today())
    own = request.actor.person in (row.requested_by, row.person_id)
    return page(
        request, "points/exemption.html",
        {"row": row, "state": state, "looks": LOOKS, "requester": names.get(row.requested_by, ""), "reason": row.reason,
         "approver": names.get(row.approved_by, ""), "own": own, "may_decide": state == "waiting" and not own,
         "may_end": state == "approved" and row.ended_on is None},
    )  # fmt: skip


@needs("points.exempt")
def request_exemption(request: HttpRequest, person: int) -> HttpResponse:
    """Ask for an exemption."""
    found = people.get_for(request.actor, person, permission="points.exempt")
    form = ExemptionForm(request.POST or None, initial={"starts_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已登记，等待另一人批准。")) as ok:
            row = actions.request_exemption(person=found.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("points:exemption", row.pk)
    months = policy.on(clock.today()).points.frame.exemption_months
    return page(
        request, "points/form.html",
        {"form": form, "title": _("为%(name)s登记评定豁免") % {"name": found.name}, "button": _("登记"),
         "hint": _("一次最长 %(n)d 个月，须由另一人批准。参加活动照样记分，只是不评定、不公示。") % {"n": months},
         "back": reverse("points:exemptions")},
    )  # fmt: skip


@needs("points.exempt")
@require_POST
def approve(request: HttpRequest, ident: int) -> HttpResponse:
    """Approve a request."""
    row = deciding.exemption_for(request.actor, ident)
    with attempt(request, success=_("已批准，并告知本人。")):
        actions.approve_exemption(exemption=row.pk, by=request.actor)
    return redirect("points:exemption", row.pk)


@needs("points.exempt")
def refuse(request: HttpRequest, ident: int) -> HttpResponse:
    """Refuse a request with a reason."""
    return _with_reason(request, ident, ReasonForm, actions.refuse_exemption, _("不予豁免"))


@needs("points.exempt")
def end(request: HttpRequest, ident: int) -> HttpResponse:
    """End an exemption before its time."""
    return _with_reason(request, ident, EndForm, actions.end_exemption, _("提前结束豁免"))


def _with_reason(request: HttpRequest, ident: int, shape, deed, title: str) -> HttpResponse:
    row = deciding.exemption_for(request.actor, ident)
    form = shape(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已记录。")) as ok:
            deed(exemption=row.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("points:exemption", row.pk)
    back = reverse("points:exemption", args=[row.pk])
    return page(request, "points/form.html", {"form": form, "title": title, "button": title, "back": back, "hint": ""})


# ---- verdicts ---------------------------------------------------------------------------------------------------------


def _year(request: HttpRequest) -> str:
    today = clock.today()
    default = clock.year_of(today) if today.month == 12 else str(today.year - 1)
    return deciding.year_or_refuse(request.GET.get("year", default))


@needs("points.verdict")
def verdicts(request: HttpRequest) -> HttpResponse:
    """年度评定: one branch's members by name, with what the committee sees before it decides."""
    year = _year(request)
    branches = list(deciding.branches_for(request.actor)[:200])
    asked = request.GET.get("org", "")
    org = next((row for row in branches if str(row.pk) == asked), branches[0] if branches else None)
    rows = deciding.branch_year(org, year) if org else []
    words = {word.id: word.title for word in policy.current().points.verdicts}
    due = [row for row in rows if row.scored]
    return page(
        request, "points/verdicts.html",
        {"nav": nav(request.actor), "year": year, "org": org, "branches": branches, "rows": rows, "words": words,
         "lines": [(row, words.get(row.verdict.verdict, "") if row.verdict else "") for row in rows],
         "given": sum(row.verdict is not None for row in due), "due": len(due),
         "years": [str(clock.today().year - n) for n in range(3)]},
    )  # fmt: skip


@needs("points.verdict")
def verdict(request: HttpRequest, person: int, year: str) -> HttpResponse:
    """The verdict on one member's year: what is known, and a choice that nothing makes beforehand."""
    row = deciding.member_for(request.actor, person, year)
    form = VerdictForm(request.POST or None, corrects=row.verdict is not None)
    back = f"{reverse('points:verdicts')}?org={row.org_id}&year={year}"
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("评定已记录，并告知本人。")) as ok:
            actions.give_verdict(person=person, year=year, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect(back)
    pack = policy.current()
    history = deciding.verdicts_of(person, year)
    words = {word.id: word.title for word in pack.points.verdicts}
    names = queries.name_of_persons(v.given_by for v in history)
    titles = {d.id: d.title for d in pack.points.dimensions}
    return page(
        request, "points/verdict.html",
        {"row": row, "year": year, "form": form, "back": back, "own": request.actor.person == person,
         "history": [(v, words.get(v.verdict, v.verdict), names.get(v.given_by, "")) for v in history],
         "dimensions": [{"title": titles[i], "points": got, "full": full, "about": ""} for i, got, full in row.measured.parts],
         "guard": pack.points.ranks.private},
    )  # fmt: skip
