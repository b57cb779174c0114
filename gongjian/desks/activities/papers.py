"""会议材料: who may read the papers of an activity, and who may add or take them down (`Manifest.files`)."""

from gongjian.desks.activities import queries
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, SIGNED_OFF
from gongjian.ground.kernel.actor import Actor


def gate(actor: Actor, ident: str, change: bool) -> bool:
    """Read: whoever sees the activity. Change: who plans it; once it is signed off, who signs off; never a cancelled one."""
    activity = queries.visible_to(actor).filter(pk=ident).select_related("org").first() if ident.isdigit() else None
    if activity is None or not change:
        return activity is not None
    if activity.state in BEFORE_SIGN_OFF:
        return actor.may_at("activities.plan", activity.org) or actor.may_at("activities.hold", activity.org)
    return activity.state == SIGNED_OFF and actor.may_at("activities.sign_off", activity.org)
