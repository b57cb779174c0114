"""Pages of facts: timelines, and one fact with its seal."""

import json

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from gongjian.ground import paper
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts import names, proof, queries, seal, words
from gongjian.records.facts.filters import FactFilter


def _listing(request: HttpRequest, found, name: str, *, about: str = "") -> Listing:
    """Facts newest first, with filters and paging; the rows become a timeline, the export a table."""
    listing = Listing(
        request, found, filterset=FactFilter, order=("-at", "-id"), export="csv,xlsx", name=name, size=20,
        columns=[
            Column("at", _("发生时间"), kind="datetime"),
            Column("recorded_at", _("记录时间"), kind="datetime"),
            Column("kind", _("事实"), value=lambda fact: words.kind_title(fact.kind)),
            Column("person", _("当事人"), value=lambda fact: fact.said["person"]),
            Column("org", _("组织"), value=lambda fact: fact.said["org"]),
            Column("data", _("内容"), value=lambda fact: fact.said["data"]),
            Column("by", _("经办人"), value=lambda fact: fact.said["by"]),
        ],
        prepare=_say, empty=_("还没有纪实"), empty_hint=_("办理的每一件事都会自动记在这里。"),
    )  # fmt: skip
    listing.entries = [] if listing.is_export else words.entries(listing.rows, about=about)
    return listing


def _say(rows: list) -> None:
    organisations = words.organisations_in(rows)
    people = names.names_of("person", {fact.by for fact in rows} | {fact.person for fact in rows})
    for fact in rows:
        fact.said = {
            "person": people.get(fact.person, ""), "org": organisations.get(fact.org, ""),
            "by": people.get(fact.by, "") if fact.by else _("系统"),
            "data": "；".join(f"{label}：{text}" for label, text in words.told(fact, organisations)),
        }  # fmt: skip


@needs("facts.view")
def index(request: HttpRequest) -> HttpResponse:
    """All facts in one's scope."""
    listing = _listing(request, queries.visible_to(request.actor), _("纪实"))
    latest = queries.seals(1)
    return listing.response(
        "facts/list.html", {"title": _("全程纪实"), "back": "", "latest": latest[0] if latest else None}
    )


@signed_in
def about(request: HttpRequest, kind: str, ident: int) -> HttpResponse:
    """The timeline of a person, an organisation or another object."""
    found = queries.timeline(request.actor, kind, ident)
    name = names.names_of(kind, [ident]).get(ident) or f"{names.title_of(kind)} #{ident}"
    listing = _listing(request, found, _("%(name)s的纪实") % {"name": name}, about=kind)
    return listing.response(
        "facts/list.html",
        {"title": _("%(name)s的纪实") % {"name": name}, "back": names.url_of(kind, ident), "name": name},
    )


@signed_in
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One fact: what, who, when, where from, what corrects it, and its seal; `?prove` recomputes the proof."""
    fact = queries.get_for(request.actor, pk)
    number, sealed = queries.seal_of(fact)
    shown = seal.prove(number, sealed) if sealed and "prove" in request.GET else None
    by = names.names_of("person", [fact.by]).get(fact.by, f"#{fact.by}") if fact.by else _("系统")
    if sealed:
        state = format_html(
            "{}<br><code>{}</code>",
            _("第 %(number)s 号，%(day)s") % {"number": sealed.number, "day": sealed.day},
            sealed.digest,
        )
    else:
        state = _("待封存（每日凌晨封存）")
    origin = [
        (_("发生时间"), timezone.localtime(fact.at).strftime("%Y-%m-%d %H:%M:%S")),
        (_("记录时间"), timezone.localtime(fact.recorded_at).strftime("%Y-%m-%d %H:%M:%S")),
        (_("经办人"), by),
        (_("来源"), format_html("<code>{}</code>", fact.source)),
        (_("流水序号"), number),
        (_("封存"), state),
    ]
    corrected = queries.visible_to(request.actor).filter(pk=fact.corrects) if fact.corrects else []
    context = {
        "fact": fact,
        "title": words.kind_title(fact.kind),
        "columns": words.columns(fact),
        "origin": origin,
        "seal": sealed,
        "proof": shown,
        "steps": len(shown.path) if shown else 0,
        "corrections": words.entries(queries.corrections_of(fact)),
        "corrected": words.entries(list(corrected)),
    }
    return page(request, "facts/detail.html", context)


@signed_in
def proof_file(request: HttpRequest, pk: int) -> HttpResponse:
    """A fact with the proof of its seal as a file that anyone can check without us."""
    fact = queries.get_for(request.actor, pk)
    number, sealed = queries.seal_of(fact)
    if sealed is None:
        raise Refused(_("这条纪实还没有封存，请在次日凌晨封存之后再下载证明。"))
    body = json.dumps(seal.prove(number, sealed).as_dict(), ensure_ascii=False, indent=1)
    answer = HttpResponse(body, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="fact-{fact.pk}-proof.json"'
    return answer


@signed_in
def proof_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """A fact on paper with its proof inside the PDF; one that is not sealed yet says so on it."""
    fact = queries.get_for(request.actor, pk)
    context = {"fact": fact, "columns": words.columns(fact), "proof": proof.proof_of([fact.pk])}
    return paper.response(
        request, "facts/paper.html", context, title=_("纪实证明"), filename=_("纪实证明-%(id)s") % {"id": fact.pk}
    )
