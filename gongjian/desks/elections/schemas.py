import datetime as dt

from ninja import Field, Schema


class CandidateOut(Schema):
    """候选人."""

    person: int
    name: str
    written_in: bool
    elected_in: int | None = Field(None, description="第几轮当选")
    votes: int | None = None


class RoundOut(Schema):
    """轮次."""

    id: int
    number: int
    purpose: str
    seats: int
    poll: int = Field(description="投票编号，见 /polls")
    settled: bool
    annulled: str


class ContestOut(Schema):
    """选举项目."""

    id: int
    post: str
    seats: int
    electorate: str
    candidates: list[CandidateOut] = Field(description="按选票次序；批复之前只给组织者和上级")
    rounds: list[RoundOut]


class ElectionLine(Schema):
    """选举."""

    id: int
    org: int
    kind: str
    state: str
    meeting_on: dt.date
    held_on: dt.date | None = None
    confirmed_on: dt.date | None = None


class ElectionOut(ElectionLine):
    """选举，含各项目."""

    contests: list[ContestOut]


class PlanIn(Schema):
    """选举方案."""

    org: int
    kind: str = Field(description="term 换届，by 补选")
    meeting_on: dt.date
    committee_seats: int = 0
    secretary: bool = True
    deputies: int = 0
    reason: str = ""
    place: str = ""


class NoteIn(Schema):
    """批复."""

    note: str


class ReasonIn(Schema):
    """原因."""

    reason: str


class PeopleIn(Schema):
    """一些人."""

    people: list[int]


class TellerIn(Schema):
    """监票人、计票人."""

    electorate: str = Field("members", description="members 党员大会，committee 委员会会议")
    people: dict[int, str] = Field(description="人员 → chief、teller、counter")


class ConveneIn(Schema):
    """召开选举大会."""

    held_on: dt.date
    method_passed: bool


class StartIn(Schema):
    """开始一轮投票."""

    electronic: bool = True
    people: list[int] = []


class SettleIn(Schema):
    """确认一轮结果."""

    names: dict[str, int] = {}


class ReduceIn(Schema):
    """减少名额."""

    agreed: int


class ShiftIn(Schema):
    """请示延期."""

    until: dt.date
    reason: str


class ShiftAnswerIn(Schema):
    """答复延期."""

    approve: bool
    answer: str


class TermOut(Schema):
    """任期."""

    org: int
    ends_on: dt.date | None = None
    shifts: list[dict]
