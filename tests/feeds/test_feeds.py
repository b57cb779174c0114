"""Calendar feeds: what a calendar reads, moved and cancelled ones, a private address that is renewed and closed."""

import datetime as dt

import pytest
from icalendar import Calendar

from gongjian.desks.activities import actions as activities
from gongjian.ground import policy
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.outlets.feeds import actions
from gongjian.outlets.feeds.models import Feed
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from gongjian.records.people.models import Appointment
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db


def opened(player, org=None):
    return actions.open_feed(by=player.actor, org=org)


def read(client, secret, **headers):
    answer = client.get(f"/feeds/{secret}.ics", headers=headers)
    assert answer.status_code == 200
    return {str(event["uid"]): event for event in Calendar.from_ical(answer.content).walk("VEVENT")}


def test_planned_moved_cancelled(make, cast, client, city):
    activity = make(starts_at=at("2026-11-20 15:00"), place="会议室; 二楼, 东")
    _feed, secret = opened(cast.member)
    uid = f"activity-{activity.pk}@gongjian"
    event = read(client, secret)[uid]
    assert (event["status"], event.decoded("dtstart")) == ("TENTATIVE", at("2026-11-20 15:00"))
    assert str(event["location"]) == "会议室; 二楼, 东"
    first = event["sequence"]
    activities.notify(activity=activity, by=cast.secretary.actor)
    activity.refresh_from_db()
    activities.reschedule(
        activity=activity, starts_at=at("2026-11-23 15:00"), reason="会议室维修", by=cast.secretary.actor
    )
    event = read(client, secret)[uid]
    assert (event["status"], event.decoded("dtstart")) == ("CONFIRMED", at("2026-11-23 15:00"))
    assert event["sequence"] > first
    second = event["sequence"]
    activity.refresh_from_db()
    activities.cancel(activity=activity, reason="张伟家里有事", by=cast.secretary.actor)
    event = read(client, secret)[uid]
    assert event["status"] == "CANCELLED"
    assert event["sequence"] > second
    assert "张伟" not in event.to_ical().decode()


def test_only_where_one_is_expected_and_nobody_elses_data(make, city, cast, client):
    mine, other = make(), make(org=city.sister, by=cast.neighbour.actor)
    activities.ask_excuse(activity=mine, reason="ill", text="住院", by=cast.colleague.actor)
    activities.decide_excuse(activity=mine, person=cast.colleague.person.pk, approve=True, by=cast.secretary.actor)
    _feed, secret = opened(cast.member)
    found = read(client, secret)
    assert set(found) == {f"activity-{mine.pk}@gongjian"}
    text = client.get(f"/feeds/{secret}.ics").content.decode()
    assert not [person.name for person in city.people["branch"] if person.name in text]
    _feed, excused = opened(cast.colleague)
    event = read(client, excused)[f"activity-{mine.pk}@gongjian"]
    assert (event["transp"], str(event["summary"])[:5]) == ("TRANSPARENT", "【已准假】")
    assert other.pk not in {int(uid.split("-")[1].split("@")[0]) for uid in found}


def test_of_an_organisation(make, city, cast, client):
    activity = make()
    _feed, secret = opened(cast.secretary, city.branch)
    assert set(read(client, secret)) == {f"activity-{activity.pk}@gongjian"}
    with pytest.raises(Forbidden):
        opened(cast.outsider, city.branch)
    with pytest.raises(Forbidden):
        opened(cast.member, city.community)
    _feed, secret = opened(cast.community, city.community)
    assert client.get(f"/feeds/{secret}.ics").status_code == 200
    post = Appointment.objects.get(person=cast.community.person)
    people.end_appointment(appointment=post, by=SYSTEM, on=kernel_clock.today(), reason="换届")
    assert client.get(f"/feeds/{secret}.ics").status_code == 404  # no office any more, no feed of the community


def test_wrong_old_and_closed_addresses_are_not_found(make, cast, client):
    make()
    feed, first = opened(cast.member)
    assert first not in str(Feed.objects.values())
    with pytest.raises(Refused):
        opened(cast.member)
    with pytest.raises(NotFound):
        actions.renew_feed(feed=feed, by=cast.colleague.actor)
    second = actions.renew_feed(feed=feed, by=cast.member.actor)
    assert [client.get(f"/feeds/{secret}.ics").status_code for secret in (first, second, "x" * 32)] == [404, 200, 404]
    actions.close_feed(feed=feed, by=cast.member.actor)
    actions.close_feed(feed=feed, by=cast.member.actor)
    assert client.get(f"/feeds/{second}.ics").status_code == 404
    assert Fact.objects.filter(kind="feed.closed").count() == 1
    _feed, third = opened(cast.member)
    cast.member.user.is_active = False
    cast.member.user.save()
    assert client.get(f"/feeds/{third}.ics").status_code == 404


def test_caching_and_budget(make, cast, client, queries, city):
    for day in range(17, 27):
        make(starts_at=at(f"2026-11-{day} 19:00"))
    _feed, secret = opened(cast.member)
    client.get(f"/feeds/{secret}.ics")
    with queries(6):
        answer = client.get(f"/feeds/{secret}.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    again = client.get(f"/feeds/{secret}.ics", headers={"if-none-match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    make(starts_at=at("2026-11-30 19:00"))
    assert client.get(f"/feeds/{secret}.ics", headers={"if-none-match": answer["ETag"]}).status_code == 200


def test_how_far_it_reaches_is_the_packs(make, cast, client, clock, monkeypatch):
    make(starts_at=at("2026-11-16 09:10"))
    _feed, secret = opened(cast.member)
    clock.set("2027-02-14 10:00")  # ninety days on
    assert len(read(client, secret)) == 1
    clock.set("2027-02-15 10:00")
    assert read(client, secret) == {}
    pack = policy.current()
    wider = pack.model_copy(update={"feeds": pack.feeds.model_copy(update={"days_back": 120})})
    monkeypatch.setattr(policy, "on", lambda day: wider)
    assert len(read(client, secret)) == 1


def test_the_page(make, cast, client, city):
    make()
    page = cast.member.client.get("/feeds/").content.decode()
    assert "开通我的日历" in page
    made = cast.member.client.post("/feeds/open/")
    assert "no-store" in made["Cache-Control"]
    text = made.content.decode()
    address = text.split('id="feed-address">')[1].split("<")[0]
    assert client.get(address).status_code == 200
    assert address not in cast.member.client.get("/feeds/").content.decode()
    assert "webcal://" in text
    feed = Feed.objects.get()
    assert cast.colleague.client.post(f"/feeds/{feed.pk}/renew/").status_code == 404
    assert cast.outsider.client.post("/feeds/open/", {"org": city.branch.pk}).status_code == 404
    renewed = cast.member.client.post(f"/feeds/{feed.pk}/renew/").content.decode()
    assert address not in renewed
    assert client.get(address).status_code == 404
    cast.member.client.post(f"/feeds/{feed.pk}/close/")
    assert "日历订阅" in cast.member.client.get("/people/me/").content.decode()


def test_over_the_api(make, cast, client):
    make()
    mine = cast.member.client
    made = mine.post("/api/v1/feeds", {"of": "me"}, content_type="application/json")
    assert made.status_code == 201
    assert client.get(made.json()["address"]).status_code == 200
    assert mine.get("/api/v1/feeds").json()[0]["org"] is None
    ident = made.json()["id"]
    assert (
        cast.colleague.client.post(
            f"/api/v1/feeds/{ident}/renew", {"drop_old": True}, content_type="application/json"
        ).status_code
        == 404
    )
    assert (
        mine.post(f"/api/v1/feeds/{ident}/renew", {"drop_old": True}, content_type="application/json").json()["address"]
        != made.json()["address"]
    )
    assert mine.delete(f"/api/v1/feeds/{ident}").status_code == 204
    assert client.get("/api/v1/feeds").status_code == 401


def test_times_are_utc_and_stable(make, cast, client):
    activity = make()
    _feed, secret = opened(cast.member)
    event = read(client, secret)[f"activity-{activity.pk}@gongjian"]
    assert event["dtstart"].to_ical() == b"20261116T011000Z"
    assert event.decoded("dtend") - event.decoded("dtstart") == dt.timedelta(minutes=activity.minutes_long)
