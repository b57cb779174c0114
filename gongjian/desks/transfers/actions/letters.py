"""The letter: write it, write it anew when it is lost, extend it, enter the receipt from outside."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.numbers import next_number
from gongjian.desks.transfers.actions.staying import end_stays
from gongjian.desks.transfers.actions.steps import on as on_day
from gongjian.desks.transfers.actions.steps import pace, ref, step, tell_step, void, words
from gongjian.desks.transfers.models import Letter, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import ISSUED
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.policy.calendar import next_working_day
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people


def check_days(days: int | None, direction: str, accept: bool, beyond: int = 0) -> int:
    """Days of validity, the usual ones if none are given; too many are refused, or need a second look (2.2.8)."""
    validity = policy.current().transfers.validity
    days = rules.usual_days(direction, validity) if days is None else days
    if days < 1:
        raise Invalid(_("有效期至少一天。"), field="days")
    finding = rules.check_days(days + beyond, validity)
    if finding and (finding.blocks or not accept):
        more = "" if finding.blocks else _("确有需要的，勾选“仍按此天数”再办。")
        raise Invalid(finding.text + more, field="days")
    return days


def write(
    transfer: Transfer, days: int, *, by: Actor, at: dt.datetime | None, replaces: Letter | None = None
) -> Letter:
    """A new letter with the next number of its committee."""
    today, issuer = on_day(at), transfer.from_committee
    number = next_number(issuer, today.year)
    prefix = issuer.short_name or issuer.name
    return Letter.objects.create(
        transfer=transfer, issuer=issuer, year=today.year, number=number, replaces=replaces, days=days, issued_on=today,
        serial=rules.serial_text(prefix, today.year, number), issued_by=by.person,
        expires_on=rules.last_day(today, days, policy.current().transfers.validity, next_working_day),
    )  # fmt: skip


@transaction.atomic
def issue(
    *, transfer: Transfer, by: Actor, days: int | None = None, accept: bool = False, to: Organisation | None = None,
    at: dt.datetime | None = None,
) -> Transfer:  # fmt: skip
    """The old committee writes the letter (2.2.9), or where both branches are its own passes the member on without one.

    `days` is the validity (the pack's usual days if None), `accept` overrules the warning above the cap. Raises Invalid
    for too many days, Refused if somebody was faster.
    """
    transfer = moving.get_for(by, transfer.pk, lock=True)
    same = transfer.to_committee_id is not None and transfer.to_committee_id == transfer.from_committee_id
    if same and not policy.current().transfers.committees.letter_within:
        branch = transfer.to_org or to
        if branch is None or moving.committee_of(branch) != transfer.from_committee:
            raise Invalid(_("请选择安排到哪个支部。"), field="to")
        step(
            transfer, "pass_on", by=by, at=at, acting=transfer.from_committee, holder=branch, due_on=pace("branch", at),
            to_org=branch, data={"to": branch.pk},
        )  # fmt: skip
        tell_step(transfer, _("党委已同意，由“%(org)s”接收") % {"org": branch.name}, at=at)
        return transfer
    days = check_days(days, transfer.direction, accept)
    by.require("transfers.issue", transfer.from_committee)
    if transfer.state == "agreed":
        letter = write(transfer, days, by=by, at=at)
        due = letter.expires_on
    else:
        letter, due = None, None
    holder = transfer.from_committee if transfer.direction == "out" else transfer.to_committee
    step(
        transfer, "issue", by=by, at=at, acting=transfer.from_committee, holder=holder, due_on=due,
        data={"serial": letter.serial if letter else "", "days": days, "expires_on": due.isoformat() if due else ""},
    )  # fmt: skip
    told = _("介绍信已开出，编号 %(serial)s，有效期至 %(day)s") % {"serial": letter.serial, "day": due}
    tell_step(transfer, told, at=at)
    return transfer


def _live(transfer: Transfer) -> Letter:
    letter = (
        Letter.objects.select_for_update(of=("self",)).select_related("transfer").filter(
            transfer=transfer, state="live", issuer__isnull=False
        ).first()
    )  # fmt: skip
    if letter is None:
        raise Refused(_("没有正在使用的介绍信。"))
    return letter


@transaction.atomic
def reissue(
    *, transfer: Transfer, by: Actor, reason: str, days: int | None = None, accept: bool = False,
    at: dt.datetime | None = None,
) -> Letter:  # fmt: skip
    """A letter that was lost (or is spoilt or expired): the old one is void, the new one has a new number and the reason."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    by.require("transfers.issue", transfer.from_committee)
    reason = words(reason, "reason")[:200]
    days = check_days(days, transfer.direction, accept)
    old = _live(transfer)
    void(old, reason, by=by, at=at, acting=transfer.from_committee)
    letter = write(transfer, days, by=by, at=at, replaces=old)
    touch(transfer, (ISSUED,), due_on=letter.expires_on)
    facts.record(
        "letter.reissued", by=by, at=at, person=transfer.person_id, org=transfer.from_committee_id, obj=ref(transfer),
        data={"old": old.serial, "new": letter.serial, "reason": reason, "expires_on": letter.expires_on.isoformat()},
    )  # fmt: skip
    told = _("原介绍信已作废，新编号 %(serial)s，有效期至 %(day)s") % {
        "serial": letter.serial,
        "day": letter.expires_on,
    }
    tell_step(transfer, told, at=at)
    return letter


@transaction.atomic
def extend(
    *, transfer: Transfer, by: Actor, days: int, reason: str, accept: bool = False, at: dt.datetime | None = None
) -> Letter:
    """Extend a letter by days from today, with the reason (2.2.8); all its days together are held against the cap."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    by.require("transfers.issue", transfer.from_committee)
    reason = words(reason, "reason")[:200]
    letter, today = _live(transfer), on_day(at)
    check_days(days, transfer.direction, accept, beyond=(today - letter.issued_on).days)
    last = rules.last_day(today, days, policy.current().transfers.validity, next_working_day)
    if last <= letter.expires_on:
        raise Invalid(_("新的有效期没有晚于原来的 %(day)s。") % {"day": letter.expires_on}, field="days")
    before = letter.expires_on
    Letter.objects.filter(pk=letter.pk).update(
        expires_on=last, days=(last - letter.issued_on).days, extended=F("extended") + 1
    )
    touch(transfer, (ISSUED, "received"), due_on=last)
    facts.record(
        "letter.extended", by=by, at=at, person=transfer.person_id, org=transfer.from_committee_id, obj=ref(transfer),
        data={"serial": letter.serial, "before": before.isoformat(), "after": last.isoformat(), "reason": reason},
    )  # fmt: skip
    letter.refresh_from_db()
    tell_step(transfer, _("介绍信已延期至 %(day)s") % {"day": last}, at=at)
    return letter


@transaction.atomic
def remind(*, transfer: Transfer, by: Actor, on: dt.date, at: dt.datetime | None = None) -> None:
    """Record that somebody of the old branch talked with the member about a late letter; no more than the day is kept."""
    transfer = moving.get_for(by, transfer.pk)
    if not transfer.is_open:
        raise Refused(_("这件转接已经了结。"))
    if not by.may_at("transfers.confirm", transfer.from_org):
        by.require("transfers.issue", transfer.from_committee)
    if on > clock.today():
        raise Invalid(_("日期不能晚于今天。"), field="on")
    facts.record(
        "transfer.reminded", by=by, at=at or clock.now(), person=transfer.person_id, org=transfer.from_org_id,
        obj=ref(transfer), data={"on": on.isoformat()}, source=f"transfer:{transfer.pk}:reminded:{on}",
    )  # fmt: skip


@transaction.atomic
def complete(*, transfer: Transfer, by: Actor, on: dt.date, receipt_by: str, at: dt.datetime | None = None) -> Transfer:
    """Enter the receipt that came back from outside the city: only now the membership ends here (2.2.7)."""
    transfer = moving.get_for(by, transfer.pk, lock=True)
    by.require("transfers.issue", transfer.from_committee)
    if transfer.direction != "out":
        raise Refused(_("市内转接由转入支部接收，不登记外来回执。"))
    letter = _live(transfer) if transfer.state == ISSUED else None
    if letter and not letter.issued_on <= on <= clock.today():
        raise Invalid(_("回执日期应在 %(day)s 开信之后、今天之前。") % {"day": letter.issued_on}, field="on")
    receipt_by = words(receipt_by, "receipt_by", 4)[:200]
    step(
        transfer, "complete", by=by, at=at, acting=transfer.from_committee, holder=None, due_on=None,
        finished_at=at or clock.now(), data={"serial": letter.serial if letter else "", "on": on.isoformat()},
    )  # fmt: skip
    Letter.objects.filter(pk=letter.pk).update(state="used", receipt_on=on, receipt_by=receipt_by)
    people.leave(
        person=transfer.person, by=by, on=on, kind="transferred", at=at,
        reason=_("转出至%(place)s，介绍信%(serial)s") % {"place": receipt_by, "serial": letter.serial},
    )  # fmt: skip
    end_stays(transfer.person_id, by=by, on=on)
    tell_step(transfer, _("已收到回执，组织关系转接办结"), at=at)
    return transfer
