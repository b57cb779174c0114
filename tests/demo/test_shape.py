"""What the simulator writes is what the real deeds leave; the same seed gives the same city."""

import datetime as dt
import hashlib
import json

import pytest

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground import policy
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.life import HELD, Meeting
from gongjian.outlets.demo.names import joined, numeral
from gongjian.outlets.demo.record import Recorder
from gongjian.outlets.demo.sizes import Size, shares
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Membership

TINY = Size(
    "tiny", grassroots=420, members=1_500, villages=120, grids=1, estates=1, group_from=14, residents=10, months=1,
    block=400,
)  # fmt: skip


def shape_of(number: int) -> list[tuple]:
    """The facts of an activity as what does not change from one telling to the next."""
    rows = []
    for fact in Fact.objects.filter(object_kind="activity", object_id=str(number)):
        data = {key: value for key, value in fact.data.items() if key not in ("reason",)}
        rows.append((fact.kind, fact.person, fact.org, fact.quantity, json.dumps(data, sort_keys=True), fact.corrects))
    return sorted(rows, key=str)


def row_of(number: int) -> dict:
    left_out = ("id", "created_at", "signed_at", "secret", "source", "created_by", "signed_by", "place", "title")
    return {
        key: value for key, value in Activity.objects.filter(pk=number).values().get().items() if key not in left_out
    }


def test_a_simulated_meeting_equals_one_that_went_through_the_deeds(city, cast, clock):
    """Plan, notify, open, check in, hold, record, sign: rows and facts are the same, however they came about."""
    branch, secretary = Organisation.objects.get(pk=city.branch.pk), cast.secretary
    starts = clock.now.replace(hour=15, minute=0, second=0, microsecond=0) - dt.timedelta(days=5)
    pack = policy.current()

    class Tree:
        today = dt.date(2026, 11, 16)

        def __init__(self):
            import random

            self.pack, self.rng, self.orgs = pack, random.Random(1), list(Organisation.objects.order_by("pk"))

    crowd = Crowd(Tree(), starts.date())
    for row in Membership.objects.order_by("pk"):
        crowd.members[row.org_id].append(row)
        crowd.keen[row.person_id] = 1.1  # everybody comes
    for row in Appointment.objects.order_by("pk"):
        crowd.posts[row.org_id].append(row)
    recorder = Recorder(crowd, clock.now)
    recorder.number = 100_000
    recorder.rows = recorder.minutes_number = 100_000
    recorder.write([Meeting(branch, pack.activity_kind("theme_day"), starts, 90, HELD)])
    made = 100_001

    by = secretary.actor
    deed = actions.plan(org=branch, kind="theme_day", starts_at=starts, by=by, at=starts - dt.timedelta(days=4))
    actions.notify(activity=deed, by=by, at=starts - dt.timedelta(days=4))
    actions.open_check_in(activity=deed, by=by, at=starts - dt.timedelta(minutes=20))
    by_method = dict(Attendance.objects.filter(activity=made).values_list("person", "method"))
    for person, method in by_method.items():
        if method == "list":
            actions.check_in_many(activity=deed, people=[person], by=by, at=starts)
    for row in crowd.members[branch.pk]:
        if by_method[row.person_id] == "code":
            actions.check_in(activity_id=deed.pk, by=actor_of_person(row.person), seen=True, at=starts)
    deed.refresh_from_db()
    actions.hold(activity=deed, by=by, at=starts + dt.timedelta(minutes=95))
    actions.record_minutes(activity=deed, by=by, notes=["照议程进行。"], at=starts + dt.timedelta(hours=2))
    deed.refresh_from_db()
    actions.sign_off(activity=deed, by=by, at=starts + dt.timedelta(hours=3))

    assert shape_of(made) == shape_of(deed.pk)
    assert row_of(made) == row_of(deed.pk)
    columns = ("person", "status", "role", "method", "rounds", "by_hand", "excuse_state")
    rows = [
        list(Attendance.objects.filter(activity=n).order_by("person").values_list(*columns)) for n in (made, deed.pk)
    ]
    assert rows[0] == rows[1]
    signed = [Fact.objects.get(kind="activity.signed_off", object_id=str(n)) for n in (made, deed.pk)]
    assert signed[0].at == signed[1].at == starts
    assert signed[0].source == signed[1].source.replace(str(deed.pk), str(made))


def digest() -> str:
    """Of all facts, without when they were recorded and without the accounts' present."""
    total = hashlib.sha256()
    columns = ("kind", "at", "by", "person", "org", "object_kind", "object_id", "quantity", "data", "source")
    for row in Fact.objects.filter(source__startswith="activity:").order_by("source").values_list(*columns):
        total.update(repr(row).encode())
    for row in Fact.objects.filter(source__startswith="demo:").exclude(kind__startswith="account.").order_by("source").values_list(
        "kind", "person", "org", "data", "source"
    ):  # fmt: skip
        total.update(repr(row).encode())
    return total.hexdigest()


@pytest.mark.slow
@pytest.mark.django_db
def test_the_same_seed_gives_the_same_city_in_one_go_or_two_and_another_seed_another(clock):
    from django.db import transaction

    from gongjian.outlets.demo.build import build
    from gongjian.outlets.demo.prepare import may_go_on

    class CutShort(Exception):
        pass

    def cut_short(stage, done, of):
        if stage == "一年的组织生活" and 0 < done < of:
            raise CutShort

    found = []
    for number, seed in enumerate((7, 7, 8)):
        with transaction.atomic():
            if number == 1:
                with pytest.raises(CutShort):
                    build(TINY, seed=seed, now=clock.now.replace(microsecond=0), say=cut_short)
                assert may_go_on("tiny", seed)
                assert not may_go_on("tiny", seed + 1)
            build(TINY, seed=seed, now=clock.now.replace(microsecond=0))
            found.append(digest())
            transaction.set_rollback(True)
        policy.forget()
        clock.set("2026-11-16 09:00")
    assert found[0] == found[1]
    assert found[0] != found[2]


@pytest.mark.parametrize(
    ("place", "word", "expected"),
    [
        ("柳岸街道", "街道大工委", "柳岸街道大工委"),
        ("榕荫社区", "社区大党委", "榕荫社区大党委"),
        ("榕荫", "大党委", "榕荫大党委"),
    ],
)
def test_names_of_joint_committees_do_not_stutter(place, word, expected):
    assert joined(place, word) == expected


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (21, "二十一"),
        (99, "九十九"),
        (103, "一百零三"),
        (112, "一百一十二"),
    ],
)
def test_numerals(number, word):
    assert numeral(number) == word


def test_shares_add_up_exactly_and_keep_their_bounds():
    found = shares([1.0, 5.0, 0.1, 2.0], 40, 4, 20)
    assert sum(found) == 40
    assert all(4 <= number <= 20 for number in found)
    with pytest.raises(ValueError, match="cannot be shared"):
        shares([1.0, 1.0], 7, 4, 20)
