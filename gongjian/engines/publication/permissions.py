"""Who: what an actor can do with a publication now."""

import datetime as dt
from typing import NamedTuple

from gongjian.engines.publication import rules
from gongjian.engines.publication.models import Publication
from gongjian.engines.publication.states import RUNNING
from gongjian.ground.kernel.actor import Actor


class Abilities(NamedTuple):
    """能做什么."""

    keeps: bool
    object: bool
    note: bool
    close: bool
    cancel: bool


def abilities(publication: Publication, actor: Actor, day: dt.date, waiting: int) -> Abilities:
    """What this actor can do on a day, with so many objections unanswered. The deeds check again."""
    keeps = actor.may_at("publication.manage", publication.org)
    running, over = publication.state == RUNNING, rules.is_over(publication.ends_on, day)
    return Abilities(
        keeps=keeps, object=running and not over and bool(actor.person), note=keeps and running,
        close=keeps and running and over and not waiting, cancel=keeps and running,
    )  # fmt: skip
