"""书记讲党课: how many lessons the secretaries of committees have given this year (DOMAIN 1.3: at least one)."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, QuerySet

from gongjian.desks.activities.models import Attendance
from gongjian.desks.activities.states import SIGNED_OFF
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated


def bound(actor: Actor, day: dt.date) -> QuerySet[Organisation]:
    """Organisations that the actor may look into and whose secretaries the pack asks for a lesson a year."""
    rule = policy.on(day).meetings.secretary_lessons
    return orgs.visible_to(actor, permission="activities.view").filter(kind__in=rule.org_kinds)


def put_lessons(found: Iterable[Organisation], day: dt.date) -> None:
    """Put `secretary` (name or ""), `lessons` (given and signed off this year, wherever they were held) and
    `lesson_state` (kept, on_track, at_risk) on each organisation; two queries.
    """
    rule = policy.on(day).meetings.secretary_lessons
    rows = list(found)
    held = Appointment.objects.filter(Dated.current_q(day), org__in=rows, post__in=rule.posts).select_related("person")
    secretary = {row.org_id: row.person for row in held.order_by("-id")}
    given = given_by([person.pk for person in secretary.values()], day)
    for org in rows:
        person = secretary.get(org.pk)
        org.secretary = person.name if person else ""
        org.lessons = given.get(person.pk, 0) if person else 0
        late = "at_risk" if day.month >= rule.warn_from_month else "on_track"
        org.lesson_state = "kept" if org.lessons >= rule.times else late


def given_by(people: Iterable[int], day: dt.date) -> dict[int, int]:
    """Lessons that each person gave this year: on the list as 主讲, there, and signed off."""
    first, last = clock.period_bounds(clock.year_of(day))
    rows = Attendance.objects.filter(
        person__in=list(people), role="lecturer", status="present", activity__state=SIGNED_OFF,
        activity__kind=policy.on(day).meetings.secretary_lessons.kind, activity__starts_at__gte=clock.at_time(first),
        activity__starts_at__lt=clock.at_time(last + dt.timedelta(days=1)),
    )  # fmt: skip
    return dict(rows.values_list("person").annotate(number=Count("pk")).order_by())


def owed_by(actor: Actor, day: dt.date) -> int:
    """How many lessons this actor, as a secretary the pack names, still has to give; 0 before the month of warning."""
    rule = policy.on(day).meetings.secretary_lessons
    homes = {grant.org for grant in actor.grants if grant.org_kind in rule.org_kinds}
    if not actor.person or not homes or day.month < rule.warn_from_month:
        return 0
    held = Appointment.objects.filter(Dated.current_q(day), person=actor.person, org__in=homes, post__in=rule.posts)
    return max(0, rule.times - given_by([actor.person], day).get(actor.person, 0)) if held.exists() else 0
