"""Begin a file, and keep its dates fresh."""

import datetime as dt

from django.db import IntegrityError, transaction

from gongjian.desks.admissions import queries, rules
from gongjian.desks.admissions.actions.shared import entered_later, ref
from gongjian.desks.admissions.models import Admission, StepRecord
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy.schema import Pack
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons
from gongjian.records.people.models import Person


@transaction.atomic
def start(
    *, org: Organisation, person: Person, on: dt.date, by: Actor, evidence: str = "", paper: bool = False,
    source: str | None = None, at: dt.datetime | None = None,
) -> Admission:  # fmt: skip
    """Take in a written application (第一步, 细则第五条): opens the file and makes the person an applicant of the branch.

    Raises Refused for somebody under age or barred from rejoining (DOMAIN 2.2.4), a member, or one whose application is
    under way; the same `source` told again gives the first file.
    """
    by.require("admissions.keep", org)
    if source and (known := Admission.objects.filter(source=source).first()) is not None:
        return known
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    table, first = pack.admissions, pack.admissions.steps[0]
    if not org.is_alive or not pack.org_kind(org.kind).has_members or org.level != "branch":
        raise Refused(f"“{org.name}”不能接收入党申请，请选择党支部。", field="org")
    if person.pk == by.person:
        raise Refused("自己的申请由支部其他同志登记。", field="person")
    late = entered_later(on, today, paper, evidence, pack)
    if persons.membership_of(person.pk) is not None:
        raise Refused(f"{person.name}已经是党员。", field="person")
    found = rules.findings(first, on, {}, queries.case_before(person), table, queries.tools_of(pack))
    if found:
        raise Refused("".join(one.text for one in found), field="on")
    queries.approver_of(org, pack)
    admission = Admission(
        person=person, org=org, step=2, stage=(table.numbered(2) or first).stage, standing=table.standing_after(1),
        applied_on=on, created_at=moment, source=source,
    )  # fmt: skip
    try:
        with transaction.atomic():
            admission.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{person.name}的入党申请已经在办理中。", field="person") from None
    people.relate(person=person, org=org, kind="applicant", by=by, on=on, at=moment)
    fact = facts.record(
        "admission.started", by=by, at=clock.at_time(on), recorded_at=moment, person=person.pk, org=org.pk,
        obj=ref(admission), data={"on": on.isoformat(), "entered_later": late}, source=f"admission:{admission.pk}:started",
    )  # fmt: skip
    StepRecord.objects.create(
        admission=admission, step=first.id, number=1, on=on, entered_later=late, evidence=evidence.strip()[:300],
        recorded_by=by.person, recorded_at=moment, org=org, fact=fact.pk,
    )  # fmt: skip
    put_window(admission, pack, today)
    return admission


@transaction.atomic
def adopt(*, person: Person, by: Actor, evidence: str, at: dt.datetime | None = None) -> Admission:
    """Open the file of a probationary member who was admitted before the system came (接续办理).

    The membership is the proof that the steps up to the approval were done; the file goes on after it, and the probation
    counts from the day of joining. Told again, the same file. Raises Refused for who is no probationary member.
    """
    member = queries.membership_for(by, person.pk)
    by.require("admissions.keep", member.org)
    if person.pk == by.person:
        raise Refused("自己的档案由支部其他同志登记。", field="person")
    known = Admission.objects.filter(person=person, state="under_way").first()
    if known is not None:
        return known
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    table = pack.admissions
    entered_later(member.joined_on, today, True, evidence, pack)
    counted = table.steps[next(c.of for s in table.steps for c in s.conditions if c.kind == "full")]
    after = next(step for step in table.steps if step.effect == "group")
    admission = Admission(
        person=person, org=member.org, step=after.number, stage=after.stage, created_at=moment,
        standing=table.standing_after(after.number - 1), applied_on=member.joined_on, admitted_on=member.joined_on,
        full_on=rules.full_on(member.joined_on, table.probation_months),
    )  # fmt: skip
    try:
        with transaction.atomic():
            admission.save(force_insert=True)
    except IntegrityError:
        return Admission.objects.get(person=person, state="under_way")
    fact = facts.record(
        "admission.started", by=by, at=moment, person=person.pk, org=member.org_id, obj=ref(admission),
        data={"on": member.joined_on.isoformat(), "entered_later": True, "adopted": True},
        source=f"admission:{admission.pk}:started",
    )  # fmt: skip
    StepRecord.objects.create(
        admission=admission, step=counted.id, number=counted.number, on=member.joined_on, entered_later=True,
        evidence=evidence.strip()[:300], recorded_by=by.person, recorded_at=moment, org=member.org, fact=fact.pk,
    )  # fmt: skip
    put_window(admission, pack, today)
    return admission


def put_window(admission: Admission, pack: Pack, today: dt.date) -> bool:
    """Work out when the next step may and must be done, and keep it; whether it changed."""
    window = queries.window_of(admission, pack, today)
    if (admission.earliest_on, admission.due_on) == (window.earliest, window.due):
        return False
    admission.earliest_on, admission.due_on = window.earliest, window.due
    Admission.objects.filter(pk=admission.pk).update(earliest_on=window.earliest, due_on=window.due)
    return True


@transaction.atomic
def refresh(*, by: Actor, at: dt.datetime | None = None) -> int:
    """Work out all windows anew (a day has passed, the pack has changed); returns how many changed. For the daily job."""
    if by.kind != "system":
        raise Invalid("只由系统每天更新。")
    today = clock.day_of(at or clock.now())
    pack = policy.on(today)
    return sum(
        put_window(one, pack, today)
        for one in queries.visible_to(by).filter(state="under_way").select_related("org", "person")
    )
