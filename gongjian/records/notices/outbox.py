"""Writing into the outbox (发件箱): what an urgent notice, a group's notice and the day's digest become."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.policy import calendar
from gongjian.records.notices import rules
from gongjian.records.notices.models import Choice, Notice, Outgoing, Robot

# A notice may be committed a little after the moment that it carries; those of the last minutes wait for the next day.
LAG = dt.timedelta(minutes=5)


def queue_urgent(fresh: list[Notice], moment: dt.datetime) -> None:
    """Queue what urgent notices say for the persons who chose a channel; in the transaction that tells them.

    A notice told with a moment of the past (a replay, a demo's year) stays inside.
    """
    kinds = policy.current().notices.kinds
    urgent = [row for row in fresh if row.kind in kinds and kinds[row.kind].urgency == "urgent"]
    if not urgent or moment < clock.now() - dt.timedelta(days=1):
        return
    chosen = {}
    people = [row.person_id for row in urgent]
    for start in range(0, len(people), 1000):
        for row in Choice.objects.filter(person__in=people[start : start + 1000], outside=True):
            chosen[row.person_id] = row
    rows = []
    for notice in urgent:
        choice, kind = chosen.get(notice.person_id), kinds[notice.kind]
        for channel in ("mail", "sms"):
            if choice is not None and channel in kind.channels and getattr(choice, channel):
                rows.append(Outgoing(
                    key=f"n:{notice.key}:{channel}", channel=channel, form="notice", person_id=notice.person_id,
                    kind=notice.kind, title=kind.title, link=notice.link, due_at=moment, created_at=moment,
                ))  # fmt: skip
    Outgoing.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def queue_group(org: int, kind_id: str, key: str, link: str, moment: dt.datetime) -> None:
    """Queue one message to each of an organisation's robots, if the pack lets the kind go there."""
    kind = policy.current().notices.kinds.get(kind_id)
    if kind is None or "robot" not in kind.channels or moment < clock.now() - dt.timedelta(days=1):
        return
    rows = [
        Outgoing(
            key=f"g:{key}:{robot.pk}", channel=robot.channel, form="notice", robot=robot, kind=kind_id, title=kind.title,
            link=link, due_at=moment, created_at=moment,
        )
        for robot in Robot.objects.filter(org=org, closed_at__isnull=True)
    ]  # fmt: skip
    Outgoing.objects.bulk_create(rows, ignore_conflicts=True)


def digest_words(kinds: Iterable[str]) -> str:
    """What a digest says: how many unread notices of which kinds; never a notice's own title."""
    known = policy.current().notices.kinds
    counted = Counter(kinds)
    parts = [
        _("%(kind)s%(n)d条") % {"kind": known[kind].title, "n": counted[kind]}
        for kind in known.ids()
        if kind in counted
    ]
    return _("您有%(n)d条未读消息：%(parts)s") % {"n": sum(counted.values()), "parts": "、".join(parts)}


def prepare_digests(*, at: dt.datetime | None = None, most: int = 5000) -> int:
    """Write the day's digests: one a person and channel, of unread notices since the last; returns how many are new.

    Nothing before the pack's hour, nor on a day that is not a working day if the pack says so: then all waits for the
    next one. Again on the same day changes nothing (`key`).
    """
    moment = at or clock.now()
    day, pack = clock.day_of(moment), policy.current()
    rule = pack.notices
    hour, minute = divmod(rules.minutes_of(rule.digest_at), 60)
    if moment < clock.at_time(day, hour, minute):
        return 0
    if rule.digest_days == "working" and not calendar.is_working_day(day, pack):
        return 0
    until, made, last = moment - LAG, 0, 0
    while True:
        ids = list(
            Choice.objects.filter(outside=True, pk__gt=last, digested_until__lt=clock.at_time(day))
            .order_by("pk").values_list("pk", flat=True)[:500]
        )  # fmt: skip
        if not ids or made >= most:
            return made
        last = ids[-1]
        made += _digest_of(ids, day, until, moment)


@transaction.atomic
def _digest_of(ids: list[int], day: dt.date, until: dt.datetime, moment: dt.datetime) -> int:
    kinds = policy.current().notices.kinds
    choices = {row.person_id: row for row in Choice.objects.select_for_update().filter(pk__in=ids)}
    unread: dict[int, list[str]] = {}
    oldest = min((row.digested_until for row in choices.values()), default=until)
    found = Notice.objects.filter(
        person__in=choices, read_at__isnull=True, created_at__gt=oldest, created_at__lte=until
    )
    for person, kind, created in found.values_list("person", "kind", "created_at"):
        if created > choices[person].digested_until and kind in kinds and kinds[kind].urgency == "digest":
            unread.setdefault(person, []).append(kind)
    rows = []
    for person, told in unread.items():
        for channel in ("mail", "sms"):
            allowed = [kind for kind in told if channel in kinds[kind].channels]
            if allowed and getattr(choices[person], channel):
                rows.append(Outgoing(
                    key=f"d:{day}:{person}:{channel}", channel=channel, form="digest", person_id=person, kind="digest",
                    title=digest_words(allowed), link=reverse("workbench:notices"), due_at=moment, created_at=moment,
                ))  # fmt: skip
    known = Outgoing.objects.filter(key__in=[row.key for row in rows]).count()
    Outgoing.objects.bulk_create(rows, ignore_conflicts=True)
    Choice.objects.filter(pk__in=ids).update(digested_until=until)
    return len(rows) - known
