import datetime as dt

import pytest

from gongjian.engines.relay import relay
from gongjian.ground import policy
from gongjian.ground.kernel import clock as times
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs import actions as orgs
from gongjian.records.people import actions as people
from tests.points import small_pack


@pytest.fixture
def small(db, monkeypatch):
    """The small pack holds on every day, and deeds of desks may be told though the desks are not asked here."""
    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)
    pack = small_pack.make(policy.current())
    monkeypatch.setattr(policy, "on", lambda day: pack, raising=False)
    monkeypatch.setattr(policy, "current", lambda: pack, raising=False)
    return pack


class Town:
    """A city of two districts with two branches each, and four members in each branch."""

    def __init__(self) -> None:
        on = dt.date(2019, 1, 1)

        def found(code, kind, level, parent):
            return orgs.found(by=SYSTEM, code=code, name=f"{code}党组织", kind=kind, level=level, parent=parent, on=on)

        self.city = found("C", "city_committee", "city", None)
        self.districts = [found(f"D{n}", "district_committee", "district", self.city) for n in (1, 2)]
        self.branches = [found(f"B{d}{n}", "branch", "branch", self.districts[d]) for d in (0, 1) for n in (1, 2)]
        self.members = []
        for branch in self.branches:
            for n in range(4):
                person = people.register(by=SYSTEM, name=f"党员{branch.code}{n}", org=branch)
                people.admit(
                    person=person, org=branch, by=SYSTEM, kind="formal",
                    joined_on=dt.date(2020, 1, 1), formal_on=dt.date(2021, 1, 1),
                )  # fmt: skip
                self.members.append(person)


@pytest.fixture
def town(db, clock, small):
    return Town()


def tell(kind, *, day="2026-11-10", source=None, **what):
    """Record one fact that happened at noon of a day."""
    at = times.at_time(dt.date.fromisoformat(day), 12)
    return facts.record(kind, by=SYSTEM, at=at, source=source, **what)


def attended(person, *, day="2026-11-10", minutes=60, kind="party_day", org=None):
    return tell("activity.attended", day=day, person=person.pk, org=org, quantity=minutes,
                obj=Ref("activity", "1"), data={"activity_kind": kind, "method": "list"})  # fmt: skip


def deliver():
    relay.deliver("points")
