"""导入过去的活动: one row a meeting that is over, with its counts and, where known, who was there; and the same as an export.

A row becomes a signed-off activity with its facts. The same row again is known by organisation, kind, day and title.
"""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from django.db import transaction

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.actions.attending import attended, source_of
from gongjian.desks.activities.actions.planning import on_text, ref
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.desks.activities.states import CANCELLED, SIGNED_OFF
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.policy.schema import ActivityKind
from gongjian.ground.sheets import Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, in_chunks, moment_of, silent
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import ImportTrace, Organisation
from gongjian.records.people.models import Membership

TRACE = "activity"
SEPARATORS = re.compile(r"[、，,;；\s]+")

SHEET = Sheet(
    id="past_activities",
    title="过去的活动",
    key=("org_code", "kind", "on", "title"),
    intro="一行一次已经开过的活动，导入后视为已签字确认。参加人写姓名或身份证号，用顿号隔开；有重名的写身份证号。",
    columns=(
        Column("org_code", "组织代码", "举办活动的组织", required=True, kind="code", example="450300631001"),
        Column("kind", "类型", "如主题党日、支部党员大会、党课", required=True, max_length=40, example="主题党日"),
        Column("on", "日期", required=True, kind="date", example="2026-03-18"),
        Column("title", "主题", required=True, max_length=120, example="3月主题党日"),
        Column("hour", "开始时间", "24 小时制；不填按 15:00", max_length=5, example="15:00"),
        Column("minutes", "时长（分钟）", "不填按类型的通常时长", kind="int", minimum=10, maximum=1440),
        Column("place", "地点", max_length=120),
        Column("expected", "应到", required=True, kind="int", minimum=0, maximum=100_000),
        Column("present", "实到", required=True, kind="int", minimum=1, maximum=100_000),
        Column("people", "参加人", "姓名或身份证号，用顿号隔开；可以只写一部分", max_length=5000, aliases=("参加人证件号或姓名",)),
        Column("counts_for", "补哪一期", "补开的才填：2026-02、2026Q1 或 2026", kind="code", max_length=7),
    ),
)  # fmt: skip


class _Member(NamedTuple):
    person: int
    name: str
    identity_hash: str | None
    starts_on: dt.date
    ends_on: dt.date | None


def kinds_by_word() -> dict[str, ActivityKind]:
    """What people may write → the pack's kind."""
    return {text: kind for kind in policy.current().activity_kinds for text in (kind.short, kind.title, kind.id)}


def source_of_row(org: int, kind: str, on: dt.date, title: str) -> str:
    """What names a past activity for good, however often its file comes."""
    return f"past:{org}:{kind}:{on}:{hashlib.blake2b(title.encode(), digest_size=12).hexdigest()}"


class _Look:
    """What the file speaks of, fetched in few queries."""

    def __init__(self, rows: Sequence[Row], by: Actor) -> None:
        codes = sorted({row.values["org_code"] for row in rows if row.values["org_code"]})
        self.orgs: dict[str, Organisation] = {}
        for chunk in in_chunks(codes, 5000):
            for org in Organisation.objects.filter(code__in=chunk).select_related("parent"):
                if by.may_at("activities.sign_off", org):
                    self.orgs[org.code] = org
        ids = [org.pk for org in self.orgs.values()]
        self.members: dict[int, list[_Member]] = defaultdict(list)
        self.by_hand: dict[tuple[int, str, dt.date], str] = {}
        self.known: set[str] = set()
        for chunk in in_chunks(ids, 2000):
            for field in ("org", "group"):
                for row in Membership.objects.filter(**{f"{field}__in": chunk}).values_list(
                    field, "person", "person__name", "person__identity_hash", "starts_on", "ends_on"
                ):
                    self.members[row[0]].append(_Member(*row[1:]))
            for org, kind, at, title, source in (
                Activity.objects.filter(org__in=chunk).exclude(state=CANCELLED)
                .values_list("org", "kind", "starts_at", "title", "source")
            ):  # fmt: skip
                if source:
                    self.known.add(source)
                else:
                    self.by_hand[org, kind, clock.day_of(at)] = title

    def find(self, org: int, text: str, on: dt.date) -> list[int]:
        """Members of an organisation on a day, by name or identity number."""
        wanted = keyed_hash(normalise_digits(text).upper(), context="person.identity") if len(text) >= 15 else ""
        found = {
            member.person for member in self.members[org]
            if (member.identity_hash == wanted if wanted else member.name == text)
            and member.starts_on <= on and (member.ends_on is None or on < member.ends_on)
        }  # fmt: skip
        return sorted(found)


def hour_of(text: str | None) -> dt.time | None:
    """A time of day as people write it, three in the afternoon where nothing is written; None if it is none."""
    try:
        return dt.time(15, 0) if not text else dt.time.fromisoformat(text.replace("：", ":").rjust(5, "0"))
    except ValueError:
        return None


def names_in(text: str | None) -> list[str]:
    """The people written into one cell, in order, each once."""
    return list(dict.fromkeys(part for part in SEPARATORS.split(text or "") if part))


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    told, look, kinds, today = Complaints(SHEET), _Look(rows, by), kinds_by_word(), clock.today()
    for row in rows:
        _check_row(row, look, kinds, today, told)
    return told.found


def _check_row(row: Row, look: _Look, kinds: dict[str, ActivityKind], today: dt.date, told: Complaints) -> None:
    values = row.values
    org, kind, on = look.orgs.get(values["org_code"] or ""), kinds.get(values["kind"] or ""), values["on"]
    if values["org_code"] and org is None:
        told.add(row, "org_code", "没有这个组织，或者它不在您可以签字确认的范围内")
    if values["kind"] and kind is None:
        told.add(row, "kind", "没有这种活动；可填：" + "、".join(k.title for k in policy.current().activity_kinds))
    if hour_of(values["hour"]) is None:
        told.add(row, "hour", "时间应写成 15:00 的样子")
    if None not in (values["present"], values["expected"]) and values["present"] > values["expected"]:
        told.add(row, "present", "实到多于应到")
    if on and on >= today:
        told.add(row, "on", "只导入今天以前的活动")
    if None in (org, kind, on):
        return
    if org.kind not in kind.holders:
        told.add(row, "kind", f"“{org.name}”不能举办“{kind.title}”")
    if on < org.founded_on or (org.dissolved_on and on >= org.dissolved_on):
        told.add(row, "on", "这一天组织还没有成立，或者已经撤销")
    title = values["title"] or ""
    known = source_of_row(org.pk, kind.id, on, title) in look.known
    if not known and (org.pk, kind.id, on) in look.by_hand:
        told.add(row, "on", f"这一天系统里已有同类活动“{look.by_hand[org.pk, kind.id, on]}”，不能重复导入")
    if values["counts_for"] and not any(
        rules.can_make_good(values["counts_for"], per=duty.per, day=on, founded_on=org.founded_on)
        for duty in queries.duties_for(org, kind.id, on)
    ):
        told.add(row, "counts_for", "应是活动之前已经结束的一期，写法与规定动作的周期一致，如 2026-02、2026Q1")
    people = names_in(values["people"])
    if values["present"] is not None and len(people) > values["present"]:
        told.add(row, "people", f"写了 {len(people)} 人，多于实到 {values['present']} 人")
    for text in people:
        found = look.find(org.pk, text, on)
        shown = text if len(text) < 15 else f"{text[:3]}***"
        if not found:
            told.add(row, "people", f"“{shown}”当天不是这个组织的党员", shown)
        elif len(found) > 1:
            told.add(row, "people", f"有 {len(found)} 人叫“{shown}”，请写身份证号", shown)


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Write the rows as signed-off activities with their facts: all or nothing; the same rows again change nothing."""
    if problems := check(rows, by=by):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    moment, look, kinds, created, done = moment_of(at), _Look(rows, by), kinds_by_word(), 0, 0
    for chunk in in_chunks(rows, 500):
        fresh: list[tuple[Activity, list[int]]] = []
        for row in chunk:
            values = row.values
            org, kind = look.orgs[values["org_code"]], kinds[values["kind"]]
            source = source_of_row(org.pk, kind.id, values["on"], values["title"])
            if source not in look.known:
                look.known.add(source)
                people = [look.find(org.pk, text, values["on"])[0] for text in names_in(values["people"])]
                fresh.append((_activity(org, kind, values, source, by, moment), sorted(set(people))))
        _write(fresh, by=by, at=moment, batch=batch)
        created, done = created + len(fresh), done + len(chunk)
        progress(done, len(rows))
    return Result(created, 0, len(rows) - created)


def _activity(
    org: Organisation, kind: ActivityKind, values: dict, source: str, by: Actor, moment: dt.datetime
) -> Activity:
    hour = hour_of(values["hour"])
    starts_at = clock.at_time(values["on"], hour.hour, hour.minute)
    return Activity(
        org=org, kind=kind.id, title=values["title"], starts_at=starts_at, place=values["place"] or "",
        ends_at=starts_at + dt.timedelta(minutes=values["minutes"] or kind.default_minutes), audience=kind.expected,
        counts_for=values["counts_for"] or None, learning_minutes=kind.learning_minutes, state=SIGNED_OFF,
        expected_count=values["expected"], present_count=values["present"], created_by=by.person, created_at=moment,
        signed_by=by.person, signed_at=moment, source=source,
    )  # fmt: skip


def _write(fresh: list[tuple[Activity, list[int]]], *, by: Actor, at: dt.datetime, batch: str) -> None:
    activities = [activity for activity, _people in fresh]
    Activity.objects.bulk_create(activities)
    Attendance.objects.bulk_create(
        [
            Attendance(
                activity=activity, person_id=person, status="present", method="import", checked_in_at=activity.starts_at,
                rounds=1, by_hand=True,
            )
            for activity, people in fresh for person in people
        ],
        batch_size=500,
    )  # fmt: skip
    ImportTrace.objects.bulk_create(
        ImportTrace(batch=batch, kind=TRACE, object_id=a.pk, before=None) for a in activities
    )
    told = [
        {"kind": "activity.attended", **attended(activity, person, "attendee", "import", 1, activity.starts_at),
         "recorded_at": at}
        for activity, people in fresh for person in people
    ]  # fmt: skip
    told += [
        {
            "kind": "activity.signed_off", "at": activity.starts_at, "recorded_at": at, "org": activity.org_id,
            "obj": ref(activity), "source": f"activity:{activity.pk}:signed_off",
            "data": {"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for,
                     "present": activity.present_count, "expected": activity.expected_count,
                     "hours_minutes": activity.minutes_long, "batch": batch},
        }
        for activity in activities
    ]  # fmt: skip
    facts.record_many(told, by=by)


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take an import back: new facts correct the old ones, the activities stand as cancelled. Refused once corrected."""
    ids = list(ImportTrace.objects.filter(batch=batch, kind=TRACE).values_list("object_id", flat=True))
    if not ids:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    moment, reason = moment_of(at), "撤回导入"
    for chunk in in_chunks(ids, 500):
        activities = {a.pk: a for a in Activity.objects.select_for_update().filter(pk__in=chunk)}
        orgs = Organisation.objects.in_bulk({a.org_id for a in activities.values()})
        for activity in activities.values():
            by.require("activities.sign_off", orgs[activity.org_id])
            if activity.version > 1:
                raise Refused(f"“{activity.title}”（{on_text(activity)}）导入后更正过，不能撤回。")
        rows = list(Attendance.objects.filter(activity__in=chunk, status="present"))
        sources = [source_of(row.activity_id, row.person_id, row.rounds) for row in rows]
        sources += [f"activity:{pk}:signed_off" for pk in chunk]
        first = {fact.source: fact for part in in_chunks(sources, 900) for fact in Fact.objects.filter(source__in=part)}
        told = []
        for row in rows:
            activity, was = activities[row.activity_id], first[source_of(row.activity_id, row.person_id, row.rounds)]
            told.append({
                "kind": "activity.attendance_withdrawn", "at": moment, "person": row.person_id, "org": activity.org_id,
                "obj": ref(activity), "quantity": was.quantity, "corrects": was.pk,
                "source": f"withdraw:{activity.pk}:{row.person_id}:{row.rounds}",
                "data": {"activity_kind": activity.kind, "on": on_text(activity), "reason": reason},
            })  # fmt: skip
        told += [
            {
                "kind": "activity.cancelled", "at": moment, "org": activity.org_id, "obj": ref(activity),
                "corrects": first[f"activity:{pk}:signed_off"].pk, "source": f"activity:{pk}:cancelled",
                "data": {"activity_kind": activity.kind, "on": on_text(activity), "counts_for": activity.counts_for,
                         "reason": reason, "batch": batch},
            }
            for pk, activity in activities.items()
        ]  # fmt: skip
        facts.record_many(told, by=by)
        Attendance.objects.filter(activity__in=chunk, status="present").update(
            status="absent", method="", checked_in_at=None
        )
        # The source is given back, so that a corrected file may bring the same meeting again.
        Activity.objects.filter(pk__in=chunk).update(state=CANCELLED, source=None, cancel_reason=reason, version=2)
    ImportTrace.objects.filter(batch=batch, kind=TRACE).delete()
    return Result(created=len(ids))


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Signed-off activities in scope as rows of the sheet; names only where the actor sees people."""
    titles = {kind.id: kind.title for kind in policy.current().activity_kinds}
    found = queries.visible_to(actor).filter(state=SIGNED_OFF).select_related("org")
    if filters.get("org"):
        found = found.filter(org__path__contains=f"/{int(filters['org'])}/")
    for chunk in in_chunks(found.order_by("-starts_at", "-id").iterator(chunk_size=500), 500):
        names: dict[int, list[str]] = defaultdict(list)
        for activity, name in (
            Attendance.objects.filter(activity__in=[a.pk for a in chunk], status="present")
            .order_by("person__pinyin", "person").values_list("activity", "person__name")
        ):  # fmt: skip
            names[activity].append(name)
        for activity in chunk:
            start = activity.starts_at.astimezone(clock.SHANGHAI)
            shown = actor.may_at("people.view", activity.org)
            yield {
                "org_code": activity.org.code, "kind": titles.get(activity.kind, activity.kind), "on": start.date(),
                "title": activity.title, "hour": f"{start:%H:%M}", "minutes": activity.minutes_long, "place": activity.place,
                "expected": activity.expected_count, "present": activity.present_count,
                "people": "、".join(names[activity.pk]) if shown else "", "counts_for": activity.counts_for or "",
            }  # fmt: skip


PAST_ACTIVITIES = SheetBinding(
    sheet=SHEET, permission="activities.sign_off", check=check, apply=apply, undo=undo, export=export, title="过去的活动",
    order=40,
)  # fmt: skip
