"""Grids, estates and coverage over the API."""

from django.http import HttpRequest
from ninja import Router

from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.records.orgs import queries as orgs
from gongjian.records.places import actions, queries
from gongjian.records.places.schemas import CoverageOut, CoverIn, PlaceOut

router = Router(tags=["网格与小区"])


def _show(place) -> dict:
    return {
        "id": place.pk, "kind": place.kind, "code": place.code, "name": place.name, "community": place.community_id,
        "parent": place.parent_id, "organisation": place.organisation_id, "setup": place.setup,
        "households": place.households, "area": place.area,
    }  # fmt: skip


@router.get("/places", response=Paged[PlaceOut], summary="网格与小区列表")
@needs("places.view")
def list_places(
    request: HttpRequest, kind: str | None = None, community: int | None = None, covered: bool | None = None,
    cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的网格、小区和楼栋。"""
    found = queries.visible_to(request.actor)
    if kind:
        found = found.filter(kind=kind)
    if community is not None:
        found = found.filter(community=community)
    if covered is not None:
        found = found.filter(queries.COVERED) if covered else found.exclude(queries.COVERED)
    return paged(found, cursor=cursor, limit=limit, show=_show)


@router.get("/places/coverage", response=list[CoverageOut], summary="覆盖情况")
@needs("places.view")
def get_coverage(request: HttpRequest) -> list[dict]:
    """可见的各社区、街道、城区的网格和小区覆盖数。"""
    return [
        {
            "org": row.org.pk, "name": row.org.name, "grids": row.totals["grid"], "grids_covered": row.covered["grid"],
            "estates": row.totals["estate"], "estates_covered": row.covered["estate"], "share": row.share,
        }
        for row in queries.coverage(request.actor)
    ]  # fmt: skip


@router.get("/places/{ident}", response=PlaceOut, summary="一个网格或小区")
@needs("places.view")
def get_place(request: HttpRequest, ident: int) -> dict:
    """一个网格、小区或楼栋。"""
    return _show(queries.get_for(request.actor, ident))


@router.post("/places/{ident}/cover", response=PlaceOut, summary="登记党组织覆盖")
@needs("places.manage")
def cover(request: HttpRequest, ident: int, body: CoverIn) -> dict:
    """以三种方式之一，由本社区的党组织覆盖。"""
    place = queries.get_for(request.actor, ident, permission="places.manage")
    org = orgs.get_for(request.actor, body.organisation)
    actions.cover(place=place, by=request.actor, **(body.model_dump() | {"organisation": org}))
    return _show(queries.get_for(request.actor, ident))
