"""Who: what an actor can do with a file now. The deeds check again."""

from typing import NamedTuple

from gongjian.desks.admissions import queries
from gongjian.desks.admissions.models import Admission, Guide
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.policy.admissions_schema import AdmissionStep
from gongjian.ground.policy.schema import Pack


class Abilities(NamedTuple):
    """能做什么: each True only if the actor may and the state allows."""

    step: bool
    withdraw: bool
    observe: bool
    end: bool
    move: bool
    take_over: bool
    publish: bool
    keeps: bool

    @property
    def organises(self) -> bool:
        """Whether this is somebody of the branch or the higher committee."""
        return self.keeps or self.step or self.take_over


def may_do(step: AdmissionStep | None, admission: Admission, actor: Actor, pack: Pack) -> bool:
    """Whether the actor is one who does this step: the branch, or the committee that approves for it."""
    if step is None:
        return False
    if step.who == "branch":
        return actor.may_at("admissions.keep", admission.org)
    try:
        return actor.may_at("admissions.approve", queries.approver_of(admission.org, pack))
    except Refused:
        return False


def guides(admission: Admission, actor: Actor) -> bool:
    """Whether the actor accompanies this person now."""
    return (
        bool(actor.person)
        and Guide.objects.filter(admission=admission, person=actor.person, until__isnull=True).exists()
    )


def abilities(admission: Admission, actor: Actor, pack: Pack) -> Abilities:
    """What this actor can do with the file."""
    open_ = admission.state == UNDER_WAY
    table = pack.admissions
    keeps = actor.may_at("admissions.keep", admission.org)
    step, before = table.numbered(admission.step), table.numbered(admission.step - 1)
    still = open_ and admission.target_id is None
    return Abilities(
        step=still and may_do(step, admission, actor, pack),
        withdraw=still and admission.step > 1 and may_do(before, admission, actor, pack),
        observe=still and (keeps or guides(admission, actor)),
        end=open_ and keeps,
        move=still and keeps and admission.admitted_on is None,
        take_over=open_ and admission.target is not None and actor.may_at("admissions.keep", admission.target),
        publish=still and keeps,
        keeps=keeps,
    )


def file_gate(actor: Actor, ident: str, change: bool) -> bool:
    """Who may read the evidence of a file, and who may add to it (`Manifest.files`)."""
    try:
        admission = queries.get_for(actor, ident)
    except NotFound:
        return False
    if not change:
        return True
    return actor.may_at("admissions.keep", admission.org) or actor.may_at("admissions.approve", admission.org)
