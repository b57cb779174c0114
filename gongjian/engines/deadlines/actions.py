"""Deeds on clocks. The room that owns the object has checked who asks; here the state and the time are checked.

Of two at once one wins: each change is one UPDATE that still finds the version which was read.
"""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongjian.engines.deadlines import queries, rules
from gongjian.engines.deadlines.models import Deadline, Extension, Pause
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.db import require_transaction
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


def start(*, subject: Ref, org: Organisation, name: str, limit: rules.Limit, at: dt.datetime) -> Deadline:
    """Start a clock of an object (起算). The same clock of the same object goes only once at a time."""
    require_transaction()
    return Deadline.objects.create(
        org=org, subject_kind=subject.kind, subject_id=subject.id, name=name, unit=limit.unit, amount=limit.amount,
        started_at=at, due_at=queries.due_for(at, limit),
    )  # fmt: skip


def _change(deadline: Deadline, states: tuple[str, ...], **changes: Any) -> None:
    found = Deadline.objects.filter(pk=deadline.pk, version=deadline.version, state__in=states).update(
        version=F("version") + 1, **changes
    )
    if not found:
        raise Refused(_("这个时限刚刚有变动，请刷新页面后再试。"))
    deadline.version += 1
    for field, value in changes.items():
        setattr(deadline, field, value)


def _subject(deadline: Deadline) -> Ref:
    return Ref(deadline.subject_kind, deadline.subject_id)


def meet(*, deadline: Deadline, at: dt.datetime) -> Deadline:
    """What the clock was for is done (办成); a paused clock ends as if it had gone on. Twice is once."""
    require_transaction()
    if deadline.state in ("met", "dropped"):
        return deadline
    due = deadline.due_at or rules.due_again(
        at, deadline.left, deadline.unit, *queries.office(policy.on(clock.day_of(at)))
    )  # fmt: skip
    _change(deadline, ("running", "paused"), state="met", met_at=at, due_at=due, left=None)
    Pause.objects.filter(deadline=deadline, until__isnull=True).update(until=at)
    return deadline


def drop(*, deadline: Deadline, at: dt.datetime) -> Deadline:
    """Nobody waits for it any more (不再计时). Twice is once."""
    require_transaction()
    if deadline.state in ("met", "dropped"):
        return deadline
    _change(
        deadline,
        ("running", "paused"),
        state="dropped",
        due_at=deadline.due_at or max(at, deadline.started_at),
        left=None,
    )
    Pause.objects.filter(deadline=deadline, until__isnull=True).update(until=at)
    return deadline


@transaction.atomic
def pause(
    *, deadline: Deadline, reason: str, by: Actor, note: str = "", at: dt.datetime | None = None
) -> Deadline:  # fmt: skip
    """Let a clock stand (暂停), with a reason; what has run out cannot be paused any more."""
    moment = at or clock.now()
    if deadline.state != "running" or deadline.due_at is None:
        raise Refused(_("现在没有在计时，不能暂停。"))
    if deadline.due_at < moment:
        raise Refused(_("已经到期，不能再暂停。"))
    left = rules.left_at(moment, deadline.due_at, deadline.unit, *queries.office(policy.on(clock.day_of(moment))))
    _change(deadline, ("running",), state="paused", due_at=None, left=left)
    Pause.objects.create(deadline=deadline, reason=reason, note=note.strip()[:200], since=moment, by=by.person)
    facts.record(
        "deadline.paused", by=by, at=moment, org=deadline.org_id, obj=_subject(deadline),
        data={"limit": deadline.name, "reason": reason}, source=f"deadline:{deadline.pk}:{deadline.version}",
    )  # fmt: skip
    return deadline


@transaction.atomic
def resume(*, deadline: Deadline, by: Actor, at: dt.datetime | None = None) -> Deadline:
    """Let a paused clock go on (恢复): it runs out later by the working time that it stood."""
    moment = at or clock.now()
    if deadline.state != "paused" or deadline.left is None:
        raise Refused(_("这个时限没有暂停。"))
    hours, works = queries.office(policy.on(clock.day_of(moment)))
    stood = Pause.objects.get(deadline=deadline, until__isnull=True)
    due = rules.due_again(moment, deadline.left, deadline.unit, hours, works)
    _change(deadline, ("paused",), state="running", due_at=due, left=None)
    Pause.objects.filter(pk=stood.pk).update(until=moment)
    minutes = int(rules.working_between(stood.since, moment, hours, works).total_seconds() // 60)
    facts.record(
        "deadline.resumed", by=by, at=moment, org=deadline.org_id, obj=_subject(deadline),
        data={"limit": deadline.name, "minutes": minutes, "due_at": due.isoformat()},
        source=f"deadline:{deadline.pk}:{deadline.version}",
    )  # fmt: skip
    return deadline


def _open(deadline: Deadline, moment: dt.datetime) -> None:
    if deadline.state != "running" or deadline.due_at is None:
        raise Refused(_("现在没有在计时，不能延期；暂停的请先恢复。"))
    if deadline.due_at < moment:
        raise Refused(_("已经到期，延期须在到期以前申请并批准。"))


@transaction.atomic
def ask_extension(
    *, deadline: Deadline, days: int, reason: str, by: Actor, at: dt.datetime | None = None
) -> Extension:  # fmt: skip
    """Ask for more working days (申请延期), before the limit; one request at a time."""
    moment = at or clock.now()
    _open(deadline, moment)
    if days < 1:
        raise Invalid(_("延期至少一个工作日。"), field="days")
    if len(reason.strip()) < 4:
        raise Invalid(_("请写清楚为什么要延期。"), field="reason")
    try:
        with transaction.atomic():
            row = Extension.objects.create(
                deadline=deadline, days=days, reason=reason.strip()[:200], asked_by=by.person, asked_at=moment
            )
    except IntegrityError:
        raise Refused(_("已经有一个延期申请在等批准。")) from None
    facts.record(
        "deadline.extension_asked", by=by, at=moment, org=deadline.org_id, obj=_subject(deadline),
        data={"limit": deadline.name, "days": days}, source=f"extension:{row.pk}:asked",
    )  # fmt: skip
    return row


@transaction.atomic
def decide_extension(
    *, extension: Extension, approved: bool, by: Actor, at: dt.datetime | None = None
) -> Extension:  # fmt: skip
    """Approve an extension before the limit, or refuse it (批准延期); nobody decides what they asked themselves."""
    moment = at or clock.now()
    deadline = extension.deadline
    if by.person is not None and extension.asked_by == by.person:
        raise Refused(_("自己申请的延期由其他人批准。"))
    if approved:
        _open(deadline, moment)
    state = "approved" if approved else "refused"
    changed = Extension.objects.filter(pk=extension.pk, state="asked").update(
        state=state, decided_by=by.person, decided_at=moment
    )
    if not changed:
        raise Refused(_("这个申请已经有结果了。"))
    data: dict[str, Any] = {"limit": deadline.name, "days": extension.days}
    if approved:
        hours, works = queries.office(policy.on(clock.day_of(moment)))
        due = rules.add_working_days(deadline.due_at, extension.days, hours, works)
        _change(deadline, ("running",), due_at=due)
        data["due_at"] = due.isoformat()
    facts.record(
        "deadline.extended" if approved else "deadline.extension_refused", by=by, at=moment, org=deadline.org_id,
        obj=_subject(deadline), data=data, source=f"extension:{extension.pk}:decided",
    )  # fmt: skip
    extension.state = state
    return extension


@transaction.atomic
def note_run_out(*, kind: str, by: Actor, at: dt.datetime | None = None) -> list[Deadline]:
    """Mark, set-wise, the clocks of a kind of object that have run out (到期); returns those that nobody had noticed."""
    moment = at or clock.now()
    found = list(
        queries.late(kind, moment).filter(ran_out_at__isnull=True).select_for_update(of=("self",)).order_by("id")[:2000]
    )
    Deadline.objects.filter(pk__in=[row.pk for row in found]).update(ran_out_at=moment)
    facts.record_many(
        [
            {
                "kind": "deadline.ran_out", "at": row.due_at, "org": row.org_id, "obj": _subject(row),
                "data": {"limit": row.name, "due_at": row.due_at.isoformat()}, "source": f"deadline:{row.pk}:ran_out",
            }
            for row in found
        ],
        by=by,
    )  # fmt: skip
    return found
