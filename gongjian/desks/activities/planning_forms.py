"""Shapes of input for plans of a year, series, replies and joint activities."""

import datetime as dt

from django import forms
from django.utils.translation import gettext_lazy as _

from gongjian.desks.activities.models import Reply, Series
from gongjian.desks.activities.patterns import NTH, WEEKDAYS, Pattern


class YearForm(forms.Form):
    """年度计划: what holds for all of its rows."""

    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    key = forms.RegexField(r"^[0-9a-f]{1,32}$", widget=forms.HiddenInput)


class DraftForm(forms.Form):
    """草案一项: keep it or strike it, and its day and time."""

    keep = forms.BooleanField(label=_("安排"), required=False)
    kind = forms.ChoiceField(widget=forms.HiddenInput)
    title = forms.CharField(label=_("主题"), max_length=120, required=False)
    day = forms.DateField(label=_("日期"), widget=forms.DateInput)
    hour = forms.TimeField(label=_("时间"), widget=forms.TimeInput(format="%H:%M"))
    minutes = forms.IntegerField(label=_("分钟"), min_value=10, max_value=24 * 60)
    together = forms.BooleanField(required=False, widget=forms.HiddenInput)

    clashes: list = []

    def __init__(self, *args: object, kinds: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, kind) for kind in kinds]


Drafts = forms.formset_factory(DraftForm, extra=0, max_num=200, absolute_max=200)


class PatternForm(forms.Form):
    """规律: fields of a pattern; those that the chosen form does not use are ignored."""

    form = forms.ChoiceField(label=_("规律"), choices=Series.FORMS, widget=forms.RadioSelect)
    every = forms.IntegerField(
        label=_("间隔"), min_value=1, max_value=12, initial=1, help_text=_("每几周或每几个月一次；隔周填 2。")
    )
    weekday = forms.TypedChoiceField(
        label=_("星期"), coerce=int, choices=[(n, f"周{WEEKDAYS[n - 1]}") for n in range(1, 8)], initial=5
    )
    nth = forms.TypedChoiceField(
        label=_("第几个"), coerce=int, choices=list(NTH.items()), initial=1, help_text=_("按“每月第几个星期几”时用。")
    )
    on_day = forms.IntegerField(
        label=_("几日"),
        min_value=1,
        max_value=31,
        initial=1,
        help_text=_("按“每月固定日期”时用；没有这一天的月份在月底。"),
    )
    on_days_off = forms.ChoiceField(label=_("遇休息日"), choices=Series.DAYS_OFF, initial="next")
    until = forms.DateField(label=_("到哪天为止"), widget=forms.DateInput)

    SHOWN_AT = {"day": "on_day"}

    @property
    def pattern(self) -> Pattern:
        """The pattern that was filled in."""
        data = self.cleaned_data
        return Pattern(data["form"], data["every"], data["weekday"], data["nth"], data["on_day"], data["on_days_off"])

    def add_error(self, field: str | None, error: object) -> None:
        """Put an error of the deed at the field that the reader sees."""
        super().add_error(self.SHOWN_AT.get(field or "", field), error)


class SeriesForm(PatternForm):
    """安排系列活动."""

    field_order = (
        "kind", "title", "form", "every", "weekday", "nth", "on_day", "on_days_off", "starts_on", "until", "hour", "minutes",
        "place", "agenda",
    )  # fmt: skip
    kind = forms.ChoiceField(label=_("类型"))
    title = forms.CharField(
        label=_("主题"), max_length=120, required=False, help_text=_("不填时每次按月份命名，如“11月主题党日”。")
    )
    starts_on = forms.DateField(label=_("从哪天起"), widget=forms.DateInput)
    hour = forms.TimeField(label=_("开始时间"), widget=forms.TimeInput(format="%H:%M"), initial=dt.time(15))
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=10, max_value=24 * 60, required=False)
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    agenda = forms.CharField(
        label=_("议程"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("一行一项；不填用这种活动通常的议程。"),
    )  # fmt: skip

    def __init__(self, *args: object, kinds: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kinds


class SeriesChangeForm(forms.Form):
    """修改系列: all that is to come, or this and following."""

    title = forms.CharField(label=_("主题"), max_length=120, required=False, help_text=_("不填时各次的主题不变。"))
    hour = forms.TimeField(label=_("开始时间"), widget=forms.TimeInput(format="%H:%M"))
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=10, max_value=24 * 60)
    place = forms.CharField(label=_("地点"), max_length=120, required=False)
    agenda = forms.CharField(label=_("议程"), required=False, widget=forms.Textarea(attrs={"rows": 5}))
    first = forms.TypedChoiceField(label=_("从哪次起"), required=False, coerce=dt.date.fromisoformat, empty_value=None)
    reason = forms.CharField(
        label=_("原因"), max_length=200, required=False, help_text=_("其中有已经发过通知的，须写明原因。")
    )

    def __init__(self, *args: object, days: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].choices = [("", _("还没开的各次")), *days]


class SeriesEndForm(forms.Form):
    """结束系列."""

    first = forms.TypedChoiceField(
        label=_("从哪次起不开"), required=False, coerce=dt.date.fromisoformat, empty_value=None
    )
    reason = forms.CharField(label=_("原因"), max_length=200, min_length=2)

    def __init__(self, *args: object, days: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].choices = [("", _("还没开的各次都不开")), *days]


class OtherwiseForm(PatternForm):
    """换规律: from one of the days on."""

    field_order = ("first", "form", "every", "weekday", "nth", "on_day", "on_days_off", "until", "reason")
    first = forms.DateField(label=_("从哪天起换"), widget=forms.DateInput)
    reason = forms.CharField(label=_("原因"), max_length=200, min_length=2)


class ReplyForm(forms.Form):
    """回复."""

    answer = forms.ChoiceField(choices=Reply.ANSWERS)
    note = forms.CharField(max_length=100, required=False)
