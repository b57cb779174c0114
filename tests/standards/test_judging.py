"""The statement over tables against the meaning of the pack: rows of DOMAIN 1.3, and random cities."""

import datetime as dt

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.appraisal.standards import judging, rules
from gongjian.appraisal.standards.models import Occurrence, Standing
from gongjian.ground.kernel.clock import period_of
from gongjian.ground.policy import rules as meaning
from gongjian.records.orgs.models import Organisation

pytestmark = pytest.mark.django_db


def an_org(number: int = 1, **fields) -> Organisation:
    values = {"kind": "branch", "level": "branch", "founded_on": dt.date(2020, 1, 1), "formal_count": 9} | fields
    org = Organisation.objects.create(code=f"J{number:05d}", name=f"支部{number}", **values)
    Organisation.objects.filter(pk=org.pk).update(path=f"/{org.pk}/", territory_path=f"/{org.pk}/")
    return org


def an_occurrence(duty, org, on: str, state: str = "done", counts_for: str = "", number: list = [0]) -> None:  # noqa: B006
    number[0] += 1
    Occurrence.objects.create(
        matched=rules.match_key(duty), object_kind="activity", object_id=str(number[0]), org=org,
        on=dt.date.fromisoformat(on), state=state, counts_for=counts_for,
    )  # fmt: skip


def kept_state(pack, duty, org, today: str, on: str | None = None) -> str | None:
    """Judge and read the standing for the period of `on`."""
    now = dt.date.fromisoformat(today)
    period = period_of(dt.date.fromisoformat(on) if on else now, duty.per)
    with transaction.atomic():
        judging.judge(pack=pack, duty=duty, periods=[period], today=now)
    row = Standing.objects.filter(org=org, duty=duty.id, period=period).first()
    return row.state if row else None


# DOMAIN 1.3, 《中国共产党支部工作条例（试行）》: article or section, duty, what was held, the day it is looked at, state
ROWS = [
    # 第十一条 支部党员大会一般每季度1次: the quarter's first and last day count, the days beside them do not
    ("art. 11", "branch_assembly_quarterly", ["2026-10-01"], "2026-10-01", None, "kept"),
    ("art. 11", "branch_assembly_quarterly", ["2026-12-31"], "2026-12-31", None, "kept"),
    ("art. 11", "branch_assembly_quarterly", ["2026-09-30"], "2026-12-31", None, "at_risk"),
    ("art. 11", "branch_assembly_quarterly", [], "2026-12-10", None, "on_track"),
    ("art. 11", "branch_assembly_quarterly", [], "2026-12-11", None, "at_risk"),
    ("art. 11", "branch_assembly_quarterly", [], "2027-01-01", "2026-12-31", "short"),
    # 第十二条 支部委员会会议一般每月1次
    ("art. 12", "committee_meeting_monthly", ["2026-11-30"], "2026-11-30", None, "kept"),
    ("art. 12", "committee_meeting_monthly", ["2026-12-01"], "2026-12-01", "2026-11-30", "short"),
    ("art. 12", "committee_meeting_monthly", [], "2026-11-15", None, "on_track"),
    ("art. 12", "committee_meeting_monthly", [], "2026-11-16", None, "at_risk"),
    # February ends on the 28th in 2026 and on the 29th in 2028: the warning begins fourteen days before
    ("art. 12", "committee_meeting_monthly", [], "2026-02-13", None, "on_track"),
    ("art. 12", "committee_meeting_monthly", [], "2026-02-14", None, "at_risk"),
    ("art. 12", "committee_meeting_monthly", [], "2028-02-14", None, "on_track"),
    # 党课: 每季度至少1次 is the common local rule (DOMAIN 1.3: count = local parameter)
    ("local", "party_lesson_quarterly", ["2026-07-01"], "2026-09-30", None, "kept"),
    # 主题党日 每月相对固定1天
    ("theme day", "theme_day_monthly", ["2026-11-18"], "2026-11-19", None, "kept"),
    ("theme day", "theme_day_monthly", ["2026-10-31"], "2026-12-01", "2026-11-15", "short"),
    # 组织生活会 ≥1 a year, generally in Q4; 民主评议 1 a year; 谈心谈话 ≥1 a year
    ("≥1 a year", "organisational_life_meeting_yearly", ["2026-01-01"], "2026-01-02", None, "kept"),
    ("≥1 a year", "organisational_life_meeting_yearly", [], "2026-11-15", None, "on_track"),
    ("≥1 a year", "organisational_life_meeting_yearly", [], "2026-11-16", None, "at_risk"),
    ("1 a year", "appraisal_of_members_yearly", ["2026-12-31"], "2027-01-01", "2026-12-31", "kept"),
    ("≥1 a year", "heart_to_heart_yearly", [], "2027-01-01", "2026-06-01", "short"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "duty_id", "held", "today", "on", "expected"), ROWS)
def test_the_frequency_table(pack, source, duty_id, held, today, on, expected):
    duty, org = pack.duty(duty_id), an_org()
    for day in held:
        an_occurrence(duty, org, day)
    assert kept_state(pack, duty, org, today, on) == expected


@pytest.mark.parametrize(
    ("formal", "expected"), [(6, None), (7, "on_track"), (8, "on_track")], ids=["6 formal", "exactly 7", "8 formal"]
)
def test_committee_meetings_only_from_seven_formal_members(pack, formal, expected):
    """DOMAIN 1.1.8: fewer than seven formal members, no committee; 1.3: not applicable where there is none."""
    org = an_org(formal_count=formal, member_count=formal + 3)
    assert kept_state(pack, pack.duty("committee_meeting_monthly"), org, "2026-11-02") == expected
    assert kept_state(pack, pack.duty("theme_day_monthly"), org, "2026-11-02") == "on_track"


def test_group_meetings_only_where_there_are_groups(pack):
    """DOMAIN 1.3: 党小组会 not applicable where there are no groups."""
    duty = pack.duty("group_meeting_monthly")
    none, some = an_org(1, group_count=0), an_org(2, group_count=1)
    assert kept_state(pack, duty, none, "2026-11-02") is None
    assert kept_state(pack, duty, some, "2026-11-02") == "on_track"


def test_what_a_group_holds_counts_for_its_branch(pack):
    duty, org = pack.duty("group_meeting_monthly"), an_org(1, group_count=2)
    group = an_org(2, kind="group", level="group", parent=org, formal_count=0)
    an_occurrence(duty, group, "2026-11-10")
    assert kept_state(pack, duty, org, "2026-11-12") == "kept"
    assert not Standing.objects.filter(org=group).exists()
    theme = pack.duty("theme_day_monthly")  # held_by own: a group's theme day is not the branch's
    an_occurrence(theme, group, "2026-11-10")
    assert kept_state(pack, theme, org, "2026-11-12") == "on_track"


@pytest.mark.parametrize(
    ("founded", "dissolved", "expected"),
    [
        ("2026-11-01", None, "at_risk"),
        ("2026-11-02", None, None),
        ("2026-11-15", None, None),
        ("2020-01-01", "2026-11-10", None),
        ("2020-01-01", "2026-11-30", None),
        ("2020-01-01", "2026-12-01", "at_risk"),
    ],
    ids=["first day", "second day", "mid-month", "dissolved inside", "dissolved on the last day", "dissolved after"],
)
def test_part_of_a_month_does_not_count(pack, founded, dissolved, expected):
    """Pack: founding skip; an organisation dissolved inside the period is not judged."""
    org = an_org(
        founded_on=dt.date.fromisoformat(founded), dissolved_on=dt.date.fromisoformat(dissolved) if dissolved else None
    )
    assert kept_state(pack, pack.duty("theme_day_monthly"), org, "2026-11-25") == expected


@pytest.mark.parametrize(
    "kind", ["temporary_branch", "general_branch", "community_committee", "group", "joint_committee"]
)
def test_other_kinds_are_not_asked(pack, kind):
    """DOMAIN 1.1.6: a temporary branch's members keep their 组织关系 elsewhere."""
    assert kept_state(pack, pack.duty("theme_day_monthly"), an_org(kind=kind), "2026-11-25") is None


def test_late_meeting_makes_good_only_the_period_it_names(pack):
    duty, org = pack.duty("theme_day_monthly"), an_org()
    assert kept_state(pack, duty, org, "2026-12-01", "2026-11-30") == "short"
    an_occurrence(duty, org, "2026-12-03", counts_for="2026-11")
    assert kept_state(pack, duty, org, "2026-12-03", "2026-11-30") == "made_good"
    row = Standing.objects.get(org=org, period="2026-11")
    assert (row.made_good_on, row.since, row.due_on) == (
        dt.date(2026, 12, 3),
        dt.date(2026, 12, 3),
        dt.date(2026, 11, 30),
    )
    assert kept_state(pack, duty, org, "2026-12-03") == "on_track", "the same meeting is not counted for December too"


def test_plans_count_until_their_day_has_passed(pack):
    duty, org = pack.duty("theme_day_monthly"), an_org()
    an_occurrence(duty, org, "2026-11-27", state="planned")
    assert kept_state(pack, duty, org, "2026-11-27") == "on_track"
    assert kept_state(pack, duty, org, "2026-11-28") == "at_risk"


def test_a_committee_lost_later_does_not_wipe_the_past(pack):
    """Whether a committee is needed is known for today only: what was judged stays, nothing is judged afterwards."""
    duty, org, small = pack.duty("committee_meeting_monthly"), an_org(1), an_org(2, formal_count=6)
    assert kept_state(pack, duty, org, "2026-10-30") == "at_risk"
    Organisation.objects.filter(pk=org.pk).update(formal_count=5)
    Organisation.objects.filter(pk=small.pk).update(formal_count=7)
    with transaction.atomic():
        judging.judge_duty(pack=pack, duty=duty, today=dt.date(2026, 11, 3))
    assert Standing.objects.get(org=org, period="2026-10").state == "short"
    assert not Standing.objects.filter(org=org, period="2026-11").exists()
    assert not Standing.objects.filter(org=small, period="2026-10").exists()
    assert Standing.objects.get(org=small, period="2026-11").state == "on_track"


def test_dissolving_takes_the_open_standing_away(pack):
    duty, org = pack.duty("theme_day_monthly"), an_org()
    assert kept_state(pack, duty, org, "2026-11-25") == "at_risk"
    Organisation.objects.filter(pk=org.pk).update(dissolved_on=dt.date(2026, 11, 26))
    assert kept_state(pack, duty, org, "2026-11-26") is None


def test_judging_again_writes_nothing(pack):
    duty = pack.duty("theme_day_monthly")
    for number in range(5):
        an_occurrence(duty, an_org(number), "2026-11-05")
    with transaction.atomic():
        assert judging.judge(pack=pack, duty=duty, periods=["2026-11"], today=dt.date(2026, 11, 6)) == 5
        assert judging.judge(pack=pack, duty=duty, periods=["2026-11"], today=dt.date(2026, 11, 6)) == 0


def test_one_statement_a_duty_whatever_the_city(pack, queries):
    duty = pack.duty("theme_day_monthly")
    for number in range(30):
        an_org(number)
    with transaction.atomic(), queries(3):  # one of them asks which areas rest
        assert judging.judge(pack=pack, duty=duty, periods=["2026-11", "2026-10"], today=dt.date(2026, 11, 6)) == 60


# ---- random cities ----------------------------------------------------------------------------------------------

DAYS = st.dates(dt.date(2026, 9, 1), dt.date(2027, 1, 31))
ORGS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["branch", "joint_branch", "mobile_branch", "temporary_branch", "community_committee"]),
        "formal_count": st.integers(0, 12),
        "group_count": st.integers(0, 2),
        "founded_on": st.one_of(st.just(dt.date(2019, 1, 1)), st.dates(dt.date(2026, 8, 1), dt.date(2026, 12, 31))),
        "lives": st.one_of(st.none(), st.integers(0, 120)),
        "events": st.lists(
            st.tuples(
                DAYS,
                st.sampled_from(["done", "done", "planned", "withdrawn"]),
                st.sampled_from(["", "", "", "2026-10", "2026-11", "2026Q4", "2026"]),
                st.booleans(),  # held by a group of the branch
            ),
            max_size=6,
        ),
    }
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orgs=st.lists(ORGS, min_size=1, max_size=6), today=DAYS, times=st.integers(1, 3), data=st.data())
def test_the_statement_says_what_the_pack_means(pack, orgs, today, times, data):
    """Whole sweep and touched cells alike give `policy.rules.standing_of`, on both databases."""
    duty = data.draw(st.sampled_from(pack.duties)).model_copy(update={"times": times})
    on = data.draw(st.dates(dt.date(2026, 9, 1), today))
    period = period_of(on, duty.per)
    with transaction.atomic():
        number, expected = 0, {}
        for place, values in enumerate(orgs):
            founded = values["founded_on"]
            dissolved = founded + dt.timedelta(days=values["lives"]) if values["lives"] is not None else None
            plain = {key: values[key] for key in ("kind", "formal_count", "group_count", "founded_on")}
            org = an_org(place, dissolved_on=dissolved, **plain)
            group = an_org(100 + place, kind="group", level="group", parent=org)
            counted = []
            for day, state, counts_for, by_group in values["events"]:
                number += 1
                holder = group if by_group else org
                an_occurrence(duty, holder, day.isoformat(), state, counts_for)
                if holder is org or duty.held_by == "own_or_groups":
                    counted.append(meaning.Event(day, state, counts_for or None))
            view = meaning.OrgView(dissolved_on=dissolved, **plain)
            expected[org.pk] = meaning.standing_of(pack, duty, view, counted, today, on)
        for cells in (None, [(org, period) for org in expected]):
            Standing.objects.all().delete()
            judging.judge(pack=pack, duty=duty, periods=[period], today=today, cells=cells)
            found = {
                row.org_id: meaning.Standing(row.duty, row.period, row.required, row.done, row.planned, row.state)
                for row in Standing.objects.all()
            }
            assert found == {org: standing for org, standing in expected.items() if standing is not None}
        transaction.set_rollback(True)
    assert connection.vendor in ("sqlite", "postgresql")
