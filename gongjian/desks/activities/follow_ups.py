"""Reads of follow-ups (议定事项): one's own, those of an organisation and below, and what the next meeting hears."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.desks.activities.looks import FOLLOW_UP
from gongjian.desks.activities.models import Activity, FollowUp, FollowUpStep
from gongjian.desks.activities.states import FOLLOW_UP_CONFIRMED, FOLLOW_UP_DONE, FOLLOW_UP_OPEN, UNFINISHED
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q

TOLD = 20  # at most so many in the report of the next meeting


def visible_to(actor: Actor) -> QuerySet[FollowUp]:
    """One's own, and those of organisations that one leads or looks after."""
    if actor.kind == "system":
        return FollowUp.objects.all()
    condition = scope_q(actor, "activities.follow_up", prefix="org__")
    if actor.may("people.view"):
        condition |= scope_q(actor, "people.view", prefix="org__") & scope_q(actor, "activities.view", prefix="org__")
    if actor.person and (actor.token_scopes is None or "activities.attend" in actor.token_scopes):
        condition |= Q(owner=actor.person)
    return FollowUp.objects.filter(condition)


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> FollowUp:
    """One that the actor may see; NotFound otherwise. With `lock` its row is held until the transaction ends."""
    found = visible_to(actor).select_related("org", "owner", "activity")
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    try:
        return found.get(pk=ident)
    except (FollowUp.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这个议定事项，或者它不在您的可见范围内。")) from None


def mine(actor: Actor) -> QuerySet[FollowUp]:
    """What one has to see to, the most urgent first; what is over comes last."""
    if not actor.person:
        return FollowUp.objects.none()
    return FollowUp.objects.filter(owner=actor.person).select_related("org", "owner", "activity")


def of_activity(activity: Activity) -> list[FollowUp]:
    """Those that a meeting set up, in the order of its decisions."""
    return list(
        FollowUp.objects.filter(activity=activity).select_related("owner", "org").order_by("decision__position", "id")
    )


def steps_of(follow_ups: Iterable[FollowUp]) -> list[FollowUpStep]:
    """All steps, oldest first."""
    return list(FollowUpStep.objects.filter(follow_up__in=list(follow_ups)).select_related("owner").order_by("id"))


def to_report(activity: Activity) -> list[FollowUp]:
    """What this meeting should hear of: the organisation's open ones, and those that ended since its last meeting of
    the kind; oldest date first.
    """
    last = (
        Activity.objects.filter(org=activity.org_id, kind=activity.kind, starts_at__lt=activity.starts_at)
        .exclude(state="cancelled").order_by("-starts_at").values_list("starts_at", flat=True).first()
    )  # fmt: skip
    ended = Q(state=FOLLOW_UP_CONFIRMED, steps__at__gte=last, steps__kind="confirmed") if last else Q(pk__in=())
    return list(
        FollowUp.objects.filter(Q(state__in=UNFINISHED) | ended, org=activity.org_id, opened_at__lt=activity.ends_at)
        .exclude(activity=activity).select_related("owner", "activity").order_by("due_on", "id").distinct()[:TOLD]
    )  # fmt: skip


def is_late(follow_up: FollowUp, day: dt.date) -> bool:
    """Whether its date has passed and it is not done."""
    return follow_up.state == FOLLOW_UP_OPEN and follow_up.due_on < day


def state_of(follow_up: FollowUp, day: dt.date) -> str:
    """The state as lists show it: open and past its date is late."""
    return "late" if is_late(follow_up, day) else follow_up.state


def report_text(found: Iterable[FollowUp], day: dt.date) -> str:
    """The report of what became of the last decisions, as the minutes begin with it."""
    lines = []
    for number, one in enumerate(found, 1):
        word = FOLLOW_UP[state_of(one, day)].word
        if one.state in (FOLLOW_UP_DONE, FOLLOW_UP_CONFIRMED) and one.done_on:
            end = _("%(word)s（%(day)s办结）") % {"word": word, "day": f"{one.done_on.month}月{one.done_on.day}日"}
        else:
            end = _("%(word)s（时限%(day)s）") % {"word": word, "day": f"{one.due_on.month}月{one.due_on.day}日"}
        lines.append(f"{number}. {one.text}（{one.owner.name}）：{end}")
    return "\n".join(lines)
