"""导入导出组织: the sheet, what is checked, and set-wise writing. An empty cell leaves what is there as it is."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets import Column, Problem, Row, Sheet
from gongjian.ground.sheets.binding import Complaints, Progress, Result, SheetBinding, in_chunks, moment_of, silent
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import queries, rules
from gongjian.records.orgs.actions.shared import count_groups, territory_path
from gongjian.records.orgs.models import ImportTrace, Organisation, OrganisationVersion

SHEET = Sheet(
    id="organisations",
    title="组织",
    key="code",
    intro="一行一个组织。上级组织可以在同一个文件里，先后不限。已有的组织按组织代码比对，只写有变化的资料；空格子不改原有内容。",
    columns=(
        Column(
            "code",
            "组织代码",
            "全市唯一",
            required=True,
            kind="code",
            unique=True,
            max_length=40,
            example="450300631001",
        ),
        Column("name", "组织名称", "与印章一致的全称", required=True, max_length=200),
        Column("short_name", "简称", max_length=60),
        Column("kind", "组织类型", "如党支部、联合党支部、党总支、基层党委、党小组", required=True, example="党支部"),
        Column("parent_code", "隶属组织代码", "上级党组织的代码；最高一级不填", kind="code"),
        Column("territory_code", "属地组织代码", "坐落的社区或街道；与隶属相同的不填", kind="code"),
        Column("division_code", "行政区划代码", "街道 9 位，社区 12 位", kind="division"),
        Column("founded_on", "成立日期", required=True, kind="date", example="2015-06-01"),
        Column("term_started_on", "本届起始日期", kind="date"),
        Column("term_years", "任期年限", "1 至 5", kind="int", minimum=1, maximum=5),
        Column("trade", "行业", max_length=40),
        Column("unit_name", "所在单位", max_length=200),
        Column("credit_code", "统一社会信用代码", "18 位", kind="credit_code"),
        Column("urban", "是否城市基层党组织", kind="bool"),
        Column("address", "地址", max_length=200),
        Column("phone", "办公电话", max_length=40),
    ),
)
PARTICULARS = (
    "short_name", "division_code", "trade", "unit_name", "credit_code", "address", "phone", "urban", "term_started_on",
    "term_years",
)  # fmt: skip


def _kinds() -> dict[str, Any]:
    """What people may write in the column of the kind → the pack's kind."""
    found: dict[str, Any] = {}
    for kind in policy.current().org_kinds:
        for text in (kind.short, kind.title, kind.id):
            found[text] = kind
    return found


class _Look:
    """What the file speaks of, fetched in few queries."""

    def __init__(self, rows: Sequence[Row], by: Actor) -> None:
        codes = {
            row.values[key] for row in rows for key in ("code", "parent_code", "territory_code") if row.values[key]
        }
        self.known: dict[str, Organisation] = {}
        for chunk in in_chunks(sorted(codes), 5000):
            for org in Organisation.objects.filter(code__in=chunk).select_related("parent", "territory"):
                self.known[org.code] = org
        self.managed = {
            code for code, org in self.known.items() if by.kind == "system" or by.may_at("orgs.manage", org)
        }
        self.new = {
            row.values["code"]: row for row in rows if row.values["code"] and row.values["code"] not in self.known
        }


def check(rows: Sequence[Row], *, by: Actor) -> list[Problem]:
    """Every problem of the rows, by row and column; nothing is written."""
    told, look, kinds, today = Complaints(SHEET), _Look(rows, by), _kinds(), clock.today()
    pack = policy.current()
    for row in rows:
        values = row.values
        kind = kinds.get(values["kind"]) if values["kind"] else None
        if values["kind"] and kind is None:
            told.add(row, "kind", "没有这种组织类型；可填：" + "、".join(k.title for k in pack.org_kinds))
        for key, label in (("founded_on", "成立日期"), ("term_started_on", "本届起始日期")):
            if values[key] and values[key] > today:
                told.add(row, key, f"{label}不能晚于今天")
        if not values["code"]:
            continue
        existing = look.known.get(values["code"])
        if existing is not None:
            _check_existing(row, existing, kind, look, told)
        else:
            _check_new(row, kind, look, kinds, by, told)
    _check_circles(rows, look, told)
    return told.found


def _check_existing(row: Row, org: Organisation, kind: Any, look: _Look, told: Complaints) -> None:
    values = row.values
    if org.code not in look.managed:
        told.add(row, "code", "这个组织代码已被使用，而那个组织不在您的管理范围内")
        return
    if not org.is_alive:
        told.add(row, "code", f"这个组织已于 {org.dissolved_on} 撤销")
    if kind is not None and kind.id != org.kind:
        told.add(row, "kind", "与现有类型不同；改变类型请撤销后重新成立")
    if values["parent_code"] and values["parent_code"] != (org.parent.code if org.parent else None):
        told.add(row, "parent_code", "与现有隶属不同；请在组织页面用“调整隶属或属地”办理")
    if values["territory_code"] and values["territory_code"] != (org.territory.code if org.territory else None):
        told.add(row, "territory_code", "与现有属地不同；请在组织页面用“调整隶属或属地”办理")
    if values["founded_on"] and values["founded_on"] != org.founded_on:
        told.add(row, "founded_on", f"与现有成立日期 {org.founded_on} 不同")


def _check_new(row: Row, kind: Any, look: _Look, kinds: dict, by: Actor, told: Complaints) -> None:
    values, pack = row.values, policy.current()
    parent_kind = None
    if not values["parent_code"]:
        if kind is not None and kind.parents:
            told.add(row, "parent_code", f"{kind.title}须有上级组织，请填写隶属组织代码")
        elif by.kind != "system" and not any(scope.path == "/" for scope in by.scopes("orgs.manage")):
            told.add(row, "parent_code", "您不能成立最高一级组织，请填写隶属组织代码")
    elif (parent := look.known.get(values["parent_code"])) is not None:
        if values["parent_code"] not in look.managed:
            told.add(row, "parent_code", "没有这个组织，或者它不在您的管理范围内")
            return
        if not parent.is_alive:
            told.add(row, "parent_code", f"上级组织已于 {parent.dissolved_on} 撤销")
        if values["founded_on"] and values["founded_on"] < parent.founded_on:
            told.add(row, "founded_on", f"早于上级组织的成立日期 {parent.founded_on}")
        parent_kind = parent.kind
    elif values["parent_code"] in look.new:
        above = look.new[values["parent_code"]].values
        described = kinds.get(above["kind"])
        parent_kind = described.id if described else None
        if values["founded_on"] and above["founded_on"] and values["founded_on"] < above["founded_on"]:
            told.add(row, "founded_on", f"早于上级组织的成立日期 {above['founded_on']}")
    else:
        told.add(row, "parent_code", "没有这个组织，或者它不在您的管理范围内")
    if kind is not None and parent_kind is not None and not rules.may_found(pack, kind.id, parent_kind):
        told.add(row, "kind", f"“{kind.title}”不能设在“{pack.org_kind(parent_kind).title}”之下")
    if code := values["territory_code"]:
        if code not in look.known and code not in look.new:
            told.add(row, "territory_code", "没有这个组织")
        elif code in look.known and not look.known[code].is_alive:
            told.add(row, "territory_code", "属地组织已撤销")


def _check_circles(rows: Sequence[Row], look: _Look, told: Complaints) -> None:
    above = {code: row.values["parent_code"] for code, row in look.new.items()}
    sound: set[str] = set()
    for row in rows:
        code, seen = row.values["code"], []
        while code in above and code not in sound and code not in seen:
            seen.append(code)
            code = above[code]
        if code in seen:
            told.add(row, "parent_code", "隶属关系绕成了圈：" + " → ".join([*seen[seen.index(code) :], code]))
        else:
            sound.update(seen)


@transaction.atomic
def apply(
    rows: Sequence[Row], *, by: Actor, at: dt.datetime | None = None, batch: str, progress: Progress = silent
) -> Result:
    """Write the rows: all or nothing; the same rows again change nothing."""
    if problems := check(rows, by=by):
        raise Refused(f"数据已有变化，现有 {len(problems)} 处问题，请重新检查文件。{problems[0]}")
    moment, look, kinds = moment_of(at), _Look(rows, by), _kinds()
    created = _create([row for row in rows if row.values["code"] in look.new], look, kinds, by, moment, batch, progress)
    old = [row for row in rows if row.values["code"] not in look.new]
    updated = _update(old, look, by, moment, batch)
    progress(len(rows), len(rows))
    return Result(created, updated, len(rows) - created - updated)


def _levels(rows: list[Row], look: _Look) -> Iterator[list[Row]]:
    """Rows in layers: those whose parents and territories exist, then those below them."""
    waiting, made = rows, set(look.known)
    while waiting:
        ready = [
            row for row in waiting
            if all(not row.values[key] or row.values[key] in made for key in ("parent_code", "territory_code"))
        ]  # fmt: skip
        if not ready:  # a territory that lies below its own guest
            raise Refused(f"第 {waiting[0].number} 行：隶属与属地互相依赖，无法确定先后。")
        yield ready
        made.update(row.values["code"] for row in ready)
        waiting = [row for row in waiting if row.values["code"] not in made]


def _create(
    rows: list[Row], look: _Look, kinds: dict, by: Actor, at: dt.datetime, batch: str, progress: Progress
) -> int:
    done = 0
    for layer in _levels(rows, look):
        for chunk in in_chunks(layer, 500):
            made = []
            for row in chunk:
                values, kind = row.values, kinds[row.values["kind"]]
                parent, territory = (look.known.get(values[key] or "") for key in ("parent_code", "territory_code"))
                pinyin, initials = spell(values["name"])
                own_level = kind.id not in ("joint_committee", "alliance")
                given = {key: values[key] for key in PARTICULARS if values[key] is not None}
                if kind.term_years and values["term_started_on"]:
                    given.setdefault("term_years", kind.term_years)
                made.append(
                    Organisation(
                        code=values["code"], name=values["name"], kind=kind.id, parent=parent, territory=territory,
                        level=kind.level if own_level or parent is None else parent.level,
                        founded_on=values["founded_on"], pinyin=pinyin, initials=initials, **given,
                    )
                )  # fmt: skip
            for org in Organisation.objects.bulk_create(made):
                org.path = (org.parent.path if org.parent else "/") + f"{org.pk}/"
                org.territory_path = territory_path(org)
                look.known[org.code] = org
            Organisation.objects.bulk_update(made, ["path", "territory_path"], batch_size=500)
            OrganisationVersion.objects.bulk_create(
                OrganisationVersion(
                    org=org, name=org.name, kind=org.kind, parent=org.parent, territory=org.territory,
                    valid_from=org.founded_on, reason="导入",
                )
                for org in made
            )  # fmt: skip
            facts.record_many(
                (
                    {"kind": "organisation.founded", "at": at, "org": org.pk, "obj": Ref.of("organisation", org.pk),
                     "data": {"on": org.founded_on.isoformat(), "name": org.name, "org_kind": org.kind,
                              "parent": org.parent_id, "territory": org.territory_id, "batch": batch},
                     "source": f"import:{batch}:organisation:{org.pk}"}
                    for org in made
                ),
                by=by,
            )  # fmt: skip
            ImportTrace.objects.bulk_create(ImportTrace(batch=batch, kind="organisation", object_id=o.pk) for o in made)
            done += len(made)
            progress(done, len(rows))
    groups = {look.known[row.values["code"]].parent_id for row in rows if kinds[row.values["kind"]].id == "group"}
    count_groups(*groups)
    return done


def _update(rows: list[Row], look: _Look, by: Actor, at: dt.datetime, batch: str) -> int:
    changed: list[tuple[Organisation, list[str]]] = []
    traces = []
    for row in rows:
        org = look.known[row.values["code"]]
        wanted = {key: row.values[key] for key in ("name", *PARTICULARS) if row.values[key] is not None}
        different = [key for key, value in wanted.items() if getattr(org, key) != value]
        if not different:
            continue
        before = {key: _plain(getattr(org, key)) for key in different}
        for key in different:
            setattr(org, key, wanted[key])
        if "name" in different:
            org.pinyin, org.initials = spell(org.name)
        changed.append((org, different))
        traces.append(ImportTrace(batch=batch, kind="organisation", object_id=org.pk, before=before))
    orgs = [org for org, _fields in changed]
    Organisation.objects.bulk_update(orgs, ["name", "pinyin", "initials", *PARTICULARS], batch_size=200)
    for org, fields in changed:
        if "name" in fields:  # a correction of the name, not a renaming: the open version says the right one
            OrganisationVersion.objects.filter(org=org, valid_to__isnull=True).update(name=org.name)
    facts.record_many(
        (
            {"kind": "organisation.corrected", "at": at, "org": org.pk, "obj": Ref.of("organisation", org.pk),
             "data": {"name": org.name, "fields": fields, "batch": batch},
             "source": f"import:{batch}:organisation:{org.pk}"}
            for org, fields in changed
        ),
        by=by,
    )  # fmt: skip
    ImportTrace.objects.bulk_create(traces, batch_size=500)
    return len(changed)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


@transaction.atomic
def undo(batch: str, *, by: Actor, at: dt.datetime | None = None) -> Result:
    """Take an import back: what it created goes, what it changed is put back; Refused once something was built on it."""
    traces = list(ImportTrace.objects.filter(batch=batch, kind="organisation"))
    if not traces:
        raise NotFound("没有找到这次导入，或者它已经撤回。")
    ids = [trace.object_id for trace in traces]
    orgs = {org.pk: org for chunk in in_chunks(ids, 5000) for org in Organisation.objects.filter(pk__in=chunk)}
    for org in orgs.values():
        by.require("orgs.manage", org)
    refuse_built_on("org", ids, batch)
    new = {trace.object_id for trace in traces if trace.before is None}
    for chunk in in_chunks(sorted(new), 500):
        if Organisation.objects.filter(parent__in=chunk).exclude(pk__in=new).exists():
            raise Refused("导入的组织下面已经设了别的组织，不能撤回。")
    moment = moment_of(at)
    told = dict(Fact.objects.filter(source__startswith=f"import:{batch}:organisation:").values_list("org", "pk"))
    restored = _restore([trace for trace in traces if trace.before is not None], orgs)
    facts.record_many(
        (
            {"kind": "organisation.withdrawn", "at": moment, "org": trace.object_id, "corrects": told.get(trace.object_id),
             "obj": Ref.of("organisation", trace.object_id),
             "data": {"batch": batch, "name": orgs[trace.object_id].name, "fields": sorted(trace.before or {})},
             "source": f"undo:{batch}:organisation:{trace.object_id}"}
            for trace in traces
        ),
        by=by,
    )  # fmt: skip
    parents = {orgs[pk].parent_id for pk in new if orgs[pk].kind == "group"} - new
    deepest_first = sorted(new, key=lambda pk: -orgs[pk].depth)
    OrganisationVersion.objects.filter(org__in=new).delete()
    for pk in deepest_first:
        Organisation.objects.filter(pk=pk).delete()
    count_groups(*parents)
    ImportTrace.objects.filter(batch=batch, kind="organisation").delete()
    return Result(created=len(new), updated=restored)


def _restore(traces: list[ImportTrace], orgs: dict[int, Organisation]) -> int:
    for trace in traces:
        org = orgs[trace.object_id]
        for key, value in trace.before.items():
            field = Organisation._meta.get_field(key)
            setattr(org, key, field.to_python(value))
        if "name" in trace.before:
            org.pinyin, org.initials = spell(org.name)
            OrganisationVersion.objects.filter(org=org, valid_to__isnull=True).update(name=org.name)
        org.save()
    return len(traces)


def refuse_built_on(column: str, ids: Iterable[int], batch: str) -> None:
    """Refused if anything was recorded about one of these after the import and not by it (`column`: org or person)."""
    first = (
        Fact.objects.filter(source__startswith=f"import:{batch}:").order_by("pk").values_list("pk", flat=True).first()
    )
    if first is None:
        return
    for chunk in in_chunks(sorted(ids), 5000):
        later = (
            Fact.objects.filter(pk__gt=first, **{f"{column}__in": chunk})
            .exclude(source__startswith=f"import:{batch}:")
            .order_by("pk")
            .first()
        )
        if later is not None:
            raise Refused(f"导入之后已经有新的办理（事实 #{later.pk}，{later.at:%Y-%m-%d}），不能撤回；请逐项更正。")


def export(actor: Actor, filters: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The visible living organisations as rows of the sheet, parents first."""
    titles = {kind.id: kind.title for kind in policy.current().org_kinds}
    found = queries.visible_to(actor).select_related("parent", "territory")
    if filters.get("org"):
        found = found.filter(path__contains=f"/{int(filters['org'])}/")
    for org in found.order_by("path").iterator(chunk_size=2000):
        row = {key: getattr(org, key) for key in ("code", "name", "founded_on", *PARTICULARS)}
        row["kind"] = titles.get(org.kind, org.kind)
        row["parent_code"] = org.parent.code if org.parent else None
        row["territory_code"] = org.territory.code if org.territory else None
        yield row


ORGANISATIONS = SheetBinding(
    sheet=SHEET, permission="orgs.manage", check=check, apply=apply, undo=undo, export=export, title="组织", order=10
)
