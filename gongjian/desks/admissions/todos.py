"""待办: the next step, who must do it and by when; observations for contacts; reminders once a date has run out."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.admissions import queries
from gongjian.desks.admissions.models import Admission
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.policy.admissions_schema import Admissions
from gongjian.records.notices import actions as notices
from gongjian.records.people import queries as people

MOST = 20


def waiting(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for this actor: steps of the branch, steps of the higher committee, persons to observe."""
    table = policy.on(day).admissions
    found: list[Todo] = []
    if actor.may("admissions.keep") or actor.may("admissions.approve"):
        branch = {step.number for step in table.steps if step.who == "branch"}
        higher = {step.number for step in table.steps if step.who == "higher"}
        approves = actor.may("admissions.approve")
        # Who approves for many branches is told of their own steps, not of each branch's.
        wanted = higher if approves else branch
        rows = queries.waiting_at(actor, "admissions.approve" if approves else "admissions.keep").filter(
            step__in=wanted, target__isnull=True
        )
        found = [_of(row, table, day) for row in rows[: MOST * 2] if ready(row, day)][:MOST]
    if actor.person and len(found) < MOST and actor.may("admissions.own"):
        rows = queries.guided_by(actor).filter(state="under_way", due_on__isnull=False, admitted_on__isnull=True)
        observing = {s.number for s in table.steps if any(c.kind == "observed" for c in s.conditions)}
        for row in rows.filter(step__in=observing).select_related("person")[: MOST - len(found)]:
            found.append(
                Todo(
                    _("培养考察：%(name)s") % {"name": row.person.name}, reverse("admissions:observe", args=[row.pk]),
                    hint=_("您是培养联系人，每半年考察一次。"), due_on=row.due_on, button=_("记考察"),
                )
            )  # fmt: skip
    return found


def ready(row: Admission, day: dt.date) -> bool:
    """Whether there is something to do now: its time has come, or an observation is due on the way to it."""
    return row.earliest_on is None or row.earliest_on <= day or row.due_on is not None


def _of(row: Admission, table: Admissions, day: dt.date) -> Todo:
    step = table.numbered(row.step)
    title = step.title if step else ""
    if row.earliest_on and row.earliest_on > day and row.due_on:
        title = str(_("培养考察"))
    return Todo(
        f"{title}：{row.person.name}", reverse("admissions:detail", args=[row.pk]),
        hint=_("第 %(n)d 步 · %(org)s") % {"n": row.step, "org": row.org.short_name or row.org.name},
        due_on=row.due_on, button=_("去办理"),
    )  # fmt: skip


def remind(day: dt.date) -> int:
    """Tell the branch's officers, and for steps of the committee its officers, once of each date that has run out."""
    pack = policy.on(day)
    told = 0
    late = Admission.objects.filter(state="under_way", due_on__lt=day).select_related("org", "person")
    for row in late:
        step = pack.admissions.numbered(row.step)
        if step is None:
            continue
        org = row.org if step.who == "branch" else queries.approver_of(row.org, pack)
        officers = {one.person_id for one in people.officers_of(org.pk, day=day) if one.post in WHO}
        told += notices.tell(
            people=officers - {row.person_id}, kind="admission", title=_("发展党员已逾期：%(step)s") % {"step": step.title},
            body=_("第 %(n)d 步应在 %(day)s 以前办理，请尽快补办并说明原因。") % {"n": row.step, "day": row.due_on},
            link=reverse("admissions:detail", args=[row.pk]), key=f"admission:{row.pk}:late:{row.step}:{row.due_on}",
        )  # fmt: skip
    return told


WHO = ("secretary", "deputy_secretary", "organisation_member", "organiser")
