"""Who may do what with a person's record."""

from gongjian.ground.kernel.actor import Actor
from gongjian.records.people import queries
from gongjian.records.people.models import Person

DEEDS = ("correct", "admit", "move", "formal", "state", "appoint", "relate", "circumstance", "leave")


def abilities(person: Person, actor: Actor) -> frozenset[str]:
    """The deeds that this actor may try on a person as things stand."""
    if (
        not actor.may("people.manage")
        or not queries.visible_to(actor, permission="people.manage").filter(pk=person.pk).exists()
    ):
        return frozenset()
    member = queries.membership_of(person.pk)
    able = {"correct", "appoint", "relate"}
    if member is None:
        able.add("admit")
    elif actor.may_at("people.manage", member.org):
        able |= {"move", "state", "circumstance", "leave"}
        if member.kind == "probationary":
            able.add("formal")
    return frozenset(able)


def may_unmask(person: Person, actor: Actor) -> bool:
    """Whether the actor may ask to see a protected field in full."""
    if actor.person == person.pk:
        return True
    return actor.may("people.view_protected") and (
        queries.visible_to(actor, permission="people.view_protected").filter(pk=person.pk).exists()
    )
