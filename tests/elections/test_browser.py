"""In a browser: an election with a tie at the cut, voted on again among the tied, up to the committee."""

import pytest

from gongjian.desks.elections.models import Round
from gongjian.engines.voting import actions as voting
from gongjian.engines.voting.models import PollBallot
from gongjian.records.access.queries import actor_of_person
from tests.elections.test_deeds import TIE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def hand_in(page, wanted: dict[str, bool]):
    """Choose on the phone for each name, and hand in."""
    for name, yes in wanted.items():
        row = page.locator(f"fieldset:has(legend:text-is('{name}'))")
        row.locator("label:has-text('赞成')").first.click() if yes else row.locator("label:has-text('不赞成')").click()
    page.click("text=交票")
    page.wait_for_selector("text=已交票")


def test_a_tie_from_the_first_ballot_to_the_committee(walk, cast, browser_page, shot):
    one = walk("meeting")
    here = f"/elections/{one.election.pk}/"
    desk, phone = browser_page(1440, as_=cast.secretary), browser_page(390, as_=cast.member)
    desk.goto(here)
    shot(desk, "elections-meeting-1440")
    desk.click("button:has-text('首次投票：手机投票')")
    desk.wait_for_selector("text=名册")
    first = Round.objects.get()
    phone.goto(f"/voting/{first.poll_id}/ballot/")
    phone.wait_for_selector("text=请先登记到会")
    desk.click("button:has-text('全部到会')")
    desk.wait_for_selector("text=已登记到会")
    shot(desk, "elections-roll-1440")
    phone.goto(f"/voting/{first.poll_id}/ballot/")
    shot(phone, "elections-ballot-390")
    names = {person.pk: person.name for person in one.people}
    mine = {names[one.people[i].pk]: i in TIE[3] for i in range(4)}
    hand_in(phone, mine)
    shot(phone, "elections-handed-in-390")
    for voter, chosen in TIE.items():
        if voter != 3:  # the member of the cast is the fourth
            yes = {str(one.people[i].pk) for i in chosen}
            choices = {item: "yes" if item in yes else "no" for item in first.poll.item_ids}
            voting.cast(poll=first.poll, choices=choices, by=actor_of_person(one.people[voter]))
    desk.goto(here)
    desk.click("text=计票并宣布结果")
    desk.wait_for_selector("text=结果已宣布")
    desk.click("text=确认本轮结果")
    desk.wait_for_selector("text=票数相等再次投票：手机投票")
    assert desk.locator(".gj-badge:has-text('票数相等')").count() == 2
    shot(desk, "elections-tie-1440")
    desk.click("button:has-text('票数相等再次投票：手机投票')")
    desk.wait_for_selector("text=名册")
    again = Round.objects.get(number=2)
    assert {item["label"] for item in again.poll.items} == {"王芳", "张伟"}
    for box in desk.locator(".vote-roll input[name=person]").all():
        box.check()
    desk.click("button:has-text('登记到会')")
    phone.goto(f"/voting/{again.poll_id}/ballot/")
    phone.wait_for_selector("text=最多选 1 人")
    hand_in(phone, {"王芳": True, "张伟": False})
    desk.goto(here)
    desk.click("text=计票并宣布结果")
    desk.click("text=确认本轮结果")
    desk.wait_for_selector("text=召开委员会第一次会议")
    assert one.fresh().state == "elected"
    assert not PollBallot.objects.exclude(sealed="").exists()
    shot(desk, "elections-elected-1440")
    narrow = browser_page(390, as_=cast.secretary)
    narrow.goto(here)
    shot(narrow, "elections-elected-390")
    desk.goto(here + "protocol/")
    shot(desk, "elections-protocol-1440")
