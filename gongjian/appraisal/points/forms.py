from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.appraisal.points import queries
from gongjian.ground.kernel import clock


class GiveForm(forms.Form):
    """手工加分、扣分: by one of the pack's rules that are meant for it."""

    rule = forms.ChoiceField(label=gettext_lazy("规则"))
    on = forms.DateField(label=gettext_lazy("发生日期"), widget=forms.DateInput)
    reason = forms.CharField(
        label=gettext_lazy("事由"), max_length=200, help_text=gettext_lazy("写清楚做了什么，本人可以看到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    evidence = forms.CharField(
        label=gettext_lazy("依据材料"), max_length=200, help_text=gettext_lazy("例如会议记录、通知文号、照片编号。")
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        today = clock.today()
        self.fields["rule"].choices = [("", "——")] + [
            (rule.id, _("%(title)s（%(points)+d 分）") % {"title": rule.title, "points": rule.points})
            for rule in queries.manual_rules(today)
        ]
        self.fields["on"].initial = today


class ReasonForm(forms.Form):
    """事由."""

    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=200, help_text=gettext_lazy("至少 4 个字，本人可以看到。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip


class BasisForm(forms.Form):
    """实名榜单依据."""

    basis = forms.CharField(
        label=gettext_lazy("依据"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("法律或者文件的名称、文号和条款，会原样显示在榜单上。"),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("公布起始日"), widget=forms.DateInput)
    expires_on = forms.DateField(
        label=gettext_lazy("失效日"), widget=forms.DateInput, help_text=gettext_lazy("到这一天自动失效，最长一年。")
    )
