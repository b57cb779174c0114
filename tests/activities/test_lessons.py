"""书记讲党课: DOMAIN 1.3, row 党课: “党委（党组）书记每年至少1次”, as the pack says it."""

import pytest

from gongjian.desks.activities import actions, lessons
from gongjian.desks.activities.todos import todos
from gongjian.ground import policy
from gongjian.ground.kernel import clock as kernel_clock

pytestmark = pytest.mark.django_db


def teach(cast, city, clock, *, present: bool = True):
    """The community's secretary gives a lesson in the community, planned and signed off by the secretary."""
    by, person = cast.community.actor, cast.community.person.pk
    activity = actions.plan(org=city.community, kind="party_lesson", by=by, starts_at=clock.now, lecturer=person)
    actions.open_check_in(activity=activity, by=by)
    here = [cast.member.person.pk, *([person] if present else [])]
    actions.add_participants(activity=activity, people=[cast.member.person.pk], by=by)
    actions.check_in_many(activity=activity, people=here, by=by)
    actions.hold(activity=activity, by=by)
    actions.record_minutes(activity=activity, by=by, text="讲了新党章")
    activity.refresh_from_db()
    return actions.sign_off(activity=activity, by=by)


def state(city) -> tuple[int, str]:
    org = city.community
    lessons.put_lessons([org], kernel_clock.today())
    return org.lessons, org.lesson_state


@pytest.mark.parametrize(
    ("month", "before"),
    [("2026-03-16 09:00", "on_track"), ("2026-09-30 09:00", "on_track"), ("2026-10-12 09:00", "at_risk")],
)
def test_a_lesson_a_year(city, cast, clock, month, before):
    clock.set(month)
    assert state(city) == (0, before)
    assert lessons.owed_by(cast.community.actor, kernel_clock.today()) == (before == "at_risk")
    teach(cast, city, clock)
    assert state(city) == (1, "kept")
    assert lessons.owed_by(cast.community.actor, kernel_clock.today()) == 0
    clock.set("2027-01-05 09:00")
    assert state(city)[0] == 0


def test_who_was_not_there_gave_none(city, cast, clock):
    teach(cast, city, clock, present=False)
    assert state(city) == (0, "at_risk")
    assert any("党课" in todo.title for todo in todos(cast.community.actor, kernel_clock.today()))


def test_the_pack_says_how_many(city, cast, clock, pack, monkeypatch):
    teach(cast, city, clock)
    rule = pack.meetings.secretary_lessons.model_copy(update={"times": 2})
    other = pack.model_copy(update={"meetings": pack.meetings.model_copy(update={"secretary_lessons": rule})})
    monkeypatch.setattr(policy, "on", lambda day: other)
    assert state(city) == (1, "at_risk")


def test_the_page(city, cast, clock, queries):
    cast.community.client.get("/activities/lessons/")
    with queries(30):
        page = cast.community.client.get("/activities/lessons/").content.decode()
    assert "梁社" in page
    assert "榕荫社区大党委" not in cast.outsider.client.get("/activities/lessons/").content.decode()
