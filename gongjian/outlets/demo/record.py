"""记录: turns meetings into rows and facts, in the order of time, exactly as the deeds of the activities room leave them.

tests/demo compares a meeting written here with one that went through plan, notify, open, check in, hold, record, sign.
"""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction

from gongjian.desks.activities.actions.attending import source_of
from gongjian.desks.activities.actions.planning import suggested_title
from gongjian.desks.activities.models import Activity, Attendance, Minutes, new_secret
from gongjian.desks.activities.rules import learning_quantity
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.bulk import pour, pour_objects
from gongjian.ground.kernel.ref import Ref
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.life import CANCELLED, HELD, PLANNED, Meeting
from gongjian.outlets.demo.names import WORDS
from gongjian.outlets.demo.tree import BRANCHES
from gongjian.records import facts

ATTENDANCE = (
    "id", "activity_id", "person_id", "status", "role", "method", "checked_in_at", "rounds", "excuse_reason", "excuse",
    "excuse_state", "reviewer", "by_hand", "wrong_codes", "guest",
)  # fmt: skip
REASONS = ("work", "work", "ill", "away", "family", "other")
NOTES = ("照议程进行。", "同志们逐一发言，意见一致。", "结合实际谈了体会。", "明确了下一步分工。", "按计划完成。")
BLOCK = 20_000  # facts held in memory before they are written


class Recorder:
    """Writes meetings one by one; `close` writes what is left. One recorder a city: it numbers activities from 1."""

    def __init__(self, crowd: Crowd, now: dt.datetime) -> None:
        self.crowd, self.tree, self.now = crowd, crowd.tree, now
        self.luck = crowd.tree.rng.random()
        self.rng = random.Random(f"record:{self.luck}")
        self.activities: list[Activity] = []
        self.attendances: list[tuple] = []
        self.minutes: list[Minutes] = []
        self.told: list[dict] = []
        self.trained: set[int] = set()
        self.number = self.rows = self.minutes_number = self.count = 0
        self._actors: dict[int, Actor] = {}
        self._committee = {post.id for post in self.tree.pack.posts if post.committee}

    # --- several goes -------------------------------------------------------------------------------------------
    def begin(self, block: object) -> None:
        """Luck of its own for a part of the meetings, so that a part comes out the same whether it is the first of a
        go or not."""
        self.rng = random.Random(f"record:{self.luck}:{block}")

    @property
    def numbers(self) -> list[int]:
        """The last numbers given, to go on from in another go."""
        return [self.number, self.rows, self.minutes_number]

    def go_on(self, numbers: list[int]) -> None:
        """Go on behind these numbers, with what the rows already written say about who is trained."""
        self.number, self.rows, self.minutes_number = numbers
        lessons = [kind.id for kind in self.tree.pack.activity_kinds if kind.training]
        came = Attendance.objects.filter(
            status="present", activity__kind__in=lessons,
            activity__starts_at__gte=clock.at_time(dt.date(self.tree.today.year, 1, 1)),
        )  # fmt: skip
        self.trained = set(came.values_list("person_id", flat=True).distinct())

    # --- meetings as a stream of facts in the order of time -----------------------------------------------------
    def write(self, meetings: list[Meeting], progress: Callable[[int, int], None] = lambda done, of: None) -> None:
        """Write meetings and everything about them; their facts go out by when they were told."""
        events = []
        for index, meeting in enumerate(meetings):
            planned_at = min(meeting.starts_at - dt.timedelta(days=self.rng.randint(2, 8), hours=3), self.now)
            events.append((max(planned_at, clock.at_time(meeting.org.founded_on, 9)), index, 0))
            if meeting.fate == HELD:
                events.append((meeting.starts_at, index, 1))
        events.sort()
        started: dict[int, tuple] = {}
        for done, (moment, index, step) in enumerate(events):
            meeting = meetings[index]
            if step == 0:
                started[index] = self._plan(meeting, moment)
                if meeting.fate != HELD:
                    started.pop(index)
            else:
                self._hold(meeting, *started.pop(index))
            if len(self.told) >= BLOCK:
                self.flush()
                progress(done, len(events))
        self.flush()

    @transaction.atomic
    def flush(self) -> None:
        """Write what has come together: activities before what hangs on them, facts last."""
        pour_objects(self.activities)
        pour("activities_attendance", ATTENDANCE, self.attendances)
        pour_objects(self.minutes)
        self.count += facts.record_fresh(self.told, by=self.actor(None))
        for part in (self.activities, self.attendances, self.minutes, self.told):
            part.clear()

    def actor(self, person: int | None) -> Actor:
        """A person as the one who tells a fact."""
        if person not in self._actors:
            self._actors[person] = Actor("person", person)
        return self._actors[person]

    # --- one meeting ----------------------------------------------------------------------------------------------
    def _fact(
        self, kind: str, meeting: Meeting, number: int, by: int | None, at: dt.datetime, source: str, *,
        told: dt.datetime | None = None, **rest: Any,
    ) -> None:  # fmt: skip
        data = {"activity_kind": meeting.kind.id, **rest.pop("data", {})}
        self.told.append({
            "kind": f"activity.{kind}", "by": self.actor(by), "at": at, "recorded_at": told or at, "org": meeting.org.pk,
            "obj": Ref("activity", str(number)), "data": data, "source": source, **rest,
        })  # fmt: skip

    def expected(self, meeting: Meeting) -> tuple[list[int], int | None]:
        """(who should come, in order of number; who convenes), as the activities room works it out."""
        org, day = meeting.org, clock.day_of(meeting.starts_at)
        posts = [row for row in self.crowd.posts[org.pk] if row.starts_on <= day]
        chair = next((row.person_id for post in meeting.kind.convener_posts for row in posts if row.post == post), None)
        if meeting.chosen:
            people = set(meeting.chosen)
        elif meeting.kind.expected == "committee":
            people = {row.person_id for row in posts if row.post in self._committee}
        elif org.kind == "group":
            rows = self.crowd.members[org.parent_id]
            people = {row.person_id for row in rows if row.group is org and row.starts_on <= day}
        elif meeting.kind.expected == "members" and org.kind in BRANCHES:
            people = {row.person_id for row in self.crowd.members[org.pk] if row.starts_on <= day}
        else:  # talks in pairs: the secretary and some members
            rows = [row for row in self.crowd.members[org.pk] if row.starts_on <= day]
            people = {row.person_id for row in rows[: 1 + len(rows) // 3]}
        if chair and meeting.kind.expected != "open":
            people.add(chair)
        return sorted(people), chair

    def convener(self, meeting: Meeting, chair: int | None) -> int | None:
        """Who plans and signs: the chair, else the secretary of the holder or of the one above."""
        org = meeting.org
        while chair is None and org is not None:
            chair = next(
                (row.person_id for row in self.crowd.posts[org.pk] if row.post in ("secretary", "group_leader")), None
            )
            org = org.parent
        return chair

    def _plan(self, meeting: Meeting, moment: dt.datetime) -> tuple:
        people, chair = self.expected(meeting)
        by = self.convener(meeting, chair)
        self.number += 1
        number, kind, day = self.number, meeting.kind, clock.day_of(meeting.starts_at)
        on = day.isoformat()
        activity = Activity(
            pk=number, org=meeting.org, kind=kind.id, title=suggested_title(kind, day), starts_at=meeting.starts_at,
            ends_at=meeting.starts_at + dt.timedelta(minutes=meeting.minutes), place=self._place(meeting),
            agenda=list(kind.agenda), audience="chosen" if meeting.chosen and kind.expected != "open" else kind.expected,
            counts_for=meeting.counts_for, learning_minutes=kind.learning_minutes, created_by=by, created_at=moment,
            secret=new_secret(), state="planned", version=1,
        )  # fmt: skip
        if meeting.fate != HELD:
            self.activities.append(activity)  # one that was held is written when its last state is known
        self._fact("planned", meeting, number, by, moment, f"activity:{number}:planned",
                   data={"on": on, "counts_for": meeting.counts_for})  # fmt: skip
        if meeting.fate == PLANNED and self.rng.random() < 0.5:
            self._list(number, people, chair, activity.audience == "chosen")
            return activity, people, chair, by
        noticed = min(moment + dt.timedelta(minutes=self.rng.randint(2, 90)), self.now)
        activity.state, activity.version = "notified", 2
        self._fact("notified", meeting, number, by, noticed, f"activity:{number}:notified", data={"on": on})
        if meeting.fate == CANCELLED:
            activity.state, activity.version, activity.cancel_reason = "cancelled", 3, "临时有紧急任务，另行安排。"
            self._fact(
                "cancelled", meeting, number, by, min(noticed + dt.timedelta(hours=20), self.now), f"activity:{number}:cancelled",
                data={"on": on, "counts_for": meeting.counts_for, "reason": activity.cancel_reason},
            )  # fmt: skip
        if meeting.fate != HELD:
            self._list(number, people, chair, activity.audience == "chosen")
        return activity, people, chair, by

    def _place(self, meeting: Meeting) -> str:
        org = meeting.org
        return "党群服务中心" if org.unit_name == "" else f"{org.unit_name}{WORDS[org.pk % len(WORDS)]}会议室"

    def _list(self, number: int, people: list[int], chair: int | None, by_hand: bool) -> None:
        for person in people:
            self.rows += 1
            role = "chair" if person == chair else "attendee"
            self.attendances.append(
                (self.rows, number, person, "expected", role, "", None, 0, "", "", "", None, by_hand, 0, False)
            )

    def _hold(self, meeting: Meeting, activity: Activity, people: list[int], chair: int | None, by: int | None) -> None:
        rng, number, start, kind = self.rng, activity.pk, meeting.starts_at, meeting.kind
        on = clock.day_of(start).isoformat()
        opened = start - dt.timedelta(minutes=rng.randint(10, 30))
        self._fact("check_in_opened", meeting, number, by, opened, f"activity:{number}:opened", data={"on": on})
        quantity = learning_quantity(kind.learning_minutes, meeting.minutes)
        learns = kind.training and start.astimezone(clock.SHANGHAI).year == self.tree.today.year
        present, by_hand = 0, activity.audience == "chosen"
        keen = self.crowd.keen
        for person in people:
            self.rows += 1
            role = "chair" if person == chair else "attendee"
            comes = kind.expected == "open" or person == chair or rng.random() < keen.get(person, 0.95)
            if comes:
                present += 1
                by_code = kind.check_in and (person == chair or rng.random() < 0.85)
                method = "code" if by_code else "list"
                at = opened + (start - opened) * rng.random() if by_code else start
                self.attendances.append(
                    (self.rows, number, person, "present", role, method, at, 1, "", "", "", None, by_hand, 0, False)
                )
                self._fact(
                    "attended", meeting, number, person if by_code else by, at, source_of(number, person, 1),
                    person=person, quantity=quantity,
                    data={"on": on, "method": method, "role": role, "learning_minutes": kind.learning_minutes},
                )  # fmt: skip
                if learns:
                    self.trained.add(person)
            elif rng.random() < 0.3:
                reason = rng.choice(REASONS)
                asked = opened - dt.timedelta(hours=rng.randint(1, 20))
                self.attendances.append(
                    (
                        self.rows,
                        number,
                        person,
                        "excused",
                        role,
                        "",
                        None,
                        0,
                        reason,
                        "",
                        "approved",
                        by,
                        by_hand,
                        0,
                        False,
                    )
                )
                self._fact("excuse_asked", meeting, number, person, asked, f"activity:{number}:asked:{person}",
                           person=person, data={"reason": reason})  # fmt: skip
                self._fact("excused", meeting, number, by, asked + dt.timedelta(minutes=30), f"activity:{number}:excused:{person}",
                           person=person, data={"on": on, "reason": reason})  # fmt: skip
            else:
                self.attendances.append(
                    (self.rows, number, person, "absent", role, "", None, 0, "", "", "", None, by_hand, 0, False)
                )
        self._finish(meeting, activity, on, by, chair, present, present if kind.expected == "open" else len(people))

    def _finish(
        self,
        meeting: Meeting,
        activity: Activity,
        on: str,
        by: int | None,
        chair: int | None,
        present: int,
        expected: int,
    ) -> None:
        rng, number = self.rng, activity.pk
        over = activity.ends_at + dt.timedelta(minutes=rng.randint(1, 20))
        activity.state, activity.version = "held", 4
        self.activities.append(activity)
        self._fact("held", meeting, number, by, meeting.starts_at, f"activity:{number}:held", told=over,
                   data={"on": on, "chair": chair})  # fmt: skip
        written = over + dt.timedelta(minutes=rng.randint(10, 600))
        signed = written + dt.timedelta(minutes=rng.randint(5, 2000))
        if written > self.now or not present:
            return
        self.minutes_number += 1
        notes = [{"point": point, "note": rng.choice(NOTES)} for point in activity.agenda]
        self.minutes.append(
            Minutes(
                pk=self.minutes_number, activity=activity, notes=notes, text="", recorded_by=by, recorded_at=written
            )
        )
        self._fact(
            "minutes_recorded", meeting, number, by, written, f"activity:{number}:minutes", data={"decisions": 0}
        )
        if signed > self.now:
            return
        activity.state, activity.version = "signed_off", 5
        activity.signed_by, activity.signed_at = by, signed
        activity.expected_count, activity.present_count = expected, present
        self._fact(
            "signed_off", meeting, number, by, meeting.starts_at, f"activity:{number}:signed_off", told=signed,
            data={"on": on, "counts_for": meeting.counts_for, "present": present, "expected": expected,
                  "hours_minutes": meeting.minutes},
        )  # fmt: skip

    # --- nobody of the city is left untrained in the year -----------------------------------------------------------
    def make_up_lessons(self) -> Iterator[Meeting]:
        """Study sessions for those city members who missed every lesson of this year, branch by branch."""
        kind = self.tree.pack.activity_kind("study")
        first = max(dt.date(self.tree.today.year, 1, 1), self.tree.today - dt.timedelta(days=40))
        for branch in self.tree.of(*BRANCHES):
            if not branch.urban:
                continue
            rows = self.crowd.members[branch.pk]
            missing = [row.person_id for row in rows if row.person_id not in self.trained]
            if not missing:
                continue
            days = max(1, (self.tree.today - first).days - 3)
            start = clock.at_time(first + dt.timedelta(days=self.rng.randrange(days)), 19, 30)
            if start > self.now - dt.timedelta(hours=3):  # the first hours of a year
                start = max(clock.at_time(self.tree.today), self.now - dt.timedelta(hours=3))
            for person in missing:
                self.crowd.keen[person] = 1.1
            yield Meeting(branch, kind, start, kind.default_minutes, HELD, None, tuple(missing))
