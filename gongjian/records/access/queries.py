"""Who somebody is: an account becomes an actor with grants."""

import datetime as dt

from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.actor import ANONYMOUS, Actor, Grant
from gongjian.records.access.models import ApiToken, RoleGrant, User
from gongjian.records.people.models import Appointment, Dated, Membership, Person

MEMBER_ROLE = "member"


def _role(pack: policy.Pack, role: str) -> object | None:
    return next((entry for entry in pack.roles if entry.id == role), None)


def permissions_of(role: str, day: dt.date) -> frozenset[str]:
    """The permission codes that the pack gives a role on a day, wildcards spread out; none for an unknown role."""
    found = _role(policy.on(day), role)
    if found is None:
        return frozenset()
    known, codes = registry.permissions(), set()
    for entry in found.permissions:
        if entry.endswith(".*"):
            codes |= {code for code in known if code.startswith(entry[:-1])}
        elif entry in known:
            codes.add(entry)
    return frozenset(codes)


def grants_of(person: int, day: dt.date) -> tuple[Grant, ...]:
    """All grants of a person on a day: those given, those that a post confers, and `member` at one's own branch."""
    current = Dated.current_q(day)
    pack = policy.on(day)
    found: list[Grant] = []

    def add(role: str, org, line: str, explicit: bool) -> None:
        path = org.path if line == "parent" else org.territory_path
        found.append(Grant(role, org.pk, org.kind, line, path, permissions_of(role, day), explicit))

    for row in RoleGrant.objects.filter(current, person_id=person).select_related("org"):
        add(row.role, row.org, row.line, True)
    for row in Appointment.objects.filter(current, person_id=person).select_related("org"):
        post = next((entry for entry in pack.posts if entry.id == row.post), None)
        role = post.confers.get(row.org.kind) if post else None
        if role:
            line = getattr(_role(pack, role), "line", "parent")
            add(role, row.org, line, False)
    for row in Membership.objects.filter(current, person_id=person).select_related("org"):
        add(MEMBER_ROLE, row.org, "parent", False)
    return tuple(found)


def actor_of(user: User, day: dt.date | None = None, *, token: ApiToken | None = None) -> Actor:
    """The actor behind an account (narrowed by a token's scopes); anonymous for a closed account."""
    if not user.is_active:
        return ANONYMOUS
    grants = grants_of(user.person_id, day or clock.today()) if user.person_id else ()
    return Actor(
        kind="client" if token else "person", person=user.person_id, user=user.pk,
        name=user.person.name if user.person_id else user.username, grants=grants,
        token_scopes=frozenset(token.scopes) if token else None, roles=frozenset(grant.role for grant in grants),
    )  # fmt: skip


def actor_of_person(person: Person, day: dt.date | None = None) -> Actor:
    """The actor that a person would be, with or without an account."""
    grants = grants_of(person.pk, day or clock.today())
    return Actor("person", person.pk, None, person.name, grants, None, frozenset(grant.role for grant in grants))


def by_token(text: str, day: dt.date | None = None) -> tuple[User, ApiToken] | None:
    """The account and row of a live API token; None if it is unknown, expired or revoked."""
    row = (
        ApiToken.objects.filter(digest=ApiToken.digest_of(text), revoked_at__isnull=True,
                                expires_on__gte=day or clock.today(), user__is_active=True)
        .select_related("user", "user__person").first()
    )  # fmt: skip
    return (row.user, row) if row else None


def needs_second_factor(actor: Actor, day: dt.date | None = None) -> bool:
    """Whether the pack asks a second factor of one of this actor's roles."""
    pack = policy.on(day or clock.today())
    return any(getattr(_role(pack, role), "second_factor", False) for role in actor.roles)
