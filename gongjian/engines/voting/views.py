"""The phone page to vote, the organiser's panel and its buttons, the result."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.engines.voting import actions, queries
from gongjian.engines.voting.forms import BallotForm, OpinionForm, PapersForm
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@needs("voting.vote")
def mine(request: HttpRequest) -> HttpResponse:
    """One's polls: those that wait for a vote, and what came of the others."""
    waiting = list(queries.waiting_for(request.actor)[:20])
    known = {poll.pk for poll in waiting}
    others = [poll for poll in queries.mine(request.actor)[:30] if poll.pk not in known]
    return page(request, "voting/mine.html", {"waiting": waiting, "others": others})


@needs("voting.vote")
def ballot(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Vote, on a phone: large targets, one page, no way back after handing in."""
    poll = queries.get_for(request.actor, poll_id)
    row = queries.row_of(poll, request.actor.person)
    form = BallotForm(request.POST if request.method == "POST" else None, poll=poll)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            actions.cast(poll=poll, by=request.actor, **form.ballot())
        if ok:
            return redirect("voting:ballot", poll.pk)
    may = bool(row and row.has_vote and not row.way and poll.state == "open" and poll.electronic)
    shown = queries.shows_results(poll, request.actor)
    context = {
        "poll": poll, "own": row, "form": form, "shown": shown, "may": may and (row.present or not poll.needs_presence),
        "must_come": may and poll.needs_presence and not row.present, "rule": queries.rule_words(poll),
        "results": queries.results_of(poll) if shown else [], "sentence": queries.sentence_of(poll) if shown else "",
    }  # fmt: skip
    return page(request, "voting/ballot.html", context)


@signed_in
def poll(request: HttpRequest, poll_id: int) -> HttpResponse:
    """The organiser's page of a poll; for a voter, who is there and what came out."""
    found = queries.get_for(request.actor, poll_id)
    return page(request, "voting/page.html", {"poll": found, "panel": queries.panel(found, request.actor)})


def _back(request: HttpRequest, poll_id: int) -> HttpResponse:
    """To the page that the form stood on, if it is ours."""
    wanted = request.POST.get("back", "")
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return redirect(wanted)
    return redirect("voting:poll", poll_id)


def _deed(
    request: HttpRequest, poll_id: int, deed: Callable[[queries.Poll, Actor], object], success: str
) -> HttpResponse:
    found = queries.get_for(request.actor, poll_id)
    with attempt(request, success=success):
        deed(found, request.actor)
    return _back(request, poll_id)


def _people(request: HttpRequest) -> list[int]:
    return [int(text) for text in request.POST.getlist("person") if text.isdecimal() and len(text) < 16]


@needs("voting.run")
@require_POST
def present(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Note who is there, hand out paper to the ticked, or take a tick back: by the button that was pressed."""
    people, what = _people(request), request.POST.get("deed", "present")
    if what == "paper":
        return _deed(
            request, poll_id, lambda poll, by: actions.give_paper(poll=poll, people=people, by=by), _("已发纸质票。")
        )
    if what == "left_out":
        return _deed(
            request, poll_id, lambda poll, by: actions.leave_out(poll=poll, people=people, agreed=True, by=by),
            _("会议通过，不计入应到。"),
        )  # fmt: skip
    if what == "count_in":
        return _deed(
            request, poll_id, lambda poll, by: actions.leave_out(poll=poll, people=people, agreed=False, by=by),
            _("已恢复计入应到。"),
        )  # fmt: skip
    if what == "everyone":
        people = queries.absent_voters(queries.get_for(request.actor, poll_id))
    there = what != "absent"
    return _deed(
        request, poll_id, lambda poll, by: actions.set_present(poll=poll, people=people, present=there, by=by),
        _("已登记到会。") if there else _("已撤回到会登记。"),
    )  # fmt: skip


@needs("voting.run")
@require_POST
def paper_back(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Take an unused paper ballot back."""

    def deed(poll: queries.Poll, by: Actor) -> None:
        for person in _people(request):
            actions.take_paper_back(poll=poll, person=person, by=by)

    return _deed(request, poll_id, deed, _("已收回空票。"))


@needs("voting.run")
def papers(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Enter what the tellers counted."""
    found = queries.get_for(request.actor, poll_id)
    request.actor.require("voting.run", found.org)
    paper = queries.paper_of(found)
    form = PapersForm(request.POST if request.method == "POST" else None, poll=found, paper=paper)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("清点结果已保存，宣布之前可以更正。")) as ok:
            actions.record_paper(poll=found, by=request.actor, **form.papers())
        if ok:
            return _back(request, poll_id)
    context = {
        "poll": found, "form": form, "numbers": queries.numbers_of(found),
        "back": request.POST.get("back") or request.GET.get("back") or reverse("voting:poll", args=[poll_id]),
    }  # fmt: skip
    return page(request, "voting/papers.html", context)


@needs("voting.run")
def opinion(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Enter an absent member's written opinion, where the rule counts it."""
    found = queries.get_for(request.actor, poll_id)
    request.actor.require("voting.run", found.org)
    form = OpinionForm(request.POST if request.method == "POST" else None, poll=found, absent=queries.absent_of(found))
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("书面意见已录入，按一票计算。")) as ok:
            choices, person = form.ballot()["choices"], int(form.cleaned_data["person"])
            actions.hand_in_opinion(poll=found, person=person, choices=choices, by=request.actor)
        if ok:
            return redirect("voting:poll", poll_id)
    return page(request, "voting/opinion.html", {"poll": found, "form": form, "rule": queries.rule_words(found)})


@needs("voting.run")
@require_POST
def stop(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Stop the voting."""
    return _deed(request, poll_id, lambda poll, by: actions.stop_poll(poll=poll, by=by), _("投票已停止，可以计票了。"))


@needs("voting.run")
@require_POST
def resume(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Let people vote again."""
    reason = request.POST.get("reason", "")
    return _deed(
        request, poll_id, lambda poll, by: actions.resume_poll(poll=poll, reason=reason, by=by), _("可以继续投票了。")
    )


@needs("voting.run")
@require_POST
def close(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Count and declare."""
    return _deed(request, poll_id, lambda poll, by: actions.close_poll(poll=poll, by=by), _("结果已宣布。"))


@needs("voting.run")
@require_POST
def void(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Annul."""
    reason = request.POST.get("reason", "")
    return _deed(
        request, poll_id, lambda poll, by: actions.void_poll(poll=poll, reason=reason, by=by), _("这次投票已作废。")
    )
