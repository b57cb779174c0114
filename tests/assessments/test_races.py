"""Two at once: the database decides."""

import pytest

from gongjian.appraisal.assessments import actions
from gongjian.appraisal.assessments.models import Assessment, Mark, Visit
from gongjian.ground.kernel.errors import Refused
from gongjian.records.facts.models import Fact
from tests.assessments.conftest import CENTRES, scores
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_opening_handing_in_and_accepting_twice_at_once(city, cast, ground):
    street, community = cast.street.actor, cast.community.actor
    opened = at_once([lambda: actions.open_many(standard=CENTRES, subjects=[ground.centre], by=street)] * 2)
    assert sorted(opened) == [0, 1]
    one = Assessment.objects.get()
    assert Fact.objects.filter(kind="assessment.opened").count() == 1

    def visit():
        return actions.hand_in_visit(
            assessment=one, key="visit-race1", given=scores(CENTRES), visited_on=one.opened_on, by=street
        ).new

    assert sorted(at_once([visit, visit])) == [False, True]
    assert (Visit.objects.count(), Mark.objects.count()) == (1, len(scores(CENTRES)))
    actions.assess(assessment=one, by=street)
    actions.tell(assessment=one, by=street)
    accepted = at_once([lambda: actions.accept(assessment=one, by=community), lambda: actions.daily() and None])
    accepted += at_once([lambda: actions.accept(assessment=one, by=community)] * 2)
    assert sum(isinstance(answer, Refused) for answer in accepted) == 2
    assert Fact.objects.filter(kind="assessment.concluded").count() == 1
