"""What there is: the list, one's own, the month, and an activity's file."""

import calendar as months
import datetime as dt

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.desks.activities import dossier, forms, planning_queries, queries, votes
from gongjian.desks.activities.expecting import reasons_for
from gongjian.desks.activities.looks import ATTENDANCE, AUDIENCE_WORDS, FOLLOW_UP, REASON_WORDS, STATE, VOTE
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import CANCELLED, HELD, LINE, NOTIFIED, OPEN, PLANNED, SIGNED_OFF
from gongjian.desks.activities.views.around import around
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts.queries import about_object
from gongjian.records.orgs import queries as orgs

SHOWN_ON_PAGE = 200
NEXT_DAYS = 60  # what is further away stands behind a line on the phone


def kind_titles() -> dict[str, str]:
    """Titles of today's kinds by id; a kind that is gone reads as its id."""
    return dict(forms.kind_choices())


def count_text(activity: queries.Activity) -> str:
    """实到 / 应到."""
    return f"{activity.present} / {activity.expected}" if activity.expected else "—"


@needs("activities.view")
def overview(request: HttpRequest) -> HttpResponse:
    """The list of all that one may see, with filters and export."""
    actor = request.actor
    titles = kind_titles()
    listing = Listing(
        request,
        queries.visible_to(actor).select_related("org"),
        columns=[
            Column("title", _("主题"), link="activities:detail", phone="title"),
            Column("kind", _("类型"), value=lambda a: titles.get(a.kind, a.kind), phone="meta"),
            Column("org.name", _("组织"), phone="meta"),
            Column("starts_at", _("时间"), kind="datetime", sort=True, phone="meta"),
            Column("place", _("地点"), phone="hide"),
            Column("present", _("实到 / 应到"), value=count_text, phone="meta"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
        ],
        filterset=forms.ActivityFilter,
        search=("title", "place", "org__name", "org__initials"),
        order=("-starts_at", "-id"),
        export="xlsx,csv",
        name=_("组织生活"),
        prepare=queries.put_counts,
        empty=_("还没有活动"),
        empty_hint=_("点“安排活动”，从通知到签字确认一步一步走。"),
        search_hint=_("主题、地点、组织或拼音首字母"),
    )
    may_plan = actor.may("activities.plan")
    return listing.response("activities/list.html", {"may_plan": may_plan})


@signed_in
def mine(request: HttpRequest) -> HttpResponse:
    """What is next for oneself, on the phone."""
    actor = request.actor
    coming = list(queries.coming_for(actor)[:SHOWN_ON_PAGE])
    border = clock.at_time(clock.today() + dt.timedelta(days=NEXT_DAYS + 1))
    later = [activity for activity in coming if activity.starts_at >= border]
    coming = coming[: len(coming) - len(later)]
    past = list(
        queries.mine(actor)
        .filter(state__in=(HELD, SIGNED_OFF, CANCELLED))
        .select_related("org")
        .order_by("-starts_at")[:20]
    )
    rows = queries.own_rows(actor, [*coming, *later, *past])
    nearby = list(queries.open_nearby(actor)[:10])
    titles = kind_titles()
    for activity in (*coming, *later, *past, *nearby):
        activity.row = rows.get(activity.pk)
        activity.kind_title = titles.get(activity.kind, activity.kind)
    return page(
        request, "activities/mine.html",
        {"coming": coming, "later": later, "past": past, "nearby": nearby, "looks": ATTENDANCE, "states": STATE,
         "organises": actor.may("activities.plan")},
    )  # fmt: skip


@needs("activities.view")
def month(request: HttpRequest) -> HttpResponse:
    """A month of one organisation and all below it, as a calendar."""
    actor = request.actor
    text = request.GET.get("month") or clock.month_of(clock.today())
    try:
        first, last = clock.period_bounds(text)
        if clock.per_of(text) != "month":
            raise ValueError
    except ValueError:
        raise Invalid(_("月份应写成 2026-11 的样子。"), field="month") from None
    found = queries.visible_to(actor).filter(
        starts_at__gte=clock.at_time(first), starts_at__lt=clock.at_time(last + dt.timedelta(days=1))
    )
    org = None
    if request.GET.get("org"):
        org = orgs.get_for(actor, request.GET["org"])
        found = found.filter(Q(org__path__startswith=org.path) | Q(pk__in=planning_queries.joined_below(org.path)))
    by_day: dict[dt.date, list[queries.Activity]] = {}
    activities = list(found.exclude(state=CANCELLED).select_related("org").order_by("starts_at")[:400])
    for activity in activities:
        by_day.setdefault(clock.day_of(activity.starts_at), []).append(activity)
    weeks = [
        [{"day": day, "inside": day.month == first.month, "today": day == clock.today(), "all": by_day.get(day, [])}
         for day in week]
        for week in months.Calendar().monthdatescalendar(first.year, first.month)
    ]  # fmt: skip
    return page(
        request, "activities/month.html",
        {"weeks": weeks, "title": forms.period_word(text), "org": org, "count": len(activities), "states": STATE,
         "previous": clock.previous_period(text), "next": clock.next_period(text), "may_plan": actor.may("activities.plan")},
    )  # fmt: skip


def audience_word(activity: queries.Activity) -> str:
    """参加范围 in words."""
    return str(AUDIENCE_WORDS[activity.audience])


def timeline_of(activity: queries.Activity, *, with_names: bool) -> list[dict]:
    """The facts about an activity, newest first; check-ins are summed up, persons are named only to those who lead."""
    icons = {
        "activity.planned": "calendar-plus", "activity.notified": "bell", "activity.check_in_opened": "qrcode",
        "activity.cancelled": "calendar-off", "activity.rescheduled": "calendar-time", "activity.held": "users-group",
        "activity.minutes_recorded": "notes", "activity.signed_off": "signature", "activity.attended": "user-check",
        "activity.attendance_withdrawn": "arrow-back-up", "activity.excused": "user-minus",
        "activity.replied": "message-circle", "activity.reminded": "bell-ringing",
    }  # fmt: skip
    kinds, found, checked = registry.fact_kinds(), [], None
    stories = list(about_object(Ref.of("activity", activity.pk)).order_by("-id")[:5000])
    names = queries.names_of([story.by for story in stories] + [story.person for story in stories])
    for story in stories:
        about_person = story.person is not None
        if story.kind == "activity.attended":
            if checked is None:
                checked = {"at": story.recorded_at, "title": "", "icon": "user-check", "number": 0, "tone": "good"}
                found.append(checked)
            checked["number"] += 1
            continue
        if about_person and not with_names:
            continue
        reason = story.data.get("reason", "")
        if story.kind in ("activity.excused", "activity.excuse_asked", "activity.excuse_refused"):
            reason = str(REASON_WORDS.get(reason, reason))
        who = names.get(story.person, "") if about_person else ""
        found.append({
            "at": story.recorded_at, "icon": icons.get(story.kind, "point"), "who": names.get(story.by, _("系统")),
            "title": f"{kinds[story.kind].title}{'：' if who else ''}{who}", "text": reason,
            "tone": "good" if story.kind == "activity.signed_off" else "quiet",
        })  # fmt: skip
    if checked:
        checked["title"] = _("%(number)d 人次签到") % {"number": checked["number"]}
    return found


def next_step(activity: queries.Activity, can: object, minutes: object) -> str:
    """The one button that leads on for whoever organises: a name that the template knows, or nothing."""
    if activity.state == PLANNED and can.notify:
        return "notify"
    if activity.state in (PLANNED, NOTIFIED) and can.open:
        return "open"
    if activity.state == OPEN and can.check_in:
        return "screen"
    if activity.state == HELD:
        if can.record and minutes is None and queries.kind_of(activity).minutes_required:
            return "minutes"
        return "sign_off" if can.sign_off else ""
    return ""


@signed_in
def detail(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The file of an activity, from notice to sign-off."""
    actor = request.actor
    activity = queries.get_for(actor, activity_id)
    row = queries.row_of(activity, actor.person)
    can = abilities(activity, actor, row)
    kind = queries.kind_of(activity)
    minutes = queries.minutes_of(activity)
    everyone = queries.attendance_of(activity) if can.roster else []
    hints = queries.left_out_hints(activity) if can.organises and activity.state != SIGNED_OFF else {}
    why = reasons_for(activity) if everyone else {}
    for one in everyone:
        one.hint, one.why = hints.get(one.person_id, ""), why.get(one.person_id, "")
    waiting = [one for one in everyone if one.excuse_state == "asked" and one.status in ("expected", "absent")]
    tally = queries.tally(activity)
    if activity.present_count is not None:
        tally |= {"present": activity.present_count, "expected": activity.expected_count}
    may_step = next_step(activity, can, minutes)
    return page(
        request, "activities/detail.html",
        {
            "frame": "ui/base.html" if can.organises or actor.may("activities.plan") or can.roster else "ui/phone.html",
            "activity": activity, "kind": kind, "row": row, "can": can, "minutes": minutes, "tally": tally,
            "decisions": votes.decisions_of(activity) if minutes else [], "votes": VOTE, "follow_looks": FOLLOW_UP,
            "panel": dossier.panel(activity, actor, can), "line": LINE, "states": STATE,
            "looks": ATTENDANCE, "everyone": everyone[:SHOWN_ON_PAGE], "more": max(0, len(everyone) - SHOWN_ON_PAGE),
            "waiting": waiting, "quorum": votes.standing_of(activity) if can.roster else None,
            "timeline": timeline_of(activity, with_names=can.roster), "step": may_step, "audience": audience_word(activity),
            "period": forms.period_word(activity.counts_for) if activity.counts_for else "",
            "signer": queries.names_of([activity.signed_by]).get(activity.signed_by, ""),
            "candidates": _candidates(activity, everyone) if can.plan or can.check_in else [],
            **around(activity, actor, row, can),
        },
    )  # fmt: skip


def _candidates(activity: queries.Activity, everyone: list) -> list:
    listed = {one.person_id for one in everyone}
    day = clock.day_of(activity.starts_at)
    return [person for person in queries.candidates(activity.org, day)[:SHOWN_ON_PAGE] if person.pk not in listed]


@signed_in
def roster(request: HttpRequest, activity_id: int) -> HttpResponse:
    """The whole list with search, filter and export, for those who lead."""
    actor = request.actor
    activity = queries.get_for(actor, activity_id)
    can = abilities(activity, actor, None)
    if not can.roster:
        actor.require("activities.check_in", activity.org)
    listing = Listing(
        request,
        queries.rows_of(activity),
        columns=[
            Column("person.name", _("姓名"), phone="title"),
            Column("role", _("角色"), value=lambda one: str(one.get_role_display()), phone="meta"),
            Column("status", _("到会"), kind="badge", looks=ATTENDANCE, phone="meta"),
            Column("checked_in_at", _("签到时间"), kind="datetime", phone="meta"),
            Column("method", _("方式"), value=lambda one: str(one.get_method_display()), phone="hide"),
            Column(
                "excuse_reason", _("请假"), phone="hide",
                value=lambda one: f"{one.get_excuse_reason_display()} {one.get_excuse_state_display()}".strip(),
            ),
        ],
        filterset=forms.RosterFilter,
        search=("person__name", "person__pinyin", "person__initials"),
        order=("person__pinyin", "id"),
        export="xlsx,csv",
        name=f"{activity.title}-{_('到会名单')}",
        size=50,
    )  # fmt: skip
    return listing.response("activities/roster.html", {"activity": activity})
