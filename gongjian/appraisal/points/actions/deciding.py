"""Decisions that people make about a member's year: exemptions by two persons (豁免), and the yearly verdict (年度评定).

A verdict never follows from a score (《个人信息保护法》第二十四条): it is chosen by a person, with reasons, without a default.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.models import Exemption, Verdict
from gongjian.appraisal.points.queries import closing, deciding
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices.actions import tell
from gongjian.records.people import queries as people


def _ref(row: Exemption) -> Ref:
    return Ref.of("exemption", row.pk)


@transaction.atomic
def request_exemption(
    *,
    person: int,
    kind: str,
    reason: str,
    starts_on: dt.date,
    ends_on: dt.date,
    by: Actor,
    at: dt.datetime | None = None,
) -> Exemption:
    """Ask that a member's year is not judged for some time (登记豁免); nothing holds before another person approves it.

    Raises Invalid for a time longer than the pack's, Refused while another request of this member is open.
    """
    member = people.membership_of(person)
    if member is None:
        raise Refused(_("此人目前没有组织关系，不用登记。"), field="person")
    by.require("points.exempt", member.org)
    if by.person is None or by.person == person:
        raise Forbidden(_("不能为自己登记豁免，请由支部其他同志办理。"))
    if kind not in dict(Exemption.KINDS):
        raise Invalid(_("请选择情形。"), field="kind")
    reason = reason.strip()
    if len(reason) < 4:
        raise Invalid(_("请写明理由（至少 4 个字）。"), field="reason")
    months = policy.on(clock.today()).points.frame.exemption_months
    if ends_on < starts_on:
        raise Invalid(_("截止日期早于起始日期。"), field="ends_on")
    if ends_on >= clock.add_months(starts_on, months):
        raise Invalid(_("一次最长 %(n)d 个月，到期可以重新登记。") % {"n": months}, field="ends_on")
    row = Exemption(
        person_id=person, org=member.org, kind=kind, starts_on=starts_on, ends_on=ends_on, requested_by=by.person,
        requested_at=at or clock.now(),
    )  # fmt: skip
    row.reason = reason[:500]
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("这名党员已有一份登记等待批准。"), field="person") from None
    _record(row, "points.exemption_requested", by, row.requested_at)
    return row


def _record(row: Exemption, kind: str, by: Actor, at: dt.datetime, **data: str):
    return facts.record(
        kind, by=by, at=at, person=row.person_id, org=row.org_id, obj=_ref(row), source=f"exemption:{row.pk}:{kind}",
        data={"from": row.starts_on.isoformat(), "until": row.ends_on.isoformat(), **data},
    )  # fmt: skip


def _decided(row: Exemption, by: Actor, **changes: object) -> Exemption:
    by.require("points.exempt", row.org)
    if by.person is None or by.person in (row.requested_by, row.person_id):
        raise Forbidden(_("登记人和本人不能批准，请由另一人办理。"))
    still = Exemption.objects.filter(pk=row.pk, approved_by__isnull=True, refused_at__isnull=True)
    try:
        with transaction.atomic():
            done = still.update(**changes)
    except IntegrityError:
        raise Forbidden(_("登记人和本人不能批准，请由另一人办理。")) from None
    if not done:
        raise Refused(_("这份登记已经办理过。"))
    row.refresh_from_db()
    return row


@transaction.atomic
def approve_exemption(*, exemption: int, by: Actor, at: dt.datetime | None = None) -> Exemption:
    """Approve a request (批准豁免); neither who asked nor the member; the table refuses it as well. The member is told."""
    row, moment = deciding.exemption_for(by, exemption), at or clock.now()
    row = _decided(row, by, approved_by=by.person, approved_at=moment)
    fact = _record(row, "points.exempted", by, moment)
    Exemption.objects.filter(pk=row.pk).update(fact=fact.pk)
    tell(
        people=[row.person_id], kind="points", title=_("您在一段时间里不参加积分评定"),
        body=_("%(from)s 至 %(until)s；参加活动照样记分。") % {"from": row.starts_on, "until": row.ends_on},
        link=reverse("points:statement"), key=f"exemption:{row.pk}", at=moment,
    )  # fmt: skip
    return row


@transaction.atomic
def refuse_exemption(*, exemption: int, reason: str, by: Actor, at: dt.datetime | None = None) -> Exemption:
    """Refuse a request (不予豁免), with a reason for who asked."""
    row, moment = deciding.exemption_for(by, exemption), at or clock.now()
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明理由（至少 4 个字）。"), field="reason")
    row = _decided(row, by, refused_at=moment, decided_reason=reason.strip()[:200])
    _record(row, "points.exemption_refused", by, moment)
    return row


@transaction.atomic
def end_exemption(*, exemption: int, on: dt.date, reason: str, by: Actor, at: dt.datetime | None = None) -> Exemption:
    """End an exemption before its time (提前结束) on a day, the first one without it."""
    row = deciding.exemption_for(by, exemption)
    by.require("points.exempt", row.org)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明理由（至少 4 个字）。"), field="reason")
    if not row.starts_on <= on <= row.ends_on:
        raise Invalid(_("日期应在豁免期内。"), field="on")
    done = Exemption.objects.filter(pk=row.pk, approved_by__isnull=False, ended_on__isnull=True).update(
        ended_on=on, decided_reason=reason.strip()[:200]
    )
    if not done:
        raise Refused(_("这份豁免没有生效，或者已经结束。"))
    _record(row, "points.exemption_ended", by, at or clock.now(), on=on.isoformat())
    row.refresh_from_db()
    return row


@transaction.atomic
def give_verdict(
    *,
    person: int,
    year: str,
    verdict: str,
    reasons: str,
    by: Actor,
    correction: str = "",
    at: dt.datetime | None = None,
) -> Verdict:
    """Write the committee's verdict on a member's year (年度评定), or correct it with the reason of the correction.

    From December of the year on. The score of the moment is kept beside it and decides nothing. The member is told
    privately. Raises Refused for an exempted member, for one who has a verdict if no correction is given, and if nothing
    changes.
    """
    row = deciding.member_for(by, person, year)
    moment = at or clock.now()
    today = clock.day_of(moment)
    if by.person is None or by.person == person:
        raise Forbidden(_("不能给自己作评定，请由支部其他负责同志或者上级办理。"))
    if today < dt.date(int(year), 12, 1):
        raise Refused(_("年度评定从当年 12 月开始。"))
    described = policy.on(today).points.verdicts.get(verdict) if verdict else None
    if described is None:
        raise Invalid(_("请选择评定；系统不代为选择。"), field="verdict")
    reasons = reasons.strip()
    if len(reasons) < 8:
        raise Invalid(_("请写明理由（至少 8 个字），本人可以看到。"), field="reasons")
    described_class = closing.classes_of([person], closing.class_day(year))[person]
    if described_class is not None and not described_class.scored:
        raise Refused(_("这名党员经批准不参加本年度评定。"))
    before = Verdict.objects.select_for_update().filter(person=person, year=year, replaced_at__isnull=True).first()
    correction = correction.strip()
    if before is not None:
        if (before.verdict, before.reasons) == (verdict, reasons):
            return before
        if len(correction) < 4:
            raise Invalid(_("已有评定；更正须写明原因（至少 4 个字）。"), field="correction")
        Verdict.objects.filter(pk=before.pk).update(replaced_at=moment)
    points = queries.scores_of("person", person, [year])[year]
    number = Verdict.objects.filter(person=person, year=year).count()
    about = {
        "by": by, "at": moment, "person": person, "org": row.org_id, "source": f"verdict:{person}:{year}:{number}",
    }  # fmt: skip
    if before is None:
        fact = facts.record("points.verdict_given", data={"year": year, "verdict": verdict}, **about)
    else:
        fact = facts.record(
            "points.verdict_corrected", corrects=before.fact,
            data={"year": year, "verdict": verdict, "before": before.verdict}, **about,
        )  # fmt: skip
    try:
        with transaction.atomic():
            made = Verdict.objects.create(
                person_id=person, org_id=row.org_id, year=year, verdict=verdict, reasons=reasons[:500], points=points,
                given_by=by.person, given_at=moment, fact=fact.pk, correction=correction[:200] if before else "",
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("刚刚有人作了评定，请刷新页面。")) from None
    tell(
        people=[person], kind="points", title=_("您的 %(year)s 年度评定：%(word)s") % {"year": year, "word": described.title},
        body=reasons[:200], link=f"{reverse('points:statement')}?year={year}", key=f"verdict:{made.pk}", at=moment,
    )  # fmt: skip
    return made
