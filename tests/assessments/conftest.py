"""Estates and a service centre of the small city's first community, and scores for the lists of the pack."""

import datetime as dt
from types import SimpleNamespace

import pytest

from gongjian.appraisal.assessments import actions, queries
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.places import actions as places

ESTATES, CENTRES, BRANCHES = "six_of_estates", "four_of_centres", "branch_standard"


@pytest.fixture
def ground(clock, city, cast) -> SimpleNamespace:
    """Two estates (one covered by the branch, one by nobody) and a centre of the community."""

    def made(kind: str, code: str, name: str, **more):
        return places.add(by=SYSTEM, kind=kind, code=code, name=name, community=city.community, **more)

    covered = made("estate", "E1", "榕荫家园", households=300)
    bare = made("estate", "E2", "柳岸新村", households=100)
    centre = made("centre", "C1", "榕荫社区党群服务中心", area=120)
    places.cover(place=covered, organisation=city.branch, setup="alone", by=SYSTEM, on=dt.date(2024, 5, 1))
    for place in (covered, bare, centre):
        place.refresh_from_db()
    return SimpleNamespace(covered=covered, bare=bare, centre=centre)


def scores(standard: str, **other: int) -> dict[str, actions.Given]:
    """Full points for every item by hand, but for those named."""
    entry = queries.entry_named(standard)
    return {
        ident: actions.Given(other.get(ident, entry.item(ident).points), "")
        for ident in actions.by_hand(entry)
    }  # fmt: skip
