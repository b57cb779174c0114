"""Deeds on circumstances in which a member has no vote, or may be left out of 应到会 (DOMAIN 1.4)."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.people.actions.membership import current
from gongjian.records.people.models import Circumstance, Membership, Person


@transaction.atomic
def note_circumstance(
    *, person: Person, kind: str, starts_on: dt.date, evidence: str, by: Actor, ends_on: dt.date | None = None,
    consented_by: str = "", consented_on: dt.date | None = None, at: dt.datetime | None = None,
) -> Circumstance:  # fmt: skip
    """Note a circumstance (登记情形). Without the higher organisation's consent it does not yet leave anyone out.

    The fact names the member and the branch, never the kind: illness and detention are nobody else's business.
    Raises Invalid for an unknown kind or wrong dates, Refused if the same one is open.
    """
    member = current(person)
    by.require("people.manage", member.org)
    try:
        policy.on(starts_on).circumstance(kind)
    except policy.UnknownEntry:
        raise Invalid(_("政策包里没有这种情形。"), field="kind") from None
    if len(evidence.strip()) < 2:
        raise Invalid(_("请写明依据，如诊断证明、上级批复文号。"), field="evidence")
    if starts_on > clock.today():
        raise Invalid(_("起始日期不能晚于今天。"), field="starts_on")
    if ends_on is not None and ends_on <= starts_on:
        raise Invalid(_("结束日期应晚于起始日期。"), field="ends_on")
    consented_on = _checked_consent(consented_by, consented_on)
    row = Circumstance(
        person=person, kind=kind, starts_on=starts_on, ends_on=ends_on, evidence=evidence.strip()[:300],
        consented_by=consented_by.strip()[:120], consented_on=consented_on, noted_by=by.person,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("%(name)s的这种情形已经登记，尚未结束。") % {"name": person.name}, field="kind") from None
    _record("circumstance.noted", row, member, by, at or clock.now(), {"on": starts_on.isoformat()})
    return row


@transaction.atomic
def consent_circumstance(
    *, circumstance: Circumstance, consented_by: str, consented_on: dt.date, by: Actor, at: dt.datetime | None = None
) -> Circumstance:
    """Enter which higher organisation agreed, and when (上级同意); once."""
    member = current(circumstance.person)
    by.require("people.manage", member.org)
    if not consented_by.strip():
        raise Invalid(_("请写明同意的上级组织。"), field="consented_by")
    consented_on = _checked_consent(consented_by, consented_on)
    changed = Circumstance.objects.filter(pk=circumstance.pk, consented_on__isnull=True).update(
        consented_by=consented_by.strip()[:120], consented_on=consented_on
    )
    if not changed:
        raise Refused(_("上级同意已经登记过。"))
    circumstance.refresh_from_db()
    _record("circumstance.consented", circumstance, member, by, at or clock.now(), {"on": consented_on.isoformat()})
    return circumstance


@transaction.atomic
def end_circumstance(
    *, circumstance: Circumstance, on: dt.date, by: Actor, reason: str = "", at: dt.datetime | None = None
) -> None:
    """End a circumstance on a day (情形结束), or correct the day on which it was to end."""
    member = current(circumstance.person)
    by.require("people.manage", member.org)
    if on < circumstance.starts_on or on > clock.today():
        raise Invalid(_("日期应在 %(day)s 之后、今天之前。") % {"day": circumstance.starts_on}, field="on")
    open_one = Circumstance.objects.filter(Circumstance.current_q(clock.today()), pk=circumstance.pk)
    if not open_one.update(ends_on=on, end_reason=reason.strip()[:200]):
        raise Refused(_("这种情形已经结束。"))
    _record("circumstance.ended", circumstance, member, by, at or clock.now(), {"on": on.isoformat()})


def _checked_consent(consented_by: str, consented_on: dt.date | None) -> dt.date | None:
    """The day of consent: given with a name or not at all, and not in the future."""
    if not consented_by.strip():
        if consented_on is not None:
            raise Invalid(_("填了同意日期，请同时写明同意的上级组织。"), field="consented_by")
        return None
    day = consented_on or clock.today()
    if day > clock.today():
        raise Invalid(_("日期不能晚于今天。"), field="consented_on")
    return day


def _record(kind: str, row: Circumstance, member: Membership, by: Actor, at: dt.datetime, data: dict) -> None:
    facts.record(
        kind, by=by, at=at, person=row.person_id, org=member.org_id, obj=Ref.of("circumstance", row.pk), data=data
    )
