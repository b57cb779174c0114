"""Sending what waits in the outbox (发送): claimed by a conditional UPDATE, sent outside any transaction, then marked.

Known and accepted: between sending and marking the process may die; when the lease is over the message goes once more.
At least once, then, never silently lost; and while all goes well, once.
"""

import datetime as dt
import logging
import threading

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.notices import channels, rules
from gongjian.records.notices.models import Choice, Outgoing, Robot
from gongjian.records.people.models import Person

log = logging.getLogger(__name__)
MINUTE = dt.timedelta(minutes=1)


def _due(now: dt.datetime) -> Q:
    return Q(state="waiting", due_at__lte=now) | Q(state="sending", leased_until__lte=now)


def send_due(*, at: dt.datetime | None = None, most: int = 200) -> int:
    """Send what is due, at most so many; returns how many were taken by their receivers.

    A channel whose receiver hangs is left alone for the rest of the round. A demo sends nothing.
    """
    if settings.DEMO:
        return 0
    sent, hanging = 0, set()
    now = at or clock.now()
    for pk, channel in list(Outgoing.objects.filter(_due(now)).order_by("due_at").values_list("pk", "channel")[:most]):
        if channel in hanging:
            continue
        row = claim(pk, at=at)
        if row is None:
            continue
        try:
            _send(row)
        except channels.Unsent as problem:
            _failed(row, problem.reason, at=at)
            if problem.hanging:
                hanging.add(channel)
        except Exception as problem:
            log.exception("message %s", pk)
            _failed(row, _("程序出错（%(what)s）") % {"what": type(problem).__name__}, at=at)
        else:
            sent += _mark(row, state="sent", sent_at=at or clock.now(), error="", leased_until=None)
    return sent


@transaction.atomic
def claim(pk: int, *, at: dt.datetime | None = None) -> Outgoing | None:
    """Take one message for sending if it is still due, wanted, and neither quiet hours nor a limit stand against it.

    The receiver's row is locked meanwhile, so that two workers together do not pass a limit. None: not now, or never.
    """
    now, rule = at or clock.now(), policy.current().notices
    row = Outgoing.objects.filter(_due(now), pk=pk).first()
    if row is None:
        return None
    if row.person_id:
        choice = Choice.objects.select_for_update().filter(person=row.person_id).first()
        against = _against_person(row, choice, now, rule)
    else:
        robot = Robot.objects.select_for_update().get(pk=row.robot_id)
        against = _against_robot(row, robot, now, rule)
    if against is None and row.attempts >= rule.retry.attempts:
        against = {"state": "given_up", "error": _("试了 %(n)d 次，没有回音") % {"n": row.attempts}}
    still = Outgoing.objects.filter(_due(now), pk=pk, attempts=row.attempts)
    if against is not None:
        still.update(**{"leased_until": None, "state": "waiting", **against})
        return None
    lease = now + dt.timedelta(seconds=rule.lease_seconds)
    if not still.update(state="sending", attempts=F("attempts") + 1, leased_until=lease, tried_at=now):
        return None
    row.attempts += 1
    return row


def _against_person(row: Outgoing, choice: Choice | None, now: dt.datetime, rule) -> dict | None:
    if choice is None or not choice.outside or not getattr(choice, row.channel):
        return {"state": "dropped", "error": _("本人已关闭这个渠道")}
    if row.form == "test":
        return None
    local = now.astimezone(clock.SHANGHAI)
    free = rules.allowed_from(local, choice.quiet_begins, choice.quiet_ends)
    if free > local:
        return {"due_at": free}
    if row.form == "digest" or not rule.urgent_exempt:
        monday = clock.at_time(rules.week_of(clock.day_of(now)))
        gone = Outgoing.objects.filter(person=row.person_id).exclude(pk=row.pk).exclude(form="test").filter(
            Q(state="sent", sent_at__gte=monday) | Q(state="sending", tried_at__gte=monday)
        ).count()  # fmt: skip
        if gone >= rule.weekly_limit:
            return {"state": "held", "error": _("本周已发 %(n)d 条") % {"n": gone}}
    return None


def _against_robot(row: Outgoing, robot: Robot, now: dt.datetime, rule) -> dict | None:
    if robot.closed_at is not None:
        return {"state": "dropped", "error": _("机器人已停用")}
    if row.form != "test":
        local = now.astimezone(clock.SHANGHAI)
        free = rules.allowed_from(local, rule.quiet.begins, rule.quiet.ends)
        if free > local:
            return {"due_at": free}
    recent = Outgoing.objects.filter(robot=robot.pk, tried_at__gt=now - MINUTE).order_by("-tried_at")
    latest = list(recent.values_list("tried_at", flat=True)[: rule.robot_per_minute])
    return {"due_at": latest[-1] + MINUTE} if len(latest) >= rule.robot_per_minute else None


def _send(row: Outgoing) -> None:
    """Hand it over; the sealed address is opened here and kept nowhere."""
    text, timeout = channels.words(row.title, row.link), policy.current().notices.timeout_seconds
    if row.channel not in channels.connected():
        raise channels.Unsent(_("这个渠道还没有接通"))
    if row.robot_id:
        robot = Robot.objects.get(pk=row.robot_id)
        channels.send_robot(robot.channel, robot.token, robot.secret, text, timeout=timeout)
    elif row.channel == "mail":
        address = Choice.objects.get(person=row.person_id).address
        channels.send_mail(address, row.title, text, timeout=timeout)
    else:
        phone = Person.objects.get(pk=row.person_id).unsealed("phone")
        if not phone:
            raise channels.Unsent(_("档案里没有电话"))
        channels.send_sms(phone, text, timeout=timeout)


def _mark(row: Outgoing, **fields) -> int:
    """Write the outcome, unless the lease ran out and somebody else has the message by now."""
    return Outgoing.objects.filter(pk=row.pk, state="sending", attempts=row.attempts).update(**fields)


def _failed(row: Outgoing, reason: str, *, at: dt.datetime | None) -> None:
    retry, now = policy.current().notices.retry, at or clock.now()
    if row.attempts >= retry.attempts:
        _mark(row, state="given_up", error=reason, leased_until=None)
        return
    wait = rules.wait_after(row.attempts, retry.first_seconds, retry.factor, retry.longest_seconds)
    _mark(row, state="waiting", error=reason, leased_until=None, due_at=now + dt.timedelta(seconds=wait))


_busy = threading.Lock()


def _in_background() -> None:
    try:
        send_due()
    except Exception:
        log.exception("the outbox stumbled and will try again")
    finally:
        connection.close()
        _busy.release()


def send_in_background() -> bool:
    """Send in a thread of its own, one at a time: a receiver that hangs must not hold up the facts. Whether it began."""
    if settings.DEMO or not Outgoing.objects.filter(_due(clock.now())).exists() or not _busy.acquire(blocking=False):
        return False
    threading.Thread(target=_in_background, name="gongjian-outbox", daemon=True).start()
    return True
