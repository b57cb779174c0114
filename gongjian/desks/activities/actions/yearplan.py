"""A year's plan at once (年度计划): what was confirmed of the drafts becomes plans, all or nothing."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction

from gongjian.desks.activities.actions.planning import plan
from gongjian.desks.activities.models import Activity
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records.orgs.models import Organisation

MOST = 200


class Entry(NamedTuple):
    """计划中的一项: a kind at a time; what is left out comes from the pack's kind."""

    kind: str
    starts_at: dt.datetime
    minutes: int | None = None
    place: str = ""
    title: str = ""
    counts_for: str | None = None
    chosen: tuple[int, ...] = ()


class RowRefused(Refused):
    """某一项不能安排: `row` is its place in the plan, from 0."""

    def __init__(self, row: int, refusal: Refused) -> None:
        super().__init__(str(getattr(refusal, "message", None) or refusal), field=getattr(refusal, "field", None))
        self.row = row


@transaction.atomic
def plan_year(
    *, org: Organisation, entries: Sequence[Entry], by: Actor, key: str, at: dt.datetime | None = None
) -> list[Activity]:
    """Plan all entries, or none if one of them cannot be. The same `key` again gives the same activities.

    Nobody is told: each notice goes out when its time comes. Raises RowRefused with the entry that cannot be.
    """
    by.require("activities.plan", org)
    if not entries:
        raise Invalid("没有勾选任何一项。", field="entries")
    if len(entries) > MOST:
        raise Invalid(f"一次最多安排 {MOST} 项。", field="entries")
    made = []
    for number, entry in enumerate(entries):
        ends_at = entry.starts_at + dt.timedelta(minutes=entry.minutes) if entry.minutes else None
        try:
            made.append(plan(
                org=org, kind=entry.kind, starts_at=entry.starts_at, ends_at=ends_at, by=by, title=entry.title,
                place=entry.place, counts_for=entry.counts_for, chosen=entry.chosen, at=at or clock.now(),
                source=f"year:{org.pk}:{key}:{number}"[:120],
            ))  # fmt: skip
        except Refused as refusal:
            raise RowRefused(number, refusal) from refusal
    return made
