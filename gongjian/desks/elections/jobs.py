"""Reminders (《关于党的基层组织任期的意见》: the higher organisation reminds about six months before a term's end)."""

from django.utils.translation import gettext as _

from gongjian.desks.elections import queries
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.notices import actions as notices
from gongjian.records.people.models import Appointment, Dated


def remind() -> int:
    """Tell the secretaries of organisations whose term ends soon, and of those above; each once a term. How many."""
    day = clock.today()
    ending = queries.expiring(SYSTEM, "elections.run", day, most=5000)
    if not ending:
        return 0
    orgs = {org.pk: (org, end) for org, end in ending}
    leaders: dict[int, list[int]] = {}
    wanted = {*orgs, *(org.parent_id for org, _end in ending if org.parent_id)}
    for org, person in Appointment.objects.filter(Dated.current_q(day), org__in=wanted, post="secretary").values_list(
        "org", "person"
    ):
        leaders.setdefault(org, []).append(person)
    months, rows = policy.on(day).settings.terms.remind_months_before, []
    for org, end in ending:
        title = _("【换届提醒】%(org)s任期 %(end)s 届满") % {"org": org.name, "end": end}
        body = _("请在届满前做好换届准备；需要延期的，报上级批准。届满前约 %(n)s 个月提醒。") % {"n": months}
        for person in {*leaders.get(org.pk, ()), *leaders.get(org.parent_id or 0, ())}:
            rows.append({
                "person": person, "kind": "election", "title": title, "body": body,
                "link": f"/elections/terms/{org.pk}/", "key": f"term:{org.pk}:{end}",
            })  # fmt: skip
    return notices.tell_many(rows)
