"""收款人: the rooms above enter here what becomes of money for their kind of subject (as `facts.names` does for names)."""

from collections.abc import Callable
from dataclasses import dataclass

from gongjian.engines.payments.models import Order


@dataclass(frozen=True, slots=True)
class Taker:
    """一类事项的入账: `take(order)` posts it (inside one transaction, once; raises Refused if it cannot), `url(order)`
    is where the payer goes on afterwards."""

    take: Callable[[Order], None]
    url: Callable[[Order], str]


takers: dict[str, Taker] = {}


def enter(kind: str, taker: Taker) -> None:
    """Enter a kind of subject, once."""
    takers[kind] = taker
