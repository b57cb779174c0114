"""What lets a duty rest: an excuse that somebody else approved, a moratorium; and saying that one knows."""

import datetime as dt

import pytest

from gongjian.appraisal.standards import actions, queries
from gongjian.appraisal.standards.models import Case, Excuse, Moratorium, Standing
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from tests.at_once import at_once

THEME = "theme_day_monthly"
REASON = "多数党员支援外地抢险，本月无法集中"


@pytest.fixture
def swept(clock):
    """`swept("2026-11-23")` judges the city on the morning of that day."""
    from gongjian.ground.kernel.actor import SYSTEM

    def sweep(day: str):
        clock.set(f"{day} 06:00")
        return actions.sweep(by=SYSTEM)

    return sweep


def standing(org, duty: str = THEME, period: str = "2026-11") -> str:
    return Standing.objects.get(org=org, duty=duty, period=period).state


@pytest.mark.django_db
def test_an_excuse_from_asking_to_the_end(cast, city, swept):
    swept("2026-11-23")
    secretary, community = cast.secretary.actor, cast.community.actor
    with pytest.raises(Invalid):
        actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason="忙", by=secretary)
    with pytest.raises(Forbidden):
        actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason=REASON, by=cast.member.actor)
    excuse = actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason=REASON, by=secretary)
    with pytest.raises(Refused):
        actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason=REASON, by=secretary)
    assert standing(city.branch) == "at_risk", "asking changes nothing yet"
    assert Notice.objects.filter(person=cast.community.person, kind="excuse").exists()
    assert [row.pk for row in queries.excuses_waiting(community)] == [excuse.pk]
    assert not queries.excuses_waiting(cast.secretary.actor).exists()
    for actor in (secretary, cast.outsider.actor, cast.member.actor):
        with pytest.raises(Forbidden):
            actions.decide_excuse(excuse=excuse, approve=True, answer="情况属实，同意", by=actor)
    actions.decide_excuse(excuse=excuse, approve=True, answer="情况属实，同意", by=community)
    assert standing(city.branch) == "waived"
    with pytest.raises(Refused):
        actions.decide_excuse(excuse=excuse, approve=False, answer="改主意了", by=community)
    swept("2026-11-24")
    case = Case.objects.get(org=city.branch, duty=THEME, period="2026-11")
    assert (case.state, case.closed_how) == ("closed", "waived")
    swept("2026-12-01")
    assert standing(city.branch) == "waived", "nothing falls short that was let off"
    counted = queries.counts(queries.below(queries.visible_to(community), city.community).filter(period="2026-11"))
    assert counted["waived"] == 1
    assert counted["total"] == sum(counted[state] for state in ("short", "at_risk", "on_track", "kept", "made_good"))
    actions.withdraw_excuse(excuse=excuse, reason="抢险已结束，请补开", by=community)
    assert standing(city.branch) == "short"
    told = Fact.objects.filter(kind__startswith="excuse.").order_by("id").values_list("kind", flat=True)
    assert list(told) == ["excuse.asked", "excuse.approved", "excuse.withdrawn"]
    assert not any(REASON in str(fact.data) for fact in Fact.objects.filter(kind__startswith="excuse."))


@pytest.mark.django_db
def test_what_is_held_is_held_although_it_was_let_off(cast, city, swept, diary, deliver):
    swept("2026-11-23")
    excuse = actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason=REASON, by=cast.secretary.actor)
    actions.decide_excuse(excuse=excuse, approve=True, answer="情况属实，同意", by=cast.community.actor)
    diary.hold(city.branch, "theme_day", "2026-11-26")
    deliver()
    assert standing(city.branch) == "kept"


@pytest.mark.django_db
def test_a_moratorium_of_a_street(cast, city, swept):
    swept("2026-11-23")
    dates = {"starts_on": dt.date(2026, 11, 10), "ends_on": dt.date(2026, 12, 20)}
    with pytest.raises(Forbidden):
        actions.declare_moratorium(
            org=city.street, duties=[THEME], basis="防汛指挥部通知", by=cast.street.actor, **dates
        )
    row = actions.declare_moratorium(
        org=city.street, duties=[THEME], basis="防汛指挥部通知", by=cast.district.actor, **dates
    )
    assert standing(city.branch) == "at_risk"
    with pytest.raises(Refused):
        actions.decide_moratorium(moratorium=row, approve=True, answer="", by=cast.district.actor)
    actions.decide_moratorium(moratorium=row, approve=True, answer="", by=cast.city.actor)
    assert (standing(city.branch), standing(city.sister)) == ("on_hold", "on_hold")
    assert standing(city.other_branch) == "at_risk", "another district"
    assert standing(city.unit_branch) == "on_hold", "it sits there (属地)"
    swept("2026-12-01")
    assert standing(city.branch) == "on_hold"
    assert standing(city.branch, period="2026-12") == "on_hold"
    actions.end_moratorium(moratorium=row, on=dt.date(2026, 11, 20), by=cast.district.actor)
    assert (standing(city.branch), standing(city.branch, period="2026-12")) == ("short", "on_track")
    with pytest.raises(Invalid):
        actions.end_moratorium(moratorium=row, on=dt.date(2026, 11, 30), by=cast.district.actor)
    kinds = Fact.objects.filter(kind__startswith="moratorium.").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["moratorium.declared", "moratorium.approved", "moratorium.ended"]


@pytest.mark.django_db
def test_the_ladder_goes_on_until_somebody_knows(cast, city, swept):
    swept("2026-11-23")
    swept("2026-12-01")
    swept("2026-12-08")
    case = Case.objects.get(org=city.branch, duty=THEME, period="2026-11")
    assert (case.escalated_to_id, case.steps) == (city.community.pk, 1)
    actions.acknowledge(case=case, by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.acknowledge(case=case, by=cast.secretary.actor)
    with pytest.raises(Forbidden):
        actions.acknowledge(case=case, by=cast.outsider.actor)
    swept("2026-12-22")
    case.refresh_from_db()
    assert case.steps == 1, "the tenth working day"
    swept("2026-12-23")
    case.refresh_from_db()
    assert (case.escalated_to_id, case.steps) == (city.street.pk, 2)
    actions.acknowledge(case=case, by=cast.street.actor)
    case.refresh_from_db()
    assert (case.known_by, case.known_above_by) == (cast.secretary.person.pk, cast.street.person.pk)
    swept("2026-12-24")
    case.refresh_from_db()
    assert case.steps == 2
    steps = Fact.objects.filter(kind="standing.escalated", org=city.branch.pk, data__duty=THEME)
    assert [fact.data["step"] for fact in steps.order_by("id")] == [1, 2]


@pytest.mark.django_db
def test_the_pages(cast, city, swept, queries):
    swept("2026-11-23")
    cell = f"/standards/orgs/{city.branch.pk}/{THEME}/2026-11/"
    secretary, community = cast.secretary.client, cast.community.client
    assert "申请免除" in secretary.get(cell).content.decode()
    wrong = secretary.post(f"{cell}excuse/", {"reason": "忙"}).content.decode()
    assert "至少4个字" in wrong
    assert "忙" in wrong, "what was typed stays"
    assert secretary.post(f"{cell}excuse/", {"reason": REASON}).status_code == 302
    excuse = Excuse.objects.get()
    here = f"/standards/excuses/{excuse.pk}/"
    assert "批准免除" not in secretary.get(here).content.decode()
    assert cast.outsider.client.get(here).status_code == 404
    assert cast.member.client.get(here).status_code in (403, 404)
    assert "批复免除" in community.get("/todos/").content.decode()
    assert "批准免除" in community.get(here).content.decode()
    community.post(f"{here}decide/", {"approve": "1", "answer": "情况属实，同意"})
    excuse.refresh_from_db()
    assert excuse.state == "approved"
    with queries(25):
        page = community.get("/standards/excuses/").content.decode()
    assert "已批准" in page
    assert city.branch.name in page
    assert "已免除" in community.get(f"/standards/under/{city.community.pk}/?state=waived").content.decode()
    assert "已免除" in secretary.get(f"/standards/orgs/{city.branch.pk}/").content.decode()

    form = {
        "org": city.street.pk,
        "duties": [THEME],
        "starts_on": "2026-11-10",
        "ends_on": "2026-11-01",
        "basis": "防汛指挥部通知",
    }
    assert "止日不能早于起日" in cast.district.client.post("/standards/moratoria/declare/", form).content.decode()
    cast.district.client.post("/standards/moratoria/declare/", form | {"ends_on": "2026-11-30"})
    row = Moratorium.objects.get()
    there = f"/standards/moratoria/{row.pk}/"
    assert "由您以外的人批准" in cast.district.client.get(there).content.decode()
    assert cast.street.client.get("/standards/moratoria/declare/").status_code == 403
    assert cast.outsider.client.get(there).status_code == 404
    cast.city.client.post(f"{there}decide/", {"approve": "1"})
    row.refresh_from_db()
    assert row.state == "approved"
    assert "防汛指挥部通知" in secretary.get(there).content.decode(), "whom it covers may read it"


@pytest.mark.django_db
def test_by_api(cast, city, swept):
    swept("2026-11-23")
    body = {"org": city.branch.pk, "duty": THEME, "period": "2026-11", "reason": REASON}
    send = {"content_type": "application/json"}
    made = cast.secretary.client.post("/api/v1/standings/excuses", body, **send)
    assert made.status_code == 200, made.content
    number = made.json()["id"]
    answer = {"approve": True, "answer": "情况属实，同意"}
    assert cast.secretary.client.post(f"/api/v1/standings/excuses/{number}/decide", answer, **send).status_code == 403
    assert cast.outsider.client.post(f"/api/v1/standings/excuses/{number}/decide", answer, **send).status_code in (
        403,
        404,
    )
    done = cast.community.client.post(f"/api/v1/standings/excuses/{number}/decide", answer, **send)
    assert done.json()["state"] == "approved"
    listed = cast.community.client.get("/api/v1/standings/excuses").json()
    assert [row["id"] for row in listed["items"]] == [number]


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_are_one(cast, city, swept):
    swept("2026-11-23")
    excuse = actions.ask_excuse(org=city.branch, duty=THEME, period="2026-11", reason=REASON, by=cast.secretary.actor)
    by = cast.community.actor

    def decide(approve: bool):
        return lambda: actions.decide_excuse(excuse=excuse, approve=approve, answer="已经研究过了", by=by)

    found = at_once([decide(True), decide(False), decide(True), decide(False)])
    assert sum(isinstance(one, Excuse) for one in found) == 1
    assert sum(isinstance(one, Refused) for one in found) == 3
    assert Fact.objects.filter(kind__in=("excuse.approved", "excuse.refused")).count() == 1
