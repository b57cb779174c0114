"""What all deeds of a transfer share: taking a step, deadlines, telling people."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers.models import Letter, Newcomer, Transfer
from gongjian.desks.transfers.states import FLOW
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import add_working_days
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.notices.jobs import IN_CHARGE, officers
from gongjian.records.orgs.models import Organisation

LEAST_WORDS = 2


def ref(transfer: Transfer) -> Ref:
    """The Ref of a transfer."""
    return Ref.of("transfer", transfer.pk)


def on(at: dt.datetime | None) -> dt.date:
    """The day of a deed: of the time at which it is told, else today."""
    return clock.day_of(at) if at else clock.today()


def pace(step: str, at: dt.datetime | None) -> dt.date:
    """Until when a step is to be done: `branch`, `committee` or `judge`, in working days of the pack."""
    days = getattr(policy.current().transfers.pace, f"{step}_working_days")
    return add_working_days(on(at), days)


def words(text: str, field: str, least: int = LEAST_WORDS) -> str:
    """A reason in words; Invalid if there is none."""
    text = text.strip()
    if len(text) < least:
        raise Invalid(_("请写明理由（至少 %(least)d 个字）。") % {"least": least}, field=field)
    return text[:400]


def step(
    transfer: Transfer, name: str, *, by: Actor, at: dt.datetime | None, acting: Organisation | None,
    holder: Organisation | None, due_on: dt.date | None, data: dict[str, Any] | None = None, **changes: Any,
) -> None:  # fmt: skip
    """Make a move: `acting` is the organisation that does it, `holder` who has it in hand afterwards and until when."""
    transfer.acting = acting
    FLOW.move(
        transfer, name, by=by, at=at, person=changes["person"].pk if changes.get("person") else transfer.person_id,
        data={"direction": transfer.direction, **(data or {})}, changes={"holder": holder, "due_on": due_on, **changes},
    )  # fmt: skip
    transfer.acting = None


def end(transfer: Transfer, reason: str, *, by: Actor, at: dt.datetime | None, acting: Organisation) -> None:
    """When a transfer ends without a move: its letter is void, what was kept of a newcomer is wiped."""
    for letter in Letter.objects.filter(transfer=transfer, state="live"):
        void(letter, reason, by=by, at=at, acting=acting)
    wipe(transfer)


def void(letter: Letter, reason: str, *, by: Actor, at: dt.datetime | None, acting: Organisation) -> None:
    """Make a letter void; its number stays taken."""
    Letter.objects.filter(pk=letter.pk, state="live").update(state="void", void_reason=reason[:200])
    facts.record(
        "letter.voided", by=by, at=at, person=letter.transfer.person_id, org=acting.pk, obj=ref(letter.transfer),
        data={"serial": letter.serial, "reason": reason[:200]}, source=f"letter:{letter.pk}:voided",
    )  # fmt: skip


def wipe(transfer: Transfer) -> None:
    """Forget what was kept of a newcomer: either a person of ours now, or nobody's business."""
    Newcomer.objects.filter(transfer=transfer, live=True).update(
        live=False, identity_sealed="", identity_hash=None, phone_sealed="", phone_masked=""
    )


def tell_step(transfer: Transfer, title: str, body: str = "", at: dt.datetime | None = None) -> None:
    """Tell the member and whoever has it in hand now; once for each version of the transfer."""
    link, key = reverse("transfers:detail", args=[transfer.pk]), f"transfer:{transfer.pk}:{transfer.version}"
    if transfer.person_id:
        notices.tell(people=[transfer.person_id], kind="transfer", title=title, body=body, link=link, key=key, at=at)
    if transfer.holder_id:
        readers = officers({transfer.holder_id}, clock.today(), IN_CHARGE).get(transfer.holder_id, set())
        notices.tell(
            people=readers - {transfer.person_id}, kind="transfer", link=link, key=key, at=at, body=body,
            title=_("待办理：%(name)s的组织关系转接") % {"name": transfer.name},
        )  # fmt: skip
