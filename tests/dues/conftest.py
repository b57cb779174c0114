"""What the tests of this room share: an assessed branch, and a cashier of its own process and port."""

import os
import secrets
import subprocess
import sys

import httpx
import pytest

from gongjian.desks.dues import actions
from gongjian.ground.kernel.actor import SYSTEM


@pytest.fixture
def assessed(clock, city, cast):
    """The branch's nine members assessed from July on: 0.5 % of 3000 = 15.00 yuan a month, the first 40.00 (1 % of 4000)."""
    people = city.people["branch"]
    for place, person in enumerate(people):
        actions.assess(
            person=person.pk, org=city.branch, category="company", entered={"basic_wage": 400000 if place == 0 else 300000},
            starts="2026-07", by=cast.secretary.actor,
        )  # fmt: skip
    return people


@pytest.fixture
def second(city):
    """A clerk of the community's committee, who enters what another confirms."""
    from gongjian.records.access import actions as access
    from gongjian.records.access.queries import actor_of_person
    from gongjian.records.people import actions as people

    person = people.register(by=SYSTEM, org=city.community, name="会计")
    access.give(
        person=person,
        role="community_clerk",
        org=city.community,
        by=SYSTEM,
        on=city.community.founded_on,
        reason="测试",
    )
    return actor_of_person(person)


class Cashier:
    """The cashier's process: its address, and the buttons of its page."""

    def __init__(self, port: int, key: str) -> None:
        self.url, self.key = f"http://127.0.0.1:{port}", key

    def press(self, pay_url: str, what: str = "pay") -> str:
        """Press a button of the page as a browser would."""
        return httpx.post(pay_url, data={"do": what}, trust_env=False, timeout=5).text

    def control(self, **what) -> None:
        """Make it misbehave."""
        import json

        from gongjian.engines.payments import signing

        body = json.dumps(what).encode()
        httpx.post(f"{self.url}/control", content=body, headers=signing.headers(self.key, body), trust_env=False)


@pytest.fixture(scope="session")
def cashier_process():
    """One process for all tests; orders have numbers of their own."""
    key = secrets.token_hex(16)
    process = subprocess.Popen(
        [sys.executable, "-m", "gongjian.engines.payments.sandbox", "--port", "0", "--merchant", "test"],
        stdout=subprocess.PIPE, text=True, env={**os.environ, "SANDBOX_KEY": key},
    )  # fmt: skip
    try:
        yield Cashier(int(process.stdout.readline()), key)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def cashier(cashier_process, settings):
    """The cashier with its manners back to normal, set up as our configuration `default`; it notifies nobody by itself."""
    cashier_process.control(repeat=1, delay=0, mute=True, shuffle=False, skew=0)
    settings.PAYMENTS = {
        "default": {"provider": "local", "url": cashier_process.url, "merchant": "test", "key": cashier_process.key}
    }
    return cashier_process
