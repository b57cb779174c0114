"""口令规则: the pack's numbers, as Django's password validators and django-axes ask for them."""

import datetime as dt
import string
from typing import Any

from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.records.access.models import OldPassword, User


def classes_in(password: str) -> int:
    """How many of lower case, upper case, digits and other characters occur."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    found = sum(any(character in kind for character in password) for kind in kinds)
    return found + any(all(character not in kind for kind in kinds) for character in password)


class PackPasswordValidator:
    """口令长度、字符种类与历史, by the pack in force (设置 password)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError with everything that is wrong at once."""
        rule = policy.current().settings.password
        problems = []
        if len(password) < rule.min_length:
            problems.append(_("密码至少 %(n)s 个字符。") % {"n": rule.min_length})
        if classes_in(password) < rule.min_classes:
            problems.append(
                _("密码应含大写字母、小写字母、数字、其他字符中的至少 %(n)s 种。") % {"n": rule.min_classes}
            )
        if user is not None and user.pk and rule.history:
            used = OldPassword.objects.filter(user=user).order_by("-id").values_list("password", flat=True)
            recent = [user.password, *used[: rule.history]]
            if any(check_password(password, old) for old in recent if old):
                problems.append(_("不能与最近 %(n)s 次用过的密码相同。") % {"n": rule.history})
        if problems:
            raise ValidationError(problems)

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Remember the hash, the day, and that the initial password is gone."""
        if user is not None and user.pk:
            OldPassword.objects.create(user=user, password=user.password)

    def get_help_text(self) -> str:
        """The rule in words, for the form."""
        rule = policy.current().settings.password
        return _("至少 %(n)s 个字符，含大写字母、小写字母、数字、其他字符中的至少 %(m)s 种。") % {
            "n": rule.min_length,
            "m": rule.min_classes,
        }


def note_change(user: User) -> None:
    """The owner has chosen a password of their own."""
    User.objects.filter(pk=user.pk).update(password_changed_at=clock.now(), must_change_password=False)


def failure_limit(request: Any = None, credentials: Any = None) -> int:
    """Wrong passwords before the lock (设置 lockout.attempts)."""
    return policy.current().settings.lockout.attempts


def cool_off(request: Any = None) -> dt.timedelta:
    """How long the lock lasts (设置 lockout.minutes)."""
    return dt.timedelta(minutes=policy.current().settings.lockout.minutes)


def client_username(request: Any = None, credentials: dict | None = None) -> str:
    """Whose failures are counted: allauth names the field `login` in its form and `username` in its credentials."""
    given = credentials or {}
    name = given.get("username") or given.get("login") or (request.POST.get("login", "") if request else "")
    return name.strip().lower()[:255]
