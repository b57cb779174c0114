"""可见范围: an actor's permission as a condition on rows that hang on an organisation."""

from django.db.models import Q

from gongjian.ground.kernel.actor import Actor


def path_upper(path: str) -> str:
    """The first text after every text that begins with `path` (a path ends in `/`, whose successor is `0`)."""
    return path[:-1] + "0"


def subtree_q(path: str, *, prefix: str = "", field: str = "path") -> Q:
    """Rows whose organisation lies in the subtree at `path`, as an index range."""
    return Q(**{f"{prefix}{field}__gte": path, f"{prefix}{field}__lt": path_upper(path)})


def scope_q(actor: Actor, code: str, *, prefix: str = "") -> Q:
    """Rows whose organisation (reached by `prefix`, such as `org__`) the actor holds `code` over; none if nowhere."""
    if actor.kind == "system":
        return Q()
    condition = Q(pk__in=[])
    for scope in actor.scopes(code):
        field = "path" if scope.line == "parent" else "territory_path"
        condition |= subtree_q(scope.path, prefix=prefix, field=field)
    return condition
