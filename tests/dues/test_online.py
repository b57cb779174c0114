"""Money through the provider's real HTTP interface: told twice, told late, not told at all, another amount, killed between."""

import datetime as dt
import json

import pytest

from gongjian.desks.dues import actions, money
from gongjian.desks.dues.models import Charge, Payment
from gongjian.engines.payments import actions as payments
from gongjian.engines.payments import jobs, signing
from gongjian.engines.payments.models import BillCheck, Notification, Order
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden, NotFound, Refused
from gongjian.records.facts.models import Fact

pytestmark = pytest.mark.django_db
BASE = "http://testserver/"
NOTIFY = "/payments/notify/default/"


@pytest.fixture
def now(city, cast, cashier):
    """The real time: the cashier lives in it."""
    month = kernel_clock.month_of(kernel_clock.today())
    for person in city.people["branch"]:
        actions.assess(
            person=person.pk, org=city.branch, category="company", entered={"basic_wage": 300_000}, starts=month,
            by=cast.secretary.actor,
        )  # fmt: skip
    return month


def order(cast, months, **more) -> Order:
    return actions.order_dues(months=months, by=cast.member.actor, base_url=BASE, **more)


def notice(cashier, order, *, event="e1", kind="order.paid", amount=None, key=None) -> dict:
    body = json.dumps({
        "event": event, "kind": kind, "number": order.number, "amount": order.amount if amount is None else amount,
        "trade_no": order.trade_no, "at": kernel_clock.now().isoformat(),
    }).encode()  # fmt: skip
    headers = signing.headers(key or cashier.key, body)
    return {"data": body, "content_type": "application/json", "headers": headers}


def test_told_twice_and_out_of_order_posts_once(now, cast, city, cashier, client):
    made = order(cast, [now])
    assert (made.state, made.amount) == ("waiting", 1500)
    assert order(cast, [now]) == made
    assert client.post(NOTIFY, **notice(cashier, made, event="fail", kind="order.failed")).content == b"success"
    for event in ("e1", "e1", "e2"):
        assert client.post(NOTIFY, **notice(cashier, made, event=event)).content == b"success"
    client.post(NOTIFY, **notice(cashier, made, event="late", kind="order.failed"))
    made.refresh_from_db()
    assert (made.state, bool(made.taken_at), made.trouble) == ("paid", True, "")
    row = Payment.objects.get()
    assert (row.method, row.amount, row.months, row.order) == ("online", 1500, [now], made.number)
    assert money.balances_of(city.branch.pk)[money.ACCOUNT] == 1500
    assert Fact.objects.filter(kind="payment.received").count() == 1
    assert Notification.objects.get(event="e1").times == 2
    with pytest.raises(Refused):
        order(cast, [now])


def test_forged_and_mangled_notices(now, cast, cashier, client):
    made = order(cast, [now])
    assert client.post(NOTIFY, **notice(cashier, made, key="wrong")).status_code == 403
    old = notice(cashier, made)
    old["headers"] = signing.headers(cashier.key, old["data"], now=0)
    assert client.post(NOTIFY, **old).status_code == 403
    mangled = {**notice(cashier, made), "data": b"{}"}
    assert client.post(NOTIFY, **mangled).status_code == 403
    empty = {"data": b"[1]", "content_type": "application/json", "headers": signing.headers(cashier.key, b"[1]")}
    assert client.post(NOTIFY, **empty).status_code == 403
    assert client.post("/payments/notify/unknown/", **notice(cashier, made)).status_code == 404
    assert client.get(NOTIFY).status_code == 405
    made.refresh_from_db()
    assert made.state == "waiting"


def test_another_amount_is_never_posted(now, cast, city, cashier, client):
    made = order(cast, [now])
    client.post(NOTIFY, **notice(cashier, made, amount=1499))
    made.refresh_from_db()
    assert made.state == "disputed"
    assert not Payment.objects.exists()
    page = cast.secretary.client.get(f"/payments/orders/{made.number}/").content.decode()
    assert "14.99" in page
    assert "不一致" in cast.secretary.client.get("/payments/").content.decode()


def test_no_notice_at_all_the_job_finds_it(now, cast, city, cashier):
    made = order(cast, [now])
    assert "付款成功" in cashier.press(made.pay_url)
    assert jobs.settle() == 0  # it is given a moment first
    assert jobs.settle(now=kernel_clock.now() + dt.timedelta(minutes=2)) == 1
    made.refresh_from_db()
    assert made.taken_at
    assert Payment.objects.count() == 1
    assert jobs.settle(now=kernel_clock.now() + dt.timedelta(minutes=3)) == 0


def test_killed_between_the_payment_and_the_posting(now, cast, cashier, client, monkeypatch):
    made = order(cast, [now])

    def killed(order, **_more):
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(payments, "take", killed)
        with pytest.raises(SystemExit):
            payments.receive(
                config_name="default", headers=(sent := notice(cashier, made))["headers"], body=sent["data"]
            )
    made.refresh_from_db()
    assert (made.state, made.taken_at) == ("paid", None)
    assert not Payment.objects.exists()
    assert jobs.settle() == 1
    assert jobs.settle() == 0
    assert Payment.objects.count() == 1


def test_paid_in_cash_meanwhile_goes_back(now, cast, city, cashier, client):
    made = order(cast, [now])
    actions.collect(org=city.branch, wanted={cast.member.person.pk: [now]}, by=cast.secretary.actor)
    cashier.press(made.pay_url)
    client.post(NOTIFY, **notice(cashier, made))
    made.refresh_from_db()
    assert (made.state, made.taken_at) == ("paid", None)
    assert "退款" in made.trouble
    with pytest.raises(Forbidden):
        payments.refund_stray(order=made, reason="重复交纳", by=cast.member.actor)
    payments.refund_stray(order=made, reason="重复交纳", by=cast.secretary.actor)
    made.refresh_from_db()
    assert made.state == "refunding"
    assert jobs.settle() == 1
    made.refresh_from_db()
    assert made.state == "refunded"
    with pytest.raises(Refused):
        payments.refund_stray(order=made, reason="再退一次", by=cast.secretary.actor)
    assert Payment.objects.count() == 1


def test_reversing_an_online_payment_pays_it_back(now, cast, city, cashier, client):
    made = order(cast, [now])
    cashier.press(made.pay_url)
    client.post(NOTIFY, **notice(cashier, made))
    row = Payment.objects.get()
    actions.reverse(payment=row, reason="交错了月份", by=cast.secretary.actor)
    jobs.settle()
    made.refresh_from_db()
    assert made.state == "refunded"
    assert Charge.objects.get(person=cast.member.person, month=now).payment is None
    assert money.balances_of(city.branch.pk)[money.ACCOUNT] == 0
    again = order(cast, [now])
    assert again.pk != made.pk


def test_the_bill_of_the_day_repairs_and_tells(now, cast, cashier, client):
    made = order(cast, [now])
    cashier.press(made.pay_url)
    today = kernel_clock.today()
    jobs.check_bills(today)
    made.refresh_from_db()
    assert made.taken_at
    check = BillCheck.objects.get()
    assert check.repaired == 1
    assert not [one for one in check.differences if one["number"] == made.number]
    ghost = Order.objects.create(
        number="ghost", org=made.org, payer=made.payer, config="default", subject_kind="dues", subject_id="1", key="x",
        title="x", amount=5, created_at=kernel_clock.now(), expires_at=kernel_clock.now(), paid_at=kernel_clock.now(),
        state="paid",
    )  # fmt: skip
    jobs.check_bills(today)
    assert {"number": ghost.number, "what": "系统记为已付款，平台账单里没有"} in BillCheck.objects.get().differences


def test_closing_expiry_and_a_provider_that_is_away(now, cast, city, cashier, settings):
    made = order(cast, [now])
    assert payments.settle_one(made, give_up=True) == "closed"
    assert "订单已关闭" in cashier.press(made.pay_url)
    late = order(cast, [now])
    assert late.pk != made.pk
    jobs.settle(now=kernel_clock.now() + dt.timedelta(hours=1))
    late.refresh_from_db()
    assert late.state == "closed"
    settings.PAYMENTS = {"default": {**settings.PAYMENTS["default"], "url": "http://127.0.0.1:9"}}
    with pytest.raises(Refused, match="没有扣款"):
        order(cast, [now])
    waiting = Order.objects.get(state="created")
    assert payments.settle_one(waiting) == "created"
    settings.PAYMENTS = {}
    with pytest.raises(Refused, match="还没有开通"):
        order(cast, [now])


def test_quarter_needs_consent_and_others_see_nothing(now, cast, city, cashier):
    ahead = kernel_clock.next_period(now)
    inside = kernel_clock.quarter_of(kernel_clock.period_bounds(ahead)[0]) == kernel_clock.quarter_of(
        kernel_clock.today()
    )
    with pytest.raises(Refused, match="支部同意" if inside else "按年预交"):
        order(cast, [now, ahead])
    if inside:
        asked = actions.ask_consent(kind="quarter", reason="常年出差", by=cast.member.actor)
        actions.answer_consent(consent=asked, agree=True, by=cast.secretary.actor)
        assert order(cast, [now, ahead]).amount == 3000
    made = order(cast, [now])
    for outsider in (cast.outsider, cast.neighbour, cast.resident, cast.colleague):
        assert outsider.client.get(f"/payments/orders/{made.number}/").status_code == 404
        assert outsider.client.post(f"/payments/orders/{made.number}/close/").status_code == 404
    with pytest.raises(NotFound):
        payments.config.provider_of("nobody")


def test_giving_online(now, cast, city, cashier, client):
    made = actions.order_gift(amount=150_000, by=cast.member.actor, base_url=BASE)
    client.post(NOTIFY, **notice(cashier, made))
    assert Payment.objects.get().kind == "large"
    assert money.balances_of(city.branch.pk)[money.LARGE] == 150_000
