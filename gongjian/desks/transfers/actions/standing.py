"""Decisions on 党籍: the branch proposes, its meeting decides, the higher organisation approves. Never the system."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.staying import people_current
from gongjian.desks.transfers.actions.steps import words
from gongjian.desks.transfers.models import Contact, StandingCase, Stay
from gongjian.desks.transfers.queries import moving, watching
from gongjian.desks.transfers.states import APPROVED, CASES, DECIDED
from gongjian.engines.voting import rules as voting
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.transfers_schema import Proceeding
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.notices.jobs import officers
from gongjian.records.people import actions as people
from gongjian.records.people.models import Membership, Person


def ref(case: StandingCase) -> Ref:
    """The Ref of a case."""
    return Ref.of("standing_case", case.pk)


def earliest(what: Proceeding, member: Membership, stay_since: dt.date | None) -> dt.date | None:
    """From when a proceeding may be proposed; None: at once. Refused where what must come before has not happened."""
    table = policy.current().transfers.standing
    if what.after == "lost":
        if member.lost_since is None:
            raise Refused(_("没有登记为失去联系，请先登记失去联系的日期。"), field="kind")
        return rules.stop_possible_from(member.lost_since, table)
    if what.after == "stopped":
        if member.state != "stopped":
            raise Refused(_("没有停止党籍，不能办理“%(what)s”。") % {"what": what.title}, field="kind")
        if what.effect == "restore":
            return None
        return rules.removal_possible_from(member.state_since or clock.today(), table)
    if what.after == "abroad":
        if stay_since is None:
            raise Refused(_("没有登记为出国（境），请先做流动党员登记。"), field="kind")
        return rules.abroad_stop_possible_from(stay_since, table)
    if what.after == "warned":
        warned = StandingCase.objects.filter(person=member.person_id, state__in=(APPROVED, "finished")).filter(
            kind__in=[one.id for one in policy.current().transfers.proceedings if one.effect == "warn"]
        )
        if not warned.exists():
            raise Refused(_("先要限期改正，限期内没有转变的才能办理“%(what)s”。") % {"what": what.title}, field="kind")
    return None


def check_possible(what: Proceeding, member: Membership) -> dt.date | None:
    """Whether a proceeding can be proposed today; Refused with the day from which it can."""
    if what.probationary_only and member.kind != "probationary":
        raise Refused(_("“%(what)s”只适用于预备党员。") % {"what": what.title}, field="kind")
    abroad = (
        Stay.objects.filter(person=member.person_id, state="away", abroad=True).values_list("since", flat=True).first()
    )
    first = earliest(what, member, abroad)
    if first and clock.today() < first:
        raise Refused(_("要到 %(day)s 才能提出：%(text)s") % {"day": first, "text": what.text}, field="kind")
    if what.effect == "stop":
        if member.state == "stopped":
            raise Refused(_("已经停止党籍。"), field="kind")
        if (
            what.after == "lost"
            and not Contact.objects.filter(person=member.person_id, made=False, on__gte=member.lost_since).exists()
        ):
            raise Refused(_("还没有查找的记录：要“通过各种方式查找”之后才能提出，请先登记。"), field="kind")
    return first


@transaction.atomic
def propose(
    *, person: Person, by: Actor, kind: str, finding: str, until: dt.date | None = None, at: dt.datetime | None = None
) -> StandingCase:
    """The branch puts it before its meeting, with what it has found itself. Raises Refused before the time has come."""
    member = people_current(person)
    by.require("transfers.care", member.org)
    what = policy.current().transfers.proceedings.get(kind)
    if what is None:
        raise Invalid(_("没有这个事项。"), field="kind")
    check_possible(what, member)
    if what.effect == "warn":
        last = rules.correction_ends_by(clock.today(), policy.current().transfers.standing)
        if until is None or not clock.today() < until <= last:
            raise Invalid(_("改正期限应在今天之后，最迟到 %(day)s。") % {"day": last}, field="until")
    else:
        until = None
    case = StandingCase(
        person=person, org=member.org, kind=kind, finding=words(finding, "finding", 4), until=until,
        since=member.lost_since if what.after == "lost" else member.state_since if what.after == "stopped" else None,
        proposed_at=at or clock.now(), proposed_by=by.person,
    )  # fmt: skip
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("%(name)s已有一件党籍处理正在办理。") % {"name": person.name}, field="person") from None
    facts.record(
        "standing.proposed", by=by, at=at, person=person.pk, org=member.org_id, obj=ref(case), data={"what": kind}
    )
    return case


@transaction.atomic
def decide(
    *, case: StandingCase, by: Actor, meeting_on: dt.date, entitled: int, present: int, yes: int, no: int,
    abstain: int = 0, at: dt.datetime | None = None,
) -> StandingCase:  # fmt: skip
    """Record what the branch meeting decided: half of those with a vote present, more than half of them in favour (1.4)."""
    case = watching.case_for(by, case.pk, lock=True)
    if not clock.day_of(case.proposed_at) <= meeting_on <= clock.today():
        raise Invalid(_("会议日期应在提出之后、今天之前。"), field="meeting_on")
    if min(entitled, present, yes, no, abstain) < 0 or present > entitled or yes + no + abstain > present:
        raise Invalid(_("票数对不上：实到不能多于应到，票数合计不能多于实到。"), field="yes")
    if not voting.quorum("half_or_more", present, entitled):
        raise Invalid(_("有表决权的党员到会不足半数，会议不能作决定。"), field="present")
    passed = voting.passes(yes, entitled, present, "due")
    committee = moving.committee_of(case.org)
    changes = {
        "meeting_on": meeting_on, "entitled": entitled, "present": present, "yes": yes, "no": no, "abstain": abstain,
        "approver": committee if passed else None,
    }  # fmt: skip
    data = {
        "what": case.kind,
        "on": meeting_on.isoformat(),
        "entitled": entitled,
        "present": present,
        "yes": yes,
        "no": no,
    }
    CASES.move(case, "decide" if passed else "fail", by=by, at=at, person=case.person_id, changes=changes, data=data)
    if passed and committee:
        notices.tell(
            people=officers({committee.pk}, clock.today()).get(committee.pk, set()), kind="standing", at=at,
            title=_("“%(org)s”报来一件党籍处理，待批准") % {"org": case.org.name},
            link=reverse("transfers:case", args=[case.pk]), key=f"case:{case.pk}:decided",
        )  # fmt: skip
    return case


@transaction.atomic
def approve(*, case: StandingCase, by: Actor, on: dt.date, number: str, at: dt.datetime | None = None) -> StandingCase:
    """The higher organisation approves; only now the 党籍 changes, on the day of the approval."""
    case = watching.case_for(by, case.pk, lock=True)
    _check_higher(case, by)
    if case.meeting_on and not case.meeting_on <= on <= clock.today():
        raise Invalid(_("批准日期应在支部大会之后、今天之前。"), field="on")
    number = words(number, "number")[:60]
    what = policy.current().transfers.proceedings[case.kind]
    member = people_current(case.person)
    reason = f"{what.title}，{number}"
    barred = None
    CASES.move(
        case, "approve", by=by, at=at, person=case.person_id, data={"what": case.kind, "on": on.isoformat()},
        changes={"approved_on": on, "approval_number": number},
    )  # fmt: skip
    if member.org_id != case.org_id:
        raise Refused(_("组织关系已经转走，不能在原支部处理。"))
    if what.effect == "stop":
        people.stop(person=case.person, by=by, on=on, reason=reason, deed=ref(case), at=at)
    elif what.effect == "restore":
        people.restore(person=case.person, by=by, on=on, reason=reason, deed=ref(case), at=at)
    elif what.effect == "leave":
        barred = people.leave(person=case.person, by=by, on=on, reason=reason, kind=what.leaves, at=at).barred_until
        StandingCase.objects.filter(pk=case.pk).update(barred_until=barred)
        case.barred_until = barred
    notices.tell(
        people=officers({case.org_id}, clock.today()).get(case.org_id, set()), kind="standing", at=at,
        title=_("上级已批准：%(what)s") % {"what": what.title}, link=reverse("transfers:case", args=[case.pk]),
        key=f"case:{case.pk}:approved",
    )  # fmt: skip
    return case


def _check_higher(case: StandingCase, by: Actor) -> None:
    """Approval comes from above the branch: who only leads the branch itself cannot give it."""
    if case.state == DECIDED and case.approver is not None:
        by.require("transfers.approve", case.approver)


@transaction.atomic
def reject(*, case: StandingCase, by: Actor, answer: str, at: dt.datetime | None = None) -> StandingCase:
    """The higher organisation does not approve, with reasons; nothing changes."""
    case = watching.case_for(by, case.pk, lock=True)
    _check_higher(case, by)
    CASES.move(
        case, "reject", by=by, at=at, person=case.person_id, data={"what": case.kind},
        changes={"answer": words(answer, "answer", 4)[:300]},
    )  # fmt: skip
    return case


@transaction.atomic
def drop(*, case: StandingCase, by: Actor, reason: str, at: dt.datetime | None = None) -> StandingCase:
    """The branch takes it back: contact was made again, or it had proper reasons after all."""
    case = watching.case_for(by, case.pk, lock=True)
    CASES.move(
        case, "drop", by=by, at=at, person=case.person_id, data={"what": case.kind},
        changes={"answer": words(reason, "reason")[:300]},
    )  # fmt: skip
    return case


@transaction.atomic
def finish(
    *, case: StandingCase, by: Actor, corrected: bool, result: str, at: dt.datetime | None = None
) -> StandingCase:
    """End a 限期改正: whether the member has corrected it; what follows if not is proposed anew by people."""
    case = watching.case_for(by, case.pk, lock=True)
    if policy.current().transfers.proceedings[case.kind].effect != "warn":
        raise Refused(_("只有限期改正需要了结。"))
    CASES.move(
        case, "finish", by=by, at=at, person=case.person_id, data={"what": case.kind, "corrected": corrected},
        changes={"answer": words(result, "result", 4)[:300]},
    )  # fmt: skip
    return case
