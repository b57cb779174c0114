"""Hold, sign off, and what may still be mended."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries, votes
from gongjian.desks.activities.actions.attending import mark_present_by_list, settle, take_back
from gongjian.desks.activities.actions.deciding import take_polls
from gongjian.desks.activities.actions.follow_up import open_for
from gongjian.desks.activities.actions.joining import follow_correction, follow_sign_off
from gongjian.desks.activities.actions.planning import on_text, ref
from gongjian.desks.activities.models import Activity, Attendance, DeviceRow, Minutes
from gongjian.desks.activities.states import FLOW, HELD, OPEN, SIGNED_OFF
from gongjian.engines.flow.moves import touch
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records import facts


@transaction.atomic
def hold(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> Activity:
    """The meeting is over (结束签到): who neither came nor was excused is absent."""
    activity = queries.get_for(by, activity.pk)
    moment = at or clock.now()
    if activity.state == OPEN and moment < activity.starts_at and by.may_at("activities.hold", activity.org):
        raise Refused(_("活动还没有开始。如果提前开了，请先改期。"))
    chair = Attendance.objects.filter(activity=activity, role="chair").values_list("person", flat=True).first()
    FLOW.move(
        activity, "hold", by=by, at=moment, fact_at=activity.starts_at,
        data={"activity_kind": activity.kind, "on": on_text(activity), "chair": chair},
    )  # fmt: skip
    Attendance.objects.filter(activity=activity, status="expected").update(status="absent")
    return activity


@transaction.atomic
def reopen(*, activity: Activity, reason: str, by: Actor, at: dt.datetime | None = None) -> Activity:
    """Open the check-in again, before the sign-off, with a reason."""
    activity = queries.get_for(by, activity.pk)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    FLOW.move(activity, "reopen", by=by, at=at, data={"activity_kind": activity.kind, "reason": reason.strip()})
    Attendance.objects.filter(activity=activity, status="absent").update(status="expected")
    return activity


@transaction.atomic
def sign_off(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> Activity:
    """Confirm that it took place as recorded (签字确认) and file it; the counts are fixed. The fact's time is the meeting's.

    Its decisions with an owner and a date become follow-ups. Raises Refused without minutes or a quorum where the pack
    asks for them, while a ballot is open, if nobody came, or if somebody was faster.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.sign_off", activity.org)
    if activity.state == HELD:
        if queries.kind_of(activity).minutes_required and not Minutes.objects.filter(activity=activity).exists():
            raise Refused(_("请先做好会议记录，再签字确认。"))
        if not Attendance.objects.filter(activity=activity, status="present", guest=False).exists():
            raise Refused(_("没有一个人签到，不能签字确认；如果没有召开，请重新开放签到后取消。"))
        _check_quorum(activity)
        take_polls(activity, by=by, at=at or clock.now())
    moment = at or clock.now()
    _finish(activity, by=by, at=moment)
    open_for(activity, by=by, at=moment)
    return activity


def _present(activity: Activity) -> int:
    """How many of the list are there and counted."""
    return Attendance.objects.filter(activity=activity, status="present", guest=False).count()


def _check_quorum(activity: Activity) -> None:
    """支部工作条例 11, 12: 须有半数以上到会方可进行. Where the pack blocks, a meeting without it is not filed as one."""
    if queries.form_of(activity).without_quorum == "warn":
        return
    standing = votes.standing_of(activity)
    if standing is not None and not standing.reached:
        raise Refused(
            _(
                "有表决权的应到 %(due)d 人，实到 %(present)d 人，至少须 %(needs)d 人到会。人数不够，不能作为这种会议归档；"
            )
            % {"due": standing.entitled, "present": standing.present, "needs": standing.needs}
            + _("漏签的请补签到，确实没有开成的请重新开放签到后取消，另行召开。")
        )


def _finish(activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    tally = queries.tally(activity)
    FLOW.move(
        activity, "sign_off", by=by, at=at, fact_at=activity.starts_at, source=f"activity:{activity.pk}:signed_off",
        changes={"expected_count": tally["expected"], "present_count": tally["present"], "signed_by": by.person,
                 "signed_at": at},
        data={"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for,
              "present": tally["present"], "expected": tally["expected"], "hours_minutes": activity.minutes_long},
    )  # fmt: skip
    follow_sign_off(activity, by=by, at=at)


@transaction.atomic
def correct_attendance(
    *, activity: Activity, person: int, present: bool, reason: str, by: Actor, at: dt.datetime | None = None
) -> Activity:
    """After the sign-off: somebody did come after all, or did not. New facts; the old ones stay as they are."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.sign_off", activity.org)
    if activity.state != SIGNED_OFF:
        raise Refused(_("活动还没有归档，请直接改名单。"))
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明更正的原因。"), field="reason")
    before, here = activity.present_count, _present(activity)
    if present:
        if not mark_present_by_list(activity, {person}, by=by, at=at or clock.now(), method="list"):
            raise Refused(_("此人已记为到会。"), field="person")
    else:
        take_back(activity, person, reason, by=by, at=at)
    # By one, not by a new count: an imported activity may name only some of those who were there.
    count = before + _present(activity) - here
    expected = count if activity.audience == "open" else max(activity.expected_count, count)
    touch(activity, (SIGNED_OFF,), expected_count=expected, present_count=count)
    facts.record(
        "activity.record_corrected", by=by, at=at, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "reason": reason, "before": before, "present": count, "expected": expected},
    )  # fmt: skip
    follow_correction(activity, by=by, at=at or clock.now())
    return activity


@transaction.atomic
def correct_by_devices(*, activity: Activity, reason: str, by: Actor, at: dt.datetime | None = None) -> int:
    """After the sign-off: let what devices handed in late count (按设备记录更正); returns how many more were present.

    One correction with its reason for all of it; those whom devices do not name stay as they were signed off.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.sign_off", activity.org)
    if activity.state != SIGNED_OFF:
        raise Refused("活动还没有归档，请直接改名单。")
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid("请写明更正的原因。", field="reason")
    moment = at or clock.now()
    late = DeviceRow.objects.filter(device__activity=activity, state="late", person__isnull=False)
    people = set(late.values_list("person", flat=True))
    if not people:
        raise Refused("没有等待更正的设备记录。")
    late.update(state="applied", reason=reason[:200])
    here = _present(activity)
    settled = settle(activity, people, by=by, at=moment)
    if not (settled.came or settled.gone):
        return 0
    before = activity.present_count
    count = before + _present(activity) - here
    expected = count if activity.audience == "open" else max(activity.expected_count, count)
    touch(activity, (SIGNED_OFF,), expected_count=expected, present_count=count)
    facts.record(
        "activity.record_corrected", by=by, at=moment, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "reason": reason, "before": before, "present": count, "expected": expected},
    )  # fmt: skip
    follow_correction(activity, by=by, at=moment)
    return settled.came
