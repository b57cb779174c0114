"""In a browser, at phone and desktop width: plan, notify, check in by the QR code's link, minutes, sign off."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gongjian.desks.activities.models import Activity
from tests.activities.conftest import code_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("width", [390, 1440])
def test_a_meeting_from_plan_to_sign_off(city, cast, browser_page, shot, width):
    page = browser_page(width, as_=cast.secretary)
    member = browser_page(390, as_=cast.member)
    soon = dt.datetime.now(ZoneInfo("Asia/Shanghai")) - dt.timedelta(minutes=1)
    page.goto("/activities/")
    shot(page, f"activities-list-empty-{width}")
    page.click("text=安排活动")
    shot(page, f"activities-plan-kind-{width}")
    page.click("text=主题党日")
    page.fill("[name=day]", soon.strftime("%Y-%m-%d"))
    page.fill("[name=hour]", soon.strftime("%H:%M"))
    page.fill("[name=place]", "社区党群服务中心二楼")
    shot(page, f"activities-plan-{width}")
    page.click("text=安排并通知")
    if page.locator("#warnings").count():  # a weekend
        page.click("text=仍要安排并通知")
    page.wait_for_url("**/activities/*/")
    activity = Activity.objects.get()
    here = f"/activities/{activity.pk}/"
    shot(page, f"activities-detail-notified-{width}")
    member.goto("/activities/mine/")
    shot(member, "activities-mine-390")
    page.click("text=开始签到")
    page.wait_for_selector("#code svg")
    shot(page, f"activities-screen-{width}")
    link = page.locator("#code .gj-qr").get_attribute("aria-label")
    assert link == "签到二维码"
    digits = page.locator(".act-digits").inner_text()
    member.goto(here + "check-in/")
    shot(member, "activities-code-390")
    member.fill("[name=code]", digits)
    member.click("button:has-text('签到')")
    member.wait_for_selector("text=已签到")
    shot(member, "activities-checked-in-390")
    page.wait_for_selector(".act-latest >> text=张")
    shot(page, f"activities-screen-one-{width}")
    page.goto(here)
    page.check(f"[name=person][value='{cast.secretary.person.pk}']")
    page.check(f"[name=person][value='{cast.colleague.person.pk}']")
    page.click("text=为勾选的人签到")
    shot(page, f"activities-detail-open-{width}")
    page.click("text=结束签到")
    page.wait_for_url("**/minutes/")
    page.fill("[name=note_1]", "学习了最新文件，三人发言。")
    page.fill("[name=decision_0]", "本周内修好三号楼楼道灯")
    page.select_option("[name=owner_0]", str(cast.member.person.pk))
    shot(page, f"activities-minutes-{width}")
    page.click("text=保存记录")
    page.goto(here + "sign-off/")
    shot(page, f"activities-sign-off-{width}")
    page.click("text=签字确认并归档")
    page.wait_for_selector("text=已签字确认")
    shot(page, f"activities-detail-signed-{width}")
    activity.refresh_from_db()
    assert (activity.state, activity.present_count) == ("signed_off", 3)
    page.goto("/activities/month/")
    shot(page, f"activities-month-{width}")
    page.goto("/activities/")
    shot(page, f"activities-list-{width}")
    member.goto(here)
    shot(member, "activities-detail-member-390")


@pytest.mark.parametrize("javascript", [True, False])
def test_the_qr_link_on_a_phone(make, cast, browser_page, shot, clock, javascript):
    activity = make("open")
    member = browser_page(390, as_=cast.member, javascript=javascript)
    member.goto(f"/activities/{activity.pk}/check-in/?c={code_of(activity)}")
    shot(member, "activities-one-button-390")
    member.click("button.act-big")
    member.wait_for_selector("text=已签到")
    member.goto(f"/activities/{activity.pk}/excuse/")
    other = browser_page(390, as_=cast.colleague, javascript=javascript)
    other.goto(f"/activities/{activity.pk}/excuse/")
    shot(other, "activities-excuse-390")
    other.click("label:has-text('工作原因')")
    other.click("text=送出请假")
    other.wait_for_selector("text=请假待审批")
