"""Organisations over the API."""

import datetime as dt

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records.orgs import actions, queries
from gongjian.records.orgs.schemas import DeedIn, FoundIn, MergeIn, MoveIn, NodeOut, OrganisationOut, RenameIn

router = Router(tags=["组织"])


def _show(org) -> dict:
    plain = (
        "id", "code", "name", "short_name", "kind", "level", "division_code", "trade", "unit_name", "credit_code", "urban",
        "founded_on", "dissolved_on", "term_started_on", "term_years", "member_count", "formal_count", "group_count",
    )  # fmt: skip
    return {key: getattr(org, key) for key in plain} | {"parent": org.parent_id, "territory": org.territory_id}


@router.get("/organisations", response=Paged[OrganisationOut], summary="组织列表")
@needs("orgs.view")
def list_organisations(
    request: HttpRequest, q: str = Query("", description="名称、拼音、首字母或代码"), kind: str | None = None,
    level: str | None = None, below: int | None = Query(None, description="隶属于此组织的整个子树"),
    dissolved: bool = False, cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的组织。"""
    found = queries.visible_to(request.actor, dissolved=dissolved)
    if below is not None:
        found = found.filter(subtree_q(queries.get_for(request.actor, below).path))
    for name, value in (("kind", kind), ("level", level)):
        if value:
            found = found.filter(**{name: value})
    if q.strip():
        found = found.filter(queries.matches(q))
    return paged(found, cursor=cursor, limit=limit, show=_show)


@router.get("/organisations/{ident}", response=OrganisationOut, summary="一个组织")
@needs("orgs.view")
def get_organisation(request: HttpRequest, ident: int) -> dict:
    """一个组织的资料。"""
    return _show(queries.get_for(request.actor, ident))


@router.get("/organisations/{ident}/tree", response=list[NodeOut], summary="某日的组织树")
@needs("orgs.view")
def get_tree(request: HttpRequest, ident: int, day: dt.date | None = None, depth: int = Query(3, ge=0, le=10)) -> list:
    """以此组织为根、某一天（默认今天）的隶属关系，先上级后下级。"""
    root = queries.get_for(request.actor, ident)
    return [
        {"id": node.org, "parent": node.parent, "name": node.name, "kind": node.kind, "code": node.code, "depth": node.depth}
        for node in queries.tree_as_of(day or clock.today(), root, depth=depth)
    ]  # fmt: skip


@router.post("/organisations", response={201: OrganisationOut}, summary="成立组织")
@needs("orgs.manage")
def found_organisation(request: HttpRequest, body: FoundIn) -> tuple[int, dict]:
    """在上级组织之下成立一个组织；层级由类型决定。"""
    parent = queries.get_for(request.actor, body.parent, permission="orgs.manage")
    territory = queries.get_for(request.actor, body.territory) if body.territory else None
    try:
        level = policy.current().org_kind(body.kind).level
    except policy.UnknownEntry:
        level = ""
    if body.kind in ("joint_committee", "alliance"):
        level = parent.level
    plain = body.model_dump(exclude={"parent", "territory"})
    return 201, _show(actions.found(by=request.actor, parent=parent, territory=territory, level=level, **plain))


def _managed(request: HttpRequest, ident: int):
    return queries.get_for(request.actor, ident, permission="orgs.manage")


@router.post("/organisations/{ident}/rename", response=OrganisationOut, summary="更名")
@needs("orgs.manage")
def rename_organisation(request: HttpRequest, ident: int, body: RenameIn) -> dict:
    """从生效日起使用新名称。"""
    org = _managed(request, ident)
    actions.rename(org=org, by=request.actor, **body.model_dump())
    return _show(org)


@router.post("/organisations/{ident}/move", response=OrganisationOut, summary="调整隶属或属地")
@needs("orgs.manage")
def move_organisation(request: HttpRequest, ident: int, body: MoveIn) -> dict:
    """连同全部下级一起调整。"""
    org, parent = _managed(request, ident), _managed(request, body.parent)
    territory = queries.get_for(request.actor, body.territory) if body.territory else None
    actions.move(org=org, by=request.actor, parent=parent, territory=territory, on=body.on, reason=body.reason)
    return _show(org)


@router.post("/organisations/{ident}/merge", response=OrganisationOut, summary="合并")
@needs("orgs.manage")
def merge_organisation(request: HttpRequest, ident: int, body: MergeIn) -> dict:
    """并入另一个同层级的组织；返回接收组织。"""
    org, into = _managed(request, ident), _managed(request, body.into)
    actions.merge(org=org, into=into, by=request.actor, on=body.on, reason=body.reason)
    return _show(queries.get_for(request.actor, into.pk))


@router.post("/organisations/{ident}/dissolve", response=OrganisationOut, summary="撤销")
@needs("orgs.manage")
def dissolve_organisation(request: HttpRequest, ident: int, body: DeedIn) -> dict:
    """撤销一个没有下级、没有党员的组织。"""
    org = _managed(request, ident)
    actions.dissolve(org=org, by=request.actor, on=body.on, reason=body.reason)
    return _show(org)
