"""A poll of the small city's branch, on a pack that a test may bend."""

import pytest

from gongjian.engines.voting import actions
from gongjian.ground.kernel.ref import Ref


@pytest.fixture
def bend(monkeypatch):
    """`bend(election={"quorum": "over_four_fifths"})`: the pack of today with rules of voting changed."""
    from gongjian.ground import policy
    from gongjian.ground.policy import store

    def bent(**rules):
        pack = policy.current()
        changed = [rule.model_copy(update=rules.get(rule.id, {})) for rule in pack.voting.rules]
        voting = pack.voting.model_copy(update={"rules": type(pack.voting.rules)(changed)})
        other = pack.model_copy(update={"voting": voting})
        monkeypatch.setattr(store, "on", lambda day: other)
        monkeypatch.setattr(store, "current", lambda: other)

    return bent


@pytest.fixture
def start(clock, city, cast):
    """`start(rule="admission")`: a poll of the branch (nine formal members), opened by its secretary."""

    def opened(**fields):
        given = {
            "org": city.branch, "subject": Ref("test", "1"), "title": "接收预备党员", "rule": "branch_assembly",
            "by": cast.secretary.actor, **fields,
        }  # fmt: skip
        return actions.open_poll(**given)

    return opened
