"""The three measures, and the numbers at the head of the desk."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from gongjian.desks.orders import rules
from gongjian.desks.orders.models import Order
from gongjian.desks.orders.queries.reading import visible_to, with_next_due
from gongjian.desks.orders.states import ACCEPTED, DECLINED, DISPATCHED, FINISHED, OFFERED, OPEN, RAISED, WITHDRAWN
from gongjian.engines.deadlines import queries as deadlines
from gongjian.engines.deadlines.rules import Limit
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor


class Rates(NamedTuple):
    """三项指标: parts and wholes, per cent (None of nothing)."""

    org: int
    name: str
    raised: int
    answered: int
    assessed: int
    solved: int
    asked: int
    satisfied: int
    rated: int

    @property
    def answered_rate(self) -> int | None:
        """响应率."""
        return rules.rate(self.answered, self.assessed)

    @property
    def solved_rate(self) -> int | None:
        """解决率."""
        return rules.rate(self.solved, self.asked)

    @property
    def satisfied_rate(self) -> int | None:
        """满意率."""
        return rules.rate(self.satisfied, self.rated)


def counted(found: QuerySet[Order]) -> QuerySet[Order]:
    """Orders that figures count: not those withdrawn or not taken up."""
    return found.exclude(state__in=(WITHDRAWN, DECLINED))


def measure_q(measure: str, now: dt.datetime) -> tuple[Q, Q]:
    """The part and the whole of a measure (DOMAIN 6.4, orders.yaml `measures`) as conditions on counted orders."""
    if measure == "answered":
        met = Q(contact_clock__state="met")
        in_time = met & Q(contact_clock__met_at__lte=F("contact_clock__due_at"))
        return in_time, met | Q(contact_clock__state="running", contact_clock__due_at__lt=now)
    if measure == "solved":
        return Q(solved=True), Q(solved__isnull=False)
    return Q(stars__gte=policy.current().orders.satisfied_from), Q(stars__isnull=False)


def in_month(found: QuerySet[Order], month: str) -> QuerySet[Order]:
    """Orders raised in a month such as 2026-11; ValueError if it is none."""
    first, last = clock.period_bounds(month)
    return found.filter(raised_at__gte=clock.at_time(first), raised_at__lt=clock.at_time(last + dt.timedelta(days=1)))


def rates(actor: Actor, month: str, now: dt.datetime) -> list[Rates]:
    """The three measures of a month for each community in sight that had orders; one query."""
    parts: dict[str, Any] = {"raised": Count("pk")}
    for measure, part, whole in (
        ("answered", "answered", "assessed"),
        ("solved", "n_solved", "asked"),
        ("satisfied", "satisfied", "rated"),
    ):
        yes, all_ = measure_q(measure, now)
        parts[part] = Count("pk", filter=yes & all_)
        parts[whole] = Count("pk", filter=all_)
    rows = (
        in_month(counted(visible_to(actor)), month)
        .values("org", "org__name", "org__short_name", "org__path")
        .annotate(**parts)
    )
    return [
        Rates(row["org"], rules.place_word(row["org__short_name"] or row["org__name"]), row["raised"], row["answered"],
              row["assessed"], row["n_solved"], row["asked"], row["satisfied"], row["rated"])
        for row in rows.order_by("org__path")
    ]  # fmt: skip


def total(rows: Iterable[Rates], name: str) -> Rates:
    """The sum of several."""
    columns = list(zip(*(row[2:] for row in rows), strict=True)) or [(0,)] * 7
    return Rates(0, name, *(sum(column) for column in columns))


def soon_limit() -> Limit:
    """How far ahead “will be late” looks by the pack."""
    return Limit("working_hour", policy.current().orders.soon_hours)


def counts(actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Numbers at the head of the desk: waiting, late, soon late, in hand, to call back; one query."""
    ahead = deadlines.horizon(now, soon_limit())
    found = with_next_due(visible_to(actor).filter(state__in=(*OPEN, FINISHED)))
    return found.aggregate(
        waiting=Count("pk", filter=Q(state=RAISED)),
        late=Count("pk", filter=Q(state__in=OPEN, next_due__lt=now)),
        soon=Count("pk", filter=Q(state__in=OPEN, next_due__gte=now, next_due__lt=ahead)),
        out=Count("pk", filter=Q(state__in=(OFFERED, DISPATCHED, ACCEPTED))),
        call_back=Count("pk", filter=Q(state=FINISHED, sampled=True, called_at__isnull=True)),
    )
