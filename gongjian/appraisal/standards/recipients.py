"""Who is told (收信人): officers whose post, by the pack, confers a role that may do what the notice asks for."""

import datetime as dt
from collections.abc import Iterable

from gongjian.ground.policy.schema import Pack
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Appointment, Dated

ARRANGE, URGE = "activities.plan", "standards.remind"


def officers(orgs: Iterable[int], *, permission: str, pack: Pack, day: dt.date) -> dict[int, list[int]]:
    """Persons in a post of these organisations that confers `permission` there, by organisation, highest post first."""
    roles, posts = {role.id: role for role in pack.roles}, {post.id: post for post in pack.posts}
    found: dict[int, list[tuple[int, int]]] = {}
    rows = (
        Appointment.objects.filter(Dated.current_q(day), org_id__in=list(orgs))
        .order_by("id")
        .values_list("org_id", "org__kind", "post", "person_id")
    )
    for org, kind, post_id, person in rows:
        post = posts.get(post_id)
        role = roles.get(post.confers.get(kind, "")) if post else None
        if role is not None and role.allows(permission):
            found.setdefault(org, []).append((post.order, person))
    return {org: list(dict.fromkeys(person for _, person in sorted(rows))) for org, rows in found.items()}


def level_above(orgs: Iterable[Organisation], *, line: str, pack: Pack, day: dt.date) -> dict[int, int]:
    """For each organisation the nearest one above it, along 隶属 or 属地, that has an officer who may urge.

    Where nobody above is in office, the one directly above. Nothing for the root.
    """
    paths = {
        org.pk: [int(part) for part in (org.path if line == "parent" else org.territory_path).strip("/").split("/")][
            :-1
        ]
        for org in orgs
    }
    above = officers({i for path in paths.values() for i in path}, permission=URGE, pack=pack, day=day)
    found = {}
    for org, path in paths.items():
        if path:
            found[org] = next((i for i in reversed(path) if i in above), path[-1])
    return found
