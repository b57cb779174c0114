"""What duties count, kept from facts (发生记录): the listener of this room. It writes no facts, so it can be replayed."""

import datetime as dt
from collections import defaultdict

from django.db.models import Q

from gongjian.appraisal.standards import judging, rules
from gongjian.appraisal.standards.models import Occurrence, Watched
from gongjian.engines.relay import Listener
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.clock import period_bounds, period_of
from gongjian.ground.policy.rules import as_text, matches
from gongjian.ground.policy.schema import Duty, Pack
from gongjian.records.facts.stream import FactRow
from gongjian.records.orgs.models import Organisation

Key = tuple[str, str, str]  # what is counted, kind and number of the object


def day_of(fact: FactRow) -> dt.date:
    """The day a fact says it is about: `on` in its data, else when it happened."""
    try:
        return dt.date.fromisoformat(as_text(fact.data.get("on")))
    except ValueError:
        return clock.day_of(fact.at)


def period_named(fact: FactRow) -> str:
    """The period that a fact says it counts for; nothing if it says none, or something that is no period."""
    text = as_text(fact.data.get("counts_for"))
    try:
        period_bounds(text)
    except (ValueError, IndexError):
        return ""
    return text


def changed(state: Occurrence | None, fact: FactRow, duty: Duty) -> dict | None:
    """What an occurrence becomes through a fact; None if the fact leaves it as it is.

    Held beats planned, called off beats both; another day changes only a plan.
    """
    if any(matches(match, fact.kind, fact.data) for match in (duty.done_by, *duty.also_done_by)):
        return {"org_id": fact.org, "on": day_of(fact), "counts_for": period_named(fact), "state": "done"}
    if any(matches(match, fact.kind, fact.data) for match in duty.withdrawn_by):
        return {"state": "withdrawn"} if state is not None else None
    if matches(duty.planned_by, fact.kind, fact.data):
        if state is not None and state.state == "done":
            return None
        return {"org_id": fact.org, "on": day_of(fact), "counts_for": period_named(fact), "state": "planned"}
    if fact.kind == rules.rescheduling_kind(duty) and state is not None and state.state == "planned":
        return {"on": day_of(fact)}
    return None


class StandardsListener(Listener):
    """达标的听者: keeps occurrences and judges again only the cells that a batch touched."""

    name = "standards"
    title = "达标"

    @property
    def kinds(self) -> tuple[str, ...]:  # type: ignore[override]
        """The fact kinds of all duties of the pack, past ones too."""
        return rules.fact_kinds(policy.current().duties)

    def handle(self, batch: list[FactRow]) -> None:
        """Take in facts in order: four statements for the occurrences however large the batch, one a duty to judge."""
        pack = policy.current()
        judging.take_turn()
        self._watch(pack)
        facts = [fact for fact in batch if fact.org is not None and fact.object_kind]
        known = set(Organisation.objects.filter(pk__in={fact.org for fact in facts}).values_list("pk", flat=True))
        duties = {rules.match_key(duty): duty for duty in pack.duties}
        held = self._held([fact for fact in facts if fact.org in known])
        before = {key: (row.org_id, row.on, row.counts_for, row.state) for key, row in held.items()}
        for fact in facts:
            if fact.org not in known:
                continue
            for key, duty in duties.items():
                at = (key, fact.object_kind, fact.object_id)
                values = changed(held.get(at), fact, duty)
                if values is None:
                    continue
                row = held.setdefault(at, Occurrence(matched=key, object_kind=at[1], object_id=at[2]))
                for name, value in values.items():
                    setattr(row, name, value)
        moved = {
            key: row for key, row in held.items() if before.get(key) != (row.org_id, row.on, row.counts_for, row.state)
        }
        for row in moved.values():
            row.pk = None  # the unique key decides between new and known; a number of its own would clash first
        Occurrence.objects.bulk_create(
            moved.values(), update_conflicts=True, unique_fields=["matched", "object_kind", "object_id"],
            update_fields=["org", "on", "counts_for", "state"], batch_size=500,
        )  # fmt: skip
        self._judge(pack, moved, before)

    def reset(self) -> None:
        """Forget all occurrences; standings stay as they are until the facts come in again and they are judged."""
        judging.take_turn()
        Occurrence.objects.all().delete()
        Watched.objects.all().delete()

    def _watch(self, pack: Pack) -> None:
        """At the stream's beginning (only then nothing is watched yet) note what is collected from there."""
        if not Watched.objects.exists():
            Watched.objects.bulk_create(Watched(matched=key) for key in {rules.match_key(duty) for duty in pack.duties})

    def _held(self, facts: list[FactRow]) -> dict[Key, Occurrence]:
        """The occurrences there are for the objects of these facts."""
        ids: dict[str, set[str]] = defaultdict(set)
        for fact in facts:
            ids[fact.object_kind].add(fact.object_id)
        if not ids:
            return {}
        condition = Q(pk__in=[])
        for kind, found in ids.items():
            condition |= Q(object_kind=kind, object_id__in=found)
        return {(row.matched, row.object_kind, row.object_id): row for row in Occurrence.objects.filter(condition)}

    def _judge(self, pack: Pack, moved: dict[Key, Occurrence], before: dict[Key, tuple]) -> None:
        """Judge the organisations (and the branches of groups) and periods that the moved occurrences touch."""
        today = clock.today()
        touched: dict[str, set[tuple[int, dt.date, str]]] = defaultdict(set)
        for key, row in moved.items():
            touched[key[0]].add((row.org_id, row.on, row.counts_for))
            if key in before:
                touched[key[0]].add(before[key][:3])
        orgs = {org for cells in touched.values() for org, _, _ in cells}
        branches = dict(Organisation.objects.filter(pk__in=orgs, kind="group").values_list("pk", "parent_id"))
        for duty in pack.duties:
            cells = set()
            for org, on, counts_for in touched.get(rules.match_key(duty), ()):
                period = counts_for or period_of(on, duty.per)
                if len(period) != len(period_of(on, duty.per)) or period_bounds(period)[0] > today:
                    continue  # names a month where a quarter is meant: counts for nothing; or its time has not come
                cells.add((org, period))
                if duty.held_by == "own_or_groups" and branches.get(org):
                    cells.add((branches[org], period))
            if cells:
                judging.judge(pack=pack, duty=duty, periods=(), today=today, cells=sorted(cells))
