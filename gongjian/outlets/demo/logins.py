"""演示登录: the accounts by which a visitor looks at the demo city, and the evening that is prepared for them."""

import datetime as dt

from django.contrib.auth.hashers import make_password
from django.db import transaction

from gongjian.desks.activities import actions as activities
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.ref import Ref
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch, urban_communities
from gongjian.records import facts
from gongjian.records.access.demo import LOGINS, PASSWORD
from gongjian.records.access.models import RoleGrant, User
from gongjian.records.access.queries import actor_of_person

TOPICS = {"tonight": "学习党的创新理论和社区治理案例", "next": "党员带头参与小区议事"}


def people_of(crowd: Crowd) -> dict[str, int]:
    """Which person of the city is behind each log-in."""
    tree = crowd.tree
    branch, community = demo_branch(tree), urban_communities(tree)[0]
    districts = tree.of("district_committee")
    officers = {row.person_id for rows in crowd.posts.values() for row in rows}
    member = next(
        row.person_id
        for row in crowd.members[branch.pk]
        if row.person_id not in officers and row.kind == "formal" and not row.mobile and row.state == "normal"
    )
    root = tree.orgs[0]
    return {
        "city": crowd.holder(root),
        "district": crowd.holder(districts[0]),
        "street": crowd.holder(tree.of("street_committee")[0]),
        "community": crowd.holder(community),
        "secretary": crowd.holder(branch),
        "member": member,
        "resident": next(row.person_id for row in crowd.relations if row.org_id == community.pk),
        "outsider": crowd.holder(districts[-1]),
        "auditor": crowd.holder(root, "deputy_secretary"),
        "admin": crowd.holder(root, "organisation_member"),
    }


@transaction.atomic
def open_accounts(crowd: Crowd, now: dt.datetime) -> None:
    """An account for each log-in, all with the one password; the two roles that no post confers are granted."""
    people, root = people_of(crowd), crowd.tree.orgs[0]
    hashed = make_password(PASSWORD)
    for name in LOGINS:
        person = people[name]
        user = User.objects.create(username=name, person_id=person, password=hashed, password_changed_at=now)
        facts.record(
            "account.created", by=SYSTEM, at=now, person=person, obj=Ref.of("user", user.pk), data={"username": name},
            source=f"demo:account:{name}",
        )  # fmt: skip
    for role in ("auditor", "admin"):
        row = RoleGrant.objects.create(
            person_id=people[role], role=role, org=root, starts_on=clock.day_of(now), reason="演示"
        )
        facts.record(
            "grant.given", by=SYSTEM, at=now, person=people[role], org=root.pk, obj=Ref.of("grant", row.pk),
            data={"role": role, "line": "parent", "reason": "演示", "until": None}, source=f"demo:grant:{role}",
        )  # fmt: skip


@transaction.atomic
def prepare_evening(crowd: Crowd, now: dt.datetime) -> None:
    """Through the real deeds: the demo branch's theme day, about to begin with its check-in open, and a lesson to come."""
    branch = demo_branch(crowd.tree)
    branch.refresh_from_db()
    secretary = actor_of_person(crowd.people[crowd.holder(branch) - 1])
    begins = start_of_evening(now)
    tonight = activities.plan(
        org=branch, kind="theme_day", starts_at=begins, by=secretary, title=f"主题党日：{TOPICS['tonight']}",
        place="党群服务中心二楼会议室", at=now - dt.timedelta(days=3), source="demo:tonight",
    )  # fmt: skip
    activities.notify(activity=tonight, by=secretary, at=now - dt.timedelta(days=3, minutes=-5))
    tonight.refresh_from_db()
    activities.open_check_in(activity=tonight, by=secretary, at=now)
    later = clock.at_time(clock.day_of(now) + dt.timedelta(days=6), 19, 30)
    lesson = activities.plan(
        org=branch, kind="study", starts_at=later, by=secretary, title=f"集中学习：{TOPICS['next']}",
        place="党群服务中心二楼会议室", at=now - dt.timedelta(days=1), source="demo:next",
    )  # fmt: skip
    activities.notify(activity=lesson, by=secretary, at=now - dt.timedelta(hours=20))


def start_of_evening(now: dt.datetime) -> dt.datetime:
    """The next full half hour, so that the check-in may be open already; the same day, unless it is almost over."""
    local = now.astimezone(clock.SHANGHAI).replace(second=0, microsecond=0)
    begins = local + dt.timedelta(minutes=30 - local.minute % 30)
    return begins if begins.date() == local.date() else local
