"""A person's page, one's own page, and looking at a protected field."""

import datetime as dt
import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.facts import names, words
from gongjian.records.facts import queries as fact_queries
from gongjian.records.people import actions, codes, queries
from gongjian.records.people.forms import AskForm, PurposeForm
from gongjian.records.people.permissions import DEEDS, abilities, may_unmask

TITLES = {
    "correct": (gettext_lazy("更正资料"), "pencil"),
    "admit": (gettext_lazy("登记为党员"), "user-check"),
    "move": (gettext_lazy("转接组织关系"), "arrows-exchange"),
    "formal": (gettext_lazy("转正"), "circle-check"),
    "state": (gettext_lazy("党籍与流动情况"), "adjustments"),
    "appoint": (gettext_lazy("任职"), "briefcase"),
    "relate": (gettext_lazy("建立关系"), "heart-handshake"),
    "circumstance": (gettext_lazy("不计入应到情形"), "user-off"),
    "leave": (gettext_lazy("党员减少"), "user-minus"),
}
PROTECTED = (("identity", gettext_lazy("身份证号")), ("phone", gettext_lazy("电话")), ("address", gettext_lazy("住址")))


def _plain(person: Any) -> list[tuple]:
    return [
        (_("性别"), codes.label(codes.SEX, person.sex)),
        (_("民族"), codes.label(codes.ETHNIC, person.ethnic)),
        (_("出生日期"), person.birth_date),
        (_("学历"), codes.label(codes.EDUCATION, person.education)),
        (_("学位"), codes.label(codes.DEGREE, person.degree)),
        (_("工作单位"), person.work_unit),
        (_("工作岗位"), person.occupation),
    ]


def _protected(person: Any) -> list[dict]:
    return [{"key": key, "label": label, "masked": getattr(person, f"{key}_masked")} for key, label in PROTECTED]


def _history(person: Any, actor: Any) -> dict:
    posts = {post.id: post.title for post in policy.current().posts}
    appointments = list(queries.appointments_of(person.pk))
    for row in appointments:
        row.title = posts.get(row.post, row.post)
        row.may_end = row.ends_on is None and actor.may_at("people.manage", row.org)
    relations = list(queries.relations_of(person.pk, own=person.pk == actor.person))
    for row in relations:
        row.may_end = row.ends_on is None and row.kind != "applicant" and actor.may_at("people.manage", row.org)
    return {
        "memberships": list(queries.memberships_of(person.pk)),
        "appointments": appointments,
        "relations": relations,
    }


def _circumstances(person: Any, actor: Any, *, manages: bool) -> list[dict]:
    """What is noted, in words; `manages` adds the links that end it or enter the consent."""
    titles = {kind.id: kind for kind in policy.current().voting.circumstances}
    today = clock.today()
    return [
        {
            "row": row,
            "title": titles[row.kind].title if row.kind in titles else row.kind,
            "current": row.ends_on is None or row.ends_on > today,
            "waits": row.consented_on is None and row.kind in titles and titles[row.kind].needs_higher_consent,
            "manages": manages,
        }
        for row in queries.circumstances_of(person.pk)
    ]


def _looks(person: int) -> list[dict]:
    """Who looked: the newest first."""
    facts = list(queries.looks_at(person, limit=50))
    people = names.names_of("person", [fact.by for fact in facts])
    fields = dict(PROTECTED)
    return [
        {
            "at": fact.at,
            "who": people.get(fact.by, _("系统")),
            "purpose": fact.data.get("purpose", ""),
            "what": str(fields.get(fact.data.get("field"), _("导出完整信息"))),
        }
        for fact in facts
    ]


@needs("people.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's page for those who work with the record."""
    actor = request.actor
    if pk == actor.person:
        return redirect("people:me")
    person = queries.get_for(actor, pk)
    member = queries.membership_of(person.pk)
    able = abilities(person, actor)
    may_facts = (
        actor.may("facts.view") and fact_queries.names.visible_ids("person", actor, "facts.view").filter(pk=pk).exists()
    )
    facts = (
        words.entries(list(fact_queries.timeline(actor, "person", pk).order_by("-at", "-id")[:12]), about="person")
        if may_facts
        else []
    )
    context = {
        "person": person,
        "member": member,
        "plain": _plain(person),
        "protected": _protected(person),
        "may_unmask": may_unmask(person, actor),
        "deeds": [(deed, *TITLES[deed]) for deed in DEEDS if deed in able],
        "may_facts": may_facts,
        "facts": facts,
        "looks": _looks(pk) if may_facts else [],
        "circumstances": _circumstances(person, actor, manages=True) if "circumstance" in able else [],
        **_history(person, actor),
    }
    return page(request, "people/detail.html", context)


@signed_in
def me(request: HttpRequest) -> HttpResponse:
    """One's own record, on a phone: what is held, what happened, who looked, and what one can do about it."""
    person = queries.own(request.actor)
    context = {
        "person": person,
        "member": queries.membership_of(person.pk),
        "plain": _plain(person),
        "protected": _protected(person),
        "looks": _looks(person.pk),
        "circumstances": _circumstances(person, request.actor, manages=False),
        "requests": list(queries.requests_of(person.pk)[:20]),
        "facts": words.entries(list(fact_queries.about_person(person.pk)[:8]), about="person"),
        **_history(person, request.actor),
    }
    return page(request, "people/me.html", context)


@signed_in
def look(request: HttpRequest, pk: int, field: str) -> HttpResponse:
    """Ask the purpose (GET), then show the field in full and record the look (POST)."""
    actor = request.actor
    person = queries.own(actor) if pk == actor.person else queries.get_for(actor, pk)
    labels = dict(PROTECTED)
    if field not in labels or not may_unmask(person, actor):
        raise Forbidden(_("您没有查看此人受保护信息的权限。"))
    form, value = PurposeForm(request.POST or None), ""
    if pk == actor.person:
        form.fields["purpose"].initial = _("本人查看")
    purposes = policy.current().settings.privacy.purposes
    if request.method == "POST" and form.is_valid():
        with attempt(request, form):
            value = actions.unmask(person=person, field=field, purpose=form.cleaned_data["purpose"], by=actor)
            value = value or _("没有登记")
    context = {"person": person, "field": field, "label": labels[field], "form": form, "value": value, "purposes": purposes,
               "own": pk == actor.person}  # fmt: skip
    response = (
        fragment(request, "people/look_part.html", context)
        if request.htmx
        else page(request, "people/look.html", context)
    )
    response["Cache-Control"] = "no-store"
    return response


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


@signed_in
@require_POST
def take_away(request: HttpRequest) -> HttpResponse:
    """All that is held about oneself, as JSON; the three protected fields are read, so the looks are recorded."""
    person = queries.own(request.actor)
    for field, _label in PROTECTED:
        actions.unmask(person=person, field=field, purpose=_("本人下载全部资料"), by=request.actor)
    body = json.dumps(queries.everything_about(person), ensure_ascii=False, indent=1, default=_text)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="my-record-{clock.today():%Y%m%d}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


@signed_in
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a correction of one's own record."""
    queries.own(request.actor)
    form = AskForm(request.POST or None, initial={"field": request.GET.get("field", "phone")})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            actions.ask_correction(by=request.actor, **form.cleaned_data)
        if ok:
            messages.success(request, _("申请已提交，支部书记或上级办理后会在这里告诉您结果。"))
            return redirect("people:me")
    return page(request, "people/ask.html", {"form": form})
