"""Reads of elections; every one knows who asks."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Max, Q, QuerySet

from gongjian.desks.elections import rules, strokes
from gongjian.desks.elections.models import Candidate, Contest, Election, Round, Teller, TermShift
from gongjian.desks.elections.states import UNDER_WAY
from gongjian.engines.voting import queries as voting
from gongjian.engines.voting.expected import Expected, committee_of, expected_of
from gongjian.engines.voting.models import PollVoter
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Membership, Person

LONGEST_TERM = 5  # years; orgs refuses more
MOST_ENDING = 5000
PERMISSIONS = ("elections.view", "elections.run", "elections.approve")


def _scope(actor: Actor) -> Q:
    condition = Q(pk__in=[])
    for code in PERMISSIONS:
        condition |= scope_q(actor, code, prefix="org__")
    return condition


def visible_to(actor: Actor) -> QuerySet[Election]:
    """Elections of organisations that the actor may look into."""
    return Election.objects.all() if actor.kind == "system" else Election.objects.filter(_scope(actor))


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Election:
    """One election that the actor may see; NotFound otherwise. With `lock` its row is held."""
    found = visible_to(actor).select_related("org", "org__parent")
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.get(pk=ident)
    except (Election.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这次选举，或者它不在您的可见范围内。") from None


def contest_for(actor: Actor, ident: int) -> Contest:
    """One contest of an election that the actor may see."""
    row = Contest.objects.filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这个选举项目，或者它不在您的可见范围内。")
    row.election = get_for(actor, row.election_id)
    return row


def round_for(actor: Actor, ident: int) -> Round:
    """One round of an election that the actor may see."""
    row = Round.objects.select_related("contest", "poll", "poll__org").filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这一轮投票，或者它不在您的可见范围内。")
    row.contest.election = get_for(actor, row.contest.election_id)
    return row


def shift_for(actor: Actor, ident: int, *, lock: bool = False) -> TermShift:
    """One request for delay that the actor may see."""
    found = TermShift.objects.select_related("org", "org__parent")
    if actor.kind != "system":
        found = found.filter(_scope(actor))
    row = (found.select_for_update(of=("self",)) if lock else found).filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这项延期请示，或者它不在您的可见范围内。")
    return row


def post_title(pack: Pack, post: str) -> str:
    """A post in the pack's word."""
    try:
        return pack.post(post).title
    except policy.UnknownEntry:
        return post


def has_committee(org: Organisation, day: dt.date) -> bool:
    """Whether an organisation elects a committee: from so many formal members on (支部工作条例: 7)."""
    least = policy.on(day).org_kind(org.kind).committee_from_formal
    return least is not None and (least == 0 or org.formal_count >= least)


def contests_of(election: Election) -> list[Contest]:
    """The contests with `standing` (candidates in the ballot's order) and `ballots` (rounds); three queries."""
    contests = list(Contest.objects.filter(election=election).order_by("position"))
    order = policy.on(election.meeting_on).elections.ballot_order
    short_first = order.same_surname == "short_first"
    people: dict[int, list[Candidate]] = {contest.pk: [] for contest in contests}
    for row in Candidate.objects.filter(contest__in=contests).select_related("person"):
        people[row.contest_id].append(row)
    ballots: dict[int, list[Round]] = {contest.pk: [] for contest in contests}
    for one in Round.objects.filter(contest__in=contests).select_related("poll", "poll__org").order_by("number"):
        ballots[one.contest_id].append(one)
    for contest in contests:
        contest.election = election
        contest.standing = sorted(
            people[contest.pk],
            key=lambda row: (
                row.written_in, strokes.key(row.person.name, short_first=short_first) if order.by == "strokes"
                else (row.person.pinyin,), row.person_id,
            ),
        )  # fmt: skip
        contest.ballots = ballots[contest.pk]
        contest.winners = [row for row in contest.standing if row.elected_in]
        contest.title = post_title(policy.on(election.meeting_on), contest.post)
        contest.last = contest.ballots[-1] if contest.ballots else None
        contest.full = len(contest.winners) >= contest.seats
    return contests


def electors_of(election: Election, contests: list[Contest], electorate: str, day: dt.date) -> list[Expected]:
    """Who elects: the members, or the committee as it is after the members' meeting."""
    if electorate == "members":
        return expected_of(election.org, day)
    winners = {row.person_id: row.person for one in contests if one.electorate == "members" for row in one.winners}
    rows = [Expected(person, None, True, True, "") for person in winners.values()]
    if election.kind == "by":
        rows += [row for row in committee_of(election.org, day) if row.person.pk not in winners]
    return sorted(rows, key=lambda row: (row.person.pinyin, row.person.pk))


def eligible(election: Election, contest: Contest, contests: list[Contest]) -> list[Expected]:
    """Who may stand: members with the right to be elected; for the committee's own posts who is, or may come, in it."""
    day = clock.today()
    rows = [row for row in expected_of(election.org, day) if row.has_vote]
    if contest.electorate == "members":
        return rows
    stand = {row.person_id for one in contests if one.electorate == "members" for row in one.standing}
    if any(one.winners for one in contests if one.electorate == "members"):
        stand = {row.person_id for one in contests if one.electorate == "members" for row in one.winners}
    if election.kind == "by":
        stand |= {row.person.pk for row in committee_of(election.org, day)}
    return [row for row in rows if row.person.pk in stand]


def tellers_of(election: Election) -> list[Teller]:
    """Tellers of both meetings."""
    return list(Teller.objects.filter(election=election).select_related("person").order_by("electorate", "pk"))


def purpose_of(contest: Contest) -> str:
    """What the next round of a contest is for; "" while one is under way or nothing is left to elect."""
    if contest.full:
        return ""
    last = contest.last
    if last is None or last.annulled:
        return "first" if last is None else "repeat"
    if last.settled_at is None:
        return ""
    result = last.result
    if not result["valid"]:
        return "repeat"
    return "tie" if result["tied"] else "fill"


def names_written(round_: Round) -> dict[str, int]:
    """Names written in on the ballots of a counted round, with their votes."""
    outcome = voting.outcome_of(round_.poll)
    return dict(outcome.write_ins) if outcome else {}


def bearers(round_: Round) -> dict[str, list[str]]:
    """Name → ids of those on the round's roll who bear it and may be elected."""
    found: dict[str, list[str]] = {}
    for name, person in PollVoter.objects.filter(poll=round_.poll_id, has_vote=True).values_list(
        "person__name", "person"
    ):
        found.setdefault(name, []).append(str(person))
    return found


def people_named(ids: Iterable[int | str]) -> dict[int, Person]:
    """Persons by id."""
    return Person.objects.in_bulk([int(ident) for ident in ids])


# --- terms ------------------------------------------------------------------------------------------------------
def term_end_of(org: Organisation) -> dt.date | None:
    """When the organisation's term is over, an approved delay included."""
    ends = rules.term_end(org.term_started_on, org.term_years)
    shift = TermShift.objects.filter(org=org, state="approved", term_end=ends).aggregate(day=Max("until"))["day"]
    return rules.term_end(org.term_started_on, org.term_years, shift)


def shifts_of(org: Organisation) -> list[TermShift]:
    """Requests for delay, newest first."""
    return list(TermShift.objects.filter(org=org).order_by("-asked_at", "-pk"))


def under_way(org: Organisation) -> Election | None:
    """The election that is under way."""
    return Election.objects.filter(org=org, state__in=UNDER_WAY).first()


def expiring(actor: Actor, permission: str, day: dt.date, *, most: int = 20) -> list[tuple[Organisation, dt.date]]:
    """Organisations in the actor's scope of a permission whose term ends within the reminder, or is over; three queries.

    Who has an election under way is not reminded. Sorted by the end of the term, delays included.
    """
    months = policy.on(day).settings.terms.remind_months_before
    ending = Q(pk__in=[])
    for years in range(1, LONGEST_TERM + 1):
        ending |= Q(term_years=years, term_started_on__lte=clock.add_months(day, months - 12 * years))
    rows = Organisation.objects.filter(scope_q(actor, permission), ending, dissolved_on__isnull=True).only(
        "pk", "name", "kind", "path", "territory_path", "parent_id", "term_started_on", "term_years"
    )
    near = {
        org.pk: (org, rules.term_end(org.term_started_on, org.term_years))
        for org in rows.order_by("term_started_on", "pk")[:MOST_ENDING]
    }
    shifts = dict(
        TermShift.objects.filter(org__in=list(near), state="approved").values("org").annotate(
            day=Max("until")
        ).values_list("org", "day")
    )  # fmt: skip
    busy = set(Election.objects.filter(org__in=list(near), state__in=UNDER_WAY).values_list("org", flat=True))
    found = [
        (org, max(end, shifts.get(pk, end)))
        for pk, (org, end) in near.items()
        if pk not in busy and rules.remind_from(max(end, shifts.get(pk, end)), months) <= day
    ]
    return sorted(found, key=lambda row: (row[1], row[0].pk))[:most]


def joined_of(contests: list[Contest]) -> dict[int, dt.date]:
    """Since when those who stand are members (党龄 counts from becoming formal)."""
    people = {row.person_id for one in contests for row in one.standing}
    rows = Membership.objects.filter(person__in=people, ends_on__isnull=True, formal_on__isnull=False)
    return dict(rows.values_list("person", "formal_on"))
