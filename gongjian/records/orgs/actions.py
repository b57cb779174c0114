"""Deeds on organisations: found, rename, move, merge, split, dissolve, start a term; each dated and recorded."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Length, Substr

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.pinyin import spell
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation, OrganisationVersion

FIELDS = (
    "short_name", "division_code", "trade", "sector", "unit_name", "credit_code", "address", "phone", "urban",
    "term_started_on", "term_years",
)  # fmt: skip


def _tell(kind: str, org: Organisation, *, by: Actor, at: dt.datetime, on: dt.date, **data: object) -> None:
    facts.record(
        kind, by=by, at=at, org=org.id, obj=Ref.of("organisation", org.id),
        data={"on": on.isoformat(), "name": org.name, **data},
    )  # fmt: skip


def _lock(*orgs: Organisation) -> None:
    """Hold rows in one order, so that two deeds on the same organisations wait instead of blocking each other."""
    list(Organisation.objects.select_for_update().filter(pk__in={o.pk for o in orgs if o}).order_by("pk"))
    for org in orgs:
        if org:
            org.refresh_from_db()


def _not_future(on: dt.date) -> None:
    if on > clock.today():
        raise Invalid("日期不能晚于今天。", field="on")


@transaction.atomic
def found(
    *, by: Actor, code: str, name: str, kind: str, level: str, parent: Organisation | None,
    territory: Organisation | None = None, on: dt.date, at: dt.datetime | None = None, reason: str = "", **fields: object,
) -> Organisation:  # fmt: skip
    """Found an organisation below `parent` (成立). `territory` is where it sits; None: with its parent.

    Raises Invalid for a code that is taken, Refused if the parent is dissolved.
    """
    by.require("orgs.manage", parent)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    name = name.strip()
    if not name:
        raise Invalid("请填写组织名称。", field="name")
    _not_future(on)
    if parent is not None:
        _lock(parent)
        if not parent.is_alive:
            raise Refused(f"“{parent.name}”已于 {parent.dissolved_on} 撤销，不能再设下级组织。", field="parent")
        if on < parent.founded_on:
            raise Invalid(f"成立日期早于上级组织的成立日期 {parent.founded_on}。", field="on")
    pinyin, initials = spell(name)
    org = Organisation(
        code=code.strip(), name=name, kind=kind, level=level, parent=parent, founded_on=on,
        pinyin=pinyin, initials=initials, **fields,
    )  # fmt: skip
    try:
        with transaction.atomic():
            org.save(force_insert=True)
    except IntegrityError:
        raise Invalid(f"组织代码“{code}”已被使用。", field="code") from None
    org.path = (parent.path if parent else "/") + f"{org.pk}/"
    org.territory = territory
    org.territory_path = _territory_path(org)
    org.save(update_fields=["path", "territory", "territory_path"])
    OrganisationVersion.objects.create(
        org=org, name=name, kind=kind, parent=parent, territory=territory, valid_from=on, reason=reason
    )
    if kind == "group" and parent is not None:
        Organisation.objects.filter(pk=parent.pk).update(group_count=F("group_count") + 1)
    _tell(
        "organisation.founded", org, by=by, at=at or clock.now(), on=on, org_kind=kind,
        parent=parent.pk if parent else None, territory=territory.pk if territory else None, reason=reason,
    )  # fmt: skip
    return org


def _territory_path(org: Organisation) -> str:
    """Below its territory if it sits elsewhere than it belongs; otherwise the line of its parent, continued."""
    if org.territory is not None:
        return f"{org.territory.territory_path}{org.pk}/"
    return (org.parent.territory_path if org.parent else "/") + f"{org.pk}/"


def _new_version(org: Organisation, *, on: dt.date, reason: str) -> None:
    """Close the open version on `on` and open the next; a second change on the same day replaces the first."""
    current = OrganisationVersion.objects.select_for_update().get(org=org, valid_to__isnull=True)
    if on < current.valid_from:
        raise Invalid(f"生效日期不能早于上一次变动的日期 {current.valid_from}。", field="on")
    values = {"name": org.name, "kind": org.kind, "parent": org.parent, "territory": org.territory, "reason": reason}
    if on == current.valid_from:
        OrganisationVersion.objects.filter(pk=current.pk).update(**values)
        return
    OrganisationVersion.objects.filter(pk=current.pk).update(valid_to=on)
    OrganisationVersion.objects.create(org=org, valid_from=on, **values)


@transaction.atomic
def rename(
    *, org: Organisation, by: Actor, name: str, on: dt.date, at: dt.datetime | None = None, reason: str = ""
) -> None:
    """Give an organisation another name from a day on (更名)."""
    by.require("orgs.manage", org)
    _not_future(on)
    _lock(org)
    _require_alive(org)
    before, name = org.name, name.strip()
    if not name:
        raise Invalid("请填写新的名称。", field="name")
    if name == before:
        raise Refused("新名称与现名称相同，无需更名。", field="name")
    org.name = name
    org.pinyin, org.initials = spell(name)
    org.save(update_fields=["name", "pinyin", "initials"])
    _new_version(org, on=on, reason=reason)
    _tell("organisation.renamed", org, by=by, at=at or clock.now(), on=on, before=before, reason=reason)


@transaction.atomic
def move(
    *, org: Organisation, by: Actor, parent: Organisation, territory: Organisation | None = None, on: dt.date,
    at: dt.datetime | None = None, reason: str = "",
) -> None:  # fmt: skip
    """Put an organisation and all below it under another parent, or on another territory, from a day on (调整隶属或属地).

    The mover needs the right at both ends. Two set-wise updates rewrite the lines of the whole subtree.
    """
    by.require("orgs.manage", org)
    by.require("orgs.manage", parent)
    _not_future(on)
    _lock(org, parent, territory)
    _require_alive(org)
    _require_alive(parent)
    for target in (parent, territory):
        if target is not None and target.path.startswith(org.path):
            raise Refused("不能把组织调整到它自己或它的下级之下。", field="parent")
    before = {"parent": org.parent_id, "territory": org.territory_id}
    if (parent.pk, territory.pk if territory else None) == (org.parent_id, org.territory_id):
        raise Refused("隶属和属地都没有变化。", field="parent")
    was_under, old_path, old_territory_path = org.parent_id, org.path, org.territory_path
    org.parent, org.territory = parent, territory
    org.path = f"{parent.path}{org.pk}/"
    org.territory_path = _territory_path(org)
    org.save(update_fields=["parent", "territory"])
    for field, old in (("path", old_path), ("territory_path", old_territory_path)):
        Organisation.objects.filter(subtree_q(old, field=field)).update(
            **{field: Concat(Value(getattr(org, field)), Substr(field, Length(Value(old)) + 1))}
        )
    if org.kind == "group":
        Organisation.objects.filter(pk=was_under).update(group_count=F("group_count") - 1)
        Organisation.objects.filter(pk=parent.pk).update(group_count=F("group_count") + 1)
    _new_version(org, on=on, reason=reason)
    _tell(
        "organisation.moved", org, by=by, at=at or clock.now(), on=on, before=before,
        parent=parent.pk, territory=territory.pk if territory else None, reason=reason,
    )  # fmt: skip


def _require_alive(org: Organisation) -> None:
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。")


@transaction.atomic
def dissolve(
    *, org: Organisation, by: Actor, on: dt.date, at: dt.datetime | None = None, reason: str,
    merged_into: Organisation | None = None,
) -> None:  # fmt: skip
    """Dissolve an organisation that has nothing below it and no members left (撤销), or merged into another (合并)."""
    by.require("orgs.manage", org)
    _not_future(on)
    _lock(org)
    _require_alive(org)
    if not reason.strip():
        raise Invalid("请写明撤销原因。", field="reason")
    below = Organisation.objects.filter(parent=org, dissolved_on__isnull=True).count()
    if below:
        raise Refused(f"还有 {below} 个下级组织，请先调整或撤销它们。")
    if org.member_count:
        raise Refused(f"还有 {org.member_count} 名党员的组织关系在此，请先转出。")
    if on < org.founded_on:
        raise Invalid(f"撤销日期早于成立日期 {org.founded_on}。", field="on")
    org.dissolved_on, org.merged_into = on, merged_into
    org.save(update_fields=["dissolved_on", "merged_into"])
    OrganisationVersion.objects.filter(org=org, valid_to__isnull=True).update(valid_to=on)
    if org.kind == "group":
        Organisation.objects.filter(pk=org.parent_id).update(group_count=F("group_count") - 1)
    kind = "organisation.merged" if merged_into else "organisation.dissolved"
    extra = {"into": merged_into.pk} if merged_into else {}
    _tell(kind, org, by=by, at=at or clock.now(), on=on, reason=reason, **extra)


@transaction.atomic
def start_term(*, org: Organisation, by: Actor, on: dt.date, years: int, at: dt.datetime | None = None) -> None:
    """Begin a new term of so many years (换届; 中办《关于党的基层组织任期的意见》2018)."""
    by.require("orgs.manage", org)
    _lock(org)
    _require_alive(org)
    if not 1 <= years <= 5:
        raise Invalid("任期应为 1 至 5 年。", field="years")
    if org.term_started_on and on <= org.term_started_on:
        raise Invalid(f"新一届起始日期应晚于本届起始日期 {org.term_started_on}。", field="on")
    org.term_started_on, org.term_years = on, years
    org.save(update_fields=["term_started_on", "term_years"])
    _tell("organisation.term_started", org, by=by, at=at or clock.now(), on=on, years=years)


@transaction.atomic
def correct(*, org: Organisation, by: Actor, at: dt.datetime | None = None, **fields: object) -> list[str]:
    """Correct plain particulars; returns the names of the fields that changed (none: nothing is written)."""
    by.require("orgs.manage", org)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    _lock(org)
    changed = [name for name, value in fields.items() if getattr(org, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(org, name, fields[name])
    org.save(update_fields=changed)
    _tell("organisation.corrected", org, by=by, at=at or clock.now(), on=clock.today(), fields=changed)
    return changed
