"""应到的说明: why each person stands on the list, in words, and whom the rules let a meeting leave out (DOMAIN 1.4)."""

from django.utils.translation import gettext as _

from gongjian.desks.activities.models import Activity, Participation
from gongjian.engines.voting.expected import Expected, committee_of, expected_of, guests_of
from gongjian.ground.kernel import clock


def expected_by_rule(activity: Activity) -> list[Expected]:
    """Who should come to this activity by the records of its day; nobody where people are chosen or come freely."""
    day = clock.day_of(activity.starts_at)
    if activity.audience == "committee":
        return committee_of(activity.org, day)
    if activity.audience not in ("members", "group"):
        return []
    joining = Participation.objects.filter(activity=activity, state__in=("confirmed", "counted")).select_related("org")
    return [one for org in (activity.org, *(row.org for row in joining)) for one in expected_of(org, day)]


def guests_by_rule(activity: Activity) -> list[Expected]:
    """流动党员 of other branches who may attend where all members of a branch meet (DOMAIN 2.2.12); never counted."""
    if activity.audience != "members" or activity.org.level != "branch":
        return []
    return guests_of(activity.org, clock.day_of(activity.starts_at))


def words_of(one: Expected) -> str:
    """Why somebody is expected: standing, post, what the register says; never which illness or case it is."""
    member, words = one.membership, []
    if one.posts:
        words.append(one.posts)
    if member is not None:
        words.append(_("正式党员") if member.kind == "formal" else _("预备党员"))
        if member.state == "suspended":
            words.append(_("权利暂停"))
        if member.lost_since:
            words.append(_("失去联系"))
        if member.mobile:
            words.append(_("流动党员"))
    if one.why:
        words.append(one.why.rstrip("。"))
    elif one.has_vote:
        words.append(_("有表决权"))
    return "；".join(words)


def reasons_for(activity: Activity) -> dict[int, str]:
    """Why each person is expected, by person, in words."""
    return {one.person.pk: words_of(one) for one in (*guests_by_rule(activity), *expected_by_rule(activity))}


def may_be_left_out(activity: Activity) -> set[int]:
    """Whom the register lets this meeting leave out of 应到, the higher organisation having agreed where that is asked."""
    return {one.person.pk for one in expected_by_rule(activity) if not one.counted}
