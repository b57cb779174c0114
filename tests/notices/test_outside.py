"""Outside messages from the notice to the receiver: what goes, when, how often, and what becomes of failures."""

import datetime as dt
import json

import pytest

from gongjian.ground import policy
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.outlets.upkeep import doctor
from gongjian.records.facts.models import Fact
from gongjian.records.notices import actions, delivery, outbox, queries, rules
from gongjian.records.notices.models import Choice, Notice, Outgoing, Robot
from tests.at_once import at_once

pytestmark = pytest.mark.django_db
SECRET_NAME = "李明"


def urgent(cast, key="a", *, people=None, org=None):
    return actions.tell(
        people=people or [cast.member.person.pk], kind="activity_change", title=f"【改期】{SECRET_NAME}的党课",
        body=f"{SECRET_NAME}请假", link="/activities/7/", key=key, org=org,
    )  # fmt: skip


def test_an_urgent_notice_goes_out_once_by_each_chosen_channel_and_names_nobody(cast, reader, http, smtp):
    http.answer = {"code": 0}
    assert urgent(cast, people=[cast.member.person.pk, cast.colleague.person.pk]) == 2
    assert urgent(cast) == 0
    assert sorted(Outgoing.objects.values_list("channel", "person")) == [
        ("mail", reader.person.pk), ("sms", reader.person.pk),
    ], "the colleague chose nothing"  # fmt: skip
    assert delivery.send_due() == 2
    assert delivery.send_due() == 0
    [(path, _query, body)] = http.asked
    assert path == "/sms"
    assert json.loads(body) == {
        "mobile": "13900000000", "content": "【共建】活动有变动\nhttps://dj.example.cn/activities/7/", "type": "notice",
    }  # fmt: skip
    [(to, letter)] = smtp.kept
    assert "zhang@example.com" in to
    everything = body + letter.decode()
    from email import message_from_bytes
    from email import policy as mails

    read = message_from_bytes(letter, policy=mails.default)
    assert (read["subject"], "activities/7" in read.get_content()) == ("活动有变动", True)
    assert SECRET_NAME not in everything + read["subject"] + read.get_content()
    assert not Fact.objects.filter(data__icontains="zhang@").exists()
    assert "zhang" not in Choice.objects.get().address_sealed + Choice.objects.get().address_masked


def test_a_digest_a_day_on_working_days_within_the_week_s_limit(cast, reader, http, smtp, clock):
    http.answer = {"code": 0}
    actions.choose(by=reader.actor, outside=True, mail=True)
    clock.forward(minutes=10)

    def tell(n):
        actions.tell(people=[reader.person.pk], kind="activity", title=SECRET_NAME, key=f"d{n}")
        actions.tell(people=[reader.person.pk], kind="dues", title=SECRET_NAME, key=f"e{n}")
        actions.tell(people=[reader.person.pk], kind="birthday", title=SECRET_NAME, key=f"f{n}")

    tell(0)
    clock.set("2026-11-17 08:29")
    assert outbox.prepare_digests() == 0
    clock.set("2026-11-17 08:31")
    assert outbox.prepare_digests() == 1
    assert outbox.prepare_digests() == 0
    assert Outgoing.objects.get().title == "您有2条未读消息：活动通知1条、党费提醒1条"
    assert delivery.send_due() == 1
    clock.set("2026-11-18 09:00")
    assert outbox.prepare_digests() == 0, "nothing new"
    tell(1)
    actions.mark_read(by=reader.actor)
    clock.set("2026-11-19 09:00")
    assert outbox.prepare_digests() == 0, "all was read"
    tell(2)
    clock.set("2026-11-21 09:00")
    assert outbox.prepare_digests() == 0, "a Saturday"
    for n in range(5):  # urgent kinds are exempt from the limit but count
        urgent(cast, f"u{n}")
    assert delivery.send_due() == 5
    clock.set("2026-11-23 09:00")
    assert outbox.prepare_digests() == 1, "Monday tells of Thursday"
    assert delivery.send_due() == 1
    for n in range(5):
        urgent(cast, f"v{n}")
    assert delivery.send_due() == 5
    tell(3)
    clock.set("2026-11-24 09:00")
    assert outbox.prepare_digests() == 1
    assert delivery.send_due() == 0
    assert Outgoing.objects.get(state="held").form == "digest"


def test_quiet_hours_and_switching_off(cast, reader, http, smtp, clock):
    http.answer = {"code": 0}
    clock.set("2026-11-16 22:30")
    urgent(cast)
    assert delivery.send_due() == 0
    assert {
        rules.minutes_of(row.due_at.astimezone(clock.now.tzinfo).strftime("%H:%M")) for row in Outgoing.objects.all()
    } == {480}
    clock.set("2026-11-17 08:01")
    actions.choose(by=reader.actor, outside=True, sms=True)
    assert delivery.send_due() == 1
    assert Outgoing.objects.get(channel="mail").state == "dropped"
    urgent(cast, "b")
    actions.choose(by=reader.actor, outside=False)
    assert delivery.send_due() == 0
    assert Choice.objects.get().address_sealed == "", "whoever switches off leaves no address behind"
    assert Outgoing.objects.filter(state="dropped").count() == 2
    assert [fact.data["outside"] for fact in Fact.objects.filter(kind="channels.chosen").order_by("id")] == [
        True,
        True,
        False,
    ]
    for wrong in ({"quiet_begins": "17:59"}, {"quiet_ends": "10:01"}, {"quiet_ends": "8"}, {"mail": True}):
        with pytest.raises(Invalid):
            actions.choose(by=reader.actor, outside=True, **wrong)
    with pytest.raises(Invalid):
        actions.choose(by=cast.colleague.actor, outside=True, sms=True)


def test_failures_wait_longer_each_time_then_are_given_up_and_sent_again(cast, reader, http, clock, settings):
    retry = policy.current().notices.retry
    actions.choose(by=reader.actor, outside=True, sms=True)
    urgent(cast)
    http.status = 500
    waits = []
    for _n in range(retry.attempts):
        now = clock.now
        assert delivery.send_due(at=now) == 0
        row = Outgoing.objects.get()
        waits.append(round((row.due_at - now).total_seconds()))
        clock.set(max(row.due_at, now) + dt.timedelta(seconds=1))
        if clock.now.astimezone(now.tzinfo).hour >= 21 or clock.now.hour < 8:
            clock.set("2026-11-17 08:10")
    assert waits[:3] == [60, 240, 960]
    assert (row.state, row.attempts, row.error) == ("given_up", retry.attempts, "对方应答 500")
    assert "13900000000" not in row.error
    [found] = [one for one in doctor.examine() if one.check.startswith("消息渠道")]
    assert (found.state, "对方应答 500" in found.text) == ("wrong", True)
    assert delivery.send_due() == 0
    http.status, http.answer = 200, {"code": "E1", "message": "余额不足"}
    assert actions.send_again(by=cast.admin.actor) == 1
    assert delivery.send_due() == 0
    assert "拒绝" in Outgoing.objects.get().error, "200 is not yet yes"
    http.answer = b"<html>"
    clock.forward(minutes=2)
    delivery.send_due()
    assert Outgoing.objects.get().error == "看不懂对方的应答"
    http.answer = {"code": 0}
    clock.forward(minutes=10)
    assert delivery.send_due() == 1
    assert actions.send_again(by=cast.admin.actor) == 0
    settings.DEMO = True
    urgent(cast, "demo")
    assert delivery.send_due() == 0
    assert delivery.send_in_background() is False


def test_a_hanging_receiver_and_one_that_is_not_there(cast, reader, http, smtp, monkeypatch, settings):
    rule = policy.current().notices
    quick = rule.model_copy(update={"timeout_seconds": 2})
    monkeypatch.setattr(
        delivery.policy, "current", lambda: policy.on(dt.date(2026, 11, 16)).model_copy(update={"notices": quick})
    )
    urgent(cast)
    urgent(cast, "second")
    http.delay = 4
    assert delivery.send_due() == 2, "the mail goes all the same"
    assert len(http.asked) == 1, "the second is not tried in the same round"
    assert Outgoing.objects.filter(channel="sms", attempts=1).get().error == "对方没有按时应答"
    smtp.refuse, settings.SMS = True, {"url": "http://127.0.0.1:9/"}
    urgent(cast, "third")
    assert delivery.send_due() == 0
    assert Outgoing.objects.get(key__contains="third", channel="mail").error.startswith("邮件服务器")
    assert Outgoing.objects.get(key__contains="third", channel="sms").error.startswith("连不上对方")


def test_a_crash_between_sending_and_marking_sends_once_more(cast, reader, http, clock):
    http.answer = {"code": 0}
    actions.choose(by=reader.actor, outside=True, sms=True)
    urgent(cast)
    pk = Outgoing.objects.get().pk
    taken = delivery.claim(pk)
    assert delivery.claim(pk) is None, "somebody has it"
    delivery._send(taken)  # … and here the process dies
    assert delivery.send_due() == 0
    clock.forward(seconds=policy.current().notices.lease_seconds + 1)
    assert delivery.send_due() == 1
    assert len(http.asked) == 2
    assert not delivery._mark(taken, state="given_up"), "the first one's late word counts for nothing"
    assert Outgoing.objects.get().state == "sent"


def test_robots_are_signed_limited_and_refusals_are_seen(cast, city, http, clock):
    admin = cast.admin.actor
    with pytest.raises(Forbidden):
        actions.add_robot(org=city.branch, channel="wecom", token="k" * 20, by=cast.secretary.actor)
    with pytest.raises(Invalid):
        actions.add_robot(org=city.branch, channel="wecom", token="https://example.cn/no", by=admin)
    wecom = actions.add_robot(
        org=city.branch,
        channel="wecom",
        token="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=abcd-1234-wxyz-9",
        by=admin,
    )
    ding = actions.add_robot(org=city.branch, channel="dingtalk", token="tokentoken99", secret="SECabc", by=admin)
    with pytest.raises(Refused):
        actions.add_robot(org=city.branch, channel="wecom", token="z" * 20, by=admin)
    assert "abcd" not in Robot.objects.get(pk=wecom.pk).token_sealed
    urgent(cast, org=city.branch.pk)
    urgent(cast, people=[cast.colleague.person.pk], org=city.branch.pk)  # the same thing told to one more
    assert delivery.send_due() == 2
    (path, query, body), (other, signed, _body) = sorted(http.asked, key=lambda one: one[0], reverse=True)
    assert (path, query, other) == ("/wecom", {"key": "abcd-1234-wxyz-9"}, "/dingtalk")
    assert json.loads(body) == {
        "msgtype": "text",
        "text": {"content": "活动有变动\nhttps://dj.example.cn/activities/7/"},
    }
    assert signed["sign"] == rules.dingtalk_signature("SECabc", int(signed["timestamp"])), "encoded once"
    http.answer = {"errcode": 310000, "errmsg": "sign not match tokentoken99"}
    actions.send_test(by=admin, channel="", robot=ding)
    assert delivery.send_due() == 0
    error = Outgoing.objects.get(form="test").error
    assert "310000" in error
    assert "tokentoken99" not in error
    http.answer = {"errcode": 0}
    clock.forward(minutes=3)
    for n in range(25):
        actions.tell(people=[cast.member.person.pk], kind="activity", title="x", key=f"many{n}", org=city.branch.pk)
    Outgoing.objects.filter(robot=ding, state="waiting", form="notice").delete()
    assert delivery.send_due() == 20 + 1, "twenty a minute to the group, and the test that failed before"
    clock.forward(seconds=61)
    assert delivery.send_due() == 5
    actions.close_robot(robot=wecom, by=admin)
    actions.close_robot(robot=wecom, by=admin)
    assert Fact.objects.filter(kind="robot.closed").count() == 1
    assert Robot.objects.get(pk=wecom.pk).token_sealed == ""
    with pytest.raises(NotFound):
        queries.robot_for(admin, wecom.pk)


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_message_once_and_keep_the_limit(cast, reader, http, monkeypatch):
    http.answer, http.delay = {"code": 0}, 0.05
    rule = policy.current().notices
    strict = policy.current().model_copy(update={"notices": rule.model_copy(update={"urgent_exempt": False})})
    monkeypatch.setattr(delivery.policy, "current", lambda: strict)
    actions.choose(by=reader.actor, outside=True, sms=True)
    for n in range(8):
        urgent(cast, f"n{n}")
    assert sum(at_once([delivery.send_due] * 3)) == rule.weekly_limit
    assert len(http.asked) == rule.weekly_limit
    assert Outgoing.objects.filter(state="held").count() == 8 - rule.weekly_limit
    assert Notice.objects.filter(kind="activity_change").count() == 8


def test_pages_and_api(cast, city, reader, http, smtp, queries, settings):
    client = reader.client
    answer = client.get("/notices/channels/")
    assert "z***@example.com" in answer.content.decode()
    assert "139****0000" in answer.content.decode()
    given = {"outside": "on", "sms": "on", "quiet_begins": "20:00", "quiet_ends": "09:00"}
    assert client.post("/notices/channels/", given).status_code == 302
    assert "之间" in client.post("/notices/channels/", {**given, "quiet_begins": "12:00"}).content.decode()
    found = client.get("/api/v1/notices/channels").json()
    assert (found["mail"], found["sms"], found["quiet_begins"]) == (False, True, "20:00")
    http.status = 500
    urgent(cast)
    Outgoing.objects.update(state="given_up", error="对方应答 500", attempts=6)
    settings.DEMO = True  # no second factor is asked, and nothing is sent
    admin = cast.admin.client
    with queries(30):
        text = admin.get("/notices/outbox/").content.decode()
    assert "对方应答 500" in text
    assert "13900000000" not in text
    assert "张伟" not in text
    assert client.get("/notices/outbox/").status_code == 403
    assert (
        admin.post("/notices/robots/add/", {"org": city.branch.code, "channel": "wecom", "token": "k" * 20}).status_code
        == 302
    )
    robot = Robot.objects.get()
    assert admin.post("/notices/outbox/test/", {"robot": robot.pk}).status_code == 302
    assert admin.post("/notices/outbox/test/", {"robot": robot.pk}).status_code == 302
    assert Outgoing.objects.filter(form="test").count() == 1
    pk = Outgoing.objects.get(state="given_up").pk
    assert admin.post("/notices/outbox/again/", {"message": pk}).status_code == 302
    assert Outgoing.objects.get(pk=pk).state == "waiting"
    assert client.post("/notices/outbox/again/", {"message": pk}).status_code == 403
    assert admin.post(f"/notices/robots/{robot.pk}/close/").status_code == 302
    assert "演示环境不向外发送" in admin.get("/notices/outbox/").content.decode()
    assert admin.get("/notices/robots/add/").status_code == 200
    found = admin.get("/api/v1/notices/outbox?state=waiting").json()["items"]
    assert {row["form"] for row in found} == {"notice", "test"}
