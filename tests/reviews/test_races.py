"""Several at once, on real connections: one review a year, one close, no rating after the ballot."""

import pytest

from gongjian.desks.reviews import actions
from gongjian.desks.reviews.models import Review, Verdict
from gongjian.ground.kernel.errors import Refused
from gongjian.records.facts.models import Fact
from tests.activities.test_races import at_once
from tests.reviews.conftest import verdicts

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_openings_are_one(city, cast):
    actor = cast.secretary.actor
    answers = at_once([lambda: actions.open_review(org=city.branch, by=actor)] * 3)
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert Review.objects.count() == 1
    assert Fact.objects.filter(kind="review.opened").count() == 1


def test_two_closings_are_one(make, cast):
    review, actor = make("deciding"), cast.secretary.actor
    actions.decide(review=review, verdicts=verdicts(review, {}), by=actor)
    copies = [Review.objects.select_related("org", "poll").get(pk=review.pk) for _n in range(2)]
    answers = at_once([lambda copy=copy: actions.close(review=copy, by=actor) for copy in copies])
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Verdict.objects.count() == 9
    assert Fact.objects.filter(kind="review.graded").count() == 9
