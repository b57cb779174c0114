"""The pack's own rules, one by one, and the same answer from the pack's checker and from the tables' judge."""

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given, settings

from gongjian.appraisal.points import rules
from gongjian.appraisal.points.models import Entry
from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.policy.rules import Deed, Tally, amount_of
from gongjian.records.people import actions as people
from tests.points.conftest import deliver, tell
from tests.policy.test_rules import PACK, streams

DOMAIN_5 = {  # DOMAIN 5: "Default for the product [choice]: 100-point frame …; bonus ≤10; floor 0, cap 110"
    "organisational_life": 25, "learning": 20, "duties": 15, "service": 30, "appraisal": 10, "bonus": 10,
}  # fmt: skip


@pytest.mark.django_db
def test_the_frame_is_that_of_domain_5(pack):
    assert {d.id: d.full for d in pack.points.dimensions} == DOMAIN_5
    assert sum(d.full for d in pack.points.dimensions if not d.bonus) == 100
    assert (pack.points.frame.floor, pack.points.frame.cap) == (0, 110)
    assert pack.points.frame.posting_days >= 7  # 唐河县: posted for at least 7 days
    assert pack.points.ranks.named_lists is False  # 国办函〔2026〕12号


@pytest.mark.django_db
def test_every_rule_of_the_pack_gives_what_it_says(city, pack, clock, monkeypatch):
    """Each rule is met by a deed of its own, on a day of its own; a deduction by somebody who has something to lose."""
    monkeypatch.setattr(registry, "check_fact_kind", lambda code: None)
    branch, wanted = city.branch, {}
    for number, rule in enumerate(pack.points.rules):
        person = people.register(by=SYSTEM, org=branch, name=f"某{number}")
        people.admit(person=person, org=branch, by=SYSTEM, kind="formal", joined_on=dt.date(2018, 1, 1),
                     formal_on=dt.date(2019, 1, 1))  # fmt: skip
        if rule.points < 0:
            tell(
                "activity.attended", person=person.pk, day="2026-10-01", data={"activity_kind": "appraisal_of_members"}
            )
        day = dt.date(2021, 1, 1) + dt.timedelta(days=number)
        day = dt.date(2026, 10, 2) if rule.points < 0 else day
        data = {key: values[0] for key, values in rule.where.items()}
        quantity = rule.quantity_at_most or rule.per_quantity or 1
        fact = tell(rule.fact, day=day.isoformat(), person=person.pk, org=branch.pk, quantity=quantity, data=data)
        expected = amount_of(rule, quantity)
        wanted[fact.pk, rule.id] = min(expected, rule.at_most.points) if rule.at_most else expected
    deliver()
    given = {(e.fact, e.rule): e.given for e in Entry.objects.all()}
    assert wanted
    assert {key: given.get(key) for key in wanted} == wanted


@settings(max_examples=150, deadline=None)
@given(streams())
def test_the_judge_and_the_packs_checker_agree(deeds):
    """`gongjian pack check` works its examples out with `policy.rules.Tally`; the tables must not say otherwise."""
    tally, judge = Tally(PACK), rules.Judge(lambda day: PACK, lambda person, day: True)
    for seq, deed in enumerate(deeds):
        before = len(judge.moves)
        told = rules.Deed(
            seq, deed.id, deed.kind, deed.day, deed.person, deed.org, deed.quantity, deed.data, deed.corrects
        )
        judge.add(told)
        moves = judge.moves[before:]
        assert Counter((m.entry.rule, m.entry.subject, m.entry.day, m.points) for m in moves if m.points) == _summed(
            tally.add(Deed(*deed))
        )


def _summed(awards):
    """The checker takes an award and what came back to it back one by one, the judge as one sum."""
    taken, found = Counter(), Counter()
    for award in awards:
        key = (award.rule.id, award.subject, award.day)
        if award.reverses is not None:
            taken[key] += award.points
        else:
            found[(*key, award.points)] += 1
    for key, points in taken.items():
        found[(*key, points)] += 1
    return found
