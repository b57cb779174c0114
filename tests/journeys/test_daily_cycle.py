"""The daily cycle in a browser, phone and desk: with the relay in its thread beside the server, as the embedded mode runs.

Nobody presses anything between a commit and what follows from it: points, rank and standing come by themselves.
"""

import datetime as dt
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from django.db import connections, transaction
from django.test import Client

from gongjian.appraisal.standards.models import Standing, Sweep
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.engines.relay import jobs
from gongjian.engines.relay.runner import Runner
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.access import actions as access
from gongjian.records.facts import stream
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from tests.journeys.town import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CELL = "/standards/orgs/{org}/theme_day_monthly/{period}/"


@pytest.fixture
def relay():
    """The relay's thread, woken by every commit; ended before the database is emptied."""
    runner = Runner(pause=0.5)
    stream.after_commit.append(runner.wake)
    thread = threading.Thread(target=runner.loop, name="relay-of-a-test")
    thread.start()
    yield runner
    runner.stop()
    thread.join(60)
    stream.after_commit.remove(runner.wake)


def renewed(player):
    """The same person, logged in anew: a session does not last for days."""
    vars(player).pop("client", None)
    return player


def sweep(clock, moment: str) -> None:
    """Go to a moment and let the nightly job come due, as the worker does."""
    clock.set(moment)
    now = clock.now
    if not jobs.JobRun.objects.filter(name="standards.sweep").exists():
        jobs.run_due(now)
    jobs.JobRun.objects.filter(name="standards.sweep").update(next_at=now)
    jobs.run_due(now)  # or the relay's thread was faster: whoever claims the job runs it
    deadline = time.monotonic() + 20
    while not Sweep.objects.filter(day=now.date()).exists():
        assert time.monotonic() < deadline, "nobody swept"
        time.sleep(0.05)


def until(page, text: str, *, seconds: float = 20) -> None:
    """Reload a page, and nothing else, until it says something."""
    deadline = time.monotonic() + seconds
    while text not in page.locator("body").inner_text():
        assert time.monotonic() < deadline, (
            f"{page.url} never said {text!r}:\n{page.locator('body').inner_text()[:1500]}"
        )
        page.wait_for_timeout(100)
        page.reload()


def enlarge(city, cast, wanted: int) -> list:
    """Members of the first branch with an account each, `wanted` in all; those of the cast are among them."""
    found = list(city.people["branch"])
    with transaction.atomic():
        while len(found) < wanted:
            person = people.register(by=SYSTEM, org=city.branch, name=f"党员{len(found)}")
            people.admit(
                person=person, org=city.branch, by=SYSTEM, kind="formal", joined_on=dt.date(2015, 7, 1),
                formal_on=dt.date(2016, 7, 1),
            )  # fmt: skip
            found.append(person)
        with_account = {player.person.pk: player.user for player in (cast.secretary, cast.member, cast.colleague)}
        return [
            (person, with_account.get(person.pk) or access.open_account(username=f"m{person.pk}", by=SYSTEM, person=person))
            for person in found
        ]  # fmt: skip


def check_in_at_once(live_server, activity: int, users: list, digits: str) -> list[tuple[int, str]]:
    """Everyone presses the button in the same moment, each on a line of their own; what they were answered."""
    port, visitors = urlsplit(live_server.url).port, []
    for user in users:
        client = Client()
        client.force_login(user)
        visitors.append(Visitor(port, client.cookies["sessionid"].value))
        visitors[-1].line.connect()  # the tests' server lets few wait at its door; the requests still come all at once
    ready = threading.Barrier(len(visitors))

    def press(visitor: Visitor) -> tuple[int, str]:
        ready.wait(30)
        answer = visitor.post(f"/activities/{activity}/check-in/", f"code={digits}")
        visitor.line.close()
        return answer

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(press, visitors))


@pytest.mark.parametrize("width", [390, 1440])
def test_thirty_members_one_meeting(city, cast, clock, live_server, browser_page, relay, width, shot):
    clock.set("2026-11-26 06:00")
    everyone = enlarge(city, cast, 30)
    sweep(clock, "2026-11-26 06:05")
    standing = CELL.format(org=city.branch.pk, period="2026-11")
    clock.set("2026-11-26 18:50")
    desk = browser_page(width, as_=renewed(cast.secretary))
    desk.goto(standing)
    assert "预警" in desk.locator("body").inner_text()

    # Plan and notify.
    desk.goto("/activities/")
    desk.click("text=安排活动")
    desk.click("text=主题党日")
    desk.fill("[name=day]", "2026-11-26")
    desk.fill("[name=hour]", "19:00")
    desk.click("text=安排并通知")
    desk.wait_for_url("**/activities/*/")
    meeting = Activity.objects.get()
    here = f"/activities/{meeting.pk}/"
    phone = browser_page(390, as_=renewed(cast.member))
    phone.goto("/activities/mine/")
    assert meeting.title in phone.locator("body").inner_text()
    before = _points(phone)

    # Thirty come: one excused, two by the list, the rest by the code on the screen, all at once.
    excused, *listed = [person for person, _ in everyone[-3:]]
    absent_user = everyone[-3][1]
    absent_client = Client()
    absent_client.force_login(absent_user)
    assert absent_client.post(here + "excuse/", {"reason": "work", "text": ""}).status_code == 302
    desk.goto(here)
    desk.click("text=开始签到")
    desk.wait_for_selector("#code svg")
    clock.set("2026-11-26 19:01")
    desk.reload()
    digits = re.sub(r"\s", "", desk.locator(".act-digits").inner_text())
    assert re.fullmatch(r"\d{6}", digits)
    answers = check_in_at_once(live_server, meeting.pk, [user for _, user in everyone[:-3]], digits)
    assert [status for status, _ in answers] == [302] * 27, [text[:300] for status, text in answers if status != 302][
        :1
    ]

    # The member's page shows points and rank by itself.
    shown = time.monotonic()
    while (now := _points(phone)) <= before:
        assert time.monotonic() - shown < 20, "points never came"
    phone.goto("/points/mine/")
    assert "27" in phone.locator("body").inner_text() or "并列" in phone.locator("body").inner_text()
    shot(phone, f"cycle-points-{width}")
    assert now > before

    desk.goto(here)
    desk.locator("form", has=desk.locator(f"[name=person][value='{excused.pk}']")).locator("text=准假").first.click()
    desk.wait_for_load_state()
    for person in listed:
        desk.check(f"[name=person][value='{person.pk}']")
    desk.click("text=为勾选的人签到")
    desk.wait_for_load_state()

    # Minutes and sign-off.
    clock.set("2026-11-26 20:35")
    desk.goto(here)
    desk.click("text=结束签到")
    desk.wait_for_url("**/minutes/")
    desk.fill("[name=note_1]", "学习了最新文件。")
    desk.click("button:not(.visually-hidden):has-text('保存记录')")
    desk.wait_for_load_state()
    desk.goto(here + "sign-off/")
    desk.click("text=签字确认并归档")
    desk.wait_for_selector("text=已签字确认")
    meeting.refresh_from_db()
    assert (meeting.state, meeting.expected_count, meeting.present_count) == ("signed_off", 30, 29)
    assert Attendance.objects.filter(activity=meeting, status="excused").count() == 1
    assert Fact.objects.filter(kind="activity.attended").values("person").distinct().count() == 29
    assert Fact.objects.filter(kind="activity.attended").count() == 29

    # The duty is kept, without a sweep and without a hand.
    desk.goto(standing)
    until(desk, "已达标")
    shot(desk, f"cycle-kept-{width}")
    assert Standing.objects.get(org=city.branch, duty="theme_day_monthly", period="2026-11").state == "kept"


def _points(phone) -> int:
    """The member's points as their own page shows them."""
    phone.goto("/points/mine/")
    return int(phone.locator(".pt-sum strong").first.inner_text())


@pytest.mark.parametrize("width", [390, 1440])
def test_a_branch_that_does_nothing(city, cast, clock, live_server, browser_page, relay, width, shot):
    """Forecast, reminded, escalated, and made good by a late meeting that the secretary plans from the page itself."""
    standing = CELL.format(org=city.branch.pk, period="2026-11")

    def state() -> str:
        return Standing.objects.get(org=city.branch, duty="theme_day_monthly", period="2026-11").state

    sweep(clock, "2026-11-23 06:05")
    assert state() == "at_risk"
    clock.set("2026-11-23 08:00")
    desk = browser_page(width, as_=renewed(cast.secretary))
    desk.goto(standing)
    assert "预警" in desk.locator("body").inner_text()
    desk.goto("/notices/")
    assert "主题党日" in desk.locator("body").inner_text()
    assert Fact.objects.filter(kind="reminder.sent", org=city.branch.pk, data__duty="theme_day_monthly").exists()

    sweep(clock, "2026-12-01 06:05")
    assert state() == "short"
    sweep(clock, "2026-12-08 06:05")
    assert (
        Fact.objects.filter(kind="standing.escalated", org=city.branch.pk, data__duty="theme_day_monthly").count() == 1
    )
    clock.set("2026-12-08 08:00")
    above = browser_page(width, as_=renewed(cast.community))
    above.goto(standing)
    assert "已上报" in above.locator("body").inner_text()

    clock.set("2026-12-09 08:50")
    desk = browser_page(width, as_=renewed(cast.secretary))
    desk.goto(f"/activities/plan/?org={city.branch.pk}")
    desk.locator("a.act-late", has_text="补开").and_(
        desk.locator("[href*='kind=theme_day&'][href*='for=2026-11']")
    ).click()
    desk.fill("[name=day]", "2026-12-09")
    desk.fill("[name=hour]", "09:00")
    desk.click("text=安排并通知")
    desk.wait_for_url(re.compile(r"/activities/\d+/$"))
    meeting = Activity.objects.get()
    assert meeting.counts_for == "2026-11"
    here, client = f"/activities/{meeting.pk}/", cast.secretary.client
    assert client.post(here + "open/").status_code == 302
    clock.set("2026-12-09 09:05")
    client.post(here + "list/", {"person": [person.pk for person in city.people["branch"]]})
    clock.set("2026-12-09 10:35")
    client.post(here + "hold/")
    client.post(here + "minutes/", {"note_1": "补学"})
    client.post(here + "sign-off/")
    desk.goto(standing)
    until(desk, "已补")
    assert state() == "made_good"
    shot(desk, f"cycle-made-good-{width}")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_leader_opens_a_figure_down_to_its_records(city, cast, clock, live_server, browser_page, relay, width, shot):
    clock.set("2026-11-26 09:00")
    page = browser_page(width, as_=renewed(cast.city))
    page.goto("/dashboards/figures/")
    figures = page.locator("table.gj-figures tbody tr th a")
    assert figures.count() >= 1
    opened = 0
    for address in [figures.nth(n).get_attribute("href") for n in range(figures.count())]:
        page.goto(address)
        assert page.locator("h1").inner_text().strip()
        link = page.locator(
            "main a[href^='/orgs/'], main a[href^='/people/'], main a[href^='/activities/'], main a[href^='/places/']"
        )
        if link.count():
            link.first.click()
            page.wait_for_load_state()
            assert page.locator("h1").inner_text().strip()
            opened += 1
    assert opened, "no figure leads to a record"
    shot(page, f"cycle-figure-{width}")


@pytest.fixture(autouse=True)
def _close_lines():
    """Threads of the server end with the test; so do this thread's lines to the database."""
    yield
    connections.close_all()
