"""Deeds of assessments: open, self-assess, visit, settle, assess, tell, object, answer, conclude, lapse, cancel."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.models import Assessment, ItemResult, Mark, Objection, Visit
from gongjian.appraisal.assessments.permissions import may_assess, may_visit
from gongjian.appraisal.assessments.states import (
    FINAL,
    FLOW,
    OWN,
    SELF,
    TOLD,
    UNDER_WAY,
    VISITING,
)
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy import calendar
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.ground.policy.rules import assessed as outcome_of
from gongjian.records import facts
from gongjian.records.notices.actions import tell as notify
from gongjian.records.notices.actions import tell_many
from gongjian.records.people import queries as people

MOST_AT_ONCE = 500
KEY = re.compile(r"[0-9a-zA-Z-]{8,40}\Z")


class Given(NamedTuple):
    """一条评分: the points of one of the item's levels, and a note."""

    points: int
    note: str = ""


def ref(found: Assessment) -> Ref:
    """An assessment as a Ref."""
    return Ref.of("assessment", found.pk)


def _require_assessor(by: Actor, entry: StandardList, org: Any) -> None:
    if not may_assess(by, entry, org, policy.current()):
        raise Forbidden(_("考评由上级组织进行：您须在被考评组织的上级，并有“评定”的权限。"))


def _held(found: Assessment, by: Actor) -> tuple[Assessment, StandardList]:
    held = queries.get_for(by, found.pk, lock=True) if by.kind != "system" else _lock(found.pk)
    return held, queries.entry_of(held)


def _lock(pk: int) -> Assessment:
    return Assessment.objects.select_for_update(of=("self",)).select_related("org", "place").get(pk=pk)


def _assessing(found: Assessment, by: Actor) -> tuple[Assessment, StandardList]:
    held, entry = _held(found, by)
    _require_assessor(by, entry, held.org)
    return held, entry


def _reason(text: str, field: str = "reason", most: int = 200) -> str:
    text = text.strip()
    if len(text) < 2:
        raise Invalid(_("请写明原因。"), field=field)
    if len(text) > most:
        raise Invalid(_("最多 %(most)d 字。") % {"most": most}, field=field)
    return text


def _about(found: Assessment, **more: Any) -> dict[str, Any]:
    """What every fact of an assessment says of it."""
    place = {"place": found.place_id} if found.place_id else {}
    return {"standard": found.list, **place, **more}


def _link(found: Assessment) -> str:
    return reverse("assessments:detail", args=[found.pk])


def _tell_own(found: Assessment, title: str, body: str, key: str, at: dt.datetime) -> None:
    """Tell the officers of the organisation that is assessed."""
    notify(
        people=people.officers_who_may(found.org, OWN, day=clock.day_of(at)), kind="assessment", title=title[:200],
        body=body, link=_link(found), key=f"assessment:{found.pk}:{key}", at=at,
    )  # fmt: skip


# --- opening ----------------------------------------------------------------------------------------------------
@transaction.atomic
def open_many(*, standard: str, subjects: Iterable[Any], by: Actor, at: dt.datetime | None = None) -> int:
    """Begin assessing organisations or places by a list (开始考评); those under way already are left out.

    Returns how many were begun. Raises Refused above `MOST_AT_ONCE`, Forbidden where the actor does not stand above,
    Invalid where the list is not for one of them. Set-wise: few statements however many they are.
    """
    moment = at or clock.now()
    day = clock.day_of(moment)
    entry = queries.entry_named(standard, day)
    rows = list(subjects)
    if len(rows) > MOST_AT_ONCE:
        raise Refused(_("一次最多对 %(most)d 个开始考评，请先筛选。") % {"most": MOST_AT_ONCE})
    for_it = set(queries.subjects_of(entry).filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    made = []
    for row in rows:
        org = queries.org_of(row)
        if row.pk not in for_it:
            raise Invalid(_("“%(name)s”不在这份清单的范围内。") % {"name": row.name}, field="subject")
        _require_assessor(by, entry, org)
        made.append(
            Assessment(
                list=entry.id, org=org, place=None if entry.of == "organisation" else row,
                state=SELF if entry.self_first else VISITING, opened_on=day, opened_at=moment, opened_by=by.person,
            )
        )  # fmt: skip
    mine = Assessment.objects.filter(list=entry.id, state__in=UNDER_WAY)
    where = Q(org__in=[one.org_id for one in made], place__isnull=True) | Q(place__in=[one.place_id for one in made])
    before = set(mine.filter(where).values_list("pk", flat=True))
    Assessment.objects.bulk_create(made, ignore_conflicts=True)
    new = list(mine.filter(where).exclude(pk__in=before).filter(opened_at=moment).select_related("org", "place"))
    facts.record_many(
        (
            {"kind": "assessment.opened", "at": moment, "org": one.org_id, "obj": ref(one),
             "source": f"assessment:{one.pk}:opened", "data": _about(one)}
            for one in new
        ),
        by=by,
    )  # fmt: skip
    if entry.self_first:
        told = people.officers_by_org({one.org_id for one in new}, OWN, day=day)
        tell_many(
            (
                {"person": person, "kind": "assessment", "key": f"assessment:{one.pk}:opened",
                 "title": _("请自评：%(what)s") % {"what": f"{entry.short} {one.subject}"}, "link": _link(one),
                 "body": _("逐条选实际达到的一档，交出以后由上级走访核查。记录里有的由系统核，不用填。")}
                for one in new for person in told.get(one.org_id, ())
            ),
            at=moment,
        )  # fmt: skip
    return len(new)


@transaction.atomic
def open_one(*, standard: str, subject: Any, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Begin assessing one organisation or place; the one under way if there is one already."""
    open_many(standard=standard, subjects=[subject], by=by, at=at)
    entry = queries.entry_named(standard, clock.day_of(at or clock.now()))
    return Assessment.objects.select_related("org", "place").get(queries.about(entry, subject), state__in=UNDER_WAY)


# --- self-assessment and visits ---------------------------------------------------------------------------------
def _checked(entry: StandardList, given: Mapping[str, Given]) -> dict[str, Given]:
    """Scores that fit the list: an item by hand, points of one of its levels, a note not too long."""
    longest = policy.current().assessments.visit_note_chars
    for ident, mark in given.items():
        item = entry.item(ident)
        if item is None or not item.levels:
            raise Invalid(_("清单里没有人工评分的条目“%(item)s”。") % {"item": ident}, field=ident)
        if mark.points not in {level.points for level in item.levels}:
            raise Invalid(_("“%(item)s”请选其中一档。") % {"item": item.title}, field=ident)
        if len(mark.note) > longest:
            raise Invalid(_("“%(item)s”的备注最多 %(most)d 字。") % {"item": item.title, "most": longest}, field=ident)
    return dict(given)


def by_hand(entry: StandardList) -> list[str]:
    """Ids of the items that people score."""
    return [item.id for item in entry.items if item.levels]


@transaction.atomic
def save_self(
    *,
    assessment: Assessment,
    given: Mapping[str, Given],
    by: Actor,
    hand_in: bool = False,
    at: dt.datetime | None = None,
) -> Assessment:
    """Keep a self-assessment (自评) as far as it goes; with `hand_in` it must be whole and the visit comes next."""
    held, entry = _held(assessment, by)
    by.require(OWN, held.org)
    moment = at or clock.now()
    given = _checked(entry, given)
    touch(held, (SELF,), self_by=by.person, self_at=moment)
    Mark.objects.filter(assessment=held, source="self").delete()
    Mark.objects.bulk_create(
        Mark(
            assessment=held, item=item, source="self", points=one.points, note=one.note.strip(), by=by.person, at=moment
        )
        for item, one in given.items()
    )
    if not hand_in:
        return held
    missing = [entry.item(ident).title for ident in by_hand(entry) if ident not in given]
    if missing:
        raise Refused(_("还有 %(n)d 条没有评：%(items)s。") % {"n": len(missing), "items": "、".join(missing)})
    FLOW.move(held, "hand_in", by=by, at=moment, data=_about(held))
    return held


@transaction.atomic
def return_self(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Ask for another self-assessment (退回自评); what was scored stays to be changed. Not once somebody has visited."""
    held, entry = _assessing(assessment, by)
    if not entry.self_first:
        raise Refused(_("这份清单不要求自评。"))
    if held.visits.exists():
        raise Refused(_("已经有人走访过，不能退回自评。"))
    moment = at or clock.now()
    reason = _reason(reason)
    FLOW.move(held, "return_self", by=by, at=moment, data=_about(held), changes={"reason": reason})
    _tell_own(held, _("请重新自评：%(what)s") % {"what": entry.short}, reason, f"returned:{held.version}", moment)
    return held


class HandedIn(NamedTuple):
    """交回的走访: the visit, whether it is new, and the items on which visits now differ."""

    visit: Visit
    new: bool
    conflicts: list[str]


@transaction.atomic
def hand_in_visit(
    *, assessment: Assessment, key: str, given: Mapping[str, Given], visited_on: dt.date, by: Actor, note: str = "",
    offline: bool = False, at: dt.datetime | None = None,
) -> HandedIn:  # fmt: skip
    """Hand in what one person saw on a visit (走访核查), perhaps kept on a phone without network until now.

    `key` names the visit once and for all: handed in again it changes nothing. Of two people's differing scores both
    stay, and whoever assesses settles the item. Raises Forbidden for who does not visit there, Refused when the
    assessment no longer waits for a visit or another person's visit has this key, Invalid for scores off the list.
    """
    held = queries.visit_for(by, assessment.pk)
    held = _lock(held.pk)
    entry, moment = queries.entry_of(held), at or clock.now()
    if not may_visit(by, held.org, policy.current()):
        raise Forbidden(_("走访核查由上级组织进行。"))
    if not KEY.match(key):
        raise Invalid(_("走访的编号不对，请重新打开走访页。"), field="key")
    known = Visit.objects.filter(key=key).first()
    new = known is None
    if known is None:
        if held.state != VISITING:
            raise Refused(
                _("现在是“%(state)s”，不能再交回走访。评分还在您的手机上，请和评定的同志联系。")
                % {"state": FLOW.word(held.state)}
            )
        known = _keep_visit(held, entry, key, _checked(entry, given), visited_on, by, note, offline, moment)
    if known.assessment_id != held.pk or known.visitor_id != by.person:
        raise Refused(_("这个编号是另一次走访的，请重新打开走访页。"))
    return HandedIn(known, new, conflicts_of(held, entry))


def _keep_visit(
    held: Assessment, entry: StandardList, key: str, given: dict[str, Given], visited_on: dt.date, by: Actor, note: str,
    offline: bool, moment: dt.datetime,
) -> Visit:  # fmt: skip
    day = clock.day_of(moment)
    if not given:
        raise Invalid(_("一条也没有评，请至少评一条。"), field="marks")
    if visited_on > day or visited_on < held.opened_on:
        raise Invalid(_("走访日期应在开始考评之后、今天之前。"), field="visited_on")
    if len(note) > 500:
        raise Invalid(_("总的情况最多 500 字。"), field="note")
    visit = Visit(
        assessment=held, key=key, visitor_id=by.person, visited_on=visited_on, handed_in_at=moment, offline=offline,
        note=note.strip(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            visit.save(force_insert=True)
    except IntegrityError:  # the same visit by another way at the same moment, for another assessment
        return Visit.objects.get(key=key)
    Mark.objects.bulk_create(
        Mark(
            assessment=held, item=item, source="visit", visit=visit, points=one.points, note=one.note.strip(),
            by=by.person, at=moment,
        )
        for item, one in given.items()
    )  # fmt: skip
    facts.record(
        "assessment.visited", by=by, at=moment, org=held.org_id, obj=ref(held), quantity=len(given),
        source=f"visit:{visit.pk}", data=_about(held, on=visited_on.isoformat(), offline=offline),
    )  # fmt: skip
    return visit


def conflicts_of(found: Assessment, entry: StandardList) -> list[str]:
    """Titles of the items on which visits differ and nobody has settled."""
    by_item: dict[str, list[Mark]] = {}
    for mark in Mark.objects.filter(assessment=found):
        by_item.setdefault(mark.item, []).append(mark)
    return [
        item.title for item in entry.items if item.levels and queries.rules.judged(by_item.get(item.id, [])).conflict
    ]


@transaction.atomic
def settle(
    *, assessment: Assessment, item: str, points: int, note: str, by: Actor, at: dt.datetime | None = None
) -> Assessment:
    """Decide an item (商定) where visits differ or nobody scored it, with a reason; again changes it."""
    held, entry = _assessing(assessment, by)
    moment = at or clock.now()
    note = _reason(note, field="note", most=policy.current().assessments.visit_note_chars)
    _checked(entry, {item: Given(points, note)})
    touch(held, (VISITING,))
    Mark.objects.update_or_create(
        assessment=held, item=item, source="settled", visit=None,
        defaults={"points": points, "note": note, "by": by.person, "at": moment},
    )  # fmt: skip
    facts.record(
        "assessment.settled", by=by, at=moment, org=held.org_id, obj=ref(held),
        source=f"assessment:{held.pk}:settled:{held.version}", data=_about(held, item=item),
    )  # fmt: skip
    return held


# --- the result -------------------------------------------------------------------------------------------------
@transaction.atomic
def assess(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Work out the result (评定) from records as of today and from visits, and keep what each item rests on.

    Raises Refused naming the items that nobody scored or on which visits differ.
    """
    held, entry = _assessing(assessment, by)
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
        held, "assess", by=by, at=moment, data=_about(held, earned=outcome.points, percent=outcome.percent, band=outcome.band),
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
    held, _entry = _assessing(assessment, by)
    FLOW.move(held, "reopen", by=by, at=at, data=_about(held), changes={"reason": _reason(reason)})
    return held


@transaction.atomic
def tell(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Tell the organisation its result (告知); it may object until so many working days later, by the pack."""
    held, entry = _assessing(assessment, by)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    until = calendar.add_working_days(clock.day_of(moment), pack.assessments.objection_working_days, pack)
    FLOW.move(
        held, "tell", by=by, at=moment, data=_about(held, band=held.band, object_until=until.isoformat()),
        changes={"told_at": moment, "object_until": until},
    )  # fmt: skip
    _tell_own(
        held, _("考评结果：%(what)s") % {"what": f"{entry.short} {held.subject}"},
        _("%(band)s，得分率 %(percent)d%%。有异议请在 %(day)s 前提出。")
        % {"band": entry.bands[held.band].title, "percent": held.percent, "day": f"{until:%m月%d日}"},
        f"told:{held.version}", moment,
    )  # fmt: skip
    return held


@transaction.atomic
def object_to(*, assessment: Assessment, text: str, by: Actor, at: dt.datetime | None = None) -> Objection:
    """Object to a result with reasons (提出异议), in time, once for each time it is told."""
    held, entry = _held(assessment, by)
    by.require(OWN, held.org)
    moment = at or clock.now()
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise Invalid(_("理由请写 5 至 1000 字：哪一条、实际是什么情况。"), field="text")
    if held.object_until is not None and clock.day_of(moment) > held.object_until and held.state == TOLD:
        raise Refused(_("异议期已于 %(day)s 结束。") % {"day": held.object_until})
    if queries.objected_since_told(held, queries.objections_of(held)):
        raise Refused(_("对这个结果已经提出过异议，并得到答复。"))
    FLOW.move(held, "object", by=by, at=moment, data=_about(held))
    made = Objection.objects.create(assessment=held, text=text, raised_by=by.person, raised_at=moment)
    if held.assessed_by:
        notify(
            people=[held.assessed_by], kind="assessment", link=_link(held), at=moment,
            title=_("有异议：%(what)s") % {"what": f"{entry.short} {held.subject}"}, body=text[:100],
            key=f"assessment:{held.pk}:objected:{made.pk}",
        )  # fmt: skip
    return made


@transaction.atomic
def answer(*, assessment: Assessment, text: str, upheld: bool, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Answer an objection with reasons: upheld, it is looked at again; else the result takes effect."""
    held, entry = _assessing(assessment, by)
    moment = at or clock.now()
    text = text.strip()
    if not 5 <= len(text) <= 1000:
        raise Invalid(_("答复请写 5 至 1000 字。"), field="text")
    FLOW.move(held, "uphold" if upheld else "reject", by=by, at=moment, data=_about(held))
    Objection.objects.filter(assessment=held, answered_at__isnull=True).update(
        answer=text, upheld=upheld, answered_by=by.person, answered_at=moment
    )
    _tell_own(
        held, _("异议答复：%(what)s") % {"what": f"{entry.short} {held.subject}"}, text[:200],
        f"answered:{held.version}", moment,
    )  # fmt: skip
    if not upheld:
        _conclude(held, entry, SYSTEM, moment)
    return held


@transaction.atomic
def accept(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Accept a result before the time to object is over (没有异议); it takes effect."""
    held, entry = _held(assessment, by)
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
        data=_about(
            held, earned=held.points, full=held.full, percent=held.percent, band=held.band,
            recheck_on=recheck.isoformat(), lapses_on=lapses.isoformat(),
        ),
        changes={"concluded_at": moment, "recheck_on": recheck, "lapses_on": lapses},
        source=f"assessment:{held.pk}:concluded",
    )  # fmt: skip


def _lapse(held: Assessment, how: str, by: Actor, moment: dt.datetime, reason: str = "") -> None:
    changes = {"lapsed_at": moment, "lapse_how": how} | ({"reason": reason} if reason else {})
    FLOW.move(
        held, "lapse", by=by, at=moment, data=_about(held, band=held.band, how=how), changes=changes,
        source=f"assessment:{held.pk}:lapsed",
    )  # fmt: skip


@transaction.atomic
def revoke(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Take a valid result back with a reason (撤销结果): something came to light afterwards."""
    held, entry = _assessing(assessment, by)
    moment = at or clock.now()
    reason = _reason(reason)
    _lapse(held, "revoked", by, moment, reason)
    _tell_own(held, _("考评结果撤销：%(what)s") % {"what": f"{entry.short} {held.subject}"}, reason, "revoked", moment)
    return held


@transaction.atomic
def cancel(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Stop an assessment before its result takes effect (取消)."""
    held, _entry = _assessing(assessment, by)
    FLOW.move(held, "cancel", by=by, at=at, data=_about(held), changes={"reason": _reason(reason)})
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
            FLOW.move(held, "cancel", by=by, at=moment, data=_about(held), changes={"reason": reason})
            done["cancelled"] += 1
    for held in rows.filter(state=TOLD, object_until__lt=day):
        _conclude(held, queries.entry_of(held), by, moment)
        done["concluded"] += 1
    for held in rows.filter(state=FINAL, lapses_on__lte=day):
        _lapse(held, "overdue", by, moment)
        done["lapsed"] += 1
    return Daily(**done)
