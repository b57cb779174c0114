"""Shapes of input."""

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.desks.reviews.models import Review
from gongjian.desks.reviews.states import STATES


class ReviewFilter(django_filters.FilterSet):
    """筛选: by year and state."""

    year = django_filters.CharFilter(label=_("年度"))
    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部状态"))

    class Meta:
        model = Review
        fields = ("year", "state")


class OpenForm(forms.Form):
    """开始民主评议."""

    org = forms.ChoiceField(label=_("党支部"))
    year = forms.ChoiceField(label=_("年度"))
    rating_until = forms.DateField(
        label=_("自评互评截止"), help_text=_("截止之后由您开始无记名测评；没有到会开测评之前都可以补写。")
    )
    meeting = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, branches: list, years: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["org"].choices = [(str(org.pk), org.name) for org in branches]
        self.fields["year"].choices = [(year, f"{year}年") for year in years]


class SelfForm(forms.Form):
    """个人自评."""

    text = forms.CharField(
        label=_("这一年做得怎样，还有什么不足"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("对照党章和岗位，写实在的事。支部委员会和您本人看得到。"),
    )  # fmt: skip
    grade = forms.ChoiceField(label=_("自评等次"), required=False, widget=forms.RadioSelect)

    def __init__(self, *args: Any, grades: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if grades:
            self.fields["grade"].choices = [("", _("暂不填")), *grades]
        else:
            del self.fields["grade"]


class CorrectForm(forms.Form):
    """更正等次."""

    grade = forms.ChoiceField(label=_("等次"), required=False)
    reason = forms.CharField(
        label=_("评定理由"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    correction = forms.CharField(label=_("为什么更正"), max_length=200, min_length=2)

    def __init__(self, *args: Any, grades: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grade"].choices = [*grades, ("", _("不评定等次"))]


class TalkForm(forms.Form):
    """评议后谈话."""

    on = forms.DateField(label=_("谈话日期"), help_text=_("只记日期，不记谈话内容。"))


class CloseForm(forms.Form):
    """评定并告知."""

    over_cap_reason = forms.CharField(label=_("优秀超过上限的理由"), max_length=300, required=False)
