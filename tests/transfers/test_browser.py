"""In a browser: a transfer between two districts with a lost letter, followed on the phone; refused without cause is
refused; two secretaries confirm at once."""

import pytest

from gongjian.desks.transfers.models import Letter, Transfer
from gongjian.records.people.queries import membership_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_between_two_districts_with_a_lost_letter(city, cast, far, browser_page, shot):
    phone = browser_page(390, as_=cast.member)
    phone.goto("/transfers/mine/")
    shot(phone, "transfers-mine-empty-390")
    phone.click("text=申请转接")
    phone.fill("[name=to]", f"{city.other_branch.code} {city.other_branch.name}")
    phone.click("label:has-text('经常居住地变动')")
    shot(phone, "transfers-ask-390")
    phone.click("button:has-text('提交申请')")
    phone.wait_for_selector("text=已申请，待支部确认")
    shot(phone, "transfers-detail-asked-390")
    here = f"/transfers/{Transfer.objects.get().pk}/"

    desk = browser_page(1440, as_=cast.secretary)
    desk.goto("/transfers/?tab=todo")
    shot(desk, "transfers-todo-1440")
    desk.click("text=张伟")
    desk.click("text=确认转出")
    desk.click("button:has-text('确认转出')")
    desk.wait_for_selector("text=支部已确认")

    office = browser_page(1440, as_=cast.street)
    office.goto(here + "do/issue/")
    shot(office, "transfers-issue-1440")
    office.click("button:has-text('开介绍信')")
    office.wait_for_selector("text=第0001号")
    phone.goto("/transfers/mine/")
    assert "渡口街道大工委" in phone.locator("main").inner_text()  # who has it, until when, whom to call
    shot(phone, "transfers-mine-issued-390")
    # the member loses the letter on the way
    office.click("text=遗失重开")
    office.fill("[name=reason]", "本人遗失")
    office.click("button:has-text('遗失重开')")
    office.wait_for_selector("text=第0002号")
    assert "已作废" in office.locator("main").inner_text()
    shot(office, "transfers-detail-reissued-1440")

    # the other side may not refuse without cause
    other = browser_page(1440, as_=far.street)
    other.goto(here + "do/refuse/")
    other.fill("[name=answer]", "我们人手紧张")
    other.click("button:has-text('不予接收')")
    other.wait_for_selector("text=不得无故拒转拒接：请选择事由")
    shot(other, "transfers-refused-without-cause-1440")
    other.goto(here + "do/receive/")
    other.select_option("[name=to]", str(city.other_branch.pk))
    other.click("button:has-text('接收介绍信')")
    other.wait_for_selector("text=待支部接收")

    # two windows of those who may accept, both open, one presses first
    first, second = browser_page(1440, as_=far.secretary), browser_page(390, as_=far.secretary)
    for window in (first, second):
        window.goto(here + "do/accept/")
    first.click("button:has-text('接收党员')")
    first.wait_for_selector("text=已办结")
    second.click("button:has-text('接收党员')")
    second.wait_for_selector("text=可能刚刚有人办过了")
    assert membership_of(cast.member.person.pk).org == city.other_branch
    assert sorted(Letter.objects.values_list("number", "state")) == [(1, "void"), (2, "used")]
    phone.goto("/transfers/mine/")
    phone.click("text=渡口网格党支部")
    phone.wait_for_selector("text=已办结")
    shot(phone, "transfers-detail-done-390")


def test_a_member_away_without_scripts(cast, far, city, browser_page, shot):
    desk = browser_page(1440, as_=cast.secretary, javascript=False)
    desk.goto(f"/transfers/ranks/members/{cast.member.person.pk}/stay/")
    desk.fill("[name=place]", "广东省深圳市")
    desk.fill("[name=since]", "2026-01-10")
    desk.click("button:has-text('登记外出')")
    desk.wait_for_selector("text=外出已满六个月")
    shot(desk, "transfers-stay-1440")
    desk.goto("/transfers/ranks/")
    shot(desk, "transfers-ranks-1440")
