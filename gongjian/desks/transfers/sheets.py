"""批量转接的表格: one row a member who goes, for a graduating class or a dissolved branch; and the same as an export.

Columns follow what DOMAIN knows of the national collection (7.2: 姓名, 身份证号, 人员类别, 所在支部) and of a letter (2.2.9).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.desks.transfers.actions.asking import call_off
from gongjian.desks.transfers.actions.batch import MOST, Wanted, start_many
from gongjian.desks.transfers.models import Letter, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import AGREED, FLOW, OPEN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.sheets import Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, in_chunks, silent
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Membership

SHEET = Sheet(
    id="transfers",
    title="组织关系转接",
    key=("org_code", "name", "identity"),
    intro="一行一名要转出的党员，导入后等于支部已确认，由党委逐人开介绍信。转往市内填转入组织代码，转往市外填全称，两者填一项。",
    columns=(
        Column("org_code", "转出支部代码", required=True, kind="code", example="450300631001"),
        Column("name", "姓名", required=True, max_length=60, example="张三"),
        Column("identity", "身份证号", "有重名的必填", max_length=30),
        Column("to_code", "转入组织代码", "市内的党支部或者党委", kind="code", max_length=40),
        Column("outside", "转入党组织（市外）", "全称，写到有接收权限的基层党委", max_length=200),
        Column("reason", "事由", "如工作单位变动、入学、毕业；不填按其他", max_length=40, example="入学、毕业"),
        Column("dues_until", "党费交至", "如 2026-11", kind="code", max_length=7, example="2026-11"),
        Column("state", "状态", "导出时有，导入时不用填", max_length=40),
        Column("serial", "介绍信编号", "导出时有，导入时不用填", max_length=120),
        Column("expires_on", "有效期至", "导出时有，导入时不用填", kind="date"),
    ),
)  # fmt: skip


def _reasons() -> dict[str, str]:
    """What people may write → the pack's reason."""
    return {text: one.id for one in policy.current().transfers.reasons for text in (one.title, one.id)}


class _Look:
    """What the file speaks of, in few queries."""

    def __init__(self, rows: Sequence[Row], by: Actor) -> None:
        codes = {row.values[key] for row in rows for key in ("org_code", "to_code") if row.values[key]}
        found = {
            org.code: org
            for chunk in in_chunks(sorted(codes), 900)
            for org in Organisation.objects.filter(code__in=chunk)
        }
        self.orgs = {code: org for code, org in found.items() if by.may_at("transfers.confirm", org)}
        allowed = (
            set(moving.destinations().filter(code__in=list(found)).values_list("code", flat=True)) if found else set()
        )
        self.to = {code: org for code, org in found.items() if code in allowed}
        self.members: dict[tuple[int, str], list[Membership]] = {}
        rows_ = Membership.objects.filter(org__in=list(self.orgs.values()), ends_on__isnull=True).select_related(
            "person"
        )
        for member in rows_:
            self.members.setdefault((member.org_id, member.person.name), []).append(member)
        self.going = {
            row.person_id: row for row in Transfer.objects.filter(state__in=OPEN, from_org__in=list(self.orgs.values()))
        }

    def person(self, org: Organisation, values: dict) -> list[Membership]:
        """Members of this name, and of this identity number if it is given."""
        found = self.members.get((org.pk, (values["name"] or "").strip()), [])
        if values["identity"]:
            wanted = keyed_hash(normalise_digits(values["identity"]).upper(), context="person.identity")
            found = [member for member in found if member.person.identity_hash == wanted]
        return found


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    told, look, reasons = Complaints(SHEET), _Look(rows, by), _reasons()
    if len(rows) > MOST:
        told.add(rows[MOST], "", f"一次最多 {MOST} 人，请分成几个文件")
    for row in rows:
        values = row.values
        org = look.orgs.get(values["org_code"] or "")
        if values["org_code"] and org is None:
            told.add(row, "org_code", "没有这个支部，或者它不在您可以办理的范围内")
        if bool(values["to_code"]) == bool(values["outside"]):
            told.add(row, "to_code", "转往市内填代码，转往市外填全称，两者填一项")
        if values["to_code"] and values["to_code"] not in look.to:
            told.add(row, "to_code", "没有这个代码的党支部或者党委")
        if values["to_code"] and values["to_code"] == values["org_code"]:
            told.add(row, "to_code", "组织关系本来就在这里")
        if values["reason"] and values["reason"] not in reasons:
            told.add(row, "reason", "可填：" + "、".join(one.title for one in policy.current().transfers.reasons))
        if values["dues_until"]:
            try:
                clock.period_bounds(values["dues_until"])
            except ValueError:
                told.add(row, "dues_until", "应写成 2026-11 的样子")
        if org is not None and values["name"]:
            found = look.person(org, values)
            if not found:
                told.add(row, "name", "这个支部没有这名党员，或者身份证号对不上")
            elif len(found) > 1:
                told.add(row, "identity", f"有 {len(found)} 名同名党员，请填身份证号")
            elif found[0].state == "stopped":
                told.add(row, "name", "已停止党籍，不能转接")
            elif (going := look.going.get(found[0].person_id)) and not _same(going, values, look):
                told.add(row, "name", "已有一件组织关系转接正在办理，去向不同")
    return told.found


def _same(going: Transfer, values: dict, look: _Look) -> bool:
    """Whether a row says what is on its way already."""
    to = look.to.get(values["to_code"] or "")
    if to is None:
        return going.to_name == (values["outside"] or "").strip()
    return to.pk in (going.to_org_id, going.to_committee_id)


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Start a transfer for each row, all or none; who is on that very way already stays as it is."""
    if problems := check(rows, by=by):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    look, reasons = _Look(rows, by), _reasons()
    groups: dict[tuple[int, str], list[Wanted]] = {}
    for row in rows:
        values, org = row.values, look.orgs[row.values["org_code"]]
        member = look.person(org, values)[0]
        if member.person_id in look.going:
            continue
        wanted = Wanted(
            member.person_id, look.to.get(values["to_code"] or ""), values["outside"] or "", values["dues_until"] or ""
        )
        groups.setdefault((org.pk, reasons.get(values["reason"] or "", "other")), []).append(wanted)
    by_id, created = {org.pk: org for org in look.orgs.values()}, 0
    for (org_id, reason), wanted in groups.items():
        made = start_many(org=by_id[org_id], wanted=wanted, reason=reason, by=by, batch=f"import:{batch}"[:40], at=at)
        created += len(made)
        progress(created, len(rows))
    return Result(created, 0, len(rows) - created)


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Stop what an import started; Refused once a letter was written for one of them."""
    rows = list(Transfer.objects.filter(batch=f"import:{batch}"[:40]))
    if not rows:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    live = [row for row in rows if row.is_open]
    if late := next((row for row in rows if (row.state != AGREED and row in live) or row.state == "done"), None):
        raise Refused(f"{late.name}的转接已经往下办（{FLOW.word(late.state)}），不能整批撤回。")
    for row in live:
        call_off(transfer=row, by=by, reason="撤回导入", at=at)
    return Result(created=len(live))


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Transfers in scope as rows of the sheet; identity numbers are left out."""
    reasons = {one.id: one.title for one in policy.current().transfers.reasons}
    found = moving.visible_to(actor).filter(from_org__isnull=False).select_related("from_org", "to_org", "to_committee")
    if filters.get("org"):
        found = found.filter(from_org__path__contains=f"/{int(filters['org'])}/")
    for chunk in in_chunks(found.order_by("-id").iterator(chunk_size=500), 500):
        letters = {
            row.transfer_id: row
            for row in Letter.objects.filter(transfer__in=[t.pk for t in chunk]).exclude(state="void")
        }
        for row in chunk:
            letter, place = letters.get(row.pk), row.to_org or row.to_committee
            yield {
                "org_code": row.from_org.code, "name": row.name, "identity": "", "to_code": place.code if place else "",
                "outside": row.to_name, "reason": reasons.get(row.reason, row.reason), "dues_until": row.dues_until,
                "state": FLOW.word(row.state), "serial": letter.serial if letter else "",
                "expires_on": letter.expires_on if letter else None,
            }  # fmt: skip


TRANSFERS = SheetBinding(
    sheet=SHEET, permission="transfers.confirm", check=check, apply=apply, undo=undo, export=export, title="组织关系转接",
    order=50,
)  # fmt: skip
