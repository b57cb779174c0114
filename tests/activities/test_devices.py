"""Devices without network: each tap once with its own time, two merged, nothing lost, whatever goes wrong in between."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gongjian.desks.activities import actions
from gongjian.desks.activities.actions.devices import Tap, milliseconds
from gongjian.desks.activities.models import Attendance, Device, DeviceRow
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.people.models import Person
from tests.activities.conftest import at, code_of

pytestmark = pytest.mark.django_db


def ms(text: str) -> int:
    """A time of the meeting's day in milliseconds."""
    return milliseconds(at(f"2026-11-16 {text}"))


def paired(activity, by, *, ahead_ms=0, title=""):
    """A device that is paired, its clock so much ahead: (device, token)."""
    _device, secret = actions.open_device(activity=activity, by=by.actor, title=title)
    now = kernel_clock.now()
    return actions.join(secret=secret, clock_ms=milliseconds(now) + ahead_ms, at=now)


def give(token, *taps, ahead_ms=0):
    """Hand in rows of (number, person or name, deed, time)."""
    rows = [
        Tap(number, who.pk if isinstance(who, Person) else None, who.name if isinstance(who, Person) else who, deed,
            (ms(time) if isinstance(time, str) else time) + ahead_ms)
        for number, who, deed, time in taps
    ]  # fmt: skip
    return actions.hand_in(token=token, clock_ms=milliseconds(kernel_clock.now()) + ahead_ms, taps=rows)


def row_of(activity, person):
    return Attendance.objects.get(activity=activity, person=person)


@pytest.fixture
def hall(make, city, cast, clock):
    """An open meeting at 09:10, and its people by number."""
    activity = make("open")
    clock.set("2026-11-16 09:40")
    return activity, city.people["branch"], cast.secretary


def test_a_batch_keeps_its_own_times_and_counts_once(hall):
    activity, people, by = hall
    device, token = paired(activity, by, ahead_ms=200_000)  # its clock is 3 minutes 20 seconds fast
    taps = [(1, people[3], "in", "09:15"), (2, people[4], "in", "09:16")]
    first = give(token, *taps, ahead_ms=200_000)
    again = give(token, *taps, ahead_ms=200_000)
    assert first.rows == again.rows == {1: "applied", 2: "applied"}
    assert first.present == again.present == sorted([people[3].pk, people[4].pk])
    row = row_of(activity, people[3])
    assert (row.status, row.method, row.rounds) == ("present", "device", 1)
    assert abs(row.checked_in_at - at("2026-11-16 09:15")) < dt.timedelta(seconds=1)
    device.refresh_from_db()
    assert abs(device.skew_ms - 200_000) < 1000
    facts = Fact.objects.filter(kind="activity.attended")
    assert {fact.at for fact in facts} == {row.checked_in_at, row_of(activity, people[4]).checked_in_at}
    assert facts.count() == 2
    assert Fact.objects.get(kind="activity.batch_handed_in").quantity == 2


def test_a_batch_cut_in_the_middle_goes_on_where_it_was(hall):
    activity, people, by = hall
    _device, token = paired(activity, by)
    taps = [(number, people[number], "in", "09:15") for number in range(1, 7)]
    give(token, *taps[:2])
    assert set(give(token, *taps[1:]).rows.values()) == {"applied"}
    assert Attendance.objects.filter(activity=activity, status="present").count() == 6
    assert Fact.objects.filter(kind="activity.attended").count() == DeviceRow.objects.count() == 6


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")])
def test_two_devices_merge_to_the_earliest_time(hall, order, deliver):
    activity, people, by = hall
    tokens = {name: paired(activity, by)[1] for name in "ab"}
    taps = {
        "a": [(1, people[3], "in", "09:20"), (2, people[4], "in", "09:21")],
        "b": [(1, people[3], "in", "09:12"), (2, people[5], "in", "09:30")],
    }
    for name in order:
        give(tokens[name], *taps[name])
    give(tokens[order[0]], *taps[order[0]])
    assert Attendance.objects.filter(activity=activity, status="present").count() == 3
    row = row_of(activity, people[3])
    assert (row.checked_in_at, row.rounds) == (at("2026-11-16 09:12"), 1)
    assert Fact.objects.filter(kind="activity.attended", person=people[3].pk).count() == 1
    assert Fact.objects.filter(kind="activity.time_corrected").count() == (order == ("a", "b"))
    deliver()


def test_what_a_device_takes_back(hall, cast):
    """Only its own: the other device, a scan and the organiser's list stand for themselves."""
    activity, people, by = hall
    (_one, a), (_two, b) = paired(activity, by), paired(activity, by)
    give(a, (1, people[3], "in", "09:11"), (2, people[5], "in", "09:11"), (3, people[5], "out", "09:12"))
    assert row_of(activity, people[5]).status == "expected"
    give(b, (1, people[3], "in", "09:20"))
    give(a, (4, people[3], "out", "09:12"))  # handed in later
    row = row_of(activity, people[3])
    assert (row.status, row.checked_in_at) == ("present", at("2026-11-16 09:20"))
    give(b, (2, people[3], "out", "09:25"))
    assert row_of(activity, people[3]).status == "expected"
    first = Fact.objects.get(kind="activity.attended", person=people[3].pk)
    assert Fact.objects.get(kind="activity.attendance_withdrawn", person=people[3].pk).corrects == first.pk
    # a member who scans although a device had noted him stays, whatever the device takes back
    give(a, (5, cast.member.person, "in", "09:30"))
    assert row_of(activity, cast.member.person).rounds == 2
    actions.check_in(activity_id=activity.pk, by=cast.member.actor, code=code_of(activity))
    give(a, (6, cast.member.person, "out", "09:31"))
    assert row_of(activity, cast.member.person).method == "code"
    actions.check_in_many(activity=activity, people=[people[6].pk], by=by.actor)
    give(a, (7, people[6], "in", "09:13"))
    assert row_of(activity, people[6]).checked_in_at == at("2026-11-16 09:13")
    give(a, (8, people[6], "out", "09:14"))
    row = row_of(activity, people[6])
    assert (row.status, row.method) == ("present", "list")
    assert row.checked_in_at >= at("2026-11-16 09:40")


def test_what_the_organiser_withdrew_does_not_come_back(hall):
    activity, people, by = hall
    _device, token = paired(activity, by)
    give(token, (1, people[3], "in", "09:11"))
    actions.withdraw(activity=activity, person=people[3].pk, reason="认错人了", by=by.actor)
    answer = give(token, (1, people[3], "in", "09:11"), (2, people[4], "in", "09:12"))
    assert answer.rows == {1: "void", 2: "applied"}
    assert row_of(activity, people[3]).status == "expected"
    give(token, (3, people[3], "in", "09:30"))  # then he did come
    assert row_of(activity, people[3]).checked_in_at == at("2026-11-16 09:30")


def test_times_outside_the_window_are_bounded_and_kept(hall, clock):
    activity, people, by = hall
    _device, token = paired(activity, by)
    far = 10**15
    give(token, (1, people[3], "in", "03:00"), (2, people[4], "in", "23:00"), (3, people[5], "in", far))
    assert row_of(activity, people[3]).checked_in_at == activity.starts_at - dt.timedelta(minutes=30)
    assert row_of(activity, people[4]).checked_in_at <= kernel_clock.now()  # nothing lies in the future
    assert row_of(activity, people[5]).checked_in_at <= kernel_clock.now()
    assert DeviceRow.objects.get(number=1).told_at == at("2026-11-16 03:00")
    clock.set("2026-11-17 09:00")
    give(token, (4, people[6], "in", "23:00"))
    assert row_of(activity, people[6]).checked_in_at == activity.ends_at + dt.timedelta(minutes=30)


def test_a_stranger_waits_for_a_person(hall, city, cast):
    activity, _people, by = hall
    _device, token = paired(activity, by)
    guest = city.people["sister"][1]
    answer = give(token, (1, "马兰", "in", "09:20"), (2, "某某", "in", "09:21"), (3, guest, "in", "09:22"))
    assert set(answer.rows.values()) == {"stranger"}
    assert Attendance.objects.filter(activity=activity, status="present").count() == 0
    row = DeviceRow.objects.get(number=1)
    with pytest.raises(Invalid):  # the secretary may not name people of another branch
        actions.name_stranger(row=row, person=guest.pk, by=by.actor)
    actions.name_stranger(row=row, person=guest.pk, by=cast.community.actor)
    assert row_of(activity, guest).checked_in_at == at("2026-11-16 09:20")
    assert DeviceRow.objects.get(number=3).state == "applied"  # the same name on the same device
    with pytest.raises(Refused):
        actions.name_stranger(row=DeviceRow.objects.get(number=1), person=guest.pk, by=cast.community.actor)
    other = DeviceRow.objects.get(number=2)
    assert actions.leave_out_rows(activity=activity, rows=[other.pk], reason="路过的居民", by=by.actor) == 1
    assert actions.leave_out_rows(activity=activity, rows=[other.pk], reason="路过的居民", by=by.actor) == 0


def test_before_the_check_in_was_opened(make, city, cast, clock):
    activity = make("notified")
    people = city.people["branch"]
    clock.set("2026-11-16 09:30")
    _device, token = paired(activity, cast.secretary)
    assert give(token, (1, people[3], "in", "09:15")).rows == {1: "waiting"}
    actions.leave_out(activity=activity, person=people[4].pk, reason="长期生病", by=cast.secretary.actor)
    activity.refresh_from_db()
    actions.open_check_in(activity=activity, by=cast.secretary.actor)
    assert row_of(activity, people[3]).checked_in_at == at("2026-11-16 09:15")


def test_after_the_sign_off_it_becomes_a_correction(make, city, cast, clock):
    activity = make("recorded")
    people = city.people["branch"]
    _device, token = paired(activity, cast.secretary)
    actions.sign_off(activity=activity, by=cast.secretary.actor)
    assert give(token, (1, people[4], "in", "09:20"), (2, people[5], "in", "09:21"), (3, "某某", "in", "09:22")).rows == {
        1: "late", 2: "late", 3: "stranger",
    }  # fmt: skip
    assert row_of(activity, people[4]).status == "absent"
    with pytest.raises(Invalid):
        actions.correct_by_devices(activity=activity, reason=" ", by=cast.secretary.actor)
    assert actions.correct_by_devices(activity=activity, reason="会场无网络", by=cast.secretary.actor) == 2
    activity.refresh_from_db()
    assert activity.present_count == 4
    assert row_of(activity, people[4]).checked_in_at == at("2026-11-16 09:20")
    fact = Fact.objects.get(kind="activity.record_corrected")
    assert (fact.data["before"], fact.data["present"], fact.data["reason"]) == (2, 4, "会场无网络")
    with pytest.raises(Refused):
        actions.correct_by_devices(activity=activity, reason="再来一次", by=cast.secretary.actor)


def test_pairing_and_authority(hall, cast, clock):
    activity, people, by = hall
    with pytest.raises(Forbidden):
        actions.open_device(activity=activity, by=cast.member.actor)
    device, secret = actions.open_device(activity=activity, by=by.actor)
    now = milliseconds(kernel_clock.now())
    clock.forward(minutes=11)
    with pytest.raises(Forbidden):  # ten minutes are over
        actions.join(secret=secret, clock_ms=now)
    secret = actions.renew_device(device=device, by=by.actor)
    _device, token = actions.join(secret=secret, clock_ms=now)
    with pytest.raises(Forbidden):  # it pairs once
        actions.join(secret=secret, clock_ms=now)
    assert token not in str(Device.objects.values())
    give(token, (1, people[3], "in", "09:20"))
    clock.set(activity.ends_at + dt.timedelta(hours=72, minutes=1))
    with pytest.raises(Forbidden, match="过期"):
        give(token, (2, people[4], "in", "09:21"))
    device.refresh_from_db()  # the organiser may give it one more day
    _same, newer = actions.join(secret=actions.renew_device(device=device, by=by.actor), clock_ms=now)
    with pytest.raises(Forbidden, match="重新配对"):
        give(token, (2, people[4], "in", "09:21"))
    assert give(newer, (1, people[3], "in", "09:20"), (2, people[4], "in", "09:21")).rows == {
        1: "applied",
        2: "applied",
    }
    clash = give(newer, (2, people[5], "in", "09:22"))
    assert clash.rows == {2: "clash"}
    assert row_of(activity, people[5]).status == "expected"
    actions.close_device(device=device, by=by.actor)
    actions.close_device(device=device, by=by.actor)
    with pytest.raises(Forbidden):
        give(newer, (3, people[5], "in", "09:22"))
    device.refresh_from_db()
    with pytest.raises(Refused):
        actions.renew_device(device=device, by=by.actor)


def test_a_batch_asks_the_database_no_more_for_three_thousand(hall):
    """INSERT … ON CONFLICT, UPDATE … FROM and the facts are one statement each (PERFORMANCE.md)."""
    activity, _people, by = hall
    _device, token = paired(activity, by)
    counted = {}
    for number in (300, 3000):
        people = [Person(name=f"党员{number}-{n}", registered_at=kernel_clock.now()) for n in range(number)]
        people = Person.objects.bulk_create(people)
        Attendance.objects.bulk_create([Attendance(activity=activity, person=person) for person in people])
        with CaptureQueriesContext(connection) as captured:
            answer = give(token, *((number * 10 + n, person, "in", "09:20") for n, person in enumerate(people)))
        assert set(answer.rows.values()) == {"applied"}
        # The pack's version is looked after once a second, whoever asks for what.
        counted[number] = len([query for query in captured.captured_queries if "policy_" not in query["sql"]])
    assert counted[3000] == counted[300] <= 15
    assert Fact.objects.filter(kind="activity.attended").count() == 3300
