import datetime as dt

from ninja import Field, Schema


class OrganisationOut(Schema):
    """组织."""

    id: int
    code: str = Field(description="组织代码，全市唯一")
    name: str
    short_name: str
    kind: str = Field(description="类型，见政策包 org_kinds")
    level: str
    parent: int | None = Field(None, description="隶属组织编号")
    territory: int | None = Field(None, description="属地组织编号；与隶属相同时为空")
    division_code: str
    trade: str
    unit_name: str
    credit_code: str
    urban: bool
    founded_on: dt.date
    dissolved_on: dt.date | None = None
    term_started_on: dt.date | None = None
    term_years: int | None = None
    member_count: int
    formal_count: int
    group_count: int


class NodeOut(Schema):
    """某日组织树的节点."""

    id: int
    parent: int | None = None
    name: str
    kind: str
    code: str
    depth: int


class FoundIn(Schema):
    """成立组织."""

    code: str
    name: str
    kind: str
    parent: int
    territory: int | None = None
    on: dt.date
    reason: str = ""
    short_name: str = ""
    unit_name: str = ""
    urban: bool = False


class DeedIn(Schema):
    """办理日期与事由."""

    on: dt.date
    reason: str = ""


class RenameIn(DeedIn):
    """更名."""

    name: str


class MoveIn(DeedIn):
    """调整隶属或属地."""

    parent: int
    territory: int | None = None


class MergeIn(DeedIn):
    """合并."""

    into: int
