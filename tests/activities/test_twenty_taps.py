"""The secretary's ordinary meeting, from plan to signed file, on a phone: at most twenty taps (issue 3)."""

import datetime as dt
import time

import pytest
from django.test import Client

from gongjian.desks.activities.models import Activity, FollowUp

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MOST = 20


class Thumb:
    """Counts what a person does on the glass: a tap, a choice, a text (however long)."""

    def __init__(self, page) -> None:
        self.page, self.taps, self.story = page, 0, []

    def _one(self, what: str) -> None:
        self.taps += 1
        self.story.append(what)

    def tap(self, selector: str) -> None:
        self._one(selector)
        self.page.click(selector)

    def type(self, selector: str, text: str) -> None:
        self._one(f"{selector} = {text}")
        self.page.fill(selector, text)

    def choose(self, selector: str, value: str) -> None:
        self._one(f"{selector} → {value}")
        self.page.select_option(selector, value)


def come_back(page, player, live_server) -> None:
    """The secretary is logged in on the own phone; a day later the session is a new one."""
    player.__dict__["client"] = client = Client()
    client.force_login(player.user)
    page.context.clear_cookies()
    page.context.add_cookies(
        [
            {"name": name, "value": one.value, "url": live_server.url}
            for name, one in client.cookies.items()
            if one.value
        ]
    )


def test_an_ordinary_meeting_in_twenty_taps(city, cast, clock, browser_page, shot, live_server, capsys):
    clock.set("2026-11-16 20:00")
    began = time.monotonic()
    page = browser_page(390, as_=cast.secretary)
    thumb = Thumb(page)
    # Monday evening: plan and tell everyone
    page.goto("/")
    thumb.tap("main a:has-text('安排活动') >> visible=true")
    thumb.tap("a.act-tile:has-text('主题党日')")
    thumb.type("[name=title]", "学习新党章，议楼道灯")
    thumb.tap("button:has-text('安排并通知')")
    page.wait_for_url("**/activities/*/")
    activity = Activity.objects.get()
    assert activity.state == "notified"
    # the day itself
    clock.set(activity.starts_at - dt.timedelta(minutes=10))
    come_back(page, cast.secretary, live_server)
    page.goto("/")
    shot(page, "twenty-taps-home-390")
    thumb.tap("section:has-text('学习新党章') a:has-text('打开')")
    shot(page, "twenty-taps-detail-390")
    thumb.tap("button:has-text('开始签到')")
    page.wait_for_url("**/screen/")
    clock.set(activity.starts_at + dt.timedelta(minutes=5))
    thumb.tap("a:has-text('名单签到')")
    shot(page, "twenty-taps-everyone-390")
    for name in ("周强", "徐磊"):  # two who are not there
        thumb.tap(f"label:has-text('{name}')")
    thumb.tap("button:has-text('签到并结束')")
    page.wait_for_url("**/minutes/")
    shot(page, "twenty-taps-minutes-390")
    thumb.type("[name=note_1]", "学习了新修订的党章，六人发言。")
    thumb.type("[name=decision_0]", "本月修好三号楼楼道灯")
    thumb.choose("[name=owner_0]", str(cast.member.person.pk))
    thumb.type("[name=due_0]", "2026-11-30")
    page.wait_for_selector("text=草稿已存")
    thumb.tap("button:has-text('保存，去签字')")
    page.wait_for_url("**/sign-off/")
    shot(page, "twenty-taps-sign-off-390")
    thumb.tap("button:has-text('签字确认并归档')")
    page.wait_for_url("**/file/")
    shot(page, "twenty-taps-file-390")
    seconds = time.monotonic() - began
    activity.refresh_from_db()
    assert (activity.state, activity.present_count, activity.expected_count) == ("signed_off", 7, 9)
    assert FollowUp.objects.get().owner == cast.member.person
    assert "签字" in page.inner_text("main")
    with capsys.disabled():
        print(f"\n{thumb.taps} taps in {seconds:.0f} s of a machine's hands: " + " · ".join(thumb.story))
    assert thumb.taps <= MOST, thumb.story
