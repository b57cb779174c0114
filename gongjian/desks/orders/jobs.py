"""What runs by itself: clocks that ran out are told every few minutes, contacts are erased at night."""

from gongjian.desks.orders import actions
from gongjian.ground.kernel.actor import SYSTEM


def escalate() -> None:
    """Tell of clocks that ran out."""
    actions.escalate(by=SYSTEM)


def forget() -> None:
    """Erase contacts that need not be kept any longer."""
    while actions.erase_old(by=SYSTEM):
        pass
