"""Each page for the cast; what the outsider sees; and one meeting from plan to sign-off by HTTP alone."""

import pytest

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity
from gongjian.records.facts.models import Fact
from tests.activities.conftest import code_of

pytestmark = pytest.mark.django_db


def test_a_meeting_by_http(clock, city, cast):
    """Every form without JavaScript: plan and notify, open, check in by link and by list, minutes, sign off."""
    client = cast.secretary.client
    assert "主题党日" in client.get("/activities/plan/").content.decode()
    address = f"/activities/plan/?org={city.branch.pk}&kind=theme_day"
    assert "15:00" in client.get(address).content.decode()
    answer = client.post(address, {
        "title": "十一月主题党日", "day": "2026-11-16", "hour": "09:15", "minutes": "90", "place": "会议室",
        "agenda": "1. 学习\n2. 讨论", "then": "notify",
    })  # fmt: skip
    activity = Activity.objects.get()
    assert answer.headers["Location"] == f"/activities/{activity.pk}/"
    assert (activity.state, activity.agenda) == ("notified", ["学习", "讨论"])
    here = f"/activities/{activity.pk}/"
    assert "已通知" in client.get(here).content.decode()
    assert client.post(here + "open/").headers["Location"] == here + "screen/"
    screen = client.get(here + "screen/").content.decode()
    assert "<svg" in screen
    assert "秒后换新码" in screen
    member = cast.member.client
    page = member.get(here + "check-in/?c=" + code_of(activity)).content.decode()
    ticket = page.split('name="ticket" value="')[1].split('"')[0]
    clock.forward(minutes=2)  # the code is gone, the ticket of the page still holds
    assert member.post(here + "check-in/", {"ticket": ticket}).status_code == 302
    assert "已签到" in member.get(here + "check-in/").content.decode()
    stolen = cast.colleague.client.post(here + "check-in/", {"ticket": ticket})
    assert stolen.status_code == 409
    assert "签到码不对" in stolen.content.decode()
    client.post(here + "list/", {"person": [cast.secretary.person.pk, cast.colleague.person.pk]})
    assert "<strong>3</strong>" in client.get(here + "screen/count/").content.decode()
    clock.forward(hours=2)
    assert client.post(here + "hold/").headers["Location"] == here + "minutes/"
    client.post(here + "minutes/", {"note_0": "学了", "decision_0": "修灯", "owner_0": cast.member.person.pk})
    assert "修灯" in client.get(here + "sign-off/").content.decode()
    client.post(here + "sign-off/")
    activity.refresh_from_db()
    assert (activity.state, activity.present_count, activity.expected_count) == ("signed_off", 3, 9)
    assert "签字确认" in client.get(here).content.decode()


def test_warnings_ask_once_and_block_nothing(clock, city, cast, make):
    make()
    address = f"/activities/plan/?org={city.branch.pk}&kind=theme_day"
    values = {
        "title": "又一次",
        "day": "2026-11-22",
        "hour": "09:00",
        "minutes": "60",
        "place": "",
        "agenda": "",
        "then": "",
    }
    page = cast.secretary.client.post(address, values).content.decode()
    assert "本期已有" in page
    assert "是休息日" in page
    accept = page.split('name="accept" value="')[1].split('"')[0]
    assert cast.secretary.client.post(address, values | {"accept": accept}).status_code == 302
    assert Activity.objects.count() == 2


def test_wrong_input_stays_in_the_form(clock, city, cast):
    address = f"/activities/plan/?org={city.branch.pk}&kind=theme_day"
    values = {
        "title": "远",
        "day": "2031-01-01",
        "hour": "09:00",
        "minutes": "60",
        "agenda": "",
        "accept": "时间已经过去",
    }
    page = cast.secretary.client.post(address, values).content.decode()
    assert "核对年份" in page
    assert not Activity.objects.exists()


def test_the_way_through_the_log_in(make, cast, client, clock):
    """Whoever scans while logged out comes back to one button, even when the code has gone meanwhile."""
    activity = make("open")
    here = f"/activities/{activity.pk}/check-in/"
    away = client.get(here + "?c=" + code_of(activity))
    assert away.status_code == 302
    assert "next=" in away.headers["Location"]
    clock.forward(minutes=3)
    client.force_login(cast.member.user)
    assert 'name="ticket"' in client.get(here).content.decode()
    assert client.post(here, {}).status_code == 302
    assert Fact.objects.filter(kind="activity.attended", person=cast.member.person.pk).count() == 1
    clock.forward(minutes=20)
    client.force_login(cast.colleague.user)
    assert client.post(here, {}).status_code == 409


def test_excuse_in_two_taps(make, cast):
    activity = make("notified")
    here = f"/activities/{activity.pk}/"
    assert "送出请假" in cast.member.client.get(here + "excuse/").content.decode()
    cast.member.client.post(here + "excuse/", {"reason": "work"})
    assert "待审批的请假" in cast.secretary.client.get(here).content.decode()
    cast.secretary.client.post(here + "decide/", {"person": cast.member.person.pk, "approve": "1"})
    assert "请假" in cast.member.client.get("/activities/mine/").content.decode()
    assert Fact.objects.filter(kind="activity.excused").count() == 1


PAGES = (
    "",
    "roster/",
    "change/",
    "cancel/",
    "screen/",
    "screen/code/",
    "screen/count/",
    "minutes/",
    "sign-off/",
    "check-in/",
    "excuse/",
)
DEEDS = (
    "notify/",
    "open/",
    "list/",
    "withdraw/",
    "decide/",
    "hold/",
    "reopen/",
    "correct/",
    "participants/",
    "leave-out/",
)


@pytest.mark.parametrize("state", ["notified", "open", "recorded", "signed_off"])
def test_the_outsider_sees_nothing(make, cast, state):
    activity = make(state, title="独一无二的主题")
    before = Fact.objects.count()
    for outsider in (cast.outsider, cast.neighbour, cast.resident):
        client = outsider.client
        for part in PAGES:
            answer = client.get(f"/activities/{activity.pk}/{part}")
            assert answer.status_code in (403, 404), part
            assert "独一无二的主题" not in answer.content.decode()
        for part in DEEDS:
            answer = client.post(
                f"/activities/{activity.pk}/{part}", {"person": cast.member.person.pk, "reason": "试试"}
            )
            assert answer.status_code in (403, 404), part
        for address in (
            "/activities/",
            "/activities/?q=独一无二",
            "/activities/?export=csv",
            "/activities/month/",
            "/activities/mine/",
        ):
            answer = client.get(address)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert "独一无二的主题" not in body.decode()
    assert Fact.objects.count() == before


def test_a_member_sees_numbers_but_not_who_was_away(make, cast):
    activity = make("signed_off")
    page = cast.colleague.client.get(f"/activities/{activity.pk}/").content.decode()
    assert "学习了文件" in page
    assert "张伟" not in page
    assert cast.colleague.client.get(f"/activities/{activity.pk}/roster/").status_code == 403


@pytest.mark.parametrize("state", ["planned", "notified", "open", "held", "signed_off", "cancelled"])
@pytest.mark.parametrize("who", ["secretary", "member", "community", "street", "district", "city"])
def test_the_file_opens_for_those_who_may(make, cast, state, who):
    activity = make(state)
    answer = getattr(cast, who).client.get(f"/activities/{activity.pk}/")
    assert answer.status_code == 200
    assert activity.title in answer.content.decode()


def test_the_list_filters_and_exports(make, cast, queries):
    make("signed_off")
    make("planned", kind="party_lesson", org=None, title="专题党课")
    client = cast.community.client
    assert "专题党课" in client.get("/activities/?kind=party_lesson").content.decode()
    assert "专题党课" not in client.get("/activities/?kind=theme_day").content.decode()
    assert "专题党课" not in client.get("/activities/?month=2026-10").content.decode()
    export = b"".join(client.get("/activities/?export=csv").streaming_content).decode("utf-8-sig")
    assert "2 / 9" in export
    with queries(25):
        client.get("/activities/")


def test_nonsense_in_addresses(make, cast):
    activity = make()
    client = cast.secretary.client
    assert client.get("/activities/99999999/").status_code == 404
    assert client.get("/activities/month/?month=2026-99").status_code == 422
    assert client.get("/activities/?month=x&org=x&state=x&after=zzz").status_code == 200
    assert client.get("/activities/plan/?org=x").status_code == 404
    assert client.get("/activities/plan/?kind=nonsense").status_code == 404
    assert client.post(f"/activities/{activity.pk}/list/", {"person": "x"}).status_code in (302, 422)
    assert client.get(f"/activities/{activity.pk}/notify/").status_code == 405


def test_check_in_of_a_chosen_secretary_of_the_community(make, city, cast):
    """A secretary who is no member of the branch checks in where she is on the list."""
    activity = make("notified")
    actions.add_participants(activity=activity, people=[cast.community.person.pk], by=cast.community.actor)
    actions.open_check_in(activity=activity, by=cast.secretary.actor)
    assert actions.check_in(activity_id=activity.pk, by=cast.community.actor, code=code_of(activity)).first
