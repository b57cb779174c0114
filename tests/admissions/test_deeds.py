"""The machine: every step in order, nothing left out, what it does to people, and how it is taken back."""

import datetime as dt

import pytest

from gongjian.desks.admissions import actions, queries
from gongjian.desks.admissions.models import Admission, Guide, StepRecord
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.people import queries as people
from gongjian.records.people.models import Membership, Relation

pytestmark = pytest.mark.django_db


def test_the_whole_way(begin, applicant, city):
    """Application to formal member: 25 steps, every one recorded, 党籍 from the meeting, 党龄 from the day it is full."""
    file = begin()
    assert Relation.objects.get(person=applicant).kind == "applicant"
    file.bring("approval")
    assert people.membership_of(applicant.pk) is None
    met = StepRecord.objects.get(step="branch_meeting").on
    file.do()
    member = people.membership_of(applicant.pk)
    assert (member.kind, member.joined_on, member.org_id) == ("probationary", met, city.branch.pk)
    assert not Relation.objects.filter(person=applicant, ends_on__isnull=True).exists()
    file.bring("archive")
    file.do()
    file.admission.refresh_from_db()
    member = people.membership_of(applicant.pk)
    assert (member.kind, member.formal_on) == ("formal", met.replace(year=met.year + 1))
    assert (file.admission.state, file.admission.standing) == ("done", "formal")
    assert StepRecord.objects.filter(state="done").count() == 25
    kinds = Fact.objects.filter(person=applicant.pk, kind__startswith="admission.").values_list("kind", flat=True)
    assert sorted(set(kinds)) == ["admission.finished", "admission.observed", "admission.started", "admission.step_done"]
    assert not Guide.objects.filter(until__isnull=True).exists()
