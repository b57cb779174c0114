"""Who chairs, who leads the oath, what the lesson is about."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.planning import ref
from gongjian.desks.activities.models import Activity, Attendance, Meeting
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, UNDER_WAY
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records import facts


@transaction.atomic
def delegate_chair(
    *, activity: Activity, person: int, reason: str, by: Actor, at: dt.datetime | None = None
) -> Meeting:
    """Give the chair of one meeting to the deputy or a committee member (委托主持), with a reason.

    支部工作条例: the secretary convenes and chairs, and may delegate; the pack names the posts. Before the meeting is
    over, and before that person has checked in. The same again changes nothing.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.sign_off", activity.org)
    if activity.state not in UNDER_WAY:
        raise Refused(_("活动已经召开、归档或取消，不能再委托主持。"))
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明委托的原因。"), field="reason")
    if person not in {one.pk for one in queries.delegates_of(activity)}:
        raise Invalid(_("只能委托本组织的副书记或者委员主持。"), field="person")
    known = Meeting.objects.filter(activity=activity).first()
    if known is not None and known.delegate_id == person and known.delegation_reason == reason.strip()[:200]:
        return known
    # Whoever has checked in already has a fact that names the role: the chair is given before that.
    chairs = Attendance.objects.filter(activity=activity, role="chair").exclude(person=person)
    if chairs.filter(status="present").exists():
        raise Refused(_("主持人已经签到，不能再委托别人主持；如确未主持，请先撤回签到。"))
    chairs.update(role="attendee")
    Attendance.objects.bulk_create(
        [Attendance(activity=activity, person_id=person, by_hand=True)], ignore_conflicts=True
    )
    if not Attendance.objects.filter(activity=activity, person=person).exclude(status="present").update(role="chair"):
        raise Refused(_("此人已经签到，不能再改为主持人；请先撤回签到。"), field="person")
    moment = at or clock.now()
    meeting, _new = Meeting.objects.update_or_create(
        activity=activity,
        defaults={
            "delegate_id": person, "delegated_by": by.person, "delegated_at": moment,
            "delegation_reason": reason.strip()[:200],
        },
    )  # fmt: skip
    facts.record(
        "activity.chair_delegated", by=by, at=moment, person=person, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind},
    )  # fmt: skip
    return meeting


@transaction.atomic
def set_particulars(
    *, activity: Activity, by: Actor, topic: str | None = None, oath_leader: int | None = None,
    lecturer: int | None = None,
) -> Meeting:  # fmt: skip
    """Set what the pack asks of this kind of meeting: the lesson's topic and teacher, who leads the oath.

    What is None stays as it is. The teacher stands on the list as 主讲 and is fixed with the check-in.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.hold", activity.org)
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused(_("活动已经归档或取消，不能再改。"))
    asks = queries.form_of(activity).asks
    given = {"topic": topic, "oath_leader": oath_leader, "lecturer": lecturer}
    for name, value in given.items():
        if value is not None and name not in asks:
            raise Invalid(_("这种活动不用填这一项。"), field=name)
    day = clock.day_of(activity.starts_at)
    named = {person for person in (oath_leader, lecturer) if person}
    known = set(queries.candidates(activity.org, day).filter(pk__in=named).values_list("pk", flat=True))
    known |= set(Attendance.objects.filter(activity=activity, person__in=named).values_list("person", flat=True))
    if named - known:
        raise Invalid(
            _("应是本组织党员或参加人；别处的人请先列入参加人。"),
            field="lecturer" if lecturer in named - known else "oath_leader",
        )
    changes: dict[str, object] = {}
    if topic is not None:
        changes["topic"] = topic.strip()[:120]
    if oath_leader is not None:
        changes["oath_leader_id"] = oath_leader or None
    if lecturer:
        _put_lecturer(activity, lecturer)
    meeting, _new = Meeting.objects.update_or_create(activity=activity, defaults=changes)
    return meeting


def _put_lecturer(activity: Activity, person: int) -> None:
    there = Attendance.objects.filter(activity=activity, role="lecturer")
    if there.filter(person=person).exists():
        return
    if there.filter(status="present").exists():
        raise Refused(_("主讲人已经签到，不能再换；如确未主讲，请先撤回签到。"), field="lecturer")
    Attendance.objects.bulk_create(
        [Attendance(activity=activity, person_id=person, by_hand=True)], ignore_conflicts=True
    )
    row = Attendance.objects.filter(activity=activity, person=person)
    if not row.exclude(status="present").exclude(role="chair").update(role="lecturer"):
        if row.filter(role="chair").exclude(status="present").update(role="lecturer"):
            return  # who convenes gives the lesson: 主讲 says more than 主持
        raise Refused(_("此人已经签到，不能再改为主讲人；请先撤回签到。"), field="lecturer")
    there.exclude(person=person).update(role="attendee")
