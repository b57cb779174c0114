"""Assessments over the API: lists, where each stands, scoring, and the steps to a result."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.appraisal.assessments import actions, queries, schemas, wording
from gongjian.appraisal.assessments.permissions import may_assess
from gongjian.appraisal.assessments.states import ASSESSED, SELF, VISITING
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.policy.assessments_schema import StandardList

router = Router(tags=["标准化考评"])
STEPS = {
    "return-self": (actions.return_self, True), "assess": (actions.assess, False), "reopen": (actions.reopen, True),
    "tell": (actions.tell, False), "accept": (actions.accept, False), "revoke": (actions.revoke, True),
    "cancel": (actions.cancel, True),
}  # fmt: skip


def _told(row, actor) -> bool:
    """Whether the actor may know the result: from telling on, who assesses from the beginning."""
    if row.state in (SELF, VISITING):
        return False
    return row.state != ASSESSED or may_assess(actor, queries.entry_of(row), row.org, policy.current())


def _show(row, actor) -> dict:
    told = _told(row, actor)
    return {
        "id": row.pk, "standard": row.list, "org": row.org_id, "org_name": row.org.name, "place": row.place_id,
        "subject": row.subject, "state": row.state, "opened_on": row.opened_on, "percent": row.percent if told else None,
        "points": row.points if told else None, "full": row.full if told else None, "band": row.band if told else "",
        "object_until": row.object_until, "recheck_on": row.recheck_on, "lapses_on": row.lapses_on,
    }  # fmt: skip


def _list(entry: StandardList) -> dict:
    pack = policy.current()
    return {
        "id": entry.id, "title": entry.title, "of": entry.of, "basis": entry.basis,
        "bands": [{"id": band.id, "title": band.title, "at_least": band.at_least} for band in entry.bands],
        "dimensions": [
            {"id": dimension.id, "title": dimension.title, "items": [
                {"id": item.id, "title": item.title, "points": item.points, "basis": item.basis,
                 "records": wording.check(item.records, pack),
                 "levels": [{"points": level.points, "text": level.text} for level in item.levels]}
                for item in dimension.items
            ]}
            for dimension in entry.dimensions
        ],
    }  # fmt: skip


@router.get("/assessments/lists", response=list[schemas.StandardListOut], summary="标准清单")
@needs("assessments.view")
def lists(request: HttpRequest) -> list[dict]:
    """现行政策包的标准清单。"""
    return [_list(entry) for entry in policy.current().assessments.lists]


@router.get("/assessments", response=Paged[schemas.AssessmentOut], summary="考评")
@needs("assessments.view")
def list_assessments(
    request: HttpRequest, standard: str | None = None, org: int | None = None, place: int | None = None,
    state: Annotated[list[str] | None, Query(description="可重复")] = None, cursor: str | None = None, limit: int = 100,
) -> dict:  # fmt: skip
    """可见范围内的考评，新的在前。"""
    found = queries.visible_to(request.actor).select_related("org", "place")
    for name, value in (("list", standard), ("org", org), ("place", place)):
        if value is not None:
            found = found.filter(**{name: value})
    if state:
        found = found.filter(state__in=state)
    actor = request.actor
    return paged(found, cursor=cursor, limit=limit, show=lambda row: _show(row, actor), newest_first=True)


@router.post("/assessments", response={201: schemas.NumberOut}, summary="开始考评")
@needs("assessments.assess")
def open_many(request: HttpRequest, body: schemas.OpenIn) -> tuple:
    """对所列对象开始考评；已经在考评的不重复，答复新开始的个数。"""
    entry = queries.entry_named(body.standard)
    rows = list(queries.subjects_for(request.actor, entry).filter(pk__in=body.subjects))
    if len(rows) < len(set(body.subjects)):
        raise NotFound("有的对象没有找到，或者不在您的可见范围内。")
    return 201, {"number": actions.open_many(standard=entry.id, subjects=rows, by=request.actor)}


@router.get("/assessments/{ident}", response=schemas.AssessmentOut, summary="一次考评")
@signed_in
def get_one(request: HttpRequest, ident: int) -> dict:
    """一次考评的状态和结果。"""
    return _show(queries.get_for(request.actor, ident), request.actor)


@router.get("/assessments/{ident}/items", response=list[schemas.ItemOut], summary="逐条情况")
@signed_in
def get_items(request: HttpRequest, ident: int) -> list[dict]:
    """逐条的得分和依据；告知之前，被考评的组织看不到人工评的得分。"""
    row = queries.get_for(request.actor, ident)
    hidden = row.state == ASSESSED and not _told(row, request.actor)
    return [
        {
            "item": one.item.id, "full": one.full, "points": None if hidden else one.points, "applies": one.applies,
            "source": one.source, "note": "" if hidden else one.note, "conflict": one.conflict,
            "value": "" if one.found is None or one.found.value is None else str(one.found.value),
            "facts": list(one.found.facts) if one.found else [],
        }
        for one in queries.rows_of(row, clock.today())
    ]  # fmt: skip


def _given(marks: list[schemas.MarkIn]) -> dict[str, actions.Given]:
    return {mark.item: actions.Given(mark.points, mark.note) for mark in marks}


@router.put("/assessments/{ident}/self", response=schemas.AssessmentOut, summary="自评")
@needs("assessments.self")
def save_self(request: HttpRequest, ident: int, body: schemas.SelfIn) -> dict:
    """保存自评，或者交出。"""
    found = queries.get_for(request.actor, ident)
    done = actions.save_self(assessment=found, given=_given(body.marks), hand_in=body.hand_in, by=request.actor)
    return _show(done, request.actor)


@router.post("/assessments/{ident}/visits", response=schemas.VisitOut, summary="交回走访")
@needs("assessments.visit")
def hand_in(request: HttpRequest, ident: int, body: schemas.VisitIn) -> dict:
    """交回一次走访；同一编号交两次不变。"""
    told = actions.hand_in_visit(
        assessment=queries.visit_for(request.actor, ident), key=body.key, given=_given(body.marks), note=body.note,
        visited_on=body.visited_on, offline=body.offline, by=request.actor,
    )  # fmt: skip
    return {"new": told.new, "conflicts": told.conflicts}


@router.post("/assessments/{ident}/settle", response={204: None}, summary="商定一条")
@needs("assessments.assess")
def settle(request: HttpRequest, ident: int, body: schemas.MarkIn) -> tuple:
    """走访不一致或者没有人评的条目，由考评人商定，写明理由。"""
    found = queries.get_for(request.actor, ident)
    actions.settle(assessment=found, item=body.item, points=body.points, note=body.note, by=request.actor)
    return 204, None


@router.post("/assessments/{ident}/object", response={204: None}, summary="提出异议")
@needs("assessments.self")
def object_to(request: HttpRequest, ident: int, body: schemas.TextIn) -> tuple:
    """在异议期内写明理由。"""
    actions.object_to(assessment=queries.get_for(request.actor, ident), text=body.text, by=request.actor)
    return 204, None


@router.post("/assessments/{ident}/answer", response=schemas.AssessmentOut, summary="答复异议")
@needs("assessments.assess")
def answer(request: HttpRequest, ident: int, body: schemas.AnswerIn) -> dict:
    """成立的回到走访核查，不成立的结果随即生效。"""
    found = queries.get_for(request.actor, ident)
    return _show(actions.answer(assessment=found, by=request.actor, **body.dict()), request.actor)


@router.post("/assessments/{ident}/steps/{step}", response=schemas.AssessmentOut, summary="办理一步")
@signed_in
def take_step(request: HttpRequest, ident: int, step: str, body: schemas.ReasonIn) -> dict:
    """return-self 退回自评、assess 评定、reopen 重新核查、tell 告知、accept 确认、revoke 撤销结果、cancel 取消。"""
    if step not in STEPS:
        raise NotFound("没有这个步骤。")
    act, asks = STEPS[step]
    found = queries.get_for(request.actor, ident)
    return _show(act(assessment=found, by=request.actor, **({"reason": body.reason} if asks else {})), request.actor)
