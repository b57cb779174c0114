"""What lets a duty rest: an excuse for one organisation and period, a moratorium for a whole area. One asks, another decides."""

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.standards import judging, rules
from gongjian.appraisal.standards.models import Excuse, Moratorium, Standing
from gongjian.appraisal.standards.wording import period_title
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.schema import Duty, Pack
from gongjian.records import facts
from gongjian.records.notices.actions import tell
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.queries import officers_by_org

SHORTEST = 4  # characters of a reason: "疫情" says too little


def _reason(text: str, field: str) -> str:
    text = text.strip()
    if len(text) < SHORTEST:
        raise Invalid(_("请写清楚情况，至少%(n)d个字。") % {"n": SHORTEST}, field=field)
    return text[:1000]


def _duty(pack: Pack, ident: str) -> Duty:
    found = next((duty for duty in pack.duties if duty.id == ident), None)
    if found is None:
        raise Refused(_("现行政策包里没有这项规定动作。"))
    return found


def _tell_excuse(excuse: Excuse, kind: str, by: Actor, at: dt.datetime) -> None:
    facts.record(
        kind, by=by, at=at, org=excuse.org_id, obj=Ref("standing", f"{excuse.org_id}/{excuse.period}"),
        data={"duty": excuse.duty, "period": excuse.period}, source=f"excuse:{excuse.pk}:{kind}",
    )  # fmt: skip


def _judge_again(excuse: Excuse, at: dt.datetime) -> None:
    today = clock.day_of(at)
    pack = policy.on(today)
    judging.judge(
        pack=pack, duty=_duty(pack, excuse.duty), periods=(), today=today, cells=[(excuse.org_id, excuse.period)]
    )


def above(org: Organisation, duty: Duty) -> Organisation | None:
    """The organisation to which an excuse goes: the one above along the line by which the duty is reported."""
    return org.parent if duty.escalate_to == "parent" or org.territory is None else org.territory


@transaction.atomic
def ask_excuse(*, org: Organisation, duty: str, period: str, reason: str, by: Actor, at: dt.datetime | None = None) -> Excuse:  # fmt: skip
    """Ask the level above to let the organisation off a duty in one period (申请免除).

    Refused when nothing is asked of it there, when it is kept already, or when a request stands. Needs standards.excuse.
    """
    by.require("standards.excuse", org)
    moment = at or clock.now()
    pack = policy.on(clock.day_of(moment))
    found = _duty(pack, duty)
    judging.take_turn()
    row = Standing.objects.filter(org=org, duty=duty, period=period).first()
    if row is None or row.state not in Standing.OPEN:
        raise Refused(_("这一项在这个周期没有要完成的，不用申请免除。"))
    text = _reason(reason, "reason")
    try:
        with transaction.atomic():
            excuse = Excuse.objects.create(
                org=org, duty=duty, period=period, reason=text, asked_by=by.person, asked_at=moment
            )
    except IntegrityError:
        raise Refused(_("这一项已经有一份申请，请先看它的批复。")) from None
    _tell_excuse(excuse, "excuse.asked", by, moment)
    target = above(org, found)
    if target is not None:
        people = officers_by_org([target.pk], "standards.decide", day=clock.day_of(moment))
        tell(
            people=people.get(target.pk, ()), kind="excuse", key=f"excuse:{excuse.pk}", at=moment,
            title=_("“%(org)s”申请免除：%(what)s") % {"org": org.name, "what": found.short},
            body=_("%(period)s。请批复。") % {"period": period_title(period)},
            link=reverse("standards:excuse", args=[excuse.pk]),
        )  # fmt: skip
    return excuse


def may_decide(excuse: Excuse, by: Actor) -> bool:
    """Whether this actor decides: standards.decide over the level above, and not who asked."""
    duty = next((duty for duty in policy.current().duties if duty.id == excuse.duty), None)
    target = duty and above(excuse.org, duty)
    return bool(
        target and by.may_at("standards.decide", target) and (by.person is None or by.person != excuse.asked_by)
    )


@transaction.atomic
def decide_excuse(
    *, excuse: Excuse, approve: bool, answer: str, by: Actor, at: dt.datetime | None = None
) -> Excuse:  # fmt: skip
    """Approve or refuse, with reasons either way (批复). Of two at once one wins; who asked never decides."""
    moment = at or clock.now()
    judging.take_turn()
    if not may_decide(excuse, by):
        raise Forbidden(_("由上一级党组织的其他人批复。"))
    text = _reason(answer, "answer")
    state = "approved" if approve else "refused"
    changed = Excuse.objects.filter(pk=excuse.pk, state="asked").update(
        state=state, decided_by=by.person, decided_at=moment, answer=text
    )
    if not changed:
        raise Refused(_("这份申请已经有结果了。"))
    excuse.refresh_from_db()
    _tell_excuse(excuse, "excuse.approved" if approve else "excuse.refused", by, moment)
    _judge_again(excuse, moment)
    _tell_asker(excuse, _("免除申请已批复"), moment, f"excuse:{excuse.pk}:{state}")
    return excuse


def _tell_asker(excuse: Excuse, title: str, moment: dt.datetime, key: str) -> None:
    if excuse.asked_by:
        tell(
            people=[excuse.asked_by], kind="excuse", key=key, at=moment, title=title,
            body=period_title(excuse.period), link=reverse("standards:excuse", args=[excuse.pk]),
        )  # fmt: skip


@transaction.atomic
def withdraw_excuse(*, excuse: Excuse, reason: str, by: Actor, at: dt.datetime | None = None) -> Excuse:
    """Take a request back (撤回), or, by the level above, an approval: the duty is judged again at once."""
    moment = at or clock.now()
    judging.take_turn()
    from_above = may_decide(excuse, by)
    if not from_above:
        by.require("standards.excuse", excuse.org)
    text = _reason(reason, "reason") if from_above else reason.strip()[:1000]
    changed = Excuse.objects.filter(pk=excuse.pk, state__in=("asked", "approved")).update(
        state="withdrawn", ended_at=moment
    )
    if not changed:
        raise Refused(_("这份申请已经了结，不用撤回。"))
    if text:
        Excuse.objects.filter(pk=excuse.pk).update(answer=f"{excuse.answer} {text}".strip())
    excuse.refresh_from_db()
    _tell_excuse(excuse, "excuse.withdrawn", by, moment)
    _judge_again(excuse, moment)
    if from_above:
        _tell_asker(excuse, _("免除已撤销，仍须完成"), moment, f"excuse:{excuse.pk}:withdrawn")
    return excuse


# ---- moratoria --------------------------------------------------------------------------------------------------------


def _tell_moratorium(row: Moratorium, kind: str, by: Actor, at: dt.datetime) -> None:
    facts.record(
        kind, by=by, at=at, org=row.org_id, obj=Ref("organisation", str(row.org_id)),
        data={"duties": row.duties, "from": row.starts_on.isoformat(), "to": row.ends_on.isoformat()},
        source=f"moratorium:{row.pk}:{kind}",
    )  # fmt: skip


@transaction.atomic
def declare_moratorium(
    *, org: Organisation, duties: Iterable[str], starts_on: dt.date, ends_on: dt.date, basis: str, by: Actor,
    at: dt.datetime | None = None,
) -> Moratorium:  # fmt: skip
    """Let duties rest below an organisation from one day to another, once somebody else has approved it (提出暂缓)."""
    by.require("standards.suspend", org)
    moment = at or clock.now()
    known = {duty.id for duty in policy.on(clock.day_of(moment)).duties}
    chosen = sorted(set(duties))
    if not chosen or set(chosen) - known:
        raise Invalid(_("请从现行的规定动作里选。"), field="duties")
    if ends_on < starts_on:
        raise Invalid(_("止日不能早于起日。"), field="ends_on")
    if (ends_on - starts_on).days > 366:
        raise Invalid(_("一次最多暂缓一年，需要更长的到时再提。"), field="ends_on")
    row = Moratorium.objects.create(
        org=org, duties=chosen, starts_on=starts_on, ends_on=ends_on, basis=_reason(basis, "basis"),
        declared_by=by.person, declared_at=moment,
    )  # fmt: skip
    _tell_moratorium(row, "moratorium.declared", by, moment)
    return row


@transaction.atomic
def decide_moratorium(
    *, moratorium: Moratorium, approve: bool, answer: str, by: Actor, at: dt.datetime | None = None
) -> Moratorium:  # fmt: skip
    """Approve or refuse a moratorium; not who declared it. Approved, all it covers is judged again at once."""
    by.require("standards.suspend", moratorium.org)
    moment = at or clock.now()
    if by.person is not None and by.person == moratorium.declared_by:
        raise Refused(_("由提出人以外的人批准。"))
    text = _reason(answer, "answer") if not approve else answer.strip()[:1000]
    judging.take_turn()
    state = "approved" if approve else "refused"
    changed = Moratorium.objects.filter(pk=moratorium.pk, state="declared").update(
        state=state, decided_by=by.person, decided_at=moment, answer=text
    )
    if not changed:
        raise Refused(_("这份暂缓已经有结果了。"))
    moratorium.refresh_from_db()
    _tell_moratorium(moratorium, "moratorium.approved" if approve else "moratorium.refused", by, moment)
    if approve:
        _judge_covered(moratorium, moratorium.ends_on, moment)
    return moratorium


@transaction.atomic
def end_moratorium(
    *, moratorium: Moratorium, on: dt.date, by: Actor, at: dt.datetime | None = None
) -> Moratorium:  # fmt: skip
    """End an approved moratorium early: `on` is its new last day; what it covers no longer is judged again at once."""
    by.require("standards.suspend", moratorium.org)
    moment = at or clock.now()
    judging.take_turn()
    before = moratorium.ends_on
    if on >= before or on < moratorium.starts_on:
        raise Invalid(_("新的止日应在起日和原来的止日之间。"), field="on")
    changed = Moratorium.objects.filter(pk=moratorium.pk, state="approved", ends_on=before).update(
        ends_on=on, ended_by=by.person, ended_at=moment
    )
    if not changed:
        raise Refused(_("这份暂缓刚刚有变动，请刷新页面后再试。"))
    moratorium.refresh_from_db()
    _tell_moratorium(moratorium, "moratorium.ended", by, moment)
    _judge_covered(moratorium, before, moment)
    return moratorium


def _judge_covered(moratorium: Moratorium, until: dt.date, moment: dt.datetime) -> None:
    today = clock.day_of(moment)
    pack = policy.on(today)
    for duty in pack.duties:
        if duty.id in moratorium.duties:
            periods = rules.periods_between(moratorium.starts_on, until, duty.per)
            judging.judge(pack=pack, duty=duty, periods=periods, today=today)
