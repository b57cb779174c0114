"""What stands around an activity's file from its planning: one's own reply, replies in sum, series, joint organisations."""

from django.utils.translation import gettext as _

from gongjian.desks.activities import actions, planning_queries, queries
from gongjian.desks.activities.looks import REPLY
from gongjian.desks.activities.permissions import Abilities, may_convene
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.ref import Ref
from gongjian.records.files import queries as files
from gongjian.records.notices import queries as notices


def around(activity: queries.Activity, actor: Actor, row: planning_queries.Attendance | None, can: Abilities) -> dict:
    """The context of `activities/parts/planning.html`; at most eight queries."""
    before = activity.state in (PLANNED, NOTIFIED)
    planning = policy.on(clock.day_of(activity.starts_at)).planning
    joinings = planning_queries.joinings_of(activity)
    counts = planning_queries.reply_counts(activity) if can.roster and activity.state != PLANNED else {}
    answers = [(key, REPLY[key]) for key in planning.replies] if before and row is not None else []
    return {
        "answers": answers, "own_reply": queries.reply_of(activity, actor.person) if answers else None,
        "unread_notice": notices.unread_at(actor, actions.page_of(activity)),
        "reply_counts": [(look.word, counts.get(key, 0)) for key, look in REPLY.items() if key in planning.replies],
        "shows_replies": can.roster and activity.state != PLANNED,
        "joinings": [one for one in joinings if one.state not in ("declined", "withdrawn")],
        "to_answer": before and any(one.state == "invited" and actor.may_at("activities.plan", one.org) for one in joinings),
        "may_join": before and can.plan,
        "shelf": files.on_shelf(actor, Ref.of("activity", activity.pk)),
        "late_word": _("临时改动") if activity.late_change_at else "",
        "waits_for_convener": activity.state == PLANNED and can.plan
        and not may_convene(activity.org, queries.kind_of(activity), actor),
    }  # fmt: skip
