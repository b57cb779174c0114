"""Shapes of assessments over the API."""

import datetime as dt

from ninja import Field, Schema


class ListItemOut(Schema):
    """清单条目."""

    id: str
    title: str
    points: int
    records: str = Field(description="从记录核的要求；人工评分的为空")
    levels: list[dict] = Field(description="人工评分的各档：points、text")
    basis: str


class ListDimensionOut(Schema):
    """清单维度."""

    id: str
    title: str
    items: list[ListItemOut]


class StandardListOut(Schema):
    """标准清单."""

    id: str
    title: str
    of: str = Field(description="organisation 组织、estate 小区、centre 党群服务中心")
    dimensions: list[ListDimensionOut]
    bands: list[dict] = Field(description="结论：id、title、at_least（得分率）")
    basis: str


class AssessmentOut(Schema):
    """一次考评."""

    id: int
    standard: str
    org: int
    org_name: str
    place: int | None
    subject: str
    state: str
    opened_on: dt.date
    percent: int | None = Field(description="得分率（%）；告知之前，被考评的组织看不到")
    points: int | None
    full: int | None
    band: str
    object_until: dt.date | None
    recheck_on: dt.date | None
    lapses_on: dt.date | None


class ItemOut(Schema):
    """一条的情况."""

    item: str
    full: int
    points: int | None = Field(description="得分；还没有评、不一致、不适用的为空")
    applies: bool
    source: str = Field(description="records 记录、visit 走访、settled 商定；没有评的为空")
    note: str
    conflict: bool
    value: str = Field(description="记录里的值")
    facts: list[int] = Field(description="依据的事实编号")


class OpenIn(Schema):
    """开始考评."""

    standard: str
    subjects: list[int] = Field(description="组织、小区或服务中心的编号", max_length=500)


class NumberOut(Schema):
    """个数."""

    number: int


class MarkIn(Schema):
    """一条评分."""

    item: str
    points: int
    note: str = ""


class SelfIn(Schema):
    """自评."""

    marks: list[MarkIn]
    hand_in: bool = False


class VisitIn(Schema):
    """走访."""

    key: str = Field(description="这次走访的编号，由设备给；同一编号交两次不变", min_length=8, max_length=40)
    visited_on: dt.date
    marks: list[MarkIn]
    note: str = ""
    offline: bool = False


class VisitOut(Schema):
    """交回的走访."""

    new: bool
    conflicts: list[str] = Field(description="和别人的评分不一致的条目")


class ReasonIn(Schema):
    """原因；不要求原因的步骤可以不写."""

    reason: str = ""


class TextIn(Schema):
    """理由."""

    text: str


class AnswerIn(Schema):
    """答复异议."""

    text: str
    upheld: bool
