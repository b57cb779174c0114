import datetime as dt

from ninja import Field, Schema


class PollOut(Schema):
    """投票."""

    id: int
    org: int
    title: str
    rule: str
    state: str
    secret: bool
    items: list[dict]
    options: list[dict]
    seats: int | None = None
    write_ins: bool
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    due: int = Field(description="应到会有表决权的人数")
    present: int
    handed_in: int = Field(description="已交票数，不含投了什么")
    can_vote: bool = Field(description="本人现在可以用手机投票")
    outcome: dict | None = Field(None, description="宣布之后的票数")
    sentence: str = ""


class BallotIn(Schema):
    """选票：事项 → 选项；没有写的事项按弃权."""

    choices: dict[str, str]
    write_ins: list[str] = []


class PeopleIn(Schema):
    """一些人."""

    people: list[int]
    present: bool = True


class PapersIn(Schema):
    """纸质票清点."""

    collected: int
    invalid: int = 0
    tallies: dict[str, dict[str, int]] = {}
    write_ins: dict[str, int] = {}
    tellers: str = ""


class OpinionIn(Schema):
    """书面意见."""

    person: int
    choices: dict[str, str]


class ReasonIn(Schema):
    """原因."""

    reason: str
