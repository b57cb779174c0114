"""Reads of one's own notices, of what one chose, and of the outbox."""

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.notices.channels import connected
from gongjian.records.notices.models import Choice, Notice, Outgoing, Robot
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

MANAGE = "notices.manage"


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


# --- channels and the outbox ------------------------------------------------------------------------------------
def choice_of(actor: Actor) -> Choice | None:
    """What one chose; None if one never did."""
    return Choice.objects.filter(person=actor.person).first() if actor.person else None


def own_phone(actor: Actor) -> str:
    """One's own phone number, masked; empty if the records have none."""
    return Person.objects.filter(pk=actor.person).values_list("phone_masked", flat=True).first() or ""


def robots_for(actor: Actor) -> QuerySet[Robot]:
    """Robots in use of the organisations whose channels the actor keeps."""
    held = Robot.objects.filter(closed_at__isnull=True).select_related("org")
    return held.filter(scope_q(actor, MANAGE, prefix="org__")).order_by("org__path", "channel")


def robot_for(actor: Actor, ident: int) -> Robot:
    """One of them; NotFound otherwise."""
    found = robots_for(actor).filter(pk=ident).first()
    if found is None:
        raise NotFound(_("没有找到这个机器人，或者它不归您管。"))
    return found


def outbox_for(actor: Actor) -> QuerySet[Outgoing]:
    """The outbox, for those who keep the channels of everything; for others the messages to robots they keep."""
    rows = Outgoing.objects.select_related("robot__org")
    if actor.kind == "system" or _keeps_all(actor):
        return rows
    return rows.filter(robot__in=robots_for(actor).order_by().values("pk"))


def _keeps_all(actor: Actor) -> bool:
    root = Organisation.objects.filter(parent__isnull=True).first()
    return root is not None and actor.may_at(MANAGE, root)


class ChannelState(NamedTuple):
    """渠道状况: whether it is connected, and what became of the messages of the last seven days."""

    channel: str
    title: str
    connected: bool
    waiting: int
    sent: int
    given_up: int
    last_sent: dt.datetime | None
    last_failed: dt.datetime | None
    last_error: str

    @property
    def failing(self) -> bool:
        """Whether the last thing heard of it was a failure."""
        if not self.last_error:
            return False
        return self.last_sent is None or self.last_failed is None or self.last_failed > self.last_sent


def channel_states(now: dt.datetime) -> list[ChannelState]:
    """Each channel's state; three queries however long the outbox is."""
    since, found = now - dt.timedelta(days=7), []
    recent = Outgoing.objects.filter(Q(created_at__gte=since) | Q(state__in=("waiting", "sending")))
    counts = {
        (row["channel"], row["state"]): row["n"] for row in recent.values("channel", "state").annotate(n=Count("pk"))
    }
    lasts = {row["channel"]: row for row in recent.values("channel").annotate(
        sent=Max("sent_at"), failed=Max("tried_at", filter=~Q(error="") & Q(state__in=("waiting", "given_up"))))}  # fmt: skip
    errors = {}
    for row in recent.filter(state__in=("waiting", "given_up")).exclude(error="").order_by("-tried_at")[:200]:
        errors.setdefault(row.channel, row.error)
    ready = connected()
    for channel, title in Outgoing.CHANNELS:
        last = lasts.get(channel, {})
        found.append(ChannelState(
            channel, str(title), channel in ready,
            counts.get((channel, "waiting"), 0) + counts.get((channel, "sending"), 0), counts.get((channel, "sent"), 0),
            counts.get((channel, "given_up"), 0), last.get("sent"), last.get("failed"), errors.get(channel, ""),
        ))  # fmt: skip
    return found


def ready_channels() -> set[str]:
    """The channels that are connected."""
    return connected()


def is_demo() -> bool:
    """Whether this is a demo, which sends nothing."""
    return settings.DEMO
