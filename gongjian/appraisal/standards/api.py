"""Standings over the API: where organisations stand, what is done about it, and urging."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.appraisal.standards import actions, queries
from gongjian.appraisal.standards.schemas import (
    AnswerIn,
    CaseOut,
    DutyOut,
    EndIn,
    ExcuseIn,
    ExcuseOut,
    MoratoriumIn,
    MoratoriumOut,
    ReasonIn,
    RemindIn,
    RemindOut,
    StandingOut,
)
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged

router = Router(tags=["达标"])


def _show(row) -> dict:
    return {
        "id": row.pk, "org": row.org_id, "org_name": row.org.name, "duty": row.duty, "period": row.period,
        "required": row.required, "done": row.done, "planned": row.planned, "state": row.state, "since": row.since,
        "due_on": row.due_on, "made_good_on": row.made_good_on, "pack_version": row.pack_version,
    }  # fmt: skip


def _show_case(case) -> dict:
    return {
        "id": case.pk, "org": case.org_id, "org_name": case.org.name, "duty": case.duty, "period": case.period,
        "due_on": case.due_on, "state": case.state, "opened_at": case.opened_at, "reminded_at": case.reminded_at,
        "reminders": case.reminders, "urged": case.urged, "escalated_at": case.escalated_at,
        "escalated_to": case.escalated_to_id, "steps": case.steps, "known_at": case.known_at,
        "known_above_at": case.known_above_at, "closed_at": case.closed_at, "closed_how": case.closed_how,
    }  # fmt: skip


@router.get("/standings", response=Paged[StandingOut], summary="达标情况")
@needs("standards.view")
def list_standings(
    request: HttpRequest, org: int | None = None,
    under: int | None = Query(None, description="此组织及其下级（隶属或属地）"), duty: str | None = None,
    period: str | None = Query(None, description="2026-11、2026Q4 或 2026"),
    state: Annotated[list[str] | None, Query(description="可重复")] = None, current: bool = Query(False, description="只要当前该办的"),
    cursor: str | None = None, limit: int = 100,
) -> dict:  # fmt: skip
    """可见范围内各组织各项规定动作的达标情况。"""
    found = queries.visible_to(request.actor).select_related("org")
    if under is not None:
        found = queries.below(found, queries.get_org(request.actor, under))
    if current:
        found = found.filter(queries.now_q(clock.today()))
    if state:
        found = found.filter(state__in=state)
    for name, value in (("org", org), ("duty", duty), ("period", period)):
        if value is not None:
            found = found.filter(**{name: value})
    return paged(found, cursor=cursor, limit=limit, show=_show)


@router.get("/standings/cases", response=Paged[CaseOut], summary="督办")
@needs("standards.view")
def list_cases(
    request: HttpRequest, org: int | None = None, state: str | None = None, cursor: str | None = None, limit: int = 100
) -> dict:
    """可见范围内的督办：提醒、上报和办结情况。"""
    found = queries.cases_visible_to(request.actor).select_related("org")
    for name, value in (("org", org), ("state", state)):
        if value is not None:
            found = found.filter(**{name: value})
    return paged(found, cursor=cursor, limit=limit, show=_show_case)


@router.post("/standings/remind", response=RemindOut, summary="督促")
@needs("standards.remind")
def remind(request: HttpRequest, body: RemindIn) -> dict:
    """督促所列事项中不达标和预警的；同一事项一天只督促一次。"""
    return actions.remind(standings=body.standings, by=request.actor)


@router.get("/standards/duties", response=list[DutyOut], summary="规定动作")
@needs("standards.view")
def list_duties(request: HttpRequest) -> list[dict]:
    """现行政策包公布的规定动作及依据。"""
    duties = sorted(policy.current().duties_on(clock.today()), key=lambda duty: duty.order)
    return [{name: getattr(duty, name) for name in DutyOut.model_fields} for duty in duties]


def _show_excuse(row) -> dict:
    return {name: getattr(row, name) for name in ExcuseOut.model_fields if name not in ("org", "org_name")} | {
        "org": row.org_id, "org_name": row.org.name,
    }  # fmt: skip


def _show_moratorium(row) -> dict:
    return {name: getattr(row, name) for name in MoratoriumOut.model_fields if name not in ("org", "org_name")} | {
        "org": row.org_id, "org_name": row.org.name,
    }  # fmt: skip


@router.get("/standings/excuses", response=Paged[ExcuseOut], summary="情况说明")
@needs("standards.view")
def list_excuses(
    request: HttpRequest, org: int | None = None, state: str | None = None, cursor: str | None = None, limit: int = 100
) -> dict:
    """可见范围内申请免除的情况说明和批复。"""
    found = queries.excuses_visible_to(request.actor)
    for name, value in (("org", org), ("state", state)):
        if value is not None:
            found = found.filter(**{name: value})
    return paged(found, cursor=cursor, limit=limit, show=_show_excuse)


@router.post("/standings/excuses", response=ExcuseOut, summary="申请免除")
@needs("standards.excuse")
def ask_excuse(request: HttpRequest, body: ExcuseIn) -> dict:
    """为本组织申请免除一个周期的一项规定动作，由上一级批复。"""
    org = queries.get_org(request.actor, body.org)
    row = actions.ask_excuse(org=org, duty=body.duty, period=body.period, reason=body.reason, by=request.actor)
    return _show_excuse(row)


@router.post("/standings/excuses/{excuse_id}/decide", response=ExcuseOut, summary="批复免除")
@needs("standards.decide")
def decide_excuse(request: HttpRequest, excuse_id: int, body: AnswerIn) -> dict:
    """批准或者不批准，都要写理由；申请人不能批复自己的申请。"""
    row = queries.excuse_for(request.actor, excuse_id)
    return _show_excuse(actions.decide_excuse(excuse=row, approve=body.approve, answer=body.answer, by=request.actor))


@router.post("/standings/excuses/{excuse_id}/withdraw", response=ExcuseOut, summary="撤回免除")
@needs("standards.view")
def withdraw_excuse(request: HttpRequest, excuse_id: int, body: ReasonIn) -> dict:
    """申请人撤回，或者上级撤销已批准的（须写理由）。"""
    row = queries.excuse_for(request.actor, excuse_id)
    return _show_excuse(actions.withdraw_excuse(excuse=row, reason=body.reason, by=request.actor))


@router.get("/standings/moratoria", response=Paged[MoratoriumOut], summary="暂缓")
@needs("standards.view")
def list_moratoria(request: HttpRequest, state: str | None = None, cursor: str | None = None, limit: int = 100) -> dict:
    """可见范围内的暂缓，以及覆盖到可见范围的。"""
    found = queries.moratoria_visible_to(request.actor)
    return paged(found.filter(state=state) if state else found, cursor=cursor, limit=limit, show=_show_moratorium)


@router.post("/standings/moratoria", response=MoratoriumOut, summary="提出暂缓")
@needs("standards.suspend")
def declare_moratorium(request: HttpRequest, body: MoratoriumIn) -> dict:
    """突发情况下提出一定范围暂缓，由另一人批准后生效。"""
    org = queries.get_org(request.actor, body.org)
    return _show_moratorium(actions.declare_moratorium(**body.dict() | {"org": org}, by=request.actor))


@router.post("/standings/moratoria/{moratorium_id}/decide", response=MoratoriumOut, summary="批复暂缓")
@needs("standards.suspend")
def decide_moratorium(request: HttpRequest, moratorium_id: int, body: AnswerIn) -> dict:
    """批准或者不批准；提出人不能批自己的。"""
    row = queries.moratorium_for(request.actor, moratorium_id)
    return _show_moratorium(
        actions.decide_moratorium(moratorium=row, approve=body.approve, answer=body.answer, by=request.actor)
    )


@router.post("/standings/moratoria/{moratorium_id}/end", response=MoratoriumOut, summary="提前结束暂缓")
@needs("standards.suspend")
def end_moratorium(request: HttpRequest, moratorium_id: int, body: EndIn) -> dict:
    """on 是新的止日，之后的周期恢复要求。"""
    row = queries.moratorium_for(request.actor, moratorium_id)
    return _show_moratorium(actions.end_moratorium(moratorium=row, on=body.on, by=request.actor))


@router.post("/standings/cases/{org_id}/{duty}/{period}/acknowledge", response=CaseOut, summary="知悉")
@needs("standards.view")
def acknowledge(request: HttpRequest, org_id: int, duty: str, period: str) -> dict:
    """被督促的组织或者所上报的上级表示已知悉，各一次。"""
    case = queries.case_for(request.actor, org_id, duty, period)
    return _show_case(actions.acknowledge(case=case, by=request.actor))
