"""The pages in Chromium at phone and desktop width; the story told through them."""

import datetime as dt

import pytest
from django.urls import reverse

from gongjian.appraisal.standards import actions
from gongjian.ground.kernel.actor import SYSTEM

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
THEME = "theme_day_monthly"


@pytest.fixture
def year(cast, city, diary, sweep):
    """A year of two branches: the first keeps its duties until September, the sister throughout."""
    for month in range(1, 12):
        for org in (city.branch, city.sister):
            if org == city.branch and month > 8:
                continue
            diary.hold(org, "theme_day", f"2026-{month:02d}-12")
            if org == city.branch:
                diary.hold(org, "committee_meeting", f"2026-{month:02d}-05")
                diary.hold(city.group, "group_meeting", f"2026-{month:02d}-08")
            if month % 3 == 2:
                diary.hold(org, "branch_assembly", f"2026-{month:02d}-20")
                diary.hold(org, "party_lesson", f"2026-{month:02d}-22")
    diary.hold(city.branch, "theme_day", "2026-10-14", counts_for="2026-09")
    diary.plan(city.sister, "organisational_life_meeting", "2026-12-10")
    sweep("2026-10-30 06:00", since=dt.date(2026, 1, 1))
    return sweep("2026-11-25 06:00")


def fits(page) -> bool:
    """Nothing hangs over the right edge."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_and_read(cast, city, year, browser_page, shot, width):
    for who, name, args in (
        ("secretary", "org", [city.branch.pk]),
        ("street", "under", [city.street.pk]),
        ("city", "under", [city.root.pk]),
        ("secretary", "cell", [city.branch.pk, THEME, "2026-09"]),
        ("street", "cell", [city.branch.pk, THEME, "2026-11"]),
        ("secretary", "duties", []),
    ):
        page = browser_page(width, as_=getattr(cast, who))
        page.goto(reverse(f"standards:{name}", args=args))
        assert page.locator("h1").inner_text().strip()
        shot(page, f"standards-{who}-{name}-{args[-1] if args else ''}-{width}")
        assert fits(page), f"{name} at {width}"


@pytest.mark.parametrize("width", [390, 1440])
def test_the_story(cast, city, diary, deliver, clock, browser_page, width):
    """A branch that does nothing is forecast, urged, short, reported and, after a late meeting, made good."""

    def sweep(moment: str) -> None:
        clock.set(moment)
        actions.sweep(by=SYSTEM)

    def again():
        """Log in anew: a session does not last for days."""
        vars(cast.secretary).pop("client", None)
        return browser_page(width, as_=cast.secretary)

    cell = reverse("standards:cell", args=[city.branch.pk, THEME, "2026-11"])
    sweep("2026-11-23 06:00")
    mine = browser_page(width, as_=cast.secretary)
    mine.goto(reverse("standards:overview"))
    card = mine.locator(".st-item", has_text="主题党日")
    assert "预警" in card.inner_text()
    assert "最晚 11月30日" in card.inner_text()

    above = browser_page(width, as_=cast.community)
    above.goto(reverse("standards:under", args=[city.community.pk]))
    above.get_by_text("一键督促", exact=True).first.click()
    above.locator("dialog[open] button.btn-primary, .gj-confirm[open] button.btn-primary").first.click()
    above.wait_for_load_state()
    assert "已督促" in above.locator("body").inner_text()

    sweep("2026-12-01 06:00")
    mine = again()
    mine.goto(cell)
    assert "不达标" in mine.locator(".gj-head").inner_text()
    sweep("2026-12-08 06:00")
    mine = again()
    mine.goto(cell)
    assert "已上报" in mine.locator("body").inner_text()
    diary.hold(city.branch, "theme_day", "2026-12-09", counts_for="2026-11")
    deliver()
    mine.goto(cell)
    assert "已补" in mine.locator(".gj-head").inner_text()
    assert "应到 9 人，实到 8 人" in mine.locator("body").inner_text()
    sweep("2026-12-10 06:00")
    mine = again()
    mine.goto(cell)
    told = mine.locator("body").inner_text()
    for step in ("补开达标", "上报上级", "转为不达标", "督促提醒"):
        assert step in told


def test_without_javascript(cast, city, year, browser_page):
    page = browser_page(1440, as_=cast.street, javascript=False)
    page.goto(reverse("standards:under", args=[city.street.pk]))
    page.locator("summary", has_text="一键督促").click()
    page.locator(".gj-confirm[open] button.btn-primary").click()
    assert "已督促" in page.locator("body").inner_text()
