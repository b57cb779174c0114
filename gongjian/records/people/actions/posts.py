"""Deeds on posts and other relations: appoint, end, relate."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.schema import Post
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import Appointment, Person, Relation


def check_post(post: str, org: Organisation, day: dt.date) -> Post:
    """The pack's post; Invalid if it has none, or none in this kind of organisation."""
    pack = policy.on(day)
    try:
        described = pack.post(post)
    except policy.UnknownEntry:
        raise Invalid("政策包里没有这个职务。", field="post") from None
    if described.org_kinds and org.kind not in described.org_kinds:
        raise Invalid(f"“{described.title}”不能设在这一类组织。", field="post")
    return described


@transaction.atomic
def appoint(
    *, person: Person, org: Organisation, post: str, by: Actor, on: dt.date, part_time: bool = False,
    sending_unit: str = "", at: dt.datetime | None = None, source: str | None = None,
) -> Appointment:  # fmt: skip
    """Put a person in a post from a day on (任职). Which posts there are, where, and how many holders is the pack's."""
    by.require("people.manage", org)
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。", field="org")
    described = check_post(post, org, on)
    if on > clock.today():
        raise Invalid("任职日期不能晚于今天。", field="on")
    if described.part_time:
        part_time = True
    Organisation.objects.select_for_update().get(pk=org.pk)  # two who take a single post at once wait here
    if described.single and Appointment.objects.filter(org=org, post=post, ends_on__isnull=True).exists():
        raise Refused(f"“{org.name}”已有{described.title}，请先免去现任。", field="post")
    post_row = Appointment(
        person=person, org=org, post=post, starts_on=on, part_time=part_time, sending_unit=sending_unit
    )
    try:
        with transaction.atomic():
            post_row.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{person.name}已经担任此职务。", field="person") from None
    recount({org.pk})
    facts.record(
        "appointment.started", by=by, at=at or clock.at_time(on), person=person.pk, org=org.pk,
        obj=Ref.of("appointment", post_row.pk),
        data={"post": post, "part_time": part_time, "on": on.isoformat(), "sending_unit": sending_unit}, source=source,
    )  # fmt: skip
    return post_row


@transaction.atomic
def end_appointment(
    *, appointment: Appointment, by: Actor, on: dt.date, reason: str = "", at: dt.datetime | None = None
) -> None:
    """End an appointment on a day (免职、任期届满)."""
    by.require("people.manage", appointment.org)
    if on < appointment.starts_on:
        raise Invalid(f"结束日期早于任职日期 {appointment.starts_on}。", field="on")
    if not Appointment.objects.filter(Q(ends_on__isnull=True), pk=appointment.pk).update(ends_on=on, end_reason=reason):
        raise Refused("这项任职已经结束。")
    recount({appointment.org_id})
    facts.record(
        "appointment.ended",
        by=by,
        at=at or clock.at_time(on),
        person=appointment.person_id,
        org=appointment.org_id,
        obj=Ref.of("appointment", appointment.pk),
        data={"post": appointment.post, "on": on.isoformat(), "reason": reason},
    )


@transaction.atomic
def relate(
    *, person: Person, org: Organisation, kind: str, by: Actor, on: dt.date, at: dt.datetime | None = None
) -> Relation:
    """Make a person a resident, volunteer, liaison or worker of an organisation from a day on; again: the same one."""
    by.require("people.manage", org)
    if kind not in dict(Relation.KINDS):
        raise Invalid("没有这种关系。", field="kind")
    found, new = Relation.objects.get_or_create(
        person=person, org=org, kind=kind, ends_on=None, defaults={"starts_on": on}
    )
    if new:
        facts.record(
            "relation.started", by=by, at=at or clock.at_time(on), person=person.pk, org=org.pk,
            obj=Ref.of("relation", found.pk), data={"kind": kind, "on": on.isoformat()},
        )  # fmt: skip
    return found


@transaction.atomic
def end_relation(
    *, relation: Relation, by: Actor, on: dt.date, reason: str = "", at: dt.datetime | None = None
) -> None:
    """End a relation on a day."""
    by.require("people.manage", relation.org)
    if on < relation.starts_on or on > clock.today():
        raise Invalid(f"日期应在 {relation.starts_on} 之后、今天之前。", field="on")
    if not Relation.objects.filter(pk=relation.pk, ends_on__isnull=True).update(ends_on=on, end_reason=reason):
        raise Refused("这项关系已经结束。")
    facts.record(
        "relation.ended", by=by, at=at or clock.at_time(on), person=relation.person_id, org=relation.org_id,
        obj=Ref.of("relation", relation.pk), data={"kind": relation.kind, "on": on.isoformat(), "reason": reason},
    )  # fmt: skip


@transaction.atomic
def host_guest(
    *, person: Person, org: Organisation, by: Actor, on: dt.date, deed: Ref, at: dt.datetime | None = None
) -> Relation:
    """A 流动党员 may attend at another branch from a day on, without a vote there (DOMAIN 2.2.12); again: the same one.

    The right is that over the member's own branch, which sends him or her; `deed` is the registration that says so.
    """
    home = queries.membership_of(person.pk)
    if home is None or home.org_id == org.pk:
        raise Refused(_("流入地应是另一个党支部。"), field="host")
    by.require("people.manage", home.org)
    found, new = Relation.objects.get_or_create(
        person=person, org=org, kind="guest", ends_on=None, defaults={"starts_on": on}
    )
    if new:
        facts.record(
            "relation.started", by=by, at=at or clock.at_time(on), person=person.pk, org=org.pk,
            obj=Ref.of("relation", found.pk), data={"kind": "guest", "on": on.isoformat(), "deed": str(deed)},
        )  # fmt: skip
    return found


@transaction.atomic
def end_guest(
    *, person: Person, by: Actor, on: dt.date, deed: Ref, org: Organisation | None = None, at: dt.datetime | None = None
) -> int:
    """The guest is no guest any more (at `org`, or anywhere); how many ended. `deed` settled it: a return, a transfer."""
    rows = Relation.objects.filter(person=person, kind="guest", ends_on__isnull=True)
    rows = list((rows.filter(org=org) if org else rows).select_for_update())
    for row in rows:
        last = max(on, row.starts_on)
        Relation.objects.filter(pk=row.pk).update(ends_on=last)
        facts.record(
            "relation.ended", by=by, at=at or clock.at_time(last), person=person.pk, org=row.org_id,
            obj=Ref.of("relation", row.pk), data={"kind": "guest", "on": last.isoformat(), "deed": str(deed)},
        )  # fmt: skip
    return len(rows)


@transaction.atomic
def hand_over_relation(
    *, relation: Relation, to: Organisation, by: Actor, on: dt.date, reason: str = "", at: dt.datetime | None = None
) -> Relation:
    """Move a relation to another organisation that takes it over; the room that asks has settled it with the old one."""
    by.require("people.manage", to)
    on = max(on, relation.starts_on)
    if not Relation.objects.filter(pk=relation.pk, ends_on__isnull=True).update(ends_on=on, end_reason=reason[:200]):
        raise Refused("这项关系已经结束。")
    facts.record(
        "relation.ended", by=by, at=at or clock.at_time(on), person=relation.person_id, org=relation.org_id,
        obj=Ref.of("relation", relation.pk), data={"kind": relation.kind, "on": on.isoformat(), "reason": reason},
    )  # fmt: skip
    return relate(person=relation.person, org=to, kind=relation.kind, by=by, on=on, at=at)
