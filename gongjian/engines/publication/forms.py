"""Shapes of input."""

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.engines.publication.models import Objection, Publication
from gongjian.engines.publication.states import STATES


class PublicationFilter(django_filters.FilterSet):
    """筛选: by state."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部状态"))

    class Meta:
        model = Publication
        fields = ("state",)


class ObjectForm(forms.Form):
    """提出异议."""

    text = forms.CharField(
        label=_("异议内容"), min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明具体情况。您的姓名只有办理人员能看到。"),
    )  # fmt: skip


class NoteForm(forms.Form):
    """登记来电、来访、来信的异议."""

    channel = forms.ChoiceField(
        label=_("方式"), choices=[pair for pair in Objection.CHANNELS if pair[0] != "product"], widget=forms.RadioSelect
    )
    raised_on = forms.DateField(label=_("提出日期"), widget=forms.DateInput)
    teller = forms.CharField(
        label=_("提出人"), max_length=60, required=False, help_text=_("可以不填；不愿留名的写“群众”。")
    )
    text = forms.CharField(label=_("异议内容"), min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class AnswerForm(forms.Form):
    """答复异议."""

    answer = forms.CharField(
        label=_("调查核实的情况和答复"), min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    upheld = forms.ChoiceField(
        label=_("结论"), choices=(("0", _("异议不成立")), ("1", _("异议成立"))), widget=forms.RadioSelect
    )


class ReasonForm(forms.Form):
    """原因."""

    reason = forms.CharField(label=_("原因"), max_length=200, min_length=2)
