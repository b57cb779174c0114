"""Members away, lost, and what people decide: nothing happens by itself."""

import datetime as dt

import pytest

from gongjian.desks.transfers import actions, jobs
from gongjian.desks.transfers.models import Contact, HostReport, StandingCase, Stay
from gongjian.desks.transfers.queries import watching
from gongjian.desks.transfers.queries.todos import todos
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people
from gongjian.records.people.models import Membership
from gongjian.records.people.queries import barred_until, membership_of

D = dt.date
VOTES = {"entitled": 9, "present": 8, "yes": 6, "no": 1, "abstain": 1}


@pytest.fixture
def away(clock, city, cast, far):
    """A member of the branch away since May, guest of the branch in the other district."""
    return actions.leave_home(
        person=cast.member.person, by=cast.secretary.actor, place="广东省深圳市", since=D(2026, 5, 10),
        contact=cast.colleague.person, host=city.other_branch,
    )  # fmt: skip


@pytest.fixture
def lost(clock, cast):
    """A member lost since May, looked for in vain in June."""
    actions.declare_lost(person=cast.member.person, by=cast.secretary.actor, since=D(2026, 5, 10))
    actions.contact(person=cast.member.person, by=cast.secretary.actor, on=D(2026, 6, 1), way="phone", made=False)
    return cast.member.person


def decided(cast, person, kind, **more):
    """A case brought through meeting and approval."""
    case = actions.propose(person=person, by=cast.secretary.actor, kind=kind, finding="多方查找，没有消息", **more)
    actions.decide(case=case, by=cast.secretary.actor, meeting_on=_today(), **VOTES)
    actions.approve(case=case, by=cast.street.actor, on=_today(), number="柳工发〔2026〕31号")
    case.refresh_from_db()
    return case


def _today():
    from gongjian.ground.kernel import clock

    return clock.today()


# --- away (2.2.6, 2.2.11 to 2.2.13) ----------------------------------------------------------------------------------
def test_registered_and_proposed_a_paper(away, cast):
    assert away.document == "proof"  # six months or an open end: the pack's proposal
    member = membership_of(cast.member.person.pk)
    assert (member.mobile, member.mobile_to) == (True, "广东省深圳市")
    assert "深圳" not in str(Fact.objects.get(kind="mobile.registered").data)
    with pytest.raises(Refused, match="已经登记"):
        actions.leave_home(person=cast.member.person, by=cast.secretary.actor, place="北京市", since=D(2026, 6, 1))


@pytest.mark.parametrize(("changes", "field"), [
    ({"since": D(2026, 12, 1)}, "since"), ({"back_by": D(2026, 5, 1)}, "back_by"), ({"place": " "}, "place"),
    ({"document": "pass"}, "document"), ({"host": "branch"}, "host"), ({"contact": "neighbour"}, "contact"),
])  # fmt: skip
def test_nonsense_about_an_absence(clock, city, cast, changes, field):
    given = {"place": "上海市", "since": D(2026, 5, 10)} | changes
    if given.get("host"):
        given["host"] = city.branch
    if given.get("contact"):
        given["contact"] = cast.neighbour.person
    with pytest.raises(Invalid) as refusal:
        actions.leave_home(person=cast.member.person, by=cast.secretary.actor, **given)
    assert refusal.value.field == field


@pytest.mark.parametrize("who", ["neighbour", "member", "outsider", "district"])
def test_only_the_branch_registers(clock, cast, who):
    with pytest.raises((Forbidden, NotFound)):
        actions.leave_home(
            person=cast.colleague.person, by=getattr(cast, who).actor, place="上海市", since=D(2026, 5, 10)
        )


def test_the_contact_person_keeps_contact_and_says_no_more(away, cast):
    told = {
        "person": cast.member.person,
        "by": cast.colleague.actor,
        "on": D(2026, 11, 1),
        "way": "phone",
        "made": True,
    }
    actions.contact(**told)
    actions.contact(**told)
    assert Contact.objects.count() == 1
    assert Stay.objects.get().last_contact == D(2026, 11, 1)
    assert Fact.objects.get(kind="mobile.contacted").data == {"on": "2026-11-01"}
    with pytest.raises(Forbidden):
        actions.contact(**told | {"by": cast.neighbour.actor, "on": D(2026, 11, 2)})


def test_after_six_months_it_is_asked_whether_to_transfer(away, cast):
    assert any("六个月" in todo.title for todo in todos(cast.secretary.actor, D(2026, 11, 16)))
    assert not any("六个月" in todo.title for todo in todos(cast.secretary.actor, D(2026, 11, 9)))
    jobs.watch_people()
    jobs.watch_people()
    assert Notice.objects.filter(person=cast.secretary.person, title__contains="满六个月").count() == 1
    actions.answer_about_transfer(stay=away, by=cast.secretary.actor, stays_because="年底返回")
    assert not any("六个月" in todo.title for todo in todos(cast.secretary.actor, D(2026, 11, 16)))


def test_the_host_sees_a_guest_and_reports_home(away, city, cast, far):
    assert [row.person.name for row in watching.guests_of(far.secretary.actor)] == ["张伟"]
    assert not watching.guests_of(cast.neighbour.actor).exists()
    actions.report(stay=away, by=far.secretary.actor, year=2026, opinion="按时参加组织生活")
    actions.report(stay=away, by=far.secretary.actor, year=2026, opinion="按时参加，表现好")
    assert HostReport.objects.get().opinion == "按时参加，表现好"
    with pytest.raises(NotFound):
        actions.report(stay=away, by=cast.secretary.actor, year=2026, opinion="自己说自己")
    with pytest.raises(NotFound):  # the guest's register at home is not the host's
        watching.stay_for(far.secretary.actor, away.pk)


def test_back_home(away, cast):
    actions.return_home(stay=away, by=cast.secretary.actor, on=D(2026, 11, 12))
    assert not membership_of(cast.member.person.pk).mobile
    with pytest.raises(Refused):
        actions.return_home(stay=away, by=cast.secretary.actor, on=D(2026, 11, 12))


def test_a_transfer_ends_the_absence(away, city, cast, far, make):
    make("done")
    assert Stay.objects.get().state == "transferred"
    assert not membership_of(cast.member.person.pk).mobile


# --- lost, stopped, removed, restored (2.2.2, 2.2.4) --------------------------------------------------------------------
@pytest.mark.parametrize(("today", "possible"), [("2026-11-09", False), ("2026-11-10", True)])  # lost since 10 May
def test_stopping_is_proposed_after_six_months(lost, cast, clock, today, possible):
    clock.set(f"{today} 09:00")
    ask = {"person": lost, "by": cast.secretary.actor, "kind": "stop", "finding": "家属、原单位都没有消息"}
    if not possible:
        with pytest.raises(Refused, match="2026-11-10"):
            actions.propose(**ask)
        return
    assert actions.propose(**ask).state == "proposed"
    assert membership_of(lost.pk).state == "normal"  # nothing happens by itself


def test_nobody_is_given_up_without_having_been_looked_for(clock, cast):
    actions.declare_lost(person=cast.member.person, by=cast.secretary.actor, since=D(2026, 5, 10))
    with pytest.raises(Refused, match="查找"):
        actions.propose(person=cast.member.person, by=cast.secretary.actor, kind="stop", finding="找不到了")


def test_time_alone_changes_nothing(lost, cast, clock):
    clock.set("2029-11-16 09:00")
    jobs.watch_people()
    assert membership_of(lost.pk).state == "normal"
    assert not StandingCase.objects.exists()
    assert Notice.objects.filter(person=cast.secretary.person, title__contains="满六个月").count() == 1


def test_stopped_then_removed_after_two_years_with_the_bar(lost, cast, clock):
    stopped = decided(cast, lost, "stop")
    assert (membership_of(lost.pk).state, membership_of(lost.pk).state_since) == ("stopped", D(2026, 11, 16))
    assert stopped.approver.name == "柳岸街道大工委"
    with pytest.raises(Refused, match="2028-11-16"):
        actions.propose(person=lost, by=cast.secretary.actor, kind="remove_lost", finding="仍没有消息")
    clock.set("2028-11-16 09:00")
    removed = decided(cast, lost, "remove_lost")
    assert membership_of(lost.pk) is None
    assert barred_until(lost.pk) == removed.barred_until == D(2033, 11, 16)
    assert Membership.objects.get(person=lost).end_kind == "self_quit"


def test_restored_after_being_found(lost, cast):
    decided(cast, lost, "stop")
    actions.contact(person=lost, by=cast.secretary.actor, on=D(2026, 11, 16), way="visit", made=True)
    member = membership_of(lost.pk)
    assert (member.lost_since, member.state) == (None, "stopped")  # restoring is decided by people
    decided(cast, lost, "restore")
    assert membership_of(lost.pk).state == "normal"


@pytest.mark.parametrize(("votes", "answer"), [
    # 1.4: half or more present; passes when yes exceeds half of those who should attend
    ({"entitled": 20, "present": 10, "yes": 10, "no": 0}, "not_passed"),
    ({"entitled": 20, "present": 11, "yes": 11, "no": 0}, "decided"),
    ({"entitled": 9, "present": 9, "yes": 5, "no": 4}, "decided"),
    ({"entitled": 8, "present": 8, "yes": 4, "no": 4}, "not_passed"),
    ({"entitled": 9, "present": 4, "yes": 4, "no": 0}, "present"),
    ({"entitled": 9, "present": 5, "yes": 5, "no": 1}, "yes"),
    ({"entitled": 5, "present": 9, "yes": 5, "no": 0}, "yes"),
])  # fmt: skip
def test_the_meeting_decides(lost, cast, votes, answer):
    case = actions.propose(person=lost, by=cast.secretary.actor, kind="stop", finding="没有消息了")
    decide = {"case": case, "by": cast.secretary.actor, "meeting_on": D(2026, 11, 16), **votes}
    if answer in ("present", "yes"):
        with pytest.raises(Invalid) as refusal:
            actions.decide(**decide)
        assert refusal.value.field == answer
    else:
        assert actions.decide(**decide).state == answer
    assert membership_of(lost.pk).state == "normal"


def test_only_the_higher_organisation_approves(lost, cast):
    case = actions.propose(person=lost, by=cast.secretary.actor, kind="stop", finding="没有消息了")
    actions.decide(case=case, by=cast.secretary.actor, meeting_on=D(2026, 11, 16), **VOTES)
    for who in (cast.secretary, cast.community, cast.neighbour, cast.outsider):
        with pytest.raises((Forbidden, NotFound)):
            actions.approve(case=case, by=who.actor, on=D(2026, 11, 16), number="一号文")
    assert [todo.button for todo in todos(cast.street.actor, D(2026, 11, 16))] == ["审批"]
    actions.reject(case=case, by=cast.street.actor, answer="再查找一次")
    assert membership_of(lost.pk).state == "normal"
    actions.propose(person=lost, by=cast.secretary.actor, kind="stop", finding="又找了一次")


def test_a_case_is_dropped_and_one_at_a_time(lost, cast):
    case = actions.propose(person=lost, by=cast.secretary.actor, kind="stop", finding="没有消息了")
    with pytest.raises(Refused, match="正在办理"):
        actions.propose(person=lost, by=cast.secretary.actor, kind="stop", finding="再来一次")
    actions.drop(case=case, by=cast.secretary.actor, reason="本人来电")
    with pytest.raises(Refused):
        actions.drop(case=case, by=cast.secretary.actor, reason="再撤一次")


# --- the ladder (2.2.15) ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("until", "fits"), [(D(2027, 11, 16), True), (D(2027, 11, 17), False), (D(2026, 11, 16), False), (None, False)]
)
def test_a_correction_lasts_a_year_at_most(clock, cast, until, fits):
    ask = {"person": cast.member.person, "by": cast.secretary.actor, "kind": "warn", "finding": "长期不参加，谈话无效"}
    if fits:
        assert actions.propose(**ask, until=until).until == until
    else:
        with pytest.raises(Invalid) as refusal:
            actions.propose(**ask, until=until)
        assert refusal.value.field == "until"


def test_nobody_is_urged_to_leave_without_a_correction_before(clock, cast):
    person = cast.member.person
    with pytest.raises(Refused, match="限期改正"):
        actions.propose(person=person, by=cast.secretary.actor, kind="persuade", finding="劝其退党")
    case = decided(cast, person, "warn", until=D(2027, 5, 16))
    assert membership_of(person.pk).state == "normal"
    assert [one.word for one in watching.ranks(cast.secretary.actor).warned] == ["限期改正"]
    clock.set("2027-05-17 09:00")
    actions.finish(case=case, by=cast.secretary.actor, corrected=False, result="限期内没有转变")
    decided(cast, person, "persuade")
    assert barred_until(person.pk) == D(2032, 5, 17)


def test_only_probationary_members_lose_probation(clock, cast):
    with pytest.raises(Refused, match="预备党员"):
        actions.propose(person=cast.member.person, by=cast.secretary.actor, kind="cancel_probation", finding="不合条件")


# --- signals (2.2.14) ------------------------------------------------------------------------------------------------
def attend(person, org, on):
    from django.db import transaction

    from gongjian.ground.kernel import clock as kernel_clock
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records import facts

    with transaction.atomic():
        facts.record(
            "activity.attended", by=SYSTEM, at=kernel_clock.at_time(on, 15), person=person.pk, org=org.pk,
            data={"activity_kind": "theme_day"},
        )  # fmt: skip


def test_signals_are_a_private_list_for_a_human_finding(clock, city, cast, queries):
    first = city.people["branch"]
    for person in first[:8]:
        attend(person, city.branch, D(2026, 5, 16))  # six months to the day still counts
    attend(first[8], city.branch, D(2026, 5, 15))
    found = {one.signal.id: one for one in watching.signals(cast.secretary.actor, city.branch)}
    assert [row.person.name for row in found["no_life"].members] == ["徐磊"]
    assert not found["no_dues"].known  # no record of the kind at all: the system knows nothing
    assert not found["no_work"].known
    assert not found["no_dues"].members
    assert not StandingCase.objects.exists()
    # the pack's months decide
    people.set_state(person=first[8], by=cast.secretary.actor, on=D(2026, 11, 16), reason="外出", mobile=True)
    assert not watching.signals(cast.secretary.actor, city.branch)[0].members
    assert not any(one.members for one in watching.signals(cast.neighbour.actor, city.branch))


def test_the_level_above_sees_numbers(away, city, cast, far):
    rows = {row["org"]: row for row in watching.counts_below(cast.community.actor, city.community)}
    assert (rows[city.branch]["away"], rows[city.branch]["members"], rows[city.sister]["away"]) == (1, 9, 0)
    assert watching.counts_below(cast.outsider.actor, city.community) == []
