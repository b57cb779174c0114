"""What the higher organisation answers, what is reported to it, and what takes effect by its approval."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.elections import queries, rules
from gongjian.desks.elections.models import Contest, Election, TermShift
from gongjian.desks.elections.states import CONFIRMED, FLOW, REPORTED, SHIFT_FLOW
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs import actions as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people.models import Appointment


def _above(election: Election, by: Actor) -> Election:
    """The election, locked, for somebody of the higher organisation: nobody approves their own."""
    election = queries.get_for(by, election.pk, lock=True)
    by.require("elections.approve", election.org.parent)
    return election


def _note(text: str, field: str = "note") -> str:
    text = text.strip()
    if len(text) < 2:
        raise Invalid(_("请写明批复文号或意见。"), field=field)
    return text[:200]


@transaction.atomic
def allow(*, election: Election, note: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """The higher organisation allows the election (批准选举)."""
    election, note = _above(election, by), _note(note)
    FLOW.move(election, "allow", by=by, at=at, data={"note": note}, changes={"allowed_note": note})
    return election


@transaction.atomic
def return_request(*, election: Election, reason: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """The request goes back with what is to be mended (退回请示)."""
    return _return(_above(election, by), "return_request", reason, by, at)


@transaction.atomic
def accept_candidates(*, election: Election, note: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """The higher organisation agrees to the candidates (批复候选人预备人选)."""
    election, note = _above(election, by), _note(note)
    FLOW.move(election, "accept", by=by, at=at, data={"note": note}, changes={"accepted_note": note})
    return election


@transaction.atomic
def return_candidates(*, election: Election, reason: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """The candidates go back (退回候选人)."""
    return _return(_above(election, by), "return_candidates", reason, by, at)


@transaction.atomic
def return_result(*, election: Election, reason: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """The result goes back (退回结果), for instance because a secretary is not approved."""
    return _return(_above(election, by), "return_result", reason, by, at)


def _return(election: Election, move: str, reason: str, by: Actor, at: dt.datetime | None) -> Election:
    reason = _note(reason, "reason")
    FLOW.move(election, move, by=by, at=at, data={"step": move, "reason": reason}, changes={"return_reason": reason})
    return election


@transaction.atomic
def report(*, election: Election, by: Actor, at: dt.datetime | None = None) -> Election:
    """Report the result: members for filing, secretary and deputy for approval (报告选举结果)."""
    election = queries.get_for(by, election.pk, lock=True)
    data = {"on": election.held_on.isoformat()} if election.held_on else {}
    FLOW.move(election, "report", by=by, at=at, data=data, changes={"return_reason": ""})
    return election


@transaction.atomic
def withdraw_report(*, election: Election, by: Actor, at: dt.datetime | None = None) -> Election:
    """Take the report back before it is answered (撤回报告)."""
    election = queries.get_for(by, election.pk, lock=True)
    FLOW.move(election, "withdraw_report", by=by, at=at)
    return election


@transaction.atomic
def confirm(
    *, election: Election, note: str, by: Actor, on: dt.date | None = None, at: dt.datetime | None = None
) -> Election:
    """The higher organisation approves (批复): old posts end, new ones begin, a new term begins with the meeting's day.

    Posts begin on the day of the approval. Confirming a confirmed election changes nothing.
    """
    election = _above(election, by)
    if election.state == CONFIRMED:
        return election
    note, day = _note(note), on or clock.today()
    if election.state == REPORTED and (day > clock.today() or (election.held_on and day < election.held_on)):
        raise Invalid(_("批复日期应在大会之后、今天之前。"), field="on")
    FLOW.move(
        election, "confirm", by=by, at=at, data={"note": note, "on": day.isoformat()},
        changes={"confirmed_note": note, "confirmed_on": day},
    )  # fmt: skip
    _take_effect(election, day, by)
    return election


def _take_effect(election: Election, day: dt.date, by: Actor) -> None:
    """Posts and term, recorded under who approved, or under the system where they do not manage people or units."""
    org, pack = election.org, policy.on(election.meeting_on)
    staff = by if by.may_at("people.manage", org) else SYSTEM
    posts = {post.id for post in pack.posts if post.committee}
    contests = queries.contests_of(election)
    new = _new_posts(contests)
    # A by-election fills places: it ends nobody's post but that of a secretary whose place it fills.
    replaced = posts if election.kind == "term" else {"secretary"} & {one.post for one in contests}
    why = _("任期届满换届") if election.kind == "term" else _("补选")
    for row in Appointment.objects.filter(org=org, post__in=replaced, ends_on__isnull=True).select_related(
        "org", "person"
    ):
        people.end_appointment(appointment=row, by=staff, on=max(day, row.starts_on), reason=why)
    held = set(Appointment.objects.filter(org=org, ends_on__isnull=True).values_list("person", "post"))
    for person, post in new:
        if (person.pk, post) not in held:
            people.appoint(person=person, org=org, post=post, by=staff, on=day)
    if election.kind == "term":
        years = pack.org_kind(org.kind).term_years or org.term_years
        keeper = by if by.may_at("orgs.manage", org) else SYSTEM
        org = Organisation.objects.get(pk=org.pk)
        orgs.start_term(org=org, by=keeper, on=election.held_on, years=years)


def _new_posts(contests: list[Contest]) -> list[tuple]:
    """(person, post) of all who were elected; secretary and deputy hold their post instead of a plain seat."""
    leading = {row.person_id for one in contests if one.post != "committee_member" for row in one.winners}
    found = []
    for one in contests:
        for row in one.winners:
            if one.post != "committee_member":
                found.append((row.person, one.post))
            elif row.person_id not in leading:
                found.append((row.person, row.duty or one.post))
            elif row.duty:
                found.append((row.person, row.duty))
    return found


# --- putting off (DOMAIN 1.2) -----------------------------------------------------------------------------------
@transaction.atomic
def ask_shift(*, org: Organisation, until: dt.date, reason: str, by: Actor, at: dt.datetime | None = None) -> TermShift:
    """Ask to put the election off (请示延期换届): needs approval, at most the pack's months after the term's end."""
    by.require("elections.run", org)
    end = rules.term_end(org.term_started_on, org.term_years)
    if end is None or org.parent_id is None:
        raise Refused(_("“%(org)s”没有任期，或者没有上级党组织。") % {"org": org.name})
    months = policy.current().settings.terms.may_move_months
    if until <= end or not rules.within_shift(end, until, months):
        raise Invalid(
            _("任期到 %(end)s 届满，延期一般不超过 %(months)s 个月。") % {"end": end, "months": months}, field="until"
        )
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明延期的理由。"), field="reason")
    moment = at or clock.now()
    row = TermShift(
        org=org, term_end=end, until=until, reason=reason.strip()[:300], asked_at=moment, asked_by=by.person
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("已有一项延期请示等待答复。")) from None
    facts.record(
        "election.shift_asked", by=by, at=moment, org=org.pk, obj=Ref.of("term_shift", row.pk),
        data={"end": end.isoformat(), "until": until.isoformat()},
    )  # fmt: skip
    return row


@transaction.atomic
def answer_shift(
    *, shift: TermShift, approve: bool, answer: str, by: Actor, at: dt.datetime | None = None
) -> TermShift:
    """The higher organisation approves or refuses a delay (批复延期)."""
    shift = queries.shift_for(by, shift.pk, lock=True)
    by.require("elections.approve", shift.org.parent)
    answer = _note(answer, "answer")
    SHIFT_FLOW.move(
        shift, "approve" if approve else "refuse", by=by, at=at, changes={"answer": answer},
        data={"until": shift.until.isoformat(), "answer": answer},
    )  # fmt: skip
    return shift
