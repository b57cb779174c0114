"""Admissions over the API: the same deeds, the same conditions and refusals as the pages."""

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.admissions import actions, queries
from gongjian.desks.admissions.registering import find_or_register
from gongjian.desks.admissions.schemas import (
    AdmissionFull,
    AdmissionOut,
    AdoptIn,
    EndIn,
    MadeOut,
    MoveIn,
    ObserveIn,
    PoolIn,
    PoolOut,
    ReasonIn,
    RedoIn,
    StartIn,
    StepIn,
)
from gongjian.ground import policy
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Invalid
from gongjian.records.orgs import queries as orgs

router = Router(tags=["发展党员"])


def _show(row: queries.Admission) -> dict:
    step = queries.next_step(row, policy.current().admissions)
    return {
        "id": row.pk, "person": row.person_id, "name": row.person.name, "org": row.org_id, "standing": row.standing,
        "stage": row.stage, "state": row.state, "step": row.step, "next_step": step.id if step else None,
        "who": step.who if step else None, "earliest_on": row.earliest_on, "due_on": row.due_on,
        "applied_on": row.applied_on, "admitted_on": row.admitted_on, "full_on": row.full_on,
    }  # fmt: skip


def _full(row: queries.Admission) -> dict:
    steps = [
        {"step": one.step, "number": one.number, "round": one.round, "state": one.state, "on": one.on,
         "entered_later": one.entered_later, "warnings": [w["id"] for w in one.warnings]}
        for one in queries.records_of(row, every=True)
    ]  # fmt: skip
    return {**_show(row), "steps": steps}


def _again(request: HttpRequest, pk: int) -> dict:
    return _full(queries.get_for(request.actor, pk))


@router.get("/admissions", response=Paged[AdmissionOut], summary="发展档案列表")
@needs("admissions.view")
def list_admissions(
    request: HttpRequest, stage: str | None = None, standing: str | None = None, state: str | None = None,
    org: int | None = None, cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """本支部、所辖支部的发展档案；自己的不在其中。"""
    found = queries.visible_to(request.actor).exclude(person=request.actor.person).select_related("person")
    for name, value in (("stage", stage), ("standing", standing), ("state", state), ("org", org)):
        if value is not None:
            found = found.filter(**{name: value})
    return paged(found, cursor=cursor, limit=limit, show=_show, newest_first=True)


@router.post("/admissions", response=AdmissionFull, summary="登记入党申请")
@needs("admissions.keep")
def start_admission(request: HttpRequest, data: StartIn) -> dict:
    """登记一份入党申请；已有的人按身份证号找到。"""
    values = data.dict()
    org = orgs.get_for(request.actor, values.pop("org"), permission="admissions.keep")
    return _full(find_or_register(org=org, by=request.actor, **values))


@router.post("/admissions/adopted", response=AdmissionFull, summary="接续办理预备党员")
@needs("admissions.keep")
def adopt_admission(request: HttpRequest, data: AdoptIn) -> dict:
    """系统启用以前接收的预备党员建档，从编入支部办起。"""
    member = queries.membership_for(request.actor, data.person)
    return _full(actions.adopt(person=member.person, by=request.actor, evidence=data.evidence))


@router.get("/admissions/{admission_id}", response=AdmissionFull, summary="一份发展档案")
@signed_in
def get_admission(request: HttpRequest, admission_id: int) -> dict:
    """一份档案和各步骤的日期；支部、上级党委和联系人可以看。"""
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/steps", response=AdmissionFull, summary="办一步")
@signed_in
def do_step(request: HttpRequest, admission_id: int, data: StepIn) -> dict:
    """办下一步；不能跳过，条件不符的说明依据。"""
    actions.do_step(admission=queries.get_for(request.actor, admission_id), by=request.actor, **data.dict())
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/steps/redo", response=AdmissionFull, summary="重办一步")
@needs("admissions.keep")
def redo_step(request: HttpRequest, admission_id: int, data: RedoIn) -> dict:
    """重新政审、更换联系人等；原来的记录留存。"""
    actions.redo_step(admission=queries.get_for(request.actor, admission_id), by=request.actor, **data.dict())
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/steps/withdraw", response=AdmissionFull, summary="撤回最后一步")
@signed_in
def withdraw_step(request: HttpRequest, admission_id: int, data: ReasonIn) -> dict:
    """撤回登记有误的最后一步，写明原因。"""
    actions.withdraw_step(admission=queries.get_for(request.actor, admission_id), reason=data.reason, by=request.actor)
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/publication", response=MadeOut, summary="发布公示")
@needs("admissions.keep")
def publish(request: HttpRequest, admission_id: int) -> dict:
    """为下一步发布公示，内容自动遮盖；返回公示编号。"""
    found = actions.publish(admission=queries.get_for(request.actor, admission_id), by=request.actor)
    return {"id": found.pk}


@router.post("/admissions/{admission_id}/poll", response=MadeOut, summary="开始投票")
@needs("admissions.keep")
def open_poll(request: HttpRequest, admission_id: int) -> dict:
    """为支部大会开始无记名投票；返回投票编号。"""
    found = actions.open_poll(admission=queries.get_for(request.actor, admission_id), by=request.actor)
    return {"id": found.pk}


@router.post("/admissions/{admission_id}/observations", response=MadeOut, summary="记考察")
@signed_in
def observe(request: HttpRequest, admission_id: int, data: ObserveIn) -> dict:
    """支部或者联系人记一次考察、一份思想汇报。"""
    found = actions.observe(admission=queries.get_for(request.actor, admission_id), by=request.actor, **data.dict())
    return {"id": found.pk}


@router.post("/admission-observations/{observation_id}/withdraw", response=MadeOut, summary="撤回考察记录")
@signed_in
def withdraw_observation(request: HttpRequest, observation_id: int) -> dict:
    """撤回记错的考察。"""
    row = queries.observation_for(request.actor, observation_id)
    actions.withdraw_observation(observation=row, by=request.actor)
    return {"id": row.pk}


@router.post("/admissions/{admission_id}/end", response=AdmissionFull, summary="终止")
@needs("admissions.keep")
def end_admission(request: HttpRequest, admission_id: int, data: EndIn) -> dict:
    """本人撤回、支部取消资格、去世等。"""
    actions.end(admission=queries.get_for(request.actor, admission_id), by=request.actor, **data.dict())
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/move", response=MadeOut, summary="转往其他支部")
@needs("admissions.keep")
def offer_move(request: HttpRequest, admission_id: int, data: MoveIn) -> dict:
    """转出发展档案，等对方接收。"""
    to = orgs.by_code(SYSTEM, data.to_code)
    if to is None:
        raise Invalid("没有找到这个党支部，请填写组织代码。", field="to_code")
    actions.offer_move(
        admission=queries.get_for(request.actor, admission_id), to=to, reason=data.reason, by=request.actor
    )
    return {"id": admission_id}


@router.post("/admissions/{admission_id}/accept", response=AdmissionFull, summary="接收发展档案")
@needs("admissions.keep")
def accept_move(request: HttpRequest, admission_id: int) -> dict:
    """接收转来的发展档案；培养教育时间连续计算。"""
    actions.accept_move(admission=queries.get_for(request.actor, admission_id), by=request.actor)
    return _again(request, admission_id)


@router.post("/admissions/{admission_id}/decline", response=MadeOut, summary="退回发展档案")
@needs("admissions.keep")
def decline_move(request: HttpRequest, admission_id: int, data: ReasonIn) -> dict:
    """退回转来的档案，或者收回还没有接收的。"""
    actions.decline_move(admission=queries.get_for(request.actor, admission_id), reason=data.reason, by=request.actor)
    return {"id": admission_id}


@router.get("/admission-pool-reviews", response=list[PoolOut], summary="积极分子队伍分析")
@needs("admissions.approve")
def list_pool_reviews(request: HttpRequest, org: int) -> list:
    """一个党委历年的队伍分析。"""
    return queries.pool_reviews(orgs.get_for(request.actor, org, permission="admissions.approve"))


@router.post("/admission-pool-reviews", response=PoolOut, summary="记一年的队伍分析")
@needs("admissions.approve")
def review_pool(request: HttpRequest, data: PoolIn) -> object:
    """每年一次。"""
    org = orgs.get_for(request.actor, data.org, permission="admissions.approve")
    return actions.review_pool(org=org, year=data.year, text=data.text, by=request.actor)
