import datetime as dt
from typing import Annotated

from ninja import Field, Schema


class StandingOut(Schema):
    """达标情况."""

    id: int
    org: int
    org_name: str
    duty: str = Field(description="规定动作编号，见 /standards/duties")
    period: str = Field(description="月 2026-11、季度 2026Q4 或年 2026")
    required: int
    done: int
    planned: int
    state: str = Field(
        description="kept 已达标 · on_track 进行中 · at_risk 预警 · short 不达标 · made_good 已补 · waived 已免除 · on_hold 暂缓"
    )
    since: dt.date
    due_on: dt.date
    made_good_on: dt.date | None
    pack_version: str


class CaseOut(Schema):
    """督办."""

    id: int
    org: int
    org_name: str
    duty: str
    period: str
    due_on: dt.date
    state: str = Field(description="open 督促中 · escalated 已上报 · closed 已办结")
    opened_at: dt.datetime
    reminded_at: dt.datetime | None
    reminders: int
    urged: int
    escalated_at: dt.datetime | None
    escalated_to: int | None
    steps: int = Field(description="上报到第几级")
    known_at: dt.datetime | None
    known_above_at: dt.datetime | None
    closed_at: dt.datetime | None
    closed_how: str


class DutyOut(Schema):
    """规定动作."""

    id: str
    title: str
    text: str
    applies_to: list[str]
    needs: str
    per: str
    times: int
    warn_days_before: int
    escalate_after_working_days: int
    basis: str


class RemindIn(Schema):
    """督促哪些达标情况."""

    standings: list[Annotated[int, Field(ge=1, le=2**62)]] = Field(min_length=1, max_length=500)


class RemindOut(Schema):
    """督促的结果."""

    urged: int = Field(description="这次督促的项数")
    already: int = Field(description="今天已经督促过的项数")
    reached: int = Field(description="通知到的人数")


class ExcuseIn(Schema):
    """申请免除."""

    org: int
    duty: str = Field(max_length=60)
    period: str = Field(max_length=7, description="2026-11、2026Q4 或 2026")
    reason: str = Field(max_length=1000)


class AnswerIn(Schema):
    """批复."""

    approve: bool
    answer: str = Field("", max_length=1000)


class ReasonIn(Schema):
    """理由."""

    reason: str = Field("", max_length=1000)


class ExcuseOut(Schema):
    """情况说明."""

    id: int
    org: int
    org_name: str
    duty: str
    period: str
    reason: str
    state: str = Field(description="asked 待批 · approved 已批准 · refused 未批准 · withdrawn 已撤回")
    asked_at: dt.datetime
    decided_at: dt.datetime | None
    answer: str


class MoratoriumIn(Schema):
    """提出暂缓."""

    org: int
    duties: list[str] = Field(max_length=50)
    starts_on: dt.date
    ends_on: dt.date
    basis: str = Field(max_length=1000)


class EndIn(Schema):
    """提前结束."""

    on: dt.date


class MoratoriumOut(Schema):
    """暂缓."""

    id: int
    org: int
    org_name: str
    duties: list[str]
    starts_on: dt.date
    ends_on: dt.date
    basis: str
    state: str = Field(description="declared 待批 · approved 已批准 · refused 未批准")
    declared_at: dt.datetime
    decided_at: dt.datetime | None
    answer: str
