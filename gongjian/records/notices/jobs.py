"""定时提醒: what time alone brings about in the records; each thing is told once (the notice's key is unique)."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.notices import delivery, outbox
from gongjian.records.notices.actions import tell
from gongjian.records.orgs import queries as orgs
from gongjian.records.people.models import Appointment, CorrectionRequest, Dated

IN_CHARGE = ("secretary", "deputy_secretary", "organisation_member")


def officers(ids: set[int], day: dt.date, posts: tuple[str, ...] = IN_CHARGE) -> dict[int, set[int]]:
    """Who is in charge of each organisation on a day; one query."""
    found: dict[int, set[int]] = {}
    rows = Appointment.objects.filter(Dated.current_q(day), org_id__in=ids, post__in=posts)
    for org, person in rows.values_list("org_id", "person_id"):
        found.setdefault(org, set()).add(person)
    return found


def remind_terms() -> int:
    """Tell officers of an organisation and of the one above about six months before its term ends, and when it is over.

    中办《关于党的基层组织任期的意见》(2018): 上级党组织提前约6个月提醒 (DOMAIN 1.2). Returns how many notices are new.
    """
    day, pack = clock.today(), policy.current()
    ending = orgs.terms_ending(day, pack)
    charge = officers(
        {org.pk for org, _term in ending} | {org.parent_id for org, _term in ending if org.parent_id}, day
    )
    told = 0
    for org, term in ending:
        readers = charge.get(org.pk, set()) | charge.get(org.parent_id, set())
        if not readers:
            continue
        over = term.state == "over"
        title = _("“%(name)s”任期已届满") if over else _("“%(name)s”任期将于 %(day)s 届满")
        told += tell(
            people=readers, kind="term", title=title % {"name": org.name, "day": term.ends},
            body=_("请尽快换届；延期须经上级党组织批准，一般不超过一年。") if over else _("请着手准备换届。"),
            link=reverse("orgs:detail", args=[org.pk]), key=f"term:{org.pk}:{term.ends}:{'over' if over else 'near'}",
        )  # fmt: skip
    return told


def tell_requests() -> int:
    """Tell those in charge of a person's branch that a request for correction waits, and the person of the answer."""
    day, told = clock.today(), 0
    waiting = list(CorrectionRequest.objects.filter(state="waiting").select_related("person", "org")[:1000])
    above = {row.pk: list(reversed(orgs.line_of(row.org))) for row in waiting if row.org_id}
    charge = officers({org.pk for line in above.values() for org in line}, day, ("secretary",))
    for row in waiting:
        # the branch's own secretary, or the next above when that is the very person who asks
        readers = next(
            (found for org in above.get(row.pk, []) if (found := charge.get(org.pk, set()) - {row.person_id})), set()
        )
        told += tell(
            people=readers, kind="correction", title=_("%(name)s申请更正资料") % {"name": row.person.name},
            body=_("请核实后答复。"), link=reverse("people:requests"), key=f"correction:{row.pk}:asked",
        )  # fmt: skip
    since = clock.now() - dt.timedelta(days=2)
    for row in CorrectionRequest.objects.filter(answered_at__gte=since).exclude(state="waiting"):
        accepted = row.state == "approved"
        told += tell(
            people=[row.person_id], kind="correction", body=row.answer, link=reverse("people:me"),
            title=_("您的更正申请已采纳") if accepted else _("您的更正申请没有采纳"), key=f"correction:{row.pk}:answered",
        )  # fmt: skip
    return told


def digest() -> int:
    """Write the day's digests when their hour has come; how many are new."""
    return outbox.prepare_digests()


def send() -> bool:
    """Begin to send what is due, in a thread of its own; whether there was anything."""
    return delivery.send_in_background()
