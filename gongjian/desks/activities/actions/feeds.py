"""Calendar feeds (日历订阅): a private address is made, renewed and given up; whoever had the old one reads nothing more."""

import datetime as dt
import hashlib
import secrets

from django.db import transaction

from gongjian.desks.activities.models import CalendarFeed
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.ground.kernel.errors import Forbidden, NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation

CONTEXT = "calendar.feed"


def digest_of(secret: str) -> str:
    """What an address is found by: it has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def secret_of(feed: CalendarFeed) -> str:
    """The secret part of the address, for the page of its owner."""
    return decrypt(feed.secret, context=CONTEXT)


@transaction.atomic
def renew_feed(*, by: Actor, org: Organisation | None = None, at: dt.datetime | None = None) -> CalendarFeed:
    """Make a private address, or a new one in the place of the old (更换地址), for oneself or an organisation one sees."""
    if not by.person or by.kind != "person":
        raise Forbidden("请先登录。")
    if org is not None:
        by.require("activities.view", org)
    moment, secret = at or clock.now(), secrets.token_urlsafe(32)
    feed, _new = CalendarFeed.objects.update_or_create(
        person_id=by.person, org=org.pk if org else 0,
        defaults={"digest": digest_of(secret), "secret": encrypt(secret, context=CONTEXT), "renewed_at": moment},
    )  # fmt: skip
    facts.record(
        "calendar_feed.renewed", by=by, at=moment, person=by.person, org=org.pk if org else None,
        obj=Ref.of("calendar_feed", feed.pk),
    )  # fmt: skip
    return feed


@transaction.atomic
def stop_feed(*, by: Actor, ident: int | str, at: dt.datetime | None = None) -> None:
    """Give up one's own private address (停止订阅); NotFound for somebody else's."""
    try:
        feed = CalendarFeed.objects.select_for_update().filter(pk=ident, person=by.person).first()
    except (ValueError, OverflowError, TypeError):
        feed = None
    if feed is None:
        raise NotFound("没有找到这个订阅。")
    facts.record(
        "calendar_feed.stopped", by=by, at=at, person=by.person, org=feed.org or None, obj=Ref.of("calendar_feed", feed.pk)
    )
    feed.delete()
