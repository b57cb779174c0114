"""Deeds on grids, estates and buildings: add, correct, end, cover by an organisation in one of three ways, uncover."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.orgs.rules import blocks
from gongjian.records.places import rules
from gongjian.records.places.models import Place
from gongjian.records.places.queries import candidates, get_for


def _tell(kind: str, place: Place, *, by: Actor, at: dt.datetime | None, **data: Any) -> None:
    facts.record(
        kind, by=by, at=at, org=place.community_id, obj=Ref.of("place", place.pk),
        data={"kind": place.kind, "name": place.name, **data},
    )  # fmt: skip


@transaction.atomic
def add(
    *, by: Actor, kind: str, code: str, name: str, community: Organisation, parent: Place | None = None,
    households: int = 0, area: int = 0, since: dt.date | None = None, at: dt.datetime | None = None,
) -> Place:  # fmt: skip
    """Set up a grid, an estate, a building or a service centre of a community (设立). Every grid belongs to one community (DOMAIN 6.6)."""
    by.require("places.manage", community)
    if community.level != "community":
        raise Invalid("网格和小区应设在社区（村）。", field="community")
    if not community.is_alive:
        raise Refused(f"“{community.name}”已于 {community.dissolved_on} 撤销。", field="community")
    if kind not in dict(Place.KINDS):
        raise Invalid("没有这个类别。", field="kind")
    name, code = name.strip(), code.strip()
    if not name:
        raise Invalid("请填写名称。", field="name")
    if problem := rules.code_problem(kind, code, community.division_code):
        raise Invalid(problem, field="code")
    if parent is not None and (parent.community_id != community.pk or parent.kind in ("building", "centre")):
        raise Invalid("所属网格或小区不在这个社区。", field="parent")
    if since and since > clock.today():
        raise Invalid("设立日期不能晚于今天。", field="since")
    place = Place(
        kind=kind,
        code=code,
        name=name,
        community=community,
        parent=parent,
        households=households,
        area=area,
        since=since,
    )
    try:
        with transaction.atomic():
            place.save(force_insert=True)
    except IntegrityError:
        raise Invalid(f"编码“{code}”已被使用。", field="code") from None
    _tell("place.added", place, by=by, at=at, code=code)
    return place


def _hold(by: Actor, place: Place) -> Place:
    held = get_for(by, place.pk, permission="places.manage", lock=True)
    if held.ended_on is not None:
        raise Refused(f"“{held.name}”已于 {held.ended_on} 撤销。")
    return held


@transaction.atomic
def correct(*, place: Place, by: Actor, at: dt.datetime | None = None, **fields: Any) -> list[str]:
    """Correct name, households, floor area or the grid above; returns what changed (nothing: nothing is written)."""
    unknown = set(fields) - {"name", "households", "area", "parent", "since"}
    if unknown:
        raise TypeError(f"unknown fields: {unknown}")
    place = _hold(by, place)
    if "name" in fields and not fields["name"].strip():
        raise Invalid("请填写名称。", field="name")
    if (parent := fields.get("parent")) is not None and (
        parent.community_id != place.community_id or parent.pk == place.pk
    ):
        raise Invalid("所属网格或小区不在这个社区。", field="parent")
    changed = [name for name, value in fields.items() if getattr(place, name) != value]
    if not changed:
        return []
    for name in changed:
        setattr(place, name, fields[name])
    place.save(update_fields=changed)
    _tell("place.corrected", place, by=by, at=at, fields=changed)
    return changed


@transaction.atomic
def end(*, place: Place, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None) -> None:
    """End a grid, estate or building (撤销); what lies below it must be ended before."""
    place = _hold(by, place)
    if not reason.strip():
        raise Invalid("请写明原因。", field="reason")
    if on > clock.today() or (place.since and on < place.since):
        raise Invalid("撤销日期应在设立之后、今天之前。", field="on")
    below = Place.objects.filter(parent=place, ended_on__isnull=True).count()
    if below:
        raise Refused(f"下面还有 {below} 个小区或楼栋，请先调整或撤销。")
    place.ended_on = on
    place.save(update_fields=["ended_on"])
    _tell("place.ended", place, by=by, at=at, on=on.isoformat(), reason=reason)


@transaction.atomic
def cover(
    *, place: Place, organisation: Organisation, setup: str, by: Actor, on: dt.date, units: int | None = None,
    at: dt.datetime | None = None,
) -> list[str]:  # fmt: skip
    """Cover a place by an organisation in one of three ways (单独建、联合建、社区兜底建).

    A group counts with the formal members of its branch. What the rules forbid (应当) is refused, what they advise
    against (一般) is returned as warnings and kept in the fact.
    """
    if setup not in dict(Place.SETUPS):
        raise Invalid("请选择组建方式。", field="setup")
    place = _hold(by, place)
    if on > clock.today():
        raise Invalid("日期不能晚于今天。", field="on")
    if not candidates(place).filter(pk=organisation.pk).exists():
        raise Invalid("请选择本社区的党支部、党小组等基层党组织。", field="organisation")
    if (place.organisation_id, place.setup) == (organisation.pk, setup):
        raise Refused("已经由这个党组织以同样方式覆盖。", field="organisation")
    formal = organisation.formal_count
    if organisation.kind == "group" and organisation.parent:
        formal = organisation.parent.formal_count
    if setup == "joint" and not units:
        raise Invalid("联合建请填写联合的单位（网格、小区）个数。", field="units")
    findings = rules.setup_findings(policy.on(on), setup, formal_members=formal, units=units)
    if forbidden := blocks(findings):
        raise Refused(" ".join(finding.message for finding in forbidden) + "请改用联合建或社区兜底建。", field="setup")
    before = place.organisation_id
    place.organisation, place.setup = organisation, setup
    place.save(update_fields=["organisation", "setup"])
    _tell(
        "place.covered", place, by=by, at=at, on=on.isoformat(), organisation=organisation.pk, setup=setup,
        before={"organisation": before}, units=units, advised=[finding.rule for finding in findings],
    )  # fmt: skip
    return [finding.message for finding in findings]


@transaction.atomic
def uncover(*, place: Place, by: Actor, on: dt.date, reason: str, at: dt.datetime | None = None) -> None:
    """An organisation no longer covers a place (解除覆盖)."""
    place = _hold(by, place)
    if place.organisation_id is None:
        raise Refused("还没有党组织覆盖这里。")
    if not reason.strip():
        raise Invalid("请写明原因。", field="reason")
    before = place.organisation_id
    place.organisation, place.setup = None, ""
    place.save(update_fields=["organisation", "setup"])
    _tell("place.uncovered", place, by=by, at=at, on=on.isoformat(), before={"organisation": before}, reason=reason)


class PlacesCarrier:
    """网格与小区的承接: coverage goes over in a merger and ends with a dissolution; a merged community's places follow."""

    def merge(
        self, *, org: Organisation, into: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str
    ) -> dict[str, int]:
        """Places covered by, and lying in, the merged organisation go to its successor."""
        covered = list(Place.objects.filter(organisation=org))
        for place in covered:
            place.organisation = into
            place.save(update_fields=["organisation"])
            _tell(
                "place.covered", place, by=by, at=at, on=on.isoformat(), organisation=into.pk, setup=place.setup,
                before={"organisation": org.pk}, reason=reason,
            )  # fmt: skip
        lying = list(Place.objects.filter(community=org))
        Place.objects.filter(community=org).update(community=into)
        for place in lying:
            place.community = into
            _tell("place.corrected", place, by=by, at=at, fields=["community"])
        return {"covered": len(covered)}

    def split(
        self, *, org: Organisation, new: Organisation, chosen: dict[str, Any], by: Actor, on: dt.date, at: dt.datetime,
        reason: str,
    ) -> dict[str, int]:  # fmt: skip
        """Nothing goes over by itself: who covers what is decided place by place."""
        return {}

    def dissolve(self, *, org: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str) -> dict[str, int]:
        """What a dissolved organisation covered is uncovered; a community with places cannot be dissolved."""
        if Place.objects.filter(community=org, ended_on__isnull=True).exists():
            raise Refused("社区还有网格或小区，请先撤销或把社区并入另一个社区。")
        covered = list(Place.objects.filter(organisation=org))
        for place in covered:
            place.organisation, place.setup = None, ""
            place.save(update_fields=["organisation", "setup"])
            _tell(
                "place.uncovered",
                place,
                by=by,
                at=at,
                on=on.isoformat(),
                before={"organisation": org.pk},
                reason=reason,
            )
        return {"uncovered": len(covered)}

    def choices(self, org: Organisation) -> list[tuple[str, str]]:
        """No members here."""
        return []
