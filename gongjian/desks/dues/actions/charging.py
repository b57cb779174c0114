"""应交: charges month by month, set-wise; the same run again writes nothing new."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Count, Max

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.models import Charge
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.db import write_many
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.sheets.binding import in_chunks
from gongjian.records import facts

BLOCK = 5000  # persons a statement speaks of: below the limit of parameters of either database
COLUMNS = ("org_id", "person_id", "month", "amount", "assessment_id", "relief_id", "payment_id")


@transaction.atomic
def charge_month(
    month: str, *, org: int | None = None, people: Iterable[int] | None = None, by: Actor = SYSTEM,
    at: dt.datetime | None = None,
) -> int:  # fmt: skip
    """Write what is due for a month where it is assessed and not yet written; returns how many are new.

    For all branches, one branch, or some persons. Who is not assessed gets no charge: the month's page shows it.
    """
    holders = queries.holders(month, org=org, people=people)
    before = Charge.objects.aggregate(last=Max("pk"))["last"] or 0
    new = 0
    for some in in_chunks(sorted(holders), BLOCK):
        assessed = queries.assessed(month, some)
        relieved = queries.relieved(month, assessed)
        known = set(Charge.objects.filter(month=month, person__in=assessed).values_list("person", flat=True))
        rows = []
        for person in sorted(set(assessed) - known):
            amount, relief = due(assessed[person].amount, relieved.get(person))
            rows.append((holders[person], person, month, amount, assessed[person].pk, relief, None))
        if rows:
            new += write_many("dues_charge", COLUMNS, rows, then="ON CONFLICT (person_id, month) DO NOTHING")
    if new:
        fresh = Charge.objects.filter(pk__gt=before, month=month)
        if org is not None or people is not None:
            fresh = fresh.filter(person__in=list(holders))
        counts = dict(fresh.values_list("org").annotate(number=Count("pk")).order_by())
        facts.record_many(
            [
                {"kind": "dues.charged", "at": at, "org": branch, "obj": Ref.of("organisation", branch), "quantity": count,
                 "data": {"period": month}, "source": f"dues:charged:{branch}:{month}:{before}"}
                for branch, count in sorted(counts.items())
            ],
            by=by,
        )  # fmt: skip
    return new


def due(amount: int, relief: object | None) -> tuple[int, int | None]:
    """(fen due, id of the relief) for a month."""
    if relief is None:
        return amount, None
    return min(amount, relief.amount), relief.pk


def refresh(person: int, first: str, *, by: Actor, at: dt.datetime | None = None) -> None:
    """After a new assessment or relief: bring unpaid months from `first` on to what holds now, and write missing ones.

    Paid months stay as they were paid.
    """
    months = rules.months_between(first, clock.month_of(clock.today()))
    open_rows = list(Charge.objects.select_for_update().filter(person=person, month__gte=first, payment__isnull=True))
    for row in open_rows:
        assessment = queries.assessed(row.month, [person]).get(person)
        if assessment is None:  # nothing holds in this month any more: the month's page asks for an assessment
            Charge.objects.filter(pk=row.pk, payment__isnull=True).delete()
            continue
        row.amount, row.relief_id = due(assessment.amount, queries.relieved(row.month, [person]).get(person))
        row.assessment_id = assessment.pk
        Charge.objects.filter(pk=row.pk, payment__isnull=True).update(
            amount=row.amount, relief=row.relief_id, assessment=row.assessment_id
        )
    written = {row.month for row in open_rows}
    for month in months:
        if month not in written:
            charge_month(month, people=[person], by=by, at=at)
