"""Whom to give an order to: proposals with their reasons, and who can be chosen."""

import datetime as dt

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from gongjian.desks.orders import rules
from gongjian.desks.orders.models import Order
from gongjian.desks.orders.states import ACCEPTED, DISPATCHED, FINISHED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.errors import Invalid
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


def suggestions(order: Order, most: int = 3) -> list[dict]:
    """Whom to propose for an order, with the reason in words; five queries. For persons a name, for others the short name."""
    kind = policy.current().orders.kinds.get(order.kind)
    doers = kind.doers if kind else ("person",)
    since = clock.now() - dt.timedelta(days=365)
    earlier = Order.objects.filter(org=order.org, kind=order.kind, state=FINISHED, finished_at__gte=since)
    history: dict[tuple[str, int], list] = {}
    for doer, doer_org, at in earlier.order_by("-finished_at").values_list("doer", "doer_org", "finished_at")[:200]:
        if doer_org and "organisation" in doers:
            history.setdefault(("organisation", doer_org), []).append(at)
        elif doer and "person" in doers:
            history.setdefault(("person", doer), []).append(at)
    covering = order.place.organisation_id if order.place and "organisation" in doers else None
    if "organisation" in doers:
        own = Organisation.objects.filter(parent=order.org, level="branch", dissolved_on__isnull=True).order_by("code")
        for org in own.values_list("pk", flat=True)[:12]:
            history.setdefault(("organisation", org), [])
        if covering:
            history.setdefault(("organisation", covering), [])
    elif not history:  # nobody did it before: those of the community who may take orders
        for person in people.officers_who_may(order.org, "orders.take")[:6]:
            history.setdefault(("person", person), [])
    ids = {ident for what, ident in history if what == "person"}
    load = {("person", row["doer"]): row["n"] for row in
            Order.objects.filter(doer__in=ids, state__in=(DISPATCHED, ACCEPTED)).values("doer").annotate(n=Count("pk"))}  # fmt: skip
    org_ids = {ident for what, ident in history if what == "organisation"}
    load |= {("organisation", row["doer_org"]): row["n"] for row in
             Order.objects.filter(doer_org__in=org_ids, state__in=(DISPATCHED, ACCEPTED)).values("doer_org").annotate(n=Count("pk"))}  # fmt: skip
    names = people.names(ids)
    shorts = {
        org.pk: org.short_name or org.name
        for org in Organisation.objects.filter(pk__in=org_ids, dissolved_on__isnull=True)
    }
    found = [
        rules.Candidate(
            what, ident, names.get(ident) if what == "person" else shorts.get(ident), len(times),
            clock.day_of(times[0]) if times else None, ident == covering and what == "organisation", load.get((what, ident), 0),
        )
        for (what, ident), times in history.items()
        if (ident in names if what == "person" else ident in shorts)
    ]  # fmt: skip
    return [
        {"kind": one.kind, "id": one.ident, "name": one.name, "why": _why(one), "key": n}
        for n, one in enumerate(rules.suggested(found, most), 1)
    ]


def _why(one: rules.Candidate) -> str:
    parts = []
    if one.covers:
        parts.append(_("负责这里"))
    if one.same_kind:
        parts.append(_("办过同类 %(n)d 件，最近 %(day)s") % {"n": one.same_kind, "day": one.last_on})
    parts.append(_("手上 %(n)d 件") % {"n": one.load} if one.load else _("手上没有"))
    return "，".join(parts)


def possible_doers(order: Order) -> dict[str, list[tuple[int, str]]]:
    """Organisations below (or sitting in) the community, and persons: officers and members of its branches; for choosing."""
    below = Q(path__startswith=order.org.path) | Q(territory_path__startswith=order.org.territory_path)
    organisations = [
        (org.pk, org.name) for org in
        Organisation.objects.filter(below, level__in=("branch", "group", "unit"), dissolved_on__isnull=True).order_by("path")[:150]
    ]  # fmt: skip
    officers = [(row.person_id, row.person.name) for row in people.officers_of(order.org.pk)]
    return {"organisations": organisations, "persons": list(dict.fromkeys(officers))}


def person_for(ident: int | None) -> Person:
    """Somebody by id, for a deed that decides itself whether they can be given the order; Invalid if there is none."""
    row = Person.objects.filter(pk=ident).first() if ident else None
    if row is None:
        raise Invalid(_("没有找到这个人，或者有重名；请从提示里选择。"), field="person")
    return row


def org_for(ident: int | str | None) -> Organisation:
    """An organisation by id, for a deed that decides itself whether it lies on the ground; Invalid if there is none."""
    text = str(ident or "")
    row = Organisation.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 12 else None
    if row is None:
        raise Invalid(_("请选择组织。"), field="org")
    return row


def taker(order: Order, text: str) -> int | None:
    """A person by name who can be given orders of this community: an officer, or a member of a branch on its ground."""
    from_below = people.members_below(order.org)
    found = Person.objects.filter(from_below, died_on__isnull=True, name=text.strip()).distinct()[:2]
    ids = [person.pk for person in found]
    ids += [row.person_id for row in people.officers_of(order.org.pk) if row.person.name == text.strip()]
    ids = list(dict.fromkeys(ids))
    return ids[0] if len(ids) == 1 else None


def find_takers(order: Order, text: str, limit: int = 10) -> list[tuple[str, str]]:
    """Names for the search field: members of branches on the community's ground, and its officers."""
    if not text.strip():
        return []
    found = Person.objects.filter(people.members_below(order.org), people.matches(text), died_on__isnull=True)
    return [(person.name, "") for person in found.distinct().order_by("pinyin")[:limit]]
