"""Who somebody is: an account becomes an actor with grants."""

import datetime as dt
from typing import NamedTuple

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import CharField, Exists, F, OuterRef, QuerySet, Value
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import ANONYMOUS, Actor, Grant
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.schema import Role
from gongjian.records.access.models import ApiToken, RoleGrant, User
from gongjian.records.people import queries as people
from gongjian.records.people.models import Appointment, Dated, Membership, Person, Relation

MEMBER_ROLE = "member"


def permissions_of(role: str, day: dt.date) -> frozenset[str]:
    """The permission codes that the pack gives a role on a day, wildcards spread out; none for an unknown role."""
    return policy.on(day).role_permissions.get(role, frozenset())


def role_on(role: str, day: dt.date) -> Role | None:
    """A role of the pack in force on a day; None if that pack has no such role (an old grant then gives nothing)."""
    try:
        return policy.on(day).role(role)
    except policy.UnknownEntry:
        return None


def _standings(person: int, day: dt.date) -> QuerySet:
    """All that may give a person a role on a day, in one statement: what it is, its code, its line, and the organisation."""
    current = Dated.current_q(day)

    def part(model: type[Dated], source: str, code: F | Value, line: F | Value) -> QuerySet:
        rows = model.objects.filter(current, person_id=person).order_by()
        return rows.annotate(source=Value(source), code=code, along=line).values_list(
            "source", "code", "along", "org_id", "org__kind", "org__path", "org__territory_path"
        )

    nothing = Value("", output_field=CharField())
    return part(RoleGrant, "grant", F("role"), F("line")).union(
        part(Appointment, "post", F("post"), nothing),
        part(Membership, "member", nothing, nothing),
        part(Relation, "relation", F("kind"), nothing),
        all=True,
    )


def grants_of(person: int, day: dt.date) -> tuple[Grant, ...]:
    """All grants of a person on a day: given ones, what a post confers, `member` at one's branch, `resident` at home."""
    pack = policy.on(day)
    conferred = {post.id: post.confers for post in pack.posts}
    found: list[Grant] = []
    for source, code, line, org, org_kind, path, territory_path in _standings(person, day):
        if source == "grant":
            role = code
        elif source == "post":
            role = conferred.get(code, {}).get(org_kind)
        else:
            role = MEMBER_ROLE if source == "member" else pack.role_of_relation.get(code)
        if not role:
            continue
        along = line or ("parent" if source == "member" else pack.role(role).line)
        where = path if along == "parent" else territory_path
        found.append(Grant(role, org, org_kind, along, where, permissions_of(role, day), source == "grant"))
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


class Owed(NamedTuple):
    """What an account owes before it may go on: where to mend it, and why."""

    url: str
    reason: str


def owes(user: User, actor: Actor, day: dt.date | None = None) -> Owed | None:
    """The first thing that an account owes: changing an initial or expired password, then a second factor.

    A demo asks neither: its accounts are shared and its password is printed.
    """
    if settings.DEMO:
        return None
    owed = owes_password(user, clock.now(), policy.on(day or clock.today()).settings.password.max_age_days)
    if owed is not None:
        return owed
    if needs_second_factor(actor, day) and not Authenticator.objects.filter(user=user, type="totp").exists():
        return Owed("mfa_activate_totp", _("您的岗位须启用两步验证，请先绑定动态口令。"))
    return None


def owes_password(user: User, at: dt.datetime, age: int) -> Owed | None:
    """That the password must be changed: it is the initial one, or older than `age` days (0: it may grow old)."""
    if user.must_change_password:
        return Owed("account_change_password", _("这是初始密码，请先改成自己的密码。"))
    since = user.password_changed_at or user.created_at
    if age and at - since > dt.timedelta(days=age):
        return Owed("account_change_password", _("密码已使用超过 %(days)s 天，请更换。") % {"days": age})
    return None


def needs_second_factor(actor: Actor, day: dt.date | None = None) -> bool:
    """Whether the pack asks a second factor of one of this actor's roles."""
    found = (role_on(role, day or clock.today()) for role in actor.roles)
    return any(role.second_factor for role in found if role)


def grants_visible_to(actor: Actor, *, ended: bool = False) -> QuerySet[RoleGrant]:
    """Grants at nodes over which the actor sees the granting of rights."""
    found = RoleGrant.objects.filter(scope_q(actor, "access.view", prefix="org__")).select_related("person", "org")
    return found if ended else found.filter(Dated.current_q(clock.today()))


def grant_for(actor: Actor, ident: int) -> RoleGrant:
    """One grant that the actor may end; NotFound otherwise."""
    row = (
        RoleGrant.objects.filter(scope_q(actor, "access.grant", prefix="org__"), pk=ident).select_related("org").first()
    )
    if row is None:
        raise NotFound(_("没有找到这项授权，或者它不在您的管理范围内。"))
    return row


def accounts_visible_to(actor: Actor) -> QuerySet[User]:
    """Accounts of persons in the actor's scope of account keeping."""
    persons = people.visible_to(actor, permission="access.users")
    return User.objects.filter(Exists(persons.filter(pk=OuterRef("person_id")))).select_related("person")


def account_for(actor: Actor, ident: int) -> User:
    """One account that the actor may keep; NotFound otherwise."""
    row = accounts_visible_to(actor).filter(pk=ident).first()
    if row is None:
        raise NotFound(_("没有找到这个账号，或者它不在您的管理范围内。"))
    return row


def tokens_of(user: int) -> QuerySet[ApiToken]:
    """An account's API tokens, newest first."""
    return ApiToken.objects.filter(user_id=user).order_by("-id")


def assignable_roles(day: dt.date | None = None) -> list[Role]:
    """Roles that can be given, in the pack's order."""
    return sorted((r for r in policy.on(day or clock.today()).roles if r.assignable), key=lambda r: r.order)
