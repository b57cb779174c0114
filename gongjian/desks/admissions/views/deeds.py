"""Take in an application, observe, hand over, end."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.admissions import actions, forms, queries
from gongjian.desks.admissions.registering import find_or_register
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs

FEW = 40


def _branches(request: HttpRequest) -> list[orgs.Organisation]:
    found = orgs.visible_to(request.actor, permission="admissions.keep").filter(
        level="branch", dissolved_on__isnull=True
    )
    return list(found.order_by("path")[: FEW + 1])


@needs("admissions.keep")
def new(request: HttpRequest) -> HttpResponse:
    """Take in an application: which branch (only if there are several), who, when."""
    actor = request.actor
    mine = _branches(request)
    if request.GET.get("org"):
        org = orgs.get_for(actor, request.GET["org"], permission="admissions.keep")
    elif len(mine) == 1:
        org = mine[0]
    else:
        return page(request, "admissions/choose.html", {"orgs": mine[:FEW], "many": len(mine) > FEW})
    form = forms.StartForm(request.POST or None, initial={"on": clock.today()})
    admission = None
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经登记，请按下一步的期限派人谈话。")) as ok:
            admission = find_or_register(org=org, by=actor, **form.cleaned_data)
        if ok and admission is not None:
            return redirect("admissions:detail", admission.pk)
    return page(
        request, "admissions/form.html",
        {"form": form, "title": _("登记入党申请"), "org": org, "button": _("登记"),
         "hint": policy.current().admissions.steps[0].basis},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("admissions.keep")
def adopt(request: HttpRequest) -> HttpResponse:
    """Probationary members whose file is not here yet: open it, and go on from there."""
    rows = queries.without_file(request.actor)
    form = forms.AdoptForm(request.POST or None, members=rows)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经建档，请从编入支部办起。")) as ok:
            member = queries.membership_for(request.actor, int(form.cleaned_data["person"]))
            made = actions.adopt(person=member.person, by=request.actor, evidence=form.cleaned_data["evidence"])
        if ok:
            return redirect("admissions:detail", made.pk)
    return page(
        request, "admissions/adopt.html", {"form": form, "rows": rows, "basis": policy.current().admissions.probation_basis},
        status=409 if form.errors else 200,
    )  # fmt: skip


@signed_in
def observe(request: HttpRequest, pk: int) -> HttpResponse:
    """Note an observation or a thought report."""
    admission = queries.get_for(request.actor, pk)
    form = forms.ObserveForm(request.POST or None, initial={"on": clock.today(), "kind": "observation"})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经记下。")) as ok:
            actions.observe(admission=admission, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("admissions:detail", pk)
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("记考察"), "button": _("保存"),
         "hint": policy.current().admissions.steps["education"].basis
         if "education" in policy.current().admissions.steps else ""},
        status=409 if form.errors else 200,
    )  # fmt: skip


@signed_in
@require_POST
def withdraw_observation(request: HttpRequest, observation_id: int) -> HttpResponse:
    """Take back an observation that was noted wrongly."""
    row = queries.observation_for(request.actor, observation_id)
    with attempt(request, success=_("已经撤回。")):
        actions.withdraw_observation(observation=row, by=request.actor)
    return redirect("admissions:detail", row.admission_id)


@needs("admissions.keep")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a file."""
    admission = queries.get_for(request.actor, pk)
    request.actor.require("admissions.keep", admission.org)
    form = forms.EndForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("档案已经终止，材料留存。")) as ok:
            actions.end(admission=admission, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("admissions:detail", pk)
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("终止"), "button": _("终止这份档案"),
         "hint": _("终止后不能恢复；本人可以重新申请。")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("admissions.keep")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the file to another branch."""
    admission = queries.get_for(request.actor, pk)
    request.actor.require("admissions.keep", admission.org)
    form = forms.MoveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经转出；对方接收以后，原来的步骤和时间都有效。")) as ok:
            to = orgs.by_code(SYSTEM, form.cleaned_data["to"].split(" ")[0])
            if to is None:
                raise Invalid(_("没有找到这个党支部，请填写组织代码。"), field="to")
            actions.offer_move(admission=admission, to=to, reason=form.cleaned_data["reason"], by=request.actor)
        if ok:
            return redirect("admissions:list")
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("转往其他支部"), "button": _("转出"),
         "hint": _("培养教育时间连续计算；新支部接收后重新指定培养联系人。")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("admissions.keep")
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file over."""
    admission = queries.get_for(request.actor, pk)
    with attempt(request, success=_("已经接收，请重新指定培养联系人。")):
        actions.accept_move(admission=admission, by=request.actor)
    return redirect("admissions:detail", pk)


@needs("admissions.keep")
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a file back, or take it back before it is accepted."""
    admission = queries.get_for(request.actor, pk)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经退回原支部。")) as ok:
            actions.decline_move(admission=admission, reason=form.cleaned_data["reason"], by=request.actor)
        if ok:
            return redirect("admissions:list")
    return page(
        request, "admissions/form.html",
        {"admission": admission, "form": form, "title": _("退回发展档案"), "button": _("退回"), "hint": ""},
        status=409 if form.errors else 200,
    )  # fmt: skip
