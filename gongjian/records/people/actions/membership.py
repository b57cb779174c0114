"""Deeds on memberships: admit, move, become formal, change state, leave."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import Membership, Person


def need_branch(org: Organisation) -> None:
    """Refuse what is dissolved or keeps no members."""
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。", field="org")
    if not policy.current().org_kind(org.kind).has_members:
        raise Refused("党员的组织关系只能在党支部等基层组织。", field="org")


def refuse_barred(person: Person, on: dt.date) -> None:
    """Refuse who left the Party with a bar on rejoining that still holds on that day (DOMAIN 2.2.4; the pack's years)."""
    until = queries.barred_until(person.pk)
    if until is None or on >= until:
        return
    basis = policy.on(on).transfers.standing.rejoin_bar_basis
    raise Refused(
        _("%(name)s在 %(day)s 之前不得重新入党。（%(basis)s）") % {"name": person.name, "day": until, "basis": basis},
        field="person",
    )


@transaction.atomic
def admit(
    *, person: Person, org: Organisation, by: Actor, kind: str, joined_on: dt.date, formal_on: dt.date | None = None,
    starts_on: dt.date | None = None, group: Organisation | None = None, mobile: bool = False,
    at: dt.datetime | None = None, source: str | None = None,
) -> Membership:  # fmt: skip
    """Enter a member in a branch (党员登记). Raises Refused if the person already belongs to one.

    Refused too while the person is barred from rejoining (DOMAIN 2.2.4), whatever day of joining is given.
    """
    by.require("people.manage", org)
    need_branch(org)
    if kind not in dict(Membership.KINDS):
        raise Invalid("人员类别应为正式党员或预备党员。", field="kind")
    if kind == "formal" and formal_on is None:
        raise Invalid("正式党员须填写转正日期。", field="formal_on")
    if formal_on and formal_on < joined_on:
        raise Invalid("转正日期早于入党日期。", field="formal_on")
    if joined_on > clock.today():
        raise Invalid("入党日期不能晚于今天。", field="joined_on")
    if group is not None and group.parent_id != org.pk:
        raise Invalid("党小组不属于这个支部。", field="group")
    refuse_barred(person, max(starts_on or joined_on, joined_on))
    member = Membership(
        person=person, org=org, group=group, kind=kind, joined_on=joined_on, mobile=mobile,
        formal_on=formal_on if kind == "formal" else None, starts_on=starts_on or joined_on,
    )  # fmt: skip
    try:
        with transaction.atomic():
            member.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{person.name}的组织关系已在另一个支部，请办理组织关系转接。", field="person") from None
    recount({org.pk})
    facts.record(
        "member.admitted", by=by, at=at, person=person.pk, org=org.pk, obj=Ref.of("membership", member.pk),
        data={"kind": kind, "joined_on": joined_on.isoformat()}, source=source,
    )  # fmt: skip
    return member


@transaction.atomic
def move_member(
    *, person: Person, to: Organisation, by: Actor, on: dt.date, group: Organisation | None = None,
    at: dt.datetime | None = None, reason: str = "", released: Ref | None = None,
) -> Membership:  # fmt: skip
    """Move a member's 组织关系 to another branch (or another group of the same) from a day on; both ends need the right.

    `released` names the deed by which the old organisation has let the member go: then the right over the new one is
    enough, and an absence from the old branch (流动) ends with it.
    """
    need_branch(to)
    current = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("org")
        .filter(person=person, ends_on__isnull=True)
        .first()
    )
    if current is None:
        raise Refused(f"{person.name}目前没有组织关系。", field="person")
    if released is None:
        by.require("people.manage", current.org)
    by.require("people.manage", to)
    if (current.org_id, current.group_id) == (to.pk, group.pk if group else None):
        raise Refused("组织关系本来就在这里。", field="to")
    if on < current.starts_on or on > clock.today():
        raise Invalid(f"日期应在 {current.starts_on} 之后、今天之前。", field="on")
    if group is not None and group.parent_id != to.pk:
        raise Invalid("党小组不属于这个支部。", field="group")
    Membership.objects.filter(pk=current.pk).update(ends_on=on, end_reason=reason or "转出")
    member = Membership.objects.create(
        person=person, org=to, group=group, kind=current.kind, state=current.state, joined_on=current.joined_on,
        formal_on=current.formal_on, starts_on=on, lost_since=current.lost_since, state_since=current.state_since,
        mobile=current.mobile and released is None, mobile_to="" if released else current.mobile_to,
    )  # fmt: skip
    recount({current.org_id, to.pk})
    facts.record(
        "member.moved",
        by=by,
        at=at or clock.at_time(on),
        person=person.pk,
        org=to.pk,
        obj=Ref.of("membership", member.pk),
        data={"from": current.org_id, "to": to.pk, "on": on.isoformat(), "reason": reason}
        | ({"deed": str(released)} if released else {}),
    )
    return member


@transaction.atomic
def become_formal(*, person: Person, by: Actor, on: dt.date, at: dt.datetime | None = None) -> Membership:
    """A probationary member becomes a formal one (转正)."""
    member = current(person)
    by.require("people.manage", member.org)
    if member.kind == "formal":
        raise Refused(f"{person.name}已是正式党员。")
    if on < member.joined_on or on > clock.today():
        raise Invalid("转正日期应在入党日期之后、今天之前。", field="on")
    Membership.objects.filter(pk=member.pk).update(kind="formal", formal_on=on)
    recount({member.org_id})
    facts.record(
        "member.became_formal", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id,
        obj=Ref.of("membership", member.pk), data={"on": on.isoformat()},
    )  # fmt: skip
    member.refresh_from_db()
    return member


def current(person: Person) -> Membership:
    """The open membership, held until the transaction ends; Refused if there is none."""
    member = (
        Membership.objects.select_for_update(of=("self",)).select_related("org").filter(
            person=person, ends_on__isnull=True
        ).first()
    )  # fmt: skip
    if member is None:
        raise Refused(f"{person.name}目前没有组织关系。", field="person")
    return member


@transaction.atomic
def set_state(
    *, person: Person, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None, **changes: object
) -> Membership:
    """Change a member's 党籍 state, whether mobile, or since when lost; people decide, never the system (DOMAIN 2.2)."""
    member = current(person)
    by.require("people.manage", member.org)
    allowed = {"state", "mobile", "mobile_to", "lost_since"}
    if set(changes) - allowed:
        raise TypeError(f"unknown: {set(changes) - allowed}")
    if "state" in changes and changes["state"] not in dict(Membership.STATES):
        raise Invalid("没有这种党籍状态。", field="state")
    if not reason.strip():
        raise Invalid("请写明原因。", field="reason")
    before = {name: str(getattr(member, name)) for name, value in changes.items() if getattr(member, name) != value}
    if not before:
        raise Refused("没有变化。")
    since = {"state_since": on} if "state" in before else {}
    Membership.objects.filter(pk=member.pk).update(**{name: changes[name] for name in before}, **since)
    facts.record(
        "member.state_changed",
        by=by,
        at=at or clock.at_time(on),
        person=person.pk,
        org=member.org_id,
        obj=Ref.of("membership", member.pk),
        data={
            "on": on.isoformat(),
            "reason": reason,
            "before": before,
            "after": {name: str(changes[name]) for name in before},
        },
    )
    member.refresh_from_db()
    return member


@transaction.atomic
def stop(
    *, person: Person, by: Actor, on: dt.date, reason: str, deed: Ref | None = None, at: dt.datetime | None = None
) -> Membership:
    """停止党籍: as the branch meeting decided and the higher organisation approved. Raises Refused if it is stopped."""
    return set_state(person=person, by=by, on=on, reason=_with_deed(reason, deed), at=at, state="stopped")


@transaction.atomic
def restore(
    *, person: Person, by: Actor, on: dt.date, reason: str, deed: Ref | None = None, at: dt.datetime | None = None
) -> Membership:
    """恢复党籍: a stopped 党籍 holds again, the person is no longer lost. Raises Refused if it was not stopped."""
    if current(person).state != "stopped":
        raise Refused(f"{person.name}没有被停止党籍，不需要恢复。")
    return set_state(
        person=person, by=by, on=on, reason=_with_deed(reason, deed), at=at, state="normal", lost_since=None
    )


def _with_deed(reason: str, deed: Ref | None) -> str:
    return f"{reason}（{deed}）" if deed else reason


@transaction.atomic
def leave(
    *, person: Person, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None, kind: str = ""
) -> Membership:
    """End a membership for good (去世、出党等); the reason is written by a person.

    `kind` is one of the pack's `leave_kinds`; those with a bar keep the person from rejoining for the pack's years
    (DOMAIN 2.2.4), counted from the day of leaving: the membership and the fact carry the date.
    """
    member = current(person)
    by.require("people.manage", member.org)
    if not reason.strip():
        raise Invalid("请写明原因。", field="reason")
    if on < member.starts_on or on > clock.today():
        raise Invalid(f"日期应在 {member.starts_on} 之后、今天之前。", field="on")
    rules = policy.on(on).transfers
    described = rules.leave_kinds.get(kind) if kind else None
    if kind and described is None:
        raise Invalid("没有这种减少的种类。", field="kind")
    barred = clock.add_months(on, 12 * rules.standing.rejoin_bar_years) if described and described.bar else None
    Membership.objects.filter(pk=member.pk).update(ends_on=on, end_reason=reason, end_kind=kind, barred_until=barred)
    recount({member.org_id})
    facts.record(
        "member.left", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id,
        obj=Ref.of("membership", member.pk),
        data={"on": on.isoformat(), "reason": reason, "kind": kind, "barred_until": barred.isoformat() if barred else ""},
    )  # fmt: skip
    member.refresh_from_db()
    return member
