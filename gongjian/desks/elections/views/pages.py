"""The list, an election's page, an organisation's term, the protocol."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.elections import actions, forms, queries, rules
from gongjian.desks.elections.actions.preparing import ref
from gongjian.desks.elections.looks import SHIFT, STATE
from gongjian.desks.elections.permissions import abilities
from gongjian.desks.elections.states import LINE
from gongjian.desks.elections.todos import STEPS
from gongjian.engines.voting import queries as voting
from gongjian.ground import paper, policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts import proof, words
from gongjian.records.facts.queries import about_object
from gongjian.records.orgs import queries as orgs


@needs("elections.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Elections that one may see, and whose terms end soon."""
    actor = request.actor
    listing = Listing(
        request,
        queries.visible_to(actor).select_related("org"),
        columns=[
            Column("org.name", _("组织"), link="elections:detail", phone="title"),
            Column("kind", _("种类"), value=lambda row: row.get_kind_display(), phone="meta"),
            Column("meeting_on", _("大会日期"), kind="date", sort=True, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
        ],
        filterset=forms.ElectionFilter, search=("org__name", "org__initials"), order=("-meeting_on", "-id"),
        export="xlsx,csv", name=_("换届选举"), empty=_("还没有选举"),
        empty_hint=_("任期届满之前会提醒。点“筹备选举”，从请示到批复一步一步走。"),
        search_hint=_("组织名称或拼音首字母"),
    )  # fmt: skip
    code = "elections.run" if actor.may("elections.run") else "elections.approve"
    ending = queries.expiring(actor, code, clock.today(), most=50) if actor.may(code) else []
    today = clock.today()
    terms = [{"org": org, "end": end, "over": end < today} for org, end in ending]
    return listing.response(
        "elections/list.html",
        {"may_prepare": actor.may("elections.run"), "terms": terms, "unfold": request.GET.get("show") == "terms"},
    )


def _hints(election: queries.Election, contests: list) -> list[str]:
    """What is worth a second look, in words (texts that say 一般), and where sources differ."""
    pack, org = policy.on(election.meeting_on), election.org
    said = []
    months = pack.settings.terms.may_move_months
    if election.kind == "term":
        end = queries.term_end_of(org)
        shifted = end != rules.term_end(org.term_started_on, org.term_years)
        for hint in rules.timing_hints(election.meeting_on, end, shifted, months):
            values = {"end": end, "months": months}
            said.append({
                "early": _("本届任期到 %(end)s 届满；提前换届须经上级批准，一般不超过 %(months)s 个月。"),
                "late": _("本届任期已于 %(end)s 届满；延期换届须先报上级批准。"),
                "late_again": _("已超过批准延期的日期 %(end)s。"),
            }[hint.code] % values)  # fmt: skip
    standing = pack.elections.candidates.standing_years
    for contest in contests:
        if contest.post != "secretary":
            continue
        for row in contest.standing:
            joined = election.joined.get(row.person_id)
            if joined and joined > clock.add_months(election.meeting_on, -12 * standing):
                said.append(
                    _("%(name)s入党不满 %(n)s 年；书记一般应有 %(n)s 年以上党龄。")
                    % {"name": row.person.name, "n": standing}
                )
    congress = pack.elections.congress
    if rules.may_hold_congress(org.member_count, congress.from_members):
        said.append(
            _("党员 %(n)s 名，已达 %(least)s 名，经上级批准可以召开党员代表大会（代表一般 %(low)s 至 %(high)s 名，不超过 %(most)s 名）。")
            % {"n": org.member_count, "least": congress.from_members, "low": congress.delegates_from,
               "high": congress.delegates_usual, "most": congress.delegates_at_most}
        )  # fmt: skip
    return said


def _needed(election: queries.Election, contests: list) -> None:
    """Put on each contest how many candidates it needs."""
    rule = policy.on(election.meeting_on).elections.candidates
    for contest in contests:
        contest.single = contest.post in rule.single_posts
        contest.needed = contest.seats if contest.single else rules.candidates_needed(
            contest.seats, rule.surplus_percent, rule.surplus_at_least
        )  # fmt: skip
        contest.enough = (
            len(contest.standing) == contest.seats if contest.single else len(contest.standing) >= contest.needed
        )


def _ballots(request: HttpRequest, contest: queries.Contest, can: dict, stage: str) -> None:
    """Put on a contest its open ballot's panel, what a counted one comes to, and whether the next may begin."""
    back = reverse("elections:detail", args=[contest.election.pk])
    contest.may_start = can["elects"] and contest.electorate == stage and bool(queries.purpose_of(contest))
    contest.next_purpose = dict(queries.Round.PURPOSES).get(queries.purpose_of(contest), "")
    contest.may_reduce = (
        contest.may_start and queries.purpose_of(contest) == "fill" and contest.winners and not contest.single
    )
    contest.panel = contest.unclear = None
    for one in contest.ballots:
        one.sentence = _sentence(one)
        one.votes = _votes(contest, one)
        one.may_annul = can["annul"] and one is contest.last and one.settled_at and not one.annulled
    last = contest.last
    if last is None or last.settled_at is not None or last.annulled or not can["runs"]:
        return
    contest.panel = voting.panel(last.poll, request.actor, back=back)
    contest.may_settle = can["elects"] and contest.electorate == stage and last.poll.state in ("closed", "void")
    if contest.may_settle:
        bearers = queries.bearers(last)
        written = queries.names_written(last)
        contest.unclear = [name for name in written if len(bearers.get(name, ())) != 1]
        contest.electors = sorted((people[0], name) for name, people in bearers.items())


def _sentence(one: queries.Round) -> str:
    said = voting.sentence_of(one.poll)
    if said and one.poll.base == "none":
        said += _("票数相等的再次投票，得赞成票多的当选。")
    return said


def _votes(contest: queries.Contest, one: queries.Round) -> list[dict]:
    """Rows of a settled ballot: name, yes-votes, whether elected or tied."""
    if not one.result or not one.result.get("valid"):
        return []
    names = {str(row.person_id): row.person.name for row in contest.standing}
    names |= {item["id"]: item["label"] for item in one.poll.items}
    return [
        {
            "name": names.get(ident, "—"), "votes": number, "elected": ident in one.result["winners"],
            "tied": ident in one.result["tied"], "written": ident not in one.poll.item_ids,
        }
        for ident, number in sorted(one.result["votes"].items(), key=lambda pair: -pair[1])
    ]  # fmt: skip


def _timeline(election: queries.Election) -> list[dict]:
    return words.entries(list(about_object(ref(election)).order_by("-id")[:40]), about="election")


@needs("elections.view")
def detail(request: HttpRequest, election_id: int) -> HttpResponse:
    """An election: where it stands, what comes next and whose turn it is, candidates, ballots, results."""
    election = queries.get_for(request.actor, election_id)
    can = abilities(election, request.actor)
    contests = queries.contests_of(election)
    election.joined = queries.joined_of(contests)
    _needed(election, contests)
    stage = {"meeting": "members", "elected": "committee"}.get(election.state, "")
    for contest in contests:
        _ballots(request, contest, can, stage)
    tellers = queries.tellers_of(election)
    led = can["runs"] or can["answers"] or request.actor.may_at("people.view", election.org)
    context = {
        "election": election, "contests": contests, "can": can, "line": LINE, "states": STATE, "led": led,
        "tellers": tellers, "tellers_now": [row for row in tellers if row.electorate == (stage or "members")],
        "step": STEPS.get(election.state, ""), "hints": _hints(election, contests) if led else [],
        "rule": policy.on(election.meeting_on).voting_rule("election"),
        "show_candidates": led or election.state not in ("preparing", "asked", "allowed", "proposed"),
        "timeline": _timeline(election) if led else [],
        "frame": "ui/base.html" if led else "ui/phone.html",
        "enough": all(one.enough for one in contests), "above": election.org.parent,
    }  # fmt: skip
    return page(request, "elections/detail.html", context)


def _protocol(request: HttpRequest, election_id: int) -> tuple[queries.Election, dict]:
    """What stands in the protocol: request, candidates, tellers, each ballot with its numbers, result, approval."""
    election = queries.get_for(request.actor, election_id)
    contests = queries.contests_of(election)
    _needed(election, contests)
    pack = policy.on(election.meeting_on)
    for contest in contests:
        for one in contest.ballots:
            one.outcome, one.sentence = voting.outcome_of(one.poll), _sentence(one)
            one.votes = _votes(contest, one)
        for row in contest.winners:
            row.duty_title = queries.post_title(pack, row.duty) if row.duty else ""
    return election, {
        "election": election, "contests": contests, "tellers": queries.tellers_of(election),
        "rule": pack.voting_rule("election"), "basis": pack.elections, "above": election.org.parent,
    }  # fmt: skip


@needs("elections.view")
def protocol(request: HttpRequest, election_id: int) -> HttpResponse:
    """The protocol as a page (选举纪实)."""
    _election, context = _protocol(request, election_id)
    return page(request, "elections/protocol.html", context)


@needs("elections.view")
def protocol_paper(request: HttpRequest, election_id: int) -> HttpResponse:
    """The protocol as a PDF, with the proof of its facts inside."""
    election, context = _protocol(request, election_id)
    facts = list(about_object(ref(election)).values_list("pk", flat=True)[:400])
    sealed = proof.proof_of(facts)
    title = _("%(org)s%(kind)s纪实") % {"org": election.org.name, "kind": election.get_kind_display()}
    return paper.response(
        request, "elections/paper.html", context | {"proof": sealed}, title=title, author=election.org.name,
        filename=_("选举纪实-%(id)s") % {"id": election.pk},
    )  # fmt: skip


@needs("elections.view")
def term(request: HttpRequest, org_id: int) -> HttpResponse:
    """An organisation's term: when it ends, delays asked for and answered, the way to an election."""
    actor = request.actor
    org = orgs.get_for(actor, org_id)
    actor.require("elections.view", org)
    runs = actor.may_at("elections.run", org)
    answers = org.parent is not None and actor.may_at("elections.approve", org.parent)
    shifts, today = queries.shifts_of(org), clock.today()
    end = queries.term_end_of(org)
    form = None
    if runs and end and not any(shift.state == "asked" for shift in shifts):
        form = forms.ShiftForm(request.POST or None, initial={"until": end + dt.timedelta(days=180)})
        if request.method == "POST" and form.is_valid():
            with attempt(request, form, success=_("延期请示已报上级。")) as ok:
                actions.ask_shift(org=org, by=actor, **form.cleaned_data)
            if ok:
                return redirect("elections:term", org.pk)
    months = policy.current().settings.terms
    return page(request, "elections/term.html", {
        "org": org, "end": end, "over": bool(end and end < today), "shifts": shifts, "form": form, "looks": SHIFT,
        "soon": bool(end and rules.remind_from(end, months.remind_months_before) <= today), "runs": runs,
        "answers": answers, "election": queries.under_way(org), "terms": months, "note": forms.NoteForm(),
    })  # fmt: skip
