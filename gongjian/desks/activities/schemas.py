"""Shapes of the API."""

import datetime as dt

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
