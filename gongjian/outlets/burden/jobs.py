"""Each night: the weeks' counts. Each minute: approvals of packs over budget."""

from gongjian.ground.kernel import clock
from gongjian.outlets.burden import counting


def count() -> int:
    """Count the last weeks; how many."""
    return counting.count_weeks(clock.today())


def note_approvals() -> int:
    """Record approvals as facts; how many are new."""
    return counting.note_approvals()
