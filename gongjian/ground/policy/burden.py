"""What a pack asks (一个政策包的负担): estimated from its duties alone, before anybody has done anything. Pure."""

from datetime import date
from fractions import Fraction
from typing import NamedTuple

from gongjian.ground.policy.burden_schema import Chain
from gongjian.ground.policy.schema import Pack

MEASURES = ("messages", "fields", "uploads", "minutes")
A_YEAR = {"month": 12, "quarter": 4, "year": 1}
WEEKS = 52


class Breach(NamedTuple):
    """超出预算: a role, a measure, what is estimated a week, the budget, and the duties that ask most of it."""

    role: str
    measure: str
    estimated: Fraction
    budget: int
    most: tuple[str, ...]


def asked_by_duties(pack: Pack, day: date) -> dict[tuple[str, str], dict[str, Fraction]]:
    """(role, measure) → duty → how much a week it asks of one holder of the role.

    A duty `times` in each `per` is done times × 12, 4 or 1 in a year of 52 weeks. The branch that all duties of a kind
    apply to is reckoned, not an average branch. Duties that are done outside the product ask the same.
    """
    found: dict[tuple[str, str], dict[str, Fraction]] = {}
    for duty in pack.duties_on(day):
        often = Fraction(duty.times * A_YEAR[duty.per], WEEKS)
        for (role, measure), amount in _once(pack, duty.done_by.fact).items():
            found.setdefault((role, measure), {})[duty.id] = amount * often
    return found


def _once(pack: Pack, fact: str) -> dict[tuple[str, str], int]:
    """What one fulfilment asks; a fact without a chain is reckoned as the chain that asks the most minutes."""
    chains = [_of(pack, chain) for chain in pack.burden.chains if chain.done_by == fact]
    if not chains:
        every = [_of(pack, chain) for chain in pack.burden.chains]
        chains = [
            max(every, key=lambda one: sum(n for (_, measure), n in one.items() if measure == "minutes"), default={})
        ]
    return chains[0]


def _of(pack: Pack, chain: Chain) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = {}
    for share in chain.deeds:
        deed = pack.burden.deeds[share.deed]
        for measure in ("fields", "uploads", "minutes"):
            key = (deed.role, measure)
            total[key] = total.get(key, 0) + getattr(deed, measure) * share.times
    for role, count in chain.messages.items():
        total[(role, "messages")] = total.get((role, "messages"), 0) + count
    return total


def breaches(pack: Pack, day: date) -> list[Breach]:
    """Where the duties in force on a day ask more of a role in a week than its budget; equal to it is within."""
    found, asked = [], asked_by_duties(pack, day)
    for budget in pack.burden.budgets:
        for measure in MEASURES:
            parts = asked.get((budget.id, measure), {})
            total, most = sum(parts.values(), Fraction(0)), getattr(budget, measure)
            if total > most:
                worst = sorted(parts, key=lambda duty: (-parts[duty], duty))[:3]
                found.append(Breach(budget.id, measure, total, most, tuple(worst)))
    return found
