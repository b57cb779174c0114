"""Joint activities (联合开展): the host invites, each organisation's own secretary confirms, either may step back in time."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import F

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.joining import own_ref, tell_planned, tell_withdrawn
from gongjian.desks.activities.actions.planning import check_counts_for, refresh_list, tell_of, when_text
from gongjian.desks.activities.models import Activity, Attendance, Participation
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.orgs.models import Organisation

OPEN_STATES = (PLANNED, NOTIFIED)


def get_joining(by: Actor, ident: int | str) -> Participation:
    """A part in a joint activity, for those of its organisation or of the host's; NotFound for others."""
    try:
        joining = Participation.objects.select_related("org", "activity__org").get(pk=ident)
    except (Participation.DoesNotExist, ValueError, OverflowError, TypeError):
        joining = None
    if joining is None or not (
        by.may_at("activities.view", joining.org) or by.may_at("activities.view", joining.activity.org)
    ):
        raise NotFound("没有找到这份联合邀请，或者它不在您的可见范围内。")
    return joining


@transaction.atomic
def invite(*, activity: Activity, orgs: Iterable[Organisation], by: Actor, at: dt.datetime | None = None) -> int:
    """Invite organisations to hold it together (邀请联合开展); their conveners are told. Returns how many are new.

    Inviting again whoever declined or stepped back is a new invitation. Raises Invalid for an organisation that may not
    hold this kind or is the host itself, Refused once check-in has begun.
    """
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.plan", activity.org)
    if activity.state not in OPEN_STATES:
        raise Refused("活动已经开始、归档或取消，不能再邀请。")
    moment, kind, new = at or clock.now(), queries.kind_of(activity), 0
    most = policy.on(clock.day_of(activity.starts_at)).planning.joint_at_most
    for org in orgs:
        if org.pk == activity.org_id:
            raise Invalid("不能邀请自己。", field="org")
        if not org.is_alive or org.kind not in kind.holders:
            raise Invalid(f"“{org.name}”不能举办“{kind.title}”。", field="org")
        joining, fresh = Participation.objects.get_or_create(
            activity=activity, org=org, defaults={"invited_by": by.person, "invited_at": moment}
        )
        if not fresh and not Participation.objects.filter(pk=joining.pk, state__in=("declined", "withdrawn")).update(
            state="invited", invited_by=by.person, invited_at=moment, reason="", rounds=F("rounds") + 1
        ):
            continue
        joining.refresh_from_db()
        new += 1
        facts.record(
            "activity.joint_invited", by=by, at=moment, org=org.pk, obj=own_ref(joining),
            data={"activity_kind": activity.kind, "host": activity.org_id},
            source=f"participation:{joining.pk}:invited:{joining.rounds}",
        )  # fmt: skip
        convener = queries.chair_of(org, kind.convener_posts, clock.day_of(moment))
        notices.tell(
            people={convener} - {None}, kind="activity", title=f"【联合邀请】{activity.title}",
            body=f"{activity.org.name} 邀请“{org.name}”联合开展“{activity.title}”，{when_text(activity)}。请确认或谢绝。",
            link=f"/activities/{activity.pk}/joint/", key=f"joint:{joining.pk}:{joining.rounds}", at=moment,
        )  # fmt: skip
    if Participation.objects.filter(activity=activity, state__in=("invited", "confirmed")).count() > most:
        raise Refused(f"联合开展的组织最多 {most} 个。", field="org")
    return new


@transaction.atomic
def join_in(
    *, joining: Participation, by: Actor, counts_for: str | None = None, at: dt.datetime | None = None
) -> Participation:  # fmt: skip
    """Take part (确认联合开展): own people are expected from now on, and it will count for the own duty.

    `counts_for`: a past period of the own duty that it makes good. Confirming twice is confirming once.
    """
    activity = _held(joining)
    by.require("activities.plan", joining.org)
    joining.refresh_from_db()
    if joining.state == "confirmed":
        return joining
    check_counts_for(joining.org, queries.kind_of(activity), counts_for or None, clock.day_of(activity.starts_at))
    _answer(joining, "confirmed", by, at, frm=("invited",), counts_for=counts_for or None)
    moment = at or clock.now()
    tell_planned(joining, activity, by=by, at=moment)
    before = _listed(activity)
    refresh_list(activity)
    if activity.state == NOTIFIED:
        tell_of(activity, _listed(activity) - before, at=moment)
    _tell_host(activity, f"“{joining.org.name}”已确认联合开展。", f"joint:{joining.pk}:{joining.rounds}:yes", moment)
    return joining


@transaction.atomic
def decline(*, joining: Participation, reason: str, by: Actor, at: dt.datetime | None = None) -> Participation:
    """Decline an invitation, with a reason (谢绝)."""
    activity = _held(joining)
    by.require("activities.plan", joining.org)
    reason = _reason(reason)
    _answer(joining, "declined", by, at, frm=("invited",), reason=reason)
    moment = at or clock.now()
    facts.record(
        "activity.joint_declined", by=by, at=moment, org=joining.org_id, obj=own_ref(joining),
        data={"activity_kind": activity.kind, "host": activity.org_id, "reason": reason},
    )  # fmt: skip
    text = f"“{joining.org.name}”谢绝联合开展。原因：{reason}"
    _tell_host(activity, text, f"joint:{joining.pk}:{joining.rounds}:no", moment)
    return joining


@transaction.atomic
def step_back(*, joining: Participation, reason: str, by: Actor, at: dt.datetime | None = None) -> Participation:
    """Step back from a joint activity before check-in begins (退出联合开展), by the joining side or by the host.

    Its people leave the list and are told, if they had been told of it.
    """
    activity = _held(joining)
    if not by.may_at("activities.plan", joining.org):
        by.require("activities.plan", activity.org)
    reason = _reason(reason)
    joining.refresh_from_db()
    was = joining.state
    _answer(joining, "withdrawn", by, at, frm=("invited", "confirmed"), reason=reason)
    moment = at or clock.now()
    if was == "confirmed":
        tell_withdrawn(joining, activity, reason, by=by, at=moment)
        before = _listed(activity)
        refresh_list(activity)
        if activity.state == NOTIFIED:
            notices.tell(
                people=before - _listed(activity), kind="activity", title=f"【不再参加】{activity.title}",
                body=f"“{joining.org.name}”不再联合开展{when_text(activity)}的“{activity.title}”。原因：{reason}",
                link="/activities/mine/", key=f"joint:{joining.pk}:{joining.rounds}:left", at=moment,
            )  # fmt: skip
    text = f"“{joining.org.name}”退出联合开展。原因：{reason}"
    _tell_host(activity, text, f"joint:{joining.pk}:{joining.rounds}:out", moment)
    return joining


def _reason(text: str) -> str:
    text = text.strip()[:200]
    if len(text) < 2:
        raise Invalid("请写明原因。", field="reason")
    return text


def _held(joining: Participation) -> Activity:
    """The activity, its row held until the transaction ends; refused once check-in has begun."""
    activity = (
        Activity.objects.select_for_update(of=("self",), no_key=True).select_related("org").get(pk=joining.activity_id)
    )
    if activity.state not in OPEN_STATES:
        raise Refused("活动已经开始、归档或取消，不能再改联合开展。")
    return activity


def _answer(
    joining: Participation, to: str, by: Actor, at: dt.datetime | None, *, frm: tuple[str, ...], **changes: object
) -> None:
    done = Participation.objects.filter(pk=joining.pk, state__in=frm).update(
        state=to, answered_by=by.person, answered_at=at or clock.now(), **changes
    )
    joining.refresh_from_db()
    if not done:
        raise Refused(f"这份邀请现在是“{joining.get_state_display()}”，不能这样办。")


def _listed(activity: Activity) -> set[int]:
    return set(Attendance.objects.filter(activity=activity).values_list("person", flat=True))


def _tell_host(activity: Activity, text: str, key: str, at: dt.datetime) -> None:
    chair = Attendance.objects.filter(activity=activity, role="chair").values_list("person", flat=True).first()
    people = {chair, activity.created_by} - {None}
    notices.tell(
        people=people, kind="activity", title=f"【联合开展】{activity.title}", body=text,
        link=f"/activities/{activity.pk}/joint/", key=key, at=at,
    )  # fmt: skip
