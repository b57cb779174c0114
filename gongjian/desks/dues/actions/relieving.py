"""减免与约定: the branch studies a hardship and the committee above approves; the branch agrees to other ways of paying."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.dues import queries, rules
from gongjian.desks.dues.actions.charging import refresh
from gongjian.desks.dues.actions.collecting import tell_consent
from gongjian.desks.dues.models import Consent, Relief
from gongjian.desks.dues.sealed import seal_text
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.orgs.models import Organisation


def month_text(text: str, field: str) -> str:
    """A month as text; Invalid otherwise."""
    try:
        if clock.per_of(text) == "month":
            return text
    except ValueError:
        pass
    raise Invalid(_("月份应写成 2026-01 的样子。"), field=field)


@transaction.atomic
def ask_relief(
    *, person: int, org: Organisation, starts: str, ends: str, amount: int, reason: str, studied_on: dt.date, by: Actor,
    at: dt.datetime | None = None,
) -> Relief:  # fmt: skip
    """The branch has studied a hardship and asks the committee above (DOMAIN 3.3.5). `amount`: fen a month, 0 = 免交."""
    by.require("dues.assess", org)
    moment = at or clock.now()
    queries.member_of(org, person)
    starts, ends = month_text(starts, "starts"), month_text(ends, "ends")
    most = queries.dues_on().relief.at_most_months
    if ends < starts:
        raise Invalid(_("止月早于起月。"), field="ends")
    if rules.relief_months(starts, ends) > most:
        raise Invalid(_("一次最多批准 %(most)d 个月，到期可以再报。") % {"most": most}, field="ends")
    if studied_on > clock.day_of(moment):
        raise Invalid(_("支部研究的日期不能晚于今天。"), field="studied_on")
    if amount < 0:
        raise Invalid(_("金额不对，请核对。"), field="amount")
    usual = queries.assessment_of(person, starts)
    if usual is not None and amount >= usual.amount:
        raise Invalid(_("减为的金额应少于核定的金额。"), field="amount")
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明困难情况。"), field="reason")
    if org.parent_id is None:
        raise Refused(_("没有上级组织可以批准。"))
    try:
        with transaction.atomic():
            row = Relief.objects.create(
                person_id=person, org=org, starts=starts, ends=ends, amount=amount, reason_sealed=seal_text(reason.strip()),
                studied_on=studied_on, asked_by=by.person, asked_at=moment,
            )  # fmt: skip
    except IntegrityError:
        raise Refused(_("这名党员已经有一项减免等待批准。")) from None
    facts.record(
        "dues.relief_asked", by=by, at=moment, person=person, org=org.pk, obj=Ref.of("dues_relief", row.pk),
        data={"from": starts, "until": ends}, source=f"dues:relief:{row.pk}:asked",
    )  # fmt: skip
    return row


@transaction.atomic
def decide_relief(
    *, relief: Relief, approve: bool, answer: str, by: Actor, on: dt.date | None = None, at: dt.datetime | None = None
) -> Relief:
    """The next higher committee approves or refuses; nobody decides on what one has asked for or on oneself."""
    by.require("dues.approve", relief.org.parent)
    moment = at or clock.now()
    if by.person is not None and by.person in (relief.asked_by, relief.person_id):
        raise Refused(_("自己上报的或者本人的减免，请由别人批复。"))
    if not approve and len(answer.strip()) < 2:
        raise Invalid(_("不批准的，请写明理由。"), field="answer")
    done = Relief.objects.filter(pk=relief.pk, state="asked").update(
        state="approved" if approve else "refused", decided_by=by.person, decided_on=on or clock.day_of(moment),
        answer=answer.strip()[:200],
    )  # fmt: skip
    if not done:
        raise Refused(_("这项减免已经批复。"))
    facts.record(
        "dues.relief_decided", by=by, at=moment, person=relief.person_id, org=relief.org_id,
        obj=Ref.of("dues_relief", relief.pk), data={"accepted": approve, "from": relief.starts, "until": relief.ends},
        source=f"dues:relief:{relief.pk}:decided",
    )  # fmt: skip
    if approve:
        refresh(relief.person_id, relief.starts, by=by, at=moment)
    readers = {person for person in (relief.person_id, relief.asked_by) if person}
    notices.tell(
        people=readers, kind="dues", title=_("党费减免已批准") if approve else _("党费减免没有批准"), body=answer.strip(),
        link="/dues/mine/", key=f"dues:relief:{relief.pk}", at=moment,
    )  # fmt: skip
    relief.refresh_from_db()
    return relief


@transaction.atomic
def end_relief(*, relief: Relief, last: str, by: Actor, at: dt.datetime | None = None) -> Relief:
    """End a relief early, with its last month (恢复正常交纳): by the branch or the committee above."""
    if not by.may_at("dues.approve", relief.org.parent):
        by.require("dues.assess", relief.org)
    last = month_text(last, "last")
    if not relief.starts <= last < relief.ends:
        raise Invalid(_("最后一个月应在减免期内。"), field="last")
    if not Relief.objects.filter(pk=relief.pk, state="approved").update(state="ended", ends=last):
        raise Refused(_("这项减免没有生效，或者已经终止。"))
    facts.record(
        "dues.relief_ended", by=by, at=at, person=relief.person_id, org=relief.org_id, obj=Ref.of("dues_relief", relief.pk),
        data={"until": last}, source=f"dues:relief:{relief.pk}:ended",
    )  # fmt: skip
    refresh(relief.person_id, rules.month_of(clock.add_months(clock.period_bounds(last)[0], 1)), by=by, at=at)
    relief.refresh_from_db()
    return relief


@transaction.atomic
def ask_consent(*, kind: str, by: Actor, reason: str, through: str = "", at: dt.datetime | None = None) -> Consent:
    """A member asks to pay by the quarter, or through a relative or another member (DOMAIN 3.3.3); until the year's end."""
    by.require("dues.pay_own")
    mine = queries.own_membership(by)
    if mine is None or not by.person:
        raise Forbidden(_("目前没有组织关系。"))
    moment = at or clock.now()
    if kind not in dict(Consent.KINDS):
        raise Invalid(_("没有这种约定。"), field="kind")
    if kind == "other" and len(through.strip()) < 2:
        raise Invalid(_("请写明由谁代交。"), field="through")
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    month = clock.month_of(clock.day_of(moment))
    known = Consent.objects.filter(person=by.person, kind=kind, ends__gte=month).exclude(state="refused").first()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return Consent.objects.create(
                person_id=by.person, org=mine.org, kind=kind, through=through.strip()[:60], starts=month,
                ends=f"{month[:4]}-12", reason=reason.strip()[:200], asked_at=moment,
            )  # fmt: skip
    except IntegrityError:
        return Consent.objects.exclude(state="refused").get(person=by.person, kind=kind, starts=month)


@transaction.atomic
def answer_consent(*, consent: Consent, agree: bool, by: Actor, at: dt.datetime | None = None) -> None:
    """The branch agrees or not."""
    by.require("dues.collect", consent.org)
    done = Consent.objects.filter(pk=consent.pk, state="asked").update(
        state="given" if agree else "refused", given_by=by.person
    )
    if not done:
        raise Refused(_("这项申请已经答复。"))
    consent.refresh_from_db()
    if agree:
        tell_consent(consent, by=by, at=at)
    notices.tell(
        people=[consent.person_id], kind="dues", link="/dues/mine/", key=f"dues:consent:{consent.pk}", at=at,
        title=(_("支部同意：%(what)s") if agree else _("支部没有同意：%(what)s")) % {"what": consent.get_kind_display()},
    )  # fmt: skip
