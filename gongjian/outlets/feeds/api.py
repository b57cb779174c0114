"""Calendar feeds over the API: one's own only."""

import datetime as dt
from typing import Literal

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema

from gongjian.ground.kernel.access import signed_in
from gongjian.outlets.feeds import actions, queries
from gongjian.records.orgs import queries as orgs

router = Router(tags=["日历订阅"])


class FeedOut(Schema):
    """日历订阅; `org` 为空是本人的活动."""

    id: int
    org: int | None = Field(None, alias="org_id")
    made_at: dt.datetime


class FeedIn(Schema):
    """开通订阅; `of` 写明是本人的还是某个组织的活动，是组织的要填 `org`."""

    of: Literal["me", "organisation"]
    org: int | None = Field(None, ge=1, le=2**62)


class RenewIn(Schema):
    """换地址; 写明知道旧地址随之失效."""

    drop_old: Literal[True]


class AddressOut(Schema):
    """订阅地址，只在这里给出一次."""

    id: int
    address: str


def _address(request: HttpRequest, ident: int, secret: str) -> dict:
    return {"id": ident, "address": request.build_absolute_uri(reverse("feeds:feed", args=[secret]))}


@router.get("/feeds", response=list[FeedOut], summary="我的日历订阅")
@signed_in
def list_feeds(request: HttpRequest) -> list:
    """本人开通的订阅；不给出地址，平台只留下它的指纹。"""
    return queries.feeds_of(request.actor)


@router.post("/feeds", response={201: AddressOut}, summary="开通日历订阅")
@signed_in
def open_feed(request: HttpRequest, body: FeedIn) -> tuple[int, dict]:
    """开通本人或某组织的活动订阅，给出私人地址。"""
    org = (
        orgs.get_for(request.actor, body.org or 0, permission="activities.view") if body.of == "organisation" else None
    )
    feed, secret = actions.open_feed(by=request.actor, org=org)
    return 201, _address(request, feed.pk, secret)


@router.post("/feeds/{feed_id}/renew", response=AddressOut, summary="更换订阅地址")
@signed_in
def renew(request: HttpRequest, feed_id: int, body: RenewIn) -> dict:
    """换一个地址，旧地址立即失效。"""
    feed = queries.feed_for(request.actor, feed_id)
    return _address(request, feed.pk, actions.renew_feed(feed=feed, by=request.actor))


@router.delete("/feeds/{feed_id}", response={204: None}, summary="停用日历订阅")
@signed_in
def close(request: HttpRequest, feed_id: int) -> tuple[int, None]:
    """停用一个订阅。"""
    actions.close_feed(feed=queries.feed_for(request.actor, feed_id), by=request.actor)
    return 204, None
