"""Scores by hand: the self-assessment, visits, and settling what visits differ on."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.actions.basics import (
    Given,
    about,
    assessing,
    held_by,
    locked,
    reason_of,
    ref,
    tell_own,
)
from gongjian.appraisal.assessments.models import Assessment, Mark, Visit
from gongjian.appraisal.assessments.permissions import may_visit
from gongjian.appraisal.assessments.states import FLOW, OWN, SELF, VISITING
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.records import facts

KEY = re.compile(r"[0-9a-zA-Z-]{8,40}\Z")


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
    held, entry = held_by(assessment, by)
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
    FLOW.move(held, "hand_in", by=by, at=moment, data=about(held))
    return held


@transaction.atomic
def return_self(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """Ask for another self-assessment (退回自评); what was scored stays to be changed. Not once somebody has visited."""
    held, entry = assessing(assessment, by)
    if not entry.self_first:
        raise Refused(_("这份清单不要求自评。"))
    if held.visits.exists():
        raise Refused(_("已经有人走访过，不能退回自评。"))
    moment = at or clock.now()
    reason = reason_of(reason)
    FLOW.move(held, "return_self", by=by, at=moment, data=about(held), changes={"reason": reason})
    tell_own(held, _("请重新自评：%(what)s") % {"what": entry.short}, reason, f"returned:{held.version}", moment)
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
    held = locked(held.pk)
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
        source=f"visit:{visit.pk}", data=about(held, on=visited_on.isoformat(), offline=offline),
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
    held, entry = assessing(assessment, by)
    moment = at or clock.now()
    note = reason_of(note, field="note", most=policy.current().assessments.visit_note_chars)
    _checked(entry, {item: Given(points, note)})
    touch(held, (VISITING,))
    Mark.objects.update_or_create(
        assessment=held, item=item, source="settled", visit=None,
        defaults={"points": points, "note": note, "by": by.person, "at": moment},
    )  # fmt: skip
    facts.record(
        "assessment.settled", by=by, at=moment, org=held.org_id, obj=ref(held),
        source=f"assessment:{held.pk}:settled:{held.version}", data=about(held, item=item),
    )  # fmt: skip
    return held
