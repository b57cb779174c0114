"""Several at once, on real connections: one wins, numbers have no holes and no doubles."""

import pytest

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.models import Letter, LetterSeries, Transfer
from gongjian.ground.kernel.errors import Refused
from gongjian.records.facts.models import Fact
from gongjian.records.people.models import Membership
from tests.activities.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def copies(transfer, number=2):
    return [Transfer.objects.get(pk=transfer.pk) for _n in range(number)]


def test_two_secretaries_accept(make, city, cast, far):
    first, second = copies(make("received"))
    above = far.secretary.actor
    answers = at_once([
        lambda: actions.accept(transfer=first, by=above), lambda: actions.accept(transfer=second, by=above),
    ])  # fmt: skip
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert (
        Fact.objects.filter(kind="member.moved").count() == Fact.objects.filter(kind="transfer.accepted").count() == 1
    )
    assert Membership.objects.filter(person=cast.member.person, ends_on__isnull=True).count() == 1


def test_accepted_and_withdrawn(make, cast, far):
    first, second = copies(make("received"))
    take, leave = far.secretary.actor, cast.member.actor
    answers = at_once([
        lambda: actions.accept(transfer=first, by=take), lambda: actions.withdraw(transfer=second, by=leave),
    ])  # fmt: skip
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    moved = Membership.objects.filter(person=cast.member.person, ends_on__isnull=False).exists()
    assert Transfer.objects.get().state == ("done" if moved else "withdrawn")


def test_numbers_without_holes_or_doubles(clock, city, cast, far):
    people = city.people["branch"][3:9]
    made = actions.start_many(
        org=city.branch, wanted=[actions.Wanted(person.pk, city.other_branch) for person in people], reason="work",
        by=cast.secretary.actor,
    )  # fmt: skip
    clerk = cast.street.actor

    def write(transfer, days):
        return lambda: actions.issue(transfer=transfer, by=clerk, days=days)

    # one asks for too many days and fails among the others; the first is asked for twice
    deeds = [write(one, 10) for one in made[:-1]] + [write(made[-1], 400), write(copies(made[0])[0], 10)]
    answers = at_once(deeds)
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert sorted(Letter.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    assert LetterSeries.objects.get().last == 5


def test_two_ways_at_once(clock, city, cast, far):
    member, secretary = cast.member.actor, cast.secretary.actor
    answers = at_once([
        lambda: actions.ask(by=member, to=city.other_branch, reason="home"),
        lambda: actions.start(person=cast.member.person, by=secretary, to=city.unit_branch, reason="work"),
    ])  # fmt: skip
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Transfer.objects.count() == 1
