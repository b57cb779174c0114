"""计划安排: in the demo branch, replies to a notice, a series of study evenings, a late move, and joint activities.

One joint lesson is confirmed by a neighbour; one invitation waits for the branch's own secretary.
"""

import datetime as dt

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Attendance, Participation
from gongjian.ground.kernel import clock
from gongjian.ground.policy.calendar import next_working_day
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

ORDER = 10
ROOM = "党群服务中心一楼学习室"


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Tell it all; each part leaves the branch's own meetings of the demo's evening alone."""
    branch = demo_branch(crowd.tree)
    secretary = _actor(crowd.holder(branch))
    beside = [org for org in crowd.tree.below[branch.parent_id] if org.kind == "branch" and org.pk != branch.pk]
    _replies(now)
    _series(branch, secretary, now)
    _late_move(branch, secretary, now)
    _joint(crowd, branch, secretary, beside[:2], now)


def _actor(person: int):
    return actor_of_person(Person.objects.get(pk=person))


def _evening(day: dt.date, hour: int = 19, minute: int = 30) -> dt.datetime:
    return clock.at_time(next_working_day(day), hour, minute)


def _replies(now: dt.datetime) -> None:
    """The study of next week: some come, one cannot, one takes part from elsewhere; the others have yet to answer."""
    study = Activity.objects.filter(source="demo:next").first()
    if study is None:
        return
    listed = (
        Attendance.objects.filter(activity=study, role="attendee").order_by("person").values_list("person", flat=True)
    )
    answers = ("come", "come", "come", "away", "come", "online")
    for number, (person, answer) in enumerate(zip(listed[1:], answers, strict=False)):
        note = {"away": "当天值班", "online": "在外地"}.get(answer, "")
        at = now - dt.timedelta(hours=15, minutes=7 * number)
        actions.reply(activity=study, answer=answer, note=note, by=_actor(person), at=at)


def _series(branch: Organisation, secretary, now: dt.datetime) -> None:
    today = clock.day_of(now)
    first = clock.add_months(today.replace(day=1), 1)
    actions.set_series(
        org=branch, kind="study", pattern=actions.Pattern("weekday_of_month", 1, 3, 3), starts_on=first,
        until=clock.add_months(first, 6) - dt.timedelta(days=1), hour=dt.time(19, 30), minutes=60, title="周三夜学",
        place=ROOM, by=secretary, at=now - dt.timedelta(days=2), source="demo:series",
    )  # fmt: skip


def _late_move(branch: Organisation, secretary, now: dt.datetime) -> None:
    """Planned for tomorrow, moved this morning: everyone is told why, and the page marks it as late."""
    tomorrow = clock.at_time(clock.day_of(now) + dt.timedelta(days=1), 8, 30)
    tidy = actions.plan(
        org=branch, kind="volunteer_service", starts_at=tomorrow, by=secretary, title="周末清洁家园", place="小区中心花园",
        at=now - dt.timedelta(days=3), source="demo:tidy",
    )  # fmt: skip
    actions.notify(activity=tidy, by=secretary, at=now - dt.timedelta(days=3))
    actions.reschedule(
        activity=tidy, starts_at=tomorrow + dt.timedelta(days=7), by=secretary, reason="预报明天有大雨", at=now
    )


def _joint(crowd: Crowd, branch: Organisation, secretary, beside: list[Organisation], now: dt.datetime) -> None:
    if not beside:
        return
    today = clock.day_of(now)
    lesson = actions.plan(
        org=branch, kind="party_lesson", starts_at=_evening(today + dt.timedelta(days=9)), by=secretary,
        title="联合党课：小区治理怎么议", place="社区党群服务中心报告厅", at=now - dt.timedelta(days=2), source="demo:joint",
    )  # fmt: skip
    actions.notify(activity=lesson, by=secretary, at=now - dt.timedelta(days=2))
    actions.invite(activity=lesson, orgs=beside, by=secretary, at=now - dt.timedelta(days=2))
    joining = Participation.objects.select_related("org", "activity__org").get(activity=lesson, org=beside[0])
    actions.join_in(joining=joining, by=_actor(crowd.holder(beside[0])), at=now - dt.timedelta(days=1))
    neighbour = _actor(crowd.holder(beside[0]))
    tour = actions.plan(
        org=beside[0], kind="oath_renewal", starts_at=_evening(today + dt.timedelta(days=12), 9, 0), by=neighbour,
        title="烈士纪念碑前重温入党誓词", place="烈士纪念碑", at=now - dt.timedelta(hours=30), source="demo:oath",
    )  # fmt: skip
    actions.invite(activity=tour, orgs=[branch], by=neighbour, at=now - dt.timedelta(hours=29))
