"""Deeds on people: register, correct, admit, move, appoint, end; and reading a protected field, which is a deed too."""

import datetime as dt

from django.db import IntegrityError, connection, transaction
from django.db.models import Q

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import encrypt, keyed_hash
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.identifiers import (
    check_identity_number,
    check_phone,
    mask_address,
    mask_identity,
    mask_phone,
)
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import PROTECTED, Appointment, Membership, Person, Relation
from gongjian.records.people.queries import get_for

PLAIN = ("name", "sex", "ethnic", "birth_date", "education", "degree", "work_unit", "occupation", "died_on")


def protect(person: Person, field: str, value: str) -> None:
    """Check a protected value and put it on the person sealed, hashed and masked; Invalid says what is wrong with it."""
    value = (value or "").strip()
    try:
        if field == "identity" and value:
            value = str(check_identity_number(value, today=clock.today()))
        if field == "phone" and value:
            value = str(check_phone(value))
    except ValueError as problem:
        raise Invalid(str(problem), field=field) from None
    mask = {"identity": mask_identity, "phone": mask_phone, "address": mask_address}[field]
    setattr(person, f"{field}_sealed", encrypt(value, context=f"person.{field}"))
    setattr(person, f"{field}_masked", mask(value) if value else "")
    if field == "identity":
        person.identity_hash = keyed_hash(value, context="person.identity") or None
    if field == "phone":
        person.phone_hash = keyed_hash(value, context="person.phone")


@transaction.atomic
def register(
    *, by: Actor, org: Organisation | None = None, at: dt.datetime | None = None, identity: str = "", phone: str = "",
    address: str = "", source: str | None = None, **plain: object,
) -> Person:  # fmt: skip
    """Register a person (人员登记). `org` is where the registrar has the right to; birth date and sex follow from the
    identity number when it is given. Raises Invalid for a wrong value, Refused if the number is already registered."""
    by.require("people.manage", org)
    unknown = set(plain) - set(PLAIN)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    person = Person(registered_at=at or clock.now(), **plain)
    person.name = (person.name or "").strip()
    if not person.name:
        raise Invalid("请填写姓名。", field="name")
    for field, value in (("identity", identity), ("phone", phone), ("address", address)):
        protect(person, field, value)
    _agree_with_identity(person)
    person.pinyin, person.initials = spell(person.name, name=True)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise Refused("这个身份证号已经登记过，请先按证件号查找。", field="identity") from None
    facts.record(
        "person.registered", by=by, at=at, person=person.pk, org=org.pk if org else None,
        obj=Ref.of("person", person.pk), source=source,
    )  # fmt: skip
    return person


def _agree_with_identity(person: Person) -> None:
    """Take birth date and sex from the identity number, and refuse what contradicts it."""
    if not person.identity_sealed:
        return
    number = check_identity_number(person.unsealed("identity"))
    sex = {"male": "1", "female": "2"}[number.sex]
    if person.birth_date and person.birth_date != number.birth_date:
        raise Invalid(f"出生日期与身份证号不一致（证号为 {number.birth_date}）。", field="birth_date")
    if person.sex in ("1", "2") and person.sex != sex:
        raise Invalid("性别与身份证号不一致。", field="sex")
    person.birth_date, person.sex = number.birth_date, sex


@transaction.atomic
def correct(*, person: Person, by: Actor, at: dt.datetime | None = None, **fields: object) -> list[str]:
    """Correct particulars, protected ones included; returns the names of what changed (none: nothing is written)."""
    person = get_for(by, person.pk, permission="people.manage", lock=True)
    changed = []
    for name, value in fields.items():
        if name in PROTECTED:
            if person.unsealed(name) != (value or "").strip():
                protect(person, name, str(value or ""))
                changed.append(name)
        elif name in PLAIN:
            if getattr(person, name) != value:
                setattr(person, name, value)
                changed.append(name)
        else:
            raise TypeError(f"unknown field: {name}")
    if not changed:
        return []
    if not person.name.strip():
        raise Invalid("请填写姓名。", field="name")
    _agree_with_identity(person)
    person.pinyin, person.initials = spell(person.name, name=True)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise Refused("这个身份证号已登记在另一人名下。", field="identity") from None
    facts.record(
        "person.corrected", by=by, at=at, person=person.pk, obj=Ref.of("person", person.pk), data={"fields": changed}
    )
    return changed


@transaction.atomic
def unmask(*, person: Person, field: str, purpose: str, by: Actor, at: dt.datetime | None = None) -> str:
    """The full value of a protected field, for a stated purpose; the look is a fact that the person sees.

    Oneself needs no permission, but it is recorded all the same. Raises Invalid without a purpose of four characters.
    """
    if field not in PROTECTED:
        raise Invalid("没有这一项受保护信息。", field="field")
    purpose = purpose.strip()
    if len(purpose) < 4:
        raise Invalid("请写明查看用途（至少 4 个字），本人可以看到。", field="purpose")
    if person.pk != by.person:
        by.require("people.view_protected")
        person = get_for(by, person.pk, permission="people.view_protected")
    elif not by.is_authenticated:
        raise Forbidden("请先登录。")
    facts.record(
        "person.unmasked", by=by, at=at, person=person.pk, obj=Ref.of("person", person.pk),
        data={"field": field, "purpose": purpose},
    )  # fmt: skip
    return person.unsealed(field)


def recount(orgs: set[int]) -> None:
    """Count members, formal members and officers of branches anew, set-wise; called by every deed that changes them."""
    if not orgs:
        return
    marks = ", ".join(["%s"] * len(orgs))
    today = clock.today()
    current = "org_id = orgs_organisation.id AND starts_on <= %s AND (ends_on IS NULL OR ends_on > %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE orgs_organisation SET
                  member_count = (SELECT COUNT(*) FROM people_membership WHERE {current}),
                  formal_count = (SELECT COUNT(*) FROM people_membership WHERE {current} AND kind = 'formal'),
                  committee_count = (SELECT COUNT(DISTINCT person_id) FROM people_appointment WHERE {current}
                                     AND post NOT IN ('group_leader', 'part_time_member', 'liaison', 'organiser'))
                WHERE id IN ({marks})""",
            [today, today, today, today, today, today, *sorted(orgs)],
        )


def _need_branch(org: Organisation) -> None:
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。", field="org")
    if org.level != "branch":
        raise Refused("党员的组织关系只能在党支部。", field="org")


@transaction.atomic
def admit(
    *, person: Person, org: Organisation, by: Actor, kind: str, joined_on: dt.date, formal_on: dt.date | None = None,
    starts_on: dt.date | None = None, group: Organisation | None = None, mobile: bool = False,
    at: dt.datetime | None = None, source: str | None = None,
) -> Membership:  # fmt: skip
    """Enter a member in a branch (党员登记). Raises Refused if the person already belongs to one."""
    by.require("people.manage", org)
    _need_branch(org)
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
    at: dt.datetime | None = None, reason: str = "",
) -> Membership:  # fmt: skip
    """Move a member's 组织关系 to another branch (or another group of the same) from a day on; both ends need the right."""
    _need_branch(to)
    current = Membership.objects.select_for_update(of=("self",)).select_related("org").filter(
        person=person, ends_on__isnull=True
    ).first()  # fmt: skip
    if current is None:
        raise Refused(f"{person.name}目前没有组织关系。", field="person")
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
        formal_on=current.formal_on, mobile=current.mobile, starts_on=on,
    )  # fmt: skip
    recount({current.org_id, to.pk})
    facts.record(
        "member.moved", by=by, at=at or clock.at_time(on), person=person.pk, org=to.pk, obj=Ref.of("membership", member.pk),
        data={"from": current.org_id, "to": to.pk, "on": on.isoformat(), "reason": reason},
    )  # fmt: skip
    return member


@transaction.atomic
def become_formal(*, person: Person, by: Actor, on: dt.date, at: dt.datetime | None = None) -> Membership:
    """A probationary member becomes a formal one (转正)."""
    member = _current(person)
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


def _current(person: Person) -> Membership:
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
    member = _current(person)
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
    Membership.objects.filter(pk=member.pk).update(**{name: changes[name] for name in before})
    facts.record(
        "member.state_changed", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id,
        obj=Ref.of("membership", member.pk),
        data={"on": on.isoformat(), "reason": reason, "before": before,
              "after": {name: str(changes[name]) for name in before}},
    )  # fmt: skip
    member.refresh_from_db()
    return member


@transaction.atomic
def leave(*, person: Person, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None) -> None:
    """End a membership for good (去世、出党等); the reason is written by a person."""
    member = _current(person)
    by.require("people.manage", member.org)
    if not reason.strip():
        raise Invalid("请写明原因。", field="reason")
    if on < member.starts_on or on > clock.today():
        raise Invalid(f"日期应在 {member.starts_on} 之后、今天之前。", field="on")
    Membership.objects.filter(pk=member.pk).update(ends_on=on, end_reason=reason)
    recount({member.org_id})
    facts.record(
        "member.left", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id,
        obj=Ref.of("membership", member.pk), data={"on": on.isoformat(), "reason": reason},
    )  # fmt: skip


@transaction.atomic
def appoint(
    *, person: Person, org: Organisation, post: str, by: Actor, on: dt.date, part_time: bool = False,
    sending_unit: str = "", at: dt.datetime | None = None, source: str | None = None,
) -> Appointment:  # fmt: skip
    """Put a person in a post from a day on (任职). Which posts there are is the pack's; callers check it."""
    by.require("people.manage", org)
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。", field="org")
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
        data={"post": post, "part_time": part_time, "on": on.isoformat()}, source=source,
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
        "appointment.ended", by=by, at=at or clock.at_time(on), person=appointment.person_id, org=appointment.org_id,
        obj=Ref.of("appointment", appointment.pk), data={"post": appointment.post, "on": on.isoformat(), "reason": reason},
    )  # fmt: skip


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
