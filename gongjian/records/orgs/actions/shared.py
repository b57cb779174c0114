"""What all deeds on organisations share: locks, dates, versions and the fact."""

import datetime as dt

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation, OrganisationVersion


def tell(kind: str, org: Organisation, *, by: Actor, at: dt.datetime, on: dt.date, **data: object) -> None:
    """Record the fact of a deed."""
    facts.record(
        kind, by=by, at=at, org=org.id, obj=Ref.of("organisation", org.id),
        data={"on": on.isoformat(), "name": org.name, **data},
    )  # fmt: skip


def lock(*orgs: Organisation) -> None:
    """Hold rows in one order, so that two deeds on the same organisations wait instead of blocking each other."""
    list(Organisation.objects.select_for_update().filter(pk__in={o.pk for o in orgs if o}).order_by("pk"))
    for org in orgs:
        if org:
            org.refresh_from_db()


def not_future(on: dt.date) -> None:
    """Refuse a day that has not come."""
    if on > clock.today():
        raise Invalid("日期不能晚于今天。", field="on")


def require_alive(org: Organisation) -> None:
    """Refuse a dissolved organisation."""
    if not org.is_alive:
        raise Refused(f"“{org.name}”已于 {org.dissolved_on} 撤销。")


def territory_path(org: Organisation) -> str:
    """Below its territory if it sits elsewhere than it belongs; otherwise the line of its parent, continued."""
    if org.territory is not None:
        return f"{org.territory.territory_path}{org.pk}/"
    return (org.parent.territory_path if org.parent else "/") + f"{org.pk}/"


def new_version(org: Organisation, *, on: dt.date, reason: str) -> None:
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


def count_groups(*parents: int | None) -> None:
    """Count the groups of branches anew; called by every deed that founds, moves or dissolves a group."""
    wanted = {parent for parent in parents if parent}
    for parent in Organisation.objects.filter(pk__in=wanted):
        groups = Organisation.objects.filter(parent=parent, kind="group", dissolved_on__isnull=True).count()
        Organisation.objects.filter(pk=parent.pk).update(group_count=groups)
