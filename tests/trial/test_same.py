"""The published result equals what the trial said, fact for fact: trial first, then the draft as the year's pack and the
real listeners from zero."""

import datetime as dt
from collections import Counter

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.appraisal.points.models import Entry, Score
from gongjian.appraisal.standards import actions as standards
from gongjian.appraisal.standards.models import Case, Standing
from gongjian.engines import relay
from gongjian.ground import policy
from gongjian.ground.kernel import clock as times
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy import folders, store
from gongjian.outlets.trial import actions, edits, queries, rules, scoring, standing, working
from gongjian.outlets.trial.models import Lack, Trial
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.facts.stream import last_number, number_pending
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db
YEAR = 2026
TODAY = dt.date(2027, 2, 20)
ENTRY = (
    "fact",
    "seq",
    "rule",
    "subject_kind",
    "subject",
    "day",
    "dimension",
    "pack",
    "deserved",
    "given",
    "withdrawn_by",
)


@pytest.fixture(autouse=True)
def kinds(monkeypatch):
    """Deeds of desks may be told though the desks are not asked here."""
    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)


def tell(kind, day, **what):
    at = times.at_time(day, what.pop("hour", 12))
    return facts.record(kind, by=SYSTEM, at=at, recorded_at=at, **what)


class Diary:
    """Meetings as the desk would tell them: planned some days before, moved, called off, held, attended."""

    def __init__(self) -> None:
        self.number = 0

    def meeting(
        self, org, kind, day, *, planned=None, moved=None, off=False, held=True, counts_for=None, who=(), minutes=60
    ):
        self.number += 1
        obj, data = Ref("activity", str(self.number)), {"activity_kind": kind}
        more = {"counts_for": counts_for} if counts_for else {}
        on = moved or day
        if planned is not None:
            tell(
                "activity.planned",
                day - dt.timedelta(days=planned),
                org=org.pk,
                obj=obj,
                data={**data, "on": day.isoformat(), **more},
            )
            if moved:
                tell("activity.rescheduled", day, org=org.pk, obj=obj, data={**data, "on": moved.isoformat()}, hour=8)
        if off:
            tell("activity.cancelled", on, org=org.pk, obj=obj, data={**data, "on": on.isoformat()})
        elif held:
            tell("activity.signed_off", on, org=org.pk, obj=obj, data={**data, "on": on.isoformat(), **more}, hour=20)
        return [
            tell("activity.attended", on, person=person.pk, org=org.pk, obj=obj, quantity=minutes,
                 data={**data, "role": "attendee", "method": "list"}, hour=19)
            for person in who
        ]  # fmt: skip


def replayed(content, deliver_sweeps=False):
    """Make this the pack of the year and let the real listeners take in everything from zero."""
    pack = folders.parse(content)
    store.keep(pack, content)
    policy.forget()
    for name in ("points", "standards"):
        relay.replay(name)
    Standing.objects.all().delete()
    Case.objects.all().delete()
    standards.sweep(by=SYSTEM, at=times.at_time(TODAY, 6), since=dt.date(YEAR, 1, 1))
    return pack


def real_entries():
    rows = Entry.objects.filter(year=str(YEAR)).values_list(*ENTRY)
    return {row[:3] + row[3:5]: row for row in rows}


def tried_entries(judge):
    rows = [
        (e.fact, e.seq, e.rule, *e.subject, e.day, e.dimension, e.pack, e.deserved, e.given, e.withdrawn_by)
        for entries in judge.by_fact.values() for e in entries
    ]  # fmt: skip
    return {row[:3] + row[3:5]: row for row in rows}


def compare(before, after):
    """Judge the year by both contents as a trial does, then for real by the second; returns the trial's results."""
    while number_pending():
        pass
    packs, upto = (folders.parse(before), folders.parse(after)), last_number()
    most_person, most_org = queries.most()
    judged = {
        kind: scoring.judged(scoring.Span(kind, 0, most + 1, YEAR, upto), packs)[0][1]
        for kind, most in (("person", most_person), ("organisation", most_org))
    }
    cut = (most_person + 1) // 2
    parts = [
        scoring.persons(scoring.Span("person", low, high, YEAR, upto), packs)
        for low, high in ((0, cut), (cut, most_person + 1))
    ]
    summary, lines = standing.both(packs, YEAR, TODAY, upto)
    views = standing.views_now()
    held = standing.held(packs, YEAR, upto, views)
    cells = {
        (org, duty.id, period): (one.required, one.done, one.planned, one.state)
        for org, duty, period, one in standing.standings(packs[1], YEAR, TODAY, views, held)
    }
    alone = standing.held(packs[:1], YEAR, upto, views)
    assert list(standing.standings(packs[0], YEAR, TODAY, views, held)) == list(
        standing.standings(packs[0], YEAR, TODAY, views, alone)
    ), "the one pack is judged as if the other were not there"
    pack = replayed(after)
    entries = {**tried_entries(judged["person"]), **tried_entries(judged["organisation"])}
    assert entries == real_entries()
    told = len(entries)
    for row in Score.objects.filter(period=str(YEAR)):
        total = scoring.year_total(judged[row.subject_kind], row.subject_kind, row.subject, YEAR)
        assert row.total == total
        assert row.points == max(total, pack.points.frame.floor)
    real = Standing.objects.filter(due_on__gte=dt.date(YEAR, 1, 1), due_on__lte=dt.date(YEAR, 12, 31))
    assert cells == {
        (row.org_id, row.duty, row.period): (row.required, row.done, row.planned, row.state) for row in real
    }
    short = Counter((row.org_id, row.duty) for row in real.filter(state="short"))
    assert {line[:2]: line[3] for line in lines if line[3]} == dict(short)
    found = rules.merged([*parts, summary]) | {"entries": told, "cells": len(cells)}
    places = rules.band_places(pack)
    bands = Counter(
        pack.points.band(score).id for score in (
            Score.objects.filter(subject_kind="person", period=str(YEAR), org__isnull=False).values_list("points", flat=True)
        )
    )  # fmt: skip
    shown = Counter()
    for cell in found["persons"]["cells"]:
        shown[places[cell[4]][1]] += cell[-1]
    lowest = places[0][1]
    assert {**shown, lowest: 0} == {**bands, lowest: 0}, (
        "who has no points at all stands in the lowest band of the trial"
    )
    return found


def changed(content, **edit):
    return edits.laid_over(content, edit, starts_on=dt.date(YEAR, 1, 1), version="2026.7")


EDITS = {
    "rules/attend_theme_day": {"points": "3", "at_most.points": "4", "at_most.per": "quarter"},
    "rules/held_volunteer_service": {"off": "true"},
    "rules/attend_volunteer_service": {"per_quantity": "30"},
    "dimensions/organisational_life": {"full": "9"},
    "duties/theme_day_monthly": {"times": "2"},
    "duties/party_lesson_quarterly": {"per": "month", "applies_to": ["branch"]},
    "duties/heart_to_heart_yearly": {"off": "true"},
}


def year_of(city, diary):
    """A year with everything in it: moved, called off, made good, corrected, withdrawn, deducted, a member who leaves."""
    first, sister = city.people["branch"], city.people["sister"]
    for month in range(1, 13):
        if month != 5:
            diary.meeting(city.branch, "theme_day", dt.date(YEAR, month, 10), planned=6, who=first[:6])
        diary.meeting(
            city.branch, "committee_meeting", dt.date(YEAR, month, 25), planned=2 if month % 2 else None, who=first[:3]
        )
    diary.meeting(city.branch, "theme_day", dt.date(YEAR, 6, 8), counts_for=f"{YEAR}-05", who=first[:4])
    diary.meeting(city.branch, "theme_day", dt.date(YEAR, 3, 28), planned=9, moved=dt.date(YEAR, 4, 2), who=first[5:])
    diary.meeting(city.sister, "theme_day", dt.date(YEAR, 2, 20), planned=8, off=True)
    diary.meeting(city.sister, "party_lesson", dt.date(YEAR, 2, 20), planned=8, who=sister, minutes=95)
    diary.meeting(city.group, "group_meeting", dt.date(YEAR, 8, 12), who=first[:2])
    told = [
        fact for day in (3, 9, 15, 21)
        for fact in diary.meeting(city.sister, "volunteer_service", dt.date(YEAR, 7, day), who=sister, minutes=120)
    ]  # fmt: skip
    tell(
        "activity.attendance_withdrawn",
        dt.date(YEAR + 1, 1, 8),
        person=told[0].person,
        org=city.sister.pk,
        corrects=told[0].pk,
    )
    tell("activity.attended", dt.date(YEAR, 7, 30), person=told[4].person, org=city.sister.pk, quantity=30,
         corrects=told[4].pk, data={"activity_kind": "volunteer_service", "role": "attendee"})  # fmt: skip
    tell("points.deducted", dt.date(YEAR, 9, 9), person=first[0].pk, data={"rule": "absent_without_leave"})
    people.move_member(person=first[8], to=city.sister, by=SYSTEM, on=dt.date(YEAR, 10, 2))
    people.leave(person=sister[2], by=SYSTEM, on=dt.date(YEAR, 11, 3), reason="转出")


def test_a_year_comes_out_as_the_trial_said(city, clock):
    clock.set("2026-12-31 09:00")
    year_of(city, Diary())
    clock.set("2027-02-20 06:00")
    base = store.latest()[1]
    found = compare(base | {"effective_from": "2026-01-01"}, changed(base, **EDITS))
    assert found["entries"] > 50
    assert found["cells"] > 100
    months = found["standings"]["months"]
    assert sum(counts[1] for month in months.values() for counts in [month.get("reminded", [0, 0])]) > 0
    assert (
        found["persons"]["dimensions"]["organisational_life"][0]
        != found["persons"]["dimensions"]["organisational_life"][1]
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["theme_day", "party_lesson", "volunteer_service", "committee_meeting"]),
        st.integers(0, 2),  # which branch
        st.integers(0, 400),  # days from 1 December before
        st.sampled_from([None, 2, 10]),  # planned before
        st.sampled_from(["held", "moved", "off", "plan", "withdrawn", "late"]),
        st.integers(0, 3),
    ),
    min_size=4, max_size=14,
)  # fmt: skip
TUNED = st.fixed_dictionaries({}, optional={
    "rules/attend_theme_day": st.fixed_dictionaries({"points": st.sampled_from(["1", "3"]), "at_most.points": st.sampled_from(["3", "6"])}),
    "rules/attend_party_lesson": st.just({"off": "true"}),
    "dimensions/service": st.fixed_dictionaries({"full": st.sampled_from(["4", "12"])}),
    "duties/theme_day_monthly": st.fixed_dictionaries({"times": st.sampled_from(["1", "2"]), "per": st.sampled_from(["month", "quarter"])}),
    "duties/committee_meeting_monthly": st.just({"off": "true"}),
})  # fmt: skip


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, tuned=TUNED)
def test_any_history_comes_out_as_the_trial_said(city, clock, steps, tuned):
    branches = [("branch", city.branch), ("sister", city.sister), ("other_branch", city.other_branch)]
    with transaction.atomic():
        clock.set("2026-12-31 09:00")
        diary = Diary()
        for kind, which, offset, planned, how, n in steps:
            name, org = branches[which]
            day = dt.date(YEAR - 1, 12, 1) + dt.timedelta(days=offset)
            told = diary.meeting(
                org, kind, day, planned=planned, held=how != "plan", off=how == "off",
                moved=day + dt.timedelta(days=9) if how == "moved" and planned else None, who=city.people[name][: n + 1],
                counts_for=times.period_of(day - dt.timedelta(days=31), "month") if how == "late" else None, minutes=60 * n + 30,
            )  # fmt: skip
            if how == "withdrawn" and told:
                tell("activity.attendance_withdrawn", day, person=told[0].person, corrects=told[0].pk, hour=22)
        clock.set("2027-02-20 06:00")
        base = store.latest()[1]
        compare(base | {"effective_from": "2026-01-01"}, changed(base, **tuned))
        transaction.set_rollback(True)
    policy.forget()


def test_reminders_are_those_of_the_daily_sweep(city, clock):
    """The sweep really run on each day of four months says the same, day for day, as its replay in the trial."""
    clock.set("2025-12-31 09:00")
    diary = Diary()
    stories = (
        (dt.date(YEAR, 1, 20), 12, None, False), (dt.date(YEAR, 2, 26), 1, None, False), (dt.date(YEAR, 3, 24), 5, None, True),
    )  # fmt: skip
    base = store.latest()[1]
    content = base | {"effective_from": "2025-01-01", "version": "2025.5"}
    store.keep(folders.parse(content), content)
    policy.forget()
    waiting = sorted(
        [(day - dt.timedelta(days=before), "plan", day, off) for day, before, _moved, off in stories]
        + [(day, "off" if off else "held", day, off) for day, _before, _moved, off in stories]
    )
    day = dt.date(YEAR, 1, 1)
    numbers = {}
    while day <= dt.date(YEAR, 4, 30):
        clock.set(f"{day} 06:00")
        standards.sweep(by=SYSTEM, at=times.at_time(day, 6))
        for when, what, about, _off in waiting:
            if when == day:
                obj = numbers.setdefault(about, Ref("activity", str(len(numbers) + 1)))
                verb = {"plan": "planned", "off": "cancelled", "held": "signed_off"}[what]
                tell(
                    f"activity.{verb}",
                    day,
                    org=city.branch.pk,
                    obj=obj,
                    data={"activity_kind": "theme_day", "on": about.isoformat()},
                )
        day += dt.timedelta(days=1)
    assert diary.number == 0
    real = Counter()
    for kind, name in (
        ("reminder.sent", "reminded"),
        ("standing.fell_short", "fell"),
        ("standing.escalated", "reported"),
    ):
        for fact in Fact.objects.filter(kind=kind):
            if fact.data.get("step", 1) > 1:
                continue  # a trial counts the first report, not how far up it goes from there
            if fact.data["period"].startswith(str(YEAR)):
                real[(fact.org, fact.data["duty"], name, times.day_of(fact.at))] += 1
    while number_pending():
        pass
    pack, views, today = folders.parse(content), standing.views_now(), dt.date(YEAR, 4, 30)
    held = standing.held((pack,), YEAR, last_number(), views)
    sweeps, said = standing.Sweeps(pack, today), Counter()
    for org, duty, period, _one in standing.standings(pack, YEAR, today, views, held):
        key = (standing.Shape.of(duty), org, period)
        story = sweeps.of(duty, views[org], period, held.seen.get(key, []))
        for when in story.reminded:
            said[(org, duty.id, "reminded", when)] += 1
        for name, when in (("fell", story.fell), ("reported", story.reported)):
            if when is not None:
                said[(org, duty.id, name, when)] += 1
    assert said == real
    assert {key[2] for key in said} == {"reminded", "fell", "reported"}


def test_a_killed_part_is_made_up_for_and_nothing_counts_twice(city, clock, tune):
    clock.set("2026-12-31 09:00")
    year_of(city, Diary())
    draft = tune(
        actions.begin(title="改主题党日", by=SYSTEM), "rules", "attend_theme_day", points="3", at_most__points="6"
    )
    before = (Entry.objects.count(), Standing.objects.count(), Fact.objects.count())
    trial = actions.try_out(draft=draft, year=YEAR, by=SYSTEM)
    assert actions.try_out(draft=draft, year=YEAR, by=SYSTEM) == trial, "asked twice, begun once"
    killed = working.claim()
    assert working.claim().pk != killed.pk
    clock.forward(seconds=40)
    working.work_off()
    trial.refresh_from_db()
    assert trial.state == "done"
    lines = Lack.objects.filter(trial=trial).count()
    assert lines > 0
    working.work(killed)
    assert Lack.objects.filter(trial=trial).count() == lines
    assert Trial.objects.get(pk=trial.pk).results == trial.results
    assert actions.try_out(draft=draft, year=YEAR, by=SYSTEM) == trial, "nothing new has been told"
    assert (Entry.objects.count(), Standing.objects.count(), Fact.objects.count()) == before, "nothing real was touched"
    clock.forward(days=91)
    from gongjian.outlets.trial import jobs

    assert jobs.tidy() == 1
