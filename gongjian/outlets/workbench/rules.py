"""Which home page somebody has: from what their roles allow and where, never from the name of a role."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

KINDS = ("health", "city", "area", "branch", "me")  # highest first


class Held(NamedTuple):
    """One grant, as far as it matters here."""

    role: str
    order: int
    org: int
    level: str
    allows: Callable[[str], bool]


class Face(NamedTuple):
    """首页的一种: its kind, the organisation it is about (0: oneself), and the role it comes from."""

    kind: str
    org: int
    role: str

    @property
    def key(self) -> str:
        """How the address names it."""
        return f"{self.kind}-{self.org}" if self.org else self.kind


def kind_of(held: Held) -> str:
    """The kind of home page that one grant gives; `me` where it leads nobody.

    Keeping accounts without urging anybody is an administrator's work; watching standings is a leader's, of the level
    of the organisation.
    """
    if held.allows("access.users") and not held.allows("standards.remind") and held.level == "city":
        return "health"
    if not held.allows("standards.view"):
        return "me"
    return {"city": "city", "branch": "branch", "group": "me"}.get(held.level, "area")


def faces(grants: Iterable[Held]) -> list[Face]:
    """All home pages somebody has, the highest first; everyone has their own."""
    found: dict[str, tuple[tuple[int, int, int], Face]] = {}
    for held in grants:
        kind = kind_of(held)
        face = Face(kind, 0 if kind in ("me", "health") else held.org, held.role)
        rank = (KINDS.index(kind), held.order, held.org)
        if face.kind != "me" and (face.key not in found or rank < found[face.key][0]):
            found[face.key] = (rank, face)
    ordered = [face for _rank, face in sorted(found.values(), key=lambda pair: pair[0])]
    return [*ordered, Face("me", 0, "")]


def share(part: int, whole: int) -> int | None:
    """Percent, rounded to the nearest whole; None of nothing."""
    return (200 * part + whole) // (2 * whole) if whole else None


def per_head(points: int, members: int) -> float | None:
    """Points for each member, to one decimal: so that a large district is not ahead for being large."""
    return round(points / members, 1) if members else None
