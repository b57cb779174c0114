"""Calendar feeds: read at a private address, as its owner may see today; renewed, the old address is dead."""

import datetime as dt
import json

import icalendar
import pytest

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import CalendarFeed
from gongjian.ground.kernel.errors import Forbidden, NotFound
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db


def address_of(feed) -> str:
    return f"/activities/calendar/{actions.secret_of(feed)}.ics"


def events(client, feed) -> dict[str, icalendar.Event]:
    answer = client.get(address_of(feed))
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return {str(event["summary"]): event for event in icalendar.Calendar.from_ical(answer.content).walk("VEVENT")}


def test_ones_own_calendar_follows_the_meeting(make, cast, client):
    feed = actions.renew_feed(by=cast.member.actor)
    activity = make("notified", starts_at=at("2026-11-20 15:00"), place="会议室", title="十一月主题党日")
    make(kind="committee_meeting", starts_at=at("2026-11-19 15:00"))  # the member is not on it
    found = events(client, feed)
    assert list(found) == ["十一月主题党日"]
    event = found["十一月主题党日"]
    assert (event.start, event.end) == (at("2026-11-20 15:00"), at("2026-11-20 16:30"))
    assert (str(event["location"]), str(event["status"])) == ("会议室", "CONFIRMED")
    assert "陈静" not in event.to_ical().decode()  # no names of persons
    before = event["sequence"]
    actions.reschedule(activity=activity, starts_at=at("2026-11-21 09:00"), by=cast.secretary.actor, reason="停电")
    moved = events(client, feed)["十一月主题党日"]
    assert moved.start == at("2026-11-21 09:00")
    assert moved["sequence"] > before
    assert moved["uid"] == event["uid"]
    actions.cancel(activity=activity, reason="台风", by=cast.secretary.actor)
    assert str(events(client, feed)["十一月主题党日"]["status"]) == "CANCELLED"


def test_an_organisations_calendar_as_long_as_one_belongs_there(make, city, cast, client):
    feed = actions.renew_feed(by=cast.member.actor, org=city.branch)
    make(starts_at=at("2026-11-20 15:00"))
    make(kind="committee_meeting", starts_at=at("2026-11-19 15:00"))
    assert len(events(client, feed)) == 2
    with pytest.raises(Forbidden):
        actions.renew_feed(by=cast.outsider.actor, org=city.branch)
    people.move_member(person=cast.member.person, to=city.sister, by=cast.system, on=dt.date(2026, 11, 16))
    assert client.get(address_of(feed)).status_code == 404


def test_renewing_kills_the_old_address(make, cast, client):
    feed = actions.renew_feed(by=cast.member.actor)
    old = address_of(feed)
    new = address_of(actions.renew_feed(by=cast.member.actor))
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    assert CalendarFeed.objects.count() == 1
    stored = CalendarFeed.objects.get()
    assert actions.secret_of(stored) not in (stored.secret, stored.digest)
    with pytest.raises(NotFound):
        actions.stop_feed(by=cast.colleague.actor, ident=stored.pk)
    actions.stop_feed(by=cast.member.actor, ident=stored.pk)
    assert client.get(new).status_code == 404
    told = Fact.objects.filter(kind__startswith="calendar_feed.")
    assert [fact.kind for fact in told.order_by("pk")] == ["calendar_feed.renewed"] * 2 + ["calendar_feed.stopped"]
    assert not any(actions.secret_of(stored) in json.dumps(fact.data) for fact in told)


def test_the_page_and_the_api(clock, city, cast, queries):
    client = cast.member.client
    client.post("/activities/calendar/renew/", {"org": "0"})
    client.post("/activities/calendar/renew/", {"org": str(city.branch.pk)})
    client.post("/activities/calendar/renew/", {"org": str(city.other_branch.pk)})
    assert CalendarFeed.objects.count() == 2
    with queries(16):
        page = client.get("/activities/calendar/").content.decode()
    feed = CalendarFeed.objects.get(org=0)
    assert address_of(feed) in page
    assert address_of(feed) not in cast.colleague.client.get("/activities/calendar/").content.decode()
    client.post("/activities/calendar/stop/", {"feed": feed.pk})
    assert CalendarFeed.objects.count() == 1
    made = client.post("/api/v1/calendar-feeds", json.dumps({}), content_type="application/json")
    assert made.json()["address"].endswith(".ics")
    assert client.delete(f"/api/v1/calendar-feeds/{made.json()['id']}").status_code == 204
    assert client.get("/activities/calendar/nonsense.ics").status_code == 404
