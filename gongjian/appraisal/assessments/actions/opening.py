"""Beginning to assess, set-wise."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.actions.basics import (
    about,
    link_of,
    ref,
    require_assessor,
)
from gongjian.appraisal.assessments.models import Assessment
from gongjian.appraisal.assessments.states import OWN, SELF, UNDER_WAY, VISITING
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.records import facts
from gongjian.records.notices.actions import tell_many
from gongjian.records.people import queries as people

MOST_AT_ONCE = 500


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
        require_assessor(by, entry, org)
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
             "source": f"assessment:{one.pk}:opened", "data": about(one)}
            for one in new
        ),
        by=by,
    )  # fmt: skip
    if entry.self_first:
        told = people.officers_by_org({one.org_id for one in new}, OWN, day=day)
        tell_many(
            (
                {"person": person, "kind": "assessment", "key": f"assessment:{one.pk}:opened",
                 "title": _("请自评：%(what)s") % {"what": f"{entry.short} {one.subject}"}, "link": link_of(one),
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
