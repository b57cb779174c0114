"""Hold, record minutes, sign off, and what may still be mended."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.attending import mark_present_by_list, take_back
from gongjian.desks.activities.actions.joining import follow_correction, follow_sign_off
from gongjian.desks.activities.actions.planning import on_text, ref
from gongjian.desks.activities.models import Activity, Attendance, Decision, Minutes
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
        raise Refused("活动还没有开始。如果提前开了，请先改期。")
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
        raise Invalid("请写明原因。", field="reason")
    FLOW.move(activity, "reopen", by=by, at=at, data={"activity_kind": activity.kind, "reason": reason.strip()})
    Attendance.objects.filter(activity=activity, status="absent").update(status="expected")
    return activity


@transaction.atomic
def record_minutes(
    *, activity: Activity, by: Actor, notes: Sequence[str] = (), text: str = "", decisions: Sequence[dict] = (),
    at: dt.datetime | None = None,
) -> Minutes:  # fmt: skip
    """Write the minutes (会议记录): a note to each point of the agenda, a summary, decisions ({text, owner, due_on}).

    May be done again until the sign-off; each time is a fact. Raises Invalid if nothing was written.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.hold", activity.org)
    if activity.state not in (OPEN, HELD):
        raise Refused("活动还没有开始，或已经归档。")
    pairs = [
        {"point": point, "note": (notes[n] if n < len(notes) else "").strip()}
        for n, point in enumerate(activity.agenda)
    ]
    kept = [row for row in decisions if row.get("text", "").strip()]
    if not text.strip() and not kept and not any(pair["note"] for pair in pairs):
        raise Invalid("请至少写一项记录。", field="text")
    owners = {row["owner"] for row in kept if row.get("owner")}
    known = set(queries.candidates(activity.org, clock.day_of(activity.starts_at)).filter(pk__in=owners).values_list(
        "pk", flat=True
    )) | set(Attendance.objects.filter(activity=activity, person__in=owners).values_list("person", flat=True))  # fmt: skip
    if owners - known:
        raise Invalid("责任人应是本组织党员或参加人。", field="decisions")
    moment = at or clock.now()
    minutes, _new = Minutes.objects.update_or_create(
        activity=activity,
        defaults={"notes": pairs, "text": text.strip(), "recorded_by": by.person, "recorded_at": moment},
    )
    Decision.objects.filter(minutes=minutes).delete()
    Decision.objects.bulk_create(
        Decision(
            minutes=minutes,
            position=n,
            text=row["text"].strip()[:500],
            owner_id=row.get("owner"),
            due_on=row.get("due_on"),
        )
        for n, row in enumerate(kept, 1)
    )
    facts.record(
        "activity.minutes_recorded", by=by, at=moment, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "decisions": len(kept)},
    )  # fmt: skip
    return minutes


@transaction.atomic
def sign_off(*, activity: Activity, by: Actor, at: dt.datetime | None = None) -> Activity:
    """Confirm that it took place as recorded (签字确认) and file it; the counts are fixed. The fact's time is the meeting's.

    Raises Refused without minutes where the pack asks for them, or if nobody came, or if somebody was faster.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.sign_off", activity.org)
    if activity.state == HELD:
        if queries.kind_of(activity).minutes_required and not Minutes.objects.filter(activity=activity).exists():
            raise Refused("请先做好会议记录，再签字确认。")
        if not Attendance.objects.filter(activity=activity, status="present").exists():
            raise Refused("没有一个人签到，不能签字确认；如果没有召开，请重新开放签到后取消。")
    _finish(activity, by=by, at=at or clock.now())
    return activity


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
        raise Refused("活动还没有归档，请直接改名单。")
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid("请写明更正的原因。", field="reason")
    before = activity.present_count
    if present:
        if not mark_present_by_list(activity, {person}, by=by, at=at or clock.now(), method="list"):
            raise Refused("此人已记为到会。", field="person")
    else:
        take_back(activity, person, reason, by=by, at=at)
    # By one, not by a new count: an imported activity may name only some of those who were there.
    count = before + 1 if present else before - 1
    expected = count if activity.audience == "open" else max(activity.expected_count, count)
    touch(activity, (SIGNED_OFF,), expected_count=expected, present_count=count)
    facts.record(
        "activity.record_corrected", by=by, at=at, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "reason": reason, "before": before, "present": count, "expected": expected},
    )  # fmt: skip
    follow_correction(activity, by=by, at=at or clock.now())
    return activity
