"""Filters of the list of organisations."""

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.ground import policy
from gongjian.records.orgs import queries
from gongjian.records.orgs.models import Organisation


def kinds() -> list[tuple[str, str]]:
    """Kinds of the pack, in its order."""
    return [(kind.id, kind.title) for kind in policy.current().org_kinds]


def levels() -> list[tuple[str, str]]:
    """Levels of the pack, from the highest."""
    return [(level.id, level.title) for level in policy.current().levels]


class OrganisationFilter(django_filters.FilterSet):
    """组织的筛选; without a choice only living organisations are shown."""

    kind = django_filters.ChoiceFilter(label=_("类型"), choices=kinds, empty_label=_("全部类型"))
    level = django_filters.ChoiceFilter(label=_("层级"), choices=levels, empty_label=_("全部层级"))
    trade = django_filters.ChoiceFilter(label=_("行业"), empty_label=_("全部行业"))
    urban = django_filters.ChoiceFilter(
        label=_("城市基层"), choices=[("1", _("是")), ("0", _("否"))], method="by_urban", empty_label=_("不限")
    )
    below = django_filters.NumberFilter(
        label=_("隶属于"), method="by_subtree", widget=django_filters.widgets.forms.HiddenInput
    )
    state = django_filters.ChoiceFilter(
        label=_("状态"),
        choices=[("dissolved", _("已撤销")), ("all", _("全部"))],
        method="by_state",
        empty_label=_("现有"),
    )

    class Meta:
        model = Organisation
        fields = ("kind", "level", "trade", "urban", "below", "state")

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["trade"].extra["choices"] = [(trade, trade) for trade in queries.trades(self.request.actor)]

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        """Leave out dissolved ones unless they are asked for."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("state") else found.filter(dissolved_on__isnull=True)

    def by_urban(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Urban or not."""
        return found.filter(urban=value == "1")

    def by_state(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Dissolved ones, or all."""
        return found.filter(dissolved_on__isnull=False) if value == "dissolved" else found

    def by_subtree(self, found: QuerySet, name: str, value: object) -> QuerySet:
        """Below an organisation along either line, itself included."""
        part = f"/{int(value)}/"
        return found.filter(Q(path__contains=part) | Q(territory_path__contains=part))
