"""An appraisal of the small city's branch at any of its stages: nine formal members, one probationary."""

import datetime as dt

import pytest

from gongjian.desks.reviews import actions, queries
from gongjian.engines.voting import actions as voting
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.access.queries import actor_of_person
from gongjian.records.people import actions as people

STAGES = ("rating", "voting", "counted", "deciding", "closed")


@pytest.fixture
def learner(city, cast):
    """A probationary member of the branch."""
    person = people.register(by=SYSTEM, org=city.branch, name="钱进")
    people.admit(person=person, org=city.branch, by=SYSTEM, kind="probationary", joined_on=dt.date(2026, 6, 1))
    return person


@pytest.fixture
def make(clock, city, cast, learner):
    """`make("closed", grades={"李明": "excellent"})`: a review brought to a stage; everyone else is 合格."""

    def made(stage: str = "rating", *, grades: dict | None = None, org=None, by=None, **close):
        by = by or cast.secretary.actor
        review = actions.open_review(org=org or city.branch, by=by)
        if stage == "rating":
            return review
        actions.open_ballot(review=review, by=by, on_the_spot=False)
        review.refresh_from_db()
        if stage == "voting":
            return review
        for row in list(queries.taking_part(review))[:6]:
            if row.graded:
                choices = {str(one.pk): "qualified" for one in queries.taking_part(review) if one.graded}
                voting.cast(poll=review.poll, choices=choices, by=actor_of_person(row.person))
        voting.close_poll(poll=review.poll, by=by)
        review.refresh_from_db()
        if stage == "counted":
            return review
        actions.begin_deciding(review=review, by=by)
        if stage == "deciding":
            return review
        actions.decide(review=review, verdicts=verdicts(review, grades or {}), by=by)
        actions.close(review=review, by=by, **close)
        return review

    return made


def verdicts(review, grades: dict, reason: str = "表现突出，群众公认") -> dict:
    """Row → (grade, reason) for all who get one; 合格 for whoever is not named."""
    return {
        row.pk: (grades.get(row.person.name, "qualified"), reason if row.person.name in grades else "")
        for row in queries.taking_part(review)
        if row.graded
    }
