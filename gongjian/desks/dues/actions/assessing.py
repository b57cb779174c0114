"""核定: what a member earns is entered by the member or the branch, computed by the pack, and confirmed by the branch.

Incomes are sealed at once; whoever opens them to assess leaves a fact that the member can see.
"""

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.actions.charging import refresh
from gongjian.desks.dues.models import Assessment
from gongjian.desks.dues.sealed import open_income, seal_income
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Dated, Membership


def ref(row: Assessment) -> Ref:
    """The assessment as an object of facts."""
    return Ref.of("dues_assessment", row.pk)


def work_out(category: str, entered: Mapping[str, int], month: str) -> tuple[rules.Computed, str, str]:
    """(what comes out, first month, last month). Raises Invalid in the reader's words, at the component's field."""
    try:
        if clock.per_of(month) != "month":
            raise ValueError(month)
        dues = queries.dues_in(month)
    except ValueError:
        raise Invalid(_("月份应写成 2026-01 的样子。"), field="starts") from None
    found = dues.category(category)
    if found is None:
        raise Invalid(_("没有这个类别。"), field="category")
    try:
        computed = rules.monthly(dues, found, {name: amount for name, amount in entered.items() if amount})
    except rules.Wrong as wrong:
        raise Invalid(str(wrong), field=f"part_{wrong.field}" if wrong.field else None) from None
    starts, ends = rules.span_of(found, month, dues)
    return computed, starts, ends


def _branch_of(person: int) -> Organisation:
    row = Membership.objects.filter(Dated.current_q(clock.today()), person=person).select_related("org").first()
    if row is None:
        raise Refused(_("目前没有组织关系，不能核定党费。"))
    return row.org


def _write(
    person: int, org: Organisation, category: str, entered: Mapping[str, int], starts: str, *, by: Actor, at: dt.datetime,
    note: str, branch: bool, carried: bool = False,
) -> Assessment:  # fmt: skip
    computed, first, last = work_out(category, entered, starts)
    had = queries.assessment_of(person, starts) is not None
    why = rules.may_start(queries.dues_in(starts), month=starts, today=clock.day_of(at), had=had, branch=branch)
    if why:
        raise Refused(_(why), field="starts")
    Assessment.objects.filter(person=person, state="waiting").update(state="replaced", entered_sealed="")
    pack = policy.current()
    try:
        with transaction.atomic():
            return Assessment.objects.create(
                person_id=person, org=org, category=category, starts=first, ends=last, amount=computed.amount,
                entered_sealed=seal_income({name: amount for name, amount in entered.items() if amount}),
                entered_by=by.person, entered_at=at, note=note.strip()[:200], pack=f"{pack.id}@{pack.version}", carried=carried,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("刚刚有人改动过，请刷新页面后再试。")) from None


@transaction.atomic
def enter_income(
    *, category: str, entered: Mapping[str, int], starts: str, by: Actor, note: str = "", at: dt.datetime | None = None
) -> Assessment:
    """A member enters the own income (本人填报), in fen by component; the branch has to confirm. Again replaces what waits."""
    by.require("dues.pay_own")
    if not by.person:
        raise Forbidden(_("只有党员本人可以填报。"))
    moment = at or clock.now()
    org = _branch_of(by.person)
    row = _write(by.person, org, category, entered, starts, by=by, at=moment, note=note, branch=False)
    facts.record("dues.income_entered", by=by, at=moment, person=by.person, org=org.pk, obj=ref(row))
    return row


@transaction.atomic
def see_income(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> dict[str, int]:
    """Open what was entered, in order to assess; the member sees that it was opened, and by whom."""
    by.require("dues.assess", assessment.org)
    if assessment.person_id != by.person:
        facts.record(
            "dues.income_seen", by=by, at=at, person=assessment.person_id, org=assessment.org_id, obj=ref(assessment),
            data={"purpose": "核定党费"},
        )  # fmt: skip
    return open_income(assessment.entered_sealed)


@transaction.atomic
def confirm(*, assessment: Assessment, by: Actor, at: dt.datetime | None = None) -> Assessment:
    """The branch confirms (核定). What held before ends the month before; unpaid months follow the new amount."""
    by.require("dues.assess", assessment.org)
    moment = at or clock.now()
    older = Assessment.objects.filter(
        person=assessment.person_id, state="confirmed", starts__lte=assessment.ends, ends__gte=assessment.starts
    )
    before = rules.month_of(clock.period_bounds(assessment.starts)[0] - dt.timedelta(days=1))
    older.filter(starts__gte=assessment.starts).update(state="replaced")
    older.filter(starts__lt=assessment.starts).update(ends=before)
    done = Assessment.objects.filter(pk=assessment.pk, state="waiting").update(
        state="confirmed", confirmed_by=by.person, confirmed_at=moment
    )
    if not done:
        raise Refused(_("这项填报已经核定、退回或者更换，请刷新页面后再试。"))
    assessment.state = "confirmed"
    facts.record(
        "dues.assessed", by=by, at=moment, person=assessment.person_id, org=assessment.org_id, obj=ref(assessment),
        data={"category": assessment.category, "from": assessment.starts, "until": assessment.ends},
        source=f"dues:assessed:{assessment.pk}",
    )  # fmt: skip
    refresh(assessment.person_id, assessment.starts, by=by, at=moment)
    if assessment.person_id != by.person:
        notices.tell(
            people=[assessment.person_id], kind="dues", title=_("党费已核定"), link="/dues/mine/", at=moment,
            body=_("您每月应交的党费已经核定，可以查看这个数是怎么来的。"), key=f"dues:assessed:{assessment.pk}",
        )  # fmt: skip
    return assessment


@transaction.atomic
def return_income(*, assessment: Assessment, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Send an entry back to the member with a reason (退回)."""
    by.require("dues.assess", assessment.org)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明退回的原因。"), field="reason")
    if not Assessment.objects.filter(pk=assessment.pk, state="waiting").update(
        state="returned", note=reason.strip()[:200]
    ):
        raise Refused(_("这项填报已经核定、退回或者更换，请刷新页面后再试。"))
    notices.tell(
        people=[assessment.person_id], kind="dues", title=_("党费填报已退回"), body=reason.strip(), link="/dues/mine/income/",
        key=f"dues:returned:{assessment.pk}", at=at,
    )  # fmt: skip


@transaction.atomic
def assess(
    *, person: int, org: Organisation, category: str, entered: Mapping[str, int], starts: str, by: Actor, note: str = "",
    at: dt.datetime | None = None, carried: bool = False,
) -> Assessment:  # fmt: skip
    """The branch enters and confirms at once (支部核定), also to re-assess within the year (DOMAIN 3.3.1)."""
    by.require("dues.assess", org)
    queries.member_of(org, person)
    row = _write(
        person, org, category, entered, starts, by=by, at=at or clock.now(), note=note, branch=True, carried=carried
    )
    return confirm(assessment=row, by=by, at=at)


@transaction.atomic
def carry_over(*, org: Organisation, year: int, by: Actor, at: dt.datetime | None = None) -> int:
    """Take last year's assessments over for a year (沿用上年) where a member has none yet; returns how many.

    Only categories that are assessed by the year: others change with what was earned. The amount is computed anew.
    """
    by.require("dues.assess", org)
    first, dues = f"{year}-01", queries.dues_in(f"{year}-01")
    people = set(queries.holders(first, org=org.pk))
    missing = people - set(queries.assessed(first, people))
    count = 0
    rows = Assessment.objects.filter(person__in=missing, state="confirmed", ends=f"{year - 1}-12").order_by("starts")
    for row in {row.person_id: row for row in rows}.values():
        category = dues.category(row.category)
        if category is None or category.assessed_per != "year":
            continue
        assess(
            person=row.person_id, org=org, category=row.category, entered=open_income(row.entered_sealed), starts=first,
            by=by, note=_("沿用上年"), at=at, carried=True,
        )  # fmt: skip
        count += 1
    return count
