"""One's own channels, and the outbox for those who keep it, over the API."""

import datetime as dt

from django.http import HttpRequest
from ninja import Field, Router, Schema

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.records.notices import actions, queries

router = Router(tags=["消息"])


class ChannelsOut(Schema):
    """接收方式; 邮箱是掩码."""

    outside: bool
    mail: bool
    sms: bool
    address: str
    quiet_begins: str
    quiet_ends: str


class ChannelsIn(Schema):
    """选定接收方式; 邮箱不填则不改."""

    outside: bool
    mail: bool = False
    sms: bool = False
    address: str = Field("", max_length=200)
    quiet_begins: str = Field("", max_length=5, description="如 21:00，须在政策包的范围内")
    quiet_ends: str = Field("", max_length=5)


class OutgoingOut(Schema):
    """待发消息; 不含收件人."""

    id: int
    channel: str
    form: str
    title: str
    state: str
    attempts: int
    due_at: dt.datetime
    sent_at: dt.datetime | None
    error: str


def _channels(row) -> dict:
    if row is None:
        quiet = policy.current().notices.quiet
        return {
            "outside": False, "mail": False, "sms": False, "address": "", "quiet_begins": quiet.begins,
            "quiet_ends": quiet.ends,
        }  # fmt: skip
    return {
        "outside": row.outside, "mail": row.mail, "sms": row.sms, "address": row.address_masked,
        "quiet_begins": row.quiet_begins, "quiet_ends": row.quiet_ends,
    }  # fmt: skip


def _outgoing(row) -> dict:
    return {field: getattr(row, field) for field in OutgoingOut.model_fields}


@router.get("/notices/channels", response=ChannelsOut, summary="我的接收方式")
@signed_in
def my_channels(request: HttpRequest) -> dict:
    """没有选过的，站外消息是关着的。"""
    return _channels(queries.choice_of(request.actor))


@router.put("/notices/channels", response=ChannelsOut, summary="选定接收方式")
@signed_in
def choose(request: HttpRequest, body: ChannelsIn) -> dict:
    """关掉 outside，就什么都不往外发。"""
    return _channels(actions.choose(by=request.actor, **body.dict()))


@router.get("/notices/outbox", response=Paged[OutgoingOut], summary="待发消息")
@needs("notices.manage")
def list_outbox(request: HttpRequest, state: str = "", cursor: str | None = None, limit: int = 50) -> dict:
    """站外消息的队列，可按状态筛选。"""
    rows = queries.outbox_for(request.actor)
    return paged(
        rows.filter(state=state) if state else rows, cursor=cursor, limit=limit, show=_outgoing, newest_first=True
    )


@router.post("/notices/outbox/{message_id}/again", response={204: None}, summary="重新发送")
@needs("notices.manage")
def send_again(request: HttpRequest, message_id: int) -> tuple:
    """只对发不出去的有效，再来一次不起变化。"""
    actions.send_again(by=request.actor, ids=[message_id])
    return 204, None
