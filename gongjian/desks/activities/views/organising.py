"""Notify, open, the check-in screen, the list, excuses, minutes, sign-off."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, queries, rules
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import OPEN
from gongjian.desks.activities.views.planning import back, pack_check_in, persons_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page


def _deed(
    request: HttpRequest, activity_id: int, deed: Callable[[queries.Activity, Actor], object], success: str
) -> HttpResponse:
    """Do one deed for a button and go back to the file."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=success):
        deed(activity, request.actor)
    return back(activity)


@needs("activities.plan")
@require_POST
def notify(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Tell everyone on the list."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request) as done:
        number = actions.notify(activity=activity, by=request.actor)
    if done:
        messages.success(request, _("已通知 %(number)d 人。") % {"number": number})
    return back(activity)


@needs("activities.check_in")
@require_POST
def open_check_in(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Open the check-in and go to its screen."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request) as done:
        actions.open_check_in(activity=activity, by=request.actor)
    return redirect("activities:screen", activity.pk) if done else back(activity)


def _code(request: HttpRequest, activity: queries.Activity) -> dict:
    """What the screen shows: the link in the QR code, the digits, and for how long."""
    settings = pack_check_in(activity)
    moment = clock.now().timestamp()
    step = rules.step_of(moment, settings.rotation_seconds)
    digits = rules.digits_of(activity.secret, step)
    link = reverse("activities:check_in", args=[activity.pk]) + "?c=" + rules.token_of(activity.secret, step)
    return {
        "activity": activity, "link": request.build_absolute_uri(link), "digits": f"{digits[:3]} {digits[3:]}",
        "left": rules.seconds_left(moment, settings.rotation_seconds), "open": activity.state == OPEN,
    }  # fmt: skip


def _led(request: HttpRequest, activity_id: int, code: str) -> queries.Activity:
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require(code, activity.org)
    return activity


@needs("activities.check_in")
def screen(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The organiser's screen: a big code that changes, and who is there."""
    activity = _led(request, activity_id, "activities.check_in")
    tally = queries.tally(activity)
    can = abilities(activity, request.actor, None)
    return page(
        request, "activities/screen.html",
        {**_code(request, activity), "tally": tally, "can": can, "latest": _latest(activity)},
    )  # fmt: skip


def _latest(activity: queries.Activity) -> list:
    """Who came last, as a wall in a public room shows it: the surname only."""
    latest = queries.latest(activity)
    for one in latest:
        one.shown_name = rules.only_surname(one.person.name)
    return latest


@needs("activities.check_in")
def screen_code(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The next code, for htmx."""
    activity = _led(request, activity_id, "activities.check_in")
    return fragment(request, "activities/parts/code.html", _code(request, activity))


@needs("activities.check_in")
def screen_count(request: HttpRequest, activity_id: int) -> HttpResponse:
    """How many are there by now and who came last, for htmx."""
    activity = _led(request, activity_id, "activities.check_in")
    tally = queries.tally(activity)
    return fragment(
        request,
        "activities/parts/count.html",
        {"activity": activity, "tally": tally, "latest": _latest(activity)},
    )


@needs("activities.check_in")
@require_POST
def check_in_list(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Check in those who are ticked."""
    activity = queries.get_for(request.actor, activity_id)
    people = persons_of(request)
    with attempt(request) as done:
        number = actions.check_in_many(activity=activity, people=people, by=request.actor)
    if done:
        messages.success(request, _("已为 %(number)d 人签到。") % {"number": number})
    return back(activity)


@needs("activities.check_in")
@require_POST
def withdraw(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Take a check-in back."""

    def deed(activity: queries.Activity, by: Actor) -> None:
        for person in persons_of(request):
            actions.withdraw(activity=activity, person=person, reason=request.POST.get("reason", ""), by=by)

    return _deed(request, activity_id, deed, _("已撤回签到。"))


@needs("activities.check_in")
@require_POST
def decide(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Approve or refuse an excuse."""
    approve = request.POST.get("approve") == "1"

    def deed(activity: queries.Activity, by: Actor) -> None:
        for person in persons_of(request):
            actions.decide_excuse(activity=activity, person=person, approve=approve, by=by)

    return _deed(request, activity_id, deed, _("已准假。") if approve else _("已告知本人未准假。"))


@needs("activities.hold")
@require_POST
def hold(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Close the check-in; the minutes come next."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=_("签到已结束。接着做会议记录。")) as done:
        actions.hold(activity=activity, by=request.actor)
    if done and queries.kind_of(activity).minutes_required and queries.minutes_of(activity) is None:
        return redirect("activities:minutes", activity.pk)
    return back(activity)


@needs("activities.hold")
@require_POST
def reopen(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Open the check-in again."""
    reason = request.POST.get("reason", "")
    return _deed(
        request,
        activity_id,
        lambda activity, by: actions.reopen(activity=activity, reason=reason, by=by),
        _("签到已重新开放。"),
    )


@needs("activities.sign_off")
@require_POST
def correct(request: HttpRequest, activity_id: int) -> HttpResponse:
    """After the sign-off: who came after all, or did not."""
    present = request.POST.get("present") == "1"

    def deed(activity: queries.Activity, by: Actor) -> None:
        for person in persons_of(request):
            actions.correct_attendance(
                activity=activity, person=person, present=present, reason=request.POST.get("reason", ""), by=by
            )

    return _deed(request, activity_id, deed, _("已更正，原记录保留。"))
