"""Shapes of input."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.desks.talks.models import Talk
from gongjian.ground.ui.widgets import Switch


class TalkForm(forms.Form):
    """记录谈心谈话."""

    other = forms.ChoiceField(label=_("和谁谈"))
    on = forms.DateField(label=_("哪天"))
    form = forms.ChoiceField(label=_("方式"), choices=Talk.FORMS, widget=forms.RadioSelect, initial="face")
    note = forms.CharField(
        label=_("备注（可不填）"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("只有你们两个人看得到，加密保存。"),
    )  # fmt: skip

    def __init__(self, *args: Any, partners: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = [("", _("请选择")), *((str(pk), name) for pk, name in partners)]


class NoteForm(forms.Form):
    """备注."""

    note = forms.CharField(label=_("备注"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class WishForm(forms.Form):
    """政治生日意愿."""

    card = forms.BooleanField(
        label=_("愿意收到政治生日贺卡"), required=False, widget=Switch, help_text=_("只送给您本人，随时可以取消。")
    )
    listed = forms.BooleanField(
        label=_("愿意在支部公开"),
        required=False,
        widget=Switch,
        help_text=_("本支部党员看得到您的姓名和日子，看不到党龄。"),
    )


class CardForm(forms.Form):
    """寄语."""

    words = forms.CharField(label=_("寄语"), min_length=5, max_length=300, widget=forms.Textarea(attrs={"rows": 4}))
