"""Chromium for tests: pages of any width against a live server, closed to every address but that server."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

PICTURES = Path(__file__).resolve().parent.parent / "test-pictures"
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
HEIGHTS = {390: 844, 1440: 900, 1920: 1080}


@pytest.fixture(scope="session")
def chromium():
    """One Chromium for the session. Native inputs are Chinese only with LANGUAGE and Debian's chromium-l10n."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread, and Django then takes every query here for one made in async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            headless=True,
            args=FLAGS,
            env={**os.environ, "LANGUAGE": "zh_CN", "LANG": "zh_CN.UTF-8"},
        )
        yield browser
        browser.close()


@pytest.fixture
def browser_page(chromium, live_server):
    """`page = browser_page(390, as_=cast.member)`: a page of that width, logged in as somebody of the cast.

    `page.goto("/…")` goes to the live server. The test fails when a page threw a script error or asked another
    address for anything. `javascript=False` gives the page of a reader whose scripts do not run.
    """
    contexts, complaints = [], []
    home = urlsplit(live_server.url).netloc

    def only_at_home(route):
        address = urlsplit(route.request.url)
        if address.netloc == home or address.scheme in ("data", "blob"):
            route.continue_()
        else:
            complaints.append(f"outside address: {route.request.url}")
            route.abort()

    def open_page(width: int = 1440, *, as_=None, height: int | None = None, javascript: bool = True, language="zh-CN"):
        context = chromium.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height or HEIGHTS.get(width, 900)},
            locale=language,
            timezone_id="Asia/Shanghai",
            has_touch=width < 600,
            is_mobile=width < 600,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.route("**/*", only_at_home)
        if as_ is not None:
            context.add_cookies(
                [
                    {"name": name, "value": morsel.value, "url": live_server.url}
                    for name, morsel in as_.client.cookies.items()
                    if morsel.value
                ]
            )
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"script error on {page.url}: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def shot(request):
    """`shot(page, "member-home-390")` keeps a picture of the whole page under test-pictures/."""

    def take(page, name: str) -> Path:
        PICTURES.mkdir(exist_ok=True)
        path = PICTURES / (re.sub(r"[^\w.-]+", "-", name) + ".png")
        page.screenshot(path=path, full_page=True)
        return path

    return take
