"""Joint activities: invite, confirm, decline, step back, and each organisation's attendance apart."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.activities import actions, forms, planning_queries, queries
from gongjian.desks.activities.actions.joining import own_counts
from gongjian.desks.activities.looks import JOINING
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page


@signed_in
def joint(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Who holds it together, and what each side can do now."""
    actor = request.actor
    activity = queries.get_for(actor, activity_id)
    before = activity.state in (PLANNED, NOTIFIED)
    hosts = actor.may_at("activities.plan", activity.org)
    day = clock.day_of(activity.starts_at)
    joinings = planning_queries.joinings_of(activity)
    for one in joinings:
        leads = actor.may_at("activities.plan", one.org)
        one.may_answer = before and leads and one.state == "invited"
        one.may_leave = before and (leads or hosts) and one.state in ("invited", "confirmed")
        one.periods = (
            [(text, forms.period_word(text)) for text in queries.periods_to_make_good(one.org, activity.kind, day)]
            if one.may_answer
            else []
        )
        one.counts_for_word = forms.period_word(one.counts_for) if one.counts_for else ""
        one.counts = None
        if one.present_count is not None:
            one.counts = (one.expected_count, one.present_count)
        elif one.state == "confirmed" and (leads or hosts):
            one.counts = own_counts(one, activity)
    joined = any(one.state in ("confirmed", "counted", "empty") for one in joinings)
    invited = {one.org_id for one in joinings if one.state in ("invited", "confirmed")}
    organises = hosts or any(actor.may_at("activities.plan", one.org) for one in joinings)
    return page(
        request, "activities/joint.html",
        {"activity": activity, "joinings": joinings, "looks": JOINING, "may_invite": hosts and before,
         "near": planning_queries.near(activity, invited) if hosts and before else [],
         "host_counts": planning_queries.host_counts(activity) if joined else None,
         "frame": "ui/base.html" if organises or actor.may("activities.plan") else "ui/phone.html"},
    )  # fmt: skip


@needs("activities.plan")
@require_POST
def invite(request: HttpRequest, activity_id: int) -> HttpResponse:
    """Invite the ticked organisations and those named by their codes."""
    activity = queries.get_for(request.actor, activity_id)
    with attempt(request, success=_("邀请已发出，等对方确认。")):
        codes = [code for code in re.split(r"[\s,，、;；]+", request.POST.get("code", "")) if code]
        ids = [
            int(text) for text in request.POST.getlist("org") if text.isascii() and text.isdigit() and len(text) < 19
        ]
        beside = {org.pk: org for org in planning_queries.near(activity)}
        found = [beside[pk] for pk in ids if pk in beside] + planning_queries.by_codes(codes)
        unknown = set(codes) - {org.code for org in found}
        if unknown:
            raise Invalid(_("没有代码为“%(code)s”的组织。") % {"code": "、".join(sorted(unknown))}, field="code")
        if not found:
            raise Invalid(_("请选择要邀请的组织。"), field="org")
        actions.invite(activity=activity, orgs={org.pk: org for org in found}.values(), by=request.actor)
    return redirect("activities:joint", activity.pk)


@needs("activities.plan")
@require_POST
def answer(request: HttpRequest, joining_id: int) -> HttpResponse:
    """Confirm, decline or step back."""
    joining = actions.get_joining(request.actor, joining_id)
    what, reason = request.POST.get("what", ""), request.POST.get("reason", "")
    with attempt(request, success=_("已办理。")):
        if what == "confirm":
            actions.join_in(joining=joining, by=request.actor, counts_for=request.POST.get("counts_for") or None)
        elif what == "decline":
            actions.decline(joining=joining, by=request.actor, reason=reason)
        elif what == "step_back":
            actions.step_back(joining=joining, by=request.actor, reason=reason)
        else:
            raise Invalid(_("请选择确认或谢绝。"))
    return redirect("activities:joint", joining.activity_id)
