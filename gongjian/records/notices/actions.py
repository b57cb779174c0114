"""Telling people something in the product."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.records.notices.models import Notice


@transaction.atomic
def tell(
    *, people: Iterable[int], kind: str, title: str, body: str = "", link: str = "", key: str,
    at: dt.datetime | None = None,
) -> int:  # fmt: skip
    """Tell several persons the same thing; `key` says which thing, and nobody is told the same thing twice.

    Returns how many were told now.
    """
    moment = at or clock.now()
    rows = [
        Notice(person_id=person, kind=kind, title=title, body=body, link=link, key=f"{key}:{person}", created_at=moment)
        for person in sorted(set(people))
    ]
    known = set(Notice.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows) - len(known)


def mark_read(*, by: Actor, ids: Iterable[int] | None = None) -> int:
    """Mark one's own notices as read (all, or the given ones)."""
    mine = Notice.objects.filter(person_id=by.person, read_at__isnull=True)
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    return mine.update(read_at=clock.now())
