"""The machine: do the next step of the table, withdraw the last one, do one anew."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse

from gongjian.desks.admissions import queries, rules
from gongjian.desks.admissions.actions import effects
from gongjian.desks.admissions.actions.filling import clean
from gongjian.desks.admissions.actions.shared import LEAST_REASON, entered_later, held, need_reason, ref
from gongjian.desks.admissions.actions.starting import put_window
from gongjian.desks.admissions.models import Admission, StepRecord
from gongjian.desks.admissions.permissions import may_do
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.policy.admissions_schema import AdmissionStep
from gongjian.ground.policy.schema import Pack
from gongjian.records import facts
from gongjian.records.notices import actions as notices

FASTER = "刚刚有人办过这一步，请刷新页面再看。"


def _need_hand(step: AdmissionStep, admission: Admission, by: Actor, pack: Pack) -> None:
    if may_do(step, admission, by, pack):
        return
    if step.who == "higher":
        approver = queries.approver_of(admission.org, pack)
        raise Forbidden(f"“{step.title}”由“{approver.name}”办理。（{step.basis}）")
    by.require("admissions.keep", admission.org)


def _check(
    step: AdmissionStep, admission: Admission, pack: Pack, *, on: dt.date, values: Mapping[str, Any], reason: str,
    not_passed: bool,
) -> tuple[list[rules.Finding], bool]:  # fmt: skip
    """What was overcome by a reason, and whether the step is one that did not pass. Raises Refused for all that blocks."""
    case = queries.case_of(admission, pack, step=step, on=on, values=values)
    found = rules.findings(step, on, values, case, pack.admissions, queries.tools_of(pack))
    found += few_voters(step, admission, on, values)
    vote = next((c.id for c in step.conditions if c.kind == "vote"), None)
    blocks = [one for one in found if one.strength == "block"]
    failed = bool(step.fails_on) and all(values.get(name) == value for name, value in step.fails_on.items())
    if not_passed:
        if not any(one.id == vote for one in blocks):
            raise Refused("表决结果是通过，不能记作未通过。", field="not_passed")
        blocks, failed = [one for one in blocks if one.id != vote], True
    if blocks:
        raise Refused("".join(one.text for one in blocks))
    warned = [one for one in found if one.strength == "warn"]
    if warned and len(reason.strip()) < LEAST_REASON:
        told = "".join(one.text for one in warned)
        raise Invalid(f"{told}如确需办理，请写明原因，至少五个字。", field="reason")
    return warned, failed


def few_voters(
    step: AdmissionStep, admission: Admission, on: dt.date, values: Mapping[str, Any]
) -> list[rules.Finding]:
    """A warning when fewer are said to have had to attend than the records know (应到会有表决权人数, DOMAIN 1.4)."""
    condition = next((c for c in step.conditions if c.kind == "vote"), None)
    if condition is None:
        return []
    known, said = queries.voters_due(admission.org, on), values.get("due") or 0
    if said >= known:
        return []
    text = f"系统里 {on} 应到会有表决权的是 {known} 人，填的是 {said} 人。（{condition.basis}）"
    return [rules.Finding("voters", "warn", text)]


def counted(step: AdmissionStep, admission: Admission, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with the numbers of the poll that was held in the product, which nobody types over."""
    poll = queries.poll_of(admission, step)
    if poll is None or not any(c.kind == "vote" for c in step.conditions):
        return dict(values)
    numbers = queries.numbers_of_poll(poll)
    if numbers is None:
        raise Refused("这次会议的投票还没有宣布结果，请先到投票页面计票、宣布。")
    if not numbers.pop("valid"):
        raise Refused("收回的票多于发出的票，这次投票无效；请作废后重新投票。")
    return {**values, **numbers}


@transaction.atomic
def do_step(
    *, admission: Admission, step: str, on: dt.date, by: Actor, values: Mapping[str, Any] | None = None, reason: str = "",
    evidence: str = "", paper: bool = False, not_passed: bool = False, at: dt.datetime | None = None,
) -> StepRecord:  # fmt: skip
    """Do the next step (办一步). `on` is the day it happened; `values` by the fields of the pack's step.

    No step can be left out: Refused says which comes next. A condition that blocks is Refused with its article; one that
    warns asks for a `reason`. `paper`: done on paper before and entered later, with `evidence`, under the same rules.
    `not_passed`: the vote did not pass; that is recorded and the step stays. Of two at once one is written.
    """
    admission = held(admission, by)
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    described = pack.admissions.steps.get(step)
    if described is None:
        raise Invalid("政策包里没有这一步。", field="step")
    coming = pack.admissions.numbered(admission.step)
    if coming is None or coming.id != step:
        if described.number < admission.step:
            raise Refused(f"“{described.title}”已经办过。{FASTER}")
        raise Refused(
            f"现在应办第 {admission.step} 步“{coming.title if coming else ''}”，办完才能办第 {described.number} 步"
            f"“{described.title}”，不能跳过。（{coming.basis if coming else described.basis}）"
        )
    _need_hand(described, admission, by, pack)
    late = entered_later(on, today, paper, evidence, pack)
    before = max((row.on for row in queries.records_of(admission)), default=None)
    if before is not None and on < before:
        raise Invalid(f"日期早于上一步的 {before}，步骤要按顺序办。", field="on")
    given = clean(described, counted(described, admission, values or {}), admission, pack)
    warned, failed = _check(
        described, admission, pack, on=on, values=given, reason=reason, not_passed=not_passed
    )  # fmt: skip
    record = _write(
        admission, described, on=on, values=given, warned=warned, reason=reason, late=late, evidence=evidence, by=by,
        at=moment, state="failed" if failed else "done",
    )  # fmt: skip
    if not failed:
        _advance(admission, described, pack, record, by, moment, given)
        if not late:
            _tell_person(admission, described, record, moment)
    return record


def _tell_person(admission: Admission, step: AdmissionStep, record: StepRecord, at: dt.datetime) -> None:
    """The applicant learns that a step is done, and nothing of what others said or how they voted."""
    notices.tell(
        people=[admission.person_id], kind="admission", title=f"入党进度：已办完“{step.title}”",
        body=f"第 {step.number} 步，{record.on}。点开看下一步。", link=reverse("admissions:mine"),
        key=f"admission_step:{record.pk}", at=at,
    )  # fmt: skip


def _write(
    admission: Admission, step: AdmissionStep, *, on: dt.date, values: Mapping[str, Any], warned: list[rules.Finding],
    reason: str, late: bool, evidence: str, by: Actor, at: dt.datetime, state: str,
) -> StepRecord:  # fmt: skip
    record = StepRecord(
        admission=admission, step=step.id, number=step.number, round=admission.round, state=state, on=on,
        values={k: v.isoformat() if isinstance(v, dt.date) else v for k, v in values.items()},
        warnings=[{"id": one.id, "text": one.text} for one in warned], reason=reason.strip()[:500], entered_later=late,
        evidence=evidence.strip()[:300], recorded_by=by.person, recorded_at=at, org=admission.org,
    )  # fmt: skip
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        raise Refused(FASTER) from None
    data = {"step": step.id, "number": step.number, "on": on.isoformat(), "round": admission.round, "entered_later": late,
            "warnings": [one.id for one in warned]}  # fmt: skip
    about = {"by": by, "at": clock.at_time(on), "recorded_at": at, "person": admission.person_id, "org": admission.org_id,
             "obj": ref(admission), "data": data, "source": f"admission_step:{record.pk}"}  # fmt: skip
    fact = (
        facts.record("admission.step_failed", **about)
        if state == "failed"
        else facts.record("admission.step_done", **about)
    )
    record.fact = fact.pk
    record.save(update_fields=["fact"])
    return record


def _advance(
    admission: Admission, step: AdmissionStep, pack: Pack, record: StepRecord, by: Actor, at: dt.datetime,
    values: Mapping[str, Any],
) -> None:  # fmt: skip
    """Move the file to the next step, with what the step does to people, in one conditional UPDATE."""
    table = pack.admissions
    changes: dict[str, Any] = {"step": step.number + 1, "standing": table.standing_after(step.number)}
    changes |= effects.take(admission, step, record, values, pack, by=by, at=at)
    coming = table.numbered(changes["step"])
    changes["stage"] = coming.stage if coming else step.stage
    _move(admission, changes)
    if step.effect == "file":
        effects.finish(admission, by=by, at=at)
    effects.close_if_cancelled(admission, step, record, by=by, at=at)
    put_window(admission, pack, clock.day_of(at))


def _move(admission: Admission, changes: Mapping[str, Any]) -> None:
    moved = Admission.objects.filter(pk=admission.pk, version=admission.version, state=UNDER_WAY).update(
        version=F("version") + 1, **changes
    )
    if not moved:
        raise Refused(FASTER)
    admission.version += 1
    for name, value in changes.items():
        setattr(admission, name, value)


@transaction.atomic
def withdraw_step(*, admission: Admission, reason: str, by: Actor, at: dt.datetime | None = None) -> StepRecord:
    """Take the last step back (撤回一步): it was entered wrongly or must be done again; nothing later stands on it."""
    admission = held(admission, by)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    record = StepRecord.objects.filter(admission=admission, state="done").order_by("round", "number").last()
    if record is None or record.number == 1:
        raise Refused("只登记了申请，没有可以撤回的步骤；登记有误的请终止这份档案。")
    if record.number < admission.step - 1 and record.round == admission.round:
        raise Refused("接续办理的档案从编入支部开始，没有可以撤回的步骤；登记有误的请终止这份档案。")
    step = pack.admissions.steps.get(record.step)
    if step is None:
        raise Refused("政策包里已经没有这一步，不能撤回。")
    _need_hand(step, admission, by, pack)
    text = need_reason(reason, "撤回的原因")
    changes = effects.take_back(admission, step, record, pack, by=by, at=moment)
    StepRecord.objects.filter(pk=record.pk).update(state="withdrawn", withdrawn_reason=text)
    _move(admission, {
        "step": record.number, "round": record.round, "stage": step.stage,
        "standing": pack.admissions.standing_after(record.number - 1), **changes,
    })  # fmt: skip
    facts.record(
        "admission.step_withdrawn", by=by, at=moment, person=admission.person_id, org=admission.org_id, obj=ref(admission),
        corrects=record.fact, data={"step": step.id, "number": step.number, "round": record.round},
        source=f"admission_step:{record.pk}:withdrawn",
    )  # fmt: skip
    put_window(admission, pack, clock.day_of(moment))
    record.refresh_from_db()
    return record


@transaction.atomic
def redo_step(
    *, admission: Admission, step: str, on: dt.date, by: Actor, values: Mapping[str, Any] | None = None, reason: str = "",
    evidence: str = "", paper: bool = False, at: dt.datetime | None = None,
) -> StepRecord:  # fmt: skip
    """Do a step anew while later ones stand (重新政审、更换联系人), where the table allows it and before the approval."""
    admission = held(admission, by)
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    described = pack.admissions.steps.get(step)
    old = StepRecord.objects.filter(admission=admission, step=step, state="done", round=admission.round).first()
    if described is None or not described.again or old is None or admission.admitted_on is not None:
        raise Refused("这一步不能重办；登记有误的，先撤回后面的步骤。", field="step")
    _need_hand(described, admission, by, pack)
    late = entered_later(on, today, paper, evidence, pack)
    if on < old.on:
        raise Invalid(f"日期早于上一次的 {old.on}。", field="on")
    given = clean(described, values or {}, admission, pack)
    warned, failed = _check(described, admission, pack, on=on, values=given, reason=reason, not_passed=False)
    if failed:
        raise Refused(f"“{described.title}”的结果是不合格，不能再往下办；请终止这份档案。（{described.basis}）")
    StepRecord.objects.filter(pk=old.pk).update(state="replaced")
    record = _write(
        admission, described, on=on, values=given, warned=warned, reason=reason, late=late, evidence=evidence, by=by,
        at=moment, state="done",
    )  # fmt: skip
    _move(admission, effects.take(admission, described, record, given, pack, by=by, at=moment))
    put_window(admission, pack, today)
    return record
