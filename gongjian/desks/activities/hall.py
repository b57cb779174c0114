"""Reads for a full hall: where each person belongs, the devices of an activity, and what they handed in that waits."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Count, Max, Q

from gongjian.desks.activities import queries
from gongjian.desks.activities.models import Activity, Attendance, Device, DeviceRow
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.records.people.models import Dated, Membership, Person


def devices_of(activity: Activity) -> list[Device]:
    """The devices of an activity got by `get_for`, with the number of rows each handed in."""
    return list(Device.objects.filter(activity=activity).annotate(handed=Count("rows")).order_by("id"))


def device_for(actor: Actor, activity: Activity, ident: int) -> Device:
    """One device of an activity got by `get_for`; NotFound otherwise."""
    found = Device.objects.select_related("activity__org").filter(activity=activity, pk=ident).first()
    if found is None or not actor.may_at("activities.check_in", activity.org):
        raise NotFound("没有找到这台设备。")
    return found


def rows_that_wait(activity: Activity) -> list[DeviceRow]:
    """What devices handed in that waits for a person: names outside the list, and what came after the sign-off.

    One for each person and device: the first tap of those who, by that device, were there.
    """
    rows = (
        DeviceRow.objects.filter(device__activity=activity, state__in=("stranger", "late"))
        .select_related("device", "person").order_by("device", "number")
    )  # fmt: skip
    found: dict[tuple, DeviceRow] = {}
    for row in rows:
        key = (row.device_id, row.person_id, row.name)
        if row.deed == "out" and row.state == "stranger":
            found.pop(key, None)
        else:
            found.setdefault(key, row)
    return list(found.values())


def row_for(actor: Actor, activity: Activity, ident: int) -> DeviceRow:
    """One row of a device of an activity got by `get_for`; NotFound otherwise."""
    found = DeviceRow.objects.select_related("device__activity").filter(device__activity=activity, pk=ident).first()
    if found is None or not actor.may_at("activities.check_in", activity.org):
        raise NotFound("没有找到这条记录。")
    return found


def same_names(actor: Actor, activity: Activity, names: Iterable[str]) -> dict[str, list[Person]]:
    """Persons whom the organiser may put on the list and who bear one of these names, by name; one query."""
    wanted = sorted({name for name in names if name})
    found: dict[str, list[Person]] = {name: [] for name in wanted}
    if not wanted:
        return found
    day = clock.day_of(activity.starts_at)
    nearby = Q(pk__in=queries.candidates(activity.org, day).order_by().values("pk")) | Q(
        pk__in=queries.nameable(actor).values("pk")
    )
    for person in Person.objects.filter(nearby, name__in=wanted).order_by("pk")[:200]:
        found[person.name].append(person)
    return found


def names_for_device(activity: Activity) -> list[dict]:
    """The list as a device carries it: id, name, pinyin and initials to search by; the branch only where a name occurs twice."""
    rows = list(
        Attendance.objects.filter(activity=activity).order_by("person__pinyin", "person")
        .values_list("person", "person__name", "person__pinyin", "person__initials")
    )  # fmt: skip
    number: dict[str, int] = defaultdict(int)
    for _pk, name, _pinyin, _initials in rows:
        number[name] += 1
    twice = [pk for pk, name, _pinyin, _initials in rows if number[name] > 1]
    day = clock.day_of(activity.starts_at)
    where = dict(
        Membership.objects.filter(Dated.current_q(day), person__in=twice).values_list("person", "org__name")
    ) if twice else {}  # fmt: skip
    return [
        {"id": pk, "name": name, "pinyin": pinyin, "initials": initials, "hint": where.get(pk, "")}
        for pk, name, pinyin, initials in rows
    ]


def places_of(activity: Activity) -> dict[int, str]:
    """Where each person on the list belongs on the day: the group within a branch's meeting, else the branch; one query."""
    day = clock.day_of(activity.starts_at)
    found = Membership.objects.filter(
        Dated.current_q(day), person__in=Attendance.objects.filter(activity=activity).values("person")
    ).values_list("person", "org", "org__name", "group__name")
    return {
        person: (group or "") if org == activity.org_id else name
        for person, org, name, group in found
    }  # fmt: skip


def row_with_person(activity: Activity, person: int) -> Attendance | None:
    """One person's row of an activity got by `get_for`, with the person."""
    return Attendance.objects.select_related("person").filter(activity=activity, person=person).first()


def next_number(device: Device) -> int:
    """The number that the next row of a device may have."""
    return (DeviceRow.objects.filter(device=device).aggregate(last=Max("number"))["last"] or 0) + 1
