"""What the worker does for this room by the clock."""

from gongjian.desks.activities import actions


def remind() -> int:
    """Remind those who have not read the notice of a meeting that is near; returns how many. Again, it reminds nobody."""
    return actions.remind_all()
