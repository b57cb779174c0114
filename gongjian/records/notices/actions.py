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


@transaction.atomic
def tell_many(rows: Iterable[dict], *, at: dt.datetime | None = None) -> int:
    """Tell many persons different things set-wise: each row has person, kind, title, key and perhaps body and link.

    As with `tell` nobody is told the same thing (`key`) twice. Returns how many were told now.
    """
    moment = at or clock.now()
    notices = {}
    for row in rows:
        notice = Notice(
            person_id=row["person"], kind=row["kind"], title=row["title"][:200], body=row.get("body", ""),
            link=row.get("link", ""), key=f"{row['key']}:{row['person']}", created_at=moment,
        )  # fmt: skip
        notices.setdefault(notice.key, notice)
    keys, known = list(notices), 0
    for start in range(0, len(keys), 1000):
        known += Notice.objects.filter(key__in=keys[start : start + 1000]).count()
    Notice.objects.bulk_create(notices.values(), ignore_conflicts=True, batch_size=500)
    return len(notices) - known


def mark_read(*, by: Actor, ids: Iterable[int] | None = None, link: str = "") -> int:
    """Mark one's own notices as read: all, the given ones, or those that lead to a page; returns how many were not."""
    mine = Notice.objects.filter(person_id=by.person, read_at__isnull=True)
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    if link:
        mine = mine.filter(link=link)
    return mine.update(read_at=clock.now())
