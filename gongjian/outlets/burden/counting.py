"""Counting what was asked (统计): from facts and notices to weekly counts, a handful of queries a week."""

import datetime as dt

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy import folders, store
from gongjian.ground.policy.models import PackVersion
from gongjian.outlets.burden.models import Asked
from gongjian.outlets.burden.rules import weeks_back
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people.models import Appointment, Dated, Membership


def holders(role: str, day: dt.date) -> QuerySet:
    """Ids of the persons who held a role on a day, by their post, or as a member.

    Whoever holds an office of the budget is reckoned there, not among the plain members. Roles given by hand are not
    counted: they belong to those who keep the system.
    """
    if role == "member":
        officers = Q()
        for budget in policy.current().burden.budgets:
            if budget.id != "member":
                officers |= Q(person__in=holders(budget.id, day))
        found = Membership.objects.filter(Dated.current_q(day))
        return (found.exclude(officers) if officers else found).values("person")
    posts = Q(pk__in=[])
    for post in policy.current().posts:
        kinds = [kind for kind, given in post.confers.items() if given == role]
        if kinds:
            posts |= Q(post=post.id, org__kind__in=kinds)
    return Appointment.objects.filter(Dated.current_q(day), posts).values("person").distinct()


def count_week(monday: dt.date) -> int:
    """Count one week anew and put it in place of what was there; returns the number of rows."""
    begins, ends = clock.at_time(monday), clock.at_time(monday + dt.timedelta(days=7))
    last, burden = monday + dt.timedelta(days=6), policy.current().burden
    told = Fact.objects.filter(kind__in={deed.fact for deed in burden.deeds}, at__gte=begins, at__lt=ends)
    done = dict(told.order_by().values_list("kind").annotate(n=Count("pk")))
    rows = []
    for budget in burden.budgets:
        people = holders(budget.id, last)

        def row(what: str, count: int, code: str = "", role: str = budget.id) -> None:
            if count:
                rows.append(Asked(week=monday, role=role, what=what, code=code, count=count))

        row("people", people.count())
        notices = Notice.objects.filter(created_at__gte=begins, created_at__lt=ends, person__in=people)
        for kind, n in notices.order_by().values_list("kind").annotate(n=Count("pk")):
            row("message", n, kind)
        row("upload", Fact.objects.filter(kind="file.kept", at__gte=begins, at__lt=ends, by__in=people).count())
        for deed in burden.deeds:
            if deed.role == budget.id:
                row("deed", done.get(deed.fact, 0), deed.id)
    with transaction.atomic():
        Asked.objects.filter(week=monday).delete()
        Asked.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def count_weeks(day: dt.date) -> int:
    """Count the last two whole weeks anew, and those before that were never counted; returns how many weeks."""
    weeks = weeks_back(day, policy.current().burden.weeks_shown)
    known = set(Asked.objects.filter(week__in=weeks).values_list("week", flat=True))
    todo = [monday for monday in weeks if monday not in known or monday in weeks[-2:]]
    for monday in todo:
        count_week(monday)
    return len(todo)


def note_approvals() -> int:
    """Record as a fact what was approved by name when a pack was loaded: the ground floor knows no facts."""
    told = 0
    for version in PackVersion.objects.filter(approver__isnull=False).order_by("id"):
        source = f"pack_version:{version.pk}:burden"
        if Fact.objects.filter(source=source).exists():
            continue
        over = store.over_budget(folders.parse(version.content))
        facts.record(
            "burden.approved", by=SYSTEM, at=version.loaded_at, obj=Ref.of("pack_version", version.pk), source=source,
            data={"pack": version.pack, "version": version.version, "over": len(over)},
        )  # fmt: skip
        told += 1
    return told
