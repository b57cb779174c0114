"""An election step by step: nothing can be skipped, nobody approves their own, ties, empty seats, corrections."""

import pytest

from gongjian.desks.elections import actions, queries
from gongjian.desks.elections.models import Candidate, Election, Round, TermShift
from gongjian.desks.elections.states import FLOW
from gongjian.engines.voting import actions as voting
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.people import actions as people
from gongjian.records.people.models import Appointment

pytestmark = pytest.mark.django_db
# nine ballots for three seats: the first has nine votes, the second eight, the third and fourth five each
TIE = {i: (0, 1, 2) if i < 4 else (0, 1, 3) if i < 8 else (0, 2, 3) for i in range(9)}


def test_from_request_to_the_new_committee(walk, city):
    one = walk("meeting").elect_committee()
    assert one.fresh().state == "complete"
    actions.set_duties(election=one.election, duties={one.people[1].pk: "organisation_member"}, by=one.home)
    actions.report(election=one.election, by=one.home)
    actions.confirm(election=one.election, note="榕发〔2026〕3号", by=one.above)
    election = one.fresh()
    assert election.state == "confirmed"
    now = set(Appointment.objects.filter(org=city.branch, ends_on__isnull=True).values_list("person__name", "post"))
    names = [person.name for person in one.people]
    assert now == {(names[0], "secretary"), (names[1], "organisation_member"), (names[2], "committee_member")}
    city.branch.refresh_from_db()
    assert city.branch.term_started_on == kernel_clock.today()
    actions.confirm(election=one.election, note="榕发〔2026〕3号", by=one.above)
    assert Fact.objects.filter(kind="election.confirmed").count() == 1
    assert Appointment.objects.filter(org=city.branch, post="secretary").count() == 2


def test_no_step_can_be_skipped(walk):
    one = walk()
    e, above, home = one.election, one.above, one.home
    today = kernel_clock.today()
    steps = {
        "allow": lambda: actions.allow(election=e, note="批复", by=above),
        "propose": lambda: actions.propose(election=e, by=home),
        "accept": lambda: actions.accept_candidates(election=e, note="批复", by=above),
        "convene": lambda: actions.convene(election=e, held_on=today, method_passed=True, by=home),
        "report": lambda: actions.report(election=e, by=home),
        "confirm": lambda: actions.confirm(election=e, note="批复", by=above),
    }
    for name, step in steps.items():
        with pytest.raises(Refused):
            step()
        assert one.fresh().state == "preparing", name
    with pytest.raises(Refused):
        one.round()
    assert set(FLOW.possible("preparing")) == {"ask", "cancel"}


def test_nobody_approves_their_own(walk, city, cast):
    one = walk("asked")
    with pytest.raises(Forbidden):
        actions.allow(election=one.election, note="批复", by=one.home)
    with pytest.raises(NotFound):
        actions.allow(election=one.election, note="批复", by=cast.outsider.actor)
    own = actions.prepare(
        org=city.community, kind="term", meeting_on=kernel_clock.today(), committee_seats=5, by=cast.community.actor
    )
    actions.ask(election=own, by=cast.community.actor)
    with pytest.raises(Forbidden):  # the right covers the own subtree, the deed asks for it above
        actions.allow(election=own, note="批复", by=cast.community.actor)
    actions.allow(election=own, note="批复", by=cast.street.actor)


def test_only_who_runs_here(city, cast, clock):
    with pytest.raises(Forbidden):
        actions.prepare(org=city.branch, kind="term", meeting_on=kernel_clock.today(), by=cast.member.actor)
    with pytest.raises(Forbidden):
        actions.prepare(org=city.branch, kind="term", meeting_on=kernel_clock.today(), by=cast.neighbour.actor)


# DOMAIN 1.1.8: <7 formal members: no committee, the members' meeting elects the secretary; ≥7: a committee of 3 at least
def test_seats_follow_the_size(walk, city, cast):
    for seats, deputies in ((2, 0), (0, 0), (3, 2)):
        with pytest.raises(Invalid):
            walk(committee_seats=seats, deputies=deputies)
    with pytest.raises(Invalid):
        walk(org=city.sister, home=cast.neighbour.actor, committee_seats=3)
    small = walk(org=city.sister, home=cast.neighbour.actor, committee_seats=0)
    assert [(c.post, c.electorate) for c in queries.contests_of(small.election)] == [("secretary", "members")]
    one = walk()
    assert [(c.post, c.electorate) for c in queries.contests_of(one.election)] == [
        ("committee_member", "members"), ("secretary", "committee"),
    ]  # fmt: skip
    with pytest.raises(Refused):
        walk()


# DOMAIN 1.1.6: a temporary branch holds no 换届
def test_a_temporary_branch_elects_nobody(city, cast, clock):
    from gongjian.records.orgs import actions as orgs

    org = orgs.found(
        by=SYSTEM, code="TMP", name="防汛临时党支部", kind="temporary_branch", level="branch", parent=city.community,
        on=kernel_clock.today(),
    )  # fmt: skip
    with pytest.raises(Refused, match="没有任期"):
        actions.prepare(org=org, kind="term", meeting_on=kernel_clock.today(), by=cast.community.actor)


# DOMAIN 1.5.3: 3 seats need 4 candidates; the secretary stands alone, from among the committee's candidates
@pytest.mark.parametrize(("members", "secretary"), [((0, 1, 2), (0,)), ((0, 1, 2, 3), (0, 1)), ((0, 1, 2, 3), ())])
def test_the_number_of_candidates(walk, members, secretary):
    with pytest.raises(Refused, match="候选人"):
        walk("proposed", members=members, secretary=secretary)


def test_who_may_stand(walk, city):
    one = walk("allowed")
    one.candidates("committee_member", (0, 1, 2, 3))
    with pytest.raises(Invalid):
        one.candidates("secretary", (5,))
    young = people.register(by=SYSTEM, org=city.branch, name="预备甲")
    people.admit(person=young, org=city.branch, by=SYSTEM, kind="probationary", joined_on=kernel_clock.today())
    one.people.append(young)
    with pytest.raises(Invalid):
        one.candidates("committee_member", (0, 1, 2, 9))


# DOMAIN 1.5.8: tellers do not stand, and come from the electors
def test_tellers(walk, city):
    one = walk("accepted")
    for teller in (one.people[0], city.people["sister"][0]):
        with pytest.raises(Invalid):
            actions.seat_tellers(election=one.election, electorate="members", people={teller.pk: "teller"}, by=one.home)
    with pytest.raises(Invalid, match="监票人"):
        actions.seat_tellers(
            election=one.election, electorate="members", people={one.people[8].pk: "counter"}, by=one.home
        )
    with pytest.raises(Refused, match="监票人"):
        actions.convene(election=one.election, held_on=kernel_clock.today(), method_passed=True, by=one.home)


# DOMAIN 1.5.4: stroke order on the ballot
def test_the_ballots_order(walk):
    one = walk("meeting")
    assert [item["label"] for item in one.round().poll.items] == ["王芳", "李明", "张伟", "陈静"]


# DOMAIN 1.5.2: not fewer than 4/5 of nine: eight; with seven the election is void and is repeated
@pytest.mark.parametrize(("present", "valid"), [(8, True), (7, False)])
def test_four_fifths(walk, present, valid):
    one = walk("meeting")
    found = one.vote(one.round(), dict.fromkeys(range(present), (0, 1, 2)), present=range(present))
    assert (one.settle(found) is not None) is valid
    assert one.fresh().state == ("elected" if valid else "meeting")
    if not valid:
        again = one.round()
        assert (again.purpose, again.number) == ("repeat", 2)


# DOMAIN 1.5.6: over half of 应到会 (5 of 9) by default; over half of 实到会 where the pack says so (8 present: 5 as well,
# 9 due: 5; with 12 due and 10 present 7 against 6)
def test_the_threshold_is_the_packs(walk, city, bend_base):
    for n in range(3):
        person = people.register(by=SYSTEM, org=city.branch, name=f"新党员{n}")
        people.admit(
            person=person, org=city.branch, by=SYSTEM, kind="formal", joined_on=kernel_clock.today(),
            formal_on=kernel_clock.today(),
        )  # fmt: skip
        city.people["branch"].append(person)
    ballots = {i: (0, 1, 2) if i < 6 else (0, 1) for i in range(10)}
    one = walk("meeting")
    assert one.settle(one.vote(one.round(), ballots, present=range(10))).missing == 1
    actions.cancel(election=one.election, reason="换一种口径", by=one.home)
    bend_base("present")
    two = walk("meeting")
    assert two.settle(two.vote(two.round(), ballots, present=range(10))).missing == 0


# DOMAIN 1.5.7: tie at the cut → re-vote among the tied
def test_a_tie_is_voted_on_again_among_the_tied(walk):
    one = walk("meeting")
    decision = one.settle(one.vote(one.round(), TIE))
    assert {int(p) for p in decision.tied} == {one.people[2].pk, one.people[3].pk}
    assert (decision.open, one.fresh().state) == (1, "meeting")
    again = one.round()
    assert (again.purpose, again.seats, len(again.poll.items)) == ("tie", 1, 2)
    decision = one.settle(one.vote(again, {0: (2,), 1: (2,), 2: (3,)}))
    assert [int(p) for p in decision.winners] == [one.people[2].pk]  # the most votes; no majority is asked again
    assert one.fresh().state == "elected"


def test_another_tie_is_voted_on_once_more(walk):
    one = walk("meeting")
    one.settle(one.vote(one.round(), TIE))
    decision = one.settle(one.vote(one.round(), {0: (2,), 1: (3,)}))
    assert len(decision.tied) == 2
    assert one.round().purpose == "tie"


# DOMAIN 1.5.7: fewer winners → another vote, or fewer seats when over half of the electors agree
def test_an_empty_seat_is_filled_by_another_vote(walk):
    one = walk("meeting", committee_seats=4, members=(0, 1, 2, 3, 4))
    decision = one.settle(one.vote(one.round(), dict.fromkeys(range(9), (0, 1, 2))))
    assert decision.missing == 1
    again = one.round()
    assert (again.purpose, again.seats, len(again.poll.items)) == ("fill", 1, 2)
    one.settle(one.vote(again, dict.fromkeys(range(6), (3,))))
    assert one.fresh().state == "elected"


def test_an_empty_seat_stays_empty_if_over_half_agree(walk):
    one = walk("meeting", committee_seats=4, members=(0, 1, 2, 3, 4))
    one.settle(one.vote(one.round(), dict.fromkeys(range(9), (0, 1, 2))))
    with pytest.raises(Refused, match="半数"):
        actions.reduce_seats(contest=one.contest(), agreed=4, by=one.home)
    actions.reduce_seats(contest=one.contest(), agreed=5, by=one.home)
    assert (one.contest().seats, one.contest().reduced_from, one.fresh().state) == (3, 4, "elected")


def test_a_committee_never_falls_below_three(walk):
    one = walk("meeting")
    one.settle(one.vote(one.round(), dict.fromkeys(range(9), (0, 1))))
    with pytest.raises(Refused, match="至少3人"):
        actions.reduce_seats(contest=one.contest(), agreed=9, by=one.home)


# DOMAIN 1.5.5: collected > handed out → void, must repeat
def test_too_many_paper_ballots_void_the_round(walk):
    one = walk("meeting")
    found = one.round(electronic=False)
    voting.give_paper(poll=found.poll, people=[p.pk for p in one.people[:8]], by=one.home)
    voting.record_paper(poll=found.poll, collected=9, by=one.home, tellers="吴敏、徐磊")
    voting.close_poll(poll=found.poll, by=one.home)
    found.poll.refresh_from_db()
    assert one.settle(found) is None
    assert one.round().purpose == "repeat"


# DOMAIN 1.5.4: who votes no may write in another, who then may be elected
def test_somebody_written_in_is_elected(walk):
    from gongjian.records.access.queries import actor_of_person

    one = walk("meeting")
    found = one.round()
    voting.set_present(poll=found.poll, people=[p.pk for p in one.people], by=one.home)
    for voter in range(9):
        yes = {str(one.people[i].pk) for i in (0, 1)}
        choices = {item: "yes" if item in yes else "no" for item in found.poll.item_ids}
        voting.cast(
            poll=found.poll, choices=choices, write_ins=[one.people[6].name], by=actor_of_person(one.people[voter])
        )
    voting.close_poll(poll=found.poll, by=one.home)
    found.poll.refresh_from_db()
    one.settle(found)
    row = Candidate.objects.get(person=one.people[6], contest__post="committee_member")
    assert (row.written_in, row.elected_in, row.votes) == (True, 1, 9)


def test_a_result_is_taken_back_before_it_is_reported(walk):
    one = walk("meeting").elect_committee()
    members, secretary = Round.objects.order_by("pk")
    with pytest.raises(Refused, match="先撤销"):
        actions.annul_round(round_=queries.round_for(one.home, members.pk), reason="计票有误", by=one.home)
    actions.annul_round(round_=queries.round_for(one.home, secretary.pk), reason="计票有误", by=one.home)
    assert one.fresh().state == "elected"
    actions.annul_round(round_=queries.round_for(one.home, members.pk), reason="计票有误", by=one.home)
    assert one.fresh().state == "meeting"
    assert not Candidate.objects.filter(elected_in__isnull=False).exists()
    one.elect_committee()
    actions.report(election=one.election, by=one.home)
    actions.return_result(election=one.election, reason="书记人选再议", by=one.above)
    assert (one.fresh().state, one.fresh().return_reason) == ("complete", "书记人选再议")


def test_settling_twice_and_a_void_poll(walk):
    one = walk("meeting")
    found = one.round()
    with pytest.raises(Refused, match="还没有宣布"):
        one.settle(found)
    with pytest.raises(Refused):
        one.round()
    voting.void_poll(poll=found.poll, reason="选票印错", by=one.home)
    found.poll.refresh_from_db()
    assert one.settle(found) is None
    with pytest.raises(Refused, match="已经确认"):
        one.settle(found)


def test_a_branch_without_committee_elects_its_secretary(walk, city, cast):
    one = walk(org=city.sister, home=cast.neighbour.actor, committee_seats=0, kind="by")
    one.people = city.people["sister"]
    actions.ask(election=one.election, by=one.home)
    actions.allow(election=one.election, note="批复", by=one.above)
    one.candidates("secretary", (1,))
    actions.propose(election=one.election, by=one.home)
    actions.accept_candidates(election=one.election, note="批复", by=one.above)
    tellers = {one.people[2].pk: "chief"}
    actions.seat_tellers(election=one.election, electorate="members", people=tellers, by=one.home)
    actions.convene(election=one.election, held_on=kernel_clock.today(), method_passed=True, by=one.home)
    one.settle(one.vote(one.round("secretary"), dict.fromkeys(range(3), (1,))))
    assert one.fresh().state == "complete"
    actions.report(election=one.election, by=one.home)
    term = city.sister.term_started_on
    actions.confirm(election=one.election, note="批复", by=one.above)
    held = Appointment.objects.filter(org=city.sister, ends_on__isnull=True, post="secretary")
    assert [row.person.name for row in held] == [one.people[1].name]
    city.sister.refresh_from_db()
    assert city.sister.term_started_on == term  # a by-election begins no term


# DOMAIN 1.2: postponing needs approval, ≤1 year; reminder six months before
def test_putting_off(clock, city, cast, later):
    home = cast.secretary.actor
    with pytest.raises(Invalid):
        actions.ask_shift(org=city.branch, until=later(600), reason="班子调整", by=home)
    shift = actions.ask_shift(org=city.branch, until=later(300), reason="等待撤并方案", by=home)
    with pytest.raises(Refused):
        actions.ask_shift(org=city.branch, until=later(300), reason="等待撤并方案", by=home)
    with pytest.raises(Forbidden):
        actions.answer_shift(shift=shift, approve=True, answer="同意", by=home)
    before = queries.term_end_of(city.branch)
    actions.answer_shift(shift=shift, approve=True, answer="榕发〔2026〕9号", by=cast.community.actor)
    assert queries.term_end_of(city.branch) == later(300) > before
    with pytest.raises(Refused):
        actions.answer_shift(shift=TermShift.objects.get(), approve=False, answer="不同意", by=cast.community.actor)


def test_reminders_reach_both(clock, city, cast):
    from gongjian.desks.elections import jobs, todos
    from gongjian.records.notices.models import Notice

    day = kernel_clock.today()  # the branches' terms end on 1 March 2027
    assert any("任期将满" in todo.title for todo in todos.todos(cast.secretary.actor, day))
    assert any("下级组织任期" in todo.title for todo in todos.todos(cast.community.actor, day))
    assert todos.todos(cast.member.actor, day) == []
    assert jobs.remind() > 0
    told = set(Notice.objects.filter(kind="election").values_list("person__name", flat=True))
    assert {"陈静", "梁社"} <= told
    assert jobs.remind() == 0
    clock.set("2026-08-31 09:00")
    assert not any("任期" in todo.title for todo in todos.todos(cast.secretary.actor, kernel_clock.today()))


def test_what_waits_for_whom(walk, cast):
    from gongjian.desks.elections import todos

    one = walk("asked")
    day = kernel_clock.today()
    assert any("答复选举" in todo.title for todo in todos.todos(cast.community.actor, day))
    assert not any("答复选举" in todo.title for todo in todos.todos(cast.secretary.actor, day))
    actions.allow(election=one.election, note="批复", by=one.above)
    assert any("候选人" in todo.title for todo in todos.todos(cast.secretary.actor, day))


def test_a_cancelled_election_makes_room(walk):
    one = walk("asked")
    actions.cancel(election=one.election, reason="推迟", by=one.home)
    walk()
    assert Election.objects.count() == 2
