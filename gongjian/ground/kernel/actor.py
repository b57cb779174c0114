"""行为人: who asks or acts, and what they may do where. Immutable, without a database behind it."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from django.utils.translation import gettext as _

from gongjian.ground.kernel import registry
from gongjian.ground.kernel.errors import Forbidden

Line = Literal["parent", "territory"]


class Placed(Protocol):
    """Anything that stands in the tree: an organisation."""

    path: str
    territory_path: str


class Scope(NamedTuple):
    """可见范围: a subtree along 隶属 (parent) or 属地 (territory)."""

    line: Line
    path: str


@dataclass(frozen=True, slots=True)
class Grant:
    """授权: a role held at a node of the tree, along one of the two lines, with the permissions that the pack gives it.

    `explicit` is False for what follows from being a member or holding a post.
    """

    role: str
    org: int
    org_kind: str
    line: Line
    path: str
    permissions: frozenset[str]
    explicit: bool = True

    def covers(self, org: Placed) -> bool:
        """Whether an organisation lies in this grant's subtree."""
        path = org.path if self.line == "parent" else org.territory_path
        return path.startswith(self.path)


@dataclass(frozen=True, slots=True)
class Actor:
    """行为人: a person with grants, the system, an API client, or nobody in particular."""

    kind: Literal["person", "system", "client", "anonymous"]
    person: int | None = None
    user: int | None = None
    name: str = ""
    grants: tuple[Grant, ...] = ()
    token_scopes: frozenset[str] | None = None
    roles: frozenset[str] = field(default=frozenset())

    @property
    def is_authenticated(self) -> bool:
        """Whether we know who this is."""
        return self.kind != "anonymous"

    def _allowed(self, code: str) -> bool:
        registry.check_permission(code)
        return self.token_scopes is None or code in self.token_scopes

    def may(self, code: str) -> bool:
        """Whether this permission is held anywhere."""
        allowed = self._allowed(code)
        if self.kind == "system":
            return True
        return allowed and any(code in grant.permissions for grant in self.grants)

    def may_at(self, code: str, org: Placed) -> bool:
        """Whether this permission is held over this organisation."""
        allowed = self._allowed(code)
        if self.kind == "system":
            return True
        return allowed and any(code in grant.permissions and grant.covers(org) for grant in self.grants)

    def require(self, code: str, org: Placed | None = None) -> None:
        """Raise Forbidden unless the permission is held (over `org`, if one is given)."""
        if not (self.may(code) if org is None else self.may_at(code, org)):
            raise Forbidden(
                _("您没有“%(permission)s”的权限。如工作需要，请联系上级组织的管理员授权。")
                % {"permission": registry.permissions()[code].title}
            )

    def scopes(self, code: str) -> tuple[Scope, ...]:
        """The subtrees over which this permission is held; nothing that lies inside another is repeated."""
        allowed = self._allowed(code)
        if self.kind == "system":
            return (Scope("parent", "/"),)
        if not allowed:
            return ()
        found = sorted({Scope(g.line, g.path) for g in self.grants if code in g.permissions})
        return tuple(
            s for s in found if not any(o != s and o.line == s.line and s.path.startswith(o.path) for o in found)
        )

    def holds(self, role: str) -> bool:
        """Whether this role is held at any node."""
        return any(grant.role == role for grant in self.grants)


SYSTEM = Actor(kind="system", name="系统")
ANONYMOUS = Actor(kind="anonymous")
