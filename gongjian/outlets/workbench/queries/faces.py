"""Which home pages an actor has, and about which organisations."""

from gongjian.ground import policy
from gongjian.ground.kernel.actor import Actor
from gongjian.outlets.workbench.rules import Face, Held, faces
from gongjian.records.orgs.models import Organisation


def faces_of(actor: Actor) -> list[Face]:
    """The home pages of an actor, the highest first; one query."""
    pack = policy.current()
    orgs = Organisation.objects.only("pk", "level").in_bulk({grant.org for grant in actor.grants})
    held = []
    for grant in actor.grants:
        try:
            order = pack.role(grant.role).order
        except policy.UnknownEntry:
            continue
        held.append(Held(grant.role, order, grant.org, orgs[grant.org].level, grant.permissions.__contains__))
    return faces(held)


def face_asked(found: list[Face], key: str) -> Face:
    """The one asked for, if the actor has it; else the highest."""
    return next((face for face in found if face.key == key), found[0])


def titles(found: list[Face]) -> dict[str, str]:
    """What each is called in the switch: the organisation's short name, or one's own; one query."""
    names = Organisation.objects.in_bulk({face.org for face in found if face.org})
    return {face.key: (names[face.org].short_name or names[face.org].name) for face in found if face.org}
