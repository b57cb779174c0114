"""撤回导入: what an import created goes, what it changed is put back, as long as nothing has been built on it."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model, ProtectedError

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets.binding import Result, in_chunks, moment_of
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import ImportTrace
from gongjian.records.orgs.sheets import refuse_built_on
from gongjian.records.people import queries
from gongjian.records.people.actions.counting import recount
from gongjian.records.people.models import Appointment, Membership, Person, Relation

MODELS: dict[str, type[Model]] = {
    "relation": Relation, "membership": Membership, "appointment": Appointment, "person": Person,
}  # fmt: skip


def _traces(batch: str, kinds: Iterable[str]) -> dict[str, list[ImportTrace]]:
    found: dict[str, list[ImportTrace]] = {kind: [] for kind in kinds}
    for trace in ImportTrace.objects.filter(batch=batch, kind__in=list(found)).order_by("pk"):
        found[trace.kind].append(trace)
    if not any(found.values()):
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    return found


def _rows(kind: str, traces: list[ImportTrace]) -> dict[int, Model]:
    ids = [trace.object_id for trace in traces]
    return {row.pk: row for chunk in in_chunks(ids, 5000) for row in MODELS[kind].objects.filter(pk__in=chunk)}


def _restore(kind: str, traces: list[ImportTrace], rows: dict[int, Model]) -> int:
    """Put back the columns that an import changed."""
    changed = [trace for trace in traces if trace.before is not None]
    for trace in changed:
        row = rows[trace.object_id]
        for key, value in trace.before.items():
            setattr(row, key, MODELS[kind]._meta.get_field(key).to_python(value))
        if isinstance(row, Person):
            row.pinyin, row.initials = spell(row.name, name=True)
        row.save()
    return len(changed)


def _remove(kind: str, traces: list[ImportTrace]) -> int:
    new = [trace.object_id for trace in traces if trace.before is None]
    try:
        for chunk in in_chunks(new, 500):
            MODELS[kind].objects.filter(pk__in=chunk).delete()
    except ProtectedError:
        raise Refused("导入的人员已经有了账号、任职或别的记录，不能撤回；请逐项更正。") from None
    return len(new)


@transaction.atomic
def undo_people(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take an import of people back. Refused once something was recorded about one of them since."""
    traces = _traces(batch, ("relation", "membership", "person"))
    rows = {kind: _rows(kind, traces[kind]) for kind in traces}
    persons = set(rows["person"]) | {
        row.person_id for kind in ("membership", "relation") for row in rows[kind].values()
    }
    managed = queries.visible_to(by, permission="people.manage")
    allowed = {
        pk
        for chunk in in_chunks(sorted(persons), 5000)
        for pk in managed.filter(pk__in=chunk).values_list("pk", flat=True)
    }
    if persons - allowed:
        raise Forbidden("这次导入涉及您管理范围以外的人员，不能由您撤回。")
    refuse_built_on("person", persons, batch)
    new = [trace.object_id for trace in traces["person"] if trace.before is None]
    touched = {row.org_id for row in rows["membership"].values()}
    for chunk in in_chunks(new, 500):
        touched.update(Membership.objects.filter(person_id__in=chunk).values_list("org_id", flat=True))
        Membership.objects.filter(person_id__in=chunk).delete()
        Relation.objects.filter(person_id__in=chunk).delete()
    restored = removed = 0
    for kind in ("relation", "membership", "person"):
        restored += _restore(kind, traces[kind], rows[kind])
        removed += _remove(kind, traces[kind])
    told = dict(Fact.objects.filter(source__startswith=f"import:{batch}:person:").values_list("person", "pk"))
    facts.record_many(
        (
            {"kind": "person.withdrawn", "at": moment_of(at), "person": person, "corrects": told.get(person),
             "obj": Ref.of("person", person), "data": {"batch": batch}, "source": f"undo:{batch}:person:{person}"}
            for person in sorted(persons)
        ),
        by=by,
    )  # fmt: skip
    recount(touched)
    ImportTrace.objects.filter(batch=batch, kind__in=list(traces)).delete()
    return Result(created=removed, updated=restored)


@transaction.atomic
def undo_appointments(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take an import of appointments back. Refused once something was recorded about one of those persons since."""
    traces = _traces(batch, ("appointment",))
    rows = _rows("appointment", traces["appointment"])
    for row in Appointment.objects.filter(pk__in=list(rows)).select_related("org"):
        by.require("people.manage", row.org)
    for chunk in in_chunks(sorted(rows), 5000):
        objects = Fact.objects.filter(object_kind="appointment", object_id__in=[str(pk) for pk in chunk])
        if (
            objects.exclude(source__startswith=f"import:{batch}:")
            .filter(pk__gt=Fact.objects.filter(source__startswith=f"import:{batch}:").order_by("pk").values("pk")[:1])
            .exists()
        ):
            raise Refused("导入之后已经有新的任免，不能撤回；请逐项更正。")
    told = dict(
        Fact.objects.filter(source__startswith=f"import:{batch}:appointment.started:").values_list("object_id", "pk")
    )
    facts.record_many(
        (
            {"kind": "appointment.withdrawn", "at": moment_of(at), "person": row.person_id, "org": row.org_id,
             "corrects": told.get(str(pk)), "obj": Ref.of("appointment", pk),
             "data": {"post": row.post, "batch": batch}, "source": f"undo:{batch}:appointment:{pk}"}
            for pk, row in rows.items()
        ),
        by=by,
    )  # fmt: skip
    restored = _restore("appointment", traces["appointment"], rows)
    removed = _remove("appointment", traces["appointment"])
    recount({row.org_id for row in rows.values()})
    ImportTrace.objects.filter(batch=batch, kind="appointment").delete()
    return Result(created=removed, updated=restored)
