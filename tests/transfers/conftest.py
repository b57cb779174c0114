"""What the tests of this room share: offices with accounts in the other district, and a transfer brought as far as wanted."""

import datetime as dt
from types import SimpleNamespace

import pytest

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.queries import moving
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.identifiers import MALE, make_demo_identity
from gongjian.records.access import actions as access
from gongjian.records.people import actions as people
from tests.cast import SINCE, Player

BIRTH = dt.date(1990, 5, 4)
COMER = {
    "name": "秦远", "kind": "formal", "joined_on": dt.date(2012, 6, 1), "formal_on": dt.date(2013, 6, 1),
    "from_name": "邻省青石市开发区党工委", "serial": "青开〔2026〕88号", "issued_on": dt.date(2026, 11, 2),
    "expires_on": dt.date(2026, 12, 2),
}  # fmt: skip


@pytest.fixture
def far(city, cast) -> SimpleNamespace:
    """Who acts in the other district: `secretary` of the branch, `street` of the committee, `unit` of the school's."""

    def office(name: str, title: str, org, person=None):
        person = person or people.register(by=SYSTEM, org=org, name=title)
        people.appoint(person=person, org=org, post="secretary", by=SYSTEM, on=SINCE)
        return Player(name, person, access.open_account(username=name, by=SYSTEM, person=person))

    return SimpleNamespace(
        secretary=office("far_secretary", "何斌", city.other_branch, city.people["other_branch"][0]),
        street=office("far_street", "渡街", city.other_street),
        unit=office("unit_office", "校党委", city.unit),
    )


@pytest.fixture
def comer():
    """`comer(name=…)`: the content of a letter from outside, of somebody whom nobody knows."""

    def build(number: int = 1, **changes):
        identity = str(make_demo_identity(number, BIRTH, MALE))
        return actions.Comer(**{**COMER, "identity": identity, **changes})

    return build


@pytest.fixture
def make(clock, city, cast, far):
    """`make("issued")`: the member's transfer to the other district, in that state; `outside=…` out of the city."""

    def build(state: str = "asked", *, outside: str = "", person=None):
        who = cast.member
        to = {"outside": outside} if outside else {"to": city.other_branch}
        transfer = actions.ask(by=who.actor, reason="home", **to)
        if state == "asked":
            return transfer
        actions.agree(transfer=transfer, by=cast.secretary.actor, dues_until="2026-11")
        if state == "agreed":
            return transfer
        actions.issue(transfer=transfer, by=cast.street.actor)
        if state == "issued":
            return transfer
        if state == "refused":
            return actions.refuse(transfer=transfer, by=far.street.actor, cause="not_here", answer="本人不住在这里")
        actions.receive(transfer=transfer, by=far.street.actor)
        if state == "received":
            return transfer
        return actions.accept(transfer=transfer, by=far.secretary.actor)

    def built(*args, **fields):
        return moving.get_for(SYSTEM, build(*args, **fields).pk)

    return built
