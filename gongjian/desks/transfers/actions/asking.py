"""Ask, start, key in a letter from outside, confirm, send back, correct, withdraw."""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.steps import end, on, pace, ref, step, tell_step, void, words
from gongjian.desks.transfers.models import Letter, Newcomer, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import AGREED, ASKED, KEYED, RECEIVED, RETURNED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.identifiers import check_identity_number, check_phone, mask_identity, mask_phone
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Membership, Person


@dataclass(frozen=True, slots=True)
class Way:
    """去向: checked and with its committees."""

    direction: str
    to_org: Organisation | None = None
    to_committee: Organisation | None = None
    to_name: str = ""


def way_to(place: Organisation | None, outside: str, member: Membership) -> Way:
    """Where a member wants to go: a branch or committee of ours, or in words one outside; Invalid if neither or nonsense."""
    outside = outside.strip()
    if (place is None) == (not outside):
        raise Invalid(_("请选择市内的党组织，或者填写市外党组织的全称，两者填一项。"), field="to")
    if place is None:
        if len(outside) < 4:
            raise Invalid(_("请填写市外接收党组织的全称，写到有接收权限的基层党委。"), field="outside")
        return Way("out", to_name=outside[:200])
    if not place.is_alive:
        raise Invalid(_("“%(name)s”已经撤销。") % {"name": place.name}, field="to")
    if place.pk == member.org_id:
        raise Invalid(_("组织关系本来就在这里。"), field="to")
    pack = policy.current()
    table = pack.transfers.committees
    if place.kind in (*table.direct, *table.above) and not pack.org_kind(place.kind).has_members:
        return Way("city", to_committee=place)
    if not pack.org_kind(place.kind).has_members:
        raise Invalid(_("组织关系应转到党支部，或者有接收权限的党委。"), field="to")
    committee = moving.committee_of(place)
    if committee is None:
        raise Invalid(_("“%(name)s”上面没有可以接收组织关系的党委。") % {"name": place.name}, field="to")
    return Way("city", to_org=place, to_committee=committee)


def check_reason(reason: str) -> str:
    """One of the pack's reasons."""
    if reason not in policy.current().transfers.reasons:
        raise Invalid(_("请选择转接的事由。"), field="reason")
    return reason


def check_month(text: str) -> str:
    """A month that dues are paid until, such as 2026-11; empty is allowed."""
    text = text.strip()
    try:
        if text and clock.per_of(text) != "month":
            raise ValueError
    except ValueError:
        raise Invalid(_("月份应写成 2026-11 的样子。"), field="dues_until") from None
    return text


def may_go(member: Membership | None) -> Membership:
    """Refuse who has no relation or whose 党籍 is stopped."""
    if member is None:
        raise Refused(_("目前没有组织关系，不能转接。"), field="person")
    if member.state == "stopped":
        raise Refused(_("已停止党籍，先恢复党籍才能转接组织关系。"), field="person")
    return member


def enter(
    member: Membership, way: Way, *, state: str, reason: str, note: str, dues_until: str, by: Actor,
    at: dt.datetime | None, batch: str = "", committee: Organisation | None = None,
) -> Transfer:  # fmt: skip
    """The row of a new transfer and its fact; Refused if the person is on a way already."""
    committee = committee or moving.committee_of(member.org)
    if committee is None:
        raise Refused(_("“%(name)s”上面没有可以开介绍信的党委。") % {"name": member.org.name})
    asked = state == ASKED
    transfer = Transfer(
        person=member.person, name=member.person.name, direction=way.direction, from_org=member.org,
        from_committee=committee, to_org=way.to_org, to_committee=way.to_committee, to_name=way.to_name,
        holder=member.org if asked else committee, due_on=pace("branch" if asked else "committee", at),
        reason=check_reason(reason), note=note.strip()[:300], dues_until=check_month(dues_until), state=state,
        started_by=by.person, asked_by_member=asked, created_at=at or clock.now(), batch=batch,
    )  # fmt: skip
    try:
        with transaction.atomic():
            transfer.save(force_insert=True)
    except IntegrityError:
        raise Refused(
            _("%(name)s已有一件组织关系转接正在办理，办完或者撤回之后才能再办。") % {"name": member.person.name},
            field="person",
        ) from None
    facts.record(
        "transfer.asked", by=by, at=at, person=member.person_id, org=member.org_id, obj=ref(transfer),
        data={"direction": way.direction, "from": member.org_id, "to": way.to_org.pk if way.to_org else None,
              "reason": reason, "by_member": asked},
    )  # fmt: skip
    return transfer


@transaction.atomic
def ask(
    *, by: Actor, to: Organisation | None = None, outside: str = "", reason: str, note: str = "",
    at: dt.datetime | None = None,
) -> Transfer:  # fmt: skip
    """The member asks for the own relation to move (2.2.6); the branch checks it next."""
    member = may_go(people.membership_of(by.person) if by.person else None)
    by.require("transfers.ask", member.org)
    transfer = enter(
        member, way_to(to, outside, member), state=ASKED, reason=reason, note=note, dues_until="", by=by, at=at
    )
    tell_step(transfer, _("已申请转接组织关系，由“%(org)s”确认") % {"org": member.org.name}, at=at)
    return transfer


@transaction.atomic
def start(
    *, person: Person, by: Actor, to: Organisation | None = None, outside: str = "", reason: str, note: str = "",
    dues_until: str = "", at: dt.datetime | None = None,
) -> Transfer:  # fmt: skip
    """The branch starts it for a member, which is its confirmation; the committee writes the letter next."""
    member = may_go(people.membership_of(person.pk))
    by.require("transfers.confirm", member.org)
    transfer = enter(
        member, way_to(to, outside, member), state=AGREED, reason=reason, note=note, dues_until=dues_until, by=by, at=at
    )
    tell_step(transfer, _("支部已为您发起组织关系转接"), at=at)
    return transfer


@transaction.atomic
def agree(*, transfer: Transfer, by: Actor, dues_until: str = "", at: dt.datetime | None = None) -> Transfer:
    """The old branch confirms what the member asked for."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    step(
        transfer, "agree", by=by, at=at, acting=transfer.from_org, holder=transfer.from_committee, due_on=pace("committee", at),
        dues_until=check_month(dues_until), data={"dues_until": dues_until},
    )  # fmt: skip
    tell_step(transfer, _("转出支部已确认，由“%(org)s”开介绍信") % {"org": transfer.from_committee.name}, at=at)
    return transfer


@dataclass(frozen=True, slots=True)
class Comer:
    """外来介绍信的内容, as keyed in."""

    name: str
    identity: str
    kind: str
    joined_on: dt.date
    formal_on: dt.date | None
    from_name: str
    serial: str
    issued_on: dt.date
    expires_on: dt.date
    phone: str = ""
    dues_until: str = ""
    reason: str = "work"
    note: str = ""


@transaction.atomic
def key_in(*, comer: Comer, to: Organisation, by: Actor, at: dt.datetime | None = None) -> Transfer:
    """Key in a letter from outside: by the branch, or by its committee. The committee checks it against person and paper.

    Raises Invalid for a wrong number or date, Refused for a letter or person that is on the way or a member already.
    """
    committee = moving.committee_of(to)
    if committee is None or not policy.current().org_kind(to.kind).has_members or not to.is_alive:
        raise Invalid(_("请选择要转入的党支部。"), field="to")
    if not (by.may_at("transfers.confirm", to) or by.may_at("transfers.issue", committee)):
        by.require("transfers.confirm", to)
    identity, phone = _numbers(comer)
    _check_comer(comer, at)
    holder = _refuse_member(identity)
    transfer = Transfer.objects.create(
        name=comer.name.strip(), direction="in", from_name=comer.from_name.strip()[:200], to_org=to, to_committee=committee,
        holder=committee, due_on=min(pace("committee", at), comer.expires_on), reason=check_reason(comer.reason),
        note=comer.note.strip()[:300], dues_until=check_month(comer.dues_until), state=KEYED, started_by=by.person,
        created_at=at or clock.now(), person=holder,
    )  # fmt: skip
    newcomer = Newcomer(
        transfer=transfer, kind=comer.kind, joined_on=comer.joined_on, formal_on=comer.formal_on,
        identity_masked=mask_identity(identity), phone_masked=mask_phone(phone) if phone else "",
    )  # fmt: skip
    newcomer.seal(identity, phone)
    try:
        with transaction.atomic():
            newcomer.save(force_insert=True)
            outside_letter(transfer, comer.serial, comer.issued_on, comer.expires_on)
    except IntegrityError:
        raise Refused(_("这份介绍信或者这个人已经录入过，正在办理。"), field="serial") from None
    facts.record(
        "transfer.keyed_in", by=by, at=at, person=None, org=to.pk, obj=ref(transfer),
        data={"serial": comer.serial, "expires_on": comer.expires_on.isoformat()},
    )  # fmt: skip
    tell_step(transfer, _("已录入您从市外带来的介绍信"), at=at)
    return transfer


def outside_letter(transfer: Transfer, serial: str, issued_on: dt.date, expires_on: dt.date) -> Letter:
    """The row of a letter that was written outside."""
    return Letter.objects.create(
        transfer=transfer, issuer_name=transfer.from_name, serial=serial.strip()[:120], issued_on=issued_on,
        days=max(0, (expires_on - issued_on).days), expires_on=expires_on,
    )  # fmt: skip


def _numbers(comer: Comer) -> tuple[str, str]:
    try:
        identity = str(check_identity_number(comer.identity, today=clock.today()))
    except ValueError as problem:
        raise Invalid(str(problem), field="identity") from None
    try:
        phone = str(check_phone(comer.phone)) if comer.phone.strip() else ""
    except ValueError as problem:
        raise Invalid(str(problem), field="phone") from None
    return identity, phone


def _check_comer(comer: Comer, at: dt.datetime | None) -> None:
    today = clock.today()
    if not comer.name.strip():
        raise Invalid(_("请填写姓名。"), field="name")
    if comer.kind not in dict(Membership.KINDS):
        raise Invalid(_("人员类别应为正式党员或预备党员。"), field="kind")
    if comer.kind == "formal" and comer.formal_on is None:
        raise Invalid(_("正式党员须填写转正日期。"), field="formal_on")
    if comer.joined_on > today or (comer.formal_on and comer.formal_on < comer.joined_on):
        raise Invalid(_("入党日期不能晚于今天，也不能晚于转正日期。"), field="joined_on")
    if len(comer.from_name.strip()) < 4:
        raise Invalid(_("请填写开具介绍信的党组织全称。"), field="from_name")
    if not comer.serial.strip():
        raise Invalid(_("请填写介绍信编号。"), field="serial")
    check_dates(comer.issued_on, comer.expires_on, at)


def check_dates(issued_on: dt.date, expires_on: dt.date, at: dt.datetime | None) -> None:
    """A letter from outside: written before today, and not expired when it is handed in (2.2.8)."""
    if issued_on > on(at) or expires_on < issued_on:
        raise Invalid(_("开具日期不能晚于今天，有效期不能早于开具日期。"), field="issued_on")
    if rules.expired(expires_on, on(at)):
        raise Invalid(
            _("介绍信已于 %(day)s 过期，请原党组织延期或者重开后再办。") % {"day": expires_on}, field="expires_on"
        )


def _refuse_member(identity: str) -> Person | None:
    """The person of ours with this number, who may be a resident or a former member; Refused if a member now or barred."""
    person = Person.objects.filter(identity_hash=keyed_hash(identity, context="person.identity")).first()
    if person is None:
        return None
    refuse_if_member(person)
    return person


def refuse_if_member(person: Person) -> None:
    """Refuse who is a member on the platform, or who left with a bar that still holds (2.2.4)."""
    if people.membership_of(person.pk) is not None:
        raise Refused(_("此人在本市已有组织关系，请由原支部办理市内转接。"), field="identity")
    barred = people.barred_until(person.pk)
    if barred and barred > clock.today():
        raise Refused(_("此人按规定在 %(day)s 之前不得重新入党，请核实。") % {"day": barred}, field="identity")


@transaction.atomic
def send_back(*, transfer: Transfer, answer: str, by: Actor, at: dt.datetime | None = None) -> Transfer:
    """Return it for correction with what is wrong; a letter that was on its way is void and a new one will be written."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    answer = words(answer, "answer")
    acting = transfer.holder
    branch = transfer.state in (ASKED, RECEIVED)
    back_to = transfer.to_org if transfer.direction == "in" else transfer.from_org
    step(
        transfer, "send_back_branch" if branch else "send_back", by=by, at=at, acting=acting, holder=back_to,
        due_on=pace("branch", at), answer=answer, data={"by_org": acting.pk if acting else None},
    )  # fmt: skip
    for letter in Letter.objects.filter(transfer=transfer, state="live").select_related("transfer"):
        void(letter, _("退回补正"), by=by, at=at, acting=acting)
    tell_step(transfer, _("组织关系转接退回补正：%(why)s") % {"why": answer}, at=at)
    return transfer


@transaction.atomic
def correct(
    *, transfer: Transfer, by: Actor, to: Organisation | None = None, outside: str = "", dues_until: str = "",
    note: str = "", serial: str = "", issued_on: dt.date | None = None, expires_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Transfer:  # fmt: skip
    """Hand a returned one in again with what was wrong put right: the destination, or the letter from outside."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    if transfer.state != RETURNED:
        raise Refused(_("只有退回补正的才能重新提交。"))
    if transfer.direction == "in":
        if not serial.strip() or issued_on is None or expires_on is None:
            raise Invalid(_("请填写介绍信的编号、开具日期和有效期。"), field="serial")
        check_dates(issued_on, expires_on, at)
        step(
            transfer, "correct_in", by=by, at=at, acting=transfer.to_org, holder=transfer.to_committee,
            due_on=min(pace("committee", at), expires_on), answer="", note=note.strip()[:300],
        )  # fmt: skip
        try:
            with transaction.atomic():
                outside_letter(transfer, serial, issued_on, expires_on)
        except IntegrityError:
            raise Refused(_("这份介绍信已经录入过，正在办理。"), field="serial") from None
    else:
        way = way_to(to, outside, may_go(people.membership_of(transfer.person_id)))
        step(
            transfer, "correct", by=by, at=at, acting=transfer.from_org, holder=transfer.from_committee,
            due_on=pace("committee", at), answer="", direction=way.direction, to_org=way.to_org, to_committee=way.to_committee,
            to_name=way.to_name, dues_until=check_month(dues_until), note=note.strip()[:300],
        )  # fmt: skip
    tell_step(transfer, _("已补正并重新提交"), at=at)
    return transfer


@transaction.atomic
def withdraw(*, transfer: Transfer, by: Actor, reason: str = "", at: dt.datetime | None = None) -> Transfer:
    """The member takes it back before the new branch has accepted; the relation stays where it is."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    if transfer.person_id is None or transfer.person_id != by.person or transfer.direction == "in":
        raise Forbidden(_("只有本人可以撤回；支部停止办理须写明理由。"))
    if not transfer.is_open:
        raise Refused(_("这件转接已经了结，不能撤回。"))
    _stop(transfer, "withdraw", transfer.from_org, reason.strip()[:200] or _("本人撤回"), by=by, at=at)
    return transfer


@transaction.atomic
def call_off(*, transfer: Transfer, by: Actor, reason: str, at: dt.datetime | None = None) -> Transfer:
    """The branch that started it stops it, with a reason; the member is told."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    acting = transfer.to_org if transfer.direction == "in" else transfer.from_org
    _stop(transfer, "call_off", acting, words(reason, "reason"), by=by, at=at)
    return transfer


def _stop(
    transfer: Transfer, move: str, acting: Organisation, reason: str, *, by: Actor, at: dt.datetime | None
) -> None:
    step(
        transfer,
        move,
        by=by,
        at=at,
        acting=acting,
        holder=None,
        due_on=None,
        answer=reason,
        finished_at=at or clock.now(),
    )
    end(transfer, reason, by=by, at=at, acting=acting)
    tell_step(transfer, _("组织关系转接已停止，组织关系仍在原支部"), reason, at=at)
