"""Shapes of input. Yuan as people write them; the deeds get whole fen."""

from decimal import Decimal

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.desks.dues import rules
from gongjian.desks.dues.models import Consent, Finding, Movement
from gongjian.ground.policy.dues_schema import Dues, DuesCategory
from gongjian.ground.ui.widgets import MonthInput


class YuanField(forms.DecimalField):
    """金额（元）: at most two decimals, cleaned to whole fen."""

    def __init__(self, **kwargs: object) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(max_digits=12, decimal_places=2, **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "step": "0.01"}

    def clean(self, value: object) -> int | None:
        """Fen, or None for nothing."""
        found = super().clean(value)
        return None if found is None else rules.fen(found)


class MonthField(forms.RegexField):
    """月份: 2026-01."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(
            r"^\d{4}-(0[1-9]|1[0-2])$", widget=MonthInput, error_messages={"invalid": _("月份应写成 2026-01 的样子。")}, **kwargs
        )  # fmt: skip


class IncomeForm(forms.Form):
    """填报收入: the items of one category, and from which month on it holds."""

    def __init__(self, *args: object, category: DuesCategory, dues: Dues, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.parts = []
        if category.method == "brackets":
            marks = {"add": _("计入"), "subtract": _("减去"), "ignore": _("不计入，可不填")}
            for item in dues.components_of(category):
                if item.effect == "ignore":
                    continue
                name = f"part_{item.id}"
                hint = f"{marks[item.effect]}。{item.about}" if item.about else f"{marks[item.effect]}。"
                self.fields[name] = YuanField(label=item.title, required=False, help_text=hint)
                self.parts.append(name)
        self.fields["starts"] = MonthField(label=_("从哪个月起"))
        self.fields["note"] = forms.CharField(label=_("说明（可不填）"), max_length=200, required=False)

    @property
    def entered(self) -> dict[str, int]:
        """Component → fen."""
        return {name.removeprefix("part_"): self.cleaned_data[name] for name in self.parts if self.cleaned_data[name]}


class ReliefForm(forms.Form):
    """申请减免."""

    starts = MonthField(label=_("从哪个月起"))
    ends = MonthField(label=_("到哪个月（含）"))
    amount = YuanField(label=_("减为每月（元）"), help_text=_("免交填 0。"))
    studied_on = forms.DateField(label=_("支部研究的日期"), widget=forms.DateInput)
    reason = forms.CharField(
        label=_("困难情况"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("只给上报和批准的人看，加密保存。"),
    )  # fmt: skip


class ConsentForm(forms.Form):
    """申请按季或者代交."""

    kind = forms.ChoiceField(label=_("申请"), choices=Consent.KINDS, widget=forms.RadioSelect)
    through = forms.CharField(
        label=_("由谁代交"), max_length=60, required=False, help_text=_("由亲属或者其他党员代交时填写。")
    )
    reason = forms.CharField(label=_("原因"), max_length=200)


class FindingForm(forms.Form):
    """核实欠交情况."""

    outcome = forms.ChoiceField(label=_("核实结果"), choices=Finding.OUTCOMES, widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("核实的情况"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("加密保存，只给核定党费的人看。")
    )  # fmt: skip
    deadline = forms.DateField(label=_("期限（限期改正时填）"), required=False, widget=forms.DateInput)


class MovementForm(forms.Form):
    """登记往来."""

    kind = forms.ChoiceField(label=_("种类"), choices=Movement.KINDS)
    amount = YuanField(label=_("金额（元）"), min_value=Decimal("0.01"))
    to = forms.ChoiceField(label=_("下拨给"), required=False)
    use = forms.ChoiceField(label=_("用途"), required=False)
    on = forms.DateField(label=_("日期"), widget=forms.DateInput)
    note = forms.CharField(label=_("说明"), max_length=200, required=False)

    def __init__(
        self, *args: object, below: list[tuple[int, str]], uses: list[tuple[str, str]], **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", _("不是下拨")), *((str(pk), name) for pk, name in below)]
        self.fields["use"].choices = [("", _("不是支出")), *uses]


class GiftForm(forms.Form):
    """自愿多交."""

    amount = YuanField(label=_("金额（元）"), min_value=Decimal("0.01"))


class CollectForm(forms.Form):
    """收一名党员的党费."""

    method = forms.ChoiceField(label=_("方式"), choices=(("cash", _("现金")), ("transfer", _("转账"))))
    paid_on = forms.DateField(label=_("交纳日期"), widget=forms.DateInput)
    through = forms.CharField(label=_("代交人（本人交不填）"), max_length=60, required=False)


class MovementFilter(django_filters.FilterSet):
    """筛选往来."""

    kind = django_filters.ChoiceFilter(label=_("种类"), choices=Movement.KINDS, empty_label=_("全部种类"))
    state = django_filters.ChoiceFilter(label=_("状态"), choices=Movement.STATES, empty_label=_("全部状态"))

    class Meta:
        model = Movement
        fields = ("kind", "state")
