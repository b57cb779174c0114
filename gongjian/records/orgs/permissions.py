"""Who may do what with an organisation; asked by pages and API alike."""

from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs.models import Organisation

DEEDS = ("rename", "correct", "term", "found", "move", "joint", "split", "merge", "dissolve")


def abilities(org: Organisation, actor: Actor) -> frozenset[str]:
    """The deeds that this actor may try on an organisation as it stands."""
    if not org.is_alive or not actor.may_at("orgs.manage", org):
        return frozenset()
    able = {"rename", "correct", "found", "dissolve", "merge"}
    if org.term_years or org.kind not in ("group", "alliance"):
        able.add("term")
    if org.parent_id is not None:
        able |= {"move", "split"}
    if org.level in ("street", "community") and org.kind not in ("joint_committee", "alliance"):
        able.add("joint")
    if org.kind == "group":
        able -= {"found", "term"}
    return frozenset(able)
