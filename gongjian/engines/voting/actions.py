"""Deeds of voting: open, be there, vote by phone or paper or written opinion, count, declare, annul."""

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping, Sequence

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.engines.flow.moves import touch
from gongjian.engines.voting import queries, rules, wording
from gongjian.engines.voting.expected import Expected, committee_of, expected_of
from gongjian.engines.voting.models import Poll, PollBallot, PollPaper, PollVoter
from gongjian.engines.voting.states import CLOSED, FLOW, NOT_CLOSED, OPEN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation

DEFAULT_OPTIONS = ({"id": "yes", "label": "赞成"}, {"id": "no", "label": "不赞成"}, {"id": "abstain", "label": "弃权"})


def ref(poll: Poll) -> Ref:
    """A poll as a Ref."""
    return Ref.of("poll", poll.pk)


@transaction.atomic
def open_poll(
    *, org: Organisation, subject: Ref, title: str, rule: str, by: Actor, items: Sequence[Mapping] = (),
    options: Sequence[Mapping] = DEFAULT_OPTIONS, seats: int | None = None, write_ins: bool = False,
    secret: bool | None = None, electronic: bool = True, needs_presence: bool = True,
    voters: str | Iterable[Expected] = "members", left_out_agreed: bool = False, present: Iterable[int] = (),
    base: str | None = None, at: dt.datetime | None = None, key: str | None = None,
) -> Poll:  # fmt: skip
    """Open a poll (开始投票) and fix its roll as of today.

    `items`: what is voted on, {"id", "label"}; empty: the title alone. `voters`: members, committee, or rows of
    `expected`. `left_out_agreed`: the meeting agreed to leave out of 应到会 those who may be. `present`: who is there
    already. `secret` None: as the pack's rule says; a rule that is secret cannot be opened otherwise.
    `base`: "none" where the caller's own rule asks for no majority (a re-vote among the tied).
    `key`: told twice, the same poll is answered. Raises Invalid for an unknown rule or a roll without voters.
    """
    by.require("voting.run", org)
    if key is not None and (known := Poll.objects.filter(key=key).first()) is not None:
        return known
    moment = at or clock.now()
    try:
        described = policy.on(clock.day_of(moment)).voting_rule(rule)
    except policy.UnknownEntry:
        raise Invalid(_("政策包里没有这种表决规则。"), field="rule") from None
    if described.secret and secret is False:
        raise Invalid(_("“%(rule)s”应当无记名投票。") % {"rule": described.title}, field="secret")
    items = [dict(item) for item in items] or [{"id": "question", "label": title}]
    if len({item["id"] for item in items}) < len(items):
        raise Invalid(_("表决事项有重复。"), field="items")
    rows = _roll(org, voters, clock.day_of(moment))
    poll = Poll(
        org=org, subject_kind=subject.kind, subject_id=subject.id, title=title.strip()[:200], rule=rule,
        quorum=described.quorum, base=base or described.pass_base, opinions=described.written_opinions, items=items,
        options=[dict(option) for option in options], seats=seats, write_ins=write_ins,
        secret=described.secret if secret is None else secret, electronic=electronic, needs_presence=needs_presence,
        opened_at=moment, opened_by=by.person, key=key,
    )  # fmt: skip
    try:
        with transaction.atomic():
            poll.save(force_insert=True)
    except IntegrityError:
        return Poll.objects.get(key=key)
    there = set(present)
    PollVoter.objects.bulk_create(
        PollVoter(
            poll=poll, person=row.person, has_vote=row.has_vote, why=row.why[:200], present=row.person.pk in there,
            counted=row.counted or not left_out_agreed,
        )
        for row in rows
    )  # fmt: skip
    facts.record(
        "poll.opened", by=by, at=moment, org=org.pk, obj=ref(poll),
        data={"rule": rule, "secret": poll.secret, "subject": str(subject), "due": queries.due_of(poll)},
    )  # fmt: skip
    return poll


def _roll(org: Organisation, voters: str | Iterable[Expected], day: dt.date) -> list[Expected]:
    if voters == "members":
        rows = expected_of(org, day)
    elif voters == "committee":
        rows = committee_of(org, day)
    else:
        rows = [row for row in voters if isinstance(row, Expected)]
    if not any(row.has_vote for row in rows):
        raise Invalid(_("没有人有表决权，不能开始投票。"), field="voters")
    return rows


def _held(poll: Poll, by: Actor) -> Poll:
    """The poll, locked, for somebody who may run it and while it is not closed."""
    poll = queries.get_for(by, poll.pk, lock=True)
    by.require("voting.run", poll.org)
    if poll.state not in NOT_CLOSED:
        raise Refused(_("投票已经结束，不能再改。"))
    return poll


@transaction.atomic
def set_present(*, poll: Poll, people: Iterable[int], by: Actor, present: bool = True) -> int:
    """Note who is there (登记到会), or take it back; who has handed in stays. Returns how many rows changed."""
    poll = _held(poll, by)
    rows = PollVoter.objects.filter(poll=poll, person__in=set(people), way="", present=not present)
    return rows.update(present=present)


@transaction.atomic
def give_paper(*, poll: Poll, people: Iterable[int], by: Actor) -> int:
    """Hand out paper ballots (发纸质票) to voters who are there; who holds one can no longer vote by phone."""
    poll = _held(poll, by)
    wanted = set(people)
    given = PollVoter.objects.filter(poll=poll, person__in=wanted, has_vote=True, way="").update(
        way="paper", present=True
    )
    if given < len(wanted):
        raise Refused(_("名单里有人没有表决权，或者已经投票、已经领票。"))
    return given


@transaction.atomic
def take_paper_back(*, poll: Poll, person: int, by: Actor) -> None:
    """Take an unused paper ballot back (收回未填的票), for instance when it was ticked for the wrong person."""
    poll = _held(poll, by)
    if PollPaper.objects.filter(poll=poll).exists():
        raise Refused(_("纸质票已经清点，不能再收回空票。"))
    if not PollVoter.objects.filter(poll=poll, person=person, way="paper").update(way=""):
        raise Refused(_("此人没有领纸质票。"))


def _checked(poll: Poll, choices: Mapping[str, str], write_ins: Iterable[str]) -> dict:
    """A ballot that may be cast; Invalid says what is wrong with it."""
    if set(choices) - set(poll.item_ids):
        raise Invalid(wording.problem("unknown_item"))
    ballot = rules.tidy_ballot(choices, write_ins, poll.item_ids, poll.option_ids)
    wrong = rules.ballot_problem(
        ballot, poll.item_ids, poll.option_ids, seats=poll.seats, write_ins=poll.write_ins
    )  # fmt: skip
    if wrong:
        raise Invalid(wording.problem(wrong, seats=poll.seats))
    return ballot


def _put(poll: Poll, ballot: dict, *, person: int | None, opinion: bool) -> None:
    """Write a ballot: sealed and without a person in a secret poll."""
    row = PollBallot(poll=poll, secret=poll.secret, opinion=opinion)
    if poll.secret:
        row.sealed = encrypt(rules.pack_ballot(ballot), context=f"poll.{poll.pk}")
    else:
        row.person_id, row.choices = person, ballot
    row.save(force_insert=True)


@transaction.atomic
def cast(*, poll: Poll, choices: Mapping[str, str], by: Actor, write_ins: Iterable[str] = ()) -> None:
    """Cast one's ballot by phone (投票); it cannot be changed or taken back.

    The roll's conditional UPDATE decides: of two at once one is written. Raises Invalid for a ballot that cannot be
    valid, Refused for who has no vote, has voted, holds a paper ballot or is not there, NotFound for who is not on the
    roll. No fact is recorded now: its time would tell who cast which ballot.
    """
    if not by.person:
        raise Forbidden(_("请先登录。"))
    poll = queries.shared(poll.pk)
    if not PollVoter.objects.filter(poll=poll, person=by.person).exists():
        raise NotFound(_("没有找到这次投票，或者它不在您的可见范围内。"))
    if poll.state != OPEN:
        raise Refused(_("投票已经停止。"))
    if not poll.electronic:
        raise Refused(_("这次投票用纸质票，请到会场领票。"))
    ballot = _checked(poll, choices, write_ins)
    voters = PollVoter.objects.filter(poll=poll, person=by.person, has_vote=True, way="")
    if poll.needs_presence:
        voters = voters.filter(present=True)
    if not voters.update(way="phone", present=True):
        raise _why_not(poll, by.person)
    _put(poll, ballot, person=by.person, opinion=False)


def _why_not(poll: Poll, person: int) -> Refused:
    row = PollVoter.objects.get(poll=poll, person=person)
    if not row.has_vote:
        return Refused(row.why or _("您没有表决权。"))
    if row.way:
        words = {
            "phone": _("您已经投过票。一人一票，投出后不能更改。"),
            "paper": _("您已经领了纸质票，请投纸质票。"),
            "opinion": _("您已经提交书面意见，按一票计算。"),
        }
        return Refused(words[row.way])
    return Refused(_("还没有登记您到会。请先签到，或请组织者登记到会，再来投票。"))


@transaction.atomic
def hand_in_opinion(
    *, poll: Poll, person: int, choices: Mapping[str, str], by: Actor, at: dt.datetime | None = None
) -> None:
    """Enter the written opinion of an absent voter as a vote (书面意见), where the rule counts them (细则第二十一条)."""
    poll = _held(poll, by)
    if not poll.opinions:
        raise Refused(_("按“表决规则”，这项表决不计书面意见。"))
    ballot = _checked(poll, choices, ())
    rows = PollVoter.objects.filter(poll=poll, person=person, has_vote=True, counted=True, way="", present=False)
    if not rows.update(way="opinion"):
        raise Refused(_("此人没有表决权、不计入应到、已经到会，或者已经投票。"))
    _put(poll, ballot, person=person, opinion=True)


@transaction.atomic
def record_paper(
    *, poll: Poll, collected: int, by: Actor, invalid: int = 0, tallies: Mapping[str, Mapping[str, int]] | None = None,
    write_ins: Mapping[str, int] | None = None, tellers: str = "", at: dt.datetime | None = None,
) -> PollPaper:  # fmt: skip
    """Enter what the tellers counted of the paper ballots (录入纸质票); again corrects it, until the result is declared.

    An item's unmarked valid ballots count as abstentions. More collected than handed out may be entered: it voids the
    vote. Raises Invalid where the numbers cannot be right.
    """
    poll = _held(poll, by)
    papers = rules.Papers(collected, invalid, dict(tallies or {}), dict(write_ins or {}))
    wrong, where = rules.papers_problem(
        papers, poll.item_ids, poll.option_ids, seats=poll.seats, write_ins=poll.write_ins
    )
    if wrong:
        label = next((item["label"] for item in poll.items if item["id"] == where), where)
        raise Invalid(wording.problem(wrong, seats=poll.seats, label=label))
    moment = at or clock.now()
    paper, _new = PollPaper.objects.update_or_create(
        poll=poll,
        defaults={
            "collected": collected, "invalid": invalid, "tallies": papers.tallies, "write_ins": papers.write_ins,
            "tellers": tellers.strip()[:200], "recorded_by": by.person, "recorded_at": moment,
        },
    )  # fmt: skip
    facts.record(
        "poll.paper_counted", by=by, at=moment, org=poll.org_id, obj=ref(poll),
        data={"collected": collected, "invalid": invalid},
    )  # fmt: skip
    return paper


@transaction.atomic
def stop_poll(*, poll: Poll, by: Actor, at: dt.datetime | None = None) -> Poll:
    """Stop the voting by phone (停止投票) and count."""
    poll = queries.get_for(by, poll.pk, lock=True)
    FLOW.move(poll, "stop", by=by, at=at)
    return poll


@transaction.atomic
def resume_poll(*, poll: Poll, reason: str, by: Actor, at: dt.datetime | None = None) -> Poll:
    """Let people vote again (继续投票), before the result is declared; the reason is kept."""
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明原因。"), field="reason")
    poll = queries.get_for(by, poll.pk, lock=True)
    FLOW.move(poll, "resume", by=by, at=at, data={"reason": reason.strip()[:200]})
    return poll


@transaction.atomic
def close_poll(*, poll: Poll, by: Actor, at: dt.datetime | None = None) -> rules.Outcome:
    """Count and declare the result (宣布结果). In a secret poll the ballots are unsealed, shuffled and written anew.

    Closing a closed poll gives the same outcome again. Raises Refused while paper ballots are out and not counted.
    """
    poll = queries.get_for(by, poll.pk, lock=True)
    if poll.state == CLOSED:
        by.require("voting.run", poll.org)
        return queries.outcome_of(poll)
    moment = at or clock.now()
    out = PollVoter.objects.filter(poll=poll, way="paper").count()
    paper = PollPaper.objects.filter(poll=poll).first()
    if out and paper is None:
        raise Refused(_("还有 %(n)d 张纸质票没有录入，请先清点录入。") % {"n": out})
    ballots = list(PollBallot.objects.filter(poll=poll))
    opened = [_opened(poll, ballot) for ballot in ballots]
    if poll.secret:
        _shuffle(poll, opened)
    present = PollVoter.objects.filter(poll=poll, has_vote=True, present=True)
    phones = present.exclude(way="paper").count() if poll.electronic else 0
    result = rules.outcome(
        rule=rules.Rule(poll.quorum, poll.base), due=queries.due_of(poll), present=present.count(),
        by_phone=phones, on_paper=out, ballots=opened, opinions=sum(ballot.opinion for ballot in ballots),
        papers=rules.Papers(paper.collected, paper.invalid, paper.tallies, paper.write_ins) if paper else rules.Papers(),
        items=poll.item_ids, options=poll.option_ids,
    )  # fmt: skip
    FLOW.move(
        poll, "close", by=by, at=moment, changes={"outcome": result._asdict(), "closed_at": moment},
        data={name: getattr(result, name) for name in ("due", "present", "handed_out", "collected", "valid_ballots")},
    )  # fmt: skip
    facts.record_many(
        [
            {
                "kind": "poll.took_part", "at": moment, "person": person, "org": poll.org_id, "obj": ref(poll),
                "source": f"poll:{poll.pk}:{person}",
            }
            for person in PollVoter.objects.filter(poll=poll).exclude(way="").order_by("person").values_list(
                "person", flat=True
            )
        ],
        by=by,
    )  # fmt: skip
    return result


def _opened(poll: Poll, ballot: PollBallot) -> dict:
    if not ballot.sealed:
        return ballot.choices
    return rules.unpack_ballot(decrypt(ballot.sealed, context=f"poll.{poll.pk}"))


def _shuffle(poll: Poll, opened: list[dict]) -> None:
    """Replace sealed ballots by opened ones in an order of chance, with new keys, all in this transaction.

    Whether a ballot was a written opinion is not written again: the opinions' number is in the outcome.
    """
    PollBallot.objects.filter(poll=poll).delete()
    order = list(opened)
    secrets.SystemRandom().shuffle(order)
    PollBallot.objects.bulk_create(PollBallot(poll=poll, secret=True, choices=choices) for choices in order)


@transaction.atomic
def void_poll(*, poll: Poll, reason: str, by: Actor, at: dt.datetime | None = None) -> Poll:
    """Annul a poll (作废), with the reason; a new one is opened if it is to be repeated."""
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明作废的原因。"), field="reason")
    poll = queries.get_for(by, poll.pk, lock=True)
    FLOW.move(poll, "void", by=by, at=at, data={"reason": reason[:200]}, changes={"void_reason": reason[:200]})
    return poll


@transaction.atomic
def leave_out(*, poll: Poll, people: Iterable[int], agreed: bool, by: Actor) -> int:
    """The meeting agrees that voters who may be left out are not counted in 应到会, or takes that back (会议通过)."""
    poll = _held(poll, by)
    touch(poll, NOT_CLOSED)
    rows = PollVoter.objects.filter(poll=poll, person__in=set(people), present=False, way="", counted=agreed)
    day = clock.day_of(poll.opened_at)
    allowed = {
        row.person.pk
        for row in (*expected_of(poll.org, day), *committee_of(poll.org, day))
        if not row.counted
    }  # fmt: skip
    return (rows.filter(person__in=allowed) if agreed else rows).update(counted=not agreed)
