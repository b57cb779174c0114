"""状态的移动: tables of moves, and the one way in which an object goes from one state to the next.

An object that moves has `state`, `version` and an organisation. The database decides who moves it: one UPDATE that
still finds the state and the version which the mover saw. Of two people at once one wins, the other is told.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import F
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.db import require_transaction
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts.models import Fact


@dataclass(frozen=True, slots=True)
class Move:
    """移动: from one of several states to one, under a name, for those who hold a permission, leaving a fact.

    Without a permission the room itself has asked who it is: whoever was given a job, whoever holds a private link.
    """

    name: str
    title: str | Promise
    frm: tuple[str, ...]
    to: str
    permission: str
    fact: str


@dataclass(frozen=True)
class Flow:
    """流程: an object's kind (for the fact's Ref), its states in order with their words, and its moves."""

    kind: str
    states: tuple[tuple[str, str | Promise], ...]
    moves: tuple[Move, ...]

    def __post_init__(self) -> None:
        known, names = {state for state, _word in self.states}, [move.name for move in self.moves]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.kind}: two moves of one name")
        for move in self.moves:
            unknown = ({move.to, *move.frm} - known) or (not move.frm and {"nowhere"})
            if unknown:
                raise ValueError(f"{self.kind}.{move.name}: unknown states {unknown}")

    def __getitem__(self, name: str) -> Move:
        for move in self.moves:
            if move.name == name:
                return move
        raise KeyError(name)

    def word(self, state: str) -> str:
        """A state in the reader's word."""
        return str(dict(self.states).get(state, state))

    def possible(self, state: str) -> tuple[str, ...]:
        """Names of the moves that lead on from a state."""
        return tuple(move.name for move in self.moves if state in move.frm)

    def may(self, obj: models.Model, name: str, by: Actor) -> bool:
        """Whether this actor could make this move now: for buttons; `move` decides."""
        move = self[name]
        return obj.state in move.frm and (not move.permission or by.may_at(move.permission, obj.org))

    def move(
        self, obj: models.Model, name: str, *, by: Actor, at: dt.datetime | None = None, fact_at: dt.datetime | None = None,
        data: dict[str, Any] | None = None, source: str | None = None, changes: dict[str, Any] | None = None,
        person: int | None = None, corrects: int | None = None,
    ) -> Fact:  # fmt: skip
        """Move `obj` and record the move's fact; `changes` are further fields written by the same UPDATE.

        `at` is when it is told (default now), `fact_at` when it happened, `person` whose file it is, `corrects` the
        fact that this move takes back. Raises
        Forbidden without the permission, Refused if the object is in another state or somebody else has moved or changed
        it since it was read.
        """
        require_transaction()
        move = self[name]
        if move.permission:
            by.require(move.permission, obj.org)
        moved = type(obj).objects.filter(pk=obj.pk, version=obj.version, state__in=move.frm).update(
            state=move.to, version=F("version") + 1, **(changes or {})
        )  # fmt: skip
        if not moved:
            raise self.refusal(obj, move)
        obj.state, obj.version = move.to, obj.version + 1
        for field, value in (changes or {}).items():
            setattr(obj, field, value)
        moment = at or clock.now()
        return facts.record(
            move.fact,
            by=by,
            at=fact_at or moment,
            person=person,
            org=obj.org_id,
            obj=Ref.of(self.kind, obj.pk),
            data=data,
            source=source,
            corrects=corrects,
        )

    def refusal(self, obj: models.Model, move: Move) -> Refused:
        """Why a move did not find its row, in words."""
        state = type(obj).objects.values_list("state", flat=True).get(pk=obj.pk)
        if state in move.frm:
            return Refused(_("刚刚有人改动过，请刷新页面后再试。"))
        allowed = "、".join(f"“{self.word(frm)}”" for frm in move.frm)
        return Refused(
            _("现在是“%(state)s”，不能%(move)s（须处于%(allowed)s）。")
            % {"state": self.word(state), "move": move.title, "allowed": allowed}
        )


def touch(obj: models.Model, states: Iterable[str], **changes: Any) -> None:
    """Change fields without moving, if the state is one of `states` and nobody was faster; raises Refused otherwise."""
    require_transaction()
    found = type(obj).objects.filter(pk=obj.pk, version=obj.version, state__in=tuple(states)).update(
        version=F("version") + 1, **changes
    )  # fmt: skip
    if not found:
        raise Refused(_("刚刚有人改动过，或者现在的状态不能改动，请刷新页面后再试。"))
    obj.version += 1
    for field, value in changes.items():
        setattr(obj, field, value)
