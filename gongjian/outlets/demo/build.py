"""建城: puts a demo city into an empty, migrated database, from the pack to the seal."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction

from gongjian.appraisal.standards import actions as standards
from gongjian.desks.activities.models import Activity, Attendance, Decision, Minutes
from gongjian.engines import relay
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.bulk import continue_numbers, pour_objects
from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.store import chosen_folder
from gongjian.outlets.demo import life, logins
from gongjian.outlets.demo.crowd import Crowd, gather
from gongjian.outlets.demo.listening import hurry, listening
from gongjian.outlets.demo.models import Preparation
from gongjian.outlets.demo.record import Recorder
from gongjian.outlets.demo.sizes import Size
from gongjian.outlets.demo.stories import stories
from gongjian.outlets.demo.tree import Tree, grow
from gongjian.records import facts
from gongjian.records.facts.seal import seal
from gongjian.records.orgs.models import Organisation, OrganisationVersion
from gongjian.records.people.models import Appointment, Membership, Person, Relation
from gongjian.records.places.models import Place

SEED = 2026
Say = Callable[[str, int, int], None]
NUMBERED = (
    Organisation, OrganisationVersion, Person, Membership, Appointment, Relation, Place, Activity, Attendance, Minutes, Decision,
)  # fmt: skip


def quietly(stage: str, done: int, of: int) -> None:
    """Tell nobody."""


class Stages:
    """各阶段: what of a build is over; each stage marks itself so in its own transaction, and is passed over next time."""

    def __init__(self, mark: Preparation) -> None:
        self.mark = mark

    def left(self, name: str) -> bool:
        """Whether a stage is still to be done."""
        return name not in self.mark.progress

    @contextmanager
    def doing(self, name: str, value: object = True) -> Iterator[None]:
        """Do a stage: all of it and its mark, or nothing. `value` may be called once the work is done."""
        with transaction.atomic():
            yield
            self.mark.progress[name] = value() if callable(value) else value
            self.mark.save(update_fields=["progress"])


def build(
    size: Size, *, seed: int = SEED, now: dt.datetime | None = None, say: Say = quietly, beside: bool = False
) -> Crowd:
    """Build the city; the same size, seed and day give the same city. The database is migrated, and empty or left half
    built by a call with the same size and seed: then the build goes on where it stood.

    `beside`: listeners take in the facts in a process of their own while we still write (PostgreSQL only).

    Told in stages through `say` (title, done, of). Commits as it goes: `Preparation.finished_at` stays empty until all
    is there. What the memory needs (the tree and who is where) is made again from the seed in each go.
    """
    hurry()
    mark, _new = Preparation.objects.get_or_create(
        defaults={
            "size": size.name, "seed": seed, "day": clock.day_of(now or clock.now()), "started_at": now or clock.now(),
        }
    )  # fmt: skip
    if (mark.size, mark.seed) != (size.name, seed):
        raise ValueError("another city stands here half built")
    now, stages = mark.started_at, Stages(mark)
    say("政策包", 0, 1)
    policy.load(chosen_folder())
    say("组织与阵地", 0, 1)
    rng = random.Random(seed)
    tree = grow(size, policy.on(clock.day_of(now)), clock.day_of(now), rng)
    say("人员与任职", 0, 1)
    crowd = gather(tree, life.beginning(tree) - dt.timedelta(days=3))
    if stages.left("records"):
        say("写入组织与人员", 0, 1)
        with stages.doing("records"):
            _records(crowd)
    _live(crowd, now, stages, say, beside=beside)
    continue_numbers(*NUMBERED)
    if stages.left("accounts"):
        say("登录账号", 0, 1)
        with stages.doing("accounts"):
            logins.open_accounts(crowd, now)
            logins.prepare_evening(crowd, now)
    for number, listener in enumerate(relay.listeners()):
        say(f"传递事实：{listener.title or listener.name}", number, len(relay.listeners()))
        relay.deliver(listener.name)
    say("各室的故事", 0, 1)
    for story in stories():
        name = story.__name__.rpartition(".")[2]
        if stages.left(f"story:{name}"):
            with stages.doing(f"story:{name}"):
                story.play(crowd, now)
    relay.deliver()
    say("达标巡检", 0, 1)
    standards.sweep(by=SYSTEM, at=now, since=life.first_whole_quarter(tree))
    relay.deliver()
    say("封存", 0, 1)
    seal(day=clock.day_of(now))
    mark.finished_at = clock.now()
    mark.save()
    return crowd


def _live(crowd: Crowd, now: dt.datetime, stages: Stages, say: Say, *, beside: bool) -> None:
    """The year of organisational life, block by block; then lessons for those who missed them all."""
    meetings = life.year_of_life(crowd)
    recorder, block = Recorder(crowd, now), crowd.tree.size.block or max(1, len(meetings))
    if not stages.left("meetings"):
        recorder.go_on(stages.mark.progress["meetings"])
    with listening(beside and is_postgres()):
        written = stages.mark.progress.get("written", 0)
        for first in range(written, len(meetings), block):
            recorder.begin(first)
            with stages.doing("meetings", lambda: recorder.numbers):
                recorder.write(
                    meetings[first : first + block],
                    lambda done, of, first=first: say("一年的组织生活", first + done * block // of, len(meetings)),
                )
                stages.mark.progress["written"] = first + block
            say("一年的组织生活", min(first + block, len(meetings)), len(meetings))
        if stages.left("lessons"):
            recorder.begin("lessons")
            lessons = sorted(recorder.make_up_lessons(), key=lambda meeting: (meeting.starts_at, meeting.org.pk))
            with stages.doing("lessons"):
                recorder.write(lessons)
        say("传递事实", 0, 1)


@transaction.atomic
def _records(crowd: Crowd) -> None:
    """Organisations, people and places as rows, and the facts that the deeds which enter them leave."""
    tree = crowd.tree
    pour_objects(tree.orgs)
    pour_objects(
        OrganisationVersion(
            pk=org.pk,
            org=org,
            name=org.name,
            kind=org.kind,
            parent=org.parent,
            territory=org.territory,
            valid_from=org.founded_on,
        )
        for org in tree.orgs
    )
    for objects in (crowd.people, crowd.memberships, crowd.appointments, crowd.relations, tree.places):
        pour_objects(objects)
    facts.record_fresh(_told(tree, crowd), by=SYSTEM)


def _told(tree: Tree, crowd: Crowd) -> Iterator[dict]:
    taken = clock.at_time(crowd.started, 8)

    def fact(kind: str, name: str, number: int, at: dt.datetime, **rest: object) -> dict:
        return {
            "kind": kind, "obj": Ref(name, str(number)), "at": at, "recorded_at": max(at, taken),
            "source": f"demo:{name}:{number}:{kind}", **rest,
        }  # fmt: skip

    for org in tree.orgs:
        yield fact(
            "organisation.founded", "organisation", org.pk, clock.at_time(org.founded_on), org=org.pk,
            data={"on": org.founded_on.isoformat(), "name": org.name, "org_kind": org.kind, "parent": org.parent_id,
                  "territory": org.territory_id, "reason": ""},
        )  # fmt: skip
    for person in crowd.people:
        member = crowd.memberships[person.pk - 1] if person.pk <= len(crowd.memberships) else None
        org = member.org_id if member else crowd.relations[person.pk - len(crowd.memberships) - 1].org_id
        yield fact("person.registered", "person", person.pk, person.registered_at, person=person.pk, org=org)
    for row in crowd.memberships:
        yield fact(
            "member.admitted", "membership", row.pk, clock.at_time(row.starts_on), person=row.person_id, org=row.org_id,
            data={"kind": row.kind, "joined_on": row.joined_on.isoformat()},
        )  # fmt: skip
    for row in crowd.appointments:
        yield fact(
            "appointment.started", "appointment", row.pk, clock.at_time(row.starts_on), person=row.person_id, org=row.org_id,
            data={"post": row.post, "part_time": row.part_time, "on": row.starts_on.isoformat()},
        )  # fmt: skip
    for row in crowd.relations:
        yield fact(
            "relation.started", "relation", row.pk, clock.at_time(row.starts_on), person=row.person_id, org=row.org_id,
            data={"kind": row.kind, "on": row.starts_on.isoformat()},
        )  # fmt: skip
