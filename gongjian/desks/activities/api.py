"""Activities over the API: read, plan, check in, sign off; the same permissions as the pages."""

import datetime as dt

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.activities import actions, queries
from gongjian.desks.activities.api_hall import router as hall
from gongjian.desks.activities.api_meeting import router as meetings
from gongjian.desks.activities.api_planning import router as planning
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.schemas import ActivityOut, AttendanceOut, CheckInIn, CheckInOut, PlanIn
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Forbidden
from gongjian.records.orgs import queries as orgs

router = Router(tags=["组织生活"])
router.add_router("", planning)
router.add_router("", hall)
router.add_router("", meetings)


def _show(activity) -> dict:
    if not hasattr(activity, "present"):
        queries.put_counts([activity])
    return {
        "id": activity.pk, "org": activity.org_id, "kind": activity.kind, "title": activity.title,
        "starts_at": activity.starts_at, "ends_at": activity.ends_at, "place": activity.place, "agenda": activity.agenda,
        "audience": activity.audience, "counts_for": activity.counts_for, "learning_minutes": activity.learning_minutes,
        "state": activity.state, "expected": activity.expected, "present": activity.present,
    }  # fmt: skip


def _aware(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.replace(tzinfo=clock.SHANGHAI) if moment is not None and moment.tzinfo is None else moment


@router.get("/activities", response=Paged[ActivityOut], summary="活动列表")
@needs("activities.view")
def list_activities(
    request: HttpRequest, kind: str | None = None, state: str | None = None, org: int | None = None,
    since: dt.date | None = None, until: dt.date | None = None, cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的活动，最近安排的在前；`since`、`until` 按活动日期，两端都算。"""
    found = queries.visible_to(request.actor)
    for name, value in (("kind", kind), ("state", state), ("org", org)):
        if value is not None:
            found = found.filter(**{name: value})
    if since:
        found = found.filter(starts_at__gte=clock.at_time(since))
    if until:
        found = found.filter(starts_at__lt=clock.at_time(until) + dt.timedelta(days=1))
    answer = paged(found, cursor=cursor, limit=limit, show=lambda activity: activity, newest_first=True)
    queries.put_counts(answer["items"])
    return {**answer, "items": [_show(activity) for activity in answer["items"]]}


@router.get("/activities/{activity_id}", response=ActivityOut, summary="一次活动")
@signed_in
def get_activity(request: HttpRequest, activity_id: int) -> dict:
    """一次活动：所辖组织的，或者自己在名单上的。"""
    return _show(queries.get_for(request.actor, activity_id))


@router.get("/activities/{activity_id}/attendance", response=Paged[AttendanceOut], summary="到会名单")
@needs("activities.view")
def list_attendance(request: HttpRequest, activity_id: int, cursor: str | None = None, limit: int = 100) -> dict:
    """到会名单；限于办理签到或可以查看人员的人。"""
    activity = queries.get_for(request.actor, activity_id)
    if not abilities(activity, request.actor, None).roster:
        raise Forbidden("到会名单只供组织者和上级组织查看。")
    return paged(
        queries.rows_of(activity), cursor=cursor, limit=limit,
        show=lambda row: {
            "person": row.person_id, "name": row.person.name, "status": row.status, "role": row.role, "method": row.method,
            "checked_in_at": row.checked_in_at,
        },
    )  # fmt: skip


@router.post("/activities", response={201: ActivityOut}, summary="安排活动")
@needs("activities.plan")
def plan_activity(request: HttpRequest, body: PlanIn) -> tuple[int, dict]:
    """安排一次活动。同一个 `Idempotency-Key` 只安排一次。"""
    actor, key = request.actor, request.headers.get("Idempotency-Key", "")
    org = orgs.get_for(actor, body.org, permission="activities.plan")
    activity = actions.plan(
        org=org, kind=body.kind, starts_at=_aware(body.starts_at), ends_at=_aware(body.ends_at), by=actor, title=body.title,
        place=body.place, agenda=body.agenda, counts_for=body.counts_for, chosen=body.chosen, lecturer=body.lecturer,
        source=f"api:{actor.user}:{key}"[:120] if key else None,
    )  # fmt: skip
    return 201, _show(activity)


@router.post("/activities/{activity_id}/check-in", response=CheckInOut, summary="签到")
@signed_in
def check_in(request: HttpRequest, activity_id: int, body: CheckInIn) -> dict:
    """本人签到。重复签到得到同样的答复，只记一次。"""
    return actions.check_in(activity_id=activity_id, by=_whole(request), code=body.code)._asdict()


@router.post("/activities/{activity_id}/sign-off", response=ActivityOut, summary="签字确认")
@needs("activities.sign_off")
def sign_off(request: HttpRequest, activity_id: int) -> dict:
    """签字确认并归档；活动须已召开、有记录、有人到会。"""
    activity = queries.get_for(request.actor, activity_id)
    return _show(actions.sign_off(activity=activity, by=request.actor))


def _whole(request: HttpRequest):
    """The actor, if a token may act for its owner here: its scope has to name the attending."""
    scopes = request.actor.token_scopes
    if scopes is not None and "activities.attend" not in scopes:
        raise Forbidden("这个令牌的范围不包括“参加活动”。")
    return request.actor
