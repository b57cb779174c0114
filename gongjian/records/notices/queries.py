"""Reads of one's own notices."""

from collections.abc import Iterable

from django.db.models import QuerySet

from gongjian.ground.kernel.actor import Actor
from gongjian.records.notices.models import Notice


def of(actor: Actor) -> QuerySet[Notice]:
    """One's own notices, newest first."""
    return (
        Notice.objects.filter(person_id=actor.person).order_by("-created_at", "-id")
        if actor.person
        else Notice.objects.none()
    )


def unread_count(actor: Actor) -> int:
    """How many of one's own are unread."""
    return Notice.objects.filter(person_id=actor.person, read_at__isnull=True).count() if actor.person else 0


def told(key: str) -> set[int]:
    """Ids of the persons who were told something under a key of `actions.tell`."""
    return set(Notice.objects.filter(key__startswith=f"{key}:").values_list("person", flat=True))


def unread_at(actor: Actor, link: str) -> bool:
    """Whether one has an unread notice that leads to this page."""
    return bool(actor.person) and Notice.objects.filter(
        person_id=actor.person, read_at__isnull=True, link=link
    ).exists()  # fmt: skip


def have_read(keys: Iterable[str], people: Iterable[int]) -> set[int]:
    """Ids of those among `people` who have opened a notice told under any of these keys."""
    wanted = [f"{key}:{person}" for key in keys for person in people]
    found: set[int] = set()
    for start in range(0, len(wanted), 1000):
        rows = Notice.objects.filter(key__in=wanted[start : start + 1000], read_at__isnull=False)
        found.update(rows.values_list("person", flat=True))
    return found


def not_read(key: str, people: Iterable[int]) -> set[int]:
    """Ids of those among `people` who were told it and have not opened it."""
    keys = [f"{key}:{person}" for person in people]
    found: set[int] = set()
    for start in range(0, len(keys), 1000):
        rows = Notice.objects.filter(key__in=keys[start : start + 1000], read_at__isnull=True)
        found.update(rows.values_list("person", flat=True))
    return found
