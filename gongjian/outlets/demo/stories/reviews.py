"""民主评议的故事: last year's appraisal of the demo branch with a talk still owed, this year's under way, a neighbour deciding."""

import datetime as dt

from gongjian.desks.reviews import actions, queries
from gongjian.desks.reviews.models import Review
from gongjian.engines.voting import actions as voting
from gongjian.ground.kernel import clock
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.logins import people_of
from gongjian.outlets.demo.tree import demo_branch, urban_communities
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation

ORDER = 30  # before the elections, after which other people are in the posts
SELF = (
    "坚持参加每月的主题党日和党员大会，认领了楼栋联系户，入户走访二十多次。不足是理论学习不够系统，遇事有时急躁。",
    "在小区改造中负责联系一单元的居民，协调解决停车和晾晒问题。今后要多听老年居民的意见。",
    "带头参加志愿服务和夜间巡逻，帮助调解邻里纠纷三起。不足是学习笔记记得不及时。",
    "工作之余坚持线上学习，按时交纳党费。参加社区活动还不够主动，明年争取多报到、多服务。",
)
PEERS = ("待人热心，邻居有事都愿意找他。", "做事踏实，说到做到。", "建议多参加集体学习，带带年轻同志。")


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Three appraisals at three stages, by their own secretaries."""
    tree = crowd.tree
    branch = demo_branch(tree)
    visitor = people_of(crowd)["member"]
    _past(crowd, branch, now, visitor)
    _under_way(crowd, branch, now, visitor)
    home = urban_communities(tree)[0]
    neighbour = next((org for org in tree.below[home.pk] if org.kind == "branch" and org.pk != branch.pk), None)
    if neighbour is not None and any(row.kind == "formal" for row in crowd.members[neighbour.pk]):
        _deciding(crowd, neighbour, now)


def _actor(crowd: Crowd, person: int):
    return actor_of_person(crowd.people[person - 1])


def _rate(crowd: Crowd, review: Review, at: dt.datetime, people: list[int]) -> None:
    rows = {row.person_id: row for row in queries.taking_part(review)}
    for number, person in enumerate(people):
        if person not in rows:
            continue
        by = _actor(crowd, person)
        grade = ("qualified" if number % 4 else "excellent") if rows[person].graded else ""
        actions.rate_self(review=review, text=SELF[number % len(SELF)], grade=grade, by=by, at=at)
        others = [row for row in rows.values() if row.person_id != person and row.graded][number : number + 3]
        said = {row.pk: ("qualified", PEERS[(number + n) % len(PEERS)]) for n, row in enumerate(others)}
        actions.rate_peers(review=review, ratings=said, by=by, at=at)


def _vote(crowd: Crowd, review: Review, by, at: dt.datetime, voters: int) -> None:
    actions.open_ballot(review=review, by=by, on_the_spot=False, at=at)
    review.refresh_from_db()
    graded = [row for row in queries.taking_part(review) if row.graded]
    for number, voter in enumerate(graded[:voters]):
        choices = {
            str(row.pk): (
                "excellent" if (place + number) % 5 == 0 else "basic" if place == 7 and number % 2 else "qualified"
            )
            for place, row in enumerate(graded)
        }
        voting.cast(poll=review.poll, choices=choices, by=_actor(crowd, voter.person_id))
    voting.close_poll(poll=review.poll, by=by, at=at)
    review.refresh_from_db()
    actions.begin_deciding(review=review, by=by, at=at)


def _past(crowd: Crowd, branch: Organisation, now: dt.datetime, visitor: int) -> None:
    """Closed last winter; two comrades owed a talk, one was held."""
    year = clock.day_of(now).year - 1
    began = clock.at_time(dt.date(year, 12, 1), 9)
    by = _actor(crowd, crowd.holder(branch))
    review = actions.open_review(org=branch, by=by, year=str(year), rating_until=dt.date(year, 12, 15), at=began)
    people = [row.person_id for row in crowd.members[branch.pk] if row.kind == "formal"]
    _rate(crowd, review, began + dt.timedelta(days=5), list(dict.fromkeys([visitor, *people[:8]])))
    _vote(crowd, review, by, began + dt.timedelta(days=18), min(15, len(people)))
    graded = [row for row in queries.taking_part(review) if row.graded]
    verdicts = {}
    for place, row in enumerate(graded):
        if row.person_id == visitor:
            verdicts[row.pk] = ("qualified", "")
        elif place % 6 == 0:
            verdicts[row.pk] = ("excellent", "全年带头服务群众，党员大会一致认可。")
        elif place in (7, 9):
            verdicts[row.pk] = ("basic", "全年参加组织生活不足三分之二，须改进。")
        else:
            verdicts[row.pk] = ("qualified", "")
    closed = began + dt.timedelta(days=20)
    actions.decide(review=review, verdicts=verdicts, by=by, at=closed)
    actions.close(review=review, by=by, at=closed)
    owed = [row for row in queries.taking_part(review) if row.follow_up_by]
    for row in owed[:1]:
        actions.follow_up(review=review, member=row, on=clock.day_of(closed) + dt.timedelta(days=6), by=by, at=closed)
    for row in queries.taking_part(review)[:6]:
        if row.person_id != visitor:
            actions.acknowledge(review=review, by=_actor(crowd, row.person_id), at=closed + dt.timedelta(days=1))


def _under_way(crowd: Crowd, branch: Organisation, now: dt.datetime, visitor: int) -> None:
    """This year's, in self-rating: a third has written, the visitor has not."""
    by = _actor(crowd, crowd.holder(branch))
    review = actions.open_review(
        org=branch, by=by, rating_until=clock.day_of(now) + dt.timedelta(days=9), at=now - dt.timedelta(days=4)
    )
    people = [row.person_id for row in crowd.members[branch.pk] if row.person_id != visitor]
    _rate(crowd, review, now - dt.timedelta(days=2), people[: max(2, len(people) // 3)])


def _deciding(crowd: Crowd, branch: Organisation, now: dt.datetime) -> None:
    """A neighbour's, counted and waiting for the verdicts."""
    by = _actor(crowd, crowd.holder(branch))
    review = actions.open_review(
        org=branch, by=by, rating_until=clock.day_of(now) - dt.timedelta(days=3), at=now - dt.timedelta(days=20)
    )
    people = [row.person_id for row in crowd.members[branch.pk]]
    _rate(crowd, review, now - dt.timedelta(days=10), people[:6])
    _vote(crowd, review, by, now - dt.timedelta(days=2), 10)
