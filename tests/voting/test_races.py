"""One person, one ballot, whoever presses how often; a ballot that was answered is counted."""

import pytest

from gongjian.engines.voting import actions
from gongjian.engines.voting.models import PollBallot, PollVoter
from gongjian.ground.kernel.errors import Refused
from gongjian.records.access.queries import actor_of_person
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)
YES = {"question": "yes"}


def test_eight_presses_and_a_paper_ballot_are_one_vote(start, cast, city):
    poll, secretary = start(rule="admission"), cast.secretary.actor
    member = cast.member.person.pk
    actions.set_present(poll=poll, people=[member], by=secretary)
    actor = cast.member.actor
    deeds = [lambda: actions.cast(poll=poll, choices=YES, by=actor)] * 7
    deeds.append(lambda: actions.give_paper(poll=poll, people=[member], by=secretary))
    answers = at_once(deeds)
    assert sum(isinstance(answer, Refused) for answer in answers) == 7
    row = PollVoter.objects.get(poll=poll, person=member)
    assert PollBallot.objects.count() == (row.way == "phone")


def test_closing_while_people_vote(start, cast, city):
    poll, secretary, people = start(rule="admission"), cast.secretary.actor, city.people["branch"]
    actions.set_present(poll=poll, people=[person.pk for person in people], by=secretary)
    actors = [actor_of_person(person) for person in people]
    deeds = [lambda actor=actor: actions.cast(poll=poll, choices=YES, by=actor) for actor in actors]
    deeds.insert(4, lambda: actions.close_poll(poll=poll, by=secretary))
    answers = at_once(deeds)
    result = answers.pop(4)
    voted = sum(not isinstance(answer, Refused) for answer in answers)
    assert result.collected == voted == PollBallot.objects.count()
    assert result.tallies["question"]["yes"] == voted
