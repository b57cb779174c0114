"""What is done about a standing: reminders, falling short, the level above, closing; once each, on working days."""

import datetime as dt
import threading

import pytest
from django.db import connection

from gongjian.appraisal.standards import actions
from gongjian.appraisal.standards.models import Case, Standing, Sweep
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice

THEME = "theme_day_monthly"


def told(kind: str, org=None) -> list[tuple]:
    """(day, data) of the facts of a kind about theme days of November."""
    rows = Fact.objects.filter(kind=kind, data__duty=THEME, data__period="2026-11").order_by("id")
    rows = rows.filter(org=org.pk) if org else rows
    return [
        (row.recorded_at.astimezone(dt.timezone(dt.timedelta(hours=8))).date().isoformat(), row.data) for row in rows
    ]


def notices(player, kind: str) -> list[Notice]:
    return list(Notice.objects.filter(person=player.person, kind=kind).order_by("created_at", "id"))


@pytest.mark.django_db
def test_a_branch_that_does_nothing(cast, city, diary, deliver, sweep, state):
    """Forecast, reminded twice, short, put before the level above, made good by a late meeting, closed by itself."""
    branch = city.branch
    sweep("2026-11-13 06:00")
    assert state(branch, THEME, "2026-11") == "on_track"
    assert not Case.objects.filter(org=branch, duty=THEME).exists()

    sweep("2026-11-16 06:00")  # the last fourteen days have begun
    assert state(branch, THEME, "2026-11") == "at_risk"
    assert [day for day, _ in told("reminder.sent", branch)] == ["2026-11-16"]
    first = notices(cast.secretary, "reminder")[-1]
    assert "主题党日" in first.title
    assert "最晚11月30日（周一）" in first.body
    assert "11月17日（周二）" in first.body
    assert not notices(cast.member, "reminder"), "a member arranges nothing"

    sweep("2026-11-17 06:00")
    assert len(told("reminder.sent", branch)) == 1, "no mark of the pack lies between"
    sweep("2026-11-28 06:00")  # two days before the end, but a Saturday
    assert len(told("reminder.sent", branch)) == 1
    sweep("2026-11-30 06:00")
    assert [day for day, _ in told("reminder.sent", branch)] == ["2026-11-16", "2026-11-30"]

    sweep("2026-12-01 06:00")
    assert state(branch, THEME, "2026-11") == "short"
    assert told("standing.fell_short", branch) == [
        ("2026-12-01", {"duty": THEME, "period": "2026-11", "required": 1, "done": 0})
    ]
    assert "已过期" in notices(cast.secretary, "reminder")[-1].body
    assert len(told("reminder.sent", branch)) == 2, "the pack's two reminders, not more"

    sweep("2026-12-07 06:00")  # the fifth working day after 30 November
    assert not told("standing.escalated", branch)
    sweep("2026-12-08 06:00")
    assert told("standing.escalated", branch) == [
        ("2026-12-08", {"duty": THEME, "period": "2026-11", "to": city.community.pk, "step": 1})
    ]
    case = Case.objects.get(org=branch, duty=THEME, period="2026-11")
    assert (case.state, case.escalated_to_id) == ("escalated", city.community.pk)
    report = notices(cast.community, "report")[-1]
    assert branch.name in report.body
    assert not notices(cast.street, "report"), "the next level only"

    diary.hold(branch, "theme_day", "2026-12-09", counts_for="2026-11")
    deliver()
    assert state(branch, THEME, "2026-11") == "made_good", "seen as soon as the fact is delivered"
    sweep("2026-12-10 06:00")
    case.refresh_from_db()
    assert (case.state, case.closed_how) == ("closed", "made_good")
    assert told("standing.made_good", branch) == [
        ("2026-12-10", {"duty": THEME, "period": "2026-11", "on": "2026-12-09"})
    ]
    sweep("2026-12-11 06:00")
    assert len(told("standing.made_good", branch)) == 1


@pytest.mark.django_db
def test_holidays_stop_the_ladder(cast, city, sweep):
    """September 2026 ends before the National Day week: 1–7 October are days off, so the fifth working day comes late."""
    from gongjian.ground.policy import calendar

    sweep("2026-09-23 06:00")
    reminded = Fact.objects.filter(kind="reminder.sent", data__duty=THEME, org=city.branch.pk)
    assert reminded.count() == 1
    sweep("2026-10-01 06:00")
    assert Fact.objects.filter(kind="standing.fell_short", data__period="2026-09", data__duty=THEME).exists()
    limit = calendar.add_working_days(dt.date(2026, 9, 30), 5)
    assert limit > dt.date(2026, 10, 10), "five working days after a week of holidays"
    day = dt.date(2026, 10, 2)
    while day <= limit:
        sweep(f"{day} 06:00")
        day += dt.timedelta(days=1)
    assert not Fact.objects.filter(kind="standing.escalated").exists()
    sweep(f"{calendar.add_working_days(limit, 1)} 06:00")
    assert Fact.objects.filter(kind="standing.escalated", org=city.branch.pk, data__duty=THEME).count() == 1


@pytest.mark.django_db
def test_twice_a_day_is_once(cast, city, sweep):
    sweep("2026-11-23 06:00")
    before = (Fact.objects.count(), Notice.objects.count(), Case.objects.count())
    again = sweep("2026-11-23 15:00")
    assert (Fact.objects.count(), Notice.objects.count(), Case.objects.count()) == before
    assert (again.changed, again.opened, again.reminded, again.closed) == (0, 0, 0, 0)


@pytest.mark.django_db
def test_a_plan_rests_the_case_and_calling_it_off_wakes_it(cast, city, diary, sweep):
    sweep("2026-11-23 06:00")
    number = diary.plan(city.branch, "theme_day", "2026-11-27")
    sweep("2026-11-24 06:00")
    case = Case.objects.get(org=city.branch, duty=THEME)
    assert (case.state, case.closed_how) == ("closed", "planned")
    diary.cancel(number, city.branch, "theme_day", "2026-11-27")
    sweep("2026-11-25 06:00")
    case.refresh_from_db()
    assert (case.state, case.closed_how, case.reminders) == ("open", "", 1)
    assert len(told("reminder.sent", city.branch)) == 1


@pytest.mark.django_db
def test_days_without_a_sweep_lose_no_period(cast, city, sweep, state):
    sweep("2026-09-10 06:00")
    sweep("2026-11-23 06:00")
    assert state(city.branch, THEME, "2026-09") == "short"
    assert state(city.branch, THEME, "2026-10") == "short"
    assert not Case.objects.filter(period="2026-09").exists(), "two months ago is history"
    assert Case.objects.filter(org=city.branch, duty=THEME, period="2026-10").exists()


@pytest.mark.django_db
def test_history_is_judged_without_chasing_anybody(cast, city, sweep):
    sweep("2026-11-13 06:00", since=dt.date(2026, 1, 1))
    assert Standing.objects.filter(org=city.branch, duty=THEME, state="short").count() == 10
    assert set(Case.objects.filter(duty=THEME).values_list("period", flat=True)) == {"2026-10"}


@pytest.mark.django_db
def test_a_dissolved_branch_is_left_in_peace(cast, city, sweep):
    from gongjian.records.orgs.models import Organisation

    sweep("2026-11-23 06:00")
    Organisation.objects.filter(pk=city.sister.pk).update(dissolved_on=dt.date(2026, 11, 23))
    sweep("2026-11-24 06:00")
    assert not Standing.objects.filter(org=city.sister).exists()
    assert set(Case.objects.filter(org=city.sister).values_list("state", "closed_how")) == {
        ("closed", "not_applicable")
    }


# ---- urging -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_one_button_for_all_in_a_list(cast, city, sweep, clock):
    sweep("2026-11-23 06:00")
    rows = list(Standing.objects.filter(state="at_risk", duty=THEME).values_list("pk", flat=True))
    assert len(rows) == 4
    done = actions.remind(standings=rows, by=cast.street.actor)
    assert (done["urged"], done["already"]) == (2, 0), "the school and the other district are not the street's"
    assert set(Fact.objects.filter(kind="reminder.sent", data__how="urged").values_list("org", "by")) == {
        (city.branch.pk, cast.street.person.pk),
        (city.sister.pk, cast.street.person.pk),
    }
    last = notices(cast.secretary, "reminder")[-1]
    assert last.body.startswith("唐街 督促您")
    again = actions.remind(standings=rows, by=cast.street.actor)
    assert (again["urged"], again["already"]) == (0, 2)
    assert Fact.objects.filter(kind="reminder.sent", data__how="urged").count() == 2


@pytest.mark.django_db
def test_urging_needs_the_right_and_a_reason(cast, city, sweep, diary, deliver):
    sweep("2026-11-23 06:00")
    row = Standing.objects.get(org=city.branch, duty=THEME)
    for actor in (cast.secretary.actor, cast.member.actor, cast.auditor.actor):
        with pytest.raises(Forbidden):
            actions.remind(standings=[row.pk], by=actor)
    with pytest.raises(Refused):
        actions.remind(standings=[row.pk], by=cast.outsider.actor)
    diary.hold(city.branch, "theme_day", "2026-11-23")
    deliver()
    with pytest.raises(Refused):
        actions.remind(standings=[row.pk], by=cast.street.actor)


# ---- at once ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_once_do_everything_once(cast, city, clock):
    """Four real connections sweep at the same moment."""
    clock.set("2026-11-23 06:00")
    gate, problems = threading.Barrier(4), []

    def run() -> None:
        try:
            gate.wait(20)
            actions.sweep(by=SYSTEM)
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    assert Sweep.objects.count() == 4
    assert sum(Sweep.objects.values_list("reminded", flat=True)) == Case.objects.filter(reminders__gt=0).count() > 0
    sources = list(Fact.objects.filter(kind="reminder.sent").values_list("source", flat=True))
    assert len(sources) == len(set(sources)) == Case.objects.filter(reminders__gt=0).count()
    for player in (cast.secretary, cast.neighbour):
        assert len(notices(player, "reminder")) == 1


@pytest.mark.django_db(transaction=True)
def test_a_sweep_beside_the_listener(cast, city, diary, clock):
    """Facts that come in while the city is swept are neither lost nor judged twice."""
    from gongjian.engines import relay

    clock.set("2026-11-23 06:00")
    problems = []

    def guarded(deed) -> None:
        try:
            for _ in range(3):
                deed()
        except Exception as problem:
            problems.append(problem)
        finally:
            connection.close()

    def hold() -> None:
        diary.hold(city.branch, "theme_day", "2026-11-20")
        relay.deliver("standards")

    threads = [threading.Thread(target=guarded, args=(deed,)) for deed in (hold, lambda: actions.sweep(by=SYSTEM))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    relay.deliver("standards")
    row = Standing.objects.get(org=city.branch, duty=THEME, period="2026-11")
    assert (row.state, row.done) == ("kept", 3)
