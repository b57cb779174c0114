"""Reads of dues; every one knows who asks. Money in fen, months as text."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from gongjian.desks.dues import rules
from gongjian.desks.dues.models import (
    Announcement,
    Assessment,
    Charge,
    Consent,
    Finding,
    Movement,
    Payment,
    Relief,
)
from gongjian.desks.dues.sealed import open_income
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.dues_schema import Dues
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Dated, Membership, Person


def dues_on(day: dt.date | None = None) -> Dues:
    """The pack's dues as they hold on a day."""
    return policy.on(day or clock.today()).dues


def dues_in(month: str) -> Dues:
    """The pack's dues as they held on a month's first day."""
    return policy.on(clock.period_bounds(month)[0]).dues


def branches(actor: Actor, permission: str = "dues.view") -> QuerySet[Organisation]:
    """Living organisations with members over which the actor holds a permission."""
    kinds = [kind.id for kind in policy.current().org_kinds if kind.has_members]
    return orgs.visible_to(actor, permission=permission).filter(kind__in=kinds)


def branch_for(actor: Actor, ident: int | str, permission: str = "dues.view") -> Organisation:
    """One organisation; NotFound outside the actor's scope."""
    return orgs.get_for(actor, ident, permission=permission)


def member_of(org: Organisation, person: int) -> Person:
    """A person who is or was a member of this branch; NotFound otherwise."""
    found = Person.objects.filter(pk=person, memberships__org=org).distinct().first()
    if found is None:
        raise NotFound(_("没有找到这名党员，或者他（她）不属于这个支部。"))
    return found


# --- who pays where ---------------------------------------------------------------------------------------------
def holders(month: str, *, org: int | None = None, people: Iterable[int] | None = None) -> dict[int, int]:
    """Person → the branch that the month's dues belong to (DOMAIN 3.3.6), set-wise; narrowed to a branch or to persons.

    停止党籍 pays nothing; neither does somebody who died before the month.
    """
    first, last = clock.period_bounds(month)
    rule = dues_in(month).monthly
    rows = Membership.objects.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=first), starts_on__lte=last
    ).exclude(state="stopped").exclude(person__died_on__lt=first)  # fmt: skip
    if people is not None:
        rows = rows.filter(person__in=list(people))
    if org is not None:
        rows = rows.filter(person__in=rows.filter(org=org).values("person"))
    stays: dict[int, list[rules.Stay]] = defaultdict(list)
    for person, branch, starts, ends, joined in rows.values_list("person", "org", "starts_on", "ends_on", "joined_on"):
        if rules.first_due_month(joined, dues_in(month)) <= month:
            stays[person].append(rules.Stay(branch, starts, ends))
    found = {person: rules.holder(its, month, rule.month_of_move) for person, its in stays.items()}
    return {person: branch for person, branch in found.items() if branch is not None and org in (None, branch)}


def assessed(month: str, people: Iterable[int]) -> dict[int, Assessment]:
    """Person → the confirmed assessment that holds in a month; of several the one that began last."""
    rows = Assessment.objects.filter(state="confirmed", starts__lte=month, ends__gte=month, person__in=list(people))
    return {row.person_id: row for row in rows.defer("entered_sealed").order_by("starts")}


def relieved(month: str, people: Iterable[int]) -> dict[int, Relief]:
    """Person → the approved relief that holds in a month."""
    rows = Relief.objects.filter(state__in=("approved", "ended"), starts__lte=month, ends__gte=month)
    return {
        row.person_id: row for row in rows.filter(person__in=list(people)).defer("reason_sealed").order_by("starts")
    }


def assessment_of(person: int, month: str) -> Assessment | None:
    """One person's assessment in a month."""
    return assessed(month, [person]).get(person)


def waiting_of(person: int) -> Assessment | None:
    """What a member has entered and nobody has confirmed yet."""
    return Assessment.objects.filter(person=person, state="waiting").first()


def explain(row: Assessment) -> rules.Computed:
    """为什么是这个数: computed again from what was entered, by the pack of its first month. For the member and the assessor."""
    dues = dues_in(row.starts)
    category = dues.category(row.category)
    if category is None:
        raise NotFound(_("政策包里已经没有这个类别。"))
    return rules.monthly(dues, category, open_income(row.entered_sealed))


def category_title(ident: str) -> str:
    """A category in words; its id once it is gone."""
    found = dues_on().category(ident)
    return found.title if found else ident


# --- one branch, one month --------------------------------------------------------------------------------------
class Row(NamedTuple):
    """收缴表的一行."""

    person: Person
    charge: Charge | None
    amount: int
    state: str  # paid, due, exempt, unassessed
    arrears: tuple[str, ...]
    arrears_amount: int
    consent: str
    relieved: bool
    waiting: bool

    @property
    def payment(self) -> Payment | None:
        """What settled it."""
        return self.charge.payment if self.charge else None


def month_rows(org: Organisation, month: str) -> list[Row]:
    """The month's collection of a branch, one row for each member, by name; six queries whatever its size."""
    people = set(holders(month, org=org.pk))
    charges = {
        row.person_id: row
        for row in Charge.objects.filter(org=org, month=month).select_related("payment", "payment__remitted")
    }
    people |= set(charges)
    by_id = Person.objects.in_bulk(people)
    late: dict[int, list[Charge]] = defaultdict(list)
    for row in Charge.objects.filter(org=org, month__lt=month, payment__isnull=True, amount__gt=0).order_by("month"):
        late[row.person_id].append(row)
    consents = {
        row.person_id: row for row in Consent.objects.filter(
            org=org, state="given", starts__lte=month, ends__gte=month, person__in=people
        )
    }  # fmt: skip
    waiting = set(Assessment.objects.filter(org=org, state="waiting").values_list("person", flat=True))
    found = []
    for ident in people:
        charge = charges.get(ident)
        state = (
            "unassessed"
            if charge is None
            else "exempt"
            if charge.amount == 0
            else "paid"
            if charge.payment_id
            else "due"
        )
        agreed = consents.get(ident)
        found.append(
            Row(
                by_id[ident], charge, charge.amount if charge else 0, state, tuple(row.month for row in late[ident]),
                sum(row.amount for row in late[ident]), str(agreed.get_kind_display()) if agreed else "",
                bool(charge and charge.relief_id), ident in waiting,
            )
        )  # fmt: skip
    return sorted(found, key=lambda row: (row.person.pinyin, row.person.pk))


def month_sums(rows: Iterable[Row]) -> dict[str, int]:
    """Counts and sums of a month's rows."""
    rows = list(rows)
    paid = [row for row in rows if row.state == "paid"]
    return {
        "members": len(rows), "due": sum(row.amount for row in rows), "paid": sum(row.amount for row in paid),
        "paid_count": len(paid), "due_count": sum(row.state == "due" for row in rows),
        "unassessed": sum(row.state == "unassessed" for row in rows), "exempt": sum(row.state == "exempt" for row in rows),
        "late_count": sum(bool(row.arrears) for row in rows),
    }  # fmt: skip


def to_hand_over(org: Organisation) -> dict[str, int]:
    """What a branch has collected and not yet entered for remittance: cash, account, together; large dues apart."""
    rows = Payment.objects.filter(org=org, reversed_at__isnull=True, remitted__isnull=True)
    sums = {(kind == "large", method == "cash"): 0 for kind in ("dues", "large") for method in ("cash", "online")}
    for kind, method, total in rows.values_list("kind", "method").annotate(total=Sum("amount")).order_by():
        sums[kind == "large", method == "cash"] += total
    cash, account = sums[False, True], sums[False, False]
    return {"cash": cash, "account": account, "all": cash + account, "large": sums[True, True] + sums[True, False]}


# --- arrears ----------------------------------------------------------------------------------------------------
class Late(NamedTuple):
    """欠交的一名党员: which months, how much, whether people have to look into it, what they found."""

    person: Person
    org: Organisation
    months: tuple[str, ...]
    amount: int
    run: tuple[str, ...]
    needs_finding: bool
    old: tuple[str, ...]
    finding: Finding | None


def late_members(org: Organisation, day: dt.date) -> list[Late]:
    """Members of a branch and all below it with months that are over and unpaid, the longest run first."""
    dues, month = dues_on(day), clock.month_of(day)
    found: dict[int, list[Charge]] = defaultdict(list)
    rows = Charge.objects.filter(
        subtree_q(org.path, prefix="org__"), month__lt=month, payment__isnull=True, amount__gt=0
    )
    for row in rows.select_related("person", "org").order_by("month"):
        found[row.person_id].append(row)
    findings = {row.person_id: row for row in Finding.objects.filter(person__in=found).order_by("at")}
    late = []
    for ident, owed in found.items():
        months = tuple(row.month for row in owed)
        run = tuple(rules.longest_gap(months, before=month))
        known = findings.get(ident)
        late.append(
            Late(
                owed[-1].person, owed[-1].org, months, sum(row.amount for row in owed), run,
                rules.needs_finding(months, today=day, dues=dues),
                tuple(m for m in months if rules.older_than(m, day, dues.paying.late_months)),
                known if known and run and known.upto >= run[-1] else None,
            )
        )  # fmt: skip
    return sorted(late, key=lambda one: (-len(one.run), one.person.pinyin, one.person.pk))


# --- one member -------------------------------------------------------------------------------------------------
def charges_of(person: int, *, since: str, org: Organisation | None = None) -> list[Charge]:
    """What one member owes and has paid, the newest month first."""
    rows = Charge.objects.filter(person=person, month__gte=since).select_related("payment", "org", "relief")
    return list((rows.filter(org=org) if org else rows).order_by("-month"))


def unpaid_of(person: int, upto: str) -> list[Charge]:
    """What one member has to pay up to a month, the oldest first."""
    rows = Charge.objects.filter(person=person, month__lte=upto, payment__isnull=True, amount__gt=0)
    return list(rows.select_related("org").order_by("month"))


def payments_of(person: int, *, org: Organisation | None = None) -> list[Payment]:
    """A member's payments, newest first, reversed ones too."""
    rows = Payment.objects.filter(person=person).select_related("org", "remitted")
    return list((rows.filter(org=org) if org else rows).order_by("-paid_on", "-id")[:60])


def payment_for(actor: Actor, ident: int) -> Payment:
    """A payment that is one's own or of a branch that one collects for; NotFound otherwise."""
    own = Q(person=actor.person) if actor.person and _may_read_own(actor) else Q(pk__in=[])
    found = Payment.objects.filter(own | scope_q(actor, "dues.collect", prefix="org__"), pk=ident)
    row = found.select_related("org", "person", "remitted").first()
    if row is None:
        raise NotFound(_("没有找到这张收据，或者它不在您的可见范围内。"))
    return row


def payments_in(actor: Actor) -> QuerySet[Payment]:
    """Payments of branches that one collects for."""
    return Payment.objects.filter(scope_q(actor, "dues.collect", prefix="org__")).select_related("org", "person")


def _may_read_own(actor: Actor) -> bool:
    return actor.token_scopes is None or "dues.pay_own" in actor.token_scopes


def own_membership(actor: Actor) -> Membership | None:
    """One's own current membership."""
    if not actor.person or not _may_read_own(actor):
        return None
    return Membership.objects.filter(Dated.current_q(clock.today()), person=actor.person).select_related("org").first()


def consents_of(person: int) -> list[Consent]:
    """A member's arrangements, newest first."""
    return list(Consent.objects.filter(person=person).order_by("-starts", "-id")[:12])


def has_consent(person: int, kind: str, month: str) -> bool:
    """Whether the branch has agreed for a month."""
    return Consent.objects.filter(person=person, kind=kind, state="given", starts__lte=month, ends__gte=month).exists()


# --- assessments of a branch ------------------------------------------------------------------------------------
def assessments_in(org: Organisation, month: str) -> list[tuple[Person, Assessment | None, Assessment | None]]:
    """(member, what holds in the month, what waits) for each member of a branch, by name; amounts, never incomes."""
    people = Person.objects.in_bulk(holders(month, org=org.pk))
    holding = assessed(month, people)
    waiting = {
        row.person_id: row for row in Assessment.objects.filter(person__in=people, state="waiting").defer("entered_sealed")
    }  # fmt: skip
    ordered = sorted(people.values(), key=lambda person: (person.pinyin, person.pk))
    return [(person, holding.get(person.pk), waiting.get(person.pk)) for person in ordered]


def assessment_for(actor: Actor, ident: int) -> Assessment:
    """An assessment in a branch that one assesses; NotFound otherwise."""
    found = Assessment.objects.filter(scope_q(actor, "dues.assess", prefix="org__"), pk=ident)
    row = found.select_related("person", "org").first()
    if row is None:
        raise NotFound(_("没有找到这项核定，或者它不在您的核定范围内。"))
    return row


# --- reliefs and consents ---------------------------------------------------------------------------------------
def reliefs_for(actor: Actor) -> QuerySet[Relief]:
    """Reliefs that one has asked for as a branch, or decides as the committee above."""
    asked = scope_q(actor, "dues.assess", prefix="org__")
    decided = scope_q(actor, "dues.approve", prefix="org__parent__")
    return Relief.objects.filter(asked | decided).select_related("person", "org", "org__parent")


def relief_for(actor: Actor, ident: int) -> Relief:
    """One of them; NotFound otherwise."""
    row = reliefs_for(actor).filter(pk=ident).first()
    if row is None:
        raise NotFound(_("没有找到这项减免，或者它不在您的可见范围内。"))
    return row


def consents_waiting(actor: Actor) -> QuerySet[Consent]:
    """Requests that the branch has to answer."""
    return (
        Consent.objects.filter(scope_q(actor, "dues.collect", prefix="org__"), state="asked")
        .select_related("person", "org").order_by("asked_at", "id")
    )  # fmt: skip


def consent_for(actor: Actor, ident: int) -> Consent:
    """One request in a branch that one collects for; NotFound otherwise."""
    found = Consent.objects.filter(scope_q(actor, "dues.collect", prefix="org__"), pk=ident)
    row = found.select_related("person", "org").first()
    if row is None:
        raise NotFound(_("没有找到这项申请，或者它不在您的可见范围内。"))
    return row


# --- movements --------------------------------------------------------------------------------------------------
def movements_for(actor: Actor) -> QuerySet[Movement]:
    """Movements out of or into organisations that one sees."""
    condition = scope_q(actor, "dues.view", prefix="org__") | scope_q(actor, "dues.view", prefix="to__")
    return Movement.objects.filter(condition).select_related("org", "to")


def movement_for(actor: Actor, ident: int, *, lock: bool = False) -> Movement:
    """One movement; NotFound outside the actor's scope."""
    found = movements_for(actor).filter(pk=ident)
    row = (found.select_for_update(of=("self",), no_key=True) if lock else found).first()
    if row is None:
        raise NotFound(_("没有找到这笔往来，或者它不在您的可见范围内。"))
    return row


# --- a committee's view -----------------------------------------------------------------------------------------
class BranchSum(NamedTuple):
    """总览的一行: one branch in a month."""

    org: Organisation
    members: int
    due: int
    paid: int
    waiting: int  # collected, not confirmed as received above
    late_members: int
    late_amount: int
    remitted_on: dt.date | None


def overview(actor: Actor, top: Organisation, month: str) -> list[BranchSum]:
    """Branches below an organisation with what they collected, handed over and are owed; five queries for all."""
    found = list(branches(actor).filter(subtree_q(top.path)).order_by("path")[:300])
    ids = [org.pk for org in found]
    charged = {
        row["org"]: row for row in Charge.objects.filter(org__in=ids, month=month).values("org").annotate(
            members=Count("pk"), due=Sum("amount"), paid=Sum("amount", filter=Q(payment__isnull=False))
        ).order_by()
    }  # fmt: skip
    late = {
        row["org"]: row for row in Charge.objects.filter(
            org__in=ids, month__lt=clock.month_of(clock.today()), payment__isnull=True, amount__gt=0
        ).values("org").annotate(people=Count("person", distinct=True), total=Sum("amount")).order_by()
    }  # fmt: skip
    held = dict(
        Payment.objects.filter(org__in=ids, reversed_at__isnull=True)
        .filter(Q(remitted__isnull=True) | Q(remitted__state="entered"))
        .values_list("org").annotate(total=Sum("amount")).order_by()
    )  # fmt: skip
    last = dict(
        Movement.objects.filter(org__in=ids, kind="remit", state="confirmed").values_list("org").annotate(Max("on")).order_by()
    )  # fmt: skip
    nothing: dict = {}
    rows = [
        BranchSum(
            org, charged.get(org.pk, nothing).get("members") or 0, charged.get(org.pk, nothing).get("due") or 0,
            charged.get(org.pk, nothing).get("paid") or 0, held.get(org.pk, 0), late.get(org.pk, nothing).get("people") or 0,
            late.get(org.pk, nothing).get("total") or 0, last.get(org.pk),
        )
        for org in found
    ]  # fmt: skip
    # a committee may hold members itself; one that holds none is no line of this table
    return [row for row in rows if row.org.level == "branch" or row.members or row.waiting]


# --- a year -----------------------------------------------------------------------------------------------------
def year_of_branch(org: Organisation, year: int) -> dict:
    """收缴情况 of one organisation and all below it in a year, sums only."""
    inside = subtree_q(org.path, prefix="org__")
    charges = Charge.objects.filter(inside, month__startswith=f"{year}-")
    sums = charges.aggregate(
        members=Count("person", distinct=True), due=Sum("amount"), paid=Sum("amount", filter=Q(payment__isnull=False)),
        late=Count("person", distinct=True, filter=Q(payment__isnull=True, amount__gt=0, month__lt=clock.month_of(clock.today()))),
        relieved=Count("person", distinct=True, filter=Q(relief__isnull=False)),
    )  # fmt: skip
    paid = Payment.objects.filter(inside, paid_on__year=year, reversed_at__isnull=True)
    more = dict(paid.exclude(kind="dues").values_list("kind").annotate(total=Sum("amount")).order_by())
    moved = dict(
        Movement.objects.filter(org=org, state="confirmed", on__year=year).values_list("kind").annotate(total=Sum("amount"))
        .order_by()
    )  # fmt: skip
    came = dict(
        Movement.objects.filter(to=org, state="confirmed", on__year=year).values_list("kind").annotate(total=Sum("amount"))
        .order_by()
    )  # fmt: skip
    return {
        "members": sums["members"] or 0, "due": sums["due"] or 0, "paid": sums["paid"] or 0, "late": sums["late"] or 0,
        "relieved": sums["relieved"] or 0, "voluntary": more.get("voluntary", 0), "large": more.get("large", 0),
        "remitted": moved.get("remit", 0), "returned": moved.get("return", 0), "spent": moved.get("spend", 0),
        "received_from_below": came.get("remit", 0), "received_from_above": came.get("return", 0),
    }  # fmt: skip


def uses_of(org: Organisation, year: int) -> list[tuple[str, str, int]]:
    """使用情况: (id, title, fen) for each use that the pack allows, in its order (DOMAIN 3.3.8)."""
    sums = dict(
        Movement.objects.filter(org=org, kind="spend", state="confirmed", on__year=year).values_list("use")
        .annotate(total=Sum("amount")).order_by()
    )  # fmt: skip
    known = [(use.id, use.title, sums.pop(use.id, 0)) for use in dues_on().uses]
    return known + [(ident, ident, total) for ident, total in sorted(sums.items())]


def announcement_of(org: int, year: int) -> Announcement | None:
    """The latest announcement of a year."""
    return Announcement.objects.filter(org=org, year=year).order_by("-version").first()


def announced_to(actor: Actor, ident: int) -> Announcement:
    """An announcement of one's own branch, a committee above it, or in one's scope; NotFound otherwise."""
    row = Announcement.objects.filter(pk=ident).select_related("org").first()
    if row is not None:
        mine = own_membership(actor)
        if actor.may_at("dues.view", row.org) or (mine and mine.org.path.startswith(row.org.path)):
            return row
    raise NotFound(_("没有找到这份公布，或者它不在您的可见范围内。"))


def announcements_for(actor: Actor) -> list[Announcement]:
    """The latest of each year of one's own branch and those above."""
    mine = own_membership(actor)
    if mine is None:
        return []
    ids = [*mine.org.ancestor_ids, mine.org_id]
    latest = Announcement.objects.filter(org__in=ids).values("org", "year").annotate(version=Max("version")).order_by()
    wanted = {(row["org"], row["year"], row["version"]) for row in latest}
    rows = Announcement.objects.filter(org__in=ids).select_related("org").order_by("-year", "-org__path")
    return [row for row in rows if (row.org_id, row.year, row.version) in wanted][:10]


def first_month(org: Organisation) -> str | None:
    """The first month with charges."""
    return Charge.objects.filter(org=org).aggregate(first=Min("month"))["first"]


def names(ids: Iterable[int | None]) -> dict[int, str]:
    """Names of those who entered and confirmed."""
    return dict(Person.objects.filter(pk__in=[ident for ident in ids if ident]).values_list("pk", "name"))
