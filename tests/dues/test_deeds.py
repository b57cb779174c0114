"""Each deed with good and bad input, the wrong person, twice; the books always balance."""

import datetime as dt

import pytest

from gongjian.desks.dues import actions, jobs, money, queries
from gongjian.desks.dues.models import Assessment, Charge, Payment
from gongjian.desks.dues.sealed import open_income
from gongjian.engines.ledger import queries as books
from gongjian.engines.ledger.models import Book
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people

pytestmark = pytest.mark.django_db


def balance() -> int:
    return books.total(Book.objects.get(unit=money.UNIT, closed_at__isnull=True))


def collect(city, cast, persons, month="2026-11", **more):
    return actions.collect(org=city.branch, wanted={p.pk: [month] for p in persons}, by=cast.secretary.actor, **more)


def test_a_member_enters_and_the_branch_confirms(clock, city, cast):
    member = cast.member
    row = actions.enter_income(
        category="company", entered={"basic_wage": 620_000, "insurance": 70_000}, starts="2026-10", by=member.actor
    )
    assert (row.state, row.amount) == ("waiting", 8250)
    assert "620000" not in row.entered_sealed
    again = actions.enter_income(category="company", entered={"basic_wage": 500_000}, starts="2026-10", by=member.actor)
    assert Assessment.objects.get(pk=row.pk).state == "replaced"
    assert Assessment.objects.get(pk=row.pk).entered_sealed == ""
    with pytest.raises(Forbidden):
        actions.confirm(assessment=again, by=member.actor)
    with pytest.raises(NotFound):
        queries.assessment_for(cast.outsider.actor, again.pk)
    assert actions.see_income(assessment=again, by=cast.secretary.actor) == {"basic_wage": 500_000}
    seen = Fact.objects.get(kind="dues.income_seen")
    assert (seen.person, seen.by) == (member.person.pk, cast.secretary.person.pk)
    actions.confirm(assessment=again, by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.confirm(assessment=again, by=cast.secretary.actor)
    assert dict(Charge.objects.filter(person=member.person).values_list("month", "amount")) == {
        "2026-10": 5000,
        "2026-11": 5000,
    }
    told = str(list(Fact.objects.filter(kind__startswith="dues.").values_list("data", "quantity")))
    assert "5000" not in told
    assert "500000" not in told
    with pytest.raises(Refused, match="年内一般不变"):
        actions.enter_income(category="company", entered={"basic_wage": 900_000}, starts="2026-11", by=member.actor)


def test_reassessing_changes_only_what_is_unpaid(assessed, city, cast):
    member = cast.member.person
    collect(city, cast, [member], "2026-10")
    actions.assess(
        person=member.pk, org=city.branch, category="company", entered={"basic_wage": 600_000}, starts="2026-09",
        by=cast.secretary.actor,
    )  # fmt: skip
    amounts = dict(Charge.objects.filter(person=member).values_list("month", "amount"))
    assert amounts == {"2026-07": 1500, "2026-08": 1500, "2026-09": 9000, "2026-10": 1500, "2026-11": 9000}
    first = Assessment.objects.get(person=member, starts="2026-07")
    assert (first.state, first.ends) == ("confirmed", "2026-08")


def test_months_and_quarters_are_assessed_one_by_one(assessed, city, cast):
    """DOMAIN 3.1: annual-salary staff by the month, self-employed by the quarter; a month in between leaves the others."""
    member, by = cast.member.person, cast.secretary.actor

    def assess(category, item, fen, starts):
        actions.assess(person=member.pk, org=city.branch, category=category, entered={item: fen}, starts=starts, by=by)

    for month, received in (("2026-07", 400_000), ("2026-09", 1_100_000), ("2026-08", 300_000), ("2026-10", 600_000)):
        assess("annual_salary", "received", received, month)
    amounts = dict(Charge.objects.filter(person=member).values_list("month", "amount"))
    assert amounts == {
        "2026-07": 4000,
        "2026-08": 1500,
        "2026-09": 22000,
        "2026-10": 9000,
    }  # November: not assessed yet
    assess("self_employed", "net_income", 1_500_000, "2026-10")
    assert queries.assessment_of(member.pk, "2026-12").amount == 5000
    assert queries.assessment_of(member.pk, "2026-09").amount == 22000


def test_carry_over(assessed, city, cast, clock):
    clock.set("2027-01-05 09:00")
    actions.assess(
        person=assessed[1].pk, org=city.branch, category="self_employed", entered={"net_income": 900_000}, starts="2027-01",
        by=cast.secretary.actor,
    )  # fmt: skip
    assert actions.carry_over(org=city.branch, year=2027, by=cast.secretary.actor) == 8
    assert actions.carry_over(org=city.branch, year=2027, by=cast.secretary.actor) == 0
    row = queries.assessment_of(assessed[0].pk, "2027-03")
    assert (row.amount, row.carried, open_income(row.entered_sealed)) == (4000, True, {"basic_wage": 400_000})
    assert Charge.objects.filter(month="2027-01").count() == 9


def test_the_monthly_run_is_idempotent_and_knows_who_moved(assessed, city, cast, clock):
    people.move_member(person=assessed[5], to=city.sister, by=SYSTEM, on=dt.date(2026, 11, 10), reason="转出")
    newcomer = people.register(by=SYSTEM, org=city.branch, name="预备人")
    clock.set("2026-12-20 09:00")
    people.admit(person=newcomer, org=city.branch, by=SYSTEM, kind="probationary", joined_on=dt.date(2026, 12, 18))
    actions.assess(
        person=newcomer.pk, org=city.branch, category="student", entered={}, starts="2026-12", by=cast.secretary.actor
    )
    assert jobs.charge() == 9
    assert jobs.charge() == 0
    assert Charge.objects.get(person=assessed[5], month="2026-11").org == city.branch
    assert Charge.objects.get(person=assessed[5], month="2026-12").org == city.sister
    assert not Charge.objects.filter(person=newcomer, month="2026-11").exists()
    assert Charge.objects.get(person=newcomer, month="2026-12").amount == 20
    assert (
        sum(Fact.objects.filter(kind="dues.charged", data__period="2026-12").values_list("quantity", flat=True)) == 10
    )


def test_collecting_receipts_undo_and_the_books(assessed, city, cast):
    paid = collect(city, cast, assessed)
    assert [row.receipt_no for row in paid] == list(range(1, 10))
    assert sum(row.amount for row in paid) == 4000 + 8 * 1500
    assert collect(city, cast, assessed) == []
    assert money.balances_of(city.branch.pk)[money.CASH] == 16_000
    with pytest.raises(Forbidden):
        actions.reverse(payment=paid[2], reason="试试", by=cast.member.actor)
    actions.reverse(payment=paid[2], reason="登记有误", by=cast.secretary.actor)
    with pytest.raises(Refused, match="作废"):
        actions.reverse(payment=paid[2], reason="再来一次", by=cast.secretary.actor)
    assert money.balances_of(city.branch.pk)[money.CASH] == 14_500
    again = collect(city, cast, assessed)
    assert [row.receipt_no for row in again] == [10]
    assert balance() == 0
    fact = Fact.objects.get(kind="dues.refunded")
    assert fact.corrects == paid[2].fact
    assert sorted(Payment.objects.values_list("receipt_no", flat=True)) == list(range(1, 11))


def test_arrears_quarter_and_through_another(assessed, city, cast):
    person = cast.member.person
    with pytest.raises(Refused, match="按年预交"):
        collect(city, cast, [person], "2027-01")
    row = actions.collect(
        org=city.branch, wanted={person.pk: ["2026-07", "2026-10", "2026-11", "2026-12"]}, by=cast.secretary.actor,
        through="妻子王某", paid_on=dt.date(2026, 11, 15),
    )[0]  # fmt: skip
    assert (row.amount, row.months, row.through) == (6000, ["2026-07", "2026-10", "2026-11", "2026-12"], "妻子王某")
    assert sorted(c.kind for c in queries.consents_of(person.pk)) == ["other", "quarter"]
    assert Fact.objects.get(kind="dues.paid").data["timing"] == "late"
    for bad in ({"method": "online"}, {"paid_on": dt.date(2026, 11, 17)}, {"paid_on": dt.date(2020, 1, 1)}):
        with pytest.raises(Invalid):
            collect(city, cast, [person], **bad)
    with pytest.raises(Invalid, match="一人一笔"):
        collect(city, cast, assessed, through="某人")
    with pytest.raises(Forbidden):
        actions.collect(org=city.branch, wanted={person.pk: ["2026-08"]}, by=cast.neighbour.actor)


def test_giving_more_and_large_dues(assessed, city, cast):
    person, by = cast.member.person, cast.secretary.actor
    assert actions.give(org=city.branch, person=person.pk, amount=99_999, by=by).kind == "voluntary"
    assert actions.give(org=city.branch, person=person.pk, amount=100_000, by=by).kind == "large"
    assert Fact.objects.filter(kind="dues.large_paid").count() == 1
    balances = money.balances_of(city.branch.pk)
    assert (balances[money.CASH], balances[money.LARGE]) == (99_999, 100_000)
    up = actions.hand_over(org=city.branch, by=by, large=True)
    assert (up.kind, up.amount) == ("large", 100_000)
    actions.confirm_movement(movement=up, by=cast.community.actor)
    assert money.balances_of(city.community.pk)[money.LARGE] == 100_000
    with pytest.raises(Invalid):
        actions.give(org=city.branch, person=person.pk, amount=0, by=by)


def test_remitting_needs_two_persons(assessed, city, cast, second):
    collect(city, cast, assessed)
    row = actions.hand_over(org=city.branch, by=cast.secretary.actor)
    assert (row.amount, row.cash, row.to) == (16_000, 16_000, city.community)
    with pytest.raises(Refused, match="列入上缴"):
        actions.reverse(payment=Payment.objects.first(), reason="登记有误", by=cast.secretary.actor)
    with pytest.raises(Refused, match="没有可以上缴"):
        actions.hand_over(org=city.branch, by=cast.secretary.actor)
    with pytest.raises(Forbidden):
        actions.confirm_movement(movement=row, by=cast.secretary.actor)
    actions.confirm_movement(movement=row, by=cast.community.actor)
    with pytest.raises(Refused):
        actions.confirm_movement(movement=row, by=cast.community.actor)
    row.refresh_from_db()
    assert (row.state, row.receipt_no) == ("confirmed", 1)
    assert money.balances_of(city.community.pk)[money.ACCOUNT] == 16_000
    spend = actions.enter_movement(
        kind="spend", org=city.community, amount=5_000, use="training", note="党员培训", by=cast.community.actor
    )
    with pytest.raises(Refused, match="会计与出纳"):
        actions.confirm_movement(movement=spend, by=cast.community.actor)
    actions.undo_movement(movement=spend, reason="改由会计登记", by=cast.community.actor)
    spend = actions.enter_movement(
        kind="spend", org=city.community, amount=5_000, use="training", note="党员培训", by=second
    )
    actions.confirm_movement(movement=spend, by=cast.community.actor)
    down = actions.enter_movement(kind="return", org=city.community, to=city.branch, amount=8_000, by=second)
    for wrong in (
        {"kind": "return", "to": city.other_branch, "amount": 1}, {"kind": "spend", "use": "banquet", "note": "聚餐", "amount": 1},
        {"kind": "remit", "amount": 99_999_999}, {"kind": "remit", "amount": 0},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            actions.enter_movement(org=city.community, by=second, **wrong)
    actions.confirm_movement(movement=down, by=cast.community.actor)
    with pytest.raises(Refused, match="支出"):
        actions.undo_movement(movement=row, reason="数错了钱", by=cast.community.actor)
    actions.undo_movement(movement=down, reason="先不下拨", by=cast.community.actor)
    assert money.balances_of(city.community.pk)[money.ACCOUNT] == 11_000
    assert balance() == 0
    assert {use: total for use, _title, total in queries.uses_of(city.community, 2026) if total} == {"training": 5_000}


def test_a_share_goes_upward_when_the_pack_says_so(assessed, city, cast, monkeypatch):
    from tests.dues.test_rules import changed

    collect(city, cast, assessed)
    monkeypatch.setattr(queries, "dues_on", lambda day=None: changed(remitting={"upward_percent": "60"}))
    assert actions.hand_over(org=city.branch, by=cast.secretary.actor).amount == 9_600


def test_relief_by_the_committee_above(assessed, city, cast):
    person, by = cast.member.person, cast.secretary.actor
    wanted = {"person": person.pk, "org": city.branch, "starts": "2026-11", "ends": "2027-04", "amount": 0,
              "reason": "家中有人重病", "studied_on": dt.date(2026, 11, 10)}  # fmt: skip
    for bad in (
        {"ends": "2026-10"},
        {"ends": "2028-01"},
        {"amount": 1500},
        {"reason": "穷"},
        {"studied_on": dt.date(2026, 12, 1)},
    ):
        with pytest.raises(Invalid):
            actions.ask_relief(by=by, **{**wanted, **bad})
    row = actions.ask_relief(by=by, **wanted)
    assert "重病" not in row.reason_sealed
    with pytest.raises(Refused):
        actions.ask_relief(by=by, **wanted)
    with pytest.raises(Forbidden):
        actions.decide_relief(relief=row, approve=True, answer="", by=by)
    with pytest.raises(NotFound):
        queries.relief_for(cast.outsider.actor, row.pk)
    actions.decide_relief(relief=row, approve=True, answer="同意", by=cast.community.actor)
    assert Charge.objects.get(person=person, month="2026-11").amount == 0
    assert Charge.objects.get(person=person, month="2026-10").amount == 1500
    assert collect(city, cast, [person]) == []
    with pytest.raises(Refused):
        actions.decide_relief(relief=row, approve=False, answer="不同意", by=cast.community.actor)


def test_consent_and_reminders(assessed, city, cast, clock):
    asked = actions.ask_consent(kind="quarter", reason="常年出差", by=cast.member.actor)
    assert actions.ask_consent(kind="quarter", reason="再申请", by=cast.member.actor) == asked
    with pytest.raises(Forbidden):
        actions.answer_consent(consent=asked, agree=True, by=cast.neighbour.actor)
    actions.answer_consent(consent=asked, agree=True, by=cast.secretary.actor)
    assert queries.has_consent(cast.member.person.pk, "quarter", "2026-12")
    assert jobs.remind(dt.date(2026, 11, 19)) == 0
    collect(city, cast, [cast.colleague.person])
    Charge.objects.filter(month__lt="2026-10").delete()
    told = jobs.remind(dt.date(2026, 11, 20))
    assert told == 9 + 1
    assert jobs.remind(dt.date(2026, 11, 20)) == 0
    mine = Notice.objects.get(person=cast.member.person, title="党费提醒")
    assert "15" not in mine.body.replace("2026", "")  # never an amount


def test_long_arrears_are_only_listed(assessed, city, cast, clock):
    clock.set("2027-01-10 09:00")
    jobs.charge(dt.date(2026, 12, 1))
    late = queries.late_members(city.branch, dt.date(2027, 1, 10))
    assert all(one.needs_finding and len(one.run) == 6 for one in late)
    person = cast.member.person
    with pytest.raises(Invalid):
        actions.note_finding(
            person=person.pk, org=city.branch, outcome="deadline", text="已经谈话提醒", by=cast.secretary.actor
        )
    row = actions.note_finding(
        person=person.pk, org=city.branch, outcome="reason", text="长期住院治疗", by=cast.secretary.actor
    )
    assert row.upto == "2026-12"
    assert "住院" not in row.text_sealed
    found = {one.person.pk: one.finding for one in queries.late_members(city.branch, dt.date(2027, 1, 10))}
    assert found[person.pk] == row
    person.memberships.get().refresh_from_db()
    assert person.memberships.get().state == "normal"


def test_publishing(assessed, city, cast, monkeypatch):
    from tests.dues.test_rules import changed

    collect(city, cast, assessed)
    row = actions.publish(org=city.branch, year=2026, by=cast.secretary.actor)
    assert row.content["sums"]["paid"] == 16_000
    assert row.content["names"] == []
    assert actions.publish(org=city.branch, year=2026, by=cast.secretary.actor) == row
    assert queries.announced_to(cast.member.actor, row.pk) == row
    with pytest.raises(NotFound):
        queries.announced_to(cast.neighbour.actor, row.pk)
    with pytest.raises(Forbidden):
        actions.publish(org=city.branch, year=2026, by=cast.member.actor)
    monkeypatch.setattr(queries, "dues_on", lambda day=None: changed(publishing={"names": "masked"}))
    masked = actions.publish(org=city.branch, year=2026, by=cast.secretary.actor)
    assert masked.version == 2
    assert ["张*", 1] in masked.content["names"]
    assert "张伟" not in str(masked.content)


def test_points_for_paying_on_time(assessed, city, cast, deliver):
    from gongjian.appraisal.points import queries as points

    person = cast.member.person
    paid = collect(city, cast, [person])
    deliver()
    assert points.scores_of("person", person.pk, ("2026Q4",))["2026Q4"] == 1
    actions.reverse(payment=paid[0], reason="登记有误", by=cast.secretary.actor)
    deliver()
    assert points.scores_of("person", person.pk, ("2026Q4",))["2026Q4"] == 0
