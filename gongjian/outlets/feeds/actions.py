"""Deeds on calendar feeds: open, renew, close. An address is returned once and never kept."""

import datetime as dt
import hashlib
import secrets

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.outlets.feeds.models import Feed
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


def digest(secret: str) -> str:
    """The hash under which an address of 192 bits is kept."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def _new_secret() -> str:
    return secrets.token_urlsafe(24)


@transaction.atomic
def open_feed(*, by: Actor, org: Organisation | None = None, at: dt.datetime | None = None) -> tuple[Feed, str]:
    """Open a feed of one's own activities, or of an organisation that one may look into; returns it and its secret.

    Raises Refused if there is one already (its address can be renewed), Forbidden without the right.
    """
    if not by.person:
        raise Forbidden(_("您的账号还没有关联人员档案，请联系管理员。"))
    if org is not None:
        by.require("activities.view", org)
    moment, secret = at or clock.now(), _new_secret()
    try:
        with transaction.atomic():
            feed = Feed.objects.create(person_id=by.person, org=org, secret_hash=digest(secret), made_at=moment)
    except IntegrityError:
        raise Refused(_("已经开通过；忘了地址就更换一个。")) from None
    _told("feed.opened", feed, by, moment)
    return feed, secret


@transaction.atomic
def renew_feed(*, feed: Feed, by: Actor, at: dt.datetime | None = None) -> str:
    """Give a feed another address; the old one is dead at once. Returns the new secret."""
    _own(feed, by)
    moment, secret = at or clock.now(), _new_secret()
    done = Feed.objects.filter(pk=feed.pk, closed_at__isnull=True).update(secret_hash=digest(secret), made_at=moment)
    if not done:
        raise Refused(_("这个订阅已经停用，请重新开通。"))
    _told("feed.renewed", feed, by, moment)
    return secret


@transaction.atomic
def close_feed(*, feed: Feed, by: Actor, at: dt.datetime | None = None) -> None:
    """Close a feed; twice is once."""
    _own(feed, by)
    moment = at or clock.now()
    if Feed.objects.filter(pk=feed.pk, closed_at__isnull=True).update(closed_at=moment):
        _told("feed.closed", feed, by, moment)


def _own(feed: Feed, by: Actor) -> None:
    if not by.person or feed.person_id != by.person:
        raise NotFound(_("没有找到这个订阅。"))


def _told(kind: str, feed: Feed, by: Actor, at: dt.datetime) -> None:
    facts.record(kind, by=by, at=at, person=feed.person_id, org=feed.org_id, obj=Ref.of("feed", feed.pk))
