"""Shapes of the API for planning."""

import datetime as dt

from ninja import Field, Schema


class CellOut(Schema):
    """一格: 一项规定动作在一个周期里的情况."""

    period: str
    state: str = Field(
        description="kept 已完成、made_good 已补开、planned 已安排、partly 还差、missing 缺、open 待安排、none 不适用"
    )
    required: int
    done: int
    planned: int
    activities: list[int]
    elsewhere: list[dt.date] = Field(description="其他事项完成的日期，如谈心谈话")


class RowOut(Schema):
    """一行: 一项规定动作."""

    duty: str
    title: str
    kind: str
    cells: list[CellOut]


class YearOut(Schema):
    """年度计划."""

    org: int
    year: int
    rows: list[RowOut]


class DraftOut(Schema):
    """建议的一项; 尚未写入."""

    kind: str
    starts_at: dt.datetime
    minutes: int
    with_others: bool = Field(description="与同一天的其他项连着开")
    warnings: list[str]


class EntryIn(Schema):
    """计划中的一项."""

    kind: str = Field(max_length=40)
    starts_at: dt.datetime = Field(description="带时区；不带时区按北京时间")
    minutes: int | None = Field(None, ge=10, le=1440)
    place: str = Field("", max_length=120)
    title: str = Field("", max_length=120)
    counts_for: str | None = Field(None, max_length=7)


class YearIn(Schema):
    """一次安排多项: 全部成功或全部不写."""

    org: int
    entries: list[EntryIn] = Field(max_length=200)
    key: str = Field(pattern=r"^[0-9A-Za-z-]{1,40}$", description="同一个 key 只安排一次")


class WarningOut(Schema):
    """提醒或冲突."""

    code: str
    text: str
    people: int
    blocks: bool


class SpanIn(Schema):
    """要检查冲突的时间地点."""

    org: int
    kind: str = Field(max_length=40)
    starts_at: dt.datetime
    minutes: int | None = Field(None, ge=10, le=1440)
    place: str = Field("", max_length=120)


class SeriesIn(Schema):
    """安排系列."""

    org: int
    kind: str = Field(max_length=40)
    form: str = Field(description="weekly、weekday_of_month 或 day_of_month")
    every: int = 1
    weekday: int = Field(5, description="1 为周一")
    nth: int = Field(1, description="1 到 4，-1 为最后一个")
    day: int = 1
    on_days_off: str = Field("next", description="next、previous、keep 或 skip")
    starts_on: dt.date
    until: dt.date
    hour: dt.time
    minutes: int | None = Field(None, ge=10, le=1440)
    title: str = Field("", max_length=120)
    place: str = Field("", max_length=120)
    agenda: list[str] | None = None


class SeriesOut(Schema):
    """系列."""

    id: int
    org: int
    kind: str
    title: str
    pattern: str
    starts_on: dt.date
    until: dt.date
    state: str
    activities: list[int]


class SeriesChangeIn(Schema):
    """修改还没开的各次; first 为空时全部."""

    title: str = Field("", max_length=120)
    hour: dt.time
    minutes: int = Field(ge=10, le=1440)
    place: str = Field("", max_length=120)
    agenda: list[str]
    first: dt.date | None = None
    reason: str = Field("", max_length=200)


class SeriesOtherwiseIn(Schema):
    """换规律."""

    first: dt.date
    form: str
    every: int = 1
    weekday: int = 5
    nth: int = 1
    day: int = 1
    on_days_off: str = "next"
    until: dt.date
    reason: str = Field(max_length=200)


class ReasonIn(Schema):
    """原因; 系列可从某次起."""

    reason: str = Field(max_length=200)
    first: dt.date | None = None


class RescheduleIn(Schema):
    """改期."""

    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    place: str | None = Field(None, max_length=120)
    reason: str = Field("", max_length=200)


class NumberOut(Schema):
    """人数或次数."""

    number: int


class ReplyIn(Schema):
    """回复."""

    answer: str = Field(description="come、away 或 online")
    note: str = Field("", max_length=100)


class ReplyOut(Schema):
    """某人的回复; answer 为空表示没有回复."""

    person: int
    name: str
    answer: str
    read: bool | None


class JoiningOut(Schema):
    """一个组织的联合开展."""

    id: int
    org: int
    org_name: str
    state: str
    counts_for: str | None
    expected: int | None
    present: int | None
    reason: str


class InviteIn(Schema):
    """邀请的组织代码."""

    codes: list[str] = Field(min_length=1, max_length=50)


class JointAnswerIn(Schema):
    """答复联合邀请."""

    counts_for: str | None = Field(None, max_length=7)
    reason: str = Field("", max_length=200)
