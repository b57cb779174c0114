"""Meetings over the API: minutes, votes, particulars, the file, and follow-ups."""

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.activities import actions, dossier, drafts, follow_ups, queries, votes
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.schemas_meeting import (
    ConfirmIn,
    DecisionOut,
    DelegateIn,
    DraftOut,
    ExtendIn,
    FileOut,
    FollowUpFullOut,
    FollowUpOut,
    HandOverIn,
    MinutesIn,
    MinutesOut,
    NoteIn,
    ParticularsIn,
    PollOut,
    ProposalIn,
    ReasonIn,
    StandingOut,
    TakenOut,
    VoteIn,
    VoteOut,
)
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Forbidden

router = Router(tags=["会议"])


def _vote(vote) -> dict | None:
    if vote is None:
        return None
    names = ("method", "due", "present", "yes", "no", "abstain", "written", "passed")
    return {**{name: getattr(vote, name) for name in names}, "words": votes.vote_words(vote)}


def _minutes(activity: queries.Activity) -> dict | None:
    found = queries.minutes_of(activity)
    if found is None:
        return None
    decisions = [
        {"id": one.pk, "text": one.text, "problem": one.problem, "owner": one.owner_id, "due_on": one.due_on,
         "point": one.point, "vote": _vote(one.vote_row)}
        for one in votes.decisions_of(activity)
    ]  # fmt: skip
    return {"version": found.version, "notes": found.notes, "text": found.text, "decisions": decisions}


def _readable(request: HttpRequest, activity_id: int) -> queries.Activity:
    activity = queries.get_for(request.actor, activity_id)
    row = queries.row_of(activity, request.actor.person)
    if not abilities(activity, request.actor, row).minutes:
        raise Forbidden("会议记录只供参加人、组织者和上级组织查看。")
    return activity


@router.get("/activities/{activity_id}/minutes", response=MinutesOut | None, summary="会议记录")
@signed_in
def get_minutes(request: HttpRequest, activity_id: int) -> dict | None:
    """会议记录和决定；还没有记录时为 null。"""
    return _minutes(_readable(request, activity_id))


@router.post("/activities/{activity_id}/minutes", response=MinutesOut, summary="做会议记录")
@needs("activities.hold")
def record_minutes(request: HttpRequest, activity_id: int, body: MinutesIn) -> dict | None:
    """写会议记录，签字确认以前可以再写；每次保存的都留着。"""
    activity = queries.get_for(request.actor, activity_id)
    actions.record_minutes(
        activity=activity, by=request.actor, notes=body.notes, text=body.text, seen=body.seen,
        decisions=[one.dict() for one in body.decisions],
    )  # fmt: skip
    return _minutes(activity)


@router.post("/activities/{activity_id}/minutes/draft", response=DraftOut, summary="存草稿")
@needs("activities.hold")
def save_draft(request: HttpRequest, activity_id: int, body: MinutesIn) -> dict:
    """把写了一半的记录存为自己的草稿，不改会议记录。"""
    activity = queries.get_for(request.actor, activity_id)
    rows = [{**one.dict(), "due_on": one.due_on.isoformat() if one.due_on else None} for one in body.decisions]
    notes = [
        {"point": point, "note": body.notes[n] if n < len(body.notes) else ""}
        for n, point in enumerate(activity.agenda)
    ]
    content: drafts.Content = {"notes": notes, "text": body.text, "decisions": rows}
    kept = actions.save_draft(activity=activity, content=content, seen=body.seen or 0, by=request.actor)
    return {"saved_at": kept.saved_at, "seen": kept.seen, "content": kept.payload}


@router.delete("/activities/{activity_id}/minutes/draft", response=TakenOut, summary="放弃草稿")
@needs("activities.hold")
def drop_draft(request: HttpRequest, activity_id: int) -> dict:
    """扔掉自己的草稿；`taken` 为 1 表示确有草稿。"""
    activity = queries.get_for(request.actor, activity_id)
    return {"taken": int(actions.drop_draft(activity=activity, by=request.actor))}


@router.get("/activities/{activity_id}/voting", response=StandingOut | None, summary="表决条件")
@needs("activities.hold")
def voting(request: HttpRequest, activity_id: int) -> dict | None:
    """按现在的签到情况，能不能表决、要多少票通过；不表决的活动为 null。"""
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require("activities.hold", activity.org)
    standing = votes.standing_of(activity)
    return {**standing._asdict(), "rule": standing.rule.id, "words": standing.words} if standing else None


@router.post("/activities/{activity_id}/decisions", response=DecisionOut, summary="提出议题")
@needs("activities.hold")
def propose(request: HttpRequest, activity_id: int, body: ProposalIn) -> dict:
    """写下要表决的议题；同样的文字是同一项。"""
    activity = queries.get_for(request.actor, activity_id)
    one = actions.propose(activity=activity, text=body.text, by=request.actor)
    return {"id": one.pk, "text": one.text, "problem": "", "owner": one.owner_id, "due_on": one.due_on, "point": one.point,
            "vote": None}  # fmt: skip


@router.post("/activities/{activity_id}/decisions/{decision_id}/vote", response=VoteOut, summary="记表决结果")
@needs("activities.hold")
def record_vote(request: HttpRequest, activity_id: int, decision_id: int, body: VoteIn) -> dict | None:
    """记举手表决的票数；票数不够不能记为通过。"""
    activity = queries.get_for(request.actor, activity_id)
    return _vote(actions.record_vote(activity=activity, decision=decision_id, by=request.actor, **body.dict()))


@router.post("/activities/{activity_id}/decisions/{decision_id}/poll", response=PollOut, summary="无记名投票")
@needs("activities.hold")
def start_poll(request: HttpRequest, activity_id: int, decision_id: int) -> dict:
    """把一项决定交付无记名投票。"""
    activity = queries.get_for(request.actor, activity_id)
    return {"poll": actions.start_poll(activity=activity, decision=decision_id, by=request.actor).pk}


@router.post("/activities/{activity_id}/poll-results", response=TakenOut, summary="记入投票结果")
@needs("activities.hold")
def take_results(request: HttpRequest, activity_id: int) -> dict:
    """把已宣布的投票结果记入决定。"""
    activity = queries.get_for(request.actor, activity_id)
    return {"taken": actions.take_results(activity=activity, by=request.actor)}


@router.post("/activities/{activity_id}/particulars", response=ParticularsIn, summary="会议要素")
@needs("activities.hold")
def set_particulars(request: HttpRequest, activity_id: int, body: ParticularsIn) -> dict:
    """题目、主讲人、领誓人；这种活动要哪几项由政策包定。"""
    activity = queries.get_for(request.actor, activity_id)
    meeting = actions.set_particulars(activity=activity, by=request.actor, **body.dict())
    lecturer = queries.lecturer_of(activity)
    return {"topic": meeting.topic, "oath_leader": meeting.oath_leader_id,
            "lecturer": lecturer.person_id if lecturer else None}  # fmt: skip


@router.post("/activities/{activity_id}/delegate", response=DelegateIn, summary="委托主持")
@needs("activities.sign_off")
def delegate(request: HttpRequest, activity_id: int, body: DelegateIn) -> dict:
    """书记委托副书记或者委员主持这次会议。"""
    activity = queries.get_for(request.actor, activity_id)
    meeting = actions.delegate_chair(activity=activity, by=request.actor, **body.dict())
    return {"person": meeting.delegate_id, "reason": meeting.delegation_reason}


@router.post("/activities/{activity_id}/hold", response=TakenOut, summary="结束签到")
@needs("activities.hold")
def hold(request: HttpRequest, activity_id: int) -> dict:
    """会议开过了：没有到也没有请假的记为未到；答复实到人数。"""
    activity = actions.hold(activity=queries.get_for(request.actor, activity_id), by=request.actor)
    return {"taken": queries.tally(activity)["present"]}


@router.post("/activities/{activity_id}/reopen", response=TakenOut, summary="重新开放签到")
@needs("activities.hold")
def reopen(request: HttpRequest, activity_id: int, body: ReasonIn) -> dict:
    """签字确认以前重新开放签到；答复实到人数。"""
    activity = queries.get_for(request.actor, activity_id)
    actions.reopen(activity=activity, reason=body.reason, by=request.actor)
    return {"taken": queries.tally(activity)["present"]}


@router.get("/activities/{activity_id}/file", response=FileOut, summary="会议档案")
@signed_in
def get_file(request: HttpRequest, activity_id: int) -> dict:
    """从通知到议定事项落实；供组织者和上级组织。PDF 见页面。"""
    activity = queries.get_for(request.actor, activity_id)
    if not abilities(activity, request.actor, None).roster:
        raise Forbidden("会议档案只供组织者和上级组织查看。")
    found = dossier.file_of(activity)
    return {
        "id": activity.pk, "title": activity.title, "kind": activity.kind, "state": activity.state,
        "notified_at": found["notified_at"], "expected": found["expected_count"], "present": found["present_count"],
        **{f"people_{name}": [one.person_id for one in found[name]] for name in ("present", "excused", "absent")},
        "signed_by": activity.signed_by, "signed_at": activity.signed_at, "minutes": _minutes(activity),
        "follow_ups": [one.pk for one in found["follow_ups"]],
    }  # fmt: skip


# --- follow-ups -----------------------------------------------------------------------------------------------------
def _show(one: follow_ups.FollowUp) -> dict:
    return {
        "id": one.pk, "org": one.org_id, "activity": one.activity_id, "text": one.text, "owner": one.owner_id,
        "due_on": one.due_on, "state": one.state, "late": follow_ups.is_late(one, clock.today()), "done_on": one.done_on,
    }  # fmt: skip


@router.get("/follow-ups", response=Paged[FollowUpOut], summary="议定事项列表")
@signed_in
def list_follow_ups(
    request: HttpRequest, state: str | None = None, org: int | None = None, owner: int | None = None, late: bool = False,
    cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """自己负责的，以及所督办、所辖组织的。"""
    found = follow_ups.visible_to(request.actor)
    for name, value in (("state", state), ("org", org), ("owner", owner)):
        if value is not None:
            found = found.filter(**{name: value})
    if late:
        found = found.filter(state="open", due_on__lt=clock.today())
    return paged(found, cursor=cursor, limit=limit, show=_show, newest_first=True)


@router.get("/follow-ups/{follow_up_id}", response=FollowUpFullOut, summary="一件议定事项")
@signed_in
def get_follow_up(request: HttpRequest, follow_up_id: int) -> dict:
    """一件议定事项和办理经过。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return {**_show(one), "steps": follow_ups.steps_of([one])}


@router.post("/follow-ups/{follow_up_id}/done", response=FollowUpOut, summary="报告办结")
@signed_in
def report_done(request: HttpRequest, follow_up_id: int, body: NoteIn) -> dict:
    """责任人报告办结；督办的人可以代报。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.report_done(follow_up=one, note=body.note, by=request.actor))


@router.post("/follow-ups/{follow_up_id}/confirm", response=FollowUpOut, summary="确认办结")
@needs("activities.follow_up")
def confirm(request: HttpRequest, follow_up_id: int, body: ConfirmIn) -> dict:
    """确认办结。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.confirm(follow_up=one, note=body.note, by=request.actor))


@router.post("/follow-ups/{follow_up_id}/reopen", response=FollowUpOut, summary="退回重办")
@needs("activities.follow_up")
def send_back(request: HttpRequest, follow_up_id: int, body: NoteIn) -> dict:
    """没有办好，退回责任人。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.send_back(follow_up=one, note=body.note, by=request.actor))


@router.post("/follow-ups/{follow_up_id}/hand-over", response=FollowUpOut, summary="转交")
@needs("activities.follow_up")
def hand_over(request: HttpRequest, follow_up_id: int, body: HandOverIn) -> dict:
    """转给别人办。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.hand_over(follow_up=one, owner=body.owner, note=body.note, by=request.actor))


@router.post("/follow-ups/{follow_up_id}/extend", response=FollowUpOut, summary="延期")
@needs("activities.follow_up")
def extend(request: HttpRequest, follow_up_id: int, body: ExtendIn) -> dict:
    """延长时限。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.extend(follow_up=one, due_on=body.due_on, note=body.note, by=request.actor))


@router.post("/follow-ups/{follow_up_id}/strike", response=FollowUpOut, summary="撤销")
@needs("activities.follow_up")
def strike(request: HttpRequest, follow_up_id: int, body: NoteIn) -> dict:
    """不用再办。"""
    one = follow_ups.get_for(request.actor, follow_up_id)
    return _show(actions.strike(follow_up=one, note=body.note, by=request.actor))
