"""Who may do what with an assessment; pages and API ask here, the deeds check again."""

from typing import NamedTuple

from gongjian.appraisal.assessments import rules
from gongjian.appraisal.assessments.models import Assessment
from gongjian.appraisal.assessments.states import (
    ASSESS,
    ASSESSED,
    FINAL,
    OBJECTED,
    OWN,
    SELF,
    TOLD,
    UNDER_WAY,
    VISITING,
)
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation

VISIT = "assessments.visit"


def stands_above(actor: Actor, code: str, org: Organisation, pack: Pack, lowest: str = "") -> bool:
    """Whether the permission is held above an organisation, not at itself, and no lower than level `lowest`."""
    if not actor.may_at(code, org):
        return False
    if actor.kind == "system":
        return True
    ranks = {level.id: level.rank for level in pack.levels}
    for grant in actor.grants:
        if code in grant.permissions and grant.covers(org) and grant.org != org.pk:
            kind = pack.org_kinds.get(grant.org_kind)
            if not lowest or (kind is not None and rules.high_enough(ranks, kind.level, lowest)):
                return True
    return False


def may_assess(actor: Actor, entry: StandardList, org: Organisation, pack: Pack) -> bool:
    """Whether the actor assesses this organisation by this list: from above it, at the list's level or higher."""
    return stands_above(actor, ASSESS, org, pack, entry.assessed_by)


def may_visit(actor: Actor, org: Organisation, pack: Pack) -> bool:
    """Whether the actor visits for an assessment: a person, from above the organisation."""
    return actor.person is not None and stands_above(actor, VISIT, org, pack)


class Abilities(NamedTuple):
    """能做什么: each True only if the actor may and the state allows."""

    assess: bool
    self: bool
    visit: bool
    return_self: bool
    settle: bool
    decide: bool
    reopen: bool
    tell: bool
    object: bool
    accept: bool
    answer: bool
    revoke: bool
    cancel: bool


def abilities(found: Assessment, actor: Actor, entry: StandardList, pack: Pack, *, objected: bool) -> Abilities:
    """What this actor can do now; `objected`: an objection was already answered since the result was told."""
    above, own = may_assess(actor, entry, found.org, pack), actor.may_at(OWN, found.org)
    state = found.state
    return Abilities(
        assess=above,
        self=own and state == SELF,
        visit=state == VISITING and may_visit(actor, found.org, pack),
        return_self=above and state == VISITING and entry.self_first,
        settle=above and state == VISITING,
        decide=above and state == VISITING,
        reopen=above and state == ASSESSED,
        tell=above and state == ASSESSED,
        object=own and state == TOLD and not objected,
        accept=own and state == TOLD,
        answer=above and state == OBJECTED,
        revoke=above and state == FINAL,
        cancel=above and state in UNDER_WAY,
    )


def file_gate(actor: Actor, ident: str, change: bool) -> bool:
    """Files of an assessment: read by who sees it, added by its organisation, its visitors and who assesses."""
    if not (ident.isdecimal() and len(ident) < 16):
        return False
    found = Assessment.objects.select_related("org").filter(pk=ident).first()
    if found is None:
        return False
    if not change:
        return actor.may_at("assessments.view", found.org) or actor.may_at(OWN, found.org)
    able = any(actor.may_at(code, found.org) for code in (OWN, VISIT, ASSESS))
    return able and found.state in UNDER_WAY
