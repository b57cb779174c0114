import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.appraisal.points import queries
from gongjian.appraisal.points.models import Appeal
from gongjian.appraisal.points.queries import closing
from gongjian.ground import policy
from gongjian.ground.kernel import clock


def period_choices() -> list[tuple[str, str]]:
    """This and the last month, quarter and year, with their words."""
    now = clock.periods_of(clock.today())
    words = {"month": ("本月", "上月"), "quarter": ("本季度", "上季度"), "year": ("本年", "上年")}
    found = []
    for period in now:
        this, last = words[clock.per_of(period)]
        before = clock.previous_period(period)
        found += [(period, f"{this}（{period}）"), (before, f"{last}（{before}）")]
    return found


class OrganisationFilter(django_filters.FilterSet):
    """Which period's points, and which kind of organisation."""

    period = django_filters.ChoiceFilter(label=_("时段"), method="keep", empty_label=_("本年"))
    kind = django_filters.ChoiceFilter(label=_("组织类型"), field_name="kind", empty_label=_("全部类型"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        titles = {kind.id: kind.title for kind in policy.current().org_kinds}
        here = queries.kinds_visible(self.request.actor)
        self.filters["period"].extra["choices"] = period_choices()
        self.filters["kind"].extra["choices"] = [(kind, titles.get(kind, kind)) for kind in here]

    def keep(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """The period is chosen before the list is made; it narrows nothing."""
        return queryset


class CloseFilter(django_filters.FilterSet):
    """Which period, and whether it is open again."""

    period = django_filters.ChoiceFilter(label=_("时段"), field_name="period", empty_label=_("全部时段"))
    open = django_filters.BooleanFilter(
        label=_("状态"), field_name="reopened_at", lookup_expr="isnull", exclude=True,
        widget=forms.Select(choices=(("", _("全部")), ("true", _("已重开")), ("false", _("已结账")))),
    )  # fmt: skip

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        found = closing.periods_closed()
        self.filters["period"].extra["choices"] = [(period, period) for period in found]


class AppealFilter(django_filters.FilterSet):
    """Which state, rule and instance."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=Appeal.STATES, empty_label=_("全部状态"))
    rule = django_filters.ChoiceFilter(label=_("规则"), empty_label=_("全部规则"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.filters["rule"].extra["choices"] = [
            (rule.id, rule.title) for rule in policy.current().points.rules if rule.to == "person"
        ]
