"""What runs by itself: closing finished periods as the pack says, and reminding of appeals that wait."""

from gongjian.appraisal.points import actions
from gongjian.ground.kernel.actor import SYSTEM


def close_and_remind() -> None:
    """Close what is due, then remind; again on the same day changes nothing."""
    actions.close_due(by=SYSTEM)
    actions.remind(by=SYSTEM)
