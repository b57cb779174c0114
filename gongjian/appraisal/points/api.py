"""Points over the API, with the same rights as the pages."""

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.explaining import Explained, explain
from gongjian.appraisal.points.schemas import EntryOut, MyPointsOut, OrganisationPointsOut, RankOut
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged

router = Router(tags=["积分"])


def _show(item: Explained) -> dict:
    return {
        "fact": item.entry.fact, "at": item.at, "what": item.what, "rule": item.entry.rule, "rule_title": item.rule,
        "text": item.text, "basis": item.basis, "dimension": item.dimension, "pack": item.pack,
        "deserved": item.entry.deserved, "points": item.points, "bound": item.bound, "withdrawn": item.withdrawn,
    }  # fmt: skip


@router.get("/points/mine", response=MyPointsOut, summary="我的积分")
@needs("points.view_own")
def my_points(request: HttpRequest) -> dict:
    """本人本月、本季度、本年的积分和各维度累计。"""
    person, now = request.actor.person, clock.periods_of(clock.today())
    scores = queries.scores_of("person", person, now)
    in_year = queries.total_of("person", person, now[2])
    return {
        "person": person, "month": scores[now[0]], "quarter": scores[now[1]], "year": scores[now[2]],
        "dimensions": [
            {"id": d.id, "title": d.title, "points": in_year.get(d.id, 0), "full": d.full}
            for d in policy.current().points.dimensions
        ],
    }  # fmt: skip


@router.get("/points/mine/ranks", response=list[RankOut], summary="我的名次")
@needs("points.view_own")
def my_ranks(request: HttpRequest, period: str = Query(None, description="2026-11、2026Q4 或 2026")) -> list[dict]:
    """本人在支部到全市各级的名次，仅本人可以读取。"""
    period = queries.period_or_refuse(period or clock.month_of(clock.today()))
    ranks = queries.ranks_of("person", request.actor.person, period)
    return [{"org": r.org.pk, "org_name": r.org.name, "rank": r.rank, "ties": r.ties, "of": r.of} for r in ranks]


@router.get("/people/{person}/points", response=Paged[EntryOut], summary="一名党员的积分明细")
@needs("points.view_own")
def entries_of_person(
    request: HttpRequest, person: int, period: str | None = None, cursor: str | None = None, limit: int = 50
) -> dict:
    """本人，或者有权查看的党员；最新计入的在前。"""
    found = queries.person_for(request.actor, person)
    return _entries(queries.entries_of("person", found.pk, period), cursor, limit)


@router.get("/organisations/{org}/points", response=Paged[EntryOut], summary="一个组织的积分明细")
@needs("points.view_orgs")
def entries_of_organisation(
    request: HttpRequest, org: int, period: str | None = None, cursor: str | None = None, limit: int = 50
) -> dict:
    """可见范围内一个组织的积分明细；最新计入的在前。"""
    found = queries.organisation_for(request.actor, org)
    return _entries(queries.entries_of("organisation", found.pk, period), cursor, limit)


def _entries(found, cursor: str | None, limit: int) -> dict:
    answer = paged(found, cursor=cursor, limit=limit, show=lambda entry: entry, newest_first=True)
    return {**answer, "items": [_show(item) for item in explain(answer["items"])]}


@router.get("/points/organisations", response=Paged[OrganisationPointsOut], summary="组织积分")
@needs("points.view_orgs")
def list_organisations(
    request: HttpRequest, period: str | None = None, kind: str = "", cursor: str | None = None, limit: int = 50
) -> dict:
    """可见范围内的组织和它们在一个时段的积分（默认本年），按编号排列。"""
    period = queries.period_or_refuse(period or clock.year_of(clock.today()))
    found = queries.organisations(request.actor, period, kind)
    return paged(
        found, cursor=cursor, limit=limit,
        show=lambda org: {"id": org.pk, "name": org.name, "kind": org.kind, "points": org.points},
    )  # fmt: skip
