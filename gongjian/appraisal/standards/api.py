"""Standings over the API: where organisations stand, what is done about it, and urging."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.appraisal.standards import actions, queries
from gongjian.appraisal.standards.schemas import CaseOut, DutyOut, RemindIn, RemindOut, StandingOut
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
        "escalated_to": case.escalated_to_id, "closed_at": case.closed_at, "closed_how": case.closed_how,
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
