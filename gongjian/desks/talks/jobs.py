"""What runs by itself: preparing cards, in the morning, telling nobody."""

from gongjian.desks.talks import actions
from gongjian.ground.kernel.actor import SYSTEM


def prepare() -> None:
    """Prepare the cards of the coming days; the secretary finds them among the to-dos."""
    actions.prepare_cards(by=SYSTEM)
