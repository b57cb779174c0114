"""会议档案: all that belongs to one meeting, from the notice to the follow-ups, for its pages and its PDF."""

from typing import Any

from django.utils.translation import gettext as _

from gongjian.desks.activities import follow_ups, queries, votes
from gongjian.desks.activities.models import Activity, Attendance, MinutesRevision
from gongjian.desks.activities.permissions import Abilities
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, UNDER_WAY
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact
from gongjian.records.facts.queries import about_object
from gongjian.records.files import queries as files

# Facts that say only of one person whether they came: their numbers are in the sign-off's fact.
PERSONAL = {"activity.excuse_asked", "activity.excuse_refused", "activity.replied"}


def panel(activity: Activity, actor: Actor, can: Abilities) -> dict[str, Any]:
    """What the activity's page shows of the meeting beyond time and list: particulars, decisions, follow-ups."""
    form = queries.form_of(activity)
    may_set = bool(form.asks) and activity.state in BEFORE_SIGN_OFF and actor.may_at("activities.hold", activity.org)
    may_delegate = activity.state in UNDER_WAY and actor.may_at("activities.sign_off", activity.org)
    lecturer = queries.lecturer_of(activity) if "lecturer" in form.asks else None
    day = clock.day_of(activity.starts_at)
    return {
        "form": form, "meeting": queries.meeting_of(activity), "lecturer": lecturer, "may_set": may_set,
        "people": list(queries.candidates(activity.org, day)[:300]) if may_set else [],
        "delegates": queries.delegates_of(activity) if may_delegate else [],
        "may_vote": can.record and form.voting is not None,
        "follow_ups": shown(follow_ups.of_activity(activity)) if activity.signed_at and can.minutes else [],
    }  # fmt: skip


def shown(found: list) -> list:
    """Follow-ups with the state in which lists show them, as of today."""
    day = clock.today()
    for one in found:
        one.shown = follow_ups.state_of(one, day)
    return found


def doubts(activity: Activity, actor: Actor) -> list[str]:
    """What is worth a second look before the sign-off; it blocks nothing."""
    form, meeting, found = queries.form_of(activity), queries.meeting_of(activity), []
    chair = Attendance.objects.filter(activity=activity, role="chair").select_related("person").first()
    if chair is not None and chair.status != "present":
        found.append(_("主持人%(name)s没有签到；由别人主持的，应有委托。") % {"name": chair.person.name})
    if "topic" in form.asks and not meeting.topic:
        found.append(_("还没有填写题目。"))
    if "lecturer" in form.asks:
        lecturer = queries.lecturer_of(activity)
        if lecturer is None:
            found.append(_("还没有写明主讲人，讲课的学时记不到人。"))
        elif lecturer.status != "present":
            found.append(_("主讲人%(name)s没有签到，讲课的学时不计。") % {"name": lecturer.person.name})
    if "oath_leader" in form.asks and meeting.oath_leader_id is None:
        found.append(_("还没有写明领誓人。"))
    decisions = votes.decisions_of(activity)
    if "problems" in form.asks and not any(one.problem for one in decisions):
        found.append(_("问题清单是空的；查摆出的问题和整改措施应逐项记下。"))
    loose = sum(1 for one in decisions if one.vote_state != "rejected" and bool(one.owner_id) != bool(one.due_on))
    if loose:
        found.append(_("有 %(n)d 项决定只写了责任人或者只写了时限，不会列入督办。") % {"n": loose})
    found += [
        _("%(name)s还有没保存的草稿（%(time)s）。")
        % {"name": name, "time": at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")}
        for name, at in queries.other_writers(activity, actor)
    ]  # fmt: skip
    return found


def facts_of(activity: Activity) -> list[Fact]:
    """Every fact about the meeting and its follow-ups, oldest first."""
    found = list(about_object(Ref.of("activity", activity.pk)).order_by("id"))
    idents = [str(one.pk) for one in follow_ups.of_activity(activity)]
    found += list(Fact.objects.filter(object_kind="followup", object_id__in=idents).order_by("id")) if idents else []
    return sorted(found, key=lambda fact: fact.pk)


def file_of(activity: Activity) -> dict[str, Any]:
    """The whole file for those who lead: each part evaluated."""
    rows = queries.attendance_of(activity)
    minutes = queries.minutes_of(activity)
    stories = facts_of(activity)
    done = follow_ups.of_activity(activity)
    steps = follow_ups.steps_of(done)
    revisions = list(MinutesRevision.objects.filter(minutes=minutes).order_by("number")) if minutes else []
    meeting = queries.meeting_of(activity)
    names = queries.names_of(
        [fact.by for fact in stories] + [step.by for step in steps] + [one.saved_by for one in revisions]
        + [activity.signed_by, activity.created_by, meeting.delegated_by]
    )  # fmt: skip
    for step in steps:
        step.who = names.get(step.by, _("系统"))
    for one in shown(done):
        one.all_steps = [step for step in steps if step.follow_up_id == one.pk]
    first = {fact.kind: fact for fact in reversed(stories)}
    told = first.get("activity.notified")
    return {
        "activity": activity, "kind": queries.kind_of(activity), "meeting": meeting, "minutes": minutes,
        "delegator": names.get(meeting.delegated_by, ""),
        "planner": names.get(activity.created_by, _("系统")), "signer": names.get(activity.signed_by, ""),
        "notified_at": told.at if told else None,
        "rescheduled": [fact.data for fact in stories if fact.kind == "activity.rescheduled"],
        "roles": [one for one in rows if one.role != "attendee"],
        "present": [one for one in rows if one.status == "present"],
        "excused": [one for one in rows if one.status == "excused"],
        "absent": [one for one in rows if one.status in ("absent", "expected")],
        "left_out": [
            {"name": name, "reason": fact.data.get("reason", "")}
            for fact, name in _named(stories, "activity.left_out")
        ],
        "papers": files.of(Ref.of("activity", activity.pk)),
        "standing": votes.standing_of(activity), "decisions": votes.decisions_of(activity), "follow_ups": done,
        "corrections": [
            {"at": fact.recorded_at, "who": names.get(fact.by, _("系统")), **fact.data}
            for fact in stories if fact.kind == "activity.record_corrected"
        ],
        "revisions": [
            {"number": one.number, "at": one.saved_at, "who": names.get(one.saved_by, _("系统"))} for one in revisions
        ],
        "facts": [fact.pk for fact in stories if fact.kind not in PERSONAL],
        "expected_count": activity.expected_count if activity.expected_count is not None
        else sum(not one.guest for one in rows),
        "present_count": activity.present_count if activity.present_count is not None
        else sum(one.status == "present" and not one.guest for one in rows),
    }  # fmt: skip


def _named(stories: list[Fact], kind: str) -> list[tuple[Fact, str]]:
    found = [fact for fact in stories if fact.kind == kind]
    names = queries.names_of([fact.person for fact in found])
    return [(fact, names.get(fact.person, "")) for fact in found]
