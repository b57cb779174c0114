"""Prepare an election, ask leave to hold it, name candidates and send them up."""

import datetime as dt
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.desks.elections import queries, rules
from gongjian.desks.elections.models import Candidate, Contest, Election
from gongjian.desks.elections.states import ALLOWED, FLOW, PREPARING
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.rules import size_findings
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


def ref(election: Election) -> Ref:
    """An election as a Ref."""
    return Ref.of("election", election.pk)


def _check_seats(
    org: Organisation, kind: str, committee_seats: int, secretary: bool, deputies: int, day: dt.date
) -> None:
    """Whether so many seats may be elected here (DOMAIN 1.1.8, 1.1.11); what the text says with 一般 is not refused."""
    pack = policy.on(day)
    described, deputy = pack.org_kind(org.kind), pack.elections.deputies
    if described.term_years is None:
        raise Refused(_("“%(kind)s”没有任期，不进行换届选举。") % {"kind": described.title})
    if not committee_seats and not secretary and not deputies:
        raise Invalid(_("请至少填写一项应选职务。"), field="committee_seats")
    most = deputy.in_branch_at_most if org.level == "branch" else deputy.elsewhere_at_most
    if deputies > most:
        raise Invalid(_("副书记最多 %(most)s 名。") % {"most": most}, field="deputies")
    committee = queries.has_committee(org, day)
    if committee_seats and not committee:
        raise Invalid(
            _("正式党员 %(n)s 人，不足设委员会的人数，只选书记，必要时选一名副书记。") % {"n": org.formal_count},
            field="committee_seats",
        )
    if kind != "term":
        return
    if not secretary:
        raise Invalid(_("换届选举应当选举书记。"), field="secretary")
    if committee and not committee_seats:
        raise Invalid(_("应当设立委员会，请填写委员人数。"), field="committee_seats")
    if committee_seats and 1 + deputies > committee_seats:
        raise Invalid(_("书记、副书记从委员中产生，人数不能超过委员人数。"), field="deputies")
    for rule in size_findings(
        described, {"committee_size": committee_seats, "formal_members": org.formal_count}, org.level
    ):
        if rule.severity == "block":
            raise Invalid(rule.text, field="committee_seats")


def _write_contests(election: Election, committee_seats: int, secretary: bool, deputies: int, day: dt.date) -> None:
    """The contests of an election, anew: who elects whom depends on whether there is a committee."""
    Candidate.objects.filter(contest__election=election).delete()
    Contest.objects.filter(election=election).delete()
    by = "committee" if queries.has_committee(election.org, day) else "members"
    wanted = [
        ("committee_member", committee_seats, "members"), ("secretary", int(secretary), by),
        ("deputy_secretary", deputies, by),
    ]  # fmt: skip
    Contest.objects.bulk_create(
        Contest(election=election, position=n, post=post, seats=seats, electorate=electorate)
        for n, (post, seats, electorate) in enumerate(wanted)
        if seats
    )


@transaction.atomic
def prepare(
    *, org: Organisation, kind: str, meeting_on: dt.date, by: Actor, committee_seats: int = 0, secretary: bool = True,
    deputies: int = 0, reason: str = "", place: str = "", at: dt.datetime | None = None,
) -> Election:  # fmt: skip
    """Begin an election (筹备). Raises Invalid for seats that the rules forbid, Refused if one is under way."""
    by.require("elections.run", org)
    if not org.is_alive:
        raise Refused(_("“%(org)s”已经撤销。") % {"org": org.name})
    if org.parent_id is None:
        raise Refused(_("没有上级党组织，不能在这里办理选举。"))
    if kind not in dict(Election.KINDS):
        raise Invalid(_("请选择换届选举或者补选。"), field="kind")
    moment = at or clock.now()
    _check_seats(org, kind, committee_seats, secretary, deputies, clock.day_of(moment))
    election = Election(
        org=org, kind=kind, reason=reason.strip()[:300], meeting_on=meeting_on, place=place.strip()[:120],
        created_by=by.person, created_at=moment,
    )  # fmt: skip
    try:
        with transaction.atomic():
            election.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("“%(org)s”已有一次选举正在进行。") % {"org": org.name}) from None
    _write_contests(election, committee_seats, secretary, deputies, clock.day_of(moment))
    facts.record(
        "election.prepared", by=by, at=moment, org=org.pk, obj=ref(election), data=_plan(election),
    )  # fmt: skip
    return election


def _plan(election: Election) -> dict:
    seats = dict(Contest.objects.filter(election=election).values_list("post", "seats"))
    return {"kind": election.kind, "meeting_on": election.meeting_on.isoformat(), "seats": seats}


@transaction.atomic
def change(
    *, election: Election, by: Actor, meeting_on: dt.date, committee_seats: int, secretary: bool, deputies: int,
    reason: str = "", place: str = "", at: dt.datetime | None = None,
) -> Election:  # fmt: skip
    """Change the plan while it is not sent up (修改方案)."""
    election = queries.get_for(by, election.pk, lock=True)
    by.require("elections.run", election.org)
    moment = at or clock.now()
    _check_seats(election.org, election.kind, committee_seats, secretary, deputies, clock.day_of(moment))
    touch(election, (PREPARING,), meeting_on=meeting_on, reason=reason.strip()[:300], place=place.strip()[:120])
    _write_contests(election, committee_seats, secretary, deputies, clock.day_of(moment))
    facts.record(
        "election.changed", by=by, at=moment, org=election.org_id, obj=ref(election), data=_plan(election),
    )  # fmt: skip
    return election


@transaction.atomic
def ask(*, election: Election, by: Actor, at: dt.datetime | None = None) -> Election:
    """Ask the higher organisation for leave to hold the election (请示)."""
    election = queries.get_for(by, election.pk, lock=True)
    FLOW.move(election, "ask", by=by, at=at, data=_plan(election), changes={"return_reason": ""})
    return election


@transaction.atomic
def set_candidates(*, contest: Contest, people: Iterable[int], by: Actor) -> None:
    """Name the candidates of a contest (候选人预备人选); again replaces them, until they are sent up."""
    election = queries.get_for(by, contest.election_id, lock=True)
    by.require("elections.run", election.org)
    touch(election, (ALLOWED,))
    write_candidates(election, contest, set(people))


def write_candidates(election: Election, contest: Contest, wanted: set[int]) -> None:
    """Replace who stands; the caller holds the election."""
    contests = queries.contests_of(election)
    allowed = {row.person.pk for row in queries.eligible(election, contest, contests)}
    if wanted - allowed:
        raise Invalid(_("有人没有被选举权，或者不是委员（候选人），不能作为候选人。"), field="people")
    Candidate.objects.filter(contest=contest, elected_in__isnull=True).exclude(person__in=wanted).delete()
    Candidate.objects.bulk_create(
        (Candidate(contest=contest, person_id=person) for person in sorted(wanted)), ignore_conflicts=True
    )


def check_number(election: Election, contest: Contest, number: int) -> None:
    """Whether so many candidates may stand (选举工作条例: 20 % more, rounded up; 书记、副书记 one for each seat)."""
    pack = policy.on(election.meeting_on)
    rule, title = pack.elections.candidates, queries.post_title(pack, contest.post)
    values = {"post": title, "seats": contest.seats, "number": number}
    if contest.post in rule.single_posts:
        if number != contest.seats:
            raise Refused(
                _("%(post)s等额选举：应选 %(seats)s 人，候选人也应是 %(seats)s 人，现有 %(number)s 人。") % values
            )
        return
    needed = rules.candidates_needed(contest.seats, rule.surplus_percent, rule.surplus_at_least)
    if number < needed:
        raise Refused(
            _(
                "%(post)s应选 %(seats)s 人，候选人应当不少于 %(needed)s 人（差额不少于 %(percent)s%%），现有 %(number)s 人。"
            )
            % {**values, "needed": needed, "percent": rule.surplus_percent}
        )


@transaction.atomic
def propose(*, election: Election, by: Actor, at: dt.datetime | None = None) -> Election:
    """Send the candidates up for approval (报候选人预备人选); refused with too few, or too many where one stands."""
    election = queries.get_for(by, election.pk, lock=True)
    contests = queries.contests_of(election)
    if election.state == ALLOWED:
        for contest in contests:
            check_number(election, contest, len(contest.standing))
    FLOW.move(
        election, "propose", by=by, at=at, data={one.post: len(one.standing) for one in contests},
        changes={"return_reason": ""},
    )  # fmt: skip
    return election


@transaction.atomic
def cancel(*, election: Election, reason: str, by: Actor, at: dt.datetime | None = None) -> Election:
    """Give an election up (取消), with the reason; nothing of it takes effect."""
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明取消的原因。"), field="reason")
    election = queries.get_for(by, election.pk, lock=True)
    FLOW.move(election, "cancel", by=by, at=at, data={"reason": reason[:200]}, changes={"cancel_reason": reason[:200]})
    return election
