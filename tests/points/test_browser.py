"""The pages as people see them, at phone and desktop width."""

import datetime as dt

import pytest

from gongjian.engines.relay import relay
from gongjian.ground.kernel import clock as times
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
YEAR = (
    ("branch_assembly", (2, 5, 8, 11), 10, 90), ("theme_day", range(1, 12), 20, 90), ("study", range(1, 12), 12, 100),
    ("party_lesson", (3, 6, 9, 11), 14, 60), ("volunteer_service", (4, 6, 7, 10, 11), 15, 130),
    ("committee_meeting", range(1, 12), 5, 60), ("organisational_life_meeting", (1,), 25, 120),
)  # fmt: skip


@pytest.fixture
def year(cast, city, monkeypatch):
    """A year of meetings in four branches; some members come to all of them, some to fewer."""
    from django.db import transaction

    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)
    rows, number = [], 0
    for place, branch in enumerate(("branch", "sister", "unit_branch", "other_branch")):
        org = getattr(city, branch)
        for kind, months, day, minutes in YEAR:
            for month in months:
                number += 1
                if place == 1 and month % 3 == 0:
                    continue
                at = times.at_time(dt.date(2026, month, day), 19, 30)
                what = {"at": at, "org": org.pk, "obj": Ref.of("activity", number)}
                data = {"activity_kind": kind, "method": "code", "role": "attendee"}
                rows.append({**what, "kind": "activity.signed_off", "data": data})
                rows += [
                    {**what, "kind": "activity.attended", "person": person.pk, "quantity": minutes, "data": data}
                    for n, person in enumerate(city.people[branch])
                    if (month + n) % 5 or n == 3
                ]
    with transaction.atomic():
        facts.record_many([row for row in rows if row["at"] <= times.now()], by=SYSTEM)
        member = city.people["branch"][3]
        facts.record("points.awarded", by=cast.secretary.actor, at=times.at_time(dt.date(2026, 11, 9), 10),
                     person=member.pk, org=city.branch.pk,
                     data={"rule": "task_done", "reason": "入户核对困难家庭名单", "evidence": "任务记录 7 号"})  # fmt: skip
    relay.deliver("points")
    return city


def test_a_member_reads_their_points_on_a_phone(year, cast, clock, browser_page, shot):
    page = browser_page(390, as_=cast.member)
    page.goto("/points/mine/?period=2026")
    assert page.locator(".pt-sum strong").inner_text().isdigit()
    assert page.get_by_text("只有自己看得到").is_visible()
    assert page.locator(".pt-ranks li").count() == 5
    entry = page.locator(".pt-entries li", has_text="完成支部交办的任务")
    assert not entry.get_by_text("入户核对困难家庭名单").is_visible()
    entry.locator("summary").click()
    assert entry.get_by_text("入户核对困难家庭名单").is_visible()
    assert entry.get_by_text("产品默认值").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, "points-mine-390")
    page.goto("/points/mine/")
    assert page.locator(".pt-open li").count() > 0
    shot(page, "points-mine-month-390")
    page.get_by_role("link", name="全部规则").click()
    page.wait_for_url("**/points/rules/")
    shot(page, "points-rules-390")


def test_a_street_reads_the_points_of_its_organisations(year, cast, clock, browser_page, shot):
    page = browser_page(1440, as_=cast.street)
    page.goto("/points/?kind=branch&period=2026")
    names = page.locator("tbody tr td.gj-p-title").all_inner_texts()
    assert names == [year.branch.name, year.sister.name]
    shot(page, "points-organisations-1440")
    page.get_by_role("link", name=year.branch.name).click()
    page.wait_for_url("**/points/organisations/*/")
    page.locator(".pt-entries summary").first.click()
    shot(page, "points-organisation-1440")
    page.get_by_role("link", name="为什么没有个人榜单").click()
    assert page.get_by_text("国办函〔2026〕12号").first.is_visible()
    shot(page, "points-named-1440")
    page.goto(f"/points/persons/{cast.member.person.pk}/")
    shot(page, "points-person-1440")
    page.get_by_role("link", name="加分或扣分").click()
    page.get_by_label("规则").select_option("task_done")
    page.get_by_label("事由").fill("协助换届选举计票")
    page.get_by_label("依据材料").fill("选举记录")
    shot(page, "points-give-1440")
    page.get_by_role("button", name="登记").click()
    page.wait_for_url("**/points/persons/*/")
    relay.deliver("points")
    page.reload()
    assert page.locator(".pt-entries li", has_text="完成支部交办的任务").count() == 2


def test_a_quarter_is_closed_posted_appealed_and_judged(year, cast, clock, browser_page, shot):
    """The journey of a member on the phone and of who reviews and decides on the desk."""
    from django.db import transaction

    from gongjian.appraisal.points import actions

    with transaction.atomic():
        actions.give(
            person=cast.member.person.pk, rule="absent_without_leave", reason="没有参加九月主题党日", evidence="签到表第 9 页",
            on=dt.date(2026, 9, 20), by=cast.secretary.actor,
        )  # fmt: skip
    relay.deliver("points")
    clock.set("2026-10-05 03:30")
    actions.close_due(by=SYSTEM)
    clock.set("2026-10-06 09:00")
    phone = browser_page(390, as_=cast.member)
    phone.goto("/points/mine/?period=2026Q3")
    phone.get_by_role("link", name="看公示").click()
    phone.wait_for_url("**/points/posted/*/")
    shot(phone, "points-posted-390")
    phone.goto("/points/mine/?period=2026Q3")
    entry = phone.locator(".pt-entries li", has_text="无故不参加组织生活")
    entry.locator("summary").click()
    shot(phone, "points-mine-quarter-390")
    entry.get_by_role("link", name="对这条申诉").click()
    phone.get_by_label("理由").fill("那天我向小组长请过假，有短信为证。")
    shot(phone, "points-appeal-raise-390")
    phone.get_by_role("button", name="提出申诉").click()
    phone.wait_for_url("**/points/mine/appeals/*/")
    shot(phone, "points-appeal-mine-390")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

    desk = browser_page(1440, as_=cast.community)
    desk.goto("/points/appeals/")
    shot(desk, "points-appeals-1440")
    desk.locator("tbody a", has_text="无故").last.click()
    desk.get_by_label("成立，予以更正").check()
    desk.get_by_label("撤回这条记录").check()
    desk.get_by_label("查证的情况和理由").fill("小组长出示了请假短信，日期相符。")
    shot(desk, "points-appeal-1440")
    desk.get_by_role("button", name="作出决定").click()
    desk.wait_for_url("**/points/appeals/*/")
    relay.deliver("points")
    shot(desk, "points-appeal-decided-1440")
    desk.goto("/points/closing/")
    shot(desk, "points-closing-1440")
    phone.goto("/points/mine/statement/?year=2026")
    shot(phone, "points-statement-390")

    clock.set("2026-12-20 09:00")
    secretary = browser_page(1440, as_=cast.secretary)
    secretary.goto("/points/closing/?period=2026Q3")
    secretary.locator("tbody a").first.click()
    secretary.wait_for_url("**/points/closing/*/")
    shot(secretary, "points-close-1440")
    secretary.goto("/points/verdicts/?year=2026")
    shot(secretary, "points-verdicts-1440")
    secretary.goto(f"/points/verdicts/{cast.member.person.pk}/2026/")
    assert secretary.locator("input[type=radio]:checked").count() == 0
    secretary.get_by_label("履职正常").check()
    secretary.get_by_label("理由").fill("支委会研究：全年按要求参加组织生活，带头入户走访。")
    shot(secretary, "points-verdict-1440")
    secretary.get_by_role("button", name="记录评定").click()
    secretary.wait_for_url("**/points/verdicts/?*")
    secretary.goto("/points/exemptions/")
    shot(secretary, "points-exemptions-1440")
