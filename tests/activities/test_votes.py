"""Votes at meetings: DOMAIN 1.4 as tables on real meetings, by show of hands and by secret ballot."""

import datetime as dt

import pytest

from gongjian.desks.activities import actions, queries, votes
from gongjian.desks.activities.models import Attendance, Decision, Vote
from gongjian.engines.voting import actions as polling
from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(make, city, cast):
    """`meeting(present=5)`: an open assembly of the branch's nine, with so many checked in, and one decision."""

    def build(present: int, kind: str = "branch_assembly"):
        activity = make("open", kind=kind)
        by = cast.secretary.actor
        here = [person.pk for person in city.people["branch"][:present]]
        if here:
            actions.check_in_many(activity=activity, people=here, by=by)
        decision = actions.propose(activity=activity, text="同意修缮活动室", by=by)
        return activity, decision.pk, by

    return build


# 支部工作条例 (DOMAIN 1.4): 半数以上 present; yes must exceed half of those with a vote who should attend (应到会 9: 5).
@pytest.mark.parametrize(
    ("present", "yes", "outcome"),
    [
        (4, 4, "short"),  # 4 of 9 is less than half: no vote at all
        (5, 4, "rejected"),
        (5, 5, "passed"),
        (9, 4, "rejected"),
        (9, 5, "passed"),
    ],
)
def test_an_assembly_of_nine(meeting, present, yes, outcome):
    activity, decision, by = meeting(present)
    standing = votes.standing_of(activity)
    assert (standing.entitled, standing.present, standing.to_pass) == (9, present, 5)
    if outcome == "short":
        with pytest.raises(Refused, match="人数不够"):
            actions.record_vote(activity=activity, decision=decision, yes=yes, by=by)
        return
    if outcome == "rejected":
        with pytest.raises(Refused, match="没有超过应到会 9 人的半数（须 5 票），不能记为通过"):
            actions.record_vote(activity=activity, decision=decision, yes=yes, declared=True, by=by)
        assert not Vote.objects.exists()
    else:
        with pytest.raises(Refused, match="不能记为未通过"):
            actions.record_vote(activity=activity, decision=decision, yes=yes, declared=False, by=by)
    vote = actions.record_vote(activity=activity, decision=decision, yes=yes, no=present - yes, by=by)
    assert (vote.passed, vote.due, vote.present) == (outcome == "passed", 9, present)
    assert votes.vote_words(vote).endswith("通过。" if vote.passed else "未通过。")


def test_twenty_voters_ten_present_nothing_can_pass(make, city, cast):
    """DOMAIN 1.4: 20 voters, 10 present → nothing can pass even if unanimous; the page says so before the vote."""
    for n in range(11):
        person = people.register(by=SYSTEM, org=city.branch, name=f"新党员{'甲乙丙丁戊己庚辛壬癸子'[n]}")
        people.admit(person=person, org=city.branch, by=SYSTEM, kind="formal", joined_on=dt.date(2020, 1, 1),
                     formal_on=dt.date(2021, 1, 1))  # fmt: skip
    activity = make("open", kind="branch_assembly")
    by = cast.secretary.actor
    rows = list(Attendance.objects.filter(activity=activity).values_list("person", flat=True)[:10])
    actions.check_in_many(activity=activity, people=rows, by=by)
    standing = votes.standing_of(activity)
    assert (standing.entitled, standing.present, standing.reached, standing.passable) == (20, 10, True, False)
    html = cast.secretary.client.get(f"/activities/{activity.pk}/vote/").content.decode()
    assert "什么都通不过" in html
    decision = actions.propose(activity=activity, text="同意修缮活动室", by=by)
    with pytest.raises(Refused, match="没有超过应到会 20 人的半数（须 11 票）"):
        actions.record_vote(activity=activity, decision=decision.pk, yes=10, declared=True, by=by)


# 支部工作条例 12 (DOMAIN 1.4): half or more of the committee of three.
@pytest.mark.parametrize(("present", "reached"), [(1, False), (2, True), (3, True)])
def test_a_committee_of_three(meeting, present, reached):
    activity, _decision, _by = meeting(present, "committee_meeting")
    standing = votes.standing_of(activity)
    assert (standing.entitled, standing.reached, standing.to_pass) == (3, reached, 2)


def test_a_guest_of_the_committee_has_no_vote(meeting, cast):
    activity, _decision, by = meeting(2, "committee_meeting")
    actions.add_participants(activity=activity, people=[cast.member.person.pk], by=by)
    actions.check_in_many(activity=activity, people=[cast.member.person.pk], by=by)
    assert (votes.standing_of(activity).entitled, votes.standing_of(activity).present) == (3, 2)


def test_probationary_members_have_no_vote(meeting, city):
    person = people.register(by=SYSTEM, org=city.branch, name="宁预备")
    people.admit(person=person, org=city.branch, by=SYSTEM, kind="probationary", joined_on=dt.date(2026, 5, 1))
    activity, _decision, by = meeting(5)
    actions.check_in_many(activity=activity, people=[person.pk], by=by)
    standing = votes.standing_of(activity)
    assert (standing.entitled, standing.present) == (9, 5)


def test_taking_names_off_the_list_makes_no_quorum(meeting, city):
    activity, _decision, by = meeting(4)
    for person in city.people["branch"][5:]:
        actions.leave_out(activity=activity, person=person.pk, reason="没有空", by=by)
    assert votes.standing_of(activity).entitled == 9


@pytest.mark.parametrize(
    ("numbers", "error", "words"),
    [
        ({"yes": 0}, Invalid, "请填写"),
        ({"yes": -1, "no": 3}, Invalid, "请填写"),
        ({"yes": 5, "no": 2}, Invalid, "多于到会"),
        ({"yes": 5, "written": 1}, Refused, "书面意见不计票"),  # DOMAIN 1.4: text silent; default no
    ],
)
def test_numbers_that_cannot_be(meeting, numbers, error, words):
    activity, decision, by = meeting(6)
    with pytest.raises(error, match=words):
        actions.record_vote(activity=activity, decision=decision, by=by, **numbers)


@pytest.fixture
def changed(pack, monkeypatch):
    """`changed(rule, written_opinions=True)`: the pack with another rule."""

    def change(rule: str, **fields):
        rules = type(pack.voting.rules)(
            one.model_copy(update=fields) if one.id == rule else one for one in pack.voting.rules
        )
        other = pack.model_copy(update={"voting": pack.voting.model_copy(update={"rules": rules})})
        monkeypatch.setattr(policy, "on", lambda day: other)
        return other

    return change


def test_the_pack_may_count_written_opinions(meeting, changed):
    activity, decision, by = meeting(5)
    changed("branch_assembly", written_opinions=True)
    vote = actions.record_vote(activity=activity, decision=decision, yes=6, written=2, no=1, by=by)
    assert (vote.passed, vote.written) == (True, 2)
    with pytest.raises(Invalid, match="比没有到会的人还多"):
        actions.record_vote(activity=activity, decision=decision, yes=6, written=5, by=by)


@pytest.mark.parametrize(("base", "passed"), [("due", False), ("present", True)])
def test_the_pack_decides_the_base(meeting, changed, base, passed):
    activity, decision, by = meeting(6)
    changed("branch_assembly", pass_base=base)
    assert actions.record_vote(activity=activity, decision=decision, yes=4, no=2, by=by).passed is passed


def test_the_same_vote_twice_is_one_fact_and_another_corrects(meeting):
    activity, decision, by = meeting(9)
    for _n in range(2):
        actions.record_vote(activity=activity, decision=decision, yes=6, no=3, by=by)
    assert Fact.objects.filter(kind="activity.vote_recorded").count() == 1
    actions.record_vote(activity=activity, decision=decision, yes=4, no=5, by=by)
    last = Fact.objects.filter(kind="activity.vote_recorded").last()
    assert (last.data["passed"], last.data["due"], Vote.objects.get().yes) == (False, 9, 4)


def test_who_may_not(meeting, cast, make):
    activity, decision, by = meeting(9)
    with pytest.raises(Forbidden):
        actions.record_vote(activity=activity, decision=decision, yes=9, by=cast.member.actor)
    with pytest.raises(NotFound):
        actions.record_vote(activity=activity, decision=decision, yes=9, by=cast.outsider.actor)
    with pytest.raises(NotFound, match="没有找到这项决定"):
        actions.record_vote(activity=activity, decision=decision + 99, yes=9, by=by)
    lesson = make("open", kind="party_lesson")
    with pytest.raises(Refused, match="不表决"):
        actions.propose(activity=lesson, text="同意", by=by)


def test_a_voted_decision_keeps_its_words(meeting):
    activity, decision, by = meeting(9)
    actions.record_vote(activity=activity, decision=decision, yes=9, by=by)
    with pytest.raises(Refused, match="不能改文字"):
        actions.record_minutes(activity=activity, by=by, decisions=[{"id": decision, "text": "同意别的"}])
    with pytest.raises(Refused, match="不能删去"):
        actions.record_minutes(activity=activity, by=by, text="完", decisions=[])
    due = dt.date(2026, 12, 1)
    kept = {"id": decision, "text": "同意修缮活动室", "due_on": due}
    actions.record_minutes(activity=activity, by=by, decisions=[{"text": "先做别的"}, kept])
    one = Decision.objects.get(pk=decision)
    assert (one.position, one.due_on, one.vote.yes) == (2, due, 9)


def test_a_secret_ballot_from_opening_to_the_file(meeting, city, cast, clock):
    activity, decision, by = meeting(6)
    poll = actions.start_poll(activity=activity, decision=decision, by=by)
    assert actions.start_poll(activity=activity, decision=decision, by=by).pk == poll.pk
    assert poll.secret
    for n, person in enumerate(city.people["branch"][:6]):
        polling.cast(poll=poll, choices={"question": "yes" if n < 5 else "no"}, by=actor_of_person(person))
    clock.set(activity.ends_at)
    actions.hold(activity=activity, by=by)
    with pytest.raises(Refused, match="还没有宣布结果"):
        actions.sign_off(activity=activity, by=by)
    activity.refresh_from_db()
    polling.stop_poll(poll=poll, by=by)
    polling.close_poll(poll=poll, by=by)
    assert "记入投票结果" in cast.secretary.client.get(f"/activities/{activity.pk}/vote/").content.decode()
    actions.sign_off(activity=activity, by=by)
    vote = Vote.objects.get()
    assert (vote.method, vote.yes, vote.no, vote.due, vote.present, vote.passed) == ("poll", 5, 1, 9, 6, True)


def test_a_ballot_is_not_overwritten_by_hands(meeting, city):
    activity, decision, by = meeting(9)
    poll = actions.start_poll(activity=activity, decision=decision, by=by)
    polling.stop_poll(poll=poll, by=by)
    polling.close_poll(poll=poll, by=by)
    assert actions.take_results(activity=activity, by=by) == 1
    assert actions.take_results(activity=activity, by=by) == 0
    with pytest.raises(Refused, match="已经投票表决"):
        actions.record_vote(activity=activity, decision=decision, yes=9, by=by)


# 支部工作条例 11: “须有半数以上……方可进行”: block; the pack may only warn.
@pytest.mark.parametrize(("without", "filed"), [("block", False), ("warn", True)])
def test_a_meeting_without_quorum_is_not_filed(meeting, clock, pack, monkeypatch, without, filed):
    activity, _decision, by = meeting(4)
    clock.set(activity.ends_at)
    actions.hold(activity=activity, by=by)
    kinds = type(pack.meetings.kinds)(
        one.model_copy(update={"without_quorum": without}) if one.id == "branch_assembly" else one
        for one in pack.meetings.kinds
    )
    other = pack.model_copy(update={"meetings": pack.meetings.model_copy(update={"kinds": kinds})})
    monkeypatch.setattr(policy, "on", lambda day: other)
    if filed:
        assert actions.sign_off(activity=activity, by=by).state == "signed_off"
    else:
        with pytest.raises(Refused, match="至少须 5 人到会"):
            actions.sign_off(activity=activity, by=by)


def test_the_page_votes_without_javascript(meeting, cast, queries):
    activity, decision, _by = meeting(6)
    here = f"/activities/{activity.pk}/vote/"
    client = cast.secretary.client
    refused = client.post(here, {"decision": decision, "yes": "4", "no": "2", "do": "passed"}, follow=True)
    assert "不能记为通过" in refused.content.decode()
    assert (
        "请填写数字"
        in client.post(here, {"decision": decision, "yes": "四", "do": "passed"}, follow=True).content.decode()
    )
    done = client.post(
        here, {"decision": decision, "yes": "5", "no": "1", "do": "passed"}, follow=True
    ).content.decode()
    assert "赞成 5 票，反对 1 票，弃权 0 票，通过。" in done
    client.post(here, {"text": "同意订报", "do": "propose"})
    with queries(30):
        assert "同意订报" in client.get(here).content.decode()
    assert cast.outsider.client.get(here).status_code in (403, 404)
    assert cast.member.client.get(here).status_code == 403


def test_quorum_counts_only_who_is_checked_in(meeting, cast):
    activity, _decision, by = meeting(5)
    assert votes.standing_of(activity).reached
    actions.withdraw(activity=activity, person=cast.member.person.pk, reason="早退", by=by)
    assert not votes.standing_of(activity).reached
    assert queries.form_of(activity).voting == "branch_assembly"
