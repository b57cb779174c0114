"""Deeds on finished periods (结账): closing for the whole city or one branch, reopening with a reason, reminding.

A close freezes scores and ranks: whatever is told later moves the running figures and stands in the next statement as a
correction, never in the closed one. The cursor of the points listener is locked meanwhile, so that a close falls between
two batches.
"""

import datetime as dt

from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.points.models import Appeal, Close, FrozenPlace
from gongjian.appraisal.points.queries import closing
from gongjian.engines.relay.models import Cursor
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import working_days_between
from gongjian.records import facts
from gongjian.records.notices.actions import tell_many
from gongjian.records.people import queries as people

# Members stand in the lists of the branch held on the last day; a member without a score is frozen with none.
_MEMBERS = """
INSERT INTO points_frozen (subject_kind, subject, period, grp, points, org, path)
SELECT 'person', held.person, %s, 'person', COALESCE(score.points, 0), held.org, org.path
  FROM points_belonging held
  JOIN orgs_organisation org ON org.id = held.org
  JOIN points_close closed ON closed.org_id = held.org AND closed.period = %s AND closed.reopened_at IS NULL
  LEFT JOIN points_score score ON score.subject_kind = 'person' AND score.subject = held.person AND score.period = %s
 WHERE held.from_day <= %s AND (held.to_day IS NULL OR held.to_day > %s) AND (%s IS NULL OR held.org = %s)
ON CONFLICT (subject_kind, subject, period)
DO UPDATE SET grp = excluded.grp, points = excluded.points, org = excluded.org, path = excluded.path
"""
_ORGANISATIONS = """
INSERT INTO points_frozen (subject_kind, subject, period, grp, points, org, path)
SELECT 'organisation', score.subject, score.period, score.grp, score.points, score.org, line.path
  FROM points_score score JOIN points_line line ON line.org = score.org
 WHERE score.subject_kind = 'organisation' AND score.period = %s
ON CONFLICT (subject_kind, subject, period) DO NOTHING
"""
_PLACES = """
INSERT INTO points_frozenplace (scope, period, grp, score, place, ties, of_all)
SELECT scope, period, grp, score,
       SUM(n) OVER (PARTITION BY scope, grp ORDER BY score DESC) - n + 1, n, SUM(n) OVER (PARTITION BY scope, grp)
  FROM points_histogram WHERE period = %s AND n > 0
"""


# A worker that stood still catches up; a period that ended longer ago (before the product came) is not opened for appeals.
CATCH_UP_DAYS = 31


def _seq() -> int:
    """The last fact that points have taken in; holds the listener back until the transaction ends."""
    Cursor.objects.get_or_create(name="points")
    return Cursor.objects.select_for_update().get(name="points").seq


def _freeze_members(period: str, org: int | None) -> None:
    last = clock.period_bounds(period)[1]
    with connection.cursor() as cursor:
        number = "CAST(%s AS bigint)" if connection.vendor == "postgresql" else "%s"
        cursor.execute(_MEMBERS.replace("(%s IS NULL", f"({number} IS NULL"), [period] * 3 + [last, last, org, org])


@transaction.atomic
def close_period(*, period: str, by: Actor, at: dt.datetime | None = None) -> int:
    """Close a finished period for every branch that had members on its last day (全市结账); returns how many were open.

    Set-wise, for a system actor: the pack says when (`frame.close_days`). Again it closes nothing but branches whose
    members were told of late; organisations and ranks stay as they were frozen first.
    """
    if by.kind != "system":
        raise Forbidden(_("全市结账由系统按政策包自动办理。"))
    moment = at or clock.now()
    today = clock.day_of(moment)
    first, last = clock.period_bounds(period)
    if last >= today:
        raise Refused(_("%(period)s还没有结束，不能结账。") % {"period": period})
    seq = _seq()
    frame = policy.on(last).points.frame
    open_branches = closing.branches_to_close(period)
    posted = clock.per_of(period) == frame.posting_per
    until = today + dt.timedelta(days=frame.posting_days)
    Close.objects.bulk_create(
        [
            Close(
                org_id=org, period=period, closed_on=today, closed_at=moment, seq=seq, open_until=until, posted=posted
            )
            for org in open_branches
        ],
        batch_size=1000,
    )
    if not open_branches:
        return 0
    fresh = not FrozenPlace.objects.filter(period=period).exists()
    if fresh:
        _freeze_members(period, None)
        with connection.cursor() as cursor:
            cursor.execute(_ORGANISATIONS, [period])
            cursor.execute(_PLACES, [period])
    else:
        for org in open_branches:
            _freeze_members(period, org)
    facts.record(
        "points.closed", by=by, at=moment, quantity=len(open_branches),
        data={"period": period, "posted": posted, "until": until.isoformat(), "first_day": first.isoformat()},
    )  # fmt: skip
    return len(open_branches)


def close_due(*, by: Actor, at: dt.datetime | None = None) -> int:
    """Close what the pack says is due today (按期结账): the last month, quarter and year, and what was reopened long enough ago."""
    moment = at or clock.now()
    today, closed = clock.day_of(moment), 0
    frame = policy.on(today).points.frame
    for per in dict.fromkeys((frame.close, frame.posting_per, "year")):
        period = clock.previous_period(clock.period_of(today, per))
        due = clock.period_bounds(period)[1] + dt.timedelta(days=frame.close_days)
        if due < today <= due + dt.timedelta(days=CATCH_UP_DAYS):
            closed += close_period(period=period, by=by, at=moment)
    for row in closing.reopened_before(moment - dt.timedelta(days=frame.close_days)):
        closed += close_branch(org=row.org_id, period=row.period, by=by, at=moment)
    return closed


@transaction.atomic
def close_branch(*, org: int, period: str, by: Actor, at: dt.datetime | None = None) -> int:
    """Close a period again that one branch had reopened (重新结账); 0 if it is closed."""
    moment = at or clock.now()
    before = closing.last_close(org, period)
    if before is None or before.reopened_at is None:
        return 0
    if by.kind != "system":
        by.require("points.manage", before.org)
    seq = _seq()
    today = clock.day_of(moment)
    frame = policy.on(clock.period_bounds(period)[1]).points.frame
    row, new = Close.objects.get_or_create(
        org_id=org, period=period, reopened_at=None,
        defaults={"closed_on": today, "closed_at": moment, "closed_by": by.person, "seq": seq, "posted": before.posted,
                  "open_until": today + dt.timedelta(days=frame.posting_days)},
    )  # fmt: skip
    if new:
        _freeze_members(period, org)
        facts.record(
            "points.closed", by=by, at=moment, org=org, obj=Ref.of("points_close", row.pk),
            data={"period": period, "posted": row.posted, "until": row.open_until.isoformat()},
            source=f"points_close:{row.pk}:closed",
        )  # fmt: skip
    return int(new)


@transaction.atomic
def reopen(*, close: int, reason: str, by: Actor, at: dt.datetime | None = None) -> Close:
    """Open a branch's closed period once more (重开), with a reason; its members see the running figures until the next close.

    Refused while an appeal of it waits. What was frozen is overwritten only by the next close, with a new posting.
    """
    row = closing.close_for(by, close)
    by.require("points.manage", row.org)
    reason = reason.strip()
    if len(reason) < 4:
        raise Invalid(_("请写明重开的原因（至少 4 个字）。"), field="reason")
    if Appeal.objects.filter(close=row, state__in=Appeal.OPEN).exists():
        raise Refused(_("还有申诉在复核，决定之后才能重开。"))
    moment = at or clock.now()
    done = Close.objects.filter(pk=row.pk, reopened_at__isnull=True).update(
        reopened_at=moment, reopened_by=by.person, reason=reason[:200]
    )
    if not done:
        raise Refused(_("这一时段已经重开。"))
    facts.record(
        "points.reopened", by=by, at=moment, org=row.org_id, obj=Ref.of("points_close", row.pk),
        data={"period": row.period, "reason": reason[:200]}, source=f"points_close:{row.pk}:reopened",
    )  # fmt: skip
    row.refresh_from_db()
    return row


@transaction.atomic
def remind(*, by: Actor, at: dt.datetime | None = None) -> int:
    """Remind reviewers of appeals that are due soon by the pack or late (申诉提醒), each person once a stage.

    Late ones go to the level above as well. Returns how many notices are new.
    """
    if by.kind != "system":
        raise Forbidden(_("提醒由系统每天办理。"))
    moment = at or clock.now()
    today, rows = clock.day_of(moment), []
    before = policy.on(today).points.frame.remind_working_days
    waiting = Appeal.objects.filter(state__in=Appeal.OPEN).select_related("org__parent").order_by("due_on")
    for appeal in waiting:
        left = working_days_between(today, appeal.due_on)
        if left > before:
            continue
        late = today > appeal.due_on
        places = [appeal.org if appeal.state == "first" else appeal.org.parent]
        if late and places[0] is not None:
            places.append(places[0].parent)
        told = {p for org in places if org is not None for p in people.officers_who_may(org, "points.review_appeals")}
        title = _("积分申诉已过复核期限") if late else _("积分申诉快到复核期限")
        rows += [
            {"person": person, "kind": "points", "title": title, "key": f"appeal:{appeal.pk}:{appeal.state}:{late}",
             "body": _("%(org)s，期限 %(day)s。") % {"org": appeal.org.name, "day": appeal.due_on},
             "link": reverse("points:appeal", args=[appeal.pk])}
            for person in told - {appeal.person_id, appeal.scorer}
        ]  # fmt: skip
    return tell_many(rows, at=moment)
