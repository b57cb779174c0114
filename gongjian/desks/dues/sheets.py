"""导入党费计算基数: one row a member with the items of the category; confirmed by whoever imports. Incomes are never exported."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.actions.assessing import assess, work_out
from gongjian.desks.dues.models import Assessment, Charge
from gongjian.desks.dues.sealed import open_income
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.sheets import Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, silent
from gongjian.records.orgs.models import ImportTrace, Organisation
from gongjian.records.people.models import Person

TRACE = "dues_assessment"
# One column each for what the pack's categories ask for most; others go by "其他计入" and "其他扣除".
SHEET = Sheet(
    id="dues_incomes",
    title="党费计算基数",
    key=("org_code", "member"),
    intro="一行一名党员，金额都是每月（个体经营者填上季度合计），单位元。收入加密保存，导入的人须有核定党费的权限；导出只有每月应交。",
    columns=(
        Column("org_code", "组织代码", "党员所在支部", required=True, kind="code", example="450300631001"),
        Column("member", "姓名或身份证号", "重名的写身份证号", required=True, max_length=40, example="张三"),
        Column("category", "交纳类别", "如企业和“两新”组织职工、离退休人员、农民党员", required=True, max_length=60),
        Column("starts", "起始月份", "如 2026-01", required=True, kind="month", example="2026-01"),
        Column("counted", "计入的收入合计", "按类别应计入的各项之和", kind="decimal", minimum=0, maximum=100_000_000),
        Column("withheld", "代扣合计", "个人所得税、个人缴的社保、公积金、年金之和", kind="decimal", minimum=0, maximum=100_000_000),
        Column("amount", "每月应交", "导出时由系统填写，导入时不看", kind="decimal"),
    ),
)  # fmt: skip


def _members(
    rows: Sequence[Row], by: Actor
) -> tuple[dict[str, Organisation], dict[int, list[tuple[int, str, str | None]]]]:
    codes = sorted({row.values["org_code"] for row in rows if row.values["org_code"]})
    orgs = {org.code: org for org in Organisation.objects.filter(code__in=codes) if by.may_at("dues.assess", org)}
    people: dict[int, list[tuple[int, str, str | None]]] = {}
    month = clock.month_of(clock.today())
    for org in orgs.values():
        ids = queries.holders(month, org=org.pk)
        people[org.pk] = list(Person.objects.filter(pk__in=ids).values_list("pk", "name", "identity_hash"))
    return orgs, people


def _find(among: list[tuple[int, str, str | None]], text: str) -> list[int]:
    wanted = keyed_hash(normalise_digits(text).upper(), context="person.identity") if len(text) >= 15 else ""
    return [pk for pk, name, known in among if (known == wanted if wanted else name == text)]


def _entered(values: dict) -> tuple[str, dict[str, int]]:
    """(category id, component → fen): the sums go to the first item that counts and the first that is taken off."""
    dues = queries.dues_on()
    category = next((one for one in dues.categories if values["category"] in (one.title, one.id)), None)
    if category is None:
        return "", {}
    entered = {}
    for key, effect in (("counted", "add"), ("withheld", "subtract")):
        item = next((part for part in dues.components_of(category) if part.effect == effect), None)
        if values[key] and item is not None and category.method == "brackets":
            entered[item.id] = rules.fen(values[key])
    return category.id, entered


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows; nothing is written."""
    told = Complaints(SHEET)
    orgs, people = _members(rows, by)
    for row in rows:
        values = row.values
        org = orgs.get(values["org_code"] or "")
        if values["org_code"] and org is None:
            told.add(row, "org_code", "没有这个组织，或者它不在您可以核定党费的范围内")
        category, entered = _entered(values)
        if values["category"] and not category:
            told.add(
                row, "category", "没有这个类别；可填：" + "、".join(one.title for one in queries.dues_on().categories)
            )
        if org is not None and values["member"]:
            found = _find(people[org.pk], values["member"])
            shown = values["member"] if len(values["member"]) < 15 else f"{values['member'][:3]}***"
            if not found:
                told.add(row, "member", f"“{shown}”本月不是这个支部的党员", shown)
            elif len(found) > 1:
                told.add(row, "member", f"有 {len(found)} 人叫“{shown}”，请写身份证号", shown)
        if category and values["starts"]:
            try:
                work_out(category, entered, values["starts"])
            except Invalid as wrong:
                told.add(row, "starts" if wrong.field == "starts" else "counted", wrong.message)
            else:
                why = rules.may_start(
                    queries.dues_in(values["starts"]),
                    month=values["starts"],
                    today=clock.today(),
                    had=False,
                    branch=True,
                )
                if why:
                    told.add(row, "starts", why)
    return told.found


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Assess each row: all or nothing; the same rows again change nothing."""
    if problems := check(rows, by=by):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    orgs, people = _members(rows, by)
    created = 0
    for done, row in enumerate(rows, 1):
        org = orgs[row.values["org_code"]]
        person = _find(people[org.pk], row.values["member"])[0]
        category, entered = _entered(row.values)
        known = queries.assessment_of(person, row.values["starts"])
        same = known is not None and (known.category, known.starts) == (category, row.values["starts"])
        if not (same and open_income(known.entered_sealed) == entered):
            made = assess(
                person=person,
                org=org,
                category=category,
                entered=entered,
                starts=row.values["starts"],
                by=by,
                note="导入",
                at=at,
            )
            ImportTrace.objects.create(batch=batch, kind=TRACE, object_id=made.pk, before=None)
            created += 1
        progress(done, len(rows))
    return Result(created, 0, len(rows) - created)


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take the assessments of a file back where nothing was paid by them; unpaid charges go with them."""
    ids = list(ImportTrace.objects.filter(batch=batch, kind=TRACE).values_list("object_id", flat=True))
    if not ids:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    rows = list(Assessment.objects.select_for_update(of=("self",)).filter(pk__in=ids).select_related("org"))
    for row in rows:
        by.require("dues.assess", row.org)
    if Charge.objects.filter(assessment__in=ids, payment__isnull=False).exists():
        raise Refused("已经有人按这次导入的核定交了党费，不能撤回；请逐个重新核定。")
    Charge.objects.filter(assessment__in=ids).delete()
    Assessment.objects.filter(pk__in=ids).update(state="replaced", entered_sealed="")
    ImportTrace.objects.filter(batch=batch, kind=TRACE).delete()
    return Result(created=len(ids))


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What holds this month in branches that the actor assesses: category and amount, never incomes."""
    month, titles = clock.month_of(clock.today()), {one.id: one.title for one in queries.dues_on().categories}
    found = queries.branches(actor, "dues.assess")
    if filters.get("org"):
        found = found.filter(path__contains=f"/{int(filters['org'])}/")
    for org in found.order_by("path").iterator(chunk_size=200):
        for person, holds, _waits in queries.assessments_in(org, month):
            if holds is not None:
                yield {
                    "org_code": org.code, "member": person.name, "category": titles.get(holds.category, holds.category),
                    "starts": holds.starts, "amount": rules.yuan(holds.amount),
                }  # fmt: skip


INCOMES = SheetBinding(
    sheet=SHEET,
    permission="dues.assess",
    check=check,
    apply=apply,
    undo=undo,
    export=export,
    title="党费计算基数",
    order=50,
)
