"""A visit on a phone without network, and the pages looked at."""

import pytest

from gongjian.appraisal.assessments import actions
from gongjian.appraisal.assessments.models import Assessment, Mark, Visit
from tests.assessments.conftest import BRANCHES, CENTRES, ESTATES, scores

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_visit_without_network(city, cast, ground, browser_page, shot):
    street = cast.street.actor
    actions.open_many(standard=ESTATES, subjects=[ground.covered, ground.bare], by=street)
    one = Assessment.objects.get(place=ground.covered)
    actions.save_self(assessment=one, given=scores(ESTATES), by=cast.secretary.actor, hand_in=True)
    centre = actions.open_one(standard=CENTRES, subject=ground.centre, by=street)
    phone = browser_page(390, as_=cast.street)
    phone.goto("/assessments/visits/")
    shot(phone, "assess-visits-390")
    phone.click("text=带着清单去走访")
    phone.wait_for_selector("text=清单已存到这台手机")
    shot(phone, "assess-offline-list-390")
    phone.context.set_offline(True)
    phone.reload()  # from the service worker
    phone.click(".as-visit:has-text('榕荫家园')")
    for name, level in (("room", 1), ("notice_board", 0), ("three_lists", 0)):
        phone.locator(f"input[name={name}]").nth(level).check()
    phone.fill("input[name=n_room]", "和物业共用一间")
    shot(phone, "assess-offline-one-390")
    phone.reload()  # 手机重启：评过的还在
    phone.wait_for_selector("text=已评 3 / 8 条")
    phone.click(".as-visit:has-text('榕荫家园')")
    for name in ("building_pledge", "grid_staff", "talks", "owners", "money"):
        phone.locator(f"input[name={name}]").first.check()
    phone.click("text=评完了，交回")
    phone.wait_for_selector("text=等有网络时自动交回")
    shot(phone, "assess-offline-waiting-390")
    assert not Visit.objects.exists()
    # 另一位同志有网络，先交回，看法不同
    actions.hand_in_visit(
        assessment=one, key="other-visit-1", given={"room": actions.Given(8, "二楼活动室")}, visited_on=one.opened_on,
        by=cast.district.actor,
    )  # fmt: skip
    phone.context.set_offline(False)
    phone.wait_for_selector(".as-handed", timeout=30_000)
    phone.wait_for_selector("text=和别人的评分不一致")
    shot(phone, "assess-offline-handed-390")
    phone.reload()
    phone.wait_for_selector("text=清单已存到这台手机")
    assert Visit.objects.filter(visitor=cast.street.person).count() == 1  # 只交一次
    assert sorted(Mark.objects.filter(item="room", source="visit").values_list("points", flat=True)) == [4, 8]

    desk = browser_page(1440, as_=cast.street)
    desk.goto(f"/assessments/{one.pk}/")
    shot(desk, "assess-conflict-1440")
    desk.locator(".as-settle[open] input[value='8']").check()
    desk.locator(".as-settle[open] input[name=note]").fill("看过照片，二楼活动室在用")
    desk.click(".as-settle[open] button")
    desk.click("button:has-text('评定')")
    desk.click("button:has-text('告知结果')")
    actions.accept(assessment=one, by=cast.secretary.actor)
    for item in (one, centre):
        desk.goto(f"/assessments/{item.pk}/")
        shot(desk, f"assess-detail-{item.list}-1440")
    own = browser_page(1440, as_=cast.community)
    bare = Assessment.objects.get(place=ground.bare)
    own.goto(f"/assessments/{bare.pk}/self/")
    shot(own, "assess-self-1440")
    narrow = browser_page(390, as_=cast.street)
    for name, address in (
        ("list", f"/assessments/lists/{ESTATES}/"), ("items", f"/assessments/lists/{BRANCHES}/items/"),
        ("subject", f"/assessments/lists/{BRANCHES}/{city.branch.pk}/"), ("detail", f"/assessments/{one.pk}/"),
    ):  # fmt: skip
        desk.goto(address)
        shot(desk, f"assess-{name}-1440")
        narrow.goto(address)
        shot(narrow, f"assess-{name}-390")
        assert narrow.evaluate("document.documentElement.scrollWidth") <= 390, name
    desk.goto(f"/orgs/{city.branch.pk}/")
    desk.wait_for_selector("text=今天的记录和历次考评")
    shot(desk, "assess-panel-1440")
    narrow.goto(f"/assessments/{bare.pk}/visit/")
    narrow.goto("/assessments/visits/")
