"""Facts become occurrences and standings: order, moving, calling off, correcting, replay."""

import datetime as dt

import pytest

from gongjian.appraisal.standards import actions
from gongjian.appraisal.standards.models import Occurrence, Standing, Watched
from gongjian.engines import relay
from gongjian.ground.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db


def test_a_meeting_from_plan_to_sign_off(city, diary, deliver, sweep, state):
    sweep("2026-11-24 06:00")
    assert state(city.branch, "theme_day_monthly", "2026-11") == "at_risk"
    number = diary.plan(city.branch, "theme_day", "2026-11-26")
    deliver()
    assert state(city.branch, "theme_day_monthly", "2026-11") == "on_track"
    diary.move(number, city.branch, "theme_day", "2026-12-03")
    deliver()
    assert state(city.branch, "theme_day_monthly", "2026-11") == "at_risk", "moved out of the month"
    diary.move(number, city.branch, "theme_day", "2026-11-27")
    diary.cancel(number, city.branch, "theme_day", "2026-11-27")
    deliver()
    assert state(city.branch, "theme_day_monthly", "2026-11") == "at_risk", "called off"
    number = diary.plan(city.branch, "theme_day", "2026-11-27")
    diary.hold(city.branch, "theme_day", "2026-11-27", number=number)
    deliver()
    row = Standing.objects.get(org=city.branch, duty="theme_day_monthly", period="2026-11")
    assert (row.state, row.done, row.planned, row.since) == ("kept", 1, 0, dt.date(2026, 11, 27))


def test_a_plan_told_late_does_not_undo_what_was_held(city, diary, deliver):
    number = diary.hold(city.branch, "theme_day", "2026-11-10")
    deliver()
    diary._tell("planned", number, city.branch, "theme_day", dt.date(2026, 11, 10))
    deliver()
    assert Occurrence.objects.get().state == "done"


def test_only_touched_cells_are_judged(city, diary, deliver):
    diary.hold(city.branch, "theme_day", "2026-11-10")
    deliver()
    assert set(Standing.objects.values_list("org", "duty", "period")) == {
        (city.branch.pk, "theme_day_monthly", "2026-11")
    }


def test_a_group_meeting_touches_its_branch(city, diary, deliver, state):
    diary.hold(city.group, "group_meeting", "2026-11-10")
    deliver()
    assert state(city.branch, "group_meeting_monthly", "2026-11") == "kept"


def test_facts_of_unknown_organisations_and_odd_days_stop_nobody(city, diary, deliver, state):
    class Ghost:
        pk = 99_999_999

    diary.hold(Ghost, "theme_day", "2026-11-10")
    diary.hold(city.branch, "theme_day", "2026-11-10", counts_for="2026-13")
    diary.hold(city.sister, "theme_day", "2026-11-10", counts_for="2026Q4")
    deliver()
    assert state(city.branch, "theme_day_monthly", "2026-11") == "kept", "no period: counts by its day"
    assert state(city.sister, "theme_day_monthly", "2026-11") is None, "names a quarter: counts for no month"


def test_plans_of_later_periods_wait_for_their_time(city, diary, deliver, sweep, state):
    diary.plan(city.branch, "theme_day", "2026-12-05")
    deliver()
    assert not Standing.objects.filter(period="2026-12").exists()
    sweep("2026-12-01 06:00")
    row = Standing.objects.get(org=city.branch, duty="theme_day_monthly", period="2026-12")
    assert (row.planned, row.state) == (1, "on_track")


def snapshot() -> tuple[list, list]:
    keys = ("matched", "object_kind", "object_id", "org", "on", "counts_for", "state")
    columns = [field.attname for field in Standing._meta.fields if field.name != "id"]
    return (
        list(Occurrence.objects.order_by(*keys[:3]).values_list(*keys)),
        list(Standing.objects.order_by("org_id", "duty", "period").values_list(*columns)),
    )


def test_replay_comes_out_the_same(city, diary, deliver, sweep):
    for place, org in enumerate((city.branch, city.sister, city.unit_branch, city.other_branch)):
        for month in (9, 10, 11):
            number = diary.plan(org, "theme_day", f"2026-{month:02d}-05")
            if (place + month) % 3:
                diary.hold(org, "theme_day", f"2026-{month:02d}-06", number=number)
            elif month % 2:
                diary.cancel(number, org, "theme_day", f"2026-{month:02d}-05")
    diary.hold(city.unit_branch, "theme_day", "2026-11-12", counts_for="2026-10")
    diary.hold(city.group, "group_meeting", "2026-11-12")
    sweep("2026-11-25 06:00", since=dt.date(2026, 9, 1))
    before = snapshot()
    assert len(before[0]) > 10
    assert {row[6] for row in before[1]} >= {"kept", "made_good", "short", "at_risk", "on_track"}
    relay.replay("standards")
    assert snapshot()[0] == before[0]
    sweep("2026-11-25 07:00", since=dt.date(2026, 9, 1))
    assert snapshot() == before


def test_a_new_duty_of_the_pack_is_collected_from_the_beginning(city, diary, deliver, sweep, pack, monkeypatch, state):
    """A pack that begins to count something else finds what happened before it was loaded."""
    from gongjian.ground import policy

    number = diary.hold(city.branch, "theme_day", "2026-11-10")
    diary._tell("signed_off", number + 1, city.branch, "study_tour", dt.date(2026, 11, 11))
    deliver()
    new = pack.duty("theme_day_monthly").model_copy(
        update={
            "id": "study_tour_monthly",
            **{
                name: pack.duty("theme_day_monthly").done_by.model_copy(
                    update={"fact": f"activity.{verb}", "where": {"activity_kind": ("study_tour",)}}
                )
                for name, verb in (("done_by", "signed_off"), ("planned_by", "planned"))
            },
        }
    )
    changed = pack.model_copy(update={"duties": (*pack.duties, new), "version": "2026.2"})
    monkeypatch.setattr(policy, "current", lambda: changed)
    monkeypatch.setattr(policy, "on", lambda day: changed)
    sweep()
    assert state(city.branch, "study_tour_monthly", "2026-11") == "kept"
    assert Watched.objects.count() == len(
        {*Occurrence.objects.values_list("matched", flat=True)} | {*Watched.objects.values_list("matched", flat=True)}
    )
    row = Standing.objects.get(org=city.branch, duty="theme_day_monthly", period="2026-11")
    assert row.pack_version == "2026.2"


def test_a_batch_costs_few_statements(city, diary, queries, clock):
    for day in range(1, 16):
        for org in (city.branch, city.sister):
            diary.plan(org, "theme_day", f"2026-11-{day:02d}")
    from gongjian.appraisal.standards.listeners import StandardsListener
    from gongjian.records.facts.stream import number_pending, read

    number_pending()
    batch = read(0, 2000, StandardsListener().kinds)
    assert len(batch) == 30
    with queries(20):
        StandardsListener().handle(batch)
    assert Occurrence.objects.count() == 30


def test_sweeping_needs_the_right(cast):
    from gongjian.ground.kernel.errors import Forbidden

    for actor in (cast.secretary.actor, cast.resident.actor, cast.nobody):
        with pytest.raises(Forbidden):
            actions.sweep(by=actor)
    assert actions.sweep(by=SYSTEM).by is None
