"""网格与小区: codes (DOMAIN 6.6), the three ways of covering (DOMAIN 1.1), coverage, and the outsider."""

import datetime as dt

import pytest

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import actions as orgs
from gongjian.records.places import actions, queries, rules
from gongjian.records.places.models import Place

NOV = dt.date(2026, 11, 1)
CODE = "450399001001"
pytestmark = pytest.mark.django_db


@pytest.fixture
def grids(city, clock):
    """Two grids and an estate."""
    orgs.correct(org=city.community, by=SYSTEM, division_code=CODE)
    city.refresh()
    made = [
        actions.add(
            by=SYSTEM, kind="grid", code=f"{CODE}00{n}", name=f"第{n}网格", community=city.community, households=400
        )
        for n in (1, 2)
    ]
    estate = actions.add(
        by=SYSTEM, kind="estate", code=f"{CODE}001E001", name="榕荫小区", community=city.community, parent=made[0]
    )
    return [*made, estate]


@pytest.mark.parametrize(
    ("setup", "formal", "units", "expected"),
    [("alone", 3, None, []), ("alone", 2, None, ["block"]), ("alone", 0, None, ["block"]), ("joint", 1, 5, []),
     ("joint", 1, 6, ["warn"]), ("assigned", 0, None, [])],
)  # fmt: skip
def test_three_ways(pack, setup, formal, units, expected):
    """DOMAIN 1.1.1: ≥3 formal members alone; 1.1.2: joint generally ≤5; otherwise the community sees to it."""
    found = rules.setup_findings(pack, setup, formal_members=formal, units=units)
    assert [finding.severity for finding in found] == expected


@pytest.mark.parametrize(
    ("formal", "units", "way"), [(3, 1, "alone"), (2, 5, "joint"), (2, 6, "assigned"), (0, 1, "assigned")]
)
def test_the_way_that_the_rules_point_to(pack, formal, units, way):
    assert rules.advised_setup(pack, formal_members=formal, units=units) == way


@pytest.mark.parametrize(
    ("code", "right"),
    [(f"{CODE}001", True), (f"{CODE}999", True), (f"{CODE}000", False), (f"{CODE}01", False), ("450399001002001", False),
     (f"{CODE}00a", False), ("", False)],
)  # fmt: skip
def test_a_grid_has_fifteen_digits(code, right):
    """DOMAIN 6.6: 12-digit NBS code + 3-digit grid."""
    assert (rules.code_problem("grid", code, CODE) == "") is right


def test_add(city, cast, grids):
    with pytest.raises(Invalid, match="已被使用"):
        actions.add(by=SYSTEM, kind="grid", code=f"{CODE}001", name="乙", community=city.community)
    with pytest.raises(Invalid):
        actions.add(by=SYSTEM, kind="grid", code=f"{CODE}003", name="乙", community=city.street)
    with pytest.raises(Forbidden):
        actions.add(by=cast.outsider.actor, kind="grid", code=f"{CODE}003", name="乙", community=city.community)
    assert queries.free_code("grid", city.community, None) == f"{CODE}003"
    assert queries.free_code("estate", city.community, grids[0]) == f"{CODE}001E002"
    assert Fact.objects.filter(kind="place.added", org=city.community.pk).count() == 3


def test_cover_and_uncover(city, cast, grids):
    by = cast.community.actor
    with pytest.raises(Refused, match="3人以上"):
        actions.cover(place=grids[0], organisation=city.community, setup="alone", by=by, on=NOV)
    with pytest.raises(Invalid, match="本社区"):
        actions.cover(place=grids[0], organisation=city.other_branch, setup="alone", by=by, on=NOV)
    with pytest.raises(Invalid):
        actions.cover(place=grids[0], organisation=city.sister, setup="joint", by=by, on=NOV)
    assert actions.cover(place=grids[0], organisation=city.branch, setup="alone", by=by, on=NOV) == []
    assert len(actions.cover(place=grids[1], organisation=city.sister, setup="joint", units=6, by=by, on=NOV)) == 1
    with pytest.raises(Refused, match="已经由"):
        actions.cover(place=grids[0], organisation=city.branch, setup="alone", by=by, on=NOV)
    with pytest.raises(NotFound):
        actions.uncover(place=grids[0], by=cast.outsider.actor, on=NOV, reason="试")
    actions.uncover(place=grids[0], by=by, on=NOV, reason="网格调整")
    with pytest.raises(Refused):
        actions.uncover(place=grids[0], by=by, on=NOV, reason="再来")
    assert Fact.objects.get(kind="place.uncovered").data["before"] == {"organisation": city.branch.pk}


def test_coverage_counts_only_living_organisations(city, cast, grids):
    actions.cover(place=grids[0], organisation=city.group, setup="assigned", by=SYSTEM, on=NOV)
    rows = {row.org.pk: row for row in queries.coverage(cast.street.actor)}
    assert set(rows) == {city.street.pk, city.community.pk}
    assert (rows[city.community.pk].done, rows[city.community.pk].total, rows[city.community.pk].share) == (1, 3, 33)
    assert {place.name for place in queries.uncovered(cast.street.actor)} == {"第2网格", "榕荫小区"}
    orgs.dissolve(org=city.group, by=SYSTEM, on=dt.date(2026, 11, 2), reason="撤")
    assert Place.objects.get(pk=grids[0].pk).organisation is None
    assert Fact.objects.filter(kind="place.uncovered").count() == 1
    assert queries.coverage(cast.outsider.actor) == []
    assert not queries.uncovered(cast.outsider.actor)
    assert {row.org.pk for row in queries.coverage(cast.city.actor)} >= {city.root.pk, city.district.pk, city.street.pk}


def test_end_from_below(city, grids, clock):
    with pytest.raises(Refused, match="下面还有 1 个"):
        actions.end(place=grids[0], by=SYSTEM, on=NOV, reason="撤并")
    actions.end(place=grids[2], by=SYSTEM, on=NOV, reason="拆迁")
    actions.end(place=grids[0], by=SYSTEM, on=NOV, reason="撤并")
    with pytest.raises(Refused):
        actions.correct(place=grids[0], by=SYSTEM, name="乙")
    assert actions.correct(place=grids[1], by=SYSTEM, households=400) == []


@pytest.mark.parametrize(
    "address", ["/places/", "/places/?export=csv", "/places/coverage/", "/api/v1/places", "/api/v1/places/coverage"]
)
def test_the_outsider_sees_nothing(city, cast, grids, address):
    answer = cast.outsider.client.get(address)
    said = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert answer.status_code == 200
    assert "榕荫" not in said
    assert CODE not in said
    answer = cast.community.client.get(address)
    said = b"".join(answer.streaming_content).decode() if answer.streaming else json_text(answer)
    assert "榕荫" in said


def json_text(answer) -> str:
    return str(answer.json()) if answer["Content-Type"].startswith("application/json") else answer.content.decode()


@pytest.mark.parametrize("part", ["", "edit/", "cover/", "uncover/", "end/"])
def test_the_outsider_opens_nothing(city, cast, grids, part):
    answer = cast.outsider.client.get(f"/places/{grids[2].pk}/{part}")
    assert answer.status_code in (403, 404)
    assert "榕荫" not in answer.content.decode()


def test_by_form(city, cast, grids):
    client = cast.community.client
    given = {
        "kind": "building",
        "community": city.community.code,
        "name": "3栋",
        "parent": str(grids[2].pk),
        "households": "60",
    }
    assert client.post("/places/new/", given).status_code == 302
    made = Place.objects.get(name="3栋")
    assert made.code == f"{CODE}001E001B001"
    answer = client.post(
        f"/places/{grids[0].pk}/cover/", {"setup": "alone", "organisation": city.community.pk, "on": "2026-11-01"}
    )
    assert "3人以上" in answer.content.decode()
    answer = client.post(
        f"/places/{grids[0].pk}/cover/", {"setup": "alone", "organisation": city.branch.pk, "on": "2026-11-01"}
    )
    assert answer.status_code == 302
    assert client.post(f"/places/{grids[0].pk}/uncover/", {"on": "2026-11-02", "reason": "调整"}).status_code == 302
    assert client.post(f"/places/{made.pk}/end/", {"on": "2026-11-02", "reason": "拆迁"}).status_code == 302


def test_coverage_keeps_its_budget(city, cast, grids, queries):
    client = cast.street.client
    client.get("/places/coverage/")
    with queries(22):
        assert client.get("/places/coverage/").status_code == 200
