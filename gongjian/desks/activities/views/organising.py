"""Notify, open, the check-in screen, the list, excuses, minutes, sign-off."""

from collections.abc import Callable

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, queries, rules
from gongjian.desks.activities.looks import STATE
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import OPEN
from gongjian.desks.activities.views.planning import back, pack_check_in, persons_of
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page

SPARE_DECISIONS = 3


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


class MinutesForm(django_forms.Form):
    """会议记录: a field for each point of the agenda, a summary, and rows of decisions."""

    def __init__(
        self,
        *args: object,
        activity: queries.Activity,
        people: list,
        minutes: object,
        decisions: list,
        **kwargs: object,
    ):
        super().__init__(*args, **kwargs)
        notes = {note["point"]: note["note"] for note in (minutes.notes if minutes else [])}
        self.points, self.rows = [], []
        for n, point in enumerate(activity.agenda):
            self.fields[f"note_{n}"] = django_forms.CharField(
                label=point, required=False, initial=notes.get(point, ""), max_length=5000,
                widget=django_forms.Textarea(attrs={"rows": 2}),
            )  # fmt: skip
            self.points.append(f"note_{n}")
        self.fields["text"] = django_forms.CharField(
            label=_("概述") if activity.agenda else _("记录"), required=False, initial=minutes.text if minutes else "",
            max_length=20000, widget=django_forms.Textarea(attrs={"rows": 4}),
        )  # fmt: skip
        names = [("", _("未定")), *((str(person.pk), person.name) for person in people)]
        for n in range(len(decisions) + SPARE_DECISIONS):
            known = decisions[n] if n < len(decisions) else None
            self.fields[f"decision_{n}"] = django_forms.CharField(
                label=_("决定 %(n)d") % {"n": n + 1},
                required=False,
                max_length=500,
                initial=known.text if known else "",
            )
            self.fields[f"owner_{n}"] = django_forms.ChoiceField(
                label=_("责任人"), required=False, choices=names, initial=str(known.owner_id or "") if known else ""
            )
            self.fields[f"due_{n}"] = django_forms.DateField(
                label=_("完成时限"), required=False, initial=known.due_on if known else None
            )
            self.rows.append(n)

    def triples(self) -> list[tuple]:
        """Bound fields of each decision: text, owner, day."""
        return [(self[f"decision_{n}"], self[f"owner_{n}"], self[f"due_{n}"]) for n in self.rows]

    def decided(self) -> list[dict]:
        """Decisions as the deed takes them."""
        data = self.cleaned_data
        return [
            {"text": data[f"decision_{n}"], "owner": int(data[f"owner_{n}"]) if data[f"owner_{n}"] else None,
             "due_on": data[f"due_{n}"]}
            for n in self.rows
        ]  # fmt: skip


@needs("activities.hold")
def minutes(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Write the minutes point by point."""
    activity = _led(request, activity_id, "activities.hold")
    known = queries.minutes_of(activity)
    day = clock.day_of(activity.starts_at)
    people = {one.person_id: one.person for one in queries.attendance_of(activity)[:300]}
    people |= {person.pk: person for person in queries.candidates(activity.org, day)[:300]}
    form = MinutesForm(
        request.POST or None, activity=activity, minutes=known, decisions=list(known.decisions.all()) if known else [],
        people=sorted(people.values(), key=lambda person: (person.pinyin, person.pk)),
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("记录已保存。")) as done:
            actions.record_minutes(
                activity=activity, by=request.actor, notes=[form.cleaned_data[name] for name in form.points],
                text=form.cleaned_data["text"], decisions=form.decided(),
            )  # fmt: skip
        if done:
            return back(activity)
    return page(
        request, "activities/minutes.html",
        {"activity": activity, "form": form, "fields": ",".join([*form.points, "text"]), "triples": form.triples()},
    )  # fmt: skip


@needs("activities.sign_off")
def sign_off(request: HttpRequest, activity_id: int) -> HttpResponse:
    """What will be filed, on one page, and the button."""
    activity = _led(request, activity_id, "activities.sign_off")
    if request.method == "POST":
        with attempt(request, success=_("已签字确认并归档。")) as done:
            actions.sign_off(activity=activity, by=request.actor)
        if done:
            return back(activity)
    kind = queries.kind_of(activity)
    found = queries.minutes_of(activity)
    return page(
        request, "activities/sign_off.html",
        {"activity": activity, "kind": kind, "tally": queries.tally(activity), "minutes": found, "states": STATE,
         "decisions": list(found.decisions.all()) if found else [], "quorum": queries.quorum_of(activity, kind),
         "can": abilities(activity, request.actor, None)},
    )  # fmt: skip


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
