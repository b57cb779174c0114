"""Shapes of the API."""

import datetime as dt
from typing import Any

from ninja import Schema


class AdmissionOut(Schema):
    """发展档案."""

    id: int
    person: int
    name: str
    org: int
    standing: str
    stage: str
    state: str
    step: int
    next_step: str | None
    who: str | None
    earliest_on: dt.date | None
    due_on: dt.date | None
    applied_on: dt.date
    admitted_on: dt.date | None
    full_on: dt.date | None


class StepOut(Schema):
    """步骤记录."""

    step: str
    number: int
    round: int
    state: str
    on: dt.date
    entered_later: bool
    warnings: list[str]


class AdmissionFull(AdmissionOut):
    """发展档案与步骤."""

    steps: list[StepOut]


class StartIn(Schema):
    """登记申请."""

    org: int
    name: str
    on: dt.date
    identity: str = ""
    birth_date: dt.date | None = None
    phone: str = ""
    work_unit: str = ""
    paper: bool = False
    evidence: str = ""
    source: str | None = None


class AdoptIn(Schema):
    """接续办理."""

    person: int
    evidence: str


class StepIn(Schema):
    """办一步."""

    step: str
    on: dt.date
    values: dict[str, Any] = {}
    reason: str = ""
    evidence: str = ""
    paper: bool = False
    not_passed: bool = False


class RedoIn(Schema):
    """重办一步."""

    step: str
    on: dt.date
    values: dict[str, Any] = {}
    reason: str = ""
    evidence: str = ""
    paper: bool = False


class ReasonIn(Schema):
    """原因."""

    reason: str


class ObserveIn(Schema):
    """记考察."""

    on: dt.date
    text: str
    kind: str = "observation"
    evidence: str = ""
    paper: bool = False


class EndIn(Schema):
    """终止."""

    kind: str
    reason: str
    on: dt.date | None = None


class MoveIn(Schema):
    """转支部."""

    to_code: str
    reason: str


class PoolIn(Schema):
    """队伍分析."""

    org: int
    year: int
    text: str


class PoolOut(Schema):
    """队伍分析."""

    year: int
    on: dt.date
    counts: dict[str, int]
    text: str


class MadeOut(Schema):
    """新记录的编号."""

    id: int
