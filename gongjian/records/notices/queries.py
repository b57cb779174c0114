"""Reads of one's own notices."""

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
