"""Reads of clocks: the office hours of the pack, what is late, what will be late. The room that owns the object says who asks."""

import datetime as dt
from functools import lru_cache, partial

from django.db.models import QuerySet

from gongjian.engines.deadlines import rules
from gongjian.engines.deadlines.models import Deadline, Extension, Pause
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import is_working_day
from gongjian.ground.policy.schema import Pack


@lru_cache(maxsize=16)
def _hours(given: tuple) -> tuple[rules.Span, ...]:
    return tuple(rules.Span(dt.time.fromisoformat(span.opens), dt.time.fromisoformat(span.closes)) for span in given)


def office(pack: Pack) -> tuple[tuple[rules.Span, ...], rules.Works]:
    """The office hours of a pack and its function of working days, as the rules take them."""
    return _hours(pack.calendar.hours), partial(is_working_day, pack=pack)


def due_for(start: dt.datetime, limit: rules.Limit, pack: Pack | None = None) -> dt.datetime:
    """When a limit that begins at `start` runs out by the pack (default: the one of that day)."""
    return rules.due_at(start, limit, *office(pack or policy.on(clock.day_of(start))))


def horizon(moment: dt.datetime, within: rules.Limit) -> dt.datetime:
    """How far “soon” reaches from a moment."""
    return due_for(moment, within)


def running(kind: str) -> QuerySet[Deadline]:
    """Clocks of a kind of object that are going."""
    return Deadline.objects.filter(subject_kind=kind, state="running")


def late(kind: str, moment: dt.datetime) -> QuerySet[Deadline]:
    """What is late at a moment; one range of one index, however many there are."""
    return running(kind).filter(due_at__lt=moment)


def soon_late(kind: str, moment: dt.datetime, within: rules.Limit) -> QuerySet[Deadline]:
    """What is not late yet, and will be within so much time if nobody acts."""
    return running(kind).filter(due_at__gte=moment, due_at__lt=horizon(moment, within))


def of(subject: Ref) -> list[Deadline]:
    """All clocks of one object, the earliest first."""
    return list(Deadline.objects.filter(subject_kind=subject.kind, subject_id=subject.id).order_by("started_at", "id"))


def pauses_of(deadline: Deadline) -> list[Pause]:
    """Its pauses, the latest first."""
    return list(deadline.pauses.order_by("-since"))


def asked(deadline: Deadline) -> Extension | None:
    """The extension that waits for a decision."""
    return deadline.extensions.filter(state="asked").first()
