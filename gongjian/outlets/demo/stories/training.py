"""Last of all: whoever joined a branch in the other stories catches up with this year's study there."""

import datetime as dt

from django.db.models import Exists, OuterRef

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.demo.crowd import Crowd
from gongjian.records.people.models import Dated, Membership

ORDER = 90


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Yesterday evening, one study in each branch that has such a member."""
    today = clock.day_of(now)
    learnt = Attendance.objects.filter(
        person=OuterRef("person"), status="present", activity__kind__in=policy.on(today).training_kinds,
        activity__starts_at__gte=clock.at_time(today.replace(month=1, day=1)),
    )  # fmt: skip
    lacking = (
        Membership.objects.filter(~Exists(learnt), Dated.current_q(today), starts_on__lt=today, org__urban=True)
        .exclude(state="stopped").select_related("org").order_by("org", "person")
    )  # fmt: skip
    people: dict = {}
    for membership in lacking:
        people.setdefault(membership.org, []).append(membership.person_id)
    begins = clock.at_time(today - dt.timedelta(days=1), 19)
    for org, chosen in people.items():
        study = actions.plan(
            org=org, kind="study", title="新转入、新发展党员补学", starts_at=begins, by=SYSTEM, audience="chosen", chosen=chosen,
            place="党群服务中心", at=begins - dt.timedelta(days=2), source=f"demo:study:{org.pk}",
        )  # fmt: skip
        actions.open_check_in(activity=study, by=SYSTEM, at=begins)
        actions.check_in_many(activity=study, people=chosen, by=SYSTEM, at=begins)
        actions.hold(activity=study, by=SYSTEM, at=study.ends_at)
        actions.record_minutes(
            activity=study,
            by=SYSTEM,
            at=study.ends_at,
            text="补学了本年的学习内容。",
            notes=["集中学习，交流讨论。"],
            decisions=[],
        )
        actions.sign_off(activity=Activity.objects.get(pk=study.pk), by=SYSTEM, at=study.ends_at)
