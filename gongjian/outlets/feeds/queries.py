"""Reads of calendar feeds, and the activities that one gives."""

import datetime as dt

from django.db.models import Q

from gongjian.desks.activities.models import Activity, Attendance, Participation
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.outlets.feeds.actions import digest
from gongjian.outlets.feeds.models import Feed
from gongjian.records.access.models import User
from gongjian.records.access.queries import actor_of
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation

MOST = 1000
MOST_ORGS = 20


def feeds_of(actor: Actor) -> list[Feed]:
    """One's open feeds, the own first."""
    if not actor.person:
        return []
    found = Feed.objects.filter(person=actor.person, closed_at__isnull=True).select_related("org")
    return sorted(found, key=lambda feed: (feed.org_id is not None, feed.org.path if feed.org else ""))


def feed_for(actor: Actor, ident: int) -> Feed:
    """One's own feed; NotFound otherwise."""
    found = Feed.objects.filter(person=actor.person, pk=ident).select_related("org").first() if actor.person else None
    if found is None:
        raise NotFound("没有找到这个订阅。")
    return found


def orgs_to_follow(actor: Actor) -> list[Organisation]:
    """Organisations whose activities one leads or looks after: where one holds the right, not all below."""
    held = {grant.org for grant in actor.grants if "activities.view" in grant.permissions}
    visible = orgs.visible_to(actor, permission="activities.view")
    return list(visible.filter(pk__in=held).order_by("path")[:MOST_ORGS])


def by_secret(secret: str) -> Feed | None:
    """The open feed behind an address, if its owner's account is open and the owner may still see what it gives."""
    feed = (
        Feed.objects.filter(secret_hash=digest(secret), closed_at__isnull=True).select_related("org", "person").first()
    )
    if feed is None or feed.person.died_on is not None:
        return None
    account = User.objects.filter(person=feed.person_id, is_active=True).select_related("person").first()
    if account is None:
        return None
    if feed.org is not None and not actor_of(account).may_at("activities.view", feed.org):
        return None
    return feed


def activities_of(feed: Feed, day: dt.date) -> tuple[list[Activity], set[int]]:
    """The activities that a feed gives on a day, and those of them from which the person is excused; two queries.

    A person's: where that person is on the list. An organisation's: its own, those of its groups, and joint ones that it takes part in.
    """
    reach = policy.on(day).feeds
    found = Activity.objects.filter(
        starts_at__gte=clock.at_time(day - dt.timedelta(days=reach.days_back)),
        starts_at__lt=clock.at_time(day + dt.timedelta(days=reach.days_ahead)),
    ).select_related("org").order_by("starts_at", "id")  # fmt: skip
    if feed.org_id is not None:
        joint = Participation.objects.filter(org=feed.org_id, state__in=("confirmed", "counted")).values("activity")
        own = Q(org=feed.org_id) | Q(org__parent=feed.org_id, org__kind="group")
        return list(found.filter(own | Q(pk__in=joint))[:MOST]), set()
    rows = dict(Attendance.objects.filter(person=feed.person_id).values_list("activity", "status"))
    mine = Attendance.objects.filter(person=feed.person_id).values("activity")
    return list(found.filter(pk__in=mine)[:MOST]), {pk for pk, status in rows.items() if status == "excused"}
