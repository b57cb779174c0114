"""In a browser: a resident at the market asks on a phone in at most eight taps; the desk dispatches ten by keys; a member does it."""

import re

import pytest

from gongjian.desks.orders import actions
from gongjian.desks.orders.models import Order
from gongjian.desks.orders.queries import WITH
from gongjian.records.places.models import Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Thumb:
    """A thumb on a phone that counts: touching a field to write in it is a tap as well."""

    def __init__(self, page) -> None:
        self.page, self.taps = page, 0

    def tap(self, what: str) -> None:
        self.taps += 1
        self.page.tap(what)

    def write(self, what: str, text: str) -> None:
        self.tap(what)
        self.page.fill(what, text)


def test_from_the_market_to_five_stars(city, cast, ask, picture, browser_page, shot, tmp_path):
    Place.objects.create(kind="estate", code="E1", name="桂花苑", community=city.community, organisation=city.branch)
    for n in range(9):
        ask(f"第{n}件事：{'门禁' if n % 2 else '井盖'}坏了，请来看看", kind="repair" if n % 3 else "environment")
    phone = browser_page(390)
    thumb = Thumb(phone)
    phone.goto(f"/orders/?c={city.community.code}")
    shot(phone, "orders-start-390")
    thumb.tap("text=公共设施报修")
    phone.wait_for_url("**/new/repair/**")
    thumb.write("#id_text", "三号楼门口的路灯坏了，老人不敢下楼，打13912345678")
    thumb.write("#id_where", "三号楼一单元门口")
    thumb.write("#id_phone", "13912345678")
    photo = tmp_path / "lamp.jpg"
    photo.write_bytes(picture)
    phone.set_input_files("#id_photo", photo)
    thumb.taps += 2  # the camera, and its shutter
    assert phone.evaluate("document.querySelector('#id_photo').files.length") == 1
    phone.wait_for_selector("text=自动遮住")
    shot(phone, "orders-ask-390")
    thumb.tap("button:has-text('提交')")
    phone.wait_for_url("**/orders/f/**")
    assert thumb.taps <= 8, thumb.taps
    shot(phone, "orders-follow-new-390")
    link = re.sub(r"\?.*", "", phone.url)
    order = Order.objects.get(raised_by=None, text__contains="路灯")
    assert order.number in phone.inner_text(".ord-number")

    desk = browser_page(1440, as_=cast.community)
    desk.goto("/orders/desk/")
    shot(desk, "orders-desk-1440")
    narrow = browser_page(390, as_=cast.community)
    narrow.goto("/orders/desk/")
    shot(narrow, "orders-desk-390")
    desk.keyboard.press("n")
    for n in range(10):
        desk.wait_for_selector("[data-hotkey='1']")
        if n == 0:
            shot(desk, "orders-queue-1440")
        before = desk.url
        desk.keyboard.press("1")
        desk.wait_for_function("before => location.href !== before", arg=before)
        desk.wait_for_load_state()
    assert not Order.objects.filter(state="raised").exists(), "ten keys, ten orders"

    own = Order.objects.select_related(*WITH).get(pk=order.pk)
    actions.recall(order=own, by=cast.community.actor)
    actions.dispatch(order=own, org=city.branch, by=cast.community.actor)
    member = browser_page(390, as_=cast.member)
    member.goto("/orders/jobs/")
    shot(member, "orders-jobs-390")
    member.goto(f"/orders/o/{order.pk}/")
    member.click("text=我来办，接单")
    member.click("text=显示姓名、电话和地址")
    shot(member, "orders-job-390")
    member.fill("#finish_text", "换了灯泡，晚上试过，亮了。")
    member.click("button:has-text('办结')")
    member.wait_for_selector("text=等居民评价")
    phone.goto(link)
    shot(phone, "orders-rate-390")
    phone.check("[name=stars][value='5']")
    phone.check("[name=solved][value='1']")
    phone.click("text=提交评价")
    phone.wait_for_selector("text=谢谢您的评价")
    shot(phone, "orders-rated-390")
    assert Order.objects.get(pk=order.pk).stars == 5
    desk.goto(f"/orders/o/{order.pk}/")
    shot(desk, "orders-order-1440")
    desk.goto("/orders/desk/rates/")
    shot(desk, "orders-rates-1440")
    desk.goto("/orders/desk/note/?kind=elder")
    shot(desk, "orders-note-1440")
    desk.goto(f"/orders/desk/poster/{city.community.pk}/")
    shot(desk, "orders-poster-1440")


def test_without_scripts_and_in_large_type(city, cast, browser_page, shot):
    page = browser_page(390, javascript=False)
    page.goto("/orders/")
    page.click("[data-elder] button")
    page.goto("/orders/")
    shot(page, "orders-start-elder-390")
    page.click("text=提个建议")
    page.fill("#id_community", "榕荫社区")
    page.fill("#id_text", "小广场装个长椅吧")
    shot(page, "orders-ask-elder-390")
    page.click("button:has-text('提交')")
    page.wait_for_url("**/orders/f/**")
    shot(page, "orders-follow-elder-390")
    assert page.locator(".ord-number").count() == 1
