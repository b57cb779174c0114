"""Several at once, on real connections: one wins, everyone gets a true answer, facts are written once."""

import pytest

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground.kernel.errors import Refused
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from tests.activities.conftest import code_of
from tests.at_once import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_sign_offs(make, cast):
    activity = make("recorded")
    first, second = cast.secretary.actor, cast.community.actor
    copies = [Activity.objects.get(pk=activity.pk) for _n in range(2)]
    answers = at_once([
        lambda: actions.sign_off(activity=copies[0], by=first), lambda: actions.sign_off(activity=copies[1], by=second),
    ])  # fmt: skip
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert Fact.objects.filter(kind="activity.signed_off").count() == 1
    activity.refresh_from_db()
    winner = next(answer for answer in answers if not isinstance(answer, Refused))
    assert activity.signed_by == winner.signed_by


def test_the_same_check_in_from_eight_threads(make, cast):
    activity = make("open")
    actor, code = cast.member.actor, code_of(activity)
    answers = at_once([lambda: actions.check_in(activity_id=activity.pk, by=actor, code=code)] * 8)
    assert [answer.first for answer in answers].count(True) == 1
    assert len({answer.at for answer in answers}) == 1
    assert Fact.objects.filter(kind="activity.attended").count() == 1
    row = Attendance.objects.get(activity=activity, person=cast.member.person)
    assert (row.status, row.rounds) == ("present", 1)


def test_a_whole_branch_and_the_secretarys_list_at_once(make, city, cast):
    activity = make("open")
    code, people = code_of(activity), city.people["branch"]
    actors = [actor_of_person(person) for person in people]
    secretary = cast.secretary.actor
    deeds = [lambda actor=actor: actions.check_in(activity_id=activity.pk, by=actor, code=code) for actor in actors]
    deeds.append(lambda: actions.check_in_many(activity=activity, people=[p.pk for p in people], by=secretary))
    answers = at_once(deeds)
    assert not [answer for answer in answers if isinstance(answer, Refused)]
    assert Fact.objects.filter(kind="activity.attended").count() == len(people)
    assert Attendance.objects.filter(activity=activity, status="present", rounds=1).count() == len(people)
    assert sum(answer.first for answer in answers[:-1]) + answers[-1] == len(people)


def test_closing_while_people_check_in(make, city, cast, clock):
    """Whoever got an answer is there; whoever was refused is absent; nobody is both."""
    activity = make("open")
    code, people = code_of(activity), city.people["branch"]
    actors, secretary = [actor_of_person(person) for person in people], cast.secretary.actor
    deeds = [lambda actor=actor: actions.check_in(activity_id=activity.pk, by=actor, code=code) for actor in actors]
    deeds.insert(4, lambda: actions.hold(activity=activity, by=secretary))
    answers = at_once(deeds)
    answers.pop(4)
    came = {person.pk for person, answer in zip(people, answers, strict=True) if not isinstance(answer, Refused)}
    assert set(Attendance.objects.filter(activity=activity, status="present").values_list("person", flat=True)) == came
    assert set(Fact.objects.filter(kind="activity.attended").values_list("person", flat=True)) == came
    assert Attendance.objects.filter(activity=activity, status="absent").count() == len(people) - len(came)


def test_one_cancels_while_another_opens(make, cast):
    activity = make("notified")
    copies = [Activity.objects.get(pk=activity.pk) for _n in range(2)]
    by = cast.secretary.actor
    at_once([
        lambda: actions.cancel(activity=copies[0], reason="停电", by=by),
        lambda: actions.open_check_in(activity=copies[1], by=by),
    ])  # fmt: skip
    activity.refresh_from_db()
    facts = set(Fact.objects.values_list("kind", flat=True))
    assert activity.state in ("cancelled", "open")
    if activity.state == "open":
        assert "activity.cancelled" not in facts
    assert Fact.objects.filter(kind="activity.cancelled").count() == (activity.state == "cancelled")


def test_the_same_plan_told_twice_at_once(make, city, cast):
    starts, by = make().starts_at, cast.secretary.actor
    answers = at_once(
        [lambda: actions.plan(org=city.branch, kind="theme_day", starts_at=starts, by=by, source="api:7")] * 4
    )
    assert len({answer.pk for answer in answers}) == 1
    assert Activity.objects.filter(source="api:7").count() == 1
