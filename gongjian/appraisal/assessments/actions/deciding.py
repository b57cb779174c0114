"""The result: worked out, told, objected to, in force, lapsed."""

import datetime as dt
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.actions.basics import (
    about,
    assessing,
    held_by,
    link_of,
    reason_of,
    tell_own,
)
from gongjian.appraisal.assessments.models import Assessment, ItemResult, Objection
from gongjian.appraisal.assessments.states import FINAL, FLOW, OWN, TOLD, UNDER_WAY, VISITING
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy import calendar
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.ground.policy.rules import assessed as outcome_of
from gongjian.records.notices.actions import tell as notify


@transaction.atomic
def assess(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Work out the result (评定) from records as of today and from visits, and keep what each item rests on.

    Raises Refused naming the items that nobody scored or on which visits differ.
    """
    held, entry = assessing(assessment, by)
    moment = at or clock.now()
    day = clock.day_of(moment)
    if held.state != VISITING:
        raise FLOW.refusal(held, FLOW["assess"])
    rows = queries.rows_of(held, day)
    if differing := [row.item.title for row in rows if row.conflict]:
        raise Refused(_("走访的评分不一致，请先商定：%(items)s。") % {"items": "、".join(differing)})
    if missing := [row.item.title for row in rows if row.missing]:
        raise Refused(
            _("还有 %(n)d 条没有人评，请走访或者商定：%(items)s。")
            % {"n": len(missing), "items": "、".join(missing[:8])}
        )
    outcome = outcome_of(entry, {row.item.id: row.points for row in rows})
    dimension = {item.id: part.id for part in entry.dimensions for item in part.items}
    ItemResult.objects.filter(assessment=held).delete()
    ItemResult.objects.bulk_create(
        ItemResult(
            assessment=held, dimension=dimension[row.item.id], item=row.item.id, full=row.full, points=row.points,
            source=row.source, note=row.note, evidence=_evidence(row, day),
        )
        for row in rows
    )  # fmt: skip
    FLOW.move(
        held, "assess", by=by, at=moment, data=about(held, earned=outcome.points, percent=outcome.percent, band=outcome.band),
        changes={
            "assessed_by": by.person, "assessed_at": moment, "points": outcome.points, "full": outcome.full,
            "percent": outcome.percent, "band": outcome.band,
        },
    )  # fmt: skip
    return held


def _evidence(row: queries.Row, day: dt.date) -> dict[str, Any]:
    if row.found is None:
        return {}
    return {
        "value": row.found.value, "needed": row.found.needed, "facts": list(row.found.facts), "on": day.isoformat(),
    }  # fmt: skip


@transaction.atomic
def reopen(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Look again before the result is told (重新核查)."""
    held, _entry = assessing(assessment, by)
    FLOW.move(held, "reopen", by=by, at=at, data=about(held), changes={"reason": reason_of(reason)})
    return held


@transaction.atomic
def tell(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Tell the organisation its result (告知); it may object until so many working days later, by the pack."""
    held, entry = assessing(assessment, by)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    until = calendar.add_working_days(clock.day_of(moment), pack.assessments.objection_working_days, pack)
    FLOW.move(
        held, "tell", by=by, at=moment, data=about(held, band=held.band, object_until=until.isoformat()),
        changes={"told_at": moment, "object_until": until},
    )  # fmt: skip
    tell_own(
        held, _("考评结果：%(what)s") % {"what": f"{entry.short} {held.subject}"},
        _("%(band)s，得分率 %(percent)d%%。有异议请在 %(day)s 前提出。")
        % {"band": entry.bands[held.band].title, "percent": held.percent, "day": f"{until:%m月%d日}"},
        f"told:{held.version}", moment,
    )  # fmt: skip
    return held


@transaction.atomic
def object_to(*, assessment: Assessment, text: str, by: Actor, at: dt.datetime | None = None) -> Objection:
    """Object to a result with reasons (提出异议), in time, once for each time it is told."""
    held, entry = held_by(assessment, by)
    by.require(OWN, held.org)
    moment = at or clock.now()
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise Invalid(_("理由请写 5 至 1000 字：哪一条、实际是什么情况。"), field="text")
    if held.object_until is not None and clock.day_of(moment) > held.object_until and held.state == TOLD:
        raise Refused(_("异议期已于 %(day)s 结束。") % {"day": held.object_until})
    if queries.objected_since_told(held, queries.objections_of(held)):
        raise Refused(_("对这个结果已经提出过异议，并得到答复。"))
    FLOW.move(held, "object", by=by, at=moment, data=about(held))
    made = Objection.objects.create(assessment=held, text=text, raised_by=by.person, raised_at=moment)
    if held.assessed_by:
        notify(
            people=[held.assessed_by], kind="assessment", link=link_of(held), at=moment,
            title=_("有异议：%(what)s") % {"what": f"{entry.short} {held.subject}"}, body=text[:100],
            key=f"assessment:{held.pk}:objected:{made.pk}",
        )  # fmt: skip
    return made


@transaction.atomic
def answer(*, assessment: Assessment, text: str, upheld: bool, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Answer an objection with reasons: upheld, it is looked at again; else the result takes effect."""
    held, entry = assessing(assessment, by)
    moment = at or clock.now()
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise Invalid(_("答复请写 5 至 1000 字。"), field="text")
    FLOW.move(held, "uphold" if upheld else "reject", by=by, at=moment, data=about(held))
    Objection.objects.filter(assessment=held, answered_at__isnull=True).update(
        answer=text, upheld=upheld, answered_by=by.person, answered_at=moment
    )
    tell_own(
        held, _("异议答复：%(what)s") % {"what": f"{entry.short} {held.subject}"}, text[:200],
        f"answered:{held.version}", moment,
    )  # fmt: skip
    if not upheld:
        _conclude(held, entry, SYSTEM, moment)
    return held


@transaction.atomic
def accept(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Accept a result before the time to object is over (没有异议); it takes effect."""
    held, entry = held_by(assessment, by)
    by.require(OWN, held.org)
    _conclude(held, entry, by, at or clock.now())
    return held


def _conclude(held: Assessment, entry: StandardList, by: Actor, moment: dt.datetime) -> None:
    """Let a result take effect; the one before it, of the same list and subject, lapses."""
    if held.state != TOLD:
        raise FLOW.refusal(held, FLOW["conclude"])
    before = Assessment.objects.select_for_update(of=("self",)).filter(
        list=held.list, state=FINAL, place=held.place_id, **({} if held.place_id else {"org": held.org_id})
    )
    for old in before.select_related("org", "place"):
        _lapse(old, "replaced", SYSTEM, moment)
    day = clock.day_of(moment)
    recheck = clock.add_months(day, entry.recheck_months)
    lapses = clock.add_months(recheck, entry.lapse_months)
    actor = by if by.may_at("assessments.view", held.org) else SYSTEM  # who only fills in for an organisation accepts
    FLOW.move(
        held, "conclude", by=actor, at=moment,
        data=about(
            held, earned=held.points, full=held.full, percent=held.percent, band=held.band,
            recheck_on=recheck.isoformat(), lapses_on=lapses.isoformat(),
        ),
        changes={"concluded_at": moment, "recheck_on": recheck, "lapses_on": lapses},
        source=f"assessment:{held.pk}:concluded",
    )  # fmt: skip


def _lapse(held: Assessment, how: str, by: Actor, moment: dt.datetime, reason: str = "") -> None:
    changes = {"lapsed_at": moment, "lapse_how": how} | ({"reason": reason} if reason else {})
    FLOW.move(
        held, "lapse", by=by, at=moment, data=about(held, band=held.band, how=how), changes=changes,
        source=f"assessment:{held.pk}:lapsed",
    )  # fmt: skip


@transaction.atomic
def revoke(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Take a valid result back with a reason (撤销结果): something came to light afterwards."""
    held, entry = assessing(assessment, by)
    moment = at or clock.now()
    reason = reason_of(reason)
    _lapse(held, "revoked", by, moment, reason)
    tell_own(held, _("考评结果撤销：%(what)s") % {"what": f"{entry.short} {held.subject}"}, reason, "revoked", moment)
    return held


@transaction.atomic
def cancel(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Stop an assessment before its result takes effect (取消)."""
    held, _entry = assessing(assessment, by)
    FLOW.move(held, "cancel", by=by, at=at, data=about(held), changes={"reason": reason_of(reason)})
    return held


class Daily(NamedTuple):
    """到期办理: how many results took effect, lapsed, and assessments were cancelled because their subject is gone."""

    concluded: int
    lapsed: int
    cancelled: int


@transaction.atomic
def daily(*, by: Actor = SYSTEM, at: dt.datetime | None = None) -> Daily:
    """What is due: results that nobody objected to take effect, results not checked again lapse. Twice is once."""
    moment = at or clock.now()
    day = clock.day_of(moment)
    gone = Q(org__dissolved_on__lte=day) | Q(place__ended_on__lte=day)
    rows = Assessment.objects.select_for_update(of=("self",)).select_related("org", "place").order_by("pk")
    done = {"concluded": 0, "lapsed": 0, "cancelled": 0}
    for held in rows.filter(gone, state__in=(*UNDER_WAY, FINAL)):
        if held.state == FINAL:
            _lapse(held, "gone", by, moment)
            done["lapsed"] += 1
        else:
            reason = _("组织或者小区已撤销")
            FLOW.move(held, "cancel", by=by, at=moment, data=about(held), changes={"reason": reason})
            done["cancelled"] += 1
    for held in rows.filter(state=TOLD, object_until__lt=day):
        _conclude(held, queries.entry_of(held), by, moment)
        done["concluded"] += 1
    for held in rows.filter(state=FINAL, lapses_on__lte=day):
        _lapse(held, "overdue", by, moment)
        done["lapsed"] += 1
    return Daily(**done)
