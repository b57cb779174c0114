from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.models import Exemption
from gongjian.appraisal.points.queries import appeals
from gongjian.ground import policy
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


class AppealForm(forms.Form):
    """申诉: about an entry only the reason is asked, about something missing also what and when."""

    rule = forms.ChoiceField(label=gettext_lazy("应当按哪条规则得分"))
    on = forms.DateField(label=gettext_lazy("哪一天的事"), widget=forms.DateInput)
    text = forms.CharField(
        label=gettext_lazy("理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("写清楚事实和您的要求，至少 8 个字。"),
    )  # fmt: skip
    evidence = forms.CharField(
        label=gettext_lazy("证据（可不填）"), max_length=300, required=False,
        help_text=gettext_lazy("例如谁可以证明、记录在哪里。不要写身份证号和电话。"),
    )  # fmt: skip

    def __init__(self, *args, about_entry: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if about_entry:
            del self.fields["rule"], self.fields["on"]
            return
        self.fields["rule"].choices = [("", "——")] + [(r.id, r.title) for r in appeals.missable_rules(clock.today())]


class EscalateForm(forms.Form):
    """提请上级复核."""

    text = forms.CharField(
        label=gettext_lazy("为什么不服"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("至少 8 个字。上级党组织的决定是最终决定。"),
    )  # fmt: skip


class DecideForm(forms.Form):
    """申诉决定: nothing is chosen beforehand."""

    upheld = forms.ChoiceField(
        label=gettext_lazy("决定"), widget=forms.RadioSelect,
        choices=(("yes", gettext_lazy("成立，予以更正")), ("no", gettext_lazy("不成立，维持原来的记分"))),
    )  # fmt: skip
    remedy = forms.ChoiceField(
        label=gettext_lazy("成立的，怎样更正"), required=False, widget=forms.RadioSelect,
        help_text=gettext_lazy("决定成立时必须选择。"),
    )  # fmt: skip
    points = forms.IntegerField(label=gettext_lazy("补记多少分"), required=False, min_value=1)
    reasons = forms.CharField(
        label=gettext_lazy("查证的情况和理由"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("至少 8 个字，本人可以看到。"),
    )  # fmt: skip

    def __init__(self, *args, remedies: tuple[str, ...], most: int, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        words = {"award": _("补记积分"), "withdraw": _("撤回这条记录")}
        self.fields["remedy"].choices = [(name, words[name]) for name in remedies]
        if "award" in remedies:
            self.fields["points"].help_text = _("选择补记时填写，最多 %(most)d 分：原规则当期还能得的分。") % {
                "most": most
            }
        else:
            del self.fields["points"]


class ExemptionForm(forms.Form):
    """登记豁免."""

    kind = forms.ChoiceField(label=gettext_lazy("情形"), choices=Exemption.KINDS, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("加密保存，只有办理豁免的人看得到。"),
    )  # fmt: skip
    starts_on = forms.DateField(label=gettext_lazy("起"), widget=forms.DateInput)
    ends_on = forms.DateField(label=gettext_lazy("止（含）"), widget=forms.DateInput)


class EndForm(ReasonForm):
    """提前结束豁免."""

    on = forms.DateField(label=gettext_lazy("从哪天起结束"), widget=forms.DateInput)


class VerdictForm(forms.Form):
    """年度评定: no verdict is chosen beforehand, and the score proposes none."""

    verdict = forms.ChoiceField(label=gettext_lazy("评定"), widget=forms.RadioSelect)
    reasons = forms.CharField(
        label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("支部委员会的意见，至少 8 个字。只告知本人。"),
    )  # fmt: skip
    correction = forms.CharField(
        label=gettext_lazy("更正的原因"), max_length=200, required=False, help_text=gettext_lazy("已有评定时必须填写。")
    )

    def __init__(self, *args, corrects: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        words = policy.on(clock.today()).points.verdicts
        self.fields["verdict"].choices = [(word.id, f"{word.title}：{word.about}") for word in words]
        if not corrects:
            del self.fields["correction"]
