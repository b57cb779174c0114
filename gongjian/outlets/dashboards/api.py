"""/figures: the figures and the rows behind each, with the same scope as the pages."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema

from gongjian.ground.kernel.access import needs
from gongjian.outlets.dashboards import queries
from gongjian.outlets.dashboards.measures import Asked

router = Router(tags=["指标"])


class FigureOut(Schema):
    """一项指标."""

    id: str
    label: str
    unit: str
    published: str
    value: float | None
    numerator: int | None
    denominator: int | None
    verdict: str
    definition: str | None
    rows: str | None


class FiguresOut(Schema):
    """全部指标."""

    org: int
    org_name: str
    on: str
    items: list[FigureOut]


class Question(Schema):
    """问哪个组织、哪一天."""

    org: int | None = None
    on: str | None = None


def _answer(request: HttpRequest, question: Question) -> Asked:
    node = queries.node_for(request.actor, str(question.org) if question.org else None)
    return Asked(request.actor, node, queries.day_for(question.on))


@router.get("/figures", response=FiguresOut, summary="指标、公布值与核对结果")
@needs("figures.view")
def figures(request: HttpRequest, question: Query[Question]) -> dict[str, Any]:
    """每项指标：标识、名称、由记录算出的值、公布值、单位、结论（met、missed、unavailable）和记录的地址。"""
    asked = _answer(request, question)
    at = f"?org={asked.node.pk}&on={asked.day}"
    return {
        "org": asked.node.pk, "org_name": asked.node.name, "on": asked.day.isoformat(),
        "items": [
            queries.as_json(entry, link=reverse("dashboards:rows", args=[entry.id]) + at)
            for entry in queries.figures(asked)
        ],
    }  # fmt: skip


@router.get("/figures/{ident}", response=FigureOut, summary="一项指标")
@needs("figures.view")
def figure(request: HttpRequest, ident: str, question: Query[Question]) -> dict[str, Any]:
    """一项指标的值、口径与记录的地址。"""
    asked = _answer(request, question)
    measure = queries.measure_for(ident)
    entry = next(found for found in queries.figures(asked) if found.id == measure.id)
    at = f"?org={asked.node.pk}&on={asked.day}"
    return queries.as_json(entry, link=reverse("dashboards:rows", args=[ident]) + at)
