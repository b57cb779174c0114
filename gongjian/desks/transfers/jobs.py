"""What time alone brings about: reminders up the ladder. Each thing is told once; nothing is ever decided here."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.models import Stay, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import OPEN
from gongjian.desks.transfers.wording import span
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.notices import actions as notices
from gongjian.records.notices.jobs import officers
from gongjian.records.people.models import Dated, Membership


def climb_ladder(day: dt.date | None = None) -> int:
    """Tell member, both ends and the level above as a transfer comes near its day or has passed it; returns how many."""
    day, ladder = day or clock.today(), policy.current().transfers.ladder
    far = day + dt.timedelta(days=max(0, -min((rung.days for rung in ladder), default=0)))
    rows = list(Transfer.objects.filter(state__in=OPEN, due_on__lte=far).select_related(*moving.PLACES)[:5000])
    places = {one.pk for row in rows for one in _places(row) if one} | {
        row.holder.parent_id for row in rows if row.holder_id and row.holder.parent_id
    }
    charge, told = officers(places, day), []
    for row in rows:
        readers_of = {
            "member": {row.person_id} if row.person_id else set(),
            "holder": charge.get(row.holder_id, set()),
            "from": charge.get(row.from_org_id, set()) | charge.get(row.from_committee_id, set()),
            "to": charge.get(row.to_org_id, set()) | charge.get(row.to_committee_id, set()) if row.state not in ("asked", "agreed") else set(),
            "above": charge.get(row.holder.parent_id, set()) if row.holder_id else set(),
        }  # fmt: skip
        for rung in rules.rungs_reached(day, row.due_on, ladder)[-1:]:
            for person in {one for who in rung.to for one in readers_of[who]}:
                told.append({
                    "person": person, "kind": "transfer", "link": reverse("transfers:detail", args=[row.pk]),
                    "title": _("%(name)s的组织关系转接：%(what)s（期限 %(day)s）")
                    % {"name": row.name, "what": rung.text, "day": row.due_on},
                    "key": f"transfer:{row.pk}:due:{row.due_on}:{rung.id}",
                })  # fmt: skip
    return notices.tell_many(told)


def _places(row: Transfer) -> tuple:
    return (row.from_org, row.from_committee, row.to_org, row.to_committee, row.holder)


def watch_people(day: dt.date | None = None) -> int:
    """Tell the branch when contact is due, six months away or lost are complete, two years after 停止党籍 have passed."""
    day, table = day or clock.today(), policy.current().transfers
    told: list[dict] = []
    stays = list(Stay.objects.filter(state="away").select_related("person")[:20_000])
    noted = list(
        Membership.objects.filter(Dated.current_q(day), state="stopped").select_related("person")[:20_000]
    ) + list(
        Membership.objects.filter(Dated.current_q(day), lost_since__isnull=False).exclude(state="stopped")
        .select_related("person")[:20_000]
    )  # fmt: skip
    charge = officers({row.org_id for row in (*stays, *noted)}, day, ("secretary",))

    def say(org: int, title: str, link: str, key: str, extra: set[int] = frozenset()) -> None:
        for person in charge.get(org, set()) | extra:
            told.append({"person": person, "kind": "standing", "title": title, "link": link, "key": key})

    for stay in stays:
        link, name = reverse("transfers:stay", args=[stay.pk]), {"name": stay.person.name}
        due = rules.contact_due(stay.last_contact, table.mobile, abroad=stay.abroad)
        if due <= day:
            helper = {stay.contact_id} if stay.contact_id else set()
            say(stay.org_id, _("该与外出党员%(name)s联系了") % name, link, f"stay:{stay.pk}:contact:{due}", helper)
        if rules.must_transfer_from(stay.since, table.mobile) <= day and stay.asked_on is None and not stay.abroad:
            title = _("%(name)s外出已满%(span)s，问一问是否转接组织关系") % {
                **name, "span": span(table.mobile.must_transfer_months),
            }  # fmt: skip
            say(stay.org_id, title, link, f"stay:{stay.pk}:six")
    for row in noted:
        link, name = reverse("transfers:member", args=[row.person_id]), {"name": row.person.name}
        if row.state == "stopped":
            due = rules.removal_possible_from(row.state_since or row.starts_on, table.standing)
            title = _("%(name)s停止党籍已满%(span)s，请支部了解情况后决定下一步")
            name["span"] = span(12 * table.standing.remove_after_stop_years)
        else:
            due = rules.stop_possible_from(row.lost_since, table.standing)
            title = _("%(name)s失去联系已满%(span)s，请支部了解情况后决定下一步")
            name["span"] = span(table.standing.lost_months)
        if due <= day:
            say(row.org_id, title % name, link, f"member:{row.pk}:{row.state}:{due}")
    return notices.tell_many(told)
