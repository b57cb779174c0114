"""The tree as of any day equals a replay of what happened up to that day, whatever happened (Hypothesis)."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Refused
from gongjian.records.orgs import actions, queries
from gongjian.records.orgs.models import Organisation

START = dt.date(2026, 1, 1)
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["found", "found", "found", "move", "rename", "dissolve", "merge"]),
        st.integers(0, 30), st.integers(0, 30), st.integers(0, 3),
    ),
    max_size=14,
)  # fmt: skip


class Replay:
    """What the tree should be: parent and name of each living organisation, kept by the test itself."""

    def __init__(self, root: Organisation) -> None:
        self.now = {root.pk: (None, root.name)}
        self.days: dict[dt.date, dict] = {}

    def below(self, top: int) -> dict:
        found, grew = {top: self.now[top]}, True
        while grew:
            grew = False
            for org, (parent, name) in self.now.items():
                if org not in found and parent in found:
                    found[org], grew = (parent, name), True
        return found


class Undo(Exception):
    """Leaves nothing behind between two examples."""


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_as_of_equals_replay(deeds):
    try:
        with transaction.atomic():
            _play(deeds)
            raise Undo
    except Undo:
        pass


def _play(deeds) -> None:
    # committees of units may stand below each other, so any shape of tree can be made of them
    root = actions.found(
        by=SYSTEM, code="R", name="根", kind="city_committee", level="city", parent=None, on=dt.date(2025, 1, 1)
    )
    alive, replay, day = [root], Replay(root), START
    for number, (deed, a, b, step) in enumerate(deeds):
        if not alive:
            break
        day += dt.timedelta(days=step)
        one, two = alive[a % len(alive)], alive[b % len(alive)]
        one.refresh_from_db()
        two.refresh_from_db()
        try:
            with transaction.atomic():
                if deed == "found":
                    made = actions.found(
                        by=SYSTEM,
                        code=f"U{number}",
                        name=f"单位{number}",
                        kind="unit_committee",
                        level="unit",
                        parent=one,
                        on=day,
                    )
                    alive.append(made)
                    replay.now[made.pk] = (one.pk, made.name)
                elif deed == "move":
                    actions.move(org=one, by=SYSTEM, parent=two, on=day)
                    replay.now[one.pk] = (two.pk, replay.now[one.pk][1])
                elif deed == "rename":
                    actions.rename(org=one, by=SYSTEM, name=f"改名{number}", on=day)
                    replay.now[one.pk] = (replay.now[one.pk][0], f"改名{number}")
                elif deed == "dissolve":
                    actions.dissolve(org=one, by=SYSTEM, on=day, reason="试验")
                    alive.remove(one)
                    del replay.now[one.pk]
                elif deed == "merge":
                    actions.merge(org=one, into=two, by=SYSTEM, on=day, reason="试验")
                    alive.remove(one)
                    del replay.now[one.pk]
                    for org, (parent, name) in list(replay.now.items()):
                        if parent == one.pk:
                            replay.now[org] = (two.pk, name)
        except Refused:
            alive = list(Organisation.objects.filter(dissolved_on__isnull=True, code__regex=r"^[RU]").order_by("pk"))
        replay.days[day] = dict(replay.now)
    replay_days = sorted(replay.days)
    for when in replay_days:
        expected = replay.days[when]
        if root.pk not in expected:
            continue
        found = {node.org: (node.parent, node.name) for node in queries.tree_as_of(when, root)}
        assert found == expected, when
    # the paths of today say the same as the tree of the last day
    for org in Organisation.objects.filter(dissolved_on__isnull=True, code__regex=r"^[RU]"):
        line, above = [], org.pk
        while above is not None:
            line.insert(0, above)
            above = replay.now[above][0]
        assert org.path == "/" + "".join(f"{part}/" for part in line)
        assert org.territory_path == org.path


@pytest.mark.django_db
def test_one_query_whatever_the_depth(city, queries, clock):
    from gongjian.records.orgs.queries import tree_as_of

    with queries(1):
        nodes = tree_as_of(dt.date(2026, 11, 1), city.root)
    assert [node.depth for node in nodes][:3] == [0, 1, 2]
    assert {node.name for node in nodes} >= {"云山市委", "榕荫第一网格党支部第一党小组"}
    assert next(node.below for node in nodes if node.org == city.community.pk) == 2
    assert tree_as_of(dt.date(2015, 5, 31), city.root) == []
    assert [node.depth for node in tree_as_of(dt.date(2026, 11, 1), city.root, depth=1)] == [0, 1, 1]
