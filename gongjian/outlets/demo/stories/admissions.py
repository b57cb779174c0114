"""发展党员: in the demo branch one person at each stage, one of them overdue, one with an objection in publication.

All of it by the real deeds, with days in the past as `at`. Names are made up; nobody has an account but through the demo.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from gongjian.desks.admissions import actions, queries
from gongjian.desks.admissions.models import Admission
from gongjian.engines.publication import actions as publications
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.outlets.demo.crowd import Crowd
from gongjian.outlets.demo.tree import demo_branch
from gongjian.records.access.queries import actor_of_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons
from gongjian.records.people.models import Membership, Person

ORDER = 34
EVIDENCE = "发展党员台账，原件存街道党工委"


class _Stage:
    """Where the story plays: the branch, its secretary, who approves, two formal members as contacts."""

    def __init__(self, crowd: Crowd, now: dt.datetime) -> None:
        self.now, self.today = now, clock.day_of(now)
        self.branch = demo_branch(crowd.tree)
        self.branch.refresh_from_db()
        self.pack = policy.on(self.today)
        self.secretary = self._actor(crowd.holder(self.branch))
        approver = queries.approver_of(self.branch, self.pack)
        self.higher = self._actor(crowd.holder(approver))
        long_formal = set(
            Membership.objects.filter(org=self.branch, formal_on__lt=clock.add_months(self.today, -48)).values_list(
                "person", flat=True
            )
        )  # they were formal members when the oldest of the files began
        formal = [
            one.pk
            for one in queries.candidates_for_guides(self.branch, self.today)
            if one.pk != self.secretary.person and one.pk in long_formal
        ]
        self.contacts = formal[:2]
        self.voters = max(queries.voters_due(self.branch, self.today), 1)

    def _actor(self, person: int) -> Actor:
        return actor_of_person(Person.objects.get(pk=person))

    def begin(self, name: str, sex: str, birth: dt.date, unit: str, on: dt.date) -> Admission:
        """An application taken in on a day of the past."""
        at = clock.at_time(on, 10)
        person = people.register(
            by=self.secretary, org=self.branch, name=name, sex=sex, birth_date=birth, work_unit=unit, at=at
        )
        return actions.start(org=self.branch, person=person, on=on, by=self.secretary, at=at)

    def values(self, step: str) -> dict[str, Any]:
        """What a step needs, as a careful branch would write it."""
        size = max(queries.committee_size(self.branch, self.today), 1)
        met = {"committee_due": size, "committee_present": size}
        vote = {"due": self.voters, "present": self.voters, "yes": self.voters, "no": 0, "abstain": 0}
        given: dict[str, dict[str, Any]] = {
            "talk": {"talker": self.secretary.person, "summary": "动机端正，了解党的基本知识。"},
            "activist": {"way": "members", "recommended": "党员推荐，意见一致。", **met},
            "contacts": {"contacts": self.contacts},
            "education": {"summary": "按期汇报思想，积极参加志愿服务。"},
            "candidate": {
                "group_opinion": "同意列为发展对象。", "contact_opinion": "符合条件。", "member_opinion": "同意。",
                "mass_opinion": "群众反映良好。", **met,
            },
            "introducers": {"introducers": self.contacts},
            "political_review": {"conclusion": "passed", "summary": "本人和主要社会关系清楚。"},
            "training": {"taken": "trained", "organiser": "街道党校", "days": 3, "hours": 24},
            "branch_check": {"verdict": "passed", **met},
            "pre_review": {"verdict": "passed"},
            "branch_meeting": vote,
            "higher_talk": {"talker": "街道组织员", "summary": "认识明确，同意接收。"},
            "approval": {"verdict": "passed", "committee_due": 7, "committee_present": 7},
            "oath": {"place": "社区党群服务中心"},
        }  # fmt: skip
        return given.get(step, {})

    def do(self, admission: Admission, on: dt.date, *, until: str) -> dt.date:
        """Steps one after another from a day on, each as soon as it may be, until the named step comes next."""
        table = self.pack.admissions
        while True:
            admission.refresh_from_db()
            step = table.numbered(admission.step)
            if step is None or step.id == until:
                return on
            on = self._make_ready(admission, on)
            at = clock.at_time(on, 15)
            by = self.secretary if step.who == "branch" else self.higher
            actions.do_step(admission=admission, step=step.id, on=on, by=by, values=self.values(step.id), at=at)
            on += dt.timedelta(days=2)

    def _make_ready(self, admission: Admission, on: dt.date) -> dt.date:
        step = self.pack.admissions.numbered(admission.step)
        kinds = {condition.kind for condition in step.conditions}
        if "observed" in kinds:
            start = queries.case_of(admission, self.pack).done["activist"].on
            for months in (5, 11):
                day = clock.add_months(start, months)
                actions.observe(
                    admission=admission, on=day, text="思想上要求进步，工作踏实，群众反映好。", by=self.secretary,
                    at=clock.at_time(day, 16),
                )  # fmt: skip
            on = max(on, clock.add_months(start, 12))
        if "publication" in kinds:
            posted = actions.publish(admission=admission, by=self.secretary, at=clock.at_time(on, 9))
            on = posted.ends_on + dt.timedelta(days=1)
            publications.close(publication=posted, by=self.secretary, at=clock.at_time(on, 9))
        return on


def play(crowd: Crowd, now: dt.datetime) -> None:
    """Six people on their way."""
    scene = _Stage(crowd, now)
    if len(scene.contacts) < 2:
        return
    ago: Callable[[int], dt.date] = lambda days: scene.today - dt.timedelta(days=days)  # noqa: E731
    _applicants(scene, ago)
    activist = scene.begin("江晓晨", "2", dt.date(1997, 4, 12), "社区卫生服务站", ago(420))
    scene.do(activist, ago(410), until="education")
    # nobody has observed her since: overdue, and it stands out
    candidate = scene.begin("莫远航", "1", dt.date(1994, 8, 3), "城投公司", ago(412))
    scene.do(candidate, ago(408), until="candidate_filed")
    posted = actions.publish(admission=candidate, by=scene.secretary, at=now - dt.timedelta(hours=30))
    publications.note_objection(
        publication=posted, channel="phone", teller="群众", by=scene.secretary, at=now - dt.timedelta(hours=2),
        text="反映他去年很少参加社区志愿服务，请核实。", source="demo:objection",
    )  # fmt: skip
    nearly = scene.begin("蓝若溪", "2", dt.date(1996, 11, 20), "第二小学", ago(424))
    scene.do(nearly, ago(420), until="branch_meeting")
    probationary = scene.begin("石明川", "1", dt.date(1990, 2, 9), "物业服务公司", ago(860))
    scene.do(probationary, ago(850), until="probation")
    _adopt_one(scene)
    actions.refresh(by=SYSTEM, at=now)


def _applicants(scene: _Stage, ago: Callable[[int], dt.date]) -> None:
    scene.begin("覃春雨", "2", dt.date(2003, 6, 18), "大学在读", ago(9))
    scene.begin("韦启明", "1", dt.date(1999, 9, 1), "快递网点", ago(45))  # the talk is late


def _adopt_one(scene: _Stage) -> None:
    """A probationary member from before the system, whose file goes on here, if the branch has one."""
    rows = queries.without_file(scene.secretary)
    here: Organisation = scene.branch
    row = next((one for one in rows if one.org_id == here.pk), None)
    if row is not None and persons.membership_of(row.person_id) is not None:
        actions.adopt(person=row.person, by=scene.secretary, evidence=EVIDENCE, at=scene.now)
