"""Shapes of input: scores by item, and the few texts of the deeds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.appraisal.assessments.actions import Given
from gongjian.ground.kernel import clock
from gongjian.ground.policy.assessments_schema import StandardList
from gongjian.records.orgs.forms import DayField


class ScoreForm(forms.Form):
    """逐条评分: for each item by hand the level that is found, and a note."""

    def __init__(
        self, *args: Any, entry: StandardList, longest: int, marks: dict[str, Given] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entry, marks = entry, marks or {}
        for item in entry.items:
            if not item.levels:
                continue
            known = marks.get(item.id)
            self.fields[f"p_{item.id}"] = forms.ChoiceField(
                label=item.title, required=False, widget=forms.RadioSelect, initial=str(known.points) if known else "",
                choices=[(str(level.points), level.text) for level in item.levels],
            )  # fmt: skip
            self.fields[f"n_{item.id}"] = forms.CharField(
                label=_("备注"), required=False, max_length=longest, initial=known.note if known else "",
            )  # fmt: skip

    @property
    def given(self) -> dict[str, Given]:
        """The scores that were chosen."""
        data = self.cleaned_data
        return {
            item.id: Given(int(data[f"p_{item.id}"]), data[f"n_{item.id}"])
            for item in self.entry.items
            if item.levels and data.get(f"p_{item.id}")
        }


class VisitForm(ScoreForm):
    """走访核查."""

    visited_on = DayField(label=_("走访日期"))
    note = forms.CharField(
        label=_("总的情况（可不填）"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    key = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["visited_on"].initial = clock.today


class ReasonForm(forms.Form):
    """原因."""

    reason = forms.CharField(label=_("原因"), min_length=2, max_length=200)


class ObjectForm(forms.Form):
    """异议."""

    text = forms.CharField(min_length=5, max_length=1000)


class AnswerForm(ObjectForm):
    """答复异议."""

    upheld = forms.ChoiceField(choices=(("0", _("异议不成立，维持结果")), ("1", _("异议成立，重新核查"))))


class SettleForm(forms.Form):
    """商定一条."""

    item = forms.CharField(max_length=60)
    points = forms.IntegerField(min_value=0, max_value=1000)
    note = forms.CharField(min_length=2, max_length=500)
