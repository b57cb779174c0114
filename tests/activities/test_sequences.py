"""Whatever is done in whatever order: attended facts that nothing corrects are exactly the rows that say 已到."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Attendance
from gongjian.ground.kernel.errors import Refused
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from tests.activities.conftest import at, code_of

WHO = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["code", "list", "withdraw", "ask", "approve", "refuse", "correct_in", "correct_out"]), WHO),
        st.tuples(st.sampled_from(["notify", "open", "hold", "reopen", "record", "sign_off", "cancel"]), st.just(0)),
    ),
    max_size=25,
)  # fmt: skip


def run(step: str, activity, person, actor, by, moment) -> None:
    one = {"activity": activity, "by": by, "at": moment}
    match step:
        case "code":
            actions.check_in(activity_id=activity.pk, by=actor, code=code_of(activity, moment), at=moment)
        case "list":
            actions.check_in_many(**one, people=[person.pk])
        case "withdraw":
            actions.withdraw(**one, person=person.pk, reason="更正")
        case "ask":
            actions.ask_excuse(activity=activity, by=actor, reason="work", at=moment)
        case "approve" | "refuse":
            actions.decide_excuse(**one, person=person.pk, approve=step == "approve")
        case "correct_in" | "correct_out":
            actions.correct_attendance(**one, person=person.pk, present=step == "correct_in", reason="更正")
        case "reopen":
            actions.reopen(**one, reason="漏签")
        case "cancel":
            actions.cancel(**one, reason="停电")
        case "record":
            actions.record_minutes(**one, text="记录")
        case "open":
            actions.open_check_in(**one)
        case _:
            getattr(actions, step)(**one)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_facts_and_rows_agree(city, cast, steps):
    moment = at("2026-11-16 09:20")
    by = cast.secretary.actor
    activity = actions.plan(org=city.branch, kind="theme_day", starts_at=at("2026-11-16 09:10"), by=by, at=moment)
    people = city.people["branch"][3:7]
    actors = [actor_of_person(person, dt.date(2026, 11, 16)) for person in people]
    for step, who in [("open", 0), *steps]:
        try:
            run(step, activity, people[who], actors[who], by, moment)
        except Refused:
            continue
    told = Fact.objects.filter(object_kind="activity", object_id=str(activity.pk))
    corrected = set(told.filter(corrects__isnull=False).values_list("corrects", flat=True))
    there = sorted(told.filter(kind="activity.attended").exclude(pk__in=corrected).values_list("person", flat=True))
    rows = Attendance.objects.filter(activity=activity, status="present").order_by("person")
    assert there == list(rows.values_list("person", flat=True))
    activity.refresh_from_db()
    if activity.state == "signed_off":
        assert activity.present_count == len(there)
        assert not Attendance.objects.filter(activity=activity, status="expected").exists()
