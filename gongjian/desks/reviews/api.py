"""The yearly appraisal over the API: the same permissions as the pages; what was said of whom is not given out here."""

import datetime as dt

from django.http import HttpRequest
from ninja import Field, Router, Schema

from gongjian.desks.reviews import actions, queries
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.records.orgs import queries as orgs

router = Router(tags=["民主评议"])


class ReviewOut(Schema):
    """民主评议."""

    id: int
    org: int
    year: str
    state: str
    rating_until: dt.date
    poll: int | None
    closed_at: dt.datetime | None
    members: int = Field(description="参加评议的人数")
    self_rated: int = Field(description="已交自评的人数")
    grades: dict[str, int] = Field(description="各等次人数；评定之后才有")


class OpenIn(Schema):
    """开始."""

    org: int
    year: str = ""
    rating_until: dt.date | None = None
    meeting: str = Field("", description="所属会议，如 activity:12")


class SelfIn(Schema):
    """自评."""

    text: str
    grade: str = ""


class PeerIn(Schema):
    """对一位党员的互评."""

    member: int
    grade: str = ""
    text: str = ""


class MemberOut(Schema):
    """参加评议的党员."""

    id: int
    person: int
    name: str
    graded: bool
    self_rated: bool
    grade: str | None = Field(None, description="等次；未评定为 null，不评定为空")
    reason: str


class VerdictIn(Schema):
    """一位党员的评定."""

    member: int
    grade: str | None = None
    reason: str = ""


class CloseIn(Schema):
    """评定并告知."""

    over_cap_reason: str = ""


class CorrectIn(Schema):
    """更正."""

    grade: str
    reason: str = ""
    correction: str


class OwnOut(Schema):
    """本人的评议结果."""

    state: str
    graded: bool
    self_text: str
    self_grade: str
    grade: str | None
    reason: str
    acknowledged_at: dt.datetime | None


class ReasonIn(Schema):
    """原因."""

    reason: str


class DayIn(Schema):
    """日期."""

    on: dt.date


def _show(review) -> dict:
    numbers = queries.progress(review)
    titles = {title: grade for grade, title in queries.grade_titles(review).items()}
    return {
        "id": review.pk, "org": review.org_id, "year": review.year, "state": review.state, "poll": review.poll_id,
        "rating_until": review.rating_until, "closed_at": review.closed_at, "members": numbers["members"],
        "self_rated": numbers["selves"], "grades": {titles[word]: number for word, number in queries.summary(review)},
    }  # fmt: skip


def _member(row) -> dict:
    return {
        "id": row.pk, "person": row.person_id, "name": row.person.name, "graded": row.graded,
        "self_rated": row.self_at is not None, "grade": row.grade, "reason": row.reason,
    }  # fmt: skip


@router.get("/reviews", response=Paged[ReviewOut], summary="民主评议列表")
@signed_in
def list_reviews(
    request: HttpRequest, year: str | None = None, org: int | None = None, cursor: str | None = None, limit: int = 20
) -> dict:
    """所辖支部的民主评议，和本人参加的。"""
    found = queries.visible_to(request.actor).select_related("org")
    if year is not None:
        found = found.filter(year=year)
    if org is not None:
        found = found.filter(org=org)
    return paged(found, cursor=cursor, limit=min(limit, 50), show=_show, newest_first=True)


@router.post("/reviews", response={201: ReviewOut}, summary="开始民主评议")
@needs("reviews.run")
def open_review(request: HttpRequest, body: OpenIn) -> tuple:
    """一个支部一年一次。"""
    org = orgs.get_for(request.actor, body.org, permission="reviews.run")
    made = actions.open_review(
        org=org, by=request.actor, year=body.year, rating_until=body.rating_until, meeting=body.meeting
    )
    return 201, _show(made)


@router.get("/reviews/{review_id}", response=ReviewOut, summary="一次民主评议")
@signed_in
def get_review(request: HttpRequest, review_id: int) -> dict:
    """进度；评定之后有各等次人数。"""
    return _show(queries.get_for(request.actor, review_id))


@router.get("/reviews/{review_id}/mine", response=OwnOut, summary="本人的评议")
@needs("reviews.take_part")
def own(request: HttpRequest, review_id: int) -> dict:
    """本人的自评；评定之后有本人的等次。"""
    row = queries.own_for(request.actor, review_id)
    told = row.review.state == "closed"
    return {
        "state": row.review.state, "graded": row.graded, "self_text": row.self_text, "self_grade": row.self_grade,
        "grade": row.grade if told else None, "reason": row.reason if told else "", "acknowledged_at": row.acknowledged_at,
    }  # fmt: skip


@router.post("/reviews/{review_id}/self", response={204: None}, summary="交自评")
@needs("reviews.take_part")
def rate_self(request: HttpRequest, review_id: int, body: SelfIn) -> tuple:
    """测评开始之前可以再交，以最后一次为准。"""
    review = queries.get_for(request.actor, review_id)
    actions.rate_self(review=review, text=body.text, grade=body.grade, by=request.actor)
    return 204, None


@router.post("/reviews/{review_id}/peers", response={204: None}, summary="交互评")
@needs("reviews.take_part")
def rate_peers(request: HttpRequest, review_id: int, body: list[PeerIn]) -> tuple:
    """没有写的人不变；等次和意见都为空的，撤回原来的。"""
    review = queries.get_for(request.actor, review_id)
    actions.rate_peers(review=review, ratings={row.member: (row.grade, row.text) for row in body}, by=request.actor)
    return 204, None


@router.post("/reviews/{review_id}/acknowledge", response={204: None}, summary="知悉结果")
@needs("reviews.take_part")
def acknowledge(request: HttpRequest, review_id: int) -> tuple:
    """本人看过自己的结果。"""
    actions.acknowledge(review=queries.get_for(request.actor, review_id), by=request.actor)
    return 204, None


@router.get("/reviews/{review_id}/members", response=list[MemberOut], summary="评议名单与等次")
@needs("reviews.results")
def list_members(request: HttpRequest, review_id: int) -> list[dict]:
    """名单和等次；限于可以查看评议结果的人。"""
    review = queries.get_for(request.actor, review_id)
    request.actor.require("reviews.results", review.org)
    return [_member(row) for row in queries.taking_part(review)]


@router.post("/reviews/{review_id}/ballot", response=ReviewOut, summary="开始民主测评")
@needs("reviews.run")
def ballot(request: HttpRequest, review_id: int) -> dict:
    """无记名测评；投票在 /polls。"""
    return _show(actions.open_ballot(review=queries.get_for(request.actor, review_id), by=request.actor))


@router.post("/reviews/{review_id}/decide", response=ReviewOut, summary="进入评定")
@needs("reviews.run")
def begin_deciding(request: HttpRequest, review_id: int) -> dict:
    """测评结果宣布之后。"""
    return _show(actions.begin_deciding(review=queries.get_for(request.actor, review_id), by=request.actor))


@router.post("/reviews/{review_id}/verdicts", response=list[MemberOut], summary="评定等次")
@needs("reviews.decide")
def decide(request: HttpRequest, review_id: int, body: list[VerdictIn]) -> list[dict]:
    """草稿，告知之前可以改。"""
    review = queries.get_for(request.actor, review_id)
    actions.decide(review=review, verdicts={row.member: (row.grade, row.reason) for row in body}, by=request.actor)
    return [_member(row) for row in queries.taking_part(review)]


@router.post("/reviews/{review_id}/close", response=ReviewOut, summary="评定并告知")
@needs("reviews.decide")
def close(request: HttpRequest, review_id: int, body: CloseIn) -> dict:
    """分别告知本人；流动党员的结果反馈给原支部。"""
    review = queries.get_for(request.actor, review_id)
    return _show(actions.close(review=review, by=request.actor, over_cap_reason=body.over_cap_reason))


@router.post("/reviews/{review_id}/members/{member_id}/correct", response=MemberOut, summary="更正等次")
@needs("reviews.decide")
def correct(request: HttpRequest, review_id: int, member_id: int, body: CorrectIn) -> dict:
    """告知之后更正；原来的评定保留。"""
    review = queries.get_for(request.actor, review_id)
    row = queries.member_for(request.actor, review, member_id)
    return _member(actions.correct(review=review, member=row, by=request.actor, **body.dict()))


@router.post("/reviews/{review_id}/members/{member_id}/talk", response={204: None}, summary="评议后谈话")
@needs("reviews.decide")
def follow_up(request: HttpRequest, review_id: int, member_id: int, body: DayIn) -> tuple:
    """只记日期。"""
    review = queries.get_for(request.actor, review_id)
    row = queries.member_for(request.actor, review, member_id)
    actions.follow_up(review=review, member=row, on=body.on, by=request.actor)
    return 204, None


@router.post("/reviews/{review_id}/cancel", response=ReviewOut, summary="取消民主评议")
@needs("reviews.run")
def cancel(request: HttpRequest, review_id: int, body: ReasonIn) -> dict:
    """评定之前；同一年可以重新开始。"""
    return _show(actions.cancel(review=queries.get_for(request.actor, review_id), reason=body.reason, by=request.actor))
