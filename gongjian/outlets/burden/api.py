"""The burden over the API: of the city by role, and one's own week. Counts, never anybody's screen time."""

import datetime as dt

from django.http import HttpRequest
from ninja import Router, Schema

from gongjian.ground.kernel.access import needs, signed_in
from gongjian.outlets.burden import queries

router = Router(tags=["负担计"])


class GaugeOut(Schema):
    """一个角色一周的一项; each 是平均每人."""

    role: str
    week: dt.date
    measure: str
    each: float
    budget: int


class MineOut(Schema):
    """本周系统向我要的."""

    since: dt.date
    messages: int
    fields: int
    uploads: int
    minutes: int


@router.get("/burden", response=list[GaugeOut], summary="各角色每周的负担")
@needs("burden.view")
def burden(request: HttpRequest) -> list[dict]:
    """最近若干整周，平均每人，与预算对照。"""
    queries.check_city(request.actor)
    last = queries.weeks_shown()[-1]
    return [
        {"role": role.role, "week": monday, "measure": gauge.measure, "each": each, "budget": gauge.budget}
        for role in queries.city(last)
        for gauge in role.gauges
        for monday, each, _height in gauge.trend
    ]


@router.get("/burden/mine", response=MineOut, summary="本周系统向我要了什么")
@signed_in
def mine(request: HttpRequest) -> dict:
    """从星期一到现在，只有本人的。"""
    found = queries.mine(request.actor)
    return {"since": found.since, **{measure: getattr(found.load, measure) for measure in queries.TITLES}}
