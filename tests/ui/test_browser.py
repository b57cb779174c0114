"""The gallery in a browser: no serious finding of axe, nothing wider than the phone, and what scripts add."""

import pytest
from axe_playwright_python.sync_playwright import Axe

PAGES = ["/ui/gallery/", "/ui/gallery/phone/", "/ui/gallery/screen/", "/login/", "/error/404/"]

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(settings, browser_page):
    """`visit("/ui/gallery/", 390, elder=True)`: that page of the tests' own entrance."""
    settings.ROOT_URLCONF = "tests.ui.entrance"
    settings.DEMO = True

    def go(path, width=1440, *, elder=False, script=True):
        tab = browser_page(width, javascript=script)
        if elder:
            tab.goto("/login/")
            tab.context.add_cookies([{"name": "gongjian_elder", "value": "1", "url": tab.url.removesuffix("/login/")}])
        tab.goto(path)
        return tab

    return go


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "elder"), [(1440, False), (390, False), (390, True)])
def test_axe_finds_nothing_serious_and_nothing_runs_over_the_edge(visit, path, width, elder):
    tab = visit(path, width, elder=elder)
    assert path == "/error/404/" or tab.locator(".gj-error").count() == 0, "an error page was examined instead"
    found = Axe().run(tab).response["violations"]
    grave = [
        (item["id"], node["target"], node["failureSummary"])
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"][:3]
    ]
    assert grave == []
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_elder_text_is_large_and_targets_are_wide(visit):
    tab = visit("/ui/gallery/phone/", 390, elder=True)
    sizes = tab.evaluate(
        """[...document.querySelectorAll("main *, nav *")].filter(e => e.offsetParent && [...e.childNodes]
           .some(n => n.nodeType === 3 && n.data.trim())).filter(e => !e.classList.contains("visually-hidden"))
           .map(e => [parseFloat(getComputedStyle(e).fontSize), e.className, e.textContent.trim().slice(0, 20)])"""
    )
    assert len(sizes) > 20
    assert [item for item in sizes if item[0] < 18 and "gj-dot" not in str(item[1])] == []
    low = tab.evaluate(
        """[...document.querySelectorAll("main .btn, .gj-tabbar a, main input, .gj-phone-foot button")]
           .map(e => [e.getBoundingClientRect().height, e.textContent.trim()]).filter(x => x[0] && x[0] < 60)"""
    )
    assert low == []


def test_a_deed_asks_before_it_is_done(visit):
    tab = visit("/ui/gallery/")
    tab.locator("#confirm summary", has_text="取消活动").click()
    dialog = tab.locator("dialog[open]")
    assert "确定要“取消活动”吗？" in dialog.inner_text()
    dialog.get_by_text("取消", exact=True).click()
    assert tab.locator("dialog[open]").count() == 0


def test_a_deed_asks_without_scripts_too(visit):
    tab = visit("/ui/gallery/", script=False)
    assert not tab.locator("#confirm .gj-confirm-panel").first.is_visible()
    tab.locator("#confirm summary", has_text="取消活动").click()
    assert tab.locator("#confirm .gj-confirm-panel").first.is_visible()


def test_a_search_field_fetches_its_suggestions(visit):
    tab = visit("/ui/gallery/")
    with tab.expect_response(lambda answer: "gallery/options" in answer.url and "q=" in answer.url) as answer:
        tab.locator("#id_organisation").press_sequentially("河湾")
    assert answer.value.status == 200
    tab.wait_for_selector("#id_organisation_options option[value='河湾村党支部']", state="attached")


def test_the_menu_opens_on_a_narrow_screen(visit):
    tab = visit("/ui/gallery/", 390)
    menu = tab.locator("#menu")
    assert not menu.is_visible()
    tab.locator(".gj-burger").click()
    menu.wait_for(state="visible")
    tab.keyboard.press("Escape")
    menu.wait_for(state="hidden")


def test_a_form_is_sent_once(visit):
    tab = visit("/login/")
    posts = []
    tab.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    with tab.expect_navigation():
        tab.evaluate(
            """() => { const press = document.querySelector(".gj-logins form button"); press.click(); press.click(); }"""
        )
    assert len(posts) == 1
