"""Deeds of authority: give and end roles, open and close accounts, issue and revoke API tokens."""

import datetime as dt
import secrets

from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.schema import Role
from gongjian.records import facts
from gongjian.records.access.models import ApiToken, RoleGrant, User
from gongjian.records.access.queries import account_for, permissions_of, role_on
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


@transaction.atomic
def give(
    *, person: Person, role: str, org: Organisation, by: Actor, line: str = "parent", on: dt.date | None = None,
    until: dt.date | None = None, reason: str = "", at: dt.datetime | None = None,
) -> RoleGrant:  # fmt: skip
    """Give a role at a node (授权): never to oneself, and only one that lies below one's own there, or within it.

    "Below" is the pack's order of roles: a street's secretary gives a community's roles, never a district's.
    """
    by.require("access.grant", org)
    day = on or clock.today()
    wanted = role_on(role, day)
    if wanted is None or not wanted.assignable:
        raise Invalid("政策包里没有这个可授予的角色。", field="role")
    if line not in dict(RoleGrant.LINES):
        raise Invalid("授权应沿隶属或属地。", field="line")
    if by.person is not None and by.person == person.pk:
        raise Forbidden(_("不能给自己授权，请由他人办理。"))
    if by.kind != "system" and not _is_above(by, wanted, org, day):
        raise Forbidden(_("不能授予不低于自己的角色。"))
    if until is not None and until <= day:
        raise Invalid("结束日期应晚于开始日期。", field="until")
    row = RoleGrant(
        person=person, role=role, org=org, line=line, starts_on=day, ends_on=until, reason=reason, given_by=by.person
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise Refused("此人在这里已有这个角色。", field="person") from None
    facts.record(
        "grant.given", by=by, at=at, person=person.pk, org=org.pk, obj=Ref.of("grant", row.pk),
        data={"role": role, "line": line, "reason": reason, "until": until.isoformat() if until else None},
    )  # fmt: skip
    return row


def _is_above(by: Actor, wanted: Role, org: Organisation, day: dt.date) -> bool:
    own = [role_on(grant.role, day) for grant in by.grants if grant.covers(org) and "access.grant" in grant.permissions]
    if any(role is not None and role.order < wanted.order for role in own):
        return True
    return all(by.may_at(code, org) for code in permissions_of(wanted.id, day))


@transaction.atomic
def end(*, grant: RoleGrant, by: Actor, reason: str = "", at: dt.datetime | None = None) -> None:
    """Take a role back, from today on (收回授权)."""
    by.require("access.grant", grant.org)
    today = clock.today()
    if not RoleGrant.objects.filter(pk=grant.pk).exclude(ends_on__lte=today).update(ends_on=today, end_reason=reason):
        raise Refused("这项授权已经结束。")
    facts.record(
        "grant.ended", by=by, at=at, person=grant.person_id, org=grant.org_id, obj=Ref.of("grant", grant.pk),
        data={"role": grant.role, "reason": reason},
    )  # fmt: skip


@transaction.atomic
def open_account(
    *,
    username: str,
    by: Actor,
    person: Person | None,
    password: str | None = None,
    first: bool = False,
    at: dt.datetime | None = None,
) -> User:
    """Open an account for a person (开通账号); `first`: the password is an initial one and must be changed at once."""
    by.require("access.users")
    if person is not None:
        people.get_for(by, person.pk, permission="access.users")
    username = username.strip()
    if not username:
        raise Invalid("请填写登录名。", field="username")
    try:
        with transaction.atomic():
            user = User.objects.create_user(username, password, person=person, must_change_password=first)
    except IntegrityError:
        raise Refused("这个登录名已被使用，或此人已有账号。", field="username") from None
    facts.record(
        "account.created", by=by, at=at, person=person.pk if person else None, obj=Ref.of("user", user.pk),
        data={"username": username},
    )  # fmt: skip
    return user


def initial_password() -> str:
    """A password for handing over: readable aloud, long enough for any pack, changed at the first log-in."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    words = "-".join("".join(secrets.choice(letters) for _unused in range(4)) for _unused in range(3))
    return f"{words.capitalize()}-{secrets.randbelow(90) + 10}"


@transaction.atomic
def reset_password(*, user: User, by: Actor, at: dt.datetime | None = None) -> str:
    """Give an account a new initial password and forget its second factor (重置密码); returned once, never kept."""
    user = account_for(by, user.pk)
    password = initial_password()
    user.set_password(password)
    user.must_change_password = True
    user.save()
    Authenticator.objects.filter(user=user).delete()
    facts.record("account.reset", by=by, at=at, person=user.person_id, obj=Ref.of("user", user.pk))
    return password


@transaction.atomic
def set_active(*, user: User, active: bool, by: Actor, reason: str = "", at: dt.datetime | None = None) -> None:
    """Close an account (停用), which ends its sessions' rights at once, or open it again."""
    user = account_for(by, user.pk)
    if user.pk == by.user:
        raise Refused("不能停用自己的账号。")
    if not User.objects.filter(pk=user.pk).exclude(is_active=active).update(is_active=active):
        raise Refused("账号已是这个状态。")
    facts.record(
        "account.opened" if active else "account.closed", by=by, at=at, person=user.person_id,
        obj=Ref.of("user", user.pk), data={"reason": reason},
    )  # fmt: skip


@transaction.atomic
def issue_token(
    *, user: User, name: str, scopes: list[str], days: int, by: Actor, at: dt.datetime | None = None
) -> tuple[ApiToken, str]:
    """Issue an API token for one's own account; the text is returned once and never kept."""
    by.require("access.tokens")
    if by.user != user.pk:
        raise Forbidden("只能为自己的账号签发令牌。")
    if not name.strip():
        raise Invalid("请填写令牌名称。", field="name")
    if not 1 <= days <= 366:
        raise Invalid("有效期应为 1 至 366 天。", field="days")
    scopes = sorted(set(scopes))
    if not scopes:
        raise Invalid("请至少选择一项权限。", field="scopes")
    if any(not by.may(code) for code in scopes):
        raise Invalid("令牌的范围不能超出您自己的权限。", field="scopes")
    text = "gj_" + secrets.token_urlsafe(32)
    row = ApiToken.objects.create(
        user=user, name=name.strip(), digest=ApiToken.digest_of(text), hint=text[:8], scopes=scopes,
        expires_on=clock.today() + dt.timedelta(days=days),
    )  # fmt: skip
    facts.record(
        "token.issued", by=by, at=at, person=user.person_id, obj=Ref.of("token", row.pk),
        data={"name": row.name, "scopes": scopes},
    )  # fmt: skip
    return row, text


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Actor, at: dt.datetime | None = None) -> None:
    """Revoke a token at once (吊销)."""
    if by.user != token.user_id:
        by.require("access.grant")
    if not ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=clock.now()):
        raise Refused("这个令牌已经吊销。")
    facts.record(
        "token.revoked",
        by=by,
        at=at,
        person=token.user.person_id,
        obj=Ref.of("token", token.pk),
        data={"name": token.name},
    )
