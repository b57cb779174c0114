"""The meeting: tellers, ballots round by round, who is elected, ties and empty seats, corrections, 分工."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.elections import queries, rules
from gongjian.desks.elections.actions.preparing import check_number, ref, write_candidates
from gongjian.desks.elections.models import Candidate, Contest, Election, Round, Teller
from gongjian.desks.elections.states import ACCEPTED, COMPLETE, ELECTED, FLOW, MEETING
from gongjian.engines.flow.moves import touch
from gongjian.engines.voting import actions as voting
from gongjian.engines.voting import queries as polls
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.policy.rules import size_findings
from gongjian.records import facts

STAGE = {"members": MEETING, "committee": ELECTED}


def _held(election: Election, by: Actor, states: tuple[str, ...]) -> Election:
    election = queries.get_for(by, election.pk, lock=True)
    by.require("elections.run", election.org)
    if election.state not in states:
        raise Refused(_("现在是“%(state)s”，不能这样办。") % {"state": FLOW.word(election.state)})
    return election


@transaction.atomic
def seat_tellers(
    *, election: Election, electorate: str, people: Mapping[int, str], by: Actor, at: dt.datetime | None = None
) -> None:
    """The meeting approves its tellers (通过监票人、计票人): electors who do not stand (选举工作条例); again replaces them.

    `people`: person → chief, teller or counter; one of the first two at least.
    """
    election = _held(election, by, (ACCEPTED, MEETING) if electorate == "members" else (ELECTED,))
    if set(people.values()) - set(dict(Teller.ROLES)) or not {"chief", "teller"} & set(people.values()):
        raise Invalid(_("至少要有一名监票人。"), field="tellers")
    contests = queries.contests_of(election)
    electors = {row.person.pk for row in queries.electors_of(election, contests, electorate, clock.today())}
    standing = {row.person_id for one in contests if one.electorate == electorate for row in one.standing}
    if set(people) & standing:
        raise Invalid(_("候选人不能担任监票人、计票人。"), field="tellers")
    if set(people) - electors:
        raise Invalid(_("监票人、计票人应当从参加选举的人中产生。"), field="tellers")
    Teller.objects.filter(election=election, electorate=electorate).delete()
    Teller.objects.bulk_create(
        Teller(election=election, electorate=electorate, person_id=person, role=role)
        for person, role in sorted(people.items())
    )
    facts.record(
        "election.tellers_approved", by=by, at=at, org=election.org_id, obj=ref(election),
        data={"electorate": electorate, "number": len(people)},
    )  # fmt: skip


@transaction.atomic
def convene(
    *, election: Election, held_on: dt.date, method_passed: bool, by: Actor, at: dt.datetime | None = None
) -> Election:
    """Open the electing meeting (召开选举大会): the method of election is passed and the tellers are approved."""
    election = queries.get_for(by, election.pk, lock=True)
    if election.state == ACCEPTED:
        if not method_passed:
            raise Invalid(_("选举办法须经大会通过。"), field="method_passed")
        if held_on > clock.today():
            raise Invalid(_("大会日期不能晚于今天。"), field="held_on")
        if not Teller.objects.filter(election=election, electorate="members").exists():
            raise Refused(_("监票人、计票人须先经大会通过。"))
    FLOW.move(
        election, "convene", by=by, at=at, data={"on": held_on.isoformat()},
        changes={"held_on": held_on, "method_passed": True},
    )  # fmt: skip
    return election


@transaction.atomic
def start_round(
    *, contest: Contest, by: Actor, electronic: bool = True, people: Iterable[int] = (), at: dt.datetime | None = None
) -> Round:
    """Open the next ballot of a contest (开始投票), for what is left to elect: first, repeated, among the tied, to fill.

    To fill empty seats `people` may name who stands (default: those who stood and were not elected). Names stand by
    strokes of the surname. Raises Refused while a ballot of the contest is open, or when all seats are filled.
    """
    election = _held(contest.election, by, (STAGE[contest.electorate],))
    contests = queries.contests_of(election)
    contest = next(one for one in contests if one.pk == contest.pk)
    purpose = queries.purpose_of(contest)
    if not purpose:
        raise Refused(_("这一项已经选满，或者上一轮投票的结果还没有确认。"))
    if not Teller.objects.filter(election=election, electorate=contest.electorate).exists():
        raise Refused(_("监票人、计票人须先经会议通过。"))
    seats = contest.seats - len(contest.winners)
    if purpose == "fill" and people:
        write_candidates(election, contest, set(people) | {row.person_id for row in contest.winners})
        contest = next(one for one in queries.contests_of(election) if one.pk == contest.pk)
    standing = [row for row in contest.standing if not row.elected_in]
    if purpose == "tie":
        tied = {int(person) for person in contest.last.result["tied"]}
        standing, seats = [row for row in standing if row.person_id in tied], contest.last.result["open"]
    elif purpose == "repeat" and contest.last is not None and contest.last.purpose == "tie":
        again = {int(item["id"]) for item in contest.last.poll.items}
        standing, seats = [row for row in standing if row.person_id in again], contest.last.seats
        purpose = "tie"
    else:
        standing = [row for row in standing if not row.written_in or purpose != "first"]
    if purpose in ("first", "repeat") and not contest.winners:
        check_number(election, contest, len([row for row in contest.standing if not row.written_in]))
    if len(standing) < seats:
        raise Refused(
            _("候选人 %(n)s 人，少于应选的 %(seats)s 人，请先确定候选人。") % {"n": len(standing), "seats": seats}
        )
    number = (contest.last.number if contest.last else 0) + 1
    moment = at or clock.now()
    poll = voting.open_poll(
        org=election.org, subject=ref(election), rule="election", by=by, seats=seats,
        title=_("%(org)s选举%(post)s") % {"org": election.org.name, "post": contest.title}
        + (_("（第 %(n)s 轮）") % {"n": number} if number > 1 else ""),
        items=[{"id": str(row.person_id), "label": row.person.name} for row in standing],
        write_ins=purpose != "tie", base=_base(election, purpose), electronic=electronic, at=moment, left_out_agreed=False,
        voters=queries.electors_of(election, contests, contest.electorate, clock.day_of(moment)),
        key=f"election:{election.pk}:{contest.post}:{number}",
    )  # fmt: skip
    try:
        with transaction.atomic():
            row = Round.objects.create(contest=contest, number=number, purpose=purpose, seats=seats, poll=poll)
    except IntegrityError:
        raise Refused(_("这一轮投票已经开始。")) from None
    facts.record(
        "election.round_opened", by=by, at=moment, org=election.org_id, obj=ref(election),
        data={"post": contest.post, "round": number, "purpose": purpose, "seats": seats},
    )  # fmt: skip
    return row


def _base(election: Election, purpose: str) -> str | None:
    """Those tied had their majority: of them the most votes decide, unless the pack asks for a majority again."""
    again = policy.on(election.meeting_on).elections.filling.revote_needs_majority
    return "none" if purpose == "tie" and not again else None


@transaction.atomic
def settle_round(
    *, round_: Round, by: Actor, names: Mapping[str, int] | None = None, at: dt.datetime | None = None
) -> rules.Decision | None:
    """Take the declared result of a ballot over (确认本轮结果); None if the ballot was void and must be repeated.

    `names`: who is meant by a name written in, where it has enough votes and is not plain. When all posts of the meeting
    are filled, the election moves on. Settling twice answers Refused.
    """
    election = _held(round_.contest.election, by, (STAGE[round_.contest.electorate],))
    contests = queries.contests_of(election)
    contest = next(one for one in contests if one.pk == round_.contest_id)
    round_ = Round.objects.select_for_update(of=("self",)).select_related("poll").get(pk=round_.pk)
    if round_.settled_at is not None or round_.annulled:
        raise Refused(_("这一轮的结果已经确认。"))
    outcome, moment = polls.outcome_of(round_.poll), at or clock.now()
    if round_.poll.state not in ("closed", "void"):
        raise Refused(_("这一轮还没有宣布结果。"))
    if round_.poll.state == "void" or outcome is None or not outcome.valid:
        _settle(round_, {"valid": False, "winners": [], "tied": [], "open": 0, "missing": 0}, moment)
        _tell(election, contest, round_, None, by, moment)
        return None
    votes = {item: outcome.tallies[item].get("yes", 0) for item in round_.poll.item_ids}
    mapped = {name: str(person) for name, person in (names or {}).items()}
    bearers = queries.bearers(round_)
    known = {person for people in bearers.values() for person in people}
    if set(mapped.values()) - known:
        raise Invalid(_("另选的人应当是有被选举权的选举人。"), field="names")
    votes, unknown = rules.merge_write_ins(votes, outcome.write_ins, bearers, mapped)
    needed = outcome.needed
    unclear = [name for name, number in unknown.items() if number >= max(needed, 1)]
    if unclear:
        raise Invalid(
            _("另选的“%(names)s”达到当选票数，请说明是哪一位。") % {"names": "、".join(unclear)}, field="names"
        )
    before = {str(row.person_id) for row in contest.winners}
    decision = rules.decide({name: n for name, n in votes.items() if name not in before}, needed, round_.seats)
    if round_.purpose == "tie" and decision.missing:
        decision = decision._replace(missing=contest.seats - len(before) - len(decision.winners))
    for person in (*decision.winners, *decision.tied):
        Candidate.objects.get_or_create(contest=contest, person_id=int(person), defaults={"written_in": True})
    for person in decision.winners:
        Candidate.objects.filter(contest=contest, person_id=int(person)).update(
            elected_in=round_.number, votes=votes[person]
        )
    _settle(round_, {"valid": True, **decision._asdict(), "votes": votes, "needed": needed}, moment)
    _tell(election, contest, round_, decision, by, moment)
    _move_on(election, by, moment)
    return decision


def _settle(round_: Round, result: dict, moment: dt.datetime) -> None:
    Round.objects.filter(pk=round_.pk).update(settled_at=moment, result=result)


def _tell(
    election: Election, contest: Contest, round_: Round, decision: rules.Decision | None, by: Actor, at: dt.datetime
) -> None:
    numbers = (
        {"winners": len(decision.winners), "tied": len(decision.tied), "missing": decision.missing} if decision else {}
    )
    facts.record(
        "election.round_settled", by=by, at=at, org=election.org_id, obj=ref(election),
        data={"post": contest.post, "round": round_.number, "valid": decision is not None, **numbers},
    )  # fmt: skip


def _move_on(election: Election, by: Actor, at: dt.datetime) -> None:
    """To the committee's first meeting when the members' contests are full, to the end when all are."""
    contests = queries.contests_of(election)
    if all(one.full for one in contests):
        changes = {"committee_on": clock.day_of(at)} if election.state == ELECTED else {}
        FLOW.move(election, "complete", by=by, at=at, changes=changes)
    elif election.state == MEETING and all(one.full for one in contests if one.electorate == "members"):
        FLOW.move(election, "elect", by=by, at=at)


@transaction.atomic
def reduce_seats(*, contest: Contest, agreed: int, by: Actor, at: dt.datetime | None = None) -> Contest:
    """Leave seats empty (减少名额) when the number elected is close to it and over half of the electors agree.

    Never below what the size rules demand (应当). `agreed` is counted at the meeting.
    """
    election = _held(contest.election, by, (STAGE[contest.electorate],))
    contest = next(one for one in queries.contests_of(election) if one.pk == contest.pk)
    if queries.purpose_of(contest) not in ("fill",) or not contest.winners:
        raise Refused(_("投票结果确认之后，当选人少于应选名额时才能减少名额。"))
    due = polls.outcome_of(contest.last.poll).due
    if agreed > due:
        raise Invalid(_("同意的人数不能多于应到会的 %(due)s 人。") % {"due": due}, field="agreed")
    pack, missing = policy.on(election.meeting_on), contest.seats - len(contest.winners)
    why = rules.may_reduce(missing, pack.elections.filling.reduce_missing_at_most, agreed, due)
    if why == "not_close" or contest.post in pack.elections.candidates.single_posts:
        raise Refused(_("还差 %(n)s 名，不接近应选名额，应当另行选举。") % {"n": missing})
    if why:
        raise Refused(_("须有半数以上选举人同意：应到 %(due)s 人，同意 %(n)s 人。") % {"due": due, "n": agreed})
    sizes = {"committee_size": len(contest.winners), "formal_members": election.org.formal_count}
    if election.kind == "term":
        for rule in size_findings(pack.org_kind(election.org.kind), sizes, election.org.level):
            if rule.severity == "block":
                raise Refused(rule.text)
    Contest.objects.filter(pk=contest.pk).update(
        seats=len(contest.winners), reduced_from=contest.seats, agreed_to_reduce=agreed
    )
    moment = at or clock.now()
    facts.record(
        "election.seats_reduced", by=by, at=moment, org=election.org_id, obj=ref(election),
        data={"post": contest.post, "from": contest.seats, "to": len(contest.winners), "agreed": agreed},
    )  # fmt: skip
    _move_on(election, by, moment)
    contest.refresh_from_db()
    return contest


@transaction.atomic
def replace_candidates(*, contest: Contest, people: Iterable[int], note: str, by: Actor) -> None:
    """Name others for a post that the committee elects, when the one agreed upon was not elected into it.

    `note` names the higher organisation's consent.
    """
    election = _held(contest.election, by, (ELECTED,))
    if contest.electorate != "committee":
        raise Refused(_("委员候选人已经批复，不能更换。"))
    if len(note.strip()) < 4:
        raise Invalid(_("请写明上级同意更换候选人的批复。"), field="note")
    touch(election, (ELECTED,), accepted_note=f"{election.accepted_note}；{note.strip()}"[:200])
    write_candidates(election, contest, set(people))


@transaction.atomic
def annul_round(*, round_: Round, reason: str, by: Actor, at: dt.datetime | None = None) -> None:
    """Take a settled result back before it is reported (撤销结果), with the reason; the ballot is then repeated.

    Only the latest round of a contest, and what the committee elected before what the members elected.
    """
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明撤销的原因。"), field="reason")
    election = _held(round_.contest.election, by, (MEETING, ELECTED, COMPLETE))
    contests = queries.contests_of(election)
    contest = next((one for one in contests if one.pk == round_.contest_id), None)
    if contest is None or contest.last is None or contest.last.pk != round_.pk:
        raise NotFound(_("只能撤销最近一轮。"))
    if contest.electorate == "members" and any(
        one.last and not one.last.annulled for one in contests if one.electorate == "committee"
    ):
        raise Refused(_("请先撤销委员会选举书记、副书记的结果。"))
    moment = at or clock.now()
    Candidate.objects.filter(contest=contest, elected_in=round_.number).update(elected_in=None, votes=None, duty="")
    Candidate.objects.filter(contest=contest, written_in=True, elected_in__isnull=True).delete()
    Round.objects.filter(pk=round_.pk).update(annulled=reason[:200])
    if contest.reduced_from:
        Contest.objects.filter(pk=contest.pk).update(
            seats=contest.reduced_from, reduced_from=None, agreed_to_reduce=None
        )
    if round_.poll.state != "void":
        voting.void_poll(poll=round_.poll, reason=reason, by=by, at=moment)
    facts.record(
        "election.round_annulled", by=by, at=moment, org=election.org_id, obj=ref(election),
        data={"post": contest.post, "round": round_.number, "reason": reason[:200]},
    )  # fmt: skip
    if contest.electorate == "members" and election.state in (ELECTED, COMPLETE):
        FLOW.move(election, "reopen_meeting", by=by, at=moment, data={"reason": reason[:200]})
    elif contest.electorate == "committee" and election.state == COMPLETE:
        FLOW.move(election, "reopen_committee", by=by, at=moment, data={"reason": reason[:200]})


@transaction.atomic
def set_duties(*, election: Election, duties: Mapping[int, str], by: Actor) -> None:
    """Divide the work among the elected members (委员分工): organisation, publicity, discipline and others."""
    election = _held(election, by, (ELECTED, COMPLETE))
    pack = policy.on(election.meeting_on)
    single = set(pack.elections.candidates.single_posts)
    allowed = {post.id for post in pack.posts if post.committee and post.id not in single}
    if set(duties.values()) - allowed - {""}:
        raise Invalid(_("没有这种分工。"), field="duties")
    for person, duty in duties.items():
        Candidate.objects.filter(
            contest__election=election, contest__post="committee_member", elected_in__isnull=False, person=person
        ).update(duty=duty)
