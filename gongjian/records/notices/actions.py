"""Telling people something in the product; choosing channels, keeping groups' robots, sending once more."""

import datetime as dt
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import encrypt
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import outbox, queries, rules
from gongjian.records.notices.models import Choice, Notice, Outgoing, Robot
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


@transaction.atomic
def tell(
    *, people: Iterable[int], kind: str, title: str, body: str = "", link: str = "", key: str,
    at: dt.datetime | None = None, org: int | None = None,
) -> int:  # fmt: skip
    """Tell several persons the same thing; `key` says which thing, and nobody is told the same thing twice.

    `org`: the organisation whose group may hear of it as well (without title and body). Returns how many were told now.
    """
    moment = at or clock.now()
    rows = [
        Notice(person_id=person, kind=kind, title=title, body=body, link=link, key=f"{key}:{person}", created_at=moment)
        for person in sorted(set(people))
    ]
    known = set(Notice.objects.filter(key__in=[row.key for row in rows]).values_list("key", flat=True))
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    fresh = [row for row in rows if row.key not in known]
    outbox.queue_urgent(fresh, moment)
    if org is not None and fresh:
        outbox.queue_group(org, kind, key, link, moment)
    return len(fresh)


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
    keys, known = list(notices), set()
    for start in range(0, len(keys), 1000):
        known.update(Notice.objects.filter(key__in=keys[start : start + 1000]).values_list("key", flat=True))
    Notice.objects.bulk_create(notices.values(), ignore_conflicts=True, batch_size=500)
    fresh = [row for key, row in notices.items() if key not in known]
    outbox.queue_urgent(fresh, moment)
    return len(fresh)


def mark_read(*, by: Actor, ids: Iterable[int] | None = None, link: str = "") -> int:
    """Mark one's own notices as read: all, the given ones, or those that lead to a page; returns how many were not."""
    mine = Notice.objects.filter(person_id=by.person, read_at__isnull=True)
    if ids is not None:
        mine = mine.filter(pk__in=list(ids))
    if link:
        mine = mine.filter(link=link)
    return mine.update(read_at=clock.now())


# --- what one chooses -------------------------------------------------------------------------------------------
@transaction.atomic
def choose(
    *, by: Actor, outside: bool, mail: bool = False, sms: bool = False, address: str = "", quiet_begins: str = "",
    quiet_ends: str = "", at: dt.datetime | None = None,
) -> Choice:  # fmt: skip
    """Say by which outside channels one wants to hear (接收方式), and when not; an empty address keeps the known one.

    Without `outside` nothing leaves the house, and what waits is dropped. Raises Invalid outside the pack's bounds.
    """
    if not by.person:
        raise Forbidden(_("您的账号还没有关联人员档案，请联系管理员。"))
    quiet, moment = policy.current().notices.quiet, at or clock.now()
    begins, ends = quiet_begins or quiet.begins, quiet_ends or quiet.ends
    for field, hour, low, high in (
        ("quiet_begins", begins, quiet.begins_earliest, quiet.begins_latest),
        ("quiet_ends", ends, quiet.ends_earliest, quiet.ends_latest),
    ):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", hour) or not rules.within(hour, low, high):
            raise Invalid(_("请填 %(low)s 到 %(high)s 之间的时间。") % {"low": low, "high": high}, field=field)
    Person.objects.select_for_update().get(pk=by.person)  # two first choices at once: one after the other
    row = queries.choice_of(by) or Choice(person_id=by.person, digested_until=moment)
    before = (row.outside, row.mail, row.sms)
    if outside and not row.outside:
        row.digested_until = moment  # what was told before one wished for it stays inside
    row.outside, row.mail, row.sms = outside, outside and mail, outside and sms
    row.quiet_begins, row.quiet_ends, row.changed_at = begins, ends, moment
    if address.strip():
        try:
            validate_email(address.strip())
        except ValidationError:
            raise Invalid(_("这不像一个邮箱地址。"), field="address") from None
        row.address, row.address_masked = address.strip(), rules.mask_mail(address.strip())[:120]
    if row.mail and not row.address_sealed:
        raise Invalid(_("要收邮件，请填邮箱。"), field="address")
    if row.sms and not Person.objects.filter(pk=by.person).exclude(phone_sealed="").exists():
        raise Invalid(_("档案里没有您的电话，请先申请更正。"), field="sms")
    if not outside:
        row.address_sealed = row.address_masked = ""
    row.save()
    after = (row.outside, row.mail, row.sms)
    if before != after:
        facts.record(
            "channels.chosen", by=by, at=moment, person=by.person,
            data={"outside": row.outside, "mail": row.mail, "sms": row.sms},
        )  # fmt: skip
    return row


# --- groups' robots ---------------------------------------------------------------------------------------------
@transaction.atomic
def add_robot(
    *, org: Organisation, channel: str, token: str, by: Actor, secret: str = "", at: dt.datetime | None = None
) -> Robot:
    """Register the robot of an organisation's group (登记群机器人). `token` may be the whole address that the group shows.

    Raises Refused if the organisation has one of this channel.
    """
    by.require(queries.MANAGE, org)
    if channel not in dict(Robot.CHANNELS):
        raise Invalid(_("请选择渠道。"), field="channel")
    found = re.search(r"[?&](?:key|access_token)=([^&\s]+)", token)
    token = found.group(1) if found else token.strip()
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,128}", token):
        raise Invalid(_("请粘贴群机器人的地址，或者其中的 key（access_token）。"), field="token")
    moment = at or clock.now()
    try:
        with transaction.atomic():
            robot = Robot.objects.create(
                org=org, channel=channel, token_sealed=encrypt(token, context="notices.robot"),
                token_masked=rules.mask_token(token), secret_sealed=encrypt(secret.strip(), context="notices.robot"),
                added_by=by.person, added_at=moment,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("这个组织已经登记了这种机器人，请先停用原来的。")) from None
    facts.record(
        "robot.added", by=by, at=moment, org=org.pk, obj=Ref.of("robot", robot.pk), data={"channel": channel}
    )  # fmt: skip
    return robot


@transaction.atomic
def close_robot(*, robot: Robot, by: Actor, at: dt.datetime | None = None) -> None:
    """Close a robot (停用群机器人): its token is forgotten and what waits for it is not sent; twice is once."""
    by.require(queries.MANAGE, robot.org)
    moment = at or clock.now()
    if Robot.objects.filter(pk=robot.pk, closed_at__isnull=True).update(
        closed_at=moment, token_sealed="", secret_sealed=""
    ):
        facts.record(
            "robot.closed", by=by, at=moment, org=robot.org_id, obj=Ref.of("robot", robot.pk),
            data={"channel": robot.channel},
        )  # fmt: skip


# --- the outbox -------------------------------------------------------------------------------------------------
@transaction.atomic
def send_again(*, by: Actor, ids: Iterable[int] | None = None, at: dt.datetime | None = None) -> int:
    """Put messages that could not be sent back into the queue (重新发送): the given ones, or all that one may see."""
    moment = at or clock.now()
    rows = queries.outbox_for(by).filter(state="given_up")
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    found = list(rows.values_list("pk", flat=True)[:5000])
    return Outgoing.objects.filter(pk__in=found, state="given_up").update(
        state="waiting", attempts=0, due_at=moment, error=""
    )


@transaction.atomic
def send_test(*, by: Actor, channel: str, robot: Robot | None = None, at: dt.datetime | None = None) -> Outgoing:
    """Queue a test message to oneself, or to a group (测试消息); at most one a minute for each receiver."""
    moment = at or clock.now()
    if robot is not None:
        by.require(queries.MANAGE, robot.org)
        to, who = {"robot": robot}, f"r{robot.pk}"
        channel = robot.channel
    else:
        by.require(queries.MANAGE)
        choice = queries.choice_of(by)
        if channel not in ("mail", "sms") or choice is None or not getattr(choice, channel):
            raise Refused(_("测试消息发给您本人：请先在“接收方式”里打开这个渠道。"))
        to, who = {"person_id": by.person}, f"p{by.person}"
    minute = moment.strftime("%Y%m%d%H%M")
    row, _new = Outgoing.objects.get_or_create(
        key=f"t:{who}:{channel}:{minute}",
        defaults={
            "channel": channel, "form": "test", "title": _("这是一条测试消息"), "link": reverse("workbench:notices"),
            "due_at": moment, "created_at": moment, **to,
        },
    )  # fmt: skip
    return row
