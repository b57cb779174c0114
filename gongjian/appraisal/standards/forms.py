"""Shapes of input: an excuse, an answer to it, a moratorium."""

from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.appraisal.standards.filters import duties
from gongjian.ground.ui.widgets import DayInput


class ExcuseForm(forms.Form):
    """申请免除."""

    reason = forms.CharField(
        label=_("情况说明"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写清楚为什么这个周期完不成。上一级党组织会看到。"),
    )  # fmt: skip


class AnswerForm(forms.Form):
    """批复."""

    answer = forms.CharField(
        label=_("批复意见"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("批准或者不批准的理由，申请人会看到。"),
    )  # fmt: skip


class MoratoriumForm(forms.Form):
    """提出暂缓."""

    org = forms.TypedChoiceField(label=_("范围"), coerce=int, help_text=_("这个组织和它的所有下级。"))
    duties = forms.MultipleChoiceField(label=_("暂缓哪些事项"), widget=forms.CheckboxSelectMultiple)
    starts_on = forms.DateField(label=_("起"), widget=DayInput)
    ends_on = forms.DateField(label=_("止（含）"), widget=DayInput)
    basis = forms.CharField(
        label=_("依据"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("哪个文件或者会议决定的，因为什么突发情况。"),
    )  # fmt: skip

    def __init__(self, *args: object, places: list, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = [(org.pk, org.name) for org in places]
        self.fields["duties"].choices = duties()


class EndForm(forms.Form):
    """提前结束."""

    on = forms.DateField(label=_("新的止日"), widget=DayInput)
