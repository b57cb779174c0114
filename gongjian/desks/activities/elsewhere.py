"""别处完成的: duties kept by other rooms' facts (`also_done_by` of the pack), such as a talk held or an appraisal closed.

Standards judge by the same facts after the relay (appraisal/standards/listeners.py); here they are read directly, so that
the year's plan is true at once and proposes nothing that is done already.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Q

from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.clock import period_bounds
from gongjian.ground.policy.rules import as_text, matches
from gongjian.ground.policy.schema import Duty
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation


class Elsewhere(NamedTuple):
    """别处的一次: the day on which a duty was kept, the period it says it counts for ("": its own), what it was."""

    day: dt.date
    counts_for: str
    title: str


def _day_of(data: dict, at: dt.datetime) -> dt.date:
    """The day that a fact says it is about, else when it happened."""
    try:
        return dt.date.fromisoformat(as_text(data.get("on")))
    except ValueError:
        return clock.day_of(at)


def _period_named(data: dict) -> str:
    text = as_text(data.get("counts_for"))
    try:
        period_bounds(text)
    except (ValueError, IndexError):
        return ""
    return text


def kept_elsewhere(org: Organisation, duties: Iterable[Duty], since: dt.date) -> dict[str, list[Elsewhere]]:
    """What keeps each of these duties (by its id) without an activity of this room, by day; at most one query.

    Facts from `since` on, of the organisation and, where a duty says so, of its groups. An object counts once, and not
    after a fact of `withdrawn_by` has taken it back.
    """
    asked = [duty for duty in duties if duty.also_done_by]
    if not asked:
        return {}
    kinds = {match.fact for duty in asked for match in (*duty.also_done_by, *duty.withdrawn_by)}
    whose = Q(org=org.pk)
    if any(duty.held_by == "own_or_groups" for duty in asked):
        whose |= Q(org__in=Organisation.objects.filter(parent=org, kind="group").values("pk"))
    rows = list(
        Fact.objects.filter(whose, kind__in=kinds, at__gte=clock.at_time(since)).exclude(object_kind="").order_by("id")
        .values_list("kind", "at", "org", "object_kind", "object_id", "data")
    )  # fmt: skip
    titles = registry.fact_kinds()
    found: dict[str, list[Elsewhere]] = defaultdict(list)
    for duty in asked:
        done: dict[tuple[str, str], Elsewhere] = {}
        for kind, at, holder, object_kind, object_id, data in rows:
            if holder != org.pk and duty.held_by != "own_or_groups":
                continue
            if any(matches(match, kind, data) for match in duty.also_done_by):
                title = str(titles[kind].title) if kind in titles else ""
                done[object_kind, object_id] = Elsewhere(_day_of(data, at), _period_named(data), title)
            elif any(matches(match, kind, data) for match in duty.withdrawn_by):
                done.pop((object_kind, object_id), None)
        found[duty.id] = sorted(done.values())
    return dict(found)


def within(found: Iterable[Elsewhere], period: str) -> list[Elsewhere]:
    """Those that count for a period: named by it, or in it."""
    first, last = period_bounds(period)
    return [one for one in found if (one.counts_for == period if one.counts_for else first <= one.day <= last)]
