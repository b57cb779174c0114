"""Deeds on organisations: what they write, whom they refuse, twice, and two at once."""

import datetime as dt
import threading

import pytest
from django.db import connection

from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.jobs import remind_terms
from gongjian.records.notices.models import Notice
from gongjian.records.orgs import actions, queries
from gongjian.records.orgs.models import Organisation
from gongjian.records.orgs.rules import Size
from gongjian.records.people import actions as people
from gongjian.records.people.models import Appointment, Membership
from gongjian.records.places import actions as places

NOV = dt.date(2026, 11, 1)
pytestmark = pytest.mark.django_db


def found(city, by=SYSTEM, **changes):
    given = {
        "code": "X1",
        "name": "新设党支部",
        "kind": "branch",
        "level": "branch",
        "parent": city.community,
        "on": NOV,
    }
    return actions.found(by=by, **(given | changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"name": " "}, "name"), ({"code": "T005"}, "code"), ({"code": ""}, "code"), ({"on": dt.date(2030, 1, 1)}, "on"),
     ({"on": dt.date(2000, 1, 1)}, "on"), ({"kind": "city_committee"}, "kind"), ({"kind": "club"}, "kind"),
     ({"credit_code": "123"}, "credit_code"), ({"division_code": "4503990"}, "division_code")],
)  # fmt: skip
def test_found_refuses_what_cannot_be(city, clock, changes, field):
    before = Organisation.objects.count(), Fact.objects.count()
    with pytest.raises(Invalid) as refusal:
        found(city, **changes)
    assert refusal.value.field == field
    assert (Organisation.objects.count(), Fact.objects.count()) == before


def test_found_by_plan(city, clock):
    """DOMAIN 1.1.1 refuses, 1.1.3 advises: the advice stays in the fact."""
    with pytest.raises(Refused, match="3人以上"):
        found(city, planned=Size("branch", formal_members=2, all_members=4))
    org = found(city, planned=Size("branch", formal_members=51, all_members=60))
    assert Fact.objects.get(kind="organisation.founded", org=org.pk).data["advised"] == ["branch_members"]


def test_wrong_person(city, cast, clock):
    for who in (cast.member, cast.secretary, cast.outsider, cast.resident):
        with pytest.raises(Forbidden):
            found(city, by=who.actor)
        with pytest.raises(Forbidden):
            actions.rename(org=city.branch, by=who.actor, name="别名", on=NOV)
        with pytest.raises(Forbidden):
            actions.dissolve(org=city.group, by=who.actor, on=NOV, reason="试")
        with pytest.raises(Forbidden):
            actions.merge(org=city.sister, into=city.branch, by=who.actor, on=NOV, reason="试")
    with pytest.raises(Forbidden):  # a street moves nothing into another district
        actions.move(org=city.sister, by=cast.street.actor, parent=city.other_community, on=NOV)


def test_rename_twice(city, cast, clock):
    actions.rename(org=city.branch, by=cast.community.actor, name="榕荫北支部", on=NOV, reason="网格调整")
    with pytest.raises(Refused, match="无需更名"):
        actions.rename(org=city.branch, by=cast.community.actor, name="榕荫北支部", on=NOV)
    assert queries.tree_as_of(dt.date(2026, 10, 31), city.branch)[0].name == "榕荫第一网格党支部"
    assert queries.tree_as_of(NOV, city.branch)[0].name == "榕荫北支部"
    assert [org.pk for org in queries.search(cast.street.actor, "rybzb")] == [city.branch.pk]


def test_move_rewrites_both_lines(city, clock):
    actions.move(org=city.branch, by=SYSTEM, parent=city.other_community, on=NOV, reason="区划调整")
    city.refresh()
    assert city.group.path == f"{city.other_community.path}{city.branch.pk}/{city.group.pk}/"
    assert city.group.territory_path == f"{city.other_community.territory_path}{city.branch.pk}/{city.group.pk}/"
    with pytest.raises(Refused, match="下级之下"):
        actions.move(org=city.district, by=SYSTEM, parent=city.root, territory=city.street, on=NOV)


def test_merge_takes_everything_over(city, cast, clock):
    grid = places.add(by=SYSTEM, kind="estate", code="E1", name="小区", community=city.community)
    places.cover(place=grid, organisation=city.sister, setup="alone", by=SYSTEM, on=NOV)
    group = actions.found(by=SYSTEM, code="G9", name="小组", kind="group", level="group", parent=city.sister, on=NOV)
    said = actions.merge(
        org=city.sister, into=city.branch, by=cast.street.actor, on=dt.date(2026, 11, 2), reason="合并"
    )
    city.refresh()
    group.refresh_from_db()
    grid.refresh_from_db()
    assert said == {"children": 1, "members": 3, "posts_ended": 1, "covered": 1, "activities": 0, "activities_ended": 0}
    assert (city.branch.member_count, city.branch.group_count, city.sister.member_count) == (12, 2, 0)
    assert group.path == f"{city.branch.path}{group.pk}/"
    assert grid.organisation_id == city.branch.pk
    assert city.sister.merged_into_id == city.branch.pk
    assert city.sister.dissolved_on == dt.date(2026, 11, 2)
    assert Fact.objects.filter(kind="member.moved", org=city.branch.pk).count() == 3
    assert Fact.objects.filter(kind="organisation.moved", org=group.pk).count() == 1
    assert not Appointment.objects.filter(org=city.sister, ends_on=None).exists()
    with pytest.raises(Refused, match="撤销"):
        actions.merge(org=city.sister, into=city.branch, by=cast.street.actor, on=NOV, reason="再来")


def test_a_merger_moves_who_sits_there(city, clock):
    """A school's committee sits in the merged community and belongs to the district: only its 属地 changes."""
    twin = actions.found(
        by=SYSTEM, code="C9", name="邻社区", kind="community_committee", level="community", parent=city.street, on=NOV
    )
    actions.merge(org=city.community, into=twin, by=SYSTEM, on=dt.date(2026, 11, 2), reason="社区合并")
    city.refresh()
    twin.refresh_from_db()
    assert city.unit.territory_id == twin.pk
    assert city.unit.path == f"{city.district.path}{city.unit.pk}/"
    assert city.unit_branch.territory_path == f"{twin.territory_path}{city.unit.pk}/{city.unit_branch.pk}/"
    assert city.branch.path == f"{twin.path}{city.branch.pk}/"


@pytest.mark.parametrize(
    ("into", "message"), [("sister", "它自己"), ("community", "同一层级"), ("group", "下级|同一层级")]
)
def test_merge_refuses(city, clock, into, message):
    with pytest.raises(Refused, match=message):
        actions.merge(
            org=city.sister if into == "sister" else city.branch,
            into=getattr(city, into),
            by=SYSTEM,
            on=NOV,
            reason="试",
        )


def test_split(city, cast, clock):
    chosen = [person.pk for person in city.people["branch"][5:8]]
    new = actions.split(
        org=city.branch, by=cast.community.actor, code="S1", name="榕荫第三网格党支部", on=NOV, reason="党员多",
        children=[city.group], chosen={"members": chosen},
    )  # fmt: skip
    city.refresh()
    assert (new.member_count, new.group_count, city.branch.member_count, city.branch.group_count) == (3, 1, 6, 0)
    assert new.parent_id == city.community.pk
    assert set(Membership.objects.filter(org=new, ends_on=None).values_list("person", flat=True)) == set(chosen)
    fact = Fact.objects.get(kind="organisation.split")
    assert (fact.data["new"], fact.data["members"], fact.data["children"]) == (new.pk, 3, 1)
    outsider = city.people["sister"][0].pk
    before = Organisation.objects.count()
    with pytest.raises(Refused, match="不在这里"):
        actions.split(
            org=city.branch, by=SYSTEM, code="S2", name="乙", on=NOV, reason="试", chosen={"members": [outsider]}
        )
    assert Organisation.objects.count() == before


def test_dissolve_waits_until_all_are_gone(city, clock):
    with pytest.raises(Refused, match="1 个下级"):
        actions.dissolve(org=city.branch, by=SYSTEM, on=NOV, reason="试")
    with pytest.raises(Refused, match="3 名党员"):
        actions.dissolve(org=city.sister, by=SYSTEM, on=NOV, reason="试")
    with pytest.raises(Invalid):
        actions.dissolve(org=city.group, by=SYSTEM, on=NOV, reason=" ")
    actions.dissolve(org=city.group, by=SYSTEM, on=NOV, reason="并入支部")
    assert city.refresh().branch.group_count == 0
    with pytest.raises(Refused, match="撤销"):
        actions.dissolve(org=city.group, by=SYSTEM, on=NOV, reason="再来")


def test_nothing_is_founded_below_a_dissolved_one(city, clock):
    for person in city.people["other_branch"]:
        people.leave(person=person, by=SYSTEM, on=NOV, reason="转出")
    actions.dissolve(org=city.other_branch, by=SYSTEM, on=NOV, reason="无党员")
    with pytest.raises(Refused, match="不能再设下级"):
        actions.found(by=SYSTEM, code="Z", name="乙", kind="group", level="group", parent=city.other_branch, on=NOV)


def test_correct_writes_only_differences(city, clock):
    assert actions.correct(org=city.branch, by=SYSTEM, address="榕荫路1号", trade="") == ["address"]
    assert actions.correct(org=city.branch, by=SYSTEM, address="榕荫路1号") == []
    assert Fact.objects.filter(kind="organisation.corrected").count() == 1


def test_officers_are_told_once_that_a_term_ends(city, cast, clock):
    """DOMAIN 1.2: about six months before. The branch's term ends on 1 March 2027."""
    clock.set("2026-08-31 09:00")
    assert remind_terms() == 0
    clock.set("2026-09-01 09:00")
    assert remind_terms() > 0
    told = set(Notice.objects.filter(key__startswith=f"term:{city.branch.pk}:").values_list("person", flat=True))
    assert cast.secretary.person.pk in told
    assert cast.community.person.pk in told  # the organisation above reminds
    assert cast.member.person.pk not in told
    assert cast.outsider.person.pk not in told
    assert remind_terms() == 0
    clock.set("2027-03-02 09:00")
    assert remind_terms() > 0  # over: told once more


def test_joint_committee_with_part_time_members(city, cast, pack, clock):
    joint = actions.found(
        by=cast.street.actor, code="J1", name="柳岸街道大工委（兼职委员）", kind="joint_committee", level="street",
        parent=city.street, on=NOV,
    )  # fmt: skip
    head = city.people["unit_branch"][0]
    row = people.appoint(
        person=head, org=joint, post="part_time_member", by=cast.street.actor, on=NOV, sending_unit="第一中学"
    )
    assert row.part_time
    joint.refresh_from_db()
    assert (joint.part_time_count, joint.committee_count) == (1, 0)
    assert Membership.objects.get(person=head, ends_on=None).org_id == city.unit_branch.pk  # 不改变隶属关系
    found_ = {finding.rule: finding.severity for finding in queries.findings_of(joint, pack)}
    assert found_ == {"joint_committee_part_time_street": "warn"}


def _at_once(*deeds):
    """Run deeds in threads of their own at the same moment; returns what each raised (or None)."""
    barrier, outcomes = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(place, deed):
        try:
            barrier.wait()
            deed()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(n, deed)) for n, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return outcomes


@pytest.mark.django_db(transaction=True)
def test_two_found_the_same_code_at_once(city):
    outcomes = _at_once(*[lambda: found(city, on=dt.date(2026, 1, 1))] * 4)
    assert sum(error is None for error in outcomes) == 1
    assert all(isinstance(error, Invalid) for error in outcomes if error)
    assert Organisation.objects.filter(code="X1").count() == 1
    assert Fact.objects.filter(kind="organisation.founded", data__name="新设党支部").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_merge_the_same_at_once(city):
    on = dt.date(2026, 1, 1)
    outcomes = _at_once(
        *[
            lambda: actions.merge(
                org=Organisation.objects.get(pk=city.sister.pk),
                into=Organisation.objects.get(pk=city.branch.pk),
                by=SYSTEM,
                on=on,
                reason="并",
            )
        ]
        * 3
    )
    assert sum(error is None for error in outcomes) == 1, outcomes
    assert city.refresh().branch.member_count == 12
    assert Fact.objects.filter(kind="organisation.merged").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_become_secretary_at_once(city):
    a, b = city.people["sister"][:2]
    on = dt.date(2026, 1, 1)
    outcomes = _at_once(
        *[lambda p=p: people.appoint(person=p, org=city.sister, post="secretary", by=SYSTEM, on=on) for p in (a, b)]
    )
    assert sorted(type(error).__name__ for error in outcomes) == ["NoneType", "Refused"]
    assert Appointment.objects.filter(org=city.sister, post="secretary", ends_on=None).count() == 1
