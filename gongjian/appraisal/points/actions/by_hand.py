"""Deeds of points: adding and taking by hand, taking back, and the basis of a list of named persons.

None of them writes points: each records a fact, and points follow from facts.
"""

import datetime as dt

from django.db import IntegrityError, transaction

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.models import NamedListBasis
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people

LONGEST_LIST_DAYS = 366


def _said(text: str, field: str, least: int, message: str) -> str:
    text = text.strip()
    if len(text) < least:
        raise Invalid(message, field=field)
    return text


@transaction.atomic
def give(
    *, person: int, rule: str, reason: str, evidence: str, on: dt.date, by: Actor, at: dt.datetime | None = None
) -> Fact:
    """Add or take points by a rule of the pack that is meant for it (手工加分、扣分); nobody does it for themselves.

    `on` is the day of what is credited. Raises Invalid for an unknown rule or a day to come, Refused if the person is
    no member.
    """
    member = people.membership_of(person)
    if member is None:
        raise Refused("此人目前没有组织关系，不能计分。", field="person")
    by.require("points.manage", member.org)
    if by.person == person:
        raise Forbidden("不能给自己加分或扣分，请由上级组织办理。")
    if on > clock.today():
        raise Invalid("日期不能晚于今天。", field="on")
    found = next((entry for entry in queries.manual_rules(on) if entry.id == rule), None)
    if found is None:
        raise Invalid("当天的政策包里没有这条手工计分规则。", field="rule")
    named = found.where.get("rule", (rule,))[0]
    data = {
        "rule": named,
        "reason": _said(reason, "reason", 4, "请写明事由（至少 4 个字），本人可以看到。"),
        "evidence": _said(evidence, "evidence", 2, "请写明依据材料，例如会议记录、照片编号。"),
    }
    what = {"by": by, "at": at or clock.at_time(on, 12), "person": person, "org": member.org_id, "data": data}
    if found.fact == "points.awarded":
        return facts.record("points.awarded", **what)
    return facts.record("points.deducted", **what)


@transaction.atomic
def reverse(*, fact: int, reason: str, by: Actor, at: dt.datetime | None = None) -> Fact:
    """Take back all points that a fact gave, by a fact that corrects it (积分撤回). Once only; nothing is deleted."""
    entries = queries.entries_about(fact)
    if not entries:
        raise NotFound("没有找到这条积分记录，或者它不在您的管理范围内。")
    for entry in entries:
        if entry.subject_kind == "organisation":
            orgs.get_for(by, entry.subject, permission="points.manage")
            continue
        people.get_for(by, entry.subject, permission="points.manage")
        if by.person == entry.subject:
            raise Forbidden("不能撤回自己的积分，请由上级组织办理。")
    reason = _said(reason, "reason", 4, "请写明撤回的原因（至少 4 个字），本人可以看到。")
    return take_back(fact=fact, reason=reason, by=by, at=at)


def take_back(*, fact: int, reason: str, by: Actor, at: dt.datetime | None = None) -> Fact:
    """Record the fact that takes back what another gave: for deeds that have asked who may, inside their transaction."""
    entries = queries.entries_about(fact)
    source = f"points.reversed:{fact}"
    if all(entry.withdrawn_by for entry in entries) or Fact.objects.filter(source=source).exists():
        raise Refused("这条记录的积分已经撤回。")
    told = Fact.objects.get(pk=fact)
    return facts.record(
        "points.reversed", by=by, at=at, person=told.person, org=told.org, obj=Ref.of("fact", fact),
        data={"reason": reason}, source=source, corrects=fact,
    )  # fmt: skip


@transaction.atomic
def request_list(
    *, org: int, basis: str, starts_on: dt.date, expires_on: dt.date, by: Actor, at: dt.datetime | None = None
) -> NamedListBasis:
    """Record the legal basis on which a list of named persons is to be published (登记实名榜单依据).

    It takes effect only when another person approves it, and ends by itself on `expires_on`. Refused while the pack
    does not allow such lists at all.
    """
    found = orgs.get_for(by, org, permission="points.named_lists")
    ranks = policy.on(clock.today()).points.ranks
    if not ranks.named_lists:
        raise Refused(ranks.guard)
    basis = _said(basis, "basis", 10, "请写明法律或者文件的名称、文号和条款（至少 10 个字）。")
    if expires_on <= starts_on:
        raise Invalid("失效日应晚于公布起始日。", field="expires_on")
    if (expires_on - starts_on).days > LONGEST_LIST_DAYS:
        raise Invalid("公布期限最长一年，到期须重新登记。", field="expires_on")
    if expires_on <= clock.today():
        raise Invalid("失效日应在今天之后。", field="expires_on")
    if by.person is None:
        raise Forbidden("依据须由具体的人登记。")
    row = NamedListBasis.objects.create(
        org=found, basis=basis, starts_on=starts_on, expires_on=expires_on, requested_by=by.person,
        requested_at=at or clock.now(),
    )  # fmt: skip
    _tell(row, "points.list_requested", by, at, basis=basis)
    return row


def _tell(row: NamedListBasis, kind: str, by: Actor, at: dt.datetime | None, **data: str) -> None:
    facts.record(
        kind, by=by, at=at, org=row.org_id, obj=Ref.of("named_list", row.pk),
        data={"starts_on": row.starts_on.isoformat(), "expires_on": row.expires_on.isoformat(), **data},
    )  # fmt: skip


@transaction.atomic
def approve_list(*, basis: int, by: Actor, at: dt.datetime | None = None) -> None:
    """Approve a recorded basis (批准); the database refuses whoever recorded it."""
    row = queries.basis_for(by, basis)
    if by.person is None or by.person == row.requested_by:
        raise Refused("登记人不能批准自己的登记，请由另一人批准。")
    open_rows = NamedListBasis.objects.filter(pk=row.pk, approved_by__isnull=True, ended_at__isnull=True)
    try:
        with transaction.atomic():
            done = open_rows.update(approved_by=by.person, approved_at=at or clock.now())
    except IntegrityError:
        raise Refused("登记人不能批准自己的登记，请由另一人批准。") from None
    if not done:
        raise Refused("这份依据已经批准或者终止。")
    _tell(row, "points.list_approved", by, at)


@transaction.atomic
def end_list(*, basis: int, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """End a basis before its time (提前终止); the list is gone at once."""
    row = queries.basis_for(by, basis)
    reason = _said(reason, "reason", 4, "请写明终止的原因（至少 4 个字）。")
    if not NamedListBasis.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=at or clock.now()):
        raise Refused("这份依据已经终止。")
    _tell(row, "points.list_ended", by, at, reason=reason)
