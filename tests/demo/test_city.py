"""The small demo city: published figures, log-ins, nothing real, and a branch that has something to do."""

import re

import pytest

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.access.demo import LOGINS, PASSWORD
from gongjian.records.access.models import User
from gongjian.records.access.queries import actor_of
from gongjian.records.people.models import Membership, Person

FIGURES = (
    "street_joint_committees", "community_joint_committees", "urban_organization_share", "urban_member_share",
    "grid_coverage", "training_coverage", "tourism_organizations", "first_secretaries", "community_workers",
    "joint_meeting_levels",
)  # fmt: skip
GRANTS = {
    "city": ("city_leader", "city_committee"), "district": ("district_leader", "district_committee"),
    "street": ("street_secretary", "street_committee"), "community": ("community_secretary", "community_committee"),
    "secretary": ("branch_secretary", "branch"), "member": ("member", "branch"),
    "resident": ("resident", "community_committee"), "outsider": ("district_leader", "district_committee"),
    "auditor": ("auditor", "city_committee"), "admin": ("admin", "city_committee"),
}  # fmt: skip


def actor(name: str):
    return actor_of(User.objects.get(username=name))


@pytest.mark.parametrize("ident", FIGURES)
def test_every_published_figure_comes_out_of_the_records(town, ident):
    from gongjian.outlets.dashboards import queries as figures

    city = actor("city")
    asked = figures.Asked(city, figures.node_for(city, None), clock.today())
    line = next(figure for figure in policy.current().figures if figure.id == ident)
    shown = figures.shown(figures.measure_for(ident), line, asked)
    assert shown.verdict == "met", f"{ident}: {shown.value} instead of {shown.published}"


@pytest.mark.parametrize("name", LOGINS)
def test_each_login_can_do_what_its_name_says(town, name):
    user = User.objects.get(username=name)
    assert user.check_password(PASSWORD)
    held = {(grant.role, grant.org_kind) for grant in actor_of(user).grants}
    assert GRANTS[name] in held


def test_the_logins_stand_one_above_the_other_and_the_outsider_beside(town):
    paths = {
        name: next(grant.path for grant in actor(name).grants if grant.role == role)
        for name, (role, _kind) in GRANTS.items()
    }
    for above, below in (
        ("city", "district"),
        ("district", "street"),
        ("street", "community"),
        ("community", "secretary"),
    ):
        assert paths[below].startswith(paths[above]), (above, below)
    assert paths["member"] == paths["secretary"]
    assert not paths["outsider"].startswith(paths["district"])
    assert not paths["district"].startswith(paths["outsider"])


def test_nothing_real_only_the_unassigned_area_and_phones_nobody_has(town):
    """An applicant of a story may have neither number; nobody has another."""
    for person in Person.objects.only("identity_sealed", "phone_sealed").iterator():
        assert re.fullmatch(r"(450399\d{11}[\dX])?", person.unsealed("identity"))
        assert re.fullmatch(r"(1400\d{7})?", person.unsealed("phone"))
    assert Person.objects.exclude(identity_sealed="").count() > 0.99 * Person.objects.count()


def test_sizes_of_branches_and_committees_follow_the_rules(town):
    """支部工作条例: three formal members make a branch, seven a committee of at least three (DOMAIN 1.1)."""
    from gongjian.records.orgs.models import Organisation

    for branch in Organisation.objects.filter(level="branch"):
        formal = Membership.objects.filter(org=branch, kind="formal", ends_on=None).count()
        assert branch.formal_count == formal >= 3
        assert branch.member_count <= 50
        assert (3 <= branch.committee_count <= 7) if formal >= 7 else branch.committee_count == 1


def test_counts_kept_by_hand_equal_those_of_the_people_room(town):
    from gongjian.records.orgs.models import Organisation
    from gongjian.records.people.actions import recount

    columns = ("pk", "member_count", "formal_count", "committee_count")
    before = list(Organisation.objects.order_by("pk").values_list(*columns))
    recount({pk for pk, *_rest in before})
    assert list(Organisation.objects.order_by("pk").values_list(*columns)) == before


def test_the_demo_branch_has_something_due_and_something_that_went_wrong(town):
    from gongjian.appraisal.standards.models import Standing
    from gongjian.outlets.demo.tree import demo_branch

    branch = demo_branch(town.tree).pk
    month = clock.month_of(clock.today())
    states = {row.duty: row.state for row in Standing.objects.filter(org=branch, period=month)}
    assert states["committee_meeting_monthly"] in ("on_track", "at_risk")
    assert states["theme_day_monthly"] == "on_track"  # tonight's is planned
    before = Standing.objects.get(org=branch, period=clock.previous_period(month), duty="committee_meeting_monthly")
    assert before.state == "short"


def test_the_demo_member_can_check_in_tonight_and_gets_the_points(town, deliver):
    from gongjian.appraisal.points.models import Entry
    from gongjian.desks.activities import actions, rules
    from gongjian.desks.activities.models import Activity

    tonight = Activity.objects.get(source="demo:tonight")
    member = actor("member")
    code = rules.token_of(tonight.secret, rules.step_of(clock.now().timestamp(), 30))
    assert actions.check_in(activity_id=tonight.pk, by=member, code=code).first
    deliver()
    assert Entry.objects.filter(subject_kind="person", subject=member.person, rule="attend_theme_day", given=1).exists()


def test_branches_of_the_demo_street_fall_short_and_the_street_is_told(town):
    from gongjian.appraisal.standards.models import Case, Standing
    from gongjian.ground.kernel.scope import subtree_q

    street = next(grant for grant in actor("street").grants if grant.role == "street_secretary")
    below = subtree_q(street.path, prefix="org__")
    assert Standing.objects.filter(below, state="short").exists()
    assert Case.objects.filter(below).exclude(state="closed").exists()


def test_the_facts_are_numbered_sealed_and_taken_in(town):
    from gongjian.engines import relay
    from gongjian.records.facts.models import Fact, Pending, Stream
    from gongjian.records.facts.seal import verify

    assert not Pending.objects.exists()
    assert Stream.objects.count() == Fact.objects.count()
    assert set(relay.lag().values()) == {0}
    checked, faults = verify()
    assert checked == Fact.objects.count()
    assert not faults


def test_new_records_go_on_behind_the_poured_ones(town):
    """The database's own numbers continue, on PostgreSQL too."""
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records.people import actions as people

    last = Person.objects.order_by("-pk").first().pk
    assert people.register(by=SYSTEM, org=town.tree.orgs[0], name="新来的").pk > last
