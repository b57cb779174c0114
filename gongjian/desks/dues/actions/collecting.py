"""收缴: money comes in, is receipted and posted; what was entered wrongly is taken back by a reversal, never edited."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.dues import money, queries, rules
from gongjian.desks.dues.actions.charging import charge_month
from gongjian.desks.dues.models import Charge, Consent, Payment
from gongjian.engines.payments import actions as payments
from gongjian.engines.payments.models import Order
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation

METHODS = ("cash", "transfer")
MOST_GIFT = 100_000_000_00


class Draft(NamedTuple):
    """一笔交纳: who pays which charges (or gives freely), how."""

    person: int
    charges: tuple[Charge, ...]
    amount: int
    kind: str = "dues"
    through: str = ""
    order: str | None = None


def enter(
    org: Organisation, drafts: Sequence[Draft], *, method: str, paid_on: dt.date, by: Actor, at: dt.datetime
) -> list[Payment]:
    """Write payments with receipts, postings and facts, set-wise; the charges are held by the caller."""
    if not drafts:
        return []
    year = paid_on.year
    number = money.take_numbers(org.pk, year, len(drafts))
    rows = Payment.objects.bulk_create(
        Payment(
            org=org, person_id=draft.person, kind=draft.kind, method=method, amount=draft.amount,
            months=[charge.month for charge in draft.charges], through=draft.through[:60], paid_on=paid_on,
            recorded_by=by.person, recorded_at=at, receipt_year=year, receipt_no=number + place, order=draft.order,
        )
        for place, draft in enumerate(drafts)
    )  # fmt: skip
    happened = at if clock.day_of(at) == paid_on else clock.at_time(paid_on, 12)
    told = []
    for row, draft in zip(rows, drafts, strict=True):
        if draft.charges:
            taken = Charge.objects.filter(pk__in=[c.pk for c in draft.charges], payment__isnull=True).update(
                payment=row
            )
            if taken < len(draft.charges):
                raise Refused(_("有的月份刚刚已经收讫，请刷新页面后再试。"))
        timely = bool(draft.charges) and all(rules.on_time(charge.month, paid_on) for charge in draft.charges)
        told.append({
            "kind": "dues.large_paid" if draft.kind == "large" else "dues.paid", "at": happened, "recorded_at": at,
            "person": row.person_id, "org": org.pk, "obj": Ref.of("dues_payment", row.pk), "quantity": len(draft.charges),
            "source": f"dues:paid:{row.pk}",
            "data": {"months": row.months, "method": method, "receipt": rules.serial(row.receipt_year, row.receipt_no),
                     "kind": draft.kind, "timing": "on_time" if timely else "late" if draft.charges else "voluntary"},
        })  # fmt: skip
    facts.record_many(told, by=by)
    known = dict(Fact.objects.filter(source__in=[one["source"] for one in told]).values_list("source", "pk"))
    for row in rows:
        row.fact = known[f"dues:paid:{row.pk}"]
    Payment.objects.bulk_update(rows, ["fact"], batch_size=200)
    money.post(
        money.Flow(
            money.member(row.person_id), money.held(org.pk, money.place_of(row.kind, method)), row.amount, happened,
            row.fact, row.kind,
        )
        for row in rows
    )  # fmt: skip
    return rows


def hold_charges(org: int, wanted: Mapping[int, Sequence[str]]) -> dict[int, list[Charge]]:
    """The unpaid charges of these persons and months at a branch, locked, by person and oldest first."""
    months = sorted({month for its in wanted.values() for month in its})
    rows = Charge.objects.select_for_update().filter(
        org=org, person__in=wanted, month__in=months, payment__isnull=True, amount__gt=0
    ).order_by("pk")  # fmt: skip
    found: dict[int, list[Charge]] = defaultdict(list)
    for row in rows:
        if row.month in wanted[row.person_id]:
            found[row.person_id].append(row)
    for its in found.values():
        its.sort(key=lambda row: row.month)
    return found


@transaction.atomic
def collect(
    *, org: Organisation, wanted: Mapping[int, Sequence[str]], by: Actor, method: str = "cash",
    paid_on: dt.date | None = None, through: str = "", at: dt.datetime | None = None,
) -> list[Payment]:  # fmt: skip
    """The branch has received dues (已收): person → months. One receipt a person; what is paid already is left alone.

    Months ahead are charged as needed, at most as far as the pack allows (a quarter); collecting them here is the
    branch's consent. `through`: who brought the money. Returns the new payments. Raises Refused, Invalid.
    """
    by.require("dues.collect", org)
    moment = at or clock.now()
    today, day = clock.day_of(moment), paid_on or clock.day_of(moment)
    dues = queries.dues_on(today)
    if method not in METHODS:
        raise Invalid(_("请选择现金或者转账；网上交纳由党员本人办理。"), field="method")
    if day > today or day < dt.date(today.year - 1, 1, 1):
        raise Invalid(_("交纳日期应在去年一月一日到今天之间。"), field="paid_on")
    through = through.strip()
    if through and len(wanted) != 1:
        raise Invalid(_("代交请一人一笔登记。"), field="through")
    limit, this_month = rules.ahead_until(today, dues.paying.ahead), clock.month_of(today)
    ahead = sorted({month for months in wanted.values() for month in months if month > this_month})
    if ahead and ahead[-1] > limit:
        raise Refused(_("党费最多交到 %(limit)s：没有规定可以按年预交。") % {"limit": limit}, field="months")
    for month in ahead:
        charge_month(month, people=[person for person, months in wanted.items() if month in months], by=by, at=moment)
    held = hold_charges(org.pk, wanted)
    drafts = [
        Draft(person, tuple(rows), sum(row.amount for row in rows), through=through) for person, rows in sorted(held.items())
    ]  # fmt: skip
    for kind, needed in (("quarter", bool(ahead)), ("other", bool(through))):
        if needed:
            _note_consents(org, [draft.person for draft in drafts], kind, through, this_month, limit, by=by, at=moment)
    return enter(org, drafts, method=method, paid_on=day, by=by, at=moment)


def _note_consents(
    org: Organisation,
    people: Sequence[int],
    kind: str,
    through: str,
    starts: str,
    ends: str,
    *,
    by: Actor,
    at: dt.datetime,
) -> None:
    """Collecting a quarter, or from somebody else, is the branch's consent: it is written down where it was not yet."""
    have = set(
        Consent.objects.filter(person__in=people, kind=kind, state="given", starts__lte=starts, ends__gte=starts)
        .values_list("person", flat=True)
    )  # fmt: skip
    for person in people:
        if person in have:
            continue
        row, new = Consent.objects.get_or_create(
            person_id=person, kind=kind, starts=starts, state="given",
            defaults={"org": org, "ends": max(starts, ends), "through": through[:60], "given_by": by.person, "asked_at": at,
                      "reason": _("收缴时同意")},
        )  # fmt: skip
        if new:
            tell_consent(row, by=by, at=at)


def tell_consent(row: Consent, *, by: Actor, at: dt.datetime | None) -> None:
    """The fact that the branch has agreed."""
    facts.record(
        "dues.consented", by=by, at=at, person=row.person_id, org=row.org_id, obj=Ref.of("dues_consent", row.pk),
        data={"kind": row.kind, "from": row.starts, "until": row.ends}, source=f"dues:consented:{row.pk}",
    )  # fmt: skip


@transaction.atomic
def give(
    *, org: Organisation, person: int, amount: int, by: Actor, method: str = "cash", paid_on: dt.date | None = None,
    at: dt.datetime | None = None,
) -> Payment:  # fmt: skip
    """A member gives more than is due (自愿多交), in fen; from the pack's bound on it is 大额党费 and passed on whole."""
    by.require("dues.collect", org)
    moment = at or clock.now()
    day = paid_on or clock.day_of(moment)
    queries.member_of(org, person)
    if method not in METHODS:
        raise Invalid(_("请选择现金或者转账；网上交纳由党员本人办理。"), field="method")
    if not 0 < amount <= MOST_GIFT:
        raise Invalid(_("金额不对，请核对。"), field="amount")
    if day > clock.day_of(moment):
        raise Invalid(_("交纳日期不能晚于今天。"), field="paid_on")
    kind = "large" if rules.is_large(amount, queries.dues_on(day)) else "voluntary"
    return enter(org, [Draft(person, (), amount, kind)], method=method, paid_on=day, by=by, at=moment)[0]


@transaction.atomic
def reverse(*, payment: Payment, reason: str, by: Actor, at: dt.datetime | None = None) -> Payment:
    """Take a payment back (冲正): the receipt is void, the months are owed again, online money goes back the way it came."""
    by.require("dues.collect", payment.org)
    moment = at or clock.now()
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    done = Payment.objects.filter(pk=payment.pk, reversed_at__isnull=True, remitted__isnull=True).update(
        reversed_at=moment, reversed_by=by.person, reverse_reason=reason.strip()[:200]
    )
    if not done:
        payment.refresh_from_db()
        if payment.reversed_at:
            raise Refused(_("这张收据已经作废。"))
        raise Refused(_("这笔钱已经列入上缴，请先撤回那次上缴。"))
    Charge.objects.filter(payment=payment).update(payment=None)
    fact = facts.record(
        "dues.refunded", by=by, at=moment, person=payment.person_id, org=payment.org_id, quantity=len(payment.months),
        obj=Ref.of("dues_payment", payment.pk), corrects=payment.fact, source=f"dues:refunded:{payment.pk}",
        data={"months": payment.months, "receipt": rules.serial(payment.receipt_year, payment.receipt_no),
              "reason": reason.strip()[:200]},
    )  # fmt: skip
    money.take_back(payment.fact, cause=fact.pk, at=moment)
    if payment.order:
        order = Order.objects.select_related("org").get(number=payment.order)
        payments.ask_refund(order=order, reason=reason, by=by, at=moment)
    payment.refresh_from_db()
    return payment
