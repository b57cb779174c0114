"""Reads of members away, lost, and decided on; signals that people look into, never a verdict and never a score."""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.models import Contact, HostReport, StandingCase, Stay, StayPaper
from gongjian.desks.transfers.states import APPROVED, CASE_OPEN
from gongjian.desks.transfers.wording import span
from gongjian.engines.voting.expected import expected_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.transfers_schema import Proceeding, Signal
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Dated, Membership

__all__ = ["people"]


def stays_visible_to(actor: Actor, *, permission: str = "transfers.care") -> QuerySet[Stay]:
    """Members away from the branches that the actor looks after."""
    return Stay.objects.filter(scope_q(actor, permission, prefix="org__"))


def stay_for(actor: Actor, ident: int, *, permission: str = "transfers.care", lock: bool = False) -> Stay:
    """One of these, one's own, or one of which the actor is the contact; NotFound otherwise."""
    condition = scope_q(actor, permission, prefix="org__")
    if not lock and actor.person:
        condition |= Q(person=actor.person) | Q(contact=actor.person, state="away")
    found = Stay.objects.filter(condition)
    if lock:
        found = found.select_for_update(of=("self",))
    row = found.select_related("person", "org", "host", "contact").filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这条登记，或者它不在您的可见范围内。")
    return row


def guests_of(actor: Actor) -> QuerySet[Stay]:
    """Members of other branches who are guests of the actor's own: they may attend and have no vote."""
    return (
        Stay.objects.filter(scope_q(actor, "transfers.care", prefix="host__"), state="away", host__isnull=False)
        .select_related("person", "org", "host").order_by("host__name", "person__pinyin", "id")
    )  # fmt: skip


def guest_for(actor: Actor, ident: int) -> Stay:
    """One guest; NotFound otherwise."""
    row = guests_of(actor).filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这位流动党员，或者他（她）不在您的支部。")
    return row


def reports_of(stay: Stay) -> list[HostReport]:
    """What the host branch has told, the newest year first."""
    return list(HostReport.objects.filter(stay=stay).order_by("-year"))


def papers_of(stay: Stay) -> list[StayPaper]:
    """Papers that were written for a stay, the newest first."""
    return list(StayPaper.objects.filter(stay=stay).select_related("issuer", "replaces").order_by("-id"))


def contacts_of(person: int, *, limit: int = 50) -> list[Contact]:
    """Contacts and attempts, newest first."""
    return list(Contact.objects.filter(person=person).order_by("-on", "-id")[:limit])


def case_for(actor: Actor, ident: int, *, lock: bool = False) -> StandingCase:
    """A case that the actor's branch or committee deals with; NotFound otherwise."""
    condition = scope_q(actor, "transfers.care", prefix="org__") | scope_q(actor, "transfers.approve", prefix="org__")
    found = StandingCase.objects.filter(condition)
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    row = found.select_related("person", "org", "approver").filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这件党籍处理，或者它不在您的可见范围内。")
    return row


def cases_visible_to(actor: Actor) -> QuerySet[StandingCase]:
    """Cases of the actor's branch, or reported to the actor's committee."""
    condition = scope_q(actor, "transfers.care", prefix="org__") | scope_q(actor, "transfers.approve", prefix="org__")
    return StandingCase.objects.filter(condition).select_related("person", "org")


def members_in(
    actor: Actor, org: Organisation | None = None, *, permission: str = "transfers.care"
) -> QuerySet[Membership]:
    """Current members of the branches that the actor looks after (below `org`, if one is given)."""
    found = Membership.objects.filter(
        Dated.current_q(clock.today()), scope_q(actor, permission, prefix="org__")
    ).select_related("person", "org")
    return found.filter(subtree_q(org.path, prefix="org__")) if org else found


def member_for(actor: Actor, person: int) -> Membership:
    """One member whom the actor looks after; NotFound otherwise."""
    row = members_in(actor).filter(person=person).first()
    if row is None:
        raise NotFound("没有找到这名党员，或者他（她）不在您的支部。")
    return row


@dataclass
class Watched:
    """需要关心的一人: what is known, what is due, and by when; people decide."""

    member: Membership
    word: str
    since: dt.date | None
    due_on: dt.date | None = None
    due: str = ""
    stay: Stay | None = None
    case: StandingCase | None = None
    ready: bool = False  # whether the time for a proposal has come


@dataclass
class Ranks:
    """党员队伍动态 of the branches that somebody looks after."""

    away: list[Watched] = field(default_factory=list)
    lost: list[Watched] = field(default_factory=list)
    stopped: list[Watched] = field(default_factory=list)
    warned: list[Watched] = field(default_factory=list)
    cases: list[StandingCase] = field(default_factory=list)


def ranks(actor: Actor, org: Organisation | None = None) -> Ranks:
    """Members away, lost, stopped and under a 限期改正, with what is due and when; four queries."""
    table, today = policy.current().transfers, clock.today()
    noted = list(
        members_in(actor, org)
        .filter(Q(mobile=True) | Q(lost_since__isnull=False) | Q(state="stopped")
                | Exists(Stay.objects.filter(person=OuterRef("person"), state="away")))
        .order_by("person__pinyin", "person_id")[:2000]
    )  # fmt: skip
    ids = [row.person_id for row in noted]
    stays = {
        row.person_id: row
        for row in Stay.objects.filter(person__in=ids, state="away").select_related("host", "contact")
    }
    cases = list(
        cases_visible_to(actor).filter(Q(state__in=CASE_OPEN) | Q(state=APPROVED, until__isnull=False))
        .filter(*([subtree_q(org.path, prefix="org__")] if org else [])).order_by("-id")[:500]
    )  # fmt: skip
    by_person = {case.person_id: case for case in cases if case.state in CASE_OPEN}
    found = Ranks(cases=[case for case in cases if case.state in CASE_OPEN])
    for row in noted:
        case = by_person.get(row.person_id)
        if row.state == "stopped":
            since = row.state_since or row.starts_on
            due = rules.removal_possible_from(since, table.standing)
            found.stopped.append(
                Watched(
                    row,
                    "停止党籍",
                    since,
                    due,
                    _("满%(span)s仍无法联系的，由支部提出除名")
                    % {"span": span(12 * table.standing.remove_after_stop_years)},
                    case=case,
                    ready=due <= today,
                )
            )
        elif row.lost_since:
            due = rules.stop_possible_from(row.lost_since, table.standing)
            found.lost.append(
                Watched(
                    row,
                    "失去联系",
                    row.lost_since,
                    due,
                    _("满%(span)s仍找不到的，由支部提出停止党籍") % {"span": span(table.standing.lost_months)},
                    case=case,
                    ready=due <= today,
                )
            )
        else:
            found.away.append(_away(row, stays.get(row.person_id), today))
    members = {row.person_id: row for row in members_in(actor, org).filter(
        person__in=[case.person_id for case in cases if case.state == APPROVED])}  # fmt: skip
    for case in cases:
        if case.state == APPROVED and case.person_id in members and not case.answer:
            found.warned.append(
                Watched(members[case.person_id], "限期改正", case.approved_on, case.until, "到期由支部了结", case=case,
                        ready=case.until <= today)
            )  # fmt: skip
    return found


def _away(row: Membership, stay: Stay | None, today: dt.date) -> Watched:
    if stay is None:
        return Watched(row, "流动党员", None, None, "还没有登记去向、联系人和凭证")
    table = policy.current().transfers.mobile
    due = rules.contact_due(stay.last_contact, table, abroad=stay.abroad)
    must = rules.must_transfer_from(stay.since, table)
    if must <= today and stay.asked_on is None and not stay.abroad:
        return Watched(
            row,
            "流动党员",
            stay.since,
            must,
            _("外出满%(span)s，问一问是否转接组织关系") % {"span": span(table.must_transfer_months)},
            stay=stay,
            ready=True,
        )
    return Watched(row, "流动党员", stay.since, due, "联系一次", stay=stay, ready=due <= today)


@dataclass
class Found:
    """线索: members without any record of a kind for so long, with the rule's own words. A person looks into it."""

    signal: Signal
    known: bool  # whether the system has such records here at all
    members: list[Membership]


def signals(actor: Actor, org: Organisation) -> list[Found]:
    """For a branch's own secretary only: who has no record of a kind in the pack's months. Nothing follows from it.

    Whom the branch knows to be away, lost or stopped is not in it; who has come less long ago is not either. Where the
    branch has no record of the kind at all, nobody is listed: then the system knows nothing.
    """
    today, found = clock.today(), []
    for signal in policy.current().transfers.signals:
        since = clock.add_months(today, -signal.months)
        told = Fact.objects.filter(kind__in=signal.facts, at__gte=clock.at_time(since))
        known = bool(signal.facts) and told.filter(org=org.pk).exists()
        members: list[Membership] = []
        if known:
            members = list(
                members_in(actor, org)
                .filter(org=org, state="normal", mobile=False, lost_since__isnull=True, starts_on__lte=since)
                .exclude(Exists(told.filter(person=OuterRef("person"))))
                .order_by("person__pinyin", "person_id")[:200]
            )
        found.append(Found(signal, known, members))
    return found


def counts_below(actor: Actor, org: Organisation) -> list[dict]:
    """For the level above: numbers of members away, lost and stopped in each organisation directly below; no names."""
    today = clock.today()
    below = list(
        Organisation.objects.filter(scope_q(actor, "transfers.count"), parent=org, dissolved_on__isnull=True).order_by(
            "code"
        )
    )
    overall = Membership.objects.filter(
        Dated.current_q(today), scope_q(actor, "transfers.count", prefix="org__"), subtree_q(org.path, prefix="org__")
    )
    rows = list(
        overall.values(path=F("org__path")).annotate(
            members=Count("pk"), away=Count("pk", filter=Q(mobile=True)),
            lost=Count("pk", filter=Q(lost_since__isnull=False) & ~Q(state="stopped")),
            stopped=Count("pk", filter=Q(state="stopped")),
        ).order_by()
    )  # fmt: skip
    found = []
    for one in below:
        mine = [row for row in rows if row["path"].startswith(one.path)]
        numbers = {key: sum(row[key] for row in mine) for key in ("members", "away", "lost", "stopped")}
        if numbers["members"]:
            found.append({"org": one, **numbers})
    return found


def proceedings_for(member: Membership) -> list[Proceeding]:
    """The pack's proceedings that fit a member's present state; whether the time has come the deed says."""
    found = []
    for one in policy.current().transfers.proceedings:
        if one.probationary_only and member.kind != "probationary":
            continue
        if (one.after == "stopped") != (member.state == "stopped"):
            continue
        if one.after == "lost" and member.lost_since is None:
            continue
        found.append(one)
    return found


def entitled_at(org: Organisation) -> int:
    """How many of a branch have a vote and are counted today (DOMAIN 1.4): proposed to whoever enters a meeting's votes."""
    return sum(one.has_vote and one.counted for one in expected_of(org, clock.today()))
