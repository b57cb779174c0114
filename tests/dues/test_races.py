"""Several at once, on real connections: one pays, receipts have no hole and no double, one confirms."""

import pytest

from gongjian.desks.dues import actions, money
from gongjian.desks.dues.models import Charge, Movement, Payment
from gongjian.engines.payments import actions as payments
from gongjian.engines.payments.models import Order
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Refused
from gongjian.records.facts.models import Fact
from tests.activities.test_races import at_once
from tests.dues.test_online import notice, order

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_same_branch_collected_by_four_at_once(assessed, city, cast):
    by, people = cast.secretary.actor, [person.pk for person in assessed]
    wanted = {person: ["2026-11"] for person in people}
    answers = at_once([lambda: actions.collect(org=city.branch, wanted=wanted, by=by)] * 4)
    done = [row for answer in answers if not isinstance(answer, Refused) for row in answer]
    assert len(done) == 9
    assert Payment.objects.count() == 9
    assert sorted(Payment.objects.values_list("receipt_no", flat=True)) == list(range(1, 10))
    assert money.balances_of(city.branch.pk)[money.CASH] == 16_000


def test_receipts_of_many_hands_have_no_hole(assessed, city, cast):
    by = cast.secretary.actor
    deeds = [
        lambda p=person: actions.collect(org=city.branch, wanted={p.pk: ["2026-11"]}, by=by) for person in assessed
    ]
    at_once(deeds)
    assert sorted(Payment.objects.values_list("receipt_no", flat=True)) == list(range(1, 10))


def test_undone_by_two_and_confirmed_by_two(assessed, city, cast):
    by = cast.secretary.actor
    row = actions.collect(org=city.branch, wanted={assessed[1].pk: ["2026-11"]}, by=by)[0]
    answers = at_once([lambda: actions.reverse(payment=Payment.objects.get(pk=row.pk), reason="登记有误", by=by)] * 3)
    assert sum(isinstance(answer, Refused) for answer in answers) == 2
    assert money.balances_of(city.branch.pk)[money.CASH] == 0
    actions.collect(org=city.branch, wanted={assessed[2].pk: ["2026-11"]}, by=by)
    handed = at_once([lambda: actions.hand_over(org=city.branch, by=by)] * 3)
    assert sum(isinstance(answer, Refused) for answer in handed) == 2
    move = Movement.objects.get()
    above = cast.community.actor
    confirmed = at_once([lambda: actions.confirm_movement(movement=Movement.objects.get(pk=move.pk), by=above)] * 3)
    assert sum(isinstance(answer, Refused) for answer in confirmed) == 2
    assert money.balances_of(city.community.pk)[money.ACCOUNT] == 1500


def test_a_notice_on_four_connections_and_cash_at_the_same_time(city, cast, cashier):
    month = kernel_clock.month_of(kernel_clock.today())
    actions.assess(
        person=cast.member.person.pk, org=city.branch, category="company", entered={"basic_wage": 300_000}, starts=month,
        by=cast.secretary.actor,
    )  # fmt: skip
    made = order(cast, [month])
    by = cast.secretary.actor
    sent = [notice(cashier, made, event=f"e{n % 2}") for n in range(4)]
    deeds = [
        lambda one=one: payments.receive(config_name="default", headers=one["headers"], body=one["data"])
        for one in sent
    ]
    deeds.append(lambda: actions.collect(org=city.branch, wanted={cast.member.person.pk: [month]}, by=by))
    at_once(deeds)
    assert Payment.objects.count() == 1
    assert Charge.objects.get().payment == Payment.objects.get()
    assert Fact.objects.filter(kind="payment.received").count() == 1
    made = Order.objects.get()
    assert made.state == "paid"
    assert (Payment.objects.get().method == "online") == bool(made.taken_at)
    assert bool(made.trouble) != bool(made.taken_at)
