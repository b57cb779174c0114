"""Shapes of the API."""

import datetime as dt
from typing import Literal

from ninja import Field, Schema


class ActivityOut(Schema):
    """活动."""

    id: int
    org: int
    kind: str = Field(description="政策包里的活动种类")
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    place: str
    agenda: list[str]
    audience: str
    counts_for: str | None = Field(None, description="补开所补的一期")
    learning_minutes: int
    state: str
    expected: int = Field(description="应到；签字确认后固定")
    present: int = Field(description="实到；签字确认后固定")


class PlanIn(Schema):
    """安排活动; 不填的由活动种类给出."""

    org: int
    kind: str = Field(max_length=40)
    starts_at: dt.datetime = Field(description="带时区；不带时区按北京时间")
    ends_at: dt.datetime | None = None
    title: str = Field("", max_length=120)
    place: str = Field("", max_length=120)
    agenda: list[str] | None = None
    counts_for: str | None = Field(None, max_length=7)
    chosen: list[int] = []
    lecturer: int | None = None


class CheckInIn(Schema):
    """签到."""

    code: str = Field(max_length=40, description="组织者屏幕上的六位数字，或二维码里的码")


class CheckInOut(Schema):
    """签到结果; `first` 为 false 表示以前已经签到."""

    activity: int
    person: int
    at: dt.datetime
    first: bool


class AttendanceOut(Schema):
    """到会."""

    person: int
    name: str
    status: str
    role: str
    method: str
    checked_in_at: dt.datetime | None


class DeviceOut(Schema):
    """签到设备."""

    id: int
    title: str
    joined_at: dt.datetime | None = Field(None, description="配对时间；还没有配对为空")
    handed_at: dt.datetime | None = Field(None, description="最近交回时间")
    closed_at: dt.datetime | None = None
    skew_ms: int = Field(description="设备时钟比服务器快多少毫秒")
    handed: int = Field(0, description="已交回的条数")


class DeviceIn(Schema):
    """准备一台设备."""

    title: str = Field("", max_length=40)


class PairOut(Schema):
    """配对码，只在这里给出一次."""

    device: int
    secret: str
    minutes: int


class JoinIn(Schema):
    """设备配对."""

    secret: str = Field(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")
    clock_ms: int = Field(ge=-(2**52), le=2**52, description="设备时钟，1970年以来的毫秒")


class NameOut(Schema):
    """设备上的一个名字；`hint` 只在重名时有."""

    id: int
    name: str
    pinyin: str
    initials: str
    hint: str


class JoinOut(Schema):
    """设备配对的答复：令牌、名单和时钟偏差."""

    device: int
    token: str
    title: str
    org: str
    when: str
    until: dt.datetime
    skew_ms: int
    tolerance_seconds: int
    joined_ms: int
    next_number: int = Field(description="下一条记录的行号；这台设备以前交回过的之后")
    people: list[NameOut]


class TapIn(Schema):
    """设备上的一条记录."""

    number: int = Field(ge=1, le=10_000_000)
    person: int | None = Field(None, ge=1, le=2**62)
    name: str = Field("", max_length=60, pattern=r"^[^\x00]*$")
    deed: Literal["in", "out"]
    at_ms: int = Field(ge=-(2**52), le=2**52, description="设备时钟，1970年以来的毫秒")


class BatchIn(Schema):
    """交回的一批记录."""

    token: str = Field(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")
    clock_ms: int = Field(ge=-(2**52), le=2**52)
    rows: list[TapIn] = Field(max_length=5000)


class BatchOut(Schema):
    """交回的答复：每条记录的去向，和现在已到的人."""

    rows: dict[int, str] = Field(
        description="applied 已计入，waiting 等待开放签到，late 归档后待更正，stranger 名单外待确认，void 不计入，"
        "clash 行号重复，请换号再交"
    )
    present: list[int]
    at: dt.datetime


class RowOut(Schema):
    """等待处理的设备记录."""

    id: int
    device: int
    name: str
    person: int | None
    deed: str
    at: dt.datetime
    state: str


class PeopleIn(Schema):
    """人员编号."""

    people: list[int] = Field(max_length=5000)


class ReasonIn(Schema):
    """原因."""

    reason: str = Field(max_length=200)


class StrangerIn(Schema):
    """名单外的人是谁；不写 `person` 就是不计入，要写原因."""

    person: int | None = None
    reason: str = Field("", max_length=200)


class ExcuseIn(Schema):
    """请假."""

    reason: Literal["work", "ill", "away", "family", "other"]
    text: str = Field("", max_length=200)


class DecideIn(Schema):
    """审批请假."""

    approve: bool


class NumberOut(Schema):
    """办了几人."""

    number: int


class ExpectedOut(Schema):
    """应到的一个人及原因."""

    person: int
    name: str
    has_vote: bool
    counted: bool = Field(description="是否计入应到会；false 表示经会议通过可以不计入")
    why: str


class LeftOutIn(Schema):
    """不计入应到."""

    people: list[int] = Field(max_length=500)
    approval: str = Field(max_length=200, description="会议怎样通过的")
