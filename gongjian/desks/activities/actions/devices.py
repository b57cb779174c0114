"""Devices without network: prepare, pair, close, and take in what they noted, each tap once, whenever it comes.

A batch is taken in set-wise: the number of statements is the same for three rows and for three thousand.
"""

import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.actions.attending import settle
from gongjian.desks.activities.actions.planning import _put_on_list, ref
from gongjian.desks.activities.models import Activity, Attendance, Device, DeviceRow
from gongjian.desks.activities.states import BEFORE_SIGN_OFF, HELD, NOTIFIED, OPEN, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.db import json_rows, json_time
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.records import facts

MOST_DEVICES = 20
MOST_ROWS = 5000
LAST_CHANCE = dt.timedelta(days=1)  # for a device that is paired again after its time
MILLISECOND = dt.timedelta(milliseconds=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Tap(NamedTuple):
    """设备上的一次点按: its number on the device, whom, what, and the device's clock in milliseconds since 1970."""

    number: int
    person: int | None
    name: str
    deed: str
    told_ms: int


class Taken(NamedTuple):
    """交回结果: what became of each row by its number, and who is present by now."""

    device: Device
    rows: dict[int, str]
    present: list[int]
    at: dt.datetime


def digest(secret: str) -> str:
    """The hash under which a secret of 256 bits is kept; it needs no key and no salt."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def of_milliseconds(number: int) -> dt.datetime:
    """A moment from milliseconds since 1970."""
    return EPOCH + number * MILLISECOND


def milliseconds(moment: dt.datetime) -> int:
    """Milliseconds since 1970 of a moment."""
    return (moment - EPOCH) // MILLISECOND


def valid_until(activity: Activity) -> dt.datetime:
    """Until when devices of an activity may hand in: the pack's hours after its end."""
    hours = policy.on(clock.day_of(activity.starts_at)).settings.check_in.device_hours_after
    return activity.ends_at + dt.timedelta(hours=hours)


def device_until(device: Device) -> dt.datetime:
    """Until when this device may hand in: as all of the activity, or later if it was paired anew."""
    until = valid_until(device.activity)
    return max(until, device.extended_until) if device.extended_until else until


def window_of(activity: Activity) -> tuple[dt.datetime, dt.datetime]:
    """From when to when a check-in may have been made."""
    settings = policy.on(clock.day_of(activity.starts_at)).settings.check_in
    return (
        activity.starts_at - dt.timedelta(minutes=settings.open_minutes_before),
        activity.ends_at + dt.timedelta(minutes=settings.close_minutes_after),
    )


# --- preparing ------------------------------------------------------------------------------------------------------
def _new_pair(device: Device, moment: dt.datetime) -> str:
    secret = secrets.token_urlsafe(32)
    minutes = policy.on(clock.day_of(moment)).settings.check_in.device_pair_minutes
    Device.objects.filter(pk=device.pk).update(
        pair_hash=digest(secret), pair_until=moment + dt.timedelta(minutes=minutes)
    )
    return secret


@transaction.atomic
def open_device(*, activity: Activity, by: Actor, title: str = "", at: dt.datetime | None = None) -> tuple[Device, str]:
    """Prepare a device (准备离线签到设备); returns it and the secret that pairs it, which is shown once and not kept."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    moment = at or clock.now()
    if activity.state not in BEFORE_SIGN_OFF:
        raise Refused(_("活动已经归档或取消，不能再准备签到设备。"))
    if moment > valid_until(activity):
        raise Refused(_("活动结束已久，不能再准备签到设备；请按名单签到。"))
    before = Device.objects.filter(activity=activity).count()
    if before >= MOST_DEVICES:
        raise Refused(_("一次活动最多准备 %(number)d 台设备。") % {"number": MOST_DEVICES})
    device = Device.objects.create(
        activity=activity, title=title.strip()[:40] or _("设备 %(number)d") % {"number": before + 1},
        opened_by=by.person, opened_at=moment,
    )  # fmt: skip
    secret = _new_pair(device, moment)
    facts.record(
        "activity.device_opened", by=by, at=moment, org=activity.org_id, obj=ref(activity), data={"device": device.pk}
    )
    return device, secret


@transaction.atomic
def renew_device(*, device: Device, by: Actor, at: dt.datetime | None = None) -> str:
    """Another secret to pair a device with (重新配对): its authority ran out, or the browser forgot it. Rows stay its own.

    After its time it gets one more day to hand in.
    """
    by.require("activities.check_in", device.activity.org)
    if device.closed_at:
        raise Refused(_("这台设备已经停用，请另外准备一台。"))
    moment = at or clock.now()
    if moment + LAST_CHANCE > device_until(device):
        Device.objects.filter(pk=device.pk).update(extended_until=moment + LAST_CHANCE)
    return _new_pair(device, moment)


@transaction.atomic
def close_device(*, device: Device, by: Actor, at: dt.datetime | None = None) -> None:
    """Take a device's authority away (停用), as when a phone is lost; what it handed in stays. Twice is once."""
    by.require("activities.check_in", device.activity.org)
    moment = at or clock.now()
    closed = Device.objects.filter(pk=device.pk, closed_at__isnull=True).update(
        closed_at=moment, pair_hash=None, token_hash=None
    )
    if closed:
        facts.record(
            "activity.device_closed", by=by, at=moment, org=device.activity.org_id, obj=ref(device.activity),
            data={"device": device.pk}, source=f"device:{device.pk}:closed",
        )  # fmt: skip


@transaction.atomic
def join(*, secret: str, clock_ms: int, at: dt.datetime | None = None) -> tuple[Device, str]:
    """Pair a device by its secret, which works once; returns it and its token. Its clock is compared with ours."""
    moment = at or clock.now()
    token = secrets.token_urlsafe(32)
    skew = _skew(clock_ms, moment)
    joined = Device.objects.filter(pair_hash=digest(secret), pair_until__gt=moment, closed_at__isnull=True)
    device = joined.select_related("activity__org").first()
    # The conditional update decides: of two who scanned the same code one gets in.
    if device is None or not joined.update(
        pair_hash=None, token_hash=digest(token), joined_at=moment, skew_ms=skew, skew_last_ms=None
    ):
        raise Forbidden(_("这个配对码已经用过或过期，请组织者重新生成。"))
    device.skew_ms, device.skew_last_ms, device.joined_at = skew, None, moment
    return device, token


def _skew(clock_ms: int, moment: dt.datetime) -> int:
    """By how many milliseconds a clock is ahead of ours; nonsense is cut to a hundred years."""
    most = 100 * 365 * 86_400_000
    return max(-most, min(most, clock_ms - milliseconds(moment)))


def device_of(token: str, moment: dt.datetime) -> Device:
    """The device that holds a token; Forbidden, in words, if it was closed, paired anew or its time is over."""
    device = (
        Device.objects.select_related("activity__org").filter(token_hash=digest(token), closed_at__isnull=True).first()
    )
    if device is None:
        raise Forbidden(_("这台设备已经停用或重新配对过，记录还在本机；请组织者登录后重新配对，再交回。"))
    if moment > device_until(device):
        raise Forbidden(_("这台设备的授权已经过期，记录还在本机；请组织者登录后重新配对，再交回。"))
    return device


# --- handing in -----------------------------------------------------------------------------------------------------
@transaction.atomic
def hand_in(*, token: str, clock_ms: int, taps: Sequence[Tap], at: dt.datetime | None = None) -> Taken:
    """Take in what a device noted (交回离线签到). Each tap counts once, however often and in whatever pieces it comes.

    Answers for each number: applied, waiting (check-in not open yet), late (already signed off), stranger, void, or
    clash: another tap stands under this number, the device gives it a new one. Nothing is refused that was noted.
    """
    moment = at or clock.now()
    if len(taps) > MOST_ROWS:
        raise Invalid(_("一次最多交回 %(number)d 条，请分几次。") % {"number": MOST_ROWS}, field="rows")
    device = device_of(token, moment)
    activity = (
        Activity.objects.select_for_update(of=("self",), no_key=True).select_related("org").get(pk=device.activity_id)
    )
    listed = set(Attendance.objects.filter(activity=activity).values_list("person", flat=True))
    fresh = _keep(device, activity, listed, taps, moment)
    known = {row.number: row for row in DeviceRow.objects.filter(device=device)}
    touched = {known[number].person_id for number in fresh if known[number].state == "applied"}
    actor = Actor(kind="client", person=device.opened_by, name=device.title)
    if touched:
        settle(activity, touched, by=actor, at=moment)
    Device.objects.filter(pk=device.pk).update(handed_at=moment, skew_last_ms=_skew(clock_ms, moment))
    if fresh:
        facts.record(
            "activity.batch_handed_in", by=actor, at=moment, org=activity.org_id, obj=ref(activity), quantity=len(fresh),
            data={"device": device.pk, "first": min(fresh), "last": max(fresh)},
            source=f"device:{device.pk}:{min(fresh)}:{max(fresh)}:{len(fresh)}",
        )  # fmt: skip
    present = Attendance.objects.filter(activity=activity, status="present").values_list("person", flat=True)
    answers = {tap.number: _answer(tap, known[tap.number]) for tap in taps}
    return Taken(device, answers, sorted(present), moment)


def _keep(device: Device, activity: Activity, listed: set[int], taps: Sequence[Tap], moment: dt.datetime) -> set[int]:
    """Write the rows that are new; their numbers. The unique key of device and number decides what is new."""
    first, last = window_of(activity)
    state = _state_now(activity)
    rows = []
    for tap in taps:
        # A clock may be set to a year that no calendar has.
        told = of_milliseconds(max(0, min(tap.told_ms, milliseconds(moment) + 10 * 365 * 86_400_000)))
        on_list = tap.person in listed
        name = tap.name.strip()[:60]
        rows.append([
            device.pk, tap.number, tap.person if on_list else None, "" if on_list else name or "？", tap.deed,
            json_time(told), json_time(rules.bounded(told - device.skew_ms * MILLISECOND, first, last, moment)),
            json_time(moment), state if on_list else "stranger", "",
        ])  # fmt: skip
    columns = {
        "device_id": "int", "number": "int", "person_id": "int", "name": "text", "deed": "text", "told_at": "time",
        "at": "time", "received_at": "time", "state": "text", "reason": "text",
    }  # fmt: skip
    names = ", ".join(columns)
    sql = (
        f"INSERT INTO {DeviceRow._meta.db_table} ({names}) SELECT {names} FROM {json_rows(columns)} WHERE TRUE "
        "ON CONFLICT (device_id, number) DO NOTHING RETURNING number"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [json.dumps(rows, ensure_ascii=False)])
        return {number for (number,) in cursor.fetchall()}


def _state_now(activity: Activity) -> str:
    if activity.state in (OPEN, HELD):
        return "applied"
    return "waiting" if activity.state in (PLANNED, NOTIFIED) else "late"


def _answer(tap: Tap, row: DeviceRow) -> str:
    told = milliseconds(row.told_at)
    same_who = (
        row.person_id == tap.person if row.person_id and tap.person else row.name in (tap.name.strip()[:60], "？", "")
    )
    return row.state if same_who and row.deed == tap.deed and told == tap.told_ms else "clash"


# --- what waits for a person ----------------------------------------------------------------------------------------
@transaction.atomic
def name_stranger(*, row: DeviceRow, person: int, by: Actor, at: dt.datetime | None = None) -> None:
    """Say who a name outside the list is (确认名单外人员): the person joins the list and the tap counts, with its own time."""
    activity = queries.get_for(by, row.device.activity_id, lock=True)
    by.require("activities.check_in", activity.org)
    if row.state != "stranger":
        raise Refused(_("这条记录已经处理过了。"))
    state = _state_now(activity)
    if state == "late" and not Attendance.objects.filter(activity=activity, person=person).exists():
        raise Refused(_("活动已经归档，名单不能再加人；请写明原因，不计入。"))
    if not Attendance.objects.filter(activity=activity, person=person).exists():
        _put_on_list(activity, {person}, by=by)
        facts.record(
            "activity.participant_added", by=by, at=at, person=person, org=activity.org_id, obj=ref(activity),
            data={"activity_kind": activity.kind, "role": "attendee"},
        )  # fmt: skip
    DeviceRow.objects.filter(device=row.device, name=row.name, state="stranger").update(state=state, person=person)
    if state == "applied":
        settle(activity, {person}, by=by, at=at or clock.now())


@transaction.atomic
def leave_out_rows(
    *, activity: Activity, rows: Sequence[int], reason: str, by: Actor, at: dt.datetime | None = None
) -> int:
    """Do not count rows that wait (不计入), with a reason; they stay as they were handed in. Returns how many."""
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.check_in", activity.org)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    asked = list(DeviceRow.objects.filter(device__activity=activity, pk__in=rows, state__in=("stranger", "late")))
    waiting = DeviceRow.objects.filter(device__activity=activity, state__in=("stranger", "late"))
    people = {(row.device_id, row.person_id, row.name) for row in asked}
    picked = [row.pk for row in waiting if (row.device_id, row.person_id, row.name) in people]
    gone = DeviceRow.objects.filter(pk__in=picked).update(state="void", reason=reason.strip()[:200])
    if gone:
        facts.record(
            "activity.device_rows_left_out", by=by, at=at, org=activity.org_id, obj=ref(activity), quantity=gone,
            data={"reason": reason.strip()[:200]},
        )  # fmt: skip
    return gone
