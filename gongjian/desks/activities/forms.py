"""Shapes of input."""

import datetime as dt

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.desks.activities.models import Activity, Attendance
from gongjian.desks.activities.states import STATES
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.ui.widgets import MonthInput


def kind_choices() -> list[tuple[str, str]]:
    """All kinds of the pack, in their order."""
    kinds = sorted(policy.current().activity_kinds, key=lambda kind: kind.order)
    return [(kind.id, kind.title) for kind in kinds]


class ActivityFilter(django_filters.FilterSet):
    """筛选: by kind, state, month, and the organisation with all below it."""

    kind = django_filters.ChoiceFilter(label=_("类型"), choices=(), empty_label=_("全部类型"))
    state = django_filters.ChoiceFilter(label=_("状态"), choices=STATES, empty_label=_("全部状态"))
    month = django_filters.CharFilter(label=_("月份"), method="in_month", widget=MonthInput)
    org = django_filters.CharFilter(label=_("组织"), method="of_org", widget=forms.HiddenInput)

    class Meta:
        model = Activity
        fields = ("kind", "state", "month", "org")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.filters["kind"].extra["choices"] = kind_choices()

    def in_month(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Activities that begin in a period; nonsense finds nothing."""
        try:
            first, last = clock.period_bounds(value.strip())
        except ValueError:
            return queryset.none()
        return queryset.filter(
            starts_at__gte=clock.at_time(first), starts_at__lt=clock.at_time(last + dt.timedelta(days=1))
        )

    def of_org(self, queryset: QuerySet, _name: str, value: str) -> QuerySet:
        """Activities of an organisation (by id) and of all below it."""
        return (
            queryset.filter(org__path__contains=f"/{value}/")
            if value.isascii() and value.isdigit()
            else queryset.none()
        )


class RosterFilter(django_filters.FilterSet):
    """名单筛选: by status."""

    status = django_filters.ChoiceFilter(label=_("到会"), choices=Attendance.STATUSES, empty_label=_("全部"))

    class Meta:
        model = Attendance
        fields = ("status",)


class PlaceAndTimeForm(forms.Form):
    """时间地点: day, hour, length and place, as people say them."""

    day = forms.DateField(label=_("日期"), widget=forms.DateInput)
    hour = forms.TimeField(label=_("开始时间"), widget=forms.TimeInput(format="%H:%M"))
    minutes = forms.IntegerField(label=_("时长（分钟）"), min_value=10, max_value=24 * 60)
    place = forms.CharField(label=_("地点"), max_length=120, required=False)

    # The deed speaks of starts_at and ends_at; the form shows its refusal at the field the reader filled in.
    SHOWN_AT = {"starts_at": "day", "ends_at": "minutes"}

    @property
    def starts_at(self) -> dt.datetime:
        """The beginning, aware."""
        hour = self.cleaned_data["hour"]
        return clock.at_time(self.cleaned_data["day"], hour.hour, hour.minute)

    @property
    def ends_at(self) -> dt.datetime:
        """The end, aware."""
        return self.starts_at + dt.timedelta(minutes=self.cleaned_data["minutes"])

    def add_error(self, field: str | None, error: object) -> None:
        """Put an error of the deed at the field that the reader sees."""
        super().add_error(self.SHOWN_AT.get(field or "", field), error)


class PlanForm(PlaceAndTimeForm):
    """安排活动: few fields, all filled in beforehand; those that the kind does not need are not there."""

    field_order = ("title", "day", "hour", "minutes", "place", "agenda", "lecturer", "chosen", "counts_for")
    title = forms.CharField(label=_("主题"), max_length=120)
    agenda = forms.CharField(
        label=_("议程"), required=False, widget=forms.Textarea(attrs={"rows": 6}), help_text=_("一行一项，可以增删。")
    )
    lecturer = forms.ChoiceField(label=_("主讲人"), required=False)
    chosen = forms.MultipleChoiceField(label=_("参加人"), required=False, widget=forms.CheckboxSelectMultiple)
    counts_for = forms.ChoiceField(
        label=_("补开"), required=False, help_text=_("这次用来补以前缺的一期时选择；平常不选。")
    )

    def __init__(self, *args: object, kind: object, people: list, periods: list[str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        names = [(str(person.pk), person.name) for person in people]
        if kind.id == "party_lesson" and names:
            self.fields["lecturer"].choices = [("", _("未定")), *names]
        else:
            del self.fields["lecturer"]
        if kind.expected == "chosen":
            self.fields["chosen"].choices = names
            self.fields["chosen"].required = True
        else:
            del self.fields["chosen"]
        if periods:
            self.fields["counts_for"].choices = [("", _("不是补开")), *((text, period_word(text)) for text in periods)]
        else:
            del self.fields["counts_for"]


class ChangeForm(PlaceAndTimeForm):
    """改期与修改."""

    field_order = ("title", "day", "hour", "minutes", "place", "agenda", "learning_minutes", "reason")
    title = forms.CharField(label=_("主题"), max_length=120)
    agenda = forms.CharField(label=_("议程"), required=False, widget=forms.Textarea(attrs={"rows": 6}))
    learning_minutes = forms.IntegerField(label=_("其中学习时长（分钟）"), min_value=0, max_value=24 * 60)
    reason = forms.CharField(
        label=_("改期原因"),
        max_length=200,
        required=False,
        help_text=_("已经发过通知的，改时间或地点须写明原因，会告诉大家。"),
    )

    def __init__(self, *args: object, told: bool = True, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if not told:
            del self.fields["reason"]


class ReasonForm(forms.Form):
    """原因."""

    reason = forms.CharField(label=_("原因"), max_length=200, min_length=2)


class ExcuseForm(forms.Form):
    """请假."""

    reason = forms.ChoiceField(label=_("请假原因"), choices=Attendance.REASONS, widget=forms.RadioSelect)
    text = forms.CharField(label=_("说明（可不填）"), max_length=200, required=False)


def period_word(period: str) -> str:
    """2026-10 → 2026年10月, 2026Q3 → 2026年第3季度, 2026 → 2026年."""
    per = clock.per_of(period)
    if per == "month":
        return f"{period[:4]}年{int(period[5:])}月"
    return f"{period[:4]}年第{period[5]}季度" if per == "quarter" else f"{period}年"
