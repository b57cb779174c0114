"""减免、约定、核实: asking, answering, and what people found out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.dues import actions, queries
from gongjian.desks.dues.forms import FindingForm, ReliefForm
from gongjian.desks.dues.looks import RELIEF
from gongjian.desks.dues.sealed import open_text
from gongjian.desks.dues.views.shared import this_month, yuan
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@needs("dues.assess")
def ask(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """The branch has studied a hardship and reports it upward."""
    org = queries.branch_for(request.actor, org_id, "dues.assess")
    person, dues = queries.member_of(org, person_id), queries.dues_on()
    month = this_month()
    form = ReliefForm(
        request.POST or None,
        initial={"starts": month, "ends": f"{month[:4]}-12", "amount": "0.00", "studied_on": clock.today()},
    )
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已报上级批准。")) as done:
            actions.ask_relief(person=person.pk, org=org, by=request.actor, **form.cleaned_data)
        if done:
            return redirect("dues:member", org.pk, person.pk)
    return page(request, "dues/relief.html", {"form": form, "org": org, "person": person, "dues": dues})


def _reads(request: HttpRequest) -> None:
    if not (request.actor.may("dues.assess") or request.actor.may("dues.approve")):
        raise Forbidden(_("减免只供核定和批准的人查看。"))


@needs("dues.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Reliefs: those that wait for me first. The reason stands here only for those who ask or decide."""
    _reads(request)
    actor, rows = request.actor, list(queries.reliefs_for(request.actor).order_by("-asked_at", "-id")[:100])
    names = queries.names([row.asked_by for row in rows] + [row.decided_by for row in rows])
    for row in rows:
        row.sum, row.reason = yuan(row.amount), open_text(row.reason_sealed)
        row.asker, row.decider = names.get(row.asked_by, ""), names.get(row.decided_by, "")
        row.mine = (
            row.state == "asked" and actor.may_at("dues.approve", row.org.parent)
            and actor.person not in (row.asked_by, row.person_id)
        )  # fmt: skip
    rows.sort(key=lambda row: (not row.mine, row.state != "asked"))
    return page(
        request, "dues/reliefs.html", {"rows": rows, "looks": RELIEF, "dues": queries.dues_on(), "month": this_month()}
    )


@needs("dues.approve")
@require_POST
def decide(request: HttpRequest, relief_id: int) -> HttpResponse:
    """The committee's answer."""
    row = queries.relief_for(request.actor, relief_id)
    with attempt(request, success=_("已批复，支部和本人会收到消息。")):
        actions.decide_relief(
            relief=row,
            approve=request.POST.get("approve") == "1",
            answer=request.POST.get("answer", ""),
            by=request.actor,
        )
    return redirect("dues:reliefs")


@needs("dues.view")
@require_POST
def end(request: HttpRequest, relief_id: int) -> HttpResponse:
    """End a relief early."""
    _reads(request)
    row = queries.relief_for(request.actor, relief_id)
    with attempt(request, success=_("减免已终止，以后按核定的金额交纳。")):
        actions.end_relief(relief=row, last=request.POST.get("last", ""), by=request.actor)
    return redirect("dues:reliefs")


@needs("dues.collect")
def consents(request: HttpRequest) -> HttpResponse:
    """Requests to pay by the quarter or through somebody else."""
    return page(
        request,
        "dues/consents.html",
        {"rows": list(queries.consents_waiting(request.actor)[:100]), "dues": queries.dues_on()},
    )


@needs("dues.collect")
@require_POST
def answer(request: HttpRequest, consent_id: int) -> HttpResponse:
    """Agree or not."""
    row = queries.consent_for(request.actor, consent_id)
    with attempt(request, success=_("已答复。")):
        actions.answer_consent(consent=row, agree=request.POST.get("agree") == "1", by=request.actor)
    return redirect("dues:consents")


@needs("dues.assess")
def finding(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """What people found out about months that stay unpaid."""
    org = queries.branch_for(request.actor, org_id, "dues.assess")
    person = queries.member_of(org, person_id)
    form = FindingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as done:
            actions.note_finding(person=person.pk, org=org, by=request.actor, **form.cleaned_data)
        if done:
            messages.success(request, _("已记下核实的情况；下一步由支部研究决定，系统不会自动处理。"))
            return redirect("dues:late", org.pk)
    return page(request, "dues/finding.html", {"form": form, "org": org, "person": person, "dues": queries.dues_on()})
