"""The meeting itself: everyone's check-in at once, particulars, votes, the sign-off, and the file."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, dossier, queries, votes
from gongjian.desks.activities.looks import ATTENDANCE, FOLLOW_UP, STATE, VOTE
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import HELD, OPEN
from gongjian.desks.activities.views.lists import timeline_of
from gongjian.desks.activities.views.planning import back, persons_of
from gongjian.engines.voting import queries as polls
from gongjian.ground import paper
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Forbidden, Invalid
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts.proof import proof_of
from gongjian.records.files import queries as files


def led(request: HttpRequest, activity_id: int, code: str) -> queries.Activity:
    """The activity, for somebody who holds a permission over its organisation."""
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require(code, activity.org)
    return activity


def whole(request: HttpRequest, name: str) -> int | None:
    """A whole number that a form sent; None for nothing; Invalid for nonsense."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Invalid(_("请填写数字。"), field=name)
    return int(text)


@needs("activities.check_in")
def everyone(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Check in all who are there with a tap: everyone is ticked but who was excused; untick who is not there."""
    activity = led(request, activity_id, "activities.check_in")
    if activity.state not in (OPEN, HELD):
        messages.error(request, _("签到还没有开始，或活动已经归档。"))
        return back(activity)
    can = abilities(activity, request.actor, None)
    if request.method == "POST":
        ending = request.POST.get("then") == "hold"
        with attempt(request) as done:
            people = persons_of(request)
            number = actions.check_in_many(activity=activity, people=people, by=request.actor)
        if done:
            messages.success(request, _("已为 %(number)d 人签到。") % {"number": number})
        if not done or not ending:
            return redirect("activities:everyone", activity.pk)
        with attempt(request) as held:
            actions.hold(activity=activity, by=request.actor)
        return after_hold(activity) if held else redirect("activities:everyone", activity.pk)
    rows = queries.attendance_of(activity)
    for one in rows:
        one.ticked = one.status in ("expected", "absent") and one.excuse_state != "asked"
    return page(
        request, "activities/everyone.html",
        {"activity": activity, "can": can, "looks": ATTENDANCE, "may_end": can.hold and clock.now() >= activity.starts_at,
         "waiting": [one for one in rows if one.status != "present"],
         "present": [one for one in rows if one.status == "present"], "standing": votes.standing_of(activity)},
    )  # fmt: skip


def after_hold(activity: queries.Activity) -> HttpResponse:
    """Where the check-in's end leads on: the minutes where they are asked for and not there, else the sign-off."""
    if queries.kind_of(activity).minutes_required and queries.minutes_of(activity) is None:
        return redirect("activities:minutes", activity.pk)
    return redirect("activities:sign_off", activity.pk)


@needs("activities.hold")
@require_POST
def particulars(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The lesson's topic and teacher, who leads the oath."""
    activity = led(request, activity_id, "activities.hold")
    asks = queries.form_of(activity).asks
    with attempt(request, success=_("已保存。")):
        actions.set_particulars(
            activity=activity, by=request.actor, topic=request.POST.get("topic", "") if "topic" in asks else None,
            lecturer=whole(request, "lecturer") if "lecturer" in asks else None,
            oath_leader=(whole(request, "oath_leader") or 0) if "oath_leader" in asks else None,
        )  # fmt: skip
    return back(activity)


@needs("activities.sign_off")
@require_POST
def delegate(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Give the chair to the deputy or a committee member."""
    activity = led(request, activity_id, "activities.sign_off")
    with attempt(request, success=_("已记下委托主持。")):
        actions.delegate_chair(
            activity=activity,
            person=whole(request, "person") or 0,
            reason=request.POST.get("reason", ""),
            by=request.actor,
        )
    return back(activity)


@needs("activities.hold")
def vote(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Put decisions to a vote: what it takes, by show of hands or by secret ballot."""
    activity = led(request, activity_id, "activities.hold")
    if request.method == "POST":
        _vote_deed(request, activity)
        return redirect("activities:vote", activity.pk)
    decisions = votes.decisions_of(activity)
    found = votes.polls_of(decisions)
    for one in decisions:
        one.poll = found.get(one.pk)
        one.poll_text = polls.sentence_of(one.poll) if one.poll else ""
        one.poll_closed = one.poll is not None and one.poll.state == "closed"
    return page(
        request, "activities/vote.html",
        {"activity": activity, "decisions": decisions, "standing": votes.standing_of(activity), "looks": VOTE,
         "can": abilities(activity, request.actor, None)},
    )  # fmt: skip


def _vote_deed(request: HttpRequest, activity: queries.Activity) -> None:
    do, actor = request.POST.get("do", ""), request.actor
    words = {"propose": _("已写下，可以表决。"), "poll": _("已开始无记名投票。"), "take": _("已记入投票结果。")}
    with attempt(request, success=words.get(do, _("表决结果已记下。"))):
        if do == "propose":
            actions.propose(activity=activity, text=request.POST.get("text", ""), by=actor)
        elif do == "take":
            actions.take_results(activity=activity, by=actor)
        elif do == "poll":
            actions.start_poll(activity=activity, decision=whole(request, "decision") or 0, by=actor)
        else:
            actions.record_vote(
                activity=activity, decision=whole(request, "decision") or 0, yes=whole(request, "yes") or 0,
                no=whole(request, "no") or 0, abstain=whole(request, "abstain") or 0, written=whole(request, "written") or 0,
                declared={"passed": True, "rejected": False}.get(do), by=actor,
            )  # fmt: skip


@needs("activities.sign_off")
def sign_off(request: HttpRequest, activity_id: int) -> HttpResponse:
    """What will be filed, on one page, and the button; then the file."""
    activity = led(request, activity_id, "activities.sign_off")
    if request.method == "POST":
        with attempt(request, success=_("已签字确认并归档。")) as done:
            actions.sign_off(activity=activity, by=request.actor)
        return redirect("activities:file" if done else "activities:sign_off", activity.pk)
    kind = queries.kind_of(activity)
    found = queries.minutes_of(activity)
    return page(
        request, "activities/sign_off.html",
        {"activity": activity, "kind": kind, "tally": queries.tally(activity), "minutes": found, "states": STATE,
         "decisions": votes.decisions_of(activity), "quorum": votes.standing_of(activity), "votes": VOTE,
         "blocks": queries.form_of(activity).without_quorum == "block", "doubts": dossier.doubts(activity, request.actor),
         "can": abilities(activity, request.actor, None)},
    )  # fmt: skip


def _file(request: HttpRequest, activity_id: int) -> tuple[queries.Activity, dict]:
    activity = queries.get_for(request.actor, activity_id)
    can = abilities(activity, request.actor, None)
    if not can.roster:
        raise Forbidden(_("会议档案只供组织者和上级组织查看。"))
    return activity, {**dossier.file_of(activity), "can": can, "states": STATE, "looks": FOLLOW_UP, "votes": VOTE}


@signed_in
def file(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The file of a meeting on one page."""
    activity, context = _file(request, activity_id)
    context |= {"timeline": timeline_of(activity, with_names=True)[::-1], "lacking": paper.missing(),
                "shelf": files.on_shelf(request.actor, Ref.of("activity", activity.pk))}  # fmt: skip
    return page(request, "activities/file.html", context)


@signed_in
def file_pdf(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The file as a PDF with its proof."""
    activity, context = _file(request, activity_id)
    title = _("%(title)s会议档案") % {"title": activity.title}
    return paper.response(
        request, "activities/file_paper.html", {**context, "proof": proof_of(context["facts"])}, title=title,
        filename=f"{clock.day_of(activity.starts_at)}-{activity.title}", author=activity.org.name,
    )  # fmt: skip
