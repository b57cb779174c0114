"""Figures for a viewer: every published figure, with its value where a measure computes it, and a verdict."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.policy.schema import Figure
from gongjian.outlets.dashboards.measures import BY_ID, MEASURES, Asked, Measure
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation


@dataclass(frozen=True)
class Shown:
    """一项指标: the published line beside the value from the records. `verdict`: met, missed or unavailable."""

    id: str
    label: str
    unit: str
    published: str
    value: Decimal | None
    numerator: int | None
    denominator: int | None
    verdict: str
    measure: Measure | None


def node_for(actor: Actor, ident: str | None) -> Organisation:
    """The node that is asked about; by default the highest one over which the actor may see figures."""
    if ident:
        return orgs.get_for(actor, ident, permission="figures.view")
    highest = orgs.visible_to(actor, permission="figures.view").order_by("path").first()
    if highest is None:
        raise NotFound(_("您的可见范围内还没有组织。"))
    return highest


def day_for(text: str | None) -> dt.date:
    """The day that is asked about; today by default. Raises Invalid for what is no day, or one to come."""
    if not text:
        return clock.today()
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("日期应写成 2026-11-22 这样。"), field="on") from None
    if day > clock.today():
        raise Invalid(_("不能查看将来的指标。"), field="on")
    return day


def measure_for(ident: str) -> Measure:
    """A measure by its identity; NotFound if no room computes it yet."""
    if ident not in BY_ID:
        raise NotFound(_("没有这项指标，或者它还不能由记录算出。"))
    return BY_ID[ident]


def published(figure: Figure | None) -> str:
    """The published number as it was printed."""
    if figure is None:
        return ""
    if figure.range is not None:
        return f"{figure.range[0]}–{figure.range[1]}"
    return {"=": "", ">=": "≥ ", "~": "≈ ", "range": ""}[figure.op] + f"{figure.value}"


def verdict(figure: Figure | None, value: Decimal | None) -> str:
    """Whether the records bear out the published figure (figures.yaml says how exactly each must be met)."""
    if figure is None or value is None:
        return "unavailable"
    number = Decimal(str(value))
    if figure.op == "range":
        low, high = (Decimal(str(part)) for part in figure.range)
        met = low <= number <= high
    else:
        wanted = Decimal(str(figure.value))
        slack = Decimal(str(figure.tolerance or 0))
        met = number >= wanted if figure.op == ">=" else abs(number - wanted) <= slack
    return "met" if met else "missed"


def shown(measure: Measure | None, figure: Figure | None, asked: Asked) -> Shown:
    """One figure for one question."""
    value = found = of = None
    if measure is not None:
        found, of = measure.counts(asked)
        value = measure.value(asked) if measure.is_share else Decimal(found)
    # A published figure speaks of the whole city: below the root there is nothing to compare it with.
    compared = figure if asked.node.parent_id is None else None
    return Shown(
        id=measure.id if measure else figure.id, label=str(measure.label) if measure else figure.label,
        unit=str(measure.unit) if measure else figure.unit, published=published(figure), value=value,
        numerator=found, denominator=of, verdict=verdict(compared, value), measure=measure,
    )  # fmt: skip


def figures(asked: Asked) -> list[Shown]:
    """Every figure of the pack and every measure besides, those with a value first."""
    lines = {figure.id: figure for figure in policy.on(asked.day).figures}
    found = [shown(measure, lines.get(measure.id), asked) for measure in MEASURES]
    return found + [shown(None, figure, asked) for ident, figure in lines.items() if ident not in BY_ID]


def as_json(entry: Shown, *, link: str) -> dict[str, Any]:
    """The shape that the API gives."""
    return {
        "id": entry.id, "label": entry.label, "unit": entry.unit, "published": entry.published,
        "value": float(entry.value) if entry.value is not None else None, "numerator": entry.numerator,
        "denominator": entry.denominator, "verdict": entry.verdict,
        "definition": str(entry.measure.definition) if entry.measure else None, "rows": link if entry.measure else None,
    }  # fmt: skip
