"""Home pages as people see them: nothing overflows, the main thing is where the eye falls, pictures are kept."""

import pytest

from gongjian.appraisal.standards import actions as standards
from gongjian.ground.kernel.actor import SYSTEM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("role", "width", "word"),
    [
        ("member", 390, "本月没有要参加的活动"),
        ("resident", 390, "附近的开放活动"),
        ("secretary", 1440, "要抓紧的"),
        ("secretary", 390, "要抓紧的"),
        ("street", 1440, "督促全部"),
        ("street", 390, "谁将不达标"),
        ("city", 1920, "哪里需要我"),
        ("city", 390, "城区和直属组织比一比"),
        ("admin", 1440, "事实的传递"),
    ],
)
def test_home(cast, settings, deliver, browser_page, shot, role, width, word):
    settings.DEMO = True
    deliver()
    standards.sweep(by=SYSTEM)
    page = browser_page(width, as_=getattr(cast, role))
    page.goto("/")
    assert page.get_by_text(word).first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"home-{role}-{width}")


@pytest.mark.parametrize("width", [1440, 390])
def test_landing_and_search_without_scripts(cast, browser_page, shot, width):
    page = browser_page(width)
    page.goto("/")
    assert page.get_by_role("link", name="登录").first.is_visible()
    shot(page, f"landing-{width}")
    plain = browser_page(width, as_=cast.street, javascript=False)
    plain.goto("/search/")
    plain.get_by_role("main").get_by_role("searchbox").fill("rongyin")
    plain.get_by_role("main").get_by_role("button", name="搜索").click()
    assert plain.get_by_text("榕荫社区大党委").first.is_visible()
    shot(plain, f"search-{width}")
