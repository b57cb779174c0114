"""In a browser: channels on the phone, the outbox on the desk."""

import pytest

from gongjian.records.notices import actions
from gongjian.records.notices.models import Outgoing

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_channels_and_outbox(city, cast, browser_page, shot, settings):
    settings.DEMO, settings.MAIL_ON, settings.SMS = True, True, {"url": "http://127.0.0.1:9/"}
    member, desk = browser_page(390, as_=cast.member), browser_page(1440, as_=cast.admin)
    member.goto("/notices/channels/")
    member.check("[name=outside]")
    member.check("[name=mail]")
    member.fill("[name=address]", "zhang@example.com")
    member.click("button:has-text('保存')")
    member.wait_for_selector("text=z***@example.com")
    shot(member, "notices-channels-390")
    robot = actions.add_robot(org=city.branch, channel="dingtalk", token="k" * 20, by=cast.admin.actor)
    actions.tell(
        people=[cast.member.person.pk],
        kind="activity_change",
        title="改期",
        key="a",
        link="/activities/1/",
        org=city.branch.pk,
    )
    Outgoing.objects.filter(robot=robot).update(
        state="given_up", error="机器人拒绝（310000 sign not match）", attempts=6
    )
    desk.goto("/notices/outbox/")
    shot(desk, "notices-outbox-1440")
    desk.click("button:has-text('重新发送') >> nth=0")
    desk.wait_for_selector("text=1 条已重新排队")
    desk.goto("/notices/robots/add/")
    shot(desk, "notices-robot-1440")
    phone = browser_page(390, as_=cast.admin)
    phone.goto("/notices/outbox/")
    shot(phone, "notices-outbox-390")
