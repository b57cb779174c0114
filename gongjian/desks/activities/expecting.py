"""应到的说明: why each person stands on the list, in words (DOMAIN 1.4)."""

from django.utils.translation import gettext as _

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.models import Activity
from gongjian.ground.kernel import clock


def reasons_for(activity: Activity) -> dict[int, str]:
    """Why each member on the list is expected, by person, in words; one query."""
    day = clock.day_of(activity.starts_at)
    found = {}
    for person, kind, state, mobile, lost in queries.members_expected(activity.org, day).values_list(
        "person", "kind", "state", "mobile", "lost_since"
    ):
        words = [_("正式党员") if kind == "formal" else _("预备党员，无表决权")]
        why = rules.may_be_left_out(state=state, mobile=mobile, lost_for_days=(day - lost).days if lost else None)
        found[person] = "；".join([*words, why] if why else words)
    return found
