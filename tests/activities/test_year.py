"""A year's plan: the grid, the drafts, confirming them; by page, by API, by workbook."""

import datetime as dt
import json
import re

import pytest

from gongjian.desks.activities import actions, year
from gongjian.desks.activities import queries as activity_queries
from gongjian.desks.activities.actions.yearplan import Entry, RowRefused
from gongjian.desks.activities.models import Activity, Participation
from gongjian.desks.activities.year_sheet import SHEET, YEAR_PLAN
from gongjian.desks.talks import actions as talks
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import is_working_day
from gongjian.ground.sheets import Row
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.orgs.models import Organisation
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


def cells(org, number=2026, today=TODAY) -> dict[str, dict[str, str]]:
    org.refresh_from_db()
    return {row.duty.id: {c.period: c.state for c in row.cells} for row in year.grid(org, number, today)}


def test_the_grid(make, city, cast):
    make("signed_off")
    make(kind="branch_assembly", starts_at=at("2026-12-11 15:00"))
    found = cells(city.branch)
    assert found["theme_day_monthly"]["2026-11"] == "kept"
    assert found["theme_day_monthly"]["2026-10"] == "missing"
    assert found["theme_day_monthly"]["2026-12"] == "open"
    assert found["branch_assembly_quarterly"] == {
        "2026Q1": "missing",
        "2026Q2": "missing",
        "2026Q3": "missing",
        "2026Q4": "planned",
    }
    assert found["organisational_life_meeting_yearly"] == {"2026": "open"}
    assert "committee_meeting_monthly" in found  # seven formal members and more: a committee (支部工作条例)
    assert "committee_meeting_monthly" not in cells(city.sister)


def test_a_late_one_and_a_joint_one(make, city, cast):
    make("signed_off", counts_for="2026-10")
    assert cells(city.branch)["theme_day_monthly"]["2026-10"] == "made_good"
    activity = make(starts_at=at("2026-12-11 15:00"))
    actions.invite(activity=activity, orgs=[city.sister], by=cast.secretary.actor)
    assert cells(city.sister)["theme_day_monthly"]["2026-12"] == "open"
    actions.join_in(joining=Participation.objects.get(), by=cast.neighbour.actor)
    assert cells(city.sister)["theme_day_monthly"]["2026-12"] == "planned"


def test_a_groups_meeting_counts_for_its_branch(make, city, cast):
    Organisation.objects.filter(pk=city.branch.pk).update(group_count=1)
    make(org=city.group, kind="group_meeting", starts_at=at("2026-11-20 15:00"))
    found = cells(city.branch)["group_meeting_monthly"]
    assert (found["2026-11"], found["2026-12"]) == ("planned", "open")


def test_a_duty_kept_elsewhere_is_done(make, city, cast, queries):
    """A talk and a closed appraisal keep their duties (packs/_base/duties.yaml, also_done_by), as standards judge."""
    today = dt.date(2026, 11, 16)
    drafted = {draft.kind for draft in year.proposal(city.branch, 2026, TODAY)[0]}
    assert {"heart_to_heart", "appraisal_of_members"} <= drafted
    talk = talks.record(other=cast.colleague.person.pk, on=dt.date(2026, 3, 2), form="face", by=cast.member.actor)
    talks.record(other=cast.colleague.person.pk, on=today, form="face", by=cast.member.actor)
    facts.record(
        "review.closed", by=cast.secretary.actor, org=city.branch.pk, obj=Ref.of("review", 1), source="review:1:closed",
        data={"year": 2026, "on": "2026-11-12"},
    )  # fmt: skip
    found = cells(city.branch)
    assert found["heart_to_heart_yearly"] == {"2026": "kept"}
    assert found["appraisal_of_members_yearly"] == {"2026": "kept"}
    assert cells(city.sister)["heart_to_heart_yearly"] == {"2026": "open"}
    assert cells(city.branch, 2027)["heart_to_heart_yearly"] == {"2027": "open"}
    drafted = {draft.kind for draft in year.proposal(city.branch, 2026, TODAY)[0]}
    assert not {"heart_to_heart", "appraisal_of_members"} & drafted
    with queries(8):
        year.proposal(city.branch, 2026, TODAY)
    page = cast.secretary.client.get("/activities/year/?year=2026").content.decode()
    assert re.search(r"谈心谈话 3月2日\s+等2次", page)
    assert "民主评议完成 11月12日" in page
    cell = cell_of(cast, city, "heart_to_heart_yearly")
    assert (cell["done"], cell["elsewhere"], cell["activities"]) == (2, ["2026-03-02", "2026-11-16"], [])
    talks.withdraw(talk=talk, by=cast.colleague.actor)
    assert cell_of(cast, city, "heart_to_heart_yearly")["elsewhere"] == ["2026-11-16"]
    next_year = dt.date(2027, 1, 5)
    assert activity_queries.periods_to_make_good(city.branch, "heart_to_heart", next_year) == []
    assert activity_queries.periods_to_make_good(city.sister, "heart_to_heart", next_year) == ["2026"]


def test_another_pack_counts_other_facts(city, cast, pack, monkeypatch, clock):
    """Which facts keep a duty is the pack's: without also_done_by a talk keeps nothing."""
    talks.record(other=cast.colleague.person.pk, on=dt.date(2026, 3, 2), form="face", by=cast.member.actor)
    duties = tuple(duty.model_copy(update={"also_done_by": ()}) for duty in pack.duties)
    monkeypatch.setattr(year.policy, "current", lambda: pack.model_copy(update={"duties": duties}))
    assert cells(city.branch)["heart_to_heart_yearly"] == {"2026": "open"}


def cell_of(cast, city, duty: str) -> dict:
    """The first cell of a duty as the API tells it."""
    rows = cast.secretary.client.get(f"/api/v1/activity-years/{city.branch.pk}/2026").json()["rows"]
    return next(row["cells"][0] for row in rows if row["duty"] == duty)


def test_the_proposal_keeps_every_duty(make, city, cast):
    """Next year in one go: every cell is planned, on working days, nothing written before."""
    drafts, habit = year.proposal(city.branch, 2027, TODAY)
    assert not Activity.objects.exists()
    assert not habit.learnt
    assert all(is_working_day(draft.day) for draft in drafts)
    place, entries = "会议室", []
    for draft in drafts:
        entries.append(
            Entry(draft.kind, year.clock.at_time(draft.day, *divmod(draft.minute, 60)), draft.minutes, place)
        )
    made = actions.plan_year(org=city.branch, entries=entries, by=cast.secretary.actor, key="k")
    assert len(made) == len(drafts) > 40
    found = cells(city.branch, 2027)
    assert {state for row in found.values() for state in row.values()} == {"planned"}
    again = actions.plan_year(org=city.branch, entries=entries, by=cast.secretary.actor, key="k")
    assert [activity.pk for activity in again] == [activity.pk for activity in made]
    assert not Notice.objects.exists()
    assert year.proposal(city.branch, 2027, TODAY)[0] == []


def test_the_habit_is_learnt_from_the_past_year(make, city, cast, clock):
    for day in ("2026-08-12", "2026-09-09", "2026-10-14"):  # second Wednesdays, half past seven
        clock.set(f"{day} 19:00")
        make("signed_off", starts_at=at(f"{day} 19:30"))
    clock.set("2026-11-16 09:00")
    drafts, habit = year.proposal(city.branch, 2026, TODAY)
    assert (habit.weekday, habit.nth, habit.minute, habit.learnt) == (3, 2, 19 * 60 + 30, True)
    assert dt.date(2026, 12, 9) in {draft.day for draft in drafts if draft.kind == "theme_day"}


def test_all_or_nothing(city, cast):
    fine = Entry("theme_day", at("2026-12-11 15:00"), 90, "会议室")
    with pytest.raises(RowRefused) as refusal:
        actions.plan_year(
            org=city.branch, entries=[fine, fine._replace(kind="study")], by=cast.secretary.actor, key="a"
        )
    assert refusal.value.row == 1
    assert not Activity.objects.exists()
    assert not Fact.objects.filter(kind="activity.planned").exists()
    with pytest.raises(Invalid):
        actions.plan_year(org=city.branch, entries=[], by=cast.secretary.actor, key="a")
    for who in (cast.member, cast.outsider, cast.neighbour):
        with pytest.raises(Forbidden):
            actions.plan_year(org=city.branch, entries=[fine], by=who.actor, key="a")


def posted(page: str) -> dict[str, str]:
    """The fields of the drafts' form as a browser would send them."""
    fields = {}
    for tag in re.findall(r"<input[^>]*>", page):
        parts = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        name = parts.get("name", "")
        if not name or (parts.get("type") == "checkbox" and " checked" not in tag):
            continue
        fields[name] = parts.get("value", "on")
    return fields


def test_the_page_plans_a_year_without_javascript(clock, city, cast, queries):
    client = cast.secretary.client
    client.get("/activities/mine/")
    with queries(20):
        page = client.get("/activities/year/?year=2027").content.decode()
    assert "按建议安排全年" in page
    address = f"/activities/year/suggest/?org={city.branch.pk}&year=2027"
    with queries(30):
        page = client.get(address).content.decode()
    assert not Activity.objects.exists()
    fields = posted(page)
    rows = int(fields["d-TOTAL_FORMS"])
    first = next(n for n in range(rows) if fields[f"d-{n}-kind"] == "theme_day")
    fields["place"] = "二楼会议室"
    struck = fields | {f"d-{first}-day": "2027-01-10"}  # a Sunday
    struck.pop("d-0-keep" if first else "d-1-keep")
    answer = client.post(address, struck | {"then": "save"}).content.decode()
    assert "1月10日 是休息日" in answer  # a new warning asks once
    assert not Activity.objects.exists()
    accepted = posted(answer)
    assert client.post(address, accepted | {"then": "save"}).status_code == 302
    assert Activity.objects.count() == rows - 1
    assert Activity.objects.filter(kind="theme_day", starts_at__date=dt.date(2027, 1, 10), place="二楼会议室").exists()
    client.post(address, accepted | {"then": "save"})
    assert Activity.objects.count() == rows - 1  # the same confirmation twice
    with queries(20):
        page = client.get("/activities/year/?year=2027").content.decode()
    assert "已安排" in page


def test_wrong_input_stays_on_the_page(clock, city, cast):
    address = f"/activities/year/suggest/?org={city.branch.pk}&year=2027"
    fields = posted(cast.secretary.client.get(address).content.decode())
    page = cast.secretary.client.post(address, fields | {"d-0-day": "明天", "then": "save"}).content.decode()
    assert not Activity.objects.exists()
    assert "pl-error" in page
    clash = fields | {"d-1-day": fields["d-0-day"], "d-1-hour": fields["d-0-hour"], "place": "会议室", "then": "save"}
    page = cast.secretary.client.post(address, clash).content.decode()
    assert "标红的几项不能这样安排" in page
    assert cast.secretary.client.get("/activities/year/?year=1800").status_code == 404
    assert cast.member.client.get(address).status_code == 403
    assert cast.outsider.client.get(address).status_code in (403, 404)
    assert cast.outsider.client.get(f"/activities/year/?org={city.branch.pk}").status_code == 404
    assert cast.community.client.get("/activities/year/").status_code == 200  # chooses among branches


# --- API --------------------------------------------------------------------------------------------------------
def post(player, address, body, **headers):
    return player.client.post(address, json.dumps(body), content_type="application/json", headers=headers)


def test_by_api(clock, city, cast):
    here = f"/api/v1/activity-years/{city.branch.pk}/2027"
    client = cast.secretary.client
    assert {row["duty"] for row in client.get(here).json()["rows"]} >= {"theme_day_monthly", "party_lesson_quarterly"}
    drafts = client.get(f"{here}/drafts").json()
    entries = [
        {"kind": d["kind"], "starts_at": d["starts_at"], "minutes": d["minutes"], "place": "会议室"} for d in drafts
    ]
    body = {"org": city.branch.pk, "entries": entries, "key": "plan-2027"}
    for _twice in range(2):
        assert post(cast.secretary, "/api/v1/activity-years", body).json() == {"number": len(drafts)}
    assert Activity.objects.count() == len(drafts)
    assert post(cast.outsider, "/api/v1/activity-years", body).status_code in (403, 404)
    found = post(cast.secretary, "/api/v1/activity-clashes", {
        "org": city.branch.pk, "kind": "study", "starts_at": drafts[0]["starts_at"], "place": "会议室",
    }).json()  # fmt: skip
    assert found[0]["blocks"]
    series = post(cast.secretary, "/api/v1/activity-series", {
        "org": city.branch.pk, "kind": "study", "form": "weekly", "every": 2, "weekday": 2, "starts_on": "2026-11-17",
        "until": "2026-12-31", "hour": "10:00:00",
    }, **{"Idempotency-Key": "s1"})  # fmt: skip
    assert series.status_code == 201, series.content
    one = series.json()
    assert (one["pattern"], len(one["activities"])) == ("每2周周二", 4)
    address = f"/api/v1/activity-series/{one['id']}"
    change = {"hour": "11:00:00", "minutes": 60, "agenda": ["学习"], "first": "2026-12-01"}
    assert post(cast.secretary, f"{address}/change", change).json() == {"number": 3}
    assert post(cast.secretary, f"{address}/end", {"reason": "调整"}).json() == {"number": 4}
    assert client.get(address).json()["state"] == "ended"
    assert cast.outsider.client.get(address).status_code in (403, 404)
    activity = Activity.objects.filter(kind="theme_day").order_by("starts_at").first()
    there = f"/api/v1/activities/{activity.pk}"
    assert post(cast.secretary, f"{there}/notify", {}).json() == {"number": 9}
    assert post(cast.member, f"{there}/reply", {"answer": "come"}).json()["answer"] == "come"
    answers = client.get(f"{there}/replies").json()
    assert {row["person"]: row["answer"] for row in answers}[cast.member.person.pk] == "come"
    moved = post(cast.secretary, f"{there}/reschedule", {"starts_at": "2027-01-20T16:00:00"})
    assert (moved.status_code, moved.json()["field"]) == (422, "reason")
    assert post(cast.secretary, f"{there}/remind", {}).json() == {"number": 8}
    assert post(cast.secretary, f"{there}/joint", {"codes": ["T006"]}).json() == {"number": 1}
    (joining,) = client.get(f"{there}/joint").json()
    assert post(cast.secretary, f"/api/v1/joint-activities/{joining['id']}/confirm", {}).status_code == 403
    assert post(cast.neighbour, f"/api/v1/joint-activities/{joining['id']}/confirm", {}).json()["state"] == "confirmed"
    assert post(cast.secretary, f"{there}/cancel", {"reason": "停电"}).status_code == 200


# --- workbook ---------------------------------------------------------------------------------------------------
def row(number=2, **values) -> Row:
    plain = dict.fromkeys(column.key for column in SHEET.columns)
    return Row(
        number, plain | {"org_code": "T005", "kind": "主题党日", "on": dt.date(2026, 12, 11), "title": "冬训"} | values
    )


def test_a_workbook_brings_a_plan_once_and_takes_it_back(clock, city, cast):
    rows = [row(), row(3, kind="党课", hour="19:00", minutes=45, place="会议室", agenda="授课；讨论")]
    by = cast.secretary.actor
    assert YEAR_PLAN.check(rows, by=by) == []
    assert YEAR_PLAN.apply(rows, by=by, batch="b1").created == 2
    assert YEAR_PLAN.apply(rows, by=by, batch="b2").unchanged == 2
    lesson = Activity.objects.get(kind="party_lesson")
    assert (lesson.agenda, lesson.minutes_long) == (["授课", "讨论"], 45)
    exported = list(YEAR_PLAN.export(by, {}))
    assert [(line["org_code"], line["kind"], line["hour"]) for line in exported] == [
        ("T005", "主题党日", "15:00"), ("T005", "党课", "19:00"),
    ]  # fmt: skip
    assert YEAR_PLAN.undo("b1", by=by).created == 2
    assert set(Activity.objects.values_list("state", flat=True)) == {"cancelled"}
    assert YEAR_PLAN.apply(rows, by=by, batch="b3").created == 2
    actions.notify(activity=Activity.objects.get(kind="theme_day", state="planned"), by=by)
    with pytest.raises(Refused, match="已经发过通知"):
        YEAR_PLAN.undo("b3", by=by)


@pytest.mark.parametrize(
    ("values", "key"),
    [
        ({"org_code": "T013"}, "org_code"), ({"kind": "开会"}, "kind"), ({"kind": "联席会议"}, "kind"),
        ({"on": dt.date(2026, 11, 1)}, "on"), ({"on": dt.date(2029, 11, 1)}, "on"), ({"hour": "下午"}, "hour"),
    ],
)  # fmt: skip
def test_wrong_rows_are_named(clock, city, cast, values, key):
    (problem,) = YEAR_PLAN.check([row(**values)], by=cast.secretary.actor)
    assert problem.key == key


def test_the_same_place_twice_in_a_workbook(make, city, cast):
    make(kind="study", starts_at=at("2026-12-11 15:30"), place="会议室")
    one = row(place="会议室", hour="15:00")
    assert [p.key for p in YEAR_PLAN.check([one], by=cast.secretary.actor)] == ["place"]
    two = [row(place="二楼", hour="15:00"), row(3, title="又一次", place="二楼", hour="15:30")]
    assert [p.row for p in YEAR_PLAN.check(two, by=cast.secretary.actor)] == [3]
