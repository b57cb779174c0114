"""Pages of publications: the list, one of them, its deeds, and the page for strangers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.engines.publication import actions, forms, queries
from gongjian.engines.publication.permissions import abilities
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import page

STATE = {
    "running": Look("info", "speakerphone", _("公示中")),
    "closed": Look("good", "circle-check", _("已结束")),
    "cancelled": Look("quiet", "ban", _("已取消")),
}


@needs("publication.view")
def overview(request: HttpRequest) -> HttpResponse:
    """What is published where one belongs; for organisers also what is over."""
    listing = Listing(
        request,
        queries.put_open(queries.visible_to(request.actor)),
        columns=[
            Column("title", _("事项"), link="publication:detail", phone="title"),
            Column("org.name", _("公示组织"), phone="meta"),
            Column("starts_on", _("公示日期"), kind="date", sort=True, phone="meta"),
            Column("ends_on", _("截止日期"), kind="date", sort=True, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
        ],
        filterset=forms.PublicationFilter,
        search=("title", "org__name", "org__initials"),
        order=("-starts_on", "-id"),
        export="xlsx,csv",
        name=_("公示"),
        empty=_("现在没有公示"),
        empty_hint=_("党组织发布公示以后会在这里出现；期满自动撤下。"),
    )
    return listing.response(
        "publication/list.html",
        {"frame": "ui/base.html" if request.actor.may("publication.manage") else "ui/phone.html"},
    )


def _show(request: HttpRequest, publication: queries.Publication, form: object = None) -> HttpResponse:
    actor, today = request.actor, clock.today()
    objections = queries.objections_of(publication, actor)
    waiting = sum(one.state == "open" for one in objections)
    can = abilities(publication, actor, today, waiting)
    columns = list(publication.rows[0]) if publication.rows else []
    return page(
        request, "publication/detail.html",
        {
            "frame": "ui/base.html" if can.keeps else "ui/phone.html", "publication": publication, "can": can,
            "single": list(publication.rows[0].items()) if len(publication.rows) == 1 else [],
            "columns": columns, "cells": [list(row.values()) for row in publication.rows], "objections": objections,
            "waiting": waiting, "states": STATE, "over": today > publication.ends_on,
            "form": form or (forms.ObjectForm() if can.object else None),
            "public_url": request.build_absolute_uri(f"/publication/p/{publication.slug}/") if publication.is_public else "",
        },
        status=409 if form is not None else 200,
    )  # fmt: skip


@needs("publication.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One publication with its rows and the objections one may see; an objection is raised here."""
    publication = queries.get_for(request.actor, pk)
    if request.method != "POST":
        return _show(request, publication)
    form = forms.ObjectForm(request.POST)
    if form.is_valid():
        with attempt(request, form, _("异议已经提交，办理人员会核实后答复您。")) as ok:
            actions.object_to(publication=publication, text=form.cleaned_data["text"], by=request.actor)
        if ok:
            return redirect("publication:detail", pk)
    return _show(request, publication, form)


@needs("publication.manage")
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """Note an objection that came by phone, visit or letter."""
    publication = queries.get_for(request.actor, pk)
    request.actor.require("publication.manage", publication.org)
    form = forms.NoteForm(request.POST or None, initial={"raised_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("异议已经登记。")) as ok:
            actions.note_objection(publication=publication, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("publication:detail", pk)
    return page(
        request, "publication/form.html",
        {"form": form, "title": _("登记异议"), "publication": publication, "button": _("登记")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("publication.manage")
def answer(request: HttpRequest, objection_id: int) -> HttpResponse:
    """Answer an objection."""
    objection = queries.objection_for(request.actor, objection_id)
    form = forms.AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已经答复。")) as ok:
            actions.answer(
                objection=objection, answer=form.cleaned_data["answer"], upheld=form.cleaned_data["upheld"] == "1",
                by=request.actor,
            )  # fmt: skip
        if ok:
            return redirect("publication:detail", objection.publication_id)
    return page(
        request, "publication/form.html",
        {"form": form, "title": _("答复异议"), "publication": objection.publication, "objection": objection,
         "button": _("答复")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@needs("publication.manage")
@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End a publication whose period has run out."""
    publication = queries.get_for(request.actor, pk)
    with attempt(request, success=_("公示已经结束。")):
        actions.close(publication=publication, by=request.actor)
    return redirect(publication.link or "publication:detail", **({} if publication.link else {"pk": pk}))


@needs("publication.manage")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop it before its time."""
    publication = queries.get_for(request.actor, pk)
    request.actor.require("publication.manage", publication.org)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            actions.cancel(publication=publication, reason=form.cleaned_data["reason"], by=request.actor)
        if ok:
            messages.success(request, _("公示已经取消，内容不再显示。"))
            return redirect("publication:detail", pk)
    return page(
        request, "publication/form.html",
        {"form": form, "title": _("取消公示"), "publication": publication, "button": _("取消公示")},
        status=409 if form.errors else 200,
    )  # fmt: skip


@public
def open_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The page for those who have no account; nothing of the content is left when the period is over."""
    publication, shown = queries.on_public_page(slug)
    rows = publication.rows if shown else []
    answer = page(
        request, "publication/open.html",
        {"publication": publication, "shown": shown, "single": list(rows[0].items()) if len(rows) == 1 else [],
         "columns": list(rows[0]) if rows else [],
         "cells": [list(row.values()) for row in rows]},
    )  # fmt: skip
    answer["X-Robots-Tag"] = "noindex, nofollow"
    answer["Cache-Control"] = "no-store"
    return answer
