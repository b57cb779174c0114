"""Follow-ups: the list for those who look after them, one's own on the phone, and one with its deeds."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.activities import actions, dossier, follow_ups, queries
from gongjian.desks.activities.actions.follow_up import owners_for
from gongjian.desks.activities.looks import FOLLOW_UP
from gongjian.desks.activities.states import FOLLOW_UP_CONFIRMED, FOLLOW_UP_DONE, FOLLOW_UP_OPEN, UNFINISHED
from gongjian.desks.activities.views.meeting import whole
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page

SHOWN = 60


class FollowUpFilter(django_filters.FilterSet):
    """筛选: by state (late is one), and the organisation with all below it."""

    STATES = (
        ("unfinished", gettext_lazy("没有办完的")), ("late", gettext_lazy("已逾期")), ("open", gettext_lazy("办理中")),
        ("done", gettext_lazy("待确认")), ("confirmed", gettext_lazy("已确认")), ("struck", gettext_lazy("已撤销")),
    )  # fmt: skip
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=STATES, empty_label=gettext_lazy("全部状态"), method="in_state"
    )
    org = django_filters.CharFilter(label=gettext_lazy("组织"), method="of_org", widget=forms.HiddenInput)

    class Meta:
        model = follow_ups.FollowUp
        fields = ("state", "org")

    def in_state(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Late is open and past its date; unfinished is open or waiting to be confirmed."""
        if value == "late":
            return queryset.filter(state=FOLLOW_UP_OPEN, due_on__lt=clock.today())
        return queryset.filter(state__in=UNFINISHED if value == "unfinished" else (value,))

    def of_org(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Of an organisation (by id) and of all below it."""
        found = value.isascii() and value.isdigit()
        return queryset.filter(org__path__contains=f"/{value}/") if found else queryset.none()


@needs("activities.view")
def overview(request: HttpRequest) -> HttpResponse:
    """All that one may see, with filters and export; members see their own."""
    today = clock.today()
    rows = follow_ups.visible_to(request.actor).select_related("org", "owner", "activity")
    listing = Listing(
        request, rows,
        columns=[
            Column("text", _("议定事项"), link="activities:follow_up", phone="title"),
            Column("owner.name", _("责任人"), phone="meta"),
            Column("due_on", _("时限"), kind="date", sort=True, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=FOLLOW_UP, value=lambda one: follow_ups.state_of(one, today),
                   phone="meta"),
            Column("org.name", _("组织"), phone="meta"),
            Column("activity.title", _("会议"), phone="hide"),
            Column("done_on", _("办结日期"), kind="date", phone="hide"),
        ],
        filterset=FollowUpFilter, search=("text", "owner__name", "owner__initials", "org__name", "activity__title"),
        order=("due_on", "id"), export="xlsx,csv", name=_("议定事项"), empty=_("没有议定事项"),
        empty_hint=_("会议记录里写了责任人和时限的决定，签字确认后出现在这里。"), search_hint=_("内容、责任人、组织"),
    )  # fmt: skip
    late = rows.filter(state=FOLLOW_UP_OPEN, due_on__lt=today).count()
    return listing.response("activities/follow_ups.html", {"late": late})


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What one has to see to, on the phone: late ones first."""
    rows = list(follow_ups.mine(request.actor).order_by("due_on", "id").filter(state__in=UNFINISHED)[:SHOWN])
    over = list(follow_ups.mine(request.actor).exclude(state__in=UNFINISHED).order_by("-due_on")[:20])
    return page(
        request, "activities/my_follow_ups.html",
        {"rows": dossier.shown(rows), "over": dossier.shown(over), "looks": FOLLOW_UP, "today": clock.today()},
    )  # fmt: skip


@signed_in
def detail(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """One follow-up: what was decided, what became of it, and what can be done."""
    actor = request.actor
    one = follow_ups.get_for(actor, follow_up_id)
    if request.method == "POST":
        with attempt(request, success=_("已记下。")):
            _do(request, one, actor)
        return redirect("activities:follow_up", one.pk)
    steps = follow_ups.steps_of([one])
    names = queries.names_of([step.by for step in steps])
    for step in steps:
        step.who = names.get(step.by, _("系统"))
    dossier.shown([one])
    leads = actor.may_at("activities.follow_up", one.org)
    return page(
        request, "activities/follow_up.html",
        {"one": one, "steps": steps, "looks": FOLLOW_UP, "leads": leads, "owns": one.owner_id == actor.person,
         "frame": "ui/base.html" if leads or actor.may("activities.plan") else "ui/phone.html",
         "may_done": one.state == FOLLOW_UP_OPEN and (leads or one.owner_id == actor.person),
         "may_confirm": leads and one.state == FOLLOW_UP_DONE,
         "may_reopen": leads and one.state in (FOLLOW_UP_DONE, FOLLOW_UP_CONFIRMED),
         "may_change": leads and one.state == FOLLOW_UP_OPEN, "may_strike": leads and one.state in UNFINISHED,
         "owners": owners_for(one) if leads and one.state == FOLLOW_UP_OPEN else [],
         "later": one.due_on + dt.timedelta(days=1)},
    )  # fmt: skip


def _do(request: HttpRequest, one: follow_ups.FollowUp, by: Actor) -> None:
    do, note = request.POST.get("do", ""), request.POST.get("note", "")
    if do == "done":
        actions.report_done(follow_up=one, note=note, by=by)
    elif do == "confirm":
        actions.confirm(follow_up=one, note=note, by=by)
    elif do == "reopen":
        actions.send_back(follow_up=one, note=note, by=by)
    elif do == "hand_over":
        actions.hand_over(follow_up=one, owner=whole(request, "owner") or 0, note=note, by=by)
    elif do == "extend":
        try:
            day = dt.date.fromisoformat(request.POST.get("due_on", ""))
        except ValueError:
            raise Invalid(_("请选择新的时限。"), field="due_on") from None
        actions.extend(follow_up=one, due_on=day, note=note, by=by)
    elif do == "strike":
        actions.strike(follow_up=one, note=note, by=by)
    else:
        raise Invalid(_("没有这种办理。"))
