"""Home pages by role, search, notices, the pulse; what the cadre of another district sees of it (nothing)."""

import re
from unittest import mock

import pytest
from django.db import OperationalError
from django.urls import reverse

from gongjian.appraisal.standards import actions as standards
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.notices import actions as notices
from gongjian.records.notices.models import Notice

pytestmark = pytest.mark.django_db
LEADERS = ("secretary", "community", "street", "district", "city", "unit_secretary", "outsider")
EVERYONE = (*LEADERS, "member", "resident", "auditor", "admin")
BUDGET = 30
TODOS_BUDGET = 40  # all rooms together, at most four of each, apart from the page that shows them


@pytest.fixture
def demo(settings):
    settings.DEMO = True  # the administrator owes no second factor


@pytest.fixture
def judged(cast, clock, deliver):
    """The city as it is judged on a morning near the end of a month: much is at risk."""
    clock.set("2026-11-25 09:00")
    deliver()
    standards.sweep(by=SYSTEM)
    return cast


def home(player, query=""):
    answer = player.client.get("/" + query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("role", EVERYONE)
def test_within_the_budget(judged, demo, queries, role):
    player = getattr(judged, role)
    home(player)  # the first look fills the pack's cache
    with queries(BUDGET):
        home(player)
    with queries(TODOS_BUDGET):
        assert player.client.get("/todos/").status_code == 200


def test_a_secretary_sees_what_is_due_with_a_button_each(judged, city):
    page = home(judged.secretary)
    assert city.branch.name in page
    assert "要抓紧的" in page
    assert "预警" in page or "不达标" in page
    assert 'hx-get="/todos/"' in page  # what waits comes after the page, as a part of its own
    assert "等您办的事" in judged.secretary.client.get("/todos/", headers={"HX-Request": "true"}).content.decode()


def test_the_street_sees_who_falls_short_and_can_urge(judged, city):
    page = home(judged.street)
    assert city.branch.name in page
    assert "督促全部" in page
    assert city.other_branch.name not in page
    urge = reverse("standards:remind_org", args=[city.branch.pk])
    assert urge in page
    judged.street.client.post(urge)
    assert Notice.objects.filter(person=judged.secretary.person, title__contains=city.branch.name).exists(), list(
        Notice.objects.values()
    )


def test_counts_lead_to_lists_that_hold_as_many(judged, city):
    page = home(judged.street)
    href, value = re.search(r'<a href="([^"]*state=at_risk)"[^>]*>.*?gj-stat-value">([\d,]+)<', page, re.S).groups()
    listed = judged.street.client.get(href.replace("&amp;", "&"))
    assert listed.status_code == 200
    shown = re.search(r"共\s*(?:<[^>]+>)?\s*([\d,]+)", listed.content.decode())
    assert shown
    assert shown[1] == value


def test_the_city_gets_five_answers_and_compares_per_head(judged, city):
    page = home(judged.city)
    for question in ("哪里需要我", "什么变差了", "谁做得好、为什么", "答应的事到期没有", "群众怎么说"):
        assert question in page
    assert "还没有收集群众的意见" in page
    assert "人均积分" in page
    assert city.district.name in page
    assert city.other_district.name in page


def test_the_cadre_of_another_district_sees_none_of_it(judged, city):
    page = home(judged.outsider)
    assert city.other_district.name in page
    for ours in (city.district, city.street, city.community, city.branch, city.sister):
        assert ours.name not in page
    # nor by asking for somebody else's page, nor by searching
    asked = home(judged.outsider, f"?face=area-{city.street.pk}")
    assert city.street.name not in asked
    for text in ("榕荫", "ry", "rongyin", "陈静"):
        found = judged.outsider.client.get(reverse("workbench:search"), {"q": text}).content.decode()
        assert "没有找到" in found, text


def test_a_member_reads_what_is_next_and_owes_nothing(judged):
    page = home(judged.member)
    assert "本月没有要参加的活动" in page
    assert "还没有安排" in page
    assert "本月积分" in page
    assert "督促" not in page
    assert "gj-phone" in page


def test_a_resident_has_open_activities_and_own_data(judged):
    page = home(judged.resident)
    assert "附近的开放活动" in page
    assert "我的记录" in page
    assert "积分从哪来" not in page


def test_the_administrator_sees_how_the_system_is(judged, demo):
    page = home(judged.admin)
    for word in ("事实的传递", "定时任务", "现行政策包", "工作日历到", "缺两步验证的账号", "gongjian doctor"):
        assert word in page


def test_who_holds_several_roles_switches(judged):
    page = home(judged.secretary)
    assert "?face=me" in page
    assert "本月积分" in home(judged.secretary, "?face=me")
    assert "要抓紧的" in home(judged.secretary, "?face=nonsense")
    assert "wb-switch" not in home(judged.member)


def test_those_we_do_not_know_are_told_what_this_is(client, db):
    page = client.get("/")
    assert page.status_code == 200
    text = page.content.decode()
    assert reverse("account_login") in text
    assert reverse("points:rules") in text
    assert client.get(reverse("points:rules")).status_code == 200


@pytest.mark.parametrize("text", ["榕荫第一", "rongyindiyi", "rydy", "语文组"])
def test_search_by_chinese_pinyin_and_initials(cast, city, text):
    found = cast.district.client.get(reverse("workbench:search"), {"q": text}).content.decode()
    assert ("语文组" if text == "语文组" else city.branch.name) in found


@pytest.mark.parametrize("text", ["陈静", "chenjing", "cj"])
def test_search_finds_people_whom_one_may_see(cast, text):
    here = reverse("workbench:search")
    assert "陈静" in cast.secretary.client.get(here, {"q": text}).content.decode()
    found = cast.resident.client.get(here, {"q": text}).content.decode()
    assert "没有找到" in found


def test_search_takes_any_text(cast, queries):
    client = cast.street.client
    for text in ("", " ", "\x00", "%_'\"", "a" * 5000, "🀄"):
        with queries(BUDGET):
            assert client.get(reverse("workbench:search"), {"q": text}).status_code == 200


def test_notices_are_read_one_by_one_or_all_at_once(cast):
    me = cast.member.person.pk
    link = reverse("workbench:record")
    for number in range(3):
        notices.tell(people=[me], kind="test", title=f"第{number}条", link=link, key=f"test:{number}")
    notices.tell(people=[cast.colleague.person.pk], kind="test", title="别人的", link=link, key="test:other")
    here = reverse("workbench:notices")
    page = cast.member.client.get(here).content.decode()
    assert "3 条未读" in page
    assert "别人的" not in page
    first = Notice.objects.filter(person=me).first()
    read = reverse("workbench:read_notice", args=[first.pk])
    assert cast.member.client.get(read).status_code == 405
    assert cast.member.client.post(read)["Location"] == link
    assert "2 条未读" in cast.member.client.get(here).content.decode()
    other = Notice.objects.get(title="别人的")
    assert cast.member.client.post(reverse("workbench:read_notice", args=[other.pk]))["Location"] == here
    other.refresh_from_db()
    assert other.read_at is None
    cast.member.client.post(reverse("workbench:read_all"))
    assert "没有未读消息" in cast.member.client.get(here).content.decode()


def test_a_notice_leads_nowhere_else(cast):
    me = cast.member.person.pk
    for number, link in enumerate(("https://example.org/", "//example.org/", "/\\example.org")):
        notices.tell(people=[me], kind="test", title="x", link=link, key=f"bad:{number}")
    for row in Notice.objects.filter(person=me):
        answer = cast.member.client.post(reverse("workbench:read_notice", args=[row.pk]))
        assert answer["Location"] == reverse("workbench:notices")


def test_the_pulse_is_public_and_says_little(client, db):
    body = client.get("/healthz").json()
    assert body["status"] == "ok"
    assert body["database"] == "ok"
    assert set(body) == {"status", "database", "relay"}
    assert all(isinstance(lag, int) for lag in body["relay"]["lag"].values())


CURSOR = "django.db.backends.base.base.BaseDatabaseWrapper.cursor"


def test_while_the_database_is_away_readers_come_back_later(cast):
    client = cast.member.client
    client.raise_request_exception = False
    anonymous = type(client)(raise_request_exception=False)
    with mock.patch(CURSOR, side_effect=OperationalError("connection refused")):
        page, api, pulse = client.get("/"), client.get("/api/v1/organisations"), anonymous.get("/healthz")
    for answer in (page, api, pulse):
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
    assert "系统正在维护" in page.content.decode()
    assert api["Content-Type"] == "application/problem+json"
    assert pulse.json()["status"] == "down"


def test_a_wrong_statement_is_a_fault_and_no_outage(cast):
    client = cast.member.client
    client.raise_request_exception = False
    with mock.patch(
        "gongjian.outlets.workbench.queries.me.home", side_effect=OperationalError("no such column: nothing")
    ):
        assert client.get("/").status_code == 500
