"""上缴、下拨、支出: entered by one person, confirmed by another; only the confirmation moves money, from what is there."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.dues import money, queries, rules
from gongjian.desks.dues.models import Movement, Payment
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


def ref(row: Movement) -> Ref:
    """The movement as an object of facts."""
    return Ref.of("dues_movement", row.pk)


def _tell_entered(row: Movement, *, by: Actor, at: dt.datetime) -> None:
    facts.record(
        "dues.entered", by=by, at=at, org=row.org_id, obj=ref(row), quantity=row.amount,
        data={"kind": row.kind, "on": row.on.isoformat(), "use": row.use}, source=f"dues:movement:{row.pk}:entered",
    )  # fmt: skip


@transaction.atomic
def hand_over(
    *, org: Organisation, by: Actor, large: bool = False, on: dt.date | None = None, note: str = "",
    at: dt.datetime | None = None,
) -> Movement:  # fmt: skip
    """The branch hands what it has collected to the committee above (上缴): the pack's share of all that is not yet listed.

    Large dues go apart, whole (DOMAIN 3.3.2). The payments are listed; they cannot be reversed while they are.
    """
    by.require("dues.remit", org)
    moment = at or clock.now()
    if org.parent_id is None:
        raise Refused(_("没有上级组织可以上缴。"))
    payments = Payment.objects.select_for_update().filter(org=org, reversed_at__isnull=True, remitted__isnull=True)
    rows = list((payments.filter(kind="large") if large else payments.exclude(kind="large")).order_by("pk"))
    total, cash = sum(row.amount for row in rows), sum(row.amount for row in rows if row.method == "cash")
    amount = total if large else rules.share(total, queries.dues_on().remitting.upward_percent)
    if not amount:
        raise Refused(_("没有可以上缴的党费。"))
    row = Movement.objects.create(
        kind="large" if large else "remit", org=org, to_id=org.parent_id, amount=amount, cash=min(cash, amount),
        note=note.strip()[:200], on=on or clock.day_of(moment), entered_by=by.person, entered_at=moment,
    )  # fmt: skip
    Payment.objects.filter(pk__in=[one.pk for one in rows]).update(remitted=row)
    _tell_entered(row, by=by, at=moment)
    return row


@transaction.atomic
def enter_movement(
    *, kind: str, org: Organisation, amount: int, by: Actor, to: Organisation | None = None, use: str = "", note: str = "",
    on: dt.date | None = None, at: dt.datetime | None = None,
) -> Movement:  # fmt: skip
    """A committee's accountant enters what goes upward (remit, large), is returned to one below (return) or spent (spend)."""
    by.require("dues.remit", org)
    moment = at or clock.now()
    if kind not in dict(Movement.KINDS):
        raise Invalid(_("没有这种往来。"), field="kind")
    if amount <= 0:
        raise Invalid(_("金额应大于零。"), field="amount")
    if kind == "spend":
        if use not in queries.dues_on().uses.ids():
            raise Invalid(_("党费只能用于规定的用途，请选择。"), field="use")
        if len(note.strip()) < 2:
            raise Invalid(_("请写明用在哪里。"), field="note")
        to = None
    elif kind == "return":
        if to is None or to.parent_id != org.pk:
            raise Invalid(_("只能下拨给直接下级组织。"), field="to")
    else:
        to = org.parent
        if to is None:
            raise Refused(_("没有上级组织可以上缴。"))
    purpose = money.LARGE if kind == "large" else money.ACCOUNT
    if amount > money.balances_of(org.pk)[purpose]:
        raise Invalid(_("账上没有这么多。"), field="amount")
    day = on or clock.day_of(moment)
    if day > clock.day_of(moment):
        raise Invalid(_("日期不能晚于今天。"), field="on")
    row = Movement.objects.create(
        kind=kind, org=org, to=to, amount=amount, use=use if kind == "spend" else "", note=note.strip()[:200], on=day,
        entered_by=by.person, entered_at=moment,
    )  # fmt: skip
    _tell_entered(row, by=by, at=moment)
    return row


def confirming(row: Movement) -> Organisation:
    """Who confirms: the committee that receives what comes from below; otherwise the organisation whose money it is."""
    return row.to if row.kind in ("remit", "large") and row.to is not None else row.org


@transaction.atomic
def confirm_movement(*, movement: Movement, by: Actor, at: dt.datetime | None = None) -> Movement:
    """Another person confirms (确认): the money moves in the ledger, and a receipt is given by who receives it."""
    by.require("dues.confirm", confirming(movement))
    moment = at or clock.now()
    two = queries.dues_on().remitting.two_persons
    if two and by.person is not None and by.person == movement.entered_by:
        raise Refused(_("登记的人不能自己确认：会计与出纳分设，请由另一人确认。"))
    Organisation.objects.select_for_update(of=("self",)).get(pk=movement.org_id)  # one at a time takes from an account
    year, number = None, None
    if movement.to_id:
        year = movement.on.year
        number = money.take_numbers(movement.to_id, year, 1)
    done = Movement.objects.filter(pk=movement.pk, state="entered").update(
        state="confirmed", confirmed_by=by.person, confirmed_at=moment, receipt_year=year, receipt_no=number
    )
    if not done:
        raise Refused(_("这笔往来已经确认或者撤回。"))
    fact = facts.record(
        "dues.confirmed", by=by, at=moment, org=movement.org_id, obj=ref(movement), quantity=movement.amount,
        data={"kind": movement.kind, "on": movement.on.isoformat(), "use": movement.use,
              "receipt": rules.serial(year, number) if year else ""},
        source=f"dues:movement:{movement.pk}:confirmed",
    )  # fmt: skip
    Movement.objects.filter(pk=movement.pk).update(fact=fact.pk)
    balances = money.balances_of(movement.org_id)
    flows = _flows(movement, moment, fact.pk)
    for purpose in (money.CASH, money.ACCOUNT, money.LARGE):
        taken = sum(flow.amount for flow in flows if flow.frm == money.held(movement.org_id, purpose))
        if taken > balances[purpose]:
            raise Refused(_("账上没有这么多，不能确认。"))
    money.post(flows)
    movement.refresh_from_db()
    return movement


def _flows(row: Movement, at: dt.datetime, fact: int) -> list[money.Flow]:
    if row.kind == "spend":
        return [
            money.Flow(
                money.held(row.org_id, money.ACCOUNT), money.spent(row.org_id, row.use), row.amount, at, fact, "spend"
            )
        ]
    if row.kind == "large":
        return [
            money.Flow(
                money.held(row.org_id, money.LARGE), money.held(row.to_id, money.LARGE), row.amount, at, fact, "large"
            )
        ]
    into = money.held(row.to_id, money.ACCOUNT)
    return [
        money.Flow(money.held(row.org_id, money.CASH), into, row.cash, at, fact, f"{row.kind}_cash"),
        money.Flow(money.held(row.org_id, money.ACCOUNT), into, row.amount - row.cash, at, fact, row.kind),
    ]


@transaction.atomic
def undo_movement(*, movement: Movement, reason: str, by: Actor, at: dt.datetime | None = None) -> Movement:
    """Withdraw before the confirmation (whoever may enter), or reverse after it (whoever may confirm); nothing is edited."""
    moment = at or clock.now()
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    Organisation.objects.select_for_update(of=("self",)).get(pk=movement.to_id or movement.org_id)
    if movement.state == "entered":
        if not by.may_at("dues.confirm", confirming(movement)):
            by.require("dues.remit", movement.org)
        state = "withdrawn"
    else:
        by.require("dues.confirm", confirming(movement))
        state = "reversed"
    frm = {"withdrawn": "entered", "reversed": "confirmed"}[state]
    done = Movement.objects.filter(pk=movement.pk, state=frm).update(state=state, undo_reason=reason.strip()[:200])
    if not done:
        raise Refused(_("这笔往来已经撤回，或者刚刚有人改动过。"))
    fact = facts.record(
        "dues.withdrawn", by=by, at=moment, org=movement.org_id, obj=ref(movement), quantity=movement.amount,
        corrects=movement.fact, data={"kind": movement.kind, "reason": reason.strip()[:200]},
        source=f"dues:movement:{movement.pk}:{state}",
    )  # fmt: skip
    if state == "reversed":
        if movement.to_id:
            purpose = money.LARGE if movement.kind == "large" else money.ACCOUNT
            if movement.amount > money.balances_of(movement.to_id)[purpose]:
                raise Refused(_("收到的组织已经把这笔钱上缴、下拨或者支出，不能冲正。"))
        money.take_back(movement.fact, cause=fact.pk, at=moment)
    Payment.objects.filter(remitted=movement).update(remitted=None)
    movement.refresh_from_db()
    return movement
