"""Shapes of input."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.desks.transfers.models import Contact, StandingCase, Transfer
from gongjian.desks.transfers.queries import moving
from gongjian.desks.transfers.states import CASE_STATES, STATES
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.ui.widgets import DayInput, MonthInput, SearchSelect
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Membership


def _suggest() -> str:
    return reverse("transfers:destinations")


class DayField(forms.DateField):
    """日期: with the browser's own picker."""

    widget = DayInput


class DestinationField(forms.CharField):
    """去向: a branch or committee of the city, from suggestions by name, pinyin or code."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", SearchSelect(_suggest, {"placeholder": gettext_lazy("输入名称、拼音或代码")}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        """An organisation is shown as its code and name."""
        return f"{value.code} {value.name}" if isinstance(value, Organisation) else value

    def clean(self, value: Any) -> Organisation | None:
        """The organisation that the text names."""
        text = super().clean(self.prepare_value(value))
        if not text:
            return None
        found = moving.destination(text)
        if found is None:
            raise forms.ValidationError(
                _("市内没有找到“%(text)s”。请从提示中选择；在市外的填在“市外党组织”一栏。") % {"text": text}
            )
        return found


def reasons() -> list[tuple[str, str]]:
    """The pack's reasons."""
    return [(one.id, one.title) for one in policy.current().transfers.reasons]


class WayForm(forms.Form):
    """去向与事由."""

    to = DestinationField(
        label=gettext_lazy("转到哪里（市内）"),
        required=False,
        help_text=gettext_lazy("党支部；不知道支部的，选接收的党委。"),
    )
    outside = forms.CharField(
        label=gettext_lazy("市外党组织"), required=False, max_length=200,
        help_text=gettext_lazy("转到市外的填全称，写到有接收权限的基层党委；转到市内的不填。"),
    )  # fmt: skip
    reason = forms.ChoiceField(label=gettext_lazy("事由"), widget=forms.RadioSelect)
    note = forms.CharField(label=gettext_lazy("说明（可不填）"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons()


class StartForm(WayForm):
    """支部发起."""

    field_order = ("person", "to", "outside", "reason", "dues_until", "note")
    person = forms.ChoiceField(label=gettext_lazy("党员"))
    dues_until = forms.CharField(label=gettext_lazy("党费交至"), required=False, widget=MonthInput)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", gettext_lazy("请选择")), *people]


class BatchForm(WayForm):
    """批量发起: one destination for all that are chosen."""

    field_order = ("people", "to", "outside", "reason", "dues_until", "note")
    people = forms.MultipleChoiceField(label=gettext_lazy("转哪些党员"), widget=forms.CheckboxSelectMultiple)
    dues_until = forms.CharField(label=gettext_lazy("党费交至"), required=False, widget=MonthInput)

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"].choices = people


class KeyInForm(forms.Form):
    """录入外来介绍信."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    identity = forms.CharField(
        label=gettext_lazy("身份证号"),
        max_length=30,
        help_text=gettext_lazy("加密保存，只用来核对本人；没有接收的，录入的号码会清除。"),
    )
    phone = forms.CharField(label=gettext_lazy("手机号（可不填）"), max_length=30, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("人员类别"), choices=Membership.KINDS, widget=forms.RadioSelect)
    joined_on = DayField(label=gettext_lazy("入党日期"))
    formal_on = DayField(label=gettext_lazy("转正日期"), required=False, help_text=gettext_lazy("正式党员必填。"))
    from_name = forms.CharField(label=gettext_lazy("开具介绍信的党组织"), max_length=200)
    serial = forms.CharField(label=gettext_lazy("介绍信编号"), max_length=120)
    issued_on = DayField(label=gettext_lazy("开具日期"))
    expires_on = DayField(label=gettext_lazy("有效期至"))
    dues_until = forms.CharField(label=gettext_lazy("党费交至"), required=False, widget=MonthInput)
    reason = forms.ChoiceField(label=gettext_lazy("事由"))
    to = DestinationField(label=gettext_lazy("转入支部"))
    note = forms.CharField(label=gettext_lazy("说明（可不填）"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].choices = reasons()


# --- deeds on one transfer ---------------------------------------------------------------------------------------
class DeedForm(forms.Form):
    """办理表单: knows the transfer."""

    def __init__(self, *args: Any, transfer: Transfer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.transfer = transfer
        self.prepare()

    def prepare(self) -> None:
        """Fill in choices and what is proposed."""


class AgreeForm(DeedForm):
    """支部确认."""

    dues_until = forms.CharField(
        label=gettext_lazy("党费交至"),
        required=False,
        widget=MonthInput,
        help_text=gettext_lazy("写在介绍信上；转走之后由新支部接着收。"),
    )

    def prepare(self) -> None:
        """This month."""
        self.fields["dues_until"].initial = clock.month_of(clock.today())


class AnswerForm(DeedForm):
    """理由."""

    answer = forms.CharField(label=gettext_lazy("理由"), max_length=400, widget=forms.Textarea({"rows": 3}))


class ReasonForm(DeedForm):
    """原因."""

    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, widget=forms.Textarea({"rows": 2}))


class NothingForm(DeedForm):
    """只须确认."""


class WithdrawForm(DeedForm):
    """本人撤回."""

    reason = forms.CharField(label=gettext_lazy("原因（可不填）"), max_length=200, required=False)


class RefuseForm(AnswerForm):
    """不予接收: never without a cause (DOMAIN 2.2.7)."""

    field_order = ("cause", "answer")
    cause = forms.ChoiceField(label=gettext_lazy("事由"), widget=forms.RadioSelect, required=False)

    def prepare(self) -> None:
        """The pack's causes; that one is chosen the deed checks."""
        self.fields["cause"].choices = [(one.id, one.title) for one in policy.current().transfers.refusal_causes]


class ObjectForm(DeedForm):
    """异议."""

    text = forms.CharField(label=gettext_lazy("异议的理由"), max_length=400, widget=forms.Textarea({"rows": 3}))


class JudgeForm(AnswerForm):
    """裁定."""

    field_order = ("uphold", "answer")
    uphold = forms.TypedChoiceField(
        label=gettext_lazy("裁定"), widget=forms.RadioSelect, coerce=lambda text: text == "1",
        choices=(("0", gettext_lazy("责令继续办理")), ("1", gettext_lazy("维持不接收"))),
    )  # fmt: skip


class RemindForm(DeedForm):
    """提醒谈话."""

    on = DayField(label=gettext_lazy("谈话日期"), help_text=gettext_lazy("只记哪天谈过，不记内容。"))

    def prepare(self) -> None:
        """Today."""
        self.fields["on"].initial = clock.today()


class BranchForm(DeedForm):
    """安排到哪个支部."""

    to = forms.TypedChoiceField(label=gettext_lazy("安排到哪个支部"), coerce=int)

    def prepare(self) -> None:
        """Branches for which the committee acts."""
        committee = self.transfer.to_committee
        self.branches = {org.pk: org for org in moving.branches_below(committee)} if committee else {}
        self.fields["to"].choices = [
            ("", gettext_lazy("请选择")),
            *((org.pk, org.name) for org in self.branches.values()),
        ]
        self.fields["to"].initial = self.transfer.to_org_id

    def clean_to(self) -> Organisation:
        """The organisation."""
        return self.branches[self.cleaned_data["to"]]


class DaysForm(DeedForm):
    """有效期."""

    field_order = ("to", "reason", "days", "accept")
    days = forms.IntegerField(label=gettext_lazy("有效期（天）"), min_value=1, max_value=366)
    accept = forms.BooleanField(label=gettext_lazy("超过通常上限，仍按此天数"), required=False)

    def prepare(self) -> None:
        """The usual days; what the pack says."""
        table = policy.current().transfers.validity
        self.fields["days"].initial = table.city_days if self.transfer.direction == "city" else table.outside_days
        self.fields["days"].help_text = table.basis


class IssueForm(DaysForm):
    """开介绍信, or inside one committee choose the branch."""

    to = forms.TypedChoiceField(label=gettext_lazy("安排到哪个支部"), coerce=int, required=False)

    def prepare(self) -> None:
        """A letter wants days; an adjustment inside one committee wants a branch."""
        super().prepare()
        same = self.transfer.to_committee_id == self.transfer.from_committee_id
        self.inside = same and not policy.current().transfers.committees.letter_within
        self.branches: dict[int, Organisation] = {}
        if self.inside:
            for name in ("days", "accept"):
                del self.fields[name]
        if self.inside and self.transfer.to_org_id is None:
            self.branches = {org.pk: org for org in moving.branches_below(self.transfer.to_committee)}
            self.fields["to"].choices = [(org.pk, org.name) for org in self.branches.values()]
        else:
            del self.fields["to"]

    def clean_to(self) -> Organisation | None:
        """The organisation."""
        return self.branches.get(self.cleaned_data["to"] or 0)


class ReissueForm(DaysForm):
    """遗失重开."""

    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        help_text=gettext_lazy("如遗失、污损、过期；原介绍信作废，号码保留。"),
    )


class ExtendForm(DaysForm):
    """延期."""

    reason = forms.CharField(label=gettext_lazy("逾期的原因"), max_length=200)

    def prepare(self) -> None:
        """From today on."""
        super().prepare()
        self.fields["days"].label = _("从今天起再延（天）")


class CompleteForm(DeedForm):
    """登记外地回执."""

    on = DayField(label=gettext_lazy("回执日期"))
    receipt_by = forms.CharField(label=gettext_lazy("回执单位"), max_length=200)

    def prepare(self) -> None:
        """As the letter says."""
        self.fields["on"].initial, self.fields["receipt_by"].initial = clock.today(), self.transfer.to_name


class CorrectForm(DeedForm):
    """补正: another destination, or the letter from outside as it should be."""

    to = DestinationField(label=gettext_lazy("转到哪里（市内）"), required=False)
    outside = forms.CharField(label=gettext_lazy("市外党组织"), required=False, max_length=200)
    dues_until = forms.CharField(label=gettext_lazy("党费交至"), required=False, widget=MonthInput)
    serial = forms.CharField(label=gettext_lazy("介绍信编号"), required=False, max_length=120)
    issued_on = DayField(label=gettext_lazy("开具日期"), required=False)
    expires_on = DayField(label=gettext_lazy("有效期至"), required=False)
    note = forms.CharField(label=gettext_lazy("说明"), required=False, max_length=300)

    def prepare(self) -> None:
        """As it was."""
        incoming = self.transfer.direction == "in"
        for name in ("to", "outside", "dues_until") if incoming else ("serial", "issued_on", "expires_on"):
            del self.fields[name]
        if not incoming:
            self.fields["to"].initial = self.transfer.to_org or self.transfer.to_committee
            self.fields["outside"].initial = self.transfer.to_name
            self.fields["dues_until"].initial = self.transfer.dues_until
        self.fields["note"].initial = self.transfer.note


# --- members away, lost, decided on -----------------------------------------------------------------------------
class StayForm(forms.Form):
    """流动党员登记."""

    place = forms.CharField(
        label=gettext_lazy("外出地点"), max_length=60, help_text=gettext_lazy("写到省、市、县即可，不写详细地址。")
    )
    abroad = forms.BooleanField(label=gettext_lazy("在国（境）外"), required=False)
    since = DayField(label=gettext_lazy("外出日期"))
    back_by = DayField(label=gettext_lazy("预计返回（可不填）"), required=False)
    contact = forms.TypedChoiceField(label=gettext_lazy("联系人"), coerce=int, required=False, empty_value=None)
    host = DestinationField(label=gettext_lazy("流入地党支部（在市内的才填）"), required=False)
    document = forms.ChoiceField(label=gettext_lazy("外出凭证"), required=False)
    document_number = forms.CharField(label=gettext_lazy("凭证编号（可不填）"), max_length=40, required=False)

    def __init__(self, *args: Any, people: list[tuple[int, str]], change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].choices = [("", gettext_lazy("未定")), *people]
        papers = policy.current().transfers.mobile.documents
        self.fields["document"].choices = [
            ("", gettext_lazy("按外出时间由系统建议")),
            *((one.id, one.title) for one in papers),
        ]
        self.fields["document"].help_text = papers[-1].basis
        if change:
            del self.fields["since"]


class ContactForm(forms.Form):
    """联系记录: the day and the way, nothing more."""

    on = DayField(label=gettext_lazy("日期"))
    way = forms.ChoiceField(label=gettext_lazy("方式"), choices=Contact.WAYS)
    made = forms.TypedChoiceField(
        label=gettext_lazy("结果"), coerce=lambda text: text == "1", widget=forms.RadioSelect,
        choices=(("1", gettext_lazy("联系上了")), ("0", gettext_lazy("没有联系上"))),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today()


class DayForm(forms.Form):
    """日期."""

    on = DayField(label=gettext_lazy("日期"))


class LostForm(forms.Form):
    """登记失去联系."""

    since = DayField(label=gettext_lazy("从哪天起失去联系"), help_text=gettext_lazy("最后一次联系上的次日。"))


class StaysForm(forms.Form):
    """暂不转接."""

    stays_because = forms.CharField(label=gettext_lazy("暂不转接的原因"), max_length=200)


class ReportForm(forms.Form):
    """流入地反馈."""

    year = forms.IntegerField(label=gettext_lazy("年度"), min_value=2000, max_value=2100)
    opinion = forms.CharField(
        label=gettext_lazy("参加组织生活和民主评议的情况"), max_length=300, widget=forms.Textarea({"rows": 3})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].initial = clock.today().year


class PaperForm(forms.Form):
    """外出凭证: what for, and why once more."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"), max_length=60, initial=gettext_lazy("参加所去地方党组织的活动"),
        help_text=gettext_lazy("会印在凭证上，如“参加学习培训”“异地务工”。"),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("重开的原因（开过的才填）"), max_length=200, required=False,
        help_text=gettext_lazy("如遗失、返回时间改变；原来的一份作废，号码保留。"),
    )  # fmt: skip


class ProposeForm(forms.Form):
    """提出党籍处理."""

    kind = forms.ChoiceField(label=gettext_lazy("事项"), widget=forms.RadioSelect)
    finding = forms.CharField(
        label=gettext_lazy("支部核实的情况"), max_length=500, widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("有没有正当理由、怎样查找过、与谁谈过话，由支部查明后写。系统的记录不能代替核实。"),
    )  # fmt: skip
    until = DayField(label=gettext_lazy("改正期限（限期改正才填）"), required=False)

    def __init__(self, *args: Any, kinds: list, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(one.id, one.title) for one in kinds]


class DecideForm(forms.Form):
    """支部大会的决定."""

    meeting_on = DayField(label=gettext_lazy("支部大会日期"))
    entitled = forms.IntegerField(label=gettext_lazy("应到会有表决权的党员"), min_value=1)
    present = forms.IntegerField(label=gettext_lazy("实到有表决权的党员"), min_value=0)
    yes = forms.IntegerField(label=gettext_lazy("赞成"), min_value=0)
    no = forms.IntegerField(label=gettext_lazy("反对"), min_value=0, initial=0)
    abstain = forms.IntegerField(label=gettext_lazy("弃权"), min_value=0, initial=0)


class ApproveForm(forms.Form):
    """批准."""

    on = DayField(label=gettext_lazy("批准日期"))
    number = forms.CharField(label=gettext_lazy("批准文号"), max_length=60)


class CaseAnswerForm(forms.Form):
    """理由."""

    answer = forms.CharField(label=gettext_lazy("理由"), max_length=300, widget=forms.Textarea({"rows": 3}))


class FinishForm(CaseAnswerForm):
    """了结限期改正."""

    field_order = ("corrected", "answer")
    corrected = forms.TypedChoiceField(
        label=gettext_lazy("结果"), coerce=lambda text: text == "1", widget=forms.RadioSelect,
        choices=(("1", gettext_lazy("已经改正")), ("0", gettext_lazy("没有改正"))),
    )  # fmt: skip


# --- filters ------------------------------------------------------------------------------------------------------
class TransferFilter(django_filters.FilterSet):
    """筛选."""

    direction = django_filters.ChoiceFilter(
        label=gettext_lazy("类别"), choices=Transfer.DIRECTIONS, empty_label=gettext_lazy("全部类别")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=STATES, empty_label=gettext_lazy("全部状态")
    )
    batch = django_filters.CharFilter(label=gettext_lazy("批次"), method="of_batch", widget=forms.HiddenInput)

    class Meta:
        model = Transfer
        fields = ("direction", "state", "batch")

    def of_batch(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Those of one batch."""
        return queryset.filter(batch=value)


class CaseFilter(django_filters.FilterSet):
    """党籍处理的筛选."""

    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=CASE_STATES, empty_label=gettext_lazy("全部状态")
    )

    class Meta:
        model = StandingCase
        fields = ("state",)
