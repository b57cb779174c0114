"""Deeds of voting: good and bad input, the wrong person, twice; what is written, and what is never written."""

import json

import pytest
from django.db import IntegrityError, connection, transaction

from gongjian.engines.voting import actions, expected, queries
from gongjian.engines.voting.models import Poll, PollBallot, PollVoter
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db
YES, NO = {"question": "yes"}, {"question": "no"}


def all_there(poll, city, by):
    actions.set_present(poll=poll, people=[person.pk for person in city.people["branch"]], by=by)


def vote(poll, person, choices=YES):
    actions.cast(poll=poll, choices=choices, by=actor_of_person(person))


def test_a_vote_by_phone_from_open_to_declared(start, city, cast):
    poll = start()
    all_there(poll, city, cast.secretary.actor)
    for person in city.people["branch"][:5]:
        vote(poll, person)
    vote(poll, city.people["branch"][5], NO)
    result = actions.close_poll(poll=poll, by=cast.secretary.actor)
    assert (result.due, result.present, result.handed_out, result.collected) == (9, 9, 9, 6)
    assert result.tallies["question"] == {"yes": 5, "no": 1, "abstain": 0}
    assert result.passed == ("question",)
    assert "通过" in queries.sentence_of(Poll.objects.get())
    assert actions.close_poll(poll=poll, by=cast.secretary.actor) == result
    assert Fact.objects.filter(kind="poll.closed").count() == 1
    assert Fact.objects.filter(kind="poll.took_part").count() == 6


def test_exactly_half_of_those_due_does_not_pass_a_unanimous_minority(start, city, cast):
    """DOMAIN 1.4: those present are enough to meet, but yes must exceed half of 应到会."""
    for person in city.people["branch"][:1]:
        people.set_state(person=person, by=SYSTEM, on=kernel_clock.today(), reason="测试", state="suspended")
    poll = start()
    assert queries.due_of(poll) == 8
    actions.set_present(poll=poll, people=[p.pk for p in city.people["branch"][1:5]], by=cast.secretary.actor)
    for person in city.people["branch"][1:5]:
        vote(poll, person)
    result = actions.close_poll(poll=poll, by=cast.secretary.actor)
    assert result.present_ok
    assert (result.needed, result.passed) == (5, ())
    assert "没有通过" in queries.sentence_of(Poll.objects.get())


def test_who_may_not_vote(start, city, cast):
    poll = start()
    with pytest.raises(Refused, match="登记您到会"):
        vote(poll, cast.member.person)
    with pytest.raises(NotFound):
        actions.cast(poll=poll, choices=YES, by=cast.neighbour.actor)
    all_there(poll, city, cast.secretary.actor)
    vote(poll, cast.member.person)
    with pytest.raises(Refused, match="一人一票"):
        vote(poll, cast.member.person, NO)
    actions.give_paper(poll=poll, people=[cast.colleague.person.pk], by=cast.secretary.actor)
    with pytest.raises(Refused, match="纸质票"):
        vote(poll, cast.colleague.person)
    with pytest.raises(Refused):
        actions.give_paper(poll=poll, people=[cast.member.person.pk], by=cast.secretary.actor)
    with pytest.raises(Invalid):
        vote(poll, city.people["branch"][5], {"question": "perhaps"})
    actions.stop_poll(poll=poll, by=cast.secretary.actor)
    with pytest.raises(Refused, match="停止"):
        vote(poll, city.people["branch"][6])
    assert PollBallot.objects.count() == 1


def test_only_who_runs_polls_here_may(start, cast, city):
    poll = start()
    with pytest.raises(Forbidden):
        actions.close_poll(poll=poll, by=cast.member.actor)
    with pytest.raises(NotFound):
        actions.close_poll(poll=poll, by=cast.outsider.actor)
    with pytest.raises(Forbidden):
        start(by=cast.neighbour.actor)
    assert Poll.objects.get().state == "open"


def test_told_twice_it_is_opened_once(start):
    assert start(key="x").pk == start(key="x").pk
    assert PollVoter.objects.count() == 9


# 细则第二十一条 (DOMAIN 1.4): a written opinion counts in admission, is not presence; in ordinary votes it does not count
def test_written_opinions(start, city, cast):
    secretary, branch = cast.secretary.actor, city.people["branch"]
    ordinary = start()
    with pytest.raises(Refused, match="书面意见"):
        actions.hand_in_opinion(poll=ordinary, person=branch[8].pk, choices=YES, by=secretary)
    poll = start(rule="admission", subject=queries.Ref("test", "2"))
    assert poll.secret
    actions.set_present(poll=poll, people=[p.pk for p in branch[:5]], by=secretary)
    for person in branch[:4]:
        vote(poll, person)
    vote(poll, branch[4], NO)
    actions.hand_in_opinion(poll=poll, person=branch[8].pk, choices=YES, by=secretary)
    with pytest.raises(Refused):
        actions.hand_in_opinion(poll=poll, person=branch[8].pk, choices=YES, by=secretary)
    with pytest.raises(Refused):  # who is there votes
        actions.hand_in_opinion(poll=poll, person=branch[0].pk, choices=YES, by=secretary)
    result = actions.close_poll(poll=poll, by=secretary)
    assert (result.due, result.present, result.opinions, result.collected) == (9, 5, 1, 5)
    assert result.passed == ("question",)


def test_a_changed_pack_changes_the_outcome(start, city, cast, bend):
    """DOMAIN 1.5.2 and 1.5.6: the same votes under the 1990 wording and counted by those present."""
    bend(branch_assembly={"quorum": "over_half", "pass_base": "present", "written_opinions": True})
    poll = start()
    assert (poll.quorum, poll.base, poll.opinions) == ("over_half", "present", True)
    branch = city.people["branch"]
    actions.set_present(poll=poll, people=[p.pk for p in branch[:6]], by=cast.secretary.actor)
    for person in branch[:4]:
        vote(poll, person)
    result = actions.close_poll(poll=poll, by=cast.secretary.actor)
    assert (result.needed, result.passed) == (4, ("question",))  # of nine it would need five


def test_nothing_ties_a_secret_ballot_to_a_person(start, city, cast):
    poll = start(rule="admission")
    all_there(poll, city, cast.secretary.actor)
    for n, person in enumerate(city.people["branch"]):
        vote(poll, person, YES if n % 2 else NO)
    with connection.cursor() as cursor:
        cursor.execute("SELECT person_id, choices, sealed FROM voting_pollballot")
        rows = cursor.fetchall()
    assert {row[0] for row in rows} == {None}
    assert {row[1] for row in rows} == {None}
    assert len({len(row[2]) for row in rows}) == 1
    assert len({row[2] for row in rows}) == 9
    before = set(PollBallot.objects.values_list("pk", flat=True))
    assert not Fact.objects.filter(object_kind="poll", person__isnull=False).exists()
    actions.close_poll(poll=poll, by=cast.secretary.actor)
    ballots = PollBallot.objects.all()
    assert not before & {ballot.pk for ballot in ballots}
    assert {ballot.sealed for ballot in ballots} == {""}
    assert Fact.objects.filter(kind="poll.took_part").values("at").distinct().count() == 1
    assert "yes" not in json.dumps(list(Fact.objects.values_list("data", flat=True)))
    with pytest.raises(IntegrityError), transaction.atomic():
        PollBallot.objects.create(poll=poll, secret=True, person=cast.member.person, choices={})


def test_the_order_of_opened_ballots_is_chance(start, city, cast):
    """Nine voters, one no: over many polls its row stands everywhere."""
    places = set()
    for n in range(12):
        poll = start(rule="admission", key=str(n))
        all_there(poll, city, cast.secretary.actor)
        for place, person in enumerate(city.people["branch"]):
            vote(poll, person, NO if place == 0 else YES)
        actions.close_poll(poll=poll, by=cast.secretary.actor)
        with connection.cursor() as cursor:
            physical = "ctid" if connection.vendor == "postgresql" else "rowid"
            cursor.execute(f"SELECT choices FROM voting_pollballot WHERE poll_id = %s ORDER BY {physical}", [poll.pk])
            order = [json.loads(row[0]) if isinstance(row[0], str) else row[0] for row in cursor.fetchall()]
        places.add([ballot["choices"]["question"] for ballot in order].index("no"))
    assert len(places) >= 3


def test_paper_is_counted_corrected_and_voids_when_too_many_come_back(start, city, cast):
    secretary, branch = cast.secretary.actor, [p.pk for p in city.people["branch"]]
    poll = start()
    actions.give_paper(poll=poll, people=branch[:7], by=secretary)
    actions.take_paper_back(poll=poll, person=branch[6], by=secretary)
    with pytest.raises(Refused, match="6 张"):
        actions.close_poll(poll=poll, by=secretary)
    actions.record_paper(poll=poll, collected=7, tallies={"question": {"yes": 6}}, by=secretary)
    actions.record_paper(poll=poll, collected=6, invalid=1, tallies={"question": {"yes": 5}}, by=secretary)
    with pytest.raises(Refused):
        actions.take_paper_back(poll=poll, person=branch[5], by=secretary)
    result = actions.close_poll(poll=poll, by=secretary)
    assert (result.handed_out, result.collected, result.invalid, result.passed) == (6 + 1, 6, 1, ("question",))
    other = start(key="b")
    actions.give_paper(poll=other, people=branch[:6], by=secretary)
    actions.record_paper(poll=other, collected=7, tallies={"question": {"yes": 7}}, by=secretary)
    assert not actions.close_poll(poll=other, by=secretary).ballots_ok
    assert "重新投票" in queries.sentence_of(Poll.objects.get(pk=other.pk))


def test_void_and_resume_ask_why(start, cast):
    poll = start()
    with pytest.raises(Invalid):
        actions.void_poll(poll=poll, reason="", by=cast.secretary.actor)
    actions.stop_poll(poll=poll, by=cast.secretary.actor)
    actions.resume_poll(poll=poll, reason="还有人没投", by=cast.secretary.actor)
    actions.void_poll(poll=poll, reason="选票印错", by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.close_poll(poll=poll, by=cast.secretary.actor)


# DOMAIN 1.4: no vote: probationary, 留党察看, 留置; left out of 应到会 only with consent, and when the meeting agrees
def test_who_is_expected(clock, city, cast):
    branch, today = city.people["branch"], kernel_clock.today()
    young = people.register(by=SYSTEM, org=city.branch, name="预备甲")
    people.admit(person=young, org=city.branch, by=SYSTEM, kind="probationary", joined_on=today)
    note = {"by": cast.secretary.actor, "starts_on": today, "evidence": "上级批复"}
    consent = {"consented_by": "社区党委", "consented_on": today}
    people.note_circumstance(person=branch[4], kind="party_probation", **note)
    people.note_circumstance(person=branch[5], kind="abroad", **note, **consent)
    people.note_circumstance(person=branch[6], kind="unable_to_care", **note)
    rows = {row.person.pk: row for row in expected.expected_of(city.branch, today)}
    assert len(rows) == 10
    assert (rows[young.pk].has_vote, rows[young.pk].counted) == (False, True)
    assert (rows[branch[4].pk].has_vote, rows[branch[4].pk].counted) == (False, True)
    assert (rows[branch[5].pk].has_vote, rows[branch[5].pk].counted) == (True, False)
    assert (rows[branch[6].pk].has_vote, rows[branch[6].pk].counted) == (True, True)
    assert "上级还没有同意" in rows[branch[6].pk].why
    assert "自理" not in rows[branch[6].pk].why
    assert expected.due(list(rows.values()), left_out_agreed=True) == 7
    assert expected.due(list(rows.values()), left_out_agreed=False) == 8
    committee = expected.committee_of(city.branch, today)
    assert [row.posts for row in committee] == ["书记", "组织委员", "宣传委员"]


def test_who_is_left_out_but_comes_is_counted(start, city, cast):
    today, person = kernel_clock.today(), city.people["branch"][5]
    people.note_circumstance(
        person=person, kind="abroad", by=cast.secretary.actor, starts_on=today, evidence="签证",
        consented_by="社区党委", consented_on=today,
    )  # fmt: skip
    poll = start()
    assert queries.due_of(poll) == 9
    ids = [one.pk for one in city.people["branch"][4:6]]
    assert actions.leave_out(poll=poll, people=ids, agreed=True, by=cast.secretary.actor) == 1
    assert queries.due_of(poll) == 8
    actions.set_present(poll=poll, people=ids, by=cast.secretary.actor)
    assert queries.due_of(poll) == 9
