"""本地测试平台的适配器: a client of the cashier in `sandbox.py` over real HTTP, with signatures both ways and timeouts."""

import csv
import datetime as dt
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from gongjian.engines.payments import signing
from gongjian.engines.payments.providers.base import (
    Asked,
    BadNotice,
    BillLine,
    Notice,
    Opened,
    ProviderAway,
    Standing,
)

TIMEOUT = httpx.Timeout(5.0, connect=2.0)


def _moment(text: str | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(text) if text else None


class LocalProvider:
    """本地测试平台."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.url, self.merchant, self.key = settings["url"].rstrip("/"), settings["merchant"], settings["key"]

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        content = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
        signed = content or path.encode()
        headers = {**signing.headers(self.key, signed), "X-Pay-Merchant": self.merchant}
        try:
            with httpx.Client(timeout=TIMEOUT, trust_env=False, follow_redirects=False) as client:
                answer = client.request(method, self.url + path, content=content or None, headers=headers)
        except httpx.HTTPError as problem:
            raise ProviderAway(type(problem).__name__) from problem
        if answer.status_code == 404:
            return answer
        if answer.status_code != 200:
            raise ProviderAway(f"HTTP {answer.status_code}")
        if not signing.fits(self.key, answer.headers, answer.content):
            raise ProviderAway("answer without a valid signature")
        return answer

    def create(self, asked: Asked) -> Opened:
        """Open an order with the provider."""
        body = {**asked._asdict(), "expires_at": asked.expires_at.isoformat(), "merchant": self.merchant}
        answer = self._ask("POST", "/v1/orders", body)
        if answer.status_code == 404:
            raise ProviderAway("HTTP 404")
        found = answer.json()
        return Opened(found["trade_no"], found["pay_url"])

    def _standing(self, answer: httpx.Response) -> Standing:
        if answer.status_code == 404:
            return Standing("unknown")
        found = answer.json()
        return Standing(found["state"], int(found["paid"] or 0), found["trade_no"], _moment(found["paid_at"]))

    def query(self, number: str) -> Standing:
        """How an order stands."""
        return self._standing(self._ask("GET", f"/v1/orders/{quote(number)}"))

    def close(self, number: str) -> Standing:
        """Let nobody pay it any more; how it stands then (perhaps it was paid just before)."""
        return self._standing(self._ask("POST", f"/v1/orders/{quote(number)}/close", {}))

    def refund(self, number: str, refund_number: str, amount: int, reason: str) -> bool:
        """Pay back; True when the provider has done so (asked twice under one number, it pays once)."""
        answer = self._ask(
            "POST", "/v1/refunds", {"number": number, "refund_number": refund_number, "amount": amount, "reason": reason}
        )  # fmt: skip
        return answer.status_code == 200 and answer.json()["state"] == "refunded"

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """A notification, if the key proves it."""
        if not signing.fits(self.key, headers, body):
            raise BadNotice("signature")
        try:
            found = json.loads(body)
            return Notice(
                str(found["event"])[:64], str(found["kind"])[:40], str(found["number"]), int(found["amount"]),
                str(found["trade_no"])[:64], dt.datetime.fromisoformat(found["at"]),
            )  # fmt: skip
        except (ValueError, KeyError, TypeError) as problem:
            raise BadNotice("shape") from problem

    def bill(self, day: dt.date) -> list[BillLine]:
        """All that moved on a day, from the provider's CSV file."""
        answer = self._ask("GET", f"/v1/bills/{day.isoformat()}")
        if answer.status_code == 404:
            return []
        rows = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
        return [BillLine(row["kind"], row["number"], row["trade_no"], int(row["amount"])) for row in rows]
