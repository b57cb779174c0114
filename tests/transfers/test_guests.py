"""流动党员 at the host branch (DOMAIN 2.2.12): may attend, is checked in, has no vote and is never counted in 应到."""

import datetime as dt

import pytest
from django.urls import reverse

from gongjian.desks.activities import actions as activities
from gongjian.desks.activities import queries as meetings
from gongjian.desks.activities import votes
from gongjian.desks.activities.models import Attendance
from gongjian.desks.transfers import actions
from gongjian.engines.voting.expected import due, expected_of, guests_of
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.kernel.ref import Ref
from gongjian.records.people import queries as people
from gongjian.records.people.actions import host_guest
from gongjian.records.people.models import Relation

pytestmark = pytest.mark.django_db

D = dt.date


@pytest.fixture
def away(clock, city, cast, far):
    """A member of the branch, guest of the branch in the other district since 1 November."""
    return actions.leave_home(
        person=cast.member.person, by=cast.secretary.actor, place="江边区", since=D(2026, 11, 1), host=city.other_branch
    )


@pytest.fixture
def meeting(away, city, far, clock):
    """A 党员大会 of the host branch, its check-in open."""
    found = activities.plan(
        org=city.other_branch, kind="branch_assembly", starts_at=kernel_clock.at_time(D(2026, 11, 20), 9),
        by=far.secretary.actor,
    )  # fmt: skip
    clock.set("2026-11-20 08:55")
    return activities.open_check_in(activity=found, by=far.secretary.actor)


def test_a_guest_may_attend_has_no_vote_and_is_not_counted(away, city, cast):
    day = D(2026, 11, 16)
    (guest,) = guests_of(city.other_branch, day)
    assert (guest.person.pk, guest.has_vote, guest.counted) == (cast.member.person.pk, False, False)
    assert "流动党员（组织关系在外）" in guest.why
    assert guest.person.pk not in {one.person.pk for one in expected_of(city.other_branch, day)}
    home = {one.person.pk: one for one in expected_of(city.branch, day)}
    assert home[guest.person.pk].has_vote  # 2.2.11: the vote is at home
    assert guests_of(city.other_branch, D(2026, 10, 31)) == []


def test_a_guest_is_checked_in_beside_the_count(meeting, cast, far, city):
    person, by = cast.member.person, far.secretary.actor
    members = len(expected_of(city.other_branch, D(2026, 11, 20)))
    row = Attendance.objects.get(activity=meeting, person=person)
    assert row.guest
    assert meetings.tally(meeting)["expected"] == members
    page = far.secretary.client.get(reverse("activities:detail", args=[meeting.pk])).content.decode()
    assert "流动党员（组织关系在外）" in page
    assert activities.check_in_many(activity=meeting, people=[person.pk, far.secretary.person.pk], by=by) == 2
    row.refresh_from_db()
    assert row.status == "present"
    tally = meetings.tally(meeting)
    assert (tally["present"], tally["expected"]) == (1, members)
    roll = votes.roll_of(meeting)
    assert person.pk not in {one.person.pk for one in roll}
    assert votes.present_voters(meeting, roll) <= {far.secretary.person.pk}
    assert due(roll, left_out_agreed=False) == len(roll)


def test_it_ends_with_the_return_and_with_another_host(away, city, cast, far):
    by, day = cast.secretary.actor, D(2026, 11, 16)
    actions.change_stay(stay=away, by=by, host=city.sister)
    assert guests_of(city.other_branch, day) == []
    assert len(guests_of(city.sister, day)) == 1
    actions.return_home(stay=away, by=by, on=D(2026, 11, 16))
    assert guests_of(city.sister, day) == []
    assert not Relation.objects.filter(kind="guest", ends_on__isnull=True).exists()


def test_being_a_guest_opens_no_record(away, city, cast, far):
    """The particulars stay with the home branch: the host sees the name on its lists only."""
    for right in ("people.view", "people.manage"):
        assert not people.visible_to(far.secretary.actor, permission=right).filter(pk=cast.member.person.pk).exists()
    with pytest.raises(Forbidden):  # the host does not make guests for itself
        host_guest(
            person=cast.member.person, org=city.other_branch, by=far.secretary.actor, on=D(2026, 11, 1),
            deed=Ref.of("mobile_stay", away.pk),
        )  # fmt: skip
