"""Deeds that change the tree: move, merge, split, dissolve; what hangs on an organisation goes with it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Length, Substr

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.scope import subtree_q
from gongjian.records.orgs.actions.founding import check_place, found
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
from gongjian.records.orgs.succession import carriers


@transaction.atomic
def move(
    *, org: Organisation, by: Actor, parent: Organisation, territory: Organisation | None = None, on: dt.date,
    at: dt.datetime | None = None, reason: str = "",
) -> None:  # fmt: skip
    """Put an organisation and all below it under another parent or on another territory (调整隶属、属地).

    The mover needs the right at both ends. Two set-wise updates rewrite the lines of the whole subtree.
    """
    by.require("orgs.manage", org)
    by.require("orgs.manage", parent)
    not_future(on)
    lock(org, parent, territory)
    require_alive(org)
    require_alive(parent)
    if territory is not None:
        require_alive(territory)
    check_place(org.kind, org.level, parent, on)
    for target in (parent, territory):
        if target is not None and target.path.startswith(org.path):
            raise Refused("不能把组织调整到它自己或它的下级之下。", field="parent")
    before = {"parent": org.parent_id, "territory": org.territory_id}
    if (parent.pk, territory.pk if territory else None) == (org.parent_id, org.territory_id):
        raise Refused("隶属和属地都没有变化。", field="parent")
    was_under, old_path, old_territory_path = org.parent_id, org.path, org.territory_path
    org.parent, org.territory = parent, territory
    org.path = f"{parent.path}{org.pk}/"
    org.territory_path = territory_path(org)
    org.save(update_fields=["parent", "territory"])
    _rewrite("path", old_path, org.path)
    _rewrite("territory_path", old_territory_path, org.territory_path)
    if org.kind == "group":
        count_groups(was_under, parent.pk)
    new_version(org, on=on, reason=reason)
    tell(
        "organisation.moved", org, by=by, at=at or clock.now(), on=on, before=before,
        parent=parent.pk, territory=territory.pk if territory else None, reason=reason,
    )  # fmt: skip


def _children(org: Organisation) -> list[Organisation]:
    return list(Organisation.objects.filter(parent=org, dissolved_on__isnull=True).order_by("pk"))


def _close(org: Organisation, *, on: dt.date, merged_into: Organisation | None = None) -> None:
    """Mark as dissolved and close the open version."""
    current = OrganisationVersion.objects.select_for_update().get(org=org, valid_to__isnull=True)
    if on < current.valid_from:
        raise Invalid(f"日期不能早于上一次变动的日期 {current.valid_from}。", field="on")
    org.dissolved_on, org.merged_into = on, merged_into
    org.save(update_fields=["dissolved_on", "merged_into"])
    OrganisationVersion.objects.filter(pk=current.pk).update(valid_to=on)
    if org.kind == "group":
        count_groups(org.parent_id)


def _said(parts: list[dict[str, int]]) -> dict[str, int]:
    said: dict[str, int] = {}
    for part in parts:
        for name, count in part.items():
            said[name] = said.get(name, 0) + count
    return said


@transaction.atomic
def merge(
    *, org: Organisation, into: Organisation, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None
) -> dict[str, int]:
    """Merge an organisation into another of its level (合并): children, members and what else hangs on it go over.

    One transaction with a fact for each child and each member; returns how many of each. The doer needs the right at
    both ends. Children whose place the pack does not foresee below `into` refuse the merger.
    """
    by.require("orgs.manage", org)
    by.require("orgs.manage", into)
    not_future(on)
    if not reason.strip():
        raise Invalid("请写明合并原因。", field="reason")
    lock(org, into)
    require_alive(org)
    require_alive(into)
    if org.pk == into.pk:
        raise Refused("不能并入它自己。", field="into")
    if into.path.startswith(org.path):
        raise Refused("不能并入自己的下级。", field="into")
    if org.level != into.level:
        raise Refused("只能并入同一层级的组织。", field="into")
    moment = at or clock.now()
    children = _children(org)
    for child in children:
        move(org=child, by=by, parent=into, territory=child.territory, on=on, at=moment, reason=f"随“{org.name}”并入")
    said = {"children": len(children)} | _said(
        [c.merge(org=org, into=into, by=by, on=on, at=moment, reason=reason) for c in carriers]
    )
    org.refresh_from_db()
    _move_sitting(org, into, by=by, on=on, at=moment)
    _close(org, on=on, merged_into=into)
    tell("organisation.merged", org, by=by, at=moment, on=on, reason=reason, into=into.pk, **said)
    return said


def _move_sitting(org: Organisation, into: Organisation, *, by: Actor, on: dt.date, at: dt.datetime) -> None:
    """Organisations of other lines that sit on the ground of a merged one sit on its successor's from now on."""
    for guest in Organisation.objects.filter(territory=org, dissolved_on__isnull=True).exclude(pk=into.pk):
        guest.refresh_from_db()
        before = {"parent": guest.parent_id, "territory": guest.territory_id}
        old = guest.territory_path
        guest.territory = into
        guest.territory_path = territory_path(guest)
        guest.save(update_fields=["territory"])
        _rewrite("territory_path", old, guest.territory_path)
        new_version(guest, on=on, reason=f"属地“{org.name}”并入“{into.name}”")
        tell(
            "organisation.moved", guest, by=by, at=at, on=on, before=before, parent=guest.parent_id, territory=into.pk,
            reason="属地合并",
        )  # fmt: skip


def _rewrite(field: str, old: str, new: str) -> None:
    """Put a whole subtree on another line with one statement."""
    Organisation.objects.filter(subtree_q(old, field=field)).update(
        **{field: Concat(Value(new), Substr(field, Length(Value(old)) + 1))}
    )


@transaction.atomic
def split(
    *, org: Organisation, by: Actor, code: str, name: str, on: dt.date, reason: str, kind: str = "",
    children: list[Organisation] | None = None, chosen: dict[str, Any] | None = None, at: dt.datetime | None = None,
    **fields: object,
) -> Organisation:  # fmt: skip
    """Split a new organisation out of one (拆分), beside it, with chosen children and members (`chosen["members"]`).

    One transaction with a fact for each that goes over.
    """
    by.require("orgs.manage", org)
    if org.parent is None:
        raise Refused("最高一级组织不能拆分。")
    by.require("orgs.manage", org.parent)
    if not reason.strip():
        raise Invalid("请写明拆分原因。", field="reason")
    lock(org)
    require_alive(org)
    moment = at or clock.now()
    new = found(
        by=by, code=code, name=name, kind=kind or org.kind, level=org.level, parent=org.parent, territory=org.territory,
        on=on, at=moment, reason=f"从“{org.name}”拆出", **{"urban": org.urban, "trade": org.trade} | fields,
    )  # fmt: skip
    for child in children or []:
        if child.parent_id != org.pk:
            raise Invalid(f"“{child.name}”不是“{org.name}”的下级。", field="children")
        move(org=child, by=by, parent=new, territory=child.territory, on=on, at=moment, reason=f"随“{name}”拆出")
    said = {"children": len(children or [])} | _said(
        [c.split(org=org, new=new, chosen=chosen or {}, by=by, on=on, at=moment, reason=reason) for c in carriers]
    )
    tell("organisation.split", org, by=by, at=moment, on=on, reason=reason, new=new.pk, **said)
    new.refresh_from_db()
    return new


@transaction.atomic
def dissolve(*, org: Organisation, by: Actor, on: dt.date, at: dt.datetime | None = None, reason: str) -> None:
    """Dissolve an organisation that has nothing below it and no members left (撤销); its posts end with it."""
    by.require("orgs.manage", org)
    not_future(on)
    lock(org)
    require_alive(org)
    if not reason.strip():
        raise Invalid("请写明撤销原因。", field="reason")
    below = Organisation.objects.filter(parent=org, dissolved_on__isnull=True).count()
    if below:
        raise Refused(f"还有 {below} 个下级组织，请先调整或撤销它们。")
    if org.member_count:
        raise Refused(f"还有 {org.member_count} 名党员的组织关系在此，请先转出。")
    sitting = Organisation.objects.filter(territory=org, dissolved_on__isnull=True).count()
    if sitting:
        raise Refused(f"还有 {sitting} 个组织的属地在此，请先调整它们的属地。")
    if on < org.founded_on:
        raise Invalid(f"撤销日期早于成立日期 {org.founded_on}。", field="on")
    moment = at or clock.now()
    said = _said([c.dissolve(org=org, by=by, on=on, at=moment, reason=reason) for c in carriers])
    _close(org, on=on)
    tell("organisation.dissolved", org, by=by, at=moment, on=on, reason=reason, **said)
