"""Shapes of input; the form of a step is made from the pack's table."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from gongjian.desks.admissions.models import Admission, Observation
from gongjian.desks.admissions.states import STATES
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.policy.admissions_schema import AdmissionField, AdmissionStep

WHEN = (("overdue", _("已逾期")), ("week", _("七天内到期")), ("ready", _("可以办")), ("early", _("未到时间")))


class AdmissionFilter(django_filters.FilterSet):
    """筛选: by stage, standing, urgency and state."""

    stage = django_filters.ChoiceFilter(label=_("阶段"), choices=(), empty_label=_("全部阶段"))
    standing = django_filters.ChoiceFilter(label=_("身份"), choices=(), empty_label=_("全部身份"))
    when = django_filters.ChoiceFilter(label=_("期限"), choices=WHEN, method="by_time", empty_label=_("不限"))
    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部状态"))

    class Meta:
        model = Admission
        fields = ("stage", "standing", "when", "state")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        table = policy.current().admissions
        self.filters["stage"].extra["choices"] = [(stage.id, stage.title) for stage in table.stages]
        self.filters["standing"].extra["choices"] = [(one.id, one.title) for one in table.standings]

    def by_time(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Files whose next step is overdue, due within a week, possible, or too early."""
        today, open_ = clock.today(), queryset.filter(state="under_way")
        if value == "overdue":
            return open_.filter(due_on__lt=today)
        if value == "week":
            return open_.filter(due_on__gte=today, due_on__lte=today + dt.timedelta(days=7))
        if value == "early":
            return open_.filter(earliest_on__gt=today)
        return open_.exclude(earliest_on__gt=today)


class StartForm(forms.Form):
    """登记入党申请."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    identity = forms.CharField(
        label=_("身份证号"), max_length=30, required=False,
        help_text=_("用来核对年龄和是否已经登记；加密保存，只显示掩码。系统里已有的人按证件号找到，不会重复登记。"),
    )  # fmt: skip
    birth_date = forms.DateField(
        label=_("出生日期"), required=False, widget=forms.DateInput, help_text=_("没有身份证号时填写。")
    )
    phone = forms.CharField(label=_("手机"), max_length=20, required=False)
    work_unit = forms.CharField(label=_("工作、学习单位"), max_length=200, required=False)
    on = forms.DateField(label=_("收到申请书的日期"), widget=forms.DateInput)
    paper = forms.BooleanField(label=_("以前在线下收到的，现在补录"), required=False)
    evidence = forms.CharField(
        label=_("凭据"),
        max_length=300,
        required=False,
        help_text=_("补录时写明依据，例如台账页码；扫描件可以随后上传。"),
    )

    def clean(self) -> dict:
        """One of identity number and birth date tells the age."""
        found = super().clean()
        if not found.get("identity") and not found.get("birth_date"):
            self.add_error("identity", _t("请填写身份证号，或者出生日期。"))
        return found


class AdoptForm(forms.Form):
    """接续办理: a probationary member, and what the earlier steps rest on."""

    person = forms.ChoiceField(label=_("预备党员"), widget=forms.RadioSelect)
    evidence = forms.CharField(
        label=_("凭据"), min_length=5, max_length=300, help_text=_("以前各步在纸质档案的什么地方，例如“2025年入党材料，党委批复〔2025〕3号”。")
    )  # fmt: skip

    def __init__(self, *args: object, members: list, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [
            (str(row.person_id), f"{row.person.name}（{row.org.short_name or row.org.name}，{row.joined_on} 接收）")
            for row in members
        ]


def _field(field: AdmissionField, people: list, groups: list) -> forms.Field:
    plain = {"label": field.title, "required": field.required, "help_text": field.help}
    if field.kind == "text":
        return forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}), **plain)
    if field.kind == "date":
        return forms.DateField(widget=forms.DateInput, **plain)
    if field.kind == "number":
        return forms.IntegerField(min_value=0, max_value=100_000, **plain)
    if field.kind == "choice":
        return forms.ChoiceField(
            choices=[(one.id, one.title) for one in field.choices], widget=forms.RadioSelect, **plain
        )
    names = [(str(person.pk), person.name) for person in people]
    if field.kind == "person":
        return forms.ChoiceField(choices=[("", "—"), *names], **plain)
    if field.kind == "people":
        return forms.MultipleChoiceField(choices=names, widget=forms.CheckboxSelectMultiple, **plain)
    if field.kind == "group":
        return forms.ChoiceField(choices=[("", _t("不编组")), *((str(g.pk), g.name) for g in groups)], **plain)
    return forms.CharField(max_length=120, **plain)


class StepForm(forms.Form):
    """办一步: the day, the fields of the table, and below them what only some need."""

    on = forms.DateField(label=_("办理日期"), widget=forms.DateInput)

    def __init__(
        self, *args: object, step: AdmissionStep, people: list, groups: list, polled: bool = False, shown: bool = True,
        **kwargs: object,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.step = step
        vote = next((c for c in step.conditions if c.kind == "vote"), None)
        for field in step.fields:
            if polled and field.id in ("due", "present", "yes", "no", "abstain", "written"):
                continue
            self.fields[field.id] = _field(field, people, groups)
        if not shown:
            self._paper_publication()
        if vote is not None:
            self.fields["not_passed"] = forms.BooleanField(
                label=_t("表决没有通过，如实记录"),
                required=False,
                help_text=_t("记下这次会议；这一步留在原处，以后可以再讨论。"),
            )
        self.fields["reason"] = forms.CharField(
            label=_t("说明"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_t("逾期、特殊情况等与通常规定不同时写明原因；平常不填。"),
        )  # fmt: skip
        self.fields["paper"] = forms.BooleanField(label=_t("以前在线下办的，现在补录"), required=False)
        self.fields["evidence"] = forms.CharField(
            label=_t("凭据"), max_length=300, required=False, help_text=_t("补录时写明依据；扫描件在档案页面上传。")
        )

    def _paper_publication(self) -> None:
        self.fields["shown_on"] = forms.DateField(
            label=_t("线下公示日期"), required=False, widget=forms.DateInput,
            help_text=_t("已经在公示栏公示过的才填；没有公示的请返回档案页面发布公示。"),
        )  # fmt: skip
        self.fields["shown_until"] = forms.DateField(
            label=_t("线下公示截止日期"), required=False, widget=forms.DateInput
        )
        self.fields["shown_result"] = forms.ChoiceField(
            label=_t("公示结果"), required=False,
            choices=[("", "—"), ("clear", _t("无异议")), ("answered", _t("有异议，已答复")), ("upheld", _t("异议成立"))],
        )  # fmt: skip
        self.fields["shown_note"] = forms.CharField(label=_t("公示凭据"), max_length=300, required=False)

    RARE = ("shown_on", "shown_until", "shown_result", "shown_note", "not_passed", "reason", "paper", "evidence")

    @property
    def rare_fields(self) -> list:
        """Fields that only some need, kept folded; one with an error, or asked for now, stands among the others."""
        return [self[name] for name in self.RARE if name in self.fields and name not in self.unfolded]

    @property
    def unfolded(self) -> set[str]:
        """Rare fields that are to be seen at once."""
        return set(self.errors) | ({"reason"} if self.asks_reason else set())

    @property
    def main(self) -> str:
        """The names of all other fields, for the template."""
        return ",".join(name for name in self.fields if name not in self.RARE or name in self.unfolded)

    asks_reason = False
    BESIDE = ("on", "not_passed", "reason", "paper", "evidence")

    @property
    def values(self) -> dict:
        """What belongs to the step itself."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name not in self.BESIDE and value not in (None, "")
        }

    @property
    def deed(self) -> dict:
        """The keywords of `do_step` besides file, step and actor."""
        data = self.cleaned_data
        found = {"on": data["on"], "values": self.values, "reason": data["reason"], "paper": data["paper"],
                 "evidence": data["evidence"]}  # fmt: skip
        return found | ({"not_passed": data["not_passed"]} if "not_passed" in data else {})


class ObserveForm(forms.Form):
    """记考察."""

    kind = forms.ChoiceField(
        label=_("种类"), choices=Observation.KINDS, widget=forms.RadioSelect, initial="observation"
    )
    on = forms.DateField(label=_("日期"), widget=forms.DateInput)
    text = forms.CharField(
        label=_("情况"), min_length=5, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("思想、工作、学习和群众反映；本人看不到这里的内容。"),
    )  # fmt: skip
    paper = forms.BooleanField(label=_("以前在线下记的，现在补录"), required=False)
    evidence = forms.CharField(label=_("凭据"), max_length=300, required=False)


class ReasonForm(forms.Form):
    """原因."""

    reason = forms.CharField(label=_("原因"), max_length=300, min_length=5, widget=forms.Textarea(attrs={"rows": 2}))


class EndForm(forms.Form):
    """终止."""

    kind = forms.ChoiceField(
        label=_("情形"), choices=[pair for pair in Admission.ENDS if pair[0] not in ("", "cancelled")],
        widget=forms.RadioSelect,
    )  # fmt: skip
    on = forms.DateField(label=_("日期"), widget=forms.DateInput)
    reason = forms.CharField(label=_("原因"), max_length=300, min_length=5, widget=forms.Textarea(attrs={"rows": 2}))


class MoveForm(forms.Form):
    """转往另一个支部."""

    to = forms.CharField(
        label=_("转往的党支部"), max_length=120, help_text=_("填对方支部的组织代码，可以向对方书记询问。")
    )
    reason = forms.CharField(label=_("原因"), max_length=200, min_length=5)


class PoolForm(forms.Form):
    """队伍分析."""

    year = forms.IntegerField(label=_("年度"), min_value=2000, max_value=2999)
    text = forms.CharField(
        label=_("状况、问题和措施"), min_length=10, max_length=5000, widget=forms.Textarea(attrs={"rows": 6})
    )
