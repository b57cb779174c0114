"""Who: what an actor can do with a transfer now, used by pages and API alike. The deeds check again."""

from gongjian.desks.transfers.models import Letter, StandingCase, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import (
    AGREED,
    APPROVED,
    ASKED,
    DECIDED,
    ISSUED,
    KEYED,
    OBJECTED,
    PROPOSED,
    RECEIVED,
    REFUSED,
    RETURNED,
)
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.records.orgs.models import Organisation

BY_BRANCH = {
    ASKED: ("agree", "refuse", "send_back"),
    RECEIVED: ("accept", "refuse", "send_back"),
    RETURNED: ("correct",),
}
BY_COMMITTEE = {
    AGREED: ("issue", "send_back", "refuse"),
    ISSUED: ("receive", "send_back", "refuse"),
    KEYED: ("receive", "send_back", "refuse"),
}


def _at(actor: Actor, permission: str, org: Organisation | None) -> bool:
    return org is not None and actor.may_at(permission, org)


def abilities(transfer: Transfer, actor: Actor, letter: Letter | None) -> list[str]:
    """The deeds open to this actor now, the one that leads on first."""
    state, found = transfer.state, []
    if not transfer.is_open:
        return found
    if state in BY_BRANCH and _at(actor, "transfers.confirm", transfer.holder):
        found += BY_BRANCH[state]
    if state in BY_COMMITTEE and _at(actor, "transfers.issue", transfer.holder):
        found += ["complete"] if transfer.direction == "out" and state == ISSUED else BY_COMMITTEE[state]
    if state == OBJECTED and _at(actor, "transfers.decide", transfer.holder):
        found.append("judge")
    ours = letter is not None and letter.issuer_id is not None and letter.state == "live"
    if ours and state in (ISSUED, RECEIVED) and _at(actor, "transfers.issue", transfer.from_committee):
        found.append("extend")
        if state == ISSUED:
            found.append("reissue")
    member = transfer.person_id is not None and transfer.person_id == actor.person and transfer.direction != "in"
    branch = _at(actor, "transfers.confirm", transfer.from_org)
    if state == REFUSED and (member or branch):
        found.append("object")
    if state in (ISSUED, RECEIVED) and branch:
        found.append("remind")
    if member and state != OBJECTED:
        found.append("withdraw")
    elif state != OBJECTED and (
        branch or (transfer.direction == "in" and _at(actor, "transfers.confirm", transfer.to_org))
    ):
        found.append("call_off")
    return found


def case_abilities(case: StandingCase, actor: Actor) -> list[str]:
    """What can be done with a case now."""
    care, found = actor.may_at("transfers.care", case.org), []
    if case.state == PROPOSED and care:
        found += ["decide", "drop"]
    if case.state == DECIDED:
        if _at(actor, "transfers.approve", case.approver):
            found += ["approve", "reject"]
        if care:
            found.append("drop")
    if case.state == APPROVED and case.until and care:
        found.append("finish")
    return found


def file_gate(actor: Actor, ident: str, change: bool) -> bool:
    """Who may read the evidence of a transfer (the outside letter, the receipt), and who may add it (`Manifest.files`)."""
    try:
        transfer = moving.get_for(actor, ident)
    except NotFound:
        return False
    branches, committees = (transfer.from_org, transfer.to_org), (transfer.from_committee, transfer.to_committee)
    works = any(_at(actor, "transfers.confirm", org) for org in branches) or any(
        _at(actor, "transfers.issue", org) for org in committees
    )
    if not change:
        return works or actor.may("transfers.view")
    return works and (transfer.is_open or transfer.direction == "out")
