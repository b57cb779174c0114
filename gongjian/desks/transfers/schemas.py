"""Shapes of the API."""

import datetime as dt

from ninja import Field, Schema


class TransferOut(Schema):
    """组织关系转接."""

    id: int
    person: int | None
    name: str
    direction: str = Field(description="city 市内，out 转出市外，in 市外转入")
    from_org: int | None
    from_text: str
    to_org: int | None
    to_text: str
    reason: str
    state: str
    holder: int | None = Field(description="现在由哪个组织办理")
    due_on: dt.date | None
    serial: str = Field(description="介绍信编号；没有为空")
    expires_on: dt.date | None
    abilities: list[str] = Field([], description="您现在可以办理的事项")


class AskIn(Schema):
    """申请或发起; 市内填 `to`，市外填 `outside`."""

    to: int | None = None
    outside: str = Field("", max_length=200)
    reason: str = Field(max_length=40)
    note: str = Field("", max_length=300)


class StartIn(AskIn):
    """支部发起."""

    person: int
    dues_until: str = Field("", max_length=7)


class KeyInIn(Schema):
    """录入外来介绍信."""

    name: str = Field(max_length=60)
    identity: str = Field(max_length=30)
    phone: str = Field("", max_length=30)
    kind: str = Field(max_length=12)
    joined_on: dt.date
    formal_on: dt.date | None = None
    from_name: str = Field(max_length=200)
    serial: str = Field(max_length=120)
    issued_on: dt.date
    expires_on: dt.date
    dues_until: str = Field("", max_length=7)
    reason: str = Field("work", max_length=40)
    note: str = Field("", max_length=300)
    to: int


class DeedIn(Schema):
    """办理一步; 每一步用到的项不同，见操作说明."""

    answer: str = Field("", max_length=400, description="退回、不接收、裁定的理由")
    cause: str = Field("", max_length=40, description="不接收的事由")
    reason: str = Field("", max_length=200, description="重开、延期、停止、撤回的原因")
    text: str = Field("", max_length=400, description="异议")
    uphold: bool = False
    days: int | None = Field(None, ge=1, le=366, description="介绍信有效期（天）")
    accept: bool = Field(False, description="超过通常上限仍按此天数")
    to: int | None = Field(None, description="安排到哪个支部，或者补正后的去向")
    outside: str = Field("", max_length=200)
    on: dt.date | None = None
    receipt_by: str = Field("", max_length=200)
    dues_until: str = Field("", max_length=7)
    serial: str = Field("", max_length=120)
    issued_on: dt.date | None = None
    expires_on: dt.date | None = None
    note: str = Field("", max_length=300)


class StayOut(Schema):
    """流动党员."""

    id: int
    person: int
    name: str
    org: int
    since: dt.date
    host: int | None
    document: str
    state: str
    last_contact: dt.date


class StayIn(Schema):
    """流动党员登记."""

    person: int
    place: str = Field(max_length=60)
    abroad: bool = False
    since: dt.date
    back_by: dt.date | None = None
    contact: int | None = None
    host: int | None = None
    document: str = Field("", max_length=40)
    document_number: str = Field("", max_length=40)


class StayDeedIn(Schema):
    """对流动党员登记的办理."""

    on: dt.date | None = None
    stays_because: str = Field("", max_length=200)
    purpose: str = Field("", max_length=60, description="外出凭证的用途")
    reason: str = Field("", max_length=200, description="重开外出凭证的原因")
    year: int | None = None
    opinion: str = Field("", max_length=300)


class MemberDeedIn(Schema):
    """联系、失去联系、重新联系."""

    on: dt.date | None = None
    since: dt.date | None = None
    way: str = Field("", max_length=8)
    made: bool = True


class CaseOut(Schema):
    """党籍处理."""

    id: int
    person: int
    name: str
    org: int
    kind: str
    state: str
    meeting_on: dt.date | None
    approved_on: dt.date | None
    until: dt.date | None
    barred_until: dt.date | None


class ProposeIn(Schema):
    """提出党籍处理."""

    person: int
    kind: str = Field(max_length=40)
    finding: str = Field(max_length=500)
    until: dt.date | None = None


class CaseDeedIn(Schema):
    """决定、批准、不批准、不再提出、了结."""

    meeting_on: dt.date | None = None
    entitled: int = Field(0, ge=0)
    present: int = Field(0, ge=0)
    yes: int = Field(0, ge=0)
    no: int = Field(0, ge=0)
    abstain: int = Field(0, ge=0)
    on: dt.date | None = None
    number: str = Field("", max_length=60)
    answer: str = Field("", max_length=300)
    corrected: bool = False
