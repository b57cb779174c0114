"""iCalendar (RFC 5545): activities as a calendar that phones and desks read. Nothing in it is about other people."""

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from gongjian.desks.activities.models import Activity

STATUS = {"planned": "TENTATIVE", "cancelled": "CANCELLED"}


def calendar_of(
    activities: Iterable[Activity], *, name: str, excused: set[int], refresh: dt.timedelta, address_of: object
) -> bytes:
    """A calendar as bytes: the same activities give the same bytes, whenever it is asked for.

    An activity keeps its UID for ever; its SEQUENCE grows with each change, so that a calendar moves it (RFC 5546).
    `address_of` gives the address of an activity's page by its id.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Gongjian//Feeds//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", "Asia/Shanghai")
    calendar.add("refresh-interval", refresh, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", f"PT{int(refresh.total_seconds() // 3600)}H")
    for activity in activities:
        calendar.add_component(_event(activity, activity.pk in excused, address_of))
    return calendar.to_ical()


def _event(activity: Activity, excused: bool, address_of) -> Event:
    event = Event()
    event.add("uid", f"activity-{activity.pk}@gongjian")
    event.add("sequence", activity.version - 1)
    event.add("dtstamp", activity.created_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("dtstart", activity.starts_at.astimezone(dt.UTC))
    event.add("dtend", activity.ends_at.astimezone(dt.UTC))
    cancelled = activity.state == "cancelled"
    head = _("【已取消】") if cancelled else _("【已准假】") if excused else ""
    event.add("summary", head + activity.title)
    event.add("status", STATUS.get(activity.state, "CONFIRMED"))
    event.add("transp", "TRANSPARENT" if excused or cancelled else "OPAQUE")
    if activity.place:
        event.add("location", activity.place)
    event.add("description", activity.org.name)
    event.add("url", address_of(activity.pk))
    return event
