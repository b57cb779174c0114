"""党费的故事: a year of dues in the demo branch, one who has not paid for months, one relief, money paid online.

The demo's member still owes this month: whoever looks can pay it at the test cashier. A sister branch was collected too,
so that the committee's overview has something to compare.
"""

import datetime as dt
import random

from django.db import transaction

from gongjian.desks.dues import actions, queries, rules
from gongjian.desks.dues.actions.collecting import Draft, enter, hold_charges
from gongjian.engines.payments.models import Order
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person
from gongjian.records.people.queries import members_of

ORDER = 35
MONTHS_BACK = 11
WAGES = (420_000, 560_000, 680_000, 830_000, 960_000, 1_240_000)
PENSIONS = (310_000, 420_000, 510_000, 640_000)


@transaction.atomic
def play(crowd: Crowd, now: dt.datetime) -> None:
    """A year, month by month, as the branch would have entered it."""
    branch = demo_branch(crowd.tree)
    branch.refresh_from_db()
    rng = random.Random(f"dues:{branch.pk}")
    secretary = actor_of_person(crowd.people[crowd.holder(branch) - 1])
    above = actor_of_person(crowd.people[crowd.holder(branch.parent) - 1])
    today = clock.day_of(now)
    first = clock.month_of(clock.add_months(today.replace(day=1), -MONTHS_BACK))
    people = sorted(queries.holders(clock.month_of(today), org=branch.pk))
    if not people:
        return
    _assess(branch, people, first, today, rng, secretary, now)
    shown = people_of(crowd)
    quiet = [person for person in people if person not in shown.values()]
    late, poor, giver = quiet[-1], quiet[-2] if len(quiet) > 1 else None, quiet[0] if len(quiet) > 2 else None
    if poor:
        _relieve(branch, poor, today, secretary, above, now)
    for month in rules.months_between(first, clock.month_of(today)):
        _collect_month(branch, people, month, late=late, member=shown["member"], today=today, by=secretary, above=above,
                       rng=rng, now=now)  # fmt: skip
    if giver:
        actions.give(org=branch, person=giver, amount=20_000, by=secretary, at=now - dt.timedelta(days=9))
        row = actions.give(org=branch, person=giver, amount=100_000, by=secretary, at=now - dt.timedelta(days=8))
        if row.kind == "large":
            actions.hand_over(org=branch, by=secretary, large=True, at=now - dt.timedelta(days=7))
    _use_above(branch, crowd, above, now)
    last_year = today.year - 1
    actions.publish(org=branch, year=last_year, by=secretary, at=now - dt.timedelta(days=3))
    asker = next((person for person in quiet[1:4] if person not in (late, poor, giver)), None)
    if asker is not None:
        actions.ask_consent(
            kind="quarter", reason="长期在外地项目工作，不方便每月交", at=now - dt.timedelta(hours=5),
            by=actor_of_person(Person.objects.get(pk=asker)),
        )  # fmt: skip


def _use_above(branch: Organisation, crowd: Crowd, above: Actor, now: dt.datetime) -> None:
    """The committee returns a share and spends on what dues are for: entered by one, confirmed by another."""
    posts = ("deputy_secretary", "organisation_member", "organiser")
    ids = [row.person_id for row in crowd.posts[branch.parent_id] if row.post in posts]
    entering = [actor_of_person(crowd.people[ident - 1]) for ident in ids]
    clerk = next((actor for actor in entering if actor.may_at("dues.remit", branch.parent)), None)
    if clerk is None or clerk.person == above.person:
        return
    at = now - dt.timedelta(days=5)
    moves = (("spend", 320_000, "training", "党员教育培训教材和场地"), ("spend", 150_000, "helping", "慰问生活困难党员"),
             ("return", 200_000, "", "支部活动用"))  # fmt: skip
    for kind, amount, use, note in moves:
        row = actions.enter_movement(
            kind=kind, org=branch.parent, to=branch if kind == "return" else None, amount=amount, use=use, note=note, by=clerk,
            on=clock.day_of(at), at=at,
        )  # fmt: skip
        actions.confirm_movement(movement=row, by=above, at=at + dt.timedelta(hours=3))
    actions.publish(org=branch.parent, year=clock.day_of(now).year, by=above, at=now - dt.timedelta(days=2))


def _assess(
    branch: Organisation, people: list[int], first: str, today: dt.date, rng: random.Random, by: Actor, now: dt.datetime
) -> None:
    """Categories by what people do; incomes are made up. Each year of the story has its own assessment."""
    jobs = dict(Person.objects.filter(pk__in=people).values_list("pk", "occupation"))
    joined = {row.person_id: row for row in branch_members(branch)}
    kinds = {
        "离退休人员": ("retired", "pension", PENSIONS), "学生": ("student", "", ()), "农牧渔民": ("farmer", "", ()),
        "党政机关工作人员": ("civil_servant", "post_wage", WAGES),
    }  # fmt: skip
    for person in people:
        category, item, sums = kinds.get(jobs[person], ("company", "basic_wage", WAGES))
        entered = {item: rng.choice(sums)} if item else {}
        start = max(first, clock.month_of(joined[person].starts_on))
        for year in range(int(start[:4]), today.year + 1):
            starts = max(start, f"{year}-01")
            actions.assess(
                person=person,
                org=branch,
                category=category,
                entered=entered,
                starts=starts,
                by=by,
                at=now - dt.timedelta(days=12),
            )


def branch_members(branch: Organisation) -> list:
    """Current memberships of the branch."""
    return list(members_of(branch.pk))


def _relieve(branch: Organisation, person: int, today: dt.date, by: Actor, above: Actor, now: dt.datetime) -> None:
    starts = clock.month_of(clock.add_months(today, -2))
    row = actions.ask_relief(
        person=person, org=branch, starts=starts, ends=clock.month_of(clock.add_months(today, 3)), amount=0,
        reason="家中有人重病，收入锐减，生活暂时困难。", studied_on=clock.add_months(today, -2), by=by,
        at=now - dt.timedelta(days=11),
    )  # fmt: skip
    actions.decide_relief(
        relief=row, approve=True, answer="同意，请支部多关心。", by=above, at=now - dt.timedelta(days=10)
    )


def _collect_month(
    branch: Organisation, people: list[int], month: str, *, late: int, member: int, today: dt.date, by: Actor, above: Actor,
    rng: random.Random, now: dt.datetime,
) -> None:  # fmt: skip
    """Most pay in cash at the meeting, a few online; the month is handed over and confirmed above."""
    this = month == clock.month_of(today)
    day = min(today, clock.period_bounds(month)[0] + dt.timedelta(days=rng.randint(8, 19)))
    if day < dt.date(today.year - 1, 1, 1):
        return
    payers = [
        person for person in people if not (person == late and month > clock.month_of(clock.add_months(today, -8)))
    ]
    if this:
        payers = [person for person in payers if person != member and rng.random() < 0.6]
    online = [person for person in payers if rng.random() < 0.3]
    at = min(now, clock.at_time(day, 19, 40))
    actions.collect(
        org=branch, wanted={person: [month] for person in payers if person not in online}, by=by, paid_on=day, at=now
    )
    _recorded_online(branch, online, month, at)
    if not this:
        try:
            row = actions.hand_over(org=branch, by=by, on=min(today, day + dt.timedelta(days=2)), at=now)
        except Refused:  # nobody paid
            return
        previous = clock.month_of(clock.add_months(today, -1))
        if month < previous:  # the last one still waits above
            actions.confirm_movement(movement=row, by=above, at=now)


def _recorded_online(branch: Organisation, people: list[int], month: str, at: dt.datetime) -> None:
    """Orders that were paid at the test cashier before this demo was built: recorded as such, with their receipts."""
    for person in people:
        rows = hold_charges(branch.pk, {person: [month]}).get(person, [])
        if not rows:
            continue
        amount = sum(row.amount for row in rows)
        order = Order.objects.create(
            number=f"demo{month.replace('-', '')}{person:08d}", org=branch, payer_id=person, config="default",
            subject_kind="dues", subject_id=str(person), key=f"dues:{person}", title=f"党费 {month}", amount=amount,
            data={"months": [month], "demo": True}, state="paid", trade_no=f"DEMO{person:08d}{month.replace('-', '')}",
            created_at=at, expires_at=at + dt.timedelta(minutes=30), paid_at=at, paid_amount=amount, taken_at=at,
        )  # fmt: skip
        enter(
            branch, [Draft(person, tuple(rows), amount, order=order.number)], method="online", paid_on=clock.day_of(at),
            by=SYSTEM, at=at,
        )  # fmt: skip
