"""What follows for the organisations that join an activity (联合开展), whatever its host does with it.

Each of them has an object of its own in the facts, `participation`, so that one meeting counts once for each
organisation's own duty: whoever reads facts sees a plan, a move, a sign-off of that organisation, never of its host.
Persons have one `activity.attended` and so their points once.
"""

import datetime as dt

from gongjian.desks.activities import queries
from gongjian.desks.activities.models import Activity, Attendance, Participation
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts.models import Fact

BY_RULE = ("members", "committee", "group")


def ref(activity: Activity) -> Ref:
    """The activity as an object of facts."""
    return Ref.of("activity", activity.pk)


def own_ref(joining: Participation) -> Ref:
    """An organisation's part in a joint activity as an object of facts."""
    return Ref.of("participation", joining.pk)


def on_text(activity: Activity) -> str:
    """The activity's day in Asia/Shanghai, as facts carry it."""
    return clock.day_of(activity.starts_at).isoformat()


def _data(joining: Participation, activity: Activity) -> dict:
    return {
        "activity_kind": activity.kind, "on": on_text(activity), "counts_for": joining.counts_for, "joint": True,
        "host": activity.org_id,
    }  # fmt: skip


def _confirmed(activity: Activity) -> list[Participation]:
    return list(Participation.objects.filter(activity=activity, state="confirmed").select_related("org").order_by("pk"))


def people_joining(activity: Activity, day: dt.date) -> set[int]:
    """Who should come from the organisations that have confirmed; nobody by rule where people are chosen or come freely."""
    if activity.audience not in BY_RULE:
        return set()
    return {
        person
        for joining in _confirmed(activity)
        for person in queries.expected_people(joining.org, activity.audience, day)
    }


def tell_planned(joining: Participation, activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    """A joining organisation has it in its plan from now on."""
    facts.record(
        "activity.planned", by=by, at=at, org=joining.org_id, obj=own_ref(joining), data=_data(joining, activity),
        source=f"participation:{joining.pk}:planned:{joining.rounds}",
    )  # fmt: skip


def tell_withdrawn(joining: Participation, activity: Activity, reason: str, *, by: Actor, at: dt.datetime) -> None:
    """It is no longer in a joining organisation's plan."""
    facts.record(
        "activity.cancelled", by=by, at=at, org=joining.org_id, obj=own_ref(joining),
        data=_data(joining, activity) | {"reason": reason},
        source=f"participation:{joining.pk}:cancelled:{joining.rounds}",
    )  # fmt: skip


def follow_move(activity: Activity, before: str, *, by: Actor, at: dt.datetime) -> None:
    """The host has moved it: so has every organisation that confirmed."""
    for joining in _confirmed(activity):
        facts.record(
            "activity.rescheduled", by=by, at=at, org=joining.org_id, obj=own_ref(joining),
            data=_data(joining, activity) | {"from": before},
        )  # fmt: skip


def follow_cancel(activity: Activity, reason: str, *, by: Actor, at: dt.datetime) -> None:
    """The host has called it off: invitations and confirmations end with it."""
    for joining in _confirmed(activity):
        tell_withdrawn(joining, activity, reason, by=by, at=at)
    Participation.objects.filter(activity=activity, state__in=("invited", "confirmed")).update(state="cancelled")


def own_counts(joining: Participation, activity: Activity) -> tuple[int, int]:
    """(应到, 实到) of an organisation's own people on the list."""
    day = clock.day_of(activity.starts_at)
    own = queries.expected_people(joining.org, "members", day) | queries.expected_people(joining.org, "committee", day)
    statuses = list(Attendance.objects.filter(activity=activity, person__in=own).values_list("status", flat=True))
    present = sum(status == "present" for status in statuses)
    return (present if activity.audience == "open" else len(statuses)), present


def follow_sign_off(activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    """It is signed off: it counts for each joining organisation of which somebody came; unanswered invitations end."""
    for joining in _confirmed(activity):
        _settle(joining, activity, by=by, at=at)
    Participation.objects.filter(activity=activity, state="invited").update(
        state="declined", reason="活动已归档，未答复"
    )


def follow_correction(activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    """Who came has been corrected after the sign-off: counts change, and with them whether it counts at all."""
    for joining in Participation.objects.filter(activity=activity, state__in=("counted", "empty")).select_related(
        "org"
    ):
        _settle(joining, activity, by=by, at=at)


def _settle(joining: Participation, activity: Activity, *, by: Actor, at: dt.datetime) -> None:
    expected, present = own_counts(joining, activity)
    counted = joining.state == "counted"
    source = f"participation:{joining.pk}:signed_off:"
    if present and not counted:
        joining.rounds += 1
        facts.record(
            "activity.signed_off", by=by, at=activity.starts_at, org=joining.org_id, obj=own_ref(joining),
            data=_data(joining, activity) | {"present": present, "expected": expected, "hours_minutes": activity.minutes_long},
            source=f"{source}{joining.rounds}",
        )  # fmt: skip
    elif not present:
        first = Fact.objects.filter(source=f"{source}{joining.rounds}").first() if counted else None
        if joining.state != "empty":
            facts.record(
                "activity.cancelled", by=by, at=at, org=joining.org_id, obj=own_ref(joining),
                corrects=first.pk if first else None, data=_data(joining, activity) | {"reason": "无人到会"},
            )  # fmt: skip
    Participation.objects.filter(pk=joining.pk).update(
        state="counted" if present else "empty", expected_count=expected, present_count=present, rounds=joining.rounds
    )
