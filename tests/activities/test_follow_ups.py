"""Follow-ups: from the sign-off to the confirmation, late ones, reminders, pages, API, the file and its PDF."""

import datetime as dt
import io
import json

import pytest
from pypdf import PdfReader

from gongjian.desks.activities import actions, follow_ups, queries
from gongjian.desks.activities.models import FollowUp
from gongjian.desks.activities.todos import todos
from gongjian.ground import policy
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from tests.activities.test_races import at_once

pytestmark = pytest.mark.django_db
DUE = dt.date(2026, 11, 30)


@pytest.fixture
def opened(make, cast):
    """A signed theme day of 16 November with one follow-up of the member's, due on the 30th."""

    def build() -> FollowUp:
        activity, by = make("held"), cast.secretary.actor
        actions.record_minutes(
            activity=activity, by=by, text="开了",
            decisions=[{"text": "修好楼道灯", "owner": cast.member.person.pk, "due_on": DUE}, {"text": "没有人的决定"}],
        )  # fmt: skip
        actions.sign_off(activity=activity, by=by)
        return FollowUp.objects.get(activity=activity)

    return build


def again(one: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=one.pk)


def test_from_decision_to_confirmation(opened, cast):
    one = opened()
    assert (one.state, one.owner, one.due_on) == ("open", cast.member.person, DUE)
    assert Notice.objects.filter(person=cast.member.person, title__contains="修好楼道灯").count() == 1
    fact = Fact.objects.get(kind="followup.opened")
    assert (fact.person, fact.org) == (cast.member.person.pk, one.org_id)
    assert "修好楼道灯" not in json.dumps(fact.data)
    actions.report_done(follow_up=one, note="换了六个灯泡", by=cast.member.actor)
    assert again(one).state == "done"
    assert Fact.objects.get(kind="followup.done").data["in_time"] is True
    assert Notice.objects.filter(person=cast.secretary.person, title__contains="待确认").exists()
    with pytest.raises(Refused, match="已经报告办结"):
        actions.report_done(follow_up=one, note="再说一遍", by=cast.member.actor)
    actions.send_back(follow_up=one, note="三楼还不亮", by=cast.secretary.actor)
    assert (again(one).state, again(one).done_on) == ("open", None)
    actions.report_done(follow_up=one, note="都亮了", by=cast.member.actor)
    actions.confirm(follow_up=one, by=cast.secretary.actor)
    assert again(one).state == "confirmed"
    kinds = [step.kind for step in follow_ups.steps_of([one])]
    assert kinds == ["opened", "done", "reopened", "done", "confirmed"]
    with pytest.raises(Refused):
        actions.confirm(follow_up=one, by=cast.secretary.actor)


def test_handed_over_extended_struck(opened, cast):
    one, by = opened(), cast.secretary.actor
    actions.hand_over(follow_up=one, owner=cast.colleague.person.pk, note="张伟出差", by=by)
    assert again(one).owner == cast.colleague.person
    assert Notice.objects.filter(person=cast.colleague.person, title__contains="修好楼道灯").exists()
    actions.extend(follow_up=one, due_on=dt.date(2026, 12, 15), note="等材料", by=by)
    assert again(one).due_on == dt.date(2026, 12, 15)
    with pytest.raises(NotFound):  # no longer his
        actions.report_done(follow_up=one, note="我来说", by=cast.member.actor)
    actions.strike(follow_up=one, note="物业已修", by=by)
    assert again(one).state == "struck"
    with pytest.raises(Refused):
        actions.extend(follow_up=one, due_on=dt.date(2026, 12, 20), note="再等等", by=by)


@pytest.mark.parametrize(
    ("deed", "fields", "words"),
    [
        ("report_done", {"note": " "}, "请写明怎样办的"),
        ("send_back", {"note": ""}, "退回的原因"),
        ("hand_over", {"owner": 0, "note": "换人"}, "责任人应是"),
        ("extend", {"due_on": DUE, "note": "等材料"}, "晚于原来"),
        ("extend", {"due_on": dt.date(2036, 1, 1), "note": "等材料"}, "核对年份"),
        ("strike", {"note": "x"}, "撤销的原因"),
    ],
)
def test_what_cannot_be(opened, cast, deed, fields, words):
    with pytest.raises(Invalid, match=words):
        getattr(actions, deed)(follow_up=opened(), by=cast.secretary.actor, **fields)


def test_who_may(opened, cast):
    one = opened()
    with pytest.raises(Forbidden):
        actions.hand_over(follow_up=one, owner=cast.colleague.person.pk, note="换人", by=cast.member.actor)
    for player in (cast.outsider, cast.neighbour, cast.colleague, cast.resident):
        with pytest.raises(NotFound):
            actions.report_done(follow_up=one, note="办好了", by=player.actor)
    with pytest.raises(Forbidden):
        actions.strike(follow_up=one, note="不办了", by=cast.member.actor)
    assert follow_ups.visible_to(cast.community.actor).count() == 1


def test_a_decision_voted_down_is_not_followed(make, city, cast, clock):
    activity, by = make("open", kind="branch_assembly"), cast.secretary.actor
    actions.check_in_many(activity=activity, people=[person.pk for person in city.people["branch"]], by=by)
    decided = [{"text": text, "owner": cast.member.person.pk, "due_on": DUE} for text in ("买空调", "修灯")]
    actions.record_minutes(activity=activity, by=by, decisions=decided)
    first = queries.minutes_of(activity).decisions.get(text="买空调")
    actions.record_vote(activity=activity, decision=first.pk, yes=3, no=6, by=by)
    clock.set(activity.ends_at)
    actions.hold(activity=activity, by=by)
    actions.sign_off(activity=activity, by=by)
    assert [one.text for one in FollowUp.objects.all()] == ["修灯"]


@pytest.mark.django_db(transaction=True)
def test_the_owner_and_the_secretary_at_once(opened, cast):
    one = opened()
    copies = [again(one), again(one)]
    member, secretary = cast.member.actor, cast.secretary.actor
    answers = at_once([
        lambda: actions.report_done(follow_up=copies[0], note="办好了", by=member),
        lambda: actions.strike(follow_up=copies[1], note="不用办了", by=secretary),
    ])  # fmt: skip
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    # One after the other both may stand: done, then struck. Never struck and then done.
    assert again(one).state == "struck" or len(refused) == 1
    kinds = [step.kind for step in follow_ups.steps_of([one])]
    assert kinds in (["opened", "done", "struck"], ["opened", "struck"], ["opened", "done"])


# --- reminders: by the pack, once ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "owner", "secretary"),
    [
        ("2026-11-26", 0, 0),
        ("2026-11-27", 1, 0),  # 3 days before
        ("2026-11-28", 0, 0),
        ("2026-11-29", 1, 0),
        ("2026-11-30", 1, 0),
        ("2026-12-01", 1, 1),  # late
        ("2026-12-02", 0, 0),
        ("2026-12-08", 1, 1),  # a week later again
    ],
)
def test_reminders(opened, cast, day, owner, secretary):
    opened()
    Notice.objects.all().delete()
    for _n in range(2):
        actions.remind(dt.date.fromisoformat(day))
    assert Notice.objects.filter(person=cast.member.person).count() == owner
    assert Notice.objects.filter(person=cast.secretary.person).count() == secretary


def test_the_pack_says_when_to_remind(opened, cast, pack, monkeypatch):
    opened()
    rules = pack.meetings.follow_ups.model_copy(update={"remind_days_before": (4,), "late_every_days": 0})
    other = pack.model_copy(update={"meetings": pack.meetings.model_copy(update={"follow_ups": rules})})
    monkeypatch.setattr(policy, "on", lambda day: other)
    assert actions.remind(dt.date(2026, 11, 26)) == 1
    assert actions.remind(dt.date(2026, 12, 1)) == 0


# --- pages --------------------------------------------------------------------------------------------------------
def test_pages(opened, cast, clock, queries):
    one = opened()
    clock.set("2026-12-03 09:00")
    cast.secretary.__dict__.pop("client", None)
    cast.member.__dict__.pop("client", None)
    secretary, member = cast.secretary.client, cast.member.client
    with queries(30):
        listing = secretary.get("/activities/follow-ups/?state=late").content.decode()
    assert "有 1 件已过时限" in listing
    assert "已逾期" in listing
    answer = secretary.get("/activities/follow-ups/?export=csv")
    assert "修好楼道灯" in b"".join(answer.streaming_content).decode("utf-8-sig")
    here = f"/activities/follow-ups/{one.pk}/"
    with queries(30):
        phone = member.get("/activities/follow-ups/mine/").content.decode()
    assert "时限 11月30日，已过" in phone
    assert "请写明怎样办的" in member.post(here, {"do": "done", "note": ""}, follow=True).content.decode()
    member.post(here, {"do": "done", "note": "办好了"})
    with queries(30):
        assert "确认办结" in secretary.get(here).content.decode()
    secretary.post(here, {"do": "reopen", "note": "三楼不亮"})
    assert (
        "请选择新的时限"
        in secretary.post(here, {"do": "extend", "due_on": "x", "note": "等"}, follow=True).content.decode()
    )
    secretary.post(here, {"do": "extend", "due_on": "2026-12-20", "note": "等材料"})
    secretary.post(here, {"do": "hand_over", "owner": cast.colleague.person.pk, "note": "换人"})
    assert (again(one).owner, again(one).due_on) == (cast.colleague.person, dt.date(2026, 12, 20))
    secretary.post(here, {"do": "done", "note": "代报"})
    secretary.post(here, {"do": "confirm"})
    assert again(one).state == "confirmed"
    assert cast.neighbour.client.get(here).status_code == 404


def test_what_waits(opened, make, cast, queries):
    one = opened()
    held = make("held", kind="study")
    recorded = make("recorded", kind="party_lesson")
    asked = make("notified", kind="oath_renewal", starts_at=kernel_clock.at_time(dt.date(2026, 11, 18), 15))
    actions.ask_excuse(activity=asked, reason="ill", by=cast.colleague.actor)
    day = kernel_clock.today()
    own = f"/activities/follow-ups/{one.pk}/"
    assert own in {todo.url for todo in todos(cast.member.actor, day)}
    actions.report_done(follow_up=one, note="办好了", by=cast.member.actor)
    actor = cast.secretary.actor
    with queries(8):
        found = {todo.url: todo for todo in todos(actor, day)}
    assert set(found) >= {
        f"/activities/{held.pk}/minutes/", f"/activities/{recorded.pk}/sign-off/", f"/activities/{asked.pk}/",
        f"/activities/follow-ups/{one.pk}/",
    }  # fmt: skip
    assert own not in {todo.url for todo in todos(cast.member.actor, day)}
    assert todos(cast.street.actor, day) == []  # what waits for a branch does not wait for the street


# --- the file -----------------------------------------------------------------------------------------------------
def test_the_file_and_its_pdf(opened, cast, city, queries):
    one = opened()
    actions.correct_attendance(
        activity=again(one).activity,
        person=cast.colleague.person.pk,
        present=True,
        reason="漏签",
        by=cast.secretary.actor,
    )
    actions.report_done(follow_up=one, note="换了六个灯泡", by=cast.member.actor)
    here = f"/activities/{one.activity_id}/file/"
    cast.secretary.client.get(here)
    with queries(30):
        page = cast.secretary.client.get(here).content.decode()
    for word in ("一、通知与安排", "徐磊", "修好楼道灯", "换了六个灯泡", "漏签", "实到由 2 人更正为 3 人", "陈静"):
        assert word in page
    assert cast.member.client.get(here).status_code == 403
    assert cast.outsider.client.get(here).status_code == 404
    answer = cast.secretary.client.get(f"/activities/{one.activity_id}/file.pdf")
    reader = PdfReader(io.BytesIO(answer.content))
    text = "".join(page.extract_text() for page in reader.pages)
    for word in ("会议档案", "修好楼道灯", "换了六个灯泡", "封存证明", "签字确认"):
        assert word in text
    proof = json.loads(reader.attachments["gongjian-proof.json"][0])
    assert proof["format"].startswith("gongjian-proof/")
    assert cast.member.client.get(f"/activities/{one.activity_id}/file.pdf").status_code == 403


# --- API ----------------------------------------------------------------------------------------------------------
def post(player, address, body):
    return player.client.post(f"/api/v1{address}", json.dumps(body), content_type="application/json")


def test_a_meeting_by_api(make, city, cast, clock):
    activity = make("open", kind="branch_assembly")
    here, by = f"/activities/{activity.pk}", cast.secretary
    actions.check_in_many(activity=activity, people=[one.pk for one in city.people["branch"][:6]], by=by.actor)
    standing = by.client.get(f"/api/v1{here}/voting").json()
    assert (standing["entitled"], standing["to_pass"], standing["passable"]) == (9, 5, True)
    decision = post(by, f"{here}/decisions", {"text": "同意修缮"}).json()["id"]
    refused = post(by, f"{here}/decisions/{decision}/vote", {"yes": 4, "declared": True})
    assert (refused.status_code, refused.json()["field"]) == (409, "yes")
    assert post(by, f"{here}/decisions/{decision}/vote", {"yes": 5, "declared": True}).json()["passed"] is True
    assert post(by, f"{here}/minutes/draft", {"notes": ["半句"]}).json()["content"]["notes"][0]["note"] == "半句"
    assert by.client.delete(f"/api/v1{here}/minutes/draft").json() == {"taken": 1}
    row = {"id": decision, "text": "同意修缮", "owner": cast.member.person.pk, "due_on": "2026-11-30"}
    minutes = post(by, f"{here}/minutes", {"text": "完", "decisions": [row], "seen": 1}).json()
    assert (minutes["version"], minutes["decisions"][0]["vote"]["yes"]) == (2, 5)
    assert post(by, f"{here}/minutes", {"text": "迟", "seen": 1}).status_code == 409
    assert post(by, f"{here}/delegate", {"person": city.people["branch"][1].pk, "reason": "出差"}).status_code == 409
    assert post(by, f"{here}/particulars", {"topic": "x"}).status_code == 422
    clock.set(activity.ends_at)
    by.__dict__.pop("client")
    assert post(by, f"{here}/hold", {}).json() == {"taken": 6}
    assert post(by, f"{here}/reopen", {"reason": "漏签"}).json() == {"taken": 6}
    post(by, f"{here}/hold", {})
    assert post(by, f"{here}/poll-results", {}).json() == {"taken": 0}
    assert post(by, f"{here}/sign-off", {}).json()["state"] == "signed_off"
    file = by.client.get(f"/api/v1{here}/file").json()
    assert (file["present"], len(file["people_absent"]), len(file["follow_ups"])) == (6, 3, 1)
    assert cast.member.client.get(f"/api/v1{here}/minutes").json()["text"] == "完"
    assert cast.member.client.get(f"/api/v1{here}/file").status_code == 403
    assert cast.outsider.client.get(f"/api/v1{here}/minutes").status_code == 404


def test_follow_ups_by_api(opened, cast):
    one = opened()
    here = f"/follow-ups/{one.pk}"
    found = cast.secretary.client.get("/api/v1/follow-ups?state=open").json()["items"]
    assert [(row["id"], row["late"]) for row in found] == [(one.pk, False)]
    assert cast.secretary.client.get("/api/v1/follow-ups?late=true").json()["items"] == []
    assert cast.outsider.client.get("/api/v1/follow-ups").json()["items"] == []
    assert post(cast.colleague, f"{here}/done", {"note": "办好了"}).status_code == 404
    assert post(cast.member, f"{here}/done", {"note": "办好了"}).json()["state"] == "done"
    assert post(cast.member, f"{here}/confirm", {}).status_code == 403
    assert post(cast.secretary, f"{here}/reopen", {"note": "不亮"}).json()["state"] == "open"
    assert (
        post(cast.secretary, f"{here}/extend", {"note": "等材料", "due_on": "2026-12-09"}).json()["due_on"]
        == "2026-12-09"
    )
    assert (
        post(cast.secretary, f"{here}/hand-over", {"note": "换人", "owner": cast.colleague.person.pk}).status_code
        == 200
    )
    assert post(cast.secretary, f"{here}/done", {"note": "代报"}).json()["state"] == "done"
    assert post(cast.secretary, f"{here}/confirm", {}).json()["state"] == "confirmed"
    steps = cast.secretary.client.get(f"/api/v1{here}").json()["steps"]
    assert [step["kind"] for step in steps][-1] == "confirmed"
    assert post(cast.secretary, f"{here}/strike", {"note": "不办"}).status_code == 409
