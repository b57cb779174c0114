"""Reads of polls; every one knows who asks. What a secret ballot holds is never read one by one."""

import datetime as dt

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.engines.voting import wording
from gongjian.engines.voting.models import Poll, PollBallot, PollPaper, PollVoter
from gongjian.engines.voting.rules import Outcome, quorum, quorum_needs, votes_needed
from gongjian.engines.voting.states import CLOSED, COUNTING, FLOW, NOT_CLOSED, OPEN, VOID
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.db import is_postgres
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q

ROSTER_AT_MOST = 400


def visible_to(actor: Actor) -> QuerySet[Poll]:
    """Polls of organisations that the actor may look into, and those on whose roll one stands."""
    if actor.kind == "system":
        return Poll.objects.all()
    condition = scope_q(actor, "voting.view", prefix="org__") | scope_q(actor, "voting.run", prefix="org__")
    if actor.person and (actor.token_scopes is None or "voting.vote" in actor.token_scopes):
        condition |= Exists(PollVoter.objects.filter(poll=OuterRef("pk"), person=actor.person))
    return Poll.objects.filter(condition)


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Poll:
    """One poll that the actor may see; NotFound otherwise. With `lock` its row is held until the transaction ends."""
    found = visible_to(actor).select_related("org")
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.get(pk=ident)
    except (Poll.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(_("没有找到这次投票，或者它不在您的可见范围内。")) from None


def shared(ident: int) -> Poll:
    """The poll, held so that nobody closes it meanwhile, while others may vote beside us."""
    sql = "SELECT * FROM voting_poll WHERE id = %s" + (" FOR SHARE" if is_postgres() else "")
    found = list(Poll.objects.raw(sql, [int(ident)]))
    if not found:
        raise NotFound(_("没有找到这次投票，或者它不在您的可见范围内。"))
    return found[0]


def polls_of(subject: Ref) -> QuerySet[Poll]:
    """Polls of an object of another room, in the order they were opened; the caller has checked who asks."""
    return Poll.objects.filter(subject_kind=subject.kind, subject_id=subject.id).order_by("opened_at", "pk")


def due_of(poll: Poll) -> int:
    """应到会 of a poll: who has a vote and is counted; one who may be left out but came is counted after all."""
    return PollVoter.objects.filter(Q(counted=True) | Q(present=True), poll=poll, has_vote=True).count()


def outcome_of(poll: Poll) -> Outcome | None:
    """The outcome as it was counted; None before the close."""
    if poll.outcome is None:
        return None
    return Outcome(**{**poll.outcome, "passed": tuple(poll.outcome["passed"])})


def sentence_of(poll: Poll) -> str:
    """The sentence that explains the outcome; empty before the close."""
    outcome = outcome_of(poll)
    return wording.sentence(poll, outcome) if outcome else ""


def shows_results(poll: Poll, actor: Actor) -> bool:
    """Whether the actor reads the numbers after the close: by the pack, voters too, or only who organises."""
    if actor.may_at("voting.run", poll.org):
        return True
    try:
        return policy.on(clock.day_of(poll.opened_at)).voting_rule(poll.rule).results_for == "voters"
    except policy.UnknownEntry:
        return False


def row_of(poll: Poll, person: int | None) -> PollVoter | None:
    """One's own row of the roll."""
    return PollVoter.objects.filter(poll=poll, person=person).first() if person else None


def waiting_for(actor: Actor) -> QuerySet[Poll]:
    """Open polls in which the actor can still vote by phone, oldest first."""
    if not actor.person or (actor.token_scopes is not None and "voting.vote" not in actor.token_scopes):
        return Poll.objects.none()
    mine = PollVoter.objects.filter(poll=OuterRef("pk"), person=actor.person, has_vote=True, way="")
    return (
        Poll.objects.filter(Exists(mine), state=OPEN, electronic=True).select_related("org").order_by("opened_at", "pk")
    )


def mine(actor: Actor) -> QuerySet[Poll]:
    """Polls on whose roll the actor stands, newest first."""
    rows = PollVoter.objects.filter(poll=OuterRef("pk"), person=actor.person)
    return Poll.objects.filter(Exists(rows)).exclude(state=VOID).select_related("org").order_by("-opened_at", "-pk")


def numbers_of(poll: Poll) -> dict[str, int]:
    """How many of the roll have a vote, are counted, are there, and have handed in by which way: never what."""
    voting = Q(has_vote=True)
    return PollVoter.objects.filter(poll=poll).aggregate(
        due=Count("pk", filter=voting & (Q(counted=True) | Q(present=True))),
        present=Count("pk", filter=voting & Q(present=True)),
        phone=Count("pk", filter=Q(way="phone")),
        paper=Count("pk", filter=Q(way="paper")),
        opinion=Count("pk", filter=Q(way="opinion")),
    )


def put_numbers(polls: list[Poll], actor: Actor) -> None:
    """Put `numbers`, the actor's `own` row and whether results are `shown` on each poll; two queries for all."""
    voting = Q(has_vote=True)
    rows = PollVoter.objects.filter(poll__in=polls).values("poll").order_by()
    found = {
        row["poll"]: row
        for row in rows.annotate(
            due=Count("pk", filter=voting & (Q(counted=True) | Q(present=True))),
            present=Count("pk", filter=voting & Q(present=True)),
            handed_in=Count("pk", filter=~Q(way="")),
        )
    }
    own = {row.poll_id: row for row in PollVoter.objects.filter(poll__in=polls, person=actor.person)}
    for poll in polls:
        poll.numbers, poll.own = found.get(poll.pk, {"due": 0, "present": 0, "handed_in": 0}), own.get(poll.pk)
        poll.shown = shows_results(poll, actor)


def results_of(poll: Poll) -> list[dict]:
    """Rows of a declared result: each item with its votes by option, and whether it has enough."""
    outcome = outcome_of(poll)
    if outcome is None:
        return []
    return [
        {
            "id": item["id"], "label": item["label"], "note": item.get("note", ""),
            "votes": [outcome.tallies[item["id"]].get(option["id"], 0) for option in poll.options],
            "passed": item["id"] in outcome.passed,
        }
        for item in poll.items
    ]  # fmt: skip


def named_ballots(poll: Poll) -> list[dict]:
    """Who voted how, in an open (记名) poll that is closed; empty in a secret one."""
    if poll.secret or poll.state != CLOSED:
        return []
    labels = {option["id"]: option["label"] for option in poll.options}
    return [
        {
            "name": row.person.name,
            "choices": [labels.get(row.choices["choices"].get(item, ""), "—") for item in poll.item_ids],
            "opinion": row.opinion,
        }
        for row in PollBallot.objects.filter(poll=poll).select_related("person").order_by("person__pinyin", "person_id")
    ]


def rule_words(poll: Poll) -> list[str]:
    """What decides this poll, in words, and what the pack says where texts differ."""
    said = [wording.quorum_words(poll.quorum), wording.base_words(poll.base)]
    said.append(_("缺席者的书面意见计票") if poll.opinions else _("缺席者的书面意见不计票"))
    try:
        described = policy.on(clock.day_of(poll.opened_at)).voting_rule(poll.rule)
    except policy.UnknownEntry:
        return said
    return [*said, described.basis, *([described.conflict] if described.conflict else [])]


def panel(poll: Poll, actor: Actor, *, back: str = "") -> dict:
    """All that `voting/poll.html` shows: numbers, roll, result, and what this actor can do; seven queries at most.

    Another room's page puts it under the name `panel` and includes the template; `back` is where its forms lead back.
    """
    runs = actor.may_at("voting.run", poll.org)
    shown = shows_results(poll, actor)
    numbers = numbers_of(poll)
    rows = []
    if runs and poll.state in NOT_CLOSED:
        found = PollVoter.objects.filter(poll=poll).select_related("person")
        rows = list(found.order_by("-has_vote", "person__pinyin", "person_id")[:ROSTER_AT_MOST])
    due, present = numbers["due"], numbers["present"]
    return {
        "poll": poll, "state": FLOW.word(poll.state), "back": back or reverse("voting:poll", args=[poll.pk]),
        "runs": runs, "numbers": numbers, "rows": rows, "own": row_of(poll, actor.person),
        "handed_in": numbers["phone"] + numbers["paper"], "rule": rule_words(poll),
        "quorum_ok": quorum(poll.quorum, present, due), "quorum_needs": quorum_needs(poll.quorum, due),
        "needed": votes_needed(poll.base, due, present),
        "left_out": [row for row in rows if row.has_vote and not row.counted],
        "paper": PollPaper.objects.filter(poll=poll).first() if runs else None,
        "can": {name: runs and FLOW.may(poll, name, actor) for name in ("stop", "resume", "close", "void")},
        "open": poll.state == OPEN, "counting": poll.state == COUNTING, "closed": poll.state == CLOSED,
        "results": results_of(poll) if shown else [], "sentence": sentence_of(poll) if shown else "",
        "outcome": outcome_of(poll) if shown else None,
        "named": named_ballots(poll) if runs else [],
    }  # fmt: skip


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """Polls that wait for the actor's vote."""
    return [
        Todo(
            title=_("投票：%(title)s") % {"title": poll.title}, url=reverse("voting:ballot", args=[poll.pk]),
            hint=poll.org.name, due_on=clock.day_of(poll.opened_at), button=_("去投票"),
        )
        for poll in waiting_for(actor)[:20]
    ]  # fmt: skip


def paper_of(poll: Poll) -> PollPaper | None:
    """What the tellers have entered so far."""
    return PollPaper.objects.filter(poll=poll).first()


def absent_of(poll: Poll) -> list[PollVoter]:
    """Voters who are not there and have not handed in: whose written opinion may be entered."""
    rows = PollVoter.objects.filter(poll=poll, has_vote=True, counted=True, present=False, way="")
    return list(rows.select_related("person").order_by("person__pinyin", "person_id"))


def absent_voters(poll: Poll) -> list[int]:
    """Ids of those with a vote who are counted and not noted as present yet."""
    rows = PollVoter.objects.filter(poll=poll, has_vote=True, counted=True, present=False, way="")
    return list(rows.values_list("person", flat=True))
