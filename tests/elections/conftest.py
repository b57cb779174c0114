"""An election of the small city's branch (nine formal members, a committee of three), brought as far as a test wants."""

import datetime as dt

import pytest

from gongjian.desks.elections import actions, queries
from gongjian.desks.elections.models import Contest, Election
from gongjian.engines.voting import actions as voting
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.records.access.queries import actor_of_person


class Walk:
    """One election and those who bring it on: `home` runs it, `above` answers."""

    def __init__(self, city, cast, org=None, home=None, **plan):
        self.city, self.cast = city, cast
        self.home, self.above = home or cast.secretary.actor, cast.community.actor
        self.people = city.people["branch"]
        given = {"kind": "term", "meeting_on": kernel_clock.today(), "committee_seats": 3, **plan}
        self.election = actions.prepare(org=org or city.branch, by=self.home, **given)

    def contest(self, post="committee_member"):
        return next(one for one in queries.contests_of(self.fresh()) if one.post == post)

    def fresh(self):
        return Election.objects.select_related("org", "org__parent").get(pk=self.election.pk)

    def candidates(self, post, indices):
        contest = Contest.objects.get(election=self.election, post=post)
        actions.set_candidates(contest=contest, people=[self.people[i].pk for i in indices], by=self.home)

    def to(self, state, *, members=(0, 1, 2, 3), secretary=(0,)):
        """Along the line up to the meeting."""
        e = self.election
        actions.ask(election=e, by=self.home)
        if state == "asked":
            return self
        actions.allow(election=e, note="榕发〔2026〕1号", by=self.above)
        if state == "allowed":
            return self
        if Contest.objects.filter(election=e, post="committee_member").exists():
            self.candidates("committee_member", members)
        self.candidates("secretary", secretary)
        actions.propose(election=e, by=self.home)
        if state == "proposed":
            return self
        actions.accept_candidates(election=e, note="榕发〔2026〕2号", by=self.above)
        if state == "accepted":
            return self
        tellers = {self.people[7].pk: "chief", self.people[8].pk: "counter"}
        actions.seat_tellers(election=e, electorate="members", people=tellers, by=self.home)
        actions.convene(election=e, held_on=kernel_clock.today(), method_passed=True, by=self.home)
        return self

    def round(self, post="committee_member", **given):
        return actions.start_round(contest=self.contest(post), by=self.home, **given)

    def vote(self, round_, ballots, *, present=None):
        """Everyone there hands in: `ballots` maps a voter's number to the numbers voted for."""
        people = self.people
        there = range(len(people)) if present is None else present
        voting.set_present(poll=round_.poll, people=[people[i].pk for i in there], by=self.home)
        ids = round_.poll.item_ids
        for voter, chosen in ballots.items():
            yes = {str(people[i].pk) for i in chosen}
            choices = {item: "yes" if item in yes else "no" for item in ids}
            voting.cast(poll=round_.poll, choices=choices, by=actor_of_person(people[voter]))
        voting.close_poll(poll=round_.poll, by=self.home)
        round_.poll.refresh_from_db()
        return round_

    def settle(self, round_, **given):
        return actions.settle_round(round_=round_, by=self.home, **given)

    def elect_committee(self):
        """Three of four, and the committee's secretary."""
        self.settle(self.vote(self.round(), dict.fromkeys(range(9), (0, 1, 2))))
        tellers = {self.people[1].pk: "teller", self.people[2].pk: "counter"}
        actions.seat_tellers(election=self.election, electorate="committee", people=tellers, by=self.home)
        self.settle(self.vote(self.round("secretary"), dict.fromkeys(range(3), (0,)), present=range(3)))
        return self


@pytest.fixture
def walk(clock, city, cast):
    """`walk("meeting")`: an election of the branch in that state."""

    def made(state="preparing", *, members=(0, 1, 2, 3), secretary=(0,), **plan):
        one = Walk(city, cast, **plan)
        return one if state == "preparing" else one.to(state, members=members, secretary=secretary)

    return made


@pytest.fixture
def later():
    """A day so many days from today."""
    return lambda days: kernel_clock.today() + dt.timedelta(days=days)


@pytest.fixture
def bend_base(monkeypatch):
    """`bend_base("present")`: a pack where the elected need over half of those present."""
    from gongjian.ground import policy
    from gongjian.ground.policy import store

    def bent(base):
        pack = policy.current()
        rules = type(pack.voting.rules)(
            rule.model_copy(update={"pass_base": base}) if rule.id == "election" else rule for rule in pack.voting.rules
        )
        other = pack.model_copy(update={"voting": pack.voting.model_copy(update={"rules": rules})})
        monkeypatch.setattr(store, "on", lambda day: other)
        monkeypatch.setattr(store, "current", lambda: other)

    return bent
