"""Points over the API, with the same rights as the pages."""

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.appraisal.points import actions, queries
from gongjian.appraisal.points.explaining import Explained, explain
from gongjian.appraisal.points.queries import appeals, closing, deciding
from gongjian.appraisal.points.queries.statement import statement
from gongjian.appraisal.points.schemas import (
    AppealIn,
    AppealOut,
    CloseOut,
    DecideIn,
    EntryOut,
    ExemptionIn,
    ExemptionOut,
    MyPointsOut,
    OrganisationPointsOut,
    RankOut,
    ReasonIn,
    StatementOut,
    TextIn,
    VerdictIn,
    VerdictOut,
)  # fmt: skip
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


# ---- the year, closed periods -------------------------------------------------------------------------------------------


@router.get("/points/mine/statement", response=StatementOut, summary="我的积分单")
@needs("points.view_own")
def my_statement(request: HttpRequest, year: str | None = None) -> dict:
    """本人一年的积分单：各期结账、类别、年度评定。仅本人可以读取。"""
    year = deciding.year_or_refuse(year or clock.year_of(clock.today()))
    found = statement(request.actor.person, year)
    row = found["row"]
    return {
        "year": year, "class_id": row.described.id if row.described else "",
        "class_title": row.described.title if row.described else "", "scored": row.scored,
        "points": row.measured.points, "of": row.measured.of,
        "lines": [
            {**line, "closed_on": line["close"].closed_on if line["close"] else None} for line in found["lines"]
        ],
        "verdict": row.verdict.verdict if row.verdict else "", "verdict_reasons": row.verdict.reasons if row.verdict else "",
    }  # fmt: skip


def _close(row) -> dict:
    return {
        "id": row.pk, "org": row.org_id, "period": row.period, "closed_on": row.closed_on, "open_until": row.open_until,
        "posted": row.posted, "reopened": row.reopened_at is not None, "reason": row.reason,
    }  # fmt: skip


@router.get("/points/closes", response=Paged[CloseOut], summary="结账")
@needs("points.view_orgs")
def list_closes(request: HttpRequest, period: str = "", cursor: str | None = None, limit: int = 50) -> dict:
    """可见范围内支部的结账，最新的在前。"""
    found = closing.visible_to(request.actor)
    found = found.filter(period=queries.period_or_refuse(period)) if period else found
    return paged(found, cursor=cursor, limit=limit, show=_close, newest_first=True)


@router.post("/points/closes/{close}/reopen", response=CloseOut, summary="重开")
@needs("points.manage")
def reopen(request: HttpRequest, close: int, body: ReasonIn) -> dict:
    """写明原因；几天后自动重新结账。"""
    return _close(actions.reopen(close=close, reason=body.reason, by=request.actor))


# ---- appeals ------------------------------------------------------------------------------------------------------------


def _appeal(row) -> dict:
    return {
        "id": row.pk, "org": row.org_id, "period": row.close.period, "fact": row.fact, "rule": row.rule, "on": row.on,
        "text": row.text, "state": row.state, "raised_at": row.raised_at, "due_on": row.due_on,
        "first_reasons": row.first_reasons, "second_reasons": row.second_reasons, "correction": row.correction,
        "working_days": row.working_days,
    }  # fmt: skip


@router.get("/points/appeals/mine", response=Paged[AppealOut], summary="我的申诉")
@needs("points.view_own")
def my_appeals(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """本人提出的。"""
    return paged(appeals.of_person(request.actor), cursor=cursor, limit=limit, show=_appeal, newest_first=True)


@router.post("/points/appeals", response={201: AppealOut}, summary="提出申诉")
@needs("points.view_own")
def raise_appeal(request: HttpRequest, body: AppealIn) -> tuple:
    """公示期内；同一件事再提是同一件申诉。"""
    return 201, _appeal(actions.raise_appeal(by=request.actor, **body.dict()))


@router.post("/points/appeals/{appeal}/withdraw", response={204: None}, summary="撤回申诉")
@needs("points.view_own")
def withdraw_appeal(request: HttpRequest, appeal: int) -> tuple:
    """决定之前，由本人撤回。"""
    actions.withdraw(appeal=appeal, by=request.actor)
    return 204, None


@router.post("/points/appeals/{appeal}/escalate", response=AppealOut, summary="提请上级复核")
@needs("points.view_own")
def escalate(request: HttpRequest, appeal: int, body: TextIn) -> dict:
    """支部复核没有成立的，在期限内提请一次；上级的决定是最终决定。"""
    return _appeal(actions.escalate(appeal=appeal, text=body.text, by=request.actor))


@router.get("/points/appeals", response=Paged[AppealOut], summary="申诉")
@needs("points.review_appeals")
def list_appeals(request: HttpRequest, state: str = "", cursor: str | None = None, limit: int = 50) -> dict:
    """所辖支部的申诉。"""
    found = appeals.visible_to(request.actor)
    found = found.filter(state=state) if state else found
    return paged(found, cursor=cursor, limit=limit, show=_appeal, newest_first=True)


@router.post("/points/appeals/{appeal}/decide", response=AppealOut, summary="作出申诉决定")
@needs("points.review_appeals")
def decide(request: HttpRequest, appeal: int, body: DecideIn) -> dict:
    """记分人、申诉人和初次复核的人不能办理；成立的同时记录更正。"""
    return _appeal(actions.decide(appeal=appeal, by=request.actor, **body.dict()))


# ---- exemptions and verdicts --------------------------------------------------------------------------------------------


def _exemption(row) -> dict:
    return {
        "id": row.pk, "person": row.person_id, "org": row.org_id, "starts_on": row.starts_on, "ends_on": row.ends_on,
        "approved": row.approved_by is not None, "refused": row.refused_at is not None, "ended_on": row.ended_on,
    }  # fmt: skip


@router.get("/points/exemptions", response=Paged[ExemptionOut], summary="评定豁免")
@needs("points.exempt")
def list_exemptions(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """所辖支部的豁免；理由不经接口给出。"""
    return paged(deciding.exemptions(request.actor), cursor=cursor, limit=limit, show=_exemption, newest_first=True)


@router.post("/points/exemptions", response={201: ExemptionOut}, summary="登记豁免")
@needs("points.exempt")
def request_exemption(request: HttpRequest, body: ExemptionIn) -> tuple:
    """由另一人批准以后生效。"""
    return 201, _exemption(actions.request_exemption(by=request.actor, **body.dict()))


@router.post("/points/exemptions/{exemption}/approve", response=ExemptionOut, summary="批准豁免")
@needs("points.exempt")
def approve_exemption(request: HttpRequest, exemption: int) -> dict:
    """登记人和本人不能批准。"""
    return _exemption(actions.approve_exemption(exemption=exemption, by=request.actor))


@router.post("/people/{person}/points/verdicts/{year}", response=VerdictOut, summary="年度评定")
@needs("points.verdict")
def give_verdict(request: HttpRequest, person: int, year: str, body: VerdictIn) -> dict:
    """由支部委员会作出并写明理由；系统不按分数代为选择。"""
    row = actions.give_verdict(person=person, year=deciding.year_or_refuse(year), by=request.actor, **body.dict())
    return {
        "person": row.person_id, "year": row.year, "verdict": row.verdict, "reasons": row.reasons, "points": row.points,
        "given_at": row.given_at,
    }  # fmt: skip
