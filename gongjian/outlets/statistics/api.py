"""The statistics over the API."""

import datetime as dt

from django.http import HttpRequest
from ninja import Field, Router, Schema

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Invalid
from gongjian.outlets.statistics import counting, queries

router = Router(tags=["党内统计"])


class RowOut(Schema):
    """统计表的一行."""

    id: str
    title: str
    formal: int
    probationary: int
    total: int


class TableOut(Schema):
    """统计表."""

    id: str
    title: str
    rows: list[RowOut]
    sums: RowOut


class NumberOut(Schema):
    """一个数."""

    id: str
    title: str
    number: int


class ReportOut(Schema):
    """党内统计."""

    org: int
    day: dt.date
    members: RowOut
    tables: list[TableOut]
    organisations: int
    kinds: list[NumberOut]
    levels: list[NumberOut]
    before: int = Field(description="上年末党员")
    flows: list[NumberOut]
    became_formal: int
    problems: list[str] = Field(description="互相核对不一致的地方；没有就是空的")


class MemberOut(Schema):
    """一格里的一个人."""

    person: int
    name: str
    org: int
    joined_on: dt.date
    formal_on: dt.date | None


def _day(day: dt.date | None) -> dt.date:
    if day is not None and day > clock.today():
        raise Invalid("统计日不能晚于今天。", field="day")
    return day or clock.today()


@router.get("/statistics", response=ReportOut, summary="党内统计")
@needs("people.view")
def report(request: HttpRequest, org: int | None = None, day: dt.date | None = None) -> dict:
    """一个组织（含下级）某一天的党员和组织统计；不指定组织时，是您可见范围里最高的一个。"""
    on = _day(day)
    found = queries.org_for(request.actor, str(org or ""))
    made = counting.report_of(found, on, policy.on(on))
    numbers = [{"id": i, "title": t, "number": n} for i, t, n in made.kinds]
    return {
        "org": found.pk, "day": on, "members": made.total, "tables": made.tables, "organisations": made.organisations,
        "kinds": numbers, "levels": [{"id": i, "title": t, "number": n} for i, t, n in made.levels],
        "before": made.year.before, "flows": made.year.flows, "became_formal": made.year.became_formal,
        "problems": made.problems,
    }  # fmt: skip


@router.get("/statistics/members", response=Paged[MemberOut], summary="统计格里的人")
@needs("people.view")
def cell(
    request: HttpRequest, org: int | None = None, day: dt.date | None = None, table: str = "", row: str = "", kind: str = "",
    cursor: str | None = None, limit: int = 100,
) -> dict:  # fmt: skip
    """一格里的人；`table` 如 sex、age，`row` 是行的编号，`kind` 是 formal 或 probationary。"""
    on = _day(day)
    found = counting.pick(
        queries.org_for(request.actor, str(org or "")), on, policy.on(on), table=table, row=row, kind=kind
    ).filter(queries.in_scope(request.actor)).select_related("person")  # fmt: skip
    return paged(found, cursor=cursor, limit=limit, show=lambda one: {
        "person": one.person_id, "name": one.person.name, "org": one.org_id, "joined_on": one.joined_on,
        "formal_on": one.formal_on,
    })  # fmt: skip
