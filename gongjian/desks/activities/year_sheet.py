"""导入年度计划: one row an activity that is to come; and the same as an export. Importing tells nobody.

The same row again is known by organisation, kind, day and title, and changes nothing.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.desks.activities import actions, queries, rules
from gongjian.desks.activities.models import Activity
from gongjian.desks.activities.sheets import hour_of, kinds_by_word
from gongjian.desks.activities.states import CANCELLED, NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.sheets import Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, in_chunks, moment_of, silent
from gongjian.records.orgs.models import ImportTrace, Organisation

TRACE = "planned"

SHEET = Sheet(
    id="year_plan",
    title="年度计划",
    key=("org_code", "kind", "on", "title"),
    intro="一行一次以后要开的活动。导入后都是“已安排”，不发通知；到时候再逐次发通知。",
    columns=(
        Column("org_code", "组织代码", "举办活动的组织", required=True, kind="code", example="450300631001"),
        Column("kind", "类型", "如主题党日、支部党员大会、党课", required=True, max_length=40, example="主题党日"),
        Column("on", "日期", required=True, kind="date", example="2026-12-18"),
        Column("title", "主题", "不填按月份命名，如“12月主题党日”", max_length=120, example="12月主题党日"),
        Column("hour", "开始时间", "24 小时制；不填按政策包的通常时间", max_length=5, example="15:00"),
        Column("minutes", "时长（分钟）", "不填按类型的通常时长", kind="int", minimum=10, maximum=1440),
        Column("place", "地点", max_length=120),
        Column("agenda", "议程", "几项之间用分号隔开；不填用这种活动通常的议程", max_length=2000),
        Column("state", "状态", "导出时填写，导入时不看", max_length=10),
    ),
)  # fmt: skip


def source_of_row(values: Mapping[str, Any], org: int, kind: str) -> str:
    """What names a planned activity for good, however often its file comes."""
    digest = hashlib.blake2b((values["title"] or "").encode(), digest_size=12).hexdigest()
    return f"planned:{org}:{kind}:{values['on']}:{digest}"


def _orgs(rows: Sequence[Row], by: Actor) -> dict[str, Organisation]:
    found = {}
    for codes in in_chunks(sorted({row.values["org_code"] for row in rows if row.values["org_code"]}), 5000):
        for org in Organisation.objects.filter(code__in=codes).select_related("parent"):
            if by.may_at("activities.plan", org):
                found[org.code] = org
    return found


def _start(values: Mapping[str, Any]) -> dt.datetime:
    hour = hour_of(values["hour"] or policy.current().planning.usual_hour)
    return clock.at_time(values["on"], hour.hour, hour.minute)


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    told, orgs, kinds, today = Complaints(SHEET), _orgs(rows, by), kinds_by_word(), clock.today()
    known = set(
        Activity.objects.filter(org__in=[org.pk for org in orgs.values()], source__startswith="planned:").values_list(
            "source", flat=True
        )
    )
    taken: dict[tuple[int, str], list[tuple[dt.datetime, dt.datetime]]] = {}
    for row in rows:
        values = row.values
        org, kind, on = orgs.get(values["org_code"] or ""), kinds.get(values["kind"] or ""), values["on"]
        if values["org_code"] and org is None:
            told.add(row, "org_code", "没有这个组织，或者它不在您可以安排的范围内")
        if values["kind"] and kind is None:
            told.add(row, "kind", "没有这种活动；可填：" + "、".join(k.title for k in policy.current().activity_kinds))
        if values["hour"] and hour_of(values["hour"]) is None:
            told.add(row, "hour", "时间应写成 15:00 的样子")
            continue
        if None in (org, kind, on) or source_of_row(values, org.pk, kind.id) in known:
            continue
        if on < today:
            told.add(row, "on", "这一天已经过去；过去的活动请用“过去的活动”导入")
        if on > today + actions.FAR_AHEAD:
            told.add(row, "on", "日期太远，请核对年份")
        if org.kind not in kind.holders:
            told.add(row, "kind", f"“{org.name}”不能举办“{kind.title}”")
        if org.dissolved_on and on >= org.dissolved_on:
            told.add(row, "on", "这一天组织已经撤销")
        _check_place(row, org, kind, taken, told)
    return told.found


def _check_place(row: Row, org: Organisation, kind: Any, taken: dict, told: Complaints) -> None:
    """The same place twice at one time: in the file, or beside what is planned."""
    values, place = row.values, (row.values["place"] or "").strip()
    if not place:
        return
    starts = _start(values)
    ends = starts + dt.timedelta(minutes=values["minutes"] or kind.default_minutes)
    beside = taken.setdefault((org.pk, place), [])
    if any(rules.overlaps(starts, ends, *span) for span in beside):
        told.add(row, "place", "同一地点同一时间，文件里有两次活动")
    elif other := actions.place_taken(org, starts, ends, place):
        told.add(row, "place", f"同一地点同一时间已安排“{other.title}”")
    beside.append((starts, ends))


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Plan the rows: all or nothing; the same rows again change nothing."""
    if problems := check(rows, by=by):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    moment, orgs, kinds, created = moment_of(at), _orgs(rows, by), kinds_by_word(), 0
    for done, row in enumerate(rows, 1):
        values = row.values
        org, kind = orgs[values["org_code"]], kinds[values["kind"]]
        source = source_of_row(values, org.pk, kind.id)
        if not Activity.objects.filter(source=source).exists():
            starts_at = _start(values)
            agenda = values["agenda"] or ""
            activity = actions.plan(
                org=org, kind=kind.id, starts_at=starts_at, by=by, at=moment, title=values["title"] or "", source=source,
                ends_at=starts_at + dt.timedelta(minutes=values["minutes"]) if values["minutes"] else None,
                place=values["place"] or "", agenda=agenda.replace("；", ";").split(";") if agenda.strip() else None,
            )  # fmt: skip
            ImportTrace.objects.create(batch=batch, kind=TRACE, object_id=activity.pk, before=None)
            created += 1
        progress(done, len(rows))
    return Result(created, 0, len(rows) - created)


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Call off what an import planned. Refused once one of them was notified or has begun."""
    ids = list(ImportTrace.objects.filter(batch=batch, kind=TRACE).values_list("object_id", flat=True))
    if not ids:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    found = list(Activity.objects.filter(pk__in=ids).exclude(state=CANCELLED).select_related("org"))
    if begun := next((activity for activity in found if activity.state != PLANNED), None):
        raise Refused(f"“{begun.title}”已经发过通知或已召开，不能撤回导入；可以逐次取消。")
    for activity in found:
        actions.cancel(activity=activity, reason="撤回导入", by=by, at=moment_of(at))
    # The source is given back, so that a corrected file may bring the same meeting again.
    Activity.objects.filter(pk__in=ids).update(source=None)
    ImportTrace.objects.filter(batch=batch, kind=TRACE).delete()
    return Result(created=len(found))


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is planned from today on, in scope, as rows of the sheet."""
    titles = {kind.id: kind.title for kind in policy.current().activity_kinds}
    found = queries.visible_to(actor).filter(state__in=(PLANNED, NOTIFIED), starts_at__gte=clock.at_time(clock.today()))
    if filters.get("org"):
        found = found.filter(org__path__contains=f"/{int(filters['org'])}/")
    for activity in found.select_related("org").order_by("starts_at", "id").iterator(chunk_size=500):
        start = activity.starts_at.astimezone(clock.SHANGHAI)
        yield {
            "org_code": activity.org.code, "kind": titles.get(activity.kind, activity.kind), "on": start.date(),
            "title": activity.title, "hour": f"{start:%H:%M}", "minutes": activity.minutes_long, "place": activity.place,
            "agenda": "；".join(activity.agenda), "state": str(activity.get_state_display()),
        }  # fmt: skip


YEAR_PLAN = SheetBinding(
    sheet=SHEET, permission="activities.plan", check=check, apply=apply, undo=undo, export=export, title="年度计划", order=41
)  # fmt: skip
