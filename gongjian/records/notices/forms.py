"""Shapes of input."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.ground.ui.widgets import Switch
from gongjian.records.notices.models import Outgoing, Robot


class ChoiceForm(forms.Form):
    """接收方式."""

    outside = forms.BooleanField(
        label=_("在平台以外也提醒我"),
        required=False,
        widget=Switch,
        help_text=_("关掉以后，什么都不往外发；消息在平台里都看得到。"),
    )
    mail = forms.BooleanField(label=_("电子邮件"), required=False, widget=Switch)
    address = forms.CharField(
        label=_("邮箱"), required=False, max_length=200, widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("加密保存，只用来发提醒；不改就不用填。"),
    )  # fmt: skip
    sms = forms.BooleanField(label=_("短信"), required=False, widget=Switch)
    quiet_begins = forms.TimeField(label=_("免打扰从"), required=False, widget=forms.TimeInput(format="%H:%M"))
    quiet_ends = forms.TimeField(label=_("到第二天"), required=False, widget=forms.TimeInput(format="%H:%M"))

    def __init__(self, *args: Any, quiet: Any, known_mail: str, phone: str, channels: set[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        bounds = _("%(low)s 到 %(high)s 之间")
        self.fields["quiet_begins"].help_text = bounds % {"low": quiet.begins_earliest, "high": quiet.begins_latest}
        self.fields["quiet_ends"].help_text = bounds % {"low": quiet.ends_earliest, "high": quiet.ends_latest}
        if known_mail:
            self.fields["mail"].help_text = _("现在发到 %(address)s") % {"address": known_mail}
        self.fields["sms"].help_text = (
            _("发到档案里的电话 %(phone)s") % {"phone": phone} if phone else _("档案里没有您的电话，请先申请更正。")
        )
        for channel, names in (("mail", ("mail", "address")), ("sms", ("sms",))):
            if channel not in channels:
                for name in names:
                    del self.fields[name]


class RobotForm(forms.Form):
    """登记群机器人."""

    org = forms.CharField(label=_("组织代码"), max_length=40, help_text=_("群属于哪个组织，就填哪个组织的代码。"))
    channel = forms.ChoiceField(label=_("渠道"), choices=Robot.CHANNELS, widget=forms.RadioSelect)
    token = forms.CharField(
        label=_("机器人地址"), max_length=400, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("在群里添加机器人时显示的地址（Webhook），整段粘贴。加密保存，以后不再显示。"),
    )  # fmt: skip
    secret = forms.CharField(
        label=_("加签密钥"), required=False, max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("钉钉机器人的安全设置选“加签”，把 SEC 开头的密钥粘贴到这里；企业微信不填。"),
    )  # fmt: skip


class OutgoingFilter(django_filters.FilterSet):
    """筛选: by channel, form and state."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=Outgoing.STATES, empty_label=_("全部状态"))
    channel = django_filters.ChoiceFilter(label=_("渠道"), choices=Outgoing.CHANNELS, empty_label=_("全部渠道"))
    form = django_filters.ChoiceFilter(label=_("形式"), choices=Outgoing.FORMS, empty_label=_("全部形式"))

    class Meta:
        model = Outgoing
        fields = ("state", "channel", "form")
