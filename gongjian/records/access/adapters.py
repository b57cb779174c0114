"""allauth as this house needs it: no self sign-up; second factors sealed at rest."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from gongjian.ground import policy
from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.records.access.passwords import note_change
from gongjian.records.access.queries import actor_of, needs_second_factor

DAYS = 14


class AccountAdapter(DefaultAccountAdapter):
    """账号: opened by an administrator, never by a stranger; idle sessions of guarded roles end soon."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("这个账号已停用，请联系管理员。"),
        "username_password_mismatch": _("登录名或密码不对，请再试一次。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up alone: an account belongs to a registered person."""
        return False

    def post_login(self, request: HttpRequest, user, **kwargs):
        """Set how long this session lives: the pack's idle minutes for roles with a second factor, else two weeks."""
        guarded = needs_second_factor(actor_of(user))
        minutes = policy.current().settings.lockout.idle_minutes
        request.session.set_expiry(minutes * 60 if guarded else DAYS * 86400)
        return super().post_login(request, user, **kwargs)

    def set_password(self, user, password: str) -> None:
        """The owner's own choice: the initial password is gone, and its age counts from now."""
        super().set_password(user, password)
        note_change(user)


class MFAAdapter(DefaultMFAAdapter):
    """两步验证: allauth keeps secrets in plain text unless its adapter encrypts them."""

    def encrypt(self, text: str) -> str:
        """Seal a secret."""
        return encrypt(text, context="mfa")

    def decrypt(self, encrypted_text: str) -> str:
        """Read a sealed secret."""
        return decrypt(encrypted_text, context="mfa")
