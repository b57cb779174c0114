"""The shape of a pack's examples (算例): facts and meetings, and what must come of them."""

from typing import Literal

from gongjian.ground.policy.values import Day, FactKindName, FreeText, Id, Natural, Percent, Shape, Text, Whole


class ExampleFact(Shape):
    """算例中的事实: `id` names it within the example, so that another can correct it."""

    id: Id
    fact: FactKindName
    at: Day
    person: Natural | None = None
    org: Natural | None = None
    quantity: Whole = 1
    data: dict[Text, FreeText] = {}
    corrects: Id | None = None


class ExpectedPoints(Shape):
    """算例应得积分: all that one person or organisation gets from one rule in the example."""

    rule: Id
    person: Natural | None = None
    org: Natural | None = None
    points: Whole


class PointsExample(Shape):
    """积分算例: given these facts, in this order, exactly these points."""

    id: Id
    title: Text
    facts: tuple[ExampleFact, ...]
    expect: tuple[ExpectedPoints, ...]


class ExampleOrg(Shape):
    """算例中的组织."""

    kind: Id
    formal_count: Natural
    group_count: Natural = 0
    founded_on: Day | None = None
    dissolved_on: Day | None = None


class Occurrence(Shape):
    """算例中的一次活动. counts_for: the period it makes good, when that is not the one it falls in."""

    on: Day
    state: Literal["done", "planned", "withdrawn"]
    counts_for: FreeText = ""


class StandingExample(Shape):
    """达标算例: given this organisation and what it held, its standing for the period of `on`, seen on `today`."""

    id: Id
    title: Text
    duty: Id
    org: ExampleOrg
    on: Day
    today: Day
    occurrences: tuple[Occurrence, ...] = ()
    expect: Literal["kept", "on_track", "at_risk", "short", "made_good", "not_applicable"]


class ExpectedResult(Shape):
    """算例应有的结论."""

    percent: Percent
    band: Id


class AssessmentExample(Shape):
    """考评算例: given these points (items left out get none, those in `skip` do not apply), this result of a list."""

    id: Id
    title: Text
    list: Id
    earned: dict[Id, Natural]
    skip: tuple[Id, ...] = ()
    expect: ExpectedResult


class Examples(Shape):
    """算例: what `gongjian pack check` works out and compares."""

    points: tuple[PointsExample, ...] = ()
    standings: tuple[StandingExample, ...] = ()
    assessments: tuple[AssessmentExample, ...] = ()
