"""Shapes of input."""

import secrets
from typing import Any

import django_filters
from django import forms
from django.db.models import F, Q, QuerySet
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from gongjian.desks.orders import queries
from gongjian.desks.orders.models import Order
from gongjian.desks.orders.states import OPEN, STATES
from gongjian.engines.deadlines.queries import horizon
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.policy.orders_schema import OrderKind
from gongjian.ground.ui.widgets import MonthInput, SearchSelect, Switch
from gongjian.records.places.models import Place


class Photos(forms.ClearableFileInput):
    """Several pictures at once."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """照片: none, one or several files; each must hold something."""

    widget = Photos

    def clean(self, data: Any, initial: Any = None) -> list:
        """The files as a list; what they are the deed looks at."""
        one = super().clean
        return [one(item, initial) for item in data or () if item]


class AskForm(forms.Form):
    """点单: community and place, the words, what the pack asks beside them, how to reach one."""

    community = forms.CharField(
        label=_("哪个社区"),
        max_length=120,
        widget=SearchSelect(reverse_lazy("orders:communities"), {"placeholder": _("输入社区名，从提示里选")}),
    )
    place = forms.ChoiceField(label=_("哪个小区"), required=False)
    text = forms.CharField(label=_("什么事"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4}))
    where = forms.CharField(
        label=_("在哪里"), required=False, max_length=100,
        widget=forms.TextInput(attrs={"placeholder": _("楼号、单元，或者附近的标志")}),
    )  # fmt: skip
    photo = PhotosField(
        label=_("拍张照片"), required=False, widget=Photos(attrs={"accept": "image/jpeg,image/png"}),
        help_text=_("只收照片；照片里的位置、时间会自动去掉。"),
    )  # fmt: skip
    phone = forms.CharField(
        label=_("您的电话"), required=False, max_length=30, help_text=_("不留也可以，凭链接查进度。"),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    name = forms.CharField(
        label=_("怎么称呼您"), required=False, max_length=20, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    key = forms.CharField(widget=forms.HiddenInput, min_length=32, max_length=64)

    def __init__(self, *args: Any, kind: OrderKind, places: list[Place] = (), photos: int = 1, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": secrets.token_hex(16), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.fields["text"].widget.attrs["placeholder"] = kind.hint
        if photos < 1:
            del self.fields["photo"]
        choices = [("", _("不在小区里，或者说不清")), *((str(one.pk), one.name) for one in places)]
        self.fields["place"].choices = choices
        self.fields["place"].widget.attrs |= {
            "hx-get": str(reverse_lazy("orders:places")), "hx-trigger": "change from:#id_community", "hx-include": "#id_community",
        }  # fmt: skip
        for question in kind.questions:
            asked = (
                forms.ChoiceField(choices=[(one, one) for one in question.choices], widget=forms.RadioSelect)
                if question.choices
                else forms.CharField(max_length=200)
            )
            asked.label, asked.required = question.title, question.required
            self.fields[f"q_{question.id}"] = asked
        order = [
            "community",
            "place",
            "text",
            *(f"q_{question.id}" for question in kind.questions),
            "where",
            "photo",
            "phone",
            "name",
        ]
        self.order_fields(order)

    def answers(self) -> dict[str, str]:
        """What was answered, by the question's id."""
        return {name[2:]: value for name, value in self.cleaned_data.items() if name.startswith("q_")}


class NoteForm(AskForm):
    """登记来电、来访的点单: the same, with how it came and whether it is urgent."""

    channel = forms.ChoiceField(
        label=_("怎么来的"), choices=[pair for pair in Order.CHANNELS if pair[0] in ("phone", "visit")], widget=forms.RadioSelect,
        initial="phone",
    )  # fmt: skip
    urgent = forms.BooleanField(label=_("紧急：两个时限都按钟表走，不分昼夜和节假日"), required=False, widget=Switch)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["channel", "urgent"])
        self.fields["phone"].label, self.fields["phone"].help_text = (
            _("居民电话"),
            _("能显示的来电号码也要问过本人再记。"),
        )
        self.fields["name"].label = _("怎么称呼")


class RateForm(forms.Form):
    """评价."""

    stars = forms.TypedChoiceField(
        label=_("满意吗"), coerce=int, widget=forms.RadioSelect,
        choices=[(5, _("很满意")), (4, _("满意")), (3, _("基本满意")), (2, _("不太满意")), (1, _("不满意"))],
    )  # fmt: skip
    solved = forms.TypedChoiceField(
        label=_("解决了吗"),
        coerce=lambda value: value == "1",
        choices=(("1", _("解决了")), ("0", _("没有解决"))),
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("还想说的"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class WordsForm(forms.Form):
    """一段话: a note, a reason."""

    text = forms.CharField(label=_("说明"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, label: Any = "", required: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = label or self.fields["text"].label
        self.fields["text"].required = required


class ReasonForm(WordsForm):
    """原因和说明: one of the pack's reasons, and a word beside it."""

    reason = forms.ChoiceField(label=_("原因"))

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, required=False, **kwargs)
        self.fields["reason"].choices = [("", _("请选择")), *choices]
        self.order_fields(["reason", "text"])


class ExtendForm(WordsForm):
    """申请延期."""

    days = forms.IntegerField(label=_("延几个工作日"), min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=_("为什么"), **kwargs)
        self.fields["days"].max_value = policy.current().orders.extension_days
        self.fields["days"].widget.attrs["max"] = self.fields["days"].max_value
        self.order_fields(["days", "text"])


class CallForm(WordsForm):
    """电话回访."""

    solved = forms.TypedChoiceField(
        label=_("居民说解决了吗"),
        coerce=lambda value: value == "1",
        choices=(("1", _("解决了")), ("0", _("没有解决"))),
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, label=_("居民怎么说"), required=False, **kwargs)
        self.order_fields(["solved", "text"])


class PersonForm(forms.Form):
    """选一位同志."""

    person = forms.CharField(label=_("姓名"), max_length=60)

    def __init__(self, *args: Any, url: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].widget = SearchSelect(url, {"placeholder": _("姓名或拼音首字母")})


CLOCKS = (("late", _("已超时")), ("soon", _("快超时")), ("paused", _("已暂停")))
MEASURES = (
    ("answered:1", _("按时联系")), ("answered:0", _("没有按时联系")), ("solved:1", _("解决")), ("solved:0", _("没有解决")),
    ("satisfied:1", _("满意")), ("satisfied:0", _("不满意")),
)  # fmt: skip


class OrderFilter(django_filters.FilterSet):
    """点单的筛选; without a state what is open comes first."""

    state = django_filters.ChoiceFilter(
        label=_("状态"),
        choices=(("open", _("没办结的")), *STATES, ("call_back", _("待回访"))),
        method="by_state",
        empty_label=_("全部状态"),
    )
    clock = django_filters.ChoiceFilter(label=_("时限"), choices=CLOCKS, method="by_clock", empty_label=_("不限"))
    kind = django_filters.ChoiceFilter(
        label=_("种类"), choices=lambda: list(queries.kind_titles().items()), empty_label=_("全部种类")
    )
    month = django_filters.CharFilter(label=_("哪个月提出"), method="by_month", widget=MonthInput)
    measure = django_filters.ChoiceFilter(label=_("指标"), choices=MEASURES, method="by_measure", empty_label=_("不限"))
    org = django_filters.NumberFilter(label=_("社区"), widget=forms.HiddenInput)

    class Meta:
        model = Order
        fields = ("state", "clock", "kind", "month", "measure", "org")

    def by_state(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """One state, or what is open, or what waits to be called back."""
        if value == "open":
            return found.filter(state__in=OPEN)
        if value == "call_back":
            return found.filter(state="finished", sampled=True, called_at__isnull=True)
        return found.filter(state=value)

    def by_clock(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Late, late within the pack's hours, or standing."""
        now = clock.now()
        if value == "paused":
            return found.filter(clock__state="paused")
        found = queries.with_next_due(found.filter(state__in=OPEN))
        if value == "late":
            return found.filter(next_due__lt=now)
        return found.filter(next_due__gte=now, next_due__lt=horizon(now, queries.soon_limit()))

    def by_month(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Raised in a month; nothing for a text that is none."""
        try:
            return queries.in_month(found, value)
        except ValueError:
            return found.none()

    def by_measure(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """The rows behind a measure: its part, or what is missing to the whole."""
        measure, _sep, yes = value.partition(":")
        part, whole = queries.measure_q(measure, clock.now())
        found = queries.counted(found).filter(whole)
        if yes == "1":
            return found.filter(part)
        if measure == "answered":  # NOT would lose rows whose met_at is empty
            return found.filter(
                Q(contact_clock__state="running") | Q(contact_clock__met_at__gt=F("contact_clock__due_at"))
            )
        return found.exclude(part)
