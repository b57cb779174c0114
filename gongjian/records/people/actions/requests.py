"""Deeds on requests to correct one's own record (个人信息保护法 46 条: 个人有权请求更正、补充)."""

import datetime as dt

from django.db import transaction

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.people.actions.particulars import home_of
from gongjian.records.people.models import CorrectionRequest
from gongjian.records.people.queries import get_for


@transaction.atomic
def ask_correction(*, by: Actor, field: str, wanted: str, at: dt.datetime | None = None) -> CorrectionRequest:
    """Ask that something in one's own record be put right (申请更正); the branch secretary decides, with reasons."""
    if by.person is None:
        raise Forbidden("请先登录。")
    if field not in dict(CorrectionRequest.FIELDS):
        raise Invalid("请选择要更正的项目。", field="field")
    if len(wanted.strip()) < 2:
        raise Invalid("请写明应当是什么、为什么。", field="wanted")
    if CorrectionRequest.objects.filter(person_id=by.person, field=field, state="waiting").exists():
        raise Refused("这一项您已经申请过，正在等待办理。", field="field")
    row = CorrectionRequest.objects.create(
        person_id=by.person,
        org_id=home_of(by.person),
        field=field,
        wanted=wanted.strip()[:500],
        asked_at=at or clock.now(),
    )
    facts.record(
        "person.correction_asked",
        by=by,
        at=at,
        person=by.person,
        org=row.org_id,
        obj=Ref.of("correction_request", row.pk),
        data={"field": field},
    )
    return row


@transaction.atomic
def answer_correction(
    *, request: CorrectionRequest, by: Actor, accepted: bool, answer: str, at: dt.datetime | None = None
) -> None:
    """Accept or decline a request, with reasons that the person reads; the correction itself is a deed of its own."""
    get_for(by, request.person_id, permission="people.manage")
    if len(answer.strip()) < 2:
        raise Invalid("请写明理由，本人可以看到。", field="answer")
    if by.person == request.person_id:
        raise Refused("不能答复自己的申请，请由上级组织或其他负责人办理。")
    done = CorrectionRequest.objects.filter(pk=request.pk, state="waiting").update(
        state="approved" if accepted else "rejected",
        answer=answer.strip()[:500],
        answered_by=by.person,
        answered_at=at or clock.now(),
    )
    if not done:
        raise Refused("这项申请已经答复。")
    facts.record(
        "person.correction_answered",
        by=by,
        at=at,
        person=request.person_id,
        org=request.org_id,
        obj=Ref.of("correction_request", request.pk),
        data={"field": request.field, "accepted": accepted, "reason": answer.strip()[:200]},
    )
