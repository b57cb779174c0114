"""A hall of three hundred in a browser: the organiser's list on a phone, and two devices, one of them without network."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Attendance, Device
from gongjian.ground.kernel.pinyin import spell
from gongjian.records.facts.models import Fact
from gongjian.records.people.models import Membership, Person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平"


@pytest.fixture
def hall(city, cast):
    """An open meeting of three hundred members of the community's branches, about to begin."""
    names = [a + b for a in SURNAMES for b in GIVEN][: 300 - 9]
    new = Person.objects.bulk_create(
        Person(
            name=name,
            registered_at=timezone.now(),
            **dict(zip(("pinyin", "initials"), spell(name, name=True), strict=True)),
        )
        for name in names
    )
    Membership.objects.bulk_create(
        Membership(
            person=person, org=city.branch, kind="formal", joined_on=dt.date(2015, 7, 1), formal_on=dt.date(2016, 7, 1),
            starts_on=dt.date(2015, 7, 1),
        ) for person in new
    )  # fmt: skip
    activity = actions.plan(
        org=city.branch,
        kind="branch_assembly",
        by=cast.secretary.actor,
        starts_at=timezone.now() - dt.timedelta(minutes=5),
    )
    actions.notify(activity=activity, by=cast.secretary.actor)
    actions.open_check_in(activity=activity, by=cast.secretary.actor)
    return activity


def test_two_devices_one_offline(hall, cast, browser_page, shot):
    here = f"/activities/{hall.pk}/"
    desk = browser_page(1440, as_=cast.secretary)
    links = []
    for title in ("门口平板", "后门手机"):
        desk.goto(here + "devices/")
        desk.fill("[name=title]", title)
        desk.click("text=准备一台设备")
        links.append(desk.locator("a:has-text('在这台设备上打开')").get_attribute("href"))
    shot(desk, "hall-devices-pair-1440")
    door, back = browser_page(390), browser_page(390)
    for device, link in zip((door, back), links, strict=True):
        device.goto(link)
        device.wait_for_selector("text=本页已存到这台设备")
        assert device.locator(".hall-person").count() == 300
        assert "#" not in device.url
    shot(door, "hall-device-390")
    back.context.set_offline(True)
    back.reload()  # from the service worker
    back.wait_for_selector(".hall-person")
    assert "没有网络" in back.locator("[data-part=net]").inner_text()

    def tap(device, name):
        device.fill("[data-part=search]", name)
        device.locator(f".hall-person:has(.hall-name:text-is('{name}'))").click()

    order = list(
        Attendance.objects.filter(activity=hall)
        .order_by("person__pinyin", "person")
        .values_list("person__name", flat=True)
    )
    counted = {name: order.count(name) for name in order}
    single = [name for name in order if counted[name] == 1]
    for name in single[:12]:
        tap(back, name)
    back.on("dialog", lambda dialog: dialog.accept())
    tap(back, single[11])  # a slip: taken back
    back.fill("[data-part=search]", "蒋访客")
    back.click("[data-part=add]")
    shot(back, "hall-device-offline-390")
    for name in single[8:20]:
        tap(door, name)
    door.wait_for_selector("text=都已交回", timeout=20_000)
    assert Attendance.objects.filter(activity=hall, status="present").count() == 12
    back.reload()
    back.wait_for_selector("text=14 条还没有交回")  # twelve, one taken back, one name outside the list
    back.context.set_offline(False)  # it hands in by itself
    back.wait_for_selector("text=都已交回", timeout=20_000)
    shot(back, "hall-device-handed-in-390")
    assert Attendance.objects.filter(activity=hall, status="present").count() == 20
    assert Fact.objects.filter(kind="activity.attended").count() == 20
    twice = Attendance.objects.get(activity=hall, person__name=single[9])
    assert twice.rounds == 1
    assert twice.checked_in_at == min(
        row.at for device in Device.objects.all() for row in device.rows.filter(person=twice.person)
    )
    desk.goto(here + "devices/")
    assert "蒋访客" in desk.content()
    shot(desk, "hall-devices-stranger-1440")
    desk.goto(here + "screen/")
    shot(desk, "hall-screen-1440")
    assert "20" in desk.locator(".act-number").inner_text()
    assert single[9] not in desk.locator(".act-screen").inner_text()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_list_on_a_phone(hall, cast, browser_page, shot, javascript):
    page = browser_page(390, as_=cast.secretary, javascript=javascript)
    page.goto(f"/activities/{hall.pk}/hall-list/")
    assert page.locator(".hall-row").count() == 300
    shot(page, f"hall-list-390-{'js' if javascript else 'plain'}")
    page.fill("#hall-q", "zw")
    if not javascript:
        page.click("#hall-filter button")
    expect(page.locator(".hall-row").nth(20)).to_have_count(0)
    person = cast.member.person  # 张伟
    row = page.locator(f"#p{person.pk}")
    row.locator("button").click()
    page.wait_for_selector(f"#p{person.pk} >> text=撤销")
    assert "实到 1" in page.locator("#hall-count").inner_text()
    page.locator(f"#p{person.pk} button").click()
    page.wait_for_selector(f"#p{person.pk} >> text=到了")
    assert Attendance.objects.get(activity=hall, person=person).status == "expected"
    shot(page, f"hall-list-search-390-{'js' if javascript else 'plain'}")
