"""Minutes: drafts that survive a closed browser, and saving without losing what somebody else has written."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongjian.desks.activities import queries
from gongjian.desks.activities.actions.planning import ref
from gongjian.desks.activities.models import (
    Activity,
    Attendance,
    Decision,
    Minutes,
    MinutesDraft,
    MinutesRevision,
    Vote,
)
from gongjian.desks.activities.states import HELD, OPEN
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.records import facts

LONGEST_DRAFT = 60_000  # characters of all fields together
ASIDE = 10_000  # beyond any position in use


class Overtaken(Refused):
    """被人先存: somebody has saved the minutes since one began to write."""


def _writable(activity: Activity, by: Actor) -> Activity:
    activity = queries.get_for(by, activity.pk, lock=True)
    by.require("activities.hold", activity.org)
    if activity.state not in (OPEN, HELD):
        raise Refused(_("活动还没有开始，或已经归档。"))
    return activity


@transaction.atomic
def save_draft(
    *, activity: Activity, content: Mapping[str, Any], by: Actor, seen: int = 0, at: dt.datetime | None = None
) -> MinutesDraft:
    """Keep what somebody has typed into the minutes (存草稿), beside the minutes: they change only when they are saved.

    `content` is as drafts.from_fields gives it; `seen` is the version of the minutes that the typing started from. A draft is no deed: it leaves no fact.
    """
    activity = _writable(activity, by)
    if not by.person:
        raise Forbidden(_("请先登录。"))
    if len(json.dumps(content, ensure_ascii=False)) > LONGEST_DRAFT:
        raise Invalid(_("草稿太长，请先保存记录，或把长文作为附件。"))
    draft, _new = MinutesDraft.objects.update_or_create(
        activity=activity,
        editor=by.person,
        defaults={"payload": dict(content), "seen": seen, "saved_at": at or clock.now()},
    )
    return draft


@transaction.atomic
def drop_draft(*, activity: Activity, by: Actor) -> bool:
    """Throw one's own draft away (放弃草稿); whether there was one."""
    activity = _writable(activity, by)
    return bool(MinutesDraft.objects.filter(activity=activity, editor=by.person).delete()[0])


@transaction.atomic
def record_minutes(
    *, activity: Activity, by: Actor, notes: Sequence[str] = (), text: str = "", decisions: Sequence[dict] = (),
    seen: int | None = None, at: dt.datetime | None = None,
) -> Minutes:  # fmt: skip
    """Write the minutes (会议记录): a note to each point of the agenda, a summary, and the decisions.

    A decision is {text, owner, due_on, point, problem, id}, of which only the text is needed; with `id` (or the same
    text) it stays the decision it was, with its vote. `seen` is the version one started from: raises Refused if somebody
    has saved since, Invalid if nothing was written. Every saved version is kept; each time is a fact.
    """
    activity = _writable(activity, by)
    before = Minutes.objects.filter(activity=activity).first()
    version = before.version if before else 0
    if seen is not None and seen != version:
        raise Overtaken(_("在您记录期间，别人保存过这份记录。您写的还在，请对照后再保存一次。"))
    pairs = [
        {"point": point, "note": (notes[n] if n < len(notes) else "").strip()}
        for n, point in enumerate(activity.agenda)
    ]
    kept = [row for row in decisions if row.get("text", "").strip()]
    if not text.strip() and not kept and not any(pair["note"] for pair in pairs):
        raise Invalid(_("请至少写一项记录。"), field="text")
    _check_owners(activity, {row["owner"] for row in kept if row.get("owner")})
    moment = at or clock.now()
    minutes, _new = Minutes.objects.update_or_create(
        activity=activity,
        defaults={
            "notes": pairs, "text": text.strip(), "recorded_by": by.person, "recorded_at": moment, "version": version + 1,
        },
    )  # fmt: skip
    _put_decisions(minutes, kept, points=len(pairs))
    MinutesRevision.objects.create(
        minutes=minutes,
        number=minutes.version,
        payload=queries.content_of(minutes),
        saved_by=by.person,
        saved_at=moment,
    )
    MinutesDraft.objects.filter(activity=activity, editor=by.person).delete()
    facts.record(
        "activity.minutes_recorded", by=by, at=moment, org=activity.org_id, obj=ref(activity),
        data={"activity_kind": activity.kind, "decisions": len(kept)},
    )  # fmt: skip
    return minutes


def _check_owners(activity: Activity, owners: set[int]) -> None:
    day = clock.day_of(activity.starts_at)
    known = set(queries.candidates(activity.org, day).filter(pk__in=owners).values_list("pk", flat=True))
    known |= set(Attendance.objects.filter(activity=activity, person__in=owners).values_list("person", flat=True))
    if owners - known:
        raise Invalid(_("责任人应是本组织党员或参加人。"), field="decisions")


def _put_decisions(minutes: Minutes, rows: Sequence[dict], *, points: int) -> None:
    """Bring the decisions to these rows; one that was there stays the same row, one that was voted on stays as it is."""
    there = {one.pk: one for one in Decision.objects.filter(minutes=minutes).order_by("position")}
    voted = set(Vote.objects.filter(decision__in=there).values_list("decision", flat=True))
    placed: list[tuple[Decision, dict]] = []
    for row in rows:
        text = row["text"].strip()[:500]
        known = there.pop(row.get("id") or 0, None)
        if known is None:
            known = there.pop(next((pk for pk, one in there.items() if one.text == text), 0), None)
        if known is not None and known.pk in voted and known.text != text:
            raise Refused(
                _("“%(text)s”已经表决，不能改文字；另有决定请另写一项。") % {"text": known.text}, field="decisions"
            )
        placed.append((known or Decision(minutes=minutes), {**row, "text": text}))
    lost = next((one for pk, one in there.items() if pk in voted), None)
    if lost is not None:
        raise Refused(_("“%(text)s”已经表决，不能删去。") % {"text": lost.text}, field="decisions")
    Decision.objects.filter(pk__in=there).delete()
    Decision.objects.filter(minutes=minutes).update(position=F("position") + ASIDE)
    for number, (decision, row) in enumerate(placed, 1):
        point = row.get("point")
        decision.position, decision.text = number, row["text"]
        decision.owner_id, decision.due_on = row.get("owner"), row.get("due_on")
        decision.problem = (row.get("problem") or "").strip()[:300]
        decision.point = point if point is not None and 0 <= point < points else None
        decision.save()
