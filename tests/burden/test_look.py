"""In a browser: the burden of the city on the desk and on a phone, and one's own week."""

import pytest

from gongjian.ground.kernel import clock
from gongjian.outlets.burden.models import Asked
from gongjian.outlets.burden.rules import weeks_back

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_burden_pages(city, cast, browser_page, shot):
    for n, monday in enumerate(weeks_back(clock.today(), 12)):
        for role, what, code, count in (
            ("member", "people", "", 90), ("member", "message", "activity", 200 + 30 * n), ("member", "message", "dues", 90),
            ("member", "deed", "attend", 80 + n), ("member", "deed", "talk", 4 * n), ("branch_secretary", "people", "", 9),
            ("branch_secretary", "deed", "plan", 20 + 9 * n), ("branch_secretary", "deed", "minutes", 18),
            ("branch_secretary", "message", "standing", 30), ("branch_secretary", "upload", "", 12),
        ):  # fmt: skip
            if count:
                Asked.objects.create(week=monday, role=role, what=what, code=code, count=count)
    desk, phone, own = (
        browser_page(1440, as_=cast.city),
        browser_page(390, as_=cast.city),
        browser_page(390, as_=cast.member),
    )
    desk.goto("/burden/")
    shot(desk, "burden-city-1440")
    phone.goto("/burden/")
    shot(phone, "burden-city-390")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    desk.click("text=安排活动")
    desk.wait_for_selector("text=不显示是谁")
    own.goto("/burden/mine/")
    shot(own, "burden-mine-390")
