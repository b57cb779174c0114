"""导入发展中的同志: one row a person with the days of the steps done so far, under the same conditions as by hand.

A row is tried by the very deeds (in a transaction that is rolled back), so that a file is judged as a secretary would be.
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.desks.admissions import actions, queries
from gongjian.desks.admissions.models import Admission
from gongjian.desks.admissions.registering import find_or_register
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import GongjianError, NotFound, Refused
from gongjian.ground.sheets import Choice, Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, moment_of, silent
from gongjian.records.orgs.models import ImportTrace, Organisation
from gongjian.records.people.models import Membership

TRACE = "admission"
WRITTEN = "（导入）内容见纸质档案。"
DAY = {"kind": "date"}
# step → the column of its day; the order is the table's
DAYS = {
    "talk": "talked_on", "activist": "activist_on", "activist_filed": "activist_filed_on", "contacts": "contacts_on",
    "education": "education_on", "candidate": "candidate_on", "candidate_filed": "candidate_filed_on",
    "introducers": "introducers_on", "political_review": "reviewed_on", "training": "trained_on",
}  # fmt: skip

SHEET = Sheet(
    id="admissions",
    title="发展中的同志",
    key=("org_code", "identity"),
    intro="一行一人，填写已经办过的各步日期（到集中培训为止），逐步核对时间条件；不能跳过。以后的步骤在系统里办。",
    columns=(
        Column("org_code", "党支部代码", required=True, kind="code", example="450300631001"),
        Column("name", "姓名", required=True, kind="name", max_length=60),
        Column("identity", "身份证号", required=True, kind="identity", unique=True),
        Column("phone", "手机", kind="phone"),
        Column("work_unit", "单位", max_length=200),
        Column("evidence", "凭据", "台账名称和页码", required=True, max_length=300, example="2024年发展党员台账第3页"),
        Column("applied_on", "申请日期", required=True, **DAY),
        Column("talked_on", "谈话日期", **DAY),
        Column("activist_on", "确定积极分子日期", **DAY),
        Column(
            "way", "产生方式", kind="choice",
            choices=(Choice("members", "党员推荐"), Choice("league", "共青团推优"), Choice("union", "工会、妇联等推优")),
        ),
        Column("committee_due", "支委会应到", "几次会议相同的填一次", kind="int", minimum=1, maximum=100),
        Column("committee_present", "支委会实到", kind="int", minimum=1, maximum=100),
        Column("activist_shown_on", "积极分子公示日期", **DAY),
        Column("activist_shown_until", "积极分子公示截止", **DAY),
        Column("activist_filed_on", "积极分子备案日期", **DAY),
        Column("contacts_on", "指定联系人日期", **DAY),
        Column("contacts", "培养联系人", "本支部正式党员，用顿号隔开", max_length=100),
        Column("observed_on", "考察日期", "历次考察，用顿号隔开，如 2025-03-01、2025-09-01", max_length=300),
        Column("education_on", "培养小结日期", **DAY),
        Column("candidate_on", "确定发展对象日期", **DAY),
        Column("candidate_shown_on", "发展对象公示日期", **DAY),
        Column("candidate_shown_until", "发展对象公示截止", **DAY),
        Column("candidate_filed_on", "发展对象备案日期", **DAY),
        Column("introducers_on", "确定介绍人日期", **DAY),
        Column("introducers", "入党介绍人", "两名正式党员，用顿号隔开", max_length=100),
        Column("reviewed_on", "政治审查日期", "结论合格的才填", **DAY),
        Column("trained_on", "集中培训日期", **DAY),
        Column("training_days", "培训天数", kind="int", minimum=0, maximum=100),
        Column("training_hours", "培训学时", kind="int", minimum=0, maximum=1000),
        Column("reason", "说明", "逾期等特殊情况的原因", max_length=300),
    ),
)  # fmt: skip


class _Wrong(Exception):
    """A row that cannot be taken in, at one column."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


def source_of(values: Mapping[str, Any]) -> str:
    """What names a row for good: the branch and the person, without the number itself."""
    from_hash = queries.hash_of(values["identity"])
    return f"import:{values['org_code']}:{from_hash[:40]}"


def _people(text: str | None, org: Organisation, on: dt.date, column: str) -> list[int]:
    found = []
    for name in [part for part in (text or "").replace("，", "、").replace(",", "、").split("、") if part.strip()]:
        ids = list(
            Membership.objects.filter(org=org, person__name=name.strip(), ends_on__isnull=True).values_list(
                "person", flat=True
            )
        )
        if len(ids) != 1:
            raise _Wrong(column, f"“{name.strip()}”在这个支部里" + ("没有" if not ids else "有重名"))
        found += ids
    return found


def _values(step: str, values: Mapping[str, Any], org: Organisation, on: dt.date) -> dict[str, Any]:
    """What a step needs, from the row; texts say that they are in the papers."""
    table = policy.current().admissions.steps[step]
    found: dict[str, Any] = {
        field.id: WRITTEN for field in table.fields if field.kind in ("text", "line") and field.required
    }
    met = {"committee_due": values["committee_due"], "committee_present": values["committee_present"]}
    if "committee_due" in table.fields:
        found |= met
    more: dict[str, dict[str, Any]] = {
        "activist": {"way": values["way"]},
        "contacts": {"contacts": _people(values["contacts"], org, on, "contacts")},
        "introducers": {"introducers": _people(values["introducers"], org, on, "introducers")},
        "political_review": {"conclusion": "passed"},
        "training": {"taken": "trained", "days": values["training_days"], "hours": values["training_hours"]},
    }
    found |= more.get(step, {})
    for name, filed in (("activist", "activist_filed"), ("candidate", "candidate_filed")):
        if step == filed:
            found |= {
                "shown_on": values[f"{name}_shown_on"], "shown_until": values[f"{name}_shown_until"],
                "shown_result": "clear", "shown_note": values["evidence"],
            }  # fmt: skip
    return found


def _enter(values: Mapping[str, Any], by: Actor, at: dt.datetime) -> Admission:
    """One row by the deeds of the room; raises _Wrong at the column that stops it."""
    org = Organisation.objects.filter(code=values["org_code"]).first()
    if org is None or not by.may_at("admissions.approve", org) or not by.may_at("admissions.keep", org):
        raise _Wrong("org_code", "没有这个党支部，或者它不在您可以审批的范围内")
    paper = {"paper": True, "evidence": values["evidence"], "at": at}
    column = "applied_on"
    try:
        admission = find_or_register(
            org=org, by=by, name=values["name"], identity=values["identity"], phone=values["phone"] or "",
            work_unit=values["work_unit"] or "", on=values["applied_on"], source=source_of(values), **paper,
        )  # fmt: skip
        column = "observed_on"
        for day in _days(values["observed_on"]):
            actions.observe(admission=admission, on=day, text=WRITTEN, by=by, **paper)
        missing = ""
        for step, column in DAYS.items():
            on = values[column]
            if on is None:
                missing = missing or column
                continue
            if missing:
                raise _Wrong(column, f"前面的“{SHEET.by_key[missing].title}”没有填，不能跳过")
            talker = {"talker": _talker(org, by)} if step == "talk" else {}
            actions.do_step(
                admission=admission, step=step, on=on, by=by, values={**_values(step, values, org, on), **talker},
                reason=values["reason"] or "", **paper,
            )  # fmt: skip
    except GongjianError as refusal:
        raise _Wrong(column, refusal.message) from None
    return admission


def _talker(org: Organisation, by: Actor) -> int | None:
    """Who talked is in the papers; the branch's first officer stands for it."""
    from_branch = queries.officers_first(org.pk)
    return from_branch if from_branch is not None else by.person


def _days(text: str | None) -> list[dt.date]:
    parts = [part.strip() for part in (text or "").replace("，", "、").replace(",", "、").split("、") if part.strip()]
    try:
        return sorted({dt.date.fromisoformat(part) for part in parts})
    except ValueError:
        raise _Wrong("observed_on", "日期应写成 2025-03-01，用顿号隔开") from None


def _known(rows: Sequence[Row]) -> set[str]:
    wanted = [source_of(row.values) for row in rows if row.values["identity"] and row.values["org_code"]]
    return set(Admission.objects.filter(source__in=wanted).values_list("source", flat=True))


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows: each is tried and undone again; nothing is written."""
    told, known, now = Complaints(SHEET), _known(rows), moment_of(None)
    for row in rows:
        if source_of(row.values) in known:
            continue
        try:
            with transaction.atomic():
                _enter(row.values, by, now)
                transaction.set_rollback(True)
        except _Wrong as wrong:
            told.add(row, wrong.column, wrong.message)
    return told.found


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Enter the rows: all or nothing; a person who came in by this sheet before is left as is."""
    known, moment, created = _known(rows), moment_of(at), 0
    for number, row in enumerate(rows, 1):
        if source_of(row.values) not in known:
            try:
                admission = _enter(row.values, by, moment)
            except _Wrong as wrong:
                raise Refused(f"第 {row.number} 行：{wrong.message}") from None
            admission.refresh_from_db()
            ImportTrace.objects.create(
                batch=batch, kind=TRACE, object_id=admission.pk, before={"version": admission.version}
            )
            created += 1
        progress(number, len(rows))
    return Result(created, 0, len(rows) - created)


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take an import back: the files are ended as entered wrongly. Refused once somebody has gone on with one."""
    traces = list(ImportTrace.objects.filter(batch=batch, kind=TRACE))
    if not traces:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    for trace in traces:
        admission = queries.get_for(by, trace.object_id, lock=True)
        if admission.version != trace.before["version"] or admission.state != "under_way":
            raise Refused(f"{admission.person.name}的档案导入后又办过，不能撤回。")
        actions.end(admission=admission, kind="mistake", reason="撤回导入的档案", by=by, at=moment_of(at))
        Admission.objects.filter(pk=admission.pk).update(source=None)
    ImportTrace.objects.filter(batch=batch, kind=TRACE).delete()
    return Result(created=len(traces))


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Files under way in scope as rows of the sheet, with the days of their steps; identity numbers masked."""
    found = queries.visible_to(actor).filter(state="under_way").exclude(person=actor.person)
    if filters.get("org"):
        found = found.filter(org__path__contains=f"/{filters['org']}/")
    for row in found.select_related("org", "person").order_by("org__path", "id"):
        days = {record.step: record.on for record in queries.records_of(row)}
        yield {
            "org_code": row.org.code, "name": row.person.name, "identity": row.person.identity_masked,
            "work_unit": row.person.work_unit, "applied_on": row.applied_on,
            **{column: days.get(step) for step, column in DAYS.items()},
        }  # fmt: skip


ADMISSIONS = SheetBinding(
    sheet=SHEET, permission="admissions.approve", check=check, apply=apply, undo=undo, export=export, title="发展中的同志",
    order=60,
)  # fmt: skip
