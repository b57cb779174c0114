"""Reads of talks and anniversaries. Who talked with whom: the two, and the branch's secretary. What: the two alone."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.talks import rules
from gongjian.desks.talks.models import Card, Talk, Wish
from gongjian.engines.voting.expected import committee_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Dated, Membership, Person

NOTHING = "没有找到，或者它不在您的可见范围内。"


class Circle(NamedTuple):
    """一个支部的谈话圈: its committee and its other members by id, names, and this year's talks."""

    org: Organisation
    committee: list[int]
    members: list[int]
    names: dict[int, str]
    talks: dict[rules.Pair, int]
    last: dict[rules.Pair, dt.date]

    @property
    def missing(self) -> list[rules.Missing]:
        """What the year lacks by the pack's rule."""
        pack = policy.current().talks
        return rules.missing(
            self.committee, self.members, self.talks, pack.lines.model_dump(), pack.times_per_year
        )  # fmt: skip


def own_branch(actor: Actor, day: dt.date | None = None) -> Organisation:
    """The actor's branch; NotFound for who is no member, or a token without this scope."""
    member = people.membership_of(actor.person, day=day) if actor.person and _own(actor) else None
    if member is None:
        raise NotFound(_("您还没有组织关系所在的党支部，不能记录谈心谈话。"))
    return member.org


def _own(actor: Actor) -> bool:
    return actor.token_scopes is None or "talks.take_part" in actor.token_scopes


def circle(org: Organisation, year: int | None = None, day: dt.date | None = None) -> Circle:
    """Everyone of a branch and the talks of a year; five queries. The caller has checked who asks."""
    day = day or clock.today()
    members = {row.person_id: row.person for row in people.members_of(org.pk, day=day)}
    officers = [row.person for row in committee_of(org, day)]
    committee = [person.pk for person in officers]
    names = {pk: person.name for pk, person in members.items()} | {person.pk: person.name for person in officers}
    order = sorted(members, key=lambda pk: (members[pk].pinyin, pk))
    talks: dict[rules.Pair, int] = {}
    last: dict[rules.Pair, dt.date] = {}
    rows = Talk.objects.filter(org=org, withdrawn_at__isnull=True, on__year=year or day.year).order_by("on")
    for low, high, on in rows.values_list("low", "high", "on"):
        pair = frozenset((low, high))
        talks[pair] = talks.get(pair, 0) + 1
        last[pair] = on
    return Circle(org, committee, [pk for pk in order if pk not in set(committee)], names, talks, last)


def branches_for(actor: Actor) -> list[Organisation]:
    """Branches whose matrix the actor may see, by name."""
    found = Organisation.objects.filter(scope_q(actor, "talks.view"), level="branch", dissolved_on__isnull=True)
    return list(found.exclude(kind="group").order_by("name")[:100])


def branch_for(actor: Actor, ident: int | str | None = None) -> Organisation:
    """One of these branches, the first by default; NotFound otherwise."""
    found = Organisation.objects.filter(scope_q(actor, "talks.view"), level="branch").exclude(kind="group")
    try:
        if ident:
            return found.get(pk=ident)
        org = found.filter(dissolved_on__isnull=True).order_by("name").first()
    except (Organisation.DoesNotExist, ValueError, OverflowError, TypeError):
        org = None
    if org is None:
        raise NotFound(NOTHING)
    return org


def matrix(found: Circle) -> list[dict]:
    """Rows for the page: each person with how many on which line, and what is missing in words."""
    gaps: dict[int, list[str]] = {}
    for gap in found.missing:
        word = {
            rules.COMMITTEE: _("支委之间"), rules.MIXED: _("和支委谈"), rules.MEMBERS: _("和党员谈"),
        }[gap.line]  # fmt: skip
        if gap.other is not None:
            gaps.setdefault(gap.person, []).append(_("和%(name)s") % {"name": found.names[gap.other]})
            gaps.setdefault(gap.other, []).append(_("和%(name)s") % {"name": found.names[gap.person]})
        else:
            gaps.setdefault(gap.person, []).append(word)
    rows = []
    for person in [*found.committee, *found.members]:
        mine = sorted(
            ((pair, on) for pair, on in found.last.items() if person in pair), key=lambda item: item[1], reverse=True
        )
        others = [next(iter(pair - {person})) for pair, _on in mine]
        rows.append({
            "id": person, "name": found.names.get(person, ""), "committee": person in found.committee,
            "talked": [{"name": found.names.get(other, _("已转出的党员")), "on": on} for other, (_p, on) in zip(others, mine, strict=True)],
            "missing": gaps.get(person, []),
        })  # fmt: skip
    return rows


def suggestions(found: Circle, person: int) -> list[tuple[int, str]]:
    """Whom somebody may well talk with next: (id, name)."""
    order = rules.next_for(
        person, found.committee, found.members, found.talks, found.last, found.missing
    )  # fmt: skip
    return [(other, found.names[other]) for other in order]


def partners(found: Circle, person: int) -> list[tuple[int, str]]:
    """With whom somebody may have talked: all of the branch but oneself, suggestions first."""
    first = [other for other, _name in suggestions(found, person)]
    rest = [other for other in [*found.committee, *found.members] if other != person and other not in first]
    return [(other, found.names[other]) for other in [*first, *rest]]


def mine(actor: Actor) -> QuerySet[Talk]:
    """One's own talks, newest first."""
    if not actor.person or not _own(actor):
        return Talk.objects.none()
    own = Q(low=actor.person) | Q(high=actor.person)
    return Talk.objects.filter(own, withdrawn_at__isnull=True).select_related("low", "high").order_by("-on", "-id")


def talk_for(actor: Actor, ident: int | str) -> Talk:
    """One of one's own talks; NotFound otherwise, whatever else one may do."""
    try:
        return mine(actor).select_related("org").get(pk=ident)
    except (Talk.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None


# --- anniversaries ----------------------------------------------------------------------------------------------
def wish_of(person: int | None) -> Wish | None:
    """What somebody wished; None: never asked for a card."""
    return Wish.objects.filter(person=person).first() if person else None


def own_cards(actor: Actor) -> list[Card]:
    """Cards that were sent to the actor, newest first."""
    if not actor.person or not _own(actor):
        return []
    return list(Card.objects.filter(person=actor.person, sent_at__isnull=False).order_by("-day")[:30])


def cards_for(actor: Actor) -> QuerySet[Card]:
    """Cards of branches for which the actor prepares them, of members whose wish still holds."""
    return (
        Card.objects.filter(scope_q(actor, "talks.cards", prefix="org__"))
        .filter(Q(sent_at__isnull=False) | Q(person__in=Wish.objects.filter(card=True).values("person")))
        .select_related("person", "org", "sent_by")
        .order_by("sent_at", "day", "id")
    )


def card_for(actor: Actor, ident: int | str) -> Card:
    """One card: one's own once it is sent, or of a branch for which one prepares them."""
    try:
        card = Card.objects.select_related("person", "org", "sent_by").get(pk=ident)
    except (Card.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None
    own = card.person_id == actor.person and card.sent_at is not None and _own(actor)
    if not own and not cards_for(actor).filter(pk=card.pk).exists():
        raise NotFound(NOTHING)
    return card


def listed(org: Organisation, day: dt.date) -> list[dict]:
    """Anniversaries of this month of members who agreed to be listed in their branch: name and day, nothing else."""
    since = policy.on(day).talks.anniversary.date
    willing = Wish.objects.filter(card=True, listed=True).values("person")
    rows = Membership.objects.filter(Dated.current_q(day), org=org, person__in=willing).select_related("person")
    found = [(getattr(row, since), row.person.name) for row in rows if getattr(row, since)]
    return [
        {"name": name, "on": rules.anniversary(on, day.year)} for on, name in sorted(found, key=lambda one: one[0].day)
        if on.month == day.month and on.year < day.year
    ]  # fmt: skip


def due_for_cards(day: dt.date) -> Iterable[tuple[Membership, dt.date]]:
    """Memberships of members who want a card, whose anniversary is near; one query."""
    pack = policy.on(day).talks.anniversary
    willing = Wish.objects.filter(card=True).values("person")
    for row in Membership.objects.filter(Dated.current_q(day), person__in=willing).select_related("org", "person"):
        since = getattr(row, pack.date)
        near = rules.coming(since, day, pack.days_before) if since else None
        if near is not None and row.person.died_on is None:
            yield row, near


def names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id."""
    return dict(Person.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """Cards to send, and from the pack's month on that one has talked with nobody yet; three queries."""
    found = []
    if actor.scopes("talks.cards"):
        mine_only = {grant.org for grant in actor.grants if "talks.cards" in grant.permissions}
        for card in cards_for(actor).filter(
            sent_at__isnull=True, org__in=mine_only, day__gte=day - dt.timedelta(days=30)
        )[:10]:
            found.append(
                Todo(
                    _("政治生日贺卡：%(name)s") % {"name": card.person.name}, reverse("talks:card", args=[card.pk]),
                    hint=_("党龄 %(n)d 年") % {"n": card.years}, due_on=card.day, button=_("去看看"),
                )
            )  # fmt: skip
    asks = actor.person and _own(actor) and day.month >= policy.on(day).talks.remind_from_month
    if asks and people.membership_of(actor.person, day=day) and not mine(actor).filter(on__year=day.year).exists():
        found.append(
            Todo(
                _("今年还没有谈心谈话"), reverse("talks:mine"), hint=_("找一位同志聊聊，记下日期就好。"),
                due_on=dt.date(day.year, 12, 31), button=_("去看看"),
            )
        )  # fmt: skip
    return found
