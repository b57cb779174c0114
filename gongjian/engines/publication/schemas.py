"""Shapes of the API."""

import datetime as dt

from ninja import Schema


class PublicationOut(Schema):
    """公示."""

    id: int
    org: int
    title: str
    intro: str
    rows: list[dict[str, str]]
    starts_on: dt.date
    working_days: int
    ends_on: dt.date
    state: str
    result: str


class ObjectIn(Schema):
    """提出异议."""

    text: str


class NoteIn(Schema):
    """登记异议."""

    channel: str
    text: str
    teller: str = ""
    raised_on: dt.date | None = None


class AnswerIn(Schema):
    """答复."""

    answer: str
    upheld: bool


class ReasonIn(Schema):
    """原因."""

    reason: str


class ObjectionOut(Schema):
    """异议."""

    id: int
    channel: str
    text: str
    raised_on: dt.date
    state: str
    answer: str
    upheld: bool | None
