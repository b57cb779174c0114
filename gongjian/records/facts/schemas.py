import datetime as dt
from typing import Any

from ninja import Field, Schema


class FactOut(Schema):
    """事实."""

    id: int
    kind: str = Field(description="种类，如 activity.attended")
    at: dt.datetime = Field(description="发生时间")
    recorded_at: dt.datetime = Field(description="记录时间")
    by: int | None = Field(None, description="经办人编号；系统办理时为空")
    person: int | None = Field(None, description="当事人编号")
    org: int | None = Field(None, description="组织编号")
    object_kind: str
    object_id: str
    quantity: int
    data: dict[str, Any]
    source: str = Field(description="来源，唯一")
    corrects: int | None = Field(None, description="更正的事实编号")


class ProofOut(Schema):
    """封存证明."""

    sealed: bool
    number: int | None = Field(None, description="在事实流中的序号")
    proof: dict[str, Any] | None = None
