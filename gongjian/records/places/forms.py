"""Forms of grids, estates and buildings."""

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.records.orgs.forms import DayField, OrganisationField
from gongjian.records.places import queries
from gongjian.records.places.models import Place


class PlaceFilter(django_filters.FilterSet):
    """网格与小区的筛选."""

    kind = django_filters.ChoiceFilter(label=_("类别"), choices=Place.KINDS, empty_label=_("全部类别"))
    covered = django_filters.ChoiceFilter(
        label=_("覆盖"), choices=[("1", _("已覆盖")), ("0", _("未覆盖"))], method="by_cover", empty_label=_("不限")
    )
    setup = django_filters.ChoiceFilter(label=_("组建方式"), choices=Place.SETUPS, empty_label=_("不限"))
    org = django_filters.NumberFilter(label=_("组织"), method="by_org", widget=forms.HiddenInput)

    class Meta:
        model = Place
        fields = ("kind", "covered", "setup", "org")

    def by_cover(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """With or without a living organisation."""
        return found.filter(queries.COVERED) if value == "1" else found.exclude(queries.COVERED)

    def by_org(self, found: QuerySet, name: str, value: object) -> QuerySet:
        """On the ground of an organisation."""
        return found.filter(community__territory_path__contains=f"/{int(value)}/")


class PlaceForm(forms.Form):
    """设立网格、小区或楼栋."""

    kind = forms.ChoiceField(label=_("类别"), choices=Place.KINDS)
    community = OrganisationField(label=_("所属社区"), permission="places.manage")
    name = forms.CharField(label=_("名称"), max_length=100)
    code = forms.CharField(
        label=_("编码"),
        max_length=32,
        required=False,
        help_text=_("网格为社区区划代码 12 位加顺序号 3 位；不填则自动编号。"),
    )
    parent = forms.ChoiceField(label=_("所属网格或小区"), required=False)
    households = forms.IntegerField(
        label=_("户数"), min_value=0, max_value=100000, initial=0, help_text=_("各地一般按 300 至 500 户划分一个网格。")
    )
    area = forms.IntegerField(
        label=_("面积（平方米）"), min_value=0, max_value=1000000, required=False, initial=0,
        help_text=_("党群服务中心填使用面积；不清楚的填 0。"),
    )  # fmt: skip
    since = DayField(label=_("设立日期"), required=False)

    def __init__(
        self, *args: Any, actor: Actor, place: Place | None = None, community: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].actor = actor
        self.place = place
        ground = place.community if place else community
        above = queries.visible_to(actor).exclude(kind__in=("building", "centre"))
        above = above.filter(community=ground) if ground else above
        self.above = {str(row.pk): row for row in above.order_by("code")[:500] if place is None or row.pk != place.pk}
        self.fields["parent"].choices = [("", _("无")), *((pk, row.name) for pk, row in self.above.items())]
        if community:
            self.fields["community"].initial = community
        if place is not None:
            for name in ("kind", "community", "code"):
                del self.fields[name]
            self.initial = {
                "name": place.name, "households": place.households, "area": place.area, "since": place.since,
                "parent": str(place.parent_id or ""),
            }  # fmt: skip

    def clean_area(self) -> int:
        """Square metres; nothing is 0."""
        return self.cleaned_data["area"] or 0

    def clean_parent(self) -> Place | None:
        """The chosen grid or estate."""
        return self.above.get(self.cleaned_data["parent"])


class CoverForm(forms.Form):
    """党组织覆盖: which organisation, and in which of the three ways."""

    setup = forms.ChoiceField(label=_("组建方式"), choices=Place.SETUPS, widget=forms.RadioSelect)
    organisation = forms.ChoiceField(label=_("由哪个党组织覆盖"))
    units = forms.IntegerField(
        label=_("联合的单位个数"),
        min_value=2,
        max_value=100,
        required=False,
        help_text=_("联合建填写：几个网格、小区或单位联合，一般不超过 5 个。"),
    )
    on = DayField(label=_("日期"))

    def __init__(self, *args: Any, place: Place, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.orgs = {str(org.pk): org for org in queries.candidates(place).select_related("parent")[:500]}
        self.fields["organisation"].choices = [("", _("请选择"))] + [
            (pk, f"{org.name}（正式党员 {org.parent.formal_count if org.kind == 'group' else org.formal_count} 人）")
            for pk, org in self.orgs.items()
        ]
        self.fields["on"].initial = clock.today
        self.initial = {"setup": place.setup or "alone", "organisation": str(place.organisation_id or "")}


class EndForm(forms.Form):
    """解除覆盖或撤销."""

    on = DayField(label=_("日期"))
    reason = forms.CharField(label=_("原因"), max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on"].initial = clock.today
