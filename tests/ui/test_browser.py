"""The gallery in a browser: no serious finding of axe, nothing wider than the phone, and what scripts add."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAGES = ["/ui/gallery/", "/ui/gallery/phone/", "/ui/gallery/screen/", "/login/", "/error/404/"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="Debian's chromium is not installed"),
]


@pytest.fixture(scope="module")
def ui_chromium():
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(ui_chromium, live_server, settings):
    settings.ROOT_URLCONF = "tests.ui.entrance"
    settings.MIDDLEWARE = [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.locale.LocaleMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "tests.ui.entrance.Entrance",
    ]
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
    settings.DEMO = True
    contexts, complaints = [], []

    def watch(request):
        if not request.url.startswith((live_server.url, "data:", "blob:")):
            complaints.append(request.url)

    def go(path, width=1440, *, elder=False, script=True):
        context = ui_chromium.new_context(
            viewport={"width": width, "height": 900}, locale="zh-CN", java_script_enabled=script
        )
        contexts.append(context)
        if elder:
            context.add_cookies([{"name": "gongjian_elder", "value": "1", "url": live_server.url}])
        tab = context.new_page()
        tab.on("request", watch)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(live_server.url + path)
        return tab

    yield go
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("width", "elder"), [(1440, False), (390, False), (390, True)])
def test_axe_finds_nothing_serious_and_nothing_runs_over_the_edge(visit, path, width, elder):
    tab = visit(path, width, elder=elder)
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
    tab.evaluate(
        """() => { const form = document.querySelector('.gj-logins form');
        const press = form.querySelector('button'); form.addEventListener('submit', e => window.last = e.defaultPrevented);
        press.click(); press.click(); }"""
    )
    tab.wait_for_load_state()
    assert len(posts) == 1
