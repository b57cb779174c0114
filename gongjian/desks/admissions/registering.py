"""The applicant as a person: found by identity number, or registered; then the file is opened, all in one transaction."""

import datetime as dt

from django.db import transaction

from gongjian.desks.admissions.actions.starting import start
from gongjian.desks.admissions.models import Admission
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people import queries as persons


@transaction.atomic
def find_or_register(
    *, org: Organisation, by: Actor, name: str, on: dt.date, identity: str = "", birth_date: dt.date | None = None,
    phone: str = "", work_unit: str = "", paper: bool = False, evidence: str = "", source: str | None = None,
    at: dt.datetime | None = None,
) -> Admission:  # fmt: skip
    """Open the file of somebody who may be registered already (a resident, a volunteer) or not.

    Somebody registered is taken only if the name agrees: a number alone opens nobody's file. Raises Refused otherwise.
    """
    by.require("admissions.keep", org)
    person = persons.by_identity(SYSTEM, identity) if identity.strip() else None
    if person is not None and person.name != name.strip():
        raise Refused("这个身份证号登记的是另一个姓名，请核对。", field="name")
    if person is None:
        person = people.register(
            by=by, org=org, name=name, identity=identity, phone=phone, birth_date=birth_date, work_unit=work_unit, at=at
        )
    return start(org=org, person=person, on=on, by=by, paper=paper, evidence=evidence, source=source, at=at)
