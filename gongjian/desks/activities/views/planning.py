"""Plan, change, cancel, and the list of who should come."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, forms, queries
from gongjian.desks.activities.clashes import Span, clashes
from gongjian.desks.activities.looks import AUDIENCE_WORDS
from gongjian.desks.activities.permissions import may_convene
from gongjian.desks.activities.states import NOTIFIED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.policy.calendar import next_working_day
from gongjian.ground.policy.schema import ActivityKind
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.orgs import queries as orgs

FEW = 12


def _org_text(org: orgs.Organisation) -> str:
    return f"{org.code} {org.name}"


@needs("activities.plan")
def org_options(request: HttpRequest) -> HttpResponse:
    """Suggestions for the organisation field."""
    mine = orgs.visible_to(request.actor, permission="activities.plan")
    found = orgs.search(request.actor, request.GET.get("q", ""), limit=30)
    allowed = set(mine.filter(pk__in=[org.pk for org in found]).values_list("pk", flat=True))
    return fragment(
        request,
        "ui/parts/options.html",
        {"options": [(_org_text(org), org.name) for org in found if org.pk in allowed]},
    )


@needs("activities.plan")
def plan(request: HttpRequest) -> HttpResponse:
    """Three short steps: which organisation (only if there are several), which kind, when and where."""
    actor = request.actor
    mine = orgs.visible_to(actor, permission="activities.plan")
    if request.GET.get("find"):
        org = mine.filter(code=request.GET["find"].split(" ")[0]).first()
        if org is None:
            messages.error(request, _("没有找到这个组织，请从提示中选择。"))
            return redirect("activities:plan")
        return redirect(f"{reverse('activities:plan')}?org={org.pk}")
    if request.GET.get("org"):
        org = orgs.get_for(actor, request.GET["org"], permission="activities.plan")
    else:
        some = list(mine.order_by("path")[: FEW + 1])
        held = {grant.org for grant in actor.grants if "activities.plan" in grant.permissions}
        own = list(mine.filter(pk__in=held).order_by("path")[:FEW])
        if len(some) == 1:
            org = some[0]
        elif len(own) == 1 and own[0].level == "branch" and not request.GET.get("choose"):
            org = own[0]
        else:
            shown = own + [one for one in some[:FEW] if one not in own]
            return page(request, "activities/plan_org.html", {"orgs": shown, "many": len(some) > FEW})
    kinds = queries.kinds_for(org, clock.today())
    if not request.GET.get("kind"):
        return page(request, "activities/plan_kind.html", {"org": org, "kinds": _with_need(org, kinds)})
    kind = next((one for one in kinds if one.id == request.GET["kind"]), None)
    if kind is None:
        raise NotFound(_("这个组织不能举办这种活动。"))
    return _plan_form(request, org, kind)


def _with_need(org: orgs.Organisation, kinds: list[ActivityKind]) -> list[dict]:
    """Each kind with what this period still asks for and which past periods could be made good."""
    today, found = clock.today(), []
    for kind in kinds:
        need, late = "", []
        for duty in queries.duties_for(org, kind.id, today):
            period = clock.period_of(today, duty.per)
            held = queries.counted_for(org, kind.id, period).count()
            if held < duty.times:
                need = _("%(period)s还没有安排") % {"period": forms.period_word(period)}
            late = queries.periods_to_make_good(org, kind.id, today, count=2)
        found.append({"kind": kind, "need": need, "late": [(one, forms.period_word(one)) for one in late[:2]]})
    return found


def _day_asked(request: HttpRequest) -> dt.date | None:
    """The day that a link proposes (`on`), if it is one; the pages of standards know which days keep a duty."""
    try:
        return dt.date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


def _defaults(org: orgs.Organisation, kind: ActivityKind, on: dt.date | None = None) -> dict:
    """Same hour and place as last time, on the day asked for, else on the next working day."""
    last = queries.last_of(org, kind.id)
    start = last.starts_at.astimezone(clock.SHANGHAI) if last else None
    day = on or next_working_day(clock.today() + dt.timedelta(days=1))
    return {
        "title": f"{day.month}月{kind.short}", "day": day, "hour": dt.time(start.hour, start.minute) if start else dt.time(15, 0),
        "minutes": kind.default_minutes, "place": last.place if last else org.address, "agenda": "\n".join(kind.agenda),
    }  # fmt: skip


def warnings_of(
    form: forms.PlaceAndTimeForm, org: orgs.Organisation, kind: ActivityKind, actor: Actor, *, audience: str = "",
    but: int | None = None,
) -> list[str]:  # fmt: skip
    """What is worth a second look before planning: it blocks nothing (one thing does, which the deed refuses)."""
    place = form.cleaned_data["place"]
    span = Span(kind.id, form.starts_at, form.ends_at, place, audience or kind.expected)
    return [clash.text for clash in clashes(org, span, actor, but=but) if not clash.blocks]


def _plan_form(request: HttpRequest, org: orgs.Organisation, kind: ActivityKind) -> HttpResponse:
    today = clock.today()
    people = (
        list(queries.candidates(org, today)[:300]) if kind.expected == "chosen" or kind.id == "party_lesson" else []
    )
    periods = queries.periods_to_make_good(org, kind.id, today)
    start = _defaults(org, kind, _day_asked(request)) | (
        {"counts_for": request.GET["for"]} if request.GET.get("for") in periods else {}
    )
    form = forms.PlanForm(request.POST or None, initial=start, kind=kind, people=people, periods=periods)
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        warnings = warnings_of(form, org, kind, request.actor)
        if not warnings or request.POST.get("accept") == "|".join(warnings):
            activity = None
            with attempt(request, form) as done:
                activity = actions.plan(
                    org=org, kind=kind.id, by=request.actor, title=data["title"], starts_at=form.starts_at,
                    ends_at=form.ends_at, place=data["place"], agenda=data["agenda"].splitlines(),
                    counts_for=data.get("counts_for") or None, chosen=[int(pk) for pk in data.get("chosen", ())],
                    lecturer=int(data["lecturer"]) if data.get("lecturer") else None,
                )  # fmt: skip
            if done:
                if request.POST.get("then") == "notify":
                    with attempt(request) as told:
                        number = actions.notify(activity=activity, by=request.actor)
                    if told:
                        messages.success(request, _("已安排，并通知了 %(number)d 人。") % {"number": number})
                else:
                    messages.success(request, _("已安排，还没有通知。"))
                return redirect("activities:detail", activity.pk)
    return page(
        request, "activities/plan.html",
        {"org": org, "kind": kind, "form": form, "warnings": warnings, "accept": "|".join(warnings),
         "audience": AUDIENCE_WORDS[kind.expected], "convenes": may_convene(org, kind, request.actor)},
    )  # fmt: skip


@needs("activities.plan")
def change(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Another time or place, title or agenda."""
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require("activities.plan", activity.org)
    start = activity.starts_at.astimezone(clock.SHANGHAI)
    form = forms.ChangeForm(
        request.POST or None,
        initial={
            "title": activity.title, "day": start.date(), "hour": start.time(), "minutes": activity.minutes_long,
            "place": activity.place, "agenda": "\n".join(activity.agenda), "learning_minutes": activity.learning_minutes,
        },
        told=activity.state == NOTIFIED,
    )  # fmt: skip
    warnings: list[str] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        moved = (form.starts_at, form.ends_at, data["place"].strip()) != (
            activity.starts_at,
            activity.ends_at,
            activity.place,
        )
        warnings = (
            warnings_of(
                form,
                activity.org,
                queries.kind_of(activity),
                request.actor,
                audience=activity.audience,
                but=activity.pk,
            )
            if moved
            else []
        )
        if not warnings or request.POST.get("accept") == "|".join(warnings):
            with attempt(request, form, _("已修改。")) as done:
                if moved:
                    actions.reschedule(
                        activity=activity,
                        starts_at=form.starts_at,
                        ends_at=form.ends_at,
                        place=data["place"],
                        reason=data.get("reason", ""),
                        by=request.actor,
                    )
                actions.change(
                    activity=activity, by=request.actor, title=data["title"], agenda=data["agenda"].splitlines(),
                    learning_minutes=data["learning_minutes"],
                )  # fmt: skip
            if done:
                return redirect("activities:detail", activity.pk)
    return page(
        request, "activities/change.html",
        {"activity": activity, "form": form, "warnings": warnings, "accept": "|".join(warnings)},
    )  # fmt: skip


def back(activity: queries.Activity) -> HttpResponseRedirect:
    """To the activity's file."""
    return redirect("activities:detail", activity.pk)


@needs("activities.cancel")
def cancel(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Call it off, with a reason."""
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require("activities.cancel", activity.org)
    form = forms.ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("活动已取消，已通知参加人。")) as done:
            actions.cancel(activity=activity, reason=form.cleaned_data["reason"], by=request.actor)
        if done:
            return back(activity)
    return page(request, "activities/cancel.html", {"activity": activity, "form": form})


def persons_of(request: HttpRequest) -> list[int]:
    """Ids of persons that a form sent; Invalid if they are none."""
    try:
        return [int(text) for text in request.POST.getlist("person")][:5000]
    except ValueError:
        raise Invalid(_("人员编号不对，请刷新页面。"), field="person") from None


@needs("activities.plan")
@require_POST
def participants(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Put persons on the list."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=_("名单已更新。")):
        actions.add_participants(activity=activity, people=persons_of(request), by=request.actor)
    return back(activity)


@needs("activities.plan")
@require_POST
def leave_out(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Take a person off the list, with a reason."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=_("已不计入应到。")):
        for person in persons_of(request):
            actions.leave_out(activity=activity, person=person, reason=request.POST.get("reason", ""), by=request.actor)
    return back(activity)


def pack_check_in(activity: queries.Activity):
    """The pack's settings of the check-in on the activity's day."""
    return policy.on(clock.day_of(activity.starts_at)).settings.check_in
