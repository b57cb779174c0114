"""Forms of log-in, grants, accounts and tokens."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel import registry
from gongjian.ground.kernel.actor import Actor
from gongjian.records.access.models import RoleGrant
from gongjian.records.access.queries import assignable_roles


class LoginForm(AllauthLoginForm):
    """登录: in our words; whether the name or the password is wrong is not told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("登录名")
        self.fields["password"].label = _("密码")
        self.fields["password"].help_text = ""
        self.fields.pop("remember", None)
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class GiveForm(forms.Form):
    """授权."""

    person = forms.IntegerField(widget=forms.HiddenInput)
    role = forms.ChoiceField(label=_("角色"))
    org = forms.CharField(label=_("在哪个组织"), help_text=_("填组织代码，或组织全称"), max_length=200)
    line = forms.ChoiceField(
        label=_("管到哪里"), choices=RoleGrant.LINES, initial="parent",
        help_text=_("隶属：这个组织及其下级；属地：坐落在这个组织辖区内的所有组织"),
    )  # fmt: skip
    until = forms.DateField(label=_("到期日"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label=_("事由"), max_length=200, help_text=_("如：任命文件文号"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role.id, f"{role.title}　{role.about}") for role in assignable_roles()]


class AccountForm(forms.Form):
    """开通账号."""

    person = forms.IntegerField(widget=forms.HiddenInput)
    username = forms.CharField(label=_("登录名"), max_length=60, help_text=_("建议用姓名拼音，不要用身份证号或手机号"))


class ReasonForm(forms.Form):
    """一句原因."""

    reason = forms.CharField(label=_("原因"), max_length=200)


class TokenForm(forms.Form):
    """签发令牌."""

    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("写明给哪个系统用，便于日后吊销"))
    days = forms.IntegerField(label=_("有效天数"), min_value=1, max_value=366, initial=90)
    scopes = forms.MultipleChoiceField(label=_("权限范围"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [
            (code, found.title) for code, found in registry.permissions().items() if actor.may(code)
        ]
