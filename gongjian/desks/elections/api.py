"""Elections over the API: the same deeds and permissions as the pages; ballots are cast under /polls."""

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.elections import actions, queries
from gongjian.desks.elections.permissions import abilities
from gongjian.desks.elections.schemas import (
    ConveneIn,
    ElectionLine,
    ElectionOut,
    NoteIn,
    PeopleIn,
    PlanIn,
    ReasonIn,
    ReduceIn,
    SettleIn,
    ShiftAnswerIn,
    ShiftIn,
    StartIn,
    TellerIn,
    TermOut,
)
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.records.orgs import queries as orgs

router = Router(tags=["换届选举"])
SECRET_UNTIL = ("preparing", "asked", "allowed", "proposed")


def _line(election) -> dict:
    return {
        "id": election.pk, "org": election.org_id, "kind": election.kind, "state": election.state,
        "meeting_on": election.meeting_on, "held_on": election.held_on, "confirmed_on": election.confirmed_on,
    }  # fmt: skip


def _show(request: HttpRequest, ident: int) -> dict:
    election = queries.get_for(request.actor, ident)
    can = abilities(election, request.actor)
    open_ = can["runs"] or can["answers"] or election.state not in SECRET_UNTIL
    return _line(election) | {
        "contests": [
            {
                "id": contest.pk, "post": contest.post, "seats": contest.seats, "electorate": contest.electorate,
                "candidates": [
                    {
                        "person": row.person_id, "name": row.person.name, "written_in": row.written_in,
                        "elected_in": row.elected_in, "votes": row.votes,
                    }
                    for row in (contest.standing if open_ else ())
                ],
                "rounds": [
                    {
                        "id": one.pk, "number": one.number, "purpose": one.purpose, "seats": one.seats,
                        "poll": one.poll_id, "settled": one.settled_at is not None, "annulled": one.annulled,
                    }
                    for one in contest.ballots
                ],
            }
            for contest in queries.contests_of(election)
        ]
    }  # fmt: skip


@router.get("/elections", response=Paged[ElectionLine], summary="选举列表")
@needs("elections.view")
def list_elections(request: HttpRequest, state: str | None = None, cursor: str | None = None, limit: int = 50) -> dict:
    """可见范围内的选举，最近筹备的在前。"""
    found = queries.visible_to(request.actor)
    if state is not None:
        found = found.filter(state=state)
    return paged(found, cursor=cursor, limit=limit, show=_line, newest_first=True)


@router.get("/elections/{election_id}", response=ElectionOut, summary="一次选举")
@needs("elections.view")
def get_election(request: HttpRequest, election_id: int) -> dict:
    """一次选举；候选人批复之前只给组织者和上级看。"""
    return _show(request, election_id)


@router.post("/elections", response={201: ElectionOut}, summary="筹备选举")
@needs("elections.run")
def prepare(request: HttpRequest, body: PlanIn) -> tuple[int, dict]:
    """筹备换届选举或者补选。"""
    org = orgs.get_for(request.actor, body.org, permission="elections.run")
    election = actions.prepare(by=request.actor, **(body.model_dump() | {"org": org}))
    return 201, _show(request, election.pk)


def _do(request: HttpRequest, election_id: int, deed, **given) -> dict:
    deed(election=queries.get_for(request.actor, election_id), by=request.actor, **given)
    return _show(request, election_id)


@router.post("/elections/{election_id}/ask", response=ElectionOut, summary="报上级请示")
@needs("elections.run")
def ask(request: HttpRequest, election_id: int) -> dict:
    """请示召开大会进行选举。"""
    return _do(request, election_id, actions.ask)


@router.post("/elections/{election_id}/allow", response=ElectionOut, summary="批准选举")
@needs("elections.approve")
def allow(request: HttpRequest, election_id: int, body: NoteIn) -> dict:
    """上级批准选举。"""
    return _do(request, election_id, actions.allow, note=body.note)


@router.post("/elections/{election_id}/return", response=ElectionOut, summary="退回")
@needs("elections.approve")
def send_back(request: HttpRequest, election_id: int, body: ReasonIn) -> dict:
    """上级退回请示、候选人或者结果，按现在的状态。"""
    state = queries.get_for(request.actor, election_id).state
    deed = {"asked": actions.return_request, "proposed": actions.return_candidates}.get(state, actions.return_result)
    return _do(request, election_id, deed, reason=body.reason)


@router.put("/contests/{contest_id}/candidates", response=ElectionOut, summary="确定候选人")
@needs("elections.run")
def set_candidates(request: HttpRequest, contest_id: int, body: PeopleIn) -> dict:
    """确定一个项目的候选人，报上级之前可以更换。"""
    contest = queries.contest_for(request.actor, contest_id)
    actions.set_candidates(contest=contest, people=body.people, by=request.actor)
    return _show(request, contest.election_id)


@router.post("/elections/{election_id}/propose", response=ElectionOut, summary="报候选人")
@needs("elections.run")
def propose(request: HttpRequest, election_id: int) -> dict:
    """候选人预备人选报上级。"""
    return _do(request, election_id, actions.propose)


@router.post("/elections/{election_id}/accept", response=ElectionOut, summary="批复候选人")
@needs("elections.approve")
def accept(request: HttpRequest, election_id: int, body: NoteIn) -> dict:
    """上级同意候选人。"""
    return _do(request, election_id, actions.accept_candidates, note=body.note)


@router.post("/elections/{election_id}/tellers", response=ElectionOut, summary="监票人、计票人")
@needs("elections.run")
def tellers(request: HttpRequest, election_id: int, body: TellerIn) -> dict:
    """会议通过的监票人、计票人；候选人不能担任。"""
    return _do(request, election_id, actions.seat_tellers, electorate=body.electorate, people=body.people)


@router.post("/elections/{election_id}/convene", response=ElectionOut, summary="召开选举大会")
@needs("elections.run")
def convene(request: HttpRequest, election_id: int, body: ConveneIn) -> dict:
    """选举办法通过，开始选举。"""
    return _do(request, election_id, actions.convene, **body.model_dump())


@router.post("/contests/{contest_id}/rounds", response=ElectionOut, summary="开始一轮投票")
@needs("elections.run")
def start_round(request: HttpRequest, contest_id: int, body: StartIn) -> dict:
    """开始下一轮投票；到会、投票、计票见 /polls。"""
    contest = queries.contest_for(request.actor, contest_id)
    actions.start_round(contest=contest, by=request.actor, **body.model_dump())
    return _show(request, contest.election_id)


@router.post("/contests/{contest_id}/reduce", response=ElectionOut, summary="减少名额")
@needs("elections.run")
def reduce_seats(request: HttpRequest, contest_id: int, body: ReduceIn) -> dict:
    """接近应选名额、经半数以上选举人同意，减少名额。"""
    contest = queries.contest_for(request.actor, contest_id)
    actions.reduce_seats(contest=contest, agreed=body.agreed, by=request.actor)
    return _show(request, contest.election_id)


@router.post("/rounds/{round_id}/settle", response=ElectionOut, summary="确认本轮结果")
@needs("elections.run")
def settle(request: HttpRequest, round_id: int, body: SettleIn) -> dict:
    """按宣布的票数确定当选、票数相等或者缺额。"""
    row = queries.round_for(request.actor, round_id)
    actions.settle_round(round_=row, names=body.names, by=request.actor)
    return _show(request, row.contest.election_id)


@router.post("/rounds/{round_id}/annul", response=ElectionOut, summary="撤销一轮结果")
@needs("elections.run")
def annul(request: HttpRequest, round_id: int, body: ReasonIn) -> dict:
    """报结果之前撤销一轮，须写明原因。"""
    row = queries.round_for(request.actor, round_id)
    actions.annul_round(round_=row, reason=body.reason, by=request.actor)
    return _show(request, row.contest.election_id)


@router.post("/elections/{election_id}/report", response=ElectionOut, summary="报选举结果")
@needs("elections.run")
def report(request: HttpRequest, election_id: int) -> dict:
    """委员报备案，书记、副书记报批准。"""
    return _do(request, election_id, actions.report)


@router.post("/elections/{election_id}/confirm", response=ElectionOut, summary="批复结果")
@needs("elections.approve")
def confirm(request: HttpRequest, election_id: int, body: NoteIn) -> dict:
    """上级批复；新一届任职生效。重复请求不再改变什么。"""
    return _do(request, election_id, actions.confirm, note=body.note)


@router.post("/elections/{election_id}/cancel", response=ElectionOut, summary="取消选举")
@needs("elections.run")
def cancel(request: HttpRequest, election_id: int, body: ReasonIn) -> dict:
    """批复之前取消，须写明原因。"""
    return _do(request, election_id, actions.cancel, reason=body.reason)


def _term(org) -> dict:
    shifts = [
        {"id": row.pk, "until": row.until.isoformat(), "state": row.state, "reason": row.reason, "answer": row.answer}
        for row in queries.shifts_of(org)
    ]
    return {"org": org.pk, "ends_on": queries.term_end_of(org), "shifts": shifts}


@router.get("/terms/{org_id}", response=TermOut, summary="任期")
@needs("elections.view")
def get_term(request: HttpRequest, org_id: int) -> dict:
    """一个组织的任期何时届满，含经批准的延期。"""
    return _term(orgs.get_for(request.actor, org_id, permission="elections.view"))


@router.post("/terms/{org_id}/shifts", response=TermOut, summary="请示延期换届")
@needs("elections.run")
def ask_shift(request: HttpRequest, org_id: int, body: ShiftIn) -> dict:
    """请示延期换届。"""
    org = orgs.get_for(request.actor, org_id, permission="elections.run")
    actions.ask_shift(org=org, by=request.actor, **body.model_dump())
    return _term(org)


@router.post("/shifts/{shift_id}/answer", response=TermOut, summary="答复延期换届")
@needs("elections.approve")
def answer_shift(request: HttpRequest, shift_id: int, body: ShiftAnswerIn) -> dict:
    """上级批准或者不批准延期。"""
    shift = queries.shift_for(request.actor, shift_id)
    actions.answer_shift(shift=shift, by=request.actor, **body.model_dump())
    return _term(shift.org)
