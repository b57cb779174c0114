import datetime as dt

from ninja import Field, Schema


class MembershipOut(Schema):
    """党员身份."""

    org: int = Field(description="所在党支部编号")
    org_name: str
    group: int | None = None
    kind: str
    state: str
    joined_on: dt.date
    formal_on: dt.date | None = None
    mobile: bool


class PostOut(Schema):
    """任职."""

    id: int
    org: int
    post: str
    part_time: bool
    starts_on: dt.date


class PersonOut(Schema):
    """人员；受保护信息只给掩码."""

    id: int
    name: str
    sex: str
    ethnic: str
    birth_date: dt.date | None = None
    education: str
    identity: str = Field(description="掩码")
    phone: str = Field(description="掩码")
    address: str = Field(description="掩码")
    membership: MembershipOut | None = None
    posts: list[PostOut] = []


class UnmaskIn(Schema):
    """查看受保护信息."""

    field: str = Field(description="identity、phone 或 address")
    purpose: str = Field(description="用途，至少 4 个字，本人可见")


class UnmaskOut(Schema):
    """受保护信息全文."""

    field: str
    value: str


class RegisterIn(Schema):
    """登记人员."""

    org: int
    name: str
    identity: str = ""
    phone: str = ""
    address: str = ""
    sex: str = "9"
    ethnic: str = ""
    birth_date: dt.date | None = None
    education: str = ""
    work_unit: str = ""


class AdmitIn(Schema):
    """登记为党员."""

    org: int
    kind: str
    joined_on: dt.date
    formal_on: dt.date | None = None


class MoveIn(Schema):
    """转接组织关系."""

    to: int
    on: dt.date
    reason: str = ""


class AppointIn(Schema):
    """任职."""

    org: int
    post: str
    on: dt.date
    part_time: bool = False
    sending_unit: str = ""


class CircumstanceOut(Schema):
    """不计入应到情形；只给管理本支部党员信息的人和本人."""

    id: int
    kind: str
    starts_on: dt.date
    ends_on: dt.date | None = None
    evidence: str
    consented_by: str
    consented_on: dt.date | None = None


class CircumstanceIn(Schema):
    """登记不计入应到情形."""

    kind: str = Field(description="政策包 voting.circumstances 里的编号")
    starts_on: dt.date
    ends_on: dt.date | None = None
    evidence: str
    consented_by: str = ""
    consented_on: dt.date | None = None


class ConsentIn(Schema):
    """上级同意不计入应到."""

    consented_by: str
    consented_on: dt.date


class EndIn(Schema):
    """免职."""

    on: dt.date
    reason: str = ""
