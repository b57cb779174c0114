"""On the member's phone: check in, ask to be excused."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gongjian.desks.activities import actions, forms, queries, rules, tickets
from gongjian.desks.activities.states import OPEN
from gongjian.desks.activities.views.planning import pack_check_in
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import public, signed_in, to_login
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


def _fits(activity: queries.Activity, code: str) -> bool:
    settings = pack_check_in(activity)
    return bool(code) and rules.code_fits(
        activity.secret, code, clock.now().timestamp(), settings.rotation_seconds, settings.grace_seconds
    )


@public
def check_in(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Where the QR code leads: one big button; whoever is not logged in yet is sent there and comes back."""
    actor, code = request.actor, request.GET.get("c", "")
    if not actor.is_authenticated:
        activity = queries.open_for_check_in(activity_id)
        if activity is not None and _fits(activity, code):
            request.session[tickets.SEEN] = tickets.note(activity_id)
        return to_login(request)
    if request.method == "POST":
        return _press(request, activity_id)
    return _show(request, activity_id, code, "")


def _show(request: HttpRequest, activity_id: int, code: str, refusal: str) -> HttpResponse:
    actor = request.actor
    activity = queries.get_for(actor, activity_id)
    seen = activity.state == OPEN and (_fits(activity, code) or tickets.seen_before_login(request.session, activity_id))
    return page(
        request, "activities/check_in.html",
        {"activity": activity, "row": queries.row_of(activity, actor.person), "seen": seen, "refusal": refusal,
         "stale": bool(code) and not seen, "open": activity.state == OPEN,
         "ticket": tickets.give(activity_id, actor.person) if seen else ""},
        status=409 if refusal else 200,
    )  # fmt: skip


def _press(request: HttpRequest, activity_id: int) -> HttpResponse:
    actor = request.actor
    seen = tickets.has_seen(request.POST.get("ticket", ""), request.session, activity_id, actor.person)
    try:
        actions.check_in(activity_id=activity_id, by=actor, code=request.POST.get("code", ""), seen=seen)
    except Refused as refusal:
        return _show(request, activity_id, "", refusal.message)
    return redirect("activities:check_in", activity_id)


@signed_in
def excuse(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Two taps: a reason, and sent."""
    activity = queries.get_for(request.actor, activity_id)
    form = forms.ExcuseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("请假已送出，等待审批。")) as done:
            actions.ask_excuse(
                activity=activity, reason=form.cleaned_data["reason"], text=form.cleaned_data["text"], by=request.actor
            )
        if done:
            return redirect("activities:detail", activity.pk)
    return page(
        request, "activities/excuse.html",
        {"activity": activity, "form": form, "row": queries.row_of(activity, request.actor.person)},
    )  # fmt: skip
