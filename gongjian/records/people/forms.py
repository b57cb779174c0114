"""Forms of the deeds on people."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.ui.widgets import Switch
from gongjian.records.orgs.forms import DayField, OrganisationField
from gongjian.records.people import codes, queries
from gongjian.records.people.models import CorrectionRequest, Membership, Person, Relation

BRANCH_HELP = gettext_lazy("输入支部名称、拼音或代码，从提示中选择。")


def _with_empty(table: dict[str, str]) -> list[tuple[str, Any]]:
    return [("", gettext_lazy("未填")), *table.items()]


class ActorForm(forms.Form):
    """知道谁在填的表单."""

    def __init__(self, *args: Any, actor: Actor, person: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.person = actor, person
        for field in self.fields.values():
            if isinstance(field, OrganisationField):
                field.actor = actor
        if "on" in self.fields:
            self.fields["on"].initial = clock.today


class ParticularsForm(ActorForm):
    """人员资料."""

    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    identity = forms.CharField(
        label=gettext_lazy("身份证号"),
        max_length=30,
        required=False,
        help_text=gettext_lazy("会核对校验位，并据此填写性别和出生日期；加密保存，只显示掩码。"),
    )
    sex = forms.ChoiceField(label=gettext_lazy("性别"), choices=list(codes.SEX.items()), initial="9", required=False)
    birth_date = DayField(label=gettext_lazy("出生日期"), required=False)
    ethnic = forms.ChoiceField(label=gettext_lazy("民族"), choices=_with_empty(codes.ETHNIC), required=False)
    phone = forms.CharField(
        label=gettext_lazy("电话"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("手机号，或带区号的固定电话；加密保存。"),
    )
    address = forms.CharField(
        label=gettext_lazy("住址"), max_length=200, required=False, help_text=gettext_lazy("到门牌号；加密保存。")
    )
    education = forms.ChoiceField(label=gettext_lazy("学历"), choices=_with_empty(codes.EDUCATION), required=False)
    degree = forms.ChoiceField(label=gettext_lazy("学位"), choices=_with_empty(codes.DEGREE), required=False)
    work_unit = forms.CharField(label=gettext_lazy("工作单位"), max_length=200, required=False)
    occupation = forms.CharField(label=gettext_lazy("工作岗位"), max_length=40, required=False)

    def clean_sex(self) -> str:
        """Nothing chosen means not stated."""
        return self.cleaned_data["sex"] or "9"


class RegisterForm(ParticularsForm):
    """登记人员: with the organisation that registers, and membership in the same go if wanted."""

    org = OrganisationField(label=gettext_lazy("登记到"), permission="people.manage", help_text=BRANCH_HELP)
    role = forms.ChoiceField(
        label=gettext_lazy("身份"),
        choices=[*Membership.KINDS, *((f"r:{code}", label) for code, label in Relation.BY_HAND)],
    )
    joined_on = DayField(label=gettext_lazy("入党日期"), required=False, help_text=gettext_lazy("党员填写。"))
    formal_on = DayField(label=gettext_lazy("转正日期"), required=False, help_text=gettext_lazy("正式党员填写。"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["org", "role", "name", "identity", "sex", "birth_date", "joined_on", "formal_on"])

    def clean(self) -> dict:
        """Members have a date of joining."""
        data = super().clean()
        if data.get("role") in dict(Membership.KINDS) and not data.get("joined_on"):
            self.add_error("joined_on", _("请填写入党日期。"))
        if data.get("role") == "formal" and not data.get("formal_on"):
            self.add_error("formal_on", _("请填写转正日期。"))
        return data


class CorrectForm(ParticularsForm):
    """更正资料: protected fields are filled only to replace them; empty keeps what is there."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        given = {
            name: getattr(person, name)
            for name in ("name", "sex", "birth_date", "ethnic", "education", "degree", "work_unit", "occupation")
        }
        super().__init__(*args, person=person, initial=given, **kwargs)
        for field in ("identity", "phone", "address"):
            now = getattr(person, f"{field}_masked")
            self.fields[field].help_text = (
                _("现为 %(masked)s。不改的留空。") % {"masked": now} if now else _("现未登记。")
            )

    def changes(self) -> dict:
        """What to correct: plain fields, and protected ones that were filled."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if value or name not in ("identity", "phone", "address")
        }


class AdmitForm(ActorForm):
    """登记为党员."""

    org = OrganisationField(label=gettext_lazy("所在党支部"), permission="people.manage", help_text=BRANCH_HELP)
    kind = forms.ChoiceField(label=gettext_lazy("人员类别"), choices=Membership.KINDS)
    joined_on = DayField(label=gettext_lazy("入党日期"), help_text=gettext_lazy("支部大会通过接收预备党员的那一天。"))
    formal_on = DayField(label=gettext_lazy("转正日期"), required=False, help_text=gettext_lazy("正式党员填写。"))
    mobile = forms.BooleanField(label=gettext_lazy("流动党员"), required=False, widget=Switch)


class MoveForm(ActorForm):
    """转接组织关系."""

    to = OrganisationField(label=gettext_lazy("转入党支部"), permission="people.manage", help_text=BRANCH_HELP)
    group = OrganisationField(label=gettext_lazy("党小组"), required=False, permission="people.manage")
    on = DayField(label=gettext_lazy("转入日期"))
    reason = forms.CharField(label=gettext_lazy("事由"), max_length=200, required=False)


class FormalForm(ActorForm):
    """转正."""

    on = DayField(
        label=gettext_lazy("转正日期"), help_text=gettext_lazy("预备期满之日；支部大会晚于期满的，仍自期满之日算起。")
    )


class StateForm(ActorForm):
    """党籍状态与流动、失联情况."""

    state = forms.ChoiceField(label=gettext_lazy("党籍状态"), choices=Membership.STATES)
    mobile = forms.BooleanField(label=gettext_lazy("流动党员"), required=False, widget=Switch)
    mobile_to = forms.CharField(label=gettext_lazy("外出地点"), max_length=60, required=False)
    lost_since = DayField(
        label=gettext_lazy("失去联系日期"),
        required=False,
        help_text=gettext_lazy(
            "失去联系 6 个月以上、通过各种方式查找仍无音信的，由支部大会决定停止党籍；系统不会自动处置。"
        ),
    )
    on = DayField(label=gettext_lazy("变动日期"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        member = queries.membership_of(person.pk)
        given = (
            {name: getattr(member, name) for name in ("state", "mobile", "mobile_to", "lost_since")} if member else {}
        )
        super().__init__(*args, person=person, initial=given, **kwargs)


class LeaveForm(ActorForm):
    """党员减少: the kinds come from the pack."""

    on = DayField(label=gettext_lazy("日期"))
    kind = forms.ChoiceField(label=gettext_lazy("种类"))
    reason = forms.CharField(
        label=gettext_lazy("原因"),
        max_length=200,
        help_text=gettext_lazy("如去世、除名、转出本市；写明决定机关和文号。"),
    )
    confirmed = forms.BooleanField(label=gettext_lazy("我已核对，确认办理"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(policy.current().transfers.leave_kinds, key=lambda kind: kind.order)
        self.fields["kind"].choices = [("", gettext_lazy("请选择")), *((kind.id, kind.title) for kind in kinds)]


class AppointForm(ActorForm):
    """任职: posts come from the pack."""

    org = OrganisationField(label=gettext_lazy("组织"), permission="people.manage")
    post = forms.ChoiceField(label=gettext_lazy("职务"))
    on = DayField(label=gettext_lazy("任职日期"))
    part_time = forms.BooleanField(label=gettext_lazy("兼职"), required=False, widget=Switch)
    sending_unit = forms.CharField(
        label=gettext_lazy("派出单位"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("兼职委员、第一书记、联建员填写。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["post"].choices = [(post.id, post.title) for post in policy.current().posts]


class CircumstanceForm(ActorForm):
    """不计入应到情形: kinds come from the pack."""

    kind = forms.ChoiceField(label=gettext_lazy("情形"))
    starts_on = DayField(label=gettext_lazy("起始日期"))
    ends_on = DayField(
        label=gettext_lazy("预计结束日期"), required=False, help_text=gettext_lazy("从这一天起恢复计入；不确定的留空。")
    )
    evidence = forms.CharField(
        label=gettext_lazy("依据说明"),
        max_length=300,
        help_text=gettext_lazy("如诊断证明、出境记录、文书文号；只有管理本支部党员信息的人和本人看得到。"),
    )
    consented_by = forms.CharField(
        label=gettext_lazy("同意的上级组织"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("上级还没有答复的先留空，登记同意之前仍计入应到。"),
    )
    consented_on = DayField(label=gettext_lazy("上级同意日期"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.id, kind.title) for kind in policy.current().voting.circumstances]


class ConsentForm(ActorForm):
    """上级同意不计入应到."""

    consented_by = forms.CharField(label=gettext_lazy("同意的上级组织"), max_length=120)
    consented_on = DayField(label=gettext_lazy("上级同意日期"))


class EndForm(ActorForm):
    """免职或结束关系."""

    on = DayField(label=gettext_lazy("结束日期"))
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200, required=False)


class RelateForm(ActorForm):
    """建立关系."""

    org = OrganisationField(label=gettext_lazy("组织"), permission="people.manage")
    kind = forms.ChoiceField(label=gettext_lazy("关系"), choices=Relation.BY_HAND)
    on = DayField(label=gettext_lazy("起始日期"))


class PurposeForm(forms.Form):
    """查看用途: asked before a protected field is shown or a list is taken out."""

    purpose = forms.CharField(
        label=gettext_lazy("用途"),
        min_length=4,
        max_length=200,
        help_text=gettext_lazy("可以从提示中选，也可以自己写。用途会记入纪实，本人看得到。"),
        widget=forms.TextInput({"autocomplete": "off", "list": "purposes"}),
    )


class AskForm(forms.Form):
    """申请更正."""

    field = forms.ChoiceField(label=gettext_lazy("哪一项不对"), choices=CorrectionRequest.FIELDS)
    wanted = forms.CharField(
        label=gettext_lazy("应当是什么"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text=gettext_lazy("写明正确的内容和依据；由支部书记或上级办理，并告诉您结果和理由。"),
    )


class AnswerForm(forms.Form):
    """答复更正申请."""

    answer = forms.CharField(label=gettext_lazy("理由"), max_length=500, widget=forms.Textarea({"rows": 2}))
