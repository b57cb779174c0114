"""Reads of transfers and letters; every one knows who asks."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.models import Letter, Newcomer, Transfer
from gongjian.desks.transfers.states import BEFORE_LETTER, OPEN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated, Membership, Person

PLACES = ("from_org", "from_committee", "to_org", "to_committee", "holder")


def visible_to(actor: Actor, *, permission: str = "transfers.view") -> QuerySet[Transfer]:
    """Transfers out of the organisations that the actor looks after, into them once a letter is on its way, and one's own."""
    if actor.kind == "system":
        return Transfer.objects.all()
    out = scope_q(actor, permission, prefix="from_org__") | scope_q(actor, permission, prefix="from_committee__")
    into = Q(pk__in=[])
    for place in ("to_org", "to_committee", "holder"):
        into |= scope_q(actor, permission, prefix=f"{place}__")
    condition = out | (into & ~Q(state__in=BEFORE_LETTER))
    scopes = actor.token_scopes
    if actor.person and (scopes is None or "transfers.ask" in scopes):
        condition |= Q(person=actor.person)
    return Transfer.objects.filter(condition)


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Transfer:
    """One transfer that the actor may see; NotFound otherwise. With `lock` its row is held until the transaction ends."""
    found = visible_to(actor)
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    try:
        return found.select_related(*PLACES, "person", "refused_by").get(pk=ident)
    except (Transfer.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这件转接，或者它不在您的可见范围内。") from None


def mine(actor: Actor) -> QuerySet[Transfer]:
    """One's own transfers, the newest first."""
    if not actor.person:
        return Transfer.objects.none()
    return Transfer.objects.filter(person=actor.person).select_related(*PLACES).order_by("-id")


def letter_of(transfer: Transfer) -> Letter | None:
    """The letter that holds (or that led to the end), not a void one."""
    return Letter.objects.filter(transfer=transfer).exclude(state="void").select_related("issuer").first()


def letters_of(transfer: Transfer) -> list[Letter]:
    """All its letters, void ones too, the newest first."""
    return list(Letter.objects.filter(transfer=transfer).select_related("issuer", "replaces").order_by("-id"))


def letter_for(actor: Actor, ident: int) -> Letter:
    """One letter of a transfer that the actor may see; NotFound otherwise."""
    found = (
        Letter.objects.filter(pk=ident, transfer__in=visible_to(actor))
        .select_related("issuer", "replaces", "transfer__person", *(f"transfer__{place}" for place in PLACES)).first()
    )  # fmt: skip
    if found is None:
        raise NotFound("没有找到这份介绍信，或者它不在您的可见范围内。")
    return found


def committee_of(org: Organisation) -> Organisation | None:
    """The committee that acts for a branch: its nearest one above with the right to transfer (DOMAIN 2.2.7)."""
    upward = [*reversed(orgs.ancestors(org))]
    number = rules.committee_of([one.kind for one in upward], policy.current().transfers.committees)
    return None if number is None else upward[number]


def committees_of(branches: Iterable[Organisation]) -> dict[int, Organisation]:
    """The same for many branches in one query."""
    branches = list(branches)
    above = Organisation.objects.in_bulk({ident for org in branches for ident in org.ancestor_ids})
    table, found = policy.current().transfers.committees, {}
    for org in branches:
        upward = [above[ident] for ident in reversed(org.ancestor_ids) if ident in above]
        number = rules.committee_of([one.kind for one in upward], table)
        if number is not None:
            found[org.pk] = upward[number]
    return found


def destinations() -> QuerySet[Organisation]:
    """Where a relation can go inside the city: living branches and committees, by name only.

    Everyone who may ask may choose among them: names of Party organisations are no secret inside the Party, and nothing
    else of them is shown.
    """
    pack = policy.current()
    table = pack.transfers.committees
    kinds = [kind.id for kind in pack.org_kinds if kind.has_members] + [*table.direct, *table.above]
    return Organisation.objects.filter(dissolved_on__isnull=True, kind__in=kinds)


def destination(text: str) -> Organisation | None:
    """The destination that a text names: `code name` as suggested, a code, or a name that only one has."""
    text = text.strip()
    if not text:
        return None
    found = destinations()
    exact = found.filter(code=text.split()[0]).first()
    return exact or (found.get(name=text) if found.filter(name=text).count() == 1 else None)


def suggestions(text: str, *, limit: int = 20) -> list[Organisation]:
    """Destinations whose name, code, pinyin or initials contain the text."""
    if not text.strip():
        return []
    return list(destinations().filter(orgs.matches(text)).select_related("parent").order_by("path")[:limit])


def branches_below(committee: Organisation) -> list[Organisation]:
    """Branches for which this committee acts, by name: where it can place who comes."""
    pack = policy.current()
    kinds = [kind.id for kind in pack.org_kinds if kind.has_members]
    below = list(orgs.subtree(committee).filter(kind__in=kinds).order_by("name")[:3000])
    acting = committees_of(below)
    return [org for org in below if acting.get(org.pk) == committee]


def members_to_choose(org: Organisation) -> list[Membership]:
    """Current members of a branch who are on no way yet, by name."""
    going = Transfer.objects.filter(person=OuterRef("person"), state__in=OPEN)
    return list(
        Membership.objects.filter(Dated.current_q(clock.today()), ~Exists(going), org=org)
        .exclude(state="stopped").select_related("person").order_by("person__pinyin", "person_id")
    )  # fmt: skip


def officers(org: Organisation | None, day: dt.date) -> list[tuple[str, str]]:
    """(post's word, name) of who leads an organisation: whom to call."""
    if org is None:
        return []
    pack = policy.current()
    rows = Appointment.objects.filter(
        Dated.current_q(day), org=org, post__in=("secretary", "deputy_secretary", "organisation_member")
    ).select_related("person")
    order = {post.id: post.order for post in pack.posts}
    return [
        (pack.post(row.post).title, row.person.name) for row in sorted(rows, key=lambda row: order.get(row.post, 100))
    ]


def open_of(person: int) -> Transfer | None:
    """The transfer that a person is on, if any."""
    return Transfer.objects.filter(person=person, state__in=OPEN).select_related(*PLACES).first()


def names_of(people: Iterable[int | None]) -> dict[int, str]:
    """Names by id, for a timeline's 经办人."""
    return dict(Person.objects.filter(pk__in={person for person in people if person}).values_list("pk", "name"))


def waiting_for(actor: Actor) -> QuerySet[Transfer]:
    """Open transfers in the hand of organisations for which the actor acts: the branch's and the committee's steps."""
    condition = Q(pk__in=[])
    by_branch = Q(state__in=("asked", "received", "returned"))
    by_committee = Q(state__in=("agreed", "issued", "keyed"))
    for permission, states in (
        ("transfers.confirm", by_branch), ("transfers.issue", by_committee), ("transfers.decide", Q(state="objected")),
    ):  # fmt: skip
        if actor.scopes(permission):
            condition |= states & own_holder(actor, permission)
    return Transfer.objects.filter(condition).select_related(*PLACES)


def own_holder(actor: Actor, permission: str) -> Q:
    """Condition: held by the very organisation at which the actor has this permission (not by all below it)."""
    if actor.kind == "system":
        return Q()
    return Q(holder__in={grant.org for grant in actor.grants if permission in grant.permissions})


TABS = ("todo", "open", "arriving", "overdue", "all")


def in_tab(queryset: QuerySet[Transfer], actor: Actor, tab: str) -> QuerySet[Transfer]:
    """Those of a tab: in the actor's hand, on their way, coming to the actor's organisations, past their day."""
    if tab == "todo":
        return queryset.filter(pk__in=waiting_for(actor).values("pk"))
    if tab == "open":
        return queryset.filter(state__in=OPEN)
    if tab == "arriving":
        here = scope_q(actor, "transfers.view", prefix="to_committee__") | scope_q(
            actor, "transfers.view", prefix="to_org__"
        )
        return queryset.filter(here, state__in=("issued", "keyed", "received"))
    if tab == "overdue":
        return queryset.filter(state__in=OPEN, due_on__lt=clock.today())
    return queryset


def tab_counts(actor: Actor) -> dict[str, int]:
    """How many each tab holds."""
    seen = visible_to(actor)
    return {tab: in_tab(seen, actor, tab).count() for tab in TABS[:-1]}


def newcomer_of(transfer: Transfer) -> Newcomer | None:
    """What the letter from outside says of the person, masked."""
    return Newcomer.objects.filter(transfer=transfer).first()
