"""Deeds on people: what they write, whom they refuse, twice, two at once; looking is a deed too."""

import datetime as dt
import threading

import pytest
from django.db import connection

from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.identifiers import make_demo_identity
from gongjian.records.facts.models import Fact
from gongjian.records.notices.jobs import tell_requests
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions, queries
from gongjian.records.people.models import CorrectionRequest, Membership, Person

NOV = dt.date(2026, 11, 1)
BIRTH = dt.date(1980, 5, 6)
NUMBER = make_demo_identity(1, BIRTH, "female")
pytestmark = pytest.mark.django_db


def test_birth_and_sex_follow_from_the_number(city, clock):
    person = actions.register(
        by=SYSTEM, org=city.branch, name="欧阳小明", identity=NUMBER.lower(), phone="+86 138-0000-1234"
    )
    assert (person.birth_date, person.sex, person.pinyin) == (BIRTH, "2", "ouyangxiaoming")
    assert NUMBER not in (person.identity_sealed, person.identity_masked)
    assert person.unsealed("identity") == NUMBER
    assert person.phone_masked == "138****1234"
    fact = Fact.objects.get(kind="person.registered", person=person.pk)
    assert NUMBER not in str(fact.data)
    with pytest.raises(Refused, match="已经登记"):
        actions.register(by=SYSTEM, org=city.branch, name="别人", identity=NUMBER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"identity": "450399198005060000"}, "identity"), ({"phone": "123"}, "phone"), ({"name": ""}, "name"),
     ({"identity": NUMBER, "sex": "1"}, "sex"), ({"identity": NUMBER, "birth_date": dt.date(1990, 1, 1)}, "birth_date"),
     ({"ethnic": "77"}, "ethnic"), ({"education": "x"}, "education"), ({"birth_date": dt.date(2030, 1, 1)}, "birth_date")],
)  # fmt: skip
def test_register_refuses_what_cannot_be(city, clock, changes, field):
    before = Person.objects.count()
    with pytest.raises(Invalid) as refusal:
        actions.register(by=SYSTEM, org=city.branch, **({"name": "甲"} | changes))
    assert refusal.value.field == field
    assert Person.objects.count() == before


def test_a_number_of_a_county_that_became_a_district_is_right(city, clock):
    """DOMAIN 7.1: never rejected by today's area table; a lower-case x is put right."""
    from gongjian.ground.kernel.identifiers import identity_check_digit

    for area in ("450322", "450312"):
        head = f"{area}19700101001"
        person = actions.register(
            by=SYSTEM, org=city.branch, name="甲", identity=(head + identity_check_digit(head)).lower()
        )
        assert person.birth_date == dt.date(1970, 1, 1)


def test_wrong_person(city, cast, clock):
    person = city.people["branch"][4]
    for who in (cast.member, cast.outsider, cast.resident, cast.neighbour):
        with pytest.raises((Forbidden, NotFound)):
            actions.correct(person=person, by=who.actor, name="别名")
        with pytest.raises(Forbidden):
            actions.leave(person=person, by=who.actor, on=NOV, reason="试")
        with pytest.raises((Forbidden, NotFound)):
            actions.unmask(person=person, field="phone", purpose="试一试看", by=who.actor)
    with pytest.raises(Forbidden):  # a secretary takes no member from another district
        actions.move_member(person=city.people["other_branch"][0], to=city.branch, by=cast.secretary.actor, on=NOV)
    assert not Fact.objects.filter(kind="person.unmasked").exists()


def test_a_look_is_a_fact_that_the_person_sees(city, cast, clock):
    person = cast.member.person
    actions.correct(person=person, by=cast.secretary.actor, phone="13900005678")
    with pytest.raises(Invalid):
        actions.unmask(person=person, field="phone", purpose="看看", by=cast.secretary.actor)
    assert actions.unmask(person=person, field="phone", purpose="通知开会", by=cast.secretary.actor) == "13900005678"
    page = cast.member.client.get("/people/me/").content.decode()
    assert "通知开会" in page
    assert cast.secretary.person.name in page
    assert "13900005678" not in page


def test_a_full_export_tells_every_person_in_it(city, cast, clock):
    people = [person.pk for person in city.people["branch"]]
    assert actions.export_protected(people=people, purpose="年度核对", by=cast.secretary.actor) == 9
    assert set(Fact.objects.filter(kind="person.exported").values_list("person", flat=True)) == set(people)
    with pytest.raises(Forbidden):
        actions.export_protected(
            people=[*people, city.people["sister"][0].pk], purpose="年度核对", by=cast.secretary.actor
        )
    assert Fact.objects.filter(kind="person.exported").count() == 9


def test_a_member_from_admission_to_the_end(city, cast, clock):
    by = cast.secretary.actor
    person = actions.register(by=by, org=city.branch, name="新人")
    with pytest.raises(Invalid):
        actions.admit(person=person, org=city.branch, by=by, kind="formal", joined_on=NOV)
    actions.admit(person=person, org=city.branch, by=by, kind="probationary", joined_on=dt.date(2025, 10, 1))
    assert (city.refresh().branch.member_count, city.branch.formal_count) == (10, 9)
    with pytest.raises(Refused, match="转接"):
        actions.admit(person=person, org=city.branch, by=by, kind="probationary", joined_on=NOV)
    actions.become_formal(person=person, by=by, on=dt.date(2026, 10, 1))
    with pytest.raises(Refused):
        actions.become_formal(person=person, by=by, on=NOV)
    assert city.refresh().branch.formal_count == 10
    actions.set_state(person=person, by=by, on=NOV, reason="外出务工", mobile=True, mobile_to="外省")
    actions.move_member(person=person, to=city.sister, by=cast.community.actor, on=NOV, reason="搬家")
    assert (city.refresh().branch.member_count, city.sister.member_count) == (9, 4)
    moved = queries.membership_of(person.pk)
    assert (moved.kind, moved.mobile) == ("formal", True)
    actions.leave(person=person, by=cast.community.actor, on=dt.date(2026, 11, 10), reason="去世")
    with pytest.raises(Refused):
        actions.leave(person=person, by=cast.community.actor, on=NOV, reason="再来")
    assert city.refresh().sister.member_count == 3
    kinds = Fact.objects.filter(person=person.pk).order_by("id").values_list("kind", flat=True)
    assert list(kinds) == [
        "person.registered", "member.admitted", "member.became_formal", "member.state_changed", "member.moved", "member.left",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "today", "joined", "fits"),
    [  # DOMAIN 2.2.4: left on 2026-11-10; five years, the same day of the year is free again
        ("expelled", "2031-11-09", "2031-11-09", False), ("expelled", "2031-11-10", "2031-11-10", True),
        ("expelled", "2031-11-10", "2031-11-09", False), ("expelled", "2026-11-16", "2020-01-01", False),
        ("removed", "2031-11-09", "2031-11-09", False), ("persuaded", "2031-11-09", "2031-11-09", False),
        ("probation_cancelled", "2026-11-16", "2026-11-16", True), ("", "2026-11-16", "2026-11-16", True),
    ],
)  # fmt: skip
def test_nobody_is_admitted_while_barred(city, cast, clock, kind, today, joined, fits):
    person, by = cast.member.person, cast.secretary.actor
    actions.leave(person=person, by=by, on=dt.date(2026, 11, 10), reason="支部大会决定，上级批准", kind=kind)
    clock.set(f"{today} 09:00")
    again = {"person": person, "org": city.branch, "by": by, "kind": "probationary"}
    if fits:
        assert actions.admit(**again, joined_on=dt.date.fromisoformat(joined)).barred_until is None
        return
    with pytest.raises(Refused, match=r"2031-11-10 之前不得重新入党.*五年内"):
        actions.admit(**again, joined_on=dt.date.fromisoformat(joined))
    assert queries.membership_of(person.pk) is None


def test_a_city_with_another_bar(city, cast, clock, pack, monkeypatch):
    table = pack.transfers
    shorter = table.model_copy(update={"standing": table.standing.model_copy(update={"rejoin_bar_years": 2})})
    monkeypatch.setattr(policy, "on", lambda day: pack.model_copy(update={"transfers": shorter}))
    left = actions.leave(
        person=cast.member.person, by=cast.secretary.actor, on=dt.date(2026, 11, 10), reason="开除党籍", kind="expelled"
    )
    assert left.barred_until == dt.date(2028, 11, 10)


def test_posts_follow_the_pack(city, cast, clock):
    a, b = city.people["sister"][1:3]
    by = cast.community.actor
    with pytest.raises(Refused, match="请先免去现任"):
        actions.appoint(person=a, org=city.sister, post="secretary", by=by, on=NOV)
    with pytest.raises(Invalid):
        actions.appoint(person=a, org=city.sister, post="king", by=by, on=NOV)
    with pytest.raises(Invalid, match="不能设在"):
        actions.appoint(person=a, org=city.sister, post="group_leader", by=by, on=NOV)
    row = actions.appoint(person=b, org=city.sister, post="deputy_secretary", by=by, on=NOV)
    assert city.refresh().sister.committee_count == 2
    actions.end_appointment(appointment=row, by=by, on=dt.date(2026, 11, 5), reason="调离")
    with pytest.raises(Refused):
        actions.end_appointment(appointment=row, by=by, on=dt.date(2026, 11, 5))
    assert city.refresh().sister.committee_count == 1


def test_a_request_for_correction(city, cast, clock):
    actions.ask_correction(by=cast.member.actor, field="phone", wanted="应当是新号码")
    with pytest.raises(Refused, match="等待办理"):
        actions.ask_correction(by=cast.member.actor, field="phone", wanted="再说一次")
    assert [row.person_id for row in queries.requests_waiting(cast.secretary.actor)] == [cast.member.person.pk]
    assert not queries.requests_waiting(cast.outsider.actor)
    assert not queries.requests_waiting(cast.neighbour.actor)
    assert tell_requests() == 1
    assert tell_requests() == 0
    assert Notice.objects.get(kind="correction").person_id == cast.secretary.person.pk
    row = CorrectionRequest.objects.get()
    with pytest.raises(NotFound):
        actions.answer_correction(request=row, by=cast.outsider.actor, accepted=True, answer="好的")
    with pytest.raises(Invalid):
        actions.answer_correction(request=row, by=cast.secretary.actor, accepted=False, answer="")
    actions.answer_correction(request=row, by=cast.secretary.actor, accepted=False, answer="没有依据")
    with pytest.raises(Refused):
        actions.answer_correction(request=row, by=cast.secretary.actor, accepted=True, answer="好的")
    assert tell_requests() == 1
    assert "没有依据" in cast.member.client.get("/people/me/").content.decode()


def test_nobody_answers_their_own_request(city, cast, clock):
    actions.ask_correction(by=cast.secretary.actor, field="phone", wanted="应当是新号码")
    assert not queries.requests_waiting(cast.secretary.actor)
    row = CorrectionRequest.objects.get()
    with pytest.raises(Refused, match="自己"):
        actions.answer_correction(request=row, by=cast.secretary.actor, accepted=True, answer="好的")
    tell_requests()
    assert Notice.objects.get(kind="correction").person_id == cast.community.person.pk


@pytest.mark.django_db(transaction=True)
def test_two_admit_the_same_person_at_once(city):
    person = actions.register(by=SYSTEM, org=city.branch, name="新人")
    barrier, outcomes = threading.Barrier(2), []

    def run(org):
        try:
            barrier.wait()
            actions.admit(person=person, org=org, by=SYSTEM, kind="probationary", joined_on=dt.date(2026, 1, 1))
            outcomes.append("done")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(org,)) for org in (city.branch, city.sister)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["done", "refused"]
    assert Membership.objects.filter(person=person).count() == 1
    assert Fact.objects.filter(kind="member.admitted", person=person.pk).count() == 1
    assert sorted((city.refresh().branch.member_count, city.sister.member_count)) in ([3, 10], [4, 9])
