"""谈心谈话和政治生日的故事: some have talked and some not yet; one card was sent, one waits for its day."""

import datetime as dt

from gongjian.desks.talks import actions, queries
from gongjian.desks.talks.models import Card
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person

ORDER = 32
NOTE = "说到孩子今年高考，想把夜间巡逻换到周末。已答应和排班的同志商量。"


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Talks of the demo branch over the year, wishes of its members, cards around today."""
    branch, today = demo_branch(crowd.tree), clock.day_of(now)
    visitor, secretary = people_of(crowd)["member"], crowd.holder(branch)

    def actor(person: int):
        return actor_of_person(crowd.people[person - 1])

    circle = queries.circle(branch, day=today)
    inside = [person for person in circle.committee if person in {row.person_id for row in crowd.members[branch.pk]}]
    pairs = [(a, b) for n, a in enumerate(inside) for b in inside[n + 1 :]][:-1]  # one pair has not talked yet
    pairs += [
        (inside[n % len(inside)], other)
        for n, other in enumerate(circle.members[: len(circle.members) * 2 // 3])
        if inside
    ]
    pairs += list(zip(circle.members[0:12:2], circle.members[1:12:2], strict=False))
    pairs.append((secretary, visitor))
    first = dt.date(today.year, 1, 8)
    for number, (one, other) in enumerate(pairs):
        day = min(today, first + dt.timedelta(days=number * 300 // max(1, len(pairs))))
        if one == other:
            continue
        form = ("face", "visit", "face", "phone")[number % 4]
        note = NOTE if (one, other) == (secretary, visitor) else ""
        actions.record(other=other, on=day, form=form, by=actor(one), note=note, at=clock.at_time(day, 18))
    _cards(crowd, branch, today, visitor, actor)


def _cards(crowd: Crowd, branch, today: dt.date, visitor: int, actor) -> None:
    """Wishes of half the branch; of these the last anniversary is past and sent, the next one is prepared."""
    since = policy.on(today).talks.anniversary.date
    rows = [row for row in crowd.members[branch.pk] if getattr(row, since) and getattr(row, since).year < today.year]
    willing = [row for n, row in enumerate(rows) if n % 2 == 0 or row.person_id == visitor]
    for n, row in enumerate(willing):
        actions.wish(
            card=True, listed=n % 3 == 0, by=actor(row.person_id), at=clock.at_time(today - dt.timedelta(days=90))
        )

    def near(row, year: int) -> dt.date:
        return queries.rules.anniversary(getattr(row, since), year)

    days = [near(row, year) for row in willing for year in (today.year, today.year + 1)]
    past, coming = [day for day in days if day <= today], [day for day in days if day > today]
    if past:
        day = max(past)
        actions.prepare_cards(by=SYSTEM, at=clock.at_time(day, 8))
        for card in Card.objects.filter(org=branch, day=day):
            actions.send_card(card=card, by=actor(crowd.holder(branch)), at=clock.at_time(day, 9))
    if coming:
        actions.prepare_cards(by=SYSTEM, at=clock.at_time(min(coming) - dt.timedelta(days=1), 8))
