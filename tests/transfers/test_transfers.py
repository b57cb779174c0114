"""Deeds of a transfer: the way inside the city, refusals, lost and late letters, out of the city and into it."""

import datetime as dt
import io

import pytest
from PIL import Image

from gongjian.desks.transfers import actions, jobs
from gongjian.desks.transfers.models import Letter, LetterSeries, Newcomer, Transfer
from gongjian.desks.transfers.permissions import abilities
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.queries.todos import todos
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records.facts.models import Fact
from gongjian.records.files import actions as files
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people
from gongjian.records.people.models import Membership, Person
from gongjian.records.people.queries import membership_of


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "PNG")
    return out.getvalue()


def kinds(transfer) -> list[str]:
    return list(
        Fact.objects.filter(object_kind="transfer", object_id=str(transfer.pk))
        .order_by("id")
        .values_list("kind", flat=True)
    )


def test_from_one_district_to_another(make, city, cast, far, deliver):
    transfer = make("asked")
    member = cast.member.person
    assert membership_of(member.pk).org == city.branch
    for state in ("agree", "issue", "receive"):
        by = {"agree": cast.secretary, "issue": cast.street, "receive": far.street}[state]
        getattr(actions, state)(transfer=transfer, by=by.actor)
        # 2.2.7: until accepted the old organisation stays responsible
        assert membership_of(member.pk).org == city.branch
    letter = moving.letter_of(transfer)
    assert (letter.number, letter.days, letter.expires_on) == (1, 10, dt.date(2026, 11, 26))
    actions.accept(transfer=transfer, by=far.secretary.actor)
    assert membership_of(member.pk).org == city.other_branch
    transfer.refresh_from_db()
    assert (transfer.state, transfer.holder) == ("done", None)
    letter.refresh_from_db()
    assert (letter.state, letter.receipt_on) == ("used", dt.date(2026, 11, 16))
    assert kinds(transfer) == [
        "transfer.asked", "transfer.agreed", "transfer.issued", "transfer.received", "transfer.accepted",
    ]  # fmt: skip
    moved = Fact.objects.get(kind="member.moved", person=member.pk)
    assert moved.data["deed"] == f"transfer:{transfer.pk}"
    deliver()
    assert Notice.objects.filter(person=member, kind="transfer").count() == 5
    city.refresh()
    assert (city.branch.member_count, city.other_branch.member_count) == (8, 4)


def test_points_stay_with_the_person(make, city, cast, far, deliver):
    """Facts before the move keep the old branch's name; the person's history shows both."""
    before = Fact.objects.filter(person=cast.member.person.pk).values_list("pk", "org")
    kept = dict(before)
    make("done")
    assert dict(Fact.objects.filter(pk__in=kept).values_list("pk", "org")) == kept


def test_inside_one_committee_no_letter_travels(clock, city, cast, far):
    transfer = actions.start(person=cast.member.person, by=cast.secretary.actor, to=city.sister, reason="home")
    actions.issue(transfer=transfer, by=cast.street.actor)
    transfer.refresh_from_db()
    assert (transfer.state, transfer.holder, Letter.objects.count()) == ("received", city.sister, 0)
    actions.accept(transfer=transfer, by=cast.neighbour.actor)
    assert membership_of(cast.member.person.pk).org == city.sister


@pytest.mark.parametrize(("state", "deed", "wrong"), [
    ("asked", "agree", "neighbour"), ("asked", "agree", "member"), ("asked", "agree", "outsider"),
    ("agreed", "issue", "secretary"), ("agreed", "issue", "outsider"),
    ("issued", "receive", "street"), ("issued", "receive", "secretary"),
    ("received", "accept", "secretary"), ("received", "accept", "street"), ("received", "accept", "member"),
])  # fmt: skip
def test_only_the_right_end_acts(make, cast, state, deed, wrong):
    transfer = make(state)
    who = getattr(cast, wrong)
    with pytest.raises((Forbidden, NotFound)):
        getattr(actions, deed)(transfer=transfer, by=who.actor)
    assert Transfer.objects.get().state == state


def test_the_other_end_does_not_see_it_before_the_letter(make, cast, far):
    transfer = make("agreed")
    with pytest.raises(NotFound):
        moving.get_for(far.street.actor, transfer.pk)
    actions.issue(transfer=transfer, by=cast.street.actor)
    assert moving.get_for(far.street.actor, transfer.pk)
    with pytest.raises(NotFound):
        moving.get_for(cast.neighbour.actor, transfer.pk)
    with pytest.raises(NotFound):
        moving.get_for(cast.colleague.actor, transfer.pk)


def test_one_way_at_a_time_and_the_same_deed_once(make, city, cast):
    transfer = make("agreed")
    with pytest.raises(Refused, match="正在办理"):
        actions.ask(by=cast.member.actor, to=city.unit_branch, reason="work")
    with pytest.raises(Refused, match="不能"):
        actions.agree(transfer=transfer, by=cast.secretary.actor)
    assert kinds(transfer).count("transfer.agreed") == 1


@pytest.mark.parametrize(("changes", "field"), [
    ({"to": None, "outside": ""}, "to"), ({"outside": "某地党委"}, "to"), ({"to": "branch"}, "to"), ({"to": "group"}, "to"),
    ({"to": None, "outside": "甲"}, "outside"), ({"reason": "whim"}, "reason"),
])  # fmt: skip
def test_nonsense_is_named(clock, city, cast, changes, field):
    given = {"to": city.other_branch, "outside": "", "reason": "home"} | changes
    if isinstance(given["to"], str):
        given["to"] = getattr(city, given["to"])
    with pytest.raises(Refused) as refusal:
        actions.ask(by=cast.member.actor, **given)
    assert refusal.value.field == field
    assert not Transfer.objects.exists()


def test_a_committee_may_be_the_destination(clock, city, cast, far):
    transfer = actions.ask(by=cast.member.actor, to=city.other_street, reason="home")
    actions.agree(transfer=transfer, by=cast.secretary.actor)
    actions.issue(transfer=transfer, by=cast.street.actor)
    with pytest.raises(Invalid, match="支部"):
        actions.receive(transfer=transfer, by=far.street.actor)
    with pytest.raises(Invalid, match="支部"):
        actions.receive(transfer=transfer, by=far.street.actor, to=city.sister)
    actions.receive(transfer=transfer, by=far.street.actor, to=city.other_branch)
    actions.accept(transfer=transfer, by=far.secretary.actor)
    assert membership_of(cast.member.person.pk).org == city.other_branch


# --- refusing (2.2.7) ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cause", "answer"), [("", "不要"), ("whim", "我们不想接收"), ("not_here", ""), ("not_here", "不行")]
)
def test_refusing_without_cause_is_refused(make, far, cause, answer):
    transfer = make("issued")
    with pytest.raises(Invalid):
        actions.refuse(transfer=transfer, by=far.street.actor, cause=cause, answer=answer)
    assert Transfer.objects.get().state == "issued"


def test_an_objection_goes_upward_and_is_granted(make, city, cast, far):
    transfer = make("refused")
    actions.object_to(transfer=transfer, by=cast.member.actor, text="租房合同可以证明住在渡口")
    transfer.refresh_from_db()
    assert transfer.holder == city.other_district
    with pytest.raises(Forbidden):
        actions.judge(transfer=transfer, by=far.street.actor, uphold=False, answer="应当接收")
    actions.judge(transfer=transfer, by=cast.outsider.actor, uphold=False, answer="情况属实，应当接收")
    actions.receive(transfer=transfer, by=far.street.actor)
    actions.accept(transfer=transfer, by=far.secretary.actor)
    assert membership_of(cast.member.person.pk).org == city.other_branch


def test_an_objection_is_turned_down(make, city, cast, far):
    transfer = make("refused")
    actions.object_to(transfer=transfer, by=cast.secretary.actor, text="请上级裁定")
    actions.judge(transfer=transfer, by=cast.outsider.actor, uphold=True, answer="本人确实不在这里居住")
    transfer.refresh_from_db()
    assert transfer.state == "closed"
    assert Letter.objects.get().state == "void"
    assert membership_of(cast.member.person.pk).org == city.branch
    actions.ask(by=cast.member.actor, to=city.unit_branch, reason="work")  # free again


def test_sent_back_and_corrected_takes_a_new_letter(make, city, cast, far):
    transfer = make("issued")
    actions.send_back(transfer=transfer, by=far.street.actor, answer="应转到学校党委")
    transfer.refresh_from_db()
    assert (transfer.holder, Letter.objects.get().state) == (city.branch, "void")
    actions.correct(transfer=transfer, by=cast.secretary.actor, to=city.unit_branch)
    actions.issue(transfer=transfer, by=cast.street.actor)
    assert [letter.number for letter in Letter.objects.order_by("id")] == [1, 2]
    actions.receive(transfer=transfer, by=far.unit.actor)
    actions.accept(transfer=transfer, by=cast.unit_secretary.actor)
    assert membership_of(cast.member.person.pk).org == city.unit_branch


@pytest.mark.parametrize("state", ["asked", "agreed", "issued", "received", "refused"])
def test_the_member_withdraws_before_acceptance(make, city, cast, state):
    transfer = make(state)
    with pytest.raises((Forbidden, NotFound)):
        actions.withdraw(transfer=transfer, by=cast.colleague.actor)
    actions.withdraw(transfer=transfer, by=cast.member.actor)
    assert Transfer.objects.get().state == "withdrawn"
    assert not Letter.objects.filter(state="live").exists()
    assert membership_of(cast.member.person.pk).org == city.branch
    with pytest.raises(Refused):
        actions.withdraw(transfer=transfer, by=cast.member.actor)


def test_not_after_acceptance(make, cast):
    transfer = make("done")
    with pytest.raises(Refused):
        actions.withdraw(transfer=transfer, by=cast.member.actor)


# --- letters (2.2.8, 2.2.9) ----------------------------------------------------------------------------------------
def test_a_lost_letter_is_void_and_a_new_number_says_why(make, cast, far):
    transfer = make("issued")
    with pytest.raises(Invalid):
        actions.reissue(transfer=transfer, by=cast.street.actor, reason="")
    new = actions.reissue(transfer=transfer, by=cast.street.actor, reason="本人遗失")
    old = Letter.objects.get(number=1)
    assert (old.state, old.void_reason, new.number, new.replaces) == ("void", "本人遗失", 2, old)
    assert kinds(transfer)[-2:] == ["letter.voided", "letter.reissued"]
    actions.receive(transfer=transfer, by=far.street.actor)
    actions.accept(transfer=transfer, by=far.secretary.actor)
    assert Letter.objects.get(state="used") == new


def test_an_expired_letter_is_not_taken_until_it_is_extended(make, cast, far, clock):
    transfer = make("issued")
    clock.set("2026-11-27 09:00")
    with pytest.raises(Refused, match="过期"):
        actions.receive(transfer=transfer, by=far.street.actor)
    actions.remind(transfer=transfer, by=cast.secretary.actor, on=dt.date(2026, 11, 27))
    actions.remind(transfer=transfer, by=cast.secretary.actor, on=dt.date(2026, 11, 27))
    assert kinds(transfer).count("transfer.reminded") == 1
    letter = actions.extend(transfer=transfer, by=cast.street.actor, days=10, reason="住院治疗")
    assert (letter.expires_on, letter.extended) == (dt.date(2026, 12, 7), 1)
    actions.receive(transfer=transfer, by=far.street.actor)
    clock.set("2026-12-08 09:00")
    with pytest.raises(Refused, match="过期"):
        actions.accept(transfer=transfer, by=far.secretary.actor)
    actions.extend(transfer=transfer, by=cast.street.actor, days=5, reason="支部书记外出")
    actions.accept(transfer=transfer, by=far.secretary.actor)


def test_above_the_cap_a_second_look_is_asked(make, cast):
    transfer = make("agreed")
    with pytest.raises(Invalid, match="90"):
        actions.issue(transfer=transfer, by=cast.street.actor, days=91)
    actions.issue(transfer=transfer, by=cast.street.actor, days=91, accept=True)
    with pytest.raises(Invalid, match="90"):  # extensions count as well
        actions.extend(transfer=transfer, by=cast.street.actor, days=95, reason="延误")


def test_where_the_pack_blocks_nobody_goes_above_the_cap(make, cast, pack, monkeypatch):
    transfer = make("agreed")
    strict = pack.transfers.validity.model_copy(update={"cap_strength": "block"})
    changed = pack.model_copy(update={"transfers": pack.transfers.model_copy(update={"validity": strict})})
    monkeypatch.setattr("gongjian.ground.policy.store.current", lambda: changed)
    with pytest.raises(Invalid, match="90"):
        actions.issue(transfer=transfer, by=cast.street.actor, days=91, accept=True)


def test_a_failed_deed_gives_its_number_back(make, cast, city):
    transfer = make("agreed")
    with pytest.raises(Refused):
        actions.issue(transfer=transfer, by=cast.street.actor, days=500)
    with pytest.raises((Forbidden, NotFound)):
        actions.issue(transfer=transfer, by=cast.neighbour.actor)
    actions.issue(transfer=transfer, by=cast.street.actor)
    assert (Letter.objects.get().number, LetterSeries.objects.get().last) == (1, 1)


def test_numbers_begin_anew_each_year(make, cast, clock):
    make("issued")
    clock.set("2027-01-04 09:00")
    second = actions.reissue(transfer=Transfer.objects.get(), by=cast.street.actor, reason="遗失")
    assert (second.year, second.number) == (2027, 1)


def test_the_ladder_tells_each_once(make, cast, far, clock):
    transfer = make("issued")
    assert jobs.climb_ladder() == 0
    clock.set("2026-11-23 07:40")
    assert jobs.climb_ladder() == 2  # three days before: the member and who has it in hand
    assert jobs.climb_ladder() == 0
    clock.set("2026-11-27 07:40")
    late = [cast.member, cast.secretary, cast.street, far.secretary, far.street]
    jobs.climb_ladder()
    # the branch's organisation member is told as well
    told = set(Notice.objects.filter(key__contains=":due:2026-11-26:late").values_list("person", flat=True))
    assert {who.person.pk for who in late} <= told
    assert cast.outsider.person.pk not in told
    clock.set("2026-12-04 07:40")
    jobs.climb_ladder()
    above = Notice.objects.filter(key__contains=":due:2026-11-26:overdue").values_list("person", flat=True)
    assert cast.outsider.person.pk in above
    assert transfer.pk


def test_whose_turn_it_is(make, cast, far, queries):
    make("issued")
    day = dt.date(2026, 11, 16)
    with queries(4):
        mine = todos(far.street.actor, day)
    assert [(todo.due_on, "张伟" in todo.title) for todo in mine] == [(dt.date(2026, 11, 26), True)]
    assert not todos(cast.secretary.actor, day)
    assert not todos(cast.outsider.actor, day)
    assert not todos(cast.member.actor, day)


def test_what_can_be_done_is_what_the_state_allows(make, cast, far):
    transfer = make("issued")
    letter = moving.letter_of(transfer)
    assert abilities(transfer, far.street.actor, letter)[:1] == ["receive"]
    assert abilities(transfer, cast.street.actor, letter) == ["extend", "reissue"]
    assert abilities(transfer, cast.member.actor, letter) == ["withdraw"]
    assert abilities(transfer, cast.outsider.actor, letter)[:1] == ["receive"]  # the level above may step in
    assert abilities(transfer, cast.auditor.actor, letter) == []


# --- out of the city and into it (2.2.7, 2.2.10) --------------------------------------------------------------------
def test_out_of_the_city_the_membership_ends_at_the_receipt(make, city, cast, clock):
    transfer = make("issued", outside="中共外省海州市建设局委员会")
    assert moving.letter_of(transfer).days == 30
    clock.set("2026-11-30 10:00")
    assert membership_of(cast.member.person.pk).org == city.branch
    with pytest.raises(Invalid):
        actions.complete(
            transfer=transfer, by=cast.street.actor, on=dt.date(2026, 11, 10), receipt_by="海州市建设局党委"
        )
    actions.complete(transfer=transfer, by=cast.street.actor, on=dt.date(2026, 11, 28), receipt_by="海州市建设局党委")
    assert membership_of(cast.member.person.pk) is None
    left = Membership.objects.get(person=cast.member.person)
    assert (left.ends_on, left.end_kind, left.barred_until) == (dt.date(2026, 11, 28), "transferred", None)
    assert Fact.objects.get(kind="member.left").data["kind"] == "transferred"


def key_in(comer, city, far, **changes):
    transfer = actions.key_in(comer=comer(**changes), to=city.other_branch, by=far.secretary.actor)
    files.keep(
        by=far.secretary.actor,
        upload=files.Given("介绍信.png", picture()),
        subject=Ref.of("transfer", transfer.pk),
        title="介绍信",
    )
    return transfer


def test_into_the_city_by_letter(clock, comer, city, cast, far):
    before = Person.objects.count()
    bare = actions.key_in(comer=comer(2, serial="青开〔2026〕89号"), to=city.other_branch, by=far.street.actor)
    with pytest.raises(Refused, match="上传"):
        actions.receive(transfer=bare, by=far.street.actor)
    transfer = key_in(comer, city, far)
    assert Person.objects.count() == before  # nobody is a person of ours before the end
    with pytest.raises(Forbidden):
        actions.receive(transfer=transfer, by=far.secretary.actor)
    actions.receive(transfer=transfer, by=far.street.actor)
    actions.accept(transfer=transfer, by=far.secretary.actor)
    transfer.refresh_from_db()
    member = membership_of(transfer.person_id)
    assert (member.org, member.kind, member.starts_on) == (city.other_branch, "formal", dt.date(2026, 11, 16))
    assert transfer.person.birth_date == dt.date(1990, 5, 4)
    assert Newcomer.objects.get(transfer=transfer).identity_sealed == ""


def test_the_same_letter_or_person_twice(clock, comer, city, far):
    key_in(comer, city, far)
    for changes in ({"serial": "另一号"}, {"number": 2}):
        with pytest.raises(Refused, match="正在办理"):
            key_in(comer, city, far, **changes)
    assert Transfer.objects.count() == 1


def test_who_is_a_member_here_is_found_by_the_hash(clock, comer, city, cast, far):
    letter = comer(3)
    people.correct(
        person=cast.colleague.person, by=cast.secretary.actor, identity=letter.identity, birth_date=None, sex="9"
    )
    with pytest.raises(Refused, match="已有组织关系") as refusal:
        actions.key_in(comer=letter, to=city.other_branch, by=far.secretary.actor)
    assert "榕荫" not in refusal.value.message  # not where


@pytest.mark.parametrize(("changes", "field"), [
    ({"identity": "123"}, "identity"), ({"name": " "}, "name"), ({"formal_on": None}, "formal_on"),
    ({"expires_on": dt.date(2026, 11, 15)}, "expires_on"), ({"issued_on": dt.date(2026, 11, 17)}, "issued_on"),
    ({"serial": ""}, "serial"), ({"from_name": "某"}, "from_name"), ({"phone": "12"}, "phone"),
    ({"joined_on": dt.date(2027, 1, 1)}, "joined_on"), ({"kind": "guest"}, "kind"),
])  # fmt: skip
def test_a_letter_that_cannot_be_right(clock, comer, city, far, changes, field):
    with pytest.raises(Invalid) as refusal:
        key_in(comer, city, far, **changes)
    assert refusal.value.field == field
    assert not Transfer.objects.exists()


def test_a_letter_turned_away_leaves_nothing_of_the_person(clock, comer, city, far):
    transfer = key_in(comer, city, far)
    actions.refuse(transfer=transfer, by=far.street.actor, cause="identity", answer="公章与文号对不上")
    row = Newcomer.objects.get()
    assert (Transfer.objects.get().state, row.identity_sealed, row.identity_hash) == ("closed", "", None)
    key_in(comer, city, far, serial="重开一号")


def test_who_was_expelled_may_not_come_in_before_the_time(clock, comer, city, cast, far):
    letter = comer(4)
    person = cast.colleague.person
    people.correct(person=person, by=cast.secretary.actor, identity=letter.identity, birth_date=None, sex="9")
    gone = people.leave(
        person=person, by=cast.street.actor, on=dt.date(2026, 11, 2), reason="开除党籍", kind="expelled"
    )
    assert gone.barred_until == dt.date(2031, 11, 2)
    with pytest.raises(Refused, match="2031-11-02"):
        actions.key_in(comer=letter, to=city.other_branch, by=far.secretary.actor)


# --- many at once ---------------------------------------------------------------------------------------------------
def test_a_whole_class_with_one_letter_each(clock, city, cast, far):
    going = [actions.Wanted(person.pk, city.other_branch) for person in city.people["branch"][3:7]]
    made = actions.start_many(org=city.branch, wanted=going, reason="school", by=cast.secretary.actor)
    assert len({one.batch for one in made}) == 1
    actions.issue_many(transfers=made, by=cast.street.actor)
    assert sorted(Letter.objects.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_a_class_goes_whole_or_not_at_all(make, city, cast):
    make("asked")  # one of them is on the way already
    going = [actions.Wanted(person.pk, city.unit_branch) for person in city.people["branch"][2:5]]
    with pytest.raises(Refused, match="张伟"):
        actions.start_many(org=city.branch, wanted=going, reason="school", by=cast.secretary.actor)
    assert Transfer.objects.count() == 1
