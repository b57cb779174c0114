"""Facts over the API: what happened, to whom, where, and its seal."""

import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.records.facts import queries, seal
from gongjian.records.facts.schemas import FactOut, ProofOut

router = Router(tags=["事实"])


def _show(fact) -> dict:
    return {
        "id": fact.pk, "kind": fact.kind, "at": fact.at, "recorded_at": fact.recorded_at, "by": fact.by,
        "person": fact.person, "org": fact.org, "object_kind": fact.object_kind, "object_id": fact.object_id,
        "quantity": fact.quantity, "data": fact.data, "source": fact.source, "corrects": fact.corrects,
    }  # fmt: skip


@router.get("/facts", response=Paged[FactOut], summary="事实列表")
@needs("facts.view")
def list_facts(
    request: HttpRequest, kind: str | None = Query(None, description="种类；以点结尾为前缀"), person: int | None = None,
    org: int | None = None, object_kind: str | None = None, object_id: str | None = None,
    since: dt.date | None = None, until: dt.date | None = None, cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的事实，最新的在前。"""
    found = queries.visible_to(request.actor)
    if kind:
        found = found.filter(kind__startswith=kind) if kind.endswith(".") else found.filter(kind=kind)
    for name, value in (("person", person), ("org", org), ("object_kind", object_kind), ("object_id", object_id)):
        if value is not None:
            found = found.filter(**{name: value})
    if since:
        found = found.filter(at__gte=clock.at_time(since))
    if until:
        found = found.filter(at__lt=clock.at_time(until) + dt.timedelta(days=1))
    return paged(found, cursor=cursor, limit=limit, show=_show, newest_first=True)


@router.get("/facts/{ident}", response=FactOut, summary="一条事实")
@needs("facts.view")
def get_fact(request: HttpRequest, ident: int) -> dict:
    """一条事实的全部内容。"""
    return _show(queries.get_for(request.actor, ident))


@router.get("/facts/{ident}/proof", response=ProofOut, summary="封存证明")
@needs("facts.view")
def get_proof(request: HttpRequest, ident: int) -> dict:
    """事实所在的封存与证明；尚未封存时 `sealed` 为 false。"""
    number, sealed = queries.seal_of(queries.get_for(request.actor, ident))
    if sealed is None:
        return {"sealed": False, "number": number, "proof": None}
    return {"sealed": True, "number": number, "proof": seal.prove(number, sealed).as_dict()}
