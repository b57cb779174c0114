"""Who may do what with a review now; pages and API ask here, the deeds check again."""

from typing import NamedTuple

from gongjian.desks.reviews.models import Review, ReviewMember
from gongjian.desks.reviews.states import CLOSED, DECIDING, FLOW, RATING, UNDER_WAY, VOTING
from gongjian.ground.kernel.actor import Actor


class Abilities(NamedTuple):
    """能做什么: each True only if the actor may and the state allows."""

    run: bool
    results: bool
    invite: bool
    ballot: bool
    decide_next: bool
    verdicts: bool
    close: bool
    correct: bool
    cancel: bool
    rate: bool


def abilities(review: Review, actor: Actor, own: ReviewMember | None) -> Abilities:
    """What this actor can do; `own` is the actor's own row, if any."""
    poll = review.poll
    annulled = poll is None or poll.state == "void"
    run, decide = actor.may_at("reviews.run", review.org), actor.may_at("reviews.decide", review.org)
    return Abilities(
        run=run,
        results=actor.may_at("reviews.results", review.org),
        invite=run and review.state == RATING,
        ballot=run and review.state in UNDER_WAY and annulled,
        decide_next=run and review.state == VOTING and poll is not None and poll.state == "closed",
        verdicts=decide and review.state == DECIDING,
        close=FLOW.may(review, "close", actor),
        correct=decide and review.state == CLOSED,
        cancel=FLOW.may(review, "cancel", actor),
        rate=own is not None and own.elsewhere_id is None and review.state == RATING,
    )


def file_gate(actor: Actor, ident: str, change: bool) -> bool:
    """Files of a review (the meeting's scan, the report upwards) are for those who read named results; who runs it adds."""
    review = (
        Review.objects.select_related("org").filter(pk=ident).first() if ident.isdecimal() and len(ident) < 16 else None
    )
    return review is not None and actor.may_at("reviews.run" if change else "reviews.results", review.org)
