"""承接: what hangs on an organisation in the rooms above, and must go over with it in the same transaction.

This room knows no members and no grids. The rooms that keep them enter a carrier when the program starts (`apps.py`,
`ready`); merging, splitting and dissolving call each carrier, lowest room first, inside the deed's own transaction. A
carrier that raises Refused undoes the whole deed. This is a list of functions in one place, not a signal.
"""

import datetime as dt
from typing import Any, Protocol

from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs.models import Organisation


class Carrier(Protocol):
    """承接者: one room's part in a merger, a split and a dissolution; each returns what a fact should say of it."""

    def merge(
        self, *, org: Organisation, into: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str
    ) -> dict[str, int]:
        """Hand over everything that `org` has."""
        ...

    def split(
        self,
        *,
        org: Organisation,
        new: Organisation,
        chosen: dict[str, Any],
        by: Actor,
        on: dt.date,
        at: dt.datetime,
        reason: str,
    ) -> dict[str, int]:
        """Hand over what was chosen (such as `members`: ids of persons)."""
        ...

    def dissolve(self, *, org: Organisation, by: Actor, on: dt.date, at: dt.datetime, reason: str) -> dict[str, int]:
        """End what cannot outlive the organisation."""
        ...

    def choices(self, org: Organisation) -> list[tuple[str, str]]:
        """Members that a split can hand over, as choices of a form; nothing for a room without members."""
        ...


carriers: list[Carrier] = []


def members_to_choose(org: Organisation) -> list[tuple[str, str]]:
    """Who can go over in a split: (id, name)."""
    return [choice for carrier in carriers for choice in carrier.choices(org)]
