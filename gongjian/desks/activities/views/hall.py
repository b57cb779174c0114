"""A full hall: the organiser's list with search, one tap and undo, whole groups at once; devices that work without network."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, hall, queries
from gongjian.desks.activities.actions.devices import device_until, valid_until
from gongjian.desks.activities.expecting import may_be_left_out, reasons_for
from gongjian.desks.activities.looks import ATTENDANCE, DEVICE_ROW
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, OPEN, SIGNED_OFF
from gongjian.desks.activities.views.planning import pack_check_in, persons_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page

LONGEST_SEARCH = 40


def _led(request: HttpRequest, activity_id: int) -> queries.Activity:
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require("activities.check_in", activity.org)
    return activity


# --- the list -------------------------------------------------------------------------------------------------------
@needs("activities.check_in")
def hall_list(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Everyone who should come, by name: search, one tap, a whole group, undo."""
    activity = _led(request, activity_id)
    context = _list(request, activity)
    if request.htmx and request.htmx.target == "hall-rows":
        return fragment(request, "activities/parts/hall_rows.html", context)
    return page(request, "activities/hall_list.html", context)


def _list(request: HttpRequest, activity: queries.Activity) -> dict:
    everyone = queries.attendance_of(activity)
    places, why = hall.places_of(activity), reasons_for(activity)
    for one in everyone:
        one.place, one.why = places.get(one.person_id, ""), why.get(one.person_id, "")
    text = " ".join(request.GET.get("q", "").replace("\x00", "").lower().split())[:LONGEST_SEARCH]
    group, status = request.GET.get("group", ""), request.GET.get("status", "")
    shown = [
        one for one in everyone
        if _matches(one.person, text) and (not group or one.place == group) and (not status or _stands(one, status))
    ]  # fmt: skip
    can = abilities(activity, request.actor, None)
    free = may_be_left_out(activity) if activity.state in BEFORE_SIGN_OFF else set()
    return {
        "free": [one for one in everyone if one.person_id in free and one.status != "present"],
        "activity": activity, "rows": shown, "looks": ATTENDANCE, "can": can, "tally": queries.tally(activity),
        "groups": sorted({one.place for one in everyone if one.place}), "group": group, "status": status, "q": text,
        "waiting": [one for one in shown if one.status in ("expected", "absent")] if group else [],
        "query": request.GET.urlencode(), "everyone": len(everyone),
    }  # fmt: skip


def _matches(person: object, text: str) -> bool:
    if not text:
        return True
    return (
        text in person.name.lower()
        or person.pinyin.startswith(text.replace(" ", ""))
        or person.initials.startswith(text)
    )


def _stands(row: queries.Attendance, status: str) -> bool:
    return row.status in ("expected", "absent") if status == "waiting" else row.status == status


def _back_to_list(request: HttpRequest, activity: queries.Activity, person: int | None = None) -> HttpResponseRedirect:
    query = request.POST.get("query", "")[:300]
    anchor = f"#p{person}" if person else ""
    return redirect(reverse("activities:hall_list", args=[activity.pk]) + (f"?{query}" if query else "") + anchor)


def _one_row(request: HttpRequest, activity: queries.Activity, row: queries.Attendance) -> HttpResponse:
    """The row of one person and the count, for htmx."""
    person = row.person_id
    row.place, row.why = hall.places_of(activity).get(person, ""), reasons_for(activity).get(person, "")
    return fragment(request, "activities/parts/hall_row.html", {
        "one": row, "activity": activity, "looks": ATTENDANCE, "can": abilities(activity, request.actor, None),
        "tally": queries.tally(activity), "swap": True, "query": request.POST.get("query", "")[:300],
    })  # fmt: skip


@needs("activities.check_in")
@require_POST
def hall_tap(request: HttpRequest, activity_id: int, person_id: int) -> HttpResponse:
    """One tap: present; or, with `undo`, the tap taken back."""
    activity = _led(request, activity_id)
    undo = request.POST.get("undo") == "1"
    with attempt(request):
        if undo:
            actions.withdraw(activity=activity, person=person_id, reason=_("误点，当场撤回"), by=request.actor)
        else:
            actions.check_in_many(activity=activity, people=[person_id], by=request.actor)
    row = hall.row_with_person(activity, person_id) if request.htmx else None
    if row is not None:
        return _one_row(request, activity, row)
    return _back_to_list(request, activity, person_id)


@needs("activities.check_in")
@require_POST
def hall_group(request: HttpRequest, activity_id: int) -> HttpResponse:
    """All of a group that are on the page at once."""
    activity = _led(request, activity_id)
    people = persons_of(request)
    with attempt(request) as done:
        number = actions.check_in_many(activity=activity, people=people, by=request.actor)
    if done:
        messages.success(request, _("已为 %(number)d 人签到。") % {"number": number})
    return _back_to_list(request, activity)


@needs("activities.check_in")
@require_POST
def leave_out_by_rule(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Leave out of 应到 whom the rules allow, with the meeting's approval."""
    activity = _led(request, activity_id)
    people = persons_of(request)
    with attempt(request) as done:
        number = actions.leave_out_by_rule(
            activity=activity, people=people, approval=request.POST.get("approval", ""), by=request.actor
        )
    if done:
        messages.success(request, _("%(number)d 人不计入应到，已留痕。") % {"number": number})
    return _back_to_list(request, activity)


# --- devices --------------------------------------------------------------------------------------------------------
@needs("activities.check_in")
def devices(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The devices of an activity, what they handed in, and what waits for a person."""
    return _devices(request, _led(request, activity_id))


def _devices(request: HttpRequest, activity: queries.Activity, pair: dict | None = None) -> HttpResponse:
    settings = pack_check_in(activity)
    found, waiting = hall.devices_of(activity), hall.rows_that_wait(activity)
    over = clock.now() > valid_until(activity)
    for device in found:
        device.activity = activity
        device.standing = _standing(device, clock.now() > device_until(device))
        seconds = round(device.skew_ms / 1000)
        device.skew_words = _skew_words(seconds) if device.joined_at else ""
        device.skewed = abs(seconds) > settings.clock_tolerance_seconds
        moved = device.skew_last_ms is not None and abs(device.skew_last_ms - device.skew_ms) / 1000
        device.moved = bool(moved and moved > settings.clock_tolerance_seconds)
    same = hall.same_names(request.actor, activity, [row.name for row in waiting])
    for row in waiting:
        row.candidates = same.get(row.name, [])
    can = abilities(activity, request.actor, None)
    return page(request, "activities/devices.html", {
        "activity": activity, "devices": found, "can": can, "pair": pair, "until": valid_until(activity), "looks": DEVICE_ROW,
        "strangers": [row for row in waiting if row.state == "stranger"],
        "late": [row for row in waiting if row.state == "late"],
        "may_correct": activity.state == SIGNED_OFF and request.actor.may_at("activities.sign_off", activity.org),
        "may_prepare": activity.state in BEFORE_SIGN_OFF and not over, "open": activity.state == OPEN,
        "pair_minutes": settings.device_pair_minutes,
    })  # fmt: skip


def _standing(device: hall.Device, over: bool) -> str:
    if device.closed_at:
        return "closed"
    if over:
        return "over"
    return "joined" if device.joined_at else "pairing"


def _skew_words(seconds: int) -> str:
    if abs(seconds) < 2:
        return _("时钟准确")
    minutes, rest = divmod(abs(seconds), 60)
    long = _("%(minutes)d 分 %(seconds)d 秒") % {"minutes": minutes, "seconds": rest} if minutes else _("%(seconds)d 秒") % {
        "seconds": rest
    }  # fmt: skip
    return (_("时钟快 %(long)s，已按此校正") if seconds > 0 else _("时钟慢 %(long)s，已按此校正")) % {"long": long}


@needs("activities.check_in")
@require_POST
@never_cache
def device_new(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Prepare a device; its pairing code is on the answer and nowhere else."""
    activity = _led(request, activity_id)
    with attempt(request) as done:
        device, secret = actions.open_device(activity=activity, by=request.actor, title=request.POST.get("title", ""))
    if not done:
        return redirect("activities:devices", activity.pk)
    return _devices(request, activity, _pair(request, device, secret))


def _pair(request: HttpRequest, device: hall.Device, secret: str) -> dict:
    # Behind the # the secret never reaches a server or its log.
    return {"device": device, "link": request.build_absolute_uri(reverse("activities:hall")) + "#" + secret}


@needs("activities.check_in")
@require_POST
@never_cache
def device_renew(request: HttpRequest, activity_id: int, device_id: int) -> HttpResponse:
    """Another pairing code for a device that forgot or lost its authority."""
    activity = _led(request, activity_id)
    device = hall.device_for(request.actor, activity, device_id)
    with attempt(request) as done:
        secret = actions.renew_device(device=device, by=request.actor)
    if not done:
        return redirect("activities:devices", activity.pk)
    return _devices(request, activity, _pair(request, device, secret))


@needs("activities.check_in")
@require_POST
def device_close(request: HttpRequest, activity_id: int, device_id: int) -> HttpResponse:
    """Take its authority away."""
    activity = _led(request, activity_id)
    device = hall.device_for(request.actor, activity, device_id)
    with attempt(request, success=_("设备已停用；已经交回的签到仍然有效。")):
        actions.close_device(device=device, by=request.actor)
    return redirect("activities:devices", activity.pk)


@needs("activities.check_in")
@require_POST
def stranger(request: HttpRequest, activity_id: int, row_id: int) -> HttpResponse:
    """Say who a name outside the list is, or that it does not count."""
    activity = _led(request, activity_id)
    row = hall.row_for(request.actor, activity, row_id)
    people = persons_of(request)
    if people:
        with attempt(request, success=_("已列入名单并签到，时间按设备记录。")):
            actions.name_stranger(row=row, person=people[0], by=request.actor)
    else:
        with attempt(request, success=_("已记为不计入。")):
            actions.leave_out_rows(
                activity=activity, rows=[row.pk], reason=request.POST.get("reason", ""), by=request.actor
            )
    return redirect("activities:devices", activity.pk)


@needs("activities.sign_off")
@require_POST
def correct_by_devices(request: HttpRequest, activity_id: int) -> HttpResponse:
    """After the sign-off: let what came late count, with a reason."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request) as done:
        number = actions.correct_by_devices(activity=activity, reason=request.POST.get("reason", ""), by=request.actor)
    if done:
        messages.success(request, _("已更正，增加实到 %(number)d 人，原记录保留。") % {"number": number})
    return redirect("activities:devices", activity.pk)
