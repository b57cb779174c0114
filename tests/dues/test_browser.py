"""In a browser: a quarter's dues of a branch with one arrears case; one pays at the cashier, the rest in cash."""

import pytest

from gongjian.desks.dues import actions, rules
from gongjian.desks.dues.models import Charge, Movement, Payment
from gongjian.ground.kernel import clock as kernel_clock

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [1440, 390])
def test_a_quarter_with_one_arrears_case(city, cast, cashier, browser_page, shot, width):
    cashier.control(mute=False, repeat=2, shuffle=True)
    today, by = kernel_clock.today(), cast.secretary.actor
    months = [kernel_clock.month_of(kernel_clock.add_months(today.replace(day=1), -n)) for n in (2, 1, 0)]
    late, everyone = city.people["branch"][8], city.people["branch"]
    for person in everyone:
        for starts in {months[0], max(months[0], f"{today.year}-01")}:
            actions.assess(
                person=person.pk,
                org=city.branch,
                category="company",
                entered={"basic_wage": 480_000},
                starts=starts,
                by=by,
            )
    for month in months[:2]:
        payers = {person.pk: [month] for person in everyone if person != late}
        actions.collect(org=city.branch, wanted=payers, by=by, paid_on=min(today, kernel_clock.period_bounds(month)[1]))

    # the member pays at the cashier; the provider tells twice and out of order
    phone = browser_page(390, as_=cast.member)
    phone.route(f"{cashier.url}/**", lambda route: route.continue_())
    phone.goto("/dues/mine/")
    shot(phone, f"dues-mine-{width}")
    phone.click("button:has-text('网上交纳 ¥ 48.00')")
    phone.wait_for_selector("#to-cashier")
    shot(phone, f"dues-order-{width}")
    phone.click("#to-cashier")
    phone.click("text=模拟付款失败")
    phone.wait_for_selector("text=可以再试一次")
    phone.click("button.pay")
    phone.wait_for_selector("text=付款成功")
    shot(phone, f"dues-cashier-{width}")
    phone.click("text=返回商户")
    phone.click("text=我已付款，看结果") if phone.locator("text=我已付款，看结果").count() else None
    phone.wait_for_selector("text=已入账")
    shot(phone, f"dues-paid-{width}")

    # the secretary takes the rest on one screen
    page = browser_page(width, as_=cast.secretary)
    page.goto("/dues/")
    shot(page, f"dues-month-{width}")
    page.click("text=勾选全部未交")
    page.uncheck(f"[name=person][value='{late.pk}']")
    page.click("text=勾选的已收现金")
    page.wait_for_selector("text=已收 7 人")
    shot(page, f"dues-month-collected-{width}")
    assert Payment.objects.filter(months=[months[2]], reversed_at__isnull=True).count() == 8
    assert Payment.objects.filter(method="online").count() == 1
    page.click("button:has-text('撤销') >> nth=0")
    page.wait_for_selector("text=收据作废")
    page.click("button:has-text('收现金') >> nth=0")
    page.wait_for_selector("text=已收 1 人")

    # one owes three months: listed, understood, paid by his daughter
    page.goto(f"/dues/{city.branch.pk}/late/")
    assert late.name in page.inner_text("main")
    shot(page, f"dues-late-{width}")
    page.goto(f"/dues/{city.branch.pk}/people/{late.pk}/")
    for month in months:
        page.check(f"[name=months][value='{month}']")
    page.fill("[name=through]", "女儿")
    page.click("text=收勾选的月份")
    page.wait_for_selector("text=已收 144.00 元")
    shot(page, f"dues-member-{width}")
    assert not Charge.objects.filter(payment__isnull=True, month__lte=months[2]).exists()

    # handed over by the branch, confirmed by the committee
    page.goto(f"/dues/{city.branch.pk}/month/{months[2]}/")
    page.click("text=登记上缴")
    page.wait_for_selector("text=待确认")
    move = Movement.objects.get()
    assert move.amount == 27 * 4800
    assert move.cash == 26 * 4800
    above = browser_page(width, as_=cast.community)
    above.goto(f"/dues/movements/{move.pk}/")
    above.click("button:has-text('确认')")
    above.wait_for_selector("text=收据已经开好")
    shot(above, f"dues-movement-{width}")
    above.goto("/dues/")
    shot(above, f"dues-overview-{width}")
    page.goto(f"/dues/{city.branch.pk}/year/{today.year}/")
    shot(page, f"dues-year-{width}")
    page.goto(f"/dues/{city.branch.pk}/people/{cast.member.person.pk}/assess/?category=institution")
    page.fill("[name=part_position_wage]", "5200")
    page.fill("[name=part_insurance]", "610.50")
    page.click("text=先算一算")
    page.wait_for_selector("text=适用于整个基数")
    shot(page, f"dues-assess-{width}")
    assert rules.yuan(4590) == "45.90"
    assert "45.90" in page.inner_text("main")


def test_the_members_pages_without_scripts(assessed, city, cast, browser_page, shot):
    phone = browser_page(390, as_=cast.member, javascript=False)
    phone.goto("/dues/mine/income/?choose=1")
    shot(phone, "dues-categories-390")
    phone.click("text=事业单位工作人员")
    phone.fill("[name=part_position_wage]", "4000")
    phone.click("text=先算一算")
    phone.wait_for_selector("text=每月 40.00 元")
    shot(phone, "dues-income-390")
    phone.goto("/dues/mine/")
    phone.click("summary:has-text('申请按季度交')")
    phone.click("label:has-text('按季度交纳')")
    phone.fill("[name=reason]", "常年在外地")
    phone.click("text=送支部")
    phone.wait_for_selector("text=待同意")
    shot(phone, "dues-mine-late-390")
