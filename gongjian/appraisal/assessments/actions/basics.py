"""What the deeds of assessments share: who may, the held row, what facts and notices say."""

import datetime as dt
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.assessments import queries
from gongjian.appraisal.assessments.models import Assessment
from gongjian.appraisal.assessments.permissions import may_assess
from gongjian.appraisal.assessments.states import OWN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.records.notices.actions import tell as notify
from gongjian.records.people import queries as people


class Given(NamedTuple):
    """一条评分: the points of one of the item's levels, and a note."""

    points: int
    note: str = ""


def ref(found: Assessment) -> Ref:
    """An assessment as a Ref."""
    return Ref.of("assessment", found.pk)


def require_assessor(by: Actor, entry: StandardList, org: Any) -> None:
    """Raise Forbidden unless the actor stands above the organisation as the list asks."""
    if not may_assess(by, entry, org, policy.current()):
        raise Forbidden(_("考评由上级组织进行：您须在被考评组织的上级，并有“评定”的权限。"))


def held_by(found: Assessment, by: Actor) -> tuple[Assessment, StandardList]:
    """The assessment with its row held, if the actor may see it, and its list."""
    held = queries.get_for(by, found.pk, lock=True) if by.kind != "system" else locked(found.pk)
    return held, queries.entry_of(held)


def locked(pk: int) -> Assessment:
    """The assessment with its row held until the transaction ends."""
    return Assessment.objects.select_for_update(of=("self",)).select_related("org", "place").get(pk=pk)


def assessing(found: Assessment, by: Actor) -> tuple[Assessment, StandardList]:
    """The same for who assesses it; Forbidden for others."""
    held, entry = held_by(found, by)
    require_assessor(by, entry, held.org)
    return held, entry


def reason_of(text: str, field: str = "reason", most: int = 200) -> str:
    """A reason that says something and is not too long; raises Invalid."""
    text = text.strip()
    if len(text) < 2:
        raise Invalid(_("请写明原因。"), field=field)
    if len(text) > most:
        raise Invalid(_("最多 %(most)d 字。") % {"most": most}, field=field)
    return text


def about(found: Assessment, **more: Any) -> dict[str, Any]:
    """What every fact of an assessment says of it."""
    place = {"place": found.place_id} if found.place_id else {}
    return {"standard": found.list, **place, **more}


def link_of(found: Assessment) -> str:
    """The address of its page."""
    return reverse("assessments:detail", args=[found.pk])


def tell_own(found: Assessment, title: str, body: str, key: str, at: dt.datetime) -> None:
    """Tell the officers of the organisation that is assessed."""
    notify(
        people=people.officers_who_may(found.org, OWN, day=clock.day_of(at)), kind="assessment", title=title[:200],
        body=body, link=link_of(found), key=f"assessment:{found.pk}:{key}", at=at,
    )  # fmt: skip
