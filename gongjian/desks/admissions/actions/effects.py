"""What a step does beyond the file: guides, membership, group, probation, the end; and how that is taken back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F

from gongjian.desks.admissions import rules
from gongjian.desks.admissions.models import Admission, Guide, StepRecord
from gongjian.desks.admissions.states import FLOW
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.policy.admissions_schema import AdmissionStep
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons
from gongjian.records.people.models import Relation


def take(
    admission: Admission, step: AdmissionStep, record: StepRecord, values: Mapping[str, Any], pack: Pack, *, by: Actor,
    at: dt.datetime,
) -> dict[str, Any]:  # fmt: skip
    """Do what the step does to people; returns the fields of the file that change with it."""
    if step.role:
        people_field = next(field.id for field in step.fields if field.kind == "people")
        _guides(admission, step.role, values[people_field], record.on)
    if step.effect == "admit":
        return _admit(admission, pack, by=by, at=at)
    if step.effect == "group":
        _join_group(admission, values.get("group"), record.on, by=by, at=at)
    if step.effect == "confirm":
        return _confirm(admission, record, pack, by=by, at=at)
    return {}


def _guides(admission: Admission, role: str, ids: list[int], on: dt.date) -> None:
    gone = Guide.objects.filter(admission=admission, role=role, until__isnull=True).exclude(person__in=ids)
    for row in gone:
        Guide.objects.filter(pk=row.pk).update(until=max(on, row.since))
    for person in ids:
        Guide.objects.get_or_create(
            admission=admission, role=role, person_id=person, until=None, defaults={"since": on}
        )


def meeting_of(admission: Admission, pack: Pack) -> StepRecord:
    """The record of the meeting from which the probation counts."""
    counted = next(c.of for s in pack.admissions.steps for c in s.conditions if c.kind == "full")
    return StepRecord.objects.get(admission=admission, step=counted, state="done")


def _admit(admission: Admission, pack: Pack, *, by: Actor, at: dt.datetime) -> dict[str, Any]:
    """党籍 begins on the day of the branch meeting, once the committee has approved (DOMAIN 2.2.1)."""
    met = meeting_of(admission, pack).on
    people.admit(
        person=admission.person, org=admission.org, by=by, kind="probationary", joined_on=met, starts_on=met, at=at,
    )  # fmt: skip
    end_relation(admission, by=by, on=met, reason="接收为预备党员", at=at)
    return {"admitted_on": met, "full_on": rules.full_on(met, pack.admissions.probation_months)}


def _applicant(admission: Admission) -> Relation | None:
    return Relation.objects.filter(
        person=admission.person_id, org=admission.org_id, kind="applicant", ends_on__isnull=True
    ).select_related("org", "person").first()  # fmt: skip


def hand_over(admission: Admission, to: Organisation, *, by: Actor, on: dt.date, at: dt.datetime) -> None:
    """The person becomes an applicant of another branch."""
    row = _applicant(admission)
    if row is not None:
        people.hand_over_relation(relation=row, to=to, by=by, on=on, reason="发展档案转移", at=at)


def end_relation(admission: Admission, *, by: Actor, on: dt.date, reason: str, at: dt.datetime) -> None:
    """The person is no applicant of the branch any more."""
    row = _applicant(admission)
    if row is not None:
        people.end_relation(relation=row, by=by, on=max(on, row.starts_on), reason=reason, at=at)


def _join_group(admission: Admission, group: int | None, on: dt.date, *, by: Actor, at: dt.datetime) -> None:
    member = persons.membership_of(admission.person_id)
    if group is None or member is None or member.group_id == group:
        return
    people.move_member(
        person=admission.person, to=admission.org, by=by, on=max(on, member.starts_on),
        group=Organisation.objects.get(pk=group), at=at, reason="编入党小组",
    )  # fmt: skip


def decision_of(admission: Admission, pack: Pack) -> StepRecord:
    """The record of the meeting that decided on 转正, of this round."""
    decides = next(step.id for step in pack.admissions.steps if step.effect == "decide")
    return StepRecord.objects.get(admission=admission, step=decides, round=admission.round, state="done")


def _confirm(admission: Admission, record: StepRecord, pack: Pack, *, by: Actor, at: dt.datetime) -> dict[str, Any]:
    """Carry out what the branch meeting decided, now that the committee has approved it."""
    decided = decision_of(admission, pack).values
    if decided["outcome"] == "formal":
        # 党龄 counts from the day the probation is full, even if the meeting is later (细则第三十三条).
        people.become_formal(person=admission.person, by=by, on=admission.full_on, at=at)
        return {}
    if decided["outcome"] == "extend":
        months = int(decided["extend_months"])
        return {
            "round": admission.round + 1, "extended_months": months, "step": pack.admissions.first_repeated,
            "full_on": rules.full_on(admission.admitted_on, pack.admissions.probation_months, months),
            "standing": pack.admissions.standing_after(pack.admissions.first_repeated),
        }  # fmt: skip
    people.leave(person=admission.person, by=by, on=record.on, reason="取消预备党员资格", at=at)
    return {"standing": pack.admissions.standing_after(1)}


def close_if_cancelled(
    admission: Admission, step: AdmissionStep, record: StepRecord, *, by: Actor, at: dt.datetime
) -> None:
    """End the file when the membership was cancelled (取消预备党员资格)."""
    if step.effect != "confirm":
        return
    decided = StepRecord.objects.filter(
        admission=admission, number=step.number - 1, round=record.round, state="done"
    ).first()  # fmt: skip
    if decided is not None and decided.values.get("outcome") == "cancel":
        close(admission, "cancelled", "支部大会决议取消预备党员资格，上级党委批准。", record.on, by=by, at=at)


def close(admission: Admission, kind: str, reason: str, on: dt.date, *, by: Actor, at: dt.datetime) -> None:
    """End a file otherwise than by becoming a member."""
    FLOW.move(
        admission, "end", by=by, person=admission.person_id, at=at, data={"kind": kind, "on": on.isoformat(), "number": admission.step},
        changes={"end_kind": kind, "end_reason": reason, "ended_on": on, "due_on": None, "earliest_on": None,
                 "target": None},
        source=f"admission:{admission.pk}:ended",
    )  # fmt: skip
    let_guides_go(admission, on)


def let_guides_go(admission: Admission, on: dt.date) -> None:
    """Contacts and introducers have nothing more to do with it."""
    for row in Guide.objects.filter(admission=admission, until__isnull=True):
        Guide.objects.filter(pk=row.pk).update(until=max(on, row.since))


def finish(admission: Admission, *, by: Actor, at: dt.datetime) -> None:
    """All steps are done and the papers filed (归档)."""
    FLOW.move(
        admission, "finish", by=by, person=admission.person_id, at=at, data={"full_on": admission.full_on.isoformat()},
        changes={"due_on": None, "earliest_on": None}, source=f"admission:{admission.pk}:finished",
    )  # fmt: skip
    let_guides_go(admission, admission.full_on)


def take_back(
    admission: Admission, step: AdmissionStep, record: StepRecord, pack: Pack, *, by: Actor, at: dt.datetime
) -> dict[str, Any]:
    """Undo what the step did to people; returns the fields that go back. Refused where people's own record must be mended first."""
    if step.role:
        Guide.objects.filter(admission=admission, role=step.role, until__isnull=True).update(until=F("since"))
    if step.effect == "admit":
        member = persons.membership_of(admission.person_id)
        if member is not None:
            people.leave(person=admission.person, by=by, on=member.starts_on, reason="更正：接收登记有误", at=at)
        people.relate(
            person=admission.person, org=admission.org, kind="applicant", by=by, on=admission.applied_on, at=at
        )
        return {"admitted_on": None, "full_on": None}
    if step.effect == "confirm":
        if record.round == admission.round:
            raise Refused("已经登记为正式党员，不能在这里撤回；确有错误的，由上级党委在人员档案里更正。")
        return {
            "extended_months": 0, "full_on": rules.full_on(admission.admitted_on, pack.admissions.probation_months),
        }  # fmt: skip
    return {}
