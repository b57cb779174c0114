"""Doing something with a person's record: one page for each deed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.forms import BaseForm, Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import actions, forms, queries
from gongjian.records.people.permissions import abilities


@dataclass(frozen=True, slots=True)
class Deed:
    """一项办理."""

    title: Any
    help: Any
    form: type[Form]
    run: Callable[[Any, Any, dict, BaseForm], Any]
    done: Any
    tone: str = "primary"


def _correct(person: Any, by: Any, data: dict, form: BaseForm) -> Any:
    return actions.correct(person=person, by=by, **form.changes())


DEEDS = {
    "correct": Deed(
        gettext_lazy("更正资料"),
        gettext_lazy("改了哪几项会记入纪实，本人看得到；纪实里不记内容。"),
        forms.CorrectForm,
        _correct,
        gettext_lazy("资料已保存。"),
    ),
    "admit": Deed(
        gettext_lazy("登记为党员"),
        gettext_lazy("登记党员身份和组织关系所在支部。"),
        forms.AdmitForm,
        lambda person, by, data, form: actions.admit(person=person, by=by, **data),
        gettext_lazy("已登记为党员。"),
    ),
    "move": Deed(
        gettext_lazy("转接组织关系"),
        gettext_lazy("两个支部都在您管理范围内的，可以直接调整；跨范围的由上级办理。"),
        forms.MoveForm,
        lambda person, by, data, form: actions.move_member(person=person, by=by, **data),
        gettext_lazy("组织关系已转接。"),
    ),
    "formal": Deed(
        gettext_lazy("转为正式党员"),
        gettext_lazy("支部大会通过并经上级批准后登记。"),
        forms.FormalForm,
        lambda person, by, data, form: actions.become_formal(person=person, by=by, **data),
        gettext_lazy("已登记转正。"),
    ),
    "state": Deed(
        gettext_lazy("党籍与流动情况"),
        gettext_lazy("党籍的处理由人决定，系统只记录。"),
        forms.StateForm,
        lambda person, by, data, form: actions.set_state(person=person, by=by, **data),
        gettext_lazy("已保存。"),
    ),
    "leave": Deed(
        gettext_lazy("党员减少"),
        gettext_lazy("去世、除名、转出等，组织关系在此结束。"),
        forms.LeaveForm,
        lambda person, by, data, form: actions.leave(
            person=person, by=by, on=data["on"], reason=data["reason"], kind=data["kind"]
        ),
        gettext_lazy("已登记。"),
        "danger",
    ),
    "appoint": Deed(
        gettext_lazy("任职"),
        gettext_lazy("职务带来的权限从任职日起生效。"),
        forms.AppointForm,
        lambda person, by, data, form: actions.appoint(person=person, by=by, **data),
        gettext_lazy("任职已登记。"),
    ),
    "circumstance": Deed(
        gettext_lazy("不计入应到情形"),
        gettext_lazy("患病、出国、外出等情形，经上级同意并由会议通过，可以不计入应到会人数；留党察看等没有表决权。"),
        forms.CircumstanceForm,
        lambda person, by, data, form: actions.note_circumstance(person=person, by=by, **data),
        gettext_lazy("已登记。"),
    ),
    "relate": Deed(
        gettext_lazy("建立关系"),
        gettext_lazy("登记为某组织的居民、志愿者、联建员或专职工作者。"),
        forms.RelateForm,
        lambda person, by, data, form: actions.relate(person=person, by=by, **data),
        gettext_lazy("已登记。"),
    ),
}


@needs("people.manage")
def deed(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """The page of a deed on one person."""
    if name not in DEEDS:
        raise Http404
    what = DEEDS[name]
    person = queries.get_for(request.actor, pk, permission="people.manage")
    if name not in abilities(person, request.actor):
        raise Forbidden(
            _("现在不能为%(name)s办理“%(deed)s”，或者您没有管理权限。") % {"name": person.name, "deed": what.title}
        )
    form = what.form(request.POST or None, actor=request.actor, person=person)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=str(what.done)) as ok:
            what.run(person, request.actor, form.cleaned_data, form)
        if ok:
            return redirect("people:detail", person.pk)
    return page(request, "people/deed.html", {"person": person, "deed": what, "form": form})


@needs("people.manage")
def register(request: HttpRequest) -> HttpResponse:
    """Register a person, with membership or relation in the same transaction."""
    asked = request.GET.get("org", "")
    org = orgs.get_for(request.actor, asked, permission="people.manage") if asked else None
    form = forms.RegisterForm(request.POST or None, actor=request.actor, initial={"org": org} if org else None)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        place, role, joined, formal = (data.pop(key) for key in ("org", "role", "joined_on", "formal_on"))
        with attempt(request, form, success=_("已登记%(name)s。") % {"name": data["name"]}) as ok, transaction.atomic():
            person = actions.register(by=request.actor, org=place, **data)
            if role.startswith("r:"):
                actions.relate(person=person, org=place, kind=role[2:], by=request.actor, on=clock.today())
            else:
                actions.admit(person=person, org=place, by=request.actor, kind=role, joined_on=joined, formal_on=formal)
        if ok:
            return redirect("people:detail", person.pk)
    return page(request, "people/register.html", {"form": form, "org": org})


def _end(request: HttpRequest, row: Any, run: Callable, title: str) -> HttpResponse:
    form = forms.EndForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已结束。")) as ok:
            run(by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("people:detail", row.person_id)
    what = Deed(title, _("结束后保留在历史里，由此带来的权限随之收回。"), forms.EndForm, lambda *a: None, "", "danger")
    return page(request, "people/deed.html", {"person": row.person, "deed": what, "form": form, "where": row.org.name})


@needs("people.manage")
def end_appointment(request: HttpRequest, pk: int) -> HttpResponse:
    """End an appointment."""
    row = queries.appointment_for(request.actor, pk)
    return _end(request, row, lambda **data: actions.end_appointment(appointment=row, **data), _("免职"))


@needs("people.manage")
def end_relation(request: HttpRequest, pk: int) -> HttpResponse:
    """End a relation."""
    row = queries.relation_for(request.actor, pk)
    return _end(request, row, lambda **data: actions.end_relation(relation=row, **data), _("结束关系"))


@needs("people.manage")
def end_circumstance(request: HttpRequest, pk: int) -> HttpResponse:
    """End a circumstance."""
    row = queries.circumstance_for(request.actor, pk)
    form = forms.EndForm(request.POST or None, actor=request.actor)
    title, help = _("不计入应到情形结束"), _("从结束之日起恢复计入应到，历史保留。")
    return _about_circumstance(
        request, row, form, lambda **data: actions.end_circumstance(circumstance=row, **data), title, help
    )


@needs("people.manage")
def consent_circumstance(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the higher organisation's consent."""
    row = queries.circumstance_for(request.actor, pk)
    form = forms.ConsentForm(request.POST or None, actor=request.actor, initial={"consented_on": clock.today()})
    title, help = _("登记上级同意"), _("登记之后，会议通过的，不计入应到会人数。")
    return _about_circumstance(
        request, row, form, lambda **data: actions.consent_circumstance(circumstance=row, **data), title, help
    )


def _about_circumstance(
    request: HttpRequest, row: Any, form: forms.ActorForm, run: Callable, title: str, help: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已保存。")) as ok:
            run(by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("people:detail", row.person_id)
    what = Deed(title, help, type(form), lambda *a: None, "")
    return page(request, "people/deed.html", {"person": row.person, "deed": what, "form": form})


@needs("people.manage")
def requests(request: HttpRequest) -> HttpResponse:
    """Requests for correction that wait for an answer."""
    waiting = list(queries.requests_waiting(request.actor)[:100])
    return page(request, "people/requests.html", {"waiting": waiting})


@needs("people.manage")
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or decline a request, with reasons."""
    row = queries.request_for(request.actor, pk)
    form = forms.AnswerForm(request.POST)
    accepted = request.POST.get("accepted") == "1"
    if not form.is_valid():
        messages.error(request, _("请写明理由，本人可以看到。"))
        return redirect("people:requests")
    with attempt(request) as ok:
        actions.answer_correction(request=row, by=request.actor, accepted=accepted, answer=form.cleaned_data["answer"])
    if ok and accepted and row.field not in ("membership", "post", "other"):
        messages.success(request, _("已采纳。请在下面把资料改过来。"))
        return redirect("people:deed", row.person_id, "correct")
    if ok:
        messages.success(request, _("已答复。"))
    return redirect("people:requests")
