"""Many at once: a graduating class, a dissolved branch. Each member has a transfer and a letter of the own."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.transfers.actions.asking import Way, enter, may_go, way_to
from gongjian.desks.transfers.actions.letters import issue
from gongjian.desks.transfers.actions.steps import tell_step
from gongjian.desks.transfers.models import Transfer
from gongjian.desks.transfers.states import AGREED
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ids import new_id
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Membership

MOST = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """批量转接中的一人: where this member goes."""

    person: int
    to: Organisation | None = None
    outside: str = ""
    dues_until: str = ""


@transaction.atomic
def start_many(
    *, org: Organisation, wanted: Iterable[Wanted], reason: str, by: Actor, note: str = "", batch: str = "",
    at: dt.datetime | None = None,
) -> list[Transfer]:  # fmt: skip
    """Start transfers for chosen members of a branch, all or none; `batch` (made up if empty) names them together.

    Raises Refused, naming the person, if one of them cannot go.
    """
    wanted = list(wanted)
    if not 0 < len(wanted) <= MOST:
        raise Invalid(_("请选择 1 到 %(most)d 名党员。") % {"most": MOST}, field="people")
    by.require("transfers.confirm", org)
    members = {
        row.person_id: row
        for row in Membership.objects.filter(
            org=org, ends_on__isnull=True, person__in=[one.person for one in wanted]
        ).select_related("person", "org")
    }
    batch, made, ways = batch or str(new_id()), [], {}
    for one in wanted:
        member = members.get(one.person)
        if member is None:
            raise Refused(_("选中的人里有人的组织关系不在这个支部，请刷新后重选。"), field="people")
        try:
            key = (one.to.pk if one.to else None, one.outside)
            way: Way = ways.get(key) or ways.setdefault(key, way_to(one.to, one.outside, member))
            transfer = enter(
                may_go(member), way, state=AGREED, reason=reason, note=note, dues_until=one.dues_until, by=by, at=at,
                batch=batch,
            )  # fmt: skip
        except Refused as refusal:
            raise Refused(f"{member.person.name}：{refusal.message}", field=refusal.field) from None
        made.append(transfer)
        tell_step(transfer, _("支部已为您发起组织关系转接"), at=at)
    return made


@transaction.atomic
def issue_many(*, transfers: Iterable[Transfer], by: Actor, at: dt.datetime | None = None) -> list[Transfer]:
    """Write a letter for each of these with the usual validity, all or none, in their order."""
    return [issue(transfer=one, by=by, at=at) for one in transfers]
