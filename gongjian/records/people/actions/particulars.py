"""Deeds on a person's record: register, correct, and reading protected fields, which is a deed too."""

import datetime as dt

from django.db import IntegrityError, transaction

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
from gongjian.records.people import codes
from gongjian.records.people.models import PROTECTED, Membership, Person
from gongjian.records.people.queries import get_for, visible_to

PLAIN = ("name", "sex", "ethnic", "birth_date", "education", "degree", "work_unit", "occupation", "died_on")


def check_codes(values: dict[str, object]) -> None:
    """Refuse a code that its national table does not have; dates of birth and death that have not come."""
    tables = {"sex": codes.SEX, "ethnic": codes.ETHNIC, "education": codes.EDUCATION, "degree": codes.DEGREE}
    for name, table in tables.items():
        if (code := values.get(name)) and code not in table:
            raise Invalid("没有这个代码，请从列表中选择。", field=name)
    for name in ("birth_date", "died_on"):
        day = values.get(name)
        if isinstance(day, dt.date) and day > clock.today():
            raise Invalid("日期不能晚于今天。", field=name)


def home_of(person: int) -> int | None:
    """The branch that holds a person's membership today: where facts about the person's record are read."""
    return Membership.objects.filter(person_id=person, ends_on__isnull=True).values_list("org_id", flat=True).first()


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
    *,
    by: Actor,
    org: Organisation | None = None,
    at: dt.datetime | None = None,
    identity: str = "",
    phone: str = "",
    address: str = "",
    source: str | None = None,
    **plain: object,
) -> Person:
    """Register a person (人员登记). `org` is where the registrar has the right to; birth date and sex follow from the
    identity number when it is given. Raises Invalid for a wrong value, Refused if the number is already registered."""
    by.require("people.manage", org)
    unknown = set(plain) - set(PLAIN)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    check_codes(plain)
    person = Person(registered_at=at or clock.now(), **plain)
    person.name = (person.name or "").strip()
    if not person.name:
        raise Invalid("请填写姓名。", field="name")
    for field, value in (("identity", identity), ("phone", phone), ("address", address)):
        protect(person, field, value)
    agree_with_identity(person)
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


def agree_with_identity(person: Person) -> None:
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
    check_codes(fields)
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
    agree_with_identity(person)
    person.pinyin, person.initials = spell(person.name, name=True)
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError:
        raise Refused("这个身份证号已登记在另一人名下。", field="identity") from None
    facts.record(
        "person.corrected",
        by=by,
        at=at,
        person=person.pk,
        obj=Ref.of("person", person.pk),
        data={"fields": changed},
        org=home_of(person.pk),
    )
    return changed


@transaction.atomic
def unmask(*, person: Person, field: str, purpose: str, by: Actor, at: dt.datetime | None = None) -> str:
    """The full value of a protected field, for a stated purpose; the look is a fact that the person sees.

    Oneself needs no permission, but it is recorded all the same. Raises Invalid without a purpose of four characters.
    """
    if field not in PROTECTED:
        raise Invalid("没有这一项受保护信息。", field="field")
    purpose = check_purpose(purpose)
    if person.pk != by.person:
        by.require("people.view_protected")
        person = get_for(by, person.pk, permission="people.view_protected")
    elif not by.is_authenticated:
        raise Forbidden("请先登录。")
    facts.record(
        "person.unmasked", by=by, at=at, person=person.pk, obj=Ref.of("person", person.pk),
        data={"field": field, "purpose": purpose}, org=home_of(person.pk) if person.pk != by.person else None,
    )  # fmt: skip
    return person.unsealed(field)


@transaction.atomic
def export_protected(*, people: list[int], purpose: str, by: Actor, at: dt.datetime | None = None) -> int:
    """Record that a list with protected fields in full is taken out: a fact `person.exported` for each person, who sees it.

    Every person must be in the exporter's scope of `people.view_protected`; raises Forbidden otherwise, and Invalid
    without a purpose. Returns how many facts were written.
    """
    purpose = check_purpose(purpose)
    by.require("people.view_protected")
    wanted = set(people)
    allowed = set(visible_to(by, permission="people.view_protected").filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - allowed:
        raise Forbidden("名单中有您无权查看受保护信息的人员。")
    homes = dict(
        Membership.objects.filter(person_id__in=wanted, ends_on__isnull=True).values_list("person_id", "org_id")
    )
    moment = at or clock.now()
    return facts.record_many(
        (
            {
                "kind": "person.exported",
                "at": moment,
                "person": person,
                "org": homes.get(person),
                "obj": Ref.of("person", person),
                "data": {"purpose": purpose, "fields": list(PROTECTED)},
            }
            for person in sorted(wanted)
        ),
        by=by,
    )


def check_purpose(purpose: str) -> str:
    """A purpose in words, of four characters at least."""
    purpose = purpose.strip()
    if len(purpose) < 4:
        raise Invalid("请写明用途（至少 4 个字），本人可以看到。", field="purpose")
    return purpose[:200]
