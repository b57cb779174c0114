"""Series: set one, look at it, change what is to come, end it."""

import datetime as dt
import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.activities import actions, planning_forms, planning_queries, queries
from gongjian.desks.activities.clashes import Clashes, Span
from gongjian.desks.activities.looks import SERIES, STATE
from gongjian.desks.activities.patterns import Occurrence
from gongjian.desks.activities.views.lists import kind_titles
from gongjian.desks.activities.views.year import choose_org, org_of
from gongjian.desks.activities.year import usual_place
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


def name_of(series: planning_queries.Series) -> str:
    """Its title, else the title of its kind."""
    return series.title or kind_titles().get(series.kind, series.kind)


@needs("activities.view")
def overview(request: HttpRequest) -> HttpResponse:
    """The series of an organisation."""
    org = org_of(request, "activities.view")
    if org is None:
        return choose_org(request, "activities.view", _("系列活动"))
    found, titles = actions.series_of(request.actor, org), kind_titles()
    for series in found:
        series.kind_title = titles.get(series.kind, series.kind)
    may_plan = request.actor.may_at("activities.plan", org)
    return page(
        request, "activities/series_list.html", {"org": org, "all": found, "looks": SERIES, "may_plan": may_plan}
    )


@needs("activities.plan")
def new(request: HttpRequest) -> HttpResponse:
    """Set a series; its days can be looked at first."""
    org = org_of(request, "activities.plan")
    if org is None:
        return choose_org(request, "activities.plan", _("安排系列"))
    today = clock.today()
    kinds = [(kind.id, kind.title) for kind in queries.kinds_for(org, today) if kind.expected != "chosen"]
    start = {
        "kind": request.GET.get("kind", "theme_day"), "form": "weekday_of_month", "weekday": 5, "nth": 2, "every": 1,
        "on_day": 15, "on_days_off": "next", "starts_on": today + dt.timedelta(days=1), "until": dt.date(today.year, 12, 31),
        "place": usual_place(org), "hour": dt.time(15),
    }  # fmt: skip
    form = planning_forms.SeriesForm(request.POST or None, initial=start, kinds=kinds)
    days: list[dict] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if request.POST.get("then") == "look":
            with attempt(request, form):
                days = _looked_at(org, form, request.actor)
        else:
            series = None
            with attempt(request, form) as done:
                series = actions.set_series(
                    org=org, kind=data["kind"], pattern=form.pattern, starts_on=data["starts_on"], until=data["until"],
                    hour=data["hour"], minutes=data["minutes"], title=data["title"], place=data["place"], by=request.actor,
                    agenda=data["agenda"].splitlines() if data["agenda"].strip() else None,
                    source=f"form:{request.actor.user}:{request.POST.get('key', '')[:32]}",
                )  # fmt: skip
            if done:
                messages.success(request, _("系列已排好，到时候再逐次发通知。"))
                return redirect("activities:series", series.pk)
    return page(
        request, "activities/series_form.html",
        {"form": form, "title": _("安排系列"), "subtitle": org.name, "button": _("排好全部日子"), "previews": True, "days": days,
         "key": request.POST.get("key") or secrets.token_hex(8), "back": f"{reverse('activities:series_list')}?org={org.pk}",
         "help": _("定好规律和起止日期，先看日子再排。同一地点已有安排的那天会跳过。")},
    )  # fmt: skip


def _looked_at(org: planning_queries.Organisation, form: planning_forms.SeriesForm, actor: Actor) -> list[dict]:
    """The days of the pattern with what speaks against each."""
    data = form.cleaned_data
    kind = next(kind for kind in queries.kinds_for(org, data["starts_on"]) if kind.id == data["kind"])
    found: list[Occurrence] = actions.days_of(form.pattern, data["starts_on"], data["until"])
    spans = []
    for one in found:
        starts_at = clock.at_time(one.held, data["hour"].hour, data["hour"].minute)
        ends_at = starts_at + dt.timedelta(minutes=data["minutes"] or kind.default_minutes)
        spans.append(Span(kind.id, starts_at, ends_at, data["place"], kind.expected))
    clashes = Clashes(org, spans, actor)
    return [
        {"on": one.on, "held": one.held, "notes": [clash.text for clash in clashes.of(span)]}
        for one, span in zip(found, spans, strict=True)
    ]


@needs("activities.view")
def detail(request: HttpRequest, series_id: int) -> HttpResponse:
    """A series with all its meetings."""
    series = actions.get_series(request.actor, series_id)
    activities = planning_queries.meetings_of(series)
    running = series.state == "running"
    return page(
        request, "activities/series.html",
        {"series": series, "title": name_of(series), "words": str(actions.pattern_of(series)), "activities": activities,
         "looks": SERIES, "states": STATE, "hour": dt.time(*divmod(series.minute, 60)).strftime("%H:%M"),
         "may_plan": running and request.actor.may_at("activities.plan", series.org),
         "may_end": running and request.actor.may_at("activities.cancel", series.org)},
    )  # fmt: skip


def _days(series: planning_queries.Series) -> list[tuple[str, str]]:
    found = []
    for activity in actions.to_come(series):
        day = clock.day_of(activity.starts_at)
        found.append((activity.series_on.isoformat(), _("%(day)s及以后") % {"day": f"{day.month}月{day.day}日"}))
    return found


def _form_page(
    request: HttpRequest, series: planning_queries.Series, form: object, title: str, button: str, help: str
) -> HttpResponse:
    return page(
        request, "activities/series_form.html",
        {"form": form, "title": title, "subtitle": f"{name_of(series)} · {series.org.name}", "button": button, "help": help,
         "back": reverse("activities:series", args=[series.pk])},
    )  # fmt: skip


@needs("activities.plan")
def change(request: HttpRequest, series_id: int) -> HttpResponse:
    """Another hour, place or agenda: all that is to come, or this and following."""
    series = actions.get_series(request.actor, series_id)
    request.actor.require("activities.plan", series.org)
    start = {
        "title": series.title, "hour": dt.time(*divmod(series.minute, 60)), "minutes": series.minutes, "place": series.place,
        "agenda": "\n".join(series.agenda), "first": request.GET.get("first", ""),
    }  # fmt: skip
    form = planning_forms.SeriesChangeForm(request.POST or None, initial=start, days=_days(series))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        number = 0
        with attempt(request, form) as done:
            number = actions.change_series(
                series=series, by=request.actor, title=data["title"], hour=data["hour"], minutes=data["minutes"],
                place=data["place"], agenda=data["agenda"].splitlines(), first=data["first"], reason=data["reason"],
            )  # fmt: skip
        if done:
            messages.success(request, _("已改 %(number)d 次。") % {"number": number})
            return redirect("activities:series", series.pk)
    return _form_page(
        request, series, form, _("修改各次"), _("保存"),
        _("只改还没有开的。已经发过通知的会再通知一次；单独改过时间的不动。只改一次，请点开那一次改期。"),
    )  # fmt: skip


@needs("activities.plan")
def otherwise(request: HttpRequest, series_id: int) -> HttpResponse:
    """Another pattern from a day on."""
    series = actions.get_series(request.actor, series_id)
    request.actor.require("activities.plan", series.org)
    start = {
        "first": clock.today() + dt.timedelta(days=1), "form": series.form, "every": series.every, "weekday": series.weekday,
        "nth": series.nth, "on_day": series.day, "on_days_off": series.on_days_off, "until": series.until,
    }  # fmt: skip
    form = planning_forms.OtherwiseForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made = None
        with attempt(request, form, _("已换规律：原来的系列到此为止，新的从这天起。")) as done:
            if data["first"] <= clock.today():
                raise Refused(_("换规律从明天起。"), field="first")
            made = actions.repeat_otherwise(
                series=series, pattern=form.pattern, first=data["first"], until=data["until"], by=request.actor,
                reason=data["reason"],
            )  # fmt: skip
        if done:
            return redirect("activities:series", made.pk)
    return _form_page(
        request, series, form, _("换规律"), _("从这天起换"), _("这天以前的不变；这天以后还没开的取消，按新规律重排，已通知的会收到取消通知。")
    )  # fmt: skip


@needs("activities.cancel")
def end(request: HttpRequest, series_id: int) -> HttpResponse:
    """End it; what was held stays."""
    series = actions.get_series(request.actor, series_id)
    request.actor.require("activities.cancel", series.org)
    form = planning_forms.SeriesEndForm(request.POST or None, days=_days(series))
    if request.method == "POST" and form.is_valid():
        number = 0
        with attempt(request, form) as done:
            number = actions.end_series(
                series=series, reason=form.cleaned_data["reason"], first=form.cleaned_data["first"], by=request.actor
            )
        if done:
            messages.success(request, _("系列已结束，取消了 %(number)d 次；已经开过的都保留。") % {"number": number})
            return redirect("activities:series", series.pk)
    return _form_page(
        request, series, form, _("结束系列"), _("结束"), _("已经开过的都保留；还没开的取消，已通知的会收到取消通知。")
    )
