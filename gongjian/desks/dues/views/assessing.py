"""核定 by the branch: who is assessed, what members have entered, and entering it for them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.dues import actions, queries
from gongjian.desks.dues.forms import IncomeForm
from gongjian.desks.dues.looks import ASSESSMENT
from gongjian.desks.dues.views.shared import month_of, this_month, word, yuan
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@needs("dues.assess")
def overview(request: HttpRequest, org_id: int) -> HttpResponse:
    """Each member with category and amount of a month; what waits stands first. No income is on this page."""
    org = queries.branch_for(request.actor, org_id, "dues.assess")
    month = month_of(request.GET.get("month") or this_month())
    rows = [
        {"person": person, "holds": holds, "waits": waits, "sum": yuan(holds.amount) if holds else "",
         "waits_sum": yuan(waits.amount) if waits else "",
         "category": queries.category_title(holds.category) if holds else ""}
        for person, holds, waits in queries.assessments_in(org, month)
    ]  # fmt: skip
    rows.sort(key=lambda row: (row["waits"] is None, row["holds"] is not None))
    year = int(month[:4])
    return page(
        request, "dues/assessments.html",
        {"org": org, "rows": rows, "month": month, "title": word(month), "looks": ASSESSMENT, "year": year, "next_year": year + 1,
         "waiting": sum(row["waits"] is not None for row in rows), "missing": sum(row["holds"] is None for row in rows),
         "dues": queries.dues_on()},
    )  # fmt: skip


@needs("dues.assess")
def review(request: HttpRequest, assessment_id: int) -> HttpResponse:
    """What a member entered: opened on purpose (a fact the member sees), then confirmed or sent back."""
    row = queries.assessment_for(request.actor, assessment_id)
    computed, what = None, request.POST.get("do", "")
    if request.method == "POST" and what == "look":
        with attempt(request) as done:
            actions.see_income(assessment=row, by=request.actor)
        if done:
            computed = queries.explain(row)
            for_view = [{"part": part, "sum": yuan(part.fen)} for part in computed.parts]
            return page(request, "dues/review.html", _review(row, computed, for_view))
    elif request.method == "POST":
        with attempt(request) as done:
            if what == "confirm":
                actions.confirm(assessment=row, by=request.actor)
            else:
                actions.return_income(assessment=row, reason=request.POST.get("reason", ""), by=request.actor)
        if done:
            messages.success(request, _("已核定。") if what == "confirm" else _("已退回，本人会收到消息。"))
            return redirect("dues:assessments", row.org_id)
    return page(request, "dues/review.html", _review(row, computed, []))


def _review(row: object, computed: object, parts: list) -> dict:
    return {
        "row": row, "computed": computed, "parts": parts, "amount": yuan(row.amount), "looks": ASSESSMENT,
        "category": queries.category_title(row.category), "dues": queries.dues_on(),
    }  # fmt: skip


@needs("dues.assess")
def assess(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """The branch enters and confirms; also to re-assess within the year."""
    org = queries.branch_for(request.actor, org_id, "dues.assess")
    person, dues = queries.member_of(org, person_id), queries.dues_on()
    known = queries.assessment_of(person.pk, this_month())
    chosen = dues.category(request.GET.get("category", "") or (known.category if known else ""))
    if chosen is None or request.GET.get("choose"):
        return page(
            request, "dues/income_category.html",
            {"categories": list(dues.categories), "frame": "ui/base.html", "person": person, "org": org},
        )  # fmt: skip
    form = IncomeForm(request.POST or None, category=chosen, dues=dues, initial={"starts": this_month()})
    computed = None
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as done:
            if request.POST.get("then") == "preview":
                computed = actions.assessing.work_out(chosen.id, form.entered, form.cleaned_data["starts"])[0]
            else:
                row = actions.assess(
                    person=person.pk, org=org, category=chosen.id, entered=form.entered, starts=form.cleaned_data["starts"],
                    by=request.actor, note=form.cleaned_data["note"],
                )  # fmt: skip
        if done and computed is None:
            messages.success(request, _("已核定，每月 %(sum)s 元。") % {"sum": yuan(row.amount)})
            return redirect("dues:member", org.pk, person.pk)
    return page(
        request, "dues/assess.html",
        {"form": form, "category": chosen, "computed": computed, "amount": yuan(computed.amount) if computed else "",
         "person": person, "org": org, "dues": dues, "known": known, "known_sum": yuan(known.amount) if known else "",
         "ignored": [part for part in dues.components_of(chosen) if part.effect == "ignore"]},
    )  # fmt: skip


@needs("dues.assess")
@require_POST
def carry_over(request: HttpRequest, org_id: int) -> HttpResponse:
    """Take last year's assessments over."""
    org = queries.branch_for(request.actor, org_id, "dues.assess")
    text = request.POST.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else int(this_month()[:4])
    with attempt(request) as done:
        count = actions.carry_over(org=org, year=year, by=request.actor)
    if done:
        messages.success(request, _("已沿用 %(count)d 人上年的核定；收入有变动的请重新核定。") % {"count": count})
    return redirect("dues:assessments", org.pk)
