"""Doing something in an election: a page for each deed that asks something, a button for each that does not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from gongjian.desks.elections import actions, forms, queries
from gongjian.desks.elections.permissions import abilities
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs


@dataclass(frozen=True, slots=True)
class Deed:
    """一项办理: `needs` is the ability; without a form it is a button."""

    needs: str
    title: Any
    help: Any
    run: Callable[[Any, Any, Any], Any]
    done: Any
    form: Any = None
    tone: str = "primary"


def _plan_form(data: Any, election: Any, contests: list) -> forms.PlanForm:
    seats = {contest.post: contest.seats for contest in contests}
    initial = {
        "meeting_on": election.meeting_on, "place": election.place, "reason": election.reason,
        "committee_seats": seats.get("committee_member", 0), "secretary": "secretary" in seats,
        "deputies": seats.get("deputy_secretary", 0),
    }  # fmt: skip
    return forms.PlanForm(data, initial=initial)


def _tellers_form(electorate: str) -> Callable:
    def build(data: Any, election: Any, contests: list) -> forms.TellersForm:
        standing = {row.person_id for one in contests if one.electorate == electorate for row in one.standing}
        known = {row.person_id: row.role for row in queries.tellers_of(election) if row.electorate == electorate}
        electors = queries.electors_of(election, contests, electorate, clock.today())
        return forms.TellersForm(data, electors=electors, standing=standing, known=known)

    return build


def _duties_form(data: Any, election: Any, contests: list) -> forms.DutiesForm:
    winners = [row for one in contests if one.post == "committee_member" for row in one.winners]
    single = set(policy.on(election.meeting_on).elections.candidates.single_posts)
    return forms.DutiesForm(data, winners=winners, single=single)


def _plain(form: type) -> Callable:
    return lambda data, election, contests: form(data)


def _tell(action: Callable) -> Callable:
    """A deed whose form's fields are its keywords."""
    return lambda election, by, form: action(election=election, by=by, **(form.cleaned_data if form else {}))


DEEDS = {
    "change": Deed(
        "change", gettext_lazy("修改方案"), gettext_lazy("报上级请示之前可以修改；改了职数，候选人要重新确定。"),
        lambda election, by, form: actions.change(election=election, by=by, **form.plan()), gettext_lazy("方案已保存。"),
        _plan_form,
    ),
    "ask": Deed("ask", gettext_lazy("报上级请示"), "", _tell(actions.ask), gettext_lazy("请示已报上级。")),
    "allow": Deed(
        "allow", gettext_lazy("批准选举"), gettext_lazy("同意召开大会进行选举。"), _tell(actions.allow),
        gettext_lazy("已批准。"), _plain(forms.NoteForm),
    ),
    "return-request": Deed(
        "return_request", gettext_lazy("退回请示"), gettext_lazy("写明需要修改什么。"), _tell(actions.return_request),
        gettext_lazy("已退回。"), _plain(forms.ReasonForm),
    ),
    "propose": Deed("propose", gettext_lazy("报候选人"), "", _tell(actions.propose), gettext_lazy("候选人已报上级。")),
    "accept": Deed(
        "accept", gettext_lazy("批复候选人"), gettext_lazy("同意候选人预备人选。"), _tell(actions.accept_candidates),
        gettext_lazy("已批复。"), _plain(forms.NoteForm),
    ),
    "return-candidates": Deed(
        "return_candidates", gettext_lazy("退回候选人"), gettext_lazy("写明需要调整什么。"),
        _tell(actions.return_candidates), gettext_lazy("已退回。"), _plain(forms.ReasonForm),
    ),
    "tellers": Deed(
        "tellers", gettext_lazy("监票人、计票人"), gettext_lazy("从不是候选人的党员中推选，经大会通过。候选人不在名单里。"),
        lambda election, by, form: actions.seat_tellers(
            election=election, electorate="members", people=form.people(), by=by
        ), gettext_lazy("已保存。"), _tellers_form("members"),
    ),
    "committee-tellers": Deed(
        "committee_tellers", gettext_lazy("委员会会议的监票人、计票人"), gettext_lazy("从不是书记、副书记候选人的委员中推选。"),
        lambda election, by, form: actions.seat_tellers(
            election=election, electorate="committee", people=form.people(), by=by
        ), gettext_lazy("已保存。"), _tellers_form("committee"),
    ),
    "convene": Deed(
        "convene", gettext_lazy("召开选举大会"), gettext_lazy("通过选举办法和监票人、计票人之后，开始投票。"),
        _tell(actions.convene), gettext_lazy("大会开始，可以投票了。"), _plain(forms.ConveneForm),
    ),
    "duties": Deed(
        "duties", gettext_lazy("委员分工"), gettext_lazy("分工在上级批复后随任职生效。"),
        lambda election, by, form: actions.set_duties(election=election, duties=form.duties(), by=by),
        gettext_lazy("分工已保存。"), _duties_form,
    ),
    "report": Deed(
        "report", gettext_lazy("报选举结果"), "", _tell(actions.report),
        gettext_lazy("结果已报上级：委员备案，书记、副书记待批准。"),
    ),
    "withdraw-report": Deed(
        "withdraw_report", gettext_lazy("撤回报告"), "", _tell(actions.withdraw_report), gettext_lazy("报告已撤回。")
    ),
    "return-result": Deed(
        "return_result", gettext_lazy("退回结果"), gettext_lazy("写明原因，如书记人选不予批准。"),
        _tell(actions.return_result), gettext_lazy("已退回。"), _plain(forms.ReasonForm),
    ),
    "confirm": Deed(
        "confirm", gettext_lazy("批复结果"), gettext_lazy("批复后，上一届任职结束，新一届任职和任期开始。"),
        _tell(actions.confirm), gettext_lazy("已批复，新一届任职已生效。"), _plain(forms.ConfirmForm),
    ),
    "cancel": Deed(
        "cancel", gettext_lazy("取消选举"), gettext_lazy("取消后全部留在纪实里，不产生任何任职。"), _tell(actions.cancel),
        gettext_lazy("选举已取消。"), _plain(forms.ReasonForm), "danger",
    ),
}  # fmt: skip


@needs("elections.view")
def deed(request: HttpRequest, election_id: int, name: str) -> HttpResponse:
    """A deed on an election: its form, or its button."""
    if name not in DEEDS:
        raise Http404
    what = DEEDS[name]
    election = queries.get_for(request.actor, election_id)
    if not abilities(election, request.actor)[what.needs]:
        raise Forbidden(_("现在不能办理“%(deed)s”，或者您没有权限。") % {"deed": what.title})
    contests = queries.contests_of(election)
    form = what.form(request.POST if request.method == "POST" else None, election, contests) if what.form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        with attempt(request, form, success=str(what.done)) as ok:
            what.run(election, request.actor, form)
        if ok or form is None:
            return redirect("elections:detail", election.pk)
    back = reverse("elections:detail", args=[election.pk])
    return page(request, "elections/deed.html", {"election": election, "deed": what, "form": form, "back": back})


@needs("elections.run")
def prepare(request: HttpRequest) -> HttpResponse:
    """Begin an election."""
    asked = request.GET.get("org", "")
    org = orgs.get_for(request.actor, asked, permission="elections.run") if asked else None
    initial = {"kind": "term", "meeting_on": clock.today()}
    if org is not None:
        initial |= {"org": org, "committee_seats": 3 if queries.has_committee(org, clock.today()) else 0}
    form = forms.PrepareForm(request.POST or None, actor=request.actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("方案已建立，接着报上级请示。")) as ok:
            election = actions.prepare(by=request.actor, **form.plan())
        if ok:
            return redirect("elections:detail", election.pk)
    what = Deed("", _("筹备选举"), _("先定职数和日期；正式党员 7 人以上的支部设委员会。"), None, "")
    return page(request, "elections/deed.html", {"deed": what, "form": form, "back": reverse("elections:list")})


@needs("elections.run")
def candidates(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Who stands in a contest."""
    contest = queries.contest_for(request.actor, contest_id)
    election, can = contest.election, abilities(contest.election, request.actor)
    replaces = can["replace"] and contest.electorate == "committee"
    if not (can["candidates"] or replaces):
        raise Forbidden(_("现在不能更改候选人。"))
    contests = queries.contests_of(election)
    contest = next(one for one in contests if one.pk == contest.pk)
    form = forms.CandidatesForm(
        request.POST if request.method == "POST" else None, eligible=queries.eligible(election, contest, contests),
        standing=contest.standing, note=replaces,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("候选人已保存。")) as ok:
            people = form.cleaned_data["people"]
            if replaces:
                actions.replace_candidates(
                    contest=contest, people=people, note=form.cleaned_data["note"], by=request.actor
                )
            else:
                actions.set_candidates(contest=contest, people=people, by=request.actor)
        if ok:
            return redirect("elections:detail", election.pk)
    what = Deed(
        "", _("%(post)s候选人") % {"post": contest.title},
        _("应选 %(n)s 人。选票按姓氏笔画自动排列。") % {"n": contest.seats}, None, "",
    )  # fmt: skip
    back = reverse("elections:detail", args=[election.pk])
    return page(request, "elections/deed.html", {"election": election, "deed": what, "form": form, "back": back})


@needs("elections.run")
@require_POST
def start_round(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Open the next ballot."""
    contest = queries.contest_for(request.actor, contest_id)
    with attempt(request, success=_("投票已开始：登记到会，用手机投票或者发纸质票。")):
        actions.start_round(contest=contest, electronic=request.POST.get("by") != "paper", by=request.actor)
    return redirect("elections:detail", contest.election_id)


@needs("elections.run")
@require_POST
def reduce_seats(request: HttpRequest, contest_id: int) -> HttpResponse:
    """Leave a seat empty."""
    contest = queries.contest_for(request.actor, contest_id)
    agreed = request.POST.get("agreed", "")
    with attempt(request, success=_("名额已减少。")):
        number = int(agreed) if agreed.isdecimal() and len(agreed) < 6 else 0
        actions.reduce_seats(contest=contest, agreed=number, by=request.actor)
    return redirect("elections:detail", contest.election_id)


@needs("elections.run")
@require_POST
def settle_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take a counted ballot over; who is meant by a name written in comes with it."""
    row = queries.round_for(request.actor, round_id)
    pairs = zip(request.POST.getlist("written"), request.POST.getlist("person"), strict=False)
    names = {name: int(person) for name, person in pairs if person.isdecimal() and len(person) < 16}
    with attempt(request, success=_("本轮结果已确认。")):
        actions.settle_round(round_=row, names=names, by=request.actor)
    return redirect("elections:detail", row.contest.election_id)


@needs("elections.run")
@require_POST
def annul_round(request: HttpRequest, round_id: int) -> HttpResponse:
    """Take a result back."""
    row = queries.round_for(request.actor, round_id)
    with attempt(request, success=_("结果已撤销，请重新投票。")):
        actions.annul_round(round_=row, reason=request.POST.get("reason", ""), by=request.actor)
    return redirect("elections:detail", row.contest.election_id)


@needs("elections.approve")
@require_POST
def answer_shift(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Answer a request for delay."""
    shift = queries.shift_for(request.actor, shift_id)
    approve = request.POST.get("approve") == "1"
    with attempt(request, success=_("已答复。")):
        actions.answer_shift(shift=shift, approve=approve, answer=request.POST.get("note", ""), by=request.actor)
    return redirect("elections:term", shift.org_id)
