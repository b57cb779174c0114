"""Series (系列活动): set one, change what is still to come, end it. What was held or has begun is never touched."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F

from gongjian.desks.activities import queries, rules
from gongjian.desks.activities.actions.planning import FAR_AHEAD, cancel, change, kind_for, plan, reschedule
from gongjian.desks.activities.clashes import place_taken
from gongjian.desks.activities.models import Activity, Series
from gongjian.desks.activities.patterns import Occurrence, Pattern, occurrences
from gongjian.desks.activities.states import NOTIFIED, PLANNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import is_working_day
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation

TO_COME = (PLANNED, NOTIFIED)


def pattern_of(series: Series) -> Pattern:
    """The rule of a series."""
    return Pattern(series.form, series.every, series.weekday, series.nth, series.day, series.on_days_off)


def get_series(by: Actor, ident: int | str, *, lock: bool = False) -> Series:
    """A series of an organisation that the actor sees; NotFound otherwise."""
    found = Series.objects.select_related("org")
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        series = found.get(pk=ident)
    except (Series.DoesNotExist, ValueError, OverflowError, TypeError):
        series = None
    if series is None or not by.may_at("activities.view", series.org):
        raise NotFound("没有找到这个系列，或者它不在您的可见范围内。")
    return series


def days_of(pattern: Pattern, starts_on: dt.date, until: dt.date) -> list[Occurrence]:
    """The days that a series would have, by the working-day calendar; Invalid if it is no pattern or too long."""
    if pattern.problem:
        raise Invalid("系列的规律不对，请检查。", field=pattern.problem)
    if until < starts_on:
        raise Invalid("结束日期应在开始日期之后。", field="until")
    if until > clock.today() + FAR_AHEAD:
        raise Invalid("系列最多排到一年以后，请核对结束日期。", field="until")
    pack = policy.current()
    most = pack.planning.series_at_most
    found = occurrences(pattern, starts_on, until, lambda day: is_working_day(day, pack), most=most + 1)
    if len(found) > most:
        raise Invalid(f"一个系列最多 {most} 次，请把结束日期提前，或者隔得长一些。", field="until")
    if not found:
        raise Invalid("这个规律在所选日期内一次也没有，请检查。", field="until")
    return found


@transaction.atomic
def set_series(
    *, org: Organisation, kind: str, pattern: Pattern, starts_on: dt.date, until: dt.date, hour: dt.time, by: Actor,
    minutes: int | None = None, title: str = "", place: str = "", agenda: Sequence[str] | None = None,
    at: dt.datetime | None = None, source: str | None = None,
) -> Series:  # fmt: skip
    """Set a series (安排系列活动): an activity for each day of the pattern. The same source again gives the first series.

    A day on which something of the organisation already stands in the same place is left out. Raises Invalid, Refused.
    """
    by.require("activities.plan", org)
    if source is not None and (known := Series.objects.filter(source=source).first()):
        return known
    described = kind_for(org, kind, starts_on)
    if described.expected == "chosen":
        raise Invalid(f"“{described.title}”要逐次选定参加人，不能按系列安排。", field="kind")
    days_of(pattern, starts_on, until)
    series = Series(
        org=org, kind=kind, title=title.strip()[:120], form=pattern.form, every=pattern.every, weekday=pattern.weekday,
        nth=pattern.nth, day=pattern.day, on_days_off=pattern.on_days_off, starts_on=starts_on, until=until,
        minute=hour.hour * 60 + hour.minute, minutes=minutes or described.default_minutes, place=place.strip()[:120],
        agenda=rules.seemly_agenda(described.agenda if agenda is None else agenda), created_by=by.person,
        created_at=at or clock.now(), source=source,
    )  # fmt: skip
    if not 10 <= series.minutes <= 24 * 60:
        raise Invalid("时长应在 10 分钟到 24 小时之间。", field="minutes")
    try:
        with transaction.atomic():
            series.save(force_insert=True)
    except IntegrityError:  # told twice at once
        return Series.objects.get(source=source)
    made = generate(series=series, by=by, at=at)
    facts.record(
        "activity.series_set", by=by, at=at, org=org.pk, obj=Ref.of("series", series.pk), quantity=max(1, made),
        data={"activity_kind": kind, "pattern": str(pattern), "from": starts_on.isoformat(), "until": until.isoformat()},
        source=f"series:{series.pk}:set",
    )  # fmt: skip
    return series


@transaction.atomic
def generate(*, series: Series, by: Actor, at: dt.datetime | None = None) -> int:
    """Make the activities that a running series lacks; again, it makes nothing. Returns how many are new.

    A day once made is made, whatever became of it: one that was called off does not come back.
    """
    series = get_series(by, series.pk, lock=True)
    by.require("activities.plan", series.org)
    if series.state != "running":
        return 0
    made = set(Activity.objects.filter(series=series).values_list("series_on", flat=True))
    held = {clock.day_of(m) for m in Activity.objects.filter(series=series).values_list("starts_at", flat=True)}
    new = 0
    for on, day in days_of(pattern_of(series), series.starts_on, series.until):
        starts_at = clock.at_time(day, *divmod(series.minute, 60))
        ends_at = starts_at + dt.timedelta(minutes=series.minutes)
        if on in made or day in held or place_taken(series.org, starts_at, ends_at, series.place):
            continue
        plan(
            org=series.org, kind=series.kind, starts_at=starts_at, ends_at=ends_at, by=by, title=series.title,
            place=series.place, agenda=series.agenda, at=at, series=series, series_on=on,
        )  # fmt: skip
        new += 1
    return new


def to_come(series: Series, first: dt.date | None = None) -> list[Activity]:
    """What of a series has not begun and is still a plan, from a day of the pattern on, in order."""
    found = Activity.objects.filter(series=series, state__in=TO_COME, starts_at__gt=clock.now())
    if first is not None:
        found = found.filter(series_on__gte=first)
    return list(found.select_related("org").order_by("starts_at"))


@transaction.atomic
def change_series(
    *, series: Series, by: Actor, title: str, hour: dt.time, minutes: int, place: str, agenda: Sequence[str],
    reason: str = "", first: dt.date | None = None, at: dt.datetime | None = None,
) -> int:  # fmt: skip
    """Change what is still to come: all, or this and following (`first`); returns how many were changed.

    What was changed by itself keeps its own time. Those who were told of one are told again, with the reason.
    """
    series = get_series(by, series.pk, lock=True)
    by.require("activities.plan", series.org)
    if series.state != "running":
        raise Refused("这个系列已经结束。")
    if not 10 <= minutes <= 24 * 60:
        raise Invalid("时长应在 10 分钟到 24 小时之间。", field="minutes")
    lines, changed = rules.seemly_agenda(agenda), 0
    for activity in to_come(series, first):
        day = clock.day_of(activity.starts_at)
        starts_at = clock.at_time(day, hour.hour, hour.minute)
        ends_at = starts_at + dt.timedelta(minutes=minutes)
        if (starts_at, ends_at, place.strip()) != (activity.starts_at, activity.ends_at, activity.place):
            if activity.series_apart:
                continue
            activity = reschedule(
                activity=activity, starts_at=starts_at, ends_at=ends_at, place=place, by=by, reason=reason, at=at,
                apart=False,
            )  # fmt: skip
        named = title.strip() or activity.title
        learning = min(activity.learning_minutes, minutes)
        change(activity=activity, by=by, title=named, agenda=lines, learning_minutes=learning)
        changed += 1
    if not changed:
        raise Refused("这个系列没有还没开的活动可改。")
    if first is None or not Activity.objects.filter(series=series, series_on__lt=first).exists():
        Series.objects.filter(pk=series.pk).update(
            title=title.strip()[:120], minute=hour.hour * 60 + hour.minute, minutes=minutes, place=place.strip()[:120],
            agenda=lines, version=F("version") + 1,
        )  # fmt: skip
    facts.record(
        "activity.series_changed", by=by, at=at, org=series.org_id, obj=Ref.of("series", series.pk), quantity=changed,
        data={"activity_kind": series.kind, "from": first.isoformat() if first else None, "reason": reason.strip()},
    )  # fmt: skip
    return changed


@transaction.atomic
def end_series(
    *, series: Series, reason: str, by: Actor, first: dt.date | None = None, at: dt.datetime | None = None
) -> int:  # fmt: skip
    """End a series from a day of its pattern on (default: all that is to come); what was held stays.

    Returns how many were called off; those who were told of them are told. Raises Refused if it has ended already.
    """
    series = get_series(by, series.pk, lock=True)
    by.require("activities.cancel", series.org)
    reason = reason.strip()[:200]
    if len(reason) < 2:
        raise Invalid("请写明原因。", field="reason")
    if series.state != "running":
        raise Refused("这个系列已经结束。")
    gone = to_come(series, first)
    for activity in gone:
        cancel(activity=activity, reason=reason, by=by, at=at)
    last = (first or clock.today()) - dt.timedelta(days=1)
    Series.objects.filter(pk=series.pk).update(
        state="ended", until=max(series.starts_on, min(series.until, last)), version=F("version") + 1
    )
    facts.record(
        "activity.series_ended", by=by, at=at, org=series.org_id, obj=Ref.of("series", series.pk), quantity=max(1, len(gone)),
        data={"activity_kind": series.kind, "from": first.isoformat() if first else None, "reason": reason},
        source=f"series:{series.pk}:ended",
    )  # fmt: skip
    return len(gone)


@transaction.atomic
def repeat_otherwise(
    *, series: Series, pattern: Pattern, first: dt.date, until: dt.date, by: Actor, reason: str, at: dt.datetime | None = None
) -> Series:  # fmt: skip
    """From a day on, another pattern (this and following): the old series ends the day before, a new one begins."""
    series = get_series(by, series.pk, lock=True)
    by.require("activities.plan", series.org)
    days_of(pattern, first, until)
    end_series(series=series, reason=reason, by=by, first=first, at=at)
    return set_series(
        org=series.org, kind=series.kind, pattern=pattern, starts_on=first, until=until,
        hour=dt.time(*divmod(series.minute, 60)), minutes=series.minutes, title=series.title, place=series.place,
        agenda=series.agenda, by=by, at=at, source=f"series:{series.pk}:otherwise",
    )  # fmt: skip


def series_of(actor: Actor, org: Organisation) -> list[Series]:
    """The series of an organisation that the actor sees, newest first, each with `left` (still to come) and `made`."""
    actor.require("activities.view", org)
    found = list(Series.objects.filter(org=org).order_by("-id")[:50])
    counts: dict[int, list[int]] = {series.pk: [0, 0] for series in found}
    rows = queries.visible_to(actor).filter(series__in=found).values_list("series", "state", "starts_at")
    for pk, state, starts_at in rows:
        counts[pk][0] += 1
        counts[pk][1] += state in TO_COME and starts_at > clock.now()
    for series in found:
        series.made, series.left = counts[series.pk]
        series.words = str(pattern_of(series))
    return found
