"""Who: what an actor can do with an activity now, used by pages and API alike. The deeds check again."""

from typing import NamedTuple

from gongjian.desks.activities.models import Activity, Attendance
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, FLOW, HELD, NOTIFIED, OPEN, PLANNED, SIGNED_OFF
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.policy.schema import ActivityKind, UnknownEntry
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated


class Abilities(NamedTuple):
    """能做什么: each True only if the actor may and the state allows."""

    plan: bool
    reschedule: bool
    notify: bool
    open: bool
    check_in: bool
    review: bool
    hold: bool
    reopen: bool
    record: bool
    sign_off: bool
    correct: bool
    cancel: bool
    roster: bool
    minutes: bool
    check_self: bool
    ask_excuse: bool

    @property
    def organises(self) -> bool:
        """Whether there is anything to organise here."""
        return self.plan or self.check_in or self.hold or self.sign_off or self.correct


def abilities(activity: Activity, actor: Actor, row: Attendance | None) -> Abilities:
    """What this actor can do; `row` is the actor's own attendance, if any."""
    org, state = activity.org, activity.state
    here = {
        name: actor.may_at(f"activities.{name}", org) for name in ("plan", "check_in", "hold", "sign_off", "cancel")
    }
    leads = any(here.values()) or actor.may_at("people.view", org)
    return Abilities(
        plan=here["plan"] and state in (PLANNED, NOTIFIED),
        reschedule=here["plan"] and state in (PLANNED, NOTIFIED),
        notify=FLOW.may(activity, "notify", actor),
        open=FLOW.may(activity, "open", actor),
        check_in=here["check_in"] and state in (OPEN, HELD),
        review=here["check_in"] and state in BEFORE_SIGN_OFF,
        hold=FLOW.may(activity, "hold", actor),
        reopen=FLOW.may(activity, "reopen", actor),
        record=here["hold"] and state in (OPEN, HELD),
        sign_off=FLOW.may(activity, "sign_off", actor),
        correct=here["sign_off"] and state == SIGNED_OFF,
        cancel=FLOW.may(activity, "cancel", actor),
        # Names of who came, was ill or stayed away are for those who lead; a member sees numbers and the own row.
        roster=leads,
        minutes=leads or (row is not None and activity.audience != "open"),
        check_self=state == OPEN and bool(actor.person) and (row is None or row.status != "present"),
        ask_excuse=state in (PLANNED, NOTIFIED, OPEN) and row is not None and row.status == "expected"
        and row.excuse_state != "asked",
    )  # fmt: skip


def may_convene(org: Organisation, kind: ActivityKind, actor: Actor) -> bool:
    """Whether the actor may call (召集) a meeting of this kind there: by a role of the pack, or by a post held there.

    支部工作条例: the secretary convenes; the pack's `convener_roles` and `convener_posts` say who else. Who may only plan
    leaves a draft, which a convener confirms by sending the notice.
    """
    if actor.kind == "system":
        return True
    if any(grant.role in kind.convener_roles and grant.covers(org) for grant in actor.grants):
        return True
    if not actor.person or not kind.convener_posts:
        return False
    day = clock.today()
    held = Appointment.objects.filter(Dated.current_q(day), org=org, person=actor.person, post__in=kind.convener_posts)
    return held.exists()


def require_convener(activity: Activity, actor: Actor) -> None:
    """Refused, with the names of the roles, for whoever may not convene this kind."""
    try:
        kind = policy.on(clock.day_of(activity.starts_at)).activity_kind(activity.kind)
    except UnknownEntry:
        return
    if actor.may_at("activities.plan", activity.org) and not may_convene(activity.org, kind, actor):
        pack = policy.current()
        roles = "、".join(pack.role(role).title for role in kind.convener_roles)
        raise Refused(f"“{kind.title}”由{roles}召集；您可以先安排好，由他们发出通知。")
