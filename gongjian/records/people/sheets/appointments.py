"""导入任职: who is or was in which post, from when to when."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.sheets import Problem, Row
from gongjian.ground.sheets.binding import Complaints, Progress, Result, in_chunks, moment_of, silent
from gongjian.records import facts
from gongjian.records.orgs.models import ImportTrace
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import Appointment, Person
from gongjian.records.people.sheets.people import identity_hash, organisations, plain
from gongjian.records.people.sheets.shapes import APPOINTMENTS_SHEET

FIELDS = ("starts_on", "ends_on", "part_time", "sending_unit")


class _Look:
    """What the file speaks of, fetched in few queries."""

    def __init__(self, rows: Sequence[Row], by: Actor) -> None:
        self.orgs = organisations(rows, ("org_code",), by)
        self.posts = {text: post for post in policy.current().posts for text in (post.id, post.title)}
        self.hashes = {row.number: identity_hash(row) for row in rows if row.values["identity"]}
        self.persons: dict[str, Person] = {}
        for chunk in in_chunks(self.hashes.values(), 5000):
            self.persons.update((p.identity_hash, p) for p in Person.objects.filter(identity_hash__in=chunk))
        self.held: dict[tuple[int, int, str], list[Appointment]] = {}
        self.open: dict[tuple[int, str], int] = {}
        for chunk in in_chunks([org.pk for org in self.orgs.values()], 5000):
            for row in Appointment.objects.filter(org_id__in=chunk):
                self.held.setdefault((row.person_id, row.org_id, row.post), []).append(row)
                if row.ends_on is None:
                    self.open[row.org_id, row.post] = row.person_id

    def person(self, row: Row) -> Person | None:
        return self.persons.get(self.hashes.get(row.number, ""))

    def existing(self, row: Row) -> Appointment | None:
        """The appointment that a row speaks of: the open one, or one that began on the same day."""
        person, org, post = self.person(row), self.orgs[row.values["org_code"]], self.posts[row.values["post"]]
        held = self.held.get((person.pk, org.pk, post.id), [])
        return next((a for a in held if a.starts_on == row.values["starts_on"]), None) or next(
            (a for a in held if a.ends_on is None), None
        )


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    return _check(rows, _Look(rows, by))


def _check(rows: Sequence[Row], look: _Look) -> list[Problem]:
    told, today = Complaints(APPOINTMENTS_SHEET), clock.today()
    taken: dict[tuple[int, str], int] = {}
    for row in rows:
        values = row.values
        person, org = look.person(row), look.orgs.get(values["org_code"] or "")
        post = look.posts.get(values["post"]) if values["post"] else None
        if values["identity"] and person is None:
            told.add(row, "identity", "此人还没有登记，请先登记或导入人员")
        elif person is not None and values["name"] and person.name != values["name"]:
            told.add(row, "name", "与此身份证号登记的姓名不同")
        if values["org_code"] and org is None:
            told.add(row, "org_code", "没有这个组织，或者它不在您的管理范围内")
        if values["post"] and post is None:
            titles = "、".join(post.title for post in policy.current().posts)
            told.add(row, "post", f"没有这个职务；可填：{titles}")
        if post and org and post.org_kinds and org.kind not in post.org_kinds:
            told.add(row, "post", f"“{post.title}”不能设在这一类组织")
        if values["starts_on"] and values["starts_on"] > today:
            told.add(row, "starts_on", "任职日期不能晚于今天")
        if values["starts_on"] and values["ends_on"] and values["ends_on"] < values["starts_on"]:
            told.add(row, "ends_on", "早于任职日期")
        if post and org and person and post.single and values["ends_on"] is None:
            holder = look.open.get((org.pk, post.id))
            if holder is not None and holder != person.pk:
                told.add(row, "post", f"“{org.name}”已有{post.title}，请先免去现任")
            elif (first := taken.setdefault((org.pk, post.id), row.number)) != row.number:
                told.add(row, "post", f"与第 {first} 行重复：{post.title}只能有一人")
    return told.found


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Write the rows: all or nothing; the same rows again change nothing."""
    look = _Look(rows, by)
    if problems := _check(rows, look):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    moment, made, changed, told, traces = moment_of(at), [], [], [], []
    for row in rows:
        existing = look.existing(row)
        wanted = {key: row.values[key] for key in FIELDS if row.values[key] is not None}
        if existing is None:
            made.append(
                Appointment(
                    person=look.person(row), org=look.orgs[row.values["org_code"]], post=look.posts[row.values["post"]].id,
                    **wanted,
                )
            )  # fmt: skip
            continue
        different = {key: value for key, value in wanted.items() if getattr(existing, key) != value}
        if not different:
            continue
        before = {key: plain(getattr(existing, key)) for key in different}
        for key, value in different.items():
            setattr(existing, key, value)
        changed.append(existing)
        traces.append(ImportTrace(batch=batch, kind="appointment", object_id=existing.pk, before=before))
        kind = "appointment.ended" if before.get("ends_on", "") is None else "appointment.started"
        told.append(_fact(kind, existing, moment, batch))
    made = Appointment.objects.bulk_create(made, batch_size=500)
    Appointment.objects.bulk_update(changed, FIELDS, batch_size=200)
    told += [_fact("appointment.started", row, moment, batch) for row in made]
    told += [_fact("appointment.ended", row, moment, batch) for row in made if row.ends_on]
    traces += [ImportTrace(batch=batch, kind="appointment", object_id=row.pk) for row in made]
    facts.record_many(told, by=by)
    ImportTrace.objects.bulk_create(traces, batch_size=500)
    recount({row.org_id for row in (*made, *changed)})
    progress(len(rows), len(rows))
    return Result(len(made), len(changed), len(rows) - len(made) - len(changed))


def _fact(kind: str, row: Appointment, at: dt.datetime, batch: str) -> dict:
    day = row.ends_on if kind == "appointment.ended" else row.starts_on
    return {
        "kind": kind, "at": at, "person": row.person_id, "org": row.org_id, "obj": Ref.of("appointment", row.pk),
        "data": {"post": row.post, "part_time": row.part_time, "on": day.isoformat(), "batch": batch},
        "source": f"import:{batch}:{kind}:{row.pk}",
    }  # fmt: skip


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Current appointments in scope as rows of the sheet, identity numbers masked."""
    titles = {post.id: post.title for post in policy.current().posts}
    found = Appointment.objects.filter(scope_q(actor, "people.view", prefix="org__"), ends_on__isnull=True)
    if filters.get("org"):
        found = found.filter(org__path__contains=f"/{int(filters['org'])}/")
    for row in found.select_related("person", "org").order_by("org__path", "pk").iterator(chunk_size=2000):
        yield {
            "name": row.person.name, "identity": row.person.identity_masked, "org_code": row.org.code,
            "post": titles.get(row.post, row.post), **{key: getattr(row, key) for key in FIELDS},
        }  # fmt: skip
