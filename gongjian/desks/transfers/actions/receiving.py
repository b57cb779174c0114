"""The new side: the committee takes the letter, the branch takes the member; or they refuse, and the level above decides."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.asking import refuse_if_member
from gongjian.desks.transfers.actions.staying import end_stays
from gongjian.desks.transfers.actions.steps import end, on, pace, ref, step, tell_step, wipe, words
from gongjian.desks.transfers.models import Letter, Newcomer, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import ASKED, ISSUED, KEYED, OBJECTED, RECEIVED, REFUSED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy.calendar import next_working_day
from gongjian.records.files import queries as files
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people.models import Person


def valid_letter(transfer: Transfer, at: dt.datetime | None) -> Letter | None:
    """The live letter; Refused if its validity is over (2.2.8). None where no letter travels."""
    letter = Letter.objects.filter(transfer=transfer, state="live").first()
    if letter and rules.expired(letter.expires_on, on(at)):
        raise Refused(
            _("介绍信%(serial)s已于 %(day)s 过期：请转出方说明原因、延期或者重开后再接收。")
            % {"serial": letter.serial, "day": letter.expires_on}
        )
    return letter


@transaction.atomic
def receive(
    *, transfer: Transfer, by: Actor, to: Organisation | None = None, at: dt.datetime | None = None
) -> Transfer:
    """The new committee takes the letter within its validity and names the branch."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    if transfer.to_committee is None:
        raise Refused(_("转出市外的，等外地回执。"))
    branch = to or transfer.to_org
    if branch is None or moving.committee_of(branch) != transfer.to_committee or not branch.is_alive:
        raise Invalid(_("请选择本党委所属的支部。"), field="to")
    if transfer.state == KEYED and not files.of(ref(transfer)):
        raise Refused(_("请先上传介绍信的照片或者扫描件，再核对接收。"))
    letter = valid_letter(transfer, at) if transfer.state in (ISSUED, KEYED) else None
    due = pace("branch", at)
    step(
        transfer, "receive", by=by, at=at, acting=transfer.to_committee, holder=branch, to_org=branch,
        due_on=min(due, letter.expires_on) if letter else due, data={"to": branch.pk},
    )  # fmt: skip
    tell_step(transfer, _("“%(org)s”已收到介绍信，由“%(branch)s”接收")
              % {"org": transfer.to_committee.name, "branch": branch.name}, at=at)  # fmt: skip
    return transfer


@transaction.atomic
def accept(*, transfer: Transfer, by: Actor, at: dt.datetime | None = None) -> Transfer:
    """The new branch accepts: from this moment the relation is here, until now the old branch was responsible (2.2.7)."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    letter = valid_letter(transfer, at) if transfer.state == RECEIVED else None
    branch, today = transfer.to_org or transfer.holder, on(at)
    newcomer = transfer.direction == "in" and transfer.state == RECEIVED
    if newcomer:
        by.require("transfers.confirm", branch)
        person = _admit(transfer, branch, by=by, today=today, at=at)
    else:
        person = transfer.person
    step(
        transfer, "accept", by=by, at=at, acting=branch, holder=None, due_on=None, finished_at=at or clock.now(), answer="",
        person=person, data={"serial": letter.serial if letter else "", "on": today.isoformat()},
    )  # fmt: skip
    if letter:
        taker = transfer.to_committee.name if transfer.to_committee_id else branch.name
        Letter.objects.filter(pk=letter.pk).update(state="used", receipt_on=today, receipt_by=taker)
    if newcomer:
        wipe(transfer)
    else:
        people.move_member(
            person=person, to=branch, by=by, on=today, at=at, released=ref(transfer),
            reason=_("组织关系转接") + (f" {letter.serial}" if letter else ""),
        )  # fmt: skip
        end_stays(person.pk, by=by, on=today)
    tell_step(transfer, _("组织关系已转入“%(org)s”") % {"org": branch.name}, at=at)
    return transfer


def _admit(transfer: Transfer, branch: Organisation, *, by: Actor, today: dt.date, at: dt.datetime | None) -> Person:
    """Register who came from outside (or find the person by the keyed hash of the number) and enter the membership."""
    row = Newcomer.objects.get(transfer=transfer)
    identity, phone = row.unsealed()
    person = Person.objects.filter(identity_hash=row.identity_hash).first()
    if person is None:
        person = people.register(by=by, org=branch, name=transfer.name, identity=identity, phone=phone, at=at)
    else:
        refuse_if_member(person)
        if person.name != transfer.name:
            raise Refused(_("介绍信上的姓名与这个身份证号登记的姓名不一致，请退回核实。"), field="name")
    people.admit(
        person=person, org=branch, by=by, kind=row.kind, joined_on=row.joined_on, formal_on=row.formal_on, starts_on=today,
        at=at, source=f"transfer:{transfer.pk}:admitted",
    )  # fmt: skip
    return person


@transaction.atomic
def refuse(*, transfer: Transfer, by: Actor, cause: str, answer: str, at: dt.datetime | None = None) -> Transfer:
    """Whoever has it in hand does not go along, for a cause of the pack's list and in words (2.2.7: never without cause)."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    if cause not in policy.current().transfers.refusal_causes:
        raise Invalid(_("不得无故拒转拒接：请选择事由。"), field="cause")
    answer = words(answer, "answer", 4)
    acting, branch = transfer.holder, transfer.state in (ASKED, RECEIVED)
    data = {"cause": cause, "by_org": acting.pk if acting else None}
    if transfer.direction == "in":
        step(
            transfer, "turn_away_branch" if branch else "turn_away", by=by, at=at, acting=acting, holder=None, due_on=None,
            answer=answer, refusal_cause=cause, refused_by=acting, finished_at=at or clock.now(), data=data,
        )  # fmt: skip
        end(transfer, answer, by=by, at=at, acting=acting)
    else:
        step(
            transfer, "refuse_branch" if branch else "refuse", by=by, at=at, acting=acting, holder=transfer.from_org,
            due_on=None, answer=answer, refusal_cause=cause, refused_by=acting, data=data,
        )  # fmt: skip
    tell_step(transfer, _("“%(org)s”没有接收：%(why)s。您可以提出异议")
              % {"org": acting.name if acting else "", "why": answer}, at=at)  # fmt: skip
    return transfer


@transaction.atomic
def object_to(*, transfer: Transfer, by: Actor, text: str, at: dt.datetime | None = None) -> Transfer:
    """The member or the old branch objects; the level above who refused decides."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    text = words(text, "text", 4)
    refuser = transfer.refused_by
    committee = None
    if refuser is not None:
        own = (transfer.from_committee, transfer.to_committee)
        committee = next((one for one in own if one and refuser.path.startswith(one.path)), None)
    above = committee.parent if committee else None
    if transfer.state == REFUSED and above is None:
        raise Refused(_("上面没有可以裁定的党组织。"))
    member = transfer.person_id == by.person
    step(
        transfer, "object" if member else "object_branch", by=by, at=at, acting=transfer.from_org, holder=above,
        due_on=pace("judge", at), objection=text, data={"judge": above.pk if above else None},
    )  # fmt: skip
    tell_step(transfer, _("异议已提出，由“%(org)s”裁定") % {"org": above.name}, at=at)
    return transfer


@transaction.atomic
def judge(*, transfer: Transfer, by: Actor, uphold: bool, answer: str, at: dt.datetime | None = None) -> Transfer:
    """The level above decides an objection: it orders the way to go on, or upholds the refusal and the transfer ends."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    answer = words(answer, "answer", 4)
    acting = transfer.holder
    if transfer.state != OBJECTED or acting is None:
        raise Refused(_("现在没有待裁定的异议。"))
    if uphold:
        step(
            transfer, "uphold", by=by, at=at, acting=acting, holder=None, due_on=None, answer=answer,
            finished_at=at or clock.now(),
        )  # fmt: skip
        end(transfer, answer, by=by, at=at, acting=transfer.from_committee)
        tell_step(transfer, _("上级维持不接收，组织关系仍在原支部"), answer, at=at)
        return transfer
    letter = Letter.objects.filter(transfer=transfer, state="live").first()
    if letter is None:
        step(
            transfer, "order_out", by=by, at=at, acting=acting, holder=transfer.from_committee, due_on=pace("committee", at),
            answer=answer,
        )  # fmt: skip
    else:
        table, today = policy.current().transfers.validity, on(at)
        due = max(letter.expires_on, rules.last_day(today, table.city_days, table, next_working_day))
        Letter.objects.filter(pk=letter.pk).update(expires_on=due, days=(due - letter.issued_on).days)
        step(
            transfer, "order", by=by, at=at, acting=acting, holder=transfer.to_committee, due_on=due, answer=answer,
            data={"expires_on": due.isoformat()},
        )  # fmt: skip
    tell_step(transfer, _("上级已裁定：继续办理"), answer, at=at)
    return transfer
