import datetime as dt

from ninja import Field, Schema


class DimensionOut(Schema):
    """维度得分."""

    id: str
    title: str
    points: int
    full: int


class MyPointsOut(Schema):
    """我的积分."""

    person: int
    month: int
    quarter: int
    year: int
    dimensions: list[DimensionOut] = Field(description="本年各维度累计与全年满分")


class EntryOut(Schema):
    """积分明细: one deed by one rule."""

    fact: int
    at: dt.datetime | dt.date
    what: str
    rule: str
    rule_title: str
    text: str
    basis: str
    dimension: str
    pack: str = Field(description="政策包版本")
    deserved: int = Field(description="按规则应计")
    points: int = Field(description="实计；已撤回为 0")
    bound: str = Field(description="封顶或下限的说明，没有则为空")
    withdrawn: str = Field(description="撤回的说明，没有则为空")


class RankOut(Schema):
    """名次."""

    org: int
    org_name: str
    rank: int
    ties: int = Field(description="同名次的人数，含本人")
    of: int = Field(description="这个时段有积分的人数")


class OrganisationPointsOut(Schema):
    """组织积分."""

    id: int
    name: str
    kind: str
    points: int
