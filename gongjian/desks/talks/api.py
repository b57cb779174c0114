"""Talks and anniversaries over the API; the private note is given to the two alone."""

import datetime as dt

from django.http import HttpRequest
from ninja import Field, Router, Schema

from gongjian.desks.talks import actions, queries
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.api import Paged, paged

router = Router(tags=["谈心谈话"])


class TalkOut(Schema):
    """本人的一次谈心谈话."""

    id: int
    other: int
    other_name: str
    on: dt.date
    form: str
    line: str
    note: str = Field(description="备注，只有两个人看得到")


class TalkIn(Schema):
    """记录."""

    other: int
    on: dt.date
    form: str = Field("face", description="face 面谈，visit 上门，phone 电话，video 视频")
    note: str = ""


class RowOut(Schema):
    """一位同志的谈话情况."""

    id: int
    name: str
    committee: bool
    talked: int
    missing: list[str]


class WishIn(Schema):
    """政治生日意愿."""

    card: bool
    listed: bool = False


class CardOut(Schema):
    """贺卡."""

    id: int
    person: int
    name: str
    day: dt.date
    years: int
    words: str
    sent_at: dt.datetime | None


class WordsIn(Schema):
    """寄语."""

    words: str


def _talk(talk, person: int) -> dict:
    other = talk.high if talk.low_id == person else talk.low
    return {
        "id": talk.pk, "other": other.pk, "other_name": other.name, "on": talk.on, "form": talk.form, "line": talk.line,
        "note": talk.note,
    }  # fmt: skip


def _card(card) -> dict:
    return {
        "id": card.pk, "person": card.person_id, "name": card.person.name, "day": card.day, "years": card.years,
        "words": card.words, "sent_at": card.sent_at,
    }  # fmt: skip


@router.get("/talks", response=Paged[TalkOut], summary="本人的谈心谈话")
@needs("talks.take_part")
def list_talks(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """只有本人参加的。"""
    person = request.actor.person
    return paged(
        queries.mine(request.actor),
        cursor=cursor,
        limit=limit,
        show=lambda talk: _talk(talk, person),
        newest_first=True,
    )


@router.post("/talks", response={201: TalkOut}, summary="记录谈心谈话")
@needs("talks.take_part")
def record(request: HttpRequest, body: TalkIn) -> tuple:
    """同样两个人同一天只记一次。"""
    made = actions.record(by=request.actor, **body.dict())
    return 201, _talk(queries.talk_for(request.actor, made.pk), request.actor.person)


@router.post("/talks/{talk_id}/withdraw", response={204: None}, summary="撤回谈心谈话")
@needs("talks.take_part")
def withdraw(request: HttpRequest, talk_id: int) -> tuple:
    """两个人都可以撤回。"""
    actions.withdraw(talk=queries.talk_for(request.actor, talk_id), by=request.actor)
    return 204, None


@router.get("/talks/matrix", response=list[RowOut], summary="谁谈过、还缺谁")
@needs("talks.view")
def matrix(request: HttpRequest, org: int | None = None) -> list[dict]:
    """一个支部今年的情况；不含谈话内容。"""
    rows = queries.matrix(queries.circle(queries.branch_for(request.actor, org)))
    return [{**row, "talked": len(row["talked"])} for row in rows]


@router.post("/birthday-wish", response={204: None}, summary="政治生日意愿")
@needs("talks.take_part")
def wish(request: HttpRequest, body: WishIn) -> tuple:
    """随时可以改；取消后未送出的贺卡一并删除。"""
    actions.wish(card=body.card, listed=body.listed, by=request.actor)
    return 204, None


@router.get("/birthday-cards", response=Paged[CardOut], summary="政治生日贺卡")
@needs("talks.cards")
def list_cards(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict:
    """所辖支部的贺卡，限于本人同意的。"""
    return paged(queries.cards_for(request.actor), cursor=cursor, limit=limit, show=_card, newest_first=True)


@router.post("/birthday-cards/{card_id}/words", response=CardOut, summary="修改寄语")
@needs("talks.cards")
def change_words(request: HttpRequest, card_id: int, body: WordsIn) -> dict:
    """送出之前。"""
    return _card(
        actions.change_words(card=queries.card_for(request.actor, card_id), words=body.words, by=request.actor)
    )


@router.post("/birthday-cards/{card_id}/send", response=CardOut, summary="送出贺卡")
@needs("talks.cards")
def send_card(request: HttpRequest, card_id: int) -> dict:
    """只送给本人。"""
    return _card(actions.send_card(card=queries.card_for(request.actor, card_id), by=request.actor))
