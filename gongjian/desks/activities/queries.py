"""Reads of activities; every one knows who asks."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.desks.activities import rules
from gongjian.desks.activities.elsewhere import kept_elsewhere, within
from gongjian.desks.activities.models import (
    Activity,
    Attendance,
    Decision,
    Meeting,
    Minutes,
    MinutesDraft,
    MinutesRevision,
    Participation,
    Reply,
    Series,
)
from gongjian.desks.activities.states import CANCELLED, NOTIFIED, OPEN, PLANNED, SIGNED_OFF
from gongjian.engines.voting import rules as voting
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.ground.policy.meetings_schema import MeetingForm
from gongjian.ground.policy.schema import ActivityKind, Duty
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Appointment, Dated, Membership, Person


def visible_to(actor: Actor) -> QuerySet[Activity]:
    """Activities of organisations that the actor may look into, open ones nearby, and those where one is on the list."""
    if actor.kind == "system":
        return Activity.objects.all()
    condition = scope_q(actor, "activities.view", prefix="org__")
    if actor.scopes("activities.view_open"):
        condition |= Q(audience="open") & scope_q(actor, "activities.view_open", prefix="org__")
    joined = Participation.objects.filter(
        scope_q(actor, "activities.view", prefix="org__"), activity=OuterRef("pk"),
        state__in=("invited", "confirmed", "counted", "empty", "cancelled"),
    )  # fmt: skip
    if actor.scopes("activities.view"):
        condition |= Exists(joined)
    if actor.person and _may_read(actor):
        condition |= Exists(Attendance.objects.filter(activity=OuterRef("pk"), person=actor.person))
    return Activity.objects.filter(condition)


def _may_read(actor: Actor) -> bool:
    """An API token reads one's own activities only if its owner put one of these into its scope."""
    scopes = actor.token_scopes
    return scopes is None or bool(scopes & {"activities.view", "activities.attend"})


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Activity:
    """One activity that the actor may see; NotFound otherwise. With `lock` its row is held until the transaction ends."""
    found = visible_to(actor).select_related("org")
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    try:
        return found.get(pk=ident)
    except (Activity.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这个活动，或者它不在您的可见范围内。") from None


def kind_of(activity: Activity) -> ActivityKind:
    """The pack's kind, as it was on the day of the activity."""
    return policy.on(clock.day_of(activity.starts_at)).activity_kind(activity.kind)


def kinds_for(org: Organisation, day: dt.date) -> list[ActivityKind]:
    """The kinds that an organisation may hold, in their order."""
    return sorted(
        (kind for kind in policy.on(day).activity_kinds if org.kind in kind.holders), key=lambda kind: kind.order
    )


def mine(actor: Actor) -> QuerySet[Activity]:
    """Activities where the actor is on the list."""
    if not actor.person:
        return Activity.objects.none()
    return Activity.objects.filter(Exists(Attendance.objects.filter(activity=OuterRef("pk"), person=actor.person)))


def coming_for(actor: Actor) -> QuerySet[Activity]:
    """What is next for the actor: not yet held, soonest first."""
    return (
        mine(actor).filter(state__in=(PLANNED, NOTIFIED, OPEN), ends_at__gte=clock.now() - dt.timedelta(hours=12))
        .select_related("org").order_by("starts_at", "id")
    )  # fmt: skip


def open_nearby(actor: Actor) -> QuerySet[Activity]:
    """Activities that anyone in the actor's scope may join, not yet over."""
    return (
        visible_to(actor).filter(audience="open", state__in=(PLANNED, NOTIFIED, OPEN), ends_at__gte=clock.now())
        .exclude(Exists(Attendance.objects.filter(activity=OuterRef("pk"), person=actor.person)))
        .select_related("org").order_by("starts_at", "id")
    )  # fmt: skip


def own_rows(actor: Actor, activities: Iterable[Activity]) -> dict[int, Attendance]:
    """The actor's own attendance by activity."""
    rows = Attendance.objects.filter(activity__in=[activity.pk for activity in activities], person=actor.person)
    return {row.activity_id: row for row in rows}


def attendance_of(activity: Activity) -> list[Attendance]:
    """The whole list of an activity got by `get_for`, chair first, then by name."""
    order = {"chair": 0, "lecturer": 1, "attendee": 2}
    rows = Attendance.objects.filter(activity=activity).select_related("person")
    return sorted(rows, key=lambda row: (order[row.role], row.person.pinyin, row.person_id))


def row_of(activity: Activity, person: int | None) -> Attendance | None:
    """One person's row."""
    return Attendance.objects.filter(activity=activity, person=person).first() if person else None


def minutes_of(activity: Activity) -> Minutes | None:
    """The minutes, with their decisions."""
    return Minutes.objects.filter(activity=activity).prefetch_related("decisions__owner").first()


def tally(activity: Activity) -> dict[str, int]:
    """How many of the list have each status, and `expected` and `present` as they would be signed off."""
    found = dict(
        Attendance.objects.filter(activity=activity, guest=False)
        .values_list("status")
        .annotate(number=Count("pk"))
        .order_by()
    )
    present, everyone = found.get("present", 0), sum(found.values())
    return {
        "waiting": found.get("expected", 0), "present": present, "excused": found.get("excused", 0),
        "absent": found.get("absent", 0), "expected": present if activity.audience == "open" else everyone,
    }  # fmt: skip


def put_counts(activities: list[Activity]) -> None:
    """Put `expected` and `present` on each activity: as signed off, else as the list stands now; one query."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for pk, status, number in (
        Attendance.objects.filter(activity__in=[a.pk for a in activities if a.present_count is None], guest=False)
        .values_list("activity", "status").annotate(number=Count("pk")).order_by()
    ):  # fmt: skip
        found[pk][status] = number
    for activity in activities:
        present = found[activity.pk].get("present", 0)
        activity.present = present if activity.present_count is None else activity.present_count
        everyone = present if activity.audience == "open" else sum(found[activity.pk].values())
        activity.expected = everyone if activity.expected_count is None else activity.expected_count


# --- who should come --------------------------------------------------------------------------------------------
def members_expected(org: Organisation, day: dt.date) -> QuerySet[Membership]:
    """Current memberships at an organisation and, where it is a committee, below it; 停止党籍 stands outside."""
    current = Membership.objects.filter(Dated.current_q(day)).exclude(state="stopped").exclude(person__died_on__lte=day)
    if org.kind == "group":
        return current.filter(group=org)
    if org.level == "branch":
        return current.filter(org=org)
    return current.filter(subtree_q(org.path, prefix="org__"))


def chair_of(org: Organisation, posts: tuple[str, ...], day: dt.date) -> int | None:
    """Who convenes: the holder of the first of these posts that is filled (secretary, then deputy …)."""
    if not posts:
        return None
    held = dict(
        Appointment.objects.filter(Dated.current_q(day), org=org, post__in=posts).order_by("-id").values_list("post", "person")
    )  # fmt: skip
    return next((held[post] for post in posts if post in held), None)


def expected_people(org: Organisation, audience: str, day: dt.date) -> set[int]:
    """Ids of those who should come by rule; none where people are chosen or come freely."""
    if audience in ("members", "group"):
        return set(members_expected(org, day).values_list("person", flat=True))
    if audience == "committee":
        posts = [post.id for post in policy.on(day).posts if post.committee]
        return set(
            Appointment.objects.filter(Dated.current_q(day), org=org, post__in=posts).values_list("person", flat=True)
        )
    return set()


def left_out_hints(activity: Activity) -> dict[int, str]:
    """Persons on the list who may be left out of 应到 (DOMAIN 1.4), with the reason that the records show."""
    day = clock.day_of(activity.starts_at)
    found = {}
    for person, state, mobile, lost in members_expected(activity.org, day).values_list(
        "person", "state", "mobile", "lost_since"
    ):
        why = voting.may_be_left_out(state=state, mobile=mobile, lost_for_days=(day - lost).days if lost else None)
        if why:
            found[person] = why
    return found


def candidates(org: Organisation, day: dt.date) -> QuerySet[Person]:
    """Who may be put on a list by hand or named as lecturer: members of the organisation and its officers, by name."""
    return Person.objects.filter(
        Q(pk__in=members_expected(org, day).values("person"))
        | Q(pk__in=Appointment.objects.filter(Dated.current_q(day), org=org).values("person"))
    ).order_by("pinyin", "id")


# --- duties and periods -----------------------------------------------------------------------------------------
def duties_for(org: Organisation, kind: str, day: dt.date) -> list[Duty]:
    """The pack's duties of this organisation that an activity of this kind fulfils."""
    kinds = {org.kind} | ({org.parent.kind} if org.kind == "group" and org.parent else set())
    return [
        duty for duty in policy.on(day).duties_on(day)
        if kind in duty.done_by.where.get("activity_kind", ()) and kinds & set(duty.applies_to)
    ]  # fmt: skip


def counted_for(org: Organisation, kind: str, period: str, *, but: int | None = None) -> QuerySet[Activity]:
    """Activities of this kind, not cancelled, that count for a period: those in it, and later ones that make it good."""
    first, last = clock.period_bounds(period)
    in_it = Q(
        counts_for__isnull=True, starts_at__gte=clock.at_time(first), starts_at__lt=clock.at_time(last + dt.timedelta(days=1))
    )  # fmt: skip
    found = Activity.objects.filter(in_it | Q(counts_for=period), org=org, kind=kind).exclude(state=CANCELLED)
    return found.exclude(pk=but) if but else found


def periods_to_make_good(org: Organisation, kind: str, day: dt.date, *, count: int = 4) -> list[str]:
    """Past periods, newest first, in which the organisation held less of this kind than its duty asks."""
    found = []
    for duty in duties_for(org, kind, day):
        periods = rules.past_periods(day, duty.per, 1 if duty.per == "year" else count)
        told = kept_elsewhere(org, [duty], clock.period_bounds(periods[-1])[0]).get(duty.id, [])
        for period in periods:
            if (
                duty.in_force(clock.period_bounds(period)[1])
                and rules.can_make_good(period, per=duty.per, day=day, founded_on=org.founded_on)
                and counted_for(org, kind, period).filter(state=SIGNED_OFF).count() + len(within(told, period))
                < duty.times
                and period not in found
            ):
                found.append(period)
    return found


def conflicts(
    org: Organisation, kind: str, starts_at: dt.datetime, ends_at: dt.datetime, *, but: int | None = None
) -> tuple[list[Activity], list[Activity]]:
    """(of the same kind within the same period of its duty or the same day, at the same time whatever kind)."""
    day = clock.day_of(starts_at)
    per = next((duty.per for duty in duties_for(org, kind, day)), None)
    period = clock.period_of(day, per) if per else None
    same = Activity.objects.filter(org=org, kind=kind).exclude(state=CANCELLED).exclude(pk=but)
    if period and per != "year":
        twice = list(counted_for(org, kind, period, but=but).order_by("starts_at")[:3])
    else:
        at = clock.at_time(day)
        twice = list(same.filter(starts_at__gte=at, starts_at__lt=at + dt.timedelta(days=1))[:3])
    busy = Activity.objects.filter(org=org, starts_at__lt=ends_at, ends_at__gt=starts_at).exclude(state=CANCELLED)
    return twice, list(busy.exclude(pk=but).order_by("starts_at")[:3])


def names_of(people: Iterable[int | None]) -> dict[int, str]:
    """Names by id, for a timeline's 经办人."""
    return dict(Person.objects.filter(pk__in={person for person in people if person}).values_list("pk", "name"))


def nameable(actor: Actor) -> QuerySet[Person]:
    """Persons whom the actor may see at all, and so may put on a list (guests, people of a resident unit)."""
    return people.visible_to(actor)


def latest(activity: Activity, *, count: int = 8) -> list[Attendance]:
    """Who checked in last, newest first, for the organiser's screen."""
    return list(
        Attendance.objects.filter(activity=activity, status="present").select_related("person")
        .order_by("-checked_in_at", "-id")[:count]
    )  # fmt: skip


def rows_of(activity: Activity) -> QuerySet[Attendance]:
    """The list of an activity got by `get_for`, as rows to search and page."""
    return Attendance.objects.filter(activity=activity).select_related("person")


def last_of(org: Organisation, kind: str) -> Activity | None:
    """The latest activity of a kind: its hour and place are what the next one will have."""
    return Activity.objects.filter(org=org, kind=kind).order_by("-starts_at").first()


def open_for_check_in(ident: int) -> Activity | None:
    """An activity whose check-in is open, for testing a code before we know who asks; nothing of it may be shown."""
    return Activity.objects.filter(pk=ident, state=OPEN).first()


# --- replies ----------------------------------------------------------------------------------------------------
def replies_of(activity: Activity, unread: Iterable[int]) -> list[dict]:
    """Those on the list by what they answered, then who has read and not answered, then who has not read; two queries.

    `unread` are the ids of those who have not opened the notice.
    """
    told = {reply.person_id: reply for reply in Reply.objects.filter(activity=activity)}
    away = set(unread)
    words = dict(Reply.ANSWERS)
    groups: dict[str, list[Person]] = {key: [] for key in (*words, "silent", "unread")}
    for row in sorted(rows_of(activity), key=lambda row: (row.person.pinyin, row.person_id)):
        reply = told.get(row.person_id)
        row.person.note = reply.note if reply else ""
        if row.excuse_state:
            row.person.note = (
                f"{row.get_excuse_reason_display()} {row.get_excuse_state_display()} {row.person.note}".strip()
            )
        key = reply.answer if reply else "unread" if row.person_id in away else "silent"
        groups[key].append(row.person)
    return [
        {"key": key, "word": word, "icon": icon, "people": groups[key]}
        for key, word, icon in (
            *((key, str(word), "") for key, word in words.items()),
            ("silent", _("还没回复"), "clock"), ("unread", _("还没看通知"), "eye-off"),
        )
        if groups[key] or key in ("come", "away", "silent")
    ]  # fmt: skip


def reply_of(activity: Activity, person: int | None) -> Reply | None:
    """One's own reply."""
    return Reply.objects.filter(activity=activity, person=person).first() if person else None


def names_by_id(ids: Iterable[int]) -> dict[int, str]:
    """Titles of activities by id, for rooms that tell of facts."""
    return dict(Activity.objects.filter(pk__in=set(ids)).values_list("pk", "title"))


def joining_names(ids: Iterable[int]) -> dict[int, str]:
    """Titles of joint activities by the id of one organisation's part in them."""
    found = Participation.objects.filter(pk__in=set(ids)).values_list("pk", "activity__title", "org__name")
    return {pk: f"{title}（{org}）" for pk, title, org in found}


def series_names(ids: Iterable[int]) -> dict[int, str]:
    """Titles of series by id, or the kind's where they have none."""
    kinds = {kind.id: kind.title for kind in policy.current().activity_kinds}
    found = Series.objects.filter(pk__in=set(ids)).values_list("pk", "title", "kind")
    return {pk: title or kinds.get(kind, kind) for pk, title, kind in found}


# --- what a kind of meeting asks for ----------------------------------------------------------------------------
def form_of(activity: Activity) -> MeetingForm:
    """What the pack asks of this kind of meeting, as it was on its day."""
    return policy.on(clock.day_of(activity.starts_at)).meetings.form(activity.kind)


def meeting_of(activity: Activity) -> Meeting:
    """The meeting's particulars; an unsaved empty one where nothing was set."""
    found = Meeting.objects.filter(activity=activity).select_related("oath_leader", "delegate").first()
    return found or Meeting(activity=activity)


def delegates_of(activity: Activity) -> list[Person]:
    """To whom the chair may be given: holders of the pack's posts in the organisation on the day, by name."""
    day = clock.day_of(activity.starts_at)
    posts = policy.on(day).meetings.chairing.delegate_posts
    held = Appointment.objects.filter(Dated.current_q(day), org=activity.org_id, post__in=posts)
    return list(Person.objects.filter(pk__in=held.values("person")).order_by("pinyin", "id"))


def lecturer_of(activity: Activity) -> Attendance | None:
    """Who gives the lesson."""
    return Attendance.objects.filter(activity=activity, role="lecturer").select_related("person").first()


def draft_of(activity: Activity, actor: Actor) -> MinutesDraft | None:
    """One's own unsaved minutes."""
    return MinutesDraft.objects.filter(activity=activity, editor=actor.person).first() if actor.person else None


def other_writers(activity: Activity, actor: Actor) -> list[tuple[str, dt.datetime]]:
    """Who else has typed into these minutes without saving, the latest first: (name, when)."""
    drafts = MinutesDraft.objects.filter(activity=activity).exclude(editor=actor.person).order_by("-saved_at")
    rows = list(drafts.values_list("editor", "saved_at"))
    names = names_of([editor for editor, _at in rows])
    return [(names.get(editor, ""), at) for editor, at in rows]


def revision_of(minutes: Minutes, number: int) -> dict:
    """The minutes as they were at a version; empty for none."""
    found = MinutesRevision.objects.filter(minutes=minutes, number=number).values_list("payload", flat=True).first()
    return found or {}


def content_of(minutes: Minutes) -> dict:
    """The minutes with their decisions as one value (drafts.py), as a revision keeps them."""
    decisions = Decision.objects.filter(minutes=minutes).order_by("position")
    return {
        "notes": minutes.notes, "text": minutes.text,
        "decisions": [
            {"id": one.pk, "text": one.text, "problem": one.problem, "owner": one.owner_id,
             "due_on": one.due_on.isoformat() if one.due_on else None, "point": one.point}
            for one in decisions
        ],
    }  # fmt: skip
