"""Forms of the deeds on organisations."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.ui.widgets import DayInput, SearchSelect, Switch
from gongjian.records.orgs import queries
from gongjian.records.orgs.models import Organisation
from gongjian.records.orgs.succession import members_to_choose


def _suggest() -> str:
    return reverse("orgs:suggest")


class OrganisationField(forms.CharField):
    """组织选择框: a text with suggestions that becomes the organisation; the form that holds it sets `actor`.

    Only organisations over which the actor holds `permission` are found.
    """

    def __init__(self, *, permission: str = "orgs.view", **kwargs: Any) -> None:
        kwargs.setdefault("widget", SearchSelect(_suggest, {"placeholder": gettext_lazy("输入名称、拼音或代码")}))
        super().__init__(**kwargs)
        self.permission = permission
        self.actor: Actor | None = None

    def prepare_value(self, value: Any) -> Any:
        """An organisation is shown as its code and name."""
        return f"{value.code} {value.name}" if isinstance(value, Organisation) else value

    def clean(self, value: Any) -> Organisation | None:
        """The organisation that the text names; an error if there is none in scope."""
        text = super().clean(self.prepare_value(value))
        if not text:
            return None
        found = queries.by_code(self.actor, text, permission=self.permission) if self.actor else None
        if found is None:
            raise forms.ValidationError(_("没有找到“%(text)s”。请从提示中选择，或填写组织代码。") % {"text": text})
        return found


class DayField(forms.DateField):
    """日期: with the browser's own picker, today unless said otherwise."""

    widget = DayInput


class DeedForm(forms.Form):
    """办理表单: when and why; every deed on an organisation asks both."""

    on = DayField(label=gettext_lazy("生效日期"), help_text=gettext_lazy("可以补记过去的日期，不能晚于今天。"))
    reason = forms.CharField(
        label=gettext_lazy("事由"), max_length=200, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("如批复文号；会写入纪实。"),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, org: Organisation | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor, self.org = actor, org
        self.fields["on"].initial = clock.today
        for field in self.fields.values():
            if isinstance(field, OrganisationField):
                field.actor = actor
        last = [name for name in ("on", "reason", "confirmed") if name in self.fields]
        self.order_fields([name for name in self.fields if name not in last] + last)


class ParticularsForm(forms.Form):
    """资料: what can be corrected without changing the tree."""

    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)
    division_code = forms.CharField(
        label=gettext_lazy("行政区划代码"), max_length=15, required=False,
        help_text=gettext_lazy("街道 9 位、社区 12 位的统计用区划代码；单位和支部不填。"),
    )  # fmt: skip
    trade = forms.CharField(label=gettext_lazy("行业"), max_length=40, required=False)
    sector = forms.CharField(label=gettext_lazy("领域"), max_length=40, required=False)
    unit_name = forms.CharField(label=gettext_lazy("所在单位"), max_length=200, required=False)
    credit_code = forms.CharField(
        label=gettext_lazy("统一社会信用代码"),
        max_length=18,
        required=False,
        help_text=gettext_lazy("18 位，会核对校验位。"),
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    phone = forms.CharField(label=gettext_lazy("办公电话"), max_length=40, required=False)
    urban = forms.BooleanField(label=gettext_lazy("城市基层党组织"), required=False, widget=Switch)

    def __init__(self, *args: Any, actor: Actor, org: Organisation, **kwargs: Any) -> None:
        given = {name: getattr(org, name) for name in self.base_fields}
        super().__init__(*args, initial=given | (kwargs.pop("initial", None) or {}), **kwargs)
        self.actor, self.org = actor, org


class FoundForm(DeedForm):
    """成立组织."""

    parent = OrganisationField(label=gettext_lazy("隶属于"), permission="orgs.manage")
    kind = forms.ChoiceField(label=gettext_lazy("类型"))
    name = forms.CharField(
        label=gettext_lazy("名称"),
        max_length=200,
        help_text=gettext_lazy("与印章一致的全称；没有印章的写“中共”加单位加类型。"),
    )
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)
    code = forms.CharField(
        label=gettext_lazy("组织代码"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("不填则按区划、类型和顺序自动编号。"),
    )
    territory = OrganisationField(
        label=gettext_lazy("属地"), required=False, help_text=gettext_lazy("坐落在哪个社区或街道；与隶属相同的不填。")
    )
    unit_name = forms.CharField(label=gettext_lazy("所在单位"), max_length=200, required=False)
    urban = forms.BooleanField(label=gettext_lazy("城市基层党组织"), required=False, widget=Switch)
    planned_formal = forms.IntegerField(
        label=gettext_lazy("拟有正式党员"), min_value=0, max_value=100000, required=False,
        help_text=gettext_lazy("填写后按《支部工作条例》核对规模：预备党员不计入。"),
    )  # fmt: skip
    planned_members = forms.IntegerField(
        label=gettext_lazy("拟有党员总数"), min_value=0, max_value=100000, required=False
    )
    covered_units = forms.IntegerField(
        label=gettext_lazy("覆盖单位数"),
        min_value=0,
        max_value=1000,
        required=False,
        help_text=gettext_lazy("联合党支部填写。"),
    )
    accept = forms.BooleanField(
        label=gettext_lazy("已知悉上述提醒，仍然成立"), required=False, widget=forms.HiddenInput
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        above = self.org.kind if self.org else None
        self.fields["kind"].choices = [
            (kind.id, kind.title) for kind in policy.current().org_kinds if above is None or above in kind.parents
        ]
        if self.org:
            self.fields["parent"].initial = self.org

    def ask_acceptance(self) -> None:
        """Show the tick box by which somebody goes on in spite of warnings."""
        self.fields["accept"].widget = forms.CheckboxInput()


class RenameForm(DeedForm):
    """更名."""

    name = forms.CharField(label=gettext_lazy("新名称"), max_length=200)


class MoveForm(DeedForm):
    """调整隶属或属地."""

    parent = OrganisationField(label=gettext_lazy("新的隶属"), permission="orgs.manage")
    territory = OrganisationField(
        label=gettext_lazy("新的属地"), required=False, help_text=gettext_lazy("随隶属组织的不填。")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].initial, self.fields["territory"].initial = self.org.parent, self.org.territory


class ConfirmedForm(DeedForm):
    """不能撤回的办理: a tick box before the button."""

    confirmed = forms.BooleanField(label=gettext_lazy("我已核对上面列出的影响，确认办理"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True


class MergeForm(ConfirmedForm):
    """合并."""

    into = OrganisationField(
        label=gettext_lazy("并入"), permission="orgs.manage", help_text=gettext_lazy("同一层级的组织。")
    )


class SplitForm(ConfirmedForm):
    """拆分: children are chosen here, members on the people's side through `members` (ids, comma separated)."""

    name = forms.CharField(label=gettext_lazy("新组织名称"), max_length=200)
    code = forms.CharField(
        label=gettext_lazy("新组织代码"), max_length=40, required=False, help_text=gettext_lazy("不填则自动编号。")
    )
    children = forms.MultipleChoiceField(
        label=gettext_lazy("划入新组织的下级"), required=False, widget=forms.CheckboxSelectMultiple
    )
    members = forms.MultipleChoiceField(
        label=gettext_lazy("划入新组织的党员"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.below = {str(child.pk): child for child in queries.children(self.org)}
        self.fields["children"].choices = [(pk, child.name) for pk, child in self.below.items()]
        self.fields["members"].choices = members_to_choose(self.org)
        for name in ("children", "members"):
            if not self.fields[name].choices:
                del self.fields[name]


class DissolveForm(ConfirmedForm):
    """撤销."""


class TermForm(DeedForm):
    """换届."""

    years = forms.IntegerField(label=gettext_lazy("任期（年）"), min_value=1, max_value=5)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].label = _("新一届起始日期")
        del self.fields["reason"]
        described = next((kind for kind in policy.current().org_kinds if kind.id == self.org.kind), None)
        self.fields["years"].initial = described.term_years if described else None
        self.fields["years"].help_text = described.basis if described else ""


class JointForm(DeedForm):
    """组建大工委、大党委."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=200)
    years = forms.IntegerField(label=gettext_lazy("任期（年）"), min_value=1, max_value=5, required=False)


class AsOfForm(forms.Form):
    """看哪一天的组织树."""

    day = DayField(label=gettext_lazy("日期"), required=False)
