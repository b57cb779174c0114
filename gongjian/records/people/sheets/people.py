"""导入人员: every problem by row and column; then persons, memberships, facts and counts set-wise in one transaction."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.clock import add_months
from gongjian.ground.kernel.crypto import encrypt, keyed_hash
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.identifiers import check_identity_number, mask_address, mask_identity, mask_phone
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets import Problem, Row
from gongjian.ground.sheets.binding import Complaints, Progress, Result, in_chunks, moment_of, silent
from gongjian.records import facts
from gongjian.records.orgs.models import ImportTrace, Organisation
from gongjian.records.people import codes, queries
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import PROTECTED, Membership, Person, Relation
from gongjian.records.people.sheets.shapes import PEOPLE_SHEET

PLAIN = ("name", "sex", "ethnic", "birth_date", "education", "degree", "work_unit", "occupation")
MEMBER = ("state", "mobile", "mobile_to", "lost_since", "joined_on", "formal_on")
ADULT = 18  # 发展党员工作细则: 年满十八岁
CHUNK = 1000


class Look:
    """What the file speaks of, fetched in few queries: organisations by code, persons and memberships by identity."""

    def __init__(self, rows: Sequence[Row], by: Actor) -> None:
        self.orgs = organisations(rows, ("org_code", "group_code"), by)
        self.hashes = {row.number: identity_hash(row) for row in rows if row.values["identity"]}
        self.persons: dict[str, Person] = {}
        self.members: dict[int, Membership] = {}
        self.mine: set[int] = set()
        for chunk in in_chunks(self.hashes.values(), 5000):
            found = list(Person.objects.filter(identity_hash__in=chunk))
            ids = [person.pk for person in found]
            self.persons.update((person.identity_hash, person) for person in found)
            self.members.update(
                (row.person_id, row)
                for row in Membership.objects.filter(person_id__in=ids, ends_on__isnull=True).select_related("org")
            )
            managed = queries.visible_to(by, permission="people.manage")
            self.mine.update(managed.filter(pk__in=ids).values_list("pk", flat=True))

    def person(self, row: Row) -> Person | None:
        """The registered person of a row."""
        return self.persons.get(self.hashes.get(row.number, ""))


def identity_hash(row: Row) -> str:
    """By what a row's person is found."""
    return keyed_hash(row.values["identity"], context="person.identity")


def organisations(rows: Sequence[Row], keys: tuple[str, ...], by: Actor) -> dict[str, Organisation]:
    """Living organisations named in some columns, by code, over which the actor manages people."""
    wanted = {row.values[key] for row in rows for key in keys if row.values[key]}
    found: dict[str, Organisation] = {}
    for chunk in in_chunks(sorted(wanted), 5000):
        for org in Organisation.objects.filter(code__in=chunk, dissolved_on__isnull=True):
            if by.may_at("people.manage", org):
                found[org.code] = org
    return found


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    return _check(rows, Look(rows, by))


def _check(rows: Sequence[Row], look: Look) -> list[Problem]:
    told, today = Complaints(PEOPLE_SHEET), clock.today()
    has_members = {kind.id for kind in policy.current().org_kinds if kind.has_members}
    for row in rows:
        values = row.values
        org = look.orgs.get(values["org_code"] or "")
        if values["org_code"] and org is None:
            told.add(row, "org_code", "没有这个组织，或者它不在您的管理范围内")
        _check_identity(row, told)
        _check_membership(row, org, has_members, look, told, today)
        person = look.person(row)
        if person is not None:
            _check_existing(row, person, org, look, told)
    return told.found


def _check_identity(row: Row, told: Complaints) -> None:
    values = row.values
    if not values["identity"]:
        return
    number = check_identity_number(values["identity"])
    if values["birth_date"] and values["birth_date"] != number.birth_date:
        told.add(row, "birth_date", f"与身份证号不一致（证号为 {number.birth_date}）")
    if values["sex"] in ("1", "2") and values["sex"] != _sex(number):
        told.add(row, "sex", "与身份证号不一致", codes.SEX[values["sex"]])
    if values["joined_on"] and values["joined_on"] < add_months(number.birth_date, 12 * ADULT):
        told.add(row, "joined_on", "入党时不满 18 岁")


def _sex(number: Any) -> str:
    return {"male": "1", "female": "2"}[number.sex]


def _check_membership(
    row: Row, org: Organisation | None, has_members: set[str], look: Look, told: Complaints, today: dt.date
) -> None:
    values = row.values
    for key, label in (("joined_on", "入党日期"), ("formal_on", "转正日期"), ("lost_since", "失去联系日期")):
        if values[key] and values[key] > today:
            told.add(row, key, f"{label}不能晚于今天")
    if values["joined_on"] and values["formal_on"] and values["formal_on"] < values["joined_on"]:
        told.add(row, "formal_on", "早于入党日期")
    if values["kind"] is None:
        for key in (*MEMBER, "group_code"):
            if values[key] and look.person(row) is None:
                told.add(row, "kind", "填了党员的内容，请填写人员类别")
                break
        return
    if values["joined_on"] is None:
        told.add(row, "joined_on", "党员须填写入党日期")
    if values["kind"] == "formal" and values["formal_on"] is None:
        told.add(row, "formal_on", "正式党员须填写转正日期")
    if values["kind"] == "probationary" and values["formal_on"] is not None:
        told.add(row, "formal_on", "预备党员没有转正日期")
    if org is not None and org.kind not in has_members:
        told.add(row, "org_code", "党员的组织关系只能在党支部等基层组织")
    if values["group_code"]:
        group = look.orgs.get(values["group_code"])
        if group is None:
            told.add(row, "group_code", "没有这个党小组，或者它不在您的管理范围内")
        elif org is not None and (group.kind != "group" or group.parent_id != org.pk):
            told.add(row, "group_code", "这个党小组不属于所填的党支部")


def _check_existing(row: Row, person: Person, org: Organisation | None, look: Look, told: Complaints) -> None:
    if person.pk not in look.mine:
        told.add(row, "identity", "此人已登记，但不在您的管理范围内；请联系上级组织办理转接")
        return
    member = look.members.get(person.pk)
    if member is None or row.values["kind"] is None:
        return
    if org is not None and member.org_id != org.pk:
        told.add(row, "org_code", "此人的组织关系现在另一个支部；请用“转接组织关系”办理")
    if member.kind == "formal" and row.values["kind"] == "probationary":
        told.add(row, "kind", "此人已是正式党员，不能改为预备党员")


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Write the rows: all or nothing; the same rows again change nothing."""
    look = Look(rows, by)
    if problems := _check(rows, look):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    moment, done, created, updated = moment_of(at), 0, 0, 0
    touched: set[int] = set()
    for chunk in in_chunks(rows, CHUNK):
        new = [row for row in chunk if look.person(row) is None]
        old = [row for row in chunk if look.person(row) is not None]  # before the new ones are known by their numbers
        created += len(new)
        _create(new, look, by, moment, batch, touched)
        updated += _update(old, look, by, moment, batch, touched)
        done += len(chunk)
        progress(done, len(rows))
    recount(touched)
    return Result(created, updated, len(rows) - created - updated)


def _seal(person: Person, values: Mapping[str, Any], only: Iterable[str] = PROTECTED) -> None:
    """Put values that the reader has already checked on a person, sealed, hashed and masked."""
    masks = {"identity": mask_identity, "phone": mask_phone, "address": mask_address}
    for field in only:
        value = values[field]
        if value is None:
            continue
        setattr(person, f"{field}_sealed", encrypt(value, context=f"person.{field}"))
        setattr(person, f"{field}_masked", masks[field](value))
        if field != "address":
            setattr(person, f"{field}_hash", keyed_hash(value, context=f"person.{field}"))


def _create(rows: list[Row], look: Look, by: Actor, at: dt.datetime, batch: str, touched: set[int]) -> None:
    made = []
    for row in rows:
        values = row.values
        number = check_identity_number(values["identity"])
        person = Person(registered_at=at, **{key: values[key] for key in PLAIN if values[key] is not None})
        person.birth_date, person.sex = number.birth_date, _sex(number)
        person.pinyin, person.initials = spell(person.name, name=True)
        _seal(person, values)
        made.append(person)
    made = Person.objects.bulk_create(made, batch_size=CHUNK)
    members, relations = [], []
    for row, person in zip(rows, made, strict=True):
        look.persons[person.identity_hash] = person
        if row.values["kind"]:
            members.append(_membership(row, person, look))
        if row.values["relation"]:
            relations.append(_relation(row, person, look, at))
    members = Membership.objects.bulk_create(members, batch_size=CHUNK)
    relations = Relation.objects.bulk_create(relations, batch_size=CHUNK)
    touched.update(member.org_id for member in members)
    told = [
        {"kind": "person.registered", "at": at, "person": person.pk, "org": look.orgs[row.values["org_code"]].pk,
         "obj": Ref.of("person", person.pk), "data": {"batch": batch}, "source": f"import:{batch}:person:{person.pk}"}
        for row, person in zip(rows, made, strict=True)
    ]  # fmt: skip
    facts.record_many(told + _admissions(members, at, batch) + _starts(relations, at, batch), by=by)
    ImportTrace.objects.bulk_create(
        (ImportTrace(batch=batch, kind="person", object_id=person.pk) for person in made), batch_size=CHUNK
    )


def _membership(row: Row, person: Person, look: Look) -> Membership:
    values, org = row.values, look.orgs[row.values["org_code"]]
    return Membership(
        person=person, org=org, group=look.orgs.get(values["group_code"] or ""), kind=values["kind"],
        state=values["state"] or "normal", joined_on=values["joined_on"], formal_on=values["formal_on"],
        mobile=bool(values["mobile"]), mobile_to=values["mobile_to"] or "", lost_since=values["lost_since"],
        starts_on=max(values["joined_on"], org.founded_on),
    )  # fmt: skip


def _relation(row: Row, person: Person, look: Look, at: dt.datetime) -> Relation:
    org = look.orgs[row.values["org_code"]]
    return Relation(person=person, org=org, kind=row.values["relation"], starts_on=clock.day_of(at))


def _admissions(members: Sequence[Membership], at: dt.datetime, batch: str) -> list[dict]:
    return [
        {"kind": "member.admitted", "at": at, "person": row.person_id, "org": row.org_id,
         "obj": Ref.of("membership", row.pk),
         "data": {"kind": row.kind, "joined_on": row.joined_on.isoformat(), "batch": batch},
         "source": f"import:{batch}:membership:{row.pk}"}
        for row in members
    ]  # fmt: skip


def _starts(relations: Sequence[Relation], at: dt.datetime, batch: str) -> list[dict]:
    return [
        {"kind": "relation.started", "at": at, "person": row.person_id, "org": row.org_id,
         "obj": Ref.of("relation", row.pk), "data": {"kind": row.kind, "batch": batch},
         "source": f"import:{batch}:relation:{row.pk}"}
        for row in relations
    ]  # fmt: skip


def _differences(row: Row, person: Person) -> dict[str, Any]:
    """What a row says otherwise than the record."""
    values = row.values
    found = {key: values[key] for key in PLAIN if values[key] is not None and getattr(person, key) != values[key]}
    if values["phone"] is not None and keyed_hash(values["phone"], context="person.phone") != person.phone_hash:
        found["phone"] = values["phone"]
    if values["address"] is not None and values["address"] != person.unsealed("address"):
        found["address"] = values["address"]
    return found


def _kept(person: Person, names: Iterable[str]) -> dict[str, Any]:
    """The columns behind some fields as they are now, ready for JSON; protected ones stay sealed."""
    columns: list[str] = []
    for name in names:
        columns += [c for c in (f"{name}_sealed", f"{name}_hash", f"{name}_masked") if hasattr(person, c)]
        columns += [name] if name not in PROTECTED else []
    return {name: plain(getattr(person, name)) for name in columns}


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def _update(rows: list[Row], look: Look, by: Actor, at: dt.datetime, batch: str, touched: set[int]) -> int:
    persons, members, admitted, related, told, traces = [], [], [], [], [], []
    relations = set(
        Relation.objects.filter(
            person_id__in=[p.pk for row in rows if (p := look.person(row))], ends_on__isnull=True
        ).values_list("person_id", "org_id", "kind")
    )
    changed: set[int] = set()
    for row in rows:
        person = look.person(row)
        different = _differences(row, person)
        if different:
            traces.append(ImportTrace(batch=batch, kind="person", object_id=person.pk, before=_kept(person, different)))
            for key in different:
                if key in PROTECTED:
                    _seal(person, row.values, only=(key,))
                else:
                    setattr(person, key, different[key])
            person.pinyin, person.initials = spell(person.name, name=True)
            persons.append(person)
            changed.add(row.number)
        member = look.members.get(person.pk)
        fields = list(different)
        if row.values["kind"] and member is None:
            admitted.append(_membership(row, person, look))
            changed.add(row.number)
        elif member is not None and row.values["kind"]:
            before = _member_changes(row, member)
            if before:
                traces.append(ImportTrace(batch=batch, kind="membership", object_id=member.pk, before=before))
                members.append(member)
                touched.add(member.org_id)
                changed.add(row.number)
                fields += [key for key in before if key not in ("state", "kind")]
                told += _member_facts(member, before, at, batch)
        if fields:
            told.append(
                {"kind": "person.corrected", "at": at, "person": person.pk, "org": look.orgs[row.values["org_code"]].pk,
                 "obj": Ref.of("person", person.pk), "data": {"fields": fields, "batch": batch},
                 "source": f"import:{batch}:person:{person.pk}"}
            )  # fmt: skip
        org = look.orgs[row.values["org_code"]]
        if row.values["relation"] and (person.pk, org.pk, row.values["relation"]) not in relations:
            related.append(_relation(row, person, look, at))
            changed.add(row.number)
    columns = [
        *PLAIN,
        "pinyin",
        "initials",
        "phone_sealed",
        "phone_hash",
        "phone_masked",
        "address_sealed",
        "address_masked",
    ]
    Person.objects.bulk_update(persons, columns, batch_size=100)
    Membership.objects.bulk_update(members, ["kind", "group", *MEMBER], batch_size=200)
    admitted = Membership.objects.bulk_create(admitted)
    related = Relation.objects.bulk_create(related)
    touched.update(member.org_id for member in admitted)
    traces += [ImportTrace(batch=batch, kind="membership", object_id=row.pk) for row in admitted]
    traces += [ImportTrace(batch=batch, kind="relation", object_id=row.pk) for row in related]
    facts.record_many(told + _admissions(admitted, at, batch) + _starts(related, at, batch), by=by)
    ImportTrace.objects.bulk_create(traces, batch_size=CHUNK)
    return len(changed)


def _member_changes(row: Row, member: Membership) -> dict[str, Any]:
    """Put what differs on the membership; returns the columns as they were."""
    before: dict[str, Any] = {}
    for key in (*MEMBER, "kind"):
        value = row.values[key]
        if value is not None and getattr(member, key) != value:
            before[key] = plain(getattr(member, key))
            setattr(member, key, value)
    return before


def _member_facts(member: Membership, before: dict, at: dt.datetime, batch: str) -> list[dict]:
    common = {"at": at, "person": member.person_id, "org": member.org_id, "obj": Ref.of("membership", member.pk)}
    told = []
    if "kind" in before:
        data = {"on": member.formal_on.isoformat(), "batch": batch}
        told.append(
            {"kind": "member.became_formal", "data": data, "source": f"import:{batch}:formal:{member.pk}", **common}
        )
    if "state" in before:
        data = {
            "before": {"state": before["state"]},
            "after": {"state": member.state},
            "batch": batch,
            "reason": "导入",
        }
        told.append(
            {"kind": "member.state_changed", "data": data, "source": f"import:{batch}:state:{member.pk}", **common}
        )
    return told


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Visible persons as rows of the sheet, protected fields masked: full ones go out only through a stated purpose."""
    found = queries.visible_to(actor).order_by("pinyin", "pk")
    if filters.get("org"):
        part = f"/{int(filters['org'])}/"
        below = Membership.objects.filter(org__path__contains=part, ends_on__isnull=True).values("person")
        found = found.filter(pk__in=below)
    for people in in_chunks(found.iterator(chunk_size=CHUNK), CHUNK):
        queries.load_places(people)
        for person in people:
            yield row_of(person) | {field: getattr(person, f"{field}_masked") for field in PROTECTED}


def row_of(person: Person) -> dict[str, Any]:
    """A person (with places loaded) as a row, without protected fields."""
    member = person.membership
    row = {key: getattr(person, key) or None for key in PLAIN}
    for key, table in (
        ("sex", codes.SEX),
        ("ethnic", codes.ETHNIC),
        ("education", codes.EDUCATION),
        ("degree", codes.DEGREE),
    ):
        row[key] = table.get(row[key]) if row[key] else None
    if member:
        row |= {key: getattr(member, key) for key in MEMBER}
        row |= {
            "kind": member.get_kind_display(), "state": member.get_state_display(), "org_code": member.org.code,
            "group_code": member.group.code if member.group else None,
        }  # fmt: skip
    elif person.posts:
        row["org_code"] = person.posts[0].org.code
    elif person.related:
        row |= {"org_code": person.related[0].org.code, "relation": person.related[0].get_kind_display()}
    return row


def full_rows(people: Sequence[Person]) -> Iterator[dict[str, Any]]:
    """Rows of the list with protected fields in full; the caller has recorded the purpose for each person."""
    for chunk in in_chunks(people, CHUNK):
        queries.load_places(chunk)
        for person in chunk:
            member = person.membership
            yield {
                "name": person.name, "sex": codes.SEX.get(person.sex), "ethnic": codes.ETHNIC.get(person.ethnic),
                "birth_date": person.birth_date, "education": codes.EDUCATION.get(person.education),
                "kind": member.get_kind_display() if member else None, "org": member.org.name if member else None,
                "joined_on": member.joined_on if member else None, "formal_on": member.formal_on if member else None,
                "work_unit": person.work_unit, **{field: person.unsealed(field) for field in PROTECTED},
            }  # fmt: skip
