"""适配器的形状: what every payment provider has to be able to do. Amounts are whole fen."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple, Protocol


class ProviderAway(Exception):
    """The provider did not answer, or not in words that its key proves; nothing is known about the order."""


class BadNotice(Exception):
    """A notification that nobody with the key has signed, or that cannot be read."""


class Asked(NamedTuple):
    """下单: what the provider is asked for."""

    number: str
    amount: int
    title: str
    notify_url: str
    return_url: str
    expires_at: dt.datetime


class Opened(NamedTuple):
    """下单结果: the provider's number and the address of its cashier."""

    trade_no: str
    pay_url: str


class Standing(NamedTuple):
    """订单在平台的状态: unknown, waiting, paid, closed, refunded."""

    state: str
    amount: int = 0
    trade_no: str = ""
    paid_at: dt.datetime | None = None


class Notice(NamedTuple):
    """通知: an event of the provider about one of our orders."""

    event: str
    kind: str
    number: str
    amount: int
    trade_no: str
    at: dt.datetime


class BillLine(NamedTuple):
    """账单行: money in (pay) or out (refund) on a day."""

    kind: str
    number: str
    trade_no: str
    amount: int


class Provider(Protocol):
    """支付平台. Each call may raise ProviderAway; asking for the same number twice is asking once."""

    def create(self, asked: Asked) -> Opened: ...

    def query(self, number: str) -> Standing: ...

    def close(self, number: str) -> Standing: ...

    def refund(self, number: str, refund_number: str, amount: int, reason: str) -> bool: ...

    def read_notice(self, headers: Mapping[str, str], body: bytes) -> Notice: ...

    def bill(self, day: dt.date) -> list[BillLine]: ...
