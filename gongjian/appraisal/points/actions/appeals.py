"""Deeds on appeals (申诉): raise, withdraw, ask the level above, decide.

Whoever decides is neither the appellant nor the one who recorded what is appealed, and the second instance is another
person than the first; the database refuses it as well. An upheld appeal records its correcting fact in the same
transaction. DOMAIN 5: within the posting period, the branch re-checks in so many working days, the level above is final.
"""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.actions.by_hand import take_back
from gongjian.appraisal.points.models import Appeal, Close, Entry
from gongjian.appraisal.points.queries import appeals, closing
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import add_working_days, working_days_between
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices.actions import tell
from gongjian.records.people import queries as people

LEAST_WORDS = 8


def _said(text: str, field: str, message: str) -> str:
    text = text.strip()
    if len(text) < LEAST_WORDS:
        raise Invalid(message, field=field)
    return text[:1000]


def _close_of(person: int, on: dt.date, day: dt.date) -> Close:
    """The closed period that holds a day and may be appealed today, the posted one first."""
    for row in closing.open_for_appeals(person, day):
        first, last = clock.period_bounds(row.period)
        if first <= on <= last:
            return row
    raise Refused(_("这一天所在的时段没有在公示，不能申诉。公示期内可以在“我的积分”里提出。"), field="on")


@transaction.atomic
def raise_appeal(
    *, rule: str, text: str, by: Actor, fact: int | None = None, on: dt.date | None = None, evidence: str = "",
    at: dt.datetime | None = None,
) -> Appeal:  # fmt: skip
    """Appeal one of one's own entries (`fact` and `rule`), or something missing (`rule` and the day `on`).

    Only while the period is posted; the same thing again is the same appeal. Raises Invalid for an unknown entry or rule.
    """
    by.require("points.view_own")
    if by.person is None:
        raise Forbidden(_("申诉由本人提出。"))
    moment = at or clock.now()
    today = clock.day_of(moment)
    scorer = None
    if fact is not None:
        entry = Entry.objects.filter(fact=fact, rule=rule, subject_kind="person", subject=by.person).first()
        if entry is None:
            raise Invalid(_("没有找到您的这条积分。"), field="rule")
        on, scorer = entry.day, Fact.objects.values_list("by", flat=True).get(pk=fact)
        scorer = None if scorer == by.person else scorer
    elif on is None or on > today:
        raise Invalid(_("请填写事情发生的日期，不能晚于今天。"), field="on")
    elif rule not in {entry.id for entry in appeals.missable_rules(on)}:
        raise Invalid(_("请选择当天有效的积分规则。"), field="rule")
    close = _close_of(by.person, on, today)
    text = _said(text, "text", _("请写清楚申诉的理由（至少 8 个字）。"))
    frame = policy.on(today).points.frame
    row = Appeal(
        person_id=by.person, org=close.org, close=close, fact=fact, rule=rule, on=on, text=text,
        evidence=evidence.strip()[:300], scorer=scorer, raised_at=moment,
        due_on=add_working_days(today, frame.appeal_working_days, policy.on(today)),
    )  # fmt: skip
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return appeals.same_as(row)
    facts.record(
        "points.appealed", by=by, at=moment, person=by.person, org=row.org_id, obj=Ref.of("appeal", row.pk),
        data={"rule": rule, "about": fact, "on": on.isoformat(), "period": close.period}, source=f"appeal:{row.pk}:raised",
    )  # fmt: skip
    _tell_reviewers(row, _("有一件积分申诉等您复核"), moment)
    return row


def _tell_reviewers(row: Appeal, title: str, moment: dt.datetime) -> None:
    org = row.org if row.state == "first" else row.org.parent
    told = set(people.officers_who_may(org, "points.review_appeals")) if org else set()
    tell(
        people=told - {row.person_id, row.scorer, row.first_by}, kind="points", title=title,
        body=_("%(org)s，期限 %(day)s。") % {"org": row.org.name, "day": row.due_on},
        link=reverse("points:appeal", args=[row.pk]), key=f"appeal:{row.pk}:{row.state}", at=moment,
    )  # fmt: skip


@transaction.atomic
def withdraw(*, appeal: int, by: Actor, at: dt.datetime | None = None) -> None:
    """Take one's own appeal back before it is decided (撤回申诉)."""
    row = appeals.own(by, appeal)
    moment = at or clock.now()
    if not Appeal.objects.filter(pk=row.pk, state__in=Appeal.OPEN).update(state="withdrawn", decided_at=moment):
        raise Refused(_("申诉已经决定或者撤回。"))
    facts.record(
        "points.appeal_withdrawn", by=by, at=moment, person=row.person_id, org=row.org_id, obj=Ref.of("appeal", row.pk),
        source=f"appeal:{row.pk}:withdrawn",
    )  # fmt: skip


@transaction.atomic
def escalate(*, appeal: int, text: str, by: Actor, at: dt.datetime | None = None) -> Appeal:
    """Ask the level above (提请上级复核) within the pack's working days after a rejection; its decision is final."""
    row = appeals.own(by, appeal)
    moment = at or clock.now()
    today = clock.day_of(moment)
    text = _said(text, "text", _("请写清楚不服的理由（至少 8 个字）。"))
    if row.org.parent_id is None:
        raise Refused(_("没有上级党组织。"))
    if row.state == "rejected" and row.escalate_until and today > row.escalate_until:
        raise Refused(_("提请上级复核的期限到 %(day)s 为止。") % {"day": row.escalate_until})
    frame = policy.on(today).points.frame
    due = add_working_days(today, frame.second_working_days, policy.on(today))
    moved = Appeal.objects.filter(pk=row.pk, state="rejected").update(
        state="second", escalated_at=moment, escalated_text=text, due_on=due
    )
    if not moved:
        raise Refused(_("只有支部复核没有成立的，才能提请上级复核一次。"))
    facts.record(
        "points.appeal_escalated", by=by, at=moment, person=row.person_id, org=row.org_id, obj=Ref.of("appeal", row.pk),
        source=f"appeal:{row.pk}:escalated",
    )  # fmt: skip
    row.refresh_from_db()
    _tell_reviewers(row, _("有一件积分申诉提请上级复核"), moment)
    return row


@transaction.atomic
def decide(
    *, appeal: int, upheld: bool, reasons: str, by: Actor, remedy: str = "", points: int | None = None,
    at: dt.datetime | None = None,
) -> Appeal:  # fmt: skip
    """Decide an appeal with reasons (申诉决定): first the branch, then, if asked, the level above for good.

    Upheld, the remedy is recorded at once: `withdraw` takes the appealed entry back, `award` gives `points` more by the
    dimension's own rule, never more than the appealed rule leaves in its period. Raises Refused when somebody was faster.
    """
    row = appeals.get_for(by, appeal, lock=True)
    problem = appeals.why_not(row, by)
    if problem:
        raise Refused(problem) if row.state not in Appeal.OPEN else Forbidden(problem)
    moment = at or clock.now()
    today = clock.day_of(moment)
    reasons = _said(reasons, "reasons", _("请写明查证的情况和理由（至少 8 个字），本人可以看到。"))
    first = row.state == "first"
    began = clock.day_of(row.raised_at if first or row.escalated_at is None else row.escalated_at)
    days = working_days_between(began, today, policy.on(today))
    changes: dict = {
        "decided_at": moment, "working_days": days, "in_time": today <= row.due_on,
        **({"first_by": by.person, "first_at": moment, "first_reasons": reasons} if first
           else {"second_by": by.person, "second_at": moment, "second_reasons": reasons}),
    }  # fmt: skip
    if upheld:
        changes["state"] = "upheld"
        changes["correction"] = _remedy(row, remedy, points, reasons, by, moment).pk
    elif first:
        frame = policy.on(today).points.frame
        changes["state"] = "rejected"
        changes["escalate_until"] = add_working_days(today, frame.escalate_working_days, policy.on(today))
    else:
        changes["state"] = "final"
    try:
        with transaction.atomic():
            moved = Appeal.objects.filter(pk=row.pk, state=row.state).update(**changes)
    except IntegrityError:
        raise Forbidden(_("记分人、申诉人和初次复核的人不能作这个决定。")) from None
    if not moved:
        raise Refused(_("刚刚有人作了决定，请刷新页面。"))
    facts.record(
        "points.appeal_decided", by=by, at=moment, person=row.person_id, org=row.org_id, obj=Ref.of("appeal", row.pk),
        quantity=days, data={"instance": 1 if first else 2, "upheld": upheld, "rule": row.rule, "in_time": changes["in_time"]},
        source=f"appeal:{row.pk}:decided:{1 if first else 2}",
    )  # fmt: skip
    row.refresh_from_db()
    tell(
        people=[row.person_id], kind="points", title=_("您的积分申诉有了决定：%(state)s") % {"state": row.get_state_display()},
        body=reasons[:200], link=reverse("points:my_appeal", args=[row.pk]), key=f"appeal:{row.pk}:{row.state}", at=moment,
    )  # fmt: skip
    return row


def _remedy(row: Appeal, remedy: str, points: int | None, reasons: str, by: Actor, moment: dt.datetime) -> Fact:
    """Record what makes an upheld appeal good."""
    if remedy not in appeals.remedies(row):
        raise Invalid(_("请选择怎样更正。"), field="remedy")
    if remedy == "withdraw":
        return take_back(fact=row.fact, reason=reasons[:200], by=by, at=moment)
    most = appeals.most_to_award(row)
    if most <= 0:
        raise Refused(_("这条规则在当期已到封顶，不能再补记。"), field="points")
    if points is None or not 1 <= points <= most:
        raise Invalid(_("补记的分数应在 1 到 %(most)d 之间（原规则当期还能得的分）。") % {"most": most}, field="points")
    pack = policy.on(row.on)
    rule = queries.rule_of(pack, row.rule)
    dimension = rule.dimension if rule else ""
    if appeals.upheld_rule(pack, dimension, row.on) is None:
        raise Refused(_("当天的政策包没有这一维度的申诉补记规则，请联系管理员。"))
    return facts.record(
        "points.awarded", by=by, at=clock.at_time(row.on, 12), person=row.person_id, org=row.org_id,
        obj=Ref.of("appeal", row.pk), quantity=points, source=f"appeal:{row.pk}:correction",
        data={"upheld": dimension, "for_rule": row.rule, "reason": reasons[:200], "evidence": _("申诉决定 %(n)d 号") % {"n": row.pk}},
    )  # fmt: skip
