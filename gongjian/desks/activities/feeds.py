"""日历 (RFC 5545): activities as a calendar that other programs subscribe to."""

import datetime as dt
from collections.abc import Iterable

import icalendar
from django.db.models import Q

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.feeds import digest_of
from gongjian.desks.activities.models import Activity, CalendarFeed, Participation
from gongjian.desks.activities.states import CANCELLED
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation

BACK, AHEAD = dt.timedelta(days=60), dt.timedelta(days=430)
MOST = 1000


def find(secret: str) -> CalendarFeed | None:
    """The feed of a private address; None for one that is not or no more."""
    return CalendarFeed.objects.select_related("person").filter(digest=digest_of(secret)).first() if secret else None


def activities_of(feed: CalendarFeed) -> tuple[str, list[Activity]] | None:
    """The calendar's name and its activities, as its owner may see them today; None if they no longer may.

    Who has died, moved away or lost the post reads nothing more, whoever holds the address.
    """
    if feed.person.died_on is not None:
        return None
    actor, now = actor_of_person(feed.person), clock.now()
    window = Q(starts_at__gte=now - BACK, starts_at__lt=now + AHEAD)
    if not feed.org:
        found = queries.mine(actor).filter(window)
        return "我的活动", list(found.select_related("org").order_by("starts_at")[:MOST])
    org = Organisation.objects.filter(pk=feed.org, dissolved_on__isnull=True).first()
    if org is None or not actor.may_at("activities.view", org):
        return None
    below = subtree_q(org.path, prefix="org__")
    joined = Participation.objects.filter(below, state__in=("confirmed", "counted", "cancelled")).values("activity")
    found = queries.visible_to(actor).filter(window).filter(below | Q(pk__in=joined))
    return org.name, list(found.select_related("org").order_by("starts_at")[:MOST])


def calendar(name: str, activities: Iterable[Activity], *, base: str) -> bytes:
    """The calendar as bytes; `base` is the program's own address, for the links. A called-off one is told as such."""
    found = icalendar.Calendar()
    for key, value in (("prodid", "-//Gongjian//Activities//ZH"), ("version", "2.0"), ("method", "PUBLISH"),
                       ("x-wr-calname", name), ("x-wr-timezone", "Asia/Shanghai"), ("refresh-interval", dt.timedelta(hours=6))):  # fmt: skip
        found.add(key, value)
    for activity in activities:
        event = icalendar.Event()
        event.add("uid", f"activity-{activity.pk}@gongjian")
        event.add("dtstamp", activity.created_at.astimezone(dt.UTC))
        event.add("dtstart", activity.starts_at.astimezone(dt.UTC))
        event.add("dtend", activity.ends_at.astimezone(dt.UTC))
        event.add("sequence", activity.version)
        event.add("summary", activity.title)
        event.add("url", f"{base}/activities/{activity.pk}/")
        if activity.place:
            event.add("location", activity.place)
        text = [activity.org.name, *(f"{n}. {point}" for n, point in enumerate(activity.agenda, 1))]
        if activity.state == CANCELLED:
            event.add("status", "CANCELLED")
            text.append(f"已取消：{activity.cancel_reason}")
        else:
            event.add("status", "TENTATIVE" if activity.state == "planned" else "CONFIRMED")
        event.add("description", "\n".join(text))
        found.add_component(event)
    return found.to_ical()
