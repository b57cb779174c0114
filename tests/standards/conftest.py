"""Facts of meetings as the activities desk records them, told directly, so that these tests need no desk."""

import datetime as dt
from itertools import count

import pytest
from django.db import transaction

from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.clock import at_time
from gongjian.ground.kernel.manifest import FactKind
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts

KINDS = ("planned", "rescheduled", "cancelled", "signed_off", "notified", "attended")


@pytest.fixture(autouse=True)
def desk_kinds(monkeypatch):
    """The kinds of facts that the desk above us declares, should it not be built in."""
    declared = registry.fact_kinds()
    missing = {f"activity.{name}": FactKind(f"activity.{name}", "活动", "活动") for name in KINDS} | declared
    monkeypatch.setattr(registry, "fact_kinds", lambda: missing)


class Diary:
    """What branches plan and hold; each meeting has a number, and its facts name it."""

    def __init__(self) -> None:
        self.numbers = count(1)

    def _tell(self, verb: str, number: int, org, kind: str, on: dt.date, **data) -> None:
        with transaction.atomic():
            facts.record(
                f"activity.{verb}",
                by=SYSTEM,
                at=at_time(on, 19),
                org=org.pk,
                obj=Ref.of("activity", number),
                data={"activity_kind": kind, "on": on.isoformat(), **data},
            )

    def plan(self, org, kind: str, on: str, counts_for: str | None = None) -> int:
        number = next(self.numbers)
        self._tell("planned", number, org, kind, dt.date.fromisoformat(on), counts_for=counts_for)
        return number

    def move(self, number: int, org, kind: str, to: str) -> None:
        self._tell("rescheduled", number, org, kind, dt.date.fromisoformat(to), **{"from": "2026-01-01"})

    def cancel(self, number: int, org, kind: str, on: str) -> None:
        self._tell("cancelled", number, org, kind, dt.date.fromisoformat(on), reason="改期")

    def hold(self, org, kind: str, on: str, counts_for: str | None = None, number: int | None = None) -> int:
        number = number or next(self.numbers)
        self._tell(
            "signed_off",
            number,
            org,
            kind,
            dt.date.fromisoformat(on),
            counts_for=counts_for,
            present=8,
            expected=9,
            hours_minutes=60,
        )
        return number


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def sweep(clock):
    """`sweep("2026-11-24 06:00")` moves the clock there and sweeps; without a time it sweeps now."""
    from gongjian.appraisal.standards import actions

    def run(moment: str = "", **options):
        if moment:
            clock.set(moment)
        return actions.sweep(by=SYSTEM, **options)

    return run


@pytest.fixture
def state():
    """`state(org, "theme_day_monthly", "2026-11")` as it is kept; None if there is no standing."""
    from gongjian.appraisal.standards.models import Standing

    def look(org, duty: str, period: str) -> str | None:
        row = Standing.objects.filter(org=org, duty=duty, period=period).first()
        return row.state if row else None

    return look
