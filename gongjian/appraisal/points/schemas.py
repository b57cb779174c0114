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


class StatementLineOut(Schema):
    """积分单的一期."""

    period: str
    points: int = Field(description="结账得分；未结账的为实时得分")
    closed_on: dt.date | None
    changed: int = Field(description="结账后的更正，计在下一期")


class StatementOut(Schema):
    """积分单."""

    year: str
    class_id: str
    class_title: str
    scored: bool
    points: int = Field(description="按类别计入的得分")
    of: int = Field(description="满分，不含奖励")
    lines: list[StatementLineOut]
    verdict: str = Field(description="年度评定，没有则为空；由支部委员会作出")
    verdict_reasons: str


class AppealIn(Schema):
    """提出申诉: fact 和 rule 指一条积分；漏记的只写 rule 和 on."""

    rule: str
    text: str
    fact: int | None = None
    on: dt.date | None = None
    evidence: str = ""


class TextIn(Schema):
    """理由."""

    text: str


class DecideIn(Schema):
    """申诉决定."""

    upheld: bool
    reasons: str
    remedy: str = Field("", description="成立时：withdraw 撤回这条记录，award 补记")
    points: int | None = Field(None, description="补记的分数")


class AppealOut(Schema):
    """申诉."""

    id: int
    org: int
    period: str
    fact: int | None
    rule: str
    on: dt.date
    text: str
    state: str
    raised_at: dt.datetime
    due_on: dt.date
    first_reasons: str
    second_reasons: str
    correction: int | None = Field(description="更正事实")
    working_days: int | None


class CloseOut(Schema):
    """结账."""

    id: int
    org: int
    period: str
    closed_on: dt.date
    open_until: dt.date = Field(description="公示和申诉截止")
    posted: bool
    reopened: bool
    reason: str


class ReasonIn(Schema):
    """原因."""

    reason: str


class ExemptionIn(Schema):
    """登记豁免."""

    person: int
    kind: str = Field(description="age、health、care、other")
    reason: str
    starts_on: dt.date
    ends_on: dt.date


class ExemptionOut(Schema):
    """豁免; 不含理由."""

    id: int
    person: int
    org: int
    starts_on: dt.date
    ends_on: dt.date
    approved: bool
    refused: bool
    ended_on: dt.date | None


class VerdictIn(Schema):
    """年度评定."""

    verdict: str
    reasons: str
    correction: str = Field("", description="更正已有评定时必填")


class VerdictOut(Schema):
    """年度评定."""

    person: int
    year: str
    verdict: str
    reasons: str
    points: int = Field(description="当时的得分，仅供参考")
    given_at: dt.datetime
