"""标准化考评的故事: estates, a branch and a service centre at every stage; one visit open, one re-check due."""

import datetime as dt
from typing import Any

from gongjian.appraisal.assessments import actions, queries
from gongjian.appraisal.assessments.models import Assessment
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch, urban_communities
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.places import actions as places
from gongjian.records.places.models import Place

ORDER = 34  # before the elections, after which other people are in the posts
ESTATES, CENTRES, BRANCHES = "six_of_estates", "four_of_centres", "branch_standard"
NOTES = ("现场看过，有照片", "居民反映能找到人", "公开栏上季度没有更新", "和物业共用一间")


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Told by the street of the demo community: three centres, some estates, the branches of the community."""
    tree, today = crowd.tree, clock.day_of(now)
    homes = urban_communities(tree)[:3]
    street = Organisation.objects.get(pk=homes[0].parent_id)
    by = _holder(crowd, street)
    if by is None:
        return
    for number, home in enumerate(homes):
        home = Organisation.objects.get(pk=home.pk)
        centre = places.add(
            by=SYSTEM, kind="centre", code=f"{home.division_code}C001", name=f"{home.short_name or home.name}服务中心",
            community=home, area=(1200, 260, 0)[number], since=home.founded_on, at=now - dt.timedelta(days=400),
        )  # fmt: skip
        if number < 2:
            places.cover(
                place=centre, organisation=home, setup="assigned", by=SYSTEM, on=today - dt.timedelta(days=390),
                at=now - dt.timedelta(days=390),
            )  # fmt: skip
    below = [home.pk for home in homes if home.parent_id == street.pk]
    estates = list(Place.objects.filter(kind="estate", community__in=below).select_related("community", "organisation").order_by("pk")[:5])  # fmt: skip
    centres = list(Place.objects.filter(kind="centre", community__in=below).select_related("community", "organisation").order_by("pk"))  # fmt: skip
    branch = Organisation.objects.get(pk=demo_branch(tree).pk)
    home = _holder(crowd, Organisation.objects.get(pk=homes[0].pk))
    plan = [  # days ago, list, subject, weak items, how far
        (380, ESTATES, estates[0:1], {"notice_board": 3, "money": 4}, "final"),
        (60, ESTATES, estates[1:2], {"three_lists": 0, "talks": 0, "owners": 0, "grid_staff": 3}, "final"),
        (12, ESTATES, estates[2:3], {"room": 4}, "told"),
        (6, ESTATES, estates[3:4], {"room": 4, "talks": 6}, "differing"),
        (3, ESTATES, estates[4:5], {}, "self"),
        (40, CENTRES, centres[0:1], {"open": 5}, "final"),
        (2, CENTRES, centres[1:2], {}, "visiting"),
    ]
    for days, standard, subjects, weak, stage in plan:
        for subject in subjects:
            _one(crowd, standard, subject, weak, stage, by, now - dt.timedelta(days=days))
    if home is not None:
        _one(crowd, BRANCHES, branch, {"minutes": 4, "room": 3}, "final", home, now - dt.timedelta(days=30))


def _holder(crowd: Crowd, org: Organisation) -> Actor | None:
    person = next((row.person_id for row in crowd.posts[org.pk] if row.post == "secretary"), None)
    return actor_of_person(crowd.people[person - 1]) if person else None


def _scores(standard: str, weak: dict[str, int]) -> dict[str, actions.Given]:
    entry = queries.entry_named(standard)
    return {
        ident: actions.Given(
            weak.get(ident, entry.item(ident).points), NOTES[n % 4] if ident in weak or n % 3 == 0 else ""
        )
        for n, ident in enumerate(actions.by_hand(entry))
    }


def _one(
    crowd: Crowd, standard: str, subject: Any, weak: dict[str, int], stage: str, by: Actor, at: dt.datetime
) -> None:
    """One assessment as far as it goes; whoever answers for the subject assesses itself a little too well."""
    found = actions.open_one(standard=standard, subject=subject, by=by, at=at)
    own = _holder(crowd, found.org)
    day = clock.day_of(at)

    def later(**more: float) -> dt.datetime:
        return at + dt.timedelta(**more)

    if found.state == "self":
        if own is None:
            return
        actions.save_self(
            assessment=found, given=_scores(standard, {}), by=own, hand_in=stage != "self", at=later(hours=20)
        )
    if stage in ("self", "visiting"):
        return
    found = Assessment.objects.get(pk=found.pk)
    visited = day + dt.timedelta(days=1)
    actions.hand_in_visit(
        assessment=found, key=f"demo-visit-{found.pk}", given=_scores(standard, weak), visited_on=visited, by=by,
        note="小区门口、公开栏、活动室都看了，和楼栋长谈过。", offline=found.pk % 2 == 0, at=later(days=1, hours=4),
    )  # fmt: skip
    if stage == "differing":
        root = _holder(crowd, crowd.tree.ancestor(found.org, "district_committee"))
        if root is not None:
            few = {name: actions.Given(8 if name == "room" else 10, "二楼有固定活动室") for name in weak}
            actions.hand_in_visit(
                assessment=found, key=f"demo-visit-{found.pk}-b", given=few, visited_on=visited, by=root,
                at=later(days=1, hours=6),
            )  # fmt: skip
        return
    actions.assess(assessment=found, by=by, at=later(days=2))
    found = Assessment.objects.get(pk=found.pk)
    actions.tell(assessment=found, by=by, at=later(days=2, hours=1))
    if stage == "told":
        return
    accepts = own or SYSTEM
    actions.accept(assessment=Assessment.objects.get(pk=found.pk), by=accepts, at=later(days=3))
