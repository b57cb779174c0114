"""Do a step, do one anew, take one back; publish and vote on the way."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.admissions import actions, forms, queries, telling
from gongjian.desks.admissions.permissions import may_do
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, NotFound
from gongjian.ground.policy.admissions_schema import AdmissionStep
from gongjian.ground.policy.schema import Pack
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


def _form(
    request: HttpRequest, admission: queries.Admission, step: AdmissionStep, pack: Pack, initial: dict
) -> forms.StepForm:
    kinds = {c.kind for c in step.conditions}
    shows = next((c for c in step.conditions if c.kind == "publication"), None)
    needs_people = any(field.kind in ("person", "people") for field in step.fields)
    return forms.StepForm(
        request.POST or None, initial=initial, step=step,
        people=queries.candidates_for_guides(admission.org, clock.today()) if needs_people else [],
        groups=queries.groups_of(admission.org) if any(field.kind == "group" for field in step.fields) else [],
        polled="vote" in kinds and queries.poll_of(admission, step) is not None,
        shown=shows is None or queries.shown_of(admission, step, {}) is not None,
    )  # fmt: skip


def _usual(admission: queries.Admission, step: AdmissionStep, pack: Pack) -> dict:
    """What is mostly right: today, those who should attend, the contacts as introducers."""
    today = clock.today()
    found: dict = {"on": today}
    ids = set(step.fields.ids())
    if "due" in ids:
        found["due"] = queries.voters_due(admission.org, today)
    if "committee_due" in ids:
        org = admission.org if step.who == "branch" else queries.approver_of(admission.org, pack)
        found["committee_due"] = queries.committee_size(org, today) or None
    if step.role == "introducer":
        found["introducers"] = [str(g.person_id) for g in queries.guides_of(admission) if g.role == "contact"]
    return found


def _may(actor: Actor, admission: queries.Admission, step: AdmissionStep, pack: Pack) -> None:
    if may_do(step, admission, actor, pack):
        return
    if step.who == "higher":
        approver = queries.approver_of(admission.org, pack)
        raise Forbidden(_("“%(step)s”由“%(org)s”办理。") % {"step": step.title, "org": approver.name})
    actor.require("admissions.keep", admission.org)


@signed_in
def step(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of the next step, with what the table asks; refusals stand in it with their article."""
    admission = queries.get_for(request.actor, pk)
    pack = policy.current()
    coming = telling.coming(admission, pack, clock.today())
    if coming is None:
        messages.info(request, _("这份档案已经办完或者终止。"))
        return redirect("admissions:detail", pk)
    _may(request.actor, admission, coming.step, pack)
    form = _form(request, admission, coming.step, pack, _usual(admission, coming.step, pack))
    form.asks_reason = any(check.strength == "warn" and not check.ok for check in coming.checks)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            wanted = request.POST.get("step") or coming.step.id
            record = actions.do_step(admission=admission, step=wanted, by=request.actor, **form.deed)
        if ok:
            told = (
                _("已记录：没有通过。")
                if record.state == "failed"
                else _("已办完“%(step)s”。") % {"step": coming.step.title}
            )
            messages.success(request, told)
            return redirect("admissions:detail", pk)
    return page(
        request, "admissions/step.html",
        {"admission": admission, "coming": coming, "form": form, "total": pack.admissions.last},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("admissions.keep")
def redo(request: HttpRequest, pk: int, step_id: str) -> HttpResponse:
    """Do a step anew while later ones stand."""
    admission = queries.get_for(request.actor, pk)
    pack = policy.current()
    described = pack.admissions.steps.get(step_id)
    if described is None or not described.again:
        raise NotFound(_("这一步不能重办。"))
    _may(request.actor, admission, described, pack)
    form = _form(request, admission, described, pack, {"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经重办，原来的记录留存备查。")) as ok:
            actions.redo_step(admission=admission, step=step_id, by=request.actor, **form.deed)
        if ok:
            return redirect("admissions:detail", pk)
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("重办：%(step)s") % {"step": described.title},
         "hint": described.basis, "button": _("保存")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@signed_in
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the last step back."""
    admission = queries.get_for(request.actor, pk)
    pack = policy.current()
    last = pack.admissions.numbered(admission.step - 1)
    if last is None or last.number < 2:
        raise NotFound(_("没有可以撤回的步骤。"))
    _may(request.actor, admission, last, pack)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经撤回，记录留存备查。")) as ok:
            actions.withdraw_step(admission=admission, reason=form.cleaned_data["reason"], by=request.actor)
        if ok:
            return redirect("admissions:detail", pk)
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("撤回：%(step)s") % {"step": last.title},
         "hint": _("只能撤回最后一步；撤回的记录和原因都留在档案里。"), "button": _("撤回")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("admissions.keep")
@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the person for the next step."""
    admission = queries.get_for(request.actor, pk)
    with attempt(request) as ok:
        publication = actions.publish(admission=admission, by=request.actor)
    if not ok:
        return redirect("admissions:detail", pk)
    messages.success(request, _("已经公示，到 %(day)s 为止。") % {"day": publication.ends_on})
    return redirect("publication:detail", publication.pk)


@needs("admissions.keep")
@require_POST
def poll(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the ballot of the branch meeting and go to its page."""
    admission = queries.get_for(request.actor, pk)
    with attempt(request) as ok:
        opened = actions.open_poll(admission=admission, by=request.actor)
    return redirect("voting:poll", opened.pk) if ok else redirect("admissions:detail", pk)
