"""换届选举: one that was approved some weeks ago, one in which people can vote now, one term put off."""

import datetime as dt

from gongjian.desks.elections import actions
from gongjian.desks.elections.models import Contest, Election
from gongjian.engines.voting import actions as voting
from gongjian.engines.voting import queries as polls
from gongjian.engines.voting.expected import expected_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

ORDER = 40


def play(crowd: Crowd, now: dt.datetime) -> None:
    """The demo branch is in its meeting; a branch beside it has finished; another asks for a delay."""
    home = Organisation.objects.get(pk=demo_branch(crowd.tree).pk)
    beside = [
        org
        for org in Organisation.objects.filter(parent=home.parent, kind="branch", dissolved_on=None).order_by("pk")
        if org.pk != home.pk and org.formal_count >= 9 and org.term_started_on
    ]
    _meeting(home, now)
    if beside:
        _finished(beside[0], now)
    if len(beside) > 1:
        _delay(beside[1], now)


def _voters(org: Organisation, now: dt.datetime) -> list[Person]:
    return [row.person for row in expected_of(org, clock.day_of(now)) if row.has_vote]


def _to_meeting(org: Organisation, at: dt.datetime, voters: list[Person]) -> Election:
    """From the plan to the opened meeting, with three seats and four candidates, on past days."""
    day = clock.day_of(at)
    election = actions.prepare(
        org=org, kind="term", meeting_on=day, committee_seats=3, reason="本届任期将满，进行换届选举", place="支部活动室",
        by=SYSTEM, at=at - dt.timedelta(days=30),
    )  # fmt: skip
    actions.ask(election=election, by=SYSTEM, at=at - dt.timedelta(days=28))
    actions.allow(election=election, note="同意换届选举的批复", by=SYSTEM, at=at - dt.timedelta(days=21))
    members, secretary = Contest.objects.filter(election=election).order_by("position")
    actions.set_candidates(contest=members, people=[person.pk for person in voters[:4]], by=SYSTEM)
    actions.set_candidates(contest=secretary, people=[voters[0].pk], by=SYSTEM)
    actions.propose(election=election, by=SYSTEM, at=at - dt.timedelta(days=14))
    actions.accept_candidates(
        election=election, note="同意候选人预备人选的批复", by=SYSTEM, at=at - dt.timedelta(days=7)
    )
    tellers = {voters[-1].pk: "chief", voters[-2].pk: "counter"}
    actions.seat_tellers(election=election, electorate="members", people=tellers, by=SYSTEM, at=at)
    return actions.convene(election=election, held_on=day, method_passed=True, by=SYSTEM, at=at)


def _ballot(contest: Contest, voters: list[Person], chosen: int, at: dt.datetime, *, close: bool) -> None:
    """One ballot, handed in by phone; the first so many names are chosen."""
    round_ = actions.start_round(contest=contest, by=SYSTEM, at=at)
    there = voters if close else voters[: max(2, 2 * len(voters) // 3)]
    voting.set_present(poll=round_.poll, people=[person.pk for person in voters], by=SYSTEM)
    standing = {str(person.pk) for person in voters[:chosen]}
    choices = {item: "yes" if item in standing else "no" for item in round_.poll.item_ids}
    for person in there if close else there[1:]:
        voting.cast(poll=round_.poll, choices=choices, by=actor_of_person(person))
    if close:
        voting.close_poll(poll=round_.poll, by=SYSTEM, at=at)
        round_.poll = polls.get_for(SYSTEM, round_.poll_id)
        actions.settle_round(round_=round_, by=SYSTEM, at=at)


def _meeting(org: Organisation, now: dt.datetime) -> None:
    voters = _voters(org, now)
    election = _to_meeting(org, now, voters)
    _ballot(Contest.objects.get(election=election, post="committee_member"), voters, 3, now, close=False)


def _finished(org: Organisation, now: dt.datetime) -> None:
    at = now - dt.timedelta(days=20)
    voters = _voters(org, now)
    election = _to_meeting(org, at, voters)
    _ballot(Contest.objects.get(election=election, post="committee_member"), voters, 3, at, close=True)
    tellers = {voters[1].pk: "teller", voters[2].pk: "counter"}
    actions.seat_tellers(election=election, electorate="committee", people=tellers, by=SYSTEM, at=at)
    _ballot(Contest.objects.get(election=election, post="secretary"), voters[:3], 1, at, close=True)
    duties = {voters[1].pk: "organisation_member", voters[2].pk: "publicity_member"}
    actions.set_duties(election=election, duties=duties, by=SYSTEM)
    actions.report(election=election, by=SYSTEM, at=at + dt.timedelta(days=2))
    day = clock.day_of(at + dt.timedelta(days=9))
    actions.confirm(election=election, note="同意选举结果的批复", on=day, by=SYSTEM, at=at + dt.timedelta(days=9))


def _delay(org: Organisation, now: dt.datetime) -> None:
    end = clock.add_months(org.term_started_on, 12 * org.term_years)
    actions.ask_shift(
        org=org, until=end + dt.timedelta(days=150), reason="所在小区正在调整网格，支部设置待定", by=SYSTEM, at=now
    )
