"""Pages: the list, a review's file, verdicts for the secretary; self-rating, mutual rating and one's result on a phone."""

import datetime as dt
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.reviews import actions, forms, queries
from gongjian.desks.reviews.looks import STATE
from gongjian.desks.reviews.permissions import abilities
from gongjian.desks.reviews.states import CLOSED, LINE, RATING
from gongjian.engines.voting import queries as voting
from gongjian.ground import paper, policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts.proof import proof_of
from gongjian.records.files import queries as files
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people


@needs("reviews.view")
def overview(request: HttpRequest) -> HttpResponse:
    """All reviews that one may look into."""
    listing = Listing(
        request, queries.visible_to(request.actor).select_related("org"),
        columns=[
            Column("org.name", _("党支部"), link="reviews:detail", phone="title"),
            Column("year", _("年度"), sort=True, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
            Column("rating_until", _("自评互评截止"), kind="date", phone="hide"),
            Column("closed_at", _("评定时间"), kind="datetime", phone="hide"),
        ],
        filterset=forms.ReviewFilter, search=("org__name", "org__initials"), order=("-year", "-id"), export="xlsx,csv",
        name=_("民主评议"), empty=_("还没有民主评议"), empty_hint=_("点“开始民主评议”，党员会收到通知，先写自评。"),
        search_hint=_("支部名称或拼音首字母"),
    )  # fmt: skip
    return listing.response("reviews/list.html", {"may_open": request.actor.may("reviews.run")})


@needs("reviews.run")
def start(request: HttpRequest) -> HttpResponse:
    """Begin the appraisal of a branch."""
    today = clock.today()
    pack = policy.on(today).reviews
    branches = queries.branches_for(request.actor)
    own = people.membership_of(request.actor.person) if request.actor.person else None
    first = own.org_id if own and any(org.pk == own.org_id for org in branches) else None
    initial = {
        "rating_until": today + dt.timedelta(days=pack.rating_days), "year": str(today.year),
        "org": str(first or ""), "meeting": request.GET.get("meeting", "")[:80],
    }  # fmt: skip
    form = forms.OpenForm(
        request.POST if request.method == "POST" else None, branches=branches, initial=initial,
        years=[str(today.year), str(today.year - 1)],
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("民主评议已开始，已通知党员写自评。")) as ok:
            org = orgs.get_for(request.actor, data["org"], permission="reviews.run")
            made = actions.open_review(
                org=org, by=request.actor, year=data["year"], rating_until=data["rating_until"], meeting=data["meeting"]
            )
        if ok:
            return redirect("reviews:detail", made.pk)
    return page(request, "reviews/open.html", {"form": form, "pack": pack, "branches": branches})


@signed_in
def detail(request: HttpRequest, review_id: int) -> HttpResponse:
    """A review's file: where it stands, what is next, its ballot, its summary."""
    review = queries.get_for(request.actor, review_id)
    own = queries.own_row(review, request.actor)
    can = abilities(review, request.actor, own)
    rows = queries.grid(review) if can.results else []
    title, url = queries.meeting_of(review)
    panel = voting.panel(review.poll, request.actor, back=request.path) if review.poll and can.run else None
    shelf = files.on_shelf(request.actor, Ref.of("review", review.pk)) if can.results else None
    return page(
        request, "reviews/detail.html",
        {"frame": "ui/base.html" if can.run or can.results else "ui/phone.html", "review": review, "own": own,
         "can": can, "states": STATE, "line": LINE, "rows": rows, "panel": panel,
         "progress": queries.progress(review), "summary": queries.summary(review), "pack": queries.pack_of(review),
         "away": queries.elsewhere(review) if can.results else [], "shelf": shelf,
         "titles": queries.grade_titles(review), "meeting": {"title": title, "url": url},
         "guests": queries.may_be_invited(review, request.actor) if can.invite else []},
    )  # fmt: skip


def _deed(
    request: HttpRequest, review_id: int, deed: Callable[[queries.Review, Actor], object], success: str
) -> HttpResponse:
    review = queries.get_for(request.actor, review_id)
    with attempt(request, success=success):
        deed(review, request.actor)
    return redirect("reviews:detail", review_id)


@needs("reviews.run")
@require_POST
def ballot(request: HttpRequest, review_id: int) -> HttpResponse:
    """Begin the secret ballot."""
    spot = request.POST.get("anywhere") != "1"
    return _deed(
        request, review_id, lambda review, by: actions.open_ballot(review=review, by=by, on_the_spot=spot),
        _("测评已开始。登记到会后，党员在手机上投票；也可以发纸质票。"),
    )  # fmt: skip


@needs("reviews.run")
@require_POST
def begin_deciding(request: HttpRequest, review_id: int) -> HttpResponse:
    """Go on to the verdicts."""
    review = queries.get_for(request.actor, review_id)
    with attempt(request, success=_("请逐人评定等次。")) as ok:
        actions.begin_deciding(review=review, by=request.actor)
    return redirect(
        "reviews:verdicts" if ok and request.actor.may_at("reviews.decide", review.org) else "reviews:detail", review_id
    )


@needs("reviews.run")
@require_POST
def invite(request: HttpRequest, review_id: int) -> HttpResponse:
    """Take in a mobile member of another branch."""

    def deed(review: queries.Review, by: Actor) -> None:
        person = people.get_for(by, request.POST.get("person", ""))
        actions.invite(review=review, person=person, by=by)

    return _deed(request, review_id, deed, _("已邀请，并通知了本人。"))


@needs("reviews.run")
@require_POST
def uninvite(request: HttpRequest, review_id: int, member_id: int) -> HttpResponse:
    """Take the invitation back."""

    def deed(review: queries.Review, by: Actor) -> None:
        actions.uninvite(review=review, member=queries.member_for(by, review, member_id), by=by)

    return _deed(request, review_id, deed, _("已撤回邀请。"))


@needs("reviews.run")
@require_POST
def cancel(request: HttpRequest, review_id: int) -> HttpResponse:
    """Cancel."""
    reason = request.POST.get("reason", "")
    return _deed(
        request, review_id, lambda review, by: actions.cancel(review=review, reason=reason, by=by), _("已取消。")
    )


@needs("reviews.decide")
def verdicts(request: HttpRequest, review_id: int) -> HttpResponse:
    """All members on one page: what they said, what others said, the votes, and the verdict with its reason."""
    review = queries.get_for(request.actor, review_id)
    request.actor.require("reviews.decide", review.org)
    rows = queries.grid(review)
    form = forms.CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        given = {}
        for row in rows:
            grade = request.POST.get(f"grade_{row.pk}")
            if row.graded and grade is not None:
                given[row.pk] = (None if grade == "-" else grade, request.POST.get(f"reason_{row.pk}", ""))
        closing = request.POST.get("deed") == "close"
        with attempt(request, success="" if closing else _("已保存，还没有告知任何人。")) as saved:
            actions.decide(review=review, verdicts=given, by=request.actor)
        if saved and closing:
            with attempt(request, form, _("等次已评定，已分别告知本人。")) as closed:
                actions.close(review=review, by=request.actor, over_cap_reason=form.cleaned_data["over_cap_reason"])
            if closed:
                return redirect("reviews:detail", review_id)
        elif saved:
            return redirect("reviews:verdicts", review_id)
        rows = queries.grid(review)
    pack = queries.pack_of(review)
    return page(
        request, "reviews/verdicts.html",
        {"review": review, "rows": rows, "form": form, "pack": pack, "grades": list(pack.grades),
         "checked": queries.checked(review, rows), "can": abilities(review, request.actor, None)},
    )  # fmt: skip


@needs("reviews.results")
def member(request: HttpRequest, review_id: int, member_id: int) -> HttpResponse:
    """One member's file: self-rating, remarks, votes, verdicts; correct and note the talk."""
    review = queries.get_for(request.actor, review_id)
    row = queries.member_for(request.actor, review, member_id)
    row.review = review
    can = abilities(review, request.actor, None)
    titles = queries.grade_titles(review)
    grades = [(grade.id, grade.title) for grade in queries.pack_of(review).grades]
    deed = request.POST.get("deed", "") if request.method == "POST" else ""
    correct = forms.CorrectForm(
        request.POST if deed == "correct" else None, grades=grades, initial={"grade": row.grade, "reason": row.reason}
    )
    talk = forms.TalkForm(request.POST if deed == "talk" else None, initial={"on": row.followed_up_on or clock.today()})
    if deed == "correct" and correct.is_valid():
        with attempt(request, correct, _("已更正并告知本人；原来的评定保留在记录里。")) as ok:
            actions.correct(review=review, member=row, by=request.actor, **correct.cleaned_data)
        if ok:
            return redirect("reviews:member", review_id, member_id)
    if deed == "talk" and talk.is_valid():
        with attempt(request, talk, _("谈话已记录。")) as ok:
            actions.follow_up(review=review, member=row, on=talk.cleaned_data["on"], by=request.actor)
        if ok:
            return redirect("reviews:member", review_id, member_id)
    told = queries.verdicts_of(row)
    named = people.names([verdict.given_by for verdict in told if verdict.given_by])
    for verdict in told:
        verdict.word, verdict.who = titles.get(verdict.grade, verdict.grade), named.get(verdict.given_by, "")
    return page(
        request, "reviews/member.html",
        {"review": review, "row": row, "can": can, "titles": titles, "self_word": titles.get(row.self_grade, ""),
         "votes": queries.votes_word(row), "remarks": queries.remarks_about(row, named=True), "told": told,
         "peers": queries.peer_counts(review).get(row.pk, {}), "correct": correct, "talk": talk,
         "grade_word": titles.get(row.grade) if row.grade is not None else ""},
    )  # fmt: skip


# --- members, on a phone ----------------------------------------------------------------------------------------
@needs("reviews.take_part")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own reviews."""
    return page(request, "reviews/mine.html", {"rows": queries.mine(request.actor), "states": STATE})


@needs("reviews.take_part")
def self_rating(request: HttpRequest, review_id: int) -> HttpResponse:
    """Write one's self-rating."""
    row = queries.own_for(request.actor, review_id)
    pack = queries.pack_of(row.review)
    form = forms.SelfForm(
        request.POST if request.method == "POST" else None,
        grades=[(grade.id, grade.title) for grade in pack.grades] if row.graded else [],
        initial={"text": row.self_text, "grade": row.self_grade},
    )
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("自评已交。接着参加互评。")) as ok:
            actions.rate_self(
                review=row.review,
                text=form.cleaned_data["text"],
                grade=form.cleaned_data.get("grade", ""),
                by=request.actor,
            )
        if ok:
            return redirect("reviews:peers", review_id)
    return page(
        request,
        "reviews/self.html",
        {"review": row.review, "row": row, "form": form, "open": row.review.state == RATING},
    )


@needs("reviews.take_part")
def peers(request: HttpRequest, review_id: int) -> HttpResponse:
    """Say what one thinks of the others."""
    row = queries.own_for(request.actor, review_id)
    others = queries.peers_of(row)
    if request.method == "POST":
        given = {
            other.pk: (request.POST.get(f"grade_{other.pk}", ""), request.POST.get(f"text_{other.pk}", ""))
            for other, _said in others
            if f"grade_{other.pk}" in request.POST or f"text_{other.pk}" in request.POST
        }
        with attempt(request, success=_("互评已交，测评开始之前可以改。")) as ok:
            actions.rate_peers(review=row.review, ratings=given, by=request.actor)
        if ok:
            return redirect("reviews:mine")
        others = [
            (other, type("Said", (), dict(zip(("grade", "text"), given.get(other.pk, ("", "")), strict=True))))
            for other, _said in others
        ]
    return page(
        request, "reviews/peers.html",
        {"review": row.review, "row": row, "others": others, "open": row.review.state == RATING,
         "grades": list(queries.pack_of(row.review).grades), "pack": queries.pack_of(row.review)},
    )  # fmt: skip


@needs("reviews.take_part")
def result(request: HttpRequest, review_id: int) -> HttpResponse:
    """One's own result, for oneself alone."""
    row = queries.own_for(request.actor, review_id)
    if request.method == "POST":
        with attempt(request, success=_("已记下您看过结果。")):
            actions.acknowledge(review=row.review, by=request.actor)
        return redirect("reviews:result", review_id)
    pack, titles = queries.pack_of(row.review), queries.grade_titles(row.review)
    shown = row.review.state == CLOSED and row.elsewhere_id is None
    told = queries.verdicts_of(row) if shown else []
    return page(
        request, "reviews/result.html",
        {"review": row.review, "row": row, "shown": shown, "titles": titles, "summary": queries.summary(row.review),
         "word": titles.get(row.grade) if shown and row.grade is not None else "", "votes": queries.votes_word(row) if shown else "",
         "remarks": queries.remarks_about(row, named=pack.peer_names_shown) if shown else [],
         "correction": told[-1].correction if told else "", "grade": queries.grade_of(row) if shown else None},
    )  # fmt: skip


@needs("reviews.results")
def reported(request: HttpRequest) -> HttpResponse:
    """Results of mobile members that other branches reported."""
    rows = list(queries.reported_to(request.actor)[:100])
    for row in rows:
        row.word = (
            queries.grade_titles(row.review).get(row.grade, "") if row.grade is not None else _("预备党员，不评定等次")
        )
    return page(request, "reviews/reported.html", {"rows": rows})


# --- on paper ---------------------------------------------------------------------------------------------------
@needs("reviews.results")
def paper_all(request: HttpRequest, review_id: int) -> HttpResponse:
    """The results of the branch as a file for the archive and the report upwards."""
    review = queries.get_for(request.actor, review_id)
    request.actor.require("reviews.results", review.org)
    if review.state != CLOSED:
        raise NotFound(_("还没有评定，没有结果可以打印。"))
    context = {
        "review": review, "rows": queries.grid(review), "away": queries.elsewhere(review),
        "titles": queries.grade_titles(review), "summary": queries.summary(review),
        "sentence": voting.sentence_of(review.poll) if review.poll else "", "proof": proof_of(queries.fact_ids(review)),
    }  # fmt: skip
    title = _("%(year)s年度民主评议党员结果") % {"year": review.year}
    return paper.response(request, "reviews/paper.html", context, title=title, filename=title, author=review.org.name)


@signed_in
def paper_one(request: HttpRequest, review_id: int, member_id: int) -> HttpResponse:
    """One member's sheet (民主评议党员登记表), for the member and for who decides."""
    review = queries.get_for(request.actor, review_id)
    own = queries.own_row(review, request.actor)
    if own is not None and own.pk == member_id and request.actor.may("reviews.take_part"):
        row = own
    else:
        row = queries.member_for(request.actor, review, member_id)
    if review.state != CLOSED or row.elsewhere_id:
        raise Forbidden(_("还没有评定，没有结果可以打印。"))
    row.review = review
    titles = queries.grade_titles(review)
    context = {
        "review": review, "row": row, "self_word": titles.get(row.self_grade, "") if row.self_grade else "",
        "word": titles.get(row.grade) if row.grade is not None else _("预备党员参加评议，不评定等次"),
        "votes": queries.votes_word(row), "proof": proof_of([row.fact] if row.fact else []),
    }  # fmt: skip
    title = _("%(year)s年度民主评议党员登记表") % {"year": review.year}
    return paper.response(request, "reviews/sheet.html", context, title=title, filename=title, author=review.org.name)
