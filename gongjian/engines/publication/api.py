"""Publications over the API; posting is a deed of the room whose subject it is."""

from django.http import HttpRequest
from ninja import Router

from gongjian.engines.publication import actions, queries
from gongjian.engines.publication.schemas import AnswerIn, NoteIn, ObjectIn, ObjectionOut, PublicationOut, ReasonIn
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged

router = Router(tags=["公示"])


@router.get("/publications", response=Paged[PublicationOut], summary="公示列表")
@needs("publication.view")
def list_publications(
    request: HttpRequest, state: str | None = None, cursor: str | None = None, limit: int = 50
) -> dict:
    """本地、本支部正在公示的事项；办理人员还能看到已结束的。"""
    found = queries.visible_to(request.actor)
    if state is not None:
        found = found.filter(state=state)
    return paged(found, cursor=cursor, limit=limit, show=lambda row: _show(row), newest_first=True)


def _show(row: queries.Publication) -> dict:
    return {
        "id": row.pk, "org": row.org_id, "title": row.title, "intro": row.intro, "rows": row.rows, "state": row.state,
        "starts_on": row.starts_on, "working_days": row.working_days, "ends_on": row.ends_on, "result": row.result,
    }  # fmt: skip


@router.get("/publications/{publication_id}", response=PublicationOut, summary="一项公示")
@needs("publication.view")
def get_publication(request: HttpRequest, publication_id: int) -> dict:
    """一项公示；期满后只有办理人员能看到。"""
    return _show(queries.get_for(request.actor, publication_id))


@router.get("/publications/{publication_id}/objections", response=list[ObjectionOut], summary="异议列表")
@needs("publication.view")
def list_objections(request: HttpRequest, publication_id: int) -> list:
    """办理人员看到全部；其他人只看到自己提出的。"""
    return queries.objections_of(queries.get_for(request.actor, publication_id), request.actor)


@router.post("/publications/{publication_id}/objections", response=ObjectionOut, summary="提出异议")
@needs("publication.view")
def raise_objection(request: HttpRequest, publication_id: int, data: ObjectIn) -> object:
    """公示期内提出异议；同样的话再提一次仍是同一条。"""
    publication = queries.get_for(request.actor, publication_id)
    return actions.object_to(publication=publication, text=data.text, by=request.actor)


@router.post("/publications/{publication_id}/noted-objections", response=ObjectionOut, summary="登记异议")
@needs("publication.manage")
def note_objection(request: HttpRequest, publication_id: int, data: NoteIn) -> object:
    """登记来电、来访、来信提出的异议。"""
    publication = queries.get_for(request.actor, publication_id)
    return actions.note_objection(publication=publication, by=request.actor, **data.dict())


@router.post("/objections/{objection_id}/answer", response=ObjectionOut, summary="答复异议")
@needs("publication.manage")
def answer_objection(request: HttpRequest, objection_id: int, data: AnswerIn) -> object:
    """答复一条异议，并说明是否成立。"""
    objection = queries.objection_for(request.actor, objection_id)
    return actions.answer(objection=objection, answer=data.answer, upheld=data.upheld, by=request.actor)


@router.post("/publications/{publication_id}/close", response=PublicationOut, summary="结束公示")
@needs("publication.manage")
def close_publication(request: HttpRequest, publication_id: int) -> dict:
    """公示期满、异议都已答复后结束。"""
    return _show(actions.close(publication=queries.get_for(request.actor, publication_id), by=request.actor))


@router.post("/publications/{publication_id}/cancel", response=PublicationOut, summary="取消公示")
@needs("publication.manage")
def cancel_publication(request: HttpRequest, publication_id: int, data: ReasonIn) -> dict:
    """写明原因，取消公示。"""
    publication = queries.get_for(request.actor, publication_id)
    return _show(actions.cancel(publication=publication, reason=data.reason, by=request.actor))
