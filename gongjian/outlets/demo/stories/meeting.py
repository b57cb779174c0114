"""会议: an assembly of the demo branch that voted, its follow-ups in every state, and a committee meeting to write up."""

import datetime as dt

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Attendance, FollowUp
from gongjian.ground.kernel import clock
from gongjian.ground.policy.calendar import next_working_day
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person

ORDER = 20

# (what was decided, which of the committee or members sees to it, days from today to its date, votes in favour of ten)
DECIDED = (
    ("修好三号楼到五号楼的楼道灯", 1, 5, 9),
    ("给两户独居老人装扶手", 2, -4, 10),
    ("每周三晚开放党员活动室", 3, -8, 8),
    ("建一支雨季排水志愿队", 0, 20, 9),
    ("把活动室外墙刷成红色", 1, 15, 3),
)


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Play both meetings in the demo branch."""
    branch = demo_branch(crowd.tree)
    branch.refresh_from_db()
    secretary = actor_of_person(crowd.people[crowd.holder(branch) - 1])
    today = clock.day_of(now)
    begins = clock.at_time(next_working_day(today - dt.timedelta(days=17)), 19)
    done = _held(branch, "branch_assembly", "支部党员大会：小区里的五件事", begins, secretary, missing=3)
    after = done.ends_at + dt.timedelta(minutes=5)
    people = list(
        Attendance.objects.filter(activity=done, status="present").exclude(person=secretary.person).order_by("pk")
        .values_list("person", flat=True)[:4]
    )  # fmt: skip
    actions.record_minutes(
        activity=done, by=secretary, at=after, text="会议气氛热烈，没有党员提出不同意见。",
        notes=["到会人数符合规定，会议有效。", "上次会议的两项决定都已落实。", "学习了新修订的支部工作要求。",
               "党员逐项讨论了小区里群众反映最多的五件事。", "逐项举手表决。", "分工到人，年底前看结果。"],
        decisions=[
            {"text": text, "owner": people[who], "due_on": today + dt.timedelta(days=days), "point": 4}
            for text, who, days, _tenths in DECIDED
        ],
    )  # fmt: skip
    present = Attendance.objects.filter(
        activity=done,
        status="present",
        person__memberships__ends_on__isnull=True,
        person__memberships__kind="formal",
        person__memberships__state="normal",
    ).count()  # those with a vote
    for decision, (_text, _who, _days, tenths) in zip(
        done.minutes.decisions.order_by("position"), DECIDED, strict=True
    ):
        yes = present * tenths // 10
        actions.record_vote(activity=done, decision=decision.pk, yes=yes, no=present - yes, by=secretary, at=after)
    actions.sign_off(activity=done, by=secretary, at=after + dt.timedelta(minutes=10))
    _follow(done, secretary, crowd, now)
    yesterday = clock.at_time(today - dt.timedelta(days=1), 18, 30)
    _held(branch, "committee_meeting", "支委会：研究冬季走访慰问", yesterday, secretary, missing=0)


def _held(branch, kind: str, title: str, begins: dt.datetime, by, *, missing: int) -> Activity:
    """A meeting from plan to its end, with all but a few there."""
    activity = actions.plan(
        org=branch, kind=kind, title=title, starts_at=begins, by=by, place="党群服务中心二楼会议室",
        at=begins - dt.timedelta(days=4), source=f"demo:meeting:{kind}",
    )  # fmt: skip
    actions.notify(activity=activity, by=by, at=begins - dt.timedelta(days=4))
    actions.open_check_in(activity=activity, by=by, at=begins - dt.timedelta(minutes=10))
    rows = list(Attendance.objects.filter(activity=activity).order_by("pk").values_list("person", flat=True))
    here = rows[: len(rows) - missing] if missing else rows
    actions.check_in_many(activity=activity, people=here, by=by, at=begins)
    actions.hold(activity=activity, by=by, at=activity.ends_at)
    return Activity.objects.get(pk=activity.pk)


def _follow(activity: Activity, by, crowd: Crowd, now: dt.datetime) -> None:
    """One confirmed, one reported, one late, one under way."""
    first, late, done, _way = FollowUp.objects.filter(activity=activity).order_by("pk")
    day = dt.timedelta(days=1)
    owner = actor_of_person(crowd.people[done.owner_id - 1])
    actions.report_done(follow_up=done, note="已开放两周，每晚有十来人。", by=owner, at=now - 6 * day)
    actions.confirm(follow_up=done, by=by, at=now - 5 * day)
    owner = actor_of_person(crowd.people[first.owner_id - 1])
    actions.report_done(follow_up=first, note="三栋楼二十二盏灯都换好了。", by=owner, at=now - day)
    if late.owner_id != by.person:
        actions.extend(follow_up=late, due_on=late.due_on + day, note="等街道送扶手", by=by, at=now - 7 * day)
