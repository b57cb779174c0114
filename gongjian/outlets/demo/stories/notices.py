"""消息渠道和负担计的故事: two who chose e-mail, a digest that waits, a group's message that was refused; weeks counted.

A demo sends nothing (`delivery.send_due`); the addresses lead nowhere all the same.
"""

import datetime as dt

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.policy import calendar
from gongjian.outlets.burden import counting
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.notices import actions, outbox
from gongjian.records.notices.models import Outgoing

ORDER = 95  # after all who tell somebody something


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Choices of the demo's secretary and member, a robot of the branch, a queue with one failure, the weeks' burden."""
    branch, day = demo_branch(crowd.tree), clock.day_of(now)
    people = [people_of(crowd)[name] for name in ("secretary", "member")]
    for person in people:
        actions.choose(
            by=actor_of_person(crowd.people[person - 1]), outside=True, mail=True, address=f"demo{person}@example.invalid",
            at=now - dt.timedelta(days=9),
        )  # fmt: skip
    robot = actions.add_robot(
        org=branch, channel="dingtalk", token="demo-token-that-leads-nowhere", secret="SECdemo", by=SYSTEM,
        at=now - dt.timedelta(days=9),
    )  # fmt: skip
    outbox.queue_group(branch.pk, "activity_change", "demo:change", "/activities/", now - dt.timedelta(hours=3))
    outbox.queue_group(branch.pk, "activity", "demo:notice", "/activities/", now - dt.timedelta(minutes=20))
    Outgoing.objects.filter(robot=robot, kind="activity_change").update(
        state="given_up", attempts=6, tried_at=now - dt.timedelta(hours=1), error="机器人拒绝（310000 sign not match）"
    )
    moment = now
    while not calendar.is_working_day(day) or moment < clock.at_time(day, 9):  # the last working day's digest, then
        day -= dt.timedelta(days=1)
        moment = clock.at_time(day, 18)
    outbox.prepare_digests(at=moment)
    counting.count_weeks(clock.day_of(now))
