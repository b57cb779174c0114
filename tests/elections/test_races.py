"""Two at once: one ballot is opened, one result is taken over, one committee is appointed."""

import pytest

from gongjian.desks.elections import actions, queries
from gongjian.desks.elections.models import Candidate, Round
from gongjian.engines.voting.models import Poll
from gongjian.ground.kernel.errors import Refused
from gongjian.records.facts.models import Fact
from gongjian.records.people.models import Appointment
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_ballot_one_result_one_committee(walk, city):
    one = walk("meeting")
    contest = one.contest()
    copies = [queries.contest_for(one.home, contest.pk) for _n in range(3)]
    at_once([lambda copy=copy: actions.start_round(contest=copy, by=one.home) for copy in copies])
    assert (Round.objects.count(), Poll.objects.count()) == (1, 1)
    found = one.vote(Round.objects.select_related("poll", "poll__org").get(), dict.fromkeys(range(9), (0, 1, 2)))
    copies = [queries.round_for(one.home, found.pk) for _n in range(3)]
    answers = at_once([lambda copy=copy: actions.settle_round(round_=copy, by=one.home) for copy in copies])
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert Candidate.objects.filter(elected_in=1).count() == 3
    tellers = {one.people[1].pk: "teller"}
    actions.seat_tellers(election=one.election, electorate="committee", people=tellers, by=one.home)
    one.settle(one.vote(one.round("secretary"), dict.fromkeys(range(3), (0,)), present=range(3)))
    actions.report(election=one.election, by=one.home)
    at_once([lambda: actions.confirm(election=one.election, note="批复", by=one.above)] * 3)
    assert Fact.objects.filter(kind="election.confirmed").count() == 1
    assert Appointment.objects.filter(org=city.branch, ends_on__isnull=True).count() == 3
