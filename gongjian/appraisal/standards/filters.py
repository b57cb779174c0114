"""Filters of the list of standings: state, duty and period."""

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongjian.appraisal.standards.models import Excuse, Standing
from gongjian.appraisal.standards.wording import period_title
from gongjian.ground import policy
from gongjian.ground.kernel import clock


def duties() -> list[tuple[str, str]]:
    """The duties of the pack in their order."""
    return [(duty.id, duty.short) for duty in sorted(policy.current().duties, key=lambda duty: duty.order)]


def periods() -> list[tuple[str, str]]:
    """The last twelve months, four quarters and two years, newest first."""
    found = []
    for per, number in (("month", 12), ("quarter", 4), ("year", 2)):
        period = clock.period_of(clock.today(), per)
        for _number in range(number):
            found.append((period, period_title(period)))
            period = clock.previous_period(period)
    return found


def states() -> list[tuple[str, str]]:
    """The states one by one, and all of them; without a choice the list shows what lacks."""
    return [*Standing.STATES, ("all", str(_("全部")))]


class StandingFilter(django_filters.FilterSet):
    """达标的筛选."""

    state = django_filters.ChoiceFilter(
        label=_("状态"), choices=states, empty_label=_("不达标和预警"), method="in_state"
    )
    duty = django_filters.ChoiceFilter(label=_("事项"), choices=duties, empty_label=_("全部事项"))
    period = django_filters.ChoiceFilter(label=_("周期"), choices=periods, empty_label=_("当前"))

    class Meta:
        model = Standing
        fields = ("state", "duty", "period")

    def in_state(self, found: QuerySet, name: str, state: str) -> QuerySet:
        """Standings in one state, or all."""
        return found if state == "all" else found.filter(state=state)


class ExcuseFilter(django_filters.FilterSet):
    """情况说明的筛选."""

    state = django_filters.ChoiceFilter(label=_("状态"), choices=Excuse.STATES, empty_label=_("全部状态"))
    duty = django_filters.ChoiceFilter(label=_("事项"), choices=duties, empty_label=_("全部事项"))

    class Meta:
        model = Excuse
        fields = ("state", "duty")
