"""待办 of 组织关系: what waits for the one who asks, from the steps of transfers and the due dates of members."""

import datetime as dt

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.models import StandingCase, Stay
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import DECIDED, FLOW, RETURNED
from gongjian.desks.transfers.wording import span
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.manifest import Todo
from gongjian.records.people.models import Dated, Membership

MOST = 8


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """Steps in the hand of the actor's own organisations, members whose date has come, decisions to approve; ≤ 4 queries."""
    found: list[Todo] = []
    if any(actor.may(code) for code in ("transfers.confirm", "transfers.issue", "transfers.decide")):
        found += _steps(actor)
    homes = _own(actor, "transfers.care")
    if homes:
        found += _members(homes, day)
    offices = _own(actor, "transfers.approve")
    if offices:
        found += _approvals(offices)
    return found[:20]


def _own(actor: Actor, permission: str) -> set[int]:
    actor.may(permission)  # an undeclared permission raises
    return {grant.org for grant in actor.grants if permission in grant.permissions}


def _steps(actor: Actor) -> list[Todo]:
    rows = moving.waiting_for(actor).order_by("due_on", "id")[:MOST]
    return [
        Todo(
            _("%(name)s的组织关系转接") % {"name": row.name}, reverse("transfers:detail", args=[row.pk]),
            hint=f"{row.from_text} → {row.to_text}：{FLOW.word(row.state)}", due_on=row.due_on,
            button=_("补正") if row.state == RETURNED else _("去办理"),
        )
        for row in rows
    ]  # fmt: skip


def _members(homes: set[int], day: dt.date) -> list[Todo]:
    table, found = policy.current().transfers, []
    lost = Membership.objects.filter(Dated.current_q(day), org__in=homes).filter(
        Q(lost_since__isnull=False) | Q(state="stopped")
    )
    for row in lost.select_related("person")[:MOST]:
        url = reverse("transfers:member", args=[row.person_id])
        if row.state == "stopped":
            due = rules.removal_possible_from(row.state_since or row.starts_on, table.standing)
            title = _("%(name)s停止党籍将满%(span)s，由支部决定下一步")
            months = 12 * table.standing.remove_after_stop_years
        else:
            due = rules.stop_possible_from(row.lost_since, table.standing)
            title = _("%(name)s失去联系将满%(span)s，由支部决定下一步")
            months = table.standing.lost_months
        if due <= clock_ahead(day):
            found.append(
                Todo(title % {"name": row.person.name, "span": span(months)}, url, due_on=due, button=_("查看"))
            )
    for stay in (
        Stay.objects.filter(org__in=homes, state="away").select_related("person").order_by("last_contact")[:MOST]
    ):
        url = reverse("transfers:stay", args=[stay.pk])
        must = rules.must_transfer_from(stay.since, table.mobile)
        due = rules.contact_due(stay.last_contact, table.mobile, abroad=stay.abroad)
        if must <= day and stay.asked_on is None and not stay.abroad:
            title = _("%(name)s外出已满%(span)s，问一问是否转接组织关系") % {
                "name": stay.person.name, "span": span(table.mobile.must_transfer_months),
            }  # fmt: skip
            found.append(Todo(title, url, due_on=must, button=_("登记")))
        elif due <= clock_ahead(day):
            title = _("与外出党员%(name)s联系一次") % {"name": stay.person.name}
            found.append(Todo(title, url, due_on=due, button=_("登记联系")))
    return found


def clock_ahead(day: dt.date) -> dt.date:
    """How far ahead a due date is shown: two weeks."""
    return day + dt.timedelta(days=14)


def _approvals(offices: set[int]) -> list[Todo]:
    rows = (
        StandingCase.objects.filter(approver__in=offices, state=DECIDED)
        .select_related("org")
        .order_by("meeting_on")[:MOST]
    )
    return [
        Todo(
            _("“%(org)s”报来一件党籍处理") % {"org": row.org.name}, reverse("transfers:case", args=[row.pk]),
            hint=_("支部大会 %(day)s 已作决定") % {"day": row.meeting_on}, button=_("审批"),
        )
        for row in rows
    ]  # fmt: skip
