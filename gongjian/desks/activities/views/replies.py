"""Replies to a notice: one's own in one tap, and the organiser's view of all."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, queries
from gongjian.desks.activities.looks import REPLY
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import NOTIFIED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@signed_in
@require_POST
def reply(request: HttpRequest, activity_id: int) -> HttpResponse:
    """会来, 来不了, 线上; who cannot come is led on to ask for an excuse."""
    activity = queries.get_for(request.actor, activity_id)
    answer = request.POST.get("answer", "")
    with attempt(request, success=_("已回复。")) as done:
        actions.reply(activity=activity, answer=answer, note=request.POST.get("note", ""), by=request.actor)
    if done and answer == "away":
        return redirect("activities:excuse", activity.pk)
    return redirect("activities:detail", activity.pk)


@signed_in
@require_POST
def seen(request: HttpRequest, activity_id: int) -> HttpResponse:
    """知道了: read, without an answer."""
    activity = queries.get_for(request.actor, activity_id)
    actions.have_seen(activity=activity, by=request.actor)
    return redirect("activities:detail", activity.pk)


@signed_in
def replies(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Who comes, who does not, who has not answered, who has not even read: for those who lead."""
    actor = request.actor
    activity = queries.get_for(actor, activity_id)
    if not abilities(activity, actor, None).roster:
        actor.require("activities.check_in", activity.org)
    unread = actions.not_yet_read(activity) if activity.state == NOTIFIED else set()
    groups = queries.replies_of(activity, unread)
    for group in groups:
        look = REPLY.get(group["key"])
        group["tone"], group["icon"] = (look.tone, look.icon) if look else ("", group["icon"])
    most = policy.on(clock.day_of(activity.starts_at)).planning.reminders_at_most
    may_remind = (
        actor.may_at("activities.plan", activity.org) and activity.state == NOTIFIED and bool(unread)
        and activity.reminders < most and activity.reminded_on != clock.today() and activity.starts_at > clock.now()
    )  # fmt: skip
    return page(
        request, "activities/replies.html",
        {"activity": activity, "groups": groups, "unread": unread, "may_remind": may_remind, "most": most},
    )  # fmt: skip


@needs("activities.plan")
@require_POST
def remind(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Remind those who have not read the notice."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=_("已提醒还没有看通知的人。")):
        actions.remind_unread(activity=activity, by=request.actor)
    return redirect("activities:replies", activity.pk)
