"""外出凭证: the letter of proof and the card that a mobile member takes along (2.2.11, 2.2.12); numbered, void when lost."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.numbers import next_number
from gongjian.desks.transfers.actions.steps import on, words
from gongjian.desks.transfers.models import Stay, StayPaper
from gongjian.desks.transfers.queries import moving, watching
from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts


@transaction.atomic
def issue_paper(*, stay: Stay, by: Actor, purpose: str, reason: str = "", at: dt.datetime | None = None) -> StayPaper:
    """Number the paper that the stay names (党员证明信 2.2.11, 流动党员活动证 2.2.12) in the name of the branch's committee.

    The branch fills it in, the committee's seal makes it hold. One that holds is replaced only for a `reason` (lost,
    spoilt, another kind) and keeps its number, void. Raises Refused for who is back, and for an absence that needs none.
    """
    stay = watching.stay_for(by, stay.pk, permission="transfers.care", lock=True)
    if stay.state != "away":
        raise Refused(_("已经返回或者转走，不再开外出凭证。"))
    described = policy.current().transfers.mobile.documents.get(stay.document)
    if described is None or not described.printed:
        basis = f"（{described.basis}）" if described else ""
        raise Refused(_("登记的外出凭证不需要开具；需要证明党员身份的，先在“修改登记”里改外出凭证。") + basis)
    issuer = moving.committee_of(stay.org)
    if issuer is None:
        raise Refused(_("“%(name)s”上面没有可以开具凭证的党委。") % {"name": stay.org.name})
    purpose, day = words(purpose, "purpose", 2)[:60], on(at)
    old = StayPaper.objects.filter(stay=stay, state="live").first()
    if old is not None:
        reason = words(reason, "reason")[:200]
        StayPaper.objects.filter(pk=old.pk).update(state="void", void_reason=reason)
    number = next_number(issuer, day.year, series=described.id)
    serial = f"{described.title}{rules.serial_text(issuer.short_name or issuer.name, day.year, number)}"
    paper = StayPaper.objects.create(
        stay=stay, document=described.id, issuer=issuer, year=day.year, number=number, serial=serial[:160],
        purpose=purpose, starts_on=stay.since, until=stay.back_by, issued_on=day, issued_by=by.person, replaces=old,
    )  # fmt: skip
    facts.record(
        "mobile.paper_issued", by=by, at=at, person=stay.person_id, org=stay.org_id, obj=Ref.of("mobile_stay", stay.pk),
        data={"document": described.id, "serial": paper.serial, "replaces": old.serial if old else ""},
        source=f"stay_paper:{paper.pk}",
    )  # fmt: skip
    return paper


def hand_in(stays: list[int]) -> None:
    """The papers of absences that are over hold no longer: they are handed in (收回)."""
    StayPaper.objects.filter(stay__in=stays, state="live").update(state="handed_in")
