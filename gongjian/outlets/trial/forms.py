"""Shapes of input, and the words for what is tuned."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongjian.ground.policy.schema import Pack
from gongjian.ground.ui.widgets import Switch
from gongjian.outlets.trial import edits

PARTS = {
    "rules": _("积分规则"), "dimensions": _("积分维度"), "frame": _("积分总则"), "duties": _("规定动作"),
}  # fmt: skip
LABELS = {
    "points": _("分值"), "per_quantity": _("每多少数量计一次"), "quantity_at_most": _("一次最多算多少数量"),
    "at_most.points": _("最多得多少分"), "at_most.per": _("最多分的时段"),
    "full": _("全年满分"), "cap": _("全年总分上限"), "floor": _("全年总分下限"), "times": _("次数"), "per": _("周期"),
    "applies_to": _("适用组织"), "warn_days_before": _("提前几天预警"), "remind_days_before": _("提前几天提醒"),
    "escalate_after_working_days": _("逾期几个工作日上报"), "title": _("名称"),
    "text": _("公布的条文"), "off": _("停用"), "until": _("停用日期"),
}  # fmt: skip
HELP = {
    "points": _("做一次得几分；扣分写负数。"),
    "per_quantity": _("例如志愿服务按分钟计，写 60 就是每满 60 分钟计一次分；按次数计分的不填。"),
    "at_most.points": _("同一条规则在一个时段里最多得几分；不封顶的不填。"),
    "full": _("一年里这个维度最多得几分，各维度合计不能超过总分上限。"),
    "floor": _("扣分不会低于这个数。"),
    "warn_days_before": _("周期结束前几天还没有完成或安排，就预警。"),
    "remind_days_before": _("可以写几个数，用顿号或逗号隔开，例如 20、7；不自动提醒的不填。"),
    "escalate_after_working_days": _("周期结束后这么多个工作日还没有补，就上报上一级。"),
    "text": _("党员和组织看到的就是这句话。改了上面的数，这里也要跟着改。"),
    "off": _("打开后，从草案生效那天起不再执行这一条；以前的记录照旧。"),
}
PER = {"month": _("每月"), "quarter": _("每季度"), "year": _("每年")}


class ManyFiles(forms.FileInput):
    """几个文件."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """几个文件: cleaned to a list of files, empty without any."""

    widget = ManyFiles(attrs={"multiple": True, "accept": ".yaml"})

    def clean(self, data: Any, initial: Any = None) -> list:
        """Each file by itself."""
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(FilesField, self).clean(one, initial) for one in given if one]


class DraftForm(forms.Form):
    """起草政策."""

    title = forms.CharField(label=_("草案名称"), max_length=80, help_text=_("例如：2027年积分规则调整。"))
    reason = forms.CharField(
        label=_("为什么改（可不填）"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("批准的人会看到。"),
    )  # fmt: skip
    files = FilesField(
        label=_("政策包文件（可不选）"), required=False,
        help_text=_(
            "不选，就从现行政策包起草，在网页上一条一条改。选了 points.yaml、duties.yaml 等文件，只写与现行不同的地方即可；"
            "连同 pack.yaml 一起上传的，按整个政策包读。"
        ),
    )  # fmt: skip


class DescribeForm(forms.Form):
    """名称和理由."""

    title = DraftForm.base_fields["title"]
    reason = DraftForm.base_fields["reason"]


class TryForm(forms.Form):
    """试算哪一年."""

    year = forms.TypedChoiceField(label=_("用哪一年的记录"), coerce=int)

    def __init__(self, *args: Any, years: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["year"].choices = [(year, _now("%(year)d年") % {"year": year}) for year in years]


class SubmitForm(forms.Form):
    """提交批准."""

    effective_from = forms.DateField(
        label=_("从哪天起生效"), help_text=_("最早是今天。积分按行为发生当天的规则计；定在年初或季初，前后最好对照。")
    )
    version = forms.RegexField(
        r"^[0-9]+(\.[0-9]+)*$", label=_("版本号"), max_length=32, help_text=_("数字和点，不能和登记过的重复。"),
        error_messages={"invalid": _("请用数字和点，例如 2026.2。")},
    )  # fmt: skip


def _list(text: str) -> list[str]:
    for sign in "、，,；; \t\n":
        text = text.replace(sign, " ")
    return text.split()


class EntryForm(forms.Form):
    """改一条: the fields of one entry that may be tuned; what they may be is the pack's checker's to say."""

    def __init__(self, *args: Any, part: str, pack: Pack, start: dict, **kwargs: Any) -> None:
        self.part, self.start = part, start
        super().__init__(*args, **kwargs)
        for name in edits.FIELDS[part]:
            self.fields[name] = self._field(name, pack)
            self.fields[name].label, self.fields[name].help_text = LABELS[name], HELP.get(name, "")

    def _field(self, name: str, pack: Pack) -> forms.Field:
        if name == edits.OFF:
            return forms.BooleanField(required=False, widget=Switch)
        if name in ("per", "at_most.per"):
            choices = [*PER.items()] if name == "per" else [("", _("不封顶")), *PER.items()]
            return forms.ChoiceField(required=name == "per", choices=choices)
        if name == "applies_to":
            kinds = [(kind.id, kind.title) for kind in pack.org_kinds]
            return forms.MultipleChoiceField(choices=kinds, required=False, widget=forms.CheckboxSelectMultiple)
        if name in edits.WORDS:
            rows = {"text": forms.Textarea(attrs={"rows": 2})}
            return forms.CharField(max_length=300, widget=rows.get(name, forms.TextInput))
        return forms.CharField(required=False, max_length=60, widget=forms.TextInput(attrs={"inputmode": "numeric"}))

    @property
    def given(self) -> dict[str, str | list[str]]:
        """The values as the pack writes them."""
        found: dict[str, str | list[str]] = {}
        for name in edits.FIELDS[self.part]:
            value = self.cleaned_data.get(name)
            if name == edits.OFF:
                found[name] = "true" if value else ""
            elif name == "applies_to":
                # in the order that the pack has them, so that an unchanged choice is no change
                before = [one for one in self.start[name] if one in value]
                found[name] = before + [one for one in value if one not in before]
            else:
                found[name] = _list(value) if name in edits.LISTS else value.strip()
        if self.part == "rules" and not found["at_most.points"]:
            found["at_most.per"] = ""
        return found

    @staticmethod
    def shown(values: dict) -> dict:
        """Stored values as the form's fields hold them."""
        found = {name: "、".join(value) if name == "remind_days_before" else value for name, value in values.items()}
        return {**found, edits.OFF: bool(values.get(edits.OFF))}

    def complain(self, problems: tuple, ident: str) -> None:
        """Put the checker's problems at their fields; what is wrong elsewhere stands above, with its place."""
        for problem in problems:
            field = problem.field if self.part != edits.FRAME else problem.field.rpartition(".")[2]
            field = next((name for name in self.fields if field == name or field.startswith(f"{name}.")), None)
            mine = problem.entry == ident or (self.part == edits.FRAME and not problem.entry)
            if mine and field:
                self.add_error(field, problem.message)
            elif mine and "at_most" in problem.field and "at_most.points" in self.fields:
                self.add_error("at_most.points", problem.message)
            else:
                where = problem.entry or problem.field
                self.add_error(None, f"{where}：{problem.message}" if where else problem.message)


def said(field: str, value: Any, pack: Pack) -> str:
    """A tuned value in the reader's words."""
    if field in ("per", "at_most.per"):
        return str(PER.get(value, _("不封顶")))
    if field == "applies_to":
        return "、".join(pack.org_kind(one).title for one in value if one in pack.org_kinds)
    if isinstance(value, list):
        return "、".join(value) or _now("不提醒")
    return value or _now("（不填）")
