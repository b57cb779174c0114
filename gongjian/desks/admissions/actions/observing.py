"""Observe a person, and look at the whole pool once a year."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Count

from gongjian.desks.admissions import queries
from gongjian.desks.admissions.actions.shared import entered_later, held, need_reason, ref
from gongjian.desks.admissions.actions.starting import put_window
from gongjian.desks.admissions.models import Admission, Observation, PoolReview
from gongjian.desks.admissions.permissions import guides
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


@transaction.atomic
def observe(
    *, admission: Admission, on: dt.date, text: str, by: Actor, kind: str = "observation", evidence: str = "",
    paper: bool = False, at: dt.datetime | None = None,
) -> Observation:  # fmt: skip
    """Note an observation (培养考察, 每半年一次) or a thought report; by the branch or by a contact. One of a kind a day."""
    admission = held(admission, by)
    if not guides(admission, by):
        by.require("admissions.keep", admission.org)
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    if kind not in dict(Observation.KINDS):
        raise Invalid("请选择考察或者思想汇报。", field="kind")
    late = entered_later(on, today, paper, evidence, pack)
    if on < admission.applied_on:
        raise Invalid(f"日期早于申请日期 {admission.applied_on}。", field="on")
    words = need_reason(text, "考察的情况", field="text")[:300] if len(text.strip()) < 5 else text.strip()[:2000]
    row = Observation(
        admission=admission, kind=kind, on=on, text=words, entered_later=late, evidence=evidence.strip()[:300],
        noted_by=by.person, noted_at=moment,
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{on} 已经记过一次，有误的请先撤回。", field="on") from None
    facts.record(
        "admission.observed", by=by, at=clock.at_time(on), recorded_at=moment, person=admission.person_id,
        org=admission.org_id, obj=ref(admission), source=f"admission_observation:{row.pk}",
        data={"kind": kind, "on": on.isoformat(), "entered_later": late},
    )  # fmt: skip
    put_window(admission, pack, today)
    return row


@transaction.atomic
def withdraw_observation(*, observation: Observation, by: Actor, at: dt.datetime | None = None) -> None:
    """Take back an observation that was noted wrongly; the branch, or who noted it."""
    row = queries.observation_for(by, observation.pk)
    admission = held(row.admission, by)
    if row.noted_by != by.person:
        by.require("admissions.keep", admission.org)
    moment = at or clock.now()
    if not Observation.objects.filter(pk=row.pk, withdrawn=False).update(withdrawn=True):
        raise Refused("这条考察记录已经撤回。")
    facts.record(
        "admission.observation_withdrawn", by=by, at=moment, person=admission.person_id, org=admission.org_id,
        obj=ref(admission), data={"kind": row.kind, "on": row.on.isoformat()},
        source=f"admission_observation:{row.pk}:withdrawn",
    )  # fmt: skip
    put_window(admission, policy.on(clock.day_of(moment)), clock.day_of(moment))


@transaction.atomic
def review_pool(*, org: Organisation, year: int, text: str, by: Actor, at: dt.datetime | None = None) -> PoolReview:
    """A committee's yearly review of all who are on the way (细则第十一条); counts by standing are taken now. Once a year."""
    by.require("admissions.approve", org)
    moment = at or clock.now()
    day = clock.day_of(moment)
    if not day.year - 1 <= year <= day.year:
        raise Invalid("只记录本年度或者上一年度的分析。", field="year")
    if org.kind not in policy.on(day).admissions.approving_kinds:
        raise Refused("由有审批权限的基层党委分析。", field="org")
    words = text.strip()
    if len(words) < 10:
        raise Invalid("请写明队伍状况、问题和措施，至少十个字。", field="text")
    counts = dict(queries.pool_of(org).values_list("standing").annotate(Count("pk")))
    review = PoolReview(
        org=org, year=year, on=day, text=words[:5000], counts=counts, reviewed_by=by.person, reviewed_at=moment
    )
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise Refused(f"{year} 年已经分析过。", field="year") from None
    facts.record(
        "admission.pool_reviewed", by=by, at=moment, org=org.pk, obj=Ref.of("pool_review", review.pk),
        quantity=sum(counts.values()), data={"year": year, "counts": counts, "on": day.isoformat()},
        source=f"pool_review:{org.pk}:{year}",
    )  # fmt: skip
    return review
