"""Closed periods, posting, appeals, exemptions and verdicts: stories, each with its refusals."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from gongjian.appraisal.points import actions, jobs, queries
from gongjian.appraisal.points.models import Appeal, Close, Entry, Exemption, Frozen, FrozenPlace, Score, Verdict
from gongjian.appraisal.points.queries import appeals, closing, deciding, statement
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts import seal
from gongjian.records.facts.models import Fact
from gongjian.records.facts.proof import check_file
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people
from tests.at_once import at_once
from tests.points.conftest import deliver, tell
from tests.points.test_folding import picture

pytestmark = pytest.mark.django_db
FINE = "查了签到表和会议记录，情况属实。"


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def attend(person, day, kind="theme_day", by=SYSTEM):
    from gongjian.ground.kernel import clock as times
    from gongjian.records import facts

    with transaction.atomic():
        return facts.record(
            "activity.attended", by=by, at=times.at_time(dt.date.fromisoformat(day), 12), person=person.pk, quantity=90,
            obj=Ref("activity", "1"), data={"activity_kind": kind, "method": "list", "role": "attendee"},
        )  # fmt: skip


@pytest.fixture
def quarter(cast, city, clock, monkeypatch):
    """The third quarter of 2026 with some deeds, closed on 4 October; it is 5 October."""
    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)
    clock.set("2026-10-04 03:30")
    for place, person in enumerate(city.people["branch"]):
        for day in ("2026-07-10", "2026-08-10", "2026-09-10")[: 1 + place % 3]:
            attend(person, day, by=cast.secretary.actor)
    attend(city.people["other_branch"][0], "2026-09-10")
    with transaction.atomic():
        tell("activity.signed_off", day="2026-09-10", org=city.branch.pk, data={"activity_kind": "theme_day"})
        cast.wrong = actions.give(
            person=cast.member.person.pk, rule="absent_without_leave", reason="没有参加九月主题党日", evidence="签到表",
            on=dt.date(2026, 9, 20), by=cast.secretary.actor,
        )  # fmt: skip
    deliver()
    jobs.close_and_remind()
    clock.set("2026-10-05 09:00")
    return city


# ---- closing ------------------------------------------------------------------------------------------------------------


def test_a_quarter_closes_by_itself_is_posted_and_stays_as_it_was(quarter, cast, clock):
    member, colleague = cast.member.person, cast.colleague.person
    assert Close.objects.filter(period="2026Q3", posted=True).count() == 4  # every branch with members
    assert Close.objects.filter(period="2026-09", posted=False).count() == 4
    assert not Close.objects.filter(period="2026").exists()
    jobs.close_and_remind()
    assert Close.objects.count() == 8
    row = Close.objects.get(period="2026Q3", org=quarter.branch)
    assert (row.open_until - row.closed_on).days >= 7

    ranks = [(r.org.pk, r.rank, r.of, r.ties) for r in queries.ranks_of("person", colleague.pk, "2026Q3")]
    assert ranks[-1][1:3] == (4, len(quarter.people["branch"]))
    before = Score.objects.get(subject_kind="person", subject=colleague.pk, period="2026Q3").points
    attend(colleague, "2026-07-20", "branch_assembly")  # told late
    gone = Fact.objects.get(kind="activity.attended", person=colleague.pk, at__month=8)
    tell("activity.attendance_withdrawn", day="2026-10-05", person=colleague.pk, corrects=gone.pk)
    deliver()
    assert Score.objects.get(subject_kind="person", subject=colleague.pk, period="2026Q3").points == before + 2 - 1
    assert Frozen.objects.get(subject_kind="person", subject=colleague.pk, period="2026Q3").points == before
    assert [(r.org.pk, r.rank, r.of, r.ties) for r in queries.ranks_of("person", colleague.pk, "2026Q3")] == ranks
    found = closing.corrections_of(colleague.pk, "2026Q4")
    assert [(c.entry.rule, c.period, c.late) for c in found] == [
        ("attend_branch_assembly", "2026Q3", True), ("attend_theme_day", "2026Q3", False),
    ]  # fmt: skip
    assert closing.corrections_of(colleague.pk, "2026Q3") == []
    sheet = statement.statement(colleague.pk, "2026")
    line = next(line for line in sheet["lines"] if line["period"] == "2026Q3")
    assert (line["points"], line["changed"]) == (before, 1)
    assert [c["points"] for c in sheet["corrections"]] == [2, -1]

    # moving to another branch later leaves the closed list alone
    people.move_member(person=colleague, to=quarter.sister, by=SYSTEM, on=dt.date(2026, 10, 5))
    deliver()
    assert [(r.org.pk, r.rank, r.of, r.ties) for r in queries.ranks_of("person", colleague.pk, "2026Q3")] == ranks

    body = text(cast.member.client.get(f"/points/posted/{row.pk}/"))
    assert member.name in body
    assert colleague.name not in body
    assert colleague.name[0] + "*" in body
    for player in (cast.outsider, cast.neighbour):
        assert player.client.get(f"/points/posted/{row.pk}/").status_code in (403, 404)
    clock.set("2026-10-20 09:00")
    cast.member.client.force_login(cast.member.user)
    assert "公示期已满" in text(cast.member.client.get(f"/points/posted/{row.pk}/"))


def test_organisations_and_places_are_frozen_as_counted(quarter):
    """The frozen place of each score is one more than those above it: as the histogram had it."""
    for row in FrozenPlace.objects.filter(period="2026Q3", grp="person"):
        same = Score.objects.filter(subject_kind="person", period="2026Q3", grp="person").exclude(org=None)
        if row.scope == quarter.root.pk:
            assert row.place == same.filter(points__gt=row.score).count() + 1
            assert row.of == same.count()
    assert Frozen.objects.filter(subject_kind="organisation", period="2026Q3").get().points == 1


def test_a_branch_reopens_with_a_reason_and_closes_again(quarter, cast, clock):
    row = Close.objects.get(period="2026Q3", org=quarter.branch)
    page = f"/points/closing/{row.pk}/"
    assert "公示中" in text(cast.secretary.client.get("/points/closing/"))
    assert cast.outsider.client.get(page).status_code == 404
    assert cast.member.client.get(page).status_code == 403
    with pytest.raises(Invalid):
        actions.reopen(close=row.pk, reason="漏", by=cast.secretary.actor)
    assert cast.secretary.client.post(page, {"reason": "八月签到表漏录了一页"}).status_code == 302
    with pytest.raises(Refused):
        actions.reopen(close=row.pk, reason="再开一次看看", by=cast.secretary.actor)
    attend(cast.member.person, "2026-08-21", "branch_assembly")
    deliver()
    assert queries.ranks_of("person", cast.member.person.pk, "2026Q3")  # the running ones
    assert closing.frozen_of("person", cast.member.person.pk, "2026Q3") is None
    assert actions.close_due(by=SYSTEM) == 0  # not yet
    clock.set("2026-10-09 03:30")
    assert actions.close_due(by=SYSTEM) == 1
    again = closing.of_branch(quarter.branch.pk, "2026Q3")
    assert again.pk != row.pk
    assert again.open_until == dt.date(2026, 10, 16)
    live = Score.objects.get(subject_kind="person", subject=cast.member.person.pk, period="2026Q3").points
    assert closing.frozen_of("person", cast.member.person.pk, "2026Q3").points == live
    assert queries.ranks_of("person", cast.member.person.pk, "2026Q3")[-1].rank >= 1


def test_a_replay_leaves_what_was_closed(quarter):
    from gongjian.engines.relay import relay

    frozen = sorted(Frozen.objects.values_list("subject", "period", "points", "path"))
    before = picture()
    relay.replay("points")
    assert picture() == before
    assert sorted(Frozen.objects.values_list("subject", "period", "points", "path")) == frozen


# ---- appeals ------------------------------------------------------------------------------------------------------------


def test_an_upheld_appeal_takes_the_deduction_back_at_once(quarter, cast, clock):
    entry = Entry.objects.get(rule="absent_without_leave")
    raise_page = f"/points/mine/appeals/raise/?fact={entry.fact}&rule={entry.rule}"
    assert "无故不参加组织生活" in text(cast.member.client.get(raise_page))
    assert cast.colleague.client.get(raise_page).status_code == 404
    form = {"text": "那天我向小组长请过假，有短信。", "evidence": "小组长可以证明"}
    assert cast.member.client.post(raise_page, form).status_code == 302
    assert cast.member.client.post(raise_page, form).status_code == 302  # the same again is the same
    row = Appeal.objects.get()
    assert (row.scorer, row.state) == (cast.secretary.person.pk, "first")
    assert row.due_on == dt.date(2026, 10, 15)  # seven working days; the holiday ends on the 7th, the 10th is worked
    clerk = actor_of_person(quarter.people["branch"][1])
    assert Notice.objects.filter(person=clerk.person, title__contains="申诉").exists()
    assert not Notice.objects.filter(person=cast.secretary.person, title__contains="申诉").exists()

    what = {"appeal": row.pk, "upheld": True, "reasons": FINE, "remedy": "withdraw"}
    with pytest.raises(Forbidden, match="您登记的"):
        actions.decide(by=cast.secretary.actor, **what)
    with pytest.raises(NotFound):
        actions.decide(by=cast.outsider.actor, **what)
    with pytest.raises(NotFound):
        actions.decide(by=cast.member.actor, **what)
    with pytest.raises(Invalid, match="怎样更正"):
        actions.decide(by=clerk, **{**what, "remedy": ""})
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(first_by=cast.secretary.person.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=row.pk).update(second_by=cast.member.person.pk)
    body = text(cast.secretary.client.get(f"/points/appeals/{row.pk}/"))
    assert "须由另一人复核" in body
    assert cast.outsider.client.get(f"/points/appeals/{row.pk}/").status_code == 403
    assert cast.neighbour.client.get(f"/points/appeals/{row.pk}/").status_code == 404
    clock.set("2026-10-12 09:00")
    done = actions.decide(by=clerk, **what)
    with pytest.raises(Refused):
        actions.decide(by=clerk, **what)
    assert (done.state, done.in_time) == ("upheld", True)
    assert Fact.objects.get(pk=done.correction).kind == "points.reversed"
    deliver()
    entry.refresh_from_db()
    assert entry.withdrawn_by == done.correction
    assert "成立" in text(cast.member.client.get(f"/points/mine/appeals/{row.pk}/"))
    assert Notice.objects.filter(person=cast.member.person, title__contains="成立").exists()
    whole, lines = appeals.statistics(Appeal.objects.all())
    assert (whole.all, whole.upheld, whole.share) == (1, 1, 100)
    assert lines[0].rule == "absent_without_leave"
    assert "按规则统计" in text(cast.street.client.get("/points/appeals/?rule=absent_without_leave"))
    assert "无故" in text(cast.street.client.get("/points/appeals/"))


def test_something_missing_goes_to_the_level_above_and_is_awarded_within_the_cap(quarter, cast, clock):
    colleague = cast.colleague.person
    ask = {"rule": "attend_branch_assembly", "on": dt.date(2026, 8, 5), "text": "八月党员大会我参加了，名单漏了我。"}
    for change, word in (
        ({"on": dt.date(2026, 10, 3)}, "没有在公示"), ({"rule": "upheld_learning"}, "规则"), ({"text": "漏了"}, "理由"),
    ):  # fmt: skip
        with pytest.raises(Refused, match=word):
            actions.raise_appeal(by=cast.colleague.actor, **{**ask, **change})
    row = actions.raise_appeal(by=cast.colleague.actor, **ask)
    with pytest.raises(Refused, match="只有支部复核"):
        actions.escalate(appeal=row.pk, text="请上级看一看会议照片。", by=cast.colleague.actor)
    row = actions.decide(
        appeal=row.pk, upheld=False, reasons="会议记录里没有您的名字，签到表也没有。", by=cast.secretary.actor
    )
    assert (row.state, row.escalate_until) == ("rejected", dt.date(2026, 10, 13))
    with pytest.raises(NotFound):
        actions.escalate(appeal=row.pk, text="请上级看一看会议照片。", by=cast.member.actor)
    actions.escalate(appeal=row.pk, text="请上级看一看会议照片。", by=cast.colleague.actor)
    what = {"appeal": row.pk, "upheld": True, "reasons": FINE, "remedy": "award"}
    with pytest.raises(Forbidden, match="另一人"):
        actions.decide(by=cast.secretary.actor, points=1, **what)
    assert appeals.waiting_for(cast.community.actor) == [row]
    assert appeals.waiting_for(cast.secretary.actor) == []
    with pytest.raises(Invalid, match="1 到 2"):
        actions.decide(by=cast.community.actor, points=3, **what)
    page = f"/points/appeals/{row.pk}/"
    assert 'name="upheld" value="yes" checked' not in text(cast.community.client.get(page))
    form = {"upheld": "yes", "remedy": "award", "points": "2", "reasons": FINE}
    assert cast.community.client.post(page, form).status_code == 302
    deliver()
    entry = Entry.objects.get(rule="upheld_organisational_life")
    assert (entry.subject, entry.given, entry.day) == (colleague.pk, 2, dt.date(2026, 8, 5))
    row.refresh_from_db()
    assert (row.state, row.second_by) == ("upheld", cast.community.person.pk)
    other = actions.raise_appeal(by=cast.colleague.actor, **{**ask, "on": dt.date(2026, 9, 2)})
    with pytest.raises(Refused, match="封顶"):  # what was awarded on appeal counts towards the cap of the quarter
        actions.decide(appeal=other.pk, upheld=True, remedy="award", points=1, reasons=FINE, by=cast.secretary.actor)
    actions.withdraw(appeal=other.pk, by=cast.colleague.actor)
    with pytest.raises(Refused):
        actions.withdraw(appeal=other.pk, by=cast.colleague.actor)
    clock.set("2026-10-13 09:00")
    with pytest.raises(Refused, match="没有在公示"):
        actions.raise_appeal(by=cast.colleague.actor, **{**ask, "on": dt.date(2026, 9, 3)})


def test_reviewers_are_reminded_once_a_stage_and_the_level_above_when_late(quarter, cast, clock):
    actions.raise_appeal(
        by=cast.colleague.actor, rule="attend_study", on=dt.date(2026, 9, 1), text="九月集中学习我参加了。"
    )
    assert actions.remind(by=SYSTEM) == 0
    clock.set("2026-10-15 07:00")
    assert actions.remind(by=SYSTEM) == 3  # the secretary and two members of the committee
    assert actions.remind(by=SYSTEM) == 0
    clock.set("2026-10-19 07:00")
    assert actions.remind(by=SYSTEM) == 4
    assert Notice.objects.filter(person=cast.community.person, title__contains="已过").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres_only
def test_two_reviewers_at_once(quarter, cast):
    row = actions.raise_appeal(
        by=cast.colleague.actor, rule="attend_study", on=dt.date(2026, 9, 1), text="九月集中学习我参加了。"
    )
    clerk = actor_of_person(quarter.people["branch"][1])
    what = {"appeal": row.pk, "upheld": True, "remedy": "award", "points": 1, "reasons": FINE}
    answers = at_once([lambda by=by: actions.decide(by=by, **what) for by in (cast.secretary.actor, clerk)])
    assert sorted(isinstance(a, Refused) for a in answers) == [False, True]
    assert Fact.objects.filter(kind="points.awarded").count() == 1


# ---- exemptions and verdicts --------------------------------------------------------------------------------------------


def test_an_exemption_takes_two_persons_and_ends(quarter, cast, clock):
    colleague = cast.colleague.person
    ask = {
        "person": colleague.pk, "kind": "health", "reason": "长期住院治疗", "starts_on": dt.date(2026, 10, 1),
        "ends_on": dt.date(2027, 9, 30),
    }  # fmt: skip
    with pytest.raises(Invalid, match="最长"):
        actions.request_exemption(by=cast.secretary.actor, **{**ask, "ends_on": dt.date(2027, 10, 1)})
    with pytest.raises(Forbidden):
        actions.request_exemption(by=cast.outsider.actor, **ask)
    page = f"/points/persons/{colleague.pk}/exempt/"
    form = {**ask, "starts_on": "2026-10-01", "ends_on": "2027-09-30"}
    assert cast.secretary.client.post(page, form).status_code == 302
    row = Exemption.objects.get()
    assert "住院" not in row.reason_sealed
    assert row.reason == "长期住院治疗"
    assert not Fact.objects.filter(data__icontains="住院").exists()
    with pytest.raises(Refused, match="等待批准"):
        actions.request_exemption(by=cast.secretary.actor, **ask)
    with pytest.raises(Forbidden):
        actions.approve_exemption(exemption=row.pk, by=cast.secretary.actor)
    with pytest.raises(IntegrityError), transaction.atomic():
        Exemption.objects.filter(pk=row.pk).update(approved_by=colleague.pk)
    clerk = actor_of_person(quarter.people["branch"][1])
    assert closing.classes_of([colleague.pk], dt.date(2026, 10, 5))[colleague.pk].id == "ordinary"
    actions.approve_exemption(exemption=row.pk, by=clerk)
    assert closing.classes_of([colleague.pk], dt.date(2026, 10, 5))[colleague.pk].id == "special"
    row.refresh_from_db()
    assert cast.outsider.client.get(f"/points/exemptions/{row.pk}/").status_code in (403, 404)
    assert "住院" in text(cast.secretary.client.get(f"/points/exemptions/{row.pk}/"))
    actions.end_exemption(exemption=row.pk, on=dt.date(2026, 11, 1), reason="已经出院", by=cast.secretary.actor)
    assert closing.classes_of([colleague.pk], dt.date(2026, 11, 1))[colleague.pk].id == "ordinary"
    assert closing.classes_of([colleague.pk], dt.date(2026, 10, 31))[colleague.pk].id == "special"


def test_a_verdict_is_a_person_s_with_reasons_and_told_to_the_member_alone(quarter, cast, clock, queries):
    member = cast.member.person
    give = {"person": member.pk, "year": "2026", "verdict": "sound", "reasons": "支委会研究，全年按要求参加组织生活。"}
    with pytest.raises(Refused, match="12 月"):
        actions.give_verdict(by=cast.secretary.actor, **give)
    clock.set("2026-12-20 09:00")
    for player in (cast.secretary, cast.member):
        player.client.force_login(player.user)
    with transaction.atomic():
        tell("review.graded", day="2026-12-10", person=member.pk, data={"year": "2026", "grade": "qualified"})
    with pytest.raises(NotFound):
        actions.give_verdict(by=cast.neighbour.actor, **give)
    with pytest.raises(Forbidden):
        actions.give_verdict(by=cast.secretary.actor, **{**give, "person": cast.secretary.person.pk})
    with pytest.raises(Invalid, match="不代为选择"):
        actions.give_verdict(by=cast.secretary.actor, **{**give, "verdict": ""})
    cast.secretary.client.get("/points/verdicts/")
    with queries(25):
        body = text(cast.secretary.client.get("/points/verdicts/"))
    assert member.name in body
    assert "合格" in body
    page = f"/points/verdicts/{member.pk}/2026/"
    assert "checked" not in text(cast.secretary.client.get(page))
    assert cast.secretary.client.post(page, {"verdict": "sound", "reasons": give["reasons"]}).status_code == 302
    with pytest.raises(Invalid, match="更正"):
        actions.give_verdict(by=cast.secretary.actor, **{**give, "verdict": "commended"})
    actions.give_verdict(by=cast.secretary.actor, **{**give, "verdict": "commended"}, correction="漏看了两次志愿服务")
    assert Verdict.objects.count() == 2
    facts = list(Fact.objects.filter(kind__startswith="points.verdict").order_by("id"))
    assert facts[1].corrects == facts[0].pk
    assert "表现突出" in text(cast.member.client.get("/points/mine/statement/"))
    assert Notice.objects.filter(person=member, title__contains="年度评定").count() == 2
    found = {row.person.pk: row for row in deciding.branch_year(quarter.branch, "2026")}
    assert found[member.pk].verdict.verdict == "commended"


# ---- the pages of a member ------------------------------------------------------------------------------------------------


def test_my_pages_and_the_api_cost_little_and_the_pdf_carries_its_proof(quarter, cast, queries):
    from gongjian.ground import paper

    client = cast.member.client
    body = text(client.get("/points/mine/?period=2026"))
    for words in ("对我最有帮助", "积分正在公示", "对这条申诉", "按规则应计", "陈静", "每季度还有 2 分"):
        assert words in body, words
    client.get("/points/mine/statement/")
    with queries(45):
        assert "各期结账" in text(client.get("/points/mine/statement/"))
    with queries(40):
        client.get("/points/mine/")
    if not paper.missing():
        seal.seal()
        answer = client.get("/points/mine/statement/pdf/?year=2026")
        assert answer.status_code == 200
        assert answer.content[:4] == b"%PDF"
        checked = check_file(answer.content)
        assert not checked.faults
        assert {fact["kind"] for fact in checked.facts} == {"activity.attended", "points.deducted"}
    assert client.get("/points/mine/statement/?year=abcd").status_code == 422

    found = client.get("/api/v1/points/mine/statement?year=2026").json()
    assert [line["period"] for line in found["lines"]][:3] == ["2026Q1", "2026Q2", "2026Q3"]
    assert found["class_id"] == "ordinary"
    made = client.post(
        "/api/v1/points/appeals",
        {"rule": "attend_study", "on": "2026-09-01", "text": "九月集中学习我参加了。"}, content_type="application/json",
    )  # fmt: skip
    assert made.status_code == 201
    ident = made.json()["id"]
    assert client.get("/api/v1/points/appeals/mine").json()["items"][0]["id"] == ident
    clerk = cast.secretary.client
    assert clerk.get("/api/v1/points/appeals").json()["items"][0]["id"] == ident
    assert cast.neighbour.client.get("/api/v1/points/appeals").json()["items"] == []
    assert cast.outsider.client.get("/api/v1/points/appeals").status_code == 403
    decided = clerk.post(
        f"/api/v1/points/appeals/{ident}/decide", {"upheld": False, "reasons": "签到表和记录里都没有。"},
        content_type="application/json",
    )  # fmt: skip
    assert decided.json()["state"] == "rejected"
    assert client.post(
        f"/api/v1/points/appeals/{ident}/escalate", {"text": "请上级看看会议照片。"}, content_type="application/json"
    ).json()["state"] == "second"  # fmt: skip
    assert client.post(f"/api/v1/points/appeals/{ident}/withdraw").status_code == 204
    assert clerk.get("/api/v1/points/closes?period=2026Q3").json()["items"][0]["posted"] is True
