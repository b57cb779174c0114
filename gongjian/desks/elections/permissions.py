"""Who: what an actor can do with an election now, for pages and API alike. The deeds check again."""

from gongjian.desks.elections.models import Election
from gongjian.desks.elections.states import ACCEPTED, ALLOWED, COMPLETE, ELECTED, FLOW, MEETING, PREPARING
from gongjian.ground.kernel.actor import Actor

ABOVE = ("allow", "return_request", "accept", "return_candidates", "return_result", "confirm")


def abilities(election: Election, actor: Actor) -> dict[str, bool]:
    """Name of a move or deed → whether it is this actor's, and possible now."""
    runs = actor.may_at("elections.run", election.org)
    above = election.org.parent is not None and actor.may_at("elections.approve", election.org.parent)
    state = election.state
    can = {
        move.name: state in move.frm and (above if move.name in ABOVE else runs)
        for move in FLOW.moves if move.name not in ("elect", "complete", "reopen_meeting", "reopen_committee")
    }  # fmt: skip
    return can | {
        "runs": runs, "answers": above, "change": runs and state == PREPARING,
        "candidates": runs and state == ALLOWED, "tellers": runs and state in (ACCEPTED, MEETING),
        "committee_tellers": runs and state == ELECTED, "replace": runs and state == ELECTED,
        "elects": runs and state in (MEETING, ELECTED), "duties": runs and state in (ELECTED, COMPLETE),
        "annul": runs and state in (MEETING, ELECTED, COMPLETE),
    }  # fmt: skip
