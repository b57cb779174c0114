"""Pages: one's own talks and wish on the phone, the branch's matrix and cards for the secretary."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.talks import actions, forms, queries
from gongjian.ground import paper, policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@needs("talks.take_part")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own talks, and whom one may well talk with next."""
    actor = request.actor
    found = queries.circle(queries.own_branch(actor))
    talks = list(queries.mine(actor)[:50])
    for talk in talks:
        talk.with_whom = talk.high.name if talk.low_id == actor.person else talk.low.name
        talk.has_note = bool(talk.note_sealed)
    gaps = [gap for gap in found.missing if actor.person in (gap.person, gap.other)]
    return page(
        request, "talks/mine.html",
        {"talks": talks, "suggestions": queries.suggestions(found, actor.person), "gaps": len(gaps), "org": found.org,
         "year": clock.today().year, "pack": policy.current().talks},
    )  # fmt: skip


@needs("talks.take_part")
def record(request: HttpRequest) -> HttpResponse:
    """Note a talk."""
    actor = request.actor
    found = queries.circle(queries.own_branch(actor))
    form = forms.TalkForm(
        request.POST if request.method == "POST" else None, partners=queries.partners(found, actor.person),
        initial={"on": clock.today(), "other": request.GET.get("with", ""), "form": "face"},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("已记下。对方会收到通知。")) as ok:
            actions.record(other=int(data["other"]), on=data["on"], form=data["form"], note=data["note"], by=actor)
        if ok:
            return redirect("talks:mine")
    return page(request, "talks/record.html", {"form": form})


@needs("talks.take_part")
def talk(request: HttpRequest, talk_id: int) -> HttpResponse:
    """One talk of one's own, with the private note."""
    found = queries.talk_for(request.actor, talk_id)
    form = forms.NoteForm(request.POST if request.method == "POST" else None, initial={"note": found.note})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("备注已保存。")) as ok:
            actions.write_note(talk=found, note=form.cleaned_data["note"], by=request.actor)
        if ok:
            return redirect("talks:talk", talk_id)
    other = found.high if found.low_id == request.actor.person else found.low
    return page(request, "talks/talk.html", {"talk": found, "other": other, "form": form})


@needs("talks.take_part")
@require_POST
def withdraw(request: HttpRequest, talk_id: int) -> HttpResponse:
    """Take a talk back."""
    found = queries.talk_for(request.actor, talk_id)
    with attempt(request, success=_("已撤回，备注已删除。")):
        actions.withdraw(talk=found, by=request.actor)
    return redirect("talks:mine")


@needs("talks.view")
def matrix(request: HttpRequest) -> HttpResponse:
    """Who of a branch has talked with whom this year, and who is missing; never what was said."""
    org = queries.branch_for(request.actor, request.GET.get("org"))
    found = queries.circle(org)
    rows = queries.matrix(found)
    lacking = sum(bool(row["missing"]) for row in rows)
    return page(
        request, "talks/matrix.html",
        {"org": org, "branches": queries.branches_for(request.actor), "rows": rows, "pairs": len(found.talks),
         "talks": sum(found.talks.values()), "lacking": lacking, "year": clock.today().year,
         "pack": policy.current().talks, "may_cards": request.actor.may_at("talks.cards", org),
         "may_record": request.actor.may("talks.take_part")},
    )  # fmt: skip


# --- anniversaries ----------------------------------------------------------------------------------------------
@needs("talks.take_part")
def wish(request: HttpRequest) -> HttpResponse:
    """One's wish, one's cards, and who of the branch agreed to be listed this month."""
    org = queries.own_branch(request.actor)
    known = queries.wish_of(request.actor.person)
    form = forms.WishForm(
        request.POST if request.method == "POST" else None,
        initial={"card": bool(known and known.card), "listed": bool(known and known.listed)},
    )
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已按您的意愿保存。")) as ok:
            actions.wish(by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("talks:wish")
    return page(
        request, "talks/wish.html",
        {"form": form, "cards": queries.own_cards(request.actor), "listed": queries.listed(org, clock.today()), "org": org,
         "pack": policy.current().talks.anniversary},
    )  # fmt: skip


@needs("talks.cards")
def cards(request: HttpRequest) -> HttpResponse:
    """Cards that are prepared, and those that were sent."""
    rows = list(queries.cards_for(request.actor)[:200])
    waiting = sorted((card for card in rows if card.sent_at is None), key=lambda card: (card.day, card.pk))
    sent = sorted((card for card in rows if card.sent_at is not None), key=lambda card: card.sent_at, reverse=True)
    return page(
        request, "talks/cards.html",
        {"waiting": waiting, "sent": sent[:50], "today": clock.today(), "pack": policy.current().talks.anniversary},
    )  # fmt: skip


@signed_in
def card(request: HttpRequest, card_id: int) -> HttpResponse:
    """A card: for who prepares it, with its words to change; for the one it was sent to, to look at."""
    found = queries.card_for(request.actor, card_id)
    prepares = found.sent_at is None and request.actor.may_at("talks.cards", found.org)
    form = forms.CardForm(request.POST if request.method == "POST" else None, initial={"words": found.words})
    if request.method == "POST" and prepares and form.is_valid():
        with attempt(request, form, _("寄语已保存。")) as ok:
            actions.change_words(card=found, words=form.cleaned_data["words"], by=request.actor)
        if ok and request.POST.get("deed") == "send":
            with attempt(request, form, _("贺卡已送出，只有本人看得到。")) as ok:
                actions.send_card(card=found, by=request.actor)
        if ok:
            return redirect("talks:cards")
    return page(
        request, "talks/card.html",
        {"card": found, "prepares": prepares, "form": form, "today": clock.today()},
    )  # fmt: skip


@signed_in
def card_paper(request: HttpRequest, card_id: int) -> HttpResponse:
    """The card to print."""
    found = queries.card_for(request.actor, card_id)
    return paper.response(
        request, "talks/card_paper.html", {"card": found}, title=_("政治生日贺卡"),
        filename=_("政治生日贺卡-%(year)s") % {"year": found.day.year}, author=found.org.name,
    )  # fmt: skip
