"""A year's plan in one screen (年度计划), and the drafts that fill what is still missing."""

import datetime as dt
import hashlib
import secrets

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from gongjian.desks.activities import actions, forms, planning_forms, year
from gongjian.desks.activities.actions.yearplan import Entry, RowRefused
from gongjian.desks.activities.clashes import Clash, Clashes, Span
from gongjian.desks.activities.looks import CELL
from gongjian.desks.activities.patterns import WEEKDAYS
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.policy.calendar import known_until
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs

FEW = 24


def org_of(request: HttpRequest, permission: str) -> orgs.Organisation | None:
    """The organisation asked for, else the only branch that the actor leads; None if there is a choice to make."""
    actor = request.actor
    if request.GET.get("org"):
        return orgs.get_for(actor, request.GET["org"], permission=permission)
    own = list(_own(actor, permission)[:2])
    return orgs.get_for(actor, own[0].pk, permission=permission) if len(own) == 1 else None


def _own(actor: Actor, permission: str):
    """Branches at which the actor holds the permission by a grant of that branch."""
    held = {grant.org for grant in actor.grants if permission in grant.permissions}
    return orgs.visible_to(actor, permission=permission).filter(pk__in=held, level="branch").order_by("path")


def choose_org(request: HttpRequest, permission: str, title: str) -> HttpResponse:
    """Which organisation? For those who lead several."""
    actor = request.actor
    own = list(_own(actor, permission)[:FEW])
    rest = orgs.visible_to(actor, permission=permission).filter(level="branch")
    text = request.GET.get("q", "").strip()
    if text:
        rest = rest.filter(orgs.matches(text))
    shown = own + [org for org in rest.order_by("path")[:FEW] if org not in own]
    return page(request, "activities/choose_org.html", {"title": title, "orgs": shown, "text": text})


def year_of(request: HttpRequest, today: dt.date) -> int:
    """The year asked for, this one if none is; NotFound for one that is far away."""
    text = request.GET.get("year", "")
    if not text:
        return today.year
    if not (text.isascii() and text.isdigit() and len(text) == 4 and abs(int(text) - today.year) <= 5):
        raise NotFound(_("没有这一年的计划。"))
    return int(text)


@needs("activities.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Twelve months by duties: kept, planned, missing; and the way to what is missing."""
    org = org_of(request, "activities.view")
    if org is None:
        return choose_org(request, "activities.view", _("年度计划"))
    today = clock.today()
    shown = year_of(request, today)
    held = year.held_in(org, shown)
    rows = year.grid(org, shown, today, held)
    may_plan = request.actor.may_at("activities.plan", org)
    cells = [cell for row in rows for cell in row.cells if cell.state != year.NONE]
    for row in rows:
        for cell in row.cells:
            cell.label = forms.period_word(cell.period)[5:] or _("全年")
            cell.link = _link(org, row, cell, today) if may_plan else ""
    counted = {id(h) for row in rows for cell in row.cells for h in cell.days}
    others = [h for h in held if id(h) not in counted and not h.by_group]
    counts = {
        "kept": sum(cell.state in (year.KEPT, year.MADE_GOOD) for cell in cells),
        "planned": sum(cell.state == year.PLANNED for cell in cells),
        "missing": sum(cell.state == year.MISSING for cell in cells),
        "open": sum(cell.state in (year.OPEN, year.PARTLY) for cell in cells),
    }
    return page(
        request, "activities/year.html",
        {"org": org, "year": shown, "rows": rows, "counts": counts, "looks": CELL, "may_plan": may_plan, "others": others[:60],
         "may_suggest": may_plan and counts["open"] > 0, "this_year": today.year, "months": range(1, 13),
         "unsure": known_until() < dt.date(shown, 12, 31)},
    )  # fmt: skip


def _link(org: orgs.Organisation, row: year.Row, cell: year.Cell, today: dt.date) -> str:
    """Where what a cell lacks is arranged: made good if its time is over."""
    if cell.state in (year.NONE, year.KEPT, year.MADE_GOOD, year.PLANNED):
        return ""
    query = {"org": org.pk, "kind": row.kind.id}
    first, last = clock.period_bounds(cell.period)
    if cell.state == year.MISSING:
        query["for"] = cell.period
    elif first > today:
        query["on"] = first.isoformat()
    return f"{reverse('activities:plan')}?{urlencode(query)}" if last >= today or cell.state == year.MISSING else ""


@needs("activities.plan")
def suggest(request: HttpRequest) -> HttpResponse:
    """The drafts that keep every duty: each may be moved or struck; nothing is written until it is confirmed."""
    org = org_of(request, "activities.plan")
    if org is None:
        return choose_org(request, "activities.plan", _("按建议安排全年"))
    today = clock.today()
    shown = year_of(request, today)
    kinds = {kind.id: kind for kind in policy.current().activity_kinds}
    habit = None
    if request.method == "POST":
        head = planning_forms.YearForm(request.POST)
        rows = planning_forms.Drafts(request.POST, prefix="d", form_kwargs={"kinds": list(kinds)})
    else:
        drafts, habit = year.proposal(org, shown, today)
        head = planning_forms.YearForm(initial={"place": year.usual_place(org), "key": secrets.token_hex(8)})
        rows = planning_forms.Drafts(
            prefix="d", form_kwargs={"kinds": list(kinds)},
            initial=[
                {"keep": True, "kind": d.kind, "day": d.day, "hour": dt.time(*divmod(d.minute, 60)), "minutes": d.minutes,
                 "title": f"{d.day.month}月{kinds[d.kind].short}", "together": d.with_others}
                for d in drafts
            ],
        )  # fmt: skip
    fine = request.method != "POST" or (head.is_valid() and rows.is_valid())
    accept = ""
    if fine:
        accept = _warn(org, rows, head, kinds, request.actor)
        if request.method == "POST" and request.POST.get("then") == "save":
            saved = _save(request, org, rows, head, accept)
            if saved is not None:
                return saved
    before = None
    for form in rows:
        day = form.fields["day"].to_python(form["day"].value()) if not form.errors else None
        form.weekday = f"周{WEEKDAYS[day.weekday()]}" if day else ""
        form.new_day, before = day != before, day
        kind = kinds.get(str(form["kind"].value()))
        form.kind_title = kind.short if kind else ""
    return page(
        request, "activities/year_suggest.html",
        {"org": org, "year": shown, "head": head, "rows": rows, "accept": accept, "habit": _habit_word(habit) if habit else "",
         "learnt": bool(habit and habit.learnt)},
    )  # fmt: skip


def _habit_word(habit: year.Habit) -> str:
    hour, minute = divmod(habit.minute, 60)
    nth = _("第%(n)s个") % {"n": "一二三四五"[habit.nth - 1]}
    return _("每月%(nth)s周%(day)s %(hour)02d:%(minute)02d") % {
        "nth": nth, "day": WEEKDAYS[habit.weekday - 1], "hour": hour, "minute": minute,
    }  # fmt: skip


def _entries(rows, place: str) -> list[tuple[object, Entry]]:
    """The rows that are to be planned, with their forms."""
    found = []
    for form in rows:
        data = form.cleaned_data if rows.is_bound else form.initial
        if not data.get("keep"):
            continue
        at = data["hour"]
        starts_at = clock.at_time(data["day"], at.hour, at.minute)
        found.append((form, Entry(data["kind"], starts_at, data["minutes"], place, data.get("title", ""))))
    return found


def _warn(org: orgs.Organisation, rows, head, kinds: dict, actor: Actor) -> str:
    """Put what speaks against each row on its form; returns a digest of it all, which a confirmation must repeat."""
    place = head.cleaned_data["place"] if head.is_bound else head.initial["place"]
    entries = _entries(rows, place)
    spans = [
        Span(e.kind, e.starts_at, e.starts_at + dt.timedelta(minutes=e.minutes), place, kinds[e.kind].expected)
        for _form, e in entries
    ]
    found = Clashes(org, spans, actor)
    for (form, _entry), span in zip(entries, spans, strict=True):
        form.clashes = [*found.of(span), *_among(span, [other for other in spans if other is not span], kinds)]
    text = "|".join(clash.text for form, _entry in entries for clash in form.clashes)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _among(span: Span, others: list[Span], kinds: dict) -> list[Clash]:
    """Clashes of the drafts with one another."""
    found = []
    for other in others:
        if span.starts_at < other.ends_at and other.starts_at < span.ends_at:
            text = _("与本计划中的%(kind)s时间重叠。") % {"kind": kinds[other.kind].short}
            found.append(Clash("among", text, blocks=bool(span.place)))
    return found


def _save(request: HttpRequest, org: orgs.Organisation, rows, head, accept: str) -> HttpResponse | None:
    """Write the plan; None with the reasons on the form if it cannot be."""
    entries = _entries(rows, head.cleaned_data["place"])
    if any(clash.blocks for form, _entry in entries for clash in form.clashes):
        head.add_error(None, _("标红的几项不能这样安排，请改时间、地点，或者不勾选。"))
        return None
    warned = any(form.clashes for form, _entry in entries)
    if warned and request.POST.get("accept") != accept:
        head.add_error(None, _("改动之后有新的提醒，请再看一眼；确认无误，再点一次“按此安排”。"))
        return None
    try:
        made = actions.plan_year(
            org=org, entries=[entry for _form, entry in entries], by=request.actor, key=head.cleaned_data["key"]
        )
    except RowRefused as refusal:
        entries[refusal.row][0].add_error(None, refusal.message)
        head.add_error(None, _("有一项不能安排，见下面标红的说明；其他各项也还没有保存。"))
        return None
    except Refused as refusal:
        head.add_error(None, refusal.message)
        return None
    messages.success(request, _("已安排 %(number)d 项。到时候再逐项发通知。") % {"number": len(made)})
    shown = made[0].starts_at.astimezone(clock.SHANGHAI).year
    return redirect(f"{reverse('activities:year')}?org={org.pk}&year={shown}")
