"""What the tests of this room share: an applicant of the branch, and a file brought as far as a test wants it."""

import datetime as dt

import pytest

from gongjian.desks.admissions import actions, queries
from gongjian.desks.admissions.models import Admission
from gongjian.engines.publication import actions as publications
from gongjian.engines.publication.queries import of as publications_of
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.records.people import actions as people

START = "2024-09-02 09:00"
BIRTH = dt.date(1998, 5, 6)
FOUND = {"committee_due": 3, "committee_present": 3}
VOTE = {"due": 9, "present": 8, "yes": 8, "no": 0, "abstain": 0}


def given(city, cast) -> dict[str, dict]:
    """Good values for each step."""
    guides = [person.pk for person in city.people["branch"][3:5]]
    return {
        "talk": {"talker": cast.secretary.person.pk, "summary": "态度端正，动机明确。"},
        "activist": {"way": "members", "recommended": "支部党员推荐，九人同意。", **FOUND},
        "contacts": {"contacts": guides},
        "education": {"summary": "一年来表现良好，按期汇报思想。"},
        "candidate": {
            "group_opinion": "同意", "contact_opinion": "同意", "member_opinion": "同意", "mass_opinion": "反映好", **FOUND,
        },
        "introducers": {"introducers": guides},
        "political_review": {"conclusion": "passed", "summary": "本人和主要社会关系清楚。"},
        "training": {"taken": "trained", "organiser": "街道党校", "days": 3, "hours": 24},
        "branch_check": {"verdict": "passed", **FOUND},
        "pre_review": {"verdict": "passed"},
        "branch_meeting": VOTE,
        "higher_talk": {"talker": "唐街", "summary": "认识明确，同意接收。"},
        "approval": {"verdict": "passed", "committee_due": 7, "committee_present": 6},
        "oath": {"place": "社区党群服务中心"},
        "probation": {"trained_on": dt.date(2026, 3, 10), "summary": "能履行党员义务。"},
        "formal_meeting": {"outcome": "formal", "group_opinion": "同意按期转正", **VOTE},
        "formal_approval": {"verdict": "passed"},
        "archive": {"kept": "personnel"},
    }  # fmt: skip


class File:
    """A file that is brought on step by step, moving the clock as time asks for it."""

    def __init__(self, admission: Admission, city, cast, clock, pack) -> None:
        self.admission, self.city, self.cast, self.clock, self.pack = admission, city, cast, clock, pack
        self.values = given(city, cast)

    @property
    def step(self):
        self.admission.refresh_from_db()
        return self.pack.admissions.numbered(self.admission.step)

    def who(self, step):
        return (self.cast.secretary if step.who == "branch" else self.cast.street).actor

    def do(self, step: str = "", *, by=None, on=None, **more):
        """Do a step (default: the next) today with good values."""
        described = self.pack.admissions.steps[step] if step else self.step
        values = {**self.values.get(described.id, {}), **more.pop("values", {})}
        return actions.do_step(
            admission=self.admission, step=described.id, on=on or kernel_clock.today(), values=values,
            by=by or self.who(described), **more,
        )  # fmt: skip

    def publish(self):
        publication = actions.publish(admission=self.admission, by=self.cast.secretary.actor)
        self.clock.set(f"{publication.ends_on + dt.timedelta(days=1)} 09:00")
        return publications.close(publication=publication, by=self.cast.secretary.actor)

    def prepare(self):
        """All that the next step needs: a publication, the months that must go by with their observations."""
        step = self.step
        kinds = {c.kind for c in step.conditions}
        if "observed" in kinds:
            for months in (5, 11):
                start = queries.case_of(self.admission, self.pack).done["activist"].on
                self.clock.set(f"{kernel_clock.add_months(start, months)} 10:00")
                actions.observe(
                    admission=self.admission, on=kernel_clock.today(), text="思想要求进步，工作积极。",
                    by=self.cast.secretary.actor,
                )  # fmt: skip
        shown = next((c.of for c in step.conditions if c.kind == "publication"), None)
        if shown and publications_of(queries.subject_of(self.admission, shown)) is None:
            self.publish()
        self.admission.refresh_from_db()
        earliest = self.admission.earliest_on
        if earliest and earliest > kernel_clock.today():
            self.clock.set(f"{earliest} 10:00")

    def bring(self, step: str):
        """Bring it so far that `step` comes next."""
        while self.step.id != step:
            self.prepare()
            self.do()
            self.clock.forward(days=2)
        return self


@pytest.fixture
def applicant(city):
    """A young teacher who lives in the community; no member."""
    return people.register(by=SYSTEM, org=city.branch, name="唐小苗", birth_date=BIRTH, work_unit="第一中学")


@pytest.fixture
def begin(clock, city, cast, pack, applicant):
    """`begin()`: the file of the applicant, opened on 2 September 2024."""

    def build(**fields) -> File:
        clock.set(START)
        admission = actions.start(
            **{"org": city.branch, "person": applicant, "on": dt.date(2024, 9, 2), "by": cast.secretary.actor, **fields}
        )
        return File(admission, city, cast, clock, pack)

    return build
