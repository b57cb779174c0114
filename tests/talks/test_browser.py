"""In a browser: a talk noted on the phone shows in the secretary's matrix; a card from wish to the one it is for."""

import datetime as dt

import pytest

from gongjian.desks.talks import actions
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.people.models import Membership

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_talk_and_a_card(city, cast, browser_page, shot):
    today = clock.today()
    Membership.objects.filter(person=cast.member.person).update(
        joined_on=dt.date(2012, today.month, min(today.day, 28))
    )
    member, page = browser_page(390, as_=cast.member, javascript=False), browser_page(1440, as_=cast.secretary)
    member.goto("/talks/mine/")
    shot(member, "talks-mine-390")
    member.click("text=已经谈了，记下 >> nth=0")
    member.click("button:has-text('记下')")
    member.wait_for_url("**/talks/mine/")
    assert member.locator("a:has-text('陈静'), a:has-text('李明'), a:has-text('王芳'), a:has-text('刘洋')").count() == 1
    member.goto("/talks/birthday/")
    member.check("[name=card]")
    member.click("text=保存")
    actions.prepare_cards(by=SYSTEM)
    page.goto("/talks/")
    shot(page, "talks-matrix-1440")
    page.click("text=政治生日贺卡")
    shot(page, "talks-cards-1440")
    page.click(".talk-list a:has-text('张伟')")
    shot(page, "talks-card-1440")
    page.click("text=送给本人")
    page.wait_for_url("**/talks/cards/")
    member.goto("/talks/birthday/")
    member.click(".talk-list a >> nth=0")
    shot(member, "talks-card-390")
    assert member.locator("text=张伟同志").count() == 1
