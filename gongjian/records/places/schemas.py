import datetime as dt

from ninja import Field, Schema


class PlaceOut(Schema):
    """网格、小区、楼栋或服务中心."""

    id: int
    kind: str = Field(description="grid 网格、estate 小区、building 楼栋、centre 党群服务中心")
    code: str
    name: str
    community: int
    parent: int | None = None
    organisation: int | None = Field(None, description="覆盖它的党组织")
    setup: str = Field(description="alone 单独建、joint 联合建、assigned 社区兜底建")
    households: int
    area: int = Field(0, description="面积（平方米），没有登记的为 0")


class CoverageOut(Schema):
    """覆盖情况."""

    org: int
    name: str
    grids: int
    grids_covered: int
    estates: int
    estates_covered: int
    share: int | None = Field(None, description="覆盖率（%），没有网格和小区时为空")


class CoverIn(Schema):
    """党组织覆盖."""

    organisation: int
    setup: str
    on: dt.date
    units: int | None = None
