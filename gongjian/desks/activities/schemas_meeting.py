"""Shapes of the API of meetings: minutes, votes, follow-ups."""

import datetime as dt

from ninja import Field, Schema


class DecisionIn(Schema):
    """决定; 有 `id` 的是已有的那一项."""

    id: int | None = None
    text: str = Field(max_length=500)
    owner: int | None = None
    due_on: dt.date | None = None
    point: int | None = Field(None, ge=0, description="议程第几项，从 0 起")
    problem: str = Field("", max_length=300)


class MinutesIn(Schema):
    """会议记录; `seen` 是所依据的版本，别人先存过就会被拒绝."""

    notes: list[str] = []
    text: str = Field("", max_length=20000)
    decisions: list[DecisionIn] = []
    seen: int | None = None


class VoteOut(Schema):
    """表决结果."""

    method: str
    due: int = Field(description="应到会有表决权的人数")
    present: int
    yes: int
    no: int
    abstain: int
    written: int
    passed: bool
    words: str


class DecisionOut(Schema):
    """决定."""

    id: int
    text: str
    problem: str
    owner: int | None
    due_on: dt.date | None
    point: int | None
    vote: VoteOut | None


class MinutesOut(Schema):
    """会议记录."""

    version: int
    notes: list[dict]
    text: str
    decisions: list[DecisionOut]


class DraftOut(Schema):
    """草稿."""

    saved_at: dt.datetime
    seen: int
    content: dict


class StandingOut(Schema):
    """表决条件."""

    rule: str
    entitled: int
    present: int
    needs: int
    to_pass: int
    reached: bool
    passable: bool
    words: str


class VoteIn(Schema):
    """举手表决的票数; `declared` 是会上宣布的结果，与票数不符会被拒绝."""

    yes: int = Field(ge=0)
    no: int = Field(0, ge=0)
    abstain: int = Field(0, ge=0)
    written: int = Field(0, ge=0)
    declared: bool | None = None


class ProposalIn(Schema):
    """议题."""

    text: str = Field(max_length=500)


class PollOut(Schema):
    """无记名投票."""

    poll: int


class TakenOut(Schema):
    """记入了几项投票结果."""

    taken: int


class ParticularsIn(Schema):
    """会议要素; 没有写的不变."""

    topic: str | None = Field(None, max_length=120)
    lecturer: int | None = None
    oath_leader: int | None = None


class DelegateIn(Schema):
    """委托主持."""

    person: int
    reason: str = Field(max_length=200)


class ReasonIn(Schema):
    """原因."""

    reason: str = Field(max_length=200)


class FileOut(Schema):
    """会议档案的主要内容."""

    id: int
    title: str
    kind: str
    state: str
    notified_at: dt.datetime | None
    expected: int
    present: int
    people_present: list[int]
    people_excused: list[int]
    people_absent: list[int]
    signed_by: int | None
    signed_at: dt.datetime | None
    minutes: MinutesOut | None
    follow_ups: list[int]


class StepOut(Schema):
    """办理经过."""

    kind: str
    note: str
    owner: int = Field(alias="owner_id")
    due_on: dt.date
    by: int | None
    at: dt.datetime


class FollowUpOut(Schema):
    """议定事项."""

    id: int
    org: int
    activity: int
    text: str
    owner: int
    due_on: dt.date
    state: str
    late: bool
    done_on: dt.date | None


class FollowUpFullOut(FollowUpOut):
    """议定事项和办理经过."""

    steps: list[StepOut]


class NoteIn(Schema):
    """说明."""

    note: str = Field(max_length=500)


class ConfirmIn(Schema):
    """确认时的说明，可以不写."""

    note: str = Field("", max_length=500)


class HandOverIn(NoteIn):
    """转交."""

    owner: int


class ExtendIn(NoteIn):
    """延期."""

    due_on: dt.date
