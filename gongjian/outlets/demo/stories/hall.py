"""A lesson for all members of the demo community: scanned at the door, noted on two devices in a hall without network,
which met the same people twice and a name outside the list; and a member who has his calendar on the phone."""

import datetime as dt

from gongjian.desks.activities import actions as activities
from gongjian.desks.activities.actions.devices import Tap, milliseconds
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground.kernel import clock
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import urban_communities
from gongjian.outlets.feeds import actions as feeds
from gongjian.records.access.queries import actor_of_person

ORDER = 20
FAST = 83_000  # by how many milliseconds the second device's clock is ahead


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Two days ago, at three in the afternoon."""
    community = urban_communities(crowd.tree)[0]
    community.refresh_from_db()
    by = actor_of_person(crowd.people[crowd.holder(community) - 1])
    begins = clock.at_time(clock.day_of(now) - dt.timedelta(days=2), 15)
    hall = activities.plan(
        org=community, kind="party_lesson", starts_at=begins, by=by, title="专题党课：把服务送到楼栋", place="文化活动中心大礼堂",
        at=begins - dt.timedelta(days=5), source="demo:hall",
    )  # fmt: skip
    activities.notify(activity=hall, by=by, at=begins - dt.timedelta(days=5))
    hall = Activity.objects.get(pk=hall.pk)
    devices = [
        activities.open_device(activity=hall, by=by, title=title, at=begins - dt.timedelta(hours=2))
        for title in ("东门平板", "西门手机")
    ]
    joined = [
        activities.join(secret=secret, clock_ms=milliseconds(begins) + ahead, at=begins - dt.timedelta(minutes=119))[1]
        for (_device, secret), ahead in zip(devices, (-119 * 60_000, -119 * 60_000 + FAST), strict=True)
    ]
    hall.refresh_from_db()
    activities.open_check_in(activity=hall, by=by, at=begins - dt.timedelta(minutes=25))
    people = list(Attendance.objects.filter(activity=hall).order_by("person").values_list("person", "person__name"))
    half = len(people) // 2
    activities.check_in_many(activity=hall, people=[person for person, _name in people[: half // 3]], by=by, at=begins)
    _hand_in(joined[0], people[half // 4 : half], begins - dt.timedelta(minutes=15), begins + dt.timedelta(hours=2), 0)
    late = [*people[half - 5 : half + half // 2], (None, "阳志远")]
    _hand_in(joined[1], late, begins - dt.timedelta(minutes=12), begins + dt.timedelta(hours=3), FAST)
    hall.refresh_from_db()
    activities.hold(activity=hall, by=by, at=hall.ends_at)
    member = actor_of_person(crowd.people[people_of(crowd)["member"] - 1])
    feeds.open_feed(by=member, at=now - dt.timedelta(days=9))


def _hand_in(token: str, people: list, first: dt.datetime, at: dt.datetime, ahead: int) -> None:
    """One batch: somebody every eight seconds."""
    taps = [
        Tap(number, person, name, "in", milliseconds(first + dt.timedelta(seconds=8 * number)) + ahead)
        for number, (person, name) in enumerate(people, 1)
    ]
    activities.hand_in(token=token, clock_ms=milliseconds(at) + ahead, taps=taps, at=at)
