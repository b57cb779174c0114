"""The machine: every step in order, nothing left out, what it does to people, and how it is taken back."""

import datetime as dt

import pytest

from gongjian.desks.admissions import actions, jobs, queries, rules, todos
from gongjian.desks.admissions.models import Guide, StepRecord
from gongjian.engines.voting import actions as polls
from gongjian.ground import policy
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.policy.admissions_schema import AdmissionCondition
from gongjian.ground.policy.values import Entries
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as persons
from gongjian.records.people import queries as people
from gongjian.records.people.models import Relation

pytestmark = pytest.mark.django_db


def test_the_whole_way(begin, applicant, city):
    """Application to formal member: 25 steps, every one recorded, 党籍 from the meeting, 党龄 from the day it is full."""
    file = begin()
    assert Relation.objects.get(person=applicant).kind == "applicant"
    file.bring("approval")
    assert people.membership_of(applicant.pk) is None
    met = StepRecord.objects.get(step="branch_meeting").on
    file.do()
    member = people.membership_of(applicant.pk)
    assert (member.kind, member.joined_on, member.org_id) == ("probationary", met, city.branch.pk)
    assert not Relation.objects.filter(person=applicant, ends_on__isnull=True).exists()
    file.bring("archive")
    file.do()
    file.admission.refresh_from_db()
    member = people.membership_of(applicant.pk)
    assert (member.kind, member.formal_on) == ("formal", met.replace(year=met.year + 1))
    assert (file.admission.state, file.admission.standing) == ("done", "formal")
    assert StepRecord.objects.filter(state="done").count() == 25
    kinds = Fact.objects.filter(person=applicant.pk, kind__startswith="admission.").values_list("kind", flat=True)
    assert sorted(set(kinds)) == [
        "admission.finished",
        "admission.observed",
        "admission.started",
        "admission.step_done",
    ]
    assert not Guide.objects.filter(until__isnull=True).exists()


def test_no_step_can_be_left_out(begin):
    file = begin()
    for skipped in ("activist", "candidate", "branch_meeting", "approval", "formal_meeting", "archive"):
        with pytest.raises(Refused, match="不能跳过"):
            file.do(skipped)
    assert not Fact.objects.filter(kind="admission.step_done").exists()


# Shortcuts as somebody in a hurry would try them: step → (before its time or publication?, what is filled in, the refusal)
SHORTCUTS = {
    "talk": [(False, {"summary": ""}, "请填写")],
    "activist": [(False, {"committee_present": 1}, "没有达到半数")],
    "activist_filed": [(True, {}, "还没有公示")],
    "contacts": [(False, {"contacts": []}, "请填写"), (False, {"contacts": 3}, "1 至 2 名")],
    "education": [(True, {}, "要满 12 个月")],
    "candidate_filed": [(True, {}, "还没有公示")],
    "introducers": [(False, {"introducers": 1}, "应有 2 名")],
    "training": [(False, {"days": 2, "hours": 10}, "不到 3 天")],
    "branch_meeting": [
        (True, {}, "还没有公示"), (False, {"yes": 4, "no": 4}, "没有通过"), (False, {"present": 4, "yes": 4}, "至少要 5 人到会"),
    ],
    "approval": [(False, {"committee_present": 3}, "没有达到半数")],
    "formal_meeting": [(True, {}, "才满"), (False, {"yes": 4, "no": 4}, "没有通过")],
}  # fmt: skip


def test_shortcuts_are_refused_with_their_article(begin, city):
    """One walk from the application to the archive; every shortcut is refused in words and leaves the step where it is."""
    file = begin()
    everyone = [person.pk for person in city.people["branch"][3:]]

    def refused(step, early):
        for before, wrong, word in SHORTCUTS.get(step.id, ()):
            if before is not early:
                continue
            values = {name: everyone[:value] if name in ("contacts", "introducers") and value else value
                      for name, value in wrong.items()}  # fmt: skip
            with pytest.raises(Refused, match=word) as refusal:
                file.do(step.id, values=values, reason="领导催办，请通融")
            told = str(refusal.value)
            assert "请填写" in told or "细则" in told or "条例" in told
            assert file.step.id == step.id

    while (step := file.step) is not None:
        refused(step, True)
        file.prepare()
        refused(step, False)
        file.do()
        file.clock.forward(days=2)
    file.admission.refresh_from_db()
    assert file.admission.state == "done"


def test_a_late_talk_asks_for_its_reason(begin, clock):
    file = begin()
    clock.forward(days=60)
    with pytest.raises(Invalid, match="应当在一个月内") as refusal:
        file.do("talk")
    assert refusal.value.field == "reason"
    record = file.do("talk", reason="书记外出培训，回来后补谈")
    assert [one["id"] for one in record.warnings] == ["talk_in_time"]
    assert Fact.objects.get(kind="admission.step_done").data["warnings"] == ["talk_in_time"]


def test_who_does_what(begin, cast, clock):
    file = begin()
    for name in ("member", "outsider", "neighbour", "resident", "auditor", "admin", "district"):
        with pytest.raises(NotFound):
            file.do("talk", by=getattr(cast, name).actor)
    with pytest.raises(Forbidden):
        file.do("talk", by=cast.community.actor)  # sees it, but is neither the branch nor who approves
    file.bring("activist_filed")
    file.prepare()
    with pytest.raises(Forbidden, match="柳岸街道大工委"):
        file.do("activist_filed", by=cast.secretary.actor)
    file.do("activist_filed", by=cast.street.actor)


def test_what_was_done_on_paper_is_entered_under_the_same_rules(begin, clock):
    file = begin()
    clock.set("2025-10-01 09:00")
    with pytest.raises(Invalid, match="补录须写明凭据"):
        file.do("talk", on=dt.date(2024, 9, 20), paper=True)
    with pytest.raises(Invalid, match="补录须写明凭据"):
        file.do("talk", on=dt.date(2024, 9, 20))  # so long ago that it counts as entered later
    with pytest.raises(Invalid, match="一个月内"):
        file.do("talk", on=dt.date(2024, 12, 20), paper=True, evidence="党员发展台账第3页")
    with pytest.raises(Invalid, match="早于上一步"):
        file.do("talk", on=dt.date(2024, 8, 20), paper=True, evidence="党员发展台账第3页")
    with pytest.raises(Invalid, match="不能晚于今天"):
        file.do("talk", on=dt.date(2025, 12, 20))
    record = file.do("talk", on=dt.date(2024, 9, 20), paper=True, evidence="党员发展台账第3页")
    assert record.entered_later
    assert Fact.objects.get(kind="admission.step_done").data["entered_later"] is True
    late = {"paper": True, "evidence": "党员发展台账第4页"}
    file.do("activist", on=dt.date(2024, 9, 23), **late)
    shown = {"shown_on": "2024-09-24", "shown_until": "2024-10-08", "shown_result": "clear"}
    with pytest.raises(Refused, match="还没有公示"):
        file.do("activist_filed", on=dt.date(2024, 10, 9), **late)
    with pytest.raises(Invalid, match="张贴地点"):
        file.do("activist_filed", on=dt.date(2024, 10, 9), values=shown, **late)
    shown["shown_note"] = "社区公示栏，有照片"
    with pytest.raises(Refused, match="不足 5 个工作日"):  # National Day lies in between
        file.do("activist_filed", on=dt.date(2024, 10, 9), values={**shown, "shown_until": "2024-09-29"}, **late)
    file.do("activist_filed", on=dt.date(2024, 10, 9), values=shown, **late)


def test_introducers_under_a_sanction_are_refused(begin, city, cast, clock):
    file = begin().bring("introducers")
    bad = city.people["branch"][3]
    persons.note_circumstance(
        person=bad,
        kind="party_probation",
        starts_on=dt.date(2025, 1, 1),
        evidence="处分决定已存档",
        by=cast.secretary.actor,
    )
    with pytest.raises(Refused, match="留党察看"):
        file.do("introducers")
    file.do("introducers", values={"introducers": [person.pk for person in city.people["branch"][4:6]]})


def test_withdraw_only_the_last_step(begin, cast):
    file = begin().bring("activist_filed")
    with pytest.raises(Invalid, match="原因"):
        actions.withdraw_step(admission=file.admission, reason="错", by=cast.secretary.actor)
    record = actions.withdraw_step(admission=file.admission, reason="支委会记录还没有签字", by=cast.secretary.actor)
    assert (record.step, record.state, file.step.id) == ("activist", "withdrawn", "activist")
    fact = Fact.objects.get(kind="admission.step_withdrawn")
    assert fact.corrects == record.fact
    file.admission.refresh_from_db()
    assert file.admission.standing == "applicant"
    actions.withdraw_step(admission=file.admission, reason="谈话人写错了", by=cast.secretary.actor)
    with pytest.raises(Refused, match="没有可以撤回"):
        actions.withdraw_step(admission=file.admission, reason="申请也写错了", by=cast.secretary.actor)
    file.bring("contacts")
    assert StepRecord.objects.filter(step="activist", state="done").count() == 1


def test_withdrawing_an_approval_takes_the_membership_back(begin, applicant, cast):
    file = begin().bring("filed_above")
    with pytest.raises(Forbidden):
        actions.withdraw_step(admission=file.admission, reason="审批日期写错了", by=cast.secretary.actor)
    actions.withdraw_step(admission=file.admission, reason="审批日期写错了", by=cast.street.actor)
    assert people.membership_of(applicant.pk) is None
    assert Relation.objects.filter(person=applicant, kind="applicant", ends_on__isnull=True).exists()
    file.do()
    assert people.membership_of(applicant.pk).kind == "probationary"


def test_after_six_months_the_meeting_is_held_again(begin, clock, cast):
    file = begin().bring("approval")
    clock.forward(days=200)
    with pytest.raises(Refused, match="撤回后重新讨论"):
        file.do("approval", reason="街道换届，审批推迟")
    actions.withdraw_step(admission=file.admission, reason="决议过期，重新讨论", by=cast.street.actor)
    actions.withdraw_step(admission=file.admission, reason="决议过期，重新讨论", by=cast.secretary.actor)
    file.do("branch_meeting", reason="决议过期，重新开会")
    file.do("higher_talk")
    file.do("approval")


def test_a_political_review_grows_old_and_is_made_anew(begin, clock, cast):
    file = begin().bring("branch_check")
    clock.forward(days=370)
    with pytest.raises(Refused, match="只在 12 个月内有效"):
        file.do("branch_check")
    with pytest.raises(Refused, match="不能重办"):
        actions.redo_step(admission=file.admission, step="candidate", on=clock.now.date(), by=cast.secretary.actor)
    values = file.values["political_review"]
    with pytest.raises(Refused, match="不合格"):
        actions.redo_step(
            admission=file.admission, step="political_review", on=clock.now.date(), by=cast.secretary.actor,
            values={**values, "conclusion": "failed"},
        )  # fmt: skip
    actions.redo_step(
        admission=file.admission, step="political_review", on=clock.now.date(), values=values, by=cast.secretary.actor
    )
    states = StepRecord.objects.filter(step="political_review").order_by("id").values_list("state", flat=True)
    assert list(states) == ["replaced", "done"]
    file.do("branch_check")


def test_a_failed_vote_is_recorded_and_the_step_stays(begin, cast):
    file = begin().bring("branch_meeting")
    file.prepare()
    with pytest.raises(Refused, match="不能记作未通过"):
        file.do(not_passed=True)
    record = file.do(values={"yes": 3, "no": 5}, not_passed=True)
    assert (record.state, file.step.id) == ("failed", "branch_meeting")
    assert Fact.objects.filter(kind="admission.step_failed").count() == 1
    file.do()
    assert file.step.id == "higher_talk"


def test_a_failed_review_does_not_go_on(begin):
    file = begin().bring("political_review")
    assert file.do(values={"conclusion": "failed"}).state == "failed"
    with pytest.raises(Refused, match="不能跳过"):
        file.do("training")


def test_extension_once_then_formal(begin, applicant, clock):
    """细则第三十一条: one extension of half a year to a year; 党龄 from the day the longer probation is full."""
    file = begin().bring("formal_meeting")
    file.prepare()
    met = StepRecord.objects.get(step="branch_meeting").on
    file.do(values={"outcome": "extend", "extend_months": 6})
    file.do("formal_approval")
    file.admission.refresh_from_db()
    assert (file.step.id, file.admission.round) == ("formal_application", 2)
    full = rules.full_on(met, 12, 6)
    assert file.admission.full_on == full
    file.do("formal_application")
    with pytest.raises(Refused, match="延长 6 个月"):
        file.do("formal_meeting")
    file.prepare()
    with pytest.raises(Refused, match="已经延长过一次"):
        file.do(values={"outcome": "extend", "extend_months": 6})
    file.bring("archive")
    assert people.membership_of(applicant.pk).formal_on == full


def test_an_extension_can_be_withdrawn(begin, cast, clock):
    file = begin().bring("formal_meeting")
    file.prepare()
    full = file.admission.full_on
    file.do(values={"outcome": "extend", "extend_months": 6})
    file.do("formal_approval")
    actions.withdraw_step(admission=file.admission, reason="批复文号写错了", by=cast.street.actor)
    file.admission.refresh_from_db()
    assert (file.step.id, file.admission.round, file.admission.full_on) == ("formal_approval", 1, full)
    file.do("formal_approval")
    assert file.step.id == "formal_application"


def test_cancelling_a_probationary_member(begin, applicant, cast, clock):
    file = begin().bring("formal_meeting")
    with pytest.raises(Refused, match="须经支部大会"):
        actions.end(admission=file.admission, kind="removed", reason="表现不好", by=cast.secretary.actor)
    file.prepare()
    file.do(values={"outcome": "cancel"})
    file.do("formal_approval")
    file.admission.refresh_from_db()
    assert (file.admission.state, file.admission.end_kind) == ("ended", "cancelled")
    assert people.membership_of(applicant.pk) is None


def test_the_applicant_withdraws(begin, applicant, cast, city):
    file = begin().bring("contacts")
    actions.end(admission=file.admission, kind="withdrew", reason="本人书面撤回申请", by=cast.secretary.actor)
    assert not Relation.objects.filter(person=applicant, ends_on__isnull=True).exists()
    with pytest.raises(Refused, match="已终止"):
        file.do("contacts")
    again = actions.start(org=city.branch, person=applicant, on=kernel_clock.today(), by=cast.secretary.actor)
    assert again.pk != file.admission.pk


def test_a_file_goes_to_another_branch_and_keeps_its_time(begin, city, cast, applicant, clock):
    file = begin().bring("candidate")
    before = queries.case_of(file.admission, file.pack).done["activist"].on
    actions.offer_move(admission=file.admission, to=city.sister, reason="工作单位调动到二网格", by=cast.secretary.actor)
    with pytest.raises(Refused, match="正在转往"):
        file.do("candidate")
    with pytest.raises(Forbidden):
        actions.accept_move(admission=file.admission, by=cast.secretary.actor)
    actions.accept_move(admission=file.admission, by=cast.neighbour.actor)
    file.admission.refresh_from_db()
    assert file.admission.org_id == city.sister.pk
    assert not Guide.objects.filter(until__isnull=True).exists()
    assert Relation.objects.get(person=applicant, ends_on__isnull=True).org_id == city.sister.pk
    with pytest.raises(NotFound):
        queries.get_for(cast.secretary.actor, file.admission.pk)
    assert queries.case_of(file.admission, file.pack).done["activist"].on == before
    actions.redo_step(
        admission=file.admission, step="contacts", on=kernel_clock.today(), by=cast.neighbour.actor,
        values={"contacts": [city.people["sister"][1].pk]},
    )  # fmt: skip
    file.do("candidate", by=cast.neighbour.actor)
    other = actions.offer_move(
        admission=file.admission, to=city.branch, reason="又调回一网格工作", by=cast.neighbour.actor
    )
    actions.decline_move(admission=other, reason="手续没有办完", by=cast.secretary.actor)
    file.admission.refresh_from_db()
    assert (file.admission.org_id, file.admission.target_id) == (city.sister.pk, None)


def test_the_file_follows_a_probationary_member(begin, city, cast, applicant, deliver):
    file = begin().bring("probation")
    with pytest.raises(Refused, match="组织关系转接"):
        actions.offer_move(
            admission=file.admission, to=city.sister, reason="工作单位调动到二网格", by=cast.secretary.actor
        )
    persons.move_member(person=applicant, to=city.sister, by=cast.system, on=kernel_clock.today())
    deliver()
    file.admission.refresh_from_db()
    assert file.admission.org_id == city.sister.pk


def test_observations(begin, cast, clock):
    file = begin().bring("education")
    contact = cast.member.actor  # one of the two contacts
    clock.forward(days=100)
    row = actions.observe(admission=file.admission, on=kernel_clock.today(), text="工作积极，思想要求进步", by=contact)
    with pytest.raises(Refused, match="已经记过"):
        actions.observe(admission=file.admission, on=kernel_clock.today(), text="工作积极，思想要求进步", by=contact)
    with pytest.raises(NotFound):
        actions.observe(admission=file.admission, on=kernel_clock.today(), text="我也说一句话", by=cast.neighbour.actor)
    actions.withdraw_observation(observation=row, by=contact)
    actions.observe(admission=file.admission, on=kernel_clock.today(), text="思想要求进步，群众反映好", by=contact)
    with pytest.raises(NotFound):
        actions.withdraw_observation(observation=row, by=contact)


def test_starting(clock, city, cast, applicant):
    by, today = cast.secretary.actor, dt.date(2026, 11, 16)
    child = persons.register(by=SYSTEM, org=city.branch, name="小朋友", birth_date=dt.date(2010, 1, 1))
    with pytest.raises(Refused, match="不满 18 岁"):
        actions.start(org=city.branch, person=child, on=today, by=by)
    with pytest.raises(Refused, match="已经是党员"):
        actions.start(org=city.branch, person=cast.member.person, on=today, by=by)
    with pytest.raises(Forbidden):
        actions.start(org=city.branch, person=applicant, on=today, by=cast.member.actor)
    with pytest.raises(Refused, match="请选择党支部"):
        actions.start(org=city.street, person=applicant, on=today, by=cast.street.actor)
    first = actions.start(org=city.branch, person=applicant, on=today, by=by, source="api:1")
    assert actions.start(org=city.branch, person=applicant, on=today, by=by, source="api:1").pk == first.pk
    with pytest.raises(Refused, match="已经在办理中"):
        actions.start(org=city.sister, person=applicant, on=today, by=cast.neighbour.actor)
    assert (first.due_on, Fact.objects.filter(kind="admission.started").count()) == (dt.date(2026, 12, 16), 1)


def test_who_left_with_a_bar_does_not_apply_again_before_it_is_over(clock, city, cast, applicant):
    """DOMAIN 2.2.4: five years after 开除、除名、劝退."""
    person, by = applicant, cast.secretary.actor
    persons.admit(person=person, org=city.branch, by=by, kind="probationary", joined_on=dt.date(2026, 1, 5))
    persons.leave(person=person, by=by, on=dt.date(2026, 11, 16), reason="开除党籍", kind="expelled")
    clock.set("2031-11-15 09:00")
    with pytest.raises(Refused, match=r"2031-11-16 之前不得重新入党.*五年内") as refusal:
        actions.start(org=city.branch, person=person, on=dt.date(2031, 11, 15), by=by)
    assert refusal.value.field == "on"
    assert not Relation.objects.filter(person=person, kind="applicant").exists()
    clock.set("2031-11-16 09:00")
    assert actions.start(org=city.branch, person=person, on=dt.date(2031, 11, 16), by=by).step == 2


def test_the_yearly_look_at_the_pool(begin, cast, city, clock):
    file = begin().bring("contacts")
    review = actions.review_pool(
        org=city.street, year=2024, text="队伍结构合理，青年偏少，加强推优。", by=cast.street.actor
    )
    assert review.counts == {"activist": 1}
    with pytest.raises(Refused, match="已经分析过"):
        actions.review_pool(org=city.street, year=2024, text="队伍结构合理，青年偏少，加强推优。", by=cast.street.actor)
    with pytest.raises(Forbidden):
        actions.review_pool(
            org=city.branch, year=2024, text="队伍结构合理，青年偏少，加强推优。", by=cast.secretary.actor
        )
    assert file.admission.pk


def test_todos_and_reminders(begin, cast, clock):
    file = begin()
    due = file.admission.due_on
    assert [todo.due_on for todo in todos.waiting(cast.secretary.actor, kernel_clock.today())] == [due]
    assert todos.waiting(cast.street.actor, kernel_clock.today()) == []
    clock.set(f"{due + dt.timedelta(days=1)} 08:00")
    jobs.remind()
    jobs.remind()
    assert (
        Notice.objects.filter(kind="admission", title__startswith="发展党员已逾期").count() == 2
    )  # secretary and organisation member, once
    file.do("talk", reason="书记外出培训，回来后补谈")
    told = Notice.objects.get(person=file.admission.person)
    assert (told.title, told.link) == ("入党进度：已办完“党组织派人谈话”", "/admissions/mine/")
    file.bring("activist_filed")
    file.prepare()
    assert [todo.title for todo in todos.waiting(cast.street.actor, kernel_clock.today())] == [
        "入党积极分子报上级党委备案：唐小苗"
    ]
    file.bring("education")
    assert [todo.button for todo in todos.waiting(cast.member.actor, kernel_clock.today())] == ["记考察"]


def test_the_poll_of_the_engine_decides(begin, cast, city, clock):
    """Numbers come from the declared poll and cannot be typed over; one poll for one person (逐个表决)."""
    file = begin().bring("branch_meeting")
    file.prepare()
    by = cast.secretary.actor
    poll = actions.open_poll(admission=file.admission, by=by)
    assert actions.open_poll(admission=file.admission, by=by).pk == poll.pk
    with pytest.raises(Refused, match="还没有宣布"):
        file.do()
    voters = [person.pk for person in city.people["branch"]]
    polls.set_present(poll=poll, people=voters[:5], by=by)
    polls.give_paper(poll=poll, people=voters[:5], by=by)
    polls.hand_in_opinion(poll=poll, person=voters[6], choices={"question": "yes"}, by=by)
    polls.record_paper(poll=poll, collected=5, tallies={"question": {"yes": 4, "no": 1}}, by=by)
    polls.close_poll(poll=poll, by=by)
    record = file.do(values={"yes": 9, "no": 0})
    assert {k: record.values[k] for k in ("due", "present", "yes", "no", "written")} == {
        "due": 9, "present": 5, "yes": 5, "no": 1, "written": 1
    }  # fmt: skip


def test_too_few_voters_on_the_roll_are_noticed(begin):
    file = begin().bring("branch_meeting")
    file.prepare()
    with pytest.raises(Invalid, match="应到会有表决权的是 9 人，填的是 4 人"):
        file.do(values={"due": 4, "present": 4, "yes": 4})


def test_changing_the_table_changes_the_machine(begin, pack, monkeypatch):
    """A city that wants the application held for three months before somebody becomes an activist."""
    file = begin().bring("activist")
    step = pack.admissions.steps["activist"]
    held = AdmissionCondition(id="held", kind="after", of="application", months="3", basis="本市实施办法：满三个月。")
    conditions = Entries((*step.conditions, held))
    steps = Entries(
        one.model_copy(update={"conditions": conditions}) if one.id == "activist" else one
        for one in pack.admissions.steps
    )
    other = pack.model_copy(update={"admissions": pack.admissions.model_copy(update={"steps": steps})})
    monkeypatch.setattr(policy.store, "on", lambda _day: other)
    with pytest.raises(Refused, match="本市实施办法"):
        file.do("activist")


def test_nobody_handles_the_own_file(begin, cast, applicant, city, clock):
    file = begin()
    actor = actor_of_person(applicant)
    assert queries.own(actor).pk == file.admission.pk
    with pytest.raises(NotFound):
        queries.get_for(actor, file.admission.pk)
    for name in ("outsider", "member", "neighbour", "resident", "auditor", "admin", "city", "district"):
        assert not queries.visible_to(getattr(cast, name).actor).exists(), name
    for name in ("secretary", "community", "street"):
        assert queries.visible_to(getattr(cast, name).actor).exists(), name
