"""Deeds on one organisation: found, rename, start a term, correct."""

import datetime as dt

from django.db import IntegrityError, transaction

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.identifiers import check_credit_code, check_division_code
from gongjian.ground.kernel.pinyin import spell
from gongjian.records.orgs import rules
from gongjian.records.orgs.actions.shared import (
    count_groups,
    lock,
    new_version,
    not_future,
    require_alive,
    tell,
    territory_path,
)
from gongjian.records.orgs.models import Organisation, OrganisationVersion

FIELDS = (
    "short_name", "division_code", "trade", "sector", "unit_name", "credit_code", "address", "phone", "urban",
    "term_started_on", "term_years",
)  # fmt: skip


def check_fields(fields: dict[str, object]) -> None:
    """Check and normalise the particulars that have a rule of their own; Invalid names the field."""
    for name, check in (("credit_code", check_credit_code), ("division_code", check_division_code)):
        if value := fields.get(name):
            try:
                fields[name] = str(check(value))
            except ValueError as problem:
                raise Invalid(str(problem), field=name) from None
    years = fields.get("term_years")
    if years is not None and not 1 <= int(str(years)) <= 5:
        raise Invalid("任期应为 1 至 5 年。", field="term_years")


def check_place(kind: str, level: str, parent: Organisation | None, on: dt.date) -> None:
    """Whether the pack foresees an organisation of this kind at this level below that parent."""
    pack = policy.on(on)
    try:
        described = pack.org_kind(kind)
    except policy.UnknownEntry:
        raise Invalid("政策包里没有这种组织类型。", field="kind") from None
    if not rules.may_found(pack, kind, parent.kind if parent else None):
        above = "最高一级" if parent is None else f"“{pack.org_kind(parent.kind).title}”之下"
        raise Invalid(f"“{described.title}”不能设在{above}。", field="kind")
    if level not in {entry.id for entry in pack.levels}:
        raise Invalid("政策包里没有这个层级。", field="level")


@transaction.atomic
def found(
    *, by: Actor, code: str, name: str, kind: str, level: str, parent: Organisation | None,
    territory: Organisation | None = None, on: dt.date, at: dt.datetime | None = None, reason: str = "",
    planned: rules.Size | None = None, **fields: object,
) -> Organisation:  # fmt: skip
    """Found an organisation below `parent` (成立). `territory` is where it sits; None: with its parent.

    Raises Invalid for a code that is taken or a place that the pack does not foresee, Refused below
    a dissolved parent.
    `planned` is how big it is to be: what the size rules forbid (应当、必须) is refused, what they advise against
    (一般) is kept in the fact. Without it the page judges by the members it has.
    """
    by.require("orgs.manage", parent)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    name, code = name.strip(), code.strip()
    if not name:
        raise Invalid("请填写组织名称。", field="name")
    if not code:
        raise Invalid("请填写组织代码。", field="code")
    not_future(on)
    check_fields(fields)
    check_place(kind, level, parent, on)
    if territory is not None:
        require_alive(territory)
    if parent is not None:
        lock(parent)
        if not parent.is_alive:
            raise Refused(f"“{parent.name}”已于 {parent.dissolved_on} 撤销，不能再设下级组织。", field="parent")
        if on < parent.founded_on:
            raise Invalid(f"成立日期早于上级组织的成立日期 {parent.founded_on}。", field="on")
    findings = rules.size_findings(policy.on(on), planned) if planned else []
    if forbidden := rules.blocks(findings):
        raise Refused(" ".join(finding.message for finding in forbidden), field="planned_formal")
    pinyin, initials = spell(name)
    org = Organisation(
        code=code, name=name, kind=kind, level=level, parent=parent, founded_on=on,
        pinyin=pinyin, initials=initials, **fields,
    )  # fmt: skip
    try:
        with transaction.atomic():
            org.save(force_insert=True)
    except IntegrityError:
        raise Invalid(f"组织代码“{code}”已被使用。", field="code") from None
    org.path = (parent.path if parent else "/") + f"{org.pk}/"
    org.territory = territory
    org.territory_path = territory_path(org)
    org.save(update_fields=["path", "territory", "territory_path"])
    OrganisationVersion.objects.create(
        org=org, name=name, kind=kind, parent=parent, territory=territory, valid_from=on, reason=reason
    )
    if kind == "group":
        count_groups(org.parent_id)
    tell(
        "organisation.founded", org, by=by, at=at or clock.now(), on=on, org_kind=kind,
        parent=parent.pk if parent else None, territory=territory.pk if territory else None, reason=reason,
        **({"advised": [finding.rule for finding in findings]} if findings else {}),
    )  # fmt: skip
    return org


@transaction.atomic
def rename(
    *, org: Organisation, by: Actor, name: str, on: dt.date, at: dt.datetime | None = None, reason: str = ""
) -> None:
    """Give an organisation another name from a day on (更名)."""
    by.require("orgs.manage", org)
    not_future(on)
    lock(org)
    require_alive(org)
    before, name = org.name, name.strip()
    if not name:
        raise Invalid("请填写新的名称。", field="name")
    if name == before:
        raise Refused("新名称与现名称相同，无需更名。", field="name")
    org.name = name
    org.pinyin, org.initials = spell(name)
    org.save(update_fields=["name", "pinyin", "initials"])
    new_version(org, on=on, reason=reason)
    tell("organisation.renamed", org, by=by, at=at or clock.now(), on=on, before=before, reason=reason)


@transaction.atomic
def start_term(*, org: Organisation, by: Actor, on: dt.date, years: int, at: dt.datetime | None = None) -> None:
    """Begin a new term of so many years (换届; 中办《关于党的基层组织任期的意见》2018)."""
    by.require("orgs.manage", org)
    lock(org)
    require_alive(org)
    not_future(on)
    if not 1 <= years <= 5:
        raise Invalid("任期应为 1 至 5 年。", field="years")
    if org.term_started_on and on <= org.term_started_on:
        raise Invalid(f"新一届起始日期应晚于本届起始日期 {org.term_started_on}。", field="on")
    org.term_started_on, org.term_years = on, years
    org.save(update_fields=["term_started_on", "term_years"])
    tell("organisation.term_started", org, by=by, at=at or clock.now(), on=on, years=years)


@transaction.atomic
def correct(*, org: Organisation, by: Actor, at: dt.datetime | None = None, **fields: object) -> list[str]:
    """Correct plain particulars; returns the names of the fields that changed (none: nothing is written)."""
    by.require("orgs.manage", org)
    unknown = set(fields) - set(FIELDS)
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    check_fields(fields)
    lock(org)
    changed = [name for name, value in fields.items() if getattr(org, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(org, name, fields[name])
    org.save(update_fields=changed)
    tell("organisation.corrected", org, by=by, at=at or clock.now(), on=clock.today(), fields=changed)
    return changed
