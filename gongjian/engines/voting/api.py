"""Voting over the API: the same permissions as the pages; nothing tells how anybody voted in a secret poll."""

from django.http import HttpRequest
from ninja import Router

from gongjian.engines.voting import actions, queries
from gongjian.engines.voting.schemas import BallotIn, OpinionIn, PapersIn, PeopleIn, PollOut, ReasonIn
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged

router = Router(tags=["表决"])


def _one(poll, actor) -> dict:
    poll.refresh_from_db()
    queries.put_numbers([poll], actor)
    return _show(poll)


def _show(poll) -> dict:
    numbers, row = poll.numbers, poll.own
    return {
        "id": poll.pk, "org": poll.org_id, "title": poll.title, "rule": poll.rule, "state": poll.state,
        "secret": poll.secret, "items": poll.items, "options": poll.options, "seats": poll.seats,
        "write_ins": poll.write_ins, "opened_at": poll.opened_at, "closed_at": poll.closed_at, "due": numbers["due"],
        "present": numbers["present"], "handed_in": numbers["handed_in"],
        "can_vote": bool(poll.state == "open" and poll.electronic and row and row.has_vote and not row.way),
        "outcome": poll.outcome if poll.shown else None, "sentence": queries.sentence_of(poll) if poll.shown else "",
    }  # fmt: skip


@router.get("/polls", response=Paged[PollOut], summary="投票列表")
@signed_in
def list_polls(request: HttpRequest, state: str | None = None, cursor: str | None = None, limit: int = 20) -> dict:
    """所辖组织的投票，和自己在名册上的投票。"""
    found = queries.visible_to(request.actor).select_related("org")
    if state is not None:
        found = found.filter(state=state)
    answer = paged(found, cursor=cursor, limit=limit, show=lambda poll: poll, newest_first=True)
    queries.put_numbers(answer["items"], request.actor)
    return {**answer, "items": [_show(poll) for poll in answer["items"]]}


@router.get("/polls/{poll_id}", response=PollOut, summary="一次投票")
@signed_in
def get_poll(request: HttpRequest, poll_id: int) -> dict:
    """一次投票；宣布之前没有票数。"""
    return _one(queries.get_for(request.actor, poll_id), request.actor)


@router.post("/polls/{poll_id}/ballot", response=PollOut, summary="投票")
@needs("voting.vote")
def cast(request: HttpRequest, poll_id: int, body: BallotIn) -> dict:
    """投自己的一票，投出后不能更改。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.cast(poll=poll, choices=body.choices, write_ins=body.write_ins, by=request.actor)
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/present", response=PollOut, summary="登记到会")
@needs("voting.run")
def set_present(request: HttpRequest, poll_id: int, body: PeopleIn) -> dict:
    """登记到会，或者撤回登记。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.set_present(poll=poll, people=body.people, present=body.present, by=request.actor)
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/left-out", response=PollOut, summary="会议通过不计入应到")
@needs("voting.run")
def leave_out(request: HttpRequest, poll_id: int, body: PeopleIn) -> dict:
    """会议通过：可以不计入应到的人不计入（`present` 为 false 时撤回）。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.leave_out(poll=poll, people=body.people, agreed=body.present, by=request.actor)
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/papers", response=PollOut, summary="发纸质票")
@needs("voting.run")
def give_paper(request: HttpRequest, poll_id: int, body: PeopleIn) -> dict:
    """给到会的人发纸质票。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.give_paper(poll=poll, people=body.people, by=request.actor)
    return _one(poll, request.actor)


@router.put("/polls/{poll_id}/papers", response=PollOut, summary="录入纸质票")
@needs("voting.run")
def record_paper(request: HttpRequest, poll_id: int, body: PapersIn) -> dict:
    """录入或更正监票人、计票人清点的结果。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.record_paper(poll=poll, by=request.actor, **body.model_dump())
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/opinions", response=PollOut, summary="录入书面意见")
@needs("voting.run")
def hand_in_opinion(request: HttpRequest, poll_id: int, body: OpinionIn) -> dict:
    """规则允许时，缺席者的书面意见按一票计。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.hand_in_opinion(poll=poll, person=body.person, choices=body.choices, by=request.actor)
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/stop", response=PollOut, summary="停止投票")
@needs("voting.run")
def stop(request: HttpRequest, poll_id: int) -> dict:
    """停止手机投票，开始计票。"""
    return _one(actions.stop_poll(poll=queries.get_for(request.actor, poll_id), by=request.actor), request.actor)


@router.post("/polls/{poll_id}/resume", response=PollOut, summary="继续投票")
@needs("voting.run")
def resume(request: HttpRequest, poll_id: int, body: ReasonIn) -> dict:
    """宣布结果之前恢复投票，须写明原因。"""
    poll = queries.get_for(request.actor, poll_id)
    return _one(actions.resume_poll(poll=poll, reason=body.reason, by=request.actor), request.actor)


@router.post("/polls/{poll_id}/close", response=PollOut, summary="宣布结果")
@needs("voting.run")
def close(request: HttpRequest, poll_id: int) -> dict:
    """计票并宣布结果；重复请求得到同样的结果。"""
    poll = queries.get_for(request.actor, poll_id)
    actions.close_poll(poll=poll, by=request.actor)
    return _one(poll, request.actor)


@router.post("/polls/{poll_id}/void", response=PollOut, summary="作废")
@needs("voting.run")
def void(request: HttpRequest, poll_id: int, body: ReasonIn) -> dict:
    """作废一次投票，须写明原因。"""
    poll = queries.get_for(request.actor, poll_id)
    return _one(actions.void_poll(poll=poll, reason=body.reason, by=request.actor), request.actor)
